/* The list of files to import from: folders and files at the left, the beginning of the one under the cursor beside. */
#include "ui/screen/data.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MOST = 5000, PREVIEW_BYTES = 8192, TWO_PANES = 76 };

static const char setting_folder[] = "ui.data.folder";

void data_files_free(struct data_files *f)
{
    free(f->entry);
    free(f->preview);
    f->entry = NULL;
    f->preview = NULL;
    f->entries = 0;
}

static bool is_table(const char *name)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt"};
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

static void take_entry(struct data_files *f, const char *name, size_t *capacity)
{
    char path[FILE_PATH_MAX + 300];
    struct stat status;
    struct data_entry e = {0};
    bool up = text_equal(name, "..");
    if ((name[0] == '.' && !up) || (up && text_equal(f->folder, "/")) || !text_copy(e.name, sizeof e.name, name))
        return;
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    if (stat(path, &status) != 0)
        return;
    e.folder = S_ISDIR(status.st_mode);
    e.bytes = status.st_size;
    if (!e.folder && !(S_ISREG(status.st_mode) && is_table(name)))
        return;
    f->entry = memory_grow(f->entry, capacity, (size_t)f->entries + 1, sizeof *f->entry);
    f->entry[f->entries++] = e;
}

/* Lists f->folder; the cursor goes to the entry called `at`, if there is one. */
static void list(struct data_files *f, const char *at)
{
    size_t capacity = 0;
    data_files_free(f);
    f->list = (struct table_state){0};
    f->previewed = -1;
    f->trouble[0] = '\0';
    DIR *d = opendir(f->folder);
    if (d == NULL)
        text_copy(f->trouble, sizeof f->trouble, "this folder cannot be read");
    for (struct dirent *e; d != NULL && f->entries < ENTRIES_MOST && (e = readdir(d)) != NULL;)
        if (!text_equal(e->d_name, "."))
            take_entry(f, e->d_name, &capacity);
    if (d != NULL)
        closedir(d);
    if (f->entries > 0)
        qsort(f->entry, (size_t)f->entries, sizeof *f->entry, by_name);
    for (int i = 0; i < f->entries; i++)
        if (text_equal(f->entry[i].name, at))
            f->list.cursor = i;
}

static void open_folder(struct data_files *f, struct app *app, const char *path, const char *at)
{
    char whole[FILE_PATH_MAX];
    char *real = realpath(path, NULL);
    if (real != NULL && text_copy(whole, sizeof whole, real)) {
        text_copy(f->folder, sizeof f->folder, whole);
        list(f, at);
        if (!app_read_only(app))
            workspace_setting_set(app_workspace(app), setting_folder, f->folder);
    } else {
        app_message(app, STYLE_WARN, "%s cannot be opened", path);
    }
    free(real);
}

void data_files_open(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    char folder[FILE_PATH_MAX];
    if (f->folder[0] == '\0') {
        bool known = workspace_setting_get(app_workspace(app), setting_folder, folder, sizeof folder);
        text_copy(f->folder, sizeof f->folder, known && file_is_folder(folder) ? folder : ".");
    }
    char at[256] = "";
    if (f->entries > 0)
        text_copy(at, sizeof at, f->entry[f->list.cursor].name);
    s->mode = DATA_FILES;
    open_folder(f, app, f->folder, at);
}

static void go_up(struct data_files *f, struct app *app)
{
    char path[FILE_PATH_MAX + 4], from[256];
    text_copy(from, sizeof from, file_name(f->folder));
    snprintf(path, sizeof path, "%s/..", f->folder);
    open_folder(f, app, path, from);
}

void data_files_enter(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    if (f->entries == 0)
        return;
    const struct data_entry *e = &f->entry[f->list.cursor];
    char path[FILE_PATH_MAX + 300];
    snprintf(path, sizeof path, "%s/%s", text_equal(f->folder, "/") ? "" : f->folder, e->name);
    if (text_equal(e->name, ".."))
        go_up(f, app);
    else if (e->folder)
        open_folder(f, app, path, "");
    else if (strlen(path) >= FILE_PATH_MAX)
        app_message(app, STYLE_WARN, "the path of this file is too long");
    else
        data_import(s, app, path, e->bytes);
}

/* --- options --------------------------------------------------------------------------------------------------------- */

static void stamp_given(void *self, struct app *app, const char *text)
{
    struct data_screen *s = self;
    text_copy(s->files.stamp, sizeof s->files.stamp, text_starts(text, "guess") ? "" : text_starts(text, "open") ? "open"
                                                   : text_starts(text, "close") ? "close" : "date");
    app_message(app, STYLE_TEXT, "the next file is read so: Enter imports it");
}

static void order_given(void *self, struct app *app, const char *text)
{
    static const char *const choices[] = {"guess from the file", "open: a time opens its period", "close: a time closes its period",
                                          "date: a time is a whole date"};
    struct data_screen *s = self;
    text_copy(s->files.date_order, sizeof s->files.date_order, text_starts(text, "guess") ? "" : text);
    app_ask_choice(app, "What a time of the file means", choices, 4, 0, stamp_given, s);
}

static void asset_given(void *self, struct app *app, const char *text)
{
    static const char *const choices[] = {"guess from the file", "dmy", "mdy", "ymd"};
    struct data_screen *s = self;
    if (!text_copy(s->files.asset, sizeof s->files.asset, text))
        app_message(app, STYLE_WARN, "this name was cut: an asset's name has at most 63 bytes");
    app_ask_choice(app, "Order of dates such as 02/03/2024", choices, 4, 0, order_given, s);
}

void data_files_options(struct data_screen *s, struct app *app)
{
    app_ask(app, "Asset that the next file belongs to (empty: the file's name)", s->files.asset, false, asset_given, s);
}

/* --- the preview ----------------------------------------------------------------------------------------------------- */

static void read_preview(struct data_files *f)
{
    char path[FILE_PATH_MAX + 300];
    const struct data_entry *e = &f->entry[f->list.cursor];
    if (f->previewed == f->list.cursor)
        return;
    free(f->preview);
    f->preview = NULL;
    f->previewed = f->list.cursor;
    if (e->folder)
        return;
    snprintf(path, sizeof path, "%s/%s", f->folder, e->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    f->preview = memory_new(PREVIEW_BYTES + 1, 1);
    ssize_t n = read(fd, f->preview, PREVIEW_BYTES);
    close(fd);
    for (ssize_t i = 0; i < n; i++)
        if (f->preview[i] == '\0' || f->preview[i] == '\r')
            f->preview[i] = f->preview[i] == '\r' ? ' ' : '?';
    f->preview[n > 0 ? n : 0] = '\0';
}

static void draw_preview(struct data_files *f, struct grid *g, struct box b)
{
    if (f->entries == 0)
        return;
    const struct data_entry *e = &f->entry[f->list.cursor];
    char size[32];
    text_of_bytes((uint64_t)(e->bytes > 0 ? e->bytes : 0), size, sizeof size);
    aid_heading(g, b, 0, e->name, e->folder ? "folder" : size);
    read_preview(f);
    char *copy = memory_text(f->preview != NULL ? f->preview : e->folder ? "Enter opens it" : "it cannot be read"), *rest = copy, *line;
    for (int y = 1; y < b.rows && (line = text_next(&rest, '\n')) != NULL; y++)
        grid_put(g, b, 0, y, y == 1 ? STYLE_TEXT : STYLE_DIM, line);
    free(copy);
}

/* --- drawing and keys ------------------------------------------------------------------------------------------------ */

static const struct table_column columns[] = {
    {"Folder or file", 14, 60, false, 0},
    {"Size", 9, 10, true, 1},
};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_entry *e = &((const struct data_files *)context)->entry[row];
    *style = e->folder ? STYLE_KEY : STYLE_TEXT;
    if (column == 0)
        snprintf(out, size, "%s%s", e->name, e->folder ? "/" : "");
    else if (!e->folder)
        text_of_bytes((uint64_t)(e->bytes > 0 ? e->bytes : 0), out, size);
    if (column == 1)
        *style = STYLE_DIM;
}

static void draw_head(const struct data_files *f, struct grid *g, struct box b)
{
    char note[160] = "";
    if (f->asset[0] != '\0' || f->date_order[0] != '\0' || f->stamp[0] != '\0')
        snprintf(note, sizeof note, "%s%.63s  %s %s", f->asset[0] != '\0' ? "asset " : "", f->asset, f->date_order, f->stamp);
    aid_heading(g, b, 0, f->folder, note[0] != '\0' ? note : "Enter imports, o options, Esc closes");
}

void data_files_draw(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_files *f = &s->files;
    struct box head, body, left, right;
    struct table_source source = {f, f->entries, cell};
    box_split_rows(box_inset(b, 1, 0, 1, 0), 1, &head, &body);
    draw_head(f, g, head);
    if (body.columns >= TWO_PANES)
        box_split_columns(body, body.columns * 2 / 5, &left, &right);
    else
        box_split_rows(body, body.rows * 3 / 5, &left, &right);
    f->drawn = left;
    table_draw(g, left, columns, 2, &source, &f->list, true);
    if (f->trouble[0] != '\0')
        grid_paragraph(g, left, 2, STYLE_BAD, f->trouble);
    else if (f->entries <= 1)
        grid_put(g, left, 2, 3, STYLE_DIM, "no CSV files here");
    draw_preview(f, g, body.columns >= TWO_PANES ? box_inset(right, 2, 0, 0, 0) : right);
}

static void entry_text(void *self, int row, char *out, size_t size)
{
    text_copy(out, size, ((struct data_files *)self)->entry[row].name);
}

static bool mouse(struct data_screen *s, const struct input_event *event)
{
    struct data_files *f = &s->files;
    struct table_source source = {f, f->entries, cell};
    int row = table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y);
    if (row >= 0 && event->x < f->drawn.x + f->drawn.columns)
        f->list.cursor = row;
    return true;
}

bool data_files_input(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_files *f = &s->files;
    int delta;
    if (event->key == INPUT_ESC) {
        s->mode = DATA_SERIES;
        return true;
    }
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(s, event);
    if (event->key == INPUT_BACKSPACE || event->key == INPUT_LEFT || event->key == 'h') {
        go_up(f, app);
        return true;
    }
    if (event->key == INPUT_RIGHT || event->key == 'l') {
        if (f->entries > 0 && f->entry[f->list.cursor].folder)
            data_files_enter(s, app);
        return true;
    }
    if ((event->key == 'n' || event->key == 'N') && f->entries > 0) {
        int step = event->key == 'n' ? 1 : -1, row = app_search_row(app, f->entries, f->list.cursor + step, step, f, entry_text);
        f->list.cursor = row >= 0 ? row : f->list.cursor;
        return true;
    }
    if (!aid_move(event, f->drawn.rows - 2, &delta))
        return false;
    table_move(&f->list, f->entries, delta);
    return true;
}
