/* Which channels a task's series give, and their values at the bars.
 *
 * A plan is made from the visible bars alone: it sees no value that was published after the last of them. Filling a
 * channel is then a function of the plan and of what was published by each bar's close, so it can be repeated with more
 * bars (the opened hold-out) or fewer and gives the same bits where they overlap. */
#ifndef DATA_SET_CHANNEL_H
#define DATA_SET_CHANNEL_H

#include "data/feature.h"
#include "data/set/dataset.h"

/* One series of a task with when its rows are published. */
struct channel_series {
    const struct frame *frame;
    const char *name;
    const char *shown; /* in the names of channels: the name, or what the assets' series of a kind have in common */
    enum csv_stamp stamp;
    bool base;
    int64_t lag_us;        /* of what is published later */
    int64_t asked_us;      /* what the task gives, which may be less */
    int64_t *ended_us;     /* [rows] end of the period */
    int64_t *published_us; /* [rows] with the publication lag; metrics of the base, everything of other series */
    int64_t stale_us;
};

struct channel {
    char name[FRAME_NAME_MAX];
    struct feature_spec spec; /* family NULL: "present", 1 where the column is known */
    int output;
    size_t series, column, low; /* low: of families that read a pair; neither counts for one that reads the time */
    bool at_close;              /* known when its own bar closes: no lag, no carrying forward */
    bool filled;                /* 0 where missing */
    int64_t lag_us;             /* of its series; 0 counts where it is known at the close */
    double centre, half;
};

struct channel_plan {
    struct channel *channel;
    size_t n, capacity;
    char (*note)[192];
    size_t note_n;
};

/* lag_us as in the task; the metrics of a base with a price get at least the default. Owns its arrays:
 * channel_series_free. */
bool channel_series_start(struct channel_series *s, const struct frame *f, const struct task_series *of, bool base,
                          bool priced, struct error *err);
void channel_series_free(struct channel_series *s);

#define CHANNEL_NO_COLUMN SIZE_MAX

/* What a column is taken for: as the task says, else by its name and its first `rows` values. In a table without a
 * price (`priced` false) nothing is taken for a price, a volume, a metric of a chain or a sentiment by its name. False:
 * the column is not used. */
bool channel_role(enum feature_role *role, const struct task *task, const struct channel_series *s, size_t column,
                  bool priced, size_t rows);

/* The first series is the base; `price` and `label` are columns of it or CHANNEL_NO_COLUMN. No channel reads the label.
 * close_us are the closes of the `bars` visible bars. Features, columns and what becomes of missing values are the
 * task's. */
bool channel_plan_make(struct channel_plan *plan, const struct channel_series *series, size_t series_n,
                       const struct task *task, size_t price, size_t label, const int64_t *close_us, size_t bars,
                       struct error *err);
void channel_plan_free(struct channel_plan *plan);

/* The channel at every bar, NaN where missing. */
bool channel_values(double *out, const struct channel *c, const struct channel_series *series, const int64_t *close_us,
                    size_t bars, struct error *err);

/* Its parts, for who has the rows bit by bit: one output of the family on rows of its series, NaN where it is beyond a
 * float; the same on the first rows of a series; and what becomes of a value that was joined to a bar (NaN: none was).
 */
void channel_own(double *own, const struct channel *c, const struct feature_source *source, size_t rows);
void channel_own_of(double *own, const struct channel *c, const struct channel_series *s, size_t rows);
double channel_joined(const struct channel *c, double value);

#endif
