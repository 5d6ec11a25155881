/* The tournament: predictions of bars that do not exist yet. */
#include "action/market.h"
#include "base/text.h"
#include "cmd/file_options.h"
#include "cmd/print.h"
#include "cmd/sign.h"
#include "cmd/table.h"

static json_t *do_seal(struct workspace *w, const struct arguments *a, const struct action_signer *s, struct error *err)
{
    struct action_seal_options o = {.model = arguments_operand(a, 0),
                                    .file = arguments_operand(a, 1),
                                    .task = arguments_option(a, "task"),
                                    .data = cmd_file_options(a),
                                    .threads = arguments_threads(a),
                                    .control = arguments_control(a)};
    return arguments_int(a, "bars", 1, 4096, &o.bars, err) ? action_chain_seal_prediction(w, s, &o, err) : NULL;
}

static json_t *run_seal(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign_unlocked(w, a, do_seal, err);
}

static void show_predictions(const json_t *r, FILE *out)
{
    json_t *fields = json_copy((json_t *)r);
    json_object_del(fields, "predictions");
    print_fields(fields, out);
    json_decref(fields);
    print_table(json_object_get(r, "predictions"), "bar,prediction,probability_up,from,until,late", out);
}

const struct command command_chain_seal_prediction = {
    .name = "chain seal-prediction",
    .unlocks = true,
    .operands = "MODEL [FILE]",
    .about = "seal what a model says of bars that do not exist yet; FILE: newer bars than the workspace's",
    .least = 1,
    .most = 2,
    .need = COMMAND_WRITES,
    .run = run_seal,
    .show = show_predictions,
    .ends_itself = true,
    .option = {{"bars", "N", "of those that can be predicted the newest N (those that still count)"},
               {"task", "TASK", "which of the chain's tasks about this data (the newest)"},
               CMD_FILE_OPTIONS,
               CMD_SIGN_OPTIONS}};

static json_t *do_reveal(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    return action_chain_reveal_prediction(w, s, arguments_operand(a, 0), err);
}

static json_t *run_reveal(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign_unlocked(w, a, do_reveal, err);
}

const struct command command_chain_reveal_prediction = {
    .name = "chain reveal-prediction",
    .unlocks = true,
    .operands = "[SEAL]",
    .about = "show what was sealed, once its outcome is there (all that can be)",
    .least = 0,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_reveal,
    .ends_itself = true,
    .option = {CMD_SIGN_OPTIONS}};

static json_t *do_outcome(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                          struct error *err)
{
    struct action_outcome_options o = {
        .file = arguments_operand(a, 0), .task = arguments_option(a, "task"), .data = cmd_file_options(a)};
    return action_chain_outcome(w, s, &o, err);
}

static json_t *run_outcome(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_outcome, err);
}

static void show_outcome(const json_t *r, FILE *out)
{
    json_t *fields = json_copy((json_t *)r);
    json_object_del(fields, "bars");
    print_fields(fields, out);
    json_decref(fields);
    if (!json_object_get(r, "show"))
        print_table(json_object_get(r, "bars"), "bar,time,price,answer,until", out);
}

const struct command command_chain_outcome = {
    .name = "chain outcome",
    .operands = "FILE",
    .about = "the task owner's: how the bars behind the task's data, or behind the last outcome, came out",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_outcome,
    .show = show_outcome,
    .ends_itself = true,
    .option = {{"task", "TASK", "which of the chain's tasks (the newest about the workspace's data)"},
               CMD_FILE_OPTIONS,
               CMD_SIGN_OPTIONS}};

static json_t *run_leaderboard(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_chain_tournament(w, err);
}

static void show_leaderboard(const json_t *r, FILE *out)
{
    const json_t *task, *list = json_object_get(r, "tasks");
    char id[80];
    size_t i;
    if (json_array_size(list) == 0)
        fputs("nothing was sealed yet; `chain seal-prediction` does\n", out);
    json_array_foreach(list, i, task)
    {
        print_value(json_object_get(task, "task"), id, sizeof id);
        fprintf(out, "%stask %s, outcomes known of %lld bar%s behind its data\n", i ? "\n" : "", id,
                json_integer_value(json_object_get(task, "bars")), text_s(json_integer_value(json_object_get(task, "bars"))));
        print_table(json_object_get(task, "rows"), "rank,who,right,bars,accuracy,low,high,seals,to_reveal", out);
        if (json_array_size(json_object_get(task, "seals"))) {
            fputc('\n', out);
            print_table(json_object_get(task, "seals"), "seal,who,first,bars,state,counts,right,predictions", out);
        }
    }
}

const struct command command_chain_leaderboard = {
    .name = "chain leaderboard",
    .operands = "",
    .about = "who predicted live bars best: right of those that counted, with the 95 % interval",
    .need = COMMAND_READS,
    .run = run_leaderboard,
    .show = show_leaderboard};
