/* The memory that is available: of the system, of control groups, in a folder that stands for the system's root. */
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/machine.h"
#include "base/memory.h"

static const char *root;

static int start(void **state)
{
    int failed = test_folder_new(state);
    root = *state;
    return failed;
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[600], *at;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s/%s", root, folder, name);
    for (at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        assert_true(file_make_folder(path, 0700, &err));
        *at = '/';
    }
    assert_true(file_write(path, text, strlen(text), 0600, &err));
}

static void test_nothing_to_read(void **state)
{
    (void)state;
    struct machine_memory m = machine_memory_below(root);
    assert_true(m.all == SIZE_MAX && m.available == SIZE_MAX);
}

static void test_the_system(void **state)
{
    (void)state;
    put("proc", "meminfo", "MemTotal:       16000 kB\nMemFree:   100 kB\nMemAvailable:    9000 kB\n");
    struct machine_memory m = machine_memory_below(root);
    assert_int_equal(m.all, 16000 * 1024);
    assert_int_equal(m.available, 9000 * 1024);
}

/* A group above this process's own may leave less than its own does; files that nobody uses are given back. */
static void test_groups(void **state)
{
    (void)state;
    put("proc/self", "cgroup", "1:cpu:/other\n0::/outer/inner\n");
    put("sys/fs/cgroup/outer/inner", "memory.max", "max\n");
    put("sys/fs/cgroup/outer", "memory.max", "8388608\n");
    put("sys/fs/cgroup/outer", "memory.current", "6291456\n");
    put("sys/fs/cgroup/outer", "memory.stat", "anon 1\ninactive_file 1048576\n");
    struct machine_memory m = machine_memory_below(root);
    assert_int_equal(m.all, 8388608);
    assert_int_equal(m.available, 3145728);
    put("sys/fs/cgroup/outer/inner", "memory.max", "1000000\n");
    put("sys/fs/cgroup/outer/inner", "memory.current", "2000000\n"); /* above its limit for a moment */
    m = machine_memory_below(root);
    assert_int_equal(m.all, 1000000);
    assert_int_equal(m.available, 0);
}

static void test_damaged_files(void **state)
{
    (void)state;
    put("proc/self", "cgroup", "0::/");
    put("proc", "meminfo", "MemTotal: 99999999999999999999999999 kB\nMemAvailable: lots\n");
    struct machine_memory m = machine_memory_below(root);
    assert_true(m.all == SIZE_MAX && m.available == SIZE_MAX);
}

static void test_this_machine(void **state)
{
    (void)state;
    struct machine_memory m = machine_memory();
    assert_true(m.all > 1 << 20);
    assert_true(m.available <= m.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_read), cmocka_unit_test(test_the_system), cmocka_unit_test(test_groups),
        cmocka_unit_test(test_damaged_files),   cmocka_unit_test(test_this_machine),
    };
    return cmocka_run_group_tests(tests, start, test_folder_free);
}
