/* bytes: the canonical encoding, byte by byte, and a reader that never leaves its buffer. */
#include "test_support.h"

#include "base/bytes.h"
#include "base/memory.h"

#include <math.h>

static void put_all(struct bytes *b)
{
    bytes_put_u8(b, 0xab);
    bytes_put_u16(b, 0x1234);
    bytes_put_u32(b, 0xdeadbeef);
    bytes_put_u64(b, UINT64_C(0x0102030405060708));
    bytes_put_i64(b, -2);
    bytes_put_f64(b, 1.0);
    bytes_put_text(b, "hi");
    bytes_put_blob(b, "\0\1\2", 3);
}

static void test_spelling(void **state)
{
    static const uint8_t expected[] = {0xab, 0x34, 0x12, 0xef, 0xbe, 0xad, 0xde, 8,    7, 6, 5, 4, 3, 2, 1,
                                       0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0xf0,
                                       0x3f, 2,    0,    0,    0,    'h',  'i',  3,    0, 0, 0, 0, 1, 2};
    struct bytes b = {0};

    (void)state;
    put_all(&b);
    assert_int_equal(b.n, sizeof expected);
    assert_memory_equal(b.data, expected, sizeof expected);
    bytes_clear(&b);
    assert_int_equal(b.n, 0);
    put_all(&b);
    assert_memory_equal(b.data, expected, sizeof expected);
    bytes_free(&b);
    assert_null(b.data);
}

static void get_all(struct bytes_reader *r, bool whole)
{
    char text[3];
    size_t n;

    uint8_t a = bytes_get_u8(r);
    uint16_t c = bytes_get_u16(r);
    uint32_t d = bytes_get_u32(r);
    uint64_t e = bytes_get_u64(r);
    int64_t f = bytes_get_i64(r);
    double g = bytes_get_f64(r);
    bytes_get_text(r, text, sizeof text);
    const uint8_t *blob = bytes_get_blob(r, 3, &n);
    if (!whole)
        return;
    assert_int_equal(a, 0xab);
    assert_int_equal(c, 0x1234);
    assert_int_equal(d, 0xdeadbeef);
    assert_true(e == UINT64_C(0x0102030405060708) && f == -2 && g == 1.0);
    assert_string_equal(text, "hi");
    assert_int_equal(n, 3);
    assert_memory_equal(blob, "\0\1\2", 3);
}

/* Each prefix is copied into memory of its own size, so that the sanitizers see any byte read behind it. */
static void test_prefixes(void **state)
{
    struct bytes b = {0};

    (void)state;
    put_all(&b);
    for (size_t n = 0; n <= b.n; n++) {
        uint8_t *part = malloc(n ? n : 1);
        memcpy(part, b.data, n);
        struct bytes_reader r = bytes_read(part, n);
        get_all(&r, n == b.n);
        assert_int_equal(bytes_done(&r), n == b.n);
        assert_true(r.at <= n);
        free(part);
    }
    bytes_free(&b);
}

static void test_failed_stays(void **state)
{
    struct bytes_reader r = bytes_read("\1\2\3", 3);

    (void)state;
    assert_int_equal(bytes_get_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(bytes_get_u8(&r), 0); /* though there are bytes */
    assert_null(bytes_get(&r, 0));
    assert_false(bytes_done(&r));
}

static void test_ends(void **state)
{
    struct bytes_reader empty = bytes_read(NULL, 0), rest = bytes_read("ab", 2);

    (void)state;
    assert_true(bytes_done(&empty));
    assert_non_null(bytes_get(&empty, 0));
    assert_true(bytes_done(&empty));
    bytes_get_u8(&rest);
    assert_false(bytes_done(&rest)); /* a byte is left */
    assert_null(bytes_get(&rest, SIZE_MAX));
}

static void read_text(const char *data, size_t n, size_t size, bool good)
{
    char out[16] = "old";
    struct bytes_reader r = bytes_read(data, n);

    bytes_get_text(&r, out, size);
    assert_int_equal(bytes_done(&r), good);
    if (!good)
        assert_string_equal(out, "");
}

static void test_bad_texts(void **state)
{
    size_t length = 1;
    struct bytes_reader huge = bytes_read("\xff\xff\xff\xff....", 8);

    (void)state;
    read_text("\3\0\0\0abc", 7, 4, true);
    read_text("\3\0\0\0abc", 7, 3, false);
    read_text("\3\0\0\0a\0c", 7, 4, false);
    read_text("\0\0\0\0", 4, 1, true);
    read_text("\3\0\0\0ab", 6, 16, false);
    assert_null(bytes_get_blob(&huge, SIZE_MAX, &length));
    assert_int_equal(length, 0);
}

static void test_floats(void **state)
{
    static const double values[] = {0.0, -0.0, 1.5, -1e300, 5e-324, INFINITY};
    struct bytes b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        bytes_put_f64(&b, values[i]);
    struct bytes_reader r = bytes_read(b.data, b.n);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        double v = bytes_get_f64(&r);
        assert_memory_equal(&v, &values[i], sizeof v);
    }
    assert_true(bytes_done(&r));
    bytes_free(&b);
}

/* A frame's encoder writes ahead into room it made, and keeps a pointer to it. */
static void test_room_stays(void **state)
{
    struct bytes b = {0};
    (void)state;
    b.data = memory_grow(b.data, &b.capacity, 64, 1);
    size_t capacity = b.capacity;
    for (size_t i = 0; i < 64; i++)
        bytes_put_u8(&b, (uint8_t)i);
    assert_int_equal(b.capacity, capacity);
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling),   cmocka_unit_test(test_prefixes),  cmocka_unit_test(test_failed_stays),
        cmocka_unit_test(test_ends),       cmocka_unit_test(test_bad_texts), cmocka_unit_test(test_floats),
        cmocka_unit_test(test_room_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
