/* The verdict when the reveals of a claim close. */
#include "chain/state_private.h"

#include "base/memory.h"
#include "chain/share.h"

static uint64_t stake_of(const struct state *s, struct address who)
{
    return state_account_find(s, who)->stake;
}

/* On chains for many also of what was unstaked since the commit: nobody takes back first what stands for it. */
static void punish(struct state *s, const struct state_attest *a)
{
    uint64_t ppm = s->genesis.missed_ppm, lost = stake_of(s, a->who) * ppm / TX_PPM;
    if (lost)
        state_write_account(s, a->who)->stake -= lost;
    if (s->genesis.many)
        lost += state_cut_unbonding(s, a->who, a->height, (uint32_t)ppm);
    if (lost)
        state_burn(s, lost, POT_STAKES);
}

/* Who committed and did not reveal though the claim was open. */
static void punish_missed(struct state *s, const struct state_proposal *p)
{
    for (int i = 0; i < p->attests; i++)
        if (!p->attest[i].revealed)
            punish(s, &p->attest[i]);
}

static bool found_by(const struct state_attest *a, const struct tx_finding *finding)
{
    return a->revealed && tx_finding_equal(&a->finding, finding);
}

static uint64_t stake_behind(const struct state *s, const struct state_proposal *p, const struct tx_finding *finding)
{
    uint64_t sum = 0;
    for (int i = 0; i < p->attests; i++)
        if (found_by(&p->attest[i], finding))
            sum += stake_of(s, p->attest[i].who);
    return sum;
}

/* The finding of more than two thirds of the revealed stake, or NULL. Sums of stakes are at most 2^42. */
static const struct tx_finding *majority(const struct state *s, const struct state_proposal *p, uint64_t *behind)
{
    uint64_t all = 0;
    for (int i = 0; i < p->attests; i++)
        all += p->attest[i].revealed ? stake_of(s, p->attest[i].who) : 0;
    for (int i = 0; i < p->attests; i++) {
        if (!p->attest[i].revealed)
            continue;
        *behind = stake_behind(s, p, &p->attest[i].finding);
        if (3 * *behind > 2 * all)
            return &p->attest[i].finding;
    }
    return NULL;
}

/* On chains for many a finding that did not win is worth no more than none. */
static void punish_minority(struct state *s, const struct state_proposal *p, const struct tx_finding *finding)
{
    for (int i = 0; i < p->attests; i++)
        if (p->attest[i].revealed && !found_by(&p->attest[i], finding))
            punish(s, &p->attest[i]);
}

/* To those who found what won, in proportion to their stakes. Returns what was paid of the pot. */
static uint64_t pay_finders(struct state *s, const struct state_proposal *p, const struct tx_finding *finding,
                            uint64_t pot, uint64_t behind)
{
    uint64_t paid = 0;
    for (int i = 0; i < p->attests; i++) {
        struct address who = p->attest[i].who;
        if (!found_by(&p->attest[i], finding) || address_equal(who, p->proposer))
            continue;
        uint64_t share = share_of(pot, stake_of(s, who), behind);
        if (share)
            state_credit(s, who, share, POT_STAKES);
        paid += share;
    }
    return paid;
}

/* The stake is lost: a share to those who found `finding`, in proportion to their stakes, the rest burnt. */
static void refute(struct state *s, struct state_proposal *p, const struct tx_finding *finding, uint64_t behind)
{
    uint64_t stake = p->announce.stake, pot = stake * s->genesis.finder_ppm / TX_PPM;
    uint64_t paid = finding ? pay_finders(s, p, finding, pot, behind) : 0;
    state_burn(s, stake - paid, POT_STAKES);
    state_close(s, p, PROPOSAL_REFUTED);
}

/* On chains for many who checked is paid for it, out of the stake. */
static void pay_attesters(struct state *s, struct state_proposal *p, const struct tx_finding *finding, uint64_t behind)
{
    p->announce.stake -= pay_finders(s, p, finding, p->announce.stake * s->genesis.attest_ppm / TX_PPM, behind);
}

/* Who found the same as a claim that was wrong has not trained it; who has not revealed in time is no better. */
void state_overturn(struct state *s, struct state_proposal *p, struct address by)
{
    struct tx_finding claim = state_claim(p);
    struct state_moment last = {s->height + 1, s->time_us};
    uint64_t pot = p->announce.stake * s->genesis.finder_ppm / TX_PPM;
    bool over = !p->verified && state_due_passed(s, p, DUE_REVEAL, last);
    for (int i = 0; i < p->attests; i++)
        if (found_by(&p->attest[i], &claim) || (over && !p->attest[i].revealed))
            punish(s, &p->attest[i]);
    state_credit(s, by, pot, POT_STAKES);
    state_burn(s, p->announce.stake - pot, POT_STAKES);
    state_close(s, p, PROPOSAL_REFUTED);
}

static void note_judged(struct state *s, struct hash id)
{
    s->judged = memory_grow(s->judged, &s->judged_capacity, s->judgeds + 1, sizeof *s->judged);
    s->judged[s->judgeds++] = id;
}

void state_judge(struct state *s, struct state_proposal *p)
{
    struct tx_finding claim = state_claim(p);
    uint64_t behind = 0;
    note_judged(s, p->id);
    state_mark_proposal(s, p);
    if (p->opened.height == 0) {
        refute(s, p, NULL, 0);
        return;
    }
    punish_missed(s, p);
    const struct tx_finding *finding = majority(s, p, &behind);
    if (finding && s->genesis.many)
        punish_minority(s, p, finding);
    if (!finding) {
        state_return_stake(s, p, PROPOSAL_EXPIRED);
    } else if (!tx_finding_equal(finding, &claim)) {
        refute(s, p, finding, behind);
    } else {
        p->verified = true;
        if (s->genesis.many)
            pay_attesters(s, p, finding, behind);
        state_accept_if_due(s, p);
    }
}
