#include "base/bytes.h"

#include "base/error.h"
#include "base/memory.h"

void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

void bytes_clear(struct bytes *b)
{
    b->n = 0;
}

/* What is put together value by value would grow ten times on its way to a few hundred bytes. */
#define FIRST_BYTES 192

void bytes_put(struct bytes *b, const void *data, size_t n)
{
    if (n == 0)
        return;
    ASSERT(n <= SIZE_MAX / 4 - b->n);
    size_t need = b->n + n;
    if (need > b->capacity) /* room that was made stays where it is */
        b->data = memory_grow(b->data, &b->capacity, need < FIRST_BYTES ? FIRST_BYTES : need, 1);
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void put_little(struct bytes *b, uint64_t v, size_t n)
{
    uint8_t part[8];

    for (size_t i = 0; i < n; i++)
        part[i] = (uint8_t)(v >> (8 * i));
    bytes_put(b, part, n);
}

void bytes_put_u8(struct bytes *b, uint8_t v)
{
    bytes_put(b, &v, 1);
}

void bytes_put_u16(struct bytes *b, uint16_t v)
{
    put_little(b, v, 2);
}

void bytes_put_u32(struct bytes *b, uint32_t v)
{
    put_little(b, v, 4);
}

void bytes_put_u64(struct bytes *b, uint64_t v)
{
    put_little(b, v, 8);
}

void bytes_put_i64(struct bytes *b, int64_t v)
{
    put_little(b, (uint64_t)v, 8);
}

void bytes_put_f64(struct bytes *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    put_little(b, bits, 8);
}

void bytes_put_text(struct bytes *b, const char *text)
{
    bytes_put_blob(b, text, strlen(text));
}

void bytes_put_blob(struct bytes *b, const void *data, size_t n)
{
    ASSERT(n <= UINT32_MAX);
    bytes_put_u32(b, (uint32_t)n);
    bytes_put(b, data, n);
}

struct bytes_reader bytes_read(const void *data, size_t n)
{
    return (struct bytes_reader){.data = data, .n = n};
}

const uint8_t *bytes_get(struct bytes_reader *r, size_t n)
{
    /* An empty reader may have no memory at all; zero bytes of it are still a success. */
    static const uint8_t nothing;

    if (r->failed || n > r->n - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->data ? r->data + r->at : &nothing;
    r->at += n;
    return p;
}

static uint64_t get_little(struct bytes_reader *r, size_t n)
{
    const uint8_t *p = bytes_get(r, n);
    uint64_t v = 0;

    for (size_t i = 0; p && i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint8_t bytes_get_u8(struct bytes_reader *r)
{
    return (uint8_t)get_little(r, 1);
}

uint16_t bytes_get_u16(struct bytes_reader *r)
{
    return (uint16_t)get_little(r, 2);
}

uint32_t bytes_get_u32(struct bytes_reader *r)
{
    return (uint32_t)get_little(r, 4);
}

uint64_t bytes_get_u64(struct bytes_reader *r)
{
    return get_little(r, 8);
}

int64_t bytes_get_i64(struct bytes_reader *r)
{
    uint64_t bits = get_little(r, 8);
    int64_t v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

double bytes_get_f64(struct bytes_reader *r)
{
    uint64_t bits = get_little(r, 8);
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

void bytes_get_text(struct bytes_reader *r, char *out, size_t size)
{
    ASSERT(size > 0);
    size_t n = 0;
    const uint8_t *p = bytes_get_blob(r, size - 1, &n);

    out[0] = '\0';
    if (!p)
        return;
    if (memchr(p, '\0', n)) {
        r->failed = true;
        return;
    }
    memcpy(out, p, n);
    out[n] = '\0';
}

const uint8_t *bytes_get_blob(struct bytes_reader *r, size_t most, size_t *n)
{
    uint32_t length = bytes_get_u32(r);

    *n = 0;
    if (length > most)
        r->failed = true;
    const uint8_t *p = bytes_get(r, length);
    if (p)
        *n = length;
    return p;
}

bool bytes_done(const struct bytes_reader *r)
{
    return !r->failed && r->at == r->n;
}
