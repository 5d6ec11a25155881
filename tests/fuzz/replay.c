/* Runs a fuzz target over files: those named, or its whole corpus under $srcdir/tests/fuzz/corpus. Fails when the
 * corpus is missing, so that a test never passes for having read nothing. */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"

#include <dirent.h>

#define MOST_BYTES ((size_t)1 << 26)

static bool replay_file(const char *path)
{
    struct bytes input = {0};
    struct error err = {0};
    if (!file_read(path, MOST_BYTES, &input, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    /* an exact copy, so that reading one byte too many is seen by the sanitizer */
    uint8_t *exact = malloc(input.n ? input.n : 1);
    if (exact && input.n)
        memcpy(exact, input.data, input.n);
    if (exact)
        LLVMFuzzerTestOneInput(exact, input.n);
    bytes_free(&input);
    free(exact);
    return exact != NULL;
}

static int replay_folder(const char *folder)
{
    int files = 0;
    DIR *d = opendir(folder);
    if (!d)
        return 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[FILE_PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        file_join(path, sizeof path, folder, e->d_name);
        files += replay_file(path);
    }
    closedir(d);
    return files;
}

int main(int argc, char **argv)
{
    hash_start();
    if (argc > 1) {
        bool ok = true;
        for (int i = 1; i < argc; i++)
            ok = replay_file(argv[i]) && ok;
        return ok ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    char folder[FILE_PATH_MAX];
    const char *source = getenv("srcdir");
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source ? source : ".", fuzz_corpus);
    int files = replay_folder(folder);
    printf("%s: %d files\n", folder, files);
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
