/* What `e` says about a chain for many: votes, disputes, the marketplace, jobs, the tournament, forks. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_explain.h"

#include <math.h>

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void say_votes(struct text *t, const struct chain_screen *s, const json_t *row)
{
    const json_t *v = s->read.votes, *power = json_object_get(v, "power");
    char stage[640];
    chain_named(s, aid_text(v, "stage"), stage, sizeof stage);
    text_printf(t, "%s.\n\n", stage);
    text_printf(t, "A block becomes final in two steps. Its proposer signs it; every validator that finds it good prevotes for it. Who "
                   "sees prevotes of more than two thirds of the power, here at least %lld of %lld, locks on it and precommits; "
                   "precommits of as much are the certificate, which the next block carries. Who hears too little in time votes "
                   "for no block, and the next round has another proposer.\n\n",
                number_at(power, "needed"), number_at(power, "total"));
    text_put(t, "Two certificates at one height would need more than a third of the power to sign two different things, and who does "
                "that loses stake to whoever shows both signatures. The guard beside the voting key remembers what was signed, so that "
                "no crash makes an honest validator one of them.\n\n");
    if (row != NULL)
        text_printf(t, "This one has a power of %lld: it proposes in %.2f %% of the turns.\n", number_at(row, "power"),
                    100 * (double)number_at(row, "power") / (double)(number_at(power, "total") > 0 ? number_at(power, "total") : 1));
}

static void say_dispute(struct text *t, const struct chain_screen *s, const json_t *row)
{
    text_put(t, "An opened claim lists a hash of the training's state at fixed steps. Whoever re-runs it finds the first leaf that is "
                "another, and disputes that one: with a deposit, the hash that the re-run has there, and the state before it. Then "
                "every validator trains that one interval again before it votes on the verdict. Nobody has to be believed.\n\n");
    text_printf(t, "On this chain: %lld block%s and %lld s for a verdict; without one, the challenge fails, because the burden of proof is "
                   "the challenger's. The deposit is at least %.2f %% of the claim's stake. Upheld: %.2f %% of the claim's stake goes to "
                   "the challenger, the rest is burnt, the deposit returns. Dismissed: %.2f %% of the deposit goes to the accused, the "
                   "rest is burnt.\n",
                chain_parameter(s, "dispute_blocks"), text_s(chain_parameter(s, "dispute_blocks")), chain_parameter(s, "dispute_seconds"),
                (double)chain_parameter(s, "deposit_ppm") / 1e4, (double)chain_parameter(s, "finder_ppm") / 1e4,
                (double)chain_parameter(s, "finder_ppm") / 1e4);
    if (row != NULL && aid_text(row, "stage")[0] != '\0')
        text_printf(t, "\nThis one: %s\n", aid_text(row, "stage"));
}

static void say_market(struct text *t, const json_t *row)
{
    text_put(t, "What is offered lies encrypted among the chain's objects. A buyer's price is held by the chain; the seller shows the "
                "key, which must open what was offered to exactly what was promised, and is paid in the same block. If the key does "
                "not come before the deadline, the buyer takes the price back.\n\nOne offer is one sale: from the delivery on the key "
                "stands in a block, and everybody who has the chain can read what was sold.\n");
    if (row != NULL)
        text_printf(t, "\nThis one costs %lld token%s and is %s.\n", number_at(row, "price"), text_s(number_at(row, "price")), aid_text(row, "state"));
}

static void say_job(struct text *t, const json_t *row)
{
    text_put(t, "A job offers pay for training a network on the chain's task. Who takes it puts up a deposit; the result is checked like a "
                "claim, by re-runs and disputes. Verified, the taker gets pay and deposit; refuted, the deposit is lost as a claim's stake "
                "is, and the pay returns. Nobody's opinion of the network matters: it is paid for being trained, not for being good.\n");
    if (row != NULL)
        text_printf(t, "\nThis one pays %lld for a deposit of %lld: %s\n", number_at(row, "pay"), number_at(row, "deposit"),
                    aid_text(row, "stage"));
}

static void say_tournament(struct text *t, const json_t *row)
{
    json_int_t n = number_at(row, "bars"), k = number_at(row, "right");
    text_put(t, "A sealed prediction is about bars that do not exist yet: its hash stands in a block before the first of them begins, so "
                "that nobody can have looked. Afterwards the task's owner tells the bars, and the predictions are shown. What is never "
                "shown counts as wrong: hiding one's failures gains nothing.\n");
    if (n > 0)
        text_printf(t, "\n%lld of %lld bars right = %.2f %%. Tossing a coin would give %.1f, give or take %.1f (the square root of n / 4): this is "
                       "%+.2f of those away.\n",
                    k, n, 100 * (double)k / (double)n, (double)n / 2, sqrt((double)n) / 2,
                    ((double)k - (double)n / 2) / (sqrt((double)n) / 2));
}

static void say_fork(struct text *t, const json_t *row)
{
    text_put(t, "A fork: a block with a certificate of its own that contradicts one of ours. More than two thirds of the power signed "
                "each, so more than a third signed both, and can be shown to have. It is kept, shown, and never taken over: which of the "
                "two histories people go on with is theirs to decide.\n");
    if (row != NULL)
        text_printf(t, "\nAt height %lld: %s\n", number_at(row, "height"), aid_text(row, "block"));
}

bool chain_say_many(struct text *t, const struct chain_screen *s, const json_t *row)
{
    switch (s->view) {
    case CHAIN_VOTES:
        say_votes(t, s, row);
        return true;
    case CHAIN_DISPUTES:
    case CHAIN_DISPUTE:
        say_dispute(t, s, s->view == CHAIN_DISPUTE ? chain_dispute(s) : row);
        return true;
    case CHAIN_MARKET:
        say_market(t, row);
        return true;
    case CHAIN_JOBS:
        say_job(t, row);
        return true;
    case CHAIN_TOURNAMENT:
        say_tournament(t, row);
        return true;
    case CHAIN_FORKS:
        say_fork(t, row);
        return true;
    default:
        return false;
    }
}
