/* The dry run drawn: what was decided at the left, the first rows (or the lines as they are) beside it, what follows
 * from it below, and the command that does the same. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

enum { WIDE = 100, COLUMN_LEAST = 11 };

/* --- the list --------------------------------------------------------------------------------------------------------
 */

static const struct table_column list_columns[] = {{"Decided", 14, 22, false, 0}, {"", 12, 40, false, 1}};

static bool is_said(const struct data_preview *p, int option)
{
    return option >= 0 && p->option[option][0] != '\0';
}

static void import_text(const struct data_preview *p, char *out, size_t size)
{
    const json_t *file = data_preview_file(p);
    char rows[AID_NUMBER];
    size_t files = json_array_size(json_object_get(p->result, "files"));
    if (p->job != NULL)
        text_copy(out, size, "being read ...");
    else if (p->result == NULL)
        text_copy(out, size, "not possible yet");
    else if (files > 1)
        snprintf(out, size, "Enter: %zu files", files);
    else
        snprintf(out, size, "Enter: %s rows", aid_count(json_integer_value(json_object_get(file, "rows")), rows));
}

/* What the report says of an option that no guess stands for. */
static void taken_text(const struct data_preview *p, int option, char *out, size_t size)
{
    static const char *const member[][2] = {{"asset", "asset"},         {"decimal", "decimal"},
                                            {"thousands", "thousands"}, {"symbol", "symbol_column"},
                                            {"encoding", "encoding"},   {"delimiter", "delimiter"}};
    const json_t *file = data_preview_file(p), *lag = json_object_get(file, "lag_seconds");
    const char *flag = data_option_table[option].flag;
    char step[AID_NUMBER];
    text_copy(out, size, "-");
    for (size_t i = 0; i < ARRAY_N(member); i++)
        if (text_equal(flag, member[i][0]) && aid_text(file, member[i][1])[0] != '\0')
            text_copy(out, size, aid_text(file, member[i][1]));
    if (text_equal(flag, "lag") && json_is_number(lag))
        text_copy(out, size,
                  json_number_value(lag) > 0 ? aid_step((int64_t)(json_number_value(lag) * 1e6), step) : "none");
}

static void list_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_preview *p = context;
    const json_t *guess = data_preview_guess(p, row);
    int option = data_preview_option(p, row);
    if (row == 0) {
        *style = p->result != NULL ? STYLE_GOOD : p->job != NULL ? STYLE_DIM : STYLE_BAD;
        if (column == 0)
            text_copy(out, size, "Import");
        else
            import_text(p, out, size);
        return;
    }
    bool asked = p->refusal[0] != '\0' && option >= 0 && option == data_option_of_message(p->refusal);
    *style = asked ? STYLE_WARN : is_said(p, option) ? STYLE_KEY : guess != NULL ? STYLE_TEXT : STYLE_DIM;
    if (column == 0)
        snprintf(out, size, "%s%s", asked ? "? " : "",
                 guess != NULL ? aid_text(guess, "what") : data_option_table[option].title);
    else if (is_said(p, option))
        snprintf(out, size, "%s (said)", p->option[option]);
    else if (guess != NULL || asked)
        text_copy(out, size, guess != NULL ? aid_text(guess, "value") : "only you can know");
    else
        taken_text(p, option, out, size);
}

/* Below the list: what led to the row under the cursor, and how to say otherwise. */
static void draw_evidence(const struct data_preview *p, struct grid *g, struct box b)
{
    const json_t *guess = data_preview_guess(p, p->list.cursor);
    int option = data_preview_option(p, p->list.cursor), y = 0;
    char line[512];
    if (b.rows < 2)
        return;
    aid_heading(g, b, y++,
                p->list.cursor == 0 ? "Nothing is stored yet"
                : guess != NULL     ? "Evidence"
                                    : "Can be said",
                "");
    if (p->list.cursor == 0) {
        grid_paragraph(g, b, y, STYLE_DIM,
                       "The whole file was read as a dry run. Go through what was decided; Enter on a row says it "
                       "otherwise, and the file is read again. Enter here, or i, imports.");
        return;
    }
    if (guess != NULL)
        y += grid_paragraph(g, b, y, STYLE_TEXT, aid_text(guess, "evidence"));
    if (option < 0)
        return;
    snprintf(line, sizeof line, "%.300s  (--%s)", data_option_table[option].about, data_option_table[option].flag);
    grid_paragraph(g, b, y, STYLE_DIM, line);
}

static void draw_list(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_preview *p = &s->preview;
    struct box top, below;
    int rows = data_preview_rows(p), evidence = b.rows >= 18 ? 7 : b.rows >= 12 ? 5 : b.rows >= 8 ? 3 : 0;
    box_split_rows(b, rows + 1 < b.rows - evidence ? rows + 2 : b.rows - evidence, &top, &below);
    struct table_source source = {p, rows, list_cell};
    p->drawn = top;
    table_draw(g, top, list_columns, 2, &source, &p->list, true);
    below.rows = below.rows > 9 ? 9 : below.rows;
    draw_evidence(p, g, box_inset(below, 2, 0, 1, 0));
}

/* --- the rows --------------------------------------------------------------------------------------------------------
 */

static const json_t *preview_of(const struct data_preview *p)
{
    const json_t *file = data_preview_file(p), *own = json_object_get(file, "preview");
    return own != NULL ? own : json_object_get(json_array_get(json_object_get(file, "series"), 0), "preview");
}

static void cell_text(const json_t *cell, bool time, char *out, size_t size)
{
    char day[AID_NUMBER];
    if (time)
        text_copy(out, size, aid_day(aid_time(json_string_value(cell)), day));
    else if (json_is_string(cell))
        text_copy(out, size, json_string_value(cell));
    else if (json_is_number(cell))
        axis_value(json_number_value(cell), out, (int)size);
    else
        text_copy(out, size, "");
}

/* One column from its name down: what it is, and its first values. Returns its width. */
static int draw_column(struct grid *g, struct box b, const json_t *preview, size_t column, bool time)
{
    const json_t *head = time ? NULL : json_array_get(json_object_get(preview, "columns"), column), *row;
    const char *name = time ? "time, UTC" : aid_text(head, "name");
    const json_t *rows = json_object_get(preview, "rows");
    char text[64], missing[AID_NUMBER];
    size_t i;
    int width = text_width(name) > COLUMN_LEAST ? text_width(name) : COLUMN_LEAST;
    width = width > 20 ? 20 : width;
    json_array_foreach(rows, i, row)
    {
        cell_text(json_array_get(row, time ? 0 : column + 1), time, text, sizeof text);
        width = text_width(text) > width ? text_width(text) : width;
    }
    struct box in = {b.x, b.y, width < b.columns ? width : b.columns, b.rows};
    bool right = !time;
    int64_t gone = json_integer_value(json_object_get(head, "missing"));
    snprintf(text, sizeof text, "%s", time ? "time" : aid_text(head, "role"));
    if (gone > 0)
        snprintf(text, sizeof text, "%.12s -%.20s", aid_text(head, "role"), aid_count(gone, missing));
    (right && text_width(name) <= in.columns ? grid_put_right(g, in, 0, STYLE_TITLE, name)
                                             : (void)grid_put(g, in, 0, 0, STYLE_TITLE, name));
    (right ? grid_put_right(g, in, 1, gone > 0 ? STYLE_WARN : STYLE_DIM, text)
           : (void)grid_put(g, in, 0, 1, STYLE_DIM, text));
    json_array_foreach(rows, i, row)
    {
        cell_text(json_array_get(row, time ? 0 : column + 1), time, text, sizeof text);
        if (right)
            grid_put_right(g, in, 2 + (int)i, text[0] != '\0' ? STYLE_TEXT : STYLE_DIM,
                           text[0] != '\0' ? text : "missing");
        else
            grid_put(g, in, 0, 2 + (int)i, STYLE_TEXT, text);
    }
    return width;
}

static void draw_rows(struct data_preview *p, struct grid *g, struct box b)
{
    const json_t *preview = preview_of(p), *columns = json_object_get(preview, "columns");
    int n = (int)json_array_size(columns), x;
    if (b.rows < 3 || preview == NULL)
        return;
    p->columns_from = p->columns_from >= n && n > 0 ? n - 1 : p->columns_from;
    x = draw_column(g, b, preview, 0, true) + 2;
    for (int c = p->columns_from; c < n && x + 6 < b.columns; c++)
        x += draw_column(g, box_inset(b, x, 0, 0, 0), preview, (size_t)c, false) + 2;
}

static void rows_note(const struct data_preview *p, char *out, size_t size)
{
    const json_t *preview = preview_of(p);
    char n[AID_NUMBER];
    size_t columns = json_array_size(json_object_get(preview, "columns"));
    int64_t sealed = json_integer_value(json_object_get(preview, "sealed_rows_left_out"));
    if (sealed > 0)
        snprintf(out, size, "%s sealed rows not shown; r: raw lines", aid_count(sealed, n));
    else
        snprintf(out, size, "%zu column%s, Left Right; r: raw lines", columns, columns == 1 ? "" : "s");
}

/* --- an ambiguous date -----------------------------------------------------------------------------------------------
 */

static int number_at(const char **at, int digits)
{
    int v = 0, n = 0;
    for (; **at >= '0' && **at <= '9' && n < digits; n++)
        v = v * 10 + *(*at)++ - '0';
    return n > 0 && !(**at >= '0' && **at <= '9') ? v : -1;
}

/* A date of three numbers whose first two can be either; true and the numbers. */
static bool ambiguous(const char *at, int part[3], size_t *length)
{
    const char *from = at;
    part[0] = number_at(&at, 2);
    if (part[0] < 1 || part[0] > 12 || strchr("/.-", *at) == NULL || *at == '\0')
        return false;
    char mark = *at++;
    part[1] = number_at(&at, 2);
    if (part[1] < 1 || part[1] > 12 || *at++ != mark)
        return false;
    part[2] = number_at(&at, 4);
    *length = (size_t)(at - from);
    return part[2] >= 0 && part[0] != part[1];
}

/* Both readings side by side on the file's own dates. Returns the rows it took. */
static int draw_readings(struct grid *g, struct box b, int y, const char *raw)
{
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int shown = 0, part[3], line = 1;
    size_t length;
    grid_put(g, b, 0, y, STYLE_TITLE, "in the file");
    grid_put(g, b, 24, y, STYLE_TITLE, "dmy: day first");
    grid_put(g, b, 42, y, STYLE_TITLE, "mdy: month first");
    for (const char *at = raw; *at != '\0' && shown < 5; at++) {
        bool start = at == raw || !((at[-1] >= '0' && at[-1] <= '9') || strchr("/.-", at[-1]) != NULL);
        line += *at == '\n';
        if (!start || !ambiguous(at, part, &length))
            continue;
        shown++;
        grid_printf(g, b, 0, y + shown, STYLE_TEXT, "%.*s (line %d)", (int)length, at, line);
        grid_printf(g, b, 24, y + shown, STYLE_SERIES_1, "%d %s %d", part[0], month[part[1] - 1], part[2]);
        grid_printf(g, b, 42, y + shown, STYLE_SERIES_2, "%s %d, %d", month[part[0] - 1], part[1], part[2]);
        at += length - 1;
    }
    return shown > 0 ? shown + 2 : 0;
}

static void draw_refusal(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_preview *p = &s->preview;
    int option = data_option_of_message(p->refusal), y = 0;
    char line[200];
    aid_heading(g, b, y++, option >= 0 ? "A question" : "Not read", "");
    y += 1 + grid_paragraph(g, b, y, option >= 0 ? STYLE_TEXT : STYLE_BAD, p->refusal);
    if (option >= 0 && text_equal(data_option_table[option].flag, "date-order"))
        y += draw_readings(g, b, y, data_folder_raw(&s->files, p->path[0]));
    if (option >= 0) {
        snprintf(line, sizeof line, "Enter answers: %s.", data_option_table[option].title);
        y += 1 + grid_paragraph(g, b, y, STYLE_KEY, line);
    }
    if (b.rows - y >= 4)
        data_raw_draw(s, g, (struct box){b.x, b.y + y, b.columns, b.rows - y}, data_folder_raw(&s->files, p->path[0]),
                      s->sealed_first != 0, 0);
}

/* --- layout ----------------------------------------------------------------------------------------------------------
 */

/* In how many rows it could be shown whole; draws from -top on. */
static void draw_findings(struct data_preview *p, struct grid *g, struct box b)
{
    struct box head, body;
    char note[64] = "";
    box_split_rows(b, 1, &head, &body);
    int rows = data_report_draw(g, (struct box){b.x, b.y, b.columns, 0}, data_preview_file(p), false, 0);
    p->most = rows > body.rows ? rows - body.rows : 0;
    p->top = p->top > p->most ? p->most : p->top;
    if (p->most > 0)
        snprintf(note, sizeof note, "PgUp PgDn: %d of %d", p->top + body.rows, rows);
    aid_heading(g, head, 0, "Report", note);
    data_report_draw(g, body, data_preview_file(p), false, p->top);
}

static void draw_result(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_preview *p = &s->preview;
    struct box top, below, head, body;
    char title[300], note[160];
    const char *path = p->path[p->file < p->paths ? p->file : 0];
    size_t files = json_array_size(json_object_get(p->result, "files"));
    /* The report takes what it needs, up to half. */
    int report = 2 + data_report_draw(g, (struct box){b.x, b.y, b.columns, 0}, data_preview_file(p), false, 0);
    box_split_rows(b, b.rows < 12 ? b.rows : b.rows - (report < b.rows / 2 ? report : b.rows / 2), &top, &below);
    box_split_rows(top, 1, &head, &body);
    if (p->raw) {
        aid_heading(g, head, 0, "The lines as they are", "r: as they are read");
        data_raw_draw(s, g, body, data_folder_raw(&s->files, path), s->sealed_first != 0, 0);
    } else {
        rows_note(p, note, sizeof note);
        snprintf(title, sizeof title, files > 1 ? "%.200s  %d/%zu, [ ]" : "%.200s", file_name(path), p->file + 1,
                 files);
        aid_heading(g, head, 0, title, note);
        draw_rows(p, g, body);
    }
    if (below.rows > 3)
        draw_findings(p, g, box_inset(below, 0, 1, 0, 0));
}

static void draw_reading(struct data_screen *s, struct grid *g, struct box b)
{
    char size[32];
    text_of_bytes((uint64_t)s->preview.bytes, size, sizeof size);
    grid_printf(g, b, 0, 0, STYLE_TEXT, "Reading %s as a dry run; C-c cancels, Esc goes back.", size);
    data_raw_draw(s, g, box_inset(b, 0, 2, 0, 0), data_folder_raw(&s->files, s->preview.path[0]), s->sealed_first != 0,
                  0);
}

static void draw_right(struct data_screen *s, struct grid *g, struct box b)
{
    if (s->preview.result != NULL)
        draw_result(s, g, b);
    else if (s->preview.refusal[0] != '\0')
        draw_refusal(s, g, b);
    else
        draw_reading(s, g, b);
}

/* The command that does the same, in one row or two. */
void data_command_draw(struct grid *g, struct box b, const char *command)
{
    struct box in = box_inset(b, 3, 0, 1, 0);
    if (b.rows < 1)
        return;
    grid_put(g, b, 1, 0, STYLE_DIM, "$");
    if (b.rows > 1)
        grid_paragraph(g, in, 0, STYLE_KEY, command);
    else
        grid_put(g, in, 0, 0, STYLE_KEY, command);
}

void data_preview_draw(struct data_screen *s, struct grid *g, struct box b)
{
    struct box rest, foot, left, right;
    struct order o = {0};
    data_preview_order(&s->preview, false, &o);
    char *command = order_text(&o);
    bool two = b.rows >= 18 && text_width(command) + 4 > b.columns;
    box_split_rows(b, b.rows > 6 ? (two ? -2 : -1) : b.rows, &rest, &foot);
    if (rest.columns >= WIDE) {
        box_split_columns(rest, rest.columns * 2 / 5 > 64 ? 64 : rest.columns * 2 / 5, &left, &right);
        right = box_inset(right, 2, 0, 1, 0);
    } else {
        bool asks = s->preview.refusal[0] != '\0';
        box_split_rows(rest, asks ? rest.rows * 2 / 5 : rest.rows / 2, &left, &right);
        right = box_inset(right, 1, 0, 1, 0);
    }
    draw_list(s, g, left);
    draw_right(s, g, right);
    data_command_draw(g, foot, command);
    free(command);
    order_free(&o);
}

char *data_preview_explain(const struct data_screen *s)
{
    const struct data_preview *p = &s->preview;
    const json_t *guess = data_preview_guess(p, p->list.cursor);
    int option = data_preview_option(p, p->list.cursor);
    struct text out = {0};
    struct order o = {0};
    data_preview_order(p, false, &o);
    char *command = order_text(&o);
    if (guess != NULL)
        text_printf(&out, "%s: %s\n    %s\n\n", aid_text(guess, "what"), aid_text(guess, "value"),
                    aid_text(guess, "evidence"));
    if (option >= 0)
        text_printf(&out, "%s (--%s)\n%s\n\n", data_option_table[option].title, data_option_table[option].flag,
                    data_option_table[option].about);
    if (p->refusal[0] != '\0')
        text_printf(&out, "Why it is not read\n%s\n\n", p->refusal);
    text_printf(&out, "The same from a shell\n%s\n", command);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    free(command);
    order_free(&o);
    return text;
}
