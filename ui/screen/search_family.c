/* The family tree: every architecture that was tried, with its ancestors, indented below the one it grew from. What is
 * below an architecture can be folded away. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { DEPTH_DRAWN = 9, DEPTH_MOST = 8000 }; /* deeper generations keep this indentation */

struct relation {
    bool shown;
    int trial, parent, first, next; /* -1: none */
};

static bool better(const struct search_screen *s, int a, int than)
{
    if (than < 0)
        return true;
    const struct trial_row *x = &s->trial[a], *y = &s->trial[than];
    if (search_is_full(x) != search_is_full(y))
        return search_is_full(x);
    return isfinite(x->score) && (!isfinite(y->score) || x->score > y->score);
}

static void mark_tried(const struct search_screen *s, struct relation *r)
{
    for (int i = 0; i < s->trials; i++) {
        int a = s->arch_of[i];
        if (a < 0)
            continue;
        if (better(s, i, r[a].trial))
            r[a].trial = i;
        for (int up = a; up >= 0 && !r[up].shown; up = r[up].parent)
            r[up].shown = true;
    }
}

struct placed {
    double score; /* of its best trial; those that were stopped early and those without one behind all others */
    int arch;
};

static int worst_first(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->score != y->score ? (x->score > y->score ? 1 : -1) : y->arch - x->arch;
}

static double standing_of(const struct search_screen *s, int trial)
{
    enum { BEHIND = 1000000 };
    const struct trial_row *t = trial >= 0 ? &s->trial[trial] : NULL;
    if (t == NULL || !isfinite(t->score))
        return -INFINITY;
    return search_is_full(t) ? t->score : t->score - BEHIND;
}

/* Children stand in the order of their best score, the best first: put in front one by one, the worst before. Returns
 * the first root. */
static int link_children(const struct search_screen *s, struct relation *r)
{
    struct placed *order = NEW_ARRAY(struct placed, s->arches);
    int n = 0, roots = -1;
    for (int i = 0; i < s->arches; i++)
        if (r[i].shown)
            order[n++] = (struct placed){standing_of(s, r[i].trial), i};
    if (n > 0)
        qsort(order, (size_t)n, sizeof *order, worst_first);
    for (int i = 0; i < n; i++) {
        int a = order[i].arch, *first = r[a].parent >= 0 ? &r[r[a].parent].first : &roots;
        r[a].next = *first;
        *first = a;
    }
    free(order);
    return roots;
}

static bool is_folded(const struct search_screen *s, struct hash arch)
{
    for (int i = 0; i < s->folds; i++)
        if (hash_equal(s->folded[i], arch))
            return true;
    return false;
}

void search_fold_family(struct search_screen *s, struct hash arch)
{
    for (int i = 0; i < s->folds; i++)
        if (hash_equal(s->folded[i], arch)) {
            s->folded[i] = s->folded[--s->folds];
            search_build_family(s);
            return;
        }
    s->folded = memory_grow(s->folded, &s->folds_capacity, (size_t)s->folds + 1, sizeof *s->folded);
    s->folded[s->folds++] = arch;
    search_build_family(s);
}

static int count_below(struct relation *r, int a, int depth)
{
    int n = 0;
    for (int c = r[a].first; c >= 0 && depth < DEPTH_MOST; c = r[c].next) {
        r[c].shown = false;
        n += 1 + count_below(r, c, depth + 1);
    }
    return n;
}

static void add_row(struct search_screen *s, struct relation *r, int a, int depth, const char *indent, bool last)
{
    struct search_family *row = &s->family[s->families++];
    *row = (struct search_family){.arch = a, .trial = r[a].trial, .parent = r[a].first >= 0};
    r[a].shown = false; /* a damaged table may hold a circle */
    if (depth > 0)
        snprintf(row->lead, sizeof row->lead, "%s%s", indent, last ? "└╴" : "├╴");
    char below[SEARCH_LEAD];
    snprintf(below, sizeof below, "%s%s", indent, depth == 0 || depth > DEPTH_DRAWN ? "" : last ? "  " : "│ ");
    if (is_folded(s, s->arch[a].id))
        row->folded = count_below(r, a, depth);
    for (int c = r[a].first; c >= 0 && depth < DEPTH_MOST; c = r[c].next)
        if (r[c].shown)
            add_row(s, r, c, depth + 1, below, r[c].next < 0);
}

void search_build_family(struct search_screen *s)
{
    struct relation *r = NEW_ARRAY(struct relation, s->arches);
    for (int i = 0; i < s->arches; i++) {
        int parent = hash_is_zero(s->arch[i].parent) ? -1 : search_find_arch(s, s->arch[i].parent);
        r[i] = (struct relation){false, -1, parent, -1, -1};
    }
    mark_tried(s, r);
    int roots = link_children(s, r);
    free(s->family);
    s->family = NEW_ARRAY(struct search_family, s->arches);
    s->families = 0;
    for (int i = roots; i >= 0; i = r[i].next)
        add_row(s, r, i, 0, "", r[i].next < 0);
    free(r);
}
