#include "fuzz_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[256];

static void remove_folder(void)
{
    char pool[512];
    snprintf(pool, sizeof pool, "%s/pool", folder);
    rmdir(pool);
    rmdir(folder);
}

const char *fuzz_folder(void)
{
    if (!folder[0]) {
        const char *tmp = getenv("TMPDIR");
        char pool[512];
        snprintf(folder, sizeof folder, "%s/msfuzz-XXXXXX", tmp && strlen(tmp) < 200 ? tmp : "/tmp");
        ASSERT(mkdtemp(folder));
        snprintf(pool, sizeof pool, "%s/pool", folder);
        ASSERT(file_make_folder(pool, 0700, NULL));
        atexit(remove_folder);
    }
    return folder;
}

void fuzz_put(const char *name, const uint8_t *data, size_t n, char path[FILE_PATH_MAX])
{
    file_join(path, FILE_PATH_MAX, fuzz_folder(), name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ASSERT(fd >= 0 && write(fd, data, n) == (ssize_t)n && close(fd) == 0);
}
