/* What a model says of the newest bars: a page of the Train screen. The next bar's prediction stands first, large;
 * below it the price with the predictions under it, and a table of the bars. It is what the job `predict` tells, of the
 * workspace's bars or of a file's.
 *
 * Owned by the screen; zero is closed. */
#ifndef UI_SCREEN_PREDICT_VIEW_H
#define UI_SCREEN_PREDICT_VIEW_H

#include "base/file.h"
#include "base/hash.h"
#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/data.h"

enum { PREDICT_BARS_MOST = 2000 /* that are asked for and kept */ };

struct predict_bar_row {
    int64_t time_us, known_us;
    double value, price; /* probability of what is predicted (direction: of up), or the return */
    char state[12], word[48], outcome[48];
};

struct predict_view {
    bool open, choosing; /* choosing: the list of files is shown */
    struct job *job;
    char model[HASH_HEX], name[80];
    char file[FILE_PATH_MAX];    /* "": the workspace's bars */
    struct predict_bar_row *row; /* in the order of time */
    int rows;
    size_t capacity;
    json_t *summary; /* NULL: not there yet */
    char trouble[512];
    bool saving;
    struct table_state table;
    struct box drawn;
    struct data_files files;
};

/* Asks for the predictions of a model; file "": of the workspace's bars. */
void predict_view_start(struct predict_view *v, struct app *app, const char *model, const char *name, const char *file);
void predict_view_close(struct predict_view *v);
void predict_view_draw(struct predict_view *v, struct grid *g, struct box b);
bool predict_view_input(struct predict_view *v, struct app *app, const struct input_event *event);
void predict_view_event(struct predict_view *v, struct app *app, struct job *job, const json_t *event);
void predict_view_save(struct predict_view *v, struct app *app); /* asks for the file's name */
/* validation: what is known of its scores over folds; "" if nothing is. */
char *predict_view_explain(const struct predict_view *v, const char *validation);

/* predict_files.c: the list of files to choose one from. */
void predict_files_open(struct predict_view *v, struct app *app);
void predict_files_draw(struct predict_view *v, struct grid *g, struct box b);
bool predict_files_input(struct predict_view *v, struct app *app, const struct input_event *event);

#endif
