/* random: the known answers of Random123, independence of streams, and distributions. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>

/* kat_vectors of the Random123 distribution, philox4x32 10 rounds. */
static void test_known_answers(void **state)
{
    static const struct {
        uint32_t key[2], counter[4], expected[4];
    } vectors[] = {
        {{0, 0}, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0xa4093822, 0x299f31d0},
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_N(vectors); i++) {
        uint32_t out[4];
        random_block(vectors[i].key, vectors[i].counter, out);
        assert_memory_equal(out, vectors[i].expected, sizeof out);
    }
}

static void test_stream(void **state)
{
    static const uint32_t key[2] = {0x55667788, 0x11223344};
    struct random r = random_start(UINT64_C(0x1122334455667788), RANDOM_DROPOUT, 5, 6), again = r;

    (void)state;
    for (uint32_t block = 0; block < 10; block++) {
        uint32_t counter[4] = {block, RANDOM_DROPOUT, 5, 6}, expected[4];
        random_block(key, counter, expected);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(random_u32(&r), expected[i]);
    }
    for (int i = 0; i < 10; i++) {
        uint64_t wide = random_u64(&again);
        struct random copy = random_start(UINT64_C(0x1122334455667788), RANDOM_DROPOUT, 5, 6);
        for (int k = 0; k < 2 * i; k++)
            random_u32(&copy);
        uint64_t low = random_u32(&copy), high = random_u32(&copy);
        assert_true(wide == (high << 32 | low));
    }
}

static void test_streams_differ(void **state)
{
    struct random streams[] = {
        random_start(1, RANDOM_WEIGHTS, 0, 0), random_start(2, RANDOM_WEIGHTS, 0, 0),
        random_start(1, RANDOM_SHUFFLE, 0, 0), random_start(1, RANDOM_WEIGHTS, 1, 0),
        random_start(1, RANDOM_WEIGHTS, 0, 1), random_start(UINT64_C(1) << 32, RANDOM_WEIGHTS, 0, 0),
    };
    uint64_t first[ARRAY_N(streams)];

    (void)state;
    for (size_t i = 0; i < ARRAY_N(streams); i++) {
        first[i] = random_u64(&streams[i]);
        for (size_t k = 0; k < i; k++)
            assert_true(first[i] != first[k]);
    }
}

/* Chi-squared of 7 cells stays below 24.3 (p = 0.0005 for 6 degrees of freedom); the seed is fixed. */
static void test_below(void **state)
{
    struct random r = random_start(11, RANDOM_TEST, 0, 0);
    double count[7] = {0}, chi = 0;

    (void)state;
    for (int i = 0; i < 70000; i++)
        count[random_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        chi += (count[i] - 10000) * (count[i] - 10000) / 10000;
    assert_true(chi < 24.3);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(random_below(&r, 1), 0);
        assert_true(random_below(&r, UINT32_MAX) < UINT32_MAX);
    }
}

/* 3 * 2^30 does not divide 2^32: without the rejection a third of the numbers would come twice as often. */
static void test_below_without_bias(void **state)
{
    struct random r = random_start(12, RANDOM_TEST, 0, 0);
    int by_rest[3] = {0};

    (void)state;
    for (int i = 0; i < 30000; i++)
        by_rest[random_below(&r, 3u << 30) % 3]++;
    for (int i = 0; i < 3; i++)
        assert_in_range(by_rest[i], 9700, 10300);
}

static void test_units(void **state)
{
    struct random r = random_start(13, RANDOM_TEST, 0, 0);
    double sum = 0, least = 1, most = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        double v = random_unit(&r);
        float f = random_unit_float(&r);
        assert_true(v >= 0 && v < 1 && f >= 0 && f < 1);
        assert_true(v * 0x1p53 == floor(v * 0x1p53) && f * 0x1p24f == floorf(f * 0x1p24f));
        sum += v;
        least = fmin(least, v);
        most = fmax(most, v);
    }
    assert_true(fabs(sum / 100000 - 0.5) < 0.005 && least < 0.001 && most > 0.999);
}

static void test_normal(void **state)
{
    struct random r = random_start(14, RANDOM_TEST, 0, 0);
    double power[5] = {0};
    int n = 200000, tail = 0;

    (void)state;
    for (int i = 0; i < n; i++) {
        double v = random_normal(&r), p = 1;
        assert_true(isfinite(v));
        for (int k = 1; k < 5; k++)
            power[k] += (p *= v) / n;
        tail += fabs(v) > 1.959963984540054;
    }
    assert_true(fabs(power[1]) < 0.01 && fabs(power[2] - 1) < 0.015);
    assert_true(fabs(power[3]) < 0.04 && fabs(power[4] - 3) < 0.12);
    assert_true(fabs(tail / (double)n - 0.05) < 0.003);
}

/* All 24 orders of 4 items come up, about equally often. */
static void test_shuffle(void **state)
{
    struct random r = random_start(15, RANDOM_TEST, 0, 0);
    int count[256] = {0}, orders = 0;

    (void)state;
    for (int i = 0; i < 24000; i++) {
        uint32_t items[] = {0, 1, 2, 3}, seen = 0;
        random_shuffle(&r, items, 4);
        for (size_t k = 0; k < 4; k++)
            seen |= 1u << items[k];
        assert_int_equal(seen, 15);
        count[items[0] | items[1] << 2 | items[2] << 4 | items[3] << 6]++;
    }
    for (int i = 0; i < 256; i++) {
        orders += count[i] > 0;
        assert_true(count[i] == 0 || (count[i] > 850 && count[i] < 1150));
    }
    assert_int_equal(orders, 24);
    random_shuffle(&r, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),      cmocka_unit_test(test_stream), cmocka_unit_test(test_streams_differ),
        cmocka_unit_test(test_below),              cmocka_unit_test(test_units),  cmocka_unit_test(test_normal),
        cmocka_unit_test(test_below_without_bias), cmocka_unit_test(test_shuffle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
