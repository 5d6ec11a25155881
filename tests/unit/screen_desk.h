/* For the tests of the screens: a workspace in a folder of its own with a small market, and the app on it without a
 * terminal. Keys are played by name; what is on the screen is read as text. */
#ifndef TESTS_UNIT_SCREEN_DESK_H
#define TESTS_UNIT_SCREEN_DESK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "action/action.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/app.h"

#include <dirent.h>
#include <unistd.h>

struct desk {
    char folder[256], work[300];
    struct workspace *w;
    struct app *app;
};

static inline void desk_remove(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char inner[1024];
        if (text_equal(e->d_name, ".") || text_equal(e->d_name, ".."))
            continue;
        snprintf(inner, sizeof inner, "%.700s/%.300s", path, e->d_name);
        if (file_is_folder(inner))
            desk_remove(inner);
        else
            unlink(inner);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static inline struct desk *desk_new(void)
{
    struct desk *d = NEW(struct desk);
    struct error err = {0};
    const char *tmp = getenv("TMPDIR");
    hash_start();
    snprintf(d->folder, sizeof d->folder, "%.200s/morphsmith-desk-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->work, sizeof d->work, "%s/work", d->folder);
    assert_true(workspace_create(d->work, &err));
    d->w = workspace_open(d->work, false, &err);
    assert_non_null(d->w);
    return d;
}

static inline void desk_free(struct desk *d)
{
    app_free(d->app);
    workspace_close(d->w);
    desk_remove(d->folder);
    free(d);
}

static inline void desk_open(struct desk *d, const char *screen, bool read_only)
{
    app_free(d->app);
    d->app = app_new(d->w, &(struct app_options){.read_only = read_only, .screen = screen, .threads = 1});
    assert_true(app_show(d->app, screen));
}

static inline void desk_write(const struct desk *d, const char *name, const char *content)
{
    char path[600];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", d->folder, name);
    assert_true(file_write(path, content, strlen(content), 0600, &err));
}

/* Daily bars that wander up and down without a pattern. Rows from `odd_from` on are multiplied by `odd`. */
static inline void desk_market(const struct desk *d, const char *name, int rows, int odd_from, double odd)
{
    struct text csv = {0};
    uint32_t x = 12345;
    double price = 100;
    text_put(&csv, "date,open,high,low,close,volume\n");
    for (int i = 0; i < rows; i++) {
        char date[40];
        x = x * 1664525u + 1013904223u;
        double open = price, k = i < odd_from ? 1 : odd;
        price *= 1 + ((double)(x >> 8) / 16777216.0 - 0.49) * 0.05;
        double high = (open > price ? open : price) * 1.01, low = (open < price ? open : price) * 0.99;
        clock_date(((int64_t)17000 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%.4f,%.4f,%.4f,%.4f,%u\n", date, open * k, high * k, low * k, price * k, 1000 + (x >> 20));
    }
    desk_write(d, name, text_of(&csv));
    text_free(&csv);
}

static inline void desk_add(struct desk *d, const char *name)
{
    char path[600];
    const char *paths[] = {path};
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", d->folder, name);
    json_t *r = action_data_add(d->w, paths, 1, &(struct action_data_options){0}, &err);
    assert_non_null(r);
    json_decref(r);
}

static inline void desk_task(struct desk *d)
{
    struct error err = {0};
    json_t *r = action_task_set(d->w, &(struct action_task_options){.horizon = 1, .lookback = 8, .folds = 3, .embargo = -1,
                                                                    .stride = -1, .seed = -1, .holdout = -1}, &err);
    assert_non_null(r);
    json_decref(r);
}

/* Is a series of this name in the workspace? */
static inline bool desk_has(struct desk *d, const char *series)
{
    json_t *list = action_data_list(d->w, NULL), *one;
    size_t i;
    bool found = false;
    json_array_foreach(json_object_get(list, "series"), i, one)
        found = found || text_equal(json_string_value(json_object_get(one, "name")), series);
    json_decref(list);
    return found;
}

/* A market of 400 days, imported, and a task on it. */
static inline struct desk *desk_with_task(void)
{
    struct desk *d = desk_new();
    desk_market(d, "market.csv", 400, 400, 1);
    desk_add(d, "market.csv");
    desk_task(d);
    return d;
}

static inline void desk_arch(struct desk *d, const char *template_name)
{
    struct error err = {0};
    json_t *r = action_arch_new(d->w, template_name, 4, template_name[0] == 't' ? 2 : 1, &err);
    assert_non_null(r);
    json_decref(r);
}

/* Plays keys; what they changed is seen. */
static inline void desk_play(struct desk *d, const char *keys)
{
    struct error err = {0};
    assert_true(app_play(d->app, keys, &err));
    app_tick(d->app);
}

/* What is on the screen; free(). */
static inline char *desk_text(struct desk *d, int columns, int rows)
{
    struct grid *g = grid_new(columns, rows, SYMBOLS_BRAILLE);
    app_draw(d->app, g);
    app_settle(d->app); /* what drawing found to be worked out */
    app_draw(d->app, g);
    char *text = grid_text(g);
    grid_free(g);
    return text;
}

static inline bool desk_shows(struct desk *d, int columns, int rows, const char *part)
{
    char *text = desk_text(d, columns, rows);
    bool found = strstr(text, part) != NULL;
    if (!found)
        fprintf(stderr, "\"%s\" is not on the screen:\n%s", part, text);
    free(text);
    return found;
}

static inline bool desk_hides(struct desk *d, int columns, int rows, const char *part)
{
    char *text = desk_text(d, columns, rows);
    bool found = strstr(text, part) != NULL;
    if (found)
        fprintf(stderr, "\"%s\" is on the screen:\n%s", part, text);
    free(text);
    return !found;
}

static inline const struct screen *desk_screen(const char *name)
{
    for (int i = 0; screen_table[i]; i++)
        if (text_equal(screen_table[i]->name, name))
            return screen_table[i];
    return NULL;
}

/* A screen of its own beside those of the app, to call directly. */
static inline void *desk_self(struct desk *d, const struct screen *s)
{
    void *self = s->open(d->app);
    s->reload(self, d->app);
    return self;
}

/* Draws a screen into boxes of many sizes within a grid of another; nothing outside of the box may change. */
static inline void desk_sweep(struct desk *d, const struct screen *s, void *self)
{
    static const int columns[] = {1, 2, 3, 7, 20, 40, 60, 79, 80, 99, 100, 120, 132, 200, 300};
    static const int rows[] = {1, 2, 3, 5, 8, 13, 17, 21, 33, 60, 120};
    static const enum symbols symbols[] = {SYMBOLS_BRAILLE, SYMBOLS_BLOCK, SYMBOLS_ASCII};
    for (size_t k = 0; k < ARRAY_N(columns) * ARRAY_N(rows); k++) {
        int w = columns[k % ARRAY_N(columns)], h = rows[k / ARRAY_N(columns)];
        struct grid *g = grid_new(w + 4, h + 4, symbols[k % 3]);
        grid_fill(g, grid_box(g), STYLE_BAD, '@');
        struct box b = {2, 2, w, h};
        grid_fill(g, b, STYLE_TEXT, ' ');
        s->draw(self, d->app, g, b);
        for (int y = 0; y < g->rows; y++) {
            for (int x = 0; x < g->columns; x++) {
                bool inside = x >= 2 && x < 2 + w && y >= 2 && y < 2 + h;
                uint32_t code = g->cell[y * g->columns + x].code;
                if (!inside && code != '@')
                    fail_msg("%s at %dx%d draws U+%04X outside, at %d,%d", s->name, w, h, (unsigned)code, x - 2, y - 2);
                if (inside && g->symbols == SYMBOLS_ASCII && code > 0x7e)
                    fail_msg("%s at %dx%d draws U+%04X in ASCII", s->name, w, h, (unsigned)code);
            }
        }
        grid_free(g);
    }
}

#endif
