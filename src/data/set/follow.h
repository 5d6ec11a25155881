/* The features of bars as they come, one after the other, without the whole of their past: bit by bit those that a data
 * set of all the bars has (data/set/dataset.h).
 *
 * A family's row is a function of as many rows as it looks back (data/feature.h), so that those and the bars of a
 * window are all that is kept; what is published late waits in a queue until then. Memory does not grow with the bars.
 *
 * follow_new, then follow_columns for each frame that rows are given from, then follow_take until all rows of it are
 * taken; rows come in the order of time, from one frame after the other. The data set and the frames of the task's
 * series must outlive it; the frames of rows need not. */
#ifndef DATA_FOLLOW_H
#define DATA_FOLLOW_H

#include "data/set/dataset.h"

#define FOLLOW_ROWS 1024 /* that are taken at once, at most */

/* Why a bar has no prediction. */
enum follow_lack {
    FOLLOW_WHOLE,   /* it has one */
    FOLLOW_BEGIN,   /* too few bars lie before it */
    FOLLOW_GAP,     /* too few since a gap */
    FOLLOW_MISSING, /* an input is missing in its window */
    FOLLOW_LACKS
};

/* The bars of the rows that were taken last; valid until the next. */
struct follow_bars {
    size_t n;
    size_t first_row; /* of the frame: the rows before it, at the very beginning, are no bars */
    int64_t close_us[FOLLOW_ROWS];
    double price[FOLLOW_ROWS];   /* NaN without a price */
    float label[FOLLOW_ROWS];    /* index of the class, NaN where there is none */
    uint32_t chain[FOLLOW_ROWS]; /* bars without a gap up to this one */
    enum follow_lack lack[FOLLOW_ROWS];
    const float *feature; /* [n, channels], unscaled, NaN where missing */
};

struct follow;

/* like: whose channels and classes they are. frames[i]: what is known of task.series[i], with the columns of the frame
 * that the task names and its step; of the base only that, its rows are not read. */
struct follow *follow_new(const struct dataset *like, int asset, const struct frame *const *frames, struct error *err);
void follow_free(struct follow *f);

/* The columns of the base that are read: features, price, class. */
size_t follow_reads(const struct follow *f);
const char *follow_read(const struct follow *f, size_t i);
bool follow_reads_texts(const struct follow *f, size_t i); /* is it of texts? The class that is predicted may be */

/* Where they stand in a frame: column[follow_reads]. ERROR_DATA naming the one that is not there, or is of texts where
 * it must hold numbers. The class may be missing as long as nothing is read from its past (*column is SIZE_MAX). */
bool follow_columns(size_t *column, const struct follow *f, const struct frame *rows, const char *name,
                    struct error *err);

/* Takes rows from `first` on, FOLLOW_ROWS or as many as there are; returns how many. Their times must increase. */
size_t follow_take(struct follow *f, const struct frame *rows, const size_t *column, size_t first, size_t end);
const struct follow_bars *follow_bars(const struct follow *f);

/* The channel that has been missing for the most bars up to the last one: its name, and for how many (0: none is). */
size_t follow_missing(const struct follow *f, char *name, size_t size);

/* Rows of the base that must be taken before a bar for it to have all of its features: where nothing is published late;
 * and how long before it the oldest value may have been published that it still sees. */
size_t follow_rows_before(const struct follow *f);
int64_t follow_span_before(const struct follow *f);

/* End of the period of a row of the base. */
int64_t follow_close(const struct follow *f, int64_t time_us);

#endif
