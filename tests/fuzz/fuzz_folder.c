#include "fuzz_folder.h"

#include "base/bytes.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NODES = 96, NAME_MOST = 256, OPEN_MOST = 16, FIRST_FD = 1 << 20 };

struct node {
    char path[NAME_MOST];
    uint64_t key;      /* of the path */
    uint64_t in;       /* number of its folder */
    size_t name;       /* where its name begins in the path */
    mode_t kind; /* 0: none */
    struct bytes data;
    int64_t time;
    uint64_t number;
};
struct opened {
    struct node *node; /* NULL: free */
    size_t at;
};
struct listing {
    struct node *folder; /* NULL: free */
    int next;
    struct dirent entry;
};

static struct node node[NODES];
static int nodes; /* places that were ever taken */
static struct opened opened[OPEN_MOST];
static struct listing listing[OPEN_MOST];
static int64_t now;
static uint64_t numbers;

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static bool is_here(const char *path)
{
    return path[0] == '/' && path[1] == 'f' && strncmp(path, FUZZ_FOLDER, sizeof FUZZ_FOLDER - 1) == 0;
}

/* Of the length and the end of a path, so that few need to be compared: libFuzzer looks at each comparison of texts. */
static uint64_t key_of(const char *path, size_t n)
{
    uint64_t end[2] = {0, n};
    size_t most = n < sizeof end[0] + sizeof end[1] - 1 ? n : sizeof end[0] + sizeof end[1] - 1;
    memcpy(end, path + n - most, most);
    return end[0] * UINT64_C(0x9e3779b97f4a7c15) ^ end[1] ^ (uint64_t)n << 56;
}

static struct node *find_part(const char *path, size_t n)
{
    uint64_t key = key_of(path, n);
    for (int i = 0; i < nodes; i++)
        if (node[i].key == key && node[i].kind && strncmp(node[i].path, path, n) == 0 && node[i].path[n] == 0)
            return &node[i];
    errno = ENOENT;
    return NULL;
}

static struct node *find(const char *path)
{
    size_t n = strlen(path);
    return n < NAME_MOST ? find_part(path, n) : NULL;
}

/* The folder that a path lies in; NULL where it is the uppermost. */
static struct node *folder_of(const char *path)
{
    size_t n = (size_t)(strrchr(path, '/') - path);
    struct node *f = n < NAME_MOST ? find_part(path, n) : NULL;
    return f && f->kind == S_IFDIR ? f : NULL;
}

static void touch(struct node *x)
{
    x->time = ++now;
}

static void set_path(struct node *x, const char *path, struct node *folder)
{
    size_t n = strlen(path);
    memcpy(x->path, path, n + 1);
    x->key = key_of(path, n);
    x->in = folder ? folder->number : 0;
    x->name = (size_t)(strrchr(path, '/') - path) + 1;
    if (folder)
        touch(folder);
}

static struct node *make(const char *path, mode_t kind)
{
    int i = 0;
    size_t n = strlen(path);
    struct node *folder = n < NAME_MOST ? folder_of(path) : NULL;
    if (!folder && n >= sizeof FUZZ_FOLDER) {
        errno = n >= NAME_MOST ? ENAMETOOLONG : ENOENT;
        return NULL;
    }
    while (i < nodes && node[i].kind)
        i++;
    if (i == NODES) {
        errno = ENOSPC;
        return NULL;
    }
    nodes += i == nodes;
    node[i].kind = kind;
    node[i].number = ++numbers;
    bytes_clear(&node[i].data);
    set_path(&node[i], path, folder);
    touch(&node[i]);
    return &node[i];
}

static void drop(struct node *x)
{
    struct node *f = folder_of(x->path);
    if (f)
        touch(f);
    x->kind = 0;
}

/* --- what targets put there ------------------------------------------------------------------------------------------ */

void fuzz_folder_clear(void)
{
    for (int i = 0; i < nodes; i++)
        node[i].kind = 0;
    nodes = 0;
}

bool fuzz_folder_make(const char *path)
{
    return !find(path) && make(path, S_IFDIR);
}

bool fuzz_folder_pipe(const char *path)
{
    return !find(path) && make(path, S_IFIFO);
}

bool fuzz_folder_file(const char *path, const void *data, size_t n)
{
    struct node *x = find(path);
    if (x && x->kind != S_IFREG)
        return false;
    if (!x && !(x = make(path, S_IFREG)))
        return false;
    bytes_clear(&x->data);
    bytes_put(&x->data, data, n);
    touch(x);
    return true;
}

const char *fuzz_folder(void)
{
    if (!find(FUZZ_FOLDER))
        ASSERT(make(FUZZ_FOLDER, S_IFDIR) && make(FUZZ_FOLDER "/pool", S_IFDIR) && make(FUZZ_FOLDER "/objects", S_IFDIR));
    return FUZZ_FOLDER;
}

void fuzz_put(const char *name, const uint8_t *data, size_t n)
{
    static char current[FILE_PATH_MAX];
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, fuzz_folder(), name);
    struct node *old = current[0] && !text_equal(current, path) ? find(current) : NULL;
    if (old)
        drop(old);
    memcpy(current, path, sizeof current);
    ASSERT(fuzz_folder_file(path, data, n));
}

/* --- libc's functions: __wrap_f is called in place of f, which is __real_f then ----------------------------------- */

static struct opened *of_fd(int fd)
{
    return fd >= FIRST_FD && fd < FIRST_FD + OPEN_MOST ? &opened[fd - FIRST_FD] : NULL;
}

static int open_node(struct node *x, int flags)
{
    ASSERT(x->kind != S_IFIFO || flags & O_NONBLOCK); /* else it would wait for whoever writes */
    for (int i = 0; i < OPEN_MOST; i++) {
        if (opened[i].node)
            continue;
        opened[i] = (struct opened){.node = x};
        if (flags & O_TRUNC)
            bytes_clear(&x->data);
        return FIRST_FD + i;
    }
    errno = EMFILE;
    return -1;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!is_here(path))
        return __real_open(path, flags, mode);
    struct node *x = find(path);
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (x && flags & O_CREAT && flags & O_EXCL)
        return errno = EEXIST, -1;
    if (x && x->kind == S_IFDIR ? writes : flags & O_DIRECTORY)
        return errno = x ? (writes ? EISDIR : ENOTDIR) : ENOENT, -1;
    if (x && x->kind == S_IFIFO && writes)
        return errno = ENXIO, -1; /* nobody reads there */
    if (!x && flags & O_CREAT)
        x = make(path, S_IFREG);
    return x ? open_node(x, flags) : -1;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_close(fd);
    o->node = NULL;
    return 0;
}

ssize_t __real_read(int fd, void *to, size_t n);
ssize_t __wrap_read(int fd, void *to, size_t n);
ssize_t __wrap_read(int fd, void *to, size_t n)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_read(fd, to, n);
    if (o->node->kind != S_IFREG)
        return errno = EISDIR, -1;
    size_t left = o->at < o->node->data.n ? o->node->data.n - o->at : 0, m = n < left ? n : left;
    if (m)
        memcpy(to, o->node->data.data + o->at, m);
    o->at += m;
    return (ssize_t)m;
}

static ssize_t put_at(struct node *x, const void *from, size_t n, size_t at)
{
    while (x->data.n < at)
        bytes_put_u8(&x->data, 0);
    size_t over = x->data.n - at < n ? x->data.n - at : n;
    if (over)
        memcpy(x->data.data + at, from, over);
    bytes_put(&x->data, (const uint8_t *)from + over, n - over);
    touch(x);
    return (ssize_t)n;
}

ssize_t __real_write(int fd, const void *from, size_t n);
ssize_t __wrap_write(int fd, const void *from, size_t n);
ssize_t __wrap_write(int fd, const void *from, size_t n)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_write(fd, from, n);
    o->at += n;
    return put_at(o->node, from, n, o->at - n);
}

ssize_t __real_pwrite(int fd, const void *from, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t n, off_t at)
{
    struct opened *o = of_fd(fd);
    return o ? put_at(o->node, from, n, (size_t)at) : __real_pwrite(fd, from, n, at);
}

int __real_ftruncate(int fd, off_t n);
int __wrap_ftruncate(int fd, off_t n);
int __wrap_ftruncate(int fd, off_t n)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_ftruncate(fd, n);
    if (o->node->data.n > (size_t)n)
        o->node->data.n = (size_t)n;
    put_at(o->node, "", 0, (size_t)n);
    return 0;
}

off_t __real_lseek(int fd, off_t at, int from);
off_t __wrap_lseek(int fd, off_t at, int from);
off_t __wrap_lseek(int fd, off_t at, int from)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_lseek(fd, at, from);
    ASSERT(from == SEEK_SET && at >= 0); /* nothing else is done here */
    o->at = (size_t)at;
    return at;
}

static int tell(const struct node *x, struct stat *out)
{
    if (!x)
        return -1;
    memset(out, 0, sizeof *out);
    out->st_mode = x->kind | (x->kind == S_IFDIR ? 0700 : 0600);
    out->st_dev = 1;
    out->st_ino = (ino_t)x->number;
    out->st_nlink = 1;
    out->st_size = (off_t)x->data.n;
    out->st_mtim = out->st_ctim = (struct timespec){.tv_sec = x->time, .tv_nsec = 1};
    return 0;
}

int __real_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out);
int __wrap_fstat(int fd, struct stat *out)
{
    struct opened *o = of_fd(fd);
    return o ? tell(o->node, out) : __real_fstat(fd, out);
}

int __real_stat(const char *path, struct stat *out);
int __wrap_stat(const char *path, struct stat *out);
int __wrap_stat(const char *path, struct stat *out)
{
    return is_here(path) ? tell(find(path), out) : __real_stat(path, out);
}

int __real_lstat(const char *path, struct stat *out);
int __wrap_lstat(const char *path, struct stat *out);
int __wrap_lstat(const char *path, struct stat *out)
{
    return is_here(path) ? tell(find(path), out) : __real_lstat(path, out);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return of_fd(fd) ? 0 : __real_fsync(fd);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    return of_fd(fd) ? 0 : __real_fdatasync(fd);
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __wrap_flock(int fd, int how)
{
    return of_fd(fd) ? 0 : __real_flock(fd, how);
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path)
{
    if (!is_here(path))
        return __real_unlink(path);
    struct node *x = find(path);
    if (!x || x->kind == S_IFDIR)
        return errno = x ? EISDIR : ENOENT, -1;
    drop(x);
    return 0;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    if (!is_here(from))
        return __real_rename(from, to);
    struct node *x = find(from), *there = find(to), *folder = folder_of(to);
    if (!x || x->kind == S_IFDIR || !folder || strlen(to) >= NAME_MOST || (there && there->kind == S_IFDIR))
        return errno = there && there->kind == S_IFDIR ? EISDIR : ENOENT, -1;
    if (there && there != x)
        drop(there);
    touch(folder_of(from));
    set_path(x, to, folder);
    return 0;
}

/* A second name is a copy: enough for a file that is named before its first name goes. */
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to)
{
    if (!is_here(from))
        return __real_link(from, to);
    struct node *x = find(from), *copy = x ? find(to) : NULL;
    if (!x || copy)
        return errno = copy ? EEXIST : ENOENT, -1;
    return fuzz_folder_file(to, x->data.data, x->data.n) ? 0 : -1;
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
    if (!is_here(path))
        return __real_mkdir(path, mode);
    if (find(path))
        return errno = EEXIST, -1;
    return make(path, S_IFDIR) ? 0 : -1;
}

ssize_t __real_readlink(const char *path, char *to, size_t n);
ssize_t __wrap_readlink(const char *path, char *to, size_t n);
ssize_t __wrap_readlink(const char *path, char *to, size_t n)
{
    if (!is_here(path))
        return __real_readlink(path, to, n);
    return errno = find(path) ? EINVAL : ENOENT, -1;
}

/* The descriptor is not needed any more then. */
FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode)
{
    struct opened *o = of_fd(fd);
    if (!o)
        return __real_fdopen(fd, mode);
    struct node *x = o->node;
    if (x->kind != S_IFREG)
        return errno = EINVAL, NULL;
    o->node = NULL;
    return fmemopen(x->data.n ? x->data.data : (void *)x->path, x->data.n, mode);
}

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
    if (!is_here(path))
        return __real_opendir(path);
    struct node *x = find(path);
    if (!x || x->kind != S_IFDIR)
        return errno = x ? ENOTDIR : ENOENT, NULL;
    for (int i = 0; i < OPEN_MOST; i++) {
        if (listing[i].folder)
            continue;
        listing[i] = (struct listing){.folder = x};
        return (DIR *)&listing[i];
    }
    return errno = EMFILE, NULL;
}

static struct listing *of_dir(DIR *dir)
{
    struct listing *l = (struct listing *)dir;
    return l >= listing && l < listing + OPEN_MOST ? l : NULL;
}

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir)
{
    struct listing *l = of_dir(dir);
    if (!l)
        return __real_readdir(dir);
    while (l->next < nodes) {
        const struct node *x = &node[l->next++];
        if (!x->kind || x->in != l->folder->number)
            continue;
        text_copy(l->entry.d_name, sizeof l->entry.d_name, x->path + x->name);
        return &l->entry;
    }
    return NULL;
}

int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);
int __wrap_closedir(DIR *dir)
{
    struct listing *l = of_dir(dir);
    if (!l)
        return __real_closedir(dir);
    l->folder = NULL;
    return 0;
}
