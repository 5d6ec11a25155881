/* Taking part in a chain for many: exchanging folders, voting. */
#include "action/chain_follow.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/amount.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/table.h"

#define OBJECTS_OPTION                                                                                                 \
    {                                                                                                                  \
        "objects-most", "N", "bytes in objects/ behind which nothing more is copied (17179869184)"                    \
    }

static void take_places(const struct arguments *a, struct action_chain_follow_options *o)
{
    action_chain_follow_defaults(o);
    o->place = arguments_operand_list(a);
    o->places = arguments_operands(a);
    o->threads = arguments_threads(a);
}

static bool take_objects(const struct arguments *a, struct action_chain_follow_options *o, struct error *err)
{
    return cmd_amount_option(a, "objects-most", &o->objects_most, err);
}

/* --- showing ---------------------------------------------------------------------------------------------------------- */

static void show_gathered(const json_t *r, FILE *out)
{
    char head[80];
    print_value(json_object_get(r, "head"), head, sizeof head);
    json_int_t blocks = json_integer_value(json_object_get(r, "blocks")),
               transactions = json_integer_value(json_object_get(r, "transactions")),
               objects = json_integer_value(json_object_get(r, "objects"));
    fprintf(out, "height %lld, head %s; new: %lld block%s, %lld transaction%s, %lld object%s\n",
            json_integer_value(json_object_get(r, "height")), head, blocks, text_s(blocks), transactions, text_s(transactions),
            objects, text_s(objects));
    if (json_array_size(json_object_get(r, "parties"))) {
        fputc('\n', out);
        print_table(json_object_get(r, "parties"), "name,height,taken,refused|passed over,why,problem", out);
    }
    if (json_array_size(json_object_get(r, "forks"))) {
        fputs("\nforks: final blocks that contradict ours\n", out);
        print_table(json_object_get(r, "forks"), "height,block,file", out);
    }
    static const char *const told[] = {"absent", "stage"};
    for (size_t i = 0; i < ARRAY_N(told); i++) {
        const char *text = json_string_value(json_object_get(r, told[i]));
        if (!text)
            continue;
        fputc('\n', out);
        print_text(text, out);
        fputc('\n', out);
    }
}

static void show_join(const json_t *r, FILE *out)
{
    fprintf(out, "chain %s\n\n", json_string_value(json_object_get(r, "chain_id")));
    print_lines(json_string_value(json_object_get(r, "genesis")), out);
    fputc('\n', out);
    show_gathered(r, out);
}

static void show_votes(const json_t *r, FILE *out)
{
    const json_t *power = json_object_get(r, "power");
    fprintf(out, "height %lld, round %lld\n\n", json_integer_value(json_object_get(r, "height")),
            json_integer_value(json_object_get(r, "round")));
    print_table(json_object_get(r, "validators"), "address,power,turn,proposal,prevote,precommit", out);
    fprintf(out, "\nprevotes %lld, precommits %lld, of %lld; %lld are needed\n\n",
            json_integer_value(json_object_get(power, "prevoted")),
            json_integer_value(json_object_get(power, "precommitted")),
            json_integer_value(json_object_get(power, "total")), json_integer_value(json_object_get(power, "needed")));
    print_text(json_string_value(json_object_get(r, "stage")), out);
    fputc('\n', out);
}

/* What was done is shown all the same. */
static void tell_interrupted(const json_t *result, struct error *err)
{
    if (json_is_true(json_object_get(result, "interrupted")))
        error_set(err, ERROR_INTERRUPTED, "interrupted: what came until then is kept");
}

/* --- pull, join, votes --------------------------------------------------------------------------------------------------- */

static json_t *run_pull(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_chain_follow_options o;
    take_places(a, &o);
    json_t *result = take_objects(a, &o, err) ? action_chain_pull(w, &o, arguments_control(a), err) : NULL;
    tell_interrupted(result, err);
    return result;
}

const struct command command_chain_pull = {
    .name = "chain pull",
    .operands = "DIR...",
    .about = "take what others have: blocks that are final, waiting messages, objects",
    .least = 1,
    .most = 64,
    .need = COMMAND_WRITES,
    .run = run_pull,
    .show = show_gathered,
    .ends_itself = true,
    .option = {OBJECTS_OPTION}};

static json_t *run_join(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_chain_follow_options o;
    take_places(a, &o);
    json_t *result = take_objects(a, &o, err)
                         ? action_chain_join(w, &o, arguments_option(a, "id"), arguments_control(a), err)
                         : NULL;
    tell_interrupted(result, err);
    return result;
}

const struct command command_chain_join = {
    .name = "chain join",
    .operands = "DIR...",
    .about = "begin with another's chain: compare its id with what its people say, then pull it",
    .least = 1,
    .most = 64,
    .need = COMMAND_WRITES,
    .run = run_join,
    .show = show_join,
    .ends_itself = true,
    .option = {{"id", "HASH", "only the chain whose id begins so"}, OBJECTS_OPTION}};

static json_t *run_votes(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_votes(w, arguments_option(a, "key"), err);
}

const struct command command_chain_votes = {.name = "chain votes",
                                            .operands = "",
                                            .about = "who has voted for what at this height, and what it waits for",
                                            .need = COMMAND_READS,
                                            .run = run_votes,
                                            .show = show_votes,
                                            .option = {{"key", "NAME", "the voting key that is yours"}}};

/* --- follow, vote, propose-block --------------------------------------------------------------------------------------------- */

/* The passphrases, in this order: of the voting key, of the identity; one if they are the same. */
static json_t *unlock_and_follow(struct workspace *w, const struct arguments *a, struct action_chain_follow_options *o,
                                 struct error *err)
{
    char *voting = NULL, *identity = NULL;
    bool same = o->voting && o->who && text_equal(o->voting, o->who);
    json_t *result = NULL;
    bool ok = !o->voting || (voting = passphrase_read_as(a, "Passphrase of the voting key", false, o->voting, err)) != NULL;
    if (ok && o->who && !same)
        ok = (identity = passphrase_read_as(a, "Passphrase of the identity", false, o->who, err)) != NULL;
    o->voting_passphrase = voting;
    o->passphrase = same ? voting : identity;
    if (ok)
        result = action_chain_follow(w, o, arguments_control(a), err);
    tell_interrupted(result, err);
    passphrase_free(voting);
    passphrase_free(identity);
    return result;
}

static bool take_times(const struct arguments *a, struct action_chain_follow_options *o, struct error *err)
{
    int64_t height = 0;
    if (!arguments_real(a, "every", 0.01, 86400, &o->every, err) ||
        !arguments_real(a, "timeout", 0.01, 864000, &o->timeout, err) ||
        !arguments_real(a, "idle", 0, 864000, &o->idle, err) || !arguments_real(a, "for", 0, 1e9, &o->seconds, err) ||
        !arguments_int(a, "until-height", 1, INT64_MAX, &height, err) ||
        !arguments_int(a, "while", 1, INT32_MAX, &o->owner, err))
        return false;
    o->until_height = (uint64_t)height;
    return true;
}

static json_t *run_follow(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_chain_follow_options o;
    take_places(a, &o);
    o.publish = arguments_option(a, "publish");
    o.voting = arguments_option(a, "key");
    o.who = arguments_option(a, "as");
    o.once = arguments_flag(a, "once");
    if (arguments_flag(a, "attest") != (o.who != NULL)) {
        error_set(err, ERROR_USAGE, "--as NAME and --attest go together: that identity re-runs and attests by itself");
        return NULL;
    }
    if (!take_times(a, &o, err) || !take_objects(a, &o, err))
        return NULL;
    return unlock_and_follow(w, a, &o, err);
}

const struct command command_chain_follow = {
    .name = "chain follow",
    .operands = "DIR...",
    .about = "keep pulling; with a voting key vote and propose, unattended; with an identity attest too (never approve)",
    .least = 1,
    .most = 64,
    .need = COMMAND_WRITES,
    .run = run_follow,
    .show = show_gathered,
    .streams = true,
    .ends_itself = true,
    .option = {{"publish", "DIR", "keep a copy of the chain there, for the others"},
               {"key", "NAME", "the voting key"},
               {"as", "NAME", "the identity that attests, opens its claims and sends evidence (with --attest)"},
               {"attest", NULL, "let it do so unattended"},
               {"every", "S", "seconds between two looks (2)"},
               {"timeout", "S", "of a round's steps at first (three times --every)"},
               {"idle", "S", "from a block to an empty one, where windows wait for blocks alone (10)"},
               {"until-height", "N", "end there"},
               {"for", "S", "end behind so many seconds"},
               {"while", "PID", "end when that process has ended"},
               {"once", NULL, "do what can be done now, then end"},
               OBJECTS_OPTION}};

static json_t *run_part(struct workspace *w, const struct arguments *a, enum follow_part part, struct error *err)
{
    struct action_chain_follow_options o;
    take_places(a, &o);
    o.publish = arguments_option(a, "publish");
    o.voting = arguments_option(a, "key");
    o.part = part;
    o.once = true;
    if (!o.voting) {
        error_set(err, ERROR_USAGE, "--key NAME is needed: the voting key");
        return NULL;
    }
    if (!arguments_real(a, "timeout", 0.01, 864000, &o.timeout, err))
        return NULL;
    return unlock_and_follow(w, a, &o, err);
}

#define PART_OPTIONS                                                                                                   \
    {"key", "NAME", "the voting key"}, {"publish", "DIR", "keep a copy of the chain there, for the others"},           \
    {                                                                                                                  \
        "timeout", "S", "of a round's steps at first (6)"                                                              \
    }

static json_t *run_vote(struct workspace *w, const struct arguments *a, struct error *err)
{
    return run_part(w, a, FOLLOW_VOTE, err);
}

const struct command command_chain_vote = {.name = "chain vote",
                                           .operands = "[DIR...]",
                                           .about = "pull, and vote for what is proposed at this height",
                                           .most = 64,
                                           .need = COMMAND_WRITES,
                                           .run = run_vote,
                                           .show = show_gathered,
                                           .streams = true,
                                           .ends_itself = true,
                                           .option = {PART_OPTIONS}};

static json_t *run_propose(struct workspace *w, const struct arguments *a, struct error *err)
{
    json_t *result = run_part(w, a, FOLLOW_PROPOSE, err);
    if (!result || json_object_get(result, "proposed") || err->kind)
        return result;
    error_set(err, ERROR_CHAIN, "no block was proposed: %s", json_string_value(json_object_get(result, "stage")));
    json_decref(result);
    return NULL;
}

const struct command command_chain_propose_block = {
    .name = "chain propose-block",
    .operands = "[DIR...]",
    .about = "pull, and if it is this key's turn propose a block of what waits, an empty one too",
    .most = 64,
    .need = COMMAND_WRITES,
    .run = run_propose,
    .show = show_gathered,
    .streams = true,
    .ends_itself = true,
    .option = {PART_OPTIONS}};
