/* What the files of the Data screen share. Private to ui/screen/data*.c.
 *
 * The seal: once a task is in force, no row whose period ends within the sealed hold-out is kept here, of any series:
 * they are taken out of a frame when it is loaded, so that nothing drawn (curves, candles, ranges, missing counts, last
 * values, histograms) can come from there. Of files that are not imported yet, the digits of lines that may lie there
 * are not shown.
 *
 * What takes longer than a frame (a long series, the statistics) is loaded by app_task; until then the screen says so.
 */
#ifndef UI_SCREEN_DATA_H
#define UI_SCREEN_DATA_H

#include "action/action.h"
#include "base/file.h"
#include "data/feature.h"
#include "data/frame.h"
#include "store/series.h"
#include "store/tasks.h"
#include "ui/app.h"
#include "ui/cell/form.h"
#include "ui/cell/plot.h"
#include "ui/cell/table.h"
#include "ui/order.h"
#include "ui/screen/data_form.h"
#include "ui/screen/data_option.h"
#include "ui/screen/data_stats.h"

#define DATA_FOLDS_SHOWN 32
#define DATA_LANES_MOST 6
#define DATA_SEALS_MOST 16
#define DATA_QUICK_VALUES ((int64_t)400 * 1000) /* loaded or computed within a frame or two */
#define DATA_QUICK_BYTES (256 * 1024)

enum data_mode { DATA_SERIES, DATA_COLUMNS, DATA_FILES, DATA_PREVIEW, DATA_TASK };
enum data_pane { DATA_PLOT, DATA_REPORT, DATA_FIGURES }; /* beside the list of series */
enum data_scale { DATA_OWN, DATA_SHARED, DATA_INDEX, DATA_SCALES };

/* What may not be seen of a series: spans of closes, both ends within. */
struct data_seal {
    int n;
    int64_t first[DATA_SEALS_MOST], last[DATA_SEALS_MOST];
};

struct data_fold {
    int64_t train_n, valid_n;
    int64_t train_last, valid_first, valid_last; /* closes of bars, microseconds */
};

struct data_column {
    enum feature_role role;
    size_t missing; /* of the rows shown */
    double last;    /* the newest one shown; NaN if none */
    double least, most;
    /* Least and most of every DATA_BLOCK rows, for drawing many; NULL: few rows. */
    double *low, *high;
};
enum { DATA_BLOCK = 64 };

/* A row that the importer flagged as implausible, and kept. */
struct data_flag {
    int64_t time_us;
    char what[160];
};

/* A series without what is sealed. */
struct data_view {
    struct hash id;
    char name[FRAME_NAME_MAX];
    enum csv_stamp stamp;
    int64_t lag_us;
    struct frame *frame; /* NULL: could not be loaded (yet), see `trouble` */
    bool loading;
    size_t shown;               /* rows left */
    bool *gone;                 /* [shown] rows that stand for what was taken out; NULL: there are none */
    double first, last;         /* times of the whole series */
    struct data_column *column; /* [frame->columns] */
    double *time;               /* [shown] as stamped, microseconds */
    int bars[4];                /* columns of open, high, low, close */
    bool candles;               /* are all four there? */
    json_t *report;
    struct data_flag *flag; /* none of sealed rows */
    size_t flags;
    size_t holes; /* places where rows are missing: a distance of more than one step and a half */
    char trouble[256];
};

/* One curve of the plot: a column of a series on the clock of the one under the cursor. */
struct data_lane {
    struct data_view *view; /* borrowed: the screen's, or that of a mark */
    int column;
    double shift; /* from its times to those of the axis */
};

static inline bool data_gone(const struct data_view *v, size_t row)
{
    return v->gone != NULL && v->gone[row];
}

/* A column that was marked to be drawn with others. */
struct data_mark {
    char column[FRAME_NAME_MAX];
    struct data_view view;
};

struct data_entry {
    char *name;
    bool folder, stated, picked;
    int64_t bytes, modified_us;
};

struct data_files {
    char folder[FILE_PATH_MAX];
    struct data_entry *entry; /* all there are */
    int entries;
    size_t capacity;
    int *shown; /* [shown_n] those that the filter leaves */
    int shown_n, picked;
    bool hidden, all; /* names that begin with a dot; files that do not look like tables */
    bool filtering;
    struct form_line filter;
    struct table_state list;
    struct box drawn;
    char raw_path[FILE_PATH_MAX]; /* of the file whose beginning `raw` holds */
    char *raw;
    char trouble[256];
};

/* Importing one or several files: what they are told, and what a dry run made of it. */
struct data_preview {
    char path[DATA_PATHS_MOST][FILE_PATH_MAX];
    int paths;
    int64_t bytes;
    char option[DATA_OPTIONS][DATA_OPTION_MAX];
    json_t *result; /* of the dry run; NULL: none yet, or refused */
    char refusal[1024];
    struct job *job; /* the dry run */
    bool stale;      /* the job that runs was told something else: another follows */
    char job_refusal[1024];
    struct table_state list;
    struct box drawn;
    int listed;
    int file; /* which of the files is shown */
    bool raw; /* the lines as they are in place of the table */
    int top, most, columns_from;
};

struct data_screen {
    struct series_row *series;
    int series_n;
    struct table_state list, columns;
    struct box drawn, plotted; /* the table with the focus and the plot's inner box, for the mouse */
    enum data_mode mode;
    enum data_pane pane;
    bool lines;            /* lines in place of candles */
    bool other_scale;      /* the scale that the plot would not take by itself */
    bool as_known;         /* curves stand where their values are published */
    enum data_scale scale; /* of several curves */
    int info_top, info_most;
    bool roomy; /* the frame drawn last had room for the figures below the plot */

    bool has_task;
    struct task_row task;
    json_t *task_info;
    struct data_fold fold[DATA_FOLDS_SHOWN];
    int folds;
    int64_t sealed_first, sealed_last; /* closes; 0: nothing is sealed */

    struct data_view view;
    struct data_mark *mark[DATA_LANES_MOST - 1];
    int marks;
    double from, to;                  /* the span of time shown; from == to: all */
    double cursor;                    /* NaN: none */
    char want_column[FRAME_NAME_MAX]; /* goes there when the series is loaded */

    struct data_stats stats;
    struct data_files files;
    struct data_preview preview;
    struct data_form form;
    struct job *import, *task_job, *export, *other;
    char done[320];             /* what the newest task or export came to */
    char ask[2][FILE_PATH_MAX]; /* answers of dialogs that follow each other */
};

/* data.c */
void *data_open(struct app *app);
void data_close(void *self);
const struct series_row *data_selected(const struct data_screen *s); /* NULL: there is none */
void data_reload(void *self, struct app *app);
void data_select(struct data_screen *s, struct app *app, const char *series);

/* data_input.c */
bool data_input(void *self, struct app *app, const struct input_event *event);

/* data_view.c */
void data_view_load(struct data_screen *s, struct app *app); /* of the series under the cursor, unless it is loaded */
void data_view_read(struct data_view *v, const struct series_row *row, struct workspace *w,
                    const struct data_seal *seal); /* at once, on any thread */
/* What is sealed of a series: by the task in force (of any series), and by those before it (of this one). */
struct data_seal data_seal_of(const struct data_screen *s, struct app *app, const struct series_row *row);
bool data_seal_holds(const struct data_seal *seal, int64_t close_us);
void data_view_free(struct data_view *v);
void data_report_cut(json_t *report, enum csv_stamp stamp, int64_t step_us, const struct data_seal *seal);
void data_value_text(const struct frame_column *c, double v, char *out, size_t size); /* a label, a number, "missing" */
size_t data_row_at(const struct data_view *v, double time); /* the nearest row; 0 where there is none */

/* data_lane.c */
int data_lanes(struct data_screen *s,
               struct data_lane out[DATA_LANES_MOST]); /* what is plotted, the column under the cursor first */
bool data_marked(const struct data_screen *s, const char *series, const char *column);
void data_mark_toggle(struct data_screen *s, struct app *app);
void data_marks_free(struct data_screen *s);
void data_marks_reload(struct data_screen *s, struct app *app,
                       bool other_seal); /* after the seal or the series have changed */
double data_axis_offset(const struct data_view *v,
                        bool as_known); /* from a row's stamped time to its end, or to when it is known */
/* The points of a lane within a span of the axis, and one on either side: of many rows, blocks. y is NaN in gaps.
 * Returns how many; the arrays are to be freed. */
size_t data_lane_points(const struct data_lane *l, double from, double to, double **x, double **y);
size_t data_lane_candles(const struct data_lane *l, double from, double to, struct plot_candle **out);

/* data_span.c */
void data_span(const struct data_screen *s, double *from, double *to); /* what is shown, or all there is */
bool data_span_key(struct data_screen *s, int key);                    /* zooms, pans, moves the cursor */
bool data_span_mouse(struct data_screen *s, const struct input_event *event);

/* data_plot.c, data_folds.c */
void data_draw_plot(struct data_screen *s, struct grid *g, struct box b);
int data_fold_rows(const struct data_screen *s, int rows);
void data_draw_folds(struct grid *g, struct box below, struct box inner, double from, double to,
                     const struct data_screen *s);
void data_draw_fold_rows(struct grid *g, struct box b, const struct data_fold *fold, int folds, int64_t first,
                         int64_t sealed_first, int64_t sealed_last);

/* data_draw.c, data_table.c, data_report.c */
void data_draw(void *self, struct app *app, struct grid *g, struct box b);
void data_draw_table(struct data_screen *s, struct grid *g, struct box b);
void data_draw_columns(struct data_screen *s, struct grid *g, struct box b); /* beside the series */
int data_table_rows(const struct data_screen *s);
void data_series_text(void *self, int row, char *out, size_t size);
void data_column_text(void *self, int row, char *out, size_t size);
void data_draw_info(struct data_screen *s, struct grid *g, struct box b);
int data_report_draw(struct grid *g, struct box b, const json_t *report, bool guesses, int top); /* returns its rows */

/* data_folder.c: what is in a folder; data_files.c: the list of it */
void data_folder_open(struct data_files *f, struct app *app, const char *path, const char *at);
void data_folder_filter(struct data_files *f);
const struct data_entry *data_folder_entry(struct data_files *f,
                                           int shown); /* size and date are filled; NULL: there is none */
void data_folder_path(const struct data_files *f, const struct data_entry *e, char *out, size_t size);
const char *data_folder_raw(struct data_files *f,
                            const char *path); /* the beginning of a file, "" if it cannot be read */
void data_files_free(struct data_files *f);
void data_files_open(struct data_screen *s, struct app *app);
void data_files_draw(struct data_screen *s, struct grid *g, struct box b);
bool data_files_input(struct data_screen *s, struct app *app, const struct input_event *event);
void data_files_enter(struct data_screen *s, struct app *app);
void data_files_pick(struct data_screen *s, struct app *app);
void data_files_toggle(struct data_screen *s, struct app *app, bool *what, const char *name);
void data_files_go(struct data_screen *s, struct app *app, const char *where);
void data_raw_draw(const struct data_screen *s, struct grid *g, struct box b, const char *raw, bool mask, int top);

/* data_preview.c, data_say.c */
void data_preview_check(struct data_screen *s, struct app *app); /* the dry run, with what is said by now */
void data_preview_go(struct data_preview *p, int option);        /* the cursor, to the row of an option */
void data_preview_open(struct data_screen *s, struct app *app, const char *const *path, int n, int64_t bytes);
void data_preview_free(struct data_preview *p);
void data_preview_enter(struct data_screen *s, struct app *app);
void data_preview_import(struct data_screen *s, struct app *app);
void data_preview_reset(struct data_screen *s, struct app *app);
bool data_preview_input(struct data_screen *s, struct app *app, const struct input_event *event);
bool data_preview_event(struct data_screen *s, struct app *app, struct job *job, const json_t *event);
const json_t *data_preview_file(const struct data_preview *p); /* the report on the file shown; NULL: none */
void data_preview_order(const struct data_preview *p, bool dry, struct order *o);
void data_command_draw(struct grid *g, struct box b, const char *command);
void data_preview_draw(struct data_screen *s, struct grid *g, struct box b);
/* Rows of the list: guesses and options. Which option the row sets (-1: none), and what it says. */
int data_preview_rows(const struct data_preview *p);
int data_preview_option(const struct data_preview *p, int row);
const json_t *data_preview_guess(const struct data_preview *p,
                                 int row); /* NULL: an option that nothing was guessed about */
char *data_preview_explain(const struct data_screen *s);

/* data_stats.c and data_stats_draw.c: see data_stats.h */
bool data_shows_figures(const struct data_screen *s);
void data_stats_want(struct data_screen *s, struct app *app); /* computes what is shown, unless it is there */
void data_stats_draw(struct data_screen *s, struct grid *g, struct box b);

/* data_form.c, data_form_fill.c and data_form_draw.c: see data_form.h */
void data_form_check(struct data_screen *s, struct app *app); /* what the task would be */
void data_form_open(struct data_screen *s, struct app *app);
void data_form_close(struct data_form *f);
void data_form_enter(struct data_screen *s, struct app *app);
void data_form_set(struct data_screen *s, struct app *app);
void data_form_draw(struct data_screen *s, struct grid *g, struct box b);
bool data_form_input(struct data_screen *s, struct app *app, const struct input_event *event);
bool data_form_event(struct data_screen *s, struct app *app, struct job *job, const json_t *event);

/* data_act.c */
void data_ask_export(void *self, struct app *app);
void data_ask_synth(void *self, struct app *app);
void data_ask_remove(void *self, struct app *app);
void data_ask_task_export(void *self, struct app *app);
void data_ask_task_import(void *self, struct app *app);
void data_baseline(void *self, struct app *app);
void data_imported(struct data_screen *s, struct app *app, const json_t *result);
void data_task_was_set(struct data_screen *s, struct app *app, const json_t *info);
void data_refused(struct app *app, const char *title, const char *why, const char *what_next);
int64_t data_values(const struct data_screen *s);
void data_event(void *self, struct app *app, struct job *job, json_t *event);

/* data_explain.c */
char *data_explain(void *self, struct app *app);

#endif
