/* The race of the strategies: best so far of each, by its trials and by the seconds that they trained.
 *
 * Starting points are everyone's: each curve begins with them. Only scores of the whole cross-validation count as best;
 * trials that were stopped early count as trials and with their seconds. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

void search_free_race(struct search_screen *s)
{
    for (int i = 0; i < s->racers; i++) {
        free(s->racer[i].trial);
        free(s->racer[i].best);
        free(s->racer[i].seconds);
    }
    free(s->race_x);
    s->race_x = NULL;
    s->racers = s->race_xs = 0;
}

static bool takes_part(const struct search_screen *s, const struct trial_row *t)
{
    return s->has_last ? t->search == s->last.id : t->search > 0;
}

static struct search_racer *racer_of(struct search_screen *s, const char *name)
{
    for (int i = 0; i < s->racers; i++)
        if (text_equal(s->racer[i].name, name))
            return &s->racer[i];
    if (s->racers == SEARCH_RACERS)
        return NULL;
    struct search_racer *r = &s->racer[s->racers++];
    *r = (struct search_racer){.trial = NEW_ARRAY(int, s->trials),
                               .best = NEW_ARRAY(double, s->trials),
                               .seconds = NEW_ARRAY(double, s->trials),
                               .winner = -1};
    text_copy(r->name, sizeof r->name, name);
    return r;
}

static void count_trial(const struct search_screen *s, struct search_racer *r, int index)
{
    const struct trial_row *t = &s->trial[index];
    double best = r->n > 0 ? r->best[r->n - 1] : (double)NAN, seconds = r->n > 0 ? r->seconds[r->n - 1] : 0;
    bool own = t->strategy[0] != '\0';
    r->own += own;
    r->stopped += own && search_is_done(t) && !search_is_full(t);
    r->failed += own && text_equal(t->state, "failed");
    if (search_is_full(t)) {
        r->scored += own;
        if (!(100 * t->score <= best)) {
            best = 100 * t->score;
            r->winner = index;
        }
    }
    r->trial[r->n] = index;
    r->best[r->n] = best;
    r->seconds[r->n] = seconds + (isfinite(t->seconds) ? t->seconds : 0);
    r->n++;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void list_steps(struct search_screen *s)
{
    int n = 0;
    for (int i = 0; i < s->racers; i++)
        n += s->racer[i].n;
    s->race_x = NEW_ARRAY(double, n);
    n = 0;
    for (int i = 0; i < s->racers; i++)
        for (int k = 0; k < s->racer[i].n; k++)
            s->race_x[n++] = search_race_x(s, &s->racer[i], k);
    if (n > 0)
        qsort(s->race_x, (size_t)n, sizeof *s->race_x, compare_numbers);
    for (int i = 0; i < n; i++)
        if (s->race_xs == 0 || s->race_x[i] > s->race_x[s->race_xs - 1])
            s->race_x[s->race_xs++] = s->race_x[i];
    if (s->race_cursor >= s->race_xs)
        s->race_cursor = -1;
}

void search_build_race(struct search_screen *s)
{
    search_free_race(s);
    bool any = false;
    for (int i = 0; i < s->trials; i++) {
        bool in = takes_part(s, &s->trial[i]);
        any = any || in;
        if (in && s->trial[i].strategy[0] != '\0')
            racer_of(s, s->trial[i].strategy);
    }
    if (s->racers == 0 && any)
        racer_of(s, "search"); /* of before strategies were noted, or nothing was asked for yet */
    for (int i = 0; i < s->trials && s->racers > 0; i++) {
        const struct trial_row *t = &s->trial[i];
        bool ended = text_equal(t->state, "done") || text_equal(t->state, "failed");
        if (!takes_part(s, t) || !ended)
            continue;
        for (int k = 0; k < s->racers; k++)
            if (t->strategy[0] == '\0' || text_equal(t->strategy, s->racer[k].name))
                count_trial(s, &s->racer[k], i);
    }
    list_steps(s);
}

double search_race_x(const struct search_screen *s, const struct search_racer *r, int i)
{
    return s->by_seconds ? r->seconds[i] : i + 1;
}

double search_race_best(const struct search_screen *s, const struct search_racer *r, double x, int *ended)
{
    int low = 0, high = r->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (search_race_x(s, r, middle) <= x)
            low = middle + 1;
        else
            high = middle;
    }
    *ended = low;
    return low > 0 ? r->best[low - 1] : (double)NAN;
}

double search_race_now(const struct search_screen *s)
{
    int at = s->race_cursor >= 0 && s->race_cursor < s->race_xs ? s->race_cursor : s->race_xs - 1;
    return at >= 0 ? s->race_x[at] : 0;
}

int search_race_leader(const struct search_screen *s, double x)
{
    int leader = -1, level = 0, ended;
    double most = -INFINITY;
    for (int i = 0; i < s->racers; i++) {
        double best = search_race_best(s, &s->racer[i], x, &ended);
        if (best > most) {
            most = best;
            leader = i;
            level = 0;
        }
        level += best == most;
    }
    return level == 1 ? leader : -1;
}
