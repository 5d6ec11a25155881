#include "data/task.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/set/dataset.h"
#include "data/task_columns.h"

void task_defaults(struct task *task)
{
    *task = (struct task){.horizon = 1, .lookback = 32, .folds = 5, .stride = 1, .holdout_ppm = 150000, .seed = 1};
    text_copy(task->features, sizeof task->features, FEATURE_USUAL);
}

bool task_settle(struct task *task, struct error *err)
{
    struct feature_list list;
    if (!feature_list_read(&list, task->features, err))
        return error_prefix(err, "--features");
    if (!feature_list_format(&list, task->features, sizeof task->features))
        return error_set(err, ERROR_LIMIT, "--features is longer than %zu bytes when written out",
                         sizeof task->features - 1);
    task_columns_sort(task);
    return true;
}

/* --- what is allowed --------------------------------------------------------------------------------------------- */

static bool in_range(const char *field, int64_t value, int64_t least, int64_t most, struct error *err)
{
    if (value >= least && value <= most)
        return true;
    return error_set(err, ERROR_USAGE, "%s is %lld; it must lie between %lld and %lld", field, (long long)value,
                     (long long)least, (long long)most);
}

/* Names stand on a line of the task's text. */
static bool check_name(const char *field, const char *name, bool blanks, struct error *err)
{
    size_t n = strlen(name);
    bool ok = n > 0 && text_is_utf8(name, n) && name[0] != ' ' && name[n - 1] != ' ';
    for (size_t i = 0; ok && i < n; i++) {
        unsigned char c = (unsigned char)name[i];
        ok = c >= ' ' && c != 0x7f && (blanks || c != ' ');
    }
    return ok || error_set(err, ERROR_USAGE, "the %s '%s' must be printable and not empty, without blanks %s", field,
                           name, blanks ? "at its ends" : "in it");
}

static bool check_owner(const struct task *task, const struct task_series *s, struct error *err)
{
    return (s->asset >= TASK_SHARED && s->asset < task->assets) ||
           error_set(err, ERROR_USAGE, "series '%s' belongs to asset %d of %d", s->name, s->asset + 1, task->assets);
}

static bool check_series(const struct task *task, struct error *err)
{
    if (!in_range("the number of series", task->series_n, 1, TASK_SERIES_MAX, err))
        return false;
    for (int i = 0; i < task->series_n; i++) {
        const struct task_series *s = &task->series[i];
        if (!check_name("name of a series", s->name, false, err) ||
            !in_range("lag_us", s->lag_us, 0, TASK_LAG_MOST_US, err) || !check_owner(task, s, err))
            return false;
        if (s->stamp != CSV_STAMP_OPEN && s->stamp != CSV_STAMP_CLOSE && s->stamp != CSV_STAMP_DATE)
            return error_set(err, ERROR_USAGE, "the stamp of series '%s' must be open, close or date", s->name);
        for (int k = 0; k < i; k++)
            if (text_equal(task->series[k].name, s->name))
                return error_set(err, ERROR_USAGE, "two series are called '%s'; rename one", s->name);
    }
    return true;
}

static bool check_asset(const struct task *task, int i, struct error *err)
{
    const struct task_asset *a = &task->asset[i];
    if (!check_name("name of an asset", a->name, false, err))
        return false;
    if (text_equal(a->name, "*"))
        return error_set(err, ERROR_USAGE, "no asset can be called '*': that stands for all");
    for (int k = 0; k < i; k++)
        if (text_equal(task->asset[k].name, a->name))
            return error_set(err, ERROR_USAGE, "asset '%s' is named twice", a->name);
    if (a->base < 0 || a->base >= task->series_n || task->series[a->base].asset != i || (i == 0 && a->base != 0))
        return error_set(err, ERROR_USAGE, "the base series of asset '%s' must be one of its own%s", a->name,
                         i == 0 ? " and the task's first" : "");
    if (a->price[0] || task->target == TASK_CLASS)
        return !a->price[0] || check_name("price column", a->price, true, err);
    return error_set(err, ERROR_USAGE,
                     "asset '%s' needs a price column, as its %s is to be predicted; say which with "
                     "--price COLUMN",
                     a->name, task->target == TASK_RETURN ? "return" : "direction");
}

static bool check_assets(const struct task *task, struct error *err)
{
    if (!in_range("the number of assets", task->assets, 1, TASK_ASSETS_MAX, err))
        return false;
    for (int i = 0; i < task->assets; i++)
        if (!check_asset(task, i, err))
            return false;
    return task->target != TASK_CLASS || check_name("class column", task->label, true, err);
}

/* A class may be that of the bar itself: a label to be told from the signal. */
static bool check_horizon(const struct task *task, struct error *err)
{
    if (task->horizon == 0 && task->target != TASK_CLASS)
        return error_set(err, ERROR_USAGE,
                         "horizon is 0, the bar itself, which has a class to be told but no return to come: give "
                         "--target class:COLUMN, or a horizon from 1 on");
    return in_range("horizon", task->horizon, 0, TASK_HORIZON_MAX, err);
}

static bool check_features(const struct task *task, struct error *err)
{
    struct feature_list list;
    char canonical[sizeof task->features];
    if (!feature_list_read(&list, task->features, err))
        return error_prefix(err, "features");
    if (!feature_list_format(&list, canonical, sizeof canonical) || !text_equal(canonical, task->features))
        return error_set(err, ERROR_USAGE,
                         "features must be in the table's order, each once, with all numbers: '%s', not '%s'",
                         canonical, task->features);
    return task_columns_check(task, err);
}

bool task_check(const struct task *task, struct error *err)
{
    return check_series(task, err) && check_assets(task, err) && check_horizon(task, err) &&
           in_range("lookback", task->lookback, 1, TASK_LOOKBACK_MAX, err) &&
           in_range("folds", task->folds, 1, DATASET_FOLDS_MAX, err) &&
           in_range("embargo", task->embargo, 0, 1000000, err) && in_range("stride", task->stride, 1, 1000000, err) &&
           in_range("holdout_ppm", task->holdout_ppm, 0, 500000, err) && check_features(task, err);
}

/* --- the target -------------------------------------------------------------------------------------------------- */

bool task_set_target(struct task *task, const char *text, struct error *err)
{
    static const char class[] = "class:";
    bool is_class = text_starts(text, class);
    task->label[0] = '\0';
    task->target = is_class ? TASK_CLASS : text_equal(text, "return") ? TASK_RETURN : TASK_DIRECTION;
    if (is_class)
        return (text[sizeof class - 1] && text_copy(task->label, sizeof task->label, text + sizeof class - 1)) ||
               error_set(err, ERROR_USAGE, "--target class:COLUMN names a column, in at most %d bytes",
                         FRAME_NAME_MAX - 1);
    return task->target == TASK_RETURN || text_equal(text, "direction") ||
           error_set(err, ERROR_USAGE, "--target is direction, return or class:COLUMN, not %s", text);
}

void task_target_text(const struct task *task, char *out, size_t size)
{
    static const char *const target[] = {"direction", "return", "class:"};
    text_copy(out, size, target[task->target]);
    text_append(out, size, task->label);
}

void task_asset_names(const struct task *task, char *out, size_t size)
{
    text_copy(out, size, "");
    for (int i = 0; i < task->assets; i++) {
        text_append(out, size, i > 0 ? ", " : "");
        text_append(out, size, task->asset[i].name);
    }
}

void task_describe(const struct task *task, char *out, size_t size)
{
    char names[256], what[FRAME_NAME_MAX + 32];
    task_asset_names(task, names, sizeof names);
    if (task->target == TASK_CLASS)
        snprintf(what, sizeof what, "class of %s", task->label);
    else if (task->target == TASK_RETURN)
        snprintf(what, sizeof what, "log return of %s", task->asset[0].price);
    else
        snprintf(what, sizeof what, "%s up or down", task->asset[0].price);
    if (task->horizon == 0)
        snprintf(out, size, "%s: %s, of the bar itself", names, what);
    else
        snprintf(out, size, "%s: %s, %d bar%s ahead", names, what, task->horizon, task->horizon == 1 ? "" : "s");
}

const char *task_score_short(enum task_target target)
{
    static const char *const name[] = {"accuracy", "R2", "balanced"};
    return name[target];
}

const char *task_score_name(enum task_target target)
{
    static const char *const name[] = {"directional accuracy", "R2", "balanced accuracy"};
    return name[target];
}
