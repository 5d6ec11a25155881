/* Columns of data, as tasks carry them: refused, or the only spelling of what they say. The input is the object; where its
 * first byte is 'C' instead of the magic's first, its checks are made to fit. */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "data/frame.h"

const char fuzz_corpus[] = "frame";

enum { AT_COLUMNS = 8, AT_HEAD = 12, AT_ROWS = 16, WORD = 8 };

static void put_word(uint8_t *p, uint64_t w)
{
    for (int i = 0; i < WORD; i++)
        p[i] = (uint8_t)(w >> 8 * i);
}

/* As far as the head's own numbers make sense. */
static void make_fit(uint8_t *b, size_t n)
{
    struct bytes_reader r = bytes_read(b, n);
    bytes_get(&r, AT_COLUMNS);
    uint64_t columns = bytes_get_u32(&r), head = bytes_get_u32(&r), rows = bytes_get_u64(&r);
    if (r.failed || head > n || head % WORD || columns > FRAME_COLUMNS_MAX || head < AT_ROWS + WORD * (columns + 3))
        return;
    size_t checks = head - WORD * (columns + 2);
    for (size_t c = 0; c <= columns && rows <= (n - head) / WORD && WORD * rows * (c + 1) <= n - head; c++)
        put_word(b + checks + WORD * c, frame_check(b + head + WORD * rows * c, rows));
    put_word(b + head - WORD, frame_check(b, head / WORD - 1));
}

static void check(const struct frame *f, const uint8_t *data, size_t n)
{
    struct bytes again = {0};
    uint64_t print;
    frame_encode(f, &again);
    ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    ASSERT(hash_equal(frame_hash(f), hash_of(data, n)));
    ASSERT(frame_print(data, n, &print) == (f->version == 2));
    for (size_t i = 1; i < f->rows; i++)
        ASSERT(f->time_us[i] > f->time_us[i - 1]);
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; f->column[c].labels && i < f->rows; i++)
            ASSERT(!(f->column[c].value[i] < 0) && !(f->column[c].value[i] >= (double)f->column[c].labels));
    bytes_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct error err = {0};
    hash_start();
    uint8_t *b = memory_new(n ? n : 1, 1);
    if (n)
        memcpy(b, data, n);
    if (n && b[0] == 'C') {
        b[0] = 'M';
        make_fit(b, n);
    }
    struct frame *f = frame_decode(b, n, &err);
    if (f)
        check(f, b, n);
    else
        ASSERT((err.kind == ERROR_DATA || err.kind == ERROR_MEMORY) && err.text[0] != '\0');
    frame_free(f);
    free(b);
    return 0;
}
