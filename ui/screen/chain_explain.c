/* What `e` says on the Chain screen: the thing under the cursor, with today's numbers in it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_explain.h"
#include "ui/screen/chain_life.h"
#include "ui/screen/chain_state.h"

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

long long chain_parameter(const struct chain_screen *s, const char *name)
{
    char *copy = memory_text(aid_text(s->read.status, "genesis")), *rest = copy, *line;
    int64_t value = 0;
    while ((line = text_next(&rest, '\n')) != NULL) {
        char *words = line, *first = text_next(&words, ' ');
        if (text_equal(first, name) && words != NULL)
            text_parse_int(words, 0, INT64_MAX, &value);
    }
    free(copy);
    return (long long)value;
}

/* --- a proposal ------------------------------------------------------------------------------------------------------- */

static void say_claim(struct text *t, const struct chain_screen *s, const json_t *p)
{
    const json_t *claimed = json_object_get(p, "claimed");
    json_int_t total = number_at(claimed, "total");
    if (total == 0) {
        text_put(t, "Only the announcement is on the chain: the hash of the claim under a salt. Its height is the claim's priority, "
                    "and nobody can copy what nobody can read. The claim itself comes in a later block and must have this hash.\n");
        return;
    }
    text_printf(t, "The claim: network %.12s, trained from scratch with the task's recipe on each fold, gets %lld of %lld "
                   "out-of-fold directions right:\n\n  %lld / %lld = %.4f %%\n\n",
                aid_text(p, "arch"), number_at(claimed, "correct"), total, number_at(claimed, "correct"), total,
                100 * chain_claimed(p));
    text_put(t, "Training is exact arithmetic: whoever re-runs it, on any machine and with any number of threads, gets the same "
                "counts, the same weights and the same trace root, or the claim is false.\n");
    text_printf(t, "\nIts author put %lld tokens at stake. They return when it is accepted, rejected or expires. If validators find "
                   "other bits, it is refuted and the stake is lost: a part goes to those who found it out, the rest is burnt.\n",
                number_at(p, "stake"));
    (void)s;
}

static void say_life(struct text *t, const struct chain_screen *s, const json_t *p)
{
    char turn[320], left[160];
    chain_turn(s, p, turn, sizeof turn);
    text_printf(t, "It is %s. %s\n", aid_text(p, "state"), turn);
    if (chain_life_left(s, p, left, sizeof left))
        text_printf(t, "\n%s. Every window runs until both its blocks and its seconds have passed: height alone could be hurried, a "
                       "clock alone could be set.\n", left);
    text_put(t, "\nA proposal is announced (a hash), claimed (its opening), committed to by validators who re-ran it, opened by its "
                "author (the root), revealed by those who committed, verified when more than two thirds of the revealed stake found "
                "exactly the claim, and accepted when its task's reviewers have approved it too.\n");
    text_printf(t, "\nOn this chain: commits %lld block%s and %lld s, reveals %lld block%s and %lld s, expiry %lld block%s and %lld s.\n",
                chain_parameter(s, "commit_blocks"), text_s(chain_parameter(s, "commit_blocks")),
                chain_parameter(s, "commit_seconds"), chain_parameter(s, "reveal_blocks"),
                text_s(chain_parameter(s, "reveal_blocks")), chain_parameter(s, "reveal_seconds"),
                chain_parameter(s, "expiry_blocks"), text_s(chain_parameter(s, "expiry_blocks")),
                chain_parameter(s, "expiry_seconds"));
}

static void say_attests(struct text *t, const json_t *p)
{
    text_put(t, "A commit hides what a validator found: it is the hash of a salt, the validator's key, the proposal and the finding. "
                "The salt comes from the validator's own key, so nobody can guess the finding from the hash, and nobody can copy it: "
                "under another key the same finding has another hash.\n\nOnly when the commits are closed does the author open the "
                "trace root, and only then are the findings revealed. Who waits to see the root before \"finding\" it is too late; who "
                "committed and does not reveal loses a part of the stake.\n\nThe trace root is a Merkle root over hashes of the whole "
                "training state (weights, optimiser, counters) at fixed steps of every fold.\n");
    text_printf(t, "\nHere: %zu committed.\n", json_array_size(json_object_get(p, "attests")));
}

static void say_decisions(struct text *t, const json_t *p)
{
    text_printf(t, "A reviewer signs the evidence itself: the hash of the text that was shown, of the opened root, the weights and the "
                   "leaves, together with the root of the reviewer's own re-run, or with zeros for \"not re-run\".\n\nThis one has "
                   "%lld of the %lld approvals it needs. One rejection ends it; the stake returns.\n\n",
                number_at(p, "approvals"), number_at(p, "approvals_needed"));
    text_put(t, "self: signed by the proposer itself. On a chain with one validator that is allowed, so that one person can use it as "
                "a signed logbook; it proves when and what was stated, not that anybody else agreed. On a chain of several it is "
                "refused.\n");
}

static void say_reward(struct text *t, const struct chain_screen *s, const json_t *p)
{
    struct chain_reward r;
    if (number_at(p, "reward") > 0)
        text_printf(t, "Tokens paid: %lld.\n\n", number_at(p, "reward"));
    if (!chain_reward_of(s, p, &r)) {
        text_put(t, "What it would pay can be told once it is claimed.\n");
        return;
    }
    text_printf(t, "In whole parts per million, rounded down:\n\n  score        %lld\n", (long long)r.score_ppm);
    if (r.best_ppm >= 0)
        text_printf(t, "  to beat      %lld%s\n", (long long)r.best_ppm,
                    !r.open ? "" : r.baseline ? ", the baseline" : ", the best accepted");
    text_printf(t, "  improvement  %lld%s\n\n", (long long)r.over_ppm,
                r.over_ppm == 0 ? " (it must be above 0 and at least the task's least)" : "");
    text_printf(t, "The least that counts is %lld, full pay comes at %lld. In this epoch %lld were earned by others.\n\n",
                (long long)r.least_ppm, (long long)r.full_ppm, (long long)r.earned_ppm);
    if (r.open)
        text_printf(t, "  the pool pays  pool left x min(total, full) / full\n               = %lld x min(%lld, %lld) / %lld\n  of which this "
                       "one's share is improvement / total = %lld / %lld\n               = %lld tokens\n\n",
                    (long long)r.pool, (long long)(r.earned_ppm + r.over_ppm), (long long)r.full_ppm, (long long)r.full_ppm,
                    (long long)r.over_ppm, (long long)(r.earned_ppm + r.over_ppm), (long long)r.pay);
    text_put(t, "Improvement is always over the best accepted score, or the baseline where that is higher, so that one large jump cannot be sold as many small ones. What the "
                "division leaves stays in the pool.\n");
}

static void say_hashes(struct text *t)
{
    text_put(t, "Each is BLAKE2b-256.\n\n  proposal     the announcement's id: what commits, decisions and receipts name\n  commitment   hides "
                "the claim until it is opened\n  hidden root  hides trace root and weights until the commits are closed\n  trace root   over "
                "the training's state at fixed steps, fold by fold\n  leaves       the list that the root is over: locates the first step that "
                "differs\n  evidence     the text that reviewers read\n\nThe objects lie in chain/objects under these names; their hashes are "
                "checked whenever they are read.\n");
}

static void say_queued(struct text *t, const struct chain_screen *s, const json_t *p)
{
    say_claim(t, s, p);
    text_put(t, "\n");
    say_life(t, s, p);
}

static void say_part(struct text *t, const struct chain_screen *s, const json_t *p, int mark)
{
    switch (mark) {
    case CHAIN_MARK_LIFE:
        say_life(t, s, p);
        break;
    case CHAIN_MARK_FOLDS:
        text_put(t, "A fold trains on the past and is scored on the bars behind it, so that every scored bar is new to the network. The "
                    "bars show each fold's share of right directions with Wilson's 95 % interval, from the counts alone, as if bars "
                    "were independent; neighbouring bars are not, so that the evidence below, which resamples blocks of bars, is the "
                    "more careful one. The dotted line is 50 %.\n");
        break;
    case CHAIN_MARK_NETWORK:
        text_put(t, "The network as the chain's objects hold it, against its parent: + came, ~ was changed, - is gone. Each morphism in "
                    "the steps keeps the function, so that the parent's answers are the child's before it is trained. A claim is "
                    "nevertheless trained from scratch.\n");
        break;
    case CHAIN_MARK_ATTESTS:
        say_attests(t, p);
        break;
    case CHAIN_MARK_DECISIONS:
        say_decisions(t, p);
        break;
    case CHAIN_MARK_REWARD:
        say_reward(t, s, p);
        break;
    case CHAIN_MARK_PROBLEMS:
        text_put(t, "What was found when the objects were read: a text that is missing or damaged, evidence that does not begin with the "
                    "claim's own numbers, morphisms that do not lead from the parent to the network, a baseline that the data do not have. "
                    "Approving refuses most of these by itself; x rejects it.\n");
        break;
    case CHAIN_MARK_HASHES:
    case CHAIN_MARK_EVIDENCE:
        say_hashes(t);
        break;
    default:
        say_claim(t, s, p);
    }
}

/* --- the other lists -------------------------------------------------------------------------------------------------- */

static void say_task(struct text *t, const struct chain_screen *s, const json_t *task)
{
    (void)s;
    text_printf(t, "The task fixes everything that a score rests on: data set %.16s (its hash is over every bar), %lld folds, the training "
                   "recipe and the numeric version. Of its pool of %lld tokens %lld are left.\n\n",
                aid_text(task, "dataset"), number_at(task, "folds"), number_at(task, "pool"), number_at(task, "pool_left"));
    text_printf(t, "An accepted proposal is paid for its improvement over the best accepted one before it: in an epoch the pool pays\n\n  "
                   "%lld x min(earned, %lld) / %lld\n\nfor improvements that sum to `earned` parts per million; less than %lld counts as "
                   "nothing.\n",
                number_at(task, "pool_left"), number_at(task, "full_pay_ppm"), number_at(task, "full_pay_ppm"),
                number_at(task, "min_improvement_ppm"));
}

static void say_identity(struct text *t, const struct chain_screen *s, const json_t *row)
{
    const json_t *account = chain_account_of(s, aid_text(row, "address")), *totals = json_object_get(s->read.status, "totals");
    if (aid_text(row, "name")[0] != '\0')
        text_printf(t, "%s is an identity on this machine: an Ed25519 key pair, encrypted with its passphrase. The address is a "
                       "checksummed text of the public key's hash, so that a mistyped one is refused.\n\n", aid_text(row, "name"));
    text_printf(t, "%s owns %lld tokens, has %lld staked and signed so many transactions: %lld (its nonce: each must be exactly one more, so "
                   "that none can be replayed).\n\n",
                aid_text(row, "address"), number_at(account, "balance"), number_at(account, "stake"), number_at(account, "nonce"));
    if (totals != NULL)
        text_printf(t, "The supply is conserved, recounted in every block:\n\n  balances %lld + stakes %lld + held %lld + fees %lld + burnt "
                       "%lld = %lld\n",
                    number_at(totals, "balances"), number_at(totals, "stakes"), number_at(totals, "escrows"),
                    number_at(totals, "treasury"), number_at(totals, "burnt"), number_at(totals, "supply"));
}

static void say_block(struct text *t, const json_t *block)
{
    if (number_at(block, "height") == 0) {
        text_put(t, "Genesis: the name, the time, the rules' parameters, the supply, who held it and who validates. Its hash is the "
                    "chain's id, which every transaction names.\n");
        return;
    }
    text_printf(t, "Block %lld. The validator's signature is over its header: the chain's id, the height, the time, the id of the block "
                   "before, a Merkle root over its transactions (%zu), the hash of who validates with which power, and the hash of the "
                   "state that it leads to. So it proves what was decided, in which order, and what everybody owned afterwards.\n\nIt "
                   "does not prove when: alone, nobody else vouches for the clock.\n\nIts id is %.16s... A receipt of one of its "
                   "transactions carries this header and the path to the root. V re-checks all blocks; a flipped bit is found and "
                   "named.\n",
                number_at(block, "height"), json_array_size(json_object_get(block, "transactions")), aid_text(block, "hash"));
}

char *chain_explain(void *self, struct app *app)
{
    (void)app;
    const struct chain_screen *s = self;
    const json_t *row = s->view == CHAIN_PROPOSAL ? s->read.shown : chain_cursor(s);
    struct text t = {0};
    if (s->form.command != NULL)
        return NULL;
    if (s->read.status != NULL && chain_say_many(&t, s, row))
        ;
    else if (s->read.status == NULL || row == NULL)
        text_put(&t, "A chain holds signed transactions in sealed blocks. Each block carries the id of the one before and of the state it "
                     "leads to, so that no byte can change unnoticed. Alone it is a signed logbook; several people exchange files, and it "
                     "becomes a ledger.");
    else if (s->view == CHAIN_QUEUE)
        say_queued(&t, s, row);
    else if (s->view == CHAIN_PROPOSAL)
        say_part(&t, s, row, s->page.mark);
    else if (s->view == CHAIN_TASKS)
        say_task(&t, s, row);
    else if (s->view == CHAIN_IDENTITIES)
        say_identity(&t, s, row);
    else if (s->view == CHAIN_BLOCKS)
        say_block(&t, row);
    else if (s->view == CHAIN_WAITING)
        text_put(&t, "This transaction is signed and waits for a block: b seals it. Until then it changes nothing, though the next "
                     "transactions are already checked against what it will lead to.");
    else
        text_put(&t, "A receipt holds one transaction, the header of its block with the validator's signature, and the path from the one to "
                     "the other. It verifies alone. What it cannot show is that the chain still contains this block: for that it names the "
                     "head, and V compares.");
    char *out = memory_text(text_of(&t));
    text_free(&t);
    return out;
}
