#include "data/read/dress.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/number.h"

#include <math.h>

struct slice {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts(const struct slice *s, const char *mark)
{
    size_t n = strlen(mark);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, mark, n) == 0;
}

static bool ends(const struct slice *s, const char *mark)
{
    size_t n = strlen(mark);
    return (size_t)(s->end - s->at) >= n && memcmp(s->end - n, mark, n) == 0;
}

/* Blank, tab, no-break blank, narrow no-break blank, thin blank, figure blank. */
static size_t blank_at(const struct slice *s)
{
    static const char *const blank[] = {" ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x87"};
    for (size_t i = 0; i < ARRAY_N(blank); i++)
        if (starts(s, blank[i]))
            return strlen(blank[i]);
    return 0;
}

static size_t blank_before_end(const struct slice *s)
{
    static const char *const blank[] = {" ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x87"};
    for (size_t i = 0; i < ARRAY_N(blank); i++)
        if (ends(s, blank[i]))
            return strlen(blank[i]);
    return 0;
}

static void trim(struct slice *s)
{
    for (size_t n; (n = blank_at(s)) > 0;)
        s->at += n;
    for (size_t n; (n = blank_before_end(s)) > 0;)
        s->end -= n;
}

/* --- what stands around the digits ------------------------------------------------------------------------------- */

static const char *const signs[] = {"$",
                                    "\xe2\x82\xac",
                                    "\xc2\xa3",
                                    "\xc2\xa5",
                                    "\xe2\x82\xbf",
                                    "\xe2\x82\xb9",
                                    "\xe2\x82\xbd",
                                    "\xe2\x82\xa9",
                                    "\xe2\x82\xba",
                                    "\xce\x9e",
                                    "\xc9\x83"};
static const char *const prefixes[] = {"US$", "R$", "A$", "C$", "HK$", "NZ$", "S$", "CA$", "AU$"};

static bool set_unit(struct dress *d, const char *unit, size_t n)
{
    if (d->unit[0] || n >= sizeof d->unit)
        return false;
    memcpy(d->unit, unit, n);
    d->unit[n] = '\0';
    return true;
}

static bool take_sign(struct dress *d, struct slice *s, bool *taken)
{
    static const char *const minus[] = {"-", "\xe2\x88\x92", "\xe2\x80\x93"};
    for (size_t i = 0; i < ARRAY_N(minus); i++) {
        if (!starts(s, minus[i]))
            continue;
        if (*taken)
            return false;
        s->at += strlen(minus[i]);
        *taken = d->negative = true;
        return true;
    }
    if (starts(s, "+")) {
        if (*taken)
            return false;
        s->at++;
        *taken = true;
    }
    return true;
}

static size_t letters_at(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && (((at[n] | 0x20) >= 'a' && (at[n] | 0x20) <= 'z')))
        n++;
    return n;
}

/* Currencies whose code may touch the number. Behind a blank any code of three to five capitals will do; without one
 * "INV001" would be a number. */
static bool is_known_code(const char *text, size_t n)
{
    static const char *const code[] = {"USD", "EUR", "GBP", "JPY", "CHF", "CNY", "RUB", "INR",  "KRW",  "BRL",
                                       "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "TRY",  "MXN",  "ZAR",
                                       "HKD", "SGD", "BTC", "ETH", "XBT", "LTC", "XRP", "USDT", "USDC", "SATS"};
    for (size_t i = 0; i < ARRAY_N(code); i++)
        if (strlen(code[i]) == n && memcmp(code[i], text, n) == 0)
            return true;
    return false;
}

static bool is_code(const char *text, size_t n, bool apart)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < 'A' || text[i] > 'Z')
            return false;
    return (apart && n >= 3 && n <= 5) || is_known_code(text, n);
}

/* A currency before the number: a sign, or a code of three to five capitals. */
static bool take_currency(struct dress *d, struct slice *s)
{
    for (size_t i = 0; i < ARRAY_N(prefixes); i++)
        if (starts(s, prefixes[i])) {
            s->at += strlen(prefixes[i]);
            return set_unit(d, prefixes[i], strlen(prefixes[i]));
        }
    for (size_t i = 0; i < ARRAY_N(signs); i++)
        if (starts(s, signs[i])) {
            s->at += strlen(signs[i]);
            return set_unit(d, signs[i], strlen(signs[i]));
        }
    size_t n = letters_at(s->at, s->end);
    if (n == 0)
        return true;
    const char *code = s->at;
    s->at += n;
    return is_code(code, n, s->at < s->end && blank_at(s) > 0) && set_unit(d, code, n);
}

static bool take_front(struct dress *d, struct slice *s)
{
    bool sign = false;
    if (!take_sign(d, s, &sign))
        return false;
    trim(s);
    if (!take_currency(d, s))
        return false;
    trim(s);
    if (!take_sign(d, s, &sign))
        return false;
    trim(s);
    return true;
}

static bool is_suffix(const char *text, size_t n, struct dress *d)
{
    static const struct {
        const char *word;
        int power;
        char suffix;
    } known[] = {{"K", 3, 'K'},   {"k", 3, 'k'},   {"M", 6, 'M'},  {"m", 6, 'm'},  {"B", 9, 'B'},   {"b", 9, 'b'},
                 {"T", 12, 'T'},  {"t", 12, 't'},  {"mn", 6, 'M'}, {"Mn", 6, 'M'}, {"mio", 6, 'M'}, {"Mio", 6, 'M'},
                 {"mln", 6, 'M'}, {"bn", 9, 'B'},  {"Bn", 9, 'B'}, {"BN", 9, 'B'}, {"MN", 6, 'M'},  {"Mrd", 9, 'B'},
                 {"tn", 12, 'T'}, {"Tn", 12, 'T'}, {"mm", 6, 'M'}, {"MM", 6, 'M'}};
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (strlen(known[i].word) == n && memcmp(known[i].word, text, n) == 0) {
            d->power = known[i].power;
            d->suffix = known[i].suffix;
            return true;
        }
    return false;
}

/* Letters at the end: a suffix next to its number, or a unit behind a blank (or a currency's code). */
static bool take_letters(struct dress *d, struct slice *s)
{
    const char *from = s->end;
    while (from > s->at && letters_at(from - 1, s->end) > 0)
        from--;
    size_t n = (size_t)(s->end - from);
    if (n == 0)
        return true;
    bool exponent = n == 1 && (*from | 0x20) == 'e';
    struct slice before = {s->at, from};
    bool apart = blank_before_end(&before) > 0;
    s->end = from;
    if (exponent)
        return false;
    if (!d->suffix && is_suffix(from, n, d))
        return true;
    return (apart || is_known_code(from, n)) && set_unit(d, from, n);
}

static bool take_mark_at_end(struct dress *d, struct slice *s)
{
    if (ends(s, "%")) {
        s->end--;
        return set_unit(d, "%", 1);
    }
    for (size_t i = 0; i < ARRAY_N(signs); i++)
        if (ends(s, signs[i])) {
            s->end -= strlen(signs[i]);
            return set_unit(d, signs[i], strlen(signs[i]));
        }
    return true;
}

/* "12.5M USD", "12,5 Mio. EUR", "5 %": from the outside in. */
static bool take_back(struct dress *d, struct slice *s)
{
    for (int i = 0; i < 3; i++) {
        const char *before = s->end;
        trim(s);
        if (!take_mark_at_end(d, s))
            return false;
        trim(s);
        if (s->end > s->at && !is_digit(s->end[-1]) && !take_letters(d, s))
            return false;
        trim(s);
        if (s->end == before)
            break;
    }
    return true;
}

static bool take_exponent(struct dress *d, struct slice *s)
{
    const char *e = s->end;
    while (e > s->at && is_digit(e[-1]))
        e--;
    const char *digits = e;
    if (e > s->at && (e[-1] == '+' || e[-1] == '-'))
        e--;
    if (e == s->at || (e[-1] | 0x20) != 'e')
        return true;
    if (digits == s->end || d->suffix)
        return false;
    int power = 0;
    for (const char *p = digits; p < s->end; p++)
        power = power < 99999 ? power * 10 + (*p - '0') : power;
    d->power += *e == '-' ? -power : power;
    s->end = e - 1;
    return true;
}

/* --- digits and marks -------------------------------------------------------------------------------------------- */

/* What stands at the slice's start: a digit '0', a mark '.', ',', ' ' or '\''; '\0' for anything else. */
static char mark_at(const struct slice *s, size_t *n)
{
    *n = 1;
    if (is_digit(*s->at))
        return '0';
    if (*s->at == '.' || *s->at == ',')
        return *s->at;
    if (*s->at == '\'')
        return '\'';
    if (starts(s, "\xe2\x80\x99")) {
        *n = 3;
        return '\'';
    }
    *n = blank_at(s);
    return *n > 0 ? ' ' : '\0';
}

struct core {
    char mark[DRESS_CORE_MAX];                /* each mark, in order */
    size_t digits[DRESS_CORE_MAX + 1], marks; /* digits before mark i, and behind the last */
    bool zero_first;                          /* the first digit is zero */
};

static bool read_core(struct core *core, struct slice s)
{
    *core = (struct core){.zero_first = s.at < s.end && *s.at == '0'};
    size_t all = 0;
    while (s.at < s.end) {
        size_t n;
        char mark = mark_at(&s, &n);
        if (mark == '\0' || (mark != '0' && core->marks == DRESS_CORE_MAX))
            return false;
        if (mark == '0') {
            core->digits[core->marks]++;
            all++;
        } else {
            core->mark[core->marks++] = mark;
        }
        s.at += n;
    }
    return all > 0;
}

/* Whether the first n marks part thousands by `group`: one to three digits, then threes (or, as in India, twos and a
 * last three). */
static bool groups_fit(const struct core *c, size_t n, char group)
{
    bool threes = true, twos = true;
    if (n == 0)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (c->mark[i] != group)
            return false;
        size_t digits = c->digits[i + 1];
        threes = threes && digits == 3;
        twos = twos && digits == (i + 1 == n ? 3u : 2u);
    }
    size_t first = c->digits[0];
    if (first == 0 || c->zero_first)
        return false;
    return (threes && first <= 3) || (twos && n > 1 && first <= 2);
}

static bool reading_fits(const struct core *c, char decimal, char group)
{
    size_t n = c->marks;
    if (n > 0 && c->mark[n - 1] == decimal)
        n--;
    else if (n > 0 && c->digits[n] == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (c->mark[i] == decimal)
            return false;
    return group ? groups_fit(c, n, group) : n == 0;
}

static const char group_mark[2][DRESS_GROUPS] = {{'\0', ',', ' ', '\''}, {'\0', '.', ' ', '\''}};

static unsigned readings_of(const struct core *c)
{
    unsigned readings = 0;
    for (unsigned i = 0; i < 2 * DRESS_GROUPS; i++)
        if (reading_fits(c, i < DRESS_GROUPS ? '.' : ',', group_mark[i / DRESS_GROUPS][i % DRESS_GROUPS]))
            readings |= 1u << i;
    return readings;
}

bool dress_take_apart(struct dress *d, const char *text, size_t n)
{
    struct slice s = {text, text + n};
    struct core core;
    *d = (struct dress){0};
    trim(&s);
    if (s.end - s.at >= 2 && *s.at == '(' && s.end[-1] == ')') {
        s.at++;
        s.end--;
        d->negative = true;
    }
    bool parentheses = d->negative;
    if (!take_front(d, &s) || (parentheses && !d->negative))
        return false;
    if (s.end - s.at > 2 && *s.at == '(' && s.end[-1] == ')' && !parentheses && d->unit[0]) { /* $(5) */
        s.at++;
        s.end--;
        d->negative = true;
    }
    if (s.at == s.end || !(is_digit(*s.at) || *s.at == '.' || *s.at == ','))
        return false;
    if (!take_back(d, &s) || !take_exponent(d, &s) || !read_core(&core, s))
        return false;
    d->core = s.at;
    d->core_n = (size_t)(s.end - s.at);
    d->marks = core.marks > 0;
    d->readings = readings_of(&core);
    return d->readings != 0;
}

/* --- values ------------------------------------------------------------------------------------------------------ */

double dress_value(const struct dress *d, unsigned reading)
{
    char small[DRESS_CORE_MAX * 2], *digits = small, decimal = dress_decimal(reading);
    size_t n = 0;
    if (d->core_n > sizeof small)
        digits = NEW_ARRAY(char, d->core_n);
    for (size_t i = 0; i < d->core_n; i++) {
        if (is_digit(d->core[i]))
            digits[n++] = d->core[i];
        else if (d->core[i] == decimal)
            digits[n++] = '.';
    }
    double v;
    if (!number_of_digits(digits, n, d->power, &v))
        v = HUGE_VAL;
    if (digits != small)
        free(digits);
    return d->negative ? -v : v;
}

unsigned dress_reading(char decimal, char group)
{
    unsigned row = decimal == ',';
    for (unsigned i = 0; i < DRESS_GROUPS; i++)
        if (group_mark[row][i] == group)
            return 1u << (row * DRESS_GROUPS + i);
    return 0;
}

char dress_decimal(unsigned reading)
{
    return reading & DRESS_POINTS ? '.' : ',';
}

const char *dress_group_name(unsigned reading)
{
    static const char *const name[2][DRESS_GROUPS] = {{"none", "comma", "blank", "apostrophe"},
                                                      {"none", "point", "blank", "apostrophe"}};
    for (unsigned i = 0; i < 2 * DRESS_GROUPS; i++)
        if (reading == 1u << i)
            return name[i / DRESS_GROUPS][i % DRESS_GROUPS];
    return "none";
}
