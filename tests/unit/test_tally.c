#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/train_fixture.h"
#include "train/crossval.h"
#include "train/tally.h"

#include <math.h>

static struct crossval *made(enum task_target kind, size_t n)
{
    struct crossval *c = NEW(struct crossval);
    struct random r = random_start(1, RANDOM_TEST, 3, 0);
    c->kind = kind;
    c->outputs = 1;
    c->n = n;
    c->sample = NEW_ARRAY(uint32_t, n);
    c->prediction = NEW_ARRAY(float, n);
    c->target = NEW_ARRAY(float, n);
    c->reference = kind == TASK_RETURN ? NEW_ARRAY(double, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        c->sample[i] = (uint32_t)(i < n / 2 ? 10 + i : 1000 + i); /* two folds with a gap between them */
        c->target[i] = kind == TASK_RETURN ? (float)random_normal(&r) : (float)random_below(&r, 2);
        c->prediction[i] = kind == TASK_RETURN ? (float)random_normal(&r) : random_unit_float(&r);
        if (c->reference)
            c->reference[i] = 0.25;
    }
    return c;
}

static void values_are_those_of_the_predictions(void **state)
{
    (void)state;
    struct crossval *c = made(TASK_DIRECTION, 101), *r = made(TASK_RETURN, 50);
    struct tally t, u;
    tally_of(&t, c);
    assert_int_equal(t.ranges, 2);
    assert_int_equal(t.n, 101);
    assert_int_equal(t.range[0].first, 10);
    assert_int_equal(t.range[0].n, 50);
    assert_int_equal(t.range[1].first, 1050);
    assert_int_equal(t.range[1].n, 51);
    for (size_t i = 0; i < c->n; i++)
        assert_true(tally_value(&t, i) == ((c->prediction[i] > 0.5F) == (c->target[i] > 0.5F) ? 1.0 : 0.0));
    tally_of(&u, r);
    for (size_t i = 0; i < r->n; i++) {
        double y = r->target[i], p = r->prediction[i];
        assert_true(fabs(tally_value(&u, i) - ((y - 0.25) * (y - 0.25) - (y - p) * (y - p))) < 1e-5);
    }
    tally_free(&t);
    tally_free(&u);
    crossval_free(c);
    crossval_free(r);
}

static void bytes_come_back(void **state)
{
    static const enum task_target kinds[] = {TASK_DIRECTION, TASK_RETURN};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(kinds); k++) {
        struct crossval *c = made(kinds[k], 77);
        struct tally t, back;
        struct bytes b = {0};
        tally_of(&t, c);
        tally_encode(&b, &t);
        assert_true(tally_decode(&back, b.data, b.n));
        assert_int_equal(back.kind, t.kind);
        assert_int_equal(back.ranges, t.ranges);
        assert_int_equal(back.n, t.n);
        for (size_t i = 0; i < t.n; i++)
            assert_true(tally_value(&back, i) == tally_value(&t, i));
        tally_free(&back);
        for (size_t n = 0; n < b.n; n++) /* no beginning of it is a whole */
            assert_false(tally_decode(&back, b.data, n));
        bytes_put_u8(&b, 0);
        assert_false(tally_decode(&back, b.data, b.n));
        bytes_free(&b);
        tally_free(&t);
        crossval_free(c);
    }
}

static void what_is_no_tally_is_refused(void **state)
{
    struct crossval *c = made(TASK_DIRECTION, 24);
    struct tally t, back;
    struct bytes b = {0};
    (void)state;
    tally_of(&t, c);
    tally_encode(&b, &t);
    struct random r = random_start(2, RANDOM_TEST, 4, 0);
    for (int i = 0; i < 3000; i++) {
        size_t at = random_below(&r, (uint32_t)b.n);
        uint8_t old = b.data[at];
        b.data[at] = (uint8_t)random_u32(&r);
        if (tally_decode(&back, b.data, b.n)) { /* it may be another one, but a sound one */
            size_t n = 0;
            for (size_t k = 0; k < back.ranges; k++)
                n += back.range[k].n;
            assert_int_equal(n, back.n);
            tally_free(&back);
        }
        b.data[at] = old;
    }
    b.data[0] ^= 1;
    assert_false(tally_decode(&back, b.data, b.n));
    b.data[0] ^= 1;
    b.data[8] = 9; /* no such target */
    assert_false(tally_decode(&back, b.data, b.n));
    b.data[8] = 0;
    b.data[24] = 0; /* the second range begins before the first ends */
    b.data[25] = 0;
    assert_false(tally_decode(&back, b.data, b.n));
    bytes_free(&b);
    tally_free(&t);
    crossval_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_predictions),
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(what_is_no_tally_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
