/* The form of a task: its fields at the left, what it would be beside them. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/data.h"
#include "ui/screen/data_form_fields.h"

enum { WIDE = 96 };

static const struct table_column columns[] = {{"Task", 12, 15, false, 0}, {"", 12, 46, false, 1}};

static const char *by_itself(const struct data_screen *s, int field)
{
    static const char *const plain[DATA_FIELDS] = {[DATA_FIELD_ASSET] = "the only one with a price",
                                                   [DATA_FIELD_PRICE] = "by its name",
                                                   [DATA_FIELD_TARGET] = "direction",
                                                   [DATA_FIELD_HORIZON] = "1 bar",
                                                   [DATA_FIELD_LOOKBACK] = "32 bars",
                                                   [DATA_FIELD_FEATURES] = "the usual families",
                                                   [DATA_FIELD_COLUMNS] = "all",
                                                   [DATA_FIELD_MISSING] = "drop",
                                                   [DATA_FIELD_FOLDS] = "5",
                                                   [DATA_FIELD_EMBARGO] = "0 bars",
                                                   [DATA_FIELD_STRIDE] = "1",
                                                   [DATA_FIELD_HOLDOUT] = "0.15",
                                                   [DATA_FIELD_SEED] = "1",
                                                   [DATA_FIELD_OPEN] = "no",
                                                   [DATA_FIELD_ACCEPT] = "none"};
    (void)s;
    return plain[field];
}

static void set_text(const struct data_form *f, char *out, size_t size)
{
    char n[AID_NUMBER];
    if (f->job != NULL)
        text_copy(out, size, "being worked out ...");
    else if (f->info != NULL)
        snprintf(out, size, "Enter: %s samples", aid_count(json_integer_value(json_object_get(f->info, "samples")), n));
    else
        text_copy(out, size, f->refusal[0] != '\0' ? "not possible yet" : "Enter");
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_screen *s = context;
    const struct data_form *f = &s->form;
    if (row == 0) {
        *style = f->refusal[0] != '\0' ? STYLE_BAD : STYLE_GOOD;
        if (column == 0)
            text_copy(out, size, "Set");
        else
            set_text(f, out, size);
        return;
    }
    const char *value = f->value[row - 1];
    *style = value[0] == '\0' ? STYLE_DIM : column == 0 ? STYLE_TEXT : STYLE_KEY;
    if (column == 0) {
        text_copy(out, size, data_form_fields[row - 1].title);
        *style = STYLE_TEXT;
        return;
    }
    text_copy(out, size, value[0] != '\0' ? value : by_itself(s, row - 1));
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static void draw_fields(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_form *f = &s->form;
    struct table_source source = {s, DATA_FIELDS + 1, cell};
    struct box top, below;
    box_split_rows(b, DATA_FIELDS + 3 < b.rows - 3 ? DATA_FIELDS + 3 : b.rows > 12 ? b.rows - 3 : b.rows, &top, &below);
    f->drawn = top;
    table_draw(g, top, columns, 2, &source, &f->list, true);
    grid_paragraph(
        g, box_inset(below, 2, 0, 1, 0), 0, STYLE_DIM,
        f->list.cursor == 0
            ? "What to predict, from what, and how it is judged. Enter on a row changes it; what the task would be "
              "stands beside. Nothing is set before this row is."
            : data_form_fields[f->list.cursor - 1].about);
}

/* --- what it would be ------------------------------------------------------------------------------------------------
 */

static int64_t number(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}

/* Members of the info that this program's version may or may not give. */
static int draw_target(const json_t *info, struct grid *g, struct box b, int y)
{
    char n[AID_NUMBER], m[AID_NUMBER];
    const json_t *share = json_object_get(info, "share_up"), *classes = json_object_get(info, "classes");
    y += aid_field(g, b, y, 10, "samples", "%s of %s bars, %lld channels", aid_count(number(info, "samples"), n),
                   aid_count(number(info, "bars"), m), (long long)number(info, "channels"));
    if (json_is_number(share) && json_array_size(classes) == 0)
        y += aid_field(g, b, y, 10, "target", "%.1f %% up", 100 * json_number_value(share));
    if (json_array_size(classes) > 0) {
        struct text out = {0};
        size_t i;
        const json_t *c;
        json_array_foreach(classes, i, c)
            text_printf(&out, "%s%s %s", i > 0 ? ", " : "", aid_text(c, "class"), aid_count(number(c, "samples"), n));
        y += aid_field(g, b, y, 10, "classes", "%s", text_of(&out));
        text_free(&out);
    }
    const json_t *dropped = json_object_get(info, "dropped"), *sealed = json_object_get(info, "sealed");
    y += aid_field(g, b, y, 10, "left out", "%lld missing, %lld at gaps, %lld unchanged",
                   (long long)number(dropped, "missing"), (long long)number(dropped, "gap"),
                   (long long)number(dropped, "zero_return"));
    if (number(sealed, "bars") > 0)
        y += aid_field(g, b, y, 10, "sealed", "%s bars, %.10s .. %.10s", aid_count(number(sealed, "bars"), n),
                       aid_text(sealed, "first"), aid_text(sealed, "last"));
    return y;
}

/* When the first bar of all closes. */
static int64_t first_close(const json_t *info, const struct data_fold *fold)
{
    int64_t first = fold->train_last;
    size_t i;
    const json_t *asset;
    json_array_foreach(json_object_get(info, "assets"), i, asset)
    {
        int64_t own = aid_time(aid_text(asset, "first"));
        first = own < first ? own : first;
    }
    return first;
}

static int draw_folds(const json_t *info, struct grid *g, struct box b, int y)
{
    const json_t *folds = json_object_get(info, "folds"), *f, *sealed = json_object_get(info, "sealed");
    struct data_fold fold[DATA_FOLDS_SHOWN];
    int n = 0;
    size_t i;
    json_array_foreach(folds, i, f) if (n < DATA_FOLDS_SHOWN) fold[n++] =
        (struct data_fold){number(f, "train_samples"), number(f, "valid_samples"), aid_time(aid_text(f, "train_last")),
                           aid_time(aid_text(f, "valid_first")), aid_time(aid_text(f, "valid_last"))};
    if (n == 0)
        return y;
    int rows = y + 2 + n < b.rows ? n + 1 : 1;
    bool any = number(sealed, "bars") > 0;
    aid_heading(g, b, ++y, "Folds", "");
    if (y + 1 + rows > b.rows)
        return b.rows;
    data_draw_fold_rows(g, (struct box){b.x, b.y + y + 1, b.columns, rows}, fold, n, first_close(info, &fold[0]),
                        any ? aid_time(aid_text(sealed, "first")) : 0, any ? aid_time(aid_text(sealed, "last")) : 0);
    y += rows + 1;
    for (int k = 0; k < n; k++) {
        char a[AID_NUMBER], c[AID_NUMBER], d[AID_NUMBER], e[AID_NUMBER];
        if (y < b.rows)
            grid_printf(g, b, 0, y, STYLE_DIM, "fold %d  %s train to %s, %s validate from %s", k + 1,
                        aid_count(fold[k].train_n, a), aid_day(fold[k].train_last, c), aid_count(fold[k].valid_n, d),
                        aid_day(fold[k].valid_first, e));
        y++;
    }
    return y;
}

static int draw_list(const json_t *list, struct grid *g, struct box b, int y, const char *title, enum style style)
{
    size_t i;
    const json_t *item;
    char line[256];
    if (json_array_size(list) == 0)
        return y;
    snprintf(line, sizeof line, "%s (%zu)", title, json_array_size(list));
    if (y + 1 < b.rows)
        aid_heading(g, b, y + 1, line, "");
    y += 2;
    json_array_foreach(list, i, item)
    {
        if (json_is_string(item))
            snprintf(line, sizeof line, "%.250s", json_string_value(item));
        else
            snprintf(line, sizeof line, "%.64s: %.180s", aid_text(item, "name"), aid_text(item, "text"));
        y += grid_paragraph(g, b, y, style, line);
    }
    return y;
}

static int draw_checks(const json_t *checks, struct grid *g, struct box b, int y)
{
    size_t i;
    const json_t *c;
    if (json_array_size(checks) == 0 || y + 2 > b.rows)
        return y;
    aid_heading(g, b, y + 1, "Leak detector", "");
    y += 2;
    json_array_foreach(checks, i, c)
    {
        bool passed = json_is_true(json_object_get(c, "passed"));
        struct box in = box_inset(b, 11, 0, 0, 0);
        if (y < b.rows)
            grid_put(g, b, 0, y, passed ? STYLE_GOOD : STYLE_WARN, passed ? "passed" : "suspicion");
        y += grid_paragraph(g, in, y, STYLE_DIM, aid_text(c, "text"));
    }
    return y;
}

static void draw_refusal(const struct data_form *f, struct grid *g, struct box b)
{
    char leak[FRAME_NAME_MAX * 2], line[FRAME_NAME_MAX * 2 + 160];
    int y = 0;
    bool leaks = data_form_leak(f, leak, sizeof leak);
    aid_heading(g, b, y++, leaks ? "A feature seems to look ahead" : "This cannot be set", "");
    y += 1 + grid_paragraph(g, b, y, STYLE_BAD, f->refusal);
    if (!leaks)
        return;
    snprintf(
        line, sizeof line,
        "A leaves the column of %s out, or goes on with it (that is recorded with the task). A longer publication lag "
        "of its series may settle it as well.",
        leak);
    grid_paragraph(g, b, y, STYLE_TEXT, line);
}

static void draw_right(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_form *f = &s->form;
    int y = 1;
    if (f->refusal[0] != '\0') {
        draw_refusal(f, g, b);
        return;
    }
    aid_heading(g, b, 0, "What it would be", "");
    if (f->info == NULL) {
        grid_put(g, b, 0, 1, STYLE_DIM, f->job != NULL ? "being worked out on all values; C-c cancels" : "not known");
        return;
    }
    y = draw_target(f->info, g, b, y);
    y = draw_folds(f->info, g, b, y);
    y = draw_list(json_object_get(f->info, "leaks"), g, b, y, "Accepted leaks", STYLE_WARN);
    y = draw_checks(json_object_get(f->info, "checks"), g, b, y);
    draw_list(json_object_get(f->info, "features"), g, b, y, "Channels", STYLE_DIM);
}

void data_form_draw(struct data_screen *s, struct grid *g, struct box b)
{
    struct box rest, foot, left, right;
    char *command = data_form_command(&s->form);
    bool two = b.rows >= 18 && text_width(command) + 4 > b.columns;
    box_split_rows(b, b.rows > 6 ? (two ? -2 : -1) : b.rows, &rest, &foot);
    if (rest.columns >= WIDE) {
        box_split_columns(rest, rest.columns * 2 / 5 > 66 ? 66 : rest.columns * 2 / 5, &left, &right);
        right = box_inset(right, 2, 0, 1, 0);
    } else {
        box_split_rows(rest, rest.rows * 11 / 20, &left, &right);
        right = box_inset(right, 1, 0, 1, 0);
    }
    draw_fields(s, g, left);
    draw_right(s, g, right);
    data_command_draw(g, foot, command);
    free(command);
}
