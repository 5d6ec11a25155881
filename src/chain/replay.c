#include "chain/replay.h"

#include "base/memory.h"
#include "base/threads.h"
#include "chain/certificate.h"
#include "chain/replay_window.h"

#define THREADS_FROM_BYTES (256u << 10) /* smaller chains are checked before threads have started */

/* --- the first frame --- */

static bool breach(struct replay *r, uint64_t height, uint64_t offset, struct error *err)
{
    r->error_height = height;
    r->error_offset = offset;
    return error_prefix(err, "block %llu at byte %llu", (unsigned long long)height, (unsigned long long)offset);
}

static bool start(struct replay *r, const struct slot *s, struct error *err)
{
    if (!genesis_decode(s->data.data + FRAME_HEADER_BYTES, s->frame.payload_n, &r->genesis, err))
        return false;
    r->state = state_new(&r->genesis, err);
    r->time_us = r->genesis.time_us;
    r->head = genesis_id(&r->genesis);
    return r->state != NULL;
}

/* --- one block --- */

bool replay_time_sane(const struct genesis *g, int64_t parent_us, int64_t time_us, struct error *err)
{
    int64_t gap = (int64_t)g->min_block_seconds * 1000000;
    if (time_us < 0 || time_us > STATE_TIME_MAX_US)
        return error_set(err, ERROR_CHAIN, "its time is before 1970 or after 9999");
    if (time_us - parent_us < gap)
        return error_set(err, ERROR_CHAIN, "its time is %lld us behind its parent's, the chain's rules want at least %lld",
                         (long long)(time_us - parent_us), (long long)gap);
    return true;
}

static bool place_sane(const struct replay_parent *p, const struct block *b, struct error *err)
{
    if (!hash_equal(b->chain, state_chain(p->state)))
        return error_set(err, ERROR_CHAIN, "it was made for another chain");
    if (b->height != p->height + 1)
        return error_set(err, ERROR_CHAIN, "its header says height %llu", (unsigned long long)b->height);
    if (!hash_equal(b->parent, p->id))
        return error_set(err, ERROR_CHAIN, "it names another parent than the block before");
    return replay_time_sane(state_genesis(p->state), p->time_us, b->time_us, err);
}

/* On a closed chain: its one validator, in the one round that there is, without a certificate. */
static bool alone_sane(const struct replay_parent *p, const struct block *b, struct error *err)
{
    if (b->round != 0)
        return error_set(err, ERROR_CHAIN, "it is of round %u, but with one validator there is only round 0", b->round);
    if (!state_validator_find(p->state, &b->proposer))
        return error_set(err, ERROR_CHAIN, "its proposer's key is no validator's voting key");
    return b->certificate_n == 0 ||
           error_set(err, ERROR_CHAIN, "it brings a certificate, but with one validator there are none");
}

static bool proposer_sane(const struct replay_parent *p, const struct block *b, struct error *err)
{
    const struct rotation *set = state_rotation(p->state);
    if (b->round > ROTATION_ROUND_MOST)
        return error_set(err, ERROR_CHAIN, "it is of round %u, the last is %d", b->round, ROTATION_ROUND_MOST);
    if (rotation_find(set, &b->proposer) != rotation_proposer(set, b->round))
        return error_set(err, ERROR_CHAIN, "in round %u it was not its proposer's turn", b->round);
    return true;
}

/* The parent's, by the set that voted on the parent. */
static bool certificate_sane(const struct replay_parent *p, const struct block *b, struct error *err)
{
    struct certificate c;
    if (p->height == 0)
        return b->certificate_n == 0 ||
               error_set(err, ERROR_CHAIN, "it brings a certificate, but genesis behind it needs none");
    if (!certificate_decode(b->certificate_data, b->certificate_n, &c, err))
        return false;
    if (c.height != p->height || !hash_equal(c.block, p->id))
        return error_set(err, ERROR_CHAIN, "its certificate is not for the block before");
    if (c.round < p->round)
        return error_set(err, ERROR_CHAIN, "its certificate is of round %u, but the block before was made in round %u",
                         c.round, p->round);
    return certificate_check_power(&c, state_rotation_before(p->state), err);
}

bool replay_header_sane(const struct replay_parent *p, const struct block *b, struct error *err)
{
    if (!place_sane(p, b, err))
        return false;
    if (state_alone(p->state) ? !alone_sane(p, b, err) : !proposer_sane(p, b, err) || !certificate_sane(p, b, err))
        return false;
    if (!hash_equal(b->validators, state_validators_hash(p->state)))
        return error_set(err, ERROR_CHAIN, "its validators hash is not that of the validators behind its parent");
    return hash_equal(b->certificate, block_certificate_hash(b)) ||
           error_set(err, ERROR_CHAIN, "its certificate hash is not that of its certificate");
}

static bool header_sane(const struct replay *r, struct slot *s, struct error *err)
{
    const struct block *b = &s->block;
    struct replay_parent p = {
        .state = r->state, .height = r->height, .round = r->round, .time_us = r->time_us, .id = r->head};
    if (!replay_header_sane(&p, b, err))
        return false;
    if (b->certificate_n > 0 && !s->certificate_good)
        return error_set(err, ERROR_CHAIN, "a signature of its certificate is not that of the voting key beside it");
    if (!s->root_good)
        return error_set(err, ERROR_CHAIN, "its tx root is not that of its transactions");
    return s->signature_good || block_check_signature(s->data.data + FRAME_HEADER_BYTES, b, err);
}

static bool apply_txs(struct replay *r, const struct replay_window *w, const struct slot *s, struct error *err)
{
    struct tx tx;
    for (size_t i = 0; i < s->block.txs; i++) {
        const struct job *j = &w->job[s->first + i];
        bool good = tx_decode(j->bytes.data, j->bytes.n, &tx, err) &&
                    (j->good || tx_check_signature_bytes(j->bytes.data, j->bytes.n, &tx, err)) &&
                    (!r->witness || !tx_witnessed(tx.type) || r->witness(r->context, r->state, &tx, err)) &&
                    state_apply_id(r->state, &tx, j->id, err) &&
                    (!r->on_tx || r->on_tx(r->context, r->state, &tx, j->id, err));
        if (!good)
            return error_prefix(err, "transaction %zu", i + 1);
        r->transactions++;
        r->signatures++;
    }
    return true;
}

static bool apply_block(struct replay *r, const struct replay_window *w, struct slot *s, struct error *err)
{
    if (!s->formed) /* once more, for the reason */
        return block_decode(s->data.data + FRAME_HEADER_BYTES, s->frame.payload_n, &s->block, err);
    if (!header_sane(r, s, err) || !apply_txs(r, w, s, err) ||
        !state_end_block(r->state, s->frame.height, s->block.time_us, err))
        return false;
    if (!hash_equal(state_hash(r->state), s->block.state))
        return error_set(err, ERROR_CHAIN, "its state hash is not what its transactions lead to");
    r->head = block_id(s->data.data + FRAME_HEADER_BYTES);
    r->time_us = s->block.time_us;
    r->round = s->block.round;
    r->signatures += 1 + certificate_signers(s->block.certificate_n);
    r->blocks++;
    return true;
}

static void note_others(struct replay *r)
{
    for (int i = 0; i < r->knowns; i++)
        if (r->known[i].height == r->height && !hash_equal(r->known[i].id, r->head))
            r->missed |= 1u << i;
}

static bool known_sane(struct replay *r, struct error *err)
{
    note_others(r);
    for (int i = 0; i < r->knowns; i++) {
        const struct ledger_head *k = &r->known[i];
        if (r->missed & 1u << i)
            return error_set(err, ERROR_CHAIN, "another block was remembered here: the chain was rewritten");
        if (k->length && (k->height == r->height) != (k->length == r->end))
            return error_set(err, ERROR_CHAIN, "it ends at byte %llu; when last written, block %llu ended at byte %llu",
                             (unsigned long long)r->end, (unsigned long long)k->height, (unsigned long long)k->length);
    }
    return true;
}

bool replay_apply(struct replay *r, const struct replay_window *w, struct slot *s, struct error *err)
{
    bool genesis = s->frame.type == FRAME_GENESIS;
    if (!(genesis ? start(r, s, err) : apply_block(r, w, s, err)))
        return breach(r, s->frame.height, s->offset, err);
    r->frame = s->hash;
    r->height = s->frame.height;
    r->end = s->offset + s->data.n;
    if (!known_sane(r, err))
        return breach(r, s->frame.height, s->offset, err);
    if (r->on_block && !r->on_block(r->context, r->state, s->offset, genesis ? NULL : &s->block, err))
        return breach(r, s->frame.height, s->offset, err);
    return true;
}

static bool apply_window(struct replay *r, struct replay_window *w, struct error *err)
{
    for (int i = 0; i < w->slots; i++)
        if (!replay_apply(r, w, &w->slot[i], err))
            return false;
    return true;
}

/* --- the whole --- */

/* All that was remembered must have been met on the way. */
static bool complete(struct replay *r, uint64_t height, struct error *err)
{
    for (int i = 0; i < r->knowns; i++)
        if (r->known[i].height > r->height)
            r->missed |= 1u << i;
    for (int i = 0; i < r->knowns; i++)
        if (r->known[i].height > r->height || !r->state) {
            error_set(err, ERROR_CHAIN, "blocks were cut away: the chain ends here, but block %llu was there",
                      (unsigned long long)r->known[i].height);
            return breach(r, height, r->end, err);
        }
    return true;
}

static enum replay_result finish(struct replay *r, struct reader *in, enum reader_result last, struct error *err)
{
    uint64_t next = r->state ? r->height + 1 : 0;
    if (last == READER_FAILED) {
        breach(r, next, r->end, err);
        return REPLAY_BREACH;
    }
    if (last == READER_END) {
        if (!r->state) {
            error_set(err, ERROR_CHAIN, "the file is empty");
            breach(r, 0, 0, err);
            return REPLAY_BREACH;
        }
        return complete(r, next, err) ? REPLAY_OK : REPLAY_BREACH;
    }
    bool all = r->state != NULL, far = all && in->size - r->end > FRAME_MOST_BYTES;
    if (far)
        error_prefix(err, "%llu bytes behind the last good block, which is more than an unfinished block can be",
                     (unsigned long long)(in->size - r->end));
    breach(r, next, r->end, err);
    for (int i = 0; i < r->knowns; i++)
        all = all && r->known[i].height <= r->height;
    if (!all || far)
        return REPLAY_BREACH;
    r->good_behind = reader_good_behind(in, &r->good_offset);
    return REPLAY_TAIL;
}

/* While the pool checks one window, this thread applies the one before it and reads the one behind it. */
struct pipeline {
    struct replay_window *ready, *checked, *next; /* to be applied; under the pool's hands; being read */
    struct threads *pool;
    struct error stop; /* of the reader: what stands before it comes first */
};

static void rotate(struct pipeline *p)
{
    struct replay_window *free_one = p->ready;
    p->ready = p->checked;
    p->checked = p->next;
    p->next = free_one;
}

static enum replay_result run(struct replay *r, struct reader *in, struct pipeline *p, struct error *err)
{
    enum reader_result last = READER_FRAME;
    for (;;) {
        threads_begin(p->pool, replay_window_tasks(p->checked), replay_window_check, p->checked);
        bool good = apply_window(r, p->ready, err);
        p->next->slots = 0;
        p->next->jobs = 0;
        if (good && last == READER_FRAME)
            last = replay_window_fill(p->next, in, &p->stop);
        threads_end(p->pool);
        if (!good)
            return REPLAY_BREACH;
        if (r->progress && p->ready->slots)
            r->progress(r->progress_context, r->end, in->size);
        if (p->checked->slots == 0 && p->next->slots == 0) {
            if (err)
                *err = p->stop;
            return finish(r, in, last, err);
        }
        rotate(p);
    }
}

/* As if all blocks up to there had been gone through. */
static bool skip(struct replay *r, struct reader *in, struct error *err)
{
    const struct ledger_mark *m = r->from;
    r->genesis = *state_genesis(r->state);
    r->head = m->id;
    r->frame = m->frame;
    r->height = m->height;
    r->end = m->end;
    r->time_us = m->time_us;
    r->round = m->round;
    return reader_skip(in, m->end, m->height + 1, m->frame, err) && known_sane(r, err);
}

enum replay_result replay_run(struct replay *r, struct error *err)
{
    struct reader in;
    if (!reader_open(&in, r->path, err))
        return REPLAY_BREACH;
    if (r->from && !skip(r, &in, err)) {
        reader_close(&in);
        return REPLAY_BREACH;
    }
    struct pipeline p = {.ready = replay_window_new(), .checked = replay_window_new(), .next = replay_window_new()};
    int wanted = r->threads ? r->threads : threads_machine_n();
    p.pool = threads_new(in.size - in.offset >= THREADS_FROM_BYTES ? wanted : 1);
    error_clear(&p.stop);
    enum replay_result result = run(r, &in, &p, err);
    threads_free(p.pool);
    replay_window_free(p.ready);
    replay_window_free(p.checked);
    replay_window_free(p.next);
    reader_close(&in);
    return result;
}
