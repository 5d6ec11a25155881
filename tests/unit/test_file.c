/* file: reading, replacing, creating, appending, locking. What faults do to them is in test_fault.c. */
#include "test_support.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char path[FILE_PATH_MAX]; /* of the file at hand */

static const char *name_of(void **state, const char *name)
{
    file_join(path, sizeof path, *state, name);
    return path;
}

static void assert_content(const char *name, const char *expected)
{
    struct bytes b = {0};
    struct error err = {0};

    assert_true(file_read(name, 1000, &b, &err));
    assert_int_equal(b.n, strlen(expected));
    assert_memory_equal(b.data, expected, b.n);
    bytes_free(&b);
}

static int count_entries(const char *folder)
{
    char command[FILE_PATH_MAX + 32], line[64];

    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return (int)strtol(line, NULL, 10);
}

static void assert_refused(const char *name, size_t most, enum error_kind kind, const char *word)
{
    struct bytes b = {0};
    struct error err = {0};

    bytes_put_text(&b, "old");
    assert_false(file_read(name, most, &b, &err));
    assert_int_equal(b.n, 0);
    assert_int_equal(err.kind, kind);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, word));
    bytes_free(&b);
}

static void test_read(void **state)
{
    struct bytes b = {0};
    struct error err = {0};
    char *data = malloc(300000);

    memset(data, 'q', 300000);
    assert_true(file_write(name_of(state, "a"), data, 300000, 0644, &err));
    assert_true(file_read(path, 300000, &b, &err));
    assert_int_equal(b.n, 300000);
    assert_memory_equal(b.data, data, b.n);
    assert_refused(path, 299999, ERROR_LIMIT, "299999");
    assert_true(file_read(path, SIZE_MAX, &b, &err));
    assert_int_equal(b.n, 300000);
    assert_true(file_write(path, "", 0, 0644, &err));
    assert_true(file_read(path, 0, &b, &err));
    assert_int_equal(b.n, 0);
    bytes_free(&b);
    free(data);
}

static void test_read_refuses(void **state)
{
    assert_refused(name_of(state, "none"), 10, ERROR_IO, "No such file");
    assert_refused(*state, 10, ERROR_IO, "a folder");
    assert_int_equal(mkfifo(name_of(state, "pipe"), 0600), 0);
    assert_refused(path, 10, ERROR_IO, "a FIFO");
    assert_refused("/dev/zero", 10, ERROR_IO, "a device");
}

static void test_write(void **state)
{
    struct error err = {0};
    struct stat st;
    mode_t mask = umask(022);

    assert_true(file_write(name_of(state, "a"), "one", 3, 0666, &err));
    assert_content(path, "one");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_true(file_write(path, "second", 6, 0644, &err));
    assert_content(path, "second");
    assert_int_equal(file_size(path), 6);
    assert_int_equal(chmod(path, 0600), 0);
    assert_true(file_write(path, "secret", 6, 0644, &err)); /* stays as private as it was */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(count_entries(*state), 1);
    assert_false(file_write(name_of(state, "none/x"), "a", 1, 0644, &err));
    assert_non_null(strstr(err.text, "No such file"));
    assert_false(file_write(*state, "a", 1, 0644, &err));
    assert_non_null(strstr(err.text, "a folder"));
    umask(mask);
}

static void test_write_follows_links(void **state)
{
    struct error err = {0};
    struct stat st;
    char target[FILE_PATH_MAX];

    file_join(target, sizeof target, *state, "sub");
    assert_true(file_make_folder(target, 0755, &err));
    assert_int_equal(symlink("sub/second", name_of(state, "first")), 0);
    assert_int_equal(symlink("third", name_of(state, "sub/second")), 0);
    assert_true(file_write(name_of(state, "first"), "new", 3, 0644, &err)); /* the target is not there yet */
    assert_content(name_of(state, "sub/third"), "new");
    assert_true(file_write(name_of(state, "first"), "newer", 5, 0644, &err));
    assert_content(name_of(state, "sub/third"), "newer");
    assert_int_equal(lstat(name_of(state, "first"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(symlink("loop", name_of(state, "loop")), 0);
    assert_false(file_write(path, "x", 1, 0644, &err));
    assert_int_equal(err.kind, ERROR_IO);
}

/* What a killed process with our number left behind does not stand in the way. */
static void test_write_stale(void **state)
{
    struct error err = {0};
    char stale[FILE_PATH_MAX + 32];

    snprintf(stale, sizeof stale, "%s.tmp.%ld", name_of(state, "a"), (long)getpid());
    FILE *f = fopen(stale, "w");
    assert_non_null(f);
    fclose(f);
    assert_true(file_write(path, "x", 1, 0644, &err));
    assert_content(path, "x");
    assert_int_equal(count_entries(*state), 1);
}

static void test_create(void **state)
{
    struct error err = {0};

    assert_true(file_create(name_of(state, "a"), "one", 3, 0644, &err));
    assert_content(path, "one");
    assert_false(file_create(path, "two", 3, 0644, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.text, "exists"));
    assert_content(path, "one");
    assert_int_equal(symlink("nowhere", name_of(state, "dangling")), 0);
    assert_false(file_create(path, "two", 3, 0644, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(count_entries(*state), 2);
}

static void test_names(void **state)
{
    struct error err = {0};
    char out[20];

    file_join(out, sizeof out, "a", "b");
    assert_string_equal(out, "a/b");
    file_join(out, sizeof out, "/", "b");
    assert_string_equal(out, "/b");
    assert_string_equal(file_name("/a/b.c"), "b.c");
    assert_string_equal(file_name("b.c"), "b.c");
    assert_string_equal(file_name("a/"), "");
    assert_true(file_make_folder(name_of(state, "d/"), 0755, &err));
    assert_true(file_make_folder(path, 0755, &err));
    assert_true(file_is_folder(path) && file_exists(path));
    assert_true(file_sync_folder(path, &err));
    assert_false(file_make_folder(name_of(state, "x/y"), 0755, &err));
    assert_true(file_write(name_of(state, "f"), "x", 1, 0644, &err));
    assert_false(file_make_folder(path, 0755, &err));
    assert_true(file_exists(path) && !file_is_folder(path));
    assert_true(file_remove(path, &err));
    assert_false(file_exists(path));
    assert_int_equal(file_size(path), -1);
    assert_false(file_remove(path, &err));
    assert_false(file_sync_folder(path, &err));
}

static void test_append(void **state)
{
    struct error err = {0};

    struct file_append *f = file_append_open(name_of(state, "a"), 0644, &err);
    assert_non_null(f);
    assert_int_equal(file_append_size(f), 0);
    assert_true(file_append_put(f, "hello ", 6, &err) && file_append_put(f, "world", 5, &err));
    assert_true(file_append_put(f, NULL, 0, &err) && file_append_sync(f, &err));
    assert_int_equal(file_append_size(f), 11);
    file_append_close(f);
    f = file_append_open(path, 0644, &err);
    assert_int_equal(file_append_size(f), 11);
    assert_true(file_append_truncate(f, 6, &err));
    assert_true(file_append_put(f, "you", 3, &err));
    assert_content(path, "hello you");
    assert_null(file_append_open(path, 0644, &err)); /* one writer at a time, even within a process */
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.text, "locked"));
    file_append_close(f);
    f = file_append_open(path, 0644, &err);
    assert_non_null(f);
    file_append_close(f);
    file_append_close(NULL);
    assert_null(file_append_open(*state, 0644, &err));
    assert_int_equal(mkfifo(name_of(state, "pipe"), 0600), 0);
    assert_null(file_append_open(path, 0644, &err));
    assert_int_equal(err.kind, ERROR_IO);
}

/* A child holds the lock until it is killed; the parent waits for it. */
static void test_lock(void **state)
{
    struct error err = {0};
    int ready[2], fd;
    char byte;

    name_of(state, "lock");
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (file_lock(path, false, &err) >= 0 && write(ready[1], "x", 1) == 1)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(file_lock(path, false, &err), -1);
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(file_lock_within(path, 0, &err), -1);
    assert_int_equal(err.kind, ERROR_FAILED);
    fd = file_lock_within(path, 60, &err); /* until the child is gone */
    assert_true(fd >= 0);
    file_unlock(fd);
    fd = file_lock(path, true, &err);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(file_lock(path, false, &err), -1);
    file_unlock(fd);
    fd = file_lock(path, false, &err);
    assert_true(fd >= 0);
    file_unlock(fd);
    file_unlock(-1);
    close(ready[0]);
    close(ready[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_read_refuses, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_write, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_write_follows_links, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_write_stale, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_create, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_names, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_append, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_lock, test_folder_new, test_folder_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
