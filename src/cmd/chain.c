/* A chain's beginning, its state, its blocks, its verification. */
#include "action/chain.h"
#include "base/text.h"
#include "cmd/amount.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/table.h"

/* --- beginning ----------------------------------------------------------------------------------------------------- */

/* Options that are parameters of the genesis, with dashes for underlines. */
static const char *const parameters[] = {
    "supply",         "min-fee",        "min-block-seconds", "unbonding-blocks", "unbonding-seconds",
    "expiry-blocks",  "expiry-seconds", "commit-blocks",     "commit-seconds",   "reveal-blocks",
    "reveal-seconds", "epoch-blocks",   "missed-ppm",        "finder-ppm",
};

static bool take_parameters(const struct arguments *a, struct action_chain_init_options *o, struct error *err)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const char *given = arguments_option(a, parameters[i]);
        char name[32];
        text_copy(name, sizeof name, parameters[i]);
        for (char *at = name; *at; at++)
            if (*at == '-')
                *at = '_';
        if (given && o->file)
            return error_set(err, ERROR_USAGE, "--%s: with --genesis the file says it", parameters[i]);
        if (given && !action_chain_parameter(o, name, given, err))
            return error_prefix(err, "--%s", parameters[i]);
    }
    return true;
}

static json_t *run_init(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_chain_init_options o;
    action_chain_defaults(&o);
    o.key = arguments_option(a, "key");
    o.voting = arguments_option(a, "voting");
    o.file = arguments_option(a, "genesis");
    if (arguments_option(a, "name"))
        o.name = arguments_option(a, "name");
    if (o.file && (o.key || o.voting || arguments_option(a, "name") || arguments_option(a, "stake"))) {
        error_set(err, ERROR_USAGE, "--genesis names holders and validators itself: no --key, --voting, --name, --stake");
        return NULL;
    }
    if (!take_parameters(a, &o, err) || !cmd_amount_option(a, "stake", &o.stake, err))
        return NULL;
    return action_chain_init(w, &o, err);
}

static void show_init(const json_t *r, FILE *out)
{
    fprintf(out, "chain %s\n\n", json_string_value(json_object_get(r, "chain_id")));
    print_lines(json_string_value(json_object_get(r, "genesis")), out);
    fprintf(out, "\nnext: %s\n", json_string_value(json_object_get(r, "next")));
}

const struct command command_chain_init = {
    .name = "chain init",
    .operands = "",
    .about = "start a chain with one identity as its only validator",
    .need = COMMAND_WRITES,
    .run = run_init,
    .show = show_init,
    .option = {{"key", "NAME", "the identity that holds all tokens and validates"},
               {"voting", "NAME", "the identity whose key seals blocks (the same)"},
               {"name", "N", "the chain's name"},
               {"supply", "N", "tokens in all (1000000)"},
               {"stake", "N", "of them, what the validator stakes (a tenth)"},
               {"min-fee", "N", "what a transaction costs at least (1)"},
               {"min-block-seconds", "N", "between two blocks (0)"},
               {"unbonding-blocks", "N", "until stake that was taken out is back (20)"},
               {"unbonding-seconds", "N", "and so long (0)"},
               {"expiry-blocks", "N", "until a proposal that nobody decides on expires (1000)"},
               {"expiry-seconds", "N", "and so long (0)"},
               {"commit-blocks", "N", "for validators to commit, if not all have (1)"},
               {"commit-seconds", "N", "and so long (0)"},
               {"reveal-blocks", "N", "for opening and revealing: who does not open loses the stake (100)"},
               {"reveal-seconds", "N", "and so long (0)"},
               {"epoch-blocks", "N", "rewards are paid every so many blocks (1)"},
               {"missed-ppm", "N", "of its stake, what a commit without a reveal costs (10000)"},
               {"finder-ppm", "N", "of a refuted stake, what those get who found it out (500000)"},
               {"genesis", "FILE", "all of it from a text file instead (morphsmith-chain(5))"}}};

/* --- what there is ------------------------------------------------------------------------------------------------- */

static json_t *run_status(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_status(w, err);
}

static void print_part(const json_t *r, const char *name, const char *title, const char *columns, FILE *out)
{
    const json_t *list = json_object_get(r, name);
    if (!json_array_size(list))
        return;
    fprintf(out, "\n%s\n", title);
    print_table(list, columns, out);
}

static void show_status(const json_t *r, FILE *out)
{
    char head[80];
    const json_t *p;
    size_t i;
    print_value(json_object_get(r, "head"), head, sizeof head);
    fputs("chain ", out);
    print_text(json_string_value(json_object_get(r, "name")), out);
    fprintf(out, ", height %lld, head %s", json_integer_value(json_object_get(r, "height")), head);
    if (json_is_true(json_object_get(r, "many")))
        fprintf(out, ", final up to %lld", json_integer_value(json_object_get(r, "final")));
    fputs("\n\n", out);
    print_table(json_object_get(r, "accounts"), "address,balance,stake,nonce,validator,barred", out);
    print_part(r, "tasks", "tasks", "task,dataset,folds,baseline_share|baseline,best,pool,pool_left|left,height", out);
    print_part(r, "proposals", "proposals",
               "proposal,state,claimed.directional_accuracy|accuracy,verified,approvals,approvals_needed|needed,stake,"
               "reward",
               out);
    json_array_foreach(json_object_get(r, "proposals"), i, p)
    {
        print_value(json_object_get(p, "proposal"), head, sizeof head);
        fprintf(out, "%s: ", head);
        print_text(json_string_value(json_object_get(p, json_object_get(p, "pending") ? "pending" : "stage")), out);
        fputc('\n', out);
    }
    print_part(r, "holdouts", "hold-outs that were opened", "task,who,arch,correct,total,height", out);
    print_part(r, "forks", "forks: final blocks that contradict ours", "height,block,file", out);
    print_part(r, "pool", "waiting for a block", "tx,kind,sender", out);
}

const struct command command_chain_status = {.name = "chain status",
                                             .operands = "",
                                             .about = "accounts, tasks, proposals, pool",
                                             .need = COMMAND_READS,
                                             .run = run_status,
                                             .show = show_status};

/* --- blocks -------------------------------------------------------------------------------------------------------- */

static json_t *run_log(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t from = 0, to = INT64_MAX;
    if (!arguments_int(a, "from", 0, INT64_MAX, &from, err) || !arguments_int(a, "to", 0, INT64_MAX, &to, err))
        return NULL;
    return action_chain_log_part(w, (uint64_t)from, (uint64_t)to, err);
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
                                          .show = show_log,
                                          .option = {{"from", "HEIGHT", "the first block (0)"},
                                                     {"to", "HEIGHT", "the last block (the newest)"}}};

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

/* --- verification -------------------------------------------------------------------------------------------------- */

static json_t *run_verify(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_verify(w, arguments_flag(a, "rerun"), arguments_option(a, "head"), arguments_flag(a, "accept"),
                               arguments_threads(a),
                               arguments_control(a), err);
}

/* The head in full: it is what --head takes, on another machine or years later. */
static void show_verify(const json_t *r, FILE *out)
{
    json_t *fields = json_copy((json_t *)r);
    json_object_del(fields, "head");
    print_fields(fields, out);
    json_decref(fields);
    if (json_object_get(r, "head"))
        fprintf(out, "%-23s%lld:%s\n", "head", json_integer_value(json_object_get(r, "height")),
                json_string_value(json_object_get(r, "head")));
}

const struct command command_chain_verify = {
    .name = "chain verify",
    .operands = "",
    .about = "re-check everything from genesis",
    .need = COMMAND_READS,
    .run = run_verify,
    .show = show_verify,
    .option = {{"rerun", NULL, "also re-train every claim that was judged and compare the bits"},
               {"head", "HEIGHT:HASH", "the chain must contain this remembered block"},
               {"accept", NULL, "take this chain, though the workspace has seen a longer or another one"}}};
