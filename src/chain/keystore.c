#include "chain/keystore.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"
#include "chain/guard.h"
#include "chain/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- names -------------------------------------------------------------------------------------------------------- */

static bool path_of(const char *folder, const char *name, const char *suffix, char path[FILE_PATH_MAX],
                    struct error *err)
{
    char file[KEY_NAME_MAX + 8];
    if (!key_name_valid(name))
        return error_set(err, ERROR_USAGE,
                         "an identity's name has 1 to %d characters out of a-z, 0-9, _ and -: \"%.64s\" does not",
                         KEY_NAME_MAX - 1, name);
    snprintf(file, sizeof file, "%s%s", name, suffix);
    if (strlen(folder) + strlen(file) + 2 > FILE_PATH_MAX)
        return error_set(err, ERROR_USAGE, "the path of the identities' folder is too long");
    file_join(path, FILE_PATH_MAX, folder, file);
    return true;
}

/* A damaged file, or a link that leads nowhere, takes a name too. */
static bool taken(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* Before half a second of Argon2; file_create refuses in any case. known: whom a NAME.pub there may describe. */
static bool name_free(const char *folder, const char *name, const struct key_public *known, char path[FILE_PATH_MAX],
                      struct error *err)
{
    char public_path[FILE_PATH_MAX];
    struct key_info there;
    if (!path_of(folder, name, KEYFILE_SUFFIX, path, err) ||
        !path_of(folder, name, KEYFILE_PUBLIC_SUFFIX, public_path, err))
        return false;
    if (taken(path))
        return error_set(err, ERROR_FAILED, "%s exists: an identity is never replaced; choose another name", path);
    if (!taken(public_path) || (known && key_public_read(public_path, &there, NULL) &&
                                memcmp(&there.public_key, known, sizeof *known) == 0))
        return true;
    return error_set(err, ERROR_FAILED, "%s exists: that name means somebody already; choose another", public_path);
}

static bool named_as(const char *path, const struct keyfile *f, const char *name, struct error *err)
{
    return text_equal(f->info.name, name) ||
           error_set(err, ERROR_KEY, "%s holds the identity '%s': name the file %s" KEYFILE_SUFFIX, path, f->info.name,
                     f->info.name);
}

static bool not_empty(const char *passphrase, struct error *err)
{
    return (passphrase && *passphrase) ||
           error_set(err, ERROR_USAGE, "an identity needs a passphrase that is not empty");
}

/* What a process that was killed left of this identity may still open with a passphrase that was given up. */
static void clear_up(const char *folder, const char *name)
{
    char prefix[KEY_NAME_MAX + 16], path[FILE_PATH_MAX];
    DIR *dir = opendir(folder);
    snprintf(prefix, sizeof prefix, "%s" KEYFILE_SUFFIX ".tmp.", name);
    for (struct dirent *d; dir && (d = readdir(dir)) != NULL;) {
        if (!text_starts(d->d_name, prefix))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlink(path);
        if (fd >= 0)
            close(fd);
    }
    if (dir)
        closedir(dir);
}

/* --- making and opening ------------------------------------------------------------------------------------------- */

static bool write_new(const char *path, const struct keyfile *f, struct error *err)
{
    struct bytes out = {0};
    keyfile_bytes(f, &out);
    bool good = file_create(path, out.data, out.n, 0600, err);
    bytes_free(&out);
    return good;
}

/* It has voted nowhere yet: its guard need not wait. */
bool key_never_voted(const char *folder, const char *name, const struct key_public *k, struct error *err)
{
    char guard[FILE_PATH_MAX];
    guard_folder(folder, name, guard, sizeof guard);
    return guard_born(guard, k, err);
}

static bool came_from_elsewhere(const char *folder, const char *name, struct error *err)
{
    char guard[FILE_PATH_MAX];
    guard_folder(folder, name, guard, sizeof guard);
    return guard_came(guard, err);
}

struct key *key_new(const char *folder, const char *name, const char *passphrase, int strength, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!name_free(folder, name, NULL, path, err) || !not_empty(passphrase, err))
        return NULL;
    uint8_t *seed = secret_new(KEY_SEED_BYTES, err);
    if (!seed)
        return NULL;
    clear_up(folder, name);
    randombytes_buf(seed, KEY_SEED_BYTES);
    struct key *k = key_from_seed(name, seed);
    struct keyfile f = {.info.public_key = k->public_key};
    text_copy(f.info.name, sizeof f.info.name, name);
    keyfile_strengthen(&f, strength);
    bool good = keyfile_seal(&f, seed, passphrase, err) && write_new(path, &f, err) &&
                key_never_voted(folder, k->name, &k->public_key, err);
    secret_free(seed);
    if (good)
        return k;
    key_free(k);
    return NULL;
}

struct key *key_open(const char *folder, const char *name, const char *passphrase, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct keyfile f;
    if (!path_of(folder, name, KEYFILE_SUFFIX, path, err) || !keyfile_read(path, true, &f, err) ||
        !named_as(path, &f, name, err))
        return NULL;
    uint8_t *seed = keyfile_open(path, &f, passphrase ? passphrase : "", err);
    struct key *k = seed ? key_from_seed(name, seed) : NULL;
    secret_free(seed);
    return k;
}

/* --- passphrase, backup, import ----------------------------------------------------------------------------------- */

bool key_passwd(const char *folder, const char *name, const char *old, const char *passphrase, int strength,
                struct error *err)
{
    char path[FILE_PATH_MAX];
    struct keyfile f;
    struct bytes out = {0};
    if (!not_empty(passphrase, err) || !path_of(folder, name, KEYFILE_SUFFIX, path, err) ||
        !keyfile_read(path, true, &f, err) || !named_as(path, &f, name, err))
        return false;
    uint8_t *seed = keyfile_open(path, &f, old ? old : "", err);
    if (!seed)
        return false;
    keyfile_strengthen(&f, strength);
    bool good = keyfile_seal(&f, seed, passphrase, err);
    secret_free(seed);
    if (good) {
        clear_up(folder, name);
        keyfile_bytes(&f, &out);
        good = file_write(path, out.data, out.n, 0600, err);
    }
    bytes_free(&out);
    return good;
}

bool key_backup(const char *folder, const char *name, const char *path, char *out, size_t size, struct error *err)
{
    char from[FILE_PATH_MAX], file[KEY_NAME_MAX + 8];
    struct keyfile f;
    if (!path_of(folder, name, KEYFILE_SUFFIX, from, err) || !keyfile_read(from, true, &f, err) ||
        !named_as(from, &f, name, err))
        return false;
    snprintf(file, sizeof file, "%s" KEYFILE_SUFFIX, name);
    bool fits = text_copy(out, size, path);
    if (fits && file_is_folder(path))
        fits = text_append(out, size, "/") && text_append(out, size, file);
    return (fits || error_set(err, ERROR_USAGE, "the path of the backup is too long")) && write_new(out, &f, err);
}

/* The same key under two names would be two identities to nobody but its owner. */
static bool unknown_here(const char *folder, const struct key_public *public_key, struct error *err)
{
    struct key_info *all = NULL;
    int n = key_list(folder, &all, err);
    bool good = n >= 0;
    for (int i = 0; good && i < n; i++)
        if (!all[i].public_only && !all[i].problem[0] &&
            memcmp(&all[i].public_key, public_key, sizeof *public_key) == 0)
            good = error_set(err, ERROR_FAILED, "this identity is here already, as '%s'", all[i].name);
    free(all);
    return good;
}

bool key_import(const char *folder, const char *file, const char *name, const char *passphrase, int strength,
                struct key_info *out, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct keyfile f;
    if (!keyfile_read(file, false, &f, err) ||
        !name_free(folder, name ? name : f.info.name, &f.info.public_key, path, err) ||
        !unknown_here(folder, &f.info.public_key, err))
        return false;
    uint8_t *seed = keyfile_open(file, &f, passphrase ? passphrase : "", err);
    if (!seed)
        return false;
    bool renamed = name && !text_equal(name, f.info.name), good = true;
    if (renamed)
        text_copy(f.info.name, sizeof f.info.name, name);
    if (keyfile_strengthen(&f, strength) || renamed)
        good = keyfile_seal(&f, seed, passphrase, err);
    secret_free(seed);
    if (good) {
        clear_up(folder, f.info.name);
        good = came_from_elsewhere(folder, f.info.name, err) && write_new(path, &f, err);
    }
    *out = f.info;
    return good;
}

bool key_inspect(const char *path, struct key_info *out, struct error *err)
{
    struct keyfile f;
    if (!keyfile_read(path, false, &f, err))
        return false;
    *out = f.info;
    return true;
}

/* --- listing ------------------------------------------------------------------------------------------------------ */

/* NAME out of "NAME.key". */
static bool name_of(const char *file, const char *suffix, char name[KEY_NAME_MAX])
{
    size_t n = strlen(file), end = strlen(suffix);
    if (n <= end || n - end >= KEY_NAME_MAX || !text_equal(file + n - end, suffix))
        return false;
    memcpy(name, file, n - end);
    name[n - end] = '\0';
    return key_name_valid(name);
}

static void look_at(const char *path, const char *name, bool public_only, struct key_info *out)
{
    struct error err = {0};
    struct keyfile f;
    *out = (struct key_info){.public_only = public_only};
    bool good = public_only ? key_public_read(path, out, &err)
                            : keyfile_read(path, true, &f, &err) && named_as(path, &f, name, &err);
    if (good && !public_only)
        *out = f.info;
    if (good && public_only && !text_equal(out->name, name))
        good = error_set(&err, ERROR_KEY, "%s is about '%s': name the file %s" KEYFILE_PUBLIC_SUFFIX, path, out->name,
                         out->name);
    text_copy(out->name, sizeof out->name, name);
    out->public_only = public_only;
    text_copy(out->problem, sizeof out->problem, good ? "" : err.text);
}

static int info_compare(const void *a, const void *b)
{
    const struct key_info *p = a, *q = b;
    int by_name = strcmp(p->name, q->name);
    return by_name ? by_name : (int)p->public_only - (int)q->public_only;
}

int key_list(const char *folder, struct key_info **out, struct error *err)
{
    struct key_info *list = NULL;
    size_t n = 0, capacity = 0, kept = 0;
    char name[KEY_NAME_MAX], path[FILE_PATH_MAX];
    *out = NULL;
    DIR *dir = opendir(folder);
    if (!dir && errno == ENOENT)
        return 0;
    if (!dir) {
        error_set_errno(err, ERROR_IO, "%s", folder);
        return -1;
    }
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        bool public_only = name_of(d->d_name, KEYFILE_PUBLIC_SUFFIX, name);
        if (!public_only && !name_of(d->d_name, KEYFILE_SUFFIX, name))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        list = memory_grow(list, &capacity, n + 1, sizeof *list);
        look_at(path, name, public_only, &list[n++]);
    }
    closedir(dir);
    if (n)
        qsort(list, n, sizeof *list, info_compare);
    for (size_t i = 0; i < n; i++) /* what is known of one whose key is here says no more */
        if (kept == 0 || !text_equal(list[kept - 1].name, list[i].name))
            list[kept++] = list[i];
    *out = list;
    return (int)kept;
}
