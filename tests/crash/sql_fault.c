#include "tests/crash/sql_fault.h"

#include "base/error.h"
#include "base/text.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_DESCRIPTOR 9

enum fault { NONE, KILL, TORN, FAIL, FULL, COUNT };

/* What the real file needs stands behind it. */
struct shim {
    sqlite3_file file;
    sqlite3_file *real;
};

static sqlite3_vfs shim_vfs, *real_vfs;
static enum fault kind;
static uint64_t at, done;

static enum fault next_fault(void)
{
    return ++done == at && kind != COUNT ? kind : NONE;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* SQLITE_OK: go on. */
static int meet(enum fault fault)
{
    if (fault == KILL || fault == TORN)
        die();
    return fault == FAIL ? SQLITE_IOERR : fault == FULL ? SQLITE_FULL : SQLITE_OK;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct shim *)f)->real;
}

/* --- what changes a file ------------------------------------------------------------------------------------------ */

static int shim_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 offset)
{
    enum fault fault = next_fault();
    if (fault == TORN || fault == FULL)
        real_of(f)->pMethods->xWrite(real_of(f), data, n / 2, offset);
    int code = meet(fault);
    return code ? code : real_of(f)->pMethods->xWrite(real_of(f), data, n, offset);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int code = meet(next_fault());
    return code ? code : real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int shim_sync(sqlite3_file *f, int flags)
{
    int code = meet(next_fault());
    return code ? code : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int shim_delete(sqlite3_vfs *v, const char *name, int sync)
{
    (void)v;
    int code = meet(next_fault());
    return code ? code : real_vfs->xDelete(real_vfs, name, sync);
}

/* --- the rest goes through ------------------------------------------------------------------------------------------ */

static int shim_close(sqlite3_file *f)
{
    return real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
}

static int shim_read(sqlite3_file *f, void *data, int n, sqlite3_int64 offset)
{
    return real_of(f)->pMethods->xRead(real_of(f), data, n, offset);
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int shim_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int shim_control(sqlite3_file *f, int op, void *argument)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, argument);
}

static int shim_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int shim_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int shim_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), region, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
    2,           shim_close,    shim_read,    shim_write,  shim_truncate, shim_sync,    shim_size,
    shim_lock,   shim_unlock,   shim_reserved, shim_control, shim_sector, shim_device,  shim_shm_map,
    shim_shm_lock, shim_shm_barrier, shim_shm_unmap, NULL, NULL,
};

static int shim_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct shim *s = (struct shim *)f;
    (void)v;
    s->real = (sqlite3_file *)(s + 1);
    int code = real_vfs->xOpen(real_vfs, name, s->real, flags, out);
    f->pMethods = s->real->pMethods ? &methods : NULL;
    return code;
}

static void report_count(void)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)done);
    ssize_t written = write(COUNT_DESCRIPTOR, text, (size_t)n);
    (void)written;
}

void sql_fault_start(void)
{
    static const char *const names[] = {"", "kill", "torn", "error", "full", "count"};
    const char *set = getenv(SQL_FAULT);
    char text[64];
    if (!set)
        return;
    text_copy(text, sizeof text, set);
    char *number = text, *word = text_next(&number, ':');
    for (enum fault i = KILL; i <= COUNT; i++)
        if (text_equal(word, names[i]))
            kind = i;
    ASSERT(kind != NONE && number && text_parse_u64(number, &at));
    real_vfs = sqlite3_vfs_find(NULL);
    ASSERT(real_vfs);
    shim_vfs = *real_vfs;
    shim_vfs.zName = "faults";
    shim_vfs.pNext = NULL;
    shim_vfs.szOsFile = (int)sizeof(struct shim) + real_vfs->szOsFile;
    shim_vfs.xOpen = shim_open;
    shim_vfs.xDelete = shim_delete;
    ASSERT(sqlite3_vfs_register(&shim_vfs, 1) == SQLITE_OK);
    if (kind == COUNT)
        atexit(report_count);
}
