/* Frames: columns by name, the usual step, and one canonical spelling that every damage breaks. */
#include "test_support.h"

#include "base/file.h"
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

/* Classes: spellings and the index of each row's own. */
static struct frame *labelled(void)
{
    static const char *const spelling[] = {"Fear", "Greed", "Gr\xc3\xbcn"};
    struct frame *f = sample();
    f->column[1].labels = 3;
    f->column[1].label = memory_new(3, sizeof *f->column[1].label);
    for (size_t k = 0; k < 3; k++)
        text_copy(f->column[1].label[k], FRAME_LABEL_MAX, spelling[k]);
    for (int i = 0; i < 4; i++)
        f->column[1].value[i] = i == 3 ? (double)NAN : i % 3;
    return f;
}

static void test_labels(void **state)
{
    struct frame *f = labelled();
    struct bytes b = {0}, again = {0};
    struct hash plain, h = frame_hash(f);
    (void)state;
    frame_encode(f, &b);
    struct frame *g = frame_decode(b.data, b.n, NULL);
    assert_non_null(g);
    assert_int_equal(g->column[1].labels, 3);
    assert_string_equal(g->column[1].label[1], "Greed");
    assert_null(g->column[0].label);
    frame_encode(g, &again);
    assert_int_equal(again.n, b.n);
    assert_memory_equal(again.data, b.data, b.n);
    text_copy(g->column[1].label[1], FRAME_LABEL_MAX, "Greee"); /* another spelling is another frame */
    plain = frame_hash(g);
    assert_false(hash_equal(plain, h));
    bytes_free(&b);
    bytes_free(&again);
    frame_free(g);
    frame_free(f);
}

static void test_labels_that_do_not_fit(void **state)
{
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        struct frame *f = labelled();
        struct bytes b = {0};
        if (kind == 0)
            text_copy(f->column[1].label[0], FRAME_LABEL_MAX, "Greed"); /* twice */
        else if (kind == 1)
            text_copy(f->column[1].label[0], FRAME_LABEL_MAX, "Zorn"); /* out of order */
        else
            f->column[1].value[1] = kind == 2 ? 3 : kind == 3 ? 0.5 : -1; /* no label's index */
        frame_encode(f, &b);
        assert_null(frame_decode(b.data, b.n, NULL));
        bytes_free(&b);
        frame_free(f);
    }
}

/* The frames of older workspaces keep their bytes. */
static void test_first_version(void **state)
{
    struct frame *f = sample();
    struct bytes b = {0}, again = {0};
    (void)state;
    f->version = 1;
    frame_encode(f, &b);
    assert_memory_equal(b.data, "MSFRAME1", 8);
    assert_int_equal(b.n, 8 + 4 + 8 + 8 + 2 * (4 + 5) + 8 * 4 * 3);
    struct frame *g = frame_decode(b.data, b.n, NULL);
    assert_non_null(g);
    assert_int_equal(g->version, 1);
    frame_encode(g, &again);
    assert_memory_equal(again.data, b.data, b.n);
    assert_true(hash_equal(frame_hash(g), hash_of(b.data, b.n)));
    bytes_free(&b);
    bytes_free(&again);
    frame_free(f);
    frame_free(g);
}

static void write_bytes(const char *path, const struct bytes *b)
{
    assert_true(file_write(path, b->data, b->n, 0666, NULL));
}

/* In place: the same values, the same hash, and every damaged bit and every cut is seen, in the values too. */
static void test_mapped(void **state)
{
    struct frame *f = labelled();
    struct bytes b = {0};
    char path[4096];
    uint64_t print;
    snprintf(path, sizeof path, "%s/frame", (const char *)*state);
    frame_encode(f, &b);
    write_bytes(path, &b);
    struct frame *g = frame_open(path, NULL);
    assert_non_null(g);
    assert_non_null(g->map);
    assert_int_equal((uintptr_t)g->column[0].value % 8, 0);
    assert_true(hash_equal(frame_hash(g), hash_of(b.data, b.n)));
    frame_seal(g);
    assert_true(hash_equal(g->hash, hash_of(b.data, b.n)));
    assert_true(frame_print(b.data, b.n, &print) && print == g->print);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(g->time_us[i], f->time_us[i]);
        assert_memory_equal(&g->column[0].value[3], &f->column[0].value[3], 8);
    }
    assert_string_equal(g->column[1].label[2], f->column[1].label[2]);
    frame_free(g);
    for (size_t i = 0; i < b.n; i++) {
        struct error err = {0};
        b.data[i] ^= (uint8_t)(1 << i % 8);
        write_bytes(path, &b);
        assert_null(frame_open(path, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.text, path));
        b.data[i] ^= (uint8_t)(1 << i % 8);
    }
    for (; b.n > 0; b.n--) {
        struct bytes shorter = {b.data, b.n - 1, b.capacity};
        write_bytes(path, &shorter);
        assert_null(frame_open(path, NULL));
    }
    bytes_free(&b);
    frame_free(f);
}

/* Each word counts, and so does its place, also in the last incomplete round of lanes. */
static void test_check(void **state)
{
    uint64_t word[21];
    (void)state;
    for (size_t i = 0; i < 21; i++)
        word[i] = i * i;
    for (size_t n = 1; n <= 21; n++) {
        uint64_t sum = frame_check(word, n);
        assert_true(sum != frame_check(word, n - 1));
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < i; k++) {
                uint64_t keep[21];
                memcpy(keep, word, sizeof keep);
                keep[i] = word[k];
                keep[k] = word[i];
                assert_true(frame_check(keep, n) != sum);
                memcpy(keep, word, sizeof keep);
                keep[i] ^= UINT64_C(1) << 63; /* the same bit of two words */
                keep[k] ^= UINT64_C(1) << 63;
                assert_true(frame_check(keep, n) != sum);
            }
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
        cmocka_unit_test(test_far_times), cmocka_unit_test(test_labels), cmocka_unit_test(test_labels_that_do_not_fit),
        cmocka_unit_test(test_first_version), cmocka_unit_test(test_check),
        cmocka_unit_test_setup_teardown(test_mapped, test_folder_new, test_folder_free),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
