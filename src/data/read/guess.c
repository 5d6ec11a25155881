/* What a data set assumes about a series where the user says nothing. Declared in dataset.h. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/name.h"
#include "data/set/dataset.h"
#include "data/time/timestamp.h"

#include <math.h>

static bool is_constant(const struct frame_column *c, size_t rows)
{
    double first = (double)NAN;
    for (size_t i = 0; i < rows; i++) {
        if (isnan(c->value[i]))
            continue;
        if (isnan(first))
            first = c->value[i];
        if (c->value[i] != first)
            return false;
    }
    return true;
}

/* The smaller the better; 0 is no price. */
static int price_rank(const char *name)
{
    static const char *const exact[] = {"close", "PriceUSD", "price"};
    for (size_t i = 0; i < ARRAY_N(exact); i++)
        if (text_equal_nocase(name, exact[i]))
            return (int)i + 1;
    if (name_has(name, "adj") || name_has(name, "adjusted"))
        return name_has(name, "close") ? 7 : 0;
    if (name_has(name, "close"))
        return 5;
    if (name_has(name, "vwap") || name_has(name, "weighted"))
        return 8;
    return name_has(name, "price") ? 6 : 0;
}

int dataset_guess_price(const struct frame *f, char *evidence, size_t size)
{
    int best = -1, rank = 0, same = 0;
    for (size_t c = 0; c < f->columns; c++) {
        int r = price_rank(f->column[c].name);
        if (r == 0 || f->column[c].label || is_constant(&f->column[c], f->rows) ||
            feature_role_of(f->column[c].name, f->column[c].value, f->rows) != FEATURE_PRICE)
            continue;
        same = r == rank ? same + 1 : rank == 0 || r < rank ? 1 : same;
        if (rank == 0 || r < rank) {
            best = (int)c;
            rank = r;
        }
    }
    if (best < 0)
        snprintf(evidence, size, "no varying column is called close or price; name it with --price");
    else if (same > 1)
        snprintf(evidence, size, "%d columns may be the price ('%s' is the first); name it with --price", same,
                 f->column[best].name);
    else
        snprintf(evidence, size, "'%s' is the most telling name among the varying columns", f->column[best].name);
    return same == 1 ? best : -1;
}

static bool has_metrics(const struct frame *f)
{
    for (size_t c = 0; c < f->columns; c++) {
        enum feature_role role = feature_role_of(f->column[c].name, f->column[c].value, f->rows);
        if (role != FEATURE_PRICE && role != FEATURE_VOLUME)
            return true;
    }
    return false;
}

static bool all_midnight(const struct frame *f)
{
    for (size_t i = 0; i < f->rows; i++)
        if (!timestamp_is_midnight(f->time_us[i]))
            return false;
    return true;
}

int64_t dataset_default_lag(const struct frame *f, enum csv_stamp stamp, char *reason, size_t size)
{
    bool slow = f->step_us >= CLOCK_DAY_US || f->step_us == 0;
    if (stamp == CSV_STAMP_CLOSE && f->step_us > CLOCK_DAY_US && all_midnight(f)) {
        snprintf(reason, size, "a date that closes its period is known when that day is over");
        return CLOCK_DAY_US;
    }
    if (!has_metrics(f)) {
        snprintf(reason, size, "prices and volumes are known when their period ends");
        return 0;
    }
    if (slow) {
        snprintf(reason, size, "daily and slower metrics are published after their day: a day is allowed for it");
        return CLOCK_DAY_US;
    }
    snprintf(reason, size, "metrics within the day are allowed one step to be published");
    return f->step_us;
}
