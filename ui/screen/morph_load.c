/* What the Morph screen knows of the architecture at hand: its options, its ancestors, the step under the cursor. */
#include "ui/screen/morph.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

void morph_free(struct morph_screen *s)
{
    arch_free(s->preview.after);
    free(s->row);
    free(s->shown);
    s->preview = (struct morph_preview){0};
    s->row = NULL;
    s->shown = NULL;
    s->rows = s->shown_n = 0;
}

static void take_row(struct morph_row *r, const json_t *j)
{
    r->kind = morph_find(aid_text(j, "kind"));
    r->applicable = json_is_true(json_object_get(j, "applicable"));
    r->known = json_is_integer(json_object_get(j, "parameters"));
    r->parameters = json_integer_value(json_object_get(j, "parameters"));
    r->macs = json_integer_value(json_object_get(j, "macs"));
    text_copy(r->node, sizeof r->node, aid_text(j, "node"));
    text_copy(r->reason, sizeof r->reason, aid_text(j, "reason"));
}

static void load_rows(struct morph_screen *s, struct app *app)
{
    struct error err = {0};
    json_t *result = action_morph_list(app_workspace(app), s->hand.id, &err);
    const json_t *list = json_object_get(result, "morphisms"), *one;
    size_t i;
    if (result == NULL)
        app_error(app, &err);
    s->row = NEW_ARRAY(struct morph_row, json_array_size(list) + 1);
    json_array_foreach(list, i, one)
    {
        take_row(&s->row[s->rows], one);
        s->rows += s->row[s->rows].kind != NULL;
    }
    json_decref(result);
}

/* From the one at hand back to the one that was made from nothing. */
static void load_chain(struct morph_screen *s, struct app *app)
{
    struct arch_row row;
    struct hash at = s->hand.row.id;
    s->chain_n = 0;
    while (s->chain_n < MORPH_CHAIN_MOST && !hash_is_zero(at) && arches_get(app_workspace(app), at, &row, NULL)) {
        struct morph_link *l = &s->chain[s->chain_n++];
        hash_hex(row.id, l->id);
        text_copy(l->name, sizeof l->name, row.name);
        text_copy(l->morphism, sizeof l->morphism, row.morphism);
        at = row.parent;
        free(row.text);
    }
    for (int i = 0; i < s->chain_n / 2; i++) {
        struct morph_link swap = s->chain[i];
        s->chain[i] = s->chain[s->chain_n - 1 - i];
        s->chain[s->chain_n - 1 - i] = swap;
    }
}

void morph_look(struct morph_screen *s)
{
    struct morph_preview *p = &s->preview;
    const struct morph_row *r = morph_selected(s);
    struct morph_step step;
    struct error err = {0};
    arch_free(p->after);
    *p = (struct morph_preview){0};
    if (r == NULL)
        return;
    const char *setting = morph_setting_of(s, r->kind);
    char *whole = memory_format("%s node=%s%s%s", r->kind->name, r->node, setting[0] != '\0' ? " " : "", setting);
    if (!r->applicable && setting[0] == '\0') {
        text_copy(p->reason, sizeof p->reason, r->reason);
    } else if (morph_parse(&step, whole, &err)) {
        morph_format(&step, p->step);
        p->after = morph_apply_arch(s->hand.arch, &step, &err);
    }
    if (p->after == NULL && p->reason[0] == '\0')
        text_copy(p->reason, sizeof p->reason, err.text);
    free(whole);
}

void morph_filter(struct morph_screen *s)
{
    const struct morph_row *was = morph_selected(s);
    int cursor = 0;
    bool found = false;
    int *shown = NEW_ARRAY(int, s->rows + 1), n = 0;
    for (int i = 0; i < s->rows; i++) {
        if (s->only_applicable && !s->row[i].applicable)
            continue;
        if (was == &s->row[i] || (!found && was != NULL && i > was - s->row)) { /* the same, or the next one after it */
            cursor = n;
            found = true;
        }
        shown[n++] = i;
    }
    free(s->shown);
    s->shown = shown;
    s->shown_n = n;
    s->table.cursor = was == NULL ? s->table.cursor : cursor;
    table_move(&s->table, n, 0);
    morph_look(s);
}

void morph_load(struct morph_screen *s, struct app *app)
{
    char kind[32] = "", node[ARCH_NAME_MAX] = "";
    const struct morph_row *was = morph_selected(s);
    if (was != NULL) {
        text_copy(kind, sizeof kind, was->kind->name);
        text_copy(node, sizeof node, was->node);
    }
    morph_free(s);
    s->chain_n = 0;
    if (s->hand.arch == NULL)
        return;
    load_rows(s, app);
    load_chain(s, app);
    morph_filter(s);
    for (int i = 0; i < s->shown_n; i++) /* the cursor stays on its kind and node */
        if (text_equal(s->row[s->shown[i]].kind->name, kind) && text_equal(s->row[s->shown[i]].node, node))
            s->table.cursor = i;
    morph_look(s);
}
