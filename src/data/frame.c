#include "data/frame.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

struct frame *frame_new_empty(size_t rows, size_t columns, struct error *err)
{
    if (columns > FRAME_COLUMNS_MAX) {
        error_set(err, ERROR_LIMIT, "a frame of %zu columns is wider than %d: leave columns out", columns,
                  FRAME_COLUMNS_MAX);
        return NULL;
    }
    struct frame *f = NEW(struct frame);
    f->rows = rows;
    f->columns = columns;
    f->version = 2;
    f->column = NEW_ARRAY(struct frame_column, columns);
    f->time_us = memory_try(rows, sizeof *f->time_us, "a frame's time line", err);
    if (f->time_us)
        return f;
    frame_free(f);
    return NULL;
}

struct frame *frame_new(size_t rows, size_t columns, struct error *err)
{
    struct frame *f = frame_new_empty(rows, columns, err);
    bool ok = f != NULL;
    for (size_t c = 0; ok && c < columns; c++) {
        f->column[c].value = memory_try(rows, sizeof(double), "a frame's column", err);
        ok = f->column[c].value != NULL;
    }
    if (!ok) {
        frame_free(f);
        return NULL;
    }
    return f;
}

void frame_free(struct frame *f)
{
    if (!f)
        return;
    for (size_t c = 0; c < f->columns; c++) {
        free(f->column[c].label);
        if (!f->map)
            free(f->column[c].value);
    }
    free(f->column);
    if (f->map)
        file_unmap(f->map, f->map_n);
    else
        free(f->time_us);
    free(f);
}

int frame_find(const struct frame *f, const char *column)
{
    for (size_t c = 0; c < f->columns; c++)
        if (text_equal(f->column[c].name, column))
            return (int)c;
    for (size_t c = 0; c < f->columns; c++)
        if (text_equal_nocase(f->column[c].name, column))
            return (int)c;
    return -1;
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A distance that more than half of the rows have (Boyer and Moore's vote) is the most frequent one: the usual case,
 * without sorting. 0: there is none. */
static int64_t majority_step(const struct frame *f)
{
    int64_t step = 0;
    size_t votes = 0, count = 0;
    for (size_t i = 1; i < f->rows; i++) {
        int64_t d = f->time_us[i] - f->time_us[i - 1];
        if (votes == 0)
            step = d;
        votes += d == step ? 1 : (size_t)-1;
    }
    for (size_t i = 1; i < f->rows; i++)
        count += f->time_us[i] - f->time_us[i - 1] == step;
    return 2 * count > f->rows - 1 ? step : 0;
}

void frame_find_step(struct frame *f)
{
    f->step_us = f->rows < 2 ? 0 : majority_step(f);
    if (f->rows < 2 || f->step_us)
        return;
    size_t n = f->rows - 1;
    int64_t *step = NEW_ARRAY(int64_t, n);
    for (size_t i = 0; i < n; i++)
        step[i] = f->time_us[i + 1] - f->time_us[i];
    qsort(step, n, sizeof *step, compare_i64);
    size_t best = 0;
    for (size_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && step[i] == step[i - 1] ? run + 1 : 1;
        if (run > best) { /* of equally frequent distances the shortest */
            best = run;
            f->step_us = step[i];
        }
    }
    free(step);
}
