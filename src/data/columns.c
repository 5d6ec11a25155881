#include "data/columns.h"

#include "base/memory.h"
#include "data/name.h"
#include "data/report.h"

/* One row per asset and time would come out as rows that contradict each other. */
static bool refuse_symbols(const struct table_column *c, struct error *err)
{
    static const char *const word[] = {"symbol", "asset", "ticker", "coin", "pair", "currency", "instrument", "name"};
    if (c->several_texts && name_has_any(c->name, word, ARRAY_N(word)))
        return error_set(err, ERROR_DATA,
                         "column '%s' holds several texts ('%s', ...): this looks like one row per asset "
                         "and time; split the file into one file an asset",
                         c->name, c->text.text);
    return true;
}

static void leave_out(struct csv_report *r, const struct table_column *c, const char *why)
{
    report_warn(r, "column '%s' is left out: %s%s%s%s", c->name, why, c->texts ? " ('" : "",
                c->texts ? c->text.text : "", c->texts ? "' ...)" : "");
    if (c->texts && name_has(c->name, "partial"))
        report_warn(r, "the rows of this file may be partial: a later export can change them");
}

static bool is_one_of(size_t c, const size_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == c)
            return true;
    return false;
}

bool columns_choose(struct columns *chosen, struct csv_report *report, const struct table *t, const struct timeline *time,
                    const size_t *symbol, size_t n, struct error *err)
{
    chosen->index = NEW_ARRAY(size_t, t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        if (is_one_of(c, symbol, n) || c == time->column || is_one_of(c, time->part, time->part_n))
            continue;
        if (column->time)
            leave_out(report, column, "another column of times");
        if (column->time)
            continue;
        if (!table_check_column(t, c, err) || !refuse_symbols(column, err))
            return false;
        if (column->kind == TABLE_TEXTS) {
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
