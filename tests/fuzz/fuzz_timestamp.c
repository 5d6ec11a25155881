/* One line a time: whatever is read can be decided or is refused, and comes out within the years that are allowed. */
#include "fuzz.h"

#include "base/clock.h"
#include "data/timestamp.h"

const char fuzz_corpus[] = "timestamp";

#define ITEMS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct timestamp item[ITEMS];
    struct timestamp_column column;
    int64_t us[ITEMS];
    uint64_t line[ITEMS];
    size_t items = 0;
    for (size_t at = 0; at < n && items < ITEMS;) {
        const uint8_t *newline = memchr(data + at, '\n', n - at);
        size_t length = newline ? (size_t)(newline - data) - at : n - at;
        line[items] = items + 1;
        items += timestamp_scan((const char *)data + at, length, &item[items]);
        at += length + 1;
    }
    for (int order = TIMESTAMP_GUESS; order <= TIMESTAMP_YMD; order++)
        if (timestamp_decide(&column, us, item, items, line, (enum timestamp_order)order, NULL))
            for (size_t i = 0; i < items; i++)
                ASSERT(us[i] > clock_days(1899, 12, 30) * CLOCK_DAY_US &&
                       us[i] < clock_days(2200, 1, 3) * CLOCK_DAY_US);
    return 0;
}
