#include "chain/ledger_private.h"

#include "base/log.h"
#include "base/memory.h"
#include "chain/head.h"
#include "chain/replay.h"

#define BLOCKS_FILE "blocks.msc"
#define LOCK_FILE "blocks.lock"
#define TORN_MOST 100

/* --- creating --- */

static bool make_folders(const char *folder, struct error *err)
{
    static const char *const name[] = {"pool", "objects"};
    char path[FILE_PATH_MAX];
    if (!file_make_folder(folder, 0755, err))
        return false;
    for (size_t i = 0; i < ARRAY_N(name); i++) {
        file_join(path, sizeof path, folder, name[i]);
        if (!file_make_folder(path, 0755, err))
            return false;
    }
    return true;
}

static bool create_locked(const char *folder, const struct genesis *g, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes payload = {0}, frame = {0};
    struct ledger_head head = {.height = 0};
    file_join(path, sizeof path, folder, BLOCKS_FILE);
    genesis_encode(g, &payload);
    struct frame f = {.type = FRAME_GENESIS, .payload_n = (uint32_t)payload.n};
    block_frame_encode(&frame, &f, payload.data, (struct hash){{0}});
    head.id = genesis_id(g);
    head.length = frame.n;
    bool good = file_create(path, frame.data, frame.n, 0644, err) && head_write(folder, &head, err);
    bytes_free(&payload);
    bytes_free(&frame);
    return good;
}

bool ledger_create(const char *folder, const struct genesis *g, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!genesis_check(g, err))
        return false;
    if (g->validators != 1)
        return error_set(err, ERROR_CHAIN, "genesis: %d validators, but this version knows no votes: name exactly one",
                         g->validators);
    if (!make_folders(folder, err))
        return false;
    file_join(path, sizeof path, folder, LOCK_FILE);
    int lock = file_lock(path, false, err);
    if (lock < 0)
        return false;
    bool good = create_locked(folder, g, err);
    file_unlock(lock);
    return good;
}

/* --- opening --- */

/* The hooks of a replay from genesis tell the index as they go. */
struct going {
    struct ledger *l;
    const struct replay *r;
    uint32_t position; /* of the next transaction in its block */
};

static void note_offset(struct ledger *l, uint64_t offset)
{
    l->offset = memory_grow(l->offset, &l->offset_capacity, l->offsets + 1, sizeof *l->offset);
    l->offset[l->offsets++] = offset;
}

static bool note_tx(void *context, const struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    struct going *g = context;
    (void)err;
    tx_pool_seal(&g->l->pool, id);
    ledger_tell_tx(g->l, state_height(s) + 1, g->position++, id, tx);
    return true;
}

static bool note_block(void *context, const struct state *s, uint64_t offset, const struct block *b, struct error *err)
{
    struct going *g = context;
    struct ledger *l = g->l;
    (void)err;
    note_offset(l, offset);
    if (!b)
        l->id = state_chain(s);
    if (b || ledger_tell_start(l, 0))
        ledger_tell_block(l, &(struct ledger_block){.height = state_height(s), .offset = offset,
                                                    .bytes = g->r->end - offset,
                                                    .time_us = b ? b->time_us : g->r->genesis.time_us, .id = g->r->head,
                                                    .proposer = b ? b->proposer : (struct key_public){{0}},
                                                    .transactions = b ? (int)b->txs : 0});
    g->position = 0;
    return true;
}

/* Behind a saved state the index knows the blocks already. */
static bool note_tx_behind(void *context, const struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    struct going *g = context;
    (void)s, (void)tx, (void)err;
    tx_pool_seal(&g->l->pool, id);
    g->l->txs_unsaved++;
    return true;
}

static bool note_block_behind(void *context, const struct state *s, uint64_t offset, const struct block *b,
                              struct error *err)
{
    struct going *g = context;
    (void)s, (void)b, (void)err;
    note_offset(g->l, offset);
    g->l->blocks_unsaved++;
    return true;
}

/* Saves what lies behind the last good frame, so that nothing is lost with it, and cuts it. */
static bool cut_tail(struct ledger *l, struct error *err)
{
    struct bytes all = {0};
    char name[64], path[FILE_PATH_MAX];
    uint64_t end = l->head.length, size = (uint64_t)file_append_size(l->file);
    int i = 1;
    do {
        snprintf(name, sizeof name, "blocks.torn-%llu-%d", (unsigned long long)end, i);
        file_join(path, sizeof path, l->folder, name);
    } while (file_exists(path) && ++i <= TORN_MOST);
    bool good = reader_bytes_at(l->path, end, (size_t)(size - end), &all, err) &&
                file_create(path, all.data, all.n, 0644, err) &&
                file_append_truncate(l->file, (int64_t)end, err) && file_append_sync(l->file, err);
    bytes_free(&all);
    if (good)
        log_write(LOG_WARNING, "chain: an unfinished block of %llu bytes was cut and saved as %s",
                  (unsigned long long)(size - end), path);
    return good;
}

/* Removes the files of what is sealed already: a writer was stopped before it could. */
static bool drop_sealed(const struct ledger *l, struct error *err)
{
    struct hash *ids = NEW_ARRAY(struct hash, l->pool.n);
    size_t n = 0;
    for (size_t i = 0; i < l->pool.n; i++)
        if (l->pool.entry[i].sealed)
            ids[n++] = l->pool.entry[i].id;
    bool good = tx_pool_remove(l->folder, ids, n, err);
    free(ids);
    return good;
}

static void take_over(struct ledger *l, const struct replay *r)
{
    l->state = r->state;
    l->genesis = r->genesis;
    l->head = (struct ledger_head){.height = r->height, .length = r->end, .id = r->head};
    l->frame = r->frame;
    l->time_us = r->time_us;
}

/* From the newest saved state that the file bears out. False: from genesis, then. */
static bool replay_behind(struct ledger *l, const struct ledger_head *known)
{
    struct ledger_mark from;
    struct state *s = l->index ? ledger_index_start(l->index, l->path, known, &from) : NULL;
    if (!s)
        return false;
    struct going g = {.l = l};
    struct error why;
    struct replay r = {.path = l->path, .known = known, .knowns = 1, .context = &g, .on_tx = note_tx_behind,
                       .on_block = note_block_behind, .from = &from, .state = s};
    error_clear(&why);
    l->offset_first = from.height + 1;
    if (replay_run(&r, &why) == REPLAY_OK && r.height == known->height && state_audit(r.state, &why)) {
        take_over(l, &r);
        l->id = state_chain(l->state);
        l->recorded = true;
        l->synced = known->length;
        ledger_seal_known(l);
        return true;
    }
    log_write(LOG_WARNING, "chain: the index does not fit %s and is made anew: %s", l->path, why.text);
    state_free(r.state);
    l->offset_first = l->offsets = l->txs_unsaved = l->blocks_unsaved = 0;
    return false;
}

static bool replay(struct ledger *l, bool *tail, struct error *err)
{
    struct ledger_head known;
    bool there;
    *tail = false;
    if (!head_read(l->folder, &known, &there, err))
        return false;
    if (there && replay_behind(l, &known))
        return true;
    struct going g = {.l = l};
    struct replay r = {.path = l->path, .known = &known, .knowns = there, .context = &g, .on_tx = note_tx,
                       .on_block = note_block};
    g.r = &r;
    l->from_genesis = true;
    enum replay_result result = replay_run(&r, err);
    take_over(l, &r);
    l->recorded = there && known.height == r.height;
    l->synced = there ? known.length : r.end;
    *tail = result == REPLAY_TAIL;
    if (result == REPLAY_TAIL && r.good_behind)
        return error_prefix(err, "damaged, though a good block stands further on, at byte %llu",
                            (unsigned long long)r.good_offset);
    if (result == REPLAY_TAIL && !there)
        return error_prefix(err, "the last block is not whole, and blocks.len, which tells whether it ever was, is "
                                 "missing: copy the chain again, or cut the file to %llu bytes",
                            (unsigned long long)r.end);
    return result != REPLAY_BREACH && state_audit(l->state, err);
}

/* Settles what a writer that was stopped has left. */
static bool recover(struct ledger *l, bool tail, struct error *err)
{
    if (tail && !cut_tail(l, err))
        return false;
    /* A whole block may have been written without its sync, or with one that failed. */
    if (!l->recorded && (!file_append_renew(l->file, (int64_t)l->synced, err) || !file_append_sync(l->file, err) ||
                         !head_write(l->folder, &l->head, err)))
        return false;
    return drop_sealed(l, err) && tx_pool_sync(&l->pool, err);
}

static bool open_files(struct ledger *l, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!file_exists(l->path))
        return error_set(err, ERROR_CHAIN, "there is no chain in %s: make one first", l->folder);
    if (!l->writable)
        return true;
    file_join(path, sizeof path, l->folder, LOCK_FILE);
    l->lock = file_lock(path, false, err);
    if (l->lock < 0 || !make_folders(l->folder, err))
        return false;
    l->file = file_append_open(l->path, 0644, err);
    return l->file != NULL;
}

static bool open_all(struct ledger *l, struct error *err)
{
    bool tail;
    struct file_stamp before;
    if (!open_files(l, err) || !file_stamp(l->path, &before, err) || !tx_pool_load(&l->pool, l->folder, err))
        return false;
    if (!replay(l, &tail, err))
        return error_prefix(err, "%s", l->path);
    if (l->writable && !recover(l, tail, err))
        return false;
    error_clear(err);
    if (l->from_genesis || l->txs_unsaved >= LEDGER_STATE_TXS || l->blocks_unsaved >= LEDGER_STATE_BLOCKS) {
        if (l->from_genesis || ledger_tell_start(l, l->head.height + 1))
            ledger_tell_end(l, true, l->writable ? NULL : &before);
    }
    l->pool_state = state_copy(l->state);
    tx_pool_apply(&l->pool, l->pool_state);
    return true;
}

struct ledger *ledger_open(const char *folder, bool writable, struct error *err)
{
    return ledger_open_indexed(folder, writable, NULL, err);
}

struct ledger *ledger_open_indexed(const char *folder, bool writable, const struct ledger_index *index,
                                   struct error *err)
{
    struct ledger *l = NEW(struct ledger);
    hash_start();
    l->writable = writable;
    l->index = l->owned = index;
    l->lock = -1;
    if (!text_copy(l->folder, sizeof l->folder, folder) || strlen(folder) + 128 > sizeof l->folder) {
        error_set(err, ERROR_IO, "the folder's path is too long: %.100s...", folder);
        ledger_close(l);
        return NULL;
    }
    file_join(l->path, sizeof l->path, folder, BLOCKS_FILE);
    if (open_all(l, err))
        return l;
    ledger_close(l);
    return NULL;
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    ledger_tell_cancel(l);
    if (l->owned)
        l->owned->close(l->owned->context);
    file_append_close(l->file);
    file_unlock(l->lock);
    state_free(l->state);
    state_free(l->pool_state);
    tx_pool_free(&l->pool);
    free(l->offset);
    free(l);
}

/* --- writing --- */

static bool may_write(const struct ledger *l, struct error *err)
{
    if (!l->writable)
        return error_set(err, ERROR_FAILED, "the chain was opened for reading only");
    if (l->broken)
        return error_set(err, ERROR_IO, "an earlier write to the chain failed: open it again");
    return true;
}

/* What a stranger's decoder would refuse must not get into the pool either. */
static bool encode_checked(const struct tx *tx, struct bytes *out, struct error *err)
{
    struct tx again;
    if (!tx_kind_of(tx->type))
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    tx_encode(tx, out);
    return tx_decode(out->data, out->n, &again, err) && tx_check_signature_bytes(out->data, out->n, &again, err);
}

static void renew_pool_state(struct ledger *l)
{
    state_free(l->pool_state);
    l->pool_state = state_copy(l->state);
    tx_pool_apply(&l->pool, l->pool_state);
}

static bool submit_encoded(struct ledger *l, const struct tx *tx, const struct bytes *b, struct hash id,
                           struct error *err)
{
    if (index_find(&l->pool.index, id) >= 0)
        return error_set(err, ERROR_CHAIN, "this transaction is in the pool already");
    if (BLOCK_FIXED_BYTES + l->pool.bytes + 4 * (l->pool.n + 1) + b->n > FRAME_MOST_PAYLOAD)
        return error_set(err, ERROR_LIMIT, "the pool is full: seal a block first");
    if (!state_apply_id(l->pool_state, tx, id, err))
        return false;
    if (tx_pool_put(&l->pool, tx, b, id, &l->broken, err)) {
        l->broken = false;
        return true;
    }
    renew_pool_state(l); /* broken: the file is there, but is it durable? Opening again finds out */
    return false;
}

bool ledger_submit(struct ledger *l, const struct tx *tx, struct hash *id, struct error *err)
{
    struct bytes b = {0};
    bool good = may_write(l, err) && encode_checked(tx, &b, err);
    if (good) {
        *id = tx_id_of_bytes(b.data, b.n);
        good = submit_encoded(l, tx, &b, *id, err);
    }
    bytes_free(&b);
    return good;
}

static bool may_seal(const struct ledger *l, const struct key *voting, int64_t time_us, struct error *err)
{
    if (!state_validator_find(l->state, key_public_of(voting)))
        return error_set(err, ERROR_CHAIN, "'%s' is no voting key of a validator of this chain", key_name(voting));
    return replay_time_sane(&l->genesis, l->time_us, time_us, err) || error_prefix(err, "cannot seal a block");
}

/* The pool's transactions in b, their bytes in `encoded`; *next is the state behind them. */
static bool apply_pool(const struct ledger *l, struct state *next, struct bytes *encoded, struct block *b,
                       struct error *err)
{
    size_t *at = NEW_ARRAY(size_t, l->pool.n + 1);
    bool good = true;
    for (size_t i = 0; i < l->pool.n && good; i++) {
        good = state_apply_id(next, &l->pool.tx[i], l->pool.entry[i].id, err);
        tx_encode(&l->pool.tx[i], encoded);
        at[i + 1] = encoded->n;
    }
    b->tx = NEW_ARRAY(struct block_tx, l->pool.n);
    b->txs = good ? l->pool.n : 0;
    for (size_t i = 0; i < b->txs; i++)
        b->tx[i] = (struct block_tx){encoded->data + at[i], at[i + 1] - at[i]};
    free(at);
    return good;
}

static bool end_block(const struct ledger *l, const struct key *voting, struct state *next, struct block *b,
                      struct bytes *payload, struct error *err)
{
    b->validators = state_validators_hash(l->state);
    if (!state_end_block(next, b->height, b->time_us, err))
        return false;
    b->state = state_hash(next);
    block_encode(payload, b, voting);
    return payload->n <= FRAME_MOST_PAYLOAD ||
           error_set(err, ERROR_LIMIT, "the pool does not fit into one block: move some of its files aside");
}

/* The pool's transactions as one frame; *next is the state behind it. */
static bool build(const struct ledger *l, const struct key *voting, int64_t time_us, struct state *next,
                  struct bytes *frame, struct hash *frame_hash, struct hash *id, struct error *err)
{
    struct bytes encoded = {0}, payload = {0};
    struct block b = {.chain = l->id, .height = l->head.height + 1, .time_us = time_us, .parent = l->head.id};
    bool good = apply_pool(l, next, &encoded, &b, err) && end_block(l, voting, next, &b, &payload, err);
    if (good) {
        struct frame f = {.type = FRAME_BLOCK, .height = b.height, .payload_n = (uint32_t)payload.n};
        *frame_hash = block_frame_encode(frame, &f, payload.data, l->frame);
        *id = block_id(payload.data);
    }
    block_free(&b);
    bytes_free(&encoded);
    bytes_free(&payload);
    return good;
}

static bool append_frame(struct ledger *l, const struct bytes *frame, struct error *err)
{
    if (file_append_put(l->file, frame->data, frame->n, err) && file_append_sync(l->file, err))
        return true;
    l->broken = true;
    return false;
}

/* From here on the block is in the file. */
static bool settle(struct ledger *l, const struct ledger_head *head, struct error *err)
{
    note_offset(l, l->head.length);
    l->head = *head;
    if (!head_write(l->folder, head, err)) {
        l->broken = true;
        return error_prefix(err, "block %llu is sealed, but its length could not be recorded (open the chain again)",
                            (unsigned long long)head->height);
    }
    struct error why;
    for (size_t i = 0; i < l->pool.n; i++)
        l->pool.entry[i].sealed = true;
    if (!drop_sealed(l, &why)) /* the next writer does it */
        log_write(LOG_WARNING, "chain: %s", why.text);
    return true;
}

/* The pool is still what was sealed. */
static void tell_sealed(struct ledger *l, uint64_t offset, const struct key_public *voting)
{
    if (!ledger_tell_start(l, l->head.height))
        return;
    for (size_t i = 0; i < l->pool.n; i++)
        ledger_tell_tx(l, l->head.height, (uint32_t)i, l->pool.entry[i].id, &l->pool.tx[i]);
    ledger_tell_block(l, &(struct ledger_block){.height = l->head.height, .offset = offset,
                                                .bytes = l->head.length - offset, .time_us = l->time_us,
                                                .id = l->head.id, .proposer = *voting,
                                                .transactions = (int)l->pool.n});
    l->txs_unsaved += l->pool.n;
    l->blocks_unsaved++;
    ledger_tell_end(l, l->txs_unsaved >= LEDGER_STATE_TXS || l->blocks_unsaved >= LEDGER_STATE_BLOCKS, NULL);
}

bool ledger_seal(struct ledger *l, const struct key *voting, int64_t time_us, uint64_t *height, struct hash *id,
                 struct error *err)
{
    struct bytes frame = {0};
    struct ledger_head head = {.height = l->head.height + 1};
    struct hash frame_hash;
    if (!may_write(l, err) || !may_seal(l, voting, time_us, err))
        return false;
    struct state *next = state_copy(l->state);
    bool good = build(l, voting, time_us, next, &frame, &frame_hash, &head.id, err) && append_frame(l, &frame, err);
    if (!good) {
        state_free(next);
        bytes_free(&frame);
        return false;
    }
    head.length = l->head.length + frame.n;
    bytes_free(&frame);
    l->frame = frame_hash;
    uint64_t offset = l->head.length;
    good = settle(l, &head, err);
    state_free(l->state);
    l->state = next;
    l->time_us = time_us;
    if (good)
        tell_sealed(l, offset, key_public_of(voting));
    renew_pool_state(l);
    *height = head.height;
    *id = head.id;
    return good;
}
