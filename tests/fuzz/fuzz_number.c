/* One cell: a plain number has the bits of strtod, and a dressed one a value under each reading it allows. */
#include "fuzz.h"

#include "data/read/dress.h"
#include "data/read/number.h"

#include <math.h>

const char fuzz_corpus[] = "number";

static void check_plain(const char *text, size_t n, double value)
{
    char *copy = malloc(n + 1);
    ASSERT(copy);
    memcpy(copy, text, n);
    copy[n] = '\0';
    char *from = copy, *end;
    while (*from == ' ' || *from == '\t')
        from++;
    double wanted = strtod(from, &end);
    while (*end == ' ' || *end == '\t')
        end++;
    ASSERT(*end == '\0' && memcmp(&wanted, &value, sizeof value) == 0);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data;
    double value;
    if (memchr(text, '\0', n))
        return 0;
    enum number_kind kind = number_parse(text, n, &value);
    ASSERT((kind == NUMBER_VALUE) == !isnan(value) && !isinf(value));
    if (kind == NUMBER_VALUE)
        check_plain(text, n, value);
    struct dress d;
    if (dress_take_apart(&d, text, n)) {
        ASSERT(d.readings != 0 && d.readings <= DRESS_ALL && d.core_n > 0 && d.core >= text &&
               d.core + d.core_n <= text + n);
        for (unsigned reading = 1; reading <= DRESS_ALL; reading *= 2)
            if (d.readings & reading)
                ASSERT(!isnan(dress_value(&d, reading)) && dress_group_name(reading)[0]);
        /* a plain number is a number in every dress, and its value is the same with a decimal point */
        if (kind == NUMBER_VALUE && d.readings & dress_reading('.', '\0')) {
            double dressed = dress_value(&d, dress_reading('.', '\0'));
            ASSERT(memcmp(&dressed, &value, sizeof value) == 0);
        }
    } else {
        ASSERT(kind != NUMBER_DRESSED);
    }
    return 0;
}
