/* A first opening with an index that is stopped on the way goes on where it kept a state. */
#include "test_support.h"

#include "base/file.h"
#include "store/chain_index.h"
#include "tests/unit/index_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#define STEP 10
#define KEPT_THEN_KILLED 3

static const struct ledger_index *real_index;
static int steps;

static bool keep_then_die(void *context, const struct file_stamp *stamp)
{
    bool good = real_index->keep(context, stamp);
    if (++steps == KEPT_THEN_KILLED)
        _exit(good ? 77 : 1);
    return good;
}

static bool keep_fails(void *context, const struct file_stamp *stamp)
{
    (void)context, (void)stamp;
    steps++;
    return false;
}

static struct ledger *open_by_steps(bool keep, bool (*kept)(void *, const struct file_stamp *))
{
    struct error err = {0};
    real_index = chain_index_new(f.chain, keep);
    static struct ledger_index x;
    x = *real_index;
    x.step = STEP;
    x.keep = kept ? kept : real_index->keep;
    steps = 0;
    struct ledger *l = ledger_open_indexed(f.chain, false, &x, &err);
    if (!l)
        fail_msg("%s", err.text);
    return l;
}

/* Killed behind the third state that was kept, before the rest was told. */
static void stop_on_the_way(void)
{
    assert_int_equal(unlink(index_path), 0);
    pid_t child = fork();
    if (child == 0) {
        open_by_steps(true, keep_then_die);
        _exit(2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 77);
}

static int64_t head_height(void)
{
    struct ledger *l = ledger_open(f.chain, false, NULL);
    int64_t height = (int64_t)ledger_height(l);
    ledger_close(l);
    return height;
}

static void check_whole(void)
{
    assert_int_equal(number("SELECT count(*) FROM block"), head_height() + 1);
    assert_int_equal(number("SELECT count(*) FROM tx"), number("SELECT sum(transactions) FROM block"));
    assert_int_equal(number("SELECT count(*) FROM sqlite_master WHERE name = 'tx_id'"), 1);
}

/* It goes on from the last state that was kept: the lie about block 1, which genesis on would have put right, stays. */
static void test_stopped(void **state)
{
    (void)state;
    make_chain();
    stop_on_the_way();
    int64_t kept = number("SELECT max(height) FROM state");
    assert_true(kept > 0 && kept < head_height());
    assert_int_equal(number("SELECT max(height) FROM block"), kept);
    change("UPDATE block SET proposer = zeroblob(32) WHERE height = 1");
    struct ledger *l = open_by_steps(true, NULL);
    same_ledger(l);
    ledger_close(l);
    check_whole();
    assert_int_equal(number("SELECT max(height) FROM state"), head_height());
    assert_int_equal(number("SELECT count(*) FROM block WHERE proposer = zeroblob(32) AND height = 1"), 1);
    check_indexed();
}

/* Stopped, and then only read: what it does not know is not asked of it. */
static void test_stopped_read_only(void **state)
{
    (void)state;
    make_chain();
    stop_on_the_way();
    int64_t kept = number("SELECT max(height) FROM block");
    struct ledger *l = open_by_steps(false, NULL);
    same_ledger(l);
    ledger_close(l);
    assert_int_equal(number("SELECT max(height) FROM block"), kept);
}

/* Stopped, and the chain grew, or the state that was kept is a lie: from genesis, and whole again. */
static void test_stopped_changed(void **state)
{
    (void)state;
    make_chain();
    stop_on_the_way();
    struct ledger *plain = ledger_open(f.chain, true, NULL);
    submit(plain, fixture_transfer(&f, ALICE, BOB, 1));
    seal(plain);
    ledger_close(plain);
    check_indexed();
    check_whole();
    stop_on_the_way();
    change("UPDATE state SET data = zeroblob(length(data)), hash = zeroblob(32)");
    check_indexed();
    check_whole();
    stop_on_the_way();
    change("UPDATE state SET id = zeroblob(32)");
    check_indexed();
    check_whole();
}

/* A step that cannot be kept: the chain opens, without an index. */
static void test_step_fails(void **state)
{
    (void)state;
    make_chain();
    assert_int_equal(unlink(index_path), 0);
    struct ledger *l = open_by_steps(true, keep_fails);
    same_ledger(l);
    ledger_close(l);
    assert_int_equal(steps, 1);
    assert_int_equal(number("SELECT count(*) FROM block"), 0);
    check_indexed();
    check_whole();
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_stopped), TEST(test_stopped_read_only), TEST(test_stopped_changed),
                                       TEST(test_step_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
