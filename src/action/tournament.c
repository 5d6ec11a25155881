#include "action/tournament.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/frame.h"
#include "data/read/stamp.h"
#include "data/set/dataset.h"
#include "work/json.h"

#include <math.h>

#define UNTIL_SHARE 10

bool tournament_find(struct workspace *w, const struct state *s, const char *key, struct state_task *out,
                     struct error *err)
{
    const struct state_task *t;
    int n = state_tasks(s, &t);
    if (!key)
        return chain_find_task(w, s, NULL, out, err);
    int at = market_find(n ? &t->id : NULL, n, sizeof *t, key, "task", err);
    if (at >= 0)
        *out = t[at];
    return at >= 0;
}

void tournament_close(struct tournament *t)
{
    frame_free(t->base);
    free(t->time_us);
    free(t->value);
    *t = (struct tournament){.n = 0};
}

void tournament_add(struct tournament *t, int64_t time_us, double value)
{
    size_t capacity = t->capacity;
    t->time_us = memory_grow(t->time_us, &capacity, t->n + 1, sizeof *t->time_us);
    t->value = memory_grow(t->value, &t->capacity, t->n + 1, sizeof *t->value);
    t->time_us[t->n] = time_us;
    t->value[t->n++] = value;
}

int64_t tournament_over(const struct tournament *t, int64_t time_us)
{
    return stamp_period_end(t->text.series[t->text.asset[0].base].stamp, time_us, t->step_us);
}

int64_t tournament_until(const struct tournament *t, const int64_t *time_us, size_t row)
{
    return tournament_over(t, time_us[row - (size_t)t->text.horizon]) + t->step_us / UNTIL_SHARE;
}

static bool text_sane(const struct task *task, struct error *err)
{
    char target[FRAME_NAME_MAX + 16];
    task_target_text(task, target, sizeof target);
    if (task->target != TASK_DIRECTION)
        return error_set(err, ERROR_USAGE, "a tournament is about up and down; this task's target is %s", target);
    if (task->assets != 1)
        return error_set(err, ERROR_USAGE, "a tournament is about one series of bars; this task has %d assets", task->assets);
    return true;
}

static bool get_text(struct tournament *t, const char *chain, struct error *err)
{
    char *text = claim_object_text(chain, t->task.body.text, "the task's text", err);
    bool ok = text && task_parse(&t->text, text, err) && text_sane(&t->text, err);
    free(text);
    return ok;
}

static struct frame *get_frame(const char *chain, struct hash id, const char *what, struct error *err)
{
    struct bytes b = {0};
    struct frame *f = ledger_object_get(chain, id, &b, err) ? frame_decode(b.data, b.n, err) : NULL;
    bytes_free(&b);
    if (!f) {
        error_prefix(err, "%s", what);
        if (err && err->kind != ERROR_MEMORY)
            err->kind = ERROR_CHAIN;
    }
    return f;
}

static bool get_base(struct tournament *t, const char *chain, struct error *err)
{
    const struct task_asset *a = &t->text.asset[0];
    t->base = get_frame(chain, t->text.series[a->base].frame, "the task's bars", err);
    if (!t->base)
        return false;
    t->price = frame_find(t->base, a->price);
    t->step_us = t->base->step_us;
    if (t->price < 0 || t->step_us <= 0 || t->base->rows <= (size_t)t->text.horizon)
        return error_set(err, ERROR_CHAIN, "the task's bars have no column '%s', or are too few", a->price);
    for (size_t i = 0; i < t->base->rows; i++)
        tournament_add(t, t->base->time_us[i], t->base->column[t->price].value[i]);
    t->behind = t->n;
    return true;
}

static bool same_columns(const struct frame *f, const struct frame *base)
{
    bool same = f->columns == base->columns;
    for (size_t c = 0; same && c < f->columns; c++)
        same = text_equal(f->column[c].name, base->column[c].name) && f->column[c].labels == 0;
    return same;
}

/* The bars that an outcome names must be as many as it says, and follow. */
static bool get_outcome(struct tournament *t, const char *chain, const struct tx_outcome *o, struct error *err)
{
    struct frame *f = get_frame(chain, o->object, "the bars of an outcome", err);
    int price = f ? frame_find(f, t->text.asset[0].price) : -1;
    bool ok = f != NULL;
    if (ok && (f->rows != o->n || price < 0 || !same_columns(f, t->base) || f->time_us[0] <= t->time_us[t->n - 1]))
        ok = error_set(err, ERROR_CHAIN, "the object of the outcome of bars %u to %u does not hold those bars", o->first,
                       o->first + o->n - 1);
    for (size_t i = 0; ok && i < f->rows; i++)
        tournament_add(t, f->time_us[i], f->column[price].value[i]);
    frame_free(f);
    return ok;
}

bool tournament_open(struct tournament *t, const char *chain, const struct state *s, const struct state_task *task,
                     struct error *err)
{
    *t = (struct tournament){.task = *task};
    bool ok = get_text(t, chain, err) && get_base(t, chain, err);
    uint32_t end = state_outcome_end(s, task->id);
    for (uint32_t bar = 1; ok && bar <= end;) {
        const struct tx_outcome *o = &state_outcome_of(s, task->id, bar)->body;
        ok = get_outcome(t, chain, o, err);
        bar += o->n;
    }
    return ok;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* 1 up, 0 down, NaN: none. No answer reaches across a gap, as no sample of a data set does. */
static float answer(const struct tournament *t, size_t row)
{
    size_t from = row - (size_t)t->text.horizon;
    for (size_t i = from; i < row; i++)
        if (t->time_us[i + 1] - t->time_us[i] > DATASET_GAP_STEPS * t->step_us)
            return NAN;
    return dataset_target(&t->text, t->value[from], t->value[row], NAN);
}

void tournament_answer(const struct tournament *t, size_t row, struct tx_outcome *o)
{
    ASSERT(o->n <= TX_BARS_MAX && row + o->n <= t->n);
    o->up = o->none = 0;
    for (uint32_t i = 0; i < o->n; i++) {
        float up = answer(t, row + i);
        o->until_us[i] = tournament_until(t, t->time_us, row + i);
        o->up |= (uint64_t)(up > 0.5F) << i;
        o->none |= (uint64_t)!isfinite(up) << i;
    }
}

static const char *said_of(const struct tx_outcome *o, uint32_t bar)
{
    return o->none >> bar & 1 ? "no direction" : o->up >> bar & 1 ? "up" : "down";
}

static bool same_answers(const struct tx_outcome *said, const struct tx_outcome *found, struct error *err)
{
    for (uint32_t i = 0; i < said->n; i++) {
        const char *a = said_of(said, i), *b = said_of(found, i);
        if (!text_equal(a, b))
            return error_set(err, ERROR_CHAIN, "outcome: it says %s of bar %u, but its own bars say %s", a, said->first + i, b);
        if (said->until_us[i] != found->until_us[i])
            return error_set(err, ERROR_CHAIN, "outcome: it names another time for bar %u than its own bars give",
                             said->first + i);
    }
    return true;
}

/* A bar that is not over cannot be known. */
static bool is_over(const struct tournament *t, struct error *err)
{
    int64_t over_us = tournament_over(t, t->time_us[t->n - 1]);
    char over[40];
    if (over_us <= clock_wall_us())
        return true;
    clock_iso(over_us, over, sizeof over);
    return error_set(err, ERROR_CHAIN, "outcome: its last bar is over at %s, which by this machine's clock is still to come",
                     over);
}

static bool check(struct tournament *t, const char *chain, const struct tx_outcome *o, bool live, struct error *err)
{
    struct tx_outcome found = *o;
    if (t->n - t->behind + 1 != o->first)
        return error_set(err, ERROR_CHAIN, "outcome: it begins with bar %u, the next one is %zu", o->first,
                         t->n - t->behind + 1);
    size_t row = t->n;
    if (!get_outcome(t, chain, o, err) || (live && !is_over(t, err)))
        return false;
    tournament_answer(t, row, &found);
    return same_answers(o, &found, err);
}

bool tournament_check(const char *chain, const struct state *s, const struct tx_outcome *o, bool live, struct error *err)
{
    const struct state_task *task = state_task_find(s, o->task);
    struct tournament t;
    if (!task)
        return error_set(err, ERROR_CHAIN, "outcome: its task is not on this chain");
    bool ok = tournament_open(&t, chain, s, task, err) && check(&t, chain, o, live, err);
    tournament_close(&t);
    return ok;
}
