/* Which zone local times are in. Declared in timeline_parts.h.
 *
 * What was said counts in this order: the user, the cells, the column's name, the lines above the header. Where nothing
 * was said the times are read as UTC, unless the rows themselves show changes of the clocks. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/name.h"
#include "data/read/timeline_parts.h"
#include "data/time/localtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void timeline_note(struct timeline *line, const char *format, ...)
{
    va_list args;
    line->note = memory_resize(line->note, line->note_n + 1, sizeof *line->note);
    va_start(args, format);
    vsnprintf(line->note[line->note_n++], sizeof line->note[0], format, args);
    va_end(args);
}

/* --- with a zone ------------------------------------------------------------------------------------------------- */

static void note_repeats(struct timeline *line, const struct localtime_notes *notes)
{
    char local[40];
    if (notes->repeats == 0)
        return;
    clock_iso(notes->first_local_us, local, sizeof local);
    local[16] = '\0';
    timeline_note(line,
                  "%zu %s when the clocks were put back: by the order of rows the first is summer time "
                  "(lines %llu to %llu: %s is %s)",
                  notes->repeats, notes->repeats == 1 ? "hour came twice" : "hours came twice",
                  (unsigned long long)notes->first_line, (unsigned long long)notes->last_line, local,
                  notes->first_words);
}

static bool has_mixed_zones(const struct timestamp *item, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (item[i].flags & (TIMESTAMP_HAS_ZONE | TIMESTAMP_ZONE_WORD))
            return true;
    return false;
}

static bool apply(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                  const struct zone *zone, struct error *err)
{
    const struct timestamp *item = chosen->item ? chosen->item : t->column[chosen->part[0]].time;
    struct localtime_notes notes;
    if (!has_mixed_zones(item, t->rows))
        item = NULL;
    text_copy(line->zone, sizeof line->zone, zone_name(zone));
    if (!localtime_resolve(line->us, item, t->rows, t->line, zone, !line->format.has_clock, &notes, err))
        return error_prefix(err, "time column '%s'", line->name);
    note_repeats(line, &notes);
    return true;
}

static bool apply_option(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                         const char *name, struct error *err)
{
    struct zone *zone = zone_open(name, err);
    if (!zone)
        return false;
    bool utc = text_equal(zone_name(zone), "UTC"), ok = true;
    snprintf(line->zone_evidence, sizeof line->zone_evidence, "given with --tz");
    if (line->format.has_zone && !utc)
        ok = error_set(err, ERROR_DATA,
                       "time column '%s': --tz %s cannot be meant, for %s; leave it out, or choose another --time",
                       line->name, name,
                       line->format.elapsed ? "its times count from a beginning"
                       : line->format.epoch ? "epochs count from 1970 in UTC"
                                            : "every cell names its zone");
    else if (!line->format.has_zone)
        ok = apply(line, chosen, t, zone, err);
    zone_free(zone);
    return ok;
}

/* --- without ----------------------------------------------------------------------------------------------------- */

static bool refuse_word(const struct timeline *line, const char *word, const char *where, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "time column '%s': %s says %s, which does not tell whether summer time was kept; say --tz with a "
                     "place (America/New_York, Europe/Berlin) or an offset (-05:00)",
                     line->name, where, word);
}

static bool check_suspicion(const struct timeline *line, const struct table *t, bool said_utc,
                            enum localtime_sign *sign, struct error *err)
{
    char text[400];
    *sign = localtime_suspect(line->us, t->rows, t->line, NULL, text, sizeof text);
    return *sign != LOCALTIME_LIKELY ||
           error_set(err, ERROR_DATA,
                     "time column '%s' seems to hold local times%s: %s; say which zone it is with --tz, or --tz UTC",
                     line->name, said_utc ? " though UTC is said of it" : "", text);
}

/* What a name or a banner says; *done where that settles it. */
static bool apply_said(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                       const struct timename *said, const char *where, bool *done, struct error *err)
{
    enum localtime_sign sign;
    *done = true;
    if (said->has_zone) {
        struct zone *zone = zone_fixed(said->zone_minutes);
        snprintf(line->zone_evidence, sizeof line->zone_evidence, "%s says so", where);
        bool ok = (said->zone_minutes != 0 || check_suspicion(line, t, true, &sign, err)) &&
                  apply(line, chosen, t, zone, err);
        zone_free(zone);
        return ok;
    }
    if (*said->zone_word)
        return refuse_word(line, said->zone_word, where, err);
    if (said->local)
        return refuse_word(line, "that they are local", where, err);
    *done = false;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- zones by the name of a place -----------------------------------------------------------------------------------
 */

/* "America/New_York" in "Time (America/New_York)"; false where there is none. */
static bool find_place(const char *text, char *place, size_t size)
{
    static const char *const region[] = {"Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/",
                                         "Europe/", "Indian/",  "Pacific/",    "US/",   "Canada/",   "Etc/"};
    for (size_t i = 0; i < ARRAY_N(region); i++) {
        const char *at = strstr(text, region[i]);
        if (!at || (at > text && is_letter(at[-1])))
            continue;
        size_t n = strlen(region[i]), from = n;
        while (n + 1 < size && (is_letter(at[n]) || (at[n] && strchr("_-+/0123456789", at[n]))))
            n++;
        memcpy(place, at, n);
        place[n] = '\0';
        if (n > from)
            return true;
    }
    return false;
}

static bool apply_place(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                        const char *text, const char *where, bool *done, struct error *err)
{
    char place[ZONE_NAME_MAX];
    *done = find_place(text, place, sizeof place);
    if (!*done)
        return true;
    struct zone *zone = zone_open(place, err);
    if (!zone)
        return error_prefix(err, "time column '%s': %s says %s (--tz says it otherwise)", line->name, where, place);
    snprintf(line->zone_evidence, sizeof line->zone_evidence, "%s says so", where);
    bool ok = apply(line, chosen, t, zone, err);
    zone_free(zone);
    return ok;
}

/* --- a column of zones ----------------------------------------------------------------------------------------------
 */

static bool is_zone(const char *word, struct timename *said)
{
    char place[ZONE_NAME_MAX];
    *said = (struct timename){0};
    timename_read_zone(said, word);
    return strlen(word) < ZONE_NAME_MAX &&
           (said->has_zone || *said->zone_word || find_place(word, place, sizeof place));
}

/* Texts beside the time that are zones, every one of them, under a name that says so. *word: the first that is not UTC,
 * else any; borrowed. */
static bool holds_zones(const struct table_column *column, const char **word)
{
    static const char *const name[] = {"tz", "timezone", "zone", "tzname", "zeitzone"};
    struct timename said;
    if (column->kind != TABLE_TEXTS || !name_has_any(column->name, name, ARRAY_N(name)))
        return false;
    *word = column->text.text;
    if (!column->several_texts)
        return is_zone(*word, &said);
    for (size_t i = 0; i < column->words.n; i++) {
        if (!is_zone(column->words.word[i], &said))
            return false;
        if (!said.has_zone || said.zone_minutes != 0)
            *word = column->words.word[i];
    }
    return column->words.n > 0;
}

static bool apply_column(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                         bool *done, struct error *err)
{
    const char *word = NULL;
    char where[FRAME_NAME_MAX + 16];
    struct timename said;
    size_t c = 0;
    while (c < t->columns && !holds_zones(&t->column[c], &word))
        c++;
    *done = false;
    if (c == t->columns)
        return true;
    snprintf(where, sizeof where, "column '%s'", t->column[c].name);
    is_zone(word, &said);
    if (!t->column[c].several_texts && (!apply_place(line, chosen, t, word, where, done, err) || *done))
        return *line->zone != '\0';
    if (!t->column[c].several_texts || (said.has_zone && said.zone_minutes == 0))
        return apply_said(line, chosen, t, &said, where, done, err);
    return refuse_word(line, word, where, err);
}

bool timeline_settle_zone(struct timeline *line, const struct timeline_candidate *chosen, const struct table *t,
                          const struct csv_options *options, struct error *err)
{
    struct timename banner = {0};
    enum localtime_sign sign;
    bool done = false;
    if (options->zone)
        return apply_option(line, chosen, t, options->zone, err);
    if (line->format.has_zone || !line->format.has_clock)
        return true;
    if (!apply_said(line, chosen, t, &chosen->said, "the column's name", &done, err))
        return false;
    if (done)
        return true;
    if (!apply_place(line, chosen, t, chosen->name, "the column's name", &done, err) ||
        (!done && !apply_column(line, chosen, t, &done, err)) ||
        (!done && t->banner && !apply_place(line, chosen, t, t->banner, "a line above the header", &done, err)))
        return false;
    if (done)
        return true;
    if (t->banner)
        timename_read_zone(&banner, t->banner);
    banner.local = banner.local && text_contains_nocase(t->banner, "local time");
    if (!apply_said(line, chosen, t, &banner, "a line above the header", &done, err))
        return false;
    if (done)
        return true;
    if (!check_suspicion(line, t, false, &sign, err))
        return false;
    text_copy(line->zone, sizeof line->zone, "UTC");
    snprintf(line->zone_evidence, sizeof line->zone_evidence, "a guess: nothing names a zone%s",
             sign == LOCALTIME_UNLIKELY ? ", and no hour is missing or doubled where clocks change" : "");
    return true;
}
