/* What a lag, an as-of join, a fold, a purge and the seal are, with the numbers of this workspace. */
#include "ui/screen/data.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/stamp.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

/* The newest row that is not sealed, as an example. */
static bool example_row(const struct data_screen *s, int64_t *stamped, int64_t *over)
{
    const struct data_view *v = &s->view;
    if (v->frame == NULL || v->shown == 0)
        return false;
    *stamped = v->frame->time_us[v->shown - 1];
    *over = stamp_period_end(data_selected(s)->stamp, *stamped, v->frame->step_us);
    return true;
}

static const char *stamp_meaning(enum csv_stamp stamp)
{
    return stamp == CSV_STAMP_OPEN    ? "opens its period"
           : stamp == CSV_STAMP_CLOSE ? "closes its period"
                                      : "is a whole date, known when the date is over";
}

static void put_lag(struct text *out, const struct data_screen *s)
{
    const struct series_row *r = data_selected(s);
    int64_t stamped, over;
    char lag[AID_NUMBER], a[AID_NUMBER], b[AID_NUMBER], c[AID_NUMBER], d[AID_NUMBER];
    text_printf(out, "When a value of %s is known\n", r->name);
    text_printf(out, "A time of this series %s (stamp %s).", stamp_meaning(r->stamp), csv_stamp_name(r->stamp));
    if (!example_row(s, &stamped, &over)) {
        text_put(out, "\n\n");
        return;
    }
    text_printf(out, " The row stamped %s is over at %s.", aid_day(stamped, a), aid_day(over, b));
    if (r->lag_us > 0)
        text_printf(
            out, " Its publication lag is %s (%s): it is known from %s on, and no bar that closes before may use it.",
            aid_step(r->lag_us, lag), r->lag_reason, aid_day(over + r->lag_us, c));
    else
        text_printf(out, " It has no publication lag (%s): it is known at that moment.", r->lag_reason);
    text_printf(out, " A value older than four steps (%s) counts as missing.\n\n", aid_step(4 * r->step_us, d));
}

static void put_join(struct text *out, const struct data_screen *s)
{
    const struct task *t = &s->task.task;
    text_printf(out, "The as-of join\nThe bars are the rows of %s. ", t->series[0].name);
    for (int i = 1; i < t->series_n; i++) {
        char lag[AID_NUMBER];
        text_printf(out, "%s%s (lag %s)", i > 1 ? ", " : "To each bar comes the newest value known at its close of ",
                    t->series[i].name, t->series[i].lag_us > 0 ? aid_step(t->series[i].lag_us, lag) : "0");
    }
    text_printf(out,
                "%sPrices and volumes of the base series are known when their bar closes; its other columns are "
                "metrics, known a "
                "publication lag later. That makes %lld channels.\n\n",
                t->series_n > 1 ? ". " : "", (long long)json_integer_value(json_object_get(s->task_info, "channels")));
}

static void put_folds(struct text *out, const struct data_screen *s)
{
    const struct task *t = &s->task.task;
    char n[AID_NUMBER], m[AID_NUMBER], a[AID_NUMBER], b[AID_NUMBER], c[AID_NUMBER];
    text_printf(
        out,
        "Folds\nWalk-forward: each fold trains on the past and is judged on the block behind it, never the other way. "
        "Between "
        "the last training sample and the first one validated lie at least look-back %d + horizon %d + embargo %d = %d "
        "bars: these are purged, so that no bar is read by both sides, as input or as target.\n",
        t->lookback, t->horizon, t->embargo, t->lookback + t->horizon + t->embargo);
    for (int k = 0; k < s->folds; k++) {
        const struct data_fold *f = &s->fold[k];
        text_printf(out, "  fold %d: trains on %s samples to %s, validates %s samples from %s to %s\n", k + 1,
                    aid_count(f->train_n, n), aid_day(f->train_last, a), aid_count(f->valid_n, m),
                    aid_day(f->valid_first, b), aid_day(f->valid_last, c));
    }
    text_put(out, "\n");
}

static void put_seal(struct text *out, const struct data_screen *s)
{
    char bars[AID_NUMBER], a[AID_NUMBER], b[AID_NUMBER];
    if (s->sealed_first == 0) {
        text_put(out, "The seal\nThis task seals nothing: there is no hold-out to prove a result on.\n");
        return;
    }
    text_printf(
        out,
        "The seal\nThe last %s bars (%.1f %% of the time, %s to %s) are the hold-out. The data set does not contain "
        "their "
        "values, no screen draws them, and no choice depends on them: a result can be opened on them once, at the "
        "end, and be believed.\n",
        aid_count(json_integer_value(json_object_get(json_object_get(s->task_info, "sealed"), "bars")), bars),
        (double)s->task.task.holdout_ppm / 1e4, aid_day(s->sealed_first, a), aid_day(s->sealed_last, b));
}

/* --- the thing under the cursor --------------------------------------------------------------------------------------
 */

/* Prices and volumes of the base series are known when their bar closes, whatever its lag. */
static int64_t lag_of(const struct data_screen *s)
{
    enum feature_role role = s->view.column[s->columns.cursor].role;
    bool base = s->has_task && text_equal(s->task.task.series[0].name, s->view.name);
    return base && (role == FEATURE_PRICE || role == FEATURE_VOLUME) ? 0 : s->view.lag_us;
}

/* The row under the plot's cursor: its values, since when each is known, in which part of the folds it lies. */
static void put_cursor(struct text *out, const struct data_screen *s)
{
    const struct data_view *v = &s->view;
    const struct series_row *r = data_selected(s);
    char a[AID_NUMBER], b[AID_NUMBER], c[AID_NUMBER], value[FRAME_LABEL_MAX];
    if (isnan(s->cursor) || v->shown == 0)
        return;
    size_t row = data_row_at(v, s->cursor);
    double x = v->frame->column[s->columns.cursor].value[row];
    int64_t over = stamp_period_end(v->stamp, v->frame->time_us[row], v->frame->step_us);
    data_value_text(&v->frame->column[s->columns.cursor], x, value, sizeof value);
    text_printf(out, "Under the cursor\n%s of %s is %s. Its period is over at %s",
                v->frame->column[s->columns.cursor].name, aid_day(v->frame->time_us[row], a), value, aid_day(over, b));
    if (lag_of(s) > 0)
        text_printf(out, "; with the publication lag of %s it is known from %s on.", aid_step(r->lag_us, b),
                    aid_day(over + r->lag_us, c));
    else
        text_put(out, ", and then it is known.");
    for (size_t i = 0; i < v->flags; i++)
        if (v->flag[i].time_us == v->frame->time_us[row])
            text_printf(out, " The importer flagged it, and kept it: %s.", v->flag[i].what);
    for (int k = 0; k < s->folds; k++) {
        const struct data_fold *f = &s->fold[k];
        const char *part = over <= f->train_last   ? "trains"
                           : over < f->valid_first ? "is purged"
                           : over <= f->valid_last ? "is judged on"
                                                   : "comes after what is judged";
        text_printf(out, "%s fold %d: it %s", k == 0 ? "\n " : ";", k + 1, part);
    }
    if (row > 0 && v->frame->step_us > 0 &&
        v->frame->time_us[row] - v->frame->time_us[row - 1] > v->frame->step_us * 3 / 2)
        text_printf(out, "%s Before it %lld steps are missing.", s->folds > 0 ? "." : "",
                    (long long)((v->frame->time_us[row] - v->frame->time_us[row - 1]) / v->frame->step_us - 1));
    text_put(out, "\n\n");
}

static void put_ties(struct text *out, const struct data_screen *s, const char *column)
{
    const struct data_stats *t = &s->stats;
    for (int i = 0; t->has_ties && i < t->ties; i++) {
        const char *blank = strchr(t->tie[i].feature, ' ');
        if (blank == NULL || !text_equal(blank + 1, column))
            continue;
        if (t->classes > 2)
            text_printf(out, "  %s: eta %.3f, the root of the share of its spread that lies between the classes,",
                        t->tie[i].feature, t->tie[i].eta);
        else
            text_printf(out, "  %s: rank correlation with the target %+.3f,", t->tie[i].feature, t->tie[i].spearman);
        text_printf(out, " over %zu samples of %s\n", t->tie[i].n,
                    t->ties_all ? "all bars before the hold-out" : "the first fold's training part");
    }
}

static void put_column(struct text *out, const struct data_screen *s)
{
    const struct data_view *v = &s->view;
    const struct data_column *c = &v->column[s->columns.cursor];
    const char *name = v->frame->column[s->columns.cursor].name;
    char least[40], most[40], rows[AID_NUMBER], missing[AID_NUMBER], step[AID_NUMBER];
    axis_value(c->least, least, sizeof least);
    axis_value(c->most, most, sizeof most);
    text_printf(out,
                "Column %s\nIt is taken for %s %s by its name and values: %s rows from %s to %s, %s missing. Rows come "
                "every %s; at %zu "
                "places some are missing, and %zu are flagged.\n",
                name, c->role == FEATURE_ONCHAIN ? "an" : "a", feature_role_name(c->role),
                aid_count((int64_t)v->shown, rows), least, most, aid_count((int64_t)c->missing, missing),
                aid_step(v->frame->step_us, step), v->holes, v->flags);
    put_ties(out, s, name);
    text_put(out, "\n");
}

char *data_explain(void *self, struct app *app)
{
    struct data_screen *s = self;
    struct text out = {0};
    (void)app;
    if (s->mode == DATA_PREVIEW)
        return data_preview_explain(s);
    if (data_selected(s) == NULL || s->mode == DATA_FILES || s->view.frame == NULL)
        return NULL;
    put_cursor(&out, s);
    put_column(&out, s);
    put_lag(&out, s);
    if (s->has_task) {
        put_join(&out, s);
        put_folds(&out, s);
        put_seal(&out, s);
    } else {
        text_put(&out, "No task is set yet: t sets one, and with it folds and a sealed hold-out.\n");
    }
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}
