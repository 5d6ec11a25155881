#include "data/read/rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "data/read/report.h"

#include <math.h>

struct order_key {
    int64_t us;
    uint32_t row;
};

static int compare_keys(const void *a, const void *b)
{
    const struct order_key *x = a, *y = b;
    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static uint32_t row_at(const uint32_t *subset, size_t i)
{
    return subset ? subset[i] : (uint32_t)i;
}

/* Most files are in order, or the other way round; only what is neither is sorted. */
enum order { ORDER_RISING, ORDER_FALLING, ORDER_MIXED };

static enum order find_order(const struct rows_view *v, const uint32_t *subset, size_t n, bool *backwards)
{
    bool rising = true, falling = true;
    *backwards = false;
    for (size_t i = 1; i < n; i++) {
        int64_t before = v->us[row_at(subset, i - 1)], now = v->us[row_at(subset, i)];
        rising = rising && now > before;
        falling = falling && now < before;
        *backwards = *backwards || now < before;
    }
    return rising ? ORDER_RISING : falling ? ORDER_FALLING : ORDER_MIXED;
}

static bool sort(struct rows *r, const struct rows_view *v, const uint32_t *subset, struct error *err)
{
    struct order_key *key = memory_try(r->n, sizeof *key, "the order of rows", err);
    if (!key)
        return false;
    for (size_t i = 0; i < r->n; i++)
        key[i] = (struct order_key){v->us[row_at(subset, i)], row_at(subset, i)};
    qsort(key, r->n, sizeof *key, compare_keys);
    for (size_t i = 0; i < r->n; i++)
        r->row[i] = key[i].row;
    free(key);
    return true;
}

/* The first column in which two rows differ, or -1. */
static int differing_column(const struct rows_view *v, size_t a, size_t b)
{
    for (size_t k = 0; k < v->columns; k++) {
        const double *value = v->table->column[v->column[k]].value;
        if (value[a] != value[b] && !(isnan(value[a]) && isnan(value[b])))
            return (int)v->column[k];
    }
    return -1;
}

/* Local times repeat an hour when the clocks go back: the last Sunday of October or the first of November, at night.
 * Such rows contradict each other, and every time of the column may be off by hours. */
static bool is_clock_change(int64_t us)
{
    int year, month, day;
    int64_t days = us / CLOCK_DAY_US, weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    clock_civil(days, &year, &month, &day);
    return us > 0 && weekday == 0 && us % CLOCK_DAY_US < 4 * 3600 * CLOCK_SECOND_US &&
           ((month == 10 && day >= 25) || (month == 11 && day <= 7));
}

static void drop_row(struct rows *r, struct csv_report *report, const struct rows_view *v, size_t row, size_t kept)
{
    const struct table *t = v->table;
    char why[80];
    int differs = differing_column(v, row, kept);
    unsigned long long line = (unsigned long long)t->line[kept];
    if (differs < 0)
        snprintf(why, sizeof why, "the same row as line %llu", line);
    else
        snprintf(why, sizeof why, "same time as line %llu, which is kept; '%.24s' differs", line,
                 t->column[differs].name);
    if (differs >= 0 && r->conflicts++ == 0)
        r->first_conflict = report->drop_n;
    if (differs >= 0 && is_clock_change(v->us[row]))
        r->clock_change_line = t->line[row];
    r->duplicates++;
    report_drop(report, t->line[row], why);
}

/* Rows of one time stand together, in the order of the file. */
static void drop_duplicates(struct rows *r, struct csv_report *report, const struct rows_view *v)
{
    size_t kept = 0;
    for (size_t first = 0, end; first < r->n; first = end) {
        end = first + 1;
        while (end < r->n && v->us[r->row[end]] == v->us[r->row[first]])
            end++;
        uint32_t keep = r->row[v->keep_first ? first : end - 1];
        for (size_t i = first; i < end; i++)
            if (r->row[i] != keep)
                drop_row(r, report, v, r->row[i], keep);
        r->row[kept++] = keep;
    }
    r->n = kept;
}

bool rows_order(struct rows *out, struct csv_report *report, const struct rows_view *v, const uint32_t *subset,
                size_t n, struct error *err)
{
    *out = (struct rows){.n = n};
    if (n > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "%zu rows are more than %lu", n, (unsigned long)UINT32_MAX);
    enum order order = find_order(v, subset, n, &out->reordered);
    if (order == ORDER_RISING && !subset)
        return true;
    out->row = memory_try(n, sizeof *out->row, "the order of rows", err);
    if (!out->row)
        return false;
    for (size_t i = 0; i < n; i++)
        out->row[i] = row_at(subset, order == ORDER_FALLING ? n - 1 - i : i);
    if (order == ORDER_MIXED && out->reordered && !sort(out, v, subset, err))
        return false;
    if (order == ORDER_MIXED)
        drop_duplicates(out, report, v);
    return true;
}

void rows_free(struct rows *r)
{
    free(r->row);
    *r = (struct rows){0};
}
