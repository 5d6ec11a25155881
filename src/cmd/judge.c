/* Judging: the baselines, the comparison of two, the sealed hold-out. */
#include "action/action.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/table.h"

#define SCORE_COLUMNS                                                                                                  \
    "name,score,directional_accuracy|accuracy,balanced_accuracy|balanced,mcc,auc,log_loss,seconds,about"

bool cmd_baseline_options(const struct arguments *a, struct action_baseline_options *o, struct error *err)
{
    int64_t epochs = 0, seed = 1;
    *o = (struct action_baseline_options){
        .threads = arguments_threads(a), .quick = arguments_flag(a, "quick"), .kept = arguments_flag(a, "kept")};
    if (!arguments_int(a, "epochs", 1, RECIPE_EPOCHS_MAX, &epochs, err) ||
        !arguments_int(a, "seed", 1, INT64_MAX, &seed, err) || !arguments_span(a, "budget", &o->seconds, err))
        return false;
    o->epochs = (int)epochs;
    o->seed = (uint64_t)seed;
    return true;
}

static json_t *run_baseline(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_baseline_options o;
    return cmd_baseline_options(a, &o, err) ? action_baseline(w, &o, arguments_control(a), err) : NULL;
}

static void show_baseline(const json_t *r, FILE *out)
{
    const json_t *left = json_object_get(r, "left");
    print_table(json_object_get(r, "baselines"), SCORE_COLUMNS, out);
    if (json_array_size(left) > 0)
        fprintf(out, "\n%zu of the grid were not trained; `baseline` without --quick, --kept and --budget trains all\n",
                json_array_size(left));
}

static json_t *run_compare(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_compare(w, arguments_operand(a, 0), arguments_operand(a, 1), err);
}

static void show_compare(const json_t *r, FILE *out)
{
    print_text(json_string_value(json_object_get(r, "sentence")), out);
    fputc('\n', out);
}

const struct command command_compare = {
    .name = "compare",
    .operands = "A B",
    .about = "two of: architectures (their best trials), trial:N, rules (majority); paired on the same bars",
    .least = 2,
    .most = 2,
    .need = COMMAND_READS,
    .run = run_compare,
    .show = show_compare};

const struct command command_baseline = {
    .name = "baseline",
    .operands = "",
    .about = "the manual models, through the same folds: rules, regression, LSTM, Transformer, convolutions",
    .need = COMMAND_WRITES,
    .run = run_baseline,
    .show = show_baseline,
    .ends_itself = true,
    .option = {{"quick", NULL, "one model of each family, 10 epochs"},
               {"budget", "SPAN", "begin no further model after 90s, 10m, 2h; each family is run once"},
               {"kept", NULL, "train nothing: rules, and what was trained before"},
               {"epochs", "N", "at most so many epochs (30)"},
               {"seed", "S", "seed (1)"}}};
