/* A prediction task: which series, which target, look-back, features, folds, hold-out. Its canonical text is what is
 * stored, hashed and put on the chain:
 *
 *   morphsmith-task 1
 *   series btc frame=HASH stamp=date lag_us=0 asset=btc
 *   series eth frame=HASH stamp=date lag_us=0 asset=eth
 *   series fear_greed frame=HASH stamp=date lag_us=0 asset=*      (joins every asset)
 *   asset btc base=btc price=PriceUSD                             (one line an asset; "price=..." absent without one)
 *   asset eth base=eth price=PriceUSD
 *   target direction                                              (or "return", or "class:COLUMN")
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
 * An asset's base series gives its bars. `direction` and `return` are those of the price over `horizon` bars and need
 * one; `class` is the value of a column of the base series `horizon` bars ahead, of the bar itself with horizon 0.
 * The first series is the base of the first asset. Lines of columns stand in the order of their series and names, those
 * of leaks in the order of their bytes. task_format and task_parse are inverse; a text in any other spelling is
 * refused. */
#ifndef DATA_TASK_H
#define DATA_TASK_H

#include "data/feature.h"
#include "data/read/csv.h"

#define TASK_SERIES_MAX 128
#define TASK_ASSETS_MAX 64
#define TASK_SHARED (-1)
#define TASK_LOOKBACK_MAX 4096
#define TASK_HORIZON_MAX 4096
#define TASK_LAG_MOST_US (INT64_C(3660) * 86400 * 1000000)
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
    int asset;      /* index of the asset it belongs to; TASK_SHARED: it joins every asset */
};

struct task_asset {
    char name[FRAME_NAME_MAX];
    char price[FRAME_NAME_MAX]; /* column of the base series; "" without a price */
    int base;                   /* index of the series whose rows are its bars */
};

enum task_target { TASK_DIRECTION, TASK_RETURN, TASK_CLASS };

struct task {
    struct task_series series[TASK_SERIES_MAX];
    int series_n;
    struct task_asset asset[TASK_ASSETS_MAX];
    int assets;
    enum task_target target;
    char label[FRAME_NAME_MAX]; /* TASK_CLASS: the column whose values are the classes */
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
/* "direction", "return" or "class:COLUMN" into target and label; ERROR_USAGE. */
bool task_set_target(struct task *task, const char *text, struct error *err);
void task_target_text(const struct task *task, char *out, size_t size); /* its inverse */
/* "btc" or "btc, eth, sol", cut where it does not fit. */
void task_asset_names(const struct task *task, char *out, size_t size);
/* "btc, eth: PriceUSD up or down, 1 bar ahead", cut where it does not fit. */
void task_describe(const struct task *task, char *out, size_t size);
/* What a model's score on such a task is: "directional accuracy", "R2" or "balanced accuracy". */
const char *task_score_name(enum task_target target);
const char *task_score_short(enum task_target target); /* "accuracy", "R2", "balanced" */
/* Puts the features, the columns and the leaks into their canonical spelling and order. ERROR_USAGE where a list is no
 * list, or a column is named twice. */
bool task_settle(struct task *task, struct error *err);
bool task_check(const struct task *task, struct error *err); /* ERROR_USAGE naming the field and its range */
char *task_format(const struct task *task);
/* ERROR_DATA naming the line and what it should be; task_parse_at for a text that begins with another line of a file.
 */
bool task_parse(struct task *task, const char *text, struct error *err);
bool task_parse_at(struct task *task, const char *text, int first_line, struct error *err);
struct hash task_text_hash(const struct task *task);

#endif
