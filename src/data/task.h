/* A prediction task: which series, which target, look-back, features, folds, hold-out. Its canonical text is what is
 * stored, hashed and put on the chain:
 *
 *   morphsmith-task 1
 *   series btc frame=HASH stamp=date lag_us=0          (the base series first)
 *   series fear_greed frame=HASH stamp=date lag_us=0
 *   asset btc
 *   price PriceUSD
 *   target direction
 *   horizon 1
 *   lookback 32
 *   features log_return,volume_change,onchain_change,sentiment
 *   folds 5
 *   embargo 0
 *   stride 1
 *   holdout_ppm 150000
 *   seed 1
 *
 * task_format and task_parse are inverse; a text in any other spelling is refused. */
#ifndef DATA_TASK_H
#define DATA_TASK_H

#include "data/csv.h"

#define TASK_SERIES_MAX 64
#define TASK_LOOKBACK_MAX 4096

struct task_series {
    char name[FRAME_NAME_MAX];
    struct hash frame;
    enum csv_stamp stamp;
    int64_t lag_us; /* publication lag behind the end of the period */
};

struct task {
    struct task_series series[TASK_SERIES_MAX]; /* [0] is the base: its rows are the bars */
    int series_n;
    char asset[FRAME_NAME_MAX], price[FRAME_NAME_MAX];
    int horizon, lookback, folds, embargo, stride;
    uint32_t holdout_ppm;
    uint64_t seed;
    char features[256]; /* comma-separated families, see feature.h */
};

void task_defaults(
    struct task *task); /* horizon 1, lookback 32, folds 5, embargo 0, stride 1, 15 %, seed 1, all families */
bool task_check(const struct task *task, struct error *err); /* ERROR_USAGE naming the field and its range */
char *task_format(const struct task *task);
bool task_parse(struct task *task, const char *text, struct error *err);
struct hash task_text_hash(const struct task *task);

#endif
