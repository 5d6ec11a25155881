/* Stretches of windows that training and validation share, bit by bit. */
#include "base/memory.h"
#include "train/leak_internal.h"

#include <math.h>

#define RUN_LEAST 16     /* samples of one stretch */
#define AGREE_LEAST 0.95 /* of their targets */

struct twin {
    uint64_t hash;
    uint32_t sample;
};

/* FNV-1a over the bits of a bar's channels; windows combine their bars in order. */
static uint64_t row_hash(const struct leak_view *v, size_t bar)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t c = 0; c < v->channels; c++) {
        uint32_t bits;
        memcpy(&bits, &v->feature[bar * v->channels + c], sizeof bits);
        h = (h ^ bits) * UINT64_C(1099511628211);
        h ^= h >> 29;
    }
    return h;
}

static uint64_t window_hash(const uint64_t *row, size_t last, size_t lookback)
{
    uint64_t h = 0;
    for (size_t i = last + 1 - lookback; i <= last; i++)
        h = (h ^ row[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return h;
}

static bool is_flat(const uint64_t *row, size_t last, size_t lookback)
{
    for (size_t i = last + 2 - lookback; i <= last; i++)
        if (row[i] != row[i - 1])
            return false;
    return true;
}

static int by_hash(const void *a, const void *b)
{
    const struct twin *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static bool same_window(const struct leak_view *v, size_t a, size_t b)
{
    size_t rows = (size_t)v->lookback;
    return memcmp(v->feature + (v->bar[a] + 1 - rows) * v->channels, v->feature + (v->bar[b] + 1 - rows) * v->channels,
                  rows * v->channels * sizeof *v->feature) == 0;
}

struct tally {
    size_t run, agree, first, twin; /* of the stretch at hand: samples, those with the same target, where it begins */
    size_t in_runs;                 /* samples in stretches that count */
    size_t longest, longest_first, longest_twin;
};

static void end_run(struct tally *t, size_t least)
{
    if (t->run >= least && (double)t->agree >= AGREE_LEAST * (double)t->run) {
        t->in_runs += t->run;
        if (t->run > t->longest) {
            t->longest = t->run;
            t->longest_first = t->first;
            t->longest_twin = t->twin;
        }
    }
    t->run = t->agree = 0;
}

/* twin[i]: an earlier sample with the window of sample i, or i. */
static void tally_runs(struct tally *t, const struct leak_view *v, const uint32_t *twin)
{
    size_t least = v->lookback > RUN_LEAST ? (size_t)v->lookback : RUN_LEAST;
    for (int k = 0; k < v->folds; k++) {
        for (size_t i = v->fold[k].valid_first; i < v->fold[k].valid_end; i++) {
            bool seen = twin[i] < v->fold[k].train_end && twin[i] != i;
            bool follows = t->run > 0 && twin[i] == twin[i - 1] + 1;
            if (!seen || (t->run > 0 && !follows))
                end_run(t, least);
            if (!seen)
                continue;
            if (t->run++ == 0) {
                t->first = i;
                t->twin = twin[i];
            }
            t->agree += !(v->target[i] < v->target[twin[i]]) && !(v->target[i] > v->target[twin[i]]);
        }
        end_run(t, least);
    }
}

static bool find_twins(uint32_t *twin, const struct leak_view *v, struct error *err)
{
    uint64_t *row = memory_try(v->bars, sizeof *row, "the leak detector", err);
    struct twin *all = memory_try(v->samples, sizeof *all, "the leak detector", err);
    size_t n = 0;
    bool ok = row && all;
    for (size_t i = 0; ok && i < v->bars; i++)
        row[i] = row_hash(v, i);
    for (size_t i = 0; ok && i < v->samples; i++) {
        twin[i] = (uint32_t)i;
        if (!is_flat(row, v->bar[i], (size_t)v->lookback) || v->lookback == 1)
            all[n++] = (struct twin){window_hash(row, v->bar[i], (size_t)v->lookback), (uint32_t)i};
    }
    if (ok)
        qsort(all, n, sizeof *all, by_hash);
    for (size_t i = 1; ok && i < n; i++)
        if (all[i].hash == all[i - 1].hash && same_window(v, all[i].sample, twin[all[i - 1].sample]))
            twin[all[i].sample] = twin[all[i - 1].sample];
    free(row);
    free(all);
    return ok;
}

bool leak_run_twins(struct leak_report *out, const struct leak_view *v, struct error *err)
{
    struct tally t = {0};
    size_t scored = 0;
    uint32_t *twin = memory_try(v->samples, sizeof *twin, "the leak detector", err);
    bool ok = twin && find_twins(twin, v, err);
    if (ok)
        tally_runs(&t, v, twin);
    free(twin);
    if (!ok)
        return false;
    for (int k = 0; k < v->folds; k++)
        scored += v->fold[k].valid_end - v->fold[k].valid_first;
    leak_say(out, LEAK_TWINS, t.in_runs == 0, scored ? (double)t.in_runs / (double)scored : 0, 0,
             "%zu of %zu validation samples repeat a stretch of the training part with its targets", t.in_runs, scored);
    if (t.in_runs == 0)
        return true;
    struct leak_finding *f = leak_add(out, LEAK_TWINS, leak_check_name(LEAK_TWINS));
    f->score = (double)t.in_runs / (double)scored;
    snprintf(
        f->text, sizeof f->text,
        "%zu of %zu validation samples repeat a stretch of the training part with its targets; the longest has %zu "
        "samples, from sample %zu on as from sample %zu on",
        t.in_runs, scored, t.longest, t.longest_first, t.longest_twin);
    snprintf(f->remedy, sizeof f->remedy, "rows were probably pasted twice under other dates: mend the file");
    return true;
}
