/* The log: the last rows of the workspace's log.txt, which every process of the workspace appends to. */
#include "base/memory.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/app.h"
#include "ui/cell/table.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MOST = 2000, TAIL_BYTES = 1 << 20 };

struct log_screen {
    char *bytes; /* the tail of the file, split into lines in place */
    const char *line[LINES_MOST];
    int lines;
    off_t size; /* of the file when it was read */
    struct table_state table;
    bool follow;
    struct box drawn; /* where the rows were drawn last, for the mouse */
};

static void *open_log(struct app *app)
{
    (void)app;
    struct log_screen *s = NEW(struct log_screen);
    s->follow = true;
    return s;
}

static void close_log(void *self)
{
    struct log_screen *s = self;
    free(s->bytes);
    free(s);
}

/* The last TAIL_BYTES of the file, from the start of a line; NULL if it cannot be read. */
static char *read_tail(int fd, off_t size)
{
    off_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    char *bytes = memory_new((size_t)(size - from) + 1, 1);
    size_t n = 0;
    ssize_t got;
    while (n < (size_t)(size - from) && (got = pread(fd, bytes + n, (size_t)(size - from) - n, from + (off_t)n)) > 0)
        n += (size_t)got;
    bytes[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == '\0')
            bytes[i] = '?'; /* a torn record */
    char *start = from > 0 ? strchr(bytes, '\n') : NULL;
    if (start != NULL)
        memmove(bytes, start + 1, strlen(start + 1) + 1);
    return bytes;
}

static void split(struct log_screen *s)
{
    int total = 0;
    s->lines = 0;
    for (const char *c = s->bytes; (c = strchr(c, '\n')) != NULL; c++)
        total++;
    char *rest = s->bytes, *line;
    for (int i = 0; (line = text_next(&rest, '\n')) != NULL; i++)
        if (i >= total - LINES_MOST && line[0] != '\0' && s->lines < LINES_MOST)
            s->line[s->lines++] = line;
}

/* True if the file has grown, or was replaced, since the last look. */
static bool read_log(struct log_screen *s, struct app *app)
{
    char path[4096 + 16];
    struct stat status;
    snprintf(path, sizeof path, "%s/log.txt", workspace_folder(app_workspace(app)));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool changed = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size != s->size;
    if (changed) {
        free(s->bytes);
        s->bytes = read_tail(fd, status.st_size);
        s->size = status.st_size;
        split(s);
        if (s->follow)
            table_move(&s->table, s->lines, INT_MAX);
    }
    close(fd);
    return changed;
}

static bool stale(void *self, struct app *app)
{
    return read_log(self, app);
}

static void reload(void *self, struct app *app)
{
    read_log(self, app);
}

/* Parts of a record: "2026-01-02T03:04:05Z level text". Anything else is all text. */
static const char *part(const char *line, int column, size_t *n)
{
    const char *level = strchr(line, ' '), *text = level != NULL ? strchr(level + 1, ' ') : NULL;
    bool record = text != NULL && level - line == 20 && level[-1] == 'Z';
    if (!record || column == 2) {
        const char *from = record ? text + 1 : line;
        *n = record || column == 2 ? strlen(from) : 0;
        return from;
    }
    *n = column == 0 ? 19 : (size_t)(text - level - 1);
    return column == 0 ? line : level + 1;
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct log_screen *s = context;
    size_t n, level_n;
    const char *from = part(s->line[row], column, &n), *level = part(s->line[row], 1, &level_n);
    snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), from);
    if (column == 0 && n == 19)
        out[10] = ' ';
    bool bad = level_n > 0 && strncmp(level, "error", level_n) == 0;
    bool warning = level_n > 0 && strncmp(level, "warning", level_n) == 0;
    *style = bad ? STYLE_BAD : warning ? STYLE_WARN : column == 2 ? STYLE_TEXT : STYLE_DIM;
}

static const struct table_column columns[] = {
    {"Time (UTC)", 19, 19, false, 2},
    {"Level", 7, 7, false, 1},
    {"What happened", 20, 4000, false, 0},
};

static void draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct log_screen *s = self;
    read_log(s, app);
    struct table_source source = {s, s->lines, cell};
    struct box rows, foot;
    box_split_rows(b, -1, &rows, &foot);
    s->drawn = rows;
    table_draw(g, rows, columns, 3, &source, &s->table, true);
    if (s->lines == 0)
        grid_put(g, rows, 2, 1, STYLE_DIM, "nothing has happened yet");
    int x = grid_printf(g, foot, 2, 0, STYLE_DIM, "%d of %d", s->lines > 0 ? s->table.cursor + 1 : 0, s->lines);
    grid_put(g, foot, x + 2, 0, s->follow ? STYLE_GOOD : STYLE_DIM, s->follow ? "following" : "held (f follows)");
}

static void row_text(void *self, int row, char *out, size_t size)
{
    text_copy(out, size, ((struct log_screen *)self)->line[row]);
}

static void search(struct log_screen *s, struct app *app, int step)
{
    int row = app_search_row(app, s->lines, s->table.cursor + step, step, s, row_text);
    if (row < 0)
        return;
    s->table.cursor = row;
    s->follow = false;
}

static bool mouse(struct log_screen *s, const struct input_event *event)
{
    struct table_source source = {s, s->lines, cell};
    int row = table_row_at(s->drawn, &source, &s->table, event->y - s->drawn.y);
    if (event->wheel != 0)
        table_move(&s->table, s->lines, 3 * event->wheel);
    else if (row >= 0)
        s->table.cursor = row;
    s->follow = false;
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct log_screen *s = self;
    int page = s->drawn.rows > 2 ? s->drawn.rows - 2 : 1, delta;
    switch (event->key) {
    case INPUT_MOUSE:
        return mouse(s, event);
    case 'n':
    case 'N':
        search(s, app, event->key == 'n' ? 1 : -1);
        return true;
    case INPUT_UP:
    case 'k':
        delta = -1;
        break;
    case INPUT_DOWN:
    case 'j':
        delta = 1;
        break;
    case INPUT_PAGE_UP:
        delta = -page;
        break;
    case INPUT_PAGE_DOWN:
        delta = page;
        break;
    case INPUT_HOME:
    case 'g':
        delta = INT_MIN;
        break;
    case INPUT_END:
    case 'G':
        delta = INT_MAX;
        break;
    default:
        return false;
    }
    table_move(&s->table, s->lines, delta);
    s->follow = delta > 0 && s->table.cursor >= s->lines - 1; /* at the end it goes on following */
    return true;
}

static bool has_lines(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    text_copy(why, size, "the log is empty");
    return ((struct log_screen *)self)->lines > 0;
}

static void show(void *self, struct app *app)
{
    struct log_screen *s = self;
    app_show_text(app, "Record", s->line[s->table.cursor]);
}

static void follow(void *self, struct app *app)
{
    struct log_screen *s = self;
    (void)app;
    s->follow = !s->follow;
    if (s->follow)
        table_move(&s->table, s->lines, INT_MAX);
}

static const struct screen_key keys[] = {
    {INPUT_ENTER, "in full", "Shows the whole record under the cursor.", false, has_lines, show},
    {'f', "follow", "Keeps the newest record in sight, or holds still.", false, NULL, follow},
};

const struct screen screen_log = {
    .name = "log",
    .title = "Log",
    .about = "What happened in this workspace: what commands and jobs did, and errors in full. Every process that "
             "works here writes to it.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_log,
    .close = close_log,
    .reload = reload,
    .stale = stale,
    .draw = draw,
    .input = input,
};
