/* What the suggestions rest on: a search that is told what is known of a task. */
#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"

/* Which rows say something that no other does: one recipe is one result, however many strategies of a race asked for it,
 * and counted twice it would pass for two measurements that agree. In full comes first, then the oldest. free() */
static bool *find_news(const struct trial_row *rows, int n)
{
    bool *news = NEW_ARRAY(bool, n);
    json_t *seen = json_object();
    for (int full = 1; full >= 0; full--)
        for (int i = 0; i < n; i++) {
            const struct trial_row *t = &rows[i];
            if (!text_equal(t->state, "done") || driver_full(t) != (full == 1))
                continue;
            news[i] = !json_object_get(seen, t->recipe_id);
            json_object_set_new(seen, t->recipe_id, json_true());
        }
    for (int i = 0; i < n; i++)
        if (text_equal(rows[i].state, "failed"))
            news[i] = !driver_timed_out(&rows[i]);
    json_decref(seen);
    return news;
}

struct standing {
    double score;
    int row;
};

static int better_first(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    if (x->score != y->score)
        return (x->score < y->score) - (x->score > y->score);
    return x->row - y->row;
}

/* A Gaussian process costs the cube of what it is fitted to: of more than `most` it gets the best half, where the maximum is
 * looked for, and of the others the newest, which tell it where it is not. Returns how many are left out of `scored`. */
static int leave_out(const struct trial_row *rows, int n, int most, bool *scored)
{
    struct standing *order = NEW_ARRAY(struct standing, n);
    int all = 0;
    for (int i = 0; i < n; i++)
        if (scored[i])
            order[all++] = (struct standing){rows[i].score, i};
    int left_out = all > most ? all - most : 0;
    if (left_out > 0) {
        bool *left = NEW_ARRAY(bool, n);
        qsort(order, (size_t)all, sizeof *order, better_first);
        for (int i = most / 2; i < all; i++) {
            left[order[i].row] = true;
            scored[order[i].row] = false;
        }
        for (int i = n, newest = most - most / 2; i-- > 0 && newest > 0;)
            if (left[i]) {
                scored[i] = true;
                newest--;
            }
        free(left);
    }
    free(order);
    return left_out;
}

/* Not proposed again, without a score. */
static void tell_known(struct workspace *w, struct search *s, const struct trial_row *t)
{
    struct arch *a = arches_load(w, t->arch, NULL);
    if (a)
        search_tell(s, (int)t->id, a, &(struct search_told){.failed = true});
    arch_free(a);
}

struct search *driver_known(struct workspace *w, struct hash task, const struct driver_options *options, int most,
                            struct driver_told *out, struct error *err)
{
    struct search_options so = {
        .strategy = options->strategy, .seed = options->seed, .max_parameters = options->max_parameters};
    struct search *s = search_new(&so, err);
    struct trial_row *rows = NULL;
    int n = s ? runs_trials(w, task, -1, RUNS_BY_ID, &rows, err) : -1, rowed = n > 0 ? n : 0;
    bool *news = find_news(rows, rowed), *scored = NEW_ARRAY(bool, rowed);
    for (int i = 0; i < n; i++) {
        news[i] = news[i] && !text_equal(rows[i].strategy, RUNS_BASELINE);
        scored[i] = news[i] && !text_equal(rows[i].state, "failed");
    }
    *out = (struct driver_told){.left_out = leave_out(rows, rowed, most, scored)};
    const struct trial_row *reference = driver_reference(rows, (size_t)rowed);
    for (int i = 0; i < n; i++) {
        if (scored[i])
            driver_tell(w, s, &rows[i], reference);
        else if (news[i])
            tell_known(w, s, &rows[i]);
        out->scored += scored[i] && driver_full(&rows[i]);
    }
    free(scored);
    free(news);
    runs_trials_free(rows, n);
    if (n < 0) {
        search_free(s);
        return NULL;
    }
    return s;
}
