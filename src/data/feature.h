/* Features: families of channels computed on a series' own rows, each with a look-back and none looking ahead.
 *
 * A family is one file's entry and one line of the table (feature/table.c). It fills a whole column: row i is a
 * function of the rows i - lookback .. i and of nothing else, so the bits of a row do not depend on how many rows
 * follow it, nor on those further back than its look-back. That is why there is no recursion: moving averages that are
 * recursive in the textbooks are taken over a fixed number of rows with the weights renormalised. A row whose
 * look-back is not complete, or holds a missing value, is NaN. All arithmetic is double, summed from the oldest row to
 * the newest, through base/vmath.
 *
 * A family is computed on the rows of its series and joined to the bars afterwards (see join.h), so that the change of
 * a daily metric is its change over the day even where the bars are hours.
 *
 * A list of features is written "log_return,mean:20,macd:12:26:9": families in the order of the table, the same family
 * with several parameters in their order, every parameter written out. feature_list_read accepts any order and lets
 * parameters be left out; feature_list_format writes the one canonical spelling. */
#ifndef DATA_FEATURE_H
#define DATA_FEATURE_H

#include "data/frame.h"

/* What a column is, guessed from its name and values. */
enum feature_role { FEATURE_PRICE, FEATURE_VOLUME, FEATURE_ONCHAIN, FEATURE_SENTIMENT, FEATURE_OTHER, FEATURE_ROLES };

/* What a family reads: a column, or the high and the low of a series, or the times alone. */
struct feature_source {
    const double *value, *low;
    const int64_t *end_us; /* ends of the rows' periods */
    double centre, half;   /* levels of a sentiment are (value - centre) / half, see feature_level */
};

enum feature_reads { FEATURE_COLUMN, FEATURE_HIGH_LOW, FEATURE_TIME };

#define FEATURE_OUTPUTS_MAX 9
#define FEATURE_PARAMETERS_MAX 3
#define FEATURE_SPECS_MAX 32
#define FEATURE_LIST_MAX 256 /* bytes of a list's text with its NUL */

struct feature_family {
    const char *name;  /* "log_return" */
    const char *about; /* "log of the price over the price one row before" */
    enum feature_reads reads;
    unsigned roles; /* bits 1 << enum feature_role; of FEATURE_COLUMN */
    int parameters;
    struct {
        const char *name;
        int usual, least, most;
    } parameter[FEATURE_PARAMETERS_MAX];
    int outputs;
    const char *output[FEATURE_OUTPUTS_MAX]; /* the channels' first words: "log_return PriceUSD" */
    int (*lookback)(const int *parameter);   /* rows before the present one that it reads */
    bool (*fits)(const int *parameter);      /* of parameters in range; NULL: all do */
    /* out[0 .. rows-1] of one output; NaN where it cannot be known. */
    void (*fill)(double *out, const struct feature_source *source, size_t rows, const int *parameter, int output);
};

/* A family with its parameters. */
struct feature_spec {
    const struct feature_family *family;
    int parameter[FEATURE_PARAMETERS_MAX];
};

struct feature_list {
    struct feature_spec spec[FEATURE_SPECS_MAX];
    int n;
};

extern const struct feature_family *const feature_families[];
extern const int feature_families_n;

/* What is taken where nothing is said: few channels a column, all of them stationary; for a table without a price the
 * values themselves. */
#define FEATURE_USUAL "log_return,range,volume_change,onchain_change,sentiment"
#define FEATURE_USUAL_PLAIN "level,change"

/* "usual" stands for FEATURE_USUAL. ERROR_USAGE naming what is wrong, and all families where a name is unknown. */
bool feature_list_read(struct feature_list *out, const char *text, struct error *err);
bool feature_list_format(const struct feature_list *list, char *out, size_t size); /* false: too long */
void feature_spec_format(const struct feature_spec *spec, const char *word, char *out, size_t size); /* "rsi:14" */
int feature_lookback(const struct feature_spec *spec);

/* Of the first `rows` values; a column is no sentiment where its values have no bounded scale. */
enum feature_role feature_role_of(const char *column, const double *value, size_t rows);
const char *feature_role_name(enum feature_role role);
bool feature_role_parse(const char *name, enum feature_role *out);

/* The bounded scale the values lie on: 0..1, -1..1 or 0..100; false where on none. A level is the distance from its
 * centre, so 0 is the neutral value. */
bool feature_level(const double *value, size_t rows, double *centre, double *half);

#endif
