/* What the files of the Train screen share. Private to ui/screen/train*.c.
 *
 * A run is a single training or a trial (a cross-validation). train_load reads the list and the curves of what may be
 * drawn: a finished run's curve is read once and kept, a running one's again each time. Drawing reads, and changes only
 * where panes stood and how far they were scrolled. */
#ifndef UI_SCREEN_TRAIN_STATE_H
#define UI_SCREEN_TRAIN_STATE_H

#include "store/brief.h"
#include "store/tasks.h"
#include "train/recipe_setting.h"
#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/predict_view.h"
#include "ui/screen/settings.h"

#include <math.h>

enum train_metric { TRAIN_LOSS, TRAIN_ACCURACY, TRAIN_GRADIENT, TRAIN_RATE, TRAIN_METRICS };
enum { TRAIN_MARKS = 6, TRAIN_JOBS = 2, TRAIN_LINEAGE = 64 };
#define TRAIN_RECIPE_TEXT 640
enum { TRAIN_FORM_ROWS = RECIPE_SETTINGS - 1 };

struct train_form {
    bool open;
    struct settings settings;
    struct table_state list;
    struct box drawn;
    char refusal[256]; /* of the last answer */
};

struct train_curve {
    bool loaded;
    struct train_event *event; /* by fold, then epoch */
    int n, folds;
    int best; /* index of the least validation loss, or -1 */
};

struct train_run {
    bool trial; /* else a single training */
    int64_t id, created_us, parent, search;
    struct hash arch, model;
    char name[80], state[16];
    bool blas;  /* its weights are not exact */
    int epochs; /* at most, each fold; 0: not known */
    int kept;   /* the epoch that it can be gone on with in; 0: it was not interrupted, or nothing was kept */
    double score, low, high; /* of a trial; NaN: not known */
    struct train_curve curve;
};

struct train_mark {
    bool trial;
    int64_t id;
};

struct train_job {
    struct job *job;
    bool scoring, paused;
    double progress, eta;
    char text[128];
};

struct train_screen {
    bool has_task;
    struct task_row task;
    int outputs;           /* of a network for the task */
    struct train_run *run; /* newest first */
    int runs;
    struct { /* read again only where they have changed: there may be thousands */
        struct brief_print print;
        struct hash task;
        struct brief_list list;
        bool known, reading; /* a first reading of many is under way on a thread */
        int at_once;         /* more new trials than these are read so */
    } read;
    struct table_state table;
    struct box rows, plot; /* where they were drawn last */
    struct train_mark mark[TRAIN_MARKS];
    int marks;
    enum train_metric metric;
    bool smooth, log, follow;
    bool lineage; /* the curves of the ancestors stand in front */
    int fold;   /* -1: all, one behind the other */
    int cursor; /* point of the run at hand, or -1 */

    struct { /* of the run under the cursor; zeros: none */
        struct hash weights, trace_root;
    } proof;

    bool has_selected;
    struct arch_row selected; /* without its text */
    struct train_form form;
    struct recipe recipe; /* what `t` and `c` train with: what the form says for the task in force */
    struct {
        struct hash arch;
        int batch;           /* that it was computed for; 0: not yet */
        char text[128];      /* what the plan takes */
        char too_large[256]; /* why it cannot be trained here now; "" if it can */
    } room;
    struct train_job job[TRAIN_JOBS];
    struct predict_view predict;
    char result[320]; /* of the last training or scoring of this program */
};

void train_load(struct train_screen *s, struct app *app);
void train_unload(struct train_screen *s);
/* Reads the curves of the rows near the cursor and of the marked ones, and the hashes of the one under the cursor. */
void train_load_curves(struct train_screen *s, struct workspace *w);
const struct train_run *train_at(const struct train_screen *s); /* the run under the cursor, or NULL */
/* The interrupted training that R goes on with: that under the cursor, or the newest one. */
const struct train_run *train_kept(const struct train_screen *s);
int train_mark_of(const struct train_screen *s, const struct train_run *r); /* 0 ..., or -1 */
/* The runs to draw: the marked ones, or that under the cursor; at most TRAIN_MARKS. */
int train_shown(const struct train_screen *s, const struct train_run *out[TRAIN_MARKS]);
/* The points of a run that the choice of a fold leaves, and how many. */
const struct train_event *train_points(const struct train_screen *s, const struct train_run *r, int *n);
/* The loss of what needs no network, and what that is called: a coin, chance among the classes, the mean return. */
double train_loss_without(const struct train_screen *s, const char **name);
/* The run under the cursor behind those that its weights come from, the oldest first: how many (1: none, or they are not
 * asked for). */
int train_lineage(const struct train_screen *s, const struct train_run *out[TRAIN_LINEAGE]);
/* "trial 5: widen node=d1 by=16": what was done to inherit its parent's weights; "" if nothing. */
const char *train_steps(const struct train_screen *s, const struct train_run *r);
double train_value(const struct train_event *e, enum train_metric m, bool training);
const char *train_recipe_text(const struct train_screen *s, char out[TRAIN_RECIPE_TEXT]);

/* --- the form of the settings (train_form.c, train_form_draw.c) --- */
int train_form_setting(int row); /* index in recipe_settings */
void train_form_load(struct train_screen *s, struct workspace *w);
void train_form_open(void *self, struct app *app);
void train_form_close(void *self, struct app *app);
void train_form_enter(void *self, struct app *app); /* asks for the setting at the cursor */
void train_form_reset(void *self, struct app *app);
void train_form_reset_all(void *self, struct app *app);
bool train_form_input(struct train_screen *s, struct app *app, const struct input_event *event);
void train_form_draw(struct train_screen *s, struct grid *g, struct box b);

void train_draw(struct train_screen *s, struct app *app, struct grid *g, struct box b);
void train_draw_curves(const struct train_screen *s, struct grid *g, struct box b, enum train_metric m, bool main);
char *train_explain(struct train_screen *s, struct app *app);

#endif
