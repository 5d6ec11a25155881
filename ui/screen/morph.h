/* What the files of the Morph screen share. Private to ui/screen/morph*.c. */
#ifndef UI_SCREEN_MORPH_H
#define UI_SCREEN_MORPH_H

#include "search/morph.h"
#include "ui/cell/table.h"
#include "ui/screen/at_hand.h"

#define MORPH_CHAIN_MOST 64
#define MORPH_KINDS_MOST 32

struct morph_row {
    const struct morph_kind *kind;
    char node[ARCH_NAME_MAX];
    bool applicable;
    char reason[128];
    bool known;               /* the two below; in a large graph only the step under the cursor is tried out */
    int64_t parameters, macs; /* after it, with its presets */
};

/* The step under the cursor with the settings given by hand. */
struct morph_preview {
    struct arch *after; /* NULL: it does not apply; see `reason` */
    char reason[256];
    char step[MORPH_TEXT_MAX];
};

struct morph_link {
    char id[HASH_HEX], name[64], morphism[MORPH_TEXT_MAX];
};

struct morph_screen {
    struct at_hand hand;
    struct morph_row *row;
    int rows;
    int *shown; /* [shown_n] indices of rows: all, or those that apply */
    int shown_n;
    struct table_state table;
    struct box drawn;
    bool only_applicable, running; /* running: a step every second or so, until Esc */
    uint32_t ran;                  /* steps of this run */
    char setting[MORPH_KINDS_MOST][128]; /* "by=16", in the order of morph_table; "": presets */
    struct morph_preview preview;
    struct morph_link chain[MORPH_CHAIN_MOST]; /* how the one at hand came about, the oldest first */
    int chain_n;
    char redo[MORPH_CHAIN_MOST][HASH_HEX];
    int redo_n;
    struct job *job;
    char last[256]; /* what came of the newest step */
    enum style last_style;
};

/* morph.c */
const struct morph_row *morph_selected(const struct morph_screen *s); /* NULL: none */
const char *morph_setting_of(const struct morph_screen *s, const struct morph_kind *kind);

/* morph_load.c */
void morph_load(struct morph_screen *s, struct app *app); /* all that depends on the architecture at hand */
void morph_filter(struct morph_screen *s);
void morph_look(struct morph_screen *s); /* the preview of the row under the cursor */
void morph_free(struct morph_screen *s);

/* morph_step.c */
void morph_apply_selected(void *self, struct app *app);
void morph_undo(void *self, struct app *app);
void morph_redo(void *self, struct app *app);
void morph_run(void *self, struct app *app);
bool morph_run_on(void *self, struct app *app); /* a random step; false if nothing was done */
void morph_event(void *self, struct app *app, struct job *job, json_t *event);
bool morph_is_quick(const struct morph_screen *s, struct app *app);

/* morph_draw.c */
void morph_draw(void *self, struct app *app, struct grid *g, struct box b);
void morph_row_text(void *self, int row, char *out, size_t size);

/* morph_explain.c */
char *morph_explain(void *self, struct app *app);

#endif
