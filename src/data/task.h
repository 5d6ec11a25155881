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
 *   columns all                                        (or: listed, only those that follow)
 *   column btc none PriceBTC                           (left out)
 *   column btc on-chain Difficulty                     (taken for one)
 *   missing drop
 *   folds 5
 *   embargo 0
 *   stride 1
 *   holdout_ppm 150000
 *   seed 1
 *   accept_leak onchain_change TxCnt                   (suspicions that were accepted, by name)
 *
 * Lines of columns stand in the order of their series and names, those of leaks in the order of their bytes.
 * task_format and task_parse are inverse; a text in any other spelling is refused. */
#ifndef DATA_TASK_H
#define DATA_TASK_H

#include "data/csv.h"
#include "data/feature.h"

#define TASK_SERIES_MAX 64
#define TASK_LOOKBACK_MAX 4096
#define TASK_COLUMNS_MAX 64
#define TASK_LEAKS_MAX 16

enum task_use { TASK_USE_NONE, TASK_USE_GUESS, TASK_USE_ROLE }; /* not, as its name says, as given */
enum task_missing { TASK_MISSING_DROP, TASK_MISSING_MASK };

/* What a person said of a column. */
struct task_column {
    char series[FRAME_NAME_MAX], name[FRAME_NAME_MAX];
    enum task_use use;
    enum feature_role role;
};

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
    char features[FEATURE_LIST_MAX]; /* canonical, see feature.h */
    bool columns_listed;             /* only the columns named below are used */
    struct task_column column[TASK_COLUMNS_MAX];
    int column_n;
    enum task_missing missing; /* samples with missing inputs are dropped, or the holes filled and masked */
    char accept_leak[TASK_LEAKS_MAX][FRAME_NAME_MAX];
    int accept_leak_n;
};

void task_defaults(
    struct task *task); /* horizon 1, lookback 32, folds 5, embargo 0, stride 1, 15 %, seed 1, the usual families */
/* Puts the features, the columns and the leaks into their canonical spelling and order. ERROR_USAGE where a list is no
 * list, or a column is named twice. */
bool task_settle(struct task *task, struct error *err);
bool task_check(const struct task *task, struct error *err); /* ERROR_USAGE naming the field and its range */
char *task_format(const struct task *task);
bool task_parse(struct task *task, const char *text, struct error *err);
struct hash task_text_hash(const struct task *task);

#endif
