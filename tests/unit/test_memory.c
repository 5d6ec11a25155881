/* memory: zeroed, aligned, growing, and refusing what cannot be. */
#include "test_support.h"

#include "base/memory.h"

#include <signal.h>
#include <sys/wait.h>

/* The sanitizers' allocators end the process where malloc says no. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MALLOC_REFUSES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MALLOC_REFUSES 0
#endif
#endif
#ifndef MALLOC_REFUSES
#define MALLOC_REFUSES 1
#endif

static void test_new(void **state)
{
    (void)state;
    int *items = NEW_ARRAY(int, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], 0);
    items[999] = 5;
    items = memory_resize(items, 2000, sizeof *items);
    assert_int_equal(items[999], 5);
    free(items);
    void *nothing = memory_new(0, 8);
    assert_non_null(nothing);
    free(nothing);
}

static void test_grow(void **state)
{
    size_t capacity = 0, times = 0;
    uint32_t *items = NULL;

    (void)state;
    for (uint32_t n = 0; n < 100000; n++) {
        size_t before = capacity;
        items = memory_grow(items, &capacity, (size_t)n + 1, sizeof *items);
        times += capacity != before;
        assert_true(capacity > n);
        items[n] = n;
    }
    for (uint32_t n = 0; n < 100000; n++)
        assert_int_equal(items[n], n);
    assert_true(times < 40);
    items = memory_grow(items, &capacity, 5, sizeof *items);
    assert_true(capacity >= 100000);
    free(items);
}

static void test_texts(void **state)
{
    (void)state;
    char *a = memory_text("abc"), *b = memory_format("%s-%03d", a, 7), *c = memory_copy("x\0y", 3), *d = memory_copy(NULL, 0);
    assert_string_equal(a, "abc");
    assert_string_equal(b, "abc-007");
    assert_memory_equal(c, "x\0y", 3);
    assert_non_null(d);
    free(a);
    free(b);
    free(c);
    free(d);
}

static void test_try(void **state)
{
    struct error err = {0};

    (void)state;
    for (size_t n = 0; n < 300; n += 7) {
        unsigned char *p = memory_try(n, 3, "weights", &err);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (size_t i = 0; i < 3 * n; i++)
            assert_int_equal(p[i], 0);
        free(p);
    }
    assert_null(memory_try(SIZE_MAX / 2, 8, "weights", &err)); /* the product does not fit */
    assert_int_equal(err.kind, ERROR_MEMORY);
    assert_non_null(strstr(err.text, "weights"));
    assert_null(memory_try(SIZE_MAX - 10, 1, "weights", NULL));
    if (MALLOC_REFUSES)
        assert_null(memory_try((size_t)1 << 60, 1, "weights", NULL)); /* fits a size_t, no machine has it */
}

static void test_abort(void **state)
{
    int status;

    (void)state;
    pid_t child = fork();
    if (child == 0) {
        assert_non_null(freopen("/dev/null", "w", stderr));
        signal(SIGABRT, SIG_DFL);
        free(memory_resize(NULL, SIZE_MAX / 2, 4));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new), cmocka_unit_test(test_grow),  cmocka_unit_test(test_texts),
        cmocka_unit_test(test_try), cmocka_unit_test(test_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
