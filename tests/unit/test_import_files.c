/* Files that an import meets in real life: appended ones and what is kept of where they came from, one that grows while
 * it is read, one that may not be read. */
#include "tests/unit/test_support.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/csv.h"
#include "store/series.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

static struct workspace *fresh(void **state)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    assert_true(workspace_create(folder, NULL));
    struct workspace *w = workspace_open(folder, false, NULL);
    assert_non_null(w);
    return w;
}

/* Days from `first` on, at most `n`, with `bad` as the price of the third. */
static void put_days(const char *path, int first, int n, const char *bad)
{
    struct text csv = {0};
    text_put(&csv, "time,close,volume\n");
    for (int i = first; i < first + n; i++) {
        char price[16];
        snprintf(price, sizeof price, "%d", 100 + i % 7);
        text_printf(&csv, "%d,%s,%d\n", 1577836800 + 86400 * i, i == first + 2 && bad ? bad : price, 1000 + i);
    }
    assert_true(file_write(path, csv.data, csv.n, 0666, NULL));
    text_free(&csv);
}

static json_t *append(struct workspace *w, const char *const *path, int n)
{
    struct error err = {0};
    const struct action_data_options o = {.append = true, .asset = "days", .stamp = "open"};
    json_t *result = action_data_add(w, path, n, &o, &err);
    if (!result)
        fail_msg("%s", err.text);
    return result;
}

static void row_of(struct workspace *w, struct series_row *row)
{
    assert_true(series_get(w, "days", row, NULL));
}

static void the_row_names_every_file(void **state)
{
    struct workspace *w = fresh(state);
    char path[4][FILE_PATH_MAX], wanted[sizeof((struct series_row *)0)->path];
    struct series_row row;
    for (int i = 0; i < 4; i++) {
        snprintf(path[i], sizeof path[i], "%s/%d.csv", (const char *)*state, i);
        put_days(path[i], 30 * i, 30, NULL);
    }
    const char *const first[] = {path[0], path[1]}, *const second[] = {path[1], path[2]}, *const third[] = {path[3]};
    json_decref(append(w, first, 2));
    json_decref(append(w, second, 2)); /* one of them again */
    json_decref(append(w, third, 1));
    row_of(w, &row);
    snprintf(wanted, sizeof wanted, "%.100s, %.100s, %.100s, %.100s", path[0], path[1], path[2], path[3]);
    assert_string_equal(row.path, wanted);
    assert_int_equal(row.rows, 120);
    free(row.report);
    workspace_close(w);
}

/* As many as there is room for, and a mark behind them. */
static void the_list_of_files_is_bounded(void **state)
{
    struct workspace *w = fresh(state);
    struct series_row row;
    char path[FILE_PATH_MAX], last[sizeof row.path] = "";
    for (int i = 0; i < 40; i++) {
        const char *const files[] = {path};
        snprintf(path, sizeof path, "%s/a-name-of-some-length-%02d.csv", (const char *)*state, i);
        put_days(path, 10 * i, 10, NULL);
        json_decref(append(w, files, 1));
        row_of(w, &row);
        assert_true(strlen(row.path) < sizeof row.path);
        assert_true(text_starts(row.path, last)); /* nothing named before is lost */
        if (!strstr(row.path, ", ..."))
            assert_non_null(strstr(row.path, path));
        snprintf(last, sizeof last, "%.*s", (int)strcspn(row.path, "\n") - (strstr(row.path, ", ...") ? 5 : 0), row.path);
        free(row.report);
    }
    row_of(w, &row);
    assert_string_equal(row.path + strlen(row.path) - 9, ".csv, ...");
    assert_ptr_equal(strstr(row.path, ", ..."), row.path + strlen(row.path) - 5);
    assert_int_equal(row.rows, 400);
    free(row.report);
    workspace_close(w);
}

static bool warns(const json_t *warnings, const char *part)
{
    size_t i;
    json_t *one;
    json_array_foreach(warnings, i, one)
        if (strstr(json_string_value(one), part))
            return true;
    return false;
}

/* Also of the rows that the workspace had, and of what shows at the seam alone. */
static void flags_of_what_is_joined_are_told(void **state)
{
    struct workspace *w = fresh(state);
    char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
    struct series_row row;
    file_join(a, sizeof a, *state, "a.csv");
    file_join(b, sizeof b, *state, "b.csv");
    put_days(a, 0, 30, "-5");
    put_days(b, 30, 30, NULL);
    const char *const first[] = {a}, *const second[] = {b};
    json_decref(append(w, first, 1));
    json_t *result = append(w, second, 1);
    json_t *warnings = json_object_get(result, "warnings");
    assert_true(warns(warnings, "'close' is negative (2020-01-03T00:00:00Z)"));
    assert_false(warns(warnings, "line 0"));
    row_of(w, &row);
    json_t *report = json_loads(row.report, 0, NULL), *flags = json_object_get(report, "flags");
    assert_int_equal(json_array_size(flags), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(flags, 0), "time")), "2020-01-03T00:00:00Z");
    assert_true(json_is_null(json_object_get(json_array_get(flags, 0), "line")));
    assert_true(warns(json_object_get(report, "warnings"), "'close' is negative (2020-01-03T00:00:00Z)"));
    json_decref(report);
    free(row.report);
    json_decref(result);
    workspace_close(w);
}

/* --- a file that somebody writes to -------------------------------------------------------------------------------- */

static void grow(const char *path, int from)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    for (int i = from; fd >= 0; i++) {
        char line[64];
        int n = snprintf(line, sizeof line, "%d,%d,%d\n", 1000000000 + 60 * i, i, 2 * i);
        if (write(fd, line, (size_t)n) != n)
            break;
    }
    _exit(1);
}

/* Refused, or as it stood at some moment: every row that there was then, and nothing else. */
static bool read_growing(const char *path, size_t least)
{
    struct csv_report r;
    struct error err = {0};
    const struct csv_options o = {.stamp = CSV_STAMP_OPEN};
    struct frame *f = csv_import(path, &r, &o, &err);
    if (f) {
        assert_true(f->rows >= least);
        for (size_t i = 0; i < f->rows; i++)
            assert_true(f->column[0].value[i] == (double)i && f->column[1].value[i] == 2.0 * (double)i);
    } else {
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.text, "while it was read"));
        assert_non_null(strstr(err.text, path));
    }
    bool accepted = f != NULL;
    frame_free(f);
    csv_report_free(&r);
    return accepted;
}

static void a_file_that_grows_is_refused_or_read_as_it_was(void **state)
{
    char path[FILE_PATH_MAX];
    struct text csv = {0};
    enum { ROWS = 60000 };
    file_join(path, sizeof path, *state, "log.csv");
    text_put(&csv, "time,a,b\n");
    for (int i = 0; i < ROWS; i++)
        text_printf(&csv, "%d,%d,%d\n", 1000000000 + 60 * i, i, 2 * i);
    assert_true(file_write(path, csv.data, csv.n, 0666, NULL));
    text_free(&csv);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        grow(path, ROWS);
    int refused = 0;
    for (int i = 0; i < 300 && refused < 3; i++)
        refused += !read_growing(path, ROWS);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(refused > 0);
    int64_t size = file_size(path);
    assert_true(size > 0 && read_growing(path, ROWS)); /* nobody writes to it any more */
}

/* --- a file that may not be read ----------------------------------------------------------------------------------- */

/* Becomes somebody whom permissions bind. */
static bool step_down(void)
{
    return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static bool can_step_down(void)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(step_down() ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void what_may_not_be_read_is_refused_by_name(void **state)
{
    char path[FILE_PATH_MAX];
    int status;
    file_join(path, sizeof path, *state, "secret.csv");
    put_days(path, 0, 30, NULL);
    assert_int_equal(chmod(*state, 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct csv_report r;
        struct error err = {0};
        bool down = step_down();
        struct frame *f = csv_import(path, &r, NULL, &err);
        _exit(!down ? 1 : f ? 2 : err.kind != ERROR_IO ? 3 : strstr(err.text, path) && strstr(err.text, strerror(EACCES)) ? 0 : 4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, test_folder_new, test_folder_free)
    const struct CMUnitTest tests[] = {
        CASE(the_row_names_every_file),
        CASE(the_list_of_files_is_bounded),
        CASE(flags_of_what_is_joined_are_told),
        CASE(a_file_that_grows_is_refused_or_read_as_it_was),
        CASE(what_may_not_be_read_is_refused_by_name), /* the last: not listed where nobody is bound by permissions */
    };
    hash_start();
    return _cmocka_run_group_tests("tests", tests, ARRAY_N(tests) - (can_step_down() ? 0 : 1), NULL, NULL);
}
