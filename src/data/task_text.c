#include "data/task_text.h"

#include "base/memory.h"
#include "data/set/dataset.h"
#include "data/task_columns.h"

#define TASK_MAGIC "morphsmith-task 1"

/* --- writing ---------------------------------------------------------------------------------------------------- */

char *task_format(const struct task *task)
{
    char target[FRAME_NAME_MAX + 16];
    struct text t = {0};
    text_put(&t, TASK_MAGIC "\n");
    for (int i = 0; i < task->series_n; i++) {
        const struct task_series *s = &task->series[i];
        char hex[HASH_HEX];
        hash_hex(s->frame, hex);
        text_printf(&t, "series %s frame=%s stamp=%s lag_us=%lld asset=%s\n", s->name, hex, csv_stamp_name(s->stamp),
                    (long long)s->lag_us, s->asset == TASK_SHARED ? "*" : task->asset[s->asset].name);
    }
    for (int i = 0; i < task->assets; i++) {
        const struct task_asset *a = &task->asset[i];
        text_printf(&t, "asset %s base=%s%s%s\n", a->name, task->series[a->base].name, a->price[0] ? " price=" : "",
                    a->price);
    }
    task_target_text(task, target, sizeof target);
    text_printf(&t, "target %s\n", target);
    text_printf(&t, "horizon %d\nlookback %d\nfeatures %s\n", task->horizon, task->lookback, task->features);
    task_columns_format(&t, task);
    text_printf(&t, "folds %d\nembargo %d\nstride %d\n", task->folds, task->embargo, task->stride);
    text_printf(&t, "holdout_ppm %lu\nseed %llu\n", (unsigned long)task->holdout_ppm, (unsigned long long)task->seed);
    task_leaks_format(&t, task);
    char *out = memory_text(text_of(&t));
    text_free(&t);
    return out;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

void task_reader_next(struct task_reader *r)
{
    r->line = text_next(&r->rest, '\n');
    if (r->line && !r->rest && !*r->line) /* behind the last line end */
        r->line = NULL;
    text_copy(r->shown, sizeof r->shown, r->line ? r->line : "");
    r->number++;
}

char *task_reader_value(const struct task_reader *r, const char *key)
{
    size_t n = strlen(key);
    return r->line && text_starts(r->line, key) && r->line[n] == ' ' ? r->line + n + 1 : NULL;
}

bool task_reader_wrong(struct task_reader *r, const char *rule)
{
    text_copy(r->rule, sizeof r->rule, rule);
    return false;
}

/* owner is left pointing at the name of the asset: the asset lines come later. */
static bool read_series(struct task *task, const char **owner, struct task_reader *r)
{
    char *rest = task_reader_value(r, "series");
    if (task->series_n >= TASK_SERIES_MAX)
        return task_reader_wrong(r, "no more than 128 lines of series");
    struct task_series *s = &task->series[task->series_n];
    const char *name = text_next(&rest, ' '), *frame = text_next(&rest, ' '), *stamp = text_next(&rest, ' ');
    const char *lag = text_next(&rest, ' '), *asset = rest;
    bool ok = name && frame && stamp && lag && asset && text_copy(s->name, sizeof s->name, name) &&
              text_starts(frame, "frame=") && hash_from_hex(frame + 6, &s->frame) && text_starts(stamp, "stamp=") &&
              csv_stamp_parse(stamp + 6, &s->stamp) && text_starts(lag, "lag_us=") &&
              text_parse_int(lag + 7, 0, TASK_LAG_MOST_US, &s->lag_us) && text_starts(asset, "asset=");
    for (int i = 0; ok && i < task->series_n; i++)
        if (text_equal(task->series[i].name, s->name))
            return task_reader_wrong(r, "a series that no line above names");
    if (ok)
        owner[task->series_n++] = asset + 6;
    return ok || task_reader_wrong(r, "series NAME frame=HASH stamp=open|close|date lag_us=N asset=NAME (or asset=*), "
                                      "HASH being 64 lower-case digits");
}

static bool read_asset(struct task *task, struct task_reader *r)
{
    char *rest = task_reader_value(r, "asset");
    if (task->assets >= TASK_ASSETS_MAX)
        return task_reader_wrong(r, "no more than 64 lines of assets");
    struct task_asset *a = &task->asset[task->assets++];
    const char *name = text_next(&rest, ' '), *base = text_next(&rest, ' '), *price = rest;
    a->base = -1;
    for (int i = 0; base && text_starts(base, "base=") && i < task->series_n; i++)
        if (text_equal(task->series[i].name, base + 5))
            a->base = i;
    for (int i = 0; name && i < task->assets - 1; i++)
        if (text_equal(task->asset[i].name, name))
            return task_reader_wrong(r, "an asset that no line above names");
    bool ok = name && text_copy(a->name, sizeof a->name, name) && a->base >= 0 &&
              (!price || (text_starts(price, "price=") && text_copy(a->price, sizeof a->price, price + 6)));
    return ok ||
           task_reader_wrong(r, "asset NAME base=SERIES, with price=COLUMN behind it where it has a price, SERIES "
                                "being one of the series above");
}

/* "*" or the name of an asset. */
static bool find_owners(struct task *task, const char *const *owner, struct task_reader *r)
{
    for (int i = 0; i < task->series_n; i++) {
        bool found = text_equal(owner[i], "*");
        task->series[i].asset = TASK_SHARED;
        for (int k = 0; k < task->assets && !found; k++) {
            found = text_equal(owner[i], task->asset[k].name);
            task->series[i].asset = found ? k : TASK_SHARED;
        }
        if (!found)
            return task_reader_wrong(
                r, "a line \"asset NAME base=SERIES\" above this one for each asset that a series names");
    }
    return true;
}

static bool read_int(struct task_reader *r, const char *key, int64_t least, int64_t most, int *out)
{
    int64_t v = 0;
    const char *value = task_reader_value(r, key);
    if (!value || !text_parse_int(value, least, most, &v)) {
        snprintf(r->rule, sizeof r->rule, "%s N, N being a whole number from %lld to %lld", key, (long long)least,
                 (long long)most);
        return false;
    }
    *out = (int)v;
    task_reader_next(r);
    return true;
}

static bool read_target(struct task *task, struct task_reader *r)
{
    const char *target = task_reader_value(r, "target");
    if (!target || !task_set_target(task, target, NULL))
        return task_reader_wrong(r, "target direction, target return or target class:COLUMN");
    task_reader_next(r);
    return true;
}

static bool read_features(struct task *task, struct task_reader *r)
{
    const char *features = task_reader_value(r, "features");
    struct feature_list list;
    struct error why = {0};
    if (!features)
        return task_reader_wrong(r, "features LIST");
    if (!text_copy(task->features, sizeof task->features, features) || !feature_list_read(&list, features, &why))
        return task_reader_wrong(r, why.text[0] ? why.text : "a shorter list of features");
    task_reader_next(r);
    return true;
}

static bool read_seed(struct task *task, struct task_reader *r)
{
    const char *seed = task_reader_value(r, "seed");
    if (!seed || !text_parse_u64(seed, &task->seed))
        return task_reader_wrong(r, "seed N, N being a whole number");
    task_reader_next(r);
    return true;
}

static bool read_head(struct task *task, struct task_reader *r)
{
    const char *owner[TASK_SERIES_MAX];
    task_reader_next(r);
    if (!r->line || !text_equal(r->line, TASK_MAGIC))
        return task_reader_wrong(r, TASK_MAGIC);
    for (task_reader_next(r); task_reader_value(r, "series"); task_reader_next(r))
        if (!read_series(task, owner, r))
            return false;
    for (; task_reader_value(r, "asset"); task_reader_next(r))
        if (!read_asset(task, r))
            return false;
    return find_owners(task, owner, r);
}

static bool read_lines(struct task *task, struct task_reader *r)
{
    int holdout = 0;
    bool ok = read_head(task, r) && read_target(task, r) &&
              read_int(r, "horizon", task->target == TASK_CLASS ? 0 : 1, TASK_HORIZON_MAX, &task->horizon) &&
              read_int(r, "lookback", 1, TASK_LOOKBACK_MAX, &task->lookback) && read_features(task, r) &&
              task_columns_read(task, r) && read_int(r, "folds", 1, DATASET_FOLDS_MAX, &task->folds) &&
              read_int(r, "embargo", 0, 1000000, &task->embargo) && read_int(r, "stride", 1, 1000000, &task->stride) &&
              read_int(r, "holdout_ppm", 0, 500000, &holdout) && read_seed(task, r) && task_leaks_read(task, r);
    task->holdout_ppm = (uint32_t)holdout;
    return ok && (!r->line || task_reader_wrong(r, "the end of the text"));
}

static bool say_line(const char *line, int number, const char *rule, struct error *err)
{
    struct text shown = {0};
    if (line)
        text_escape(&shown, line, strlen(line));
    if (line)
        error_set(err, ERROR_DATA, "line %d is '%s'; it should be: %s", number, text_of(&shown), rule);
    else
        error_set(err, ERROR_DATA, "the text ends before line %d; it should be: %s", number, rule);
    text_free(&shown);
    return false;
}

/* The first line that differs from the one spelling of the task that was read. */
static bool check_spelling(const struct task *task, const char *text, int first, struct error *err)
{
    char *again = task_format(task), *mine = memory_text(text), *a = again, *b = mine;
    bool same = text_equal(again, text);
    for (int number = first; !same; number++) {
        const char *wanted = text_next(&a, '\n'), *given = text_next(&b, '\n');
        if (wanted && given && text_equal(wanted, given))
            continue;
        char shown[84] = "";
        text_copy(shown, sizeof shown, given ? given : "");
        say_line(given ? shown : NULL, number, wanted && *wanted ? wanted : "the end of the text, behind a line end",
                 err);
        break;
    }
    free(again);
    free(mine);
    return same;
}

bool task_parse_at(struct task *task, const char *text, int first, struct error *err)
{
    *task = (struct task){0};
    char *copy = memory_text(text);
    struct task_reader r = {.rest = copy, .number = first - 1};
    bool ok = read_lines(task, &r) || say_line(r.line ? r.shown : NULL, r.number, r.rule, err);
    free(copy);
    if (!ok)
        return false;
    struct error why = {0};
    if (!task_check(task, &why))
        return error_set(err, ERROR_DATA, "the text of a task: %s", why.text);
    return check_spelling(task, text, first, err);
}

bool task_parse(struct task *task, const char *text, struct error *err)
{
    return task_parse_at(task, text, 1, err);
}

struct hash task_text_hash(const struct task *task)
{
    char *text = task_format(task);
    struct hash h = hash_of_text(text);
    free(text);
    return h;
}
