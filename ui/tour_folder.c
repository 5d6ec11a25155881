#include "ui/tour_folder.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "morphsmith-demo-"
#define LOCK ".tour.lock"

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    char inner[FILE_PATH_MAX];
    while (d && (e = readdir(d))) {
        struct stat st;
        if (text_equal(e->d_name, ".") || text_equal(e->d_name, ".."))
            continue;
        file_join(inner, sizeof inner, path, e->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            remove_folder(inner);
        else
            unlink(inner);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static const char *base(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && folder[0] == '/' && strlen(folder) < FILE_PATH_MAX / 2 ? folder : "/tmp";
}

/* A folder, no link to one, of this user, with a lock that nobody holds. One without a lock may be just being made. */
static bool is_left(const char *path, char *lock, size_t size)
{
    struct stat st;
    file_join(lock, size, path, LOCK);
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return false;
    return lstat(lock, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

static void remove_if_left(const char *path)
{
    char lock[FILE_PATH_MAX];
    if (!is_left(path, lock, sizeof lock))
        return;
    int held = file_lock(lock, false, NULL);
    if (held >= 0)
        remove_folder(path);
    file_unlock(held);
}

static void remove_left(void)
{
    char path[FILE_PATH_MAX];
    DIR *d = opendir(base());
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (!text_starts(e->d_name, PREFIX))
            continue;
        file_join(path, sizeof path, base(), e->d_name);
        remove_if_left(path);
    }
    if (d)
        closedir(d);
}

bool tour_folder_make(struct tour_folder *f, struct error *err)
{
    char lock[FILE_PATH_MAX];
    remove_left();
    snprintf(f->path, sizeof f->path, "%s/" PREFIX "XXXXXX", base());
    if (!mkdtemp(f->path))
        return error_set_errno(err, ERROR_IO, "cannot make a folder for the tour: %s", f->path);
    file_join(lock, sizeof lock, f->path, LOCK);
    f->lock = file_lock(lock, false, err);
    if (f->lock < 0)
        rmdir(f->path);
    return f->lock >= 0;
}

void tour_folder_remove(struct tour_folder *f)
{
    remove_folder(f->path);
    file_unlock(f->lock);
}
