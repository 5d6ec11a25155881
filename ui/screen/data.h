/* What the files of the Data screen share. Private to ui/screen/data*.c.
 *
 * The seal: once a task is in force, no row whose period ends within the sealed hold-out is kept here, of any series:
 * they are taken out of a frame when it is loaded, so that nothing drawn (curves, candles, ranges, missing counts, last
 * values) can come from there. */
#ifndef UI_SCREEN_DATA_H
#define UI_SCREEN_DATA_H

#include "action/action.h"
#include "base/file.h"
#include "data/feature.h"
#include "data/frame.h"
#include "store/series.h"
#include "store/tasks.h"
#include "ui/app.h"
#include "ui/cell/plot.h"
#include "ui/cell/table.h"

#define DATA_FOLDS_SHOWN 16

enum data_mode { DATA_SERIES, DATA_COLUMNS, DATA_FILES };

struct data_fold {
    int64_t train_n, valid_n;
    int64_t train_last, valid_first, valid_last; /* closes of bars, microseconds */
};

struct data_column {
    enum feature_role role;
    size_t missing; /* of the rows shown */
    double last;    /* the newest one shown; NaN if none */
    double least, most;
};

/* The series under the cursor, without what is sealed. */
struct data_view {
    struct hash id;
    struct frame *frame; /* NULL: could not be loaded, see `trouble` */
    size_t shown;        /* rows left */
    size_t gap;          /* the row that stands for what was taken out, if it is one of them */
    double first, last;  /* times of the whole series */
    struct data_column *column; /* [frame->columns] */
    double *time;               /* [shown] as stamped, microseconds */
    struct plot_candle *candle; /* [shown], NULL where open, high, low or close is missing */
    int bars[4];                /* columns of open, high, low, close */
    json_t *report;
    char trouble[256];
};

struct data_entry {
    char name[256];
    bool folder;
    int64_t bytes;
};

struct data_files {
    char folder[FILE_PATH_MAX];
    struct data_entry *entry;
    int entries;
    struct table_state list;
    struct box drawn;
    int previewed; /* the entry whose beginning `preview` holds, -1: none */
    char *preview;
    char trouble[256];
    /* what the next import is told; "": guess */
    char asset[64], date_order[8], stamp[8];
};

struct data_screen {
    struct series_row *series;
    int series_n;
    struct table_state list, columns;
    struct box drawn; /* the table with the focus, for the mouse */
    enum data_mode mode;
    bool info, lines; /* the importer's report in place of the plot; lines in place of candles */
    bool other_scale; /* the scale that the plot would not take by itself */
    int info_top, info_most;

    bool has_task;
    struct task_row task;
    json_t *task_info;
    struct data_fold fold[DATA_FOLDS_SHOWN];
    int folds;
    int64_t sealed_first, sealed_last; /* closes; 0: nothing is sealed */

    struct data_view view;
    double from, to; /* the span of time shown; from == to: all */
    double cursor;   /* NaN: none */

    struct data_files files;
    struct job *import, *task_job, *export;
    char done[320]; /* what the newest task or export came to */
    char ask_asset[FRAME_NAME_MAX];
    int ask_horizon;
};

/* data.c */
const struct series_row *data_selected(const struct data_screen *s); /* NULL: there is none */
void data_reload(void *self, struct app *app);
bool data_browsing(const struct data_screen *s);

/* data_view.c */
void data_view_load(struct data_screen *s, struct app *app); /* of the series under the cursor, unless it is loaded */
void data_view_free(struct data_view *v);
void data_span(const struct data_screen *s, double *from, double *to); /* what is shown, or all there is */
bool data_span_key(struct data_screen *s, int key);                    /* zooms, pans, moves the cursor */

/* data_plot.c */
void data_draw_plot(struct data_screen *s, struct grid *g, struct box b);

/* data_draw.c */
void data_draw(void *self, struct app *app, struct grid *g, struct box b);
void data_series_text(void *self, int row, char *out, size_t size);
void data_column_text(void *self, int row, char *out, size_t size);

/* data_files.c */
void data_files_open(struct data_screen *s, struct app *app);
void data_files_free(struct data_files *f);
void data_files_draw(struct data_screen *s, struct grid *g, struct box b);
bool data_files_input(struct data_screen *s, struct app *app, const struct input_event *event);
void data_files_enter(struct data_screen *s, struct app *app);
void data_files_options(struct data_screen *s, struct app *app);

/* data_act.c */
void data_import(struct data_screen *s, struct app *app, const char *path, int64_t bytes);
void data_ask_task(void *self, struct app *app);
void data_ask_export(void *self, struct app *app);
void data_event(void *self, struct app *app, struct job *job, json_t *event);

/* data_explain.c */
char *data_explain(void *self, struct app *app);

#endif
