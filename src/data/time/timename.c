#include "data/time/timename.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"

#include <string.h>

/* --- parts ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum timename_part part;
} parts[] = {{"timestamp", TIMENAME_ANY},
             {"datetime", TIMENAME_ANY},
             {"stamp", TIMENAME_ANY},
             {"ts", TIMENAME_ANY},
             {"t", TIMENAME_ANY},
             {"unix", TIMENAME_ANY},
             {"epoch", TIMENAME_ANY},
             {"unixtime", TIMENAME_ANY},
             {"opentime", TIMENAME_ANY},
             {"closetime", TIMENAME_ANY},
             {"datum", TIMENAME_DATE},
             {"date", TIMENAME_DATE},
             {"fecha", TIMENAME_DATE},
             {"dates", TIMENAME_DATE},
             {"data", TIMENAME_DATE},
             {"dt", TIMENAME_ANY},
             {"dtyyyymmdd", TIMENAME_DATE},
             {"yyyymmdd", TIMENAME_DATE},
             {"period", TIMENAME_DATE},
             {"week", TIMENAME_DATE},
             {"semaine", TIMENAME_DATE},
             {"woche", TIMENAME_DATE},
             {"time", TIMENAME_CLOCK},
             {"clock", TIMENAME_CLOCK},
             {"uhrzeit", TIMENAME_CLOCK},
             {"zeit", TIMENAME_CLOCK},
             {"zeitstempel", TIMENAME_ANY},
             {"hora", TIMENAME_CLOCK},
             {"ora", TIMENAME_CLOCK},
             {"heure", TIMENAME_CLOCK},
             {"horodatage", TIMENAME_ANY},
             {"temps", TIMENAME_CLOCK},
             {"tijd", TIMENAME_CLOCK},
             {"tiempo", TIMENAME_CLOCK},
             {"tempo", TIMENAME_CLOCK},
             {"tarih", TIMENAME_DATE},
             {"year", TIMENAME_YEAR},
             {"yr", TIMENAME_YEAR},
             {"yyyy", TIMENAME_YEAR},
             {"jahr", TIMENAME_YEAR},
             {"annee", TIMENAME_YEAR},
             {"ano", TIMENAME_YEAR},
             {"month", TIMENAME_MONTH},
             {"mon", TIMENAME_MONTH},
             {"mm", TIMENAME_MONTH},
             {"monat", TIMENAME_MONTH},
             {"mois", TIMENAME_MONTH},
             {"mes", TIMENAME_MONTH},
             {"day", TIMENAME_DAY},
             {"dd", TIMENAME_DAY},
             {"tag", TIMENAME_DAY},
             {"jour", TIMENAME_DAY},
             {"dia", TIMENAME_DAY},
             {"hour", TIMENAME_HOUR},
             {"hr", TIMENAME_HOUR},
             {"hh", TIMENAME_HOUR},
             {"stunde", TIMENAME_HOUR},
             {"minute", TIMENAME_MINUTE},
             {"min", TIMENAME_MINUTE},
             {"second", TIMENAME_SECOND},
             {"sec", TIMENAME_SECOND},
             {"seconds", TIMENAME_SECOND},
             {"secs", TIMENAME_SECOND},
             {"elapsed", TIMENAME_ANY},
             {"milliseconds", TIMENAME_ANY},
             {"millis", TIMENAME_ANY},
             {"ms", TIMENAME_ANY},
             {"us", TIMENAME_ANY},
             {"ns", TIMENAME_ANY},
             {"microseconds", TIMENAME_ANY},
             {"sample", TIMENAME_ANY},
             {"samples", TIMENAME_ANY},
             {"index", TIMENAME_ANY},
             {"frame", TIMENAME_ANY},
             {"snapped", TIMENAME_ANY}};

/* Words of scripts that have no capitals and no blanks. */
static const struct {
    const char *word;
    enum timename_part part;
} other_scripts[] = {{"日期", TIMENAME_DATE},   {"日付", TIMENAME_DATE},  {"日時", TIMENAME_ANY},
                     {"时间", TIMENAME_CLOCK},  {"時間", TIMENAME_CLOCK}, {"時刻", TIMENAME_CLOCK},
                     {"날짜", TIMENAME_DATE},   {"일자", TIMENAME_DATE},  {"시간", TIMENAME_CLOCK},
                     {"дата", TIMENAME_DATE},   {"Дата", TIMENAME_DATE},  {"время", TIMENAME_CLOCK},
                     {"Время", TIMENAME_CLOCK}, {"年月日", TIMENAME_DATE}};

/* A name that speaks of a date and a clock speaks of whole instants. */
static enum timename_part part_of(const char *name)
{
    enum timename_part found = TIMENAME_NONE;
    for (size_t i = 0; i < ARRAY_N(parts); i++)
        if (name_has(name, parts[i].word) &&
            (found == TIMENAME_NONE || (found == TIMENAME_DATE && parts[i].part == TIMENAME_CLOCK)))
            found = found == TIMENAME_DATE ? TIMENAME_ANY : parts[i].part;
    for (size_t i = 0; found == TIMENAME_NONE && i < ARRAY_N(other_scripts); i++)
        if (strstr(name, other_scripts[i].word))
            found = other_scripts[i].part;
    return found;
}

/* --- units ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum timename_unit unit;
} units[] = {{"ms", TIMENAME_MS},
             {"msec", TIMENAME_MS},
             {"msecs", TIMENAME_MS},
             {"millis", TIMENAME_MS},
             {"millisecond", TIMENAME_MS},
             {"milliseconds", TIMENAME_MS},
             {"us", TIMENAME_US},
             {"usec", TIMENAME_US},
             {"micros", TIMENAME_US},
             {"microsecond", TIMENAME_US},
             {"microseconds", TIMENAME_US},
             {"ns", TIMENAME_NS},
             {"nsec", TIMENAME_NS},
             {"nanos", TIMENAME_NS},
             {"nanosecond", TIMENAME_NS},
             {"nanoseconds", TIMENAME_NS},
             {"s", TIMENAME_S},
             {"sec", TIMENAME_S},
             {"secs", TIMENAME_S},
             {"second", TIMENAME_S},
             {"seconds", TIMENAME_S},
             {"sek", TIMENAME_S},
             {"sekunden", TIMENAME_S},
             {"segundos", TIMENAME_S},
             {"secondes", TIMENAME_S},
             {"min", TIMENAME_MINUTES},
             {"mins", TIMENAME_MINUTES},
             {"minute", TIMENAME_MINUTES},
             {"minutes", TIMENAME_MINUTES},
             {"h", TIMENAME_HOURS},
             {"hr", TIMENAME_HOURS},
             {"hrs", TIMENAME_HOURS},
             {"hour", TIMENAME_HOURS},
             {"hours", TIMENAME_HOURS},
             {"day", TIMENAME_DAYS},
             {"days", TIMENAME_DAYS},
             {"sample", TIMENAME_SAMPLES},
             {"samples", TIMENAME_SAMPLES},
             {"index", TIMENAME_SAMPLES},
             {"frame", TIMENAME_SAMPLES},
             {"excel", TIMENAME_EXCEL},
             {"serial", TIMENAME_EXCEL}};

static enum timename_unit unit_of(const char *name)
{
    if (strstr(name, "µs") || strstr(name, "μs"))
        return TIMENAME_US;
    for (size_t i = 0; i < ARRAY_N(units); i++)
        if (name_has(name, units[i].word))
            return units[i].unit;
    return TIMENAME_NO_UNIT;
}

/* --- zones ------------------------------------------------------------------------------------------------------- */

/* GMT+8, UTC+02:00 -> minutes behind the word; 0 where nothing stands there. */
static bool offset_behind(const char *p, int *minutes)
{
    *minutes = 0;
    while (*p == ' ')
        p++;
    bool west = *p == '-';
    if (*p != '+' && *p != '-')
        return true;
    int value = 0, digits = 0;
    for (p++; *p >= '0' && *p <= '9' && digits < 4; p++, digits++)
        value = value * 10 + (*p - '0');
    if (digits == 0)
        return true; /* a hyphen: "UTC-time" */
    *minutes = digits > 2 ? value / 100 * 60 + value % 100 : value * 60;
    if (digits <= 2 && p[0] == ':' && p[1] >= '0' && p[1] <= '5' && p[2] >= '0' && p[2] <= '9')
        *minutes += (p[1] - '0') * 10 + (p[2] - '0');
    if (west)
        *minutes = -*minutes;
    return *minutes >= -15 * 60 && *minutes <= 15 * 60;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const char *find_nocase(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text; text++) {
        size_t k = 0;
        while (k < n && (text[k] | 0x20) == (word[k] | 0x20))
            k++;
        if (k == n)
            return text;
    }
    return NULL;
}

/* Only in capitals, alone: "est" is a word of several languages. */
static bool has_capitals(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !is_letter(at[-1])) && !is_letter(at[n]))
            return true;
    return false;
}

void timename_read_zone(struct timename *out, const char *text)
{
    static const char *const world[] = {"utc", "gmt"};
    static const char *const word[] = {"EST", "EDT", "CST", "CDT", "MST",  "MDT",  "PST", "PDT", "CET", "CEST",
                                       "MEZ", "BST", "EET", "JST", "AEST", "AEDT", "HKT", "IST", "KST", "MSK"};
    for (size_t i = 0; i < ARRAY_N(world); i++) {
        const char *at = name_has(text, world[i]) ? find_nocase(text, world[i]) : NULL;
        if (at && offset_behind(at + 3, &out->zone_minutes)) {
            out->has_zone = true;
            return;
        }
    }
    out->local = out->local || name_has(text, "local") || name_has(text, "ortszeit");
    for (size_t i = 0; i < ARRAY_N(word); i++)
        if (has_capitals(text, word[i])) {
            text_copy(out->zone_word, sizeof out->zone_word, word[i]);
            return;
        }
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

void timename_read(struct timename *out, const char *name)
{
    static const char *const elapsed[] = {"elapsed", "relative", "since", "rel", "duration", "runtime", "uptime"};
    static const char *const open[] = {"open", "opentime", "start", "begin", "from", "starttime"};
    static const char *const close[] = {"close", "closetime", "end", "until", "endtime"};
    *out = (struct timename){.part = part_of(name), .unit = unit_of(name)};
    out->elapsed = name_has_any(name, elapsed, ARRAY_N(elapsed));
    out->open = name_has_any(name, open, ARRAY_N(open));
    out->close = name_has_any(name, close, ARRAY_N(close));
    timename_read_zone(out, name);
    if (out->part == TIMENAME_NONE && (out->has_zone || out->elapsed))
        out->part = TIMENAME_ANY;
}

bool timename_may_count(const char *name)
{
    struct timename t;
    timename_read(&t, name);
    return t.part != TIMENAME_NONE;
}
