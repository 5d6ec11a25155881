#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/head.h"
#include "chain/ledger_private.h"

/* A claim that the validators verified, and that comes out otherwise here: a lie of theirs, unless a dispute has overturned
 * it by the end. */
struct doubt {
    struct hash proposal;
    uint64_t height, offset;
    struct error why;
};

struct verify {
    const struct ledger_rerun *rerun;
    uint64_t reruns;
    struct doubt *doubt;
    size_t doubts, doubt_capacity;
};

static void put_doubt(struct verify *v, const struct state *s, struct hash proposal, uint64_t offset,
                      const struct error *why)
{
    v->doubt = memory_grow(v->doubt, &v->doubt_capacity, v->doubts + 1, sizeof *v->doubt);
    v->doubt[v->doubts++] = (struct doubt){proposal, state_height(s), offset, *why};
}

/* Overturned while the proposal is still known: closed ones are forgotten in time. */
static void drop_overturned(struct verify *v, const struct state *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->doubts; i++) {
        const struct state_proposal *p = state_proposal_find(s, v->doubt[i].proposal);
        if (!p || p->state != PROPOSAL_REFUTED)
            v->doubt[kept++] = v->doubt[i];
    }
    v->doubts = kept;
}

/* Where a re-run differs from the claim, in words; false if it does. */
static bool same_result(const struct tx_finding *claim, const struct tx_finding *found, struct error *err)
{
    const struct tx_counts *a = &claim->counts, *b = &found->counts;
    if (a->folds != b->folds)
        return error_set(err, ERROR_CHAIN, "the re-run has %d folds, the claim %d", b->folds, a->folds);
    for (int i = 0; i < a->folds; i++)
        if (a->correct[i] != b->correct[i] || a->total[i] != b->total[i])
            return error_set(err, ERROR_CHAIN, "fold %d: the re-run finds %u correct of %u, the claim says %u of %u",
                             i + 1, b->correct[i], b->total[i], a->correct[i], a->total[i]);
    if (!hash_equal(claim->trace_root, found->trace_root))
        return error_set(err, ERROR_CHAIN, "the re-run's training trace differs from the claimed one");
    if (!hash_equal(claim->weights, found->weights))
        return error_set(err, ERROR_CHAIN, "the re-run's weights differ from the claimed ones");
    return true;
}

/* What the validators have found must be what comes out here: for a claim that was verified, and one that was refuted. */
static bool rerun_claim(struct verify *v, const struct state *s, const struct state_proposal *p, uint64_t offset,
                        struct error *err)
{
    struct tx_finding claim = state_claim(p), found;
    bool refuted = p->state == PROPOSAL_REFUTED;
    if (p->opened.height == 0 || !(p->verified || refuted))
        return true;
    memset(&found, 0, sizeof found);
    if (!v->rerun->run(v->rerun->context, state_task_find(s, p->announce.task), p, &found, err))
        return error_prefix(err, "re-run");
    v->reruns++;
    if (!refuted) {
        struct error why = {0};
        bool same = same_result(&claim, &found, &why);
        if (!same && !state_alone(s))
            put_doubt(v, s, p->id, offset, &why);
        return same || !state_alone(s) || error_set(err, why.kind, "%s", why.text);
    }
    return !tx_finding_equal(&claim, &found) ||
           error_set(err, ERROR_CHAIN, "a claim was refuted, but the re-run finds just what it says");
}

static bool rerun_verdict(struct verify *v, const struct state *s, const struct state_challenge *c, struct error *err)
{
    bool upheld = false, was = c->state == CHALLENGE_UPHELD;
    struct hash found = {{0}};
    if (!v->rerun->rule)
        return true;
    if (!v->rerun->rule(v->rerun->context, s, c, &upheld, &found, err))
        return error_prefix(err, "re-run of a verdict");
    v->reruns++;
    if (upheld != was)
        return error_set(err, ERROR_CHAIN, "a challenge was %s, but done again its place says the opposite",
                         challenge_state_name(c->state));
    return hash_is_zero(found) || hash_is_zero(c->found) || hash_equal(found, c->found) ||
           error_set(err, ERROR_CHAIN, "a verdict names another leaf than doing its place again gives");
}

static bool rerun_outcome(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    struct verify *v = context;
    if (tx->type != TX_OUTCOME || !v->rerun->outcome)
        return true;
    v->reruns++;
    return v->rerun->outcome(v->rerun->context, s, &tx->outcome, err) || error_prefix(err, "done again");
}

static bool rerun_judged(void *context, const struct state *s, uint64_t offset, const struct block *b,
                         struct error *err)
{
    const struct hash *id;
    int n = state_judged(s, &id);
    (void)b;
    drop_overturned(context, s);
    for (int i = 0; i < n; i++) {
        const struct state_proposal *p = state_proposal_find(s, id[i]);
        if (p && !rerun_claim(context, s, p, offset, err))
            return false;
    }
    n = state_ruled(s, &id);
    for (int i = 0; i < n; i++)
        if (!rerun_verdict(context, s, state_challenge_find(s, id[i]), err))
            return false;
    return true;
}

/* Of a chain for many each block proves the one before; the last one's proof, if it is there, lies in pool/. */
static uint64_t final_height(const struct replay *r, const char *folder)
{
    struct replay_parent head = {
        .state = r->state, .height = r->height, .round = r->round, .time_us = r->time_us, .id = r->head};
    struct bytes certificate = {0};
    if (!r->state || state_alone(r->state) || r->height == 0)
        return r->height;
    bool there = ledger_find_tip(folder, &head, &certificate);
    bytes_free(&certificate);
    return r->height - !there;
}

static void fill(struct ledger_verdict *out, const struct replay *r)
{
    out->height = r->height;
    out->blocks = r->blocks;
    out->transactions = r->transactions;
    out->signatures = r->signatures;
    out->head = r->head;
    out->error_height = r->error_height;
    out->error_offset = r->error_offset;
}

static bool judge(const struct replay *r, enum replay_result result, bool recorded, struct error *err)
{
    if (result == REPLAY_TAIL && r->good_behind)
        return error_prefix(err, "damaged, though a good block stands further on, at byte %llu",
                            (unsigned long long)r->good_offset);
    if (result == REPLAY_TAIL)
        return error_prefix(err, "%s", recorded ? "an unfinished block: the next append cuts it (or one is under way)"
                                                : "the last block is not whole");
    return result == REPLAY_OK && state_audit(r->state, err);
}

/* The first of them stands at its place in the file. */
static bool doubts_settled(const struct verify *v, struct ledger_verdict *out, struct error *err)
{
    if (v->doubts == 0)
        return true;
    const struct doubt *d = &v->doubt[0];
    out->error_height = d->height;
    out->error_offset = d->offset;
    return error_set(err, ERROR_CHAIN, "block %llu at byte %llu: a claim was verified, and no dispute has overturned it: %s",
                     (unsigned long long)d->height, (unsigned long long)d->offset, d->why.text);
}

static bool verify(const char *folder, struct ledger_verdict *out, const struct ledger_head *remembered, int n,
                   struct replay *r, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct ledger_head known[1 + LEDGER_HEADS_MOST];
    bool recorded;
    file_join(path, sizeof path, folder, "blocks.msc");
    if (!head_read(folder, &known[0], &recorded, err))
        return false;
    r->path = path;
    r->known = known;
    r->knowns = recorded;
    ASSERT(n <= LEDGER_HEADS_MOST);
    for (int i = 0; i < n; i++)
        known[r->knowns++] = remembered[i];
    enum replay_result result = replay_run(r, err);
    fill(out, r);
    out->final_height = final_height(r, folder);
    out->missed = r->missed >> recorded;
    bool good = judge(r, result, recorded, err) && doubts_settled(r->context, out, err);
    state_free(r->state);
    return good;
}

bool ledger_verify_heads(const char *folder, struct ledger_verdict *out, const struct ledger_head *remembered, int n,
                         int threads, const struct ledger_rerun *rerun,
                         void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                         struct error *err)
{
    double begun = clock_seconds();
    struct verify v = {.rerun = rerun};
    struct error why;
    struct replay r = {.context = &v,
                       .threads = threads,
                       .on_block = rerun ? rerun_judged : NULL,
                       .witness = rerun ? rerun_outcome : NULL,
                       .progress = progress,
                       .progress_context = progress_context};
    hash_start();
    error_clear(&why);
    memset(out, 0, sizeof *out);
    out->ok = verify(folder, out, remembered, n, &r, &why);
    out->reruns = v.reruns;
    free(v.doubt);
    out->seconds = clock_seconds() - begun;
    if (out->ok)
        return true;
    text_copy(out->reason, sizeof out->reason, why.text);
    return error_set(err, why.kind, "%s", why.text);
}

bool ledger_verify_against(const char *folder, struct ledger_verdict *out, const struct ledger_head *remembered,
                           const struct ledger_rerun *rerun,
                           void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                           struct error *err)
{
    return ledger_verify_heads(folder, out, remembered, remembered != NULL, 0, rerun, progress, progress_context, err);
}

bool ledger_verify(const char *folder, struct ledger_verdict *out, const struct ledger_rerun *rerun,
                   void (*progress)(void *context, uint64_t done, uint64_t bytes), void *progress_context,
                   struct error *err)
{
    return ledger_verify_against(folder, out, NULL, rerun, progress, progress_context, err);
}
