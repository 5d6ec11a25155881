/* What stays unlocked, and for how long, by a clock of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "ui/unlock.h"

static double at;

static double clock_here(void *context)
{
    assert_ptr_equal(context, &at);
    return at;
}

static int start(void **state)
{
    at = 1000;
    *state = unlock_new(clock_here, &at);
    return 0;
}

static int end(void **state)
{
    unlock_free(*state);
    return 0;
}

static void kept_for_the_idle_minutes(void **state)
{
    struct unlock *u = *state;
    assert_int_equal(unlock_minutes(u), UNLOCK_MINUTES);
    assert_null(unlock_get(u, "main"));
    assert_int_equal(unlock_left(u), 0);
    unlock_keep(u, "main", "secret");
    assert_string_equal(unlock_get(u, "main"), "secret");
    assert_null(unlock_get(u, "other"));
    assert_int_equal(unlock_left(u), 5);
    at += 299;
    assert_int_equal(unlock_left(u), 1);
    assert_false(unlock_tick(u));
    assert_string_equal(unlock_get(u, "main"), "secret");
    at += 1;
    assert_int_equal(unlock_left(u), 0);
    assert_true(unlock_tick(u));
    assert_false(unlock_tick(u)); /* told once */
    assert_null(unlock_get(u, "main"));
}

/* After a sleep of the machine the first look may be this one, and a key comes too late. */
static void over_without_a_tick(void **state)
{
    struct unlock *u = *state;
    unlock_keep(u, "main", "secret");
    at += 300;
    assert_null(unlock_get(u, "main"));
    unlock_keep(u, "main", "secret");
    at += 301;
    unlock_touch(u);
    assert_null(unlock_get(u, "main"));
}

static void a_key_begins_anew(void **state)
{
    struct unlock *u = *state;
    unlock_keep(u, "main", "secret");
    for (int i = 0; i < 100; i++) {
        at += 299;
        unlock_touch(u);
    }
    assert_string_equal(unlock_get(u, "main"), "secret");
    assert_int_equal(unlock_left(u), 5);
}

static void locked_at_once(void **state)
{
    struct unlock *u = *state;
    unlock_keep(u, "a", "one");
    unlock_keep(u, "b", "two");
    unlock_keep(u, "a", "three"); /* in the place of the first */
    assert_string_equal(unlock_get(u, "a"), "three");
    unlock_forget(u, "a");
    assert_null(unlock_get(u, "a"));
    assert_string_equal(unlock_get(u, "b"), "two");
    unlock_keep(u, "b", unlock_get(u, "b")); /* what was borrowed is kept again */
    assert_string_equal(unlock_get(u, "b"), "two");
    unlock_forget(u, NULL);
    assert_null(unlock_get(u, "b"));
    assert_int_equal(unlock_left(u), 0);
}

static void nothing_is_kept_at_zero(void **state)
{
    struct unlock *u = *state;
    unlock_keep(u, "main", "secret");
    unlock_set_minutes(u, 0);
    assert_null(unlock_get(u, "main"));
    unlock_keep(u, "main", "secret");
    assert_null(unlock_get(u, "main"));
    unlock_set_minutes(u, 1);
    unlock_keep(u, "main", "secret");
    at += 59;
    assert_string_equal(unlock_get(u, "main"), "secret");
    at += 1;
    assert_null(unlock_get(u, "main"));
    unlock_set_minutes(u, 100000);
    assert_int_equal(unlock_minutes(u), UNLOCK_MINUTES_MOST);
    unlock_set_minutes(u, -1);
    assert_int_equal(unlock_minutes(u), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(kept_for_the_idle_minutes), TEST(over_without_a_tick), TEST(a_key_begins_anew),
                                       TEST(locked_at_once), TEST(nothing_is_kept_at_zero)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
