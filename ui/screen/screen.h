/* A screen: one file that fills one struct, and one line in ui/screen/table.c. It draws what the workspace holds and
 * changes it only through the actions that the commands call. Its keys are a table: the key bar, the help and the
 * palette come from it.
 *
 * The app takes these keys before any screen sees them: digits, Tab, BTab, `:` `?` F1 `e` `/` `q` C-c. Mouse events
 * carry cells of the whole grid. Behind a new search pattern comes the key `n`; n and N belong to the screen, which
 * finds rows with app_search_row. `open` is called once at start and must be cheap: what is shown is loaded in
 * `reload`, which the app calls before a screen is first shown and whenever the workspace has changed since. */
#ifndef UI_SCREEN_SCREEN_H
#define UI_SCREEN_SCREEN_H

#include "ui/cell/grid.h"
#include "ui/input.h"

#include <jansson.h>

struct app;
struct job;

struct screen_key {
    int key;
    const char *label; /* short, for the key bar: "train" */
    const char *help;  /* one sentence */
    bool writes;       /* refused under --read-only */
    /* May it be used now? If not, why (shown instead of acting). NULL: always. */
    bool (*enabled)(void *self, struct app *app, char *why, size_t size);
    void (*run)(void *self, struct app *app);
};

struct screen {
    const char *name;  /* "data": also `:data` and `view data` */
    const char *title; /* "Data" */
    const char *about; /* what this screen is for: the head of its help */
    const struct screen_key *key;
    int keys;
    void *(*open)(struct app *app);
    void (*close)(void *self);
    void (*reload)(void *self, struct app *app); /* the workspace changed */
    /* Asked every second while shown: has it more to draw though the workspace is unchanged (a file that grew)? May be
     * NULL. */
    bool (*stale)(void *self, struct app *app);
    void (*draw)(void *self, struct app *app, struct grid *g, struct box b);
    bool (*input)(void *self, struct app *app, const struct input_event *event); /* moves; true if used */
    /* Is this one of the keys of what is shown now? The others are in no list and do nothing, so that one key can mean
     * different things in different places of a screen. May be NULL: all are. */
    bool (*shows)(void *self, const struct screen_key *key);
    /* Does this key go to the screen's `input` before the app looks at it (a filter being typed)? Never C-c. May be
     * NULL: none does. */
    bool (*takes)(void *self, int key);
    void (*event)(void *self, struct app *app, struct job *job, json_t *event); /* from a running job; may be NULL */
    /* Explains the thing under the cursor with today's numbers; returns a text to free(). May be NULL. */
    char *(*explain)(void *self, struct app *app);
};

extern const struct screen *const screen_table[]; /* NULL-terminated, in the order of keys 1, 2, 3, ... */

#endif
