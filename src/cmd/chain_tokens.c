/* Tokens, and the reward for a task. */
#include "action/chain.h"
#include "cmd/amount.h"
#include "cmd/recipe.h"
#include "cmd/sign.h"
#include "cmd/table.h"

static json_t *do_transfer(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                           struct error *err)
{
    uint64_t amount = 0;
    return cmd_amount(arguments_operand(a, 1), &amount, err)
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
    return cmd_amount(arguments_operand(a, 0), &amount, err) ? action_chain_stake(w, s, amount, false, err) : NULL;
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
    return cmd_amount(arguments_operand(a, 0), &amount, err) ? action_chain_stake(w, s, amount, true, err) : NULL;
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
    int64_t approvals = 1;
    o.min_improvement_ppm = ACTION_CHAIN_MIN_IMPROVEMENT;
    o.full_pay_ppm = ACTION_CHAIN_FULL_PAY;
    if (!cmd_amount_option(a, "pool", &o.pool, err) ||
        !arguments_int(a, "approvals", 1, TX_REVIEWERS_MAX, &approvals, err) ||
        !cmd_ppm_option(a, "min-improvement", 1, &o.min_improvement_ppm, err) ||
        !cmd_ppm_option(a, "full-pay", 1, &o.full_pay_ppm, err) || !cmd_recipe(w, a, &o.recipe, err))
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
               {"min-improvement", "PPM", "what is less over the best is not paid (1000)"},
               {"full-pay", "PPM", "so much in one epoch is paid the whole pool (100000)"},
               CMD_SIGN_OPTIONS,
               CMD_RECIPE_OPTIONS}};
