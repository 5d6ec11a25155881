#include "base/memory.h"
#include "base/text.h"
#include "data/feature.h"
#include "data/name.h"

#include <math.h>

static const char *const role_name[FEATURE_ROLES] = {"price", "volume", "on-chain", "sentiment", "other"};

const char *feature_role_name(enum feature_role role)
{
    return role_name[role];
}

bool feature_role_parse(const char *name, enum feature_role *out)
{
    name = text_equal(name, "onchain") ? role_name[FEATURE_ONCHAIN] : name;
    for (int i = 0; i < FEATURE_ROLES; i++)
        if (text_equal(role_name[i], name)) {
            *out = (enum feature_role)i;
            return true;
        }
    return false;
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
