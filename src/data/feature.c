#include "data/feature.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/name.h"

#include <math.h>

static double log_ratio(double a, double b)
{
    return a > 0 && b > 0 && isfinite(a) && isfinite(b) ? vmath_log(a / b) : (double)NAN;
}

/* log(a/b) where both are positive. Elsewhere 2(a-b)/(|a|+|b|), which is the first term of log(a/b) = 2
 * artanh((a-b)/(a+b)) and stays within +-2: a change that needs no look at the rest of the column to be chosen. */
static double change(double a, double b)
{
    if (a > 0 && b > 0)
        return log_ratio(a, b);
    if (!isfinite(a) || !isfinite(b))
        return (double)NAN;
    double size = fabs(a) + fabs(b);
    return size > 0 ? 2 * ((a - b) / size) : 0;
}

static double log_return(const struct feature_source *s, size_t row, int output)
{
    (void)output;
    return row > 0 ? log_ratio(s->value[row], s->value[row - 1]) : (double)NAN;
}

static double range(const struct feature_source *s, size_t row, int output)
{
    (void)output;
    return log_ratio(s->value[row], s->low[row]);
}

static double column_change(const struct feature_source *s, size_t row, int output)
{
    (void)output;
    return row > 0 ? change(s->value[row], s->value[row - 1]) : (double)NAN;
}

static double sentiment(const struct feature_source *s, size_t row, int output)
{
    double level = (s->value[row] - s->centre) / s->half;
    if (output == 0)
        return level;
    return row > 0 ? level - (s->value[row - 1] - s->centre) / s->half : (double)NAN;
}

#define ROLE(role) (1u << (role))

const struct feature_family feature_families[] = {
    {"log_return",
     "log of a price over the price one row before",
     ROLE(FEATURE_PRICE),
     false,
     1,
     1,
     {"log_return", NULL},
     log_return},
    {"range", "log of a row's high over its low", 0, true, 0, 1, {"range", NULL}, range},
    {"volume_change",
     "change of a volume, as a log ratio where both are positive",
     ROLE(FEATURE_VOLUME),
     false,
     1,
     1,
     {"volume_change", NULL},
     column_change},
    {"onchain_change",
     "change of an on-chain or other metric, as a log ratio where both are positive",
     ROLE(FEATURE_ONCHAIN) | ROLE(FEATURE_OTHER),
     false,
     1,
     1,
     {"onchain_change", NULL},
     column_change},
    {"sentiment",
     "level of a sentiment on its scale, 0 being neutral, and its change",
     ROLE(FEATURE_SENTIMENT),
     false,
     1,
     2,
     {"sentiment", "sentiment_change"},
     sentiment},
};
const int feature_families_n = ARRAY_N(feature_families);

const struct feature_family *feature_find(const char *name)
{
    for (int i = 0; i < feature_families_n; i++)
        if (text_equal(feature_families[i].name, name))
            return &feature_families[i];
    return NULL;
}

const char *feature_role_name(enum feature_role role)
{
    static const char *const name[] = {"price", "volume", "on-chain", "sentiment", "other"};
    return name[role];
}

static bool lies_within(const double *value, size_t rows, double least, double most)
{
    size_t seen = 0;
    for (size_t i = 0; i < rows; i++) {
        if (isnan(value[i]))
            continue;
        if (value[i] < least || value[i] > most)
            return false;
        seen++;
    }
    return seen > 0;
}

bool feature_level(const double *value, size_t rows, double *centre, double *half)
{
    static const struct {
        double least, most;
    } scale[] = {{0, 1}, {-1, 1}, {0, 100}};
    for (size_t i = 0; i < ARRAY_N(scale); i++)
        if (lies_within(value, rows, scale[i].least, scale[i].most)) {
            *centre = (scale[i].least + scale[i].most) / 2;
            *half = (scale[i].most - scale[i].least) / 2;
            return true;
        }
    *centre = 0;
    *half = 1;
    return false;
}

/* An index without a telling name: whole numbers from 0 to 100, such as the "value" of a fear and greed file. */
static bool is_index(const char *column, const double *value, size_t rows)
{
    static const char *const word[] = {"value", "index", "score"};
    if (!name_has_any(column, word, ARRAY_N(word)) || !lies_within(value, rows, 0, 100) ||
        lies_within(value, rows, 0, 1))
        return false;
    for (size_t i = 0; i < rows; i++)
        if (!isnan(value[i]) && value[i] != floor(value[i]))
            return false;
    return true;
}

enum feature_role feature_role_of(const char *column, const double *value, size_t rows)
{
    static const char *const no_price[] = {"interest", "realized", "realised", "target", "trend", "trends"};
    static const char *const price[] = {"close", "open", "high", "low", "price", "vwap"};
    static const char *const volume[] = {"volume", "vol", "turnover"};
    static const char *const mood[] = {"sentiment", "fear", "greed", "fng", "compound", "polarity",
                                       "mood",      "neg",  "pos",   "neu", "bullish",  "bearish"};
    static const char *const chain[] = {
        "adr",   "address", "addresses", "blk",      "block",    "blocks",     "tx",       "transactions",
        "fee",   "fees",    "hash",      "hashrate", "diff",     "difficulty", "cap",      "mvrv",
        "nvt",   "sply",    "supply",    "iss",      "issuance", "flow",       "flows",    "utxo",
        "miner", "miners",  "roi",       "vty",      "gas",      "staking",    "interest", "realized"};
    double centre, half;
    if (name_has_any(column, mood, ARRAY_N(mood)) || is_index(column, value, rows))
        return feature_level(value, rows, &centre, &half) ? FEATURE_SENTIMENT : FEATURE_OTHER;
    if (name_has_any(column, volume, ARRAY_N(volume)))
        return FEATURE_VOLUME;
    if (name_has_any(column, price, ARRAY_N(price)) && !name_has_any(column, no_price, ARRAY_N(no_price)))
        return FEATURE_PRICE;
    return name_has_any(column, chain, ARRAY_N(chain)) ? FEATURE_ONCHAIN : FEATURE_OTHER;
}
