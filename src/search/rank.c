#include "search/rank.h"

#include "base/memory.h"
#include "base/vmath.h"

#include <string.h>

/* The inverse of the normal distribution function: the bits of vmath halved in on, so the same everywhere. p in (0, 1). */
static double normal_at(double p)
{
    double low = -9, high = 9;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (vmath_normal_cdf(middle) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void ranks_start(struct ranks *r, const double *score, int n)
{
    ASSERT(n >= 1);
    *r = (struct ranks){.score = memory_copy(score, (size_t)n * sizeof *score), .normal = NEW_ARRAY(double, n)};
    qsort(r->score, (size_t)n, sizeof *r->score, compare);
    for (int i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && r->score[next] == r->score[i];)
            next++;
        double middle = 0.5 * (i + next + 1); /* of the ranks from 1 on */
        r->normal[r->n] = normal_at((middle - 0.375) / (n + 0.25));
        r->score[r->n++] = r->score[i];
    }
}

void ranks_end(struct ranks *r)
{
    free(r->score);
    free(r->normal);
    *r = (struct ranks){.n = 0};
}

/* y at x on the line through the ascending (from, to), as the header has it. */
static double along(const double *from, const double *to, int n, double x)
{
    int quarter = n / 4 > 1 ? n / 4 : 1, last = n - 1;
    if (n == 1)
        return to[0] + (x - from[0]);
    int a = 0, b = quarter < last ? quarter : last;
    if (x > from[last]) {
        a = last - b;
        b = last;
        return to[b] + (x - from[b]) * (to[b] - to[a]) / (from[b] - from[a]);
    }
    if (x < from[0])
        return to[0] + (x - from[0]) * (to[b] - to[0]) / (from[b] - from[0]);
    for (a = 0, b = last; b - a > 1;) {
        int middle = (a + b) / 2;
        if (from[middle] <= x)
            a = middle;
        else
            b = middle;
    }
    return to[a] + (x - from[a]) / (from[b] - from[a]) * (to[b] - to[a]);
}

double ranks_normal(const struct ranks *r, double score)
{
    return along(r->score, r->normal, r->n, score);
}

double ranks_score(const struct ranks *r, double normal)
{
    return along(r->normal, r->score, r->n, normal);
}
