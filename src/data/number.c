#include "data/number.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

/* Where the number ends, or NULL where none begins. */
static const char *skip_number(const char *s)
{
    s += *s == '+' || *s == '-';
    const char *whole = skip_digits(s), *end = whole;
    if (*end == '.')
        end = skip_digits(end + 1);
    if (end - s < 2 && whole == s)
        return NULL;
    if (*end == 'e' || *end == 'E') {
        const char *power = end + 1;
        power += *power == '+' || *power == '-';
        if (!is_digit(*power))
            return NULL;
        end = skip_digits(power);
    }
    return end;
}

static bool is_missing(const char *text)
{
    static const char *const spelling[] = {"", "nan", "null", "none", "-", "n/a", "na", "."};
    for (size_t i = 0; i < ARRAY_N(spelling); i++)
        if (text_equal_nocase(text, spelling[i]))
            return true;
    return false;
}

/* Digits with nothing but marks, blanks, signs and one-letter units around them. */
static bool looks_like_number(const char *text, size_t n)
{
    static const char *const sign[] = {"\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5",
                                       "\xe2\x82\xbf", "\xc2\xa0", "\xe2\x88\x92"};
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < n;) {
        size_t step = 1;
        for (size_t k = 0; k < ARRAY_N(sign); k++)
            if (text_starts(text + i, sign[k]))
                step = strlen(sign[k]);
        if (is_digit(text[i]))
            digits++;
        else if (strchr("KkMmBbTt", text[i]))
            letters++;
        else if (step == 1 && !strchr(",.'+-%$<>() _~", text[i]))
            return false;
        i += step;
    }
    return digits > 0 && letters <= 1;
}

enum number_kind number_parse(const char *text, size_t n, double *value)
{
    *value = (double)NAN;
    if (strlen(text) != n)
        return NUMBER_TEXT;
    if (n <= 4 && is_missing(text))
        return NUMBER_MISSING;
    const char *end = skip_number(text);
    if (end && *end == '\0') {
        if (text_parse_double(text + (*text == '+'), value))
            return NUMBER_VALUE;
        *value = (double)NAN;
        return NUMBER_LOOKALIKE; /* beyond the range of a double */
    }
    return looks_like_number(text, n) ? NUMBER_LOOKALIKE : NUMBER_TEXT;
}
