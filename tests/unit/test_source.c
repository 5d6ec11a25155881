/* Reading the bytes of a file: what is no regular file, what changes meanwhile, what never ends a line. */
#include "test_support.h"

#include "base/error.h"
#include "data/read/source.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void path_of(char *out, size_t size, void **state, const char *name)
{
    snprintf(out, size, "%s/%s", (const char *)*state, name);
}

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void refused(const char *path, size_t most, const char *part)
{
    struct source s;
    struct error err = {0};
    assert_false(source_read(&s, path, most, &err));
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
    assert_null(s.text);
    source_free(&s);
}

static void test_whole(void **state)
{
    char path[4096];
    struct source s;
    path_of(path, sizeof path, state, "x");
    write_file(path, "a,b\n1,2", 7);
    assert_true(source_read(&s, path, 0, NULL));
    assert_int_equal(s.n, 7);
    assert_string_equal(s.text, "a,b\n1,2");
    source_free(&s);
    assert_true(source_read(&s, path, 7, NULL));
    source_free(&s);
    refused(path, 6, "7 bytes, more than the 6");
    write_file(path, "", 0);
    assert_true(source_read(&s, path, 0, NULL));
    assert_int_equal(s.n, 0);
    source_free(&s);
}

static void test_no_files(void **state)
{
    char path[4096];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    refused(*state, 0, "a folder");
    path_of(path, sizeof path, state, "none");
    refused(path, 0, "cannot be opened");
    path_of(path, sizeof path, state, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(path, 0, "a FIFO");
    refused("/dev/null", 0, "a device");
    path_of(path, sizeof path, state, "socket");
    if (strlen(path) < sizeof address.sun_path) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        memcpy(address.sun_path, path, strlen(path) + 1);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        refused(path, 0, "a socket");
        close(fd);
    }
    path_of(path, sizeof path, state, "secret");
    write_file(path, "a", 1);
    assert_int_equal(chmod(path, 0), 0);
    if (access(path, R_OK) != 0) /* the superuser reads everything */
        refused(path, 0, "cannot be opened");
}

static void test_endless_line(void **state)
{
    char path[4096];
    path_of(path, sizeof path, state, "long");
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0); /* a gigabyte without a line end, sparse */
    close(fd);
    refused(path, 0, "no line end");
}

struct writer {
    const char *path;
    atomic_bool stop;
    bool shrink;
};

/* Keeps a file changing until it is told to stop. */
static void *keep_writing(void *context)
{
    struct writer *w = context;
    int fd = open(w->path, O_WRONLY | O_APPEND);
    while (!atomic_load(&w->stop)) {
        if (w->shrink && ftruncate(fd, (off_t)8 << 20) != 0)
            break;
        if (write(fd, "1,2\n", 4) != 4)
            break;
    }
    close(fd);
    return NULL;
}

static void changing(void **state, bool shrink)
{
    char path[4096];
    pthread_t thread;
    size_t refusals = 0, n = (size_t)16 << 20;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, '\n', n);
    path_of(path, sizeof path, state, "growing");
    write_file(path, text, n);
    free(text);
    struct writer w = {.path = path, .shrink = shrink};
    assert_int_equal(pthread_create(&thread, NULL, keep_writing, &w), 0);
    for (int i = 0; i < 200 && refusals < 3; i++) {
        struct source s;
        struct error err = {0};
        if (!source_read(&s, path, 0, &err)) {
            assert_int_equal(err.kind, ERROR_DATA);
            assert_non_null(strstr(err.text, "while it was read"));
            refusals++;
        }
        source_free(&s);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    assert_true(refusals > 0);
}

static void test_growing(void **state)
{
    changing(state, false);
}

static void test_shrinking(void **state)
{
    changing(state, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_no_files, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_endless_line, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_growing, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_shrinking, test_folder_new, test_folder_free),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
