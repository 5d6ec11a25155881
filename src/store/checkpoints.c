#include "store/checkpoints.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/runs.h"
#include "store/workspace_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define FILE_MOST ((size_t)1 << 36)
#define FOLDS_MOST 1000 /* no task has as many */
#define NAME_MOST (HASH_HEX + 32)

static void path_of(const struct workspace *w, struct hash recipe_id, int fold, char *out, size_t size)
{
    char hex[HASH_HEX], name[sizeof WORKSPACE_CHECKPOINTS + NAME_MOST];

    hash_hex(recipe_id, hex);
    snprintf(name, sizeof name, WORKSPACE_CHECKPOINTS "/%s.%d", hex, fold);
    workspace_path(w, name, out, size);
}

/* Workspaces that older versions made have none. */
static bool need_folder(const struct workspace *w, struct error *err)
{
    char path[FILE_PATH_MAX];

    workspace_path(w, WORKSPACE_CHECKPOINTS, path, sizeof path);
    return file_is_folder(path) || file_make_folder(path, 0777, err);
}

bool checkpoints_put(struct workspace *w, const struct checkpoint *c, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes head = {0};
    struct file_part part[CHECKPOINT_PARTS];
    struct hash hash;

    if (!need_folder(w, err))
        return false;
    path_of(w, c->owner.recipe_id, c->owner.fold, path, sizeof path);
    size_t n = checkpoint_encode(c, &head, &hash, part);
    bool ok = file_write_parts(path, part, n, 0666, err);
    bytes_free(&head);
    return ok;
}

bool checkpoints_get(struct workspace *w, const struct checkpoint_owner *owner, struct checkpoint *out, bool *found,
                     struct bytes *file, struct error *err)
{
    char path[FILE_PATH_MAX];

    path_of(w, owner->recipe_id, owner->fold, path, sizeof path);
    *found = file_exists(path);
    return !*found ||
           (file_read(path, FILE_MOST, file, err) && checkpoint_decode(out, file->data, file->n, path, err) &&
            checkpoint_belongs(&out->owner, owner, path, err));
}

bool checkpoints_there(const struct workspace *w, struct hash recipe_id, int fold)
{
    char path[FILE_PATH_MAX];

    path_of(w, recipe_id, fold, path, sizeof path);
    return file_exists(path);
}

void checkpoints_drop_fold(struct workspace *w, struct hash recipe_id, int fold)
{
    char path[FILE_PATH_MAX];

    path_of(w, recipe_id, fold, path, sizeof path);
    if (unlink(path) != 0 && errno != ENOENT) /* need not be durable: a training that ended is not gone on with */
        log_write(LOG_WARNING, "cannot remove %s: %s", path, strerror(errno));
}

/* "RECIPEID.FOLD" */
static bool is_checkpoint(const char *name, struct hash *recipe_id, int *fold)
{
    char hex[HASH_HEX] = "";
    int64_t n;

    if (strlen(name) <= HASH_HEX || name[HASH_HEX - 1] != '.')
        return false;
    memcpy(hex, name, HASH_HEX - 1);
    if (!hash_from_hex(hex, recipe_id) || !text_parse_int(name + HASH_HEX, 0, FOLDS_MOST, &n))
        return false;
    *fold = (int)n;
    return true;
}

/* Calls on each; the folder may be missing. */
static void for_each(const struct workspace *w, void (*call)(void *context, const char *path, struct hash id, int fold),
                     void *context)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct hash id;
    int fold;

    workspace_path(w, WORKSPACE_CHECKPOINTS, folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (strlen(folder) + strlen(e->d_name) + 2 > sizeof path || !is_checkpoint(e->d_name, &id, &fold))
            continue;
        file_join(path, sizeof path, folder, e->d_name);
        call(context, path, id, fold);
    }
    if (dir)
        closedir(dir);
}

struct dropping {
    struct workspace *w;
    struct hash recipe_id;
};

static void drop_one(void *context, const char *path, struct hash id, int fold)
{
    const struct dropping *d = context;

    (void)path;
    if (fold > 0 && hash_equal(id, d->recipe_id))
        checkpoints_drop_fold(d->w, id, fold);
}

void checkpoints_drop_folds(struct workspace *w, struct hash recipe_id)
{
    struct dropping d = {w, recipe_id};

    for_each(w, drop_one, &d);
}

struct listing {
    struct checkpoint *list;
    size_t n, capacity;
};

/* Fewer bytes than were asked for are the whole file. */
static size_t read_head(const char *path, uint8_t *out, size_t size)
{
    size_t n = 0;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    while (fd >= 0 && n < size && got > 0) {
        got = read(fd, out + n, size - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else
            n += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    return n;
}

static void list_one(void *context, const char *path, struct hash id, int fold)
{
    struct listing *l = context;
    uint8_t head[CHECKPOINT_HEAD_MAX];
    struct checkpoint c;
    size_t n = read_head(path, head, sizeof head);

    if (!checkpoint_decode_head(&c, head, n, path, NULL) || !hash_equal(c.owner.recipe_id, id) || c.owner.fold != fold)
        return;
    l->list = memory_grow(l->list, &l->capacity, l->n + 1, sizeof *l->list);
    l->list[l->n++] = c;
}

int checkpoints_list(struct workspace *w, struct checkpoint **out)
{
    struct listing l = {0};

    for_each(w, list_one, &l);
    *out = l.list;
    return (int)l.n;
}

static bool has_ended(struct workspace *w, const struct checkpoint *c)
{
    char hex[HASH_HEX];
    struct trial_row trial;
    struct training_row training;

    hash_hex(c->owner.recipe_id, hex);
    if (c->owner.fold == 0)
        return runs_training_get(w, c->owner.run, &training) && text_equal(training.state, "done");
    bool done = runs_trial_done(w, hex, &trial);
    if (done)
        runs_trial_free(&trial);
    return done;
}

int checkpoints_sweep(struct workspace *w)
{
    struct checkpoint *list;
    int n = checkpoints_list(w, &list), removed = 0;

    for (int i = 0; i < n; i++) {
        if (!has_ended(w, &list[i]))
            continue;
        checkpoints_drop_fold(w, list[i].owner.recipe_id, list[i].owner.fold);
        removed++;
    }
    free(list);
    return removed;
}

/* --- who runs it ----------------------------------------------------------------------------------------------------
 */

static void lock_path(const struct workspace *w, const char *kind, int64_t run, char *out, size_t size)
{
    char name[64];

    snprintf(name, sizeof name, WORKSPACE_CHECKPOINTS "/%s.%lld.lock", kind, (long long)run);
    workspace_path(w, name, out, size);
}

/* Somebody who only looks (checkpoints_running) holds it for a moment. */
int checkpoints_lock(struct workspace *w, const char *kind, int64_t run, struct error *err)
{
    const struct timespec moment = {0, 20 * 1000 * 1000};
    char path[FILE_PATH_MAX];
    struct error why = {0};
    int lock = -1;

    if (!need_folder(w, err))
        return -1;
    lock_path(w, kind, run, path, sizeof path);
    for (int i = 0; i < 25 && lock < 0; i++) {
        error_clear(&why);
        lock = file_lock(path, false, &why);
        if (lock < 0 && why.kind != ERROR_FAILED)
            break;
        if (lock < 0)
            nanosleep(&moment, NULL);
    }
    if (lock < 0 && why.kind == ERROR_FAILED)
        error_set(err, ERROR_FAILED, "%s %lld is running already, in another process",
                  text_equal(kind, "train") ? "training" : kind, (long long)run);
    else if (lock < 0)
        error_set(err, why.kind, "%s", why.text);
    return lock;
}

void checkpoints_unlock(struct workspace *w, const char *kind, int64_t run, int lock)
{
    char path[FILE_PATH_MAX];

    lock_path(w, kind, run, path, sizeof path);
    if (lock >= 0)
        unlink(path);
    file_unlock(lock);
}

bool checkpoints_running(const struct workspace *w, const char *kind, int64_t run)
{
    char path[FILE_PATH_MAX];

    lock_path(w, kind, run, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool running = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (fd >= 0)
        close(fd);
    return running;
}
