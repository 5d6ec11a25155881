#include "data/read/number.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/dress.h"

#include <math.h>

const double number_power_of_ten[NUMBER_POWER_EXACT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static unsigned digit(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* --- rounding ---------------------------------------------------------------------------------------------------- */

/* w * 10^power (or, with `more`, something between that and (w + 1) * 10^power) as an unevaluated sum of two doubles,
 * whose error is below 2^-100 of it (Dekker 1971: products and quotients with an exact remainder). It is rounded only
 * where every value within the error rounds the same way (Ziv 1991); else the caller takes the slow road. */
static bool round_pair(uint64_t w, int power, bool more, double *out)
{
    double high = (double)w, p = number_power_of_ten[power < 0 ? -power : power];
    double low = (double)(int64_t)(w - (uint64_t)high), product, rest;
    if (power < 0) {
        product = high / p;
        rest = (fma(-product, p, high) + low) / p;
    } else {
        product = high * p;
        rest = fma(high, p, -product) + low * p;
    }
    double sum = product + rest, left = rest - (sum - product);
    double error = sum * (more ? 0x1p-57 : 0x1p-98); /* w has 19 digits where there are more: 1/w < 2^-59 */
    *out = sum + (left + error);
    return *out == sum + (left - error);
}

/* The double nearest to w * 10^power where one or two roundings can be shown to give it. */
static bool round_quickly(uint64_t w, int power, bool more, double *out)
{
    if (power < -NUMBER_POWER_EXACT || power > NUMBER_POWER_EXACT || w >= UINT64_C(10000000000000000000))
        return false;
    if (w <= UINT64_C(1) << 53 && !more) { /* Clinger 1990: both are doubles, so one rounding is the right one */
        *out = power < 0 ? (double)w / number_power_of_ten[-power] : (double)w * number_power_of_ten[power];
        return true;
    }
    return round_pair(w, power, more, out);
}

/* Any length and power, by the C library. */
static bool round_slowly(const char *digits, size_t n, int power, double *out)
{
    char small[128], *text = small;
    size_t room = n + 16;
    if (room > sizeof small)
        text = NEW_ARRAY(char, room);
    memcpy(text, digits, n);
    snprintf(text + n, room - n, "e%d", power);
    bool finite = text_parse_double(text, out);
    if (text != small)
        free(text);
    return finite;
}

struct decimal {
    uint64_t w;
    int power;
    bool more; /* digits were left out behind w */
};

static struct decimal take_digits(const char *digits, size_t n)
{
    struct decimal d = {0};
    int taken = 0;
    bool point = false;
    for (size_t i = 0; i < n; i++) {
        if (digits[i] == '.') {
            point = true;
        } else if (taken < NUMBER_DIGITS_EXACT) {
            d.w = d.w * 10 + digit(digits[i]);
            taken += d.w > 0;
            d.power -= point;
        } else {
            d.more = true;
            d.power += !point;
        }
    }
    return d;
}

bool number_of_digits(const char *digits, size_t n, int power, double *value)
{
    if (n < 100000) {
        struct decimal d = take_digits(digits, n);
        if (d.w == 0) {
            *value = 0;
            return true;
        }
        if (round_quickly(d.w, d.power + power, d.more, value))
            return true;
    }
    return round_slowly(digits, n, power, value);
}

/* --- plain numbers ----------------------------------------------------------------------------------------------- */

/* e [+-] digits; beyond 99999 it is that. NULL where no digit follows. */
static const char *scan_exponent(const char *s, int *power)
{
    bool negative = *s == '-';
    int v = 0;
    s += *s == '-' || *s == '+';
    if (digit(*s) > 9)
        return NULL;
    for (; digit(*s) <= 9; s++)
        v = v < 99999 ? v * 10 + (int)digit(*s) : v;
    *power = negative ? -v : v;
    return s;
}

/* What number_scan leaves: many digits, large powers, overflow. */
const char *number_scan_slowly(const char *digits, const char *stop, bool negative, double *value)
{
    const char *behind = stop;
    int power = 0;
    if (*stop == 'e' || *stop == 'E') {
        behind = scan_exponent(stop + 1, &power);
        if (!behind)
            return NULL;
    }
    if (!number_of_digits(digits, (size_t)(stop - digits), power, value))
        *value = HUGE_VAL;
    if (negative)
        *value = -*value;
    return behind;
}

/* --- whole cells ------------------------------------------------------------------------------------------------- */

static bool equal_nocase(const char *text, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        if (!word[i] || c != word[i])
            return false;
    }
    return word[n] == '\0';
}

static bool is_one_of(const char *text, size_t n, const char *const *word, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (equal_nocase(text, n, word[i]))
            return true;
    return false;
}

static bool is_missing(const char *text, size_t n)
{
    static const char *const spelling[] = {"nan",
                                           "null",
                                           "none",
                                           "-",
                                           "--",
                                           "n/a",
                                           "na",
                                           "n.a.",
                                           ".",
                                           "?",
                                           "#n/a",
                                           "#na",
                                           "#n/a n/a",
                                           "<na>",
                                           "nat",
                                           "#null!",
                                           "#div/0!",
                                           "#value!",
                                           "#ref!",
                                           "#num!",
                                           "#name?",
                                           "-nan",
                                           "nil",
                                           "\xe2\x80\x94" /* em dash */,
                                           "\xe2\x80\x93" /* en dash */,
                                           "\xe2\x88\x92" /* minus */,
                                           "1.#qnan",
                                           "-1.#ind",
                                           "---",
                                           "(null)",
                                           "\\n"};
    return n == 0 || (n <= 9 && is_one_of(text, n, spelling, ARRAY_N(spelling)));
}

static bool is_infinite(const char *text, size_t n)
{
    static const char *const spelling[] = {"inf", "infinity", "\xe2\x88\x9e", "1.#inf"};
    size_t sign = n > 0 && (*text == '-' || *text == '+');
    return n - sign <= 8 && is_one_of(text + sign, n - sign, spelling, ARRAY_N(spelling));
}

/* Digits with nothing but marks, blanks, signs and a letter or two around them. */
static bool looks_like_number(const char *text, size_t n)
{
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (digit(text[i]) <= 9)
            digits++;
        else if (c && strchr("KkMmBbTt", c))
            letters++;
        else if (c < 0x80 && !strchr(",.'+-%$<>()~=* _", text[i]))
            return false;
        else if (c >= 0x80 && c != 0xc2 && c != 0xe2 && !(c < 0xc0))
            return false;
    }
    return digits > 0 && letters <= 1 && letters < digits;
}

static enum number_kind classify_word(const char *text, size_t n)
{
    static const char *const yes[] = {"true", "yes"}, *const no[] = {"false", "no"};
    if (is_missing(text, n))
        return NUMBER_MISSING;
    if (n <= 5 && is_one_of(text, n, yes, ARRAY_N(yes)))
        return NUMBER_TRUE;
    if (n <= 5 && is_one_of(text, n, no, ARRAY_N(no)))
        return NUMBER_FALSE;
    if (is_infinite(text, n))
        return NUMBER_INFINITE;
    struct dress dress;
    if (dress_take_apart(&dress, text, n))
        return NUMBER_DRESSED;
    return looks_like_number(text, n) ? NUMBER_LOOKALIKE : NUMBER_TEXT;
}

/* Whether the n bytes are a plain number; they are copied, for number_scan wants a byte behind them. */
static bool is_plain(const char *text, size_t n, double *value)
{
    char small[64], *copy = small;
    if (n == 0 || (digit(text[n - 1]) > 9 && text[n - 1] != '.'))
        return false;
    if (n >= sizeof small)
        copy = NEW_ARRAY(char, n + 1);
    memcpy(copy, text, n);
    copy[n] = '\0';
    bool plain = number_scan(copy, value) == copy + n;
    if (copy != small)
        free(copy);
    return plain;
}

enum number_kind number_parse(const char *text, size_t n, double *value)
{
    while (n > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        n--;
    }
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    bool plain = is_plain(text, n, value);
    if (plain && isfinite(*value))
        return NUMBER_VALUE;
    *value = (double)NAN;
    return plain ? NUMBER_INFINITE : classify_word(text, n);
}

bool number_is_extra_missing(const char *text, size_t n, const char *spellings)
{
    for (const char *s = spellings; s && *s;) {
        size_t length = strcspn(s, ",");
        if (length == n && memcmp(s, text, n) == 0)
            return true;
        s += length + (s[length] == ',');
    }
    return false;
}
