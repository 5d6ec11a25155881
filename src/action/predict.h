/* `predict`: what a model says of bars, those of the workspace or new ones.
 *
 * Past bars of a task come from the frames that it names; behind them from what the workspace has of the same series
 * since; behind that from a file or a stream of new bars, which is read and not stored. Features are made by the task's
 * own rules and scaled as the model was trained; nothing is fitted here.
 *
 * A sealed bar whose outcome is known is neither shown nor scored, unless it is opened for good. The newest bars, whose
 * outcome nobody knows yet, are shown. No outcome is told that lies in sealed bars. */
#ifndef ACTION_PREDICT_H
#define ACTION_PREDICT_H

#include "action/action.h"
#include "base/text.h"
#include "data/task.h"

/* TRAINING: the model was fitted on it. VALIDATION: it told when to stop. UNUSED: visible and neither (purged, or no
 * sample). OPENED: of a hold-out that was opened. NEW: behind all that the task knows, or without an outcome so far. */
enum predict_state {
    PREDICT_TRAINING,
    PREDICT_VALIDATION,
    PREDICT_UNUSED,
    PREDICT_OPENED,
    PREDICT_NEW,
    PREDICT_STATES
};
const char *predict_state_name(enum predict_state state);

struct predict_head {
    const struct task *task;
    int asset;
    int outputs;
    char (*class_name)[FRAME_NAME_MAX]; /* [outputs] of a class */
};

struct predict_bar {
    int64_t time_us, close_us; /* as it is stamped; when it is over, and so can be predicted from */
    enum predict_state state;
    const float *value; /* [outputs]: probability of up, the return, or the probability of each class */
    float outcome;      /* as a target of the data set; NaN: not known (yet), or none of one's business */
    double price;       /* of its close; NaN without one, and of sealed bars */
};

struct action_predict_options {
    const char *file; /* NULL: the workspace's bars; "-": a stream from `in` */
    bool follow;      /* the file is a stream that grows */
    int in;
    const char *asset; /* NULL: all of the workspace's; of a file the only one */
    int64_t last;      /* of the workspace's or the file's bars; 0: all */
    bool open_sealed;
    bool skip_bad;                   /* leave out rows of a stream that cannot be read, and count them */
    int batch;                       /* windows at once; 0: as many as there are, up to 64 */
    struct action_data_options data; /* how the file is written */
    int threads;
    const struct control *control;
    /* In the order of time, asset by asset. False ends it (ERROR_IO). */
    bool (*bar)(void *context, const struct predict_head *head, const struct predict_bar *bar);
    /* The times of all rows, those behind the task's data from `behind` on; before any bar, not of a stream. May be NULL. */
    bool (*rows)(void *context, const int64_t *time_us, size_t n, size_t behind, struct error *err);
    bool (*flush)(void *context); /* after each portion of a stream; may be NULL */
    void *context;
};

/* Returns the summary. */
json_t *action_predict(struct workspace *w, const char *model, const struct action_predict_options *options,
                       struct error *err);

/* As lines of CSV, with their line ends, and as an event. */
void predict_csv_head(struct text *out, const struct predict_head *head);
void predict_csv_bar(struct text *out, const struct predict_head *head, const struct predict_bar *bar);
json_t *predict_bar_json(const struct predict_head *head, const struct predict_bar *bar);
/* "up", "down", or the class. */
const char *predict_word(const struct predict_head *head, const float *value);

#endif
