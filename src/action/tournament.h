/* The bars of a task on the chain, as its objects say: those of its data, and those that outcomes told behind them. For
 * tournament*.c only. Bar k is the k-th behind the task's data; its answer is the direction of its price over the task's
 * horizon, and a prediction of it counts that was sealed until a tenth of a bar after the window's last bar was over. */
#ifndef ACTION_TOURNAMENT_H
#define ACTION_TOURNAMENT_H

#include "action/market_internal.h"

struct tournament {
    struct state_task task;
    struct task text;
    struct frame *base; /* of the task's data */
    int64_t step_us;
    int price; /* its column of base */
    /* [n] all bars, those behind the task's data from `behind` on */
    int64_t *time_us;
    double *value;
    size_t n, behind, capacity;
};

/* The task on the chain: by the beginning of its id, or the newest about the workspace's data set. */
bool tournament_find(struct workspace *w, const struct state *s, const char *key, struct state_task *out,
                     struct error *err);

/* ERROR_USAGE for tasks that have no directions of one asset; ERROR_CHAIN where an object is missing, or is not what the
 * outcome says. tournament_close in every case. */
bool tournament_open(struct tournament *t, const char *chain, const struct state *s, const struct state_task *task,
                     struct error *err);
void tournament_close(struct tournament *t);
void tournament_add(struct tournament *t, int64_t time_us, double value);

/* Until when a seal of the bar in this row counts, of any bars with such times: the row is at least the horizon. */
int64_t tournament_until(const struct tournament *t, const int64_t *time_us, size_t row);
int64_t tournament_over(const struct tournament *t, int64_t time_us); /* when that bar is over */

/* Fills in what an outcome of o->n bars from this row on says: until when seals count, up, none. */
void tournament_answer(const struct tournament *t, size_t row, struct tx_outcome *o);

/* Does the object that the outcome names, behind those of the outcomes before it, yield what it says? ERROR_CHAIN if not,
 * or if an object is missing. live: its bars must be over by this machine's clock, too. What the bars were is the owner's
 * word all the same. */
bool tournament_check(const char *chain, const struct state *s, const struct tx_outcome *o, bool live, struct error *err);

#endif
