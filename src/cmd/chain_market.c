/* The marketplace and the compute market. */
#include "action/market.h"
#include "base/text.h"
#include "cmd/amount.h"
#include "cmd/print.h"
#include "cmd/sign.h"
#include "cmd/table.h"

/* --- selling ------------------------------------------------------------------------------------------------------- */

static bool window_option(const struct arguments *a, const char *name, int64_t least, uint32_t *out, struct error *err)
{
    int64_t v = *out;
    if (!arguments_int(a, name, least, UINT32_MAX, &v, err))
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool amount_needed(const struct arguments *a, const char *name, uint64_t *out, struct error *err)
{
    if (!arguments_option(a, name))
        return error_set(err, ERROR_USAGE, "--%s N is needed", name);
    return cmd_amount_option(a, name, out, err);
}

static json_t *do_list(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    struct action_list_options o = {.model = arguments_operand(a, 0),
                                    .title = arguments_option(a, "title"),
                                    .deliver_blocks = ACTION_DELIVER_BLOCKS};
    if (!amount_needed(a, "price", &o.price, err) || !window_option(a, "deliver-blocks", 1, &o.deliver_blocks, err) ||
        !window_option(a, "deliver-seconds", 0, &o.deliver_seconds, err))
        return NULL;
    return action_chain_list(w, s, &o, err);
}

static json_t *run_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign_unlocked(w, a, do_list, err);
}

const struct command command_chain_list = {
    .name = "chain list",
    .unlocks = true,
    .operands = "MODEL",
    .about = "offer a model for sale, encrypted; one listing is one sale: the key is public once it is delivered",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_list,
    .ends_itself = true,
    .option = {{"price", "N", "what the buyer pays"},
               {"title", "TEXT", "what stands in the list (what the model predicts)"},
               {"deliver-blocks", "N", "in which it is delivered, or the buyer may take the price back (100)"},
               {"deliver-seconds", "N", "and so long (0)"},
               CMD_SIGN_OPTIONS}};

static json_t *do_buy(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    return action_chain_buy(w, s, arguments_operand(a, 0), err);
}

static json_t *run_buy(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_buy, err);
}

const struct command command_chain_buy = {.name = "chain buy",
                                          .operands = "LISTING",
                                          .about = "pay a listing's price into escrow, until it is delivered",
                                          .least = 1,
                                          .most = 1,
                                          .need = COMMAND_WRITES,
                                          .run = run_buy,
                                          .ends_itself = true,
                                          .option = {CMD_SIGN_OPTIONS}};

static json_t *do_deliver(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    return action_chain_deliver(w, s, arguments_operand(a, 0), err);
}

static json_t *run_deliver(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign_unlocked(w, a, do_deliver, err);
}

const struct command command_chain_deliver = {.name = "chain deliver",
                                              .unlocks = true,
                                              .operands = "LISTING",
                                              .about = "show the key of what was bought, and be paid",
                                              .least = 1,
                                              .most = 1,
                                              .need = COMMAND_WRITES,
                                              .run = run_deliver,
                                              .ends_itself = true,
                                              .option = {CMD_SIGN_OPTIONS}};

static json_t *do_refund(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    return action_chain_refund(w, s, arguments_operand(a, 0), err);
}

static json_t *run_refund(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_refund, err);
}

const struct command command_chain_refund = {
    .name = "chain refund",
    .operands = "LISTING|JOB",
    .about = "the buyer's: take back a price that nothing was delivered for in time; the owner's: withdraw an offer",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_refund,
    .ends_itself = true,
    .option = {CMD_SIGN_OPTIONS}};

static json_t *run_fetch(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_fetch(w, arguments_operand(a, 0), arguments_operand(a, 1), arguments_option(a, "task"), err);
}

const struct command command_chain_fetch = {
    .name = "chain fetch",
    .operands = "LISTING [FILE]",
    .about = "decrypt what was delivered and put the model into the workspace",
    .least = 1,
    .most = 2,
    .need = COMMAND_WRITES,
    .run = run_fetch,
    .option = {{"task", "FILE", "also write the task that it predicts, for `task import`"}}};

static json_t *run_listings(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_listings(w, err);
}

/* The sentences stand below the table: they are longer than a line. */
static void show_stages(const json_t *list, const char *id, FILE *out)
{
    char name[80];
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        print_value(json_object_get(one, id), name, sizeof name);
        fprintf(out, "%s%s: ", i ? "" : "\n", name);
        print_text(json_string_value(json_object_get(one, "stage")), out);
        fputc('\n', out);
    }
}

static void show_listings(const json_t *r, FILE *out)
{
    const json_t *list = json_object_get(r, "listings");
    if (json_array_size(list) == 0) {
        fputs("nothing is for sale; `chain list` offers a model\n", out);
        return;
    }
    print_table(list, "listing,title,price,state,seller,here,bytes", out);
    show_stages(list, "listing", out);
}

const struct command command_chain_listings = {.name = "chain listings",
                                               .operands = "",
                                               .about = "what is for sale, and what was",
                                               .need = COMMAND_READS,
                                               .run = run_listings,
                                               .show = show_listings};

/* --- the compute market -------------------------------------------------------------------------------------------- */

static json_t *do_job(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    struct action_job_options o = {
        .arch = arguments_operand(a, 0), .task = arguments_option(a, "task"), .blocks = ACTION_DELIVER_BLOCKS};
    if (!amount_needed(a, "pay", &o.pay, err) || !amount_needed(a, "deposit", &o.deposit, err) ||
        !window_option(a, "blocks", 1, &o.blocks, err) || !window_option(a, "seconds", 0, &o.seconds, err))
        return NULL;
    return action_chain_job(w, s, &o, err);
}

static json_t *run_job(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_job, err);
}

const struct command command_chain_job = {
    .name = "chain job",
    .operands = "ARCH",
    .about = "pay someone for the result of an architecture on the task, checked as a proposal is",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_job,
    .ends_itself = true,
    .option = {{"pay", "N", "what a result that is verified is worth"},
               {"deposit", "N", "what whoever takes it puts at stake"},
               {"blocks", "N", "for the result, from the take on, or the deposit is lost (100)"},
               {"seconds", "N", "and so long (0)"},
               {"task", "TASK", "which of the chain's tasks about this data (the newest)"},
               CMD_SIGN_OPTIONS}};

static json_t *do_take(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    return action_chain_take(w, s, arguments_operand(a, 0), err);
}

static json_t *run_take(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_take, err);
}

const struct command command_chain_take = {.name = "chain take",
                                           .operands = "JOB",
                                           .about = "take a job, with its deposit",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_WRITES,
                                           .run = run_take,
                                           .ends_itself = true,
                                           .option = {CMD_SIGN_OPTIONS}};

static json_t *do_result(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    return action_chain_result(w, s, arguments_operand(a, 0), arguments_threads(a), arguments_control(a), err);
}

static json_t *run_result(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_train_and_sign(w, a, do_result, err);
}

const struct command command_chain_result = {
    .name = "chain result",
    .operands = "JOB",
    .about = "train a job that was taken, from the chain's objects alone, and claim what came out",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_result,
    .ends_itself = true,
    .option = {CMD_TRAIN_OPTION, CMD_SIGN_OPTIONS}};

static json_t *run_jobs(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_jobs(w, err);
}

static void show_jobs(const json_t *r, FILE *out)
{
    const json_t *list = json_object_get(r, "jobs");
    if (json_array_size(list) == 0) {
        fputs("there is no job; `chain job` offers one\n", out);
        return;
    }
    print_table(list, "job,arch,task,pay,deposit,blocks,state,owner", out);
    show_stages(list, "job", out);
}

const struct command command_chain_jobs = {.name = "chain jobs",
                                           .operands = "",
                                           .about = "jobs of the compute market, and what they wait for",
                                           .need = COMMAND_READS,
                                           .run = run_jobs,
                                           .show = show_jobs};
