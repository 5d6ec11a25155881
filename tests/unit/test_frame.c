/* Frames: columns by name, the usual step, and one canonical spelling that every damage breaks. */
#include "test_support.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/frame.h"

#include <math.h>

static struct frame *sample(void)
{
    struct frame *f = frame_new(4, 2, NULL);
    static const int64_t time[] = {-5, 0, 10, 20};
    assert_non_null(f);
    memcpy(f->time_us, time, sizeof time);
    text_copy(f->column[0].name, FRAME_NAME_MAX, "Close");
    text_copy(f->column[1].name, FRAME_NAME_MAX, "close");
    for (int i = 0; i < 4; i++) {
        f->column[0].value[i] = i == 2 ? (double)NAN : i * 0.1;
        f->column[1].value[i] = i == 0 ? -0.0 : -i;
    }
    frame_find_step(f);
    return f;
}

static void test_find(void **state)
{
    struct frame *f = sample();
    (void)state;
    assert_int_equal(frame_find(f, "Close"), 0);
    assert_int_equal(frame_find(f, "close"), 1);
    assert_int_equal(frame_find(f, "CLOSE"), 0);
    assert_int_equal(frame_find(f, "open"), -1);
    frame_free(f);
}

static void test_step(void **state)
{
    struct frame *f = sample();
    (void)state;
    assert_int_equal(f->step_us, 10);
    f->time_us[1] = 5; /* distances 10, 5, 10 */
    frame_find_step(f);
    assert_int_equal(f->step_us, 10);
    f->time_us[2] = 10; /* 10, 5, 10 -> 5 -> 5 */
    f->time_us[3] = 15;
    frame_find_step(f);
    assert_int_equal(f->step_us, 5);
    f->time_us[3] = 17; /* 10, 5, 7: of equally frequent ones the shortest */
    frame_find_step(f);
    assert_int_equal(f->step_us, 5);
    f->rows = 1;
    frame_find_step(f);
    assert_int_equal(f->step_us, 0);
    frame_free(f);
}

static void test_encoding(void **state)
{
    struct frame *f = sample();
    struct bytes b = {0}, again = {0};
    struct error err = {0};
    (void)state;
    frame_encode(f, &b);
    struct frame *g = frame_decode(b.data, b.n, &err);
    assert_non_null(g);
    frame_encode(g, &again);
    assert_int_equal(b.n, again.n);
    assert_memory_equal(b.data, again.data, b.n);
    assert_true(isnan(g->column[0].value[2]) && signbit(g->column[1].value[0]));
    assert_true(hash_equal(frame_hash(f), frame_hash(g)));
    g->column[1].value[0] = 0.0; /* another bit pattern is another frame */
    assert_false(hash_equal(frame_hash(f), frame_hash(g)));
    bytes_free(&b);
    bytes_free(&again);
    frame_free(f);
    frame_free(g);
}

/* Any NaN is written as the one NaN. */
static void test_one_nan(void **state)
{
    struct frame *f = sample(), *g = sample();
    uint64_t other = UINT64_C(0xfff8000000000123);
    (void)state;
    memcpy(&g->column[0].value[2], &other, sizeof other);
    assert_true(hash_equal(frame_hash(f), frame_hash(g)));
    frame_free(f);
    frame_free(g);
}

static void test_damage(void **state)
{
    struct frame *f = sample();
    struct bytes b = {0};
    struct hash h = frame_hash(f);
    (void)state;
    frame_encode(f, &b);
    for (size_t n = 0; n < b.n; n++) {
        struct error err = {0};
        assert_null(frame_decode(b.data, n, &err));
        assert_int_equal(err.kind, ERROR_DATA);
    }
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            b.data[i] ^= (uint8_t)(1 << bit);
            struct frame *g = frame_decode(b.data, b.n, NULL);
            if (g) { /* another frame, never the same */
                struct bytes again = {0};
                frame_encode(g, &again);
                assert_int_equal(again.n, b.n);
                assert_memory_equal(again.data, b.data, b.n);
                assert_false(hash_equal(frame_hash(g), h));
                bytes_free(&again);
                frame_free(g);
            }
            b.data[i] ^= (uint8_t)(1 << bit);
        }
    bytes_put_u8(&b, 0);
    assert_null(frame_decode(b.data, b.n, NULL));
    bytes_free(&b);
    frame_free(f);
}

/* A frame may come from a stranger's chain: times whose distance does not fit are refused before it is taken. */
static void test_far_times(void **state)
{
    static const int64_t far[][2] = {{INT64_MIN, INT64_MAX}, {0, INT64_MAX}, {INT64_MIN, 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(far); i++) {
        struct error err = {0};
        struct bytes b = {0};
        struct frame *f = frame_new(2, 0, &err);
        assert_non_null(f);
        memcpy(f->time_us, far[i], sizeof far[i]);
        uint64_t step = (uint64_t)far[i][1] - (uint64_t)far[i][0];
        memcpy(&f->step_us, &step, sizeof step); /* what a careless reader would find as well */
        frame_encode(f, &b);
        assert_null(frame_decode(b.data, b.n, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        bytes_free(&b);
        frame_free(f);
    }
}

static void test_width(void **state)
{
    struct error err = {0};
    (void)state;
    assert_null(frame_new(1, FRAME_COLUMNS_MAX + 1, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_null(frame_new(SIZE_MAX / 4, 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),    cmocka_unit_test(test_step),   cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_one_nan), cmocka_unit_test(test_damage), cmocka_unit_test(test_width),
        cmocka_unit_test(test_far_times),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
