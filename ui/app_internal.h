/* What the files of the app share. Private to ui/app*.c. */
#ifndef UI_APP_INTERNAL_H
#define UI_APP_INTERNAL_H

#include "base/memory.h"
#include "ui/app.h"
#include "ui/cell/form.h"
#include "ui/cell/table.h"
#include "ui/unlock.h"

#include <pthread.h>

enum { CONTROL_C = 3, APP_SCREENS = 16, APP_HITS = 64 };
enum { APP_LEAST_COLUMNS = 30, APP_LEAST_ROWS = 8, APP_FULL_COLUMNS = 60, APP_FULL_ROWS = 20 };

enum dialog_kind { DIALOG_LINE, DIALOG_CHOICE, DIALOG_WORD, DIALOG_TEXT, DIALOG_PALETTE };

struct dialog {
    enum dialog_kind kind;
    char *title, *body, *word;
    char **choice;
    int choices;
    struct table_state list; /* choices and the palette */
    int listed;
    int scroll, scroll_most; /* rows of the body above the window; the most there can be, set by drawing */
    bool in_secret;          /* lies in locked memory: a secret is typed into it */
    bool readable;           /* a row of the body at least was drawn */
    bool ended;              /* the body was read to its end */
    struct form_line form;
    app_answer *done;
    void *self;
    struct box rows; /* where the choices were drawn last, for the mouse */
    struct dialog *below;
};

struct app_job {
    struct job *job;
    double progress, eta; /* NaN: unknown */
    char text[160];
    char error[512];
    uint64_t input; /* how many there had been when it was started */
    bool ended, lasting;
    char *identity, *passphrase; /* handed to it, to be kept if it ends well; else NULL */
};

struct app_screen {
    const struct screen *screen;
    void *self;
    uint32_t version; /* of the workspace when it was loaded */
    bool loaded;
};

struct app_task {
    pthread_t thread;
    void (*run)(void *context);
    void (*done)(void *context, struct app *app);
    void *context;
    int wake; /* written to when run has returned */
    _Atomic bool ended;
    struct app_task *next;
};

struct app_hit { /* a place that the mouse can press, and the key it stands for */
    struct box box;
    int key;
};

struct app {
    struct workspace *workspace;
    struct app_options options;
    struct app_screen screen[APP_SCREENS];
    int screens, current;
    struct dialog *dialog; /* the top one */
    struct app_job **job;  /* in the order they were started */
    size_t jobs, jobs_capacity, running;
    char message[1024];
    enum style message_style;
    uint64_t inputs;      /* taken so far */
    bool answering;       /* one is being taken: a message now is the answer to it */
    uint64_t answered;    /* which one the message answers; 0: none */
    double answered_time; /* clock_seconds */
    char search[256];
    uint32_t version;
    double version_time, draw_time;
    struct app_task *task;
    int wake[2]; /* a pipe that ending tasks write to; -1: none was started yet */
    struct app_hit hit[APP_HITS];
    int hits;
    const struct app_guide *guide; /* NULL: none */
    struct unlock *unlock;
    int unlocked; /* minutes left, as drawn last */
    bool ended;
    char *chosen; /* the folder to go on with */
};

/* The keys that work on every screen: for the key bar, the help and the palette. */
struct app_key {
    int key;
    const char *label, *help;
};
extern const struct app_key app_keys[];
extern const int app_keys_n;

const struct app_screen *app_current(const struct app *app); /* NULL without a workspace */
bool app_key_shown(const struct app_screen *s, const struct screen_key *k);
bool app_key_enabled(struct app *app, const struct app_screen *s, const struct screen_key *k, char *why, size_t size);
void app_hit_add(struct app *app, struct box b, int key);

/* app_job.c */
bool app_job_tick(struct app *app);
bool app_job_cancel(struct app *app); /* the newest that runs; false if none does */
const struct app_job *app_job_newest(const struct app *app);
void app_job_free(struct app *app);

/* app_start.c: the page where there is no workspace */
void app_start_draw(struct grid *g, struct box b);
bool app_start_key(struct app *app, int key);

/* app_task.c */
bool app_task_tick(struct app *app);
void app_task_free(struct app *app);

/* app_unlock.c */
void app_unlock_changed(struct app *app); /* the workspace may hold another choice */
void app_unlock_start(struct app *app);
void app_unlock_ended(struct app *app, struct app_job *j, bool done, const char *why);
bool app_unlock_tick(struct app *app);
int app_unlock_draw(const struct app *app, struct grid *g, struct box row); /* the columns left of it */

/* app_dialog.c */
void dialog_open(struct app *app, struct dialog *d); /* takes d */
void dialog_close(struct app *app);
void dialog_input(struct app *app, const struct input_event *event);
void dialog_draw(struct app *app, struct dialog *d, struct grid *g);
void dialog_free(struct dialog *d);

/* app_palette.c */
void palette_open(struct app *app);
void palette_draw(struct app *app, struct dialog *d, struct grid *g, struct box b);
void palette_input(struct app *app, struct dialog *d, int key);

/* app_help.c */
void app_help(struct app *app);

#endif
