#include "fuzz_fill.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { ZEROS = 0x00, ID = 0x40, WHO = 0x60, KEY = 0x68, VOTING = 0x70, CHAIN = 0x80, SIGNATURE, HEIGHT, PARENT };

#define HOLDERS 6

static const struct key_signature good = {"FUZZSIGN"};

void fill_start(struct fill *f)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; i < FILL_PARTIES; i++) {
        memset(f->key[i].byte, i + 1, sizeof f->key[i].byte);
        memset(f->voting[i].byte, 0x80 + i, sizeof f->voting[i].byte);
        f->who[i] = key_address(&f->key[i]);
    }
}

void fill_note(struct fill *f, struct hash id)
{
    if (f->ids < FILL_IDS)
        f->id[f->ids++] = id;
}

void fill_genesis(const struct fill *f, bool many, int validators, struct genesis *out)
{
    *out = (struct genesis){.name = "fuzz",
                            .min_fee = 1,
                            .unbonding_blocks = 3,
                            .unbonding_seconds = 1,
                            .expiry_blocks = 4,
                            .commit_blocks = 1,
                            .reveal_blocks = 1,
                            .epoch_blocks = 2,
                            .missed_ppm = 10000,
                            .finder_ppm = 500000,
                            .holders = HOLDERS,
                            .validators = validators,
                            .many = many};
    if (many) {
        out->unbonding_blocks = 7; /* above expiry and dispute */
        out->evidence_blocks = out->dispute_blocks = 2;
        out->double_ppm = 50000;
        out->attest_ppm = 20000;
        out->deposit_ppm = 100000;
        out->least_stake = 1000;
    }
    for (int i = 0; i < HOLDERS; i++) {
        out->holder[i].key = f->key[i];
        out->holder[i].balance = 300000;
    }
    for (int i = 0; i < validators; i++) {
        out->validator[i].identity = f->key[i];
        out->validator[i].voting = f->voting[i];
        out->validator[i].stake = 100000;
    }
    out->supply = HOLDERS * UINT64_C(300000) + (uint64_t)validators * 100000;
}

/* What an input's two bytes stand for, at most 64 bytes, to `out`; returns how many. */
static size_t spell_out(const struct fill *f, unsigned code, uint8_t *out)
{
    const void *from = NULL;
    uint8_t number[8];
    size_t n = KEY_PUBLIC_BYTES;
    if (code < ID)
        return memset(out, 0, code + 1), code + 1;
    if (code < WHO && f->ids)
        from = f->id[(code - ID) % (unsigned)f->ids].byte;
    else if (code >= WHO && code < KEY)
        n = sizeof f->who[0].byte, from = f->who[code - WHO].byte;
    else if (code >= KEY && code < VOTING)
        from = f->key[code - KEY].byte;
    else if (code >= VOTING && code < VOTING + FILL_PARTIES)
        from = f->voting[code - VOTING].byte;
    else if (code == CHAIN)
        from = f->chain.byte;
    else if (code == SIGNATURE)
        n = sizeof good.byte, from = good.byte;
    else
        n = 1, from = number;
    uint64_t height = f->height - (code == PARENT);
    bool is_height = code == HEIGHT || code == PARENT;
    number[0] = (uint8_t)code;
    for (size_t i = 0; is_height && i < sizeof number; i++)
        number[i] = (uint8_t)(height >> 8 * i);
    n = is_height ? sizeof number : n;
    memcpy(out, from, n);
    return n;
}

void fill_exact(const void *data, size_t n, struct bytes *out)
{
    bytes_free(out);
    if (n)
        *out = (struct bytes){memory_copy(data, n), n, n};
}

/* Without growing, byte by byte: this is much of what some inputs cost. */
bool fill_out(const struct fill *f, const uint8_t *data, size_t n, struct bytes *out)
{
    static uint8_t whole[FILL_MOST + 64];
    size_t to = 0;
    for (size_t i = 0; i < n && to <= FILL_MOST; i++) {
        if (data[i] == FILL_ESCAPE && i + 1 < n)
            to += spell_out(f, data[++i], whole + to);
        else
            whole[to++] = data[i];
    }
    if (out->n)
        bytes_put(out, whole, to);
    else
        fill_exact(whole, to, out);
    return to <= FILL_MOST;
}

size_t fill_length(const uint8_t *data, size_t n)
{
    size_t i = 0;
    while (i < n && data[i] != FILL_END)
        i += data[i] == FILL_ESCAPE && i + 1 < n ? 2 : 1;
    return i;
}

/* The code for what stands there, and its length; 0: none. */
static size_t find(const struct fill *f, const uint8_t *p, size_t n, unsigned *code)
{
#define IS(what, size, c) if (n >= (size) && memcmp(p, (what), (size)) == 0) return *code = (c), (size)
    IS(good.byte, sizeof good.byte, SIGNATURE);
    IS(f->chain.byte, HASH_BYTES, CHAIN);
    for (unsigned k = 0; k < (unsigned)f->ids; k++)
        IS(f->id[k].byte, HASH_BYTES, ID + k);
    for (unsigned k = 0; k < FILL_PARTIES; k++) {
        IS(f->key[k].byte, KEY_PUBLIC_BYTES, KEY + k);
        IS(f->voting[k].byte, KEY_PUBLIC_BYTES, VOTING + k);
        IS(f->who[k].byte, sizeof f->who[0].byte, WHO + k);
    }
#undef IS
    size_t zeros = 0;
    while (zeros < n && zeros < 0x40 && p[zeros] == 0)
        zeros++;
    *code = ZEROS + (unsigned)zeros - 1;
    return zeros >= 3 ? zeros : 0;
}

void fill_in(const struct fill *f, const uint8_t *data, size_t n, struct bytes *out)
{
    for (size_t i = 0; i < n;) {
        unsigned code = data[i];
        size_t length = find(f, data + i, n - i, &code);
        bool escape = length || data[i] == FILL_ESCAPE || data[i] == FILL_END;
        if (escape)
            bytes_put_u8(out, FILL_ESCAPE);
        bytes_put_u8(out, length ? (uint8_t)code : data[i]);
        i += length ? length : 1;
    }
}
