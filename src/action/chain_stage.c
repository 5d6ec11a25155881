/* What a proposal waits for, and whose turn it is, in words. */
#include "action/chain_internal.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>

enum { NAMED_MOST = 4 };

/* "ms1..., ms1... and 3 more" */
static void put_names(struct text *t, const struct address *who, int n)
{
    for (int i = 0; i < n && i < NAMED_MOST; i++) {
        char address[KEY_ADDRESS_MAX];
        address_text(who[i], address);
        text_printf(t, "%s%s", i ? ", " : "", address);
    }
    if (n > NAMED_MOST)
        text_printf(t, " and %d more", n - NAMED_MOST);
}

static void put_turn(struct text *t, const struct state *s, const struct state_proposal *p, const char *does)
{
    struct address who[STATE_VALIDATORS_MAX];
    int n = state_waiting(s, p, who);
    if (n == 0) {
        text_put(t, "a block must be sealed");
        return;
    }
    text_printf(t, "%s: ", does);
    put_names(t, who, n);
}

static int approvals_of(const struct state_proposal *p)
{
    int n = 0;
    for (int i = 0; i < p->decisions; i++)
        n += p->decision[i].approve;
    return n;
}

static void put_revealing(struct text *t, const struct state *s, const struct state_proposal *p)
{
    const struct state_task *task = state_task_find(s, p->announce.task);
    if (p->opened.height == 0) {
        text_put(t, "the commits are closed; ");
        put_turn(t, s, p, "its proposer opens it with `chain open`");
    } else if (!p->verified) {
        text_put(t, "opened; ");
        put_turn(t, s, p, "those who committed reveal with `chain attest`");
    } else {
        text_printf(t, "verified, %d of %d approvals; ", approvals_of(p), task->body.approvals);
        put_turn(t, s, p, "reviewers decide with `chain approve` or `chain reject`");
    }
}

static void put_accepted(struct text *t, const struct state *s, const struct state_proposal *p)
{
    const struct state_task *task = state_task_find(s, p->announce.task);
    if (p->improvement_ppm == 0)
        text_printf(t, "accepted; it is less than %u ppm above what it had to beat, so nothing is paid",
                    task->body.min_improvement_ppm > 0 ? task->body.min_improvement_ppm : 1);
    else if (p->unpaid)
        text_printf(t, "accepted, %llu ppm above what it had to beat; it is paid at the end of the epoch",
                    (unsigned long long)p->improvement_ppm);
    else
        text_printf(t, "accepted, %llu ppm above what it had to beat; paid %llu", (unsigned long long)p->improvement_ppm,
                    (unsigned long long)p->reward);
}

/* What is said otherwise of a job's result than of a proposal; false: nothing. */
static bool put_job(struct text *t, const struct state *s, const struct state_proposal *p)
{
    unsigned long long stake = p->announce.stake;
    if (p->state == PROPOSAL_ANNOUNCED) {
        text_put(t, "a job that was taken; ");
        put_turn(t, s, p, "who took it trains it and claims what comes out with `chain result`");
    } else if (p->state == PROPOSAL_ACCEPTED) {
        text_put(t, "a job's result, verified: the job is paid, and the deposit went back");
    } else if (p->state == PROPOSAL_EXPIRED && p->claimed.height == 0) {
        text_printf(t, "a job that was taken, and nothing delivered in time: the deposit of %llu is lost", stake);
    } else {
        return false;
    }
    return true;
}

static void put_stage(struct text *t, const struct state *s, const struct state_proposal *p)
{
    unsigned long long stake = p->announce.stake;
    switch (p->state) {
    case PROPOSAL_ANNOUNCED:
        text_put(t, "announced; ");
        put_turn(t, s, p, "its proposer puts the claim behind it with `chain propose` again");
        break;
    case PROPOSAL_CLAIMED:
        text_printf(t, "claimed, %d committed; ", p->attests);
        put_turn(t, s, p, "validators re-run it with `chain attest`");
        break;
    case PROPOSAL_REVEALING:
        put_revealing(t, s, p);
        break;
    case PROPOSAL_ACCEPTED:
        put_accepted(t, s, p);
        break;
    case PROPOSAL_REJECTED:
        text_printf(t, "rejected by a reviewer; its stake of %llu went back", stake);
        break;
    case PROPOSAL_EXPIRED:
        text_printf(t, "expired; its stake of %llu went back", stake);
        break;
    case PROPOSAL_REFUTED:
        text_printf(t, "refuted: %s; its stake of %llu is lost",
                    p->opened.height ? "the validators found another result" : "it was never opened", stake);
        break;
    }
}

void chain_stage(const struct state *s, const struct state_proposal *p, char *out, size_t size)
{
    struct text t = {0};
    if (hash_is_zero(p->job) || !put_job(&t, s, p))
        put_stage(&t, s, p);
    text_copy(out, size, text_of(&t));
    text_free(&t);
}
