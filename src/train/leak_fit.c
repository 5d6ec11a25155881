/* A ridge regression on all channels of the window's last two bars, scored walk-forward on the true targets and on
 * shuffled ones. The normal equations of a fold are factored once (Cholesky) and solved for each set of targets. */
#include "base/memory.h"
#include "base/random.h"
#include "train/leak_internal.h"

#include <math.h>

#define BARS_READ 2
#define RIDGE 0.01        /* of the samples, as the inputs are standardised */
#define CLASSES_MOST 8    /* of more classes the most frequent are told apart */
#define BLOCK_LEAST 8     /* samples of a shuffled block */
#define BLOCKS_LEAST 20   /* fewer are too few orders to tell from one another */
#define SHUFFLED_OFF 0.05 /* so far from chance the mean of the shuffled scores must be to count ... */
#define SHUFFLED_SDS 4.0  /* ... and so many of its standard errors */

struct fit {
    const struct leak_view *v;
    size_t stride, n, inputs;
    uint32_t *sample; /* [n] */
    double *target;   /* [n] the true ones */
    double *scaled;   /* [n, inputs] of the present fold */
    double *gram;     /* [inputs, inputs], then its factor */
    double *weight;   /* [inputs] */
    bool *left_out;   /* [channels] of columns suspected already: what is left without them? */
    struct leak_pair *pair;
};

struct part {
    size_t train_end, valid_first, valid_end; /* of the samples looked at */
};

static bool fit_new(struct fit *f, const struct leak_view *v, struct error *err)
{
    *f = (struct fit){.v = v, .stride = leak_stride(v)};
    f->n = (v->samples + f->stride - 1) / f->stride;
    f->inputs = v->channels * (v->lookback < BARS_READ ? 1 : BARS_READ);
    f->sample = memory_try(f->n, sizeof *f->sample, "the leak detector", err);
    f->target = memory_try(f->n, sizeof *f->target, "the leak detector", err);
    f->scaled = memory_try(f->n * f->inputs, sizeof *f->scaled, "the leak detector", err);
    f->gram = memory_try(f->inputs * f->inputs, sizeof *f->gram, "the leak detector", err);
    f->weight = memory_try(f->inputs, sizeof *f->weight, "the leak detector", err);
    f->pair = memory_try(f->n, sizeof *f->pair, "the leak detector", err);
    f->left_out = NEW_ARRAY(bool, v->channels);
    if (!f->sample || !f->target || !f->scaled || !f->gram || !f->weight || !f->pair)
        return false;
    for (size_t i = 0; i < f->n; i++) {
        f->sample[i] = (uint32_t)(i * f->stride);
        f->target[i] = (double)v->target[f->sample[i]];
    }
    return true;
}

static void leave_out(struct fit *f, const struct leak_report *found)
{
    for (size_t i = 0; i < found->n; i++)
        for (size_t c = 0; c < f->v->channels; c++)
            if (found->finding[i].check == LEAK_ALONE && leak_same_column(found->finding[i].name, f->v->channel[c]))
                f->left_out[c] = true;
}

static void fit_free(struct fit *f)
{
    free(f->sample);
    free(f->target);
    free(f->scaled);
    free(f->gram);
    free(f->weight);
    free(f->pair);
    free(f->left_out);
}

static struct part part_of(const struct fit *f, const struct dataset_fold *fold)
{
    return (struct part){(fold->train_end + f->stride - 1) / f->stride, (fold->valid_first + f->stride - 1) / f->stride,
                         (fold->valid_end + f->stride - 1) / f->stride};
}

static double input(const struct fit *f, size_t i, size_t k)
{
    const struct leak_view *v = f->v;
    size_t bar = v->bar[f->sample[i]] - k / v->channels;
    return (double)v->feature[bar * v->channels + k % v->channels];
}

/* Standardised by the training part. */
static void scale(struct fit *f, const struct part *p)
{
    double n = (double)p->train_end;
    for (size_t k = 0; k < f->inputs; k++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < p->train_end; i++)
            sum += input(f, i, k);
        for (size_t i = 0; i < p->train_end; i++) {
            double off = input(f, i, k) - sum / n;
            square += off * off;
        }
        double sd = sqrt(square / n);
        for (size_t i = 0; i < p->valid_end; i++)
            f->scaled[i * f->inputs + k] =
                sd > 0 && !f->left_out[k % f->v->channels] ? (input(f, i, k) - sum / n) / sd : 0;
    }
}

/* X'X + ridge, lower half, then its Cholesky factor in place. The ridge keeps it positive definite. */
static void factor(struct fit *f, const struct part *p)
{
    size_t m = f->inputs;
    memset(f->gram, 0, m * m * sizeof *f->gram);
    for (size_t i = 0; i < p->train_end; i++) {
        const double *x = f->scaled + i * m;
        for (size_t a = 0; a < m; a++)
            for (size_t b = 0; b <= a; b++)
                f->gram[a * m + b] += x[a] * x[b];
    }
    for (size_t a = 0; a < m; a++) {
        f->gram[a * m + a] += RIDGE * (double)p->train_end;
        for (size_t b = 0; b <= a; b++) {
            double sum = f->gram[a * m + b];
            for (size_t k = 0; k < b; k++)
                sum -= f->gram[a * m + k] * f->gram[b * m + k];
            f->gram[a * m + b] = a == b ? sqrt(sum) : sum / f->gram[b * m + b];
        }
    }
}

static void solve(struct fit *f)
{
    size_t m = f->inputs;
    double *w = f->weight;
    for (size_t a = 0; a < m; a++) {
        for (size_t k = 0; k < a; k++)
            w[a] -= f->gram[a * m + k] * w[k];
        w[a] /= f->gram[a * m + a];
    }
    for (size_t a = m; a-- > 0;) {
        for (size_t k = a + 1; k < m; k++)
            w[a] -= f->gram[k * m + a] * w[k];
        w[a] /= f->gram[a * m + a];
    }
}

/* Weights for the training part; positive >= 0: for that class against the rest. */
static void train(struct fit *f, const struct part *p, const double *target, double positive)
{
    double mean = 0;
    memset(f->weight, 0, f->inputs * sizeof *f->weight);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < p->train_end; i++) {
            double y = positive < 0 ? target[i] : target[i] >= positive && target[i] <= positive ? 1 : 0;
            if (pass == 0)
                mean += y / (double)p->train_end;
            for (size_t k = 0; pass == 1 && k < f->inputs; k++)
                f->weight[k] += (y - mean) * f->scaled[i * f->inputs + k];
        }
    solve(f);
}

/* 0 is chance: an area less one half, or a rank correlation; NaN where the part has one class only. */
static double score_one(struct fit *f, const struct part *p, const double *target, double positive)
{
    size_t n = p->valid_end - p->valid_first;
    train(f, p, target, positive);
    for (size_t i = 0; i < n; i++) {
        const double *x = f->scaled + (p->valid_first + i) * f->inputs;
        double sum = 0;
        for (size_t k = 0; k < f->inputs; k++)
            sum += f->weight[k] * x[k];
        f->pair[i] = (struct leak_pair){sum, target[p->valid_first + i]};
    }
    if (f->v->is_return)
        return leak_rank(f->pair, n);
    leak_sort(f->pair, n);
    return leak_area(f->pair, n, positive) - 0.5;
}

static double score_fold(struct fit *f, const struct part *p, const double *target)
{
    int classes = f->v->classes > 2 ? f->v->classes : 2, counted = 0;
    double sum = 0;
    if (f->v->is_return)
        return score_one(f, p, target, -1);
    for (int k = classes > 2 ? 0 : 1; k < classes && k < CLASSES_MOST; k++) {
        double score = score_one(f, p, target, k);
        if (!isnan(score)) {
            sum += score;
            counted++;
        }
    }
    return counted ? sum / counted : (double)NAN;
}

/* targets: [sets][n], one behind the other; score[sets]: means over the folds. */
static void score_all(struct fit *f, double *score, const double *targets, size_t sets)
{
    for (size_t s = 0; s < sets; s++)
        score[s] = 0;
    int *folds = NEW_ARRAY(int, sets);
    for (int k = 0; k < f->v->folds; k++) {
        struct part p = part_of(f, &f->v->fold[k]);
        if (p.train_end < 8 || p.valid_end < p.valid_first + 4)
            continue;
        scale(f, &p);
        factor(f, &p);
        for (size_t s = 0; s < sets; s++) {
            double one = score_fold(f, &p, targets + s * f->n);
            score[s] += isnan(one) ? 0 : one;
            folds[s] += !isnan(one);
        }
    }
    for (size_t s = 0; s < sets; s++)
        score[s] = folds[s] ? score[s] / folds[s] : (double)NAN;
    free(folds);
}

/* Blocks of the true targets in random order: what one target says of the next stays, when they were does not. */
static size_t block_of(const struct fit *f)
{
    size_t block = BLOCK_LEAST;
    while ((block + 1) * (block + 1) * (block + 1) <= f->n)
        block++;
    return block < (size_t)f->v->horizon ? (size_t)f->v->horizon : block;
}

static void shuffle(const struct fit *f, double *out, uint32_t round)
{
    struct random r = random_start(f->v->seed, RANDOM_LEAK, round, 0);
    size_t block = block_of(f), blocks = (f->n + block - 1) / block, n = 0;
    uint32_t *order = NEW_ARRAY(uint32_t, blocks);
    for (size_t i = 0; i < blocks; i++)
        order[i] = (uint32_t)i;
    random_shuffle(&r, order, blocks);
    for (size_t i = 0; i < blocks; i++)
        for (size_t k = order[i] * block; k < (order[i] + 1) * block && k < f->n; k++)
            out[n++] = f->target[k];
    free(order);
}

/* --- what it says ------------------------------------------------------------------------------------------------ */

/* The score of the channels that cannot look ahead; chance where there are none. */
static double score_of_own(struct fit *f)
{
    double score = 0;
    size_t own = 0;
    for (size_t c = 0; c < f->v->channels; c++) {
        f->left_out[c] = !leak_is_own(f->v, c);
        own += !f->left_out[c];
    }
    if (own > 0)
        score_all(f, &score, f->target, 1);
    return score;
}

static void judge_together(struct fit *f, struct leak_report *out, double score)
{
    const struct leak_view *v = f->v;
    double level = v->is_return ? LEAK_FIT_RANK : v->classes ? LEAK_LABEL : LEAK_FIT_AUC;
    double half = v->is_return ? 0 : 0.5;
    double shown = score + half;
    bool own = shown >= level && score_of_own(f) + LEAK_MARGIN >= score;
    bool found = shown >= level && !own && leak_effective(v, f->stride) >= 64;
    leak_say(out, LEAK_TOGETHER, !found, shown, level,
             "all channels together, in a ridge regression: %s %.3f (suspected from %.3g on)%s",
             v->is_return ? "rank correlation" : "area under the curve", shown, level,
             own ? "; the price's own past and the calendar tell as much" : "");
    if (!found)
        return;
    struct leak_finding *one = leak_add(out, LEAK_TOGETHER, leak_check_name(LEAK_TOGETHER));
    one->score = shown;
    one->level = level;
    snprintf(one->text, sizeof one->text, "all channels together tell the target (%s %.3f, suspected from %.3g on)",
             v->is_return ? "rank correlation" : "area under the curve", shown, level);
    snprintf(one->remedy, sizeof one->remedy,
             "a future may be spread over several columns: look for prices of the next bar, or leave columns out with "
             "--columns");
}

static void judge_shuffled(const struct fit *f, struct leak_report *out, const double *score)
{
    double sum = 0, square = 0, n = 0, half = f->v->is_return ? 0 : 0.5;
    for (size_t i = 0; i < LEAK_SHUFFLES; i++)
        if (!isnan(score[i])) {
            sum += score[i];
            n++;
        }
    double mean = n > 0 ? sum / n : 0;
    for (size_t i = 0; i < LEAK_SHUFFLES; i++)
        square += isnan(score[i]) ? 0 : (score[i] - mean) * (score[i] - mean);
    double sd = n > 1 ? sqrt(square / (n - 1)) : 0;
    double level = SHUFFLED_SDS * sd / sqrt(n > 0 ? n : 1);
    level = level > SHUFFLED_OFF ? level : SHUFFLED_OFF;
    if (f->n < BLOCKS_LEAST * block_of(f)) {
        leak_say(out, LEAK_SHUFFLED, true, mean + half, (double)NAN, "%zu samples are too few to shuffle in time",
                 f->n);
        return;
    }
    bool found = mean > level;
    leak_say(out, LEAK_SHUFFLED, !found, mean + half, level + half,
             "the same on %d shuffled targets: %.3f on average, where %.3g is chance (suspected from %.3f on)",
             LEAK_SHUFFLES, mean + half, half, level + half);
    if (!found)
        return;
    struct leak_finding *one = leak_add(out, LEAK_SHUFFLED, leak_check_name(LEAK_SHUFFLED));
    one->score = mean + half;
    one->level = level + half;
    snprintf(one->text, sizeof one->text, "targets shuffled in time are still told (%.3f on average, chance is %.3g)",
             mean + half, half);
    snprintf(one->remedy, sizeof one->remedy,
             "validation samples are seen in training: check the folds, raise --embargo, look for duplicated rows");
}

bool leak_run_fit(struct leak_report *out, const struct leak_view *v, struct error *err)
{
    struct fit f;
    double *targets = NULL, score[1 + LEAK_SHUFFLES];
    bool ok = fit_new(&f, v, err) &&
              (targets = memory_try(f.n * (1 + LEAK_SHUFFLES), sizeof *targets, "the leak detector", err));
    if (ok) {
        leave_out(&f, out);
        memcpy(targets, f.target, f.n * sizeof *targets);
        for (size_t s = 1; s <= LEAK_SHUFFLES; s++)
            shuffle(&f, targets + s * f.n, (uint32_t)s);
        score_all(&f, score, targets, 1 + LEAK_SHUFFLES);
        judge_together(&f, out, score[0]);
        judge_shuffled(&f, out, score + 1);
    }
    free(targets);
    fit_free(&f);
    return ok;
}
