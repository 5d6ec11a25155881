#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/recipe.h"
#include "cmd/table.h"
#include "store/tasks.h"
#include "train/recipe_setting.h"

bool cmd_recipe(struct workspace *w, const struct arguments *a, struct recipe *r, struct error *err)
{
    const char *value[RECIPE_SETTINGS] = {0};
    struct task_row task;
    enum task_target target = TASK_DIRECTION;

    for (int i = 0; i < RECIPE_SETTINGS; i++)
        if (recipe_settings[i].option)
            value[i] = arguments_option(a, recipe_settings[i].option);
    if (tasks_active(w, &task, NULL)) {
        target = task.task.target;
        free(task.info);
    }
    int wrong;
    if (recipe_choose(r, target, value, &wrong, err))
        return true;
    return error_prefix(err, "--%s", recipe_settings[wrong].option ? recipe_settings[wrong].option : "?");
}

bool cmd_kernels(const struct arguments *a, bool *blas, struct error *err)
{
    const char *kernels = arguments_option(a, "kernels");
    *blas = kernels && text_equal(kernels, "blas");
    return !kernels || *blas || text_equal(kernels, "exact") ||
           error_set(err, ERROR_USAGE, "--kernels is exact or blas, not %s", kernels);
}

static bool options_of(struct workspace *w, const struct arguments *a, struct action_train_options *o,
                       struct error *err)
{
    *o = (struct action_train_options){
        .from = arguments_option(a, "from"), .threads = arguments_threads(a), .resume = arguments_flag(a, "resume")};
    if (!cmd_recipe(w, a, &o->recipe, err) || !arguments_int(a, "run", 1, INT64_MAX, &o->run, err))
        return false;
    return o->run == 0 || o->resume || error_set(err, ERROR_USAGE, "--run N says which training --resume goes on with");
}

static json_t *run_train(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_train_options o;
    return options_of(w, a, &o, err) ? action_train(w, arguments_operand(a, 0), &o, arguments_control(a), err) : NULL;
}

const struct command command_train = {
    .name = "train",
    .operands = "ARCH",
    .about = "train one model on everything before the hold-out",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_train,
    .ends_itself = true,
    .option = {{"from", "MODEL", "go on from these weights"},
               CMD_RECIPE_OPTIONS,
               {"kernels", "K", "exact, or blas: through OpenBLAS, marked, for comparison (exact)"},
               {"resume", NULL, "go on with a training that was interrupted"},
               {"run", "N", "with --resume: the training of that number"}}};

static json_t *run_score(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_train_options o;
    int64_t seeds = 1;
    if (!options_of(w, a, &o, err) || !arguments_int(a, "seeds", 1, 100, &seeds, err))
        return NULL;
    o.seeds = (int)seeds;
    o.grow = arguments_flag(a, "grow");
    if (o.grow && o.seeds > 1) {
        error_set(err, ERROR_USAGE, "--grow goes on from one trial's weights: not together with --seeds");
        return NULL;
    }
    if (o.recipe.blas) {
        error_set(err, ERROR_USAGE,
                  "--kernels blas: a score is exact, so that others can check it; train and bench "
                  "take blas");
        return NULL;
    }
    return action_score(w, arguments_operand(a, 0), &o, arguments_control(a), err);
}

/* A line with a title and some members of an object. */
static void show_line(const json_t *object, const char *title, const char *const *member, size_t n, FILE *out)
{
    if (!object)
        return;
    fprintf(out, "%-22s ", title);
    for (size_t i = 0; i < n; i++) {
        char text[96];
        print_value(json_object_get(object, member[i]), text, sizeof text);
        fprintf(out, "%s%s %s", i ? ", " : "", member[i], text);
    }
    fputc('\n', out);
}

static void show_more(const json_t *r, FILE *out)
{
    static const char *const trading[] = {"net", "gross", "hold", "hit_rate", "sharpe", "drawdown", "trades", "fee"};
    static const char *const seeds[] = {"n", "mean", "sd", "low", "high"};
    const json_t *calibration = json_object_get(r, "calibration");
    fputc('\n', out);
    show_line(json_object_get(r, "seeds"), "over seeds", seeds, ARRAY_N(seeds), out);
    show_line(json_object_get(r, "trading"), "trading (not scored)", trading, ARRAY_N(trading), out);
    if (!calibration)
        return;
    fprintf(out, "%-22s %.4f\n\n", "calibration error", json_number_value(json_object_get(calibration, "error")));
    print_table(json_object_get(calibration, "bins"), "from,to,n,said|mean said,seen|share seen", out);
}

static void show_score(const json_t *r, FILE *out)
{
    static const char *const field[] = {"arch",
                                        "score_name",
                                        "score",
                                        "directional_accuracy",
                                        "balanced_accuracy",
                                        "f1",
                                        "mcc",
                                        "auc",
                                        "log_loss",
                                        "brier",
                                        "r2",
                                        "mae",
                                        "pearson",
                                        "spearman",
                                        "stability",
                                        "trace_root",
                                        "weights_hash",
                                        "seconds"};
    char text[96];
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) {
        const json_t *value = json_object_get(r, field[i]);
        if (!value)
            continue;
        print_value(value, text, sizeof text);
        fprintf(out, "%-22s %s\n", field[i], text);
    }
    fputc('\n', out);
    print_scores(json_object_get(r, "folds"),
                "correct,total,score,directional_accuracy|accuracy,log_loss,epochs,seconds,weights_hash", out);
    show_more(r, out);
    if (json_object_get(r, "assets")) {
        fputc('\n', out);
        print_scores(json_object_get(r, "assets"), "asset,score,directional_accuracy|accuracy,mcc,auc,total", out);
    }
}

const struct command command_score = {.name = "score",
                                      .operands = "ARCH",
                                      .about = "walk-forward cross-validation",
                                      .least = 1,
                                      .most = 1,
                                      .need = COMMAND_WRITES,
                                      .run = run_score,
                                      .show = show_score,
                                      .ends_itself = true,
                                      .option = {CMD_RECIPE_OPTIONS,
                                                 {"seeds", "N", "so many seeds from --seed on, for the spread (1)"},
                                                 {"grow", NULL, "from the weights of the trial that it grew from, as a search does; else from scratch"},
                                                 {"kernels", "K", "exact"}}};
