/* What unit tests share: cmocka with what it needs before it, and a folder that goes away with the test.
 *
 * Use: cmocka_unit_test_setup_teardown(test, test_folder_new, test_folder_free); in the test *state is the path. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((unused)) static int test_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

__attribute__((unused)) static int test_folder_new(void **state)
{
    const char *root = getenv("TMPDIR");
    char *path = malloc(4096);

    if (!path)
        return -1;
    snprintf(path, 4096, "%s/morphsmith-test-XXXXXX", root && *root ? root : "/tmp");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

__attribute__((unused)) static int test_folder_free(void **state)
{
    int failed = nftw(*state, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return failed;
}

#endif
