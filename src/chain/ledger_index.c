#include "chain/ledger_private.h"

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
static bool stands(const char *path, struct ledger_mark *m, struct hash *state, struct error *err)
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
    m->round = b.round;
    block_free(&b);
    bytes_free(&data);
    return good;
}

static struct state *load(const char *path, const struct genesis *g, struct ledger_mark *m,
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

/* --- telling ------------------------------------------------------------------------------------------------------ */

/* What failed once is not asked again either: it may know less than it should. */
static void give_up(struct ledger *l)
{
    if (l->telling)
        l->index->cancel(l->index->context);
    l->telling = false;
    l->index = NULL;
}

bool ledger_tell_start(struct ledger *l, uint64_t height)
{
    l->telling = l->index && l->index->begin(l->index->context, l->id, height);
    if (!l->telling)
        l->index = NULL;
    return l->telling;
}

void ledger_tell_tx(struct ledger *l, uint64_t height, uint32_t position, struct hash id, const struct tx *tx)
{
    if (l->telling && !l->index->put_tx(l->index->context, (struct ledger_place){height, position}, id, tx))
        give_up(l);
}

void ledger_tell_block(struct ledger *l, const struct ledger_block *b)
{
    if (l->telling && !l->index->put_block(l->index->context, b))
        give_up(l);
}

static bool save_state(struct ledger *l, const struct state *s, const struct ledger_mark *m)
{
    struct bytes saved = {0};
    state_save(s, &saved);
    bool good = l->index->put_state(l->index->context, m, &saved);
    bytes_free(&saved);
    if (good)
        l->txs_unsaved = l->blocks_unsaved = 0;
    return good;
}

static bool save_head(struct ledger *l)
{
    struct ledger_mark m = {.height = l->head.height, .offset = l->offset[l->offsets - 1], .end = l->head.length,
                            .time_us = l->time_us, .id = l->head.id, .frame = l->frame};
    return save_state(l, l->state, &m);
}

void ledger_tell_end(struct ledger *l, bool save, const struct file_stamp *before)
{
    struct file_stamp now;
    if (!l->telling)
        return;
    bool good = file_stamp(l->path, &now, NULL) && now.size == (int64_t)l->head.length &&
                (!before || file_stamp_equal(before, &now));
    if (!good || (save && l->head.height > 0 && !save_head(l)) || !l->index->commit(l->index->context, &now)) {
        give_up(l);
        return;
    }
    l->telling = false;
}

void ledger_tell_step(struct ledger *l, const struct replay *r, const struct file_stamp *before)
{
    struct file_stamp now;
    struct ledger_mark m = {.height = r->height, .offset = l->offset[l->offsets - 1], .end = r->end,
                            .time_us = r->time_us, .id = r->head, .frame = r->frame};
    if (!l->telling)
        return;
    if (!file_stamp(l->path, &now, NULL) || !file_stamp_equal(before, &now) || !save_state(l, r->state, &m) ||
        !l->index->keep(l->index->context, &now))
        give_up(l);
}

void ledger_tell_cancel(struct ledger *l)
{
    if (l->telling)
        give_up(l);
}
