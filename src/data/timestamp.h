/* Times as people write them, read in two steps: timestamp_scan takes one cell apart without deciding anything that
 * a single cell cannot tell, timestamp_decide looks at a whole column, settles the order of day and month, and gives
 * microseconds since the epoch, UTC.
 *
 * Known spellings:
 *   ISO      2019-10-20, 2019-10, 2019-10-20T17:00[:00[.123456789]], a blank for T, then nothing, Z, UTC, GMT, +02:00,
 *            +0200 or +02; also with slashes where the year comes first (2019/10/20)
 *   slashes  20/10/2019 or 10/20/2019, one or two digits, years of two digits (69..99 are 19xx), the same clock after
 * it epoch    seconds, milli-, micro- or nanoseconds, told apart row by row by their size: every instant from 1990 to
 *            2099 has exactly one reading
 * Seconds are cut to microseconds; a leap second and 24:00 are refused. Other zone names than UTC and GMT are refused:
 * they do not name an offset. */
#ifndef DATA_TIMESTAMP_H
#define DATA_TIMESTAMP_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum timestamp_kind { TIMESTAMP_NONE, TIMESTAMP_ISO, TIMESTAMP_SLASH, TIMESTAMP_EPOCH };
enum timestamp_unit { TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_US, TIMESTAMP_NS, TIMESTAMP_UNITS };
enum timestamp_order { TIMESTAMP_GUESS, TIMESTAMP_DMY, TIMESTAMP_MDY, TIMESTAMP_YMD };

/* One cell taken apart. `part` is as written: y m d for ISO, the three numbers in their order for slashes. */
struct timestamp {
    int64_t us; /* EPOCH: the instant; else the clock's microseconds of the day */
    int32_t part[3];
    int16_t zone_minutes;
    uint8_t kind, unit;
    bool has_clock, has_zone, month_only, short_year;
};

/* True and *out when the n bytes of `text` are one of the known spellings. */
bool timestamp_scan(const char *text, size_t n, struct timestamp *out);

struct timestamp_column {
    char format[48];    /* "YYYY-MM-DD", "M/D/YYYY", "epoch ms" ... */
    char evidence[192]; /* what settled it */
    enum timestamp_kind kind;
    enum timestamp_order order;           /* of slashes; TIMESTAMP_YMD otherwise */
    size_t unit[TIMESTAMP_UNITS];         /* EPOCH: rows of each unit */
    bool has_clock, has_zone, month_only; /* has_clock: of any row */
};

/* Fills us[n]. line[i] is the file's line of item i, for messages. Fails with ERROR_DATA where spellings are mixed, a
 * date is impossible, or the order of day and month cannot be told (the text asks for --date-order). */
bool timestamp_decide(struct timestamp_column *column, int64_t *us, const struct timestamp *item, size_t n,
                      const uint64_t *line, enum timestamp_order order, struct error *err);

/* Whether the instant is a whole UTC day; the last, the first day of its month. */
bool timestamp_is_midnight(int64_t us);
bool timestamp_is_month_end(int64_t us);
bool timestamp_is_month_start(int64_t us);

#endif
