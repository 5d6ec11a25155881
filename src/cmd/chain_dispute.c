/* Disputes on a chain for many. What trains does so before the passphrase is asked for, as in chain_claim.c. */
#include "action/chain.h"
#include "cmd/amount.h"
#include "cmd/print.h"
#include "cmd/sign.h"
#include "cmd/table.h"

static json_t *train_and_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act,
                              struct error *err)
{
    struct action_signer s = {.key = arguments_option(a, "key"), .train = true};
    json_t *trained = act(w, a, &s, err);
    if (!trained)
        return NULL;
    json_decref(trained);
    return cmd_sign(w, a, act, err);
}

static json_t *do_challenge(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                            struct error *err)
{
    uint64_t deposit = 0;
    if (!cmd_amount_option(a, "deposit", &deposit, err))
        return NULL;
    return action_chain_challenge(w, s, arguments_operand(a, 0), deposit, arguments_threads(a), arguments_control(a),
                                  err);
}

static json_t *run_challenge(struct workspace *w, const struct arguments *a, struct error *err)
{
    return train_and_sign(w, a, do_challenge, err);
}

const struct command command_chain_challenge = {
    .name = "chain challenge",
    .operands = "PROPOSAL",
    .about = "dispute an opened claim where your re-run parts from it first, with a deposit that is lost if you are wrong, or if "
             "nobody decides in time",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_challenge,
    .ends_itself = true,
    .option = {{"deposit", "N", "tokens that are locked (the least)"}, CMD_SIGN_OPTIONS}};

static json_t *do_respond(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    return action_chain_respond(w, s, arguments_operand(a, 0), arguments_flag(a, "concede"), arguments_threads(a),
                                arguments_control(a), err);
}

static json_t *run_respond(struct workspace *w, const struct arguments *a, struct error *err)
{
    return train_and_sign(w, a, do_respond, err);
}

const struct command command_chain_respond = {
    .name = "chain respond",
    .operands = "CHALLENGE",
    .about = "answer a challenge to your own claim with your training's state before the place, or concede it",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_respond,
    .ends_itself = true,
    .option = {{"concede", NULL, "the claim is wrong: its stake is lost at once"}, CMD_SIGN_OPTIONS}};

static json_t *do_verdict(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    return action_chain_verdict(w, s, arguments_operand(a, 0), arguments_threads(a), arguments_control(a), err);
}

static json_t *run_verdict(struct workspace *w, const struct arguments *a, struct error *err)
{
    return train_and_sign(w, a, do_verdict, err);
}

const struct command command_chain_verdict = {
    .name = "chain verdict",
    .operands = "CHALLENGE",
    .about = "do a challenged place again and record who is right; validators check it before they vote",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_verdict,
    .ends_itself = true,
    .option = {CMD_SIGN_OPTIONS}};

/* --- looking ------------------------------------------------------------------------------------------------------- */

static json_t *run_disputes(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_disputes(w, arguments_operand(a, 0), err);
}

static void print_step(const char *what, const json_t *value, FILE *out)
{
    if (!value || json_is_null(value))
        return;
    fprintf(out, "  %-22s", what);
    if (json_is_string(value)) {
        print_text(json_string_value(value), out);
    } else {
        char text[128];
        print_value(value, text, sizeof text);
        fputs(text, out);
    }
    fputc('\n', out);
}

static void print_state(const char *what, const json_t *state, FILE *out)
{
    if (!json_is_object(state))
        return;
    fprintf(out, "  %-22s", what);
    print_text(json_string_value(json_object_get(state, "object")), out);
    fputs(json_is_true(json_object_get(state, "here")) ? "\n" : " (not here; it would spare work)\n", out);
}

static void show_dispute(const json_t *d, FILE *out)
{
    static const char *const row[][2] = {{"challenge", "challenge"},        {"proposal", "proposal"},
                                         {"challenger", "challenger"},      {"accused", "accused"},
                                         {"place", "place"},                {"deposit", "deposit"},
                                         {"height", "made at height"},      {"claimed", "claimed leaf"},
                                         {"challenger_found", "challenger's leaf"}};
    const json_t *own = json_object_get(d, "own");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        print_step(row[i][1], json_object_get(d, row[i][0]), out);
    print_state("challenger's state", json_object_get(d, "challenger_state"), out);
    print_step("answer", json_object_get(d, "answer"), out);
    print_state("accused's state", json_object_get(d, "accused_state"), out);
    print_step("done again here", json_object_get(own, "why"), out);
    print_step("verdict's leaf", json_object_get(d, "verdict_found"), out);
    print_step("decided at height", json_object_get(d, "closed"), out);
    print_step("now", json_object_get(d, "stage"), out);
}

static void show_disputes(const json_t *r, FILE *out)
{
    size_t i;
    const json_t *d;
    if (json_array_size(json_object_get(r, "disputes")) == 0)
        fputs("nothing is disputed\n", out);
    json_array_foreach(json_object_get(r, "disputes"), i, d)
    {
        fprintf(out, "%s%s\n", i ? "\n" : "", json_string_value(json_object_get(d, "state")));
        show_dispute(d, out);
    }
}

const struct command command_chain_disputes = {
    .name = "chain disputes",
    .operands = "[CHALLENGE|PROPOSAL]",
    .about = "challenges to claims, step by step: the place, what each side has given, and what happens next",
    .most = 1,
    .need = COMMAND_READS,
    .run = run_disputes,
    .show = show_disputes};
