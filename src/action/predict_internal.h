/* What the files of `predict` share: predict.c runs it, predict_model.c finds the model and how it was trained,
 * predict_bars.c the bars that the workspace has, predict_session.c takes bars through it, predict_stream.c reads them
 * as they come, predict_score.c says how good it was. */
#ifndef ACTION_PREDICT_INTERNAL_H
#define ACTION_PREDICT_INTERNAL_H

#include "action/predict.h"
#include "base/text.h"
#include "data/set/follow.h"
#include "store/models.h"
#include "store/seals.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "train/predictor.h"

/* --- predict_model.c ---------------------------------------------------------------------------------------------- */

struct predict_model {
    struct model_row row;
    struct task_row task;
    struct dataset *data;
    struct model *model;
    struct crossval_slices slices;
    struct dataset_scaling *scaling; /* [channels] */
    uint8_t *role;                   /* [bars] enum predict_state of the visible ones */
};

/* MODEL as people name it. Free with predict_model_close in every case. */
bool predict_model_open(struct predict_model *m, struct workspace *w, const char *key, struct error *err);
void predict_model_close(struct predict_model *m);

/* How a model was trained: the share for early stopping, on which its scaling rests, and the id of its recipe. One that
 * was grown has those of the training that it was grown from. */
bool predict_training(struct workspace *w, const struct model_row *row, uint32_t *stop_ppm, char trained[HASH_HEX],
                      struct error *err);

/* --- predict_bars.c ------------------------------------------------------------------------------------------------
 */

#define PREDICT_PARTS 2

/* The rows of an asset's base series: those of the frame that the task names, and those that came since. */
struct predict_history {
    const struct frame *part[PREDICT_PARTS];
    size_t first[PREDICT_PARTS];     /* row of each where it begins */
    size_t *column[PREDICT_PARTS];   /* where what is read stands */
    size_t begin[PREDICT_PARTS + 1]; /* rows before each part, and of all */
};

/* Frames of the task's series, each with what the workspace has of it since. */
struct predict_frames {
    const struct task *task;
    struct frame *task_frame[TASK_SERIES_MAX], *now[TASK_SERIES_MAX], *joined[TASK_SERIES_MAX];
    const struct frame *all[TASK_SERIES_MAX]; /* borrowed from these: what is known of each */
    size_t since[TASK_SERIES_MAX];            /* row of `now` that lies behind the task's frame */
    json_t *notes;
};

bool predict_frames_open(struct predict_frames *f, struct workspace *w, const struct task *task, struct error *err);
void predict_frames_close(struct predict_frames *f);

/* The rows of the asset's base. */
bool predict_history_of(struct predict_history *h, const struct predict_frames *f, int asset,
                        const struct follow *follow, struct error *err);
void predict_history_free(struct predict_history *h);
size_t predict_history_rows(const struct predict_history *h);
int64_t predict_history_time(const struct predict_history *h, size_t row);
/* The first row at or behind a moment. */
size_t predict_history_at(const struct predict_history *h, int64_t time_us);
/* Which part a row is in, and where there. */
size_t predict_history_part(const struct predict_history *h, size_t row, size_t *in_part);

/* --- predict_score.c ------------------------------------------------------------------------------------------------
 */

#define PREDICT_SCORED_MOST (1u << 20) /* samples of a state that are kept for its score */

struct predict_scores {
    const struct predict_model *model;
    int outputs;
    struct predict_tally {
        float *value, *target;
        size_t n, value_capacity, target_capacity;
        bool cut; /* there were more */
    } tally[PREDICT_STATES];
};

void predict_score_add(struct predict_scores *s, enum predict_state state, const float *value, float target);
json_t *predict_scores_json(const struct predict_scores *s); /* an array: one object a state */
void predict_scores_free(struct predict_scores *s);

/* --- predict_session.c ----------------------------------------------------------------------------------------------
 */

#define PREDICT_SPANS_MOST 64

/* A bar that waits for its outcome, or (not of a stream) for the end. */
struct predict_record {
    int64_t time_us, close_us;
    double price;
    float label, outcome;
    uint32_t chain;
    uint8_t state;
    bool sealed;        /* and closed */
    bool shown, hidden; /* hidden: sealed, and its outcome is known: nothing of it is told */
};

struct predict_session {
    const struct predict_model *model;
    const struct action_predict_options *options;
    struct predict_head head;
    struct predict_history history;
    struct follow *follow;
    struct predictor *predictor;
    struct seal_span sealed[PREDICT_SPANS_MOST]; /* that are closed */
    int sealed_n;
    int64_t known_us;                        /* of bars that close up to here the workspace knows the outcome */
    bool grid;                               /* do the bars of the history lie whole steps apart? */
    bool live;                               /* a stream: bars are told as they come */
    float *scaled;                           /* [lookback - 1 + FOLLOW_ROWS, channels] */
    size_t held;                             /* rows of it that lie before those taken last */
    uint32_t *bar;                           /* [FOLLOW_ROWS] */
    size_t *of;                              /* [FOLLOW_ROWS] record of each */
    float *value;                            /* [FOLLOW_ROWS, outputs] */
    struct predict_record next[FOLLOW_ROWS]; /* those taken last */
    struct predict_record *record;
    float *said; /* [records, outputs] */
    size_t records, record_capacity, said_capacity;
    struct predict_scores scores;
    size_t newest_n; /* records up to the last one shown */
    size_t told, sealed_bars, lacking[FOLLOW_LACKS];
    int64_t first_us, last_us;
    json_t *newest; /* the last bar told; not of a stream */
};

bool predict_session_open(struct predict_session *s, const struct predict_model *m, const struct predict_frames *f,
                          int asset, const struct seal_span *sealed, int sealed_n, struct threads *pool,
                          const struct action_predict_options *options, struct error *err);
void predict_session_close(struct predict_session *s);

/* Rows that only fill the windows. */
void predict_warm(struct predict_session *s, size_t first, size_t end); /* of the history */
void predict_warm_rows(struct predict_session *s, const struct frame *rows, const size_t *column, size_t first,
                       size_t end);
/* Is nothing to be told of such a bar? */
bool predict_hides(const struct predict_session *s, int64_t close_us, bool known);

/* Rows to be predicted; `behind` are the rows that follow them for sure, so that their outcome can be known. */
bool predict_feed(struct predict_session *s, const struct frame *rows, const size_t *column, size_t first, size_t end,
                  size_t behind, struct error *err);
bool predict_feed_history(struct predict_session *s, size_t first, size_t end, struct error *err);
/* Tells what waits (not of a stream). */
bool predict_tell(struct predict_session *s, struct error *err);

/* The row of the history from which on rows must be fed for the row `at` to have all of its inputs. */
size_t predict_warm_from(const struct predict_session *s, size_t at, int64_t close_us);

/* Are rows of a file that the history has too the same? In the order of time; *at moves along the history. `line` of a
 * row is 0 where it is not known. */
bool predict_agrees(const struct predict_session *s, size_t *at, const struct frame *rows, const size_t *column,
                    size_t row, uint64_t line, const char *name, struct error *err);

/* Tells options->rows of all rows that are known, those of `file` too (NULL: none). */
bool predict_tell_rows(const struct predict_session *s, const struct frame *file, struct error *err);

/* --- predict_stream.c ------------------------------------------------------------------------------------------------
 */

bool predict_stream(struct predict_session *s, const struct csv_options *csv, json_t *summary, struct error *err);

/* --- predict_file.c
 * --------------------------------------------------------------------------------------------------- */

/* ERROR_DATA where the task's bars lie on a grid and this one does not. */
bool predict_fits(const struct predict_session *s, int64_t time_us, int64_t before_us, uint64_t line, const char *name,
                  struct error *err);

bool predict_file(struct predict_session *s, const struct csv_options *csv, json_t *summary, struct error *err);

#endif
