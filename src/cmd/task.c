#include "action/action.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/table.h"

#define REPEATS_MAX 64

/* Every value of an option that may be given several times. */
static bool take_repeated(const struct arguments *a, const char *name, const char **out, int *n, struct error *err)
{
    for (*n = 0; arguments_option_at(a, name, *n); (*n)++) {
        if (*n == REPEATS_MAX)
            return error_set(err, ERROR_USAGE, "--%s is given more than %d times", name, REPEATS_MAX);
        out[*n] = arguments_option_at(a, name, *n);
    }
    return true;
}

static json_t *run_task_set(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_task_options o = {.asset = arguments_option(a, "asset"),
                                    .target = arguments_option(a, "target"),
                                    .features = arguments_option(a, "features"),
                                    .price = arguments_option(a, "price"),
                                    .missing = arguments_option(a, "missing-inputs"),
                                    .open_sealed = arguments_flag(a, "open-sealed"),
                                    .horizon = -1,
                                    .lookback = -1,
                                    .folds = -1,
                                    .embargo = -1,
                                    .stride = -1,
                                    .seed = -1,
                                    .holdout = -1};
    const char *accepted[REPEATS_MAX], *columns[REPEATS_MAX];
    if (!take_repeated(a, "accept-leak", accepted, &o.accepted_n, err) ||
        !take_repeated(a, "columns", columns, &o.columns_n, err))
        return NULL;
    o.accept_leak = accepted;
    o.dry_run = arguments_flag(a, "dry-run");
    o.columns = columns;
    if (!arguments_int(a, "horizon", 0, 1000000, &o.horizon, err) ||
        !arguments_int(a, "lookback", 1, 1000000, &o.lookback, err) ||
        !arguments_int(a, "folds", 1, 1000, &o.folds, err) ||
        !arguments_int(a, "embargo", 0, 1000000, &o.embargo, err) ||
        !arguments_int(a, "stride", 1, 1000000, &o.stride, err) ||
        !arguments_int(a, "seed", 0, INT64_MAX, &o.seed, err) || !arguments_real(a, "holdout", 0, 0.5, &o.holdout, err))
        return NULL;
    return action_task_set(w, &o, err);
}

const struct command command_task_set = {
    .name = "task set",
    .operands = "",
    .about = "say what to predict, from what, and how it is validated",
    .need = COMMAND_WRITES,
    .run = run_task_set,
    .option = {{"asset", "A[,B...]", "the assets to predict, trained on together"},
               {"price", "COLUMN", "its price column, where the name does not tell"},
               {"target", "T", "direction, return or class:COLUMN (direction)"},
               {"horizon", "H", "bars ahead (1); 0: the class of the bar itself"},
               {"lookback", "L", "bars of a window (32)"},
               {"features", "LIST", "families of features such as usual,rsi:14,macd; a wrong name lists all (usual)"},
               {"columns", "LIST", "only these columns; -NAME leaves one out, NAME=ROLE says what it is (all)"},
               {"missing-inputs", "M", "drop such samples, or mask: fill with 0 and say so in a channel (drop)"},
               {"folds", "K", "walk-forward folds (5)"},
               {"embargo", "N", "bars between training and validation, beyond the purge (0)"},
               {"stride", "N", "use every N-th sample (1)"},
               {"holdout", "P", "share of time that stays sealed, at most 0.5 (0.15)"},
               {"seed", "N", "seed (1)"},
               {"accept-leak", "NAME", "go on with what the leak detector suspects; may be given several times"},
               {"open-sealed", NULL, "show bars that an earlier task sealed; every later score says so"},
               {"dry-run", NULL, "show what the task would be, set nothing"}}};

static json_t *run_task_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_task_show(w, err);
}

const struct command command_task_show = {
    .name = "task show", .operands = "", .about = "the task in force", .need = COMMAND_READS, .run = run_task_show};

static json_t *run_task_export(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_task_export(w, arguments_operand(a, 0), err);
}

const struct command command_task_export = {.name = "task export",
                                            .operands = "FILE",
                                            .about = "the task in force as a text file, for another workspace",
                                            .least = 1,
                                            .most = 1,
                                            .need = COMMAND_READS,
                                            .run = run_task_export};

static json_t *run_task_import(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_task_import(w, arguments_operand(a, 0), arguments_flag(a, "open-sealed"), err);
}

const struct command command_task_import = {
    .name = "task import",
    .operands = "FILE",
    .about = "set the task of such a file in force; this workspace must have the same data",
    .least = 1,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_task_import,
    .option = {{"open-sealed", NULL, "show bars that an earlier task sealed; every later score says so"}}};
