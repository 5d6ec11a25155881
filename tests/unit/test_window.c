#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/window.h"

#include <math.h>

static void gathers_what_the_window_holds(void **state)
{
    struct dataset *d = fixture_xor(200, 1);
    struct train_view v = fixture_view(d, 0, d->samples);
    const uint32_t pick[3] = {100, 0, 7};
    enum { FLOATS = FIXTURE_LOOKBACK * FIXTURE_CHANNELS };
    float out[3 * FLOATS];
    (void)state;

    window_gather(out, &v, pick, 0, 3, NULL);
    for (int i = 0; i < 3; i++) {
        for (int step = 0; step < FIXTURE_LOOKBACK; step++) {
            size_t bar = d->bar[pick[i]] - FIXTURE_LOOKBACK + 1 + (size_t)step;
            for (size_t c = 0; c < 2; c++)
                assert_true(out[(size_t)(i * FLOATS + step * 2) + c] == d->feature[bar * 2 + c]);
        }
    }
    window_gather(out, &v, NULL, 6, 2, NULL);
    assert_memory_equal(out + FLOATS, d->feature + (d->bar[7] + 1 - FIXTURE_LOOKBACK) * 2, FLOATS * sizeof(float));
    fixture_free(d);
}

static void threads_gather_the_same(void **state)
{
    struct dataset *d = fixture_xor(8000, 1);
    struct train_view v = fixture_view(d, 0, d->samples);
    size_t floats = FIXTURE_LOOKBACK * FIXTURE_CHANNELS, rows = 7001; /* large enough for the pool */
    float *one = NEW_ARRAY(float, rows *floats), *four = NEW_ARRAY(float, rows *floats);
    struct threads *pool = threads_new(4);
    (void)state;

    window_gather(one, &v, NULL, 11, (int)rows, NULL);
    window_gather(four, &v, NULL, 11, (int)rows, pool);
    assert_memory_equal(one, four, rows * floats * sizeof(float));
    assert_true(four[rows * floats - 1] == d->feature[(size_t)d->bar[11 + rows - 1] * 2 + 1]);
    threads_free(pool);
    free(one);
    free(four);
    fixture_free(d);
}

static void refuses_windows_with_missing_values(void **state)
{
    struct dataset *d = fixture_xor(60, 1);
    struct train_view v = fixture_view(d, 0, d->samples);
    struct error err = {0};
    (void)state;

    assert_true(window_check(&v, "samples", &err));
    d->feature[30 * 2 + 1] = NAN;
    assert_false(window_check(&v, "samples", &err));
    assert_int_equal(err.kind, ERROR_DATA);
    /* The first window that holds bar 30 ends there: sample 25. */
    assert_non_null(strstr(err.text, "sample 25"));
    v.n = 25;
    assert_true(window_check(&v, "samples", &err));
    v = fixture_view(d, 31, d->samples); /* starts at the window of bars 31 to 36 */
    assert_true(window_check(&v, "samples", &err));
    d->feature[36 * 2] = INFINITY;
    assert_false(window_check(&v, "samples", &err));
    fixture_free(d);
}

static void refuses_windows_before_the_first_bar_and_odd_targets(void **state)
{
    struct dataset *d = fixture_xor(60, 1);
    struct train_view v = fixture_view(d, 0, d->samples);
    struct error err = {0};
    (void)state;

    d->bar[0] = FIXTURE_LOOKBACK - 2;
    assert_false(window_check(&v, "samples", &err));
    d->bar[0]++;
    assert_true(window_check(&v, "samples", &err));
    d->target[3] = 0.5F;
    assert_false(window_check(&v, "samples", &err));
    assert_non_null(strstr(err.text, "sample 3"));
    v.target = NULL;
    assert_true(window_check(&v, "samples", &err));
    fixture_free(d);
}

static void refuses_architectures_of_another_shape(void **state)
{
    struct dataset *d = fixture_xor(60, 1);
    struct train_view v = fixture_view(d, 0, d->samples);
    struct arch *a = fixture_arch(4);
    struct error err = {0};
    static const char two[] = "morphsmith-arch 1\nx input time=6 channels=2\nf flatten in=x\ny dense in=f units=2\n";
    (void)state;

    assert_true(window_fits(&v, a, &err));
    v.lookback = 5;
    assert_false(window_fits(&v, a, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    v.lookback = 6;
    v.channels = 3;
    assert_false(window_fits(&v, a, &err));
    v.channels = 2;
    arch_free(a);
    a = arch_parse(two, strlen(two), "two", &err);
    assert_non_null(a);
    assert_false(window_fits(&v, a, &err));
    arch_free(a);
    fixture_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathers_what_the_window_holds),
        cmocka_unit_test(threads_gather_the_same),
        cmocka_unit_test(refuses_windows_with_missing_values),
        cmocka_unit_test(refuses_windows_before_the_first_bar_and_odd_targets),
        cmocka_unit_test(refuses_architectures_of_another_shape),
    };
    numeric_start(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
