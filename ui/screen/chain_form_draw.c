/* The form for a command of the chain, drawn: its rows, what the one at the cursor means, the command that it comes to. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

static const struct table_column columns[] = {{"", 16, 24, false, 0}, {"", 16, 100, false, 0}};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct chain_form *f = context;
    const struct chain_form_row *r = &f->row[row];
    bool needed = r->operand >= 0 && r->operand < f->command->least;
    if (column == 0) {
        chain_form_title(f, row, out, size);
    } else if (r->value != NULL) {
        text_copy(out, size, r->value);
        *style = STYLE_KEY;
    } else {
        text_copy(out, size, needed ? "needed: Enter gives it" : chain_form_about(f, row));
        *style = needed ? STYLE_WARN : STYLE_DIM;
    }
}

/* As it could be typed. */
static void put_command(struct chain_form *f, struct text *out)
{
    char refusal[sizeof f->refusal];
    text_copy(refusal, sizeof refusal, f->refusal);
    const char *const *argument = chain_form_arguments(f);
    if (argument != NULL)
        text_copy(f->refusal, sizeof f->refusal, refusal);
    text_put(out, "=");
    for (int i = 0; argument != NULL && argument[i] != NULL; i++)
        text_printf(out, strchr(argument[i], ' ') != NULL || argument[i][0] == '\0' ? " '%s'" : " %s", argument[i]);
    if (argument == NULL)
        text_printf(out, " %s ...", f->command->name);
}

static int draw_about(struct chain_screen *s, struct grid *g, struct box b)
{
    struct chain_form *f = &s->form;
    char title[64];
    int y = 1;
    if (f->rows == 0)
        return 0;
    chain_form_title(f, f->list.cursor, title, sizeof title);
    aid_heading(g, b, 0, title, f->row[f->list.cursor].value != NULL ? "chosen" : "by itself");
    y += grid_paragraph(g, b, y, STYLE_TEXT, chain_form_about(f, f->list.cursor));
    if (f->row[f->list.cursor].value != NULL)
        y += grid_paragraph(g, b, y, STYLE_KEY, f->row[f->list.cursor].value);
    return y;
}

void chain_form_draw(struct chain_screen *s, struct grid *g, struct box b)
{
    struct chain_form *f = &s->form;
    struct table_source source = {f, f->rows, cell};
    struct text command = {0};
    char title[320];
    snprintf(title, sizeof title, "%s: %s", f->command->name, f->command->about);
    int top = 1, fits = text_width(title) + 4 <= b.columns;
    if (!fits)
        snprintf(title, sizeof title, "%s:", f->command->name);
    aid_heading(g, b, 0, title, "");
    if (!fits)
        top += grid_paragraph(g, b, 1, STYLE_DIM, f->command->about);
    struct box list = box_inset(b, 0, top, 0, 0), below;
    int rows = f->rows + 1;
    box_split_rows(list, rows < list.rows - 6 ? rows : list.rows > 9 ? list.rows - 6 : list.rows, &list, &below);
    f->drawn = list;
    if (f->rows > 0)
        table_draw(g, list, columns, (int)ARRAY_N(columns), &source, &f->list, true);
    below = box_inset(below, 0, below.rows > 6, 0, 0);
    int y = draw_about(s, g, below);
    if (f->recipe)
        y += grid_paragraph(g, below, y, STYLE_DIM, "The recipe, which everybody who checks a claim trains with, is that of the Train "
                                                    "screen (5, then o).");
    if (f->refusal[0] != '\0')
        y += grid_paragraph(g, below, y, STYLE_BAD, f->refusal);
    put_command(f, &command);
    grid_paragraph(g, below, y, STYLE_DIM, text_of(&command));
    text_free(&command);
}
