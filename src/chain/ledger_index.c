#include "chain/ledger_index.h"

#include "base/log.h"
#include "chain/reader.h"
#include "chain/state_save.h"

static bool read_genesis(const char *path, struct genesis *g)
{
    struct bytes data = {0};
    struct frame f;
    bool good = reader_block_at(path, 0, &f, &data, NULL) && f.type == FRAME_GENESIS &&
                genesis_decode(data.data + FRAME_HEADER_BYTES, f.payload_n, g, NULL);
    bytes_free(&data);
    return good;
}

/* Whether the file has this very block there; *state is the state hash that its header names. */
static bool stands(const char *path, const struct ledger_mark *m, struct hash *state, struct error *err)
{
    struct bytes data = {0};
    struct frame f;
    struct block b = {.txs = 0};
    bool good = reader_block_at(path, m->offset, &f, &data, err);
    if (good) {
        const uint8_t *payload = data.data + FRAME_HEADER_BYTES;
        good = f.type == FRAME_BLOCK && f.height == m->height && m->end == m->offset + data.n &&
               memcmp(data.data + data.n - HASH_BYTES, m->frame.byte, HASH_BYTES) == 0 &&
               block_decode(payload, f.payload_n, &b, NULL) && hash_equal(block_id(payload), m->id) &&
               b.time_us == m->time_us;
        if (!good)
            error_set(err, ERROR_CHAIN, "block %llu is not what was saved", (unsigned long long)m->height);
    }
    *state = b.state;
    block_free(&b);
    bytes_free(&data);
    return good;
}

static struct state *load(const char *path, const struct genesis *g, const struct ledger_mark *m,
                          const struct bytes *saved, struct error *err)
{
    struct hash want;
    if (!stands(path, m, &want, err))
        return NULL;
    struct state *s = state_load(saved->data, saved->n, g, err);
    if (s && hash_equal(state_hash(s), want) && state_height(s) == m->height)
        return s;
    if (s)
        error_set(err, ERROR_CHAIN, "the saved state is not that of block %llu", (unsigned long long)m->height);
    state_free(s);
    return NULL;
}

struct state *ledger_index_start(const struct ledger_index *x, const char *path, const struct ledger_head *known,
                                 struct ledger_mark *mark)
{
    struct genesis g;
    struct file_stamp stamp;
    struct bytes saved = {0};
    struct error why;
    struct state *s = NULL;
    error_clear(&why);
    if (file_stamp(path, &stamp, NULL) && stamp.size == (int64_t)known->length && read_genesis(path, &g) &&
        x->newest(x->context, genesis_id(&g), &stamp, mark, &saved)) {
        if (mark->height > known->height)
            error_set(&why, ERROR_CHAIN, "it has a state behind the last block");
        else
            s = load(path, &g, mark, &saved, &why);
        if (!s)
            log_write(LOG_WARNING, "chain: the index does not fit %s and is made anew: %s", path, why.text);
    }
    bytes_free(&saved);
    return s;
}
