#include "data/set/dataset_cut.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/set/dataset_build.h"

#include <math.h>

#define BARS_BEFORE 16 /* so many bars every asset has before a cut */

/* --- the files --------------------------------------------------------------------------------------------------- */

static bool reads(const struct channel *c, size_t column)
{
    const struct feature_family *family = c->spec.family;
    if (family && family->reads == FEATURE_TIME)
        return false;
    return c->column == column || (family && family->reads == FEATURE_HIGH_LOW && c->low == column);
}

/* Is the cell known as soon as its bar closes? Of base series: what the channels read so, the price and the label (a
 * label becomes an input only by its own publication, which the join looks at). */
static bool at_close(const struct dataset *d, int asset, const struct frame *f, size_t column)
{
    const struct channel *made = d->made + (size_t)asset * d->planned;
    if (text_equal(f->column[column].name, d->task.asset[asset].price) ||
        text_equal(f->column[column].name, d->task.label))
        return true;
    for (size_t c = 0; c < d->planned; c++)
        if (made[c].series == 0 && made[c].at_close && reads(&made[c], column))
            return true;
    return false;
}

static bool copy_column(struct frame *to, const struct frame *from, size_t column, const int64_t *published_us,
                        int64_t until_us, struct error *err)
{
    struct frame_column *out = &to->column[column];
    const struct frame_column *in = &from->column[column];
    *out = *in;
    out->label = in->labels ? memory_copy(in->label, in->labels * sizeof *in->label) : NULL;
    out->value = memory_try(to->rows, sizeof *out->value, "the leak detector", err);
    for (size_t i = 0; out->value && i < to->rows; i++)
        out->value[i] = published_us[i] <= until_us ? in->value[i] : (double)NAN;
    return out->value != NULL;
}

static struct frame *cut_frame(const struct dataset *d, int series, const struct frame *f, int64_t until_us,
                               struct error *err)
{
    const struct task_series *of = &d->task.series[series];
    int asset = of->asset != TASK_SHARED && d->task.asset[of->asset].base == series ? of->asset : -1;
    bool priced = asset < 0 || d->task.asset[asset].price[0];
    struct channel_series s;
    struct frame *out = NULL;
    if (channel_series_start(&s, f, of, asset >= 0, priced, err)) {
        size_t rows = 0;
        while (rows < f->rows && s.ended_us[rows] <= until_us)
            rows++;
        out = frame_new_empty(rows, f->columns, err);
    }
    bool ok = out != NULL;
    if (ok) {
        memcpy(out->time_us, f->time_us, out->rows * sizeof *out->time_us);
        out->step_us = f->step_us;
    }
    for (size_t c = 0; ok && c < f->columns; c++)
        ok =
            copy_column(out, f, c, asset >= 0 && at_close(d, asset, f, c) ? s.ended_us : s.published_us, until_us, err);
    channel_series_free(&s);
    if (ok)
        return out;
    frame_free(out);
    return NULL;
}

struct cut {
    struct task task;
    struct frame *frame[TASK_SERIES_MAX];
};

static void cut_free(struct cut *c)
{
    for (int i = 0; i < c->task.series_n; i++)
        frame_free(c->frame[i]);
    free(c);
}

/* The task over the cut files, all of it visible. */
static struct cut *cut_new(const struct dataset *d, const struct frame *const *frames, int64_t until_us,
                           struct error *err)
{
    struct cut *c = NEW(struct cut);
    c->task = d->task;
    c->task.holdout_ppm = 0;
    for (int i = 0; i < d->task.series_n; i++) {
        c->frame[i] = cut_frame(d, i, frames[i], until_us, err);
        if (!c->frame[i]) {
            cut_free(c);
            return NULL;
        }
        c->task.series[i].frame = frame_hash(c->frame[i]);
    }
    return c;
}

/* --- comparing --------------------------------------------------------------------------------------------------- */

static bool found(struct dataset_cut *out, int64_t until_us, int64_t bar_us, const char *channel, const char *what)
{
    char cut[40], bar[40];
    out->differs = true;
    out->until_us = until_us;
    out->bar_us = bar_us;
    text_copy(out->channel, sizeof out->channel, channel);
    clock_iso(until_us, cut, sizeof cut);
    clock_iso(bar_us, bar, sizeof bar);
    snprintf(out->text, sizeof out->text, "%s at the bar of %s once the files end at %s", what, bar, cut);
    return true;
}

/* Bit by bit, but for the many spellings of a missing value. */
static bool same(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static bool bar_differs(struct dataset_cut *out, const struct dataset *d, size_t bar, const struct dataset *cut,
                        size_t at, int64_t until_us)
{
    if (d->time_us[bar] != cut->time_us[at])
        return found(out, until_us, d->time_us[bar], "", "other bars come out");
    for (size_t c = 0; c < d->channels; c++)
        if (!same(d->feature[bar * d->channels + c], cut->feature[at * d->channels + c]))
            return found(out, until_us, d->time_us[bar], d->channel[c], "another value comes out");
    out->compared++;
    return false;
}

static bool features_differ(struct dataset_cut *out, const struct dataset *d, const struct dataset *cut,
                            int64_t until_us)
{
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k], *b = &cut->asset[k];
        for (size_t i = 0; i < a->visible && d->time_us[a->first + i] <= until_us; i++) {
            if (i >= b->bars)
                return found(out, until_us, d->time_us[a->first + i], "", "a bar is missing");
            if (bar_differs(out, d, a->first + i, cut, b->first + i, until_us))
                return true;
        }
    }
    return false;
}

/* Of the whole data set, built anew before the hold-out. */
static bool choices_differ(struct dataset_cut *out, const struct dataset *d, const struct dataset *cut,
                           int64_t until_us)
{
    bool alike = d->channels == cut->channels && d->visible_bars == cut->visible_bars && d->classes == cut->classes;
    if (!alike || memcmp(d->channel, cut->channel, d->channels * sizeof *d->channel) != 0)
        return found(out, until_us, until_us, "", "other channels or bars are chosen");
    if (d->visible_samples != cut->samples || memcmp(d->bar, cut->bar, cut->samples * sizeof *d->bar) != 0 ||
        memcmp(d->target, cut->target, cut->samples * sizeof *d->target) != 0 ||
        memcmp(d->fold, cut->fold, (size_t)d->folds * sizeof *d->fold) != 0)
        return found(out, until_us, until_us, "", "other samples, targets or folds come out");
    return features_differ(out, d, cut, until_us);
}

static bool check_one(struct dataset_cut *out, const struct dataset *d, const struct frame *const *frames,
                      int64_t until_us, bool whole, struct error *err)
{
    struct cut *c = cut_new(d, frames, until_us, err);
    if (!c)
        return false;
    const struct frame *const *cut_frames = (const struct frame *const *)c->frame;
    struct dataset *cut = dataset_rebuild(&c->task, cut_frames, d, !whole, err);
    out->cuts++;
    if (cut && whole)
        choices_differ(out, d, cut, until_us);
    else if (cut)
        features_differ(out, d, cut, until_us);
    bool ok = cut != NULL;
    dataset_free(cut);
    cut_free(c);
    return ok;
}

/* --- where to cut ------------------------------------------------------------------------------------------------ */

/* From the moment on when every asset has some bars, to the last visible bar. */
static bool range_of(const struct dataset *d, int64_t *first_us, int64_t *last_us)
{
    *first_us = *last_us = INT64_MIN;
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k];
        if (a->visible <= BARS_BEFORE)
            return false;
        int64_t from = d->time_us[a->first + BARS_BEFORE], to = d->time_us[a->first + a->visible - 1];
        *first_us = from > *first_us ? from : *first_us;
        *last_us = to > *last_us ? to : *last_us;
    }
    return *first_us < *last_us;
}

bool dataset_cut_check(struct dataset_cut *out, const struct dataset *d, const struct frame *const *frames, int inner,
                       struct error *err)
{
    struct random r = random_start(d->task.seed, RANDOM_LEAK, UINT32_MAX, 0);
    int64_t first_us, last_us;
    *out = (struct dataset_cut){0};
    if (!range_of(d, &first_us, &last_us))
        return true;
    if (!check_one(out, d, frames, last_us, true, err))
        return false;
    for (int i = 0; i < inner && !out->differs; i++) {
        double share = (i + random_unit(&r)) / inner;
        int64_t until_us = first_us + (int64_t)((double)(last_us - first_us) * share);
        if (!check_one(out, d, frames, until_us, false, err))
            return false;
    }
    return true;
}
