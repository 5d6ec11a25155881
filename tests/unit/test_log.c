/* log: the form of a record, appending, and records of several threads that do not mix. */
#include "test_support.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <fcntl.h>
#include <pthread.h>

static void read_log(const char *folder, struct bytes *out)
{
    char path[FILE_PATH_MAX];
    struct error err = {0};

    file_join(path, sizeof path, folder, "log");
    assert_true(file_read(path, 1 << 24, out, &err));
    bytes_put_u8(out, 0);
}

static void open_log(const char *folder)
{
    char path[FILE_PATH_MAX];
    struct error err = {0};

    file_join(path, sizeof path, folder, "log");
    assert_true(log_open(path, &err));
}

static void test_records(void **state)
{
    struct bytes out = {0};

    setenv("MORPHSMITH_CLOCK", "1767323045", 1);
    log_write(LOG_INFO, "dropped, since nothing is open");
    assert_int_equal(log_descriptor(), -1);
    open_log(*state);
    assert_true(log_descriptor() >= 0);
    assert_true(fcntl(log_descriptor(), F_GETFD) & FD_CLOEXEC);
    log_write(LOG_INFO, "one %d", 1);
    log_write(LOG_WARNING, "two\nlines \x1b[0m");
    log_close();
    log_write(LOG_ERROR, "dropped");
    open_log(*state);
    log_write(LOG_ERROR, "appended");
    log_close();
    unsetenv("MORPHSMITH_CLOCK");
    read_log(*state, &out);
    assert_string_equal((char *)out.data, "2026-01-02T03:04:05Z info one 1\n"
                                          "2026-01-02T03:04:05Z warning two\\x0alines \\x1b[0m\n"
                                          "2026-01-02T03:04:05Z error appended\n");
    bytes_free(&out);
}

static void test_refused(void **state)
{
    struct error err = {0};

    assert_false(log_open(*state, &err)); /* a folder */
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, *state));
    assert_int_equal(log_descriptor(), -1);
}

#define WRITERS 4
#define RECORDS 500

static void *write_many(void *argument)
{
    char text[200];

    memset(text, 'a' + *(int *)argument, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < RECORDS; i++)
        log_write(LOG_INFO, "%s", text);
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t thread[WRITERS];
    int letter[WRITERS], seen[WRITERS] = {0};
    struct bytes out = {0};

    open_log(*state);
    for (int i = 0; i < WRITERS; i++) {
        letter[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, write_many, &letter[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(thread[i], NULL);
    log_close();
    read_log(*state, &out);
    char *rest = (char *)out.data, *line;
    while ((line = text_next(&rest, '\n')) && *line) {
        assert_int_equal(strlen(line), 20 + 6 + 199);
        assert_int_equal(strspn(line + 26, (char[]){line[26], '\0'}), 199);
        seen[line[26] - 'a']++;
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(seen[i], RECORDS);
    bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_threads, test_folder_new, test_folder_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
