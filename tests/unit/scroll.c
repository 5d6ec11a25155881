#include "tests/unit/scroll.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void page_read(struct page *p, struct bytes_reader *r)
{
    size_t n;
    memcpy(p->header, bytes_get(r, sizeof p->header), sizeof p->header);
    memcpy(p->signature, bytes_get(r, sizeof p->signature), sizeof p->signature);
    const uint8_t *data = bytes_get_blob(r, 1 << 20, &n);
    bytes_put(&p->certificate, data, n);
    for (p->txs = 0; r->at < r->n; p->txs++) {
        ASSERT(p->txs < PAGE_TXS);
        data = bytes_get_blob(r, 1 << 20, &n);
        ASSERT(!r->failed);
        bytes_put(&p->tx[p->txs], data, n);
    }
}

void scroll_read(struct scroll *s, const char *path)
{
    struct bytes all = {0};
    ASSERT(file_read(path, 1 << 24, &all, NULL));
    memset(s, 0, sizeof *s);
    for (size_t at = 0, height = 0; at < all.n; height++) {
        struct frame f;
        ASSERT(block_frame_header(all.data + at, &f, NULL) && f.height == height);
        const uint8_t *payload = all.data + at + FRAME_HEADER_BYTES;
        struct bytes_reader r = bytes_read(payload, f.payload_n);
        if (height == 0)
            bytes_put(&s->genesis, payload, f.payload_n);
        else
            page_read(&s->page[s->pages++], &r);
        at += block_frame_bytes(&f);
    }
    bytes_free(&all);
}

static void again(struct bytes *to, const struct bytes *from)
{
    bytes_clear(to);
    bytes_put(to, from->data, from->n);
}

void scroll_copy(struct scroll *to, const struct scroll *from)
{
    again(&to->genesis, &from->genesis);
    to->pages = from->pages;
    for (int i = 0; i < from->pages; i++) {
        struct page *p = &to->page[i];
        const struct page *q = &from->page[i];
        memcpy(p->header, q->header, sizeof p->header);
        memcpy(p->signature, q->signature, sizeof p->signature);
        again(&p->certificate, &q->certificate);
        p->txs = q->txs;
        for (int k = 0; k < q->txs; k++)
            again(&p->tx[k], &q->tx[k]);
    }
}

void scroll_free(struct scroll *s)
{
    bytes_free(&s->genesis);
    for (int i = 0; i < SCROLL_PAGES; i++) {
        bytes_free(&s->page[i].certificate);
        for (int k = 0; k < PAGE_TXS; k++)
            bytes_free(&s->page[i].tx[k]);
    }
}

static void page_write(const struct page *p, struct bytes *out)
{
    bytes_put(out, p->header, sizeof p->header);
    bytes_put(out, p->signature, sizeof p->signature);
    bytes_put_blob(out, p->certificate.data, p->certificate.n);
    for (int i = 0; i < p->txs; i++)
        bytes_put_blob(out, p->tx[i].data, p->tx[i].n);
}

void scroll_write(struct scroll *s, const char *path)
{
    struct bytes all = {0}, payload = {0};
    struct hash previous = {{0}};
    for (int height = 0; height <= s->pages; height++) {
        bytes_clear(&payload);
        if (height == 0)
            bytes_put(&payload, s->genesis.data, s->genesis.n);
        else
            page_write(&s->page[height - 1], &payload);
        struct frame f = {.type = height ? FRAME_BLOCK : FRAME_GENESIS, .height = (uint64_t)height,
                          .payload_n = (uint32_t)payload.n};
        s->offset[height] = all.n;
        previous = block_frame_encode(&all, &f, payload.data, previous);
    }
    s->offset[s->pages + 1] = all.n;
    FILE *out = fopen(path, "wb");
    ASSERT(out && fwrite(all.data, 1, all.n, out) == all.n && fclose(out) == 0);
    bytes_free(&all);
    bytes_free(&payload);
}

static void set_hash(struct page *p, int at, struct hash h)
{
    memcpy(p->header + at, h.byte, sizeof h.byte);
}

static void page_roots(struct page *p)
{
    struct hash leaf[PAGE_TXS];
    for (int i = 0; i < p->txs; i++)
        leaf[i] = hash_of(p->tx[i].data, p->tx[i].n);
    set_hash(p, AT_TX_ROOT, hash_merkle_root(leaf, (size_t)p->txs));
    set_hash(p, AT_CERTIFICATE, hash_of(p->certificate.data, p->certificate.n));
    for (int i = 0; i < 4; i++)
        p->header[AT_TRANSACTIONS + i] = (uint8_t)((uint32_t)p->txs >> (8 * i));
}

static struct hash page_id(const struct page *p)
{
    struct bytes b = {0};
    bytes_put(&b, "morphsmith header", sizeof "morphsmith header");
    bytes_put(&b, p->header, sizeof p->header);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    return id;
}

void scroll_reseal(struct scroll *s, int height, bool roots, const struct key *by)
{
    for (int i = height - 1; i < s->pages; i++) {
        struct page *p = &s->page[i];
        if (i > 0)
            set_hash(p, AT_PARENT, page_id(&s->page[i - 1]));
        else
            memcpy(p->header + AT_PARENT, p->header + AT_CHAIN, HASH_BYTES);
        if (roots)
            page_roots(p);
        if (!by)
            continue;
        struct key_signature signature;
        memcpy(p->header + AT_PROPOSER, key_public_of(by)->byte, KEY_PUBLIC_BYTES);
        key_sign(by, "morphsmith block", p->header, sizeof p->header, &signature);
        memcpy(p->signature, signature.byte, sizeof p->signature);
    }
}

void scroll_find(const struct scroll *s, enum tx_type type, int *height, int *at)
{
    for (int i = 0; i < s->pages; i++)
        for (int k = 0; k < s->page[i].txs; k++)
            if (s->page[i].tx[k].data[0] == (uint8_t)type) {
                *height = i + 1;
                *at = k;
                return;
            }
    abort(); /* the chain has all kinds */
}

void page_put(struct page *p, int at, const struct tx *tx)
{
    bytes_clear(&p->tx[at]);
    tx_encode(tx, &p->tx[at]);
}

void page_drop(struct page *p, int at)
{
    struct bytes dropped = p->tx[at];
    p->txs--;
    memmove(&p->tx[at], &p->tx[at + 1], (size_t)(p->txs - at) * sizeof p->tx[0]);
    p->tx[p->txs] = dropped; /* its memory */
}

void page_insert(struct page *p, int at, const struct bytes *tx)
{
    ASSERT(p->txs < PAGE_TXS);
    struct bytes spare = p->tx[p->txs];
    memmove(&p->tx[at + 1], &p->tx[at], (size_t)(p->txs - at) * sizeof p->tx[0]);
    p->tx[at] = spare;
    again(&p->tx[at], tx);
    p->txs++;
}
