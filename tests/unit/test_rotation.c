#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "chain/rotation.h"

#include <string.h>

static struct rotation made(const uint64_t *power, int n)
{
    struct rotation r = {.n = n};
    for (int i = 0; i < n; i++) {
        r.seat[i].voting.byte[0] = (uint8_t)(i + 1);
        r.seat[i].power = power[i];
    }
    return r;
}

/* CometBFT's own example: the powers 1 and 3. */
static void test_vector(void **state)
{
    (void)state;
    struct rotation r = made((const uint64_t[]){1, 3}, 2);
    for (int i = 0; i < 12; i++) {
        static const int turn[] = {1, 0, 1, 1};
        assert_int_equal(rotation_proposer(&r, 0), turn[i % 4]);
        assert_int_equal(rotation_proposer(&r, 5), turn[(i + 5) % 4]);
        assert_int_equal(rotation_advance(&r), turn[i % 4]);
    }
}

/* Of equals the lower key. */
static void test_equals(void **state)
{
    (void)state;
    struct rotation r = made((const uint64_t[]){7, 7, 7}, 3);
    for (int i = 0; i < 9; i++)
        assert_int_equal(rotation_advance(&r), i % 3);
}

/* From equal priorities on, the turns are as good as a plain credit account's: nothing is rescaled or shifted. */
static void test_fair(void **state)
{
    (void)state;
    struct random random = random_start(1, RANDOM_TEST, 0, 0);
    for (int k = 0; k < 200; k++) {
        uint64_t power[ROTATION_SEATS_MAX], all = 0;
        int64_t credit[ROTATION_SEATS_MAX] = {0};
        uint64_t turns[ROTATION_SEATS_MAX] = {0};
        int n = 1 + (int)random_below(&random, 12);
        for (int i = 0; i < n; i++)
            all += power[i] = 1 + random_below(&random, 50);
        struct rotation r = made(power, n);
        for (uint64_t t = 0; t < all; t++) {
            int best = 0;
            for (int i = 0; i < n; i++)
                credit[i] += (int64_t)power[i];
            for (int i = n - 1; i >= 0; i--)
                best = credit[i] >= credit[best] ? i : best;
            credit[best] -= (int64_t)all;
            int got = rotation_advance(&r);
            assert_int_equal(got, best);
            turns[got]++;
        }
        for (int i = 0; i < n; i++) {
            assert_int_equal(turns[i], power[i]);
            assert_int_equal(r.seat[i].priority, 0); /* and so it repeats */
        }
    }
}

/* As the rules are written, by someone who does not trust C's division. */
static int64_t towards_zero(int64_t a, int64_t b)
{
    int64_t q = 0, left = a < 0 ? -a : a;
    for (int64_t step = INT64_C(1) << 50; step; step >>= 1)
        while (left / step >= b) {
            q += step;
            left -= step * b;
        }
    return a < 0 ? -q : q;
}

static int64_t floored(int64_t a, int64_t b)
{
    int64_t q = towards_zero(a, b);
    return q * b > a ? q - 1 : q;
}

static int naive_advance(struct rotation *r)
{
    int64_t power = 0, least = INT64_MAX, most = INT64_MIN, sum = 0, by = 1;
    for (int i = 0; i < r->n; i++) {
        power += (int64_t)r->seat[i].power;
        if (r->seat[i].priority < least)
            least = r->seat[i].priority;
        if (r->seat[i].priority > most)
            most = r->seat[i].priority;
    }
    while (by * 2 * power < most - least)
        by++;
    for (int i = 0; i < r->n; i++)
        sum += r->seat[i].priority = towards_zero(r->seat[i].priority, by);
    int found = -1;
    for (int i = 0; i < r->n; i++) {
        r->seat[i].priority += (int64_t)r->seat[i].power - floored(sum, r->n);
        if (found < 0 || r->seat[i].priority > r->seat[found].priority)
            found = i;
    }
    r->seat[found].priority -= power;
    return found;
}

static void some_set(struct random *random, struct rotation *out)
{
    memset(out, 0, sizeof *out);
    for (int id = 1; id <= 70 && out->n < ROTATION_SEATS_MAX; id++) {
        if (random_below(random, 3) == 0)
            continue;
        struct rotation_seat *seat = &out->seat[out->n++];
        seat->voting.byte[31] = (uint8_t)id;
        seat->power = random_below(random, 4) ? 1 + random_below(random, 9) : 1 + random_u64(random) % (UINT64_C(1) << 34);
    }
}

static void test_changes(void **state)
{
    (void)state;
    struct random random = random_start(2, RANDOM_TEST, 0, 0);
    struct rotation r = {.n = 0}, naive, next;
    int rescaled = 0;
    some_set(&random, &r);
    naive = r;
    for (int k = 0; k < 3000; k++) {
        int64_t least = INT64_MAX, most = INT64_MIN;
        for (int i = 0; i < r.n; i++) {
            least = r.seat[i].priority < least ? r.seat[i].priority : least;
            most = r.seat[i].priority > most ? r.seat[i].priority : most;
        }
        rescaled += most - least > 2 * (int64_t)rotation_power(&r);
        assert_int_equal(rotation_advance(&r), naive_advance(&naive));
        assert_memory_equal(&r, &naive, sizeof r);
        if (random_below(&random, 10) != 0)
            continue;
        do
            some_set(&random, &next);
        while (next.n == 0);
        int64_t power = (int64_t)rotation_power(&next);
        for (int i = 0; i < next.n; i++) {
            next.seat[i].priority = -(power + power / 8);
            for (int j = 0; j < naive.n; j++)
                if (naive.seat[j].voting.byte[31] == next.seat[i].voting.byte[31])
                    next.seat[i].priority = naive.seat[j].priority;
        }
        naive = next;
        for (int i = 0; i < next.n; i++)
            next.seat[i].priority = 12345; /* not looked at */
        rotation_renew(&r, next.seat, next.n);
        assert_memory_equal(&r, &naive, sizeof r);
    }
    assert_true(rescaled > 50);
}

static void test_find(void **state)
{
    (void)state;
    struct rotation r = made((const uint64_t[]){5, 6}, 2);
    struct key_public other = {{9}};
    assert_int_equal(rotation_find(&r, &r.seat[1].voting), 1);
    assert_int_equal(rotation_find(&r, &other), -1);
    assert_int_equal(rotation_power(&r), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vector),  cmocka_unit_test(test_equals),
                                       cmocka_unit_test(test_fair),    cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
