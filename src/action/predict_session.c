/* Bars taken through a model: windows filled, those wanted predicted, outcomes found `horizon` bars later. */
#include "action/predict_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "work/json.h"

#include <math.h>

#define BATCH_MOST 64
#define GRID_ROWS 1000 /* of the history that say whether its bars lie on a grid */

/* --- opening --------------------------------------------------------------------------------------------------------
 */

static bool make_room(struct predict_session *s, struct error *err)
{
    const struct dataset *d = s->model->data;
    size_t rows = (size_t)d->task.lookback - 1 + FOLLOW_ROWS;
    s->scaled = memory_try(rows * d->channels, sizeof *s->scaled, "the windows", err);
    s->bar = NEW_ARRAY(uint32_t, FOLLOW_ROWS);
    s->of = NEW_ARRAY(size_t, FOLLOW_ROWS);
    s->value = NEW_ARRAY(float, FOLLOW_ROWS *(size_t)s->head.outputs);
    return s->scaled != NULL;
}

static void find_known(struct predict_session *s)
{
    size_t rows = predict_history_rows(&s->history), horizon = (size_t)s->model->data->task.horizon;
    s->known_us = INT64_MIN;
    if (rows > horizon)
        s->known_us = follow_close(s->follow, predict_history_time(&s->history, rows - 1 - horizon));
}

/* Months are not all as long. */
static bool has_grid(const struct predict_history *h, int64_t step_us)
{
    size_t rows = predict_history_rows(h);
    if (rows < 2 || step_us <= 0 || step_us >= 28 * CLOCK_DAY_US)
        return false;
    for (size_t i = rows > GRID_ROWS ? rows - GRID_ROWS : 1; i < rows; i++)
        if ((predict_history_time(h, i) - predict_history_time(h, i - 1)) % step_us != 0)
            return false;
    return true;
}

bool predict_session_open(struct predict_session *s, const struct predict_model *m, const struct predict_frames *f,
                          int asset, const struct seal_span *sealed, int sealed_n, struct threads *pool,
                          const struct action_predict_options *options, struct error *err)
{
    const struct dataset *d = m->data;
    int batch = options->batch > 0 ? options->batch : BATCH_MOST;
    *s = (struct predict_session){.model = m, .options = options, .first_us = INT64_MAX, .last_us = INT64_MIN};
    s->head = (struct predict_head){
        .task = &d->task, .asset = asset, .outputs = dataset_outputs(d), .class_name = d->class_name};
    s->scores = (struct predict_scores){.model = m, .outputs = s->head.outputs};
    memcpy(s->sealed, sealed, (size_t)sealed_n * sizeof *sealed);
    s->sealed_n = sealed_n;
    s->follow = follow_new(d, asset, f->all, err);
    if (!s->follow || !predict_history_of(&s->history, f, asset, s->follow, err))
        return false;
    find_known(s);
    s->grid = has_grid(&s->history, d->asset[asset].step_us);
    s->predictor = predictor_new(m->model, &m->slices.goal, d->task.lookback, d->channels, batch, pool, err);
    return s->predictor && make_room(s, err);
}

void predict_session_close(struct predict_session *s)
{
    follow_free(s->follow);
    predictor_free(s->predictor);
    predict_history_free(&s->history);
    predict_scores_free(&s->scores);
    free(s->scaled);
    free(s->bar);
    free(s->of);
    free(s->value);
    free(s->record);
    free(s->said);
    json_decref(s->newest);
    *s = (struct predict_session){0};
}

/* --- what a bar is --------------------------------------------------------------------------------------------------
 */

static bool is_sealed(const struct predict_session *s, int64_t close_us)
{
    for (int i = 0; i < s->sealed_n; i++)
        if (close_us > s->sealed[i].after_us && close_us <= s->sealed[i].last_us)
            return true;
    return false;
}

static enum predict_state state_of(const struct predict_session *s, int64_t close_us)
{
    const struct dataset *d = s->model->data;
    const struct dataset_asset *a = &d->asset[s->head.asset];
    const int64_t *close = d->time_us + a->first;
    size_t low = 0, high = a->visible;
    if (close_us > close[a->visible - 1])
        return d->sealed_bars > 0 && close_us <= d->sealed_last_us ? PREDICT_OPENED : PREDICT_NEW;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (close[middle] < close_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low < a->visible && close[low] == close_us ? (enum predict_state)s->model->role[a->first + low]
                                                      : PREDICT_UNUSED;
}

bool predict_hides(const struct predict_session *s, int64_t close_us, bool known)
{
    return known && is_sealed(s, close_us);
}

/* `known`: is there a bar that tells its outcome? */
static struct predict_record record_of(const struct predict_session *s, size_t bar, int64_t time_us, bool known)
{
    const struct follow_bars *b = follow_bars(s->follow);
    int64_t close_us = b->close_us[bar];
    bool sealed = is_sealed(s, close_us);
    known = (known && !s->live) || close_us <= s->known_us; /* a stream tells a bar before it has the next */
    return (struct predict_record){.time_us = time_us,
                                   .close_us = close_us,
                                   .price = b->price[bar],
                                   .label = b->label[bar],
                                   .outcome = NAN,
                                   .chain = b->chain[bar],
                                   .state = (uint8_t)(sealed || !known ? PREDICT_NEW : state_of(s, close_us)),
                                   .sealed = sealed,
                                   .hidden = sealed && known};
}

/* --- telling --------------------------------------------------------------------------------------------------------
 */

static bool tell(struct predict_session *s, size_t i, struct error *err)
{
    const struct action_predict_options *o = s->options;
    const struct predict_record *r = &s->record[i];
    struct predict_bar bar = {.time_us = r->time_us,
                              .close_us = r->close_us,
                              .state = (enum predict_state)r->state,
                              .value = s->said + i * (size_t)s->head.outputs,
                              .outcome = r->outcome,
                              .price = r->sealed ? (double)NAN : r->price};
    s->told++;
    s->first_us = bar.time_us < s->first_us ? bar.time_us : s->first_us;
    s->last_us = bar.time_us > s->last_us ? bar.time_us : s->last_us;
    if (!s->live && i + 1 == s->newest_n)
        s->newest = predict_bar_json(&s->head, &bar);
    return o->bar(o->context, &s->head, &bar) ||
           error_set(err, control_cancelled(o->control) ? ERROR_INTERRUPTED : ERROR_IO, "interrupted");
}

bool predict_tell(struct predict_session *s, struct error *err)
{
    for (s->newest_n = s->records; s->newest_n > 0 && !s->record[s->newest_n - 1].shown;)
        s->newest_n--;
    for (size_t i = 0; i < s->newest_n; i++)
        if (s->record[i].shown && !tell(s, i, err))
            return false;
    return true;
}

/* The bar that just came tells the outcome of the one `horizon` bars before, if nothing lies between that it must not
 * tell: a gap, or the seal. */
static void find_outcome(struct predict_session *s)
{
    const struct task *task = &s->model->data->task;
    size_t horizon = (size_t)task->horizon, last = s->records - 1;
    const struct predict_record *then = &s->record[last];
    if (last < horizon || then->sealed)
        return;
    struct predict_record *r = &s->record[last - horizon];
    if (!r->shown || then->chain < (uint32_t)(task->lookback + task->horizon))
        return;
    r->outcome = dataset_target(task, r->price, then->price, then->label);
    if (isfinite(r->outcome) && !r->sealed)
        predict_score_add(&s->scores, (enum predict_state)r->state,
                          s->said + (last - horizon) * (size_t)s->head.outputs, r->outcome);
}

/* A stream keeps the bars that wait for their outcome, and no more. */
static void drop_records(struct predict_session *s)
{
    size_t keep = (size_t)s->model->data->task.horizon, drop = s->records > keep ? s->records - keep : 0;
    size_t each = (size_t)s->head.outputs;
    if (!s->live || s->records < keep + 4 * FOLLOW_ROWS)
        return;
    memmove(s->record, s->record + drop, keep * sizeof *s->record);
    memmove(s->said, s->said + drop * each, keep * each * sizeof *s->said);
    s->records = keep;
}

/* --- feeding --------------------------------------------------------------------------------------------------------
 */

/* Puts the rows taken last behind those that windows still reach back to. */
static void scale_rows(struct predict_session *s)
{
    const struct dataset *d = s->model->data;
    const struct follow_bars *b = follow_bars(s->follow);
    float *to = s->scaled + s->held * d->channels;
    for (size_t i = 0; i < b->n; i++)
        for (size_t c = 0; c < d->channels; c++)
            to[i * d->channels + c] = dataset_scaled(s->model->scaling[c], b->feature[i * d->channels + c]);
}

static void keep_rows(struct predict_session *s)
{
    const struct dataset *d = s->model->data;
    size_t all = s->held + follow_bars(s->follow)->n, keep = (size_t)d->task.lookback - 1;
    s->held = all < keep ? all : keep;
    memmove(s->scaled, s->scaled + (all - s->held) * d->channels, s->held * d->channels * sizeof *s->scaled);
}

void predict_warm_rows(struct predict_session *s, const struct frame *rows, const size_t *column, size_t first,
                       size_t end)
{
    while (first < end) {
        first += follow_take(s->follow, rows, column, first, end);
        scale_rows(s);
        keep_rows(s);
    }
}

void predict_warm(struct predict_session *s, size_t first, size_t end)
{
    while (first < end) {
        size_t at, k = predict_history_part(&s->history, first, &at);
        size_t most = s->history.begin[k + 1] < end ? s->history.begin[k + 1] : end;
        predict_warm_rows(s, s->history.part[k], s->history.column[k], at, at + most - first);
        first = most;
    }
}

static void add_record(struct predict_session *s, const struct predict_record *r)
{
    s->record = memory_grow(s->record, &s->record_capacity, s->records + 1, sizeof *s->record);
    s->said = memory_grow(s->said, &s->said_capacity, (s->records + 1) * (size_t)s->head.outputs, sizeof *s->said);
    s->record[s->records++] = *r;
}

/* Which of the bars taken last are wanted: s->bar and s->of; returns how many. */
static size_t choose(struct predict_session *s, const struct frame *rows, size_t left)
{
    const struct follow_bars *b = follow_bars(s->follow);
    size_t n = 0, horizon = (size_t)s->model->data->task.horizon;
    for (size_t i = 0; i < b->n; i++) {
        struct predict_record r = record_of(s, i, rows->time_us[b->first_row + i], b->n - 1 - i + left >= horizon);
        s->sealed_bars += r.hidden;
        s->lacking[b->lack[i]] += !r.hidden;
        r.shown = !r.hidden && b->lack[i] == FOLLOW_WHOLE;
        if (r.shown) {
            s->bar[n] = (uint32_t)(s->held + i);
            s->of[n++] = s->records + i;
        }
        s->next[i] = r;
    }
    return n;
}

/* Bars one after the other: each may tell the outcome of an earlier one. */
static bool take_bars(struct predict_session *s, size_t shown, struct error *err)
{
    size_t each = (size_t)s->head.outputs, n = follow_bars(s->follow)->n, at = 0;
    for (size_t i = 0; i < n; i++) {
        add_record(s, &s->next[i]);
        size_t last = s->records - 1;
        if (at < shown && s->of[at] == last) {
            memcpy(s->said + last * each, s->value + at * each, each * sizeof *s->said);
            at++;
        }
        find_outcome(s);
        if (s->live && s->record[last].shown && !tell(s, last, err))
            return false;
    }
    drop_records(s);
    return true;
}

bool predict_feed(struct predict_session *s, const struct frame *rows, const size_t *column, size_t first, size_t end,
                  size_t behind, struct error *err)
{
    while (first < end) {
        first += follow_take(s->follow, rows, column, first, end);
        scale_rows(s);
        size_t n = choose(s, rows, behind + end - first);
        if (control_cancelled(s->options->control))
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        if (!predictor_run(s->predictor, s->value, s->scaled, s->bar, n, err) || !take_bars(s, n, err))
            return false;
        keep_rows(s);
    }
    return true;
}

bool predict_feed_history(struct predict_session *s, size_t first, size_t end, struct error *err)
{
    size_t all = predict_history_rows(&s->history);
    while (first < end) {
        size_t at, k = predict_history_part(&s->history, first, &at);
        size_t most = s->history.begin[k + 1] < end ? s->history.begin[k + 1] : end;
        if (!predict_feed(s, s->history.part[k], s->history.column[k], at, at + most - first, all - most, err))
            return false;
        first = most;
    }
    return true;
}

size_t predict_warm_from(const struct predict_session *s, size_t at, int64_t close_us)
{
    size_t before = follow_rows_before(s->follow), lookback = (size_t)s->model->data->task.lookback;
    int64_t span_us = follow_span_before(s->follow);
    size_t from = at > lookback ? at - lookback : 0;
    if (span_us > 0 && predict_history_rows(&s->history) > 0) {
        size_t oldest = from < predict_history_rows(&s->history) ? from : predict_history_rows(&s->history) - 1;
        int64_t until_us = follow_close(s->follow, predict_history_time(&s->history, oldest));
        until_us = (until_us < close_us ? until_us : close_us) - span_us;
        while (from > 0 && follow_close(s->follow, predict_history_time(&s->history, from - 1)) >= until_us)
            from--;
    }
    size_t more = before - lookback;
    return from > more ? from - more : 0;
}

bool predict_tell_rows(const struct predict_session *s, const struct frame *file, struct error *err)
{
    const struct action_predict_options *o = s->options;
    size_t rows = predict_history_rows(&s->history), n = rows;
    if (!o->rows)
        return true;
    int64_t *time_us = memory_try(rows + (file ? file->rows : 0) + 1, sizeof *time_us, "the times of the bars", err);
    if (!time_us)
        return false;
    for (size_t i = 0; i < rows; i++)
        time_us[i] = predict_history_time(&s->history, i);
    for (size_t i = 0; file && i < file->rows; i++)
        if (n == 0 || file->time_us[i] > time_us[n - 1])
            time_us[n++] = file->time_us[i];
    bool ok = o->rows(o->context, time_us, n, s->history.begin[1], err);
    free(time_us);
    return ok;
}

/* --- overlapping rows ------------------------------------------------------------------------------------------------
 */

static void value_text(const struct frame_column *c, double v, char *out, size_t size)
{
    if (isnan(v))
        text_copy(out, size, "nothing");
    else if (c->labels > 0)
        text_copy(out, size, c->label[(size_t)v]);
    else
        text_of_double(v, out, size);
}

static bool same_value(const struct frame_column *a, double x, const struct frame_column *b, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y);
    if (a->labels > 0 && b->labels > 0)
        return text_equal(a->label[(size_t)x], b->label[(size_t)y]);
    return x == y;
}

static const char *line_text(uint64_t line, char out[40])
{
    out[0] = '\0';
    if (line > 0)
        snprintf(out, 40, ", line %llu", (unsigned long long)line);
    return out;
}

bool predict_agrees(const struct predict_session *s, size_t *at, const struct frame *rows, const size_t *column,
                    size_t row, uint64_t line, const char *name, struct error *err)
{
    char where[40], time[40], other[40], here[64], there[64];
    const struct predict_history *h = &s->history;
    int64_t time_us = rows->time_us[row], then_us = predict_history_time(h, *at);
    clock_iso(time_us, time, sizeof time);
    clock_iso(then_us, other, sizeof other);
    if (time_us < then_us)
        return error_set(err, ERROR_DATA,
                         "%s%s: there is a bar of %s, and in the workspace is none of that time: it has %s next; are "
                         "these bars of another length or time zone (--tz), or of before the series begins?",
                         name, line_text(line, where), time, other);
    if (time_us > then_us)
        return error_set(err, ERROR_DATA, "%s%s: it lacks the bar of %s, which the workspace has, before that of %s",
                         name, line_text(line, where), other, time);
    size_t in_part, k = predict_history_part(h, (*at)++, &in_part);
    for (size_t i = 0; i < follow_reads(s->follow); i++) {
        if (column[i] == SIZE_MAX || h->column[k][i] == SIZE_MAX)
            continue;
        const struct frame_column *a = &rows->column[column[i]], *b = &h->part[k]->column[h->column[k][i]];
        double x = a->value[row], y = b->value[in_part];
        if (same_value(a, x, b, y))
            continue;
        value_text(a, x, here, sizeof here);
        value_text(b, y, there, sizeof there);
        return error_set(err, ERROR_DATA,
                         "%s%s: the bar of %s has %s in column '%s', and the workspace has %s: they are no bars of one "
                         "series, or one of them was revised",
                         name, line_text(line, where), time, here, a->name, there);
    }
    return true;
}
