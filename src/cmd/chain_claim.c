/* The steps of a claim. What trains does so before the passphrase is asked for: no key is open meanwhile. */
#include "action/chain.h"
#include "base/text.h"
#include "cmd/amount.h"
#include "cmd/print.h"
#include "cmd/sign.h"
#include "cmd/table.h"

json_t *cmd_train_and_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err)
{
    struct action_signer s = {.key = arguments_option(a, "key"), .train = true};
    json_t *trained = act(w, a, &s, err);
    if (!trained || arguments_flag(a, "train"))
        return trained;
    json_decref(trained);
    return cmd_sign_unlocked(w, a, act, err);
}

/* --- the proposer -------------------------------------------------------------------------------------------------- */

static json_t *do_propose(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    uint64_t stake = 100;
    if (!cmd_amount_option(a, "stake", &stake, err))
        return NULL;
    return action_chain_propose(w, s, arguments_operand(a, 0), arguments_option(a, "task"), stake, arguments_threads(a),
                                arguments_control(a), err);
}

static json_t *run_propose(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_train_and_sign(w, a, do_propose, err);
}

const struct command command_chain_propose = {
    .name = "chain propose",
    .operands = "ARCH",
    .about = "claim an architecture's score, with a stake: announces it, then, behind a block, claims; run again, it goes on",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_propose,
    .ends_itself = true,
    .option = {{"stake", "N", "tokens at stake (100)"},
               {"task", "TASK", "which of the chain's tasks about this data (the newest)"},
               CMD_TRAIN_OPTION, CMD_SIGN_OPTIONS}};

static json_t *do_open(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    return action_chain_open(w, s, arguments_operand(a, 0), arguments_threads(a), arguments_control(a), err);
}

static json_t *run_open(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_train_and_sign(w, a, do_open, err);
}

const struct command command_chain_open = {
    .name = "chain open",
    .operands = "PROPOSAL",
    .about = "show one's own claim's trace root and leaves, once the validators have committed",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_open,
    .ends_itself = true,
    .option = {CMD_TRAIN_OPTION, CMD_SIGN_OPTIONS}};

/* --- validators ---------------------------------------------------------------------------------------------------- */

static json_t *do_attest(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    return action_chain_attest(w, s, arguments_operand(a, 0), arguments_threads(a), arguments_control(a), err);
}

static json_t *run_attest(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_train_and_sign(w, a, do_attest, err);
}

const struct command command_chain_attest = {
    .name = "chain attest",
    .operands = "PROPOSAL",
    .about = "a validator's step: re-train a claim from the chain's objects alone and commit, or reveal what was found",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_attest,
    .ends_itself = true,
    .option = {CMD_TRAIN_OPTION, CMD_SIGN_OPTIONS}};

/* --- reviewers ----------------------------------------------------------------------------------------------------- */

static json_t *decide(struct workspace *w, const struct arguments *a, const struct action_signer *s, bool approve,
                      struct error *err)
{
    return action_chain_decide(w, s, arguments_operand(a, 0), approve, arguments_option(a, "reason"),
                               arguments_flag(a, "rerun"), arguments_threads(a), arguments_control(a), err);
}

static json_t *do_approve(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    return decide(w, a, s, true, err);
}

static json_t *do_reject(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    return decide(w, a, s, false, err);
}

static json_t *run_approve(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_approve, err);
}

static json_t *run_reject(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_reject, err);
}

#define DECISION_OPTIONS                                                                                               \
    {                                                                                                                  \
        {"reason", "TEXT", "why, which is signed and public; a rejection needs one"}, {"rerun", NULL, "re-train it first and compare the bits"}, CMD_SIGN_OPTIONS         \
    }

const struct command command_chain_approve = {.name = "chain approve",
                                              .operands = "PROPOSAL",
                                              .about = "a reviewer's decision: approve an opened claim",
                                              .least = 1,
                                              .most = 1,
                                              .need = COMMAND_WRITES,
                                              .run = run_approve,
                                              .ends_itself = true,
                                              .option = DECISION_OPTIONS};
const struct command command_chain_reject = {.name = "chain reject",
                                             .operands = "PROPOSAL",
                                             .about = "a reviewer's decision: refuse an opened claim",
                                             .least = 1,
                                             .most = 1,
                                             .need = COMMAND_WRITES,
                                             .run = run_reject,
                                             .ends_itself = true,
                                             .option = DECISION_OPTIONS};

/* --- the hold-out -------------------------------------------------------------------------------------------------- */

static json_t *do_holdout(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    (void)a;
    return action_chain_holdout(w, s, err);
}

static json_t *run_holdout(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_holdout, err);
}

const struct command command_chain_holdout = {
    .name = "chain holdout",
    .operands = "",
    .about = "tell the chain that the task's sealed hold-out was opened, and with what result",
    .need = COMMAND_WRITES,
    .run = run_holdout,
    .ends_itself = true,
    .option = {CMD_SIGN_OPTIONS}};
