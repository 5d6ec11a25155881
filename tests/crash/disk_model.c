#include "tests/crash/disk_model.h"

#include "base/error.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACK_MOST 64
#define FOLDER (-1)
#define NAME_MOST (sizeof((struct disk_file *)0)->path)

struct event {
    enum fault_op op;
    bool done;
    int inode; /* of bytes, and what a name is given to; FOLDER */
    char from[NAME_MOST], to[NAME_MOST]; /* a name that appears is in `to`, one that goes in `from` */
    struct bytes data;
    size_t offset;
    struct hash site;
};

struct inode {
    dev_t device;
    ino_t number;
    bool gone; /* the machine may give its number to another file */
    struct bytes base;
};

struct name {
    char path[NAME_MOST];
    int inode;
};
struct names {
    struct name *item;
    size_t n, capacity;
};

struct disk {
    char root[FILE_PATH_MAX];
    struct inode *inode;
    size_t inodes, inode_capacity;
    struct names base, live;
    struct event *event;
    size_t events, event_capacity, operations;
    const struct disk_failure *failure;
    bool failed, failed_write;
    struct hash failed_site;
    int depth; /* of the stack where disk_run stands */
};

/* --- images ------------------------------------------------------------------------------------------------------- */

static struct disk_file *image_add(struct disk_image *image, const char *path, bool folder)
{
    size_t had = image->capacity;
    image->file = memory_grow(image->file, &image->capacity, image->n + 1, sizeof *image->file);
    if (image->capacity > had)
        memset(image->file + had, 0, (image->capacity - had) * sizeof *image->file);
    struct disk_file *f = &image->file[image->n++];
    ASSERT(text_copy(f->path, sizeof f->path, path));
    f->folder = folder;
    bytes_clear(&f->data);
    return f;
}

static void take(struct disk_image *out, const char *root, const char *below)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], name[FILE_PATH_MAX];
    file_join(folder, sizeof folder, root, below);
    DIR *dir = opendir(folder);
    ASSERT(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        if (text_equal(d->d_name, ".") || text_equal(d->d_name, ".."))
            continue;
        if (*below)
            file_join(name, sizeof name, below, d->d_name);
        else
            text_copy(name, sizeof name, d->d_name);
        file_join(path, sizeof path, root, name);
        bool is_folder = file_is_folder(path);
        struct disk_file *f = image_add(out, name, is_folder);
        if (is_folder)
            take(out, root, name);
        else
            ASSERT(file_read(path, 1 << 26, &f->data, NULL));
    }
    closedir(dir);
}

/* In order of their names: a folder stands before what is in it, and equal folders make equal images. */
static int file_compare(const void *a, const void *b)
{
    return strcmp(((const struct disk_file *)a)->path, ((const struct disk_file *)b)->path);
}

static void sort(struct disk_image *image)
{
    if (image->n)
        qsort(image->file, image->n, sizeof *image->file, file_compare);
}

void disk_image_take(struct disk_image *out, const char *root)
{
    out->n = 0;
    take(out, root, "");
    sort(out);
}

static void remove_below(const char *folder)
{
    DIR *dir = opendir(folder);
    ASSERT(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char path[FILE_PATH_MAX];
        if (text_equal(d->d_name, ".") || text_equal(d->d_name, ".."))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        if (unlink(path) == 0)
            continue;
        remove_below(path);
        ASSERT(rmdir(path) == 0);
    }
    closedir(dir);
}

static void put_file(const char *path, const struct bytes *data)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ASSERT(fd >= 0 && write(fd, data->data, data->n) == (ssize_t)data->n && close(fd) == 0);
}

void disk_image_put(const struct disk_image *image, const char *root)
{
    remove_below(root);
    for (size_t i = 0; i < image->n; i++) {
        char path[FILE_PATH_MAX];
        file_join(path, sizeof path, root, image->file[i].path);
        if (image->file[i].folder)
            ASSERT(mkdir(path, 0700) == 0);
        else
            put_file(path, &image->file[i].data);
    }
}

struct hash disk_image_hash(const struct disk_image *image)
{
    struct bytes all = {0};
    for (size_t i = 0; i < image->n; i++) {
        bytes_put_text(&all, image->file[i].path);
        bytes_put_u8(&all, image->file[i].folder);
        if (!image->file[i].folder)
            bytes_put_blob(&all, image->file[i].data.data, image->file[i].data.n);
    }
    struct hash h = hash_of(all.data, all.n);
    bytes_free(&all);
    return h;
}

void disk_image_free(struct disk_image *image)
{
    for (size_t i = 0; i < image->capacity; i++)
        bytes_free(&image->file[i].data);
    free(image->file);
    memset(image, 0, sizeof *image);
}

/* --- names and inodes --------------------------------------------------------------------------------------------- */

static int names_at(const struct names *x, const char *path)
{
    for (size_t i = 0; i < x->n; i++)
        if (text_equal(x->item[i].path, path))
            return (int)i;
    return -1;
}

static void names_put(struct names *x, const char *path, int inode)
{
    int at = names_at(x, path);
    if (at < 0) {
        x->item = memory_grow(x->item, &x->capacity, x->n + 1, sizeof *x->item);
        at = (int)x->n++;
        text_copy(x->item[at].path, NAME_MOST, path);
    }
    x->item[at].inode = inode;
}

static void names_drop(struct names *x, const char *path)
{
    int at = names_at(x, path);
    if (at >= 0)
        x->item[at] = x->item[--x->n];
}

static int inode_find(struct disk *d, const struct stat *st)
{
    for (size_t i = 0; i < d->inodes; i++)
        if (!d->inode[i].gone && d->inode[i].device == st->st_dev && d->inode[i].number == st->st_ino)
            return (int)i;
    return -1;
}

static int inode_add(struct disk *d, const struct stat *st)
{
    d->inode = memory_grow(d->inode, &d->inode_capacity, d->inodes + 1, sizeof *d->inode);
    d->inode[d->inodes] = (struct inode){.device = st->st_dev, .number = st->st_ino};
    return (int)d->inodes++;
}

/* The path below the root; false for what is outside. */
static bool below_root(const struct disk *d, const char *path, char out[NAME_MOST])
{
    size_t n = strlen(d->root);
    if (strncmp(path, d->root, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        return false;
    path += n;
    while (*path == '/')
        path++;
    ASSERT(text_copy(out, NAME_MOST, path));
    return true;
}

static bool path_of_descriptor(const struct disk *d, int fd, char out[NAME_MOST])
{
    char link[64], path[FILE_PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    ASSERT(n > 0);
    path[n] = '\0';
    return below_root(d, path, out);
}

static void folder_of(const char *path, char out[NAME_MOST])
{
    text_copy(out, NAME_MOST, path);
    char *slash = strrchr(out, '/');
    *(slash ? slash : out) = '\0';
}

/* --- writing down ------------------------------------------------------------------------------------------------- */

static struct hash site_now(const struct disk *d)
{
    void *frame[STACK_MOST];
    int n = backtrace(frame, STACK_MOST) - d->depth;
    ASSERT(n > 0);
    return hash_of(frame, (size_t)n * sizeof *frame);
}

static struct event *event_add(struct disk *d, const struct fault_call *call, bool done)
{
    d->event = memory_grow(d->event, &d->event_capacity, d->events + 1, sizeof *d->event);
    struct event *e = &d->event[d->events++];
    *e = (struct event){.op = call->op, .done = done, .inode = FOLDER, .site = site_now(d)};
    return e;
}

/* The inode behind a descriptor; a file that was not known was made just now, which is an event of its own. */
static int inode_of(struct disk *d, const struct fault_call *call)
{
    struct stat st;
    char path[NAME_MOST];
    ASSERT(fstat(call->fd, &st) == 0);
    int inode = inode_find(d, &st);
    if (inode >= 0)
        return inode;
    ASSERT(path_of_descriptor(d, call->fd, path));
    inode = inode_add(d, &st);
    struct fault_call made = {.op = FAULT_LINK};
    struct event *e = event_add(d, &made, true);
    e->inode = inode;
    text_copy(e->to, NAME_MOST, path);
    names_put(&d->live, path, inode);
    return inode;
}

static void note_bytes(struct disk *d, const struct fault_call *call)
{
    struct stat st;
    int inode = inode_of(d, call);
    ASSERT(fstat(call->fd, &st) == 0);
    struct event *e = event_add(d, call, true);
    e->inode = inode;
    if (call->op == FAULT_WRITE)
        bytes_put(&e->data, call->data, call->n);
    e->offset = call->offset >= 0 ? (size_t)call->offset : (size_t)st.st_size - call->n;
}

static void note_sync(struct disk *d, const struct fault_call *call, bool done)
{
    struct stat st;
    char path[NAME_MOST] = "";
    ASSERT(fstat(call->fd, &st) == 0);
    bool folder = S_ISDIR(st.st_mode);
    if (folder && !path_of_descriptor(d, call->fd, path))
        return;
    int inode = folder ? FOLDER : inode_of(d, call);
    struct event *e = event_add(d, call, done);
    e->inode = inode;
    text_copy(e->from, NAME_MOST, path);
}

static void note_name(struct disk *d, const struct fault_call *call)
{
    struct event *e = event_add(d, call, true);
    const char *appears = call->op == FAULT_MKDIR ? call->from : call->to;
    bool goes = call->op == FAULT_UNLINK || call->op == FAULT_RENAME;
    ASSERT(below_root(d, call->from, e->from));
    if (call->op != FAULT_MKDIR) {
        int at = names_at(&d->live, e->from);
        e->inode = at >= 0 ? d->live.item[at].inode : FOLDER;
    }
    if (goes)
        names_drop(&d->live, e->from);
    else
        e->from[0] = '\0';
    if (appears) {
        ASSERT(below_root(d, appears, e->to));
        names_put(&d->live, e->to, e->inode);
    }
}

/* The last name of a file goes: its number may come back as another file. */
static void note_last_name(struct disk *d, const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0 || st.st_nlink != 1)
        return;
    int inode = inode_find(d, &st);
    if (inode >= 0)
        d->inode[inode].gone = true;
}

static int before(void *context, const struct fault_call *call, size_t *part)
{
    struct disk *d = context;
    size_t number = d->operations++;
    if (d->failure && d->failure->number == number) {
        d->failed = true;
        d->failed_write = call->op == FAULT_WRITE;
        d->failed_site = site_now(d);
        *part = *part * d->failure->part / 256;
        return d->failure->error;
    }
    if (call->op == FAULT_UNLINK)
        note_last_name(d, call->from);
    if (call->op == FAULT_RENAME)
        note_last_name(d, call->to);
    return 0;
}

static void after(void *context, const struct fault_call *call, bool done)
{
    struct disk *d = context;
    if (call->op == FAULT_FSYNC || call->op == FAULT_FDATASYNC)
        note_sync(d, call, done);
    else if (done && (call->op == FAULT_WRITE || call->op == FAULT_TRUNCATE))
        note_bytes(d, call);
    else if (done)
        note_name(d, call);
}

static int let(void *context, const struct fault_call *call, size_t *part)
{
    (void)context, (void)call, (void)part;
    return 0;
}

static void ignore(void *context, const struct fault_call *call, bool done)
{
    (void)context, (void)call, (void)done;
}

void disk_pretend(bool on)
{
    static const struct fault_hook calm = {let, ignore, NULL, true};
    fault_set_hook(on ? &calm : NULL);
}

struct disk *disk_new(const char *root)
{
    struct disk *d = NEW(struct disk);
    struct disk_image base = {0};
    ASSERT(text_copy(d->root, sizeof d->root, root));
    disk_image_take(&base, root);
    for (size_t i = 0; i < base.n; i++) {
        struct stat st;
        char path[FILE_PATH_MAX];
        int inode = FOLDER;
        file_join(path, sizeof path, root, base.file[i].path);
        if (!base.file[i].folder) {
            ASSERT(stat(path, &st) == 0);
            inode = inode_add(d, &st);
            bytes_put(&d->inode[inode].base, base.file[i].data.data, base.file[i].data.n);
        }
        names_put(&d->base, base.file[i].path, inode);
        names_put(&d->live, base.file[i].path, inode);
    }
    disk_image_free(&base);
    return d;
}

void disk_free(struct disk *d)
{
    for (size_t i = 0; i < d->inodes; i++)
        bytes_free(&d->inode[i].base);
    for (size_t i = 0; i < d->events; i++)
        bytes_free(&d->event[i].data);
    free(d->inode);
    free(d->event);
    free(d->base.item);
    free(d->live.item);
    free(d);
}

bool disk_run(struct disk *d, bool (*run)(void *context), void *context, const struct disk_failure *failure)
{
    void *frame[STACK_MOST];
    const struct fault_hook hook = {before, after, d, true};
    d->failure = failure;
    d->depth = backtrace(frame, STACK_MOST);
    fault_set_hook(&hook);
    bool result = run(context);
    disk_pretend(true);
    d->failure = NULL;
    return result;
}

size_t disk_events(const struct disk *d)
{
    return d->events;
}

size_t disk_operations(const struct disk *d)
{
    return d->operations;
}

bool disk_failed_write(const struct disk *d)
{
    return d->failed && d->failed_write;
}

struct hash disk_site(const struct disk *d, size_t event)
{
    return d->event[event].site;
}

struct hash disk_failed_site(const struct disk *d)
{
    return d->failed_site;
}

/* --- the power cut ------------------------------------------------------------------------------------------------ */

static bool is_sync(const struct event *e)
{
    return e->op == FAULT_FSYNC || e->op == FAULT_FDATASYNC;
}

static bool is_bytes(const struct event *e)
{
    return e->op == FAULT_WRITE || e->op == FAULT_TRUNCATE;
}

static bool in_folder(const char *path, const char *folder)
{
    char own[NAME_MOST];
    folder_of(path, own);
    return *path && text_equal(own, folder);
}

/* Whether a sync among the first `events` has made it last. The first sync of a file settles its bytes, one way or the
 * other; a folder's may be repeated. */
static bool is_safe(const struct disk *d, size_t at, size_t events)
{
    const struct event *e = &d->event[at];
    for (size_t i = at + 1; i < events; i++) {
        const struct event *s = &d->event[i];
        if (!is_sync(s))
            continue;
        if (is_bytes(e) && s->inode == e->inode)
            return s->done;
        if (!is_bytes(e) && s->inode == FOLDER && s->done &&
            (in_folder(e->to, s->from) || in_folder(e->from, s->from)))
            return true;
    }
    return false;
}

size_t disk_pending(const struct disk *d, size_t events, struct disk_pending *out, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < events; i++) {
        const struct event *e = &d->event[i];
        if (is_sync(e) || is_safe(d, i, events))
            continue;
        ASSERT(n < most);
        out[n++] = (struct disk_pending){.event = i, .name = !is_bytes(e), .bytes = e->data.n};
    }
    return n;
}

static void resize(struct bytes *b, size_t n)
{
    while (b->n < n)
        bytes_put_u8(b, 0);
    b->n = n;
}

static void apply_write(struct bytes *to, const struct event *e, struct disk_fated f)
{
    size_t from = f.fate == DISK_SUFFIX ? f.at : 0;
    size_t end = f.fate == DISK_PREFIX || f.fate == DISK_PREFIX_ZEROS ? f.at : e->data.n;
    size_t reach = e->offset + (f.fate == DISK_PREFIX ? end : e->data.n);
    ASSERT(from <= e->data.n && end <= e->data.n);
    if (to->n < reach)
        resize(to, reach);
    if (end > from)
        memcpy(to->data + e->offset + from, e->data.data + from, end - from);
}

static void apply(struct bytes *content, struct names *names, const struct event *e, struct disk_fated f)
{
    if (f.fate == DISK_LOST)
        return;
    if (e->op == FAULT_WRITE) {
        apply_write(&content[e->inode], e, f);
    } else if (e->op == FAULT_TRUNCATE) {
        resize(&content[e->inode], e->offset);
    } else {
        if (e->from[0])
            names_drop(names, e->from);
        if (e->to[0])
            names_put(names, e->to, e->inode);
    }
}

/* What stands in a folder that did not last is not there either. */
static bool reachable(const struct names *names, const char *path)
{
    char folder[NAME_MOST];
    folder_of(path, folder);
    return !folder[0] || (names_at(names, folder) >= 0 && reachable(names, folder));
}

static void collect(const struct names *names, const struct bytes *content, struct disk_image *out)
{
    out->n = 0;
    for (size_t i = 0; i < names->n; i++) {
        const struct name *name = &names->item[i];
        if (!reachable(names, name->path))
            continue;
        struct disk_file *f = image_add(out, name->path, name->inode == FOLDER);
        if (name->inode != FOLDER)
            bytes_put(&f->data, content[name->inode].data, content[name->inode].n);
    }
    sort(out);
}

void disk_crash(const struct disk *d, size_t events, const struct disk_fated *fated, struct disk_image *out)
{
    struct bytes *content = NEW_ARRAY(struct bytes, d->inodes + 1);
    struct names names = {0};
    size_t pending = 0;
    for (size_t i = 0; i < d->inodes; i++)
        bytes_put(&content[i], d->inode[i].base.data, d->inode[i].base.n);
    for (size_t i = 0; i < d->base.n; i++)
        names_put(&names, d->base.item[i].path, d->base.item[i].inode);
    for (size_t i = 0; i < events; i++) {
        const struct event *e = &d->event[i];
        if (is_sync(e))
            continue;
        struct disk_fated f = {DISK_KEPT, 0};
        if (!is_safe(d, i, events))
            f = fated[pending++];
        apply(content, &names, e, f);
    }
    collect(&names, content, out);
    for (size_t i = 0; i < d->inodes; i++)
        bytes_free(&content[i]);
    free(content);
    free(names.item);
}
