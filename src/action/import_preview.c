/* The first rows of a series that a dry run read, for people to look at before they import it. */
#include "action/import.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/read/stamp.h"
#include "store/seals.h"
#include "store/tasks.h"
#include "work/json.h"

#include <math.h>
#include <string.h>

enum { ROWS_SHOWN = 60, COLUMNS_SHOWN = 64, SPANS_MOST = 16 };

/* Of "2019-10-20T00:00:00Z", as json_of_time writes it; 0 if it is none. */
int64_t import_time_of(const char *iso)
{
    static const int at[6] = {0, 5, 8, 11, 14, 17};
    int64_t part[6];
    for (int i = 0; i < 6; i++) {
        char digits[5] = "";
        if (!iso || strlen(iso) < 20)
            return 0;
        memcpy(digits, iso + at[i], i == 0 ? 4 : 2);
        if (!text_parse_int(digits, 0, 9999, &part[i]))
            return 0;
    }
    if (!clock_date_valid((int)part[0], (int)part[1], (int)part[2]))
        return 0;
    int64_t days = clock_days((int)part[0], (int)part[1], (int)part[2]);
    return (days * 86400 + part[3] * 3600 + part[4] * 60 + part[5]) * CLOCK_SECOND_US;
}

/* The closes of the first and the last sealed bar of the task in force. */
static bool sealed_span(struct workspace *w, int64_t *first, int64_t *last)
{
    struct task_row task;
    if (!tasks_active(w, &task, NULL))
        return false;
    json_t *info = json_loads(task.info, 0, NULL), *sealed = json_object_get(info, "sealed");
    *first = import_time_of(json_string_value(json_object_get(sealed, "first")));
    *last = import_time_of(json_string_value(json_object_get(sealed, "last")));
    bool any = json_integer_value(json_object_get(sealed, "bars")) > 0;
    json_decref(info);
    free(task.info);
    return any;
}

static json_t *column_json(const struct frame *f, size_t column, const bool *shown)
{
    const double *v = f->column[column].value;
    json_int_t missing = 0;
    double least = (double)NAN, most = (double)NAN;
    for (size_t i = 0; i < f->rows; i++) {
        if (!shown[i])
            continue;
        missing += isnan(v[i]);
        least = fmin(least, v[i]);
        most = fmax(most, v[i]);
    }
    return json_pack("{s:o, s:s, s:I, s:o, s:o}", "name", json_of_text(f->column[column].name), "role",
                     f->column[column].labels > 0
                         ? "classes"
                         : feature_role_name(feature_role_of(f->column[column].name, v, f->rows)),
                     "missing", missing, "least", json_of_number(least), "most", json_of_number(most));
}

static json_t *cell_json(const struct frame_column *c, double v)
{
    bool label = c->labels > 0 && v >= 0 && v < (double)c->labels;
    return label ? json_of_text(c->label[(size_t)v]) : json_of_number(v);
}

static json_t *row_json(const struct frame *f, size_t row, size_t columns)
{
    json_t *cells = json_array();
    json_array_append_new(cells, json_of_time(f->time_us[row]));
    for (size_t c = 0; c < columns; c++)
        json_array_append_new(cells, cell_json(&f->column[c], f->column[c].value[row]));
    return cells;
}

/* The span that the task in force seals, of any series (data/set/dataset.h), and what is sealed of this one. */
static int spans_of(struct seal_span *span, struct workspace *w, const struct series_row *row)
{
    struct seal_series series = {.frame = row->frame};
    int64_t first, last;
    text_copy(series.asset, sizeof series.asset, row->asset);
    text_copy(series.series, sizeof series.series, row->name);
    int n = seals_closed(w, &series, span, SPANS_MOST - 1, NULL);
    n = n < 0 ? 0 : n;
    if (sealed_span(w, &first, &last))
        span[n++] = (struct seal_span){first - 1, last};
    return n;
}

size_t import_shown(bool *shown, struct workspace *w, const struct frame *f, const struct series_row *row)
{
    struct seal_span span[SPANS_MOST];
    int n = spans_of(span, w, row);
    size_t hidden = 0;
    for (size_t i = 0; i < f->rows; i++) {
        int64_t end = stamp_period_end(row->stamp, f->time_us[i], f->step_us);
        shown[i] = true;
        for (int k = 0; k < n && shown[i]; k++)
            shown[i] = end <= span[k].after_us || end > span[k].last_us;
        hidden += !shown[i];
    }
    return hidden;
}

json_t *import_preview_json(struct workspace *w, const struct frame *f, const struct series_row *row)
{
    bool *shown = memory_new(f->rows + 1, sizeof *shown);
    size_t columns = f->columns < COLUMNS_SHOWN ? f->columns : COLUMNS_SHOWN, n = 0;
    size_t hidden = import_shown(shown, w, f, row);
    json_t *heads = json_array(), *rows = json_array();
    for (size_t c = 0; c < columns; c++)
        json_array_append_new(heads, column_json(f, c, shown));
    for (size_t i = 0; i < f->rows && n < ROWS_SHOWN; i++) {
        if (!shown[i])
            continue;
        json_array_append_new(rows, row_json(f, i, columns));
        n++;
    }
    free(shown);
    return json_pack("{s:o, s:o, s:I, s:I}", "columns", heads, "rows", rows, "columns_left_out",
                     (json_int_t)(f->columns - columns), "sealed_rows_left_out", (json_int_t)hidden);
}
