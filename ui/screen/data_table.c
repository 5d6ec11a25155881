/* The tables of the Data screen: the series, and the columns of one. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

enum { SERIES_NAME, SERIES_SPAN, SERIES_ROWS, SERIES_STEP, SERIES_LAG, SERIES_STAMP, SERIES_ASSET };

static const struct table_column series_columns[] = {
    [SERIES_NAME] = {"Series", 8, 26, false, 0}, [SERIES_SPAN] = {"First to last", 22, 22, false, 2},
    [SERIES_ROWS] = {"Rows", 6, 10, true, 1},    [SERIES_STEP] = {"Step", 5, 6, true, 3},
    [SERIES_LAG] = {"Lag", 4, 5, true, 4},       [SERIES_STAMP] = {"Stamp", 5, 5, false, 5},
    [SERIES_ASSET] = {"Asset", 5, 14, false, 6},
};

static void span_text(const struct series_row *r, char *out, size_t size)
{
    char first[AID_NUMBER], last[AID_NUMBER];
    snprintf(out, size, "%.10s..%.10s", aid_day(r->first_us, first), aid_day(r->last_us, last));
}

static void series_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_screen *s = context;
    const struct series_row *r = &s->series[row];
    char number[AID_NUMBER];
    *style = column == SERIES_NAME ? STYLE_TEXT : STYLE_DIM;
    switch (column) {
    case SERIES_NAME:
        snprintf(out, size, "%s%s", data_marked(s, r->name, NULL) ? "* " : "", r->name);
        break;
    case SERIES_SPAN:
        span_text(r, out, size);
        break;
    case SERIES_ROWS:
        text_copy(out, size, aid_count(r->rows, number));
        break;
    case SERIES_STEP:
        text_copy(out, size, aid_step(r->step_us, number));
        break;
    case SERIES_LAG:
        text_copy(out, size, r->lag_us == 0 ? "0" : aid_step(r->lag_us, number));
        break;
    case SERIES_STAMP:
        text_copy(out, size, csv_stamp_name(r->stamp));
        break;
    default:
        text_copy(out, size, r->asset);
        break;
    }
}

void data_series_text(void *self, int row, char *out, size_t size)
{
    const struct data_screen *s = self;
    snprintf(out, size, "%s %s %s", s->series[row].name, s->series[row].asset, s->series[row].path);
}

enum { COLUMN_NAME, COLUMN_LAST, COLUMN_ROLE, COLUMN_MISSING };

static const struct table_column column_columns[] = {
    [COLUMN_NAME] = {"Column", 10, 28, false, 0},
    [COLUMN_LAST] = {"Last shown", 10, 12, true, 1},
    [COLUMN_ROLE] = {"Role", 9, 9, false, 2},
    [COLUMN_MISSING] = {"Missing", 7, 9, true, 3},
};

static void column_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_screen *s = context;
    const struct data_column *c = &s->view.column[row];
    char number[AID_NUMBER];
    *style = column == COLUMN_NAME ? STYLE_TEXT : STYLE_DIM;
    if (column == COLUMN_NAME)
        snprintf(out, size, "%s%s", data_marked(s, s->view.name, s->view.frame->column[row].name) ? "* " : "",
                 s->view.frame->column[row].name);
    else if (column == COLUMN_LAST && !isnan(c->last))
        data_value_text(&s->view.frame->column[row], c->last, out, size);
    else if (column == COLUMN_ROLE)
        text_copy(out, size, s->view.frame->column[row].labels > 0 ? "classes" : feature_role_name(c->role));
    else if (column == COLUMN_MISSING && c->missing > 0)
        text_copy(out, size, aid_count((int64_t)c->missing, number));
}

void data_column_text(void *self, int row, char *out, size_t size)
{
    const struct data_screen *s = self;
    snprintf(out, size, "%s %s", s->view.frame->column[row].name, feature_role_name(s->view.column[row].role));
}

void data_draw_table(struct data_screen *s, struct grid *g, struct box b)
{
    bool columns = s->mode == DATA_COLUMNS && s->view.frame != NULL;
    struct table_source source = {s, columns ? (int)s->view.frame->columns : s->series_n,
                                  columns ? column_cell : series_cell};
    s->drawn = b;
    if (columns)
        table_draw(g, b, column_columns, (int)ARRAY_N(column_columns), &source, &s->columns, true);
    else
        table_draw(g, b, series_columns, (int)ARRAY_N(series_columns), &source, &s->list, true);
}

int data_table_rows(const struct data_screen *s)
{
    return 1 + (s->mode == DATA_COLUMNS && s->view.frame != NULL ? (int)s->view.frame->columns : s->series_n);
}

void data_draw_columns(struct data_screen *s, struct grid *g, struct box b)
{
    struct table_source source = {s, s->view.frame != NULL ? (int)s->view.frame->columns : 0, column_cell};
    struct table_state state = s->columns;
    if (s->view.frame == NULL)
        return;
    aid_heading(g, box_inset(b, 2, 0, 1, 0), 0, "Columns", "Enter, [ ]");
    table_draw(g, box_inset(b, 0, 1, 0, 0), column_columns, (int)ARRAY_N(column_columns), &source, &state, false);
}
