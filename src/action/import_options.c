#include "action/import.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#define LINES_MOST 10000

struct word {
    const char *name;
    int value;
};

/* One of n words, or ERROR_USAGE that lists them. */
static bool take_word(int *out, const char *given, const char *option, const struct word *word, size_t n,
                      struct error *err)
{
    char known[128] = "";
    if (!given)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (text_equal_nocase(given, word[i].name)) {
            *out = word[i].value;
            return true;
        }
        text_append(known, sizeof known, i == 0 ? "" : i + 1 == n ? " or " : ", ");
        text_append(known, sizeof known, word[i].name);
    }
    return error_set(err, ERROR_USAGE, "%s is %s, not %s", option, known, given);
}

static bool take_lines(int *out, const char *given, const char *option, struct error *err)
{
    int64_t n;
    if (!given)
        return true;
    if (!text_parse_int(given, 0, LINES_MOST, &n))
        return error_set(err, ERROR_USAGE, "%s is a number of lines from 0 to %d, not %s", option, LINES_MOST, given);
    *out = n == 0 ? CSV_NONE : (int)n;
    return true;
}

/* One of the marks, or a name of one. */
static bool take_mark(const char **out, const char *given, const char *option, const char *const *known, size_t n,
                      const char *say, struct error *err)
{
    *out = given;
    if (!given)
        return true;
    for (size_t i = 0; i < n; i++)
        if (text_equal_nocase(given, known[i]))
            return true;
    return error_set(err, ERROR_USAGE, "%s is %s, not '%s'", option, say, given);
}

static bool take_marks(struct csv_options *out, const struct action_data_options *o, struct error *err)
{
    static const char *const delimiter[] = {"tab", "comma", "semicolon", "bar", "pipe", "space"};
    static const char *const decimal[] = {".", ","};
    static const char *const thousands[] = {",", ".", "'", "space", " ", "none"};
    int length = 0;
    if (o->delimiter && o->delimiter[0])
        text_decode(o->delimiter, strlen(o->delimiter), &length);
    if (o->delimiter && length > 0 && !o->delimiter[length] && !strchr("\"\r\n.", o->delimiter[0]))
        out->delimiter = o->delimiter;
    else if (!take_mark(&out->delimiter, o->delimiter, "--delimiter", delimiter, ARRAY_N(delimiter),
                        "one character, or tab, comma, semicolon, bar or space", err))
        return false;
    if (!take_mark(&out->decimal, o->decimal, "--decimal", decimal, ARRAY_N(decimal), "'.' or ','", err) ||
        !take_mark(&out->thousands, o->thousands, "--thousands", thousands, ARRAY_N(thousands),
                   "',', '.', \"'\", space or none", err))
        return false;
    if (o->decimal && o->thousands && text_equal(o->decimal, o->thousands))
        return error_set(err, ERROR_USAGE, "--decimal and --thousands are both '%s'", o->decimal);
    return true;
}

/* "1d", "12h", "30m", "0" to microseconds. */
static bool parse_lag(const char *text, int64_t *out, struct error *err)
{
    static const struct {
        char unit;
        int64_t us;
    } units[] = {
        {'s', CLOCK_SECOND_US}, {'m', 60 * CLOCK_SECOND_US}, {'h', 3600 * CLOCK_SECOND_US}, {'d', CLOCK_DAY_US}};
    char number[32];
    size_t n = strlen(text);
    int64_t value;
    if (text_equal(text, "0")) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; n > 1 && n < sizeof number && i < ARRAY_N(units); i++) {
        if (text[n - 1] != units[i].unit)
            continue;
        memcpy(number, text, n - 1);
        number[n - 1] = 0;
        if (text_parse_int(number, 0, 36500, &value)) {
            *out = value * units[i].us;
            return true;
        }
    }
    return error_set(err, ERROR_USAGE, "--lag is a span such as 1d, 12h, 30m or 0, not %s", text);
}

/* Texts that mean something only if they are not empty. */
static bool not_empty(const struct action_data_options *o, struct error *err)
{
    const struct {
        const char *value, *option;
    } text[] = {{o->time_column, "--time"}, {o->format, "--format"},   {o->tz, "--tz"},
                {o->symbol, "--symbol"},    {o->missing, "--missing"}, {o->encoding, "--encoding"}};
    for (size_t i = 0; i < ARRAY_N(text); i++)
        if (text[i].value && !text[i].value[0])
            return error_set(err, ERROR_USAGE, "%s is empty", text[i].option);
    return true;
}

bool import_options(struct csv_options *out, int64_t *lag_us, const struct action_data_options *o, struct error *err)
{
    static const struct word orders[] = {{"dmy", CSV_ORDER_DMY}, {"mdy", CSV_ORDER_MDY}, {"ymd", CSV_ORDER_YMD}};
    static const struct word stamps[] = {
        {"open", CSV_STAMP_OPEN}, {"close", CSV_STAMP_CLOSE}, {"date", CSV_STAMP_DATE}};
    static const struct word keeps[] = {{"first", 1}, {"last", 0}};
    int order = CSV_ORDER_GUESS, stamp = CSV_STAMP_GUESS, keep_first = 0;
    *out = (struct csv_options){.time_column = o->time_column,
                                .format = o->format,
                                .zone = o->tz,
                                .encoding = o->encoding,
                                .missing = o->missing,
                                .symbol = o->symbol,
                                .threads = o->threads};
    if (!take_word(&order, o->date_order, "--date-order", orders, ARRAY_N(orders), err) ||
        !take_word(&stamp, o->stamp, "--stamp", stamps, ARRAY_N(stamps), err) ||
        !take_word(&keep_first, o->keep, "--keep", keeps, ARRAY_N(keeps), err) ||
        !take_lines(&out->header_lines, o->header, "--header", err) ||
        !take_lines(&out->skip, o->skip, "--skip", err) || !take_marks(out, o, err) || !not_empty(o, err))
        return false;
    out->date_order = (enum csv_date_order)order;
    out->stamp = (enum csv_stamp)stamp;
    out->keep_first = keep_first;
    *lag_us = -1;
    return !o->lag || parse_lag(o->lag, lag_us, err);
}
