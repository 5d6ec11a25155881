/* A frame's canonical bytes, and frames in place in a mapped file. The layout is in frame.h. */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/frame.h"

#include <math.h>

#define MAGIC_1 "MSFRAME1"
#define MAGIC_2 "MSFRAME2"
#define HEAD_LEAST 40                            /* bytes of a head without columns */
#define HEAD_BYTES_AT 12                         /* where the head's own length stands */
#define TIME_MOST_US INT64_C(400000000000000000) /* some 12,000 years: sums of times, steps and lags cannot overflow   \
                                                  */
#define NAN_BITS UINT64_C(0x7ff8000000000000)
#define CHECK_LANES 8
#define CHECK_ODD UINT64_C(0x9e3779b97f4a7c15)

static bool little_endian(void)
{
    const uint32_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t w = 0;
    if (little_endian()) {
        memcpy(&w, p, sizeof w);
        return w;
    }
    for (int i = 7; i >= 0; i--)
        w = w << 8 | p[i];
    return w;
}

/* --- checks ------------------------------------------------------------------------------------------------------ */

static uint64_t mixed(uint64_t acc, uint64_t word)
{
    acc ^= word;
    return (acc << 29 | acc >> 35) * CHECK_ODD;
}

uint64_t frame_check(const void *words, size_t n)
{
    const uint8_t *p = words;
    uint64_t lane[CHECK_LANES], sum = n;
    size_t i = 0;
    for (uint64_t k = 0; k < CHECK_LANES; k++)
        lane[k] = k + 1;
    for (; i + CHECK_LANES <= n; i += CHECK_LANES)
        for (size_t k = 0; k < CHECK_LANES; k++)
            lane[k] = mixed(lane[k], word_at(p + 8 * (i + k)));
    for (; i < n; i++)
        lane[i % CHECK_LANES] = mixed(lane[i % CHECK_LANES], word_at(p + 8 * i));
    for (size_t k = 0; k < CHECK_LANES; k++) {
        sum = mixed(sum, lane[k]);
        sum ^= sum >> 32;
    }
    return sum;
}

/* --- encoding ---------------------------------------------------------------------------------------------------- */

static uint64_t canonical_bits(double v)
{
    uint64_t bits;
    if (v != v)
        return NAN_BITS;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void put_word(uint8_t *p, uint64_t w)
{
    if (little_endian())
        memcpy(p, &w, sizeof w);
    else
        for (int i = 0; i < 8; i++)
            p[i] = (uint8_t)(w >> (8 * i));
}

static void put_values(const struct frame *f, uint8_t *p)
{
    for (size_t i = 0; i < f->rows; i++, p += 8)
        put_word(p, (uint64_t)f->time_us[i]);
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++, p += 8)
            put_word(p, canonical_bits(f->column[c].value[i]));
}

static void encode_1(const struct frame *f, struct bytes *out)
{
    bytes_put(out, MAGIC_1, 8);
    bytes_put_u32(out, (uint32_t)f->columns);
    bytes_put_u64(out, f->rows);
    bytes_put_i64(out, f->step_us);
    for (size_t c = 0; c < f->columns; c++)
        bytes_put_text(out, f->column[c].name);
}

static size_t head_bytes(const struct frame *f)
{
    size_t n = 32; /* the fixed fields */
    for (size_t c = 0; c < f->columns; c++) {
        n += 8 + strlen(f->column[c].name);
        for (size_t k = 0; k < f->column[c].labels; k++)
            n += 4 + strlen(f->column[c].label[k]);
    }
    return f->version == 1 ? n - 4 - 4 * f->columns : (n + 7) / 8 * 8 + 8 * (f->columns + 2);
}

static void encode_2(const struct frame *f, struct bytes *out, const uint8_t *values)
{
    size_t start = out->n;
    bytes_put(out, MAGIC_2, 8);
    bytes_put_u32(out, (uint32_t)f->columns);
    bytes_put_u32(out, (uint32_t)head_bytes(f));
    bytes_put_u64(out, f->rows);
    bytes_put_i64(out, f->step_us);
    for (size_t c = 0; c < f->columns; c++) {
        bytes_put_text(out, f->column[c].name);
        bytes_put_u32(out, (uint32_t)f->column[c].labels);
        for (size_t k = 0; k < f->column[c].labels; k++)
            bytes_put_text(out, f->column[c].label[k]);
    }
    while ((out->n - start) % 8)
        bytes_put_u8(out, 0);
    for (size_t c = 0; c <= f->columns; c++)
        bytes_put_u64(out, frame_check(values + 8 * f->rows * c, f->rows));
    bytes_put_u64(out, frame_check(out->data + start, (out->n - start) / 8));
}

/* Room is made for all of it, so that the values, which the head's checks need, are put where they belong first. */
void frame_encode(const struct frame *f, struct bytes *out)
{
    size_t start = out->n, head = head_bytes(f), all = head + 8 * f->rows * (f->columns + 1);
    out->data = memory_grow(out->data, &out->capacity, start + all, 1);
    uint8_t *values = out->data + start + head;
    put_values(f, values);
    if (f->version == 1)
        encode_1(f, out);
    else
        encode_2(f, out, values);
    ASSERT(out->n - start == head);
    out->n = start + all;
}

/* --- decoding ---------------------------------------------------------------------------------------------------- */

static bool damaged(struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "a damaged frame (cut short, changed, times out of order or of range, or not in canonical form): import again");
}

static bool get_labels(struct bytes_reader *r, struct frame_column *c)
{
    c->labels = bytes_get_u32(r);
    if (c->labels > FRAME_LABELS_MAX) {
        c->labels = 0;
        return false;
    }
    c->label = c->labels ? memory_new(c->labels, sizeof *c->label) : NULL;
    bool sorted = true;
    for (size_t k = 0; k < c->labels; k++) {
        bytes_get_text(r, c->label[k], sizeof c->label[k]);
        sorted = sorted && (k == 0 || strcmp(c->label[k - 1], c->label[k]) < 0);
    }
    return sorted && !r->failed;
}

static bool get_names(struct bytes_reader *r, struct frame *f)
{
    bool ok = true;
    for (size_t c = 0; ok && c < f->columns; c++) {
        bytes_get_text(r, f->column[c].name, sizeof f->column[c].name);
        ok = f->version == 1 || get_labels(r, &f->column[c]);
    }
    return ok && !r->failed;
}

static bool times_rise(const struct frame *f)
{
    bool ok = true;
    for (size_t i = 0; i < f->rows; i++) {
        ok = ok && f->time_us[i] >= -TIME_MOST_US && f->time_us[i] <= TIME_MOST_US;
        ok = ok && (i == 0 || f->time_us[i] > f->time_us[i - 1]);
    }
    return ok;
}

static bool labels_fit(const struct frame_column *c, size_t rows)
{
    for (size_t i = 0; c->label && i < rows; i++) {
        double v = c->value[i];
        if (!isnan(v) && (!(v >= 0 && v < (double)c->labels) || v != (double)(size_t)v || signbit(v)))
            return false;
    }
    return true;
}

static bool copy_values(struct frame *f, const uint8_t *p)
{
    bool ok = true;
    for (size_t i = 0; i < f->rows; i++, p += 8)
        f->time_us[i] = (int64_t)word_at(p);
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++, p += 8) {
            uint64_t bits = word_at(p);
            memcpy(&f->column[c].value[i], &bits, sizeof bits);
            ok = ok && canonical_bits(f->column[c].value[i]) == bits;
        }
    return ok;
}

/* What stands before the values, bounded before it is believed. */
struct head {
    int version;
    uint64_t columns, rows;
    int64_t step_us;
    size_t names_at, check_at, values_at; /* check_at: of the check of the times */
};

static bool bounds_fit(const struct head *h, size_t n, struct error *err)
{
    if (h->columns > FRAME_COLUMNS_MAX || h->columns * 4 > n || h->rows > n / 8 || (h->columns + 1) * h->rows > n / 8)
        return error_set(err, ERROR_DATA, "a frame of %zu bytes cannot hold %llu columns of %llu rows", n,
                         (unsigned long long)h->columns, (unsigned long long)h->rows);
    return true;
}

static bool read_head(struct head *h, const uint8_t *data, size_t n, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    const uint8_t *magic = bytes_get(&r, 8);
    *h = (struct head){.version = magic && memcmp(magic, MAGIC_1, 8) == 0 ? 1 : 2};
    if (!magic || (h->version == 2 && memcmp(magic, MAGIC_2, 8) != 0))
        return error_set(err, ERROR_DATA, "no frame: it begins neither with " MAGIC_2 " nor with " MAGIC_1);
    h->columns = bytes_get_u32(&r);
    h->values_at = h->version == 2 ? bytes_get_u32(&r) : 0;
    h->rows = bytes_get_u64(&r);
    h->step_us = bytes_get_i64(&r);
    h->names_at = r.at;
    if (r.failed)
        return damaged(err);
    if (!bounds_fit(h, n, err))
        return false;
    if (h->version == 1)
        return true;
    if (h->values_at < HEAD_LEAST + 8 * (h->columns + 1) || h->values_at % 8 || h->values_at > n ||
        n - h->values_at != 8 * h->rows * (h->columns + 1) ||
        frame_check(data, h->values_at / 8 - 1) != word_at(data + h->values_at - 8))
        return damaged(err);
    h->check_at = h->values_at - 8 * ((size_t)h->columns + 2);
    return true;
}

/* Names and labels of `f`, which end where the checks begin, but for zeros; version 1: where the values begin. */
static bool read_names(struct frame *f, struct head *h, const uint8_t *data, size_t n)
{
    struct bytes_reader r = bytes_read(data, h->version == 2 ? h->check_at : n);
    bytes_get(&r, h->names_at);
    f->version = h->version;
    f->step_us = h->step_us;
    if (!get_names(&r, f))
        return false;
    if (h->version == 1) {
        h->values_at = r.at;
        return n - r.at == 8 * h->rows * (h->columns + 1);
    }
    for (size_t i = r.at; i < h->check_at; i++)
        if (data[i] != 0)
            return false;
    return h->check_at - r.at < 8;
}

static bool checks_fit(const struct head *h, const uint8_t *data)
{
    for (size_t c = 0; h->version == 2 && c <= h->columns; c++)
        if (frame_check(data + h->values_at + 8 * h->rows * c, (size_t)h->rows) != word_at(data + h->check_at + 8 * c))
            return false;
    return true;
}

static bool decode_into(struct frame *f, struct head *h, const uint8_t *data, size_t n)
{
    if (!read_names(f, h, data, n) || !checks_fit(h, data) || !copy_values(f, data + h->values_at) || !times_rise(f))
        return false;
    for (size_t c = 0; c < f->columns; c++)
        if (!labels_fit(&f->column[c], f->rows))
            return false;
    frame_find_step(f);
    return f->step_us == h->step_us;
}

struct frame *frame_decode(const void *data, size_t n, struct error *err)
{
    struct head h;
    if (!read_head(&h, data, n, err))
        return NULL;
    struct frame *f = frame_new((size_t)h.rows, (size_t)h.columns, err);
    if (!f || decode_into(f, &h, data, n))
        return f;
    frame_free(f);
    damaged(err);
    return NULL;
}

/* --- in place ---------------------------------------------------------------------------------------------------- */

/* The frame takes the mapping over. Steps are believed: the check of the head covers them. */
static bool place(struct frame *f, struct head *h, uint8_t *data, size_t n)
{
    f->map = data;
    f->map_n = n;
    f->print = word_at(data + h->values_at - 8);
    f->rows = (size_t)h->rows;
    f->time_us = (void *)(data + h->values_at);
    for (size_t c = 0; c < f->columns; c++)
        f->column[c].value = (void *)(data + h->values_at + 8 * f->rows * (c + 1));
    if (!read_names(f, h, data, n) || !checks_fit(h, data) || !times_rise(f))
        return false;
    for (size_t c = 0; c < f->columns; c++)
        if (!labels_fit(&f->column[c], f->rows))
            return false;
    return true;
}

static struct frame *open_mapped(void *data, size_t n, struct error *err)
{
    struct head h;
    struct frame *f = NULL;
    if (!read_head(&h, data, n, err)) {
        file_unmap(data, n);
        return NULL;
    }
    if (h.version == 1 || !little_endian()) {
        f = frame_decode(data, n, err);
        file_unmap(data, n);
        return f;
    }
    f = frame_new_empty(0, (size_t)h.columns, err);
    if (!f) {
        file_unmap(data, n);
        return NULL;
    }
    free(f->time_us);
    if (place(f, &h, data, n))
        return f;
    frame_free(f);
    damaged(err);
    return NULL;
}

struct frame *frame_open(const char *path, struct error *err)
{
    void *data;
    size_t n;
    if (!file_map(path, &data, &n, err))
        return NULL;
    struct frame *f = n ? open_mapped(data, n, err) : NULL;
    if (n == 0)
        damaged(err);
    if (!f)
        error_prefix(err, "%s", path);
    return f;
}

bool frame_print(const void *data, size_t n, uint64_t *out)
{
    struct head h;
    if (!read_head(&h, data, n, NULL) || h.version == 1)
        return false;
    *out = word_at((const uint8_t *)data + h.values_at - 8);
    return true;
}

struct hash frame_hash(const struct frame *f)
{
    if (f->map)
        return hash_is_zero(f->hash) ? hash_of(f->map, f->map_n) : f->hash;
    struct bytes b = {0};
    frame_encode(f, &b);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}

void frame_seal(struct frame *f)
{
    if (f->map)
        f->hash = frame_hash(f);
}
