/* Layout of the Data screen: series and task at the left (above where it is narrow), plot or report beside them. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

enum { WIDE = 100, LABEL = 10 };

/* --- tables ---------------------------------------------------------------------------------------------------------- */

enum { SERIES_NAME, SERIES_SPAN, SERIES_ROWS, SERIES_STEP, SERIES_LAG, SERIES_STAMP, SERIES_ASSET };

static const struct table_column series_columns[] = {
    [SERIES_NAME] = {"Series", 8, 26, false, 0},  [SERIES_SPAN] = {"First to last", 22, 22, false, 2},
    [SERIES_ROWS] = {"Rows", 6, 10, true, 1},     [SERIES_STEP] = {"Step", 5, 6, true, 3},
    [SERIES_LAG] = {"Lag", 4, 5, true, 4},        [SERIES_STAMP] = {"Stamp", 5, 5, false, 5},
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
        text_copy(out, size, r->name);
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
        text_copy(out, size, s->view.frame->column[row].name);
    else if (column == COLUMN_LAST && !isnan(c->last))
        axis_value(c->last, out, (int)size);
    else if (column == COLUMN_ROLE)
        text_copy(out, size, feature_role_name(c->role));
    else if (column == COLUMN_MISSING && c->missing > 0)
        text_copy(out, size, aid_count((int64_t)c->missing, number));
}

void data_column_text(void *self, int row, char *out, size_t size)
{
    const struct data_screen *s = self;
    snprintf(out, size, "%s %s", s->view.frame->column[row].name, feature_role_name(s->view.column[row].role));
}

static void draw_table(struct data_screen *s, struct grid *g, struct box b)
{
    bool columns = s->mode == DATA_COLUMNS && s->view.frame != NULL;
    struct table_source source = {s, columns ? (int)s->view.frame->columns : s->series_n, columns ? column_cell : series_cell};
    s->drawn = b;
    if (columns)
        table_draw(g, b, column_columns, (int)ARRAY_N(column_columns), &source, &s->columns, true);
    else
        table_draw(g, b, series_columns, (int)ARRAY_N(series_columns), &source, &s->list, true);
}

static int table_rows(const struct data_screen *s)
{
    return 1 + (s->mode == DATA_COLUMNS && s->view.frame != NULL ? (int)s->view.frame->columns : s->series_n);
}

/* --- the task -------------------------------------------------------------------------------------------------------- */

static int64_t info_int(const struct data_screen *s, const char *key)
{
    return json_integer_value(json_object_get(s->task_info, key));
}

static int64_t dropped_int(const struct data_screen *s, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(s->task_info, "dropped"), key));
}

static void sealed_text(const struct data_screen *s, char *out, size_t size)
{
    char bars[AID_NUMBER], first[AID_NUMBER], last[AID_NUMBER];
    if (s->sealed_first == 0)
        text_copy(out, size, "nothing");
    else
        snprintf(out, size, "%s bars, %s .. %s",
                 aid_count(json_integer_value(json_object_get(json_object_get(s->task_info, "sealed"), "bars")), bars),
                 aid_day(s->sealed_first, first), aid_day(s->sealed_last, last));
}

/* A list that can be wrapped: a space behind each comma. */
static const char *spaced(const char *list, char *out, size_t size)
{
    size_t n = 0;
    for (; *list != '\0' && n + 2 < size; list++) {
        out[n++] = *list;
        if (*list == ',')
            out[n++] = ' ';
    }
    out[n] = '\0';
    return out;
}

/* "53.1 % up", or the classes' shares. */
static const char *shares_text(const struct data_screen *s, char *out, size_t size)
{
    const json_t *classes = json_object_get(s->task_info, "classes"), *one;
    size_t i, n = 0;
    out[0] = '\0';
    if (classes == NULL)
        snprintf(out, size, "%.1f %% up", 100 * json_number_value(json_object_get(s->task_info, "share_up")));
    json_array_foreach((json_t *)classes, i, one)
    {
        double share = json_number_value(json_object_get(one, "samples")) / (double)info_int(s, "samples");
        n += (size_t)snprintf(out + n, size - n, "%s%.20s %.1f %%", i > 0 ? ", " : "",
                              json_string_value(json_object_get(one, "class")), 100 * share);
        if (n >= size)
            break;
    }
    return out;
}

static void draw_task(const struct data_screen *s, struct grid *g, struct box b)
{
    const struct task *t = &s->task.task;
    char samples[AID_NUMBER], sealed[128], hex[13], features[512], what[400], shares[200];
    int y = 0;
    sealed_text(s, sealed, sizeof sealed);
    hash_short(s->task.hash, hex);
    task_describe(t, what, sizeof what);
    y += aid_field(g, b, y, LABEL, "predicts", "%s", what);
    y += aid_field(g, b, y, LABEL, "window", "%d bars x %lld channels", t->lookback, (long long)info_int(s, "channels"));
    y += aid_field(g, b, y, LABEL, "samples", "%s, %s", aid_count(info_int(s, "samples"), samples),
                   shares_text(s, shares, sizeof shares));
    y += aid_field(g, b, y, LABEL, "folds", "%d walk-forward, %d bars purged", t->folds,
                   t->lookback + t->horizon + t->embargo);
    y += aid_field(g, b, y, LABEL, "sealed", "%s", sealed);
    y += aid_field(g, b, y, LABEL, "left out", "%lld missing, %lld at gaps, %lld unchanged",
                   (long long)dropped_int(s, "missing"), (long long)dropped_int(s, "gap"), (long long)dropped_int(s, "zero_return"));
    y += aid_field(g, b, y, LABEL, "features", "%s", spaced(t->features, features, sizeof features));
    aid_field(g, b, y, LABEL, "id", "%s", hex);
}

static void draw_task_short(const struct data_screen *s, struct grid *g, struct box b)
{
    const struct task *t = &s->task.task;
    char samples[AID_NUMBER], sealed[128], what[400];
    sealed_text(s, sealed, sizeof sealed);
    task_describe(t, what, sizeof what);
    grid_printf(g, b, 0, 0, STYLE_TEXT, "%s, from %d bars x %lld channels", what, t->lookback,
                (long long)info_int(s, "channels"));
    grid_printf(g, b, 0, 1, STYLE_DIM, "%s samples, %d folds; sealed: %s", aid_count(info_int(s, "samples"), samples), t->folds,
                sealed);
}

static void draw_no_task(struct grid *g, struct box b)
{
    grid_paragraph(g, b, 0, STYLE_TEXT, "No task is set, so nothing is sealed yet.");
    aid_hint(g, b, 0, b.rows > 4 ? 2 : 1, "t", "says what to predict, and from what");
}

/* --- the importer's report ------------------------------------------------------------------------------------------- */

struct report {
    struct grid *g;
    struct box b;
    int y;
};

static void report_line(struct report *r, enum style style, int indent, const char *text)
{
    r->y += grid_paragraph(r->g, box_inset(r->b, indent, 0, 0, 0), r->y, style, text);
}

static void report_head(struct report *r, const char *title)
{
    r->y += r->y > 0 || r->b.rows == 0 ? 1 : 0;
    aid_heading(r->g, r->b, r->y++, title, "");
}

static void report_guesses(struct report *r, const json_t *guesses)
{
    size_t i;
    const json_t *guess;
    char line[512];
    json_array_foreach(guesses, i, guess)
    {
        snprintf(line, sizeof line, "%s: %s", aid_text(guess, "what"),
                 aid_text(guess, "value"));
        report_line(r, STYLE_TEXT, 0, line);
        report_line(r, STYLE_DIM, 4, aid_text(guess, "evidence"));
    }
}

static void report_drops(struct report *r, const json_t *drops)
{
    size_t i;
    const json_t *drop;
    char line[256];
    json_array_foreach(drops, i, drop)
    {
        snprintf(line, sizeof line, "line %lld: %s", (long long)json_integer_value(json_object_get(drop, "line")),
                 aid_text(drop, "why"));
        report_line(r, STYLE_TEXT, 0, line);
    }
}

static void report_facts(struct report *r, const struct series_row *row, const json_t *j)
{
    char line[1024], number[AID_NUMBER], lag[AID_NUMBER];
    snprintf(line, sizeof line, "%s: %s rows of %zu columns", row->path, aid_count(row->rows, number),
             json_array_size(json_object_get(j, "columns")));
    report_line(r, STYLE_TEXT, 0, line);
    snprintf(line, sizeof line, "publication lag: %s", row->lag_us == 0 ? "none" : aid_step(row->lag_us, lag));
    report_line(r, STYLE_TEXT, 0, line);
    report_line(r, STYLE_DIM, 4, row->lag_reason);
    snprintf(line, sizeof line, "dropped rows %lld, duplicates %lld, empty cells %lld, gaps %lld%s",
             (long long)json_integer_value(json_object_get(j, "dropped")),
             (long long)json_integer_value(json_object_get(j, "duplicates")),
             (long long)json_integer_value(json_object_get(j, "missing")),
             (long long)json_integer_value(json_object_get(j, "gaps")),
             json_is_true(json_object_get(j, "reordered")) ? "; rows were put in the order of time" : "");
    report_line(r, STYLE_TEXT, 0, line);
}

/* Draws from row -top on; returns how many rows there are. */
static int draw_report(const struct data_screen *s, struct grid *g, struct box b, int top)
{
    struct report r = {g, b, -top};
    const json_t *j = s->view.report, *warnings = json_object_get(j, "warnings"), *drops = json_object_get(j, "dropped_rows");
    size_t i;
    const json_t *text;
    char head[64];
    report_facts(&r, data_selected(s), j);
    report_head(&r, "Decided, and why");
    report_guesses(&r, json_object_get(j, "guesses"));
    if (json_array_size(warnings) > 0)
        report_head(&r, "Warnings");
    json_array_foreach(warnings, i, text)
        report_line(&r, STYLE_WARN, 0, json_is_string(text) ? json_string_value(text) : "");
    if (json_array_size(drops) > 0) {
        snprintf(head, sizeof head, "Dropped or replaced rows (%zu)", json_array_size(drops));
        report_head(&r, head);
        report_drops(&r, drops);
    }
    return r.y + top;
}

static void draw_info(struct data_screen *s, struct grid *g, struct box b)
{
    struct box head, body;
    char note[48];
    box_split_rows(b, 1, &head, &body);
    int rows = draw_report(s, g, (struct box){b.x, b.y, b.columns, 0}, 0);
    s->info_most = rows > body.rows ? rows - body.rows : 0;
    s->info_top = s->info_top > s->info_most ? s->info_most : s->info_top;
    snprintf(note, sizeof note, s->info_most > 0 ? "PgUp PgDn: %d of %d" : "i closes", s->info_top + body.rows, rows);
    aid_heading(g, head, 0, "What the importer did", note);
    draw_report(s, g, body, s->info_top);
}

/* --- layout ---------------------------------------------------------------------------------------------------------- */

static void draw_empty(struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    int y = 0;
    grid_put(g, in, 0, y++, STYLE_TITLE, "No data yet");
    y += 1 + grid_paragraph(g, in, y + 1, STYLE_TEXT,
                            "Add CSV files: prices, and what else might tell where they go (on-chain metrics, sentiment). "
                            "The importer finds out how a file is written, says why it thinks so, and refuses what it cannot "
                            "know rather than guess.");
    y++;
    aid_hint(g, in, 2, y++, "a", "adds a file");
    aid_hint(g, in, 2, y++, "t", "then says what to predict");
    aid_hint(g, in, 2, y++, "2", "then shows the graph of a network for it");
    grid_paragraph(g, in, y + 1, STYLE_DIM, "From a shell: morphsmith data add FILE.csv, or morphsmith synth planted FILE.csv for "
                                            "a made-up market.");
}

static void draw_right(struct data_screen *s, struct grid *g, struct box b)
{
    if (s->info)
        draw_info(s, g, b);
    else
        data_draw_plot(s, g, b);
}

static void draw_wide(struct data_screen *s, struct grid *g, struct box b)
{
    struct box left, right, top, below;
    int columns = b.columns * 2 / 5;
    box_split_columns(b, columns < 46 ? 46 : columns > 84 ? 84 : columns, &left, &right);
    int task = s->has_task ? 12 : 4, rows = table_rows(s);
    rows = rows > left.rows - task - 1 ? left.rows - task - 1 : rows;
    box_split_rows(left, rows < 3 ? 3 : rows, &top, &below);
    draw_table(s, g, top);
    below = box_inset(below, 2, 1, 1, 0);
    aid_heading(g, below, 0, "Task", s->has_task ? "in force" : "");
    below = box_inset(below, 0, 1, 0, 0);
    if (s->has_task)
        draw_task(s, g, below);
    else
        draw_no_task(g, below);
    draw_right(s, g, box_inset(right, 2, 0, 1, 0));
}

static void draw_narrow(struct data_screen *s, struct grid *g, struct box b)
{
    struct box top, middle, rest;
    int most = s->mode == DATA_COLUMNS ? b.rows / 2 : b.rows / 3, rows = table_rows(s);
    box_split_rows(b, rows > most ? (most < 3 ? 3 : most) : rows, &top, &rest);
    draw_table(s, g, top);
    if (s->mode != DATA_COLUMNS || b.rows >= 24) {
        box_split_rows(rest, 2, &middle, &rest);
        middle = box_inset(middle, 2, 0, 1, 0);
        if (s->has_task)
            draw_task_short(s, g, middle);
        else
            draw_no_task(g, middle);
    }
    draw_right(s, g, box_inset(rest, 1, 0, 1, 0));
}

void data_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct data_screen *s = self;
    (void)app;
    if (s->mode == DATA_FILES)
        data_files_draw(s, g, b);
    else if (s->series_n == 0)
        draw_empty(g, b);
    else if (b.columns >= WIDE)
        draw_wide(s, g, b);
    else
        draw_narrow(s, g, b);
}
