/* A first line that may be a format, a zone's rule or a column's name, then one time a line: whatever is read can be
 * decided or is refused, and comes out within the years that are allowed. Input that begins as a zone's file is read as
 * one: an instant that it gives for a local time shows that local time. */
#include "fuzz.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/time/timename.h"
#include "data/time/timestamp.h"
#include "data/time/zone.h"
#include "data/time/zone_rule.h"

#include <string.h>

const char fuzz_corpus[] = "timestamp";

#define ITEMS 64

/* What a line holds is no longer than the input. */
static size_t line_length(const uint8_t *data, size_t n, size_t at)
{
    const uint8_t *newline = memchr(data + at, '\n', n - at);
    return newline ? (size_t)(newline - data) - at : n - at;
}

static void decide_all(const struct timestamp *item, size_t items, const struct timestamp_options *o)
{
    struct timestamp_column column;
    int64_t us[ITEMS];
    uint64_t line[ITEMS];
    for (size_t i = 0; i < items; i++)
        line[i] = i + 1;
    if (!timestamp_decide(&column, us, item, items, line, o, NULL))
        return;
    ASSERT(column.format[0] && column.evidence[0]);
    bool free_years = column.elapsed || (o->format && o->format->kind == TIMESTAMP_FORMAT_EPOCH);
    for (size_t i = 0; i < items && !free_years; i++)
        ASSERT(us[i] > clock_days(1599, 12, 30) * CLOCK_DAY_US && us[i] < clock_days(10000, 1, 3) * CLOCK_DAY_US);
}

static void try_zone(const uint8_t *data, size_t n)
{
    struct zone *z = zone_parse(data, n, "fuzzed", NULL);
    for (int64_t local = -4000000000; z && local < 8000000000; local += 777777777) {
        int64_t utc[2], change;
        int found = zone_instants(z, local, utc);
        for (int i = 0; i < found; i++)
            ASSERT(utc[i] + zone_at(z, utc[i]).seconds == local);
        if (zone_next_change(z, local, &change))
            ASSERT(change > local && zone_at(z, change).seconds != zone_at(z, change - 1).seconds);
    }
    zone_free(z);
}

static void try_rule(const uint8_t *data, size_t n)
{
    struct zone_rule rule;
    int64_t change;
    if (zone_rule_parse(&rule, (const char *)data, n) && zone_rule_next(&rule, 1546300800, &change))
        ASSERT(change > 1546300800);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct timestamp item[ITEMS];
    struct timestamp_format format = {.kind = TIMESTAMP_FORMAT_GUESS};
    struct timename name;
    char first[128] = "";
    if (n >= 4 && memcmp(data, "TZif", 4) == 0)
        try_zone(data, n);
    size_t items = 0, length = line_length(data, n, 0), at = 0;
    try_rule(data, length);
    if (length < sizeof first)
        memcpy(first, data, length);
    if (timestamp_format_parse(&format, first, NULL))
        at = length < n ? length + 1 : n;
    timename_read(&name, first);
    for (; at < n && items < ITEMS; at += length + 1) {
        length = line_length(data, n, at);
        items += timestamp_scan_as(&format, at % 2 ? ',' : '.', (const char *)data + at, length, &item[items]);
    }
    for (int order = TIMESTAMP_GUESS; order <= TIMESTAMP_YMD; order++) {
        const struct timestamp_options o = {(enum timestamp_order)order, &format, first, order == TIMESTAMP_MDY};
        decide_all(item, items, &o);
    }
    return 0;
}
