#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "work/job.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static struct job *start_with(const char *script, const char *input)
{
    struct error err = {0};
    struct job *j = job_start((const char *const[]){"-c", script, NULL}, input, &err);
    if (j == NULL)
        fail_msg("%s", err.text);
    return j;
}

static struct job *start(const char *script)
{
    return start_with(script, NULL);
}

/* Waits as the app does. NULL when the job and its output have ended. */
static json_t *next_event(struct job *j)
{
    for (;;) {
        enum job_state state = job_state(j);
        json_t *event = job_read(j);
        if (event != NULL || state != JOB_RUNNING)
            return event;
        struct pollfd p = {.fd = job_descriptor(j), .events = POLLIN};
        poll(&p, p.fd >= 0 ? 1 : 0, p.fd >= 0 ? 1000 : 5);
    }
}

static void expect_text(struct job *j, const char *expected)
{
    json_t *event = next_event(j);
    assert_non_null(event);
    assert_string_equal(json_string_value(json_object_get(event, "text")), expected);
    json_decref(event);
}

static void expect_end(struct job *j, enum job_state state, int status)
{
    assert_null(next_event(j));
    assert_int_equal(job_state(j), state);
    assert_int_equal(job_exit_status(j), status);
    job_free(j);
}

static void test_events_in_order(void **state)
{
    (void)state;
    struct job *j = start("for i in 1 2 3; do echo \"{\\\"text\\\":\\\"$i\\\"}\"; done; printf '{\"text\":\"no newline\"}'");
    expect_text(j, "1");
    expect_text(j, "2");
    expect_text(j, "3");
    expect_text(j, "no newline");
    expect_end(j, JOB_DONE, 0);
}

static void test_what_is_no_event_is_dropped(void **state)
{
    (void)state;
    struct job *j = start("echo text; echo; echo '[1]'; echo '{\"a\":'; echo '{\"text\":\"ok\"}'");
    expect_text(j, "ok");
    expect_end(j, JOB_DONE, 0);
}

static void test_long_lines(void **state)
{
    (void)state;
    struct job *j = start("x=$(head -c 1000000 /dev/zero | tr '\\0' x); printf '{\"text\":\"%s\"}\\n' \"$x\"; "
                          "printf '{\"text\":\"%s%s\"}\\n' \"$x\" \"$x\"; printf '%s%s%s' \"$x\" \"$x\" \"$x\"; echo; "
                          "echo '{\"text\":\"after\"}'");
    json_t *event = next_event(j);
    assert_non_null(event);
    assert_int_equal(json_string_length(json_object_get(event, "text")), 1000000);
    json_decref(event);
    expect_text(j, "after");
    expect_end(j, JOB_DONE, 0);
}

static void test_failure_says_why(void **state)
{
    (void)state;
    struct job *j = start("echo first >&2; echo 'no such arch' >&2; echo >&2; exit 3");
    assert_null(next_event(j));
    assert_string_equal(job_message(j), "no such arch");
    assert_true(job_seconds(j) >= 0);
    expect_end(j, JOB_FAILED, 3);
}

static void test_crash_is_reported(void **state)
{
    (void)state;
    struct job *j = start("kill -SEGV $$");
    assert_null(next_event(j));
    assert_non_null(strstr(job_message(j), "signal 11"));
    expect_end(j, JOB_FAILED, 128 + SIGSEGV);
}

static void test_secret_comes_on_descriptor_3(void **state)
{
    (void)state;
    struct job *j = start_with("read -r x <&3; echo \"{\\\"text\\\":\\\"$x\\\"}\"", "hunter2\n");
    expect_text(j, "hunter2");
    expect_end(j, JOB_DONE, 0);
    j = start("(read -r x <&3) 2>/dev/null && echo '{\"text\":\"open\"}' || echo '{\"text\":\"closed\"}'");
    expect_text(j, "closed");
    expect_end(j, JOB_DONE, 0);
    struct error err = {0};
    char *much = memory_new(JOB_INPUT_MOST + 2, 1);
    memset(much, 'x', JOB_INPUT_MOST + 1);
    assert_null(job_start((const char *const[]){"-c", "true", NULL}, much, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    free(much);
}

static void test_lines_to_its_input(void **state)
{
    (void)state;
    struct job *j = start("while read -r x; do echo \"{\\\"text\\\":\\\"$x\\\"}\"; [ \"$x\" = stop ] && exit 0; done; exit 9");
    assert_true(job_write(j, "pause"));
    expect_text(j, "pause");
    assert_int_equal(job_state(j), JOB_RUNNING);
    assert_int_equal(job_exit_status(j), -1);
    assert_true(job_write(j, "stop"));
    expect_text(j, "stop");
    assert_null(next_event(j));
    assert_false(job_write(j, "more")); /* and no SIGPIPE */
    expect_end(j, JOB_DONE, 0);
}

/* A zombie does not: its new parent need not have reaped it yet. */
static bool lives(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    bool read = f != NULL && fgets(line, sizeof line, f) != NULL;
    if (f != NULL)
        fclose(f);
    return read && strstr(line, ") Z") == NULL;
}

static void test_cancel_reaches_the_group(void **state)
{
    (void)state;
    struct job *j = start("sleep 1000 & echo '{\"text\":\"'$!'\"}'; wait");
    json_t *event = next_event(j);
    assert_non_null(event);
    int64_t child = 0;
    assert_true(text_parse_int(json_string_value(json_object_get(event, "text")), 2, INT32_MAX, &child));
    json_decref(event);
    assert_int_equal(kill((pid_t)child, 0), 0);
    job_cancel(j);
    expect_end(j, JOB_CANCELLED, 128 + SIGTERM);
    for (int i = 0; i < 500 && lives((pid_t)child); i++)
        poll(NULL, 0, 10);
    assert_false(lives((pid_t)child));
}

/* The child notices that nobody listens any more: its input ends when the job is freed, or its parent dies. */
static void test_input_ends_with_the_parent(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_ui_job.XXXXXX", script[256], file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/ended", folder);
    snprintf(script, sizeof script, "trap '' TERM; echo '{\"text\":\"ready\"}'; while read -r x; do :; done; : > %s", file);
    struct job *j = start(script);
    expect_text(j, "ready");
    job_free(j); /* waits */
    assert_int_equal(access(file, F_OK), 0);
    unlink(file);
    rmdir(folder);
}

static void test_title_leaves_options_out(void **state)
{
    (void)state;
    struct error err = {0};
    job_program_set("/bin/true");
    struct job *j = job_start((const char *const[]){"data", "add", "-w", "x", "f.csv", NULL}, NULL, &err);
    assert_non_null(j);
    assert_string_equal(job_title(j), "data add");
    expect_end(j, JOB_DONE, 0);
    job_program_set("/bin/sh");
}

static void test_signals_of_the_parent_are_not_inherited(void **state)
{
    (void)state;
    signal(SIGTERM, SIG_IGN);
    struct job *j = start("kill -TERM $$; exit 0");
    signal(SIGTERM, SIG_DFL);
    expect_end(j, JOB_FAILED, 128 + SIGTERM);
}

/* Pipes and sockets that this test was itself started with, and so hands on. */
static int inherited(void)
{
    int n = 0;
    struct stat status;
    for (int fd = 3; fd < 1024; fd++)
        n += fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) &&
             !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    return n;
}

static void test_descriptors_do_not_leak(void **state)
{
    (void)state;
    int before = dup(0), after;
    close(before);
    for (int i = 0; i < 50; i++)
        expect_end(start("true"), JOB_DONE, 0);
    after = dup(0);
    close(after);
    assert_int_equal(after, before);
    struct job *j = start("ls -l /proc/self/fd | grep -c -e socket: -e pipe: | sed 's/.*/{\"text\":\"&\"}/'");
    char expected[16];
    snprintf(expected, sizeof expected, "%d", 3 + inherited()); /* its input, its output into the next, its messages */
    expect_text(j, expected);
    expect_end(j, JOB_DONE, 0);
}

static void test_program(void **state)
{
    (void)state;
    job_program_set("test_ui_job");
    assert_non_null(strstr(job_program(), "test_ui_job"));
    assert_int_equal(job_program()[0], '/');
    job_program_set("/bin/sh");
    assert_string_equal(job_program(), "/bin/sh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_in_order),
        cmocka_unit_test(test_what_is_no_event_is_dropped),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_failure_says_why),
        cmocka_unit_test(test_crash_is_reported),
        cmocka_unit_test(test_secret_comes_on_descriptor_3),
        cmocka_unit_test(test_lines_to_its_input),
        cmocka_unit_test(test_cancel_reaches_the_group),
        cmocka_unit_test(test_input_ends_with_the_parent),
        cmocka_unit_test(test_title_leaves_options_out),
        cmocka_unit_test(test_signals_of_the_parent_are_not_inherited),
        cmocka_unit_test(test_descriptors_do_not_leak),
        cmocka_unit_test(test_program),
    };
    job_program_set("/bin/sh");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
