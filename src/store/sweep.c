#include "store/sweep.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "store/checkpoints.h"
#include "store/workspace_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_US (INT64_C(3600) * CLOCK_SECOND_US)
#define WRITTEN_US (INT64_C(600) * CLOCK_SECOND_US) /* a file whose process is gone, if that can be seen from here */
#define FRAME_US (INT64_C(3600) * CLOCK_SECOND_US)  /* of programs that do not hold the frames */
#define ABANDONED_US (INT64_C(86400) * CLOCK_SECOND_US) /* a process of that number may be another one by now */
#define TEMPORARY ".tmp."

/* How long ago it was written; negative where nobody can say. */
static int64_t age_us(const char *path)
{
    struct file_stamp s;
    return file_stamp(path, &s, NULL) ? clock_wall_us() - s.modified_ns / 1000 : -1;
}

/* --- files that were being written -------------------------------------------------------------------------------- */

/* "HASH.tmp.PID", "HASH.msn2.tmp.PID" */
static bool is_temporary(const char *name, int64_t *pid)
{
    char hex[HASH_HEX] = "";
    struct hash hash;
    const char *at = strlen(name) < HASH_HEX ? NULL : strstr(name + HASH_HEX - 1, TEMPORARY);
    if (!at || name[HASH_HEX - 1] != '.')
        return false;
    memcpy(hex, name, HASH_HEX - 1);
    return hash_from_hex(hex, &hash) && text_parse_int(at + strlen(TEMPORARY), 1, INT32_MAX, pid);
}

/* Left by a process that is gone. Who has the lock is writing it. */
static bool is_left(const char *path, int64_t pid)
{
    int64_t age = age_us(path);
    bool gone = kill((pid_t)pid, 0) != 0 && errno == ESRCH;
    if (age < (gone ? WRITTEN_US : ABANDONED_US))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool left = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd);
    return left;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* By a series or a task; also where that cannot be told. */
static bool is_named(struct workspace *w, const char *hex)
{
    sqlite3_stmt *s = sql_query(
        w, NULL, "SELECT 1 FROM series WHERE frame=? UNION ALL SELECT 1 FROM task WHERE instr(text, ?) LIMIT 1", "ss",
        hex, hex);
    bool named = !s || sql_next(s);
    return !s || !sql_end(w, s, NULL) || named;
}

static bool is_unnamed_frame(struct workspace *w, const char *name, const char *path)
{
    struct hash hash;
    return hash_from_hex(name, &hash) && age_us(path) >= FRAME_US && !is_named(w, name);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int sweep_folder(struct workspace *w, const char *name, bool frames)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    int removed = 0;
    workspace_path(w, name, folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        int64_t pid;
        if (strlen(folder) + strlen(e->d_name) + 2 > sizeof path)
            continue;
        file_join(path, sizeof path, folder, e->d_name);
        bool left = is_temporary(e->d_name, &pid) ? is_left(path, pid) : frames && is_unnamed_frame(w, e->d_name, path);
        removed += left && unlink(path) == 0; /* need not be durable: it is found again */
    }
    if (dir)
        closedir(dir);
    return removed;
}

void sweep_workspace(struct workspace *w)
{
    char path[FILE_PATH_MAX];
    workspace_path(w, WORKSPACE_FRAMES_LOCK, path, sizeof path);
    int64_t age = age_us(path);
    if (file_exists(path) && age >= 0 && age < EVERY_US)
        return;
    int held = file_hold(path, true, NULL);
    if (held < 0)
        return;
    int removed = sweep_folder(w, "frames", true) + sweep_folder(w, "models", false) +
                  sweep_folder(w, "datasets", false) + sweep_folder(w, WORKSPACE_CHECKPOINTS, false) +
                  checkpoints_sweep(w);
    if (removed > 0)
        log_write(LOG_INFO, "%d files that nothing names any more were removed", removed);
    futimens(held, NULL);
    file_unlock(held);
}
