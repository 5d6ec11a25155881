/* The judges' part: is a challenged claim what training gives? */
#include "action/claim_dispute.h"

#include "base/memory.h"
#include "base/text.h"

struct ruling {
    const struct claim_rerun *how;
    const struct state_task *task;
    const struct state_proposal *p;
    const struct state_challenge *c;
    struct claim_ruling *out;
    struct error *err;
    struct claim_fold fold;
    const struct leaves_fold *claimed; /* of the fold */
};

static bool rule(struct ruling *r, bool upheld, struct hash found, const char *why)
{
    r->out->upheld = upheld;
    r->out->found = found;
    text_copy(r->out->why, sizeof r->out->why, why);
    return true;
}

static bool refute(struct ruling *r, const char *why)
{
    return rule(r, true, (struct hash){{0}}, why);
}

/* --- leaves ------------------------------------------------------------------------------------------------------- */

/* Leaf i of a training from its beginning, if it follows from what the claim says before it and is another than the
 * claim's: then whoever judges by the state before it finds the same. Else zeros. */
static struct hash found_in(const struct leaves_fold *claimed, uint64_t i, const struct hash *leaf, uint64_t n, bool over)
{
    bool follows = i >= 1 && i <= n && i <= claimed->n && (over && i == n) == (i == claimed->n) &&
                   (i == 1 || hash_equal(leaf[i - 2], claimed->leaf[i - 2])) &&
                   !hash_equal(leaf[i - 1], claimed->leaf[i - 1]);
    return follows ? leaf[i - 1] : (struct hash){{0}};
}

static bool is_last(const struct ruling *r)
{
    return r->c->body.leaf == r->claimed->n;
}

/* The fold from its beginning, as far as the place. */
static bool look_from_beginning(struct ruling *r)
{
    struct model *m = retrace_fresh(&r->fold.retrace, r->err);
    struct train_stretch part = {0};
    const struct leaves_fold *claimed = r->claimed;
    uint64_t leaf = r->c->body.leaf, same = 0;
    bool ok = m && (claim_fold_go(&r->fold, m, &part, (int64_t)leaf * r->fold.retrace.interval, r->err) || part.diverged);
    while (ok && same < leaf && same < part.leaves && hash_equal(part.leaf[same], claimed->leaf[same]))
        same++;
    if (ok && part.diverged)
        refute(r, "done again, it comes to values that are not finite");
    else if (ok && part.leaves < leaf)
        refute(r, "the training has fewer leaves");
    else if (ok && same < leaf)
        rule(r, true, found_in(claimed, leaf, part.leaf, part.leaves, part.over),
             same + 1 == leaf ? "done again, this leaf is another than the one that was opened"
                              : "done again, a leaf before this one is another than the one that was opened");
    else if (ok && part.over != is_last(r))
        refute(r, part.over ? "the training ends with this leaf, the claim goes on"
                            : "the claim ends with this leaf, the training goes on");
    free(part.leaf);
    model_free(m);
    return ok;
}

static bool look_from_state(struct ruling *r, const struct retrace_state *state)
{
    const struct retrace *t = &r->fold.retrace;
    uint64_t leaf = r->c->body.leaf;
    if (!retrace_fits(t, state) || state->steps != (int64_t)(leaf - 1) * t->interval)
        return refute(r, "no training of this recipe is ever in the state before it");
    struct model *m = retrace_model(t, state, r->err);
    struct train_stretch part = {0};
    bool ok = m && (claim_fold_go(&r->fold, m, &part, is_last(r) ? INT64_MAX : (int64_t)leaf * t->interval, r->err) ||
                    part.diverged);
    if (ok && part.diverged)
        refute(r, "done again, it comes to values that are not finite");
    else if (ok && part.leaves > 1)
        refute(r, "the claim ends with this leaf, the training goes on");
    else if (ok && part.leaves == 1 && !hash_equal(part.leaf[0], r->claimed->leaf[leaf - 1]))
        rule(r, true, part.leaf[0], "done again, this leaf is another than the one that was opened");
    free(part.leaf);
    model_free(m);
    return ok;
}

/* --- states ------------------------------------------------------------------------------------------------------- */

/* The state of a leaf of the claim's: the challenger's, or else the accused's. One that is not here, or is not of that
 * leaf, is no help, and nothing else. */
static bool find_state(const struct ruling *r, struct hash leaf, struct bytes *out, struct retrace_state *state)
{
    const struct hash given[] = {r->c->body.state, r->c->answer};
    for (size_t i = 0; i < ARRAY_N(given); i++)
        if (!hash_is_zero(given[i]) && ledger_object_get(r->how->chain, given[i], out, NULL) &&
            retrace_state_decode(state, out->data, out->n, NULL) && hash_equal(retrace_state_leaf(state), leaf))
            return true;
    return false;
}

static bool look_at_leaf(struct ruling *r)
{
    uint64_t leaf = r->c->body.leaf;
    struct bytes object = {0};
    struct retrace_state state;
    bool whole = leaf == 1 || (is_last(r) && r->fold.retrace.back);
    bool ok = !whole && find_state(r, r->claimed->leaf[leaf - 2], &object, &state) ? look_from_state(r, &state)
                                                                                   : look_from_beginning(r);
    bytes_free(&object);
    return ok;
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static bool count_with(struct ruling *r, const struct model *m)
{
    const struct tx_counts *c = &r->p->body.counts;
    uint32_t k = r->c->body.fold - 1;
    uint64_t correct, total;
    char why[sizeof r->out->why];
    if (!retrace_counts(&r->fold.retrace, m, &correct, &total, r->how->pool, r->err))
        return false;
    if (correct == c->correct[k] && total == c->total[k])
        return true;
    snprintf(why, sizeof why, "%llu of %llu are right in this fold, %u of %u are claimed", (unsigned long long)correct,
             (unsigned long long)total, c->correct[k], c->total[k]);
    return refute(r, why);
}

static bool look_at_counts(struct ruling *r)
{
    struct bytes object = {0};
    struct retrace_state state;
    bool ok = true;
    if (find_state(r, r->claimed->leaf[r->claimed->n - 1], &object, &state)) {
        bool fits = retrace_fits(&r->fold.retrace, &state);
        struct model *m = fits ? retrace_model(&r->fold.retrace, &state, r->err) : NULL;
        ok = fits ? m && count_with(r, m) : refute(r, "no training of this recipe ever hands back the last leaf's state");
        model_free(m);
    }
    bytes_free(&object);
    return ok;
}

/* --- a place ------------------------------------------------------------------------------------------------------ */

static bool look_in_fold(struct ruling *r)
{
    uint64_t leaf = r->c->body.leaf, n = r->claimed->n;
    if (!claim_fold_open(&r->fold, r->how, r->task, r->p, r->c->body.fold, r->err))
        return false;
    if (r->claimed->interval != r->fold.retrace.interval) /* no part of the root: the claim may be true all the same */
        return true;
    if (!retrace_may_have(&r->fold.retrace, n))
        return refute(r, "no training of this recipe has so many leaves");
    if (leaf > n + 1)
        return true;
    return leaf == n + 1 ? look_at_counts(r) : look_at_leaf(r);
}

/* Does the place show that the claim is false? All that it shows follows from the root that the claim opened. */
static bool look_at_place(struct ruling *r)
{
    struct leaves claimed;
    bool ok = true;
    if (r->c->body.fold == 0 || !claim_leaves(r->how->chain, &r->p->open, &claimed, NULL))
        return true;
    if (claimed.folds != r->task->body.folds) {
        refute(r, "the opened list of leaves has not the folds of the task");
    } else {
        r->claimed = &claimed.fold[r->c->body.fold - 1];
        ok = look_in_fold(r);
        claim_fold_close(&r->fold);
    }
    leaves_free(&claimed);
    return ok;
}

/* --- the whole claim ---------------------------------------------------------------------------------------------- */

/* A training that ends in a value that is not finite gives nothing that could be claimed. Tells that from what this
 * machine could not do. */
static bool diverges(struct ruling *r)
{
    bool diverged = false;
    for (int k = 0; k < r->task->body.folds && !diverged; k++) {
        struct train_stretch part = {0};
        struct model *m = NULL;
        if (claim_fold_open(&r->fold, r->how, r->task, r->p, (uint32_t)k + 1, NULL) &&
            (m = retrace_fresh(&r->fold.retrace, NULL)) != NULL)
            claim_fold_go(&r->fold, m, &part, INT64_MAX, NULL);
        diverged = part.diverged;
        free(part.leaf);
        model_free(m);
        claim_fold_close(&r->fold);
    }
    return diverged;
}

static struct hash found_by(const struct ruling *r, const struct claim_run *run)
{
    struct leaves claimed, own;
    struct hash found = {{0}};
    uint32_t k = r->c->body.fold;
    if (k == 0 || !run->leaves || !leaves_parse(&own, run->leaves, strlen(run->leaves), NULL))
        return found;
    if (claim_leaves(r->how->chain, &r->p->open, &claimed, NULL)) {
        if (claimed.folds == own.folds && k <= (uint32_t)own.folds && claimed.fold[k - 1].interval == own.fold[k - 1].interval)
            found = found_in(&claimed.fold[k - 1], r->c->body.leaf, own.fold[k - 1].leaf, own.fold[k - 1].n, true);
        leaves_free(&claimed);
    }
    leaves_free(&own);
    return found;
}

static bool rule_by_run(struct ruling *r, const struct claim_run *run)
{
    char difference[512], why[sizeof r->out->why];
    if (!claim_difference(r->how->chain, r->p, run, difference, sizeof difference))
        return rule(r, false, (struct hash){{0}}, "trained again, the claim comes out as it was made");
    snprintf(why, sizeof why, "trained again, the claim does not come out: %.200s", difference);
    return rule(r, true, found_by(r, run), why);
}

static bool rule_whole(struct ruling *r, struct claim_run *made)
{
    if (claim_rerun(r->how, r->task, r->p, made, r->err))
        return rule_by_run(r, made);
    return r->err->kind == ERROR_FAILED && diverges(r) &&
           refute(r, "trained again, the claim comes to values that are not finite");
}

bool claim_dispute_rule(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                        const struct state_challenge *c, const struct claim_run *own, struct claim_run *made,
                        struct claim_ruling *out, struct error *err)
{
    struct error why = {0};
    struct ruling r = {.how = how, .task = task, .p = p, .c = c, .out = out, .err = &why};
    *out = (struct claim_ruling){.upheld = false};
    *made = (struct claim_run){.leaves = NULL};
    bool ok = own ? rule_by_run(&r, own) : look_at_place(&r) && (out->upheld || rule_whole(&r, made));
    return ok || error_set(err, why.kind, "%s", why.text);
}

bool claim_ruling_bears_out(const struct claim_ruling *own, const struct tx_challenge *c, bool upheld, struct hash found)
{
    bool may_name = upheld && c->leaf > 0;
    return own->upheld == upheld &&
           (hash_is_zero(found) || (may_name && (hash_is_zero(own->found) || hash_equal(own->found, found))));
}

bool claim_rerun_verdict(void *context, const struct state *s, const struct state_challenge *c, bool *upheld,
                         struct hash *found, struct error *err)
{
    const struct state_proposal *p = state_proposal_find(s, c->body.proposal);
    struct claim_ruling ruling;
    struct claim_run made;
    ASSERT(p); /* it was open in this very block */
    bool ok = claim_dispute_rule(context, state_task_find(s, p->announce.task), p, c, NULL, &made, &ruling, err);
    claim_run_free(&made);
    *upheld = ruling.upheld;
    *found = ruling.found;
    return ok;
}
