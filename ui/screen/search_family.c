/* The family tree: every architecture that was tried, with its ancestors, indented below the one it grew from. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { DEPTH_DRAWN = 9 }; /* deeper generations keep this indentation and say how deep they are */

struct relation {
    bool shown;
    int trial, parent, first, next; /* -1: none */
};

static bool better(const struct search_screen *s, int a, int than)
{
    if (than < 0)
        return true;
    double x = s->trial[a].score, y = s->trial[than].score;
    return isfinite(x) && (!isfinite(y) || x > y);
}

static void mark_tried(const struct search_screen *s, struct relation *r)
{
    for (int i = 0; i < s->trials; i++) {
        int a = search_find_arch(s, s->trial[i].arch);
        if (a < 0)
            continue;
        if (better(s, i, r[a].trial))
            r[a].trial = i;
        for (int up = a; up >= 0 && !r[up].shown; up = r[up].parent)
            r[up].shown = true;
    }
}

/* Children stand in the order of their best score, the best first. */
static void add_child(const struct search_screen *s, struct relation *r, int *first, int child)
{
    int *at = first;
    while (*at >= 0 && !(r[child].trial >= 0 && better(s, r[child].trial, r[*at].trial)))
        at = &r[*at].next;
    r[child].next = *at;
    *at = child;
}

static void add_row(struct search_screen *s, struct relation *r, int a, int depth, const char *indent, bool last)
{
    struct search_family *row = &s->family[s->families++];
    *row = (struct search_family){.arch = a, .trial = r[a].trial};
    r[a].shown = false; /* a damaged table may hold a circle */
    if (depth > 0)
        snprintf(row->lead, sizeof row->lead, "%s%s", indent, last ? "└╴" : "├╴");
    char below[SEARCH_LEAD];
    snprintf(below, sizeof below, "%s%s", indent, depth == 0 || depth > DEPTH_DRAWN ? "" : last ? "  " : "│ ");
    for (int c = r[a].first; c >= 0; c = r[c].next)
        if (r[c].shown)
            add_row(s, r, c, depth + 1, below, r[c].next < 0);
}

void search_build_family(struct search_screen *s)
{
    struct relation *r = NEW_ARRAY(struct relation, s->arches);
    int roots = -1;
    for (int i = 0; i < s->arches; i++) {
        int parent = hash_is_zero(s->arch[i].parent) ? -1 : search_find_arch(s, s->arch[i].parent);
        r[i] = (struct relation){false, -1, parent, -1, -1};
    }
    mark_tried(s, r);
    for (int i = 0; i < s->arches; i++)
        if (r[i].shown)
            add_child(s, r, r[i].parent >= 0 ? &r[r[i].parent].first : &roots, i);
    s->family = NEW_ARRAY(struct search_family, s->arches);
    for (int i = roots; i >= 0; i = r[i].next)
        add_row(s, r, i, 0, "", r[i].next < 0);
    free(r);
}
