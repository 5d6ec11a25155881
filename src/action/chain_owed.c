/* What an identity owes disputes, without being asked. */
#include "action/chain_internal.h"

#include "action/chain_witness.h"
#include "base/text.h"

static bool take(struct hash id, int *skip, char *operand, size_t size)
{
    char hex[HASH_HEX];
    if ((*skip)-- > 0)
        return false;
    hash_hex(id, hex);
    return text_copy(operand, size, hex);
}

static bool is_validator(const struct state *s, struct address who)
{
    const struct state_account *a = state_account_find(s, who);
    return a && a->validator && a->stake > 0;
}

/* --- challenges ----------------------------------------------------------------------------------------------------- */

/* Is there an open challenge that is one's own, or that one's own ruling bears out? Then another adds nothing. */
static bool is_disputed_well(struct workspace *w, const struct state *s, const struct state_proposal *p,
                             struct address who)
{
    const struct state_challenge *all;
    int n = state_challenges(s, &all);
    for (int i = 0; i < n && p->disputes > 0; i++) {
        struct claim_ruling ruling;
        if (all[i].state == CHALLENGE_OPEN && hash_equal(all[i].body.proposal, p->id) &&
            (address_equal(all[i].who, who) || (claim_ruling_kept(w, &all[i], &ruling) && ruling.upheld)))
            return true;
    }
    return false;
}

/* Only of what was re-run here before: whoever has attested has. */
static bool is_wrong(struct workspace *w, const struct state *s, const struct state_proposal *p)
{
    struct tx_finding claim = state_claim(p);
    struct claim_run own;
    bool wrong = claim_run_kept(w, state_task_find(s, p->announce.task), p, &own) &&
                 !tx_finding_equal(&claim, &own.finding);
    claim_run_free(&own);
    return wrong;
}

static bool is_to_challenge(struct workspace *w, const struct state *s, const struct state_proposal *p,
                            struct address who)
{
    return p->state == PROPOSAL_REVEALING && p->opened.height > 0 && !address_equal(p->proposer, who) &&
           p->disputes < STATE_CHALLENGES_OPEN_MAX && is_wrong(w, s, p) && !is_disputed_well(w, s, p, who);
}

bool chain_owes_challenge(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                          size_t size)
{
    const struct state *s = ledger_pool_state(l);
    const struct state_proposal *p;
    int n = state_proposals(s, &p);
    for (int i = 0; i < n && is_validator(s, who); i++)
        if (is_to_challenge(w, s, &p[i], who) && take(p[i].id, &skip, operand, size))
            return true;
    return false;
}

/* --- answers -------------------------------------------------------------------------------------------------------- */

bool chain_owes_response(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                         size_t size)
{
    const struct state *s = ledger_pool_state(l);
    const struct state_challenge *c;
    int n = state_challenges(s, &c);
    (void)w;
    for (int i = 0; i < n; i++)
        if (c[i].state == CHALLENGE_OPEN && c[i].answered == CHALLENGE_UNANSWERED &&
            address_equal(state_proposal_find(s, c[i].body.proposal)->proposer, who) &&
            take(c[i].id, &skip, operand, size))
            return true;
    return false;
}

/* --- verdicts ------------------------------------------------------------------------------------------------------- */

/* A verdict in the pool that says what ours would, or that is ours: once is enough. */
static bool is_said(struct workspace *w, const struct ledger *l, const struct state_challenge *c, struct address who)
{
    const struct tx *tx;
    struct claim_ruling own;
    int n = ledger_pool(l, &tx);
    bool kept = n > 0 && claim_ruling_kept(w, c, &own), said = false;
    for (int i = 0; i < n && !said; i++) {
        const struct tx_verdict *v = &tx[i].verdict;
        said = tx[i].type == TX_VERDICT && hash_equal(v->challenge, c->id) &&
               (address_equal(key_address(&tx[i].sender), who) ||
                (kept && claim_ruling_bears_out(&own, &c->body, v->upheld, v->found)));
    }
    return said;
}

/* Of challenges in a block: what waits in a pool may never be in one. */
bool chain_owes_verdict(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                        size_t size)
{
    const struct state *s = ledger_state(l);
    const struct state_challenge *c;
    int n = state_challenges(s, &c);
    for (int i = 0; i < n && is_validator(s, who); i++)
        if (c[i].state == CHALLENGE_OPEN && !address_equal(state_proposal_find(s, c[i].body.proposal)->proposer, who) &&
            !is_said(w, l, &c[i], who) && take(c[i].id, &skip, operand, size))
            return true;
    return false;
}

struct ruling {
    const struct chain_witnessing *x;
    const struct state *s;
    const struct state_challenge *c;
    struct claim_ruling own;
};

static bool rule(void *context, struct error *err)
{
    struct ruling *r = context;
    struct threads *pool = threads_new(r->x->threads);
    bool ok = chain_rule(r->x->workspace, r->x->chain, r->s, r->c, pool, r->x->control, &r->own, err);
    threads_free(pool);
    return ok;
}

/* In vain for one verdict is in vain for all of that challenge: they cost nothing to make. */
bool chain_witness_verdict(const struct chain_witnessing *x, const struct state *s, const struct tx *tx,
                           struct error *err)
{
    struct ruling r = {.x = x, .s = s, .c = state_challenge_find(s, tx->verdict.challenge)};
    if (!r.c || r.c->state != CHALLENGE_OPEN)
        return error_set(err, ERROR_CHAIN, "verdict: no such challenge is open");
    if (!chain_witness_try(x, r.c->id, rule, &r, err))
        return false;
    if (claim_ruling_bears_out(&r.own, &r.c->body, tx->verdict.upheld, tx->verdict.found))
        return true;
    return error_set(err, ERROR_CHAIN, "verdict: it says %s, but %s", tx->verdict.upheld ? "upheld" : "dismissed", r.own.why);
}
