/* error: kinds, texts that are cut, arguments that alias, and the hook of ASSERT. */
#include "test_support.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static void test_set(void **state)
{
    struct error err = {0};

    (void)state;
    assert_false(error_set(&err, ERROR_DATA, "%s:%d: bad", "a.csv", 7));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_string_equal(err.text, "a.csv:7: bad");
    assert_false(error_set(NULL, ERROR_DATA, "nobody asks"));
    error_clear(&err);
    assert_int_equal(err.kind, ERROR_NONE);
    assert_string_equal(err.text, "");
    error_clear(NULL);
}

static void test_errno(void **state)
{
    struct error err = {0};

    (void)state;
    errno = ENOENT;
    assert_false(error_set_errno(&err, ERROR_IO, "cannot open %s", "x"));
    assert_string_equal(err.text, "cannot open x: No such file or directory");
    errno = 99999;
    error_set_errno(&err, ERROR_IO, "odd");
    assert_true(text_starts(err.text, "odd: "));
    assert_non_null(strstr(err.text, "99999"));
}

static void test_prefix(void **state)
{
    struct error err = {0};

    (void)state;
    assert_false(error_prefix(&err, "nothing"));
    assert_string_equal(err.text, "");
    error_set(&err, ERROR_KEY, "wrong");
    assert_false(error_prefix(&err, "key %d", 3));
    assert_string_equal(err.text, "key 3: wrong");
    assert_int_equal(err.kind, ERROR_KEY);
    assert_false(error_prefix(NULL, "nobody"));
    error_set(&err, ERROR_DATA, "again: %s", err.text);
    assert_string_equal(err.text, "again: key 3: wrong");
}

/* However the cut falls, the text stays UTF-8, ends in "..." and keeps its start. */
static void test_cut(void **state)
{
    char long_text[3000];
    struct error err = {0};

    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        memset(long_text, 'a', lead);
        for (size_t at = lead; at + 3 < sizeof long_text; at += 3)
            memcpy(long_text + at, "\xe2\x82\xac", 4);
        error_set(&err, ERROR_DATA, "%s", long_text);
        size_t n = strlen(err.text);
        assert_true(n < sizeof err.text && n > sizeof err.text - 8);
        assert_true(text_is_utf8(err.text, n));
        assert_string_equal(err.text + n - 3, "...");
        error_prefix(&err, "file %s", "b");
        assert_true(text_starts(err.text, "file b: "));
        assert_string_equal(err.text + strlen(err.text) - 3, "...");
        assert_true(text_is_utf8(err.text, strlen(err.text)));
    }
    memset(long_text, 'x', sizeof err.text - 1);
    long_text[sizeof err.text - 1] = '\0';
    error_set(&err, ERROR_DATA, "%s", long_text);
    assert_string_equal(err.text, long_text); /* fits exactly: nothing is cut */
}

static void test_kinds(void **state)
{
    (void)state;
    assert_string_equal(error_kind_name(ERROR_INTERRUPTED), "interrupted");
    assert_int_equal(error_exit_status(ERROR_INTERRUPTED), 130);
    assert_int_equal(error_exit_status(ERROR_NONE), 0);
    assert_int_equal(error_exit_status(ERROR_DATA), 3);
    assert_int_equal(error_exit_status(ERROR_LIMIT), 5);
    assert_string_equal(error_kind_name(ERROR_IO), "io");
}

static int hook_pipe[2];

static void hook(void)
{
    ssize_t written = write(hook_pipe[1], "h", 1);

    ASSERT(written == 0); /* a failure inside the hook does not call it again */
}

static void test_assert(void **state)
{
    char seen[8] = "", message[1024] = "";
    int status, errors[2];

    (void)state;
    assert_int_equal(pipe(hook_pipe), 0);
    assert_int_equal(pipe(errors), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(errors[1], 2);
        signal(SIGABRT, SIG_DFL); /* cmocka has a handler of its own */
        assert_set_hook(hook);
        ASSERT(1 + 1 == 2);
        ASSERT(1 + 1 == 3);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    close(hook_pipe[1]);
    close(errors[1]);
    assert_int_equal(read(hook_pipe[0], seen, sizeof seen), 1);
    assert_true(read(errors[0], message, sizeof message - 1) > 0);
    assert_non_null(strstr(message, "test_error.c:"));
    close(hook_pipe[0]);
    close(errors[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set), cmocka_unit_test(test_errno), cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_cut), cmocka_unit_test(test_kinds), cmocka_unit_test(test_assert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
