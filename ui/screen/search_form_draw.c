/* The form that begins a search, drawn: the rows, what the one at the cursor means, and the command that it comes to. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/search_form.h"

enum { BESIDE = 84 };

static const struct table_column columns[] = {{"A new search", 20, 24, false, 0}, {"", 12, 60, false, 1}};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_form *f = context;
    bool chosen = search_form_chosen(f, row);
    if (column == 0) {
        search_form_title(f, row, out, size);
        return;
    }
    search_form_value(f, row, out, size);
    *style = chosen ? STYLE_KEY : STYLE_DIM;
}

static void draw_about(const struct search_form *f, struct grid *g, struct box b)
{
    char title[64], range[128], now[SEARCH_VALUE + 96];
    int row = f->list.cursor, y = 1;
    search_form_title(f, row, title, sizeof title);
    search_form_range(f, row, range, sizeof range);
    search_form_value(f, row, now, sizeof now);
    aid_heading(g, b, 0, title, search_form_chosen(f, row) ? "chosen" : "by itself");
    y += grid_paragraph(g, b, y, STYLE_TEXT, search_form_about(f, row));
    y += aid_field(g, b, y, 9, "now", "%s", now);
    if (range[0] != '\0')
        y += aid_field(g, b, y, 9, "may be", "%s", range);
    if (f->refusal[0] != '\0')
        grid_paragraph(g, b, y, STYLE_BAD, f->refusal);
}

static void draw_command(struct search_form *f, struct grid *g, struct box b)
{
    struct settings_arguments a;
    struct text t = {0};
    char refusal[sizeof f->refusal];
    text_copy(refusal, sizeof refusal, f->refusal);
    bool fine = search_form_arguments(f, &a);
    text_put(&t, "=");
    for (int i = 0; fine && i < a.n; i++)
        text_printf(&t, " %s", a.argument[i]);
    grid_paragraph(g, b, 0, fine ? STYLE_DIM : STYLE_BAD, fine ? text_of(&t) : f->refusal);
    text_copy(f->refusal, sizeof f->refusal, refusal);
    text_free(&t);
}

void search_form_draw(struct search_form *f, struct grid *g, struct box b)
{
    struct table_source source = {f, f->rows, cell};
    struct box rest, foot, list, side;
    box_split_rows(b, b.rows > 12 ? -2 : b.rows, &rest, &foot);
    if (rest.columns >= BESIDE) {
        box_split_columns(rest, 50, &list, &side);
        list = box_inset(list, 0, 0, 2, 0);
    } else {
        box_split_rows(rest, rest.rows > 12 ? -6 : rest.rows, &list, &side);
        side = box_inset(side, 1, 0, 0, 0);
    }
    list.rows = list.rows > f->rows + 1 ? f->rows + 1 : list.rows;
    f->drawn = list;
    table_draw(g, list, columns, (int)ARRAY_N(columns), &source, &f->list, true);
    draw_about(f, g, side);
    draw_command(f, g, foot);
}
