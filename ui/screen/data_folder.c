/* What is in a folder: names at once, sizes and dates where they are looked at, so that thousands of files cost little. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MOST = 200 * 1000, RAW_BYTES = 16384 };

static const char setting_folder[] = "ui.data.folder";

static void forget(struct data_files *f)
{
    for (int i = 0; i < f->entries; i++)
        free(f->entry[i].name);
    free(f->entry);
    free(f->shown);
    f->entry = NULL;
    f->shown = NULL;
    f->entries = f->shown_n = f->picked = 0;
    f->capacity = 0;
}

void data_files_free(struct data_files *f)
{
    forget(f);
    free(f->raw);
    f->raw = NULL;
    f->raw_path[0] = '\0';
}

static bool is_table(const char *name)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt", ".dat"};
    size_t n = strlen(name);
    for (size_t i = 0; i < ARRAY_N(endings); i++)
        if (n > 4 && text_equal_nocase(name + n - 4, endings[i]))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct data_entry *x = a, *y = b;
    if (x->folder != y->folder)
        return x->folder ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Folders and plain files; what is a link is what it leads to. */
static void take_entry(struct data_files *f, DIR *d, const struct dirent *from)
{
    struct data_entry e = {0};
    struct stat status;
    bool folder = from->d_type == DT_DIR, file = from->d_type == DT_REG;
    if (text_equal(from->d_name, ".") || (text_equal(from->d_name, "..") && text_equal(f->folder, "/")))
        return;
    if (!folder && !file) {
        if (fstatat(dirfd(d), from->d_name, &status, 0) != 0)
            return;
        folder = S_ISDIR(status.st_mode);
        file = S_ISREG(status.st_mode);
    }
    if (!folder && !file)
        return;
    e.folder = folder;
    e.name = memory_text(from->d_name);
    f->entry = memory_grow(f->entry, &f->capacity, (size_t)f->entries + 1, sizeof *f->entry);
    f->entry[f->entries++] = e;
}

static bool is_shown(const struct data_files *f, const struct data_entry *e)
{
    if (text_equal(e->name, ".."))
        return true;
    if (e->name[0] == '.' && !f->hidden)
        return false;
    if (!e->folder && !f->all && !is_table(e->name))
        return false;
    return f->filter.n == 0 || text_contains_nocase(e->name, f->filter.text);
}

/* The cursor stays on the entry that it was on, if that is still shown; else it goes to the first that fits. */
void data_folder_filter(struct data_files *f)
{
    int was = f->shown_n > 0 ? f->shown[f->list.cursor] : -1, at = -1;
    f->shown = memory_resize(f->shown, (size_t)f->entries + 1, sizeof *f->shown);
    f->shown_n = 0;
    for (int i = 0; i < f->entries; i++) {
        if (!is_shown(f, &f->entry[i]))
            continue;
        at = i == was ? f->shown_n : at;
        f->shown[f->shown_n++] = i;
    }
    bool up = f->shown_n > 1 && text_equal(f->entry[f->shown[0]].name, "..");
    bool stays = at > 0 || (at == 0 && (!up || f->filter.n == 0));
    f->list.cursor = stays ? at : f->filter.n > 0 && up ? 1 : 0;
}

static void read_folder(struct data_files *f)
{
    forget(f);
    f->list = (struct table_state){0};
    f->trouble[0] = '\0';
    DIR *d = opendir(f->folder);
    if (d == NULL)
        snprintf(f->trouble, sizeof f->trouble, "this folder cannot be read: %s", strerror(errno));
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        if (f->entries == ENTRIES_MOST) {
            snprintf(f->trouble, sizeof f->trouble, "only the first %d entries are listed", ENTRIES_MOST);
            break;
        }
        take_entry(f, d, e);
    }
    if (d != NULL)
        closedir(d);
    if (f->entries > 0)
        qsort(f->entry, (size_t)f->entries, sizeof *f->entry, by_name);
}

/* A folder that may not be read is opened all the same: the way back up is there, and the reason. */
void data_folder_open(struct data_files *f, struct app *app, const char *path, const char *at)
{
    char *real = realpath(path, NULL);
    if (real == NULL || strlen(real) >= sizeof f->folder) {
        app_message(app, STYLE_WARN, "%s cannot be opened: %s", path, real == NULL ? strerror(errno) : "its path is too long");
        free(real);
        return;
    }
    bool other = !text_equal(real, f->folder);
    text_copy(f->folder, sizeof f->folder, real);
    free(real);
    if (other)
        form_clear(&f->filter);
    f->filtering = false;
    read_folder(f);
    if (f->entries == 0 && !text_equal(f->folder, "/")) {
        f->entry = memory_grow(f->entry, &f->capacity, 1, sizeof *f->entry);
        f->entry[f->entries++] = (struct data_entry){.name = memory_text(".."), .folder = true};
    }
    data_folder_filter(f);
    f->list.cursor = f->shown_n > 1 && text_equal(f->entry[f->shown[0]].name, "..") ? 1 : 0;
    for (int i = 0; i < f->shown_n; i++)
        if (text_equal(f->entry[f->shown[i]].name, at))
            f->list.cursor = i;
    if (!app_read_only(app))
        workspace_setting_set(app_workspace(app), setting_folder, f->folder);
}

void data_files_open(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    char folder[FILE_PATH_MAX], at[256] = "";
    bool known = workspace_setting_get(app_workspace(app), setting_folder, folder, sizeof folder) && file_is_folder(folder);
    if (f->folder[0] == '\0')
        text_copy(f->folder, sizeof f->folder, known ? folder : ".");
    if (f->shown_n > 0)
        text_copy(at, sizeof at, f->entry[f->shown[f->list.cursor]].name);
    s->mode = DATA_FILES;
    form_clear(&f->filter);
    text_copy(folder, sizeof folder, f->folder);
    data_folder_open(f, app, folder, at);
}

void data_folder_path(const struct data_files *f, const struct data_entry *e, char *out, size_t size)
{
    bool root = text_equal(f->folder, "/");
    if (!text_copy(out, size, root ? "" : f->folder) || !text_append(out, size, "/") || !text_append(out, size, e->name))
        text_copy(out, size, "");
}

const struct data_entry *data_folder_entry(struct data_files *f, int shown)
{
    char path[FILE_PATH_MAX];
    struct stat status;
    if (shown < 0 || shown >= f->shown_n)
        return NULL;
    struct data_entry *e = &f->entry[f->shown[shown]];
    if (e->stated)
        return e;
    e->stated = true;
    data_folder_path(f, e, path, sizeof path);
    if (stat(path, &status) == 0) {
        e->bytes = status.st_size;
        e->modified_us = (int64_t)status.st_mtime * 1000000;
    }
    return e;
}

/* Control characters become blanks; UTF-16 is read as if it were what it mostly is, ASCII with zeros between. */
static void clean(char *raw, size_t n)
{
    size_t to = 0;
    bool wide = n >= 2 && (((unsigned char)raw[0] == 0xff && (unsigned char)raw[1] == 0xfe) ||
                           ((unsigned char)raw[0] == 0xfe && (unsigned char)raw[1] == 0xff));
    for (size_t i = wide ? 2 : 0; i < n; i++) {
        if (wide && raw[i] == '\0')
            continue;
        bool lone = raw[i] == '\r' && (i + 1 + (size_t)wide >= n || raw[i + 1 + (size_t)wide] != '\n');
        if (raw[i] == '\r' && !lone)
            continue;
        raw[to++] = lone ? '\n' : raw[i] == '\0' ? '?' : raw[i];
    }
    raw[to] = '\0';
    if (to >= 3 && memcmp(raw, "\xef\xbb\xbf", 3) == 0)
        memmove(raw, raw + 3, to - 2);
}

const char *data_folder_raw(struct data_files *f, const char *path)
{
    if (f->raw != NULL && text_equal(f->raw_path, path))
        return f->raw;
    free(f->raw);
    f->raw = memory_new(RAW_BYTES + 1, 1);
    text_copy(f->raw_path, sizeof f->raw_path, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd >= 0 ? read(fd, f->raw, RAW_BYTES) : 0;
    if (fd >= 0)
        close(fd);
    clean(f->raw, n > 0 ? (size_t)n : 0);
    return f->raw;
}
