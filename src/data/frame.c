#include "data/frame.h"

#include "base/memory.h"
#include "base/text.h"

#define FRAME_MAGIC "MSFRAME1"
#define TIME_MOST_US INT64_C(400000000000000000) /* some 12,000 years: sums of times, steps and lags cannot overflow */
#define FRAME_NAN_BITS UINT64_C(0x7ff8000000000000)

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
    for (size_t c = 0; c < f->columns; c++)
        free(f->column[c].value);
    free(f->column);
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

void frame_find_step(struct frame *f)
{
    f->step_us = 0;
    if (f->rows < 2)
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

static uint64_t canonical_bits(double v)
{
    uint64_t bits;
    if (v != v)
        return FRAME_NAN_BITS;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

void frame_encode(const struct frame *f, struct bytes *out)
{
    bytes_put(out, FRAME_MAGIC, 8);
    bytes_put_u32(out, (uint32_t)f->columns);
    bytes_put_u64(out, f->rows);
    bytes_put_i64(out, f->step_us);
    for (size_t c = 0; c < f->columns; c++)
        bytes_put_text(out, f->column[c].name);
    for (size_t i = 0; i < f->rows; i++)
        bytes_put_i64(out, f->time_us[i]);
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++)
            bytes_put_u64(out, canonical_bits(f->column[c].value[i]));
}

static bool decode_columns(struct bytes_reader *r, struct frame *f)
{
    for (size_t c = 0; c < f->columns; c++)
        bytes_get_text(r, f->column[c].name, sizeof f->column[c].name);
    bool ok = true;
    for (size_t i = 0; i < f->rows; i++) {
        f->time_us[i] = bytes_get_i64(r);
        ok = ok && f->time_us[i] >= -TIME_MOST_US && f->time_us[i] <= TIME_MOST_US;
        ok = ok && (i == 0 || f->time_us[i] > f->time_us[i - 1]);
    }
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++) {
            uint64_t bits = bytes_get_u64(r);
            memcpy(&f->column[c].value[i], &bits, sizeof bits);
            ok = ok && canonical_bits(f->column[c].value[i]) == bits;
        }
    return ok && bytes_done(r);
}

struct frame *frame_decode(const void *data, size_t n, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    const uint8_t *magic = bytes_get(&r, 8);
    if (!magic || memcmp(magic, FRAME_MAGIC, 8) != 0) {
        error_set(err, ERROR_DATA, "no frame: it does not begin with %s", FRAME_MAGIC);
        return NULL;
    }
    uint64_t columns = bytes_get_u32(&r), rows = bytes_get_u64(&r);
    int64_t step = bytes_get_i64(&r);
    if (columns > FRAME_COLUMNS_MAX || columns * 4 > n || rows > n / 8 || (columns + 1) * rows > n / 8) {
        error_set(err, ERROR_DATA, "a frame of %zu bytes cannot hold %llu columns of %llu rows", n,
                  (unsigned long long)columns, (unsigned long long)rows);
        return NULL;
    }
    struct frame *f = frame_new((size_t)rows, (size_t)columns, err);
    if (!f)
        return NULL;
    if (decode_columns(&r, f)) {
        frame_find_step(f);
        if (f->step_us == step)
            return f;
    }
    frame_free(f);
    error_set(err, ERROR_DATA,
              "a damaged frame (cut short, times out of order or of range, or not in canonical form): import again");
    return NULL;
}

struct hash frame_hash(const struct frame *f)
{
    struct bytes b = {0};
    frame_encode(f, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}
