/* Numbers of text.h. The C locale is used whatever the program's is. */
#include "base/text.h"

#include "base/error.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    ASSERT(c_locale != (locale_t)0);
}

static locale_t enter_c_locale(void)
{
    pthread_once(&c_locale_once, make_c_locale);
    return uselocale(c_locale);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool parse_digits(const char *s, uint64_t most, uint64_t *out)
{
    uint64_t v = 0;

    if (!is_digit(*s))
        return false;
    for (; is_digit(*s); s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (v > (most - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (*s != '\0')
        return false;
    *out = v;
    return true;
}

bool text_parse_u64(const char *s, uint64_t *out)
{
    return parse_digits(s, UINT64_MAX, out);
}

bool text_parse_int(const char *s, int64_t least, int64_t most, int64_t *out)
{
    bool negative = *s == '-';
    uint64_t magnitude;

    if (!parse_digits(s + (negative || *s == '+'), (uint64_t)INT64_MAX + negative, &magnitude))
        return false;
    /* -(m - 1) - 1 is the one way to INT64_MIN without an overflow. */
    int64_t v = !negative ? (int64_t)magnitude : magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    if (v < least || v > most)
        return false;
    *out = v;
    return true;
}

/* What a scan of [+-]digits[.digits][e[+-]digits] finds: value = digits * 10^exponent, unless there were more digits
 * than 64 bits hold. */
struct decimal {
    bool negative, exact;
    uint64_t digits;
    int exponent;
};

static bool scan_mantissa(const char **at, struct decimal *d)
{
    const char *s = *at;
    bool point = false, any = false;

    d->exact = true;
    for (; is_digit(*s) || (*s == '.' && !point); s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        any = true;
        if (d->digits > UINT64_MAX / 16)
            d->exact = false;
        else
            d->digits = d->digits * 10 + (uint64_t)(*s - '0');
        d->exponent -= point && d->exponent > -100000;
    }
    *at = s;
    return any;
}

static bool scan_exponent(const char **at, struct decimal *d)
{
    const char *s = *at + 1;
    bool negative = *s == '-';
    int exponent = 0;

    s += negative || *s == '+';
    if (!is_digit(*s))
        return false;
    for (; is_digit(*s); s++) {
        if (exponent < 100000)
            exponent = exponent * 10 + (*s - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    *at = s;
    return true;
}

static bool scan(const char *s, struct decimal *d)
{
    *d = (struct decimal){.negative = *s == '-'};
    s += *s == '-' || *s == '+';
    if (!scan_mantissa(&s, d))
        return false;
    if ((*s == 'e' || *s == 'E') && !scan_exponent(&s, d))
        return false;
    return *s == '\0';
}

/* Clinger 1990: with at most 53 bits of digits and a power of ten that is a double, one rounding is the right one. */
static bool quick_value(const struct decimal *d, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (!d->exact || d->digits > UINT64_C(1) << 53 || d->exponent < -22 || d->exponent > 22)
        return false;
    double v = (double)d->digits;
    v = d->exponent < 0 ? v / power[-d->exponent] : v * power[d->exponent];
    *out = d->negative ? -v : v;
    return true;
}

bool text_parse_double(const char *s, double *out)
{
    struct decimal d;
    double v;

    if (!scan(s, &d))
        return false;
    if (!quick_value(&d, &v)) {
        locale_t old = enter_c_locale();
        v = strtod(s, NULL);
        uselocale(old);
        if (!isfinite(v))
            return false;
    }
    *out = v;
    return true;
}

static bool put_special(double v, char *out, size_t size)
{
    if (isfinite(v))
        return false;
    text_copy(out, size, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
    return true;
}

/* Any decimal of up to DBL_DIG digits survives the way to a double and back, so shorter precisions than that give the
 * same text with the zeros cut off; only subnormals may need fewer. */
/* Whole numbers have their digits as shortest text too, up to where 15 digits no longer hold them. */
static bool put_whole(double v, char *out, size_t size)
{
    if (!(fabs(v) < 1e15) || v != (double)(int64_t)v || (v == 0 && signbit(v)))
        return false;
    snprintf(out, size, "%lld", (long long)v);
    return true;
}

void text_of_double(double v, char *out, size_t size)
{
    if (put_special(v, out, size) || put_whole(v, out, size))
        return;
    locale_t old = enter_c_locale();
    for (int digits = fabs(v) < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(out, size, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            break;
    }
    uselocale(old);
}

void text_of_float(float v, char *out, size_t size)
{
    if (put_special((double)v, out, size))
        return;
    locale_t old = enter_c_locale();
    for (int digits = fabsf(v) < FLT_MIN ? 1 : FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        snprintf(out, size, "%.*g", digits, (double)v);
        if (strtof(out, NULL) == v)
            break;
    }
    uselocale(old);
}

void text_of_count(uint64_t n, char *out, size_t size)
{
    char digits[24], grouped[32];
    size_t at = 0;
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            grouped[at++] = ',';
        grouped[at++] = digits[i];
    }
    grouped[at] = '\0';
    text_copy(out, size, grouped);
}

/* Integers throughout (part * 10 stays below 2^64); the unit is chosen after rounding to tenths. */
void text_of_bytes(uint64_t n, char *out, size_t size)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    if (n < 1024) {
        snprintf(out, size, "%d B", (int)n);
        return;
    }
    for (unsigned i = 0; i < sizeof unit / sizeof unit[0]; i++) {
        unsigned shift = 10 * (i + 1);
        uint64_t part = n & ((UINT64_C(1) << shift) - 1);
        uint64_t tenths = (n >> shift) * 10 + ((part * 10 + (UINT64_C(1) << (shift - 1))) >> shift);
        if (tenths < 10240 || i + 1 == sizeof unit / sizeof unit[0]) {
            snprintf(out, size, "%d.%d %s", (int)(tenths / 10), (int)(tenths % 10), unit[i]);
            return;
        }
    }
}
