/* The scale on which the Gaussian process sees scores.
 *
 * Scores of architectures have a long tail of bad ones, which would take up most of the variance, although only the
 * order among the good ones matters. With z = (score - median) / (90th percentile - median), what lies below the median
 * counts as -log(1 - z); above it the scale is straight, so that expected improvement over a good score is exact. The
 * result is standardised. (Chosen among ranks, quartiles and other knees by the rank correlation of predictions on
 * random subsets of a tabular benchmark and of made-up cells.) Or, where the options say so, a score counts by its rank
 * among all (search/rank.h), and a unit of the scale is what it is worth in the middle. */
#include "search/surrogate_internal.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>

static int compare_scores(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double bend(const struct surrogate *s, double score)
{
    if (!s->bent)
        return score;
    double z = (score - s->knee) / s->width;
    return z < 0 ? -vmath_log1p(-z) : z;
}

static bool differ(double by, double at)
{
    return by > 1e-9 * (1 + fabs(at));
}

static void find_knee(struct surrogate *s, int n)
{
    double *score = NEW_ARRAY(double, n);
    for (int i = 0; i < n; i++)
        score[i] = s->point[i].score;
    qsort(score, (size_t)n, sizeof *score, compare_scores);
    s->knee = score[n / 2];
    s->width = score[n * 9 / 10] - s->knee;
    s->bent = !s->options.straight && !s->options.ranks && differ(s->width, s->knee);
    free(score);
}

void surrogate_set_ranks(struct surrogate *s, int n)
{
    if (!s->options.ranks)
        return;
    double *score = NEW_ARRAY(double, n);
    for (int i = 0; i < n; i++)
        score[i] = s->point[i].score;
    ranks_end(&s->ranks);
    ranks_start(&s->ranks, score, n);
    free(score);
}

/* Where all scores are the same, what their noise says, or 1, stands in for the spread. */
void surrogate_set_scale(struct surrogate *s, int n)
{
    double sum = 0, square = 0, known = 0;
    find_knee(s, n);
    for (int i = 0; i < n; i++) {
        sum += bend(s, s->point[i].score) / n;
        known += s->point[i].noise / n;
    }
    for (int i = 0; i < n; i++) {
        double off = bend(s, s->point[i].score) - sum;
        square += off * off / n;
    }
    s->centre = sum;
    s->spread = differ(sqrt(square), sum) ? sqrt(square) : known > 0 ? sqrt(known) : 1;
    surrogate_set_ranks(s, n);
    double middle = s->ranks.n > 0 ? (ranks_score(&s->ranks, 1) - ranks_score(&s->ranks, -1)) / 2 : 0;
    s->spread = middle > 0 ? middle : s->spread;
}

double surrogate_standardised(const struct surrogate *s, double score)
{
    if (s->ranks.n > 0)
        return ranks_normal(&s->ranks, score);
    return (bend(s, score) - s->centre) / s->spread;
}

double surrogate_score(const struct surrogate *s, double standardised)
{
    double z = s->centre + s->spread * standardised;
    if (s->ranks.n > 0)
        return ranks_score(&s->ranks, standardised);
    if (!s->bent)
        return z;
    return s->knee + s->width * (z < 0 ? -vmath_expm1(-z) : z);
}

double surrogate_unit(const struct surrogate *s, double standardised)
{
    double z = s->centre + s->spread * standardised;
    return s->bent ? s->spread * s->width * (z < 0 ? vmath_exp(-z) : 1) : s->spread;
}

double surrogate_noise(const struct surrogate *s, int i)
{
    double unit = surrogate_unit(s, surrogate_standardised(s, s->point[i].score));
    return s->point[i].noise / (unit * unit);
}
