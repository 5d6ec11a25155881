/* Runs a fuzz target over its corpus, and over damaged copies of each of its files, always the same ones: more than the
 * corpus alone, less than libFuzzer.
 *
 *   fuzz_x [-r N] [FILE...]     N damaged copies of each file (1000) */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_BYTES ((size_t)1 << 24)

static int64_t rounds = 1000;
static int files;

static void damage(struct random *r, struct bytes *b)
{
    for (uint32_t i = 0, changes = 1 + random_below(r, 4); i < changes && b->n > 0; i++) {
        uint32_t at = random_below(r, (uint32_t)b->n);
        switch (random_below(r, 4)) {
        case 0:
            b->data[at] ^= (uint8_t)(1 << random_below(r, 8));
            break;
        case 1:
            b->data[at] = (uint8_t)(random_below(r, 2) ? 0xff : random_below(r, 256));
            break;
        case 2:
            b->n = at;
            break;
        default:
            bytes_put(b, "\0\0\0\0\xff\xff\xff\xff", random_below(r, 9));
        }
    }
}

static void run(const struct bytes *in)
{
    /* an exact copy, so that reading one byte too many is seen by the sanitizer */
    uint8_t *exact = memory_new(in->n ? in->n : 1, 1);
    if (in->n)
        memcpy(exact, in->data, in->n);
    LLVMFuzzerTestOneInput(exact, in->n);
    free(exact);
}

static bool replay_file(const char *path)
{
    struct bytes in = {0}, bad = {0};
    struct random r = random_start((uint64_t)files, RANDOM_TEST, 1, 0);
    struct error err = {0};
    if (!file_read(path, MOST_BYTES, &in, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    run(&in);
    for (int64_t i = 0; i < rounds; i++) {
        bytes_clear(&bad);
        bytes_put(&bad, in.data, in.n);
        damage(&r, &bad);
        run(&bad);
    }
    bytes_free(&in);
    bytes_free(&bad);
    files++;
    return true;
}

static bool replay_folder(const char *folder)
{
    bool good = true;
    DIR *d = opendir(folder);
    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[FILE_PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        file_join(path, sizeof path, folder, e->d_name);
        good = replay_file(path) && good;
    }
    closedir(d);
    return good;
}

int main(int argc, char **argv)
{
    bool good = true;
    int at = 1;
    hash_start();
    if (argc > 2 && text_equal(argv[1], "-r") && text_parse_int(argv[2], 0, INT64_C(1) << 30, &rounds))
        at = 3;
    if (at == argc) {
        char folder[FILE_PATH_MAX];
        const char *source = getenv("srcdir");
        snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source ? source : ".", fuzz_corpus);
        good = replay_folder(folder);
    }
    for (; at < argc; at++)
        good = replay_file(argv[at]) && good;
    printf("%s: %d files, %lld damaged copies of each\n", fuzz_corpus, files, (long long)rounds);
    return good && files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
