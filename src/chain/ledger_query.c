/* Asking the ledger: what it holds in memory, and blocks by reading them again. */
#include "chain/ledger_private.h"

#include "base/memory.h"
#include "chain/reader.h"

#include <limits.h>

#define FIND_MOST 16

struct hash ledger_id(const struct ledger *l)
{
    return l->id;
}

const struct genesis *ledger_genesis(const struct ledger *l)
{
    return &l->genesis;
}

const struct state *ledger_state(const struct ledger *l)
{
    return l->state;
}

const struct state *ledger_pool_state(const struct ledger *l)
{
    return l->pool_state;
}

uint64_t ledger_height(const struct ledger *l)
{
    return l->head.height;
}

struct hash ledger_head(const struct ledger *l)
{
    return l->head.id;
}

uint64_t ledger_next_nonce(const struct ledger *l, struct address a)
{
    const struct state_account *account = state_account_find(l->pool_state, a);
    return (account ? account->nonce : 0) + 1;
}

int ledger_pool(const struct ledger *l, const struct tx **out)
{
    *out = l->pool.tx;
    return (int)l->pool.n;
}

int ledger_pool_refused(const struct ledger *l)
{
    return l->pool.refused;
}

static bool offset_of(const struct ledger *l, uint64_t height, uint64_t *out, struct error *err)
{
    if (height > l->head.height)
        return error_set(err, ERROR_USAGE, "there is no block %llu: the chain's height is %llu",
                         (unsigned long long)height, (unsigned long long)l->head.height);
    if (height >= l->offset_first) {
        *out = l->offset[height - l->offset_first];
        return true;
    }
    if (height == 0) {
        *out = 0;
        return true;
    }
    return (l->index && l->index->offset(l->index->context, height, out)) ||
           error_set(err, ERROR_FAILED, "the index does not know block %llu: remove index.db in %s, it is made anew",
                     (unsigned long long)height, l->folder);
}

static bool read_block(const struct ledger *l, uint64_t height, struct bytes *data, struct frame *f, struct block *b,
                       struct error *err)
{
    uint64_t offset;
    if (!offset_of(l, height, &offset, err) || !reader_block_at(l->path, offset, f, data, err))
        return false;
    if (f->height != height)
        return error_set(err, ERROR_FAILED, "the index says that block %llu stands where block %llu does: remove "
                                            "index.db in %s, it is made anew",
                         (unsigned long long)height, (unsigned long long)f->height, l->folder);
    return f->type == FRAME_GENESIS || block_decode(data->data + FRAME_HEADER_BYTES, f->payload_n, b, err);
}

bool ledger_read_block(const struct ledger *l, uint64_t height, struct bytes *data, struct block *b, struct error *err)
{
    struct frame f;
    return read_block(l, height, data, &f, b, err) &&
           (f.type == FRAME_BLOCK || error_set(err, ERROR_USAGE, "genesis holds no transactions"));
}

bool ledger_block(const struct ledger *l, uint64_t height, struct ledger_block *out)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    bool good = read_block(l, height, &data, &f, &b, NULL);
    if (good && offset_of(l, height, &out->offset, NULL)) {
        *out = (struct ledger_block){.height = height, .offset = out->offset, .bytes = data.n,
                                     .time_us = height ? b.time_us : l->genesis.time_us,
                                     .proposer = b.proposer, .round = b.round,
                                     .transactions = (int)b.txs};
        out->id = height ? block_id(data.data + FRAME_HEADER_BYTES) : l->id;
    }
    block_free(&b);
    bytes_free(&data);
    return good;
}

/* The next block carries it; of the head, pool/ has it. */
bool ledger_certificate(const struct ledger *l, uint64_t height, struct bytes *out, struct error *err)
{
    struct bytes data = {0};
    struct block next = {.txs = 0};
    bytes_clear(out);
    if (height == 0 || state_alone(l->state))
        return true;
    if (height == l->head.height)
        return ledger_tip_certificate(l, out, err);
    bool good = ledger_read_block(l, height + 1, &data, &next, err);
    if (good)
        bytes_put(out, next.certificate_data, next.certificate_n);
    block_free(&next);
    bytes_free(&data);
    return good;
}

bool ledger_block_tx(const struct ledger *l, uint64_t height, int index, struct tx *out, struct error *err)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    bool good = read_block(l, height, &data, &f, &b, err);
    if (good && (index < 0 || (size_t)index >= b.txs))
        good = error_set(err, ERROR_USAGE, "block %llu has %zu transactions, there is no number %d",
                         (unsigned long long)height, b.txs, index + 1);
    good = good && tx_decode(b.tx[index].data, b.tx[index].n, out, err);
    block_free(&b);
    bytes_free(&data);
    return good;
}

bool ledger_block_txs(const struct ledger *l, uint64_t height,
                      bool (*take)(void *context, const struct tx *tx, struct error *err), void *context,
                      struct error *err)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    struct tx *tx = NEW(struct tx);
    bool good = read_block(l, height, &data, &f, &b, err);
    for (size_t i = 0; good && i < b.txs; i++)
        good = tx_decode(b.tx[i].data, b.tx[i].n, tx, err) && take(context, tx, err);
    free(tx);
    block_free(&b);
    bytes_free(&data);
    return good;
}

/* Without an index: every block, newest first. */
static bool find_by_reading(const struct ledger *l, struct hash id, uint64_t *height, int *index, struct error *err)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    bool good = true, found = false;
    for (uint64_t h = l->head.height; good && !found && h > 0; h--) {
        good = read_block(l, h, &data, &f, &b, err);
        for (size_t i = 0; good && !found && i < b.txs; i++) {
            found = b.tx[i].n > KEY_SIGNATURE_BYTES && hash_equal(tx_id_of_bytes(b.tx[i].data, b.tx[i].n), id);
            *height = h;
            *index = (int)i;
        }
    }
    block_free(&b);
    bytes_free(&data);
    return found || (good && error_set(err, ERROR_CHAIN, "no block of this chain holds that transaction"));
}

static bool is_at(const struct ledger *l, struct ledger_place at, struct hash id, struct tx *tx)
{
    return at.height <= l->head.height && at.position <= INT_MAX &&
           ledger_block_tx(l, at.height, (int)at.position, tx, NULL) && hash_equal(tx_id(tx), id);
}

bool ledger_find_tx(const struct ledger *l, struct hash id, uint64_t *height, int *index, struct error *err)
{
    struct ledger_place at[FIND_MOST];
    struct tx tx;
    int n = l->index ? l->index->find(l->index->context, id, at, FIND_MOST) : 0;
    for (int i = 0; i < n; i++)
        if (is_at(l, at[i], id, &tx)) {
            *height = at[i].height;
            *index = (int)at[i].position;
            return true;
        }
    if (l->index && n < FIND_MOST) /* it was told of every block */
        return error_set(err, ERROR_CHAIN, "no block of this chain holds that transaction");
    return find_by_reading(l, id, height, index, err);
}

void ledger_seal_known(struct ledger *l)
{
    uint64_t height;
    int index;
    for (size_t i = 0; l->index && i < l->pool.n; i++)
        if (!l->pool.entry[i].sealed && ledger_find_tx(l, l->pool.entry[i].id, &height, &index, NULL))
            tx_pool_seal(&l->pool, l->pool.entry[i].id);
}

static bool begins(const struct block_tx *tx, const char *digits, struct hash *id)
{
    char hex[HASH_HEX];
    if (tx->n <= KEY_SIGNATURE_BYTES)
        return false;
    *id = tx_id_of_bytes(tx->data, tx->n);
    hash_hex(*id, hex);
    return text_starts(hex, digits);
}

bool ledger_find_prefix(const struct ledger *l, const char *digits, struct hash *id, struct error *err)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    struct hash one;
    int found = 0;
    bool good = true;
    for (uint64_t h = 1; good && *digits && h <= l->head.height; h++) {
        good = read_block(l, h, &data, &f, &b, err);
        for (size_t i = 0; good && i < b.txs; i++)
            if (begins(&b.tx[i], digits, &one)) {
                *id = one;
                found++;
            }
    }
    block_free(&b);
    bytes_free(&data);
    if (!good || found == 1)
        return good;
    return error_set(err, ERROR_CHAIN, found ? "several transactions are meant by %s; give more digits"
                                             : "no block of this chain holds a transaction %s; `chain log` lists them",
                     digits);
}
