/* The list of files to take new bars from. */
#include "ui/screen/predict_view.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"

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

/* Where it was left, else the folder that the program was started in. */
void predict_files_open(struct predict_view *v, struct app *app)
{
    char folder[FILE_PATH_MAX];
    text_copy(folder, sizeof folder, v->files.folder[0] != '\0' ? v->files.folder : ".");
    data_folder_open(&v->files, app, folder, "");
    v->choosing = v->files.folder[0] != '\0';
}

static const struct table_column columns[] = {{"Folder or file", 14, 72, false, 0}, {"Size", 9, 10, true, 1}};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct data_entry *e = data_folder_entry(context, row);
    *style = column > 0 ? STYLE_DIM : e->folder ? STYLE_KEY : STYLE_TEXT;
    if (column == 0)
        snprintf(out, size, "%s%s", e->name, e->folder ? "/" : "");
    else if (!e->folder)
        text_of_bytes((uint64_t)(e->bytes > 0 ? e->bytes : 0), out, size);
}

void predict_files_draw(struct predict_view *v, struct grid *g, struct box b)
{
    struct data_files *f = &v->files;
    struct table_source source = {f, f->shown_n, cell};
    aid_heading(g, b, 0, "New bars from a file", "Enter takes it, Esc leaves");
    grid_put(g, b, 0, 1, STYLE_DIM, f->folder);
    f->drawn = box_inset(b, 0, 2, 0, 0);
    table_draw(g, f->drawn, columns, (int)ARRAY_N(columns), &source, &f->list, true);
    if (f->trouble[0] != '\0')
        grid_paragraph(g, box_inset(f->drawn, 2, 3, 0, 0), 0, STYLE_BAD, f->trouble);
    else if (f->shown_n <= 1)
        grid_paragraph(g, box_inset(f->drawn, 2, 3, 0, 0), 0, STYLE_DIM, "no CSV files here (Backspace goes up)");
}

static void enter(struct predict_view *v, struct app *app)
{
    struct data_files *f = &v->files;
    char path[FILE_PATH_MAX], model[HASH_HEX], name[80];
    const struct data_entry *e = data_folder_entry(f, f->list.cursor);
    if (e == NULL)
        return;
    data_folder_path(f, e, path, sizeof path);
    if (e->folder && text_equal(e->name, "..")) {
        go_up(f, app);
    } else if (e->folder) {
        data_folder_open(f, app, path, "");
    } else {
        text_copy(model, sizeof model, v->model);
        text_copy(name, sizeof name, v->name);
        predict_view_start(v, app, model, name, path);
    }
}

bool predict_files_input(struct predict_view *v, struct app *app, const struct input_event *event)
{
    struct data_files *f = &v->files;
    struct table_source source = {f, f->shown_n, cell};
    int delta;
    if (event->key == INPUT_ESC)
        v->choosing = false;
    else if (event->key == INPUT_ENTER)
        enter(v, app);
    else if (event->key == INPUT_BACKSPACE)
        go_up(f, app);
    else if (aid_move(event, f->drawn.rows - 2, &delta))
        table_move(&f->list, f->shown_n, delta);
    else if (event->key == INPUT_MOUSE && table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y) >= 0)
        f->list.cursor = table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y);
    else
        return false;
    return true;
}
