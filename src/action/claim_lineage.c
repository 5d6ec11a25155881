/* Where a claimed network comes from: its parent and the morphisms from there. */
#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/morph.h"
#include "store/arches.h"

enum { STEPS_MOST = 1000 };

/* --- of a network in the workspace -------------------------------------------------------------------------------- */

/* The morphisms name nodes as the workspace calls them. On the chain the parent stands in canonical text, so the same
 * graph is grown under both namings, and each step is told in that of the parent's text. */
struct trail {
    struct arch *parent; /* canonical; NULL: no step is known yet */
    struct arch *here;   /* what the steps lead to, in its naming */
    struct text steps;
};

static void trail_drop(struct trail *t)
{
    arch_free(t->parent);
    arch_free(t->here);
    text_free(&t->steps);
    *t = (struct trail){0};
}

/* The node of `here` that is node `name` of `stored`: two spellings of one graph have one canonical form. */
static bool translate(const struct arch *stored, const struct arch *here, char name[ARCH_NAME_MAX])
{
    int *from = NEW_ARRAY(int, stored->nodes), *to = NEW_ARRAY(int, here->nodes), at = arch_find(stored, name), i = 0;
    bool same = stored->nodes == here->nodes && at >= 0;
    if (same) {
        arch_free(arch_canonical(stored, from));
        arch_free(arch_canonical(here, to));
        while (from[i] != at)
            i++;
        text_copy(name, ARCH_NAME_MAX, here->node[to[i]].name);
    }
    free(from);
    free(to);
    return same;
}

static bool apply(struct arch **a, const struct morph_step *step)
{
    struct arch *grown = morph_apply_arch(*a, step, NULL);
    arch_free(*a);
    *a = grown;
    return grown != NULL;
}

/* One line of a stored morphism, applied to both. */
static bool follow_line(struct trail *t, struct arch **stored, const char *line)
{
    struct morph_step step;
    char text[MORPH_TEXT_MAX];
    if (!morph_parse(&step, line, NULL))
        return false;
    struct morph_step told = step;
    if (!translate(*stored, t->here, told.node) || !apply(stored, &step) || !apply(&t->here, &told))
        return false;
    morph_format(&told, text);
    text_printf(&t->steps, "%s\n", text);
    return true;
}

/* From an architecture's parent to itself. What does not lead there any more is forgotten, with all before it. */
static void follow(struct trail *t, struct workspace *w, const struct arch_row *row)
{
    struct arch *stored = arches_load(w, row->parent, NULL);
    char *lines = arches_steps(w, row, NULL), *rest = lines, *line;
    bool ok = stored && lines;
    if (ok && !t->parent) {
        t->parent = arch_canonical(stored, NULL);
        t->here = arch_copy(t->parent);
    }
    while (ok && (line = text_next(&rest, '\n')))
        ok = follow_line(t, &stored, line);
    if (!ok || !hash_equal(arch_id(t->here), row->id))
        trail_drop(t);
    arch_free(stored);
    free(lines);
}

static bool has_parent(const struct arch_row *row)
{
    return !hash_is_zero(row->parent) && row->morphism[0];
}

bool claim_lineage(struct workspace *w, struct hash arch, char **parent, char **morphisms, struct error *err)
{
    struct arch_row *row = NEW_ARRAY(struct arch_row, STEPS_MOST);
    struct trail t = {0};
    int n = 0;
    bool ok = true;
    *parent = *morphisms = NULL;
    while (n < STEPS_MOST && (ok = arches_get(w, arch, &row[n], err))) {
        free(row[n].text);
        if (!has_parent(&row[n]))
            break;
        arch = row[n++].parent;
    }
    while (ok && n > 0)
        follow(&t, w, &row[--n]);
    if (ok && t.parent) {
        *parent = arch_canonical_text(t.parent);
        *morphisms = memory_text(text_of(&t.steps));
    }
    trail_drop(&t);
    free(row);
    return ok;
}

/* --- of a proposal ------------------------------------------------------------------------------------------------ */

static struct arch *grow(struct arch *a, char *steps, struct error *err)
{
    char *rest = steps, *line;
    size_t n = strlen(steps);
    if (n && steps[n - 1] == '\n')
        steps[n - 1] = 0;
    for (int i = 1; a && (line = text_next(&rest, '\n')); i++) {
        struct morph_step step;
        struct arch *grown = NULL;
        if (i > STEPS_MOST)
            error_set(err, ERROR_CHAIN, "there are more than %d", STEPS_MOST);
        else if (morph_parse(&step, line, err))
            grown = morph_apply_arch(a, &step, err);
        if (!grown)
            error_prefix(err, "the claimed morphisms, line %d", i);
        arch_free(a);
        a = grown;
    }
    return a;
}

bool claim_lineage_check(const char *chain, const struct tx_propose *p, struct error *err)
{
    if (hash_is_zero(p->parent) && hash_is_zero(p->morphisms))
        return true;
    if (hash_is_zero(p->parent) || hash_is_zero(p->morphisms))
        return error_set(err, ERROR_CHAIN, "the proposal names a parent without morphisms, or morphisms without a parent");
    char *steps = claim_object_text(chain, p->morphisms, "the claimed morphisms", err);
    struct arch *a = steps ? claim_object_arch(chain, p->parent, "the claimed parent", err) : NULL;
    a = a ? grow(a, steps, err) : NULL;
    bool ok = a != NULL;
    if (ok && !hash_equal(arch_id(a), p->arch))
        ok = error_set(err, ERROR_CHAIN, "the claimed morphisms lead from the parent to another architecture");
    else if (!ok && err && err->kind == ERROR_USAGE)
        err->kind = ERROR_CHAIN;
    arch_free(a);
    free(steps);
    return ok;
}
