/* Times as people write them, read in two steps: timestamp_scan takes one cell apart without deciding anything that
 * a single cell cannot tell, timestamp_decide looks at a whole column, settles what its numbers mean and the order of
 * day and month, and gives microseconds since the epoch.
 *
 * Known spellings:
 *   year first   2019-10-20, 2019/1/2, 2019.10.20, 2019-10, 2019Q4, 2019-W43-1, 2019-293, 2019-Oct-20, 20191020T1704
 *   year last    25/11/2019, 11-25-2019, 25.11.19; the order of day and month is settled by the whole column
 *   named month  25-Nov-19, 25 Nov 2019, Nov 25, 2019, Mon Nov 25 2019, 25. November 2019, 25 de noviembre de 2019
 *   East Asia    2019年11月25日, 2019년 11월 25일, 2019. 11. 25.
 *   clock        behind a T, a blank or a comma: 17:05, 17:05:06.123456789, 24:00, 02:00 PM, 2 PM, 01-AM, 17, 170506
 *   zone         Z, UTC, GMT, +02:00, +0200, +02, " +0000 UTC", GMT+0200; names such as EST only where a zone is said
 *   numbers      epochs in s, ms, us or ns, told apart row by row by their size (every instant from 1990 to 2099 has
 *                exactly one reading), also with decimals or an exponent; 20191020, 201910, 2019, 20191020170506;
 *                spreadsheet days; what is elapsed since the beginning
 * Years run from 1600 to 9999. Fractions are cut to microseconds. 24:00 ends its day; a leap second (23:59:60) becomes
 * the second after it and is counted. */
#ifndef DATA_TIME_TIMESTAMP_H
#define DATA_TIME_TIMESTAMP_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum timestamp_kind { TIMESTAMP_NONE, TIMESTAMP_NUMBER, TIMESTAMP_DATE, TIMESTAMP_CLOCK };
enum timestamp_unit { TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_US, TIMESTAMP_NS, TIMESTAMP_UNITS };
enum timestamp_order { TIMESTAMP_GUESS, TIMESTAMP_DMY, TIMESTAMP_MDY, TIMESTAMP_YMD };

/* Which three numbers a date consists of. */
enum timestamp_layout {
    TIMESTAMP_DAY,       /* year, month, day: nothing is open */
    TIMESTAMP_MONTH,     /* year, month */
    TIMESTAMP_QUARTER,   /* year, first month of the quarter */
    TIMESTAMP_YEAR,      /* year */
    TIMESTAMP_WEEK,      /* the Monday of an ISO week */
    TIMESTAMP_YEAR_LAST, /* two numbers whose order is open, year */
    TIMESTAMP_SHORT,     /* three numbers of two digits, all open */
    TIMESTAMP_MONTH_DAY  /* a named month and two digits: a day without a year, or a short year */
};

enum timestamp_flag {
    TIMESTAMP_HAS_CLOCK = 1,
    TIMESTAMP_HAS_ZONE = 2,      /* `zone` is minutes east of Greenwich */
    TIMESTAMP_ZONE_WORD = 4,     /* `zone` is an index for timestamp_zone_word */
    TIMESTAMP_TWELVE = 8,        /* a clock with AM or PM */
    TIMESTAMP_NAMED = 16,        /* the month is a word */
    TIMESTAMP_LEAP = 32,         /* second 60 */
    TIMESTAMP_TWO_DIGITS = 64,   /* the year was written with two digits */
    TIMESTAMP_TWO_PARTS = 128,   /* CLOCK: a:b, hours and minutes or minutes and seconds */
    TIMESTAMP_ZEROS = 256,       /* NUMBER: begins with a zero before another digit */
    TIMESTAMP_EXPONENT = 512,    /* NUMBER */
    TIMESTAMP_PATTERN = 1024,    /* read by a given pattern */
    TIMESTAMP_WORD_FIRST = 2048, /* NAMED: the month stands before the day and the year behind both */
    TIMESTAMP_YEAR_FIRST = 4096  /* NAMED: the year stands first */
};

/* One cell taken apart, in 16 bytes. */
struct timestamp {
    int64_t value;    /* NUMBER: its digits, without the point; CLOCK: microseconds; DATE: see timestamp_parts */
    int16_t zone;     /* see the flags */
    uint16_t flags;   /* enum timestamp_flag */
    uint8_t kind;     /* enum timestamp_kind */
    uint8_t layout;   /* enum timestamp_layout of a DATE */
    uint8_t decimals; /* NUMBER: of the digits in value, 0..18 */
    uint8_t mark;     /* DATE: the character between its numbers; NUMBER: how many digits stand before the point */
};

/* Whether a single date of this layout leaves the order of its numbers open. */
static inline bool timestamp_is_open(enum timestamp_layout layout)
{
    return layout == TIMESTAMP_YEAR_LAST || layout == TIMESTAMP_SHORT;
}

/* What --format names: how the cells of the time are to be read, in place of a guess. */
enum timestamp_format_kind {
    TIMESTAMP_FORMAT_GUESS,
    TIMESTAMP_FORMAT_EPOCH,   /* `unit` */
    TIMESTAMP_FORMAT_EXCEL,   /* days since 1899-12-30 */
    TIMESTAMP_FORMAT_ELAPSED, /* `per_second` of its counts make a second */
    TIMESTAMP_FORMAT_PATTERN
};

#define TIMESTAMP_PATTERN_MAX 64

struct timestamp_format {
    enum timestamp_format_kind kind;
    enum timestamp_unit unit;
    double per_second;
    char pattern[TIMESTAMP_PATTERN_MAX];
};

/* Reads "s", "ms", "us", "ns" (epochs), "excel", "elapsed-s", "elapsed-ms", "elapsed-us", "elapsed-ns", "elapsed-min",
 * "elapsed-h", "elapsed-d", "sample:HZ", or a pattern made of
 *   YYYY YY      year of four, of two digits (69..99 are 19xx)
 *   MM M MMM     month of two, of one or two digits, as a word
 *   DD D         day of two, of one or two digits
 *   hh h mm m ss s   hour, minute, second of two, of one or two digits
 *   f            a fraction of a second: one digit or more
 *   A            AM or PM
 *   Z            a zone: Z, UTC, +02:00, +0200, +02, EST
 *   E            the name of a weekday
 * with everything else, and what stands between apostrophes, as itself. Without a date it is a clock that counts from
 * the beginning, unless the date stands in another column. NULL or "" is a guess, and so is *out on failure. */
bool timestamp_format_parse(struct timestamp_format *out, const char *text, struct error *err);

/* True and *out when the n bytes of `text` are one of the known spellings, blanks around them aside. */
bool timestamp_scan(const char *text, size_t n, struct timestamp *out);

/* The same with `format` (NULL: a guess) in place of the known spellings, and `decimal` as the mark of decimals in
 * numbers. */
bool timestamp_scan_as(const struct timestamp_format *format, char decimal, const char *text, size_t n,
                       struct timestamp *out);

/* ',' where the cell is a number whose comma can only be its decimal mark (0,004: no group of thousands begins so or is
 * so long); else '\0'. */
char timestamp_decimal(const char *text, size_t n);

/* The three numbers of a DATE as its layout says, and its clock in microseconds of the day. */
void timestamp_parts(const struct timestamp *t, int part[3], int64_t *clock_us);
void timestamp_set_parts(struct timestamp *t, int first, int second, int third, int64_t clock_us);

/* A NUMBER as the nearest double (as strtod would read it). */
double timestamp_number(const struct timestamp *t);

/* Whether every NUMBER is a date without marks of one length (2019, 201910, 20191020, 2019102017 ...), and one of them
 * as the DATE that it is. */
bool timestamp_is_compact(const struct timestamp *item, size_t n);
bool timestamp_from_compact(const struct timestamp *number, struct timestamp *date);

/* Whether a NUMBER is an epoch of the years 1990 to 2099 in one of the units. */
bool timestamp_is_epoch(const struct timestamp *t);

/* What a clock's zone word stands for; NULL where i is none. */
const char *timestamp_zone_word(int i);

struct timestamp_options {
    enum timestamp_order order;
    const struct timestamp_format *format; /* NULL: a guess */
    const char *name;                      /* of the column, with its unit: may say what numbers count */
    bool has_zone; /* a zone was said for the file: cells without one are its local times, words name its offsets */
};

struct timestamp_column {
    char format[48];    /* "YYYY-MM-DD", "M/D/YYYY", "epoch ms" ... */
    char evidence[192]; /* what settled it */
    enum timestamp_kind kind;
    enum timestamp_layout layout;
    enum timestamp_order order;   /* of day and month; TIMESTAMP_YMD where nothing was open */
    size_t unit[TIMESTAMP_UNITS]; /* epochs: rows of each unit */
    size_t leaps, leap_first;     /* leap seconds that became the next second; the item of the first */
    bool epoch;                   /* numbers counted from 1970 */
    bool elapsed;                 /* no calendar date: counted from the beginning, which is put at 1970 */
    bool order_open;              /* failed for nothing but the order of day and month */
    bool has_clock, has_zone;     /* of any row; has_zone also where the instant is known otherwise (epochs) */
};

/* Fills us[n]: instants where has_zone, else local times as if they were UTC. line[i] is the file's line of item i,
 * for messages. Fails with ERROR_DATA where spellings are mixed, a date is impossible, or only the user can know what
 * is meant (the text names the option that says it). */
bool timestamp_decide(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                      const uint64_t *line, const struct timestamp_options *options, struct error *err);

/* Whether the instant is a whole UTC day; the last, the first day of its month. */
bool timestamp_is_midnight(int64_t us);
bool timestamp_is_month_end(int64_t us);
bool timestamp_is_month_start(int64_t us);

#endif
