#include "data/read/columns.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/read/report.h"

#include <math.h>

#define CLASS_ROWS 4 /* of each spelling on average, below which texts are notes and no classes */

static void leave_out(struct csv_report *r, const struct table_column *c, const char *why)
{
    report_warn(r, "column '%s' is left out: %s%s%s%s", c->name, why, c->texts ? " ('" : "",
                c->texts ? c->text.text : "", c->texts ? "' ...)" : "");
    if (c->texts && name_has(c->name, "partial"))
        report_warn(r, "the rows of this file may be partial: a later export can change them");
}

static bool may_be_classes(const struct table_column *c)
{
    if (c->words.n < 2 || c->words.n > FRAME_LABELS_MAX || c->words.n * CLASS_ROWS > c->texts)
        return false;
    for (size_t i = 0; i < c->words.n; i++)
        if (strlen(c->words.word[i]) >= FRAME_LABEL_MAX || !*c->words.word[i])
            return false;
    return true;
}

static bool take_classes(struct csv_report *r, struct table_column *c, size_t rows, struct error *err)
{
    char shown[128] = "";
    c->value = memory_try(rows, sizeof *c->value, "a column of classes", err);
    if (!c->value)
        return false;
    for (size_t i = 0; i < rows; i++)
        c->value[i] = c->words.code[i] == TABLE_WORDLESS ? (double)NAN : c->words.code[i];
    for (size_t i = 0; i < c->words.n && i < 5; i++) {
        text_append(shown, sizeof shown, i ? ", " : "");
        text_append(shown, sizeof shown, c->words.word[i]);
    }
    char value[32];
    snprintf(value, sizeof value, "%zu classes", c->words.n);
    report_guess(r, c->name, value, "", "few spellings: %s%s", shown, c->words.n > 5 ? ", ..." : "");
    return true;
}

static bool is_one_of(size_t c, const size_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == c)
            return true;
    return false;
}

bool columns_choose(struct columns *chosen, struct csv_report *report, struct table *t, const struct timeline *time,
                    const size_t *symbol, size_t n, struct error *err)
{
    chosen->index = NEW_ARRAY(size_t, t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        struct table_column *column = &t->column[c];
        if (is_one_of(c, symbol, n) || timeline_uses(time, c))
            continue;
        if (column->time)
            leave_out(report, column, "another column of times");
        if (column->time)
            continue;
        if (!table_check_column(t, c, err))
            return false;
        if (column->kind == TABLE_TEXTS && may_be_classes(column)) {
            if (!take_classes(report, column, t->rows, err))
                return false;
            chosen->index[chosen->n++] = c;
        } else if (column->kind == TABLE_TEXTS) {
            leave_out(report, column, "it holds text");
        } else if (column->kind == TABLE_INDEX) {
            leave_out(report, column, "it only counts the rows");
        } else if (column->kind == TABLE_EMPTY) {
            if (!column->unnamed)
                leave_out(report, column, "it has no value at all");
            report_empty(report, column->name);
        } else if (column->kind == TABLE_NUMBERS) {
            chosen->index[chosen->n++] = c;
        }
    }
    if (chosen->n == 0)
        return error_set(err, ERROR_DATA, "no column but the time holds numbers");
    return true;
}
