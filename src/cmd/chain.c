#include "action/chain.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/state.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/sign.h"
#include "cmd/table.h"

static bool amount_of(const char *text, uint64_t *out, struct error *err)
{
    int64_t v;
    if (!text || !text_parse_int(text, 0, (int64_t)STATE_SUPPLY_MAX, &v))
        return error_set(err, ERROR_USAGE, "an amount is a whole number of tokens, not %s", text ? text : "nothing");
    *out = (uint64_t)v;
    return true;
}

/* --- the ledger ----------------------------------------------------------------------------------------------------
 */

static json_t *run_init(struct workspace *w, const struct arguments *a, struct error *err)
{
    uint64_t supply = 1000000;
    if (arguments_flag(a, "genesis")) {
        error_set(err, ERROR_USAGE, "--genesis is not in this version: a chain begins with one validator");
        return NULL;
    }
    const char *given = arguments_option(a, "supply"), *name = arguments_option(a, "name");
    if (given && !amount_of(given, &supply, err))
        return NULL;
    return action_chain_init(w, arguments_option(a, "key"), name ? name : "morphsmith", supply, err);
}

const struct command command_chain_init = {.name = "chain init",
                                           .operands = "",
                                           .about = "start a chain with one identity as its only validator",
                                           .need = COMMAND_WRITES,
                                           .run = run_init,
                                           .option = {{"key", "NAME", "the validator"},
                                                      {"name", "N", "the chain's name"},
                                                      {"supply", "N", "tokens in all (1000000)"},
                                                      {"genesis", "FILE", NULL}}};

static json_t *run_status(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_status(w, err);
}

static void show_status(const json_t *r, FILE *out)
{
    char head[80];
    print_value(json_object_get(r, "head"), head, sizeof head);
    fprintf(out, "chain %s, height %lld, head %s\n\n", json_string_value(json_object_get(r, "name")),
            json_integer_value(json_object_get(r, "height")), head);
    print_table(json_object_get(r, "accounts"), "address,balance,stake,nonce,validator", out);
    if (json_array_size(json_object_get(r, "tasks"))) {
        fputs("\ntasks\n", out);
        print_table(json_object_get(r, "tasks"), "task,dataset,folds,pool,pool_left|left,height", out);
    }
    if (json_array_size(json_object_get(r, "proposals"))) {
        fputs("\nproposals\n", out);
        print_table(json_object_get(r, "proposals"),
                    "proposal,state,claimed.directional_accuracy|accuracy,verified,approvals,approvals_needed|needed,"
                    "stake,reward",
                    out);
    }
    if (json_array_size(json_object_get(r, "pool"))) {
        fputs("\nwaiting for a block\n", out);
        print_table(json_object_get(r, "pool"), "tx,kind", out);
    }
}

const struct command command_chain_status = {.name = "chain status",
                                             .operands = "",
                                             .about = "accounts, tasks, proposals, pool",
                                             .need = COMMAND_READS,
                                             .run = run_status,
                                             .show = show_status};

static json_t *run_log(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_log(w, err);
}

static void show_log(const json_t *r, FILE *out)
{
    size_t i, k;
    const json_t *block, *tx;
    char hash[80];
    json_array_foreach(json_object_get(r, "blocks"), i, block)
    {
        print_value(json_object_get(block, "hash"), hash, sizeof hash);
        fprintf(out, "block %lld  %s  %s\n", json_integer_value(json_object_get(block, "height")),
                json_string_value(json_object_get(block, "time")), hash);
        json_array_foreach(json_object_get(block, "transactions"), k, tx)
        {
            print_value(json_object_get(tx, "tx"), hash, sizeof hash);
            fprintf(out, "  %-10s %s  by %s\n", json_string_value(json_object_get(tx, "kind")), hash,
                    json_string_value(json_object_get(tx, "sender")));
        }
    }
}

const struct command command_chain_log = {.name = "chain log",
                                          .operands = "",
                                          .about = "every block and transaction",
                                          .need = COMMAND_READS,
                                          .run = run_log,
                                          .show = show_log};

static json_t *run_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_show(w, arguments_operand(a, 0), err);
}

const struct command command_chain_show = {.name = "chain show",
                                           .operands = "PROPOSAL",
                                           .about = "a proposal with all its evidence",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_READS,
                                           .run = run_show};

/* --- transactions ---------------------------------------------------------------------------------------------------
 */

static json_t *do_transfer(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                           struct error *err)
{
    uint64_t amount = 0;
    return amount_of(arguments_operand(a, 1), &amount, err)
               ? action_chain_transfer(w, s, arguments_operand(a, 0), amount, err)
               : NULL;
}

static json_t *run_transfer(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_transfer, err);
}

const struct command command_chain_transfer = {.name = "chain transfer",
                                               .operands = "TO AMOUNT",
                                               .about = "send tokens",
                                               .least = 2,
                                               .most = 2,
                                               .need = COMMAND_WRITES,
                                               .run = run_transfer,
                                               .ends_itself = true,
                                               .option = {CMD_SIGN_OPTIONS}};

static json_t *do_stake(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                        struct error *err)
{
    uint64_t amount = 0;
    return amount_of(arguments_operand(a, 0), &amount, err) ? action_chain_stake(w, s, amount, false, err) : NULL;
}

static json_t *run_stake(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_stake, err);
}

const struct command command_chain_stake = {.name = "chain stake",
                                            .operands = "AMOUNT",
                                            .about = "stake tokens",
                                            .least = 1,
                                            .most = 1,
                                            .need = COMMAND_WRITES,
                                            .run = run_stake,
                                            .ends_itself = true,
                                            .option = {CMD_SIGN_OPTIONS}};

static json_t *do_unstake(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    uint64_t amount = 0;
    return amount_of(arguments_operand(a, 0), &amount, err) ? action_chain_stake(w, s, amount, true, err) : NULL;
}

static json_t *run_unstake(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_unstake, err);
}

const struct command command_chain_unstake = {.name = "chain unstake",
                                              .operands = "AMOUNT",
                                              .about = "take tokens out of the stake",
                                              .least = 1,
                                              .most = 1,
                                              .need = COMMAND_WRITES,
                                              .run = run_unstake,
                                              .ends_itself = true,
                                              .option = {CMD_SIGN_OPTIONS}};

static json_t *do_task(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    struct action_chain_task_options o = {.pool = 10000, .reviewers = arguments_option(a, "reviewers")};
    const char *given = arguments_option(a, "pool");
    int64_t approvals = 1;
    if ((given && !amount_of(given, &o.pool, err)) ||
        !arguments_int(a, "approvals", 1, TX_REVIEWERS_MAX, &approvals, err) || !cmd_recipe(w, a, &o.recipe, err))
        return NULL;
    o.approvals = (int)approvals;
    return action_chain_task(w, s, &o, err);
}

static json_t *run_task(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_task, err);
}

const struct command command_chain_task = {
    .name = "chain task",
    .operands = "",
    .about = "put the workspace's task on the chain",
    .need = COMMAND_WRITES,
    .run = run_task,
    .ends_itself = true,
    .option = {{"pool", "N", "tokens that improvements are paid from (10000)"},
               {"reviewers", "A,B", "who may approve, by address (whoever signs)"},
               {"approvals", "M", "how many of them must (1)"},
               CMD_SIGN_OPTIONS,
               CMD_RECIPE_OPTIONS}};

static json_t *do_propose(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    uint64_t stake = 100;
    const char *given = arguments_option(a, "stake");
    if (given && !amount_of(given, &stake, err))
        return NULL;
    return action_chain_propose(w, s, arguments_operand(a, 0), stake, arguments_threads(a), arguments_control(a), err);
}

static json_t *run_propose(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_propose, err);
}

const struct command command_chain_propose = {.name = "chain propose",
                                              .operands = "ARCH",
                                              .about = "claim an architecture's score, with a stake",
                                              .least = 1,
                                              .most = 1,
                                              .need = COMMAND_WRITES,
                                              .run = run_propose,
                                              .ends_itself = true,
                                              .option = {{"stake", "N", "tokens at stake (100)"}, CMD_SIGN_OPTIONS}};

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
        {"reason", "TEXT", "why"}, {"rerun", NULL, "re-train it first and compare the bits"}, CMD_SIGN_OPTIONS         \
    }

const struct command command_chain_approve = {.name = "chain approve",
                                              .operands = "PROPOSAL",
                                              .about = "approve a proposal",
                                              .least = 1,
                                              .most = 1,
                                              .need = COMMAND_WRITES,
                                              .run = run_approve,
                                              .ends_itself = true,
                                              .option = DECISION_OPTIONS};
const struct command command_chain_reject = {.name = "chain reject",
                                             .operands = "PROPOSAL",
                                             .about = "refuse a proposal",
                                             .least = 1,
                                             .most = 1,
                                             .need = COMMAND_WRITES,
                                             .run = run_reject,
                                             .ends_itself = true,
                                             .option = DECISION_OPTIONS};

/* --- blocks ---------------------------------------------------------------------------------------------------------
 */

static json_t *run_seal(struct workspace *w, const struct arguments *a, struct error *err)
{
    char *passphrase = passphrase_read(a, false, err);
    struct action_signer s = {.key = arguments_option(a, "key"), .passphrase = passphrase};
    json_t *result = passphrase ? action_chain_seal(w, &s, err) : NULL;
    passphrase_free(passphrase);
    return result;
}

const struct command command_chain_seal = {.name = "chain seal-block",
                                           .operands = "",
                                           .about = "seal what waits into a block",
                                           .need = COMMAND_WRITES,
                                           .run = run_seal,
                                           .ends_itself = true,
                                           .option = {{"key", "NAME", "the validator"}}};

static json_t *run_verify(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_verify(w, arguments_flag(a, "rerun"), arguments_option(a, "head"), arguments_threads(a),
                               arguments_control(a), err);
}

const struct command command_chain_verify = {
    .name = "chain verify",
    .operands = "",
    .about = "re-check everything from genesis",
    .need = COMMAND_READS,
    .run = run_verify,
    .option = {{"rerun", NULL, "also re-train every claim and compare the bits"},
               {"head", "HEIGHT:HASH", "the chain must contain this remembered block"}}};
