/* The list of files to import from: folders and files at the left, the beginning of the one under the cursor beside. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

#include <limits.h>

enum { TWO_PANES = 76 };

static void go_up(struct data_files *f, struct app *app)
{
    char path[FILE_PATH_MAX], from[256];
    text_copy(from, sizeof from, file_name(f->folder));
    text_copy(path, sizeof path, f->folder);
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        slash[slash == path ? 1 : 0] = '\0';
    data_folder_open(f, app, path, from);
}

void data_files_go(struct data_screen *s, struct app *app, const char *where)
{
    const char *home = getenv("HOME");
    if (text_equal(where, ".."))
        go_up(&s->files, app);
    else if (home != NULL)
        data_folder_open(&s->files, app, home, "");
    else
        app_message(app, STYLE_WARN, "HOME is not set");
}

static bool can_pick(const struct data_entry *e)
{
    return e != NULL && !e->folder;
}

void data_files_pick(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    const struct data_entry *e = data_folder_entry(f, f->list.cursor);
    if (!can_pick(e)) {
        app_message(app, STYLE_WARN, "only files are marked; Enter opens a folder");
        return;
    }
    struct data_entry *own = &f->entry[f->shown[f->list.cursor]];
    if (!own->picked && f->picked == DATA_PATHS_MOST) {
        app_message(app, STYLE_WARN, "%d files are marked already", f->picked);
        return;
    }
    own->picked = !own->picked;
    f->picked += own->picked ? 1 : -1;
    table_move(&f->list, f->shown_n, 1);
}

void data_files_toggle(struct data_screen *s, struct app *app, bool *what, const char *name)
{
    *what = !*what;
    data_folder_filter(&s->files);
    app_message(app, STYLE_TEXT, "%s: %s", name, *what ? "shown" : "not shown");
}

static void open_picked(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    char(*path)[FILE_PATH_MAX] = memory_new((size_t)f->picked, sizeof *path);
    const char **paths = NEW_ARRAY(const char *, f->picked);
    int64_t bytes = 0;
    int n = 0;
    for (int i = 0; i < f->entries && n < f->picked; i++) {
        if (!f->entry[i].picked)
            continue;
        data_folder_path(f, &f->entry[i], path[n], sizeof path[n]);
        bytes += file_size(path[n]) > 0 ? file_size(path[n]) : 0;
        paths[n] = path[n];
        n++;
    }
    data_preview_open(s, app, paths, n, bytes);
    free(paths);
    free(path);
}

/* The marked files together, or the one under the cursor. */
void data_files_enter(struct data_screen *s, struct app *app)
{
    struct data_files *f = &s->files;
    const struct data_entry *e = data_folder_entry(f, f->list.cursor);
    char path[FILE_PATH_MAX];
    const char *const one[] = {path};
    f->filtering = false;
    if (e == NULL)
        return;
    data_folder_path(f, e, path, sizeof path);
    if (path[0] == '\0')
        app_message(app, STYLE_WARN, "this path is too long to be opened");
    else if (text_equal(e->name, ".."))
        go_up(f, app);
    else if (e->folder)
        data_folder_open(f, app, path, "");
    else if (f->picked > 0)
        open_picked(s, app);
    else
        data_preview_open(s, app, one, 1, e->bytes);
}

/* --- the beginning of a file -----------------------------------------------------------------------------------------
 */

/* Digits of lines that may lie in sealed time are written as #: the form can be seen, the values cannot. The first line
 * is mostly the header, and holds no digits that matter. */
void data_raw_draw(const struct data_screen *s, struct grid *g, struct box b, const char *raw, bool mask, int top)
{
    char *copy = memory_text(raw), *rest = copy, *line;
    int y = 0, number = 0;
    (void)s;
    while (y < b.rows - (mask ? 1 : 0) && (line = text_next(&rest, '\n')) != NULL) {
        number++;
        if (number <= top || (rest == NULL && line[0] == '\0'))
            continue;
        for (char *c = line; mask && number > 1 && *c != '\0'; c++)
            *c = *c >= '0' && *c <= '9' ? '#' : *c;
        grid_printf(g, b, 0, y, STYLE_DIM, "%4d ", number);
        grid_put(g, box_inset(b, 5, 0, 0, 0), 0, y, number == 1 ? STYLE_TEXT : STYLE_DIM, line);
        y++;
    }
    if (mask && b.rows > 1)
        grid_put(g, b, 0, b.rows - 1, STYLE_SEALED, "digits are hidden: these lines may lie in sealed time");
    free(copy);
}

static void draw_beside(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_files *f = &s->files;
    const struct data_entry *e = data_folder_entry(f, f->list.cursor);
    char size[32], path[FILE_PATH_MAX];
    if (e == NULL)
        return;
    text_of_bytes((uint64_t)(e->bytes > 0 ? e->bytes : 0), size, sizeof size);
    aid_heading(g, b, 0, e->name, e->folder ? "folder" : size);
    struct box body = box_inset(b, 0, 1, 0, 0);
    data_folder_path(f, e, path, sizeof path);
    if (e->folder)
        grid_put(g, body, 0, 0, STYLE_DIM, text_equal(e->name, "..") ? "Enter goes up" : "Enter opens it");
    else if (data_folder_raw(f, path)[0] == '\0')
        grid_put(g, body, 0, 0, STYLE_DIM, e->bytes == 0 ? "it is empty" : "it cannot be read");
    else
        data_raw_draw(s, g, body, data_folder_raw(f, path), s->sealed_first != 0, 0);
}

/* --- drawing ---------------------------------------------------------------------------------------------------------
 */

static const struct table_column columns[] = {
    {"Folder or file", 14, 72, false, 0},
    {"Size", 9, 10, true, 1},
    {"Changed", 10, 10, false, 2},
};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    struct data_files *f = context;
    const struct data_entry *e = data_folder_entry(f, row);
    char day[AID_NUMBER];
    *style = column > 0 ? STYLE_DIM : e->folder ? STYLE_KEY : STYLE_TEXT;
    if (column == 0)
        snprintf(out, size, "%s%s%s", e->picked ? "* " : "", e->name, e->folder ? "/" : "");
    else if (column == 1 && !e->folder)
        text_of_bytes((uint64_t)(e->bytes > 0 ? e->bytes : 0), out, size);
    else if (column == 2 && e->modified_us > 0)
        snprintf(out, size, "%.10s", aid_day(e->modified_us, day));
}

static void draw_head(const struct data_files *f, struct grid *g, struct box b)
{
    char note[96] = "Enter opens, Esc closes", count[AID_NUMBER];
    if (f->picked > 0)
        snprintf(note, sizeof note, "%d marked: Enter opens them together", f->picked);
    else if (f->shown_n > b.rows && f->shown_n > 40)
        snprintf(note, sizeof note, "%s entries, / filters", aid_count(f->shown_n, count));
    /* Of a long path the end says where one is. */
    const char *folder = f->folder;
    while (text_width(folder) > b.columns - text_width(note) - 6 && strchr(folder + 1, '/') != NULL)
        folder = strchr(folder + 1, '/');
    char title[FILE_PATH_MAX + 8];
    snprintf(title, sizeof title, "%s%s", folder == f->folder ? "" : "...", folder);
    aid_heading(g, b, 0, title, note);
}

static void draw_filter(const struct data_files *f, struct grid *g, struct box b)
{
    int x = grid_put(g, b, 0, 0, STYLE_KEY, "/ ");
    if (f->filtering)
        form_draw(g, b, x, 0, b.columns - x, &f->filter, true);
    else
        grid_printf(g, b, x, 0, STYLE_TEXT, "%s   (Esc takes the filter away)", f->filter.text);
}

static void draw_list(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_files *f = &s->files;
    struct table_source source = {f, f->shown_n, cell};
    struct box list = b, line;
    if (f->filtering || f->filter.n > 0) {
        box_split_rows(b, 1, &line, &list);
        draw_filter(f, g, line);
    }
    f->drawn = list;
    table_draw(g, list, columns, (int)ARRAY_N(columns), &source, &f->list, true);
    if (f->trouble[0] != '\0')
        grid_paragraph(g, box_inset(list, 2, 3, 0, 0), 0, STYLE_BAD, f->trouble);
    else if (f->shown_n <= 1)
        grid_paragraph(g, box_inset(list, 2, 3, 0, 0), 0, STYLE_DIM,
                       f->filter.n > 0 ? "nothing here is called that"
                                       : "no CSV files here (v shows all files, u goes up)");
}

void data_files_draw(struct data_screen *s, struct grid *g, struct box b)
{
    struct box head, body, left, right;
    box_split_rows(box_inset(b, 1, 0, 1, 0), 1, &head, &body);
    draw_head(&s->files, g, head);
    bool beside = body.columns >= TWO_PANES;
    if (beside)
        box_split_columns(body, body.columns * 2 / 5 < 44 ? 44 : body.columns * 2 / 5, &left, &right);
    else
        box_split_rows(body, body.rows * 3 / 5, &left, &right);
    draw_list(s, g, left);
    draw_beside(s, g, beside ? box_inset(right, 2, 0, 0, 0) : right);
}

/* --- input -----------------------------------------------------------------------------------------------------------
 */

/* While the filter is typed every key but those that move goes into it. */
static bool filter_key(struct data_screen *s, struct app *app, int key)
{
    struct data_files *f = &s->files;
    if (key == INPUT_UP || key == INPUT_DOWN) {
        table_move(&f->list, f->shown_n, key == INPUT_UP ? -1 : 1);
    } else if (key == INPUT_ENTER) {
        f->filtering = false;
        data_files_enter(s, app);
    } else if (key == INPUT_ESC) {
        f->filtering = false;
        form_clear(&f->filter);
        data_folder_filter(f);
    } else if (key == INPUT_BACKSPACE && f->filter.n == 0) {
        f->filtering = false;
    } else {
        form_key(&f->filter, key);
        data_folder_filter(f);
    }
    return true;
}

static bool mouse(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_files *f = &s->files;
    struct table_source source = {f, f->shown_n, cell};
    int row = table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y);
    if (row < 0 || event->x >= f->drawn.x + f->drawn.columns)
        return true;
    if (row == f->list.cursor)
        data_files_enter(s, app);
    else
        f->list.cursor = row;
    return true;
}

static bool leave(struct data_screen *s)
{
    struct data_files *f = &s->files;
    if (f->filter.n > 0) {
        form_clear(&f->filter);
        data_folder_filter(f);
    } else {
        s->mode = DATA_SERIES;
    }
    return true;
}

bool data_files_input(struct data_screen *s, struct app *app, const struct input_event *event)
{
    struct data_files *f = &s->files;
    int delta;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(s, app, event);
    if (f->filtering && event->key != INPUT_MOUSE)
        return filter_key(s, app, event->key);
    if (event->key == '/') {
        f->filtering = true;
        f->filter.preset = f->filter.n > 0; /* what is typed takes the place of what was */
        return true;
    }
    if (event->key == INPUT_ESC)
        return leave(s);
    if (event->key == INPUT_BACKSPACE || event->key == INPUT_LEFT || event->key == 'h') {
        go_up(f, app);
        return true;
    }
    if (event->key == INPUT_RIGHT || event->key == 'l') {
        const struct data_entry *e = data_folder_entry(f, f->list.cursor);
        if (e != NULL && e->folder)
            data_files_enter(s, app);
        return true;
    }
    if (!aid_move(event, f->drawn.rows - 2, &delta))
        return false;
    table_move(&f->list, f->shown_n, delta);
    return true;
}
