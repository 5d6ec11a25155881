#include "data/columns.h"

#include "base/memory.h"
#include "data/name.h"
#include "data/report.h"

static bool refuse_lookalike(const struct table_column *c, struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "line %llu: '%s' in column '%s' looks like a number in a form that is not read "
        "(thousands marks, decimal comma, a unit, out of range); write plain numbers such as 1234.5, or remove "
        "the column",
        (unsigned long long)c->lookalike.line, c->lookalike.text, c->name);
}

static bool refuse_mixture(const struct table_column *c, struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "line %llu: '%s' in column '%s' is neither a number nor a known spelling of missing "
        "(empty, NaN, NA, N/A, null, None, -, .), while %zu other cells are numbers; if it means missing, say so with "
        "--missing, else repair it or remove the column",
        (unsigned long long)c->text.line, c->text.text, c->name, c->numbers);
}

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

bool columns_choose(struct columns *chosen, struct csv_report *report, const struct table *t,
                    const struct timeline *time, size_t symbol,
                    struct error *err)
{
    chosen->index = NEW_ARRAY(size_t, t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        bool text = column->texts > column->numbers + column->lookalikes;
        if (c == symbol || timeline_uses(time, c))
            continue;
        if (column->time) {
            leave_out(report, column, "another column of times");
            continue;
        }
        if (column->lookalikes && !text)
            return refuse_lookalike(column, err);
        if (column->texts && !text)
            return refuse_mixture(column, err);
        if (!refuse_symbols(column, err))
            return false;
        if (text)
            leave_out(report, column, "it holds text");
        else if (column->numbers == 0)
            leave_out(report, column, "it has no value at all");
        else
            chosen->index[chosen->n++] = c;
    }
    if (chosen->n == 0)
        return error_set(err, ERROR_DATA, "no column but the time holds numbers");
    return true;
}
