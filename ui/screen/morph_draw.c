/* Drawing of the Morph screen: how the network came about, the steps that could come next, and one of them in full. */
#include "ui/screen/morph.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

enum { WIDE = 104, LABEL = 12 };

/* --- the table ------------------------------------------------------------------------------------------------------- */

enum { KIND, NODE, MORE_PARAMETERS, PARAMETERS, MORE_MACS, MACS, REASON };

static const struct table_column columns[] = {
    [KIND] = {"Morphism", 8, 10, false, 0},          [NODE] = {"Node", 5, 16, false, 0},
    [MORE_PARAMETERS] = {"+Params", 9, 11, true, 1}, [PARAMETERS] = {"Parameters", 10, 12, true, 3},
    [MORE_MACS] = {"+Mult-adds", 10, 12, true, 2},   [MACS] = {"Mult-adds", 10, 14, true, 5},
};

/* With those that do not apply, the reasons are worth more than the sums. */
static const struct table_column columns_all[] = {
    [KIND] = {"Morphism", 8, 10, false, 0},          [NODE] = {"Node", 5, 10, false, 0},
    [MORE_PARAMETERS] = {"+Params", 9, 9, true, 3},  [PARAMETERS] = {"Parameters", 10, 10, true, 5},
    [MORE_MACS] = {"+Mult-adds", 10, 10, true, 4},   [MACS] = {"Mult-adds", 10, 10, true, 6},
    [REASON] = {"Why not", 34, 80, false, 1},
};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct morph_screen *s = context;
    const struct morph_row *r = &s->row[s->shown[row]];
    char number[AID_NUMBER];
    *style = r->applicable ? STYLE_TEXT : STYLE_DIM;
    switch (column) {
    case KIND:
        text_copy(out, size, r->kind->name);
        return;
    case NODE:
        text_copy(out, size, r->node);
        return;
    case REASON:
        text_copy(out, size, r->reason);
        *style = STYLE_DIM;
        return;
    default:
        break;
    }
    if (!r->applicable || !r->known)
        return;
    bool more = column == MORE_PARAMETERS || column == MORE_MACS, parameters = column == MORE_PARAMETERS || column == PARAMETERS;
    int64_t after = parameters ? r->parameters : r->macs, before = parameters ? s->hand.row.parameters : s->hand.row.macs;
    *style = more ? (parameters ? STYLE_SERIES_1 : STYLE_SERIES_2) : STYLE_DIM;
    text_copy(out, size, more ? aid_delta(after - before, number) : aid_count(after, number));
}

void morph_row_text(void *self, int row, char *out, size_t size)
{
    const struct morph_screen *s = self;
    const struct morph_row *r = &s->row[s->shown[row]];
    snprintf(out, size, "%s %s %s", r->kind->name, r->node, r->reason);
}

static void draw_table(struct morph_screen *s, struct grid *g, struct box b)
{
    struct table_source source = {s, s->shown_n, cell};
    s->drawn = b;
    if (s->only_applicable)
        table_draw(g, b, columns, (int)ARRAY_N(columns), &source, &s->table, true);
    else
        table_draw(g, b, columns_all, (int)ARRAY_N(columns_all), &source, &s->table, true);
    if (s->shown_n == 0)
        grid_put(g, b, 2, 2, STYLE_DIM, s->rows > 0 ? "nothing applies; f shows why" : "there are no morphisms");
}

/* --- the way here ---------------------------------------------------------------------------------------------------- */

/* "widen node=c1 by=16" as "widen c1 by=16"; several steps stand one a line. */
static void put_step(const char *morphism, char *out, size_t size)
{
    size_t n = 0;
    for (const char *c = morphism; *c != '\0' && n + 3 < size; c++) {
        if (text_starts(c, "node="))
            c += 5;
        if (*c == '\n')
            out[n++] = ';';
        out[n++] = *c == '\n' ? ' ' : *c;
    }
    out[n] = '\0';
}

static void put_link(const struct morph_screen *s, int i, char *out, size_t size)
{
    if (i == 0 || s->chain[i].morphism[0] == '\0')
        text_copy(out, size, s->chain[i].name);
    else
        put_step(s->chain[i].morphism, out, size);
}

/* The newest steps that fit, in their order. */
static void draw_chain(const struct morph_screen *s, struct grid *g, struct box b)
{
    static const char arrow[] = " \u2192 ";
    char link[MORPH_TEXT_MAX], forth[32] = "";
    if (s->redo_n > 0)
        snprintf(forth, sizeof forth, "  (%d undone)", s->redo_n);
    int from = s->chain_n, room = b.columns - text_width(forth) - 4;
    while (from > 0) {
        put_link(s, from - 1, link, sizeof link);
        room -= text_width(link) + 3;
        if (room < 0 && from < s->chain_n)
            break;
        from--;
    }
    int x = from > 0 ? grid_printf(g, b, 0, 0, STYLE_DIM, "\u2026%s", arrow) : 0;
    for (int i = from; i < s->chain_n; i++) {
        bool last = i + 1 == s->chain_n;
        put_link(s, i, link, sizeof link);
        x = grid_put(g, b, x, 0, last ? STYLE_TITLE : STYLE_TEXT, link);
        x = last ? x : grid_put(g, b, x, 0, STYLE_DIM, arrow);
    }
    grid_put(g, b, x, 0, STYLE_DIM, forth);
}

static void draw_head(const struct morph_screen *s, struct grid *g, struct box b)
{
    char parameters[AID_NUMBER], macs[AID_NUMBER], id[13], note[48];
    int fit = 0;
    for (int i = 0; i < s->rows; i++)
        fit += s->row[i].applicable;
    hash_short(s->hand.row.id, id);
    snprintf(note, sizeof note, s->only_applicable ? "%d that apply" : "%d of %d apply", fit, s->rows);
    int x = grid_put(g, b, 0, 0, STYLE_TITLE, s->hand.row.name);
    x = grid_printf(g, b, x + 2, 0, STYLE_TEXT, "%lld node%s  %s parameters  %s mult-adds", (long long)s->hand.row.nodes, text_s(s->hand.row.nodes),
                    aid_count(s->hand.row.parameters, parameters), aid_count(s->hand.row.macs, macs));
    if (s->running)
        grid_put_right(g, b, 0, STYLE_GOOD, "auto-run: Esc stops");
    else if (x + 2 + text_width(note) <= b.columns)
        grid_put_right(g, b, 0, STYLE_DIM, note);
    draw_chain(s, g, box_inset(b, 0, 1, 0, 0));
}

/* --- one step -------------------------------------------------------------------------------------------------------- */

static int draw_change(struct grid *g, struct box b, int y, const char *label, int64_t before, int64_t after)
{
    char from[AID_NUMBER], to[AID_NUMBER], delta[AID_NUMBER];
    double percent = before > 0 ? 100.0 * (double)(after - before) / (double)before : 0;
    return aid_field(g, b, y, LABEL, label, "%s \u2192 %s (%s, %+.1f %%)", aid_count(before, from), aid_count(after, to),
                     aid_delta(after - before, delta), percent);
}

static int draw_settings(const struct morph_screen *s, struct grid *g, struct box b, int y, const struct morph_kind *kind)
{
    const char *given = morph_setting_of(s, kind);
    int rows = 0;
    if (given[0] != '\0')
        rows += aid_field(g, b, y, LABEL, "given", "%s", given);
    for (int k = 0; k < kind->settings; k++) {
        char preset[32];
        morph_setting_text(&kind->setting[k], kind->setting[k].preset, preset, sizeof preset);
        rows += aid_field(g, b, y + rows, LABEL, k == 0 ? "settings" : "", "%s (%s): %s", kind->setting[k].name, preset,
                          kind->setting[k].about);
    }
    return rows;
}

static void draw_step(const struct morph_screen *s, struct grid *g, struct box b)
{
    const struct morph_row *r = morph_selected(s);
    const struct morph_preview *p = &s->preview;
    int y = 1;
    if (r == NULL)
        return;
    char head[96];
    snprintf(head, sizeof head, "%s %s", r->kind->name, r->node);
    aid_heading(g, b, 0, head, p->after != NULL ? "Enter applies" : "does not apply");
    b.columns -= 1;
    if (p->after == NULL)
        y += grid_paragraph(g, b, y, STYLE_WARN, p->reason);
    if (p->after != NULL) {
        y += draw_change(g, b, y, "parameters", s->hand.row.parameters, arch_parameters(p->after));
        y += draw_change(g, b, y, "mult-adds", s->hand.row.macs, arch_macs(p->after));
    }
    if (s->last[0] != '\0' && b.rows <= 8) /* no room below for more than this */
        y += grid_paragraph(g, b, y, s->last_style, s->last);
    y += aid_field(g, b, y, LABEL, "it", "%s", r->kind->about);
    y += draw_settings(s, g, b, y, r->kind);
    if (s->last[0] == '\0' || b.rows <= 8)
        return;
    aid_heading(g, b, y + 1, "Newest step", "");
    grid_paragraph(g, b, y + 2, s->last_style, s->last);
}

void morph_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct morph_screen *s = self;
    struct box head, rest, table, step;
    (void)app;
    if (s->hand.arch == NULL) {
        at_hand_draw_none(&s->hand, g, b);
        return;
    }
    box_split_rows(b, 2, &head, &rest);
    draw_head(s, g, box_inset(head, 2, 0, 1, 0));
    if (b.columns >= WIDE)
        box_split_columns(rest, -(b.columns * 2 / 5 > 72 ? 72 : b.columns * 2 / 5), &table, &step);
    else
        box_split_rows(rest, rest.rows >= 18 ? -7 : -5, &table, &step);
    draw_table(s, g, table);
    draw_step(s, g, box_inset(step, 2, 0, 0, 0));
}
