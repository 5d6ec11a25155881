/* The leaderboard: which trials, in which order; and the Pareto front. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

static const char *const sort_names[SEARCH_SORTS] = {"score", "lower end", "newest", "parameters", "multiply-adds",
                                                     "latency", "training time"};
static const char *const cost_names[SEARCH_COSTS] = {"parameters", "multiply-adds", "latency"};

const char *search_sort_name(enum search_sort sort)
{
    return sort_names[sort];
}

const char *search_cost_name(enum search_cost cost)
{
    return cost_names[cost];
}

bool search_is_done(const struct trial_row *t)
{
    return text_equal(t->state, "done") && isfinite(t->score);
}

bool search_is_full(const struct trial_row *t)
{
    return search_is_done(t) && !(t->fidelity < 1);
}

const char *search_asker(const struct trial_row *t)
{
    if (t->strategy[0] != '\0')
        return t->strategy;
    return t->search == 0 ? "hand" : t->parent == 0 ? "start" : "search"; /* the last: of before strategies were noted */
}

double search_cost_of(const struct search_screen *s, const struct trial_row *t, enum search_cost c)
{
    int a = s->arch_of[t - s->trial];
    if (c == COST_LATENCY)
        return t->latency_us;
    return a < 0 ? (double)NAN : (double)(c == COST_MACS ? s->arch[a].macs : s->arch[a].parameters);
}

/* --- sorting --------------------------------------------------------------------------------------------------------- */

struct entry {
    int place; /* groups first */
    double key; /* the larger the earlier; NaN last */
    int index;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->place != y->place)
        return x->place - y->place;
    if (isnan(x->key) != isnan(y->key))
        return isnan(x->key) ? 1 : -1;
    if (x->key != y->key && !isnan(x->key))
        return x->key > y->key ? -1 : 1;
    return x->index - y->index;
}

/* Scored in full, stopped, running, waiting, failed. */
static int place_of(const struct trial_row *t)
{
    static const char *const order[] = {"running", "paused", "waiting"};
    if (search_is_done(t))
        return search_is_full(t) ? 0 : 1;
    for (int i = 0; i < (int)ARRAY_N(order); i++)
        if (text_equal(t->state, order[i]))
            return 2 + i;
    return 2 + (int)ARRAY_N(order);
}

static double key_of(const struct search_screen *s, const struct trial_row *t)
{
    switch (s->sort) {
    case SORT_LOW:
        return t->low;
    case SORT_NEWEST:
        return (double)t->id;
    case SORT_PARAMETERS:
        return -search_cost_of(s, t, COST_PARAMETERS);
    case SORT_MACS:
        return -search_cost_of(s, t, COST_MACS);
    case SORT_LATENCY:
        return -t->latency_us;
    case SORT_SECONDS:
        return -t->seconds;
    default:
        return t->score;
    }
}

/* --- filtering ------------------------------------------------------------------------------------------------------- */

static const char *const filters[] = {"in full", "stopped early", "pinned", "last search", "by hand", "open", "failed"};
enum { FILTER_FULL, FILTER_STOPPED, FILTER_PINNED, FILTER_LAST, FILTER_HAND, FILTER_OPEN, FILTER_FAILED };

static bool passes(const struct search_screen *s, const struct trial_row *t, const char *filter)
{
    int which = 0;
    if (filter[0] == '\0')
        return true;
    while (which < (int)ARRAY_N(filters) && !text_equal(filters[which], filter))
        which++;
    switch (which) {
    case FILTER_FULL:
        return search_is_full(t);
    case FILTER_STOPPED:
        return search_is_done(t) && !search_is_full(t);
    case FILTER_PINNED:
        return t->pinned;
    case FILTER_LAST:
        return s->has_last && t->search == s->last.id;
    case FILTER_HAND:
        return t->search == 0;
    case FILTER_OPEN:
        return !text_equal(t->state, "done") && !text_equal(t->state, "failed");
    case FILTER_FAILED:
        return text_equal(t->state, "failed");
    default:
        return text_equal(search_asker(t), filter);
    }
}

static bool any_passes(const struct search_screen *s, const char *filter)
{
    for (int i = 0; i < s->trials; i++)
        if (passes(s, &s->trial[i], filter))
            return true;
    return false;
}

int search_filters(const struct search_screen *s, char out[][SEARCH_FILTER], int most)
{
    int n = 0;
    out[n++][0] = '\0';
    for (size_t i = 0; i < ARRAY_N(filters) && n < most; i++)
        if (any_passes(s, filters[i]))
            text_copy(out[n++], SEARCH_FILTER, filters[i]);
    for (int i = 0; i < s->trials && n < most; i++) {
        const char *asker = search_asker(&s->trial[i]);
        bool known = text_equal(asker, "hand");
        for (int k = 0; k < n; k++)
            known = known || text_equal(out[k], asker);
        if (!known)
            text_copy(out[n++], SEARCH_FILTER, asker);
    }
    return n;
}

/* --- the board ------------------------------------------------------------------------------------------------------- */

struct named {
    uint64_t first; /* of the recipe's id */
    const char *recipe;
    int index;
};

static uint64_t first_of(const char *id)
{
    uint64_t v = 0;
    for (int i = 0; i < 16 && id[i] != '\0'; i++)
        v = v << 4 | (uint64_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
    return v;
}

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    int c = strcmp(x->recipe, y->recipe);
    return c != 0 ? c : x->index - y->index;
}

/* One recipe is one result, however often it was asked for: the first stands for all. */
static bool *find_repeated(const struct search_screen *s)
{
    bool *repeated = NEW_ARRAY(bool, s->trials);
    struct named *name = NEW_ARRAY(struct named, s->trials);
    int n = 0;
    for (int i = 0; i < s->trials; i++)
        if (search_is_full(&s->trial[i]))
            name[n++] = (struct named){first_of(s->trial[i].recipe_id), s->trial[i].recipe_id, i};
    if (n > 0)
        qsort(name, (size_t)n, sizeof *name, compare_named);
    for (int i = 1; i < n; i++)
        repeated[name[i].index] = text_equal(name[i].recipe, name[i - 1].recipe);
    free(name);
    return repeated;
}

static void rank_trials(struct search_screen *s, struct entry *entry, int n)
{
    for (int i = 0; i < n; i++)
        entry[i].key = s->trial[entry[i].index].score;
    if (n > 0)
        qsort(entry, (size_t)n, sizeof *entry, compare_entries);
    for (int i = 0; i < n && entry[i].place < 2; i++) {
        const struct trial_row *t = &s->trial[entry[i].index];
        if (entry[i].place == 1) {
            s->stopped++;
            continue;
        }
        s->rank[entry[i].index] = ++s->scored;
        s->low = fmin(s->low, isfinite(t->low) ? t->low : t->score);
        s->high = fmax(s->high, isfinite(t->high) ? t->high : t->score);
    }
    s->best = s->scored > 0 ? entry[0].index : -1;
}

void search_build_board(struct search_screen *s)
{
    struct entry *entry = NEW_ARRAY(struct entry, s->trials);
    bool *repeated = find_repeated(s);
    int n = 0, kept = 0;
    free(s->board);
    free(s->rank);
    s->board = NEW_ARRAY(int, s->trials);
    s->rank = NEW_ARRAY(int, s->trials);
    s->boards = s->scored = s->stopped = 0;
    s->low = s->high = (double)NAN;
    for (int i = 0; i < s->trials; i++)
        if (!repeated[i])
            entry[n++] = (struct entry){place_of(&s->trial[i]), 0, i};
    rank_trials(s, entry, n);
    if (!any_passes(s, s->filter))
        s->filter[0] = '\0';
    for (int i = 0; i < n; i++)
        if (passes(s, &s->trial[entry[i].index], s->filter)) {
            entry[kept] = entry[i];
            entry[kept].key = key_of(s, &s->trial[entry[i].index]);
            entry[kept++].place *= s->sort != SORT_NEWEST; /* whatever became of them */
        }
    if (kept > 0)
        qsort(entry, (size_t)kept, sizeof *entry, compare_entries);
    for (int i = 0; i < kept; i++)
        s->board[s->boards++] = entry[i].index;
    free(repeated);
    free(entry);
}

/* The front: none costs less and scores more. by_cost runs from cheap to dear; of equals the better is first. */
void search_build_front(struct search_screen *s)
{
    struct entry *entry = NEW_ARRAY(struct entry, s->trials);
    int n = 0;
    double best = -INFINITY;
    free(s->by_cost);
    free(s->front);
    for (int i = 0; i < s->trials; i++)
        if (s->rank[i] > 0 && isfinite(search_cost_of(s, &s->trial[i], s->cost)))
            entry[n++] = (struct entry){s->rank[i], -search_cost_of(s, &s->trial[i], s->cost), i};
    if (n > 0) { /* by cost, and among equals by rank */
        for (int i = 0; i < n; i++) {
            int rank = entry[i].place;
            entry[i].place = 0;
            s->rank[entry[i].index] = rank;
        }
        qsort(entry, (size_t)n, sizeof *entry, compare_entries);
    }
    s->by_cost = NEW_ARRAY(int, n);
    s->front = NEW_ARRAY(bool, n);
    s->costed = n;
    for (int i = 0; i < n; i++)
        s->by_cost[i] = entry[i].index;
    for (int i = 0; i < n;) { /* of those that cost the same only the best can be on it */
        int to = i, top = i;
        while (to < n && entry[to].key == entry[i].key) {
            top = s->trial[s->by_cost[to]].score > s->trial[s->by_cost[top]].score ? to : top;
            to++;
        }
        s->front[top] = s->trial[s->by_cost[top]].score > best;
        best = fmax(best, s->trial[s->by_cost[top]].score);
        i = to;
    }
    free(entry);
}
