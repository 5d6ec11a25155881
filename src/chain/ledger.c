#include "chain/ledger_private.h"

#include "base/log.h"
#include "base/memory.h"
#include "chain/head.h"
#include "chain/replay.h"

#define BLOCKS_FILE "blocks.msc"
#define LOCK_FILE "blocks.lock"
#define TORN_MOST 100
#define LOCK_SECONDS 5 /* a block is sealed, a transaction put into the pool, in less */

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
    if (!make_folders(folder, err))
        return false;
    file_join(path, sizeof path, folder, LOCK_FILE);
    int lock = file_lock_within(path, LOCK_SECONDS, err);
    if (lock < 0)
        return false;
    bool good = create_locked(folder, g, err);
    file_unlock(lock);
    return good;
}

/* --- opening --- */

/* The hooks of a replay tell the index, as they go, of what it does not know. */
struct going {
    struct ledger *l;
    const struct replay *r;
    const struct file_stamp *before; /* of the file, from before it was read */
    bool whole;                      /* the file ends where it is known to: a part of it can be kept */
    uint32_t position;               /* of the next transaction in its block */
    uint64_t unkept;                 /* transactions and blocks since the index kept what it was told */
};

void ledger_note_offset(struct ledger *l, uint64_t offset)
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
    ledger_note_offset(l, offset);
    if (!b)
        l->id = state_chain(s);
    if (b || ledger_tell_start(l, 0))
        ledger_tell_block(l, &(struct ledger_block){.height = state_height(s), .offset = offset,
                                                    .bytes = g->r->end - offset,
                                                    .time_us = b ? b->time_us : g->r->genesis.time_us, .id = g->r->head,
                                                    .proposer = b ? b->proposer : (struct key_public){{0}},
                                                    .transactions = b ? (int)b->txs : 0});
    g->position = 0;
    g->unkept += b ? 1 + b->txs : 0;
    if (l->telling && g->whole && l->index->step && g->unkept >= l->index->step) {
        ledger_tell_step(l, g->r, g->before);
        g->unkept = 0;
    }
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
    ledger_note_offset(g->l, offset);
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

bool ledger_drop_sealed(const struct ledger *l, struct error *err)
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
    l->round = r->round;
}

/* Whether the index knows the blocks behind its newest state, too; else it is told of them, if it can be. */
static bool index_is_whole(const struct ledger *l, uint64_t height)
{
    uint64_t offset;
    return l->index->offset(l->index->context, height, &offset);
}

/* From the newest saved state that the file bears out. False: from genesis, then. */
static bool replay_behind(struct ledger *l, const struct ledger_head *known, const struct file_stamp *before)
{
    struct ledger_mark from;
    struct state *s = l->index ? ledger_index_start(l->index, l->path, known, &from) : NULL;
    if (!s)
        return false;
    struct error why;
    struct going g = {.l = l, .before = before, .whole = true};
    struct replay r = {.path = l->path, .known = known, .knowns = 1, .context = &g, .on_tx = note_tx_behind,
                       .on_block = note_block_behind, .from = &from, .state = s};
    g.r = &r;
    error_clear(&why);
    l->offset_first = from.height + 1;
    if (!index_is_whole(l, known->height)) {
        l->id = state_chain(s);
        r.on_tx = note_tx;
        r.on_block = note_block;
        if (!ledger_tell_start(l, from.height + 1)) {
            state_free(s);
            l->offset_first = 0;
            return false;
        }
    }
    if (replay_run(&r, &why) == REPLAY_OK && r.height == known->height && state_audit(r.state, &why)) {
        take_over(l, &r);
        l->id = state_chain(l->state);
        l->recorded = true;
        l->synced = known->length;
        ledger_seal_known(l);
        return true;
    }
    log_write(LOG_WARNING, "chain: the index does not fit %s and is made anew: %s", l->path, why.text);
    if (l->telling)
        l->index->cancel(l->index->context);
    l->telling = false;
    state_free(r.state);
    l->offset_first = l->offsets = l->txs_unsaved = l->blocks_unsaved = 0;
    return false;
}

static bool replay(struct ledger *l, const struct file_stamp *before, bool *tail, struct error *err)
{
    struct ledger_head known;
    bool there;
    *tail = false;
    if (!head_read(l->folder, &known, &there, err))
        return false;
    if (there && replay_behind(l, &known, before))
        return true;
    struct going g = {.l = l, .before = before, .whole = there && known.length == (uint64_t)before->size};
    struct replay r = {.path = l->path, .known = &known, .knowns = there, .context = &g, .on_tx = note_tx,
                       .on_block = note_block};
    g.r = &r;
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
    return ledger_drop_sealed(l, err) && ledger_drop_certificates(l, err) && tx_pool_sync(&l->pool, err);
}

static bool open_files(struct ledger *l, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!file_exists(l->path))
        return error_set(err, ERROR_CHAIN, "there is no chain in %s: make one with `chain init`", l->folder);
    if (!l->writable)
        return true;
    file_join(path, sizeof path, l->folder, LOCK_FILE);
    l->lock = file_lock_within(path, LOCK_SECONDS, err);
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
    if (!replay(l, &before, &tail, err))
        return error_prefix(err, "%s", l->path);
    if (l->writable && !recover(l, tail, err))
        return false;
    error_clear(err);
    bool due = l->txs_unsaved >= LEDGER_STATE_TXS || l->blocks_unsaved >= LEDGER_STATE_BLOCKS;
    if (l->telling || (due && ledger_tell_start(l, l->head.height + 1)))
        ledger_tell_end(l, true, l->writable ? NULL : &before);
    struct replay_parent head = ledger_parent(l);
    ledger_find_tip(l->folder, &head, &l->tip);
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
    ledger_forget_checked(l);
    bytes_free(&l->tip);
    bytes_free(&l->coming);
    tx_pool_free(&l->pool);
    free(l->offset);
    free(l);
}
