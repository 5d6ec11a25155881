/* A proposal as JSON: what is claimed, who found what, who decided what; and for chain show what its objects say, and
 * what of that is not so. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

/* --- from the state alone ----------------------------------------------------------------------------------------- */

static json_t *json_of_address(struct address a)
{
    char text[KEY_ADDRESS_MAX];
    address_text(a, text);
    return json_string(text);
}

static json_t *json_of_hash_or_null(struct hash h)
{
    return hash_is_zero(h) ? json_null() : json_of_hash(h);
}

static json_t *counts_json(const struct tx_counts *c, json_int_t *correct, json_int_t *total)
{
    json_t *folds = json_array();
    *correct = *total = 0;
    for (int k = 0; k < c->folds; k++) {
        *correct += c->correct[k];
        *total += c->total[k];
        json_array_append_new(folds, json_pack("{s:I, s:I}", "correct", (json_int_t)c->correct[k], "total",
                                               (json_int_t)c->total[k]));
    }
    return folds;
}

static json_t *decisions_json(const struct state_proposal *p)
{
    json_t *list = json_array();
    for (int i = 0; i < p->decisions; i++) {
        const struct state_decision *d = &p->decision[i];
        bool rerun = !hash_is_zero(d->rerun_root);
        json_t *j = json_pack("{s:o, s:b, s:b, s:b, s:I, s:o}", "who", json_of_address(d->who), "approve", d->approve,
                              "self", d->self, "rerun", rerun, "height", (json_int_t)d->height, "reason",
                              json_of_text(d->reason));
        if (rerun) {
            json_object_set_new(j, "rerun_root", json_of_hash(d->rerun_root));
            json_object_set_new(j, "matches", json_boolean(hash_equal(d->rerun_root, p->open.trace_root)));
        }
        json_array_append_new(list, j);
    }
    return list;
}

/* Who committed and, once revealed, what they found. */
static json_t *attests_json(const struct state_proposal *p)
{
    json_t *list = json_array();
    struct tx_finding claim = state_claim(p);
    for (int i = 0; i < p->attests; i++) {
        const struct state_attest *a = &p->attest[i];
        json_t *j = json_pack("{s:o, s:b, s:I, s:b, s:o}", "who", json_of_address(a->who), "self", a->self, "height",
                              (json_int_t)a->height, "revealed", a->revealed > 0, "commitment",
                              json_of_hash(a->commitment));
        if (a->revealed > 0) {
            json_int_t correct, total;
            json_object_set_new(j, "folds", counts_json(&a->finding.counts, &correct, &total));
            json_object_set_new(j, "correct", json_integer(correct));
            json_object_set_new(j, "total", json_integer(total));
            json_object_set_new(j, "trace_root", json_of_hash(a->finding.trace_root));
            json_object_set_new(j, "weights_hash", json_of_hash(a->finding.weights));
            json_object_set_new(j, "matches", json_boolean(tx_finding_equal(&claim, &a->finding)));
        }
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *waiting_json(const struct state *s, const struct state_proposal *p)
{
    struct address who[STATE_VALIDATORS_MAX];
    json_t *list = json_array();
    int n = state_waiting(s, p, who);
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_of_address(who[i]));
    return list;
}

/* Zeros, where there is nothing yet, become null. */
static void put_hashes(json_t *j, const struct state_proposal *p)
{
    json_object_set_new(j, "arch", json_of_hash_or_null(p->body.arch));
    json_object_set_new(j, "parent", json_of_hash_or_null(p->body.parent));
    json_object_set_new(j, "morphisms_hash", json_of_hash_or_null(p->body.morphisms));
    json_object_set_new(j, "evidence_hash", json_of_hash_or_null(p->body.evidence));
    json_object_set_new(j, "hidden_root", json_of_hash_or_null(p->body.hidden_root));
    json_object_set_new(j, "trace_root", json_of_hash_or_null(p->open.trace_root));
    json_object_set_new(j, "weights_hash", json_of_hash_or_null(p->open.weights));
    json_object_set_new(j, "leaves_hash", json_of_hash_or_null(p->open.leaves));
    json_object_set_new(j, "task", json_of_hash(p->announce.task));
}

static void put_moments(json_t *j, const struct state_proposal *p)
{
    static const char *const name[] = {"announced", "claimed_at", "commits_closed", "opened"};
    const struct state_moment *const at[] = {&p->announced, &p->claimed, &p->committed, &p->opened};
    for (size_t i = 0; i < ARRAY_N(name); i++)
        json_object_set_new(j, name[i], at[i]->height ? json_integer((json_int_t)at[i]->height) : json_null());
}

json_t *chain_proposal_json(const struct state *s, const struct state_proposal *p)
{
    const struct state_task *task = state_task_find(s, p->announce.task);
    bool job = !hash_is_zero(p->job);
    json_int_t correct, total, approvals = 0;
    json_t *folds = counts_json(&p->body.counts, &correct, &total);
    char stage[512];
    for (int i = 0; i < p->decisions; i++)
        approvals += p->decision[i].approve;
    chain_stage(s, p, stage, sizeof stage);
    json_t *j = json_pack(
        "{s:o, s:s, s:o, s:I, s:o, s:{s:I, s:I, s:o}, s:b, s:I, s:i, s:o, s:I, s:I, s:I}", "proposal",
        json_of_hash(p->id), "state", proposal_state_name(p->state), "stage", json_of_text(stage), "height",
        (json_int_t)p->announced.height, "proposer", json_of_address(p->proposer), "claimed", "correct", correct, "total",
        total, "directional_accuracy", total ? json_of_number((double)correct / (double)total) : json_null(), "verified",
        p->verified, "approvals", approvals, "approvals_needed", task && !job ? task->body.approvals : 0, "folds", folds, "stake",
        (json_int_t)p->announce.stake, "reward", (json_int_t)p->reward, "improvement_ppm",
        (json_int_t)p->improvement_ppm);
    if (job)
        json_object_set_new(j, "job", json_of_hash(p->job));
    put_hashes(j, p);
    put_moments(j, p);
    chain_put_life(j, s, p);
    json_object_set_new(j, "attests", attests_json(p));
    json_object_set_new(j, "decisions", decisions_json(p));
    json_object_set_new(j, "waits_for", waiting_json(s, p));
    return j;
}

/* --- from the objects --------------------------------------------------------------------------------------------- */

/* Takes what went wrong into "problems": a proposal is shown with what is amiss, not refused for it. */
static bool note(json_t *problems, struct error *why)
{
    if (why->kind == ERROR_NONE)
        return true;
    json_array_append_new(problems, json_of_text(why->text));
    error_clear(why);
    return false;
}

/* "interval95 NAME MEAN LOW HIGH", as the proposer states them. */
static json_t *intervals_json(const char *evidence)
{
    json_t *all = json_object();
    char *copy = memory_text(evidence), *rest = copy, *line;
    while ((line = text_next(&rest, '\n')) && line[0]) {
        char *word[5], *words = line;
        double v[3];
        int n = 0;
        while (n < 5 && (word[n] = text_next(&words, ' ')))
            n++;
        if (n == 5 && text_equal(word[0], "interval95") && text_parse_double(word[2], &v[0]) &&
            text_parse_double(word[3], &v[1]) && text_parse_double(word[4], &v[2]))
            json_object_set_new(all, word[1], json_pack("{s:o, s:o, s:o}", "mean", json_of_number(v[0]), "low",
                                                        json_of_number(v[1]), "high", json_of_number(v[2])));
    }
    free(copy);
    return all;
}

static void put_evidence(json_t *j, json_t *problems, const char *chain, const struct state_task *task,
                         const struct state_proposal *p)
{
    struct error why = {0};
    char *text = claim_object_text(chain, p->body.evidence, "the evidence of this proposal", &why);
    if (text) {
        claim_evidence_check(chain, task, &p->body, NULL, &why);
        json_object_set_new(j, "evidence", json_of_text(text));
        json_object_set_new(j, "intervals", intervals_json(text));
    }
    note(problems, &why);
    free(text);
}

static void put_arch(json_t *j, json_t *problems, const char *chain, const char *key, struct hash id, const char *what)
{
    struct error why = {0};
    struct arch *a = claim_object_arch(chain, id, what, &why);
    if (a) {
        char *text = arch_format(a);
        json_object_set_new(j, key, json_of_text(text));
        free(text);
    }
    arch_free(a);
    note(problems, &why);
}

static void put_network(json_t *j, json_t *problems, const char *chain, const struct state_proposal *p)
{
    struct error why = {0};
    put_arch(j, problems, chain, "arch_text", p->body.arch, "the claimed architecture");
    if (!hash_is_zero(p->body.parent))
        put_arch(j, problems, chain, "parent_text", p->body.parent, "the claimed parent");
    if (hash_is_zero(p->body.morphisms) && hash_is_zero(p->body.parent))
        return;
    char *steps = claim_object_text(chain, p->body.morphisms, "the claimed morphisms", &why);
    if (steps) {
        json_object_set_new(j, "morphisms", json_of_text(steps));
        claim_lineage_check(chain, &p->body, &why);
    }
    json_object_set_new(j, "morphisms_lead_here", json_boolean(note(problems, &why)));
    free(steps);
}

static void put_leaves(json_t *j, json_t *problems, const char *chain, const struct state_proposal *p)
{
    struct error why = {0};
    struct leaves l;
    if (p->opened.height == 0)
        return;
    json_object_set_new(j, "shown",
                        json_of_hash(tx_shown(p->body.evidence, p->open.trace_root, p->open.weights, p->open.leaves)));
    if (claim_leaves(chain, &p->open, &l, &why)) {
        json_t *list = json_array();
        for (int k = 0; k < l.folds; k++)
            json_array_append_new(list, json_pack("{s:I, s:I}", "interval", (json_int_t)l.fold[k].interval, "leaves",
                                                  (json_int_t)l.fold[k].n));
        json_object_set_new(j, "traces", list);
        leaves_free(&l);
    }
    note(problems, &why);
}

json_t *action_chain_show(struct workspace *w, const char *key, struct error *err)
{
    char chain[FILE_PATH_MAX], waits[640];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    chain_folder(w, chain, sizeof chain);
    json_t *j = NULL;
    const struct state *s = ledger_pool_state(l);
    const struct state_task *wanted = chain_find_task_by(s, key);
    const struct state_proposal *p = wanted ? NULL : chain_find_proposal(s, key, err);
    const struct state_proposal *sealed = p ? state_proposal_find(ledger_state(l), p->id) : NULL;
    /* What merely waits for a block has decided nothing yet; but a claim that waits can be read. */
    bool pending = p && (!sealed || sealed->state == PROPOSAL_ANNOUNCED) && p->claimed.height > 0;
    if (sealed && !pending) {
        s = ledger_state(l);
        p = sealed;
    }
    if (wanted)
        j = chain_show_task(w, chain, s, wanted);
    if (p) {
        const struct state_task *task = state_task_find(s, p->announce.task);
        json_t *problems = json_array();
        j = chain_proposal_json(s, p);
        chain_put_ids(j, l, p);
        if (chain_pending(l, p->id, waits, sizeof waits))
            json_object_set_new(j, "pending", json_of_text(waits));
        json_int_t missing = json_integer_value(json_object_get(j, "approvals_needed")) -
                             json_integer_value(json_object_get(j, "approvals"));
        json_object_set_new(j, "sealed", json_boolean(sealed && !pending));
        json_object_set_new(j, "approvals_missing",
                            json_integer(!proposal_closed(p->state) && missing > 0 ? missing : 0));
        if (p->claimed.height > 0) {
            put_evidence(j, problems, chain, task, p);
            put_network(j, problems, chain, p);
            put_leaves(j, problems, chain, p);
        }
        chain_put_weighed(w, j, task, p);
        chain_put_baseline(w, j, problems, chain, task);
        json_object_set_new(j, "problems", problems);
    }
    ledger_close(l);
    return j;
}
