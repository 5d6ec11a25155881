/* Judging: the baselines, the comparison of two, the sealed hold-out. */
#include "action/action.h"
#include "action/chain.h"
#include "action/holdout.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/table.h"

#include <unistd.h>

#define MORE_COLUMNS ",balanced_accuracy|balanced,mcc,auc,log_loss,seconds,about"
#define SCORE_COLUMNS "name,score,directional_accuracy|accuracy" MORE_COLUMNS
#define LEAD_COLUMNS "name,score,directional_accuracy|accuracy,lead|found leads by" MORE_COLUMNS

static bool baseline_options(const struct arguments *a, struct action_baseline_options *o, struct error *err)
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
    json_t *result = baseline_options(a, &o, err) ? action_baseline(w, &o, arguments_control(a), err) : NULL;
    if (result && !action_baseline_found(w, result, err)) {
        json_decref(result);
        return NULL;
    }
    return result;
}

static void show_baseline(const json_t *r, FILE *out)
{
    const json_t *left = json_object_get(r, "left");
    const json_t *found = json_object_get(r, "found"), *evidence = json_object_get(r, "evidence");
    json_t *all = json_copy(json_object_get(r, "baselines"));
    if (json_is_object(found)) {
        json_t *last = json_copy((json_t *)found);
        char name[64];
        snprintf(name, sizeof name, "found: trial %lld", json_integer_value(json_object_get(found, "trial")));
        json_object_set_new(last, "name", json_string(name));
        json_object_set(last, "about", json_object_get(found, "why"));
        json_array_append_new(all, last);
    }
    print_scores(all, json_is_object(found) ? LEAD_COLUMNS : SCORE_COLUMNS, out);
    json_decref(all);
    if (json_is_object(evidence)) {
        fputc('\n', out);
        print_text(json_string_value(json_object_get(evidence, "sentence")), out);
        fputc('\n', out);
    }
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
    .about = "the manual models, through the same folds, beside the best that was found",
    .need = COMMAND_WRITES,
    .run = run_baseline,
    .show = show_baseline,
    .ends_itself = true,
    .option = {{"quick", NULL, "one model of each family, 10 epochs"},
               {"budget", "SPAN", "begin no further model after 90s, 10m, 2h; each family is run once"},
               {"kept", NULL, "train nothing: rules, and what was trained before"},
               {"epochs", "N", "at most so many epochs (30)"},
               {"seed", "S", "seed (1)"}}};

/* --- the hold-out ------------------------------------------------------------------------------------------------- */

/* A person at a terminal is asked; a script has said what it wants by calling the command. */
static bool confirm(struct workspace *w, const struct arguments *a, struct error *err)
{
    char typed[64] = "";
    if (arguments_flag(a, "yes") || arguments_flag(a, "json") || arguments_flag(a, "job") || !isatty(0))
        return true;
    json_t *ask = action_holdout_ask(w, arguments_operand(a, 0), err);
    if (!ask)
        return false;
    if (text_equal(json_string_value(json_object_get(ask, "state")), "sealed")) {
        print_text(json_string_value(json_object_get(ask, "text")), stderr);
        fputs("\nType open to open it, anything else to leave it: ", stderr);
        fflush(stderr);
        if (!fgets(typed, sizeof typed, stdin) || !text_equal(text_trim(typed), "open"))
            error_set(err, ERROR_USAGE, "left sealed: the word was not typed");
    }
    json_decref(ask);
    return !err->kind;
}

static json_t *run_holdout_open(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_holdout_options o = {.threads = arguments_threads(a)};
    if (!baseline_options(a, &o.baseline, err) || !confirm(w, a, err))
        return NULL;
    json_t *result = action_holdout_open(w, arguments_operand(a, 0), &o, arguments_control(a), err);
    if (result && action_chain_wants_holdout(w))
        json_object_set_new(result, "next", json_string("the task is on a chain: `chain holdout` tells it this result"));
    return result;
}

static void show_holdout(const json_t *r, FILE *out)
{
    const json_t *chosen = json_object_get(r, "chosen"), *lead, *leads = json_object_get(r, "leads");
    size_t i;
    if (!chosen) {
        print_fields(r, out);
        return;
    }
    json_t *all = json_array();
    json_array_append(all, (json_t *)chosen);
    json_array_extend(all, json_object_get(r, "baselines"));
    print_scores(all, "name,family,score,directional_accuracy|accuracy,balanced_accuracy|balanced,mcc,auc,log_loss,epochs",
                out);
    json_decref(all);
    fputc('\n', out);
    json_array_foreach((json_t *)leads, i, lead)
    {
        print_text(json_string_value(json_object_get(lead, "sentence")), out);
        fputc('\n', out);
    }
    fprintf(out, "\n%s\n", json_string_value(json_object_get(json_object_get(r, "evidence"), "sentence")));
    if (json_object_get(r, "next"))
        fprintf(out, "%s\n", json_string_value(json_object_get(r, "next")));
}

const struct command command_holdout_open = {
    .name = "holdout open",
    .operands = "ARCH",
    .about = "open the sealed hold-out, once: the chosen model and the baselines, retrained on all before it",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_holdout_open,
    .show = show_holdout,
    .ends_itself = true,
    .option = {{"yes", NULL, "do not ask at the terminal"},
               {"quick", NULL, "baselines that were not run yet: one of each family, 10 epochs"},
               {"budget", "SPAN", "baselines that were not run yet: begin no further one after 90s, 10m, 2h"},
               {"epochs", "N", "baselines that were not run yet: at most so many epochs (30)"},
               {"seed", "S", "baselines that were not run yet: seed (1)"}}};

static json_t *run_holdout_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_holdout_show(w, err);
}

const struct command command_holdout_show = {.name = "holdout show",
                                             .operands = "",
                                             .about = "is the hold-out sealed, and what came out of it",
                                             .need = COMMAND_READS,
                                             .run = run_holdout_show,
                                             .show = show_holdout};
