/* Seeing that times are local though nobody said so. Declared in localtime.h.
 *
 * Steps up to an hour: rows are counted by the hour. Where the clocks of a candidate zone skip an hour, rows before and
 * behind it and on the days beside it must be there and the hour itself empty; where they repeat one, it must hold
 * twice the rows of its neighbours. One row in a skipped hour rules the zone out. Longer steps: the times of the day,
 * which shift by an hour when the clocks change, must all be the same once they are read in the zone. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/time/localtime.h"

#include <string.h>

#define HOUR_US (3600 * CLOCK_SECOND_US)
#define HOURS_MOST ((int64_t)24 * 366 * 120)
#define ROWS_LEAST 24
#define STEPS_LOOKED_AT 1001
#define GAPS_PER_FIT 10

/* One zone for every rule that differs; those with the same rule fit alike. */
static const char *const candidate[] = {
    "America/New_York", "America/Chicago",   "America/Denver",   "America/Los_Angeles", "America/Halifax",
    "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Mexico_City", "America/Havana",
    "Europe/London",    "Europe/Berlin",     "Europe/Athens",    "Europe/Moscow",       "Europe/Istanbul",
    "Asia/Jerusalem",   "Asia/Tehran",       "Africa/Cairo",     "Australia/Sydney",    "Australia/Adelaide",
    "Pacific/Auckland"};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Rows of each hour of the span. */
struct hours {
    uint32_t *rows;
    int64_t first, n; /* hours since 1970 */
    size_t gaps;      /* single hours without a row */
};

struct fit {
    size_t skipped, repeated, single; /* changes seen, and repeated hours that came once */
    bool ruled_out;
    int64_t skip_hour, repeat_hour; /* local hours of the first of each */
};

static uint32_t rows_in(const struct hours *h, int64_t hour)
{
    return hour < h->first || hour >= h->first + h->n ? 0 : h->rows[hour - h->first];
}

static bool count_hours(struct hours *h, const int64_t *us, size_t n)
{
    int64_t low = us[0], high = us[0];
    for (size_t i = 1; i < n; i++) {
        low = us[i] < low ? us[i] : low;
        high = us[i] > high ? us[i] : high;
    }
    h->first = floor_div(low, HOUR_US);
    h->n = floor_div(high, HOUR_US) - h->first + 1;
    if (h->n > HOURS_MOST || !(h->rows = memory_try((size_t)h->n, sizeof *h->rows, "hours", NULL)))
        return false;
    for (size_t i = 0; i < n; i++)
        h->rows[floor_div(us[i], HOUR_US) - h->first]++;
    for (int64_t i = h->first + 1; i + 1 < h->first + h->n; i++)
        h->gaps += !rows_in(h, i) && rows_in(h, i - 1) && rows_in(h, i + 1);
    return true;
}

/* Rows on both sides of an hour and on the days before and behind it. */
static bool is_covered(const struct hours *h, int64_t hour)
{
    return rows_in(h, hour - 1) && rows_in(h, hour + 1) && rows_in(h, hour - 24) && rows_in(h, hour + 24);
}

static bool is_doubled(const struct hours *h, int64_t hour)
{
    const int64_t beside[] = {hour - 1, hour + 1, hour - 24, hour + 24};
    for (size_t i = 0; i < ARRAY_N(beside); i++)
        if (rows_in(h, hour) * UINT64_C(2) < rows_in(h, beside[i]) * UINT64_C(3))
            return false;
    return true;
}

static void look_at_change(struct fit *fit, const struct hours *h, const struct zone *zone, int64_t change_s)
{
    int64_t before = zone_at(zone, change_s - 1).seconds, after = zone_at(zone, change_s).seconds;
    int64_t hour = floor_div(change_s + (after > before ? before : after), 3600);
    if ((after - before != 3600 && before - after != 3600) || !is_covered(h, hour))
        return;
    if (after > before && rows_in(h, hour)) {
        fit->ruled_out = true;
    } else if (after > before) {
        if (fit->skipped++ == 0)
            fit->skip_hour = hour;
    } else if (is_doubled(h, hour)) {
        if (fit->repeated++ == 0)
            fit->repeat_hour = hour;
    } else {
        fit->single++;
    }
}

static struct fit fit_hours(const struct hours *h, const struct zone *zone)
{
    struct fit fit = {0};
    int64_t at = (h->first - 48) * 3600, end = (h->first + h->n + 48) * 3600;
    while (zone_next_change(zone, at, &at) && at < end)
        look_at_change(&fit, h, zone, at);
    return fit;
}

/* A repeated hour speaks for itself; skipped ones only where hours are not missing all over the file, and where the
 * repeated ones are there too or may have been thrown away as duplicates. */
static bool is_evidence(const struct fit *fit, const struct hours *h)
{
    if (fit->ruled_out)
        return false;
    if (fit->repeated > 0)
        return fit->repeated >= fit->single;
    return fit->skipped > 0 && (fit->single == 0 || fit->skipped > 1) && h->gaps <= fit->skipped * GAPS_PER_FIT;
}

/* --- steps above an hour ----------------------------------------------------------------------------------------- */

static int64_t rest_of(int64_t us, int64_t step)
{
    return us - floor_div(us, step) * step;
}

/* Whether one of the instants that a local time may name has the wanted remainder; any for the first (rest -1). */
static bool keeps_rest(const struct zone *zone, int64_t us, int64_t step, int64_t *rest)
{
    int64_t utc_s[2];
    int found = zone_instants(zone, floor_div(us, CLOCK_SECOND_US), utc_s);
    for (int k = 0; k < found; k++) {
        int64_t here = rest_of(utc_s[k] * CLOCK_SECOND_US, step);
        if (*rest < 0 || here == *rest) {
            *rest = here;
            return true;
        }
    }
    return false;
}

/* The remainder of local times within their step takes exactly two values an hour apart, and in the zone one only. */
static bool fits_shift(const int64_t *us, size_t n, int64_t step, const struct zone *zone, size_t *first_shift)
{
    int64_t rest = -1;
    *first_shift = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t off = rest_of(us[i], step) - rest_of(us[0], step);
        if (!keeps_rest(zone, us[i], step, &rest))
            return false;
        if (off != 0 && off != HOUR_US && off != -HOUR_US && off != step - HOUR_US && off != HOUR_US - step)
            return false;
        if (off != 0 && *first_shift == 0)
            *first_shift = i;
    }
    return *first_shift > 0;
}

/* Whether the rest of all times is the same: the usual file, which says nothing of a zone. */
static bool is_steady(const int64_t *us, size_t n, int64_t step)
{
    size_t i = 1;
    while (i < n && (us[i] - us[0]) % step == 0)
        i++;
    return i >= n;
}

/* --- the text ---------------------------------------------------------------------------------------------------- */

static int compare_steps(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The median distance of neighbouring rows, of some of them. */
static int64_t usual_step(const int64_t *us, size_t n)
{
    int64_t step[STEPS_LOOKED_AT];
    size_t k = 0, stride = n / STEPS_LOOKED_AT + 1;
    for (size_t i = 1; i < n && k < STEPS_LOOKED_AT; i += stride) {
        int64_t d = us[i] - us[i - 1];
        if (d != 0)
            step[k++] = d < 0 ? -d : d;
    }
    if (k == 0)
        return 0;
    qsort(step, k, sizeof *step, compare_steps);
    return step[k / 2];
}

static void show_hour(char *out, size_t size, int64_t hour)
{
    char date[20];
    clock_date(hour * HOUR_US, date, sizeof date);
    snprintf(out, size, "%s %02d:00", date, (int)(hour - floor_div(hour, 24) * 24));
}

/* The lines of the first and the last row of an hour. */
static void lines_of(const int64_t *us, size_t n, const uint64_t *line, int64_t hour, uint64_t out[2])
{
    out[0] = out[1] = 0;
    for (size_t i = 0; i < n; i++)
        if (floor_div(us[i], HOUR_US) == hour) {
            out[0] = out[0] ? out[0] : line[i];
            out[1] = line[i];
        }
}

static void tell_hours(struct text *out, const struct fit *fit, const int64_t *us, size_t n, const uint64_t *line)
{
    char hour[40];
    uint64_t at[2];
    if (fit->skipped) {
        lines_of(us, n, line, fit->skip_hour - 1, at);
        show_hour(hour, sizeof hour, fit->skip_hour);
        text_printf(out, "the hour from %s is missing (near line %llu)", hour, (unsigned long long)at[1]);
    }
    if (fit->repeated) {
        lines_of(us, n, line, fit->repeat_hour, at);
        show_hour(hour, sizeof hour, fit->repeat_hour);
        text_printf(out, "%sthe hour from %s comes twice (lines %llu to %llu)", fit->skipped ? ", " : "", hour,
                    (unsigned long long)at[0], (unsigned long long)at[1]);
    }
    size_t changes = fit->skipped + fit->repeated;
    text_printf(out, "; so do the clocks (%zu change%s in these rows) of ", changes, changes == 1 ? "" : "s");
}

struct guesser {
    const int64_t *us;
    size_t n;
    const uint64_t *line;
    int64_t step;
    struct hours hours;
    struct text evidence, names;
    size_t best;
    bool looked; /* rows cover a change of a candidate's clocks */
};

static void take_name(struct guesser *g, const char *name)
{
    text_printf(&g->names, "%s%s", g->names.n ? ", " : "", name);
}

static void try_hours(struct guesser *g, const struct zone *zone, const char *name)
{
    struct fit fit = fit_hours(&g->hours, zone);
    size_t score = fit.skipped + fit.repeated;
    g->looked = g->looked || score || fit.single || fit.ruled_out;
    if (!is_evidence(&fit, &g->hours) || score < g->best)
        return;
    if (score > g->best) {
        text_free(&g->names);
        text_free(&g->evidence);
        g->names = g->evidence = (struct text){0};
        tell_hours(&g->evidence, &fit, g->us, g->n, g->line);
        g->best = score;
    }
    take_name(g, name);
}

static void try_shift(struct guesser *g, const struct zone *zone, const char *name)
{
    size_t at;
    if (!fits_shift(g->us, g->n, g->step, zone, &at))
        return;
    if (!g->names.n)
        text_printf(&g->evidence, "from line %llu on the time of the day is an hour off, as the clocks are in ",
                    (unsigned long long)g->line[at]);
    take_name(g, name);
}

enum localtime_sign localtime_suspect(const int64_t *us, size_t n, const uint64_t *line, const char *folder, char *text,
                                      size_t size)
{
    struct guesser g = {.us = us, .n = n, .line = line, .step = n >= ROWS_LEAST ? usual_step(us, n) : 0};
    bool fine = g.step > 0 && g.step <= HOUR_US, found = false;
    bool coarse = g.step > HOUR_US && g.step <= 7 * CLOCK_DAY_US && !is_steady(us, n, g.step);
    if ((fine && count_hours(&g.hours, us, n)) || coarse) {
        for (size_t i = 0; i < ARRAY_N(candidate); i++) {
            struct zone *zone = folder ? zone_open_in(folder, candidate[i], NULL) : zone_open(candidate[i], NULL);
            if (zone && fine)
                try_hours(&g, zone, candidate[i]);
            else if (zone)
                try_shift(&g, zone, candidate[i]);
            zone_free(zone);
        }
        found = g.names.n > 0;
    }
    if (found)
        snprintf(text, size, "%s%s", text_of(&g.evidence), text_of(&g.names));
    text_free(&g.evidence);
    text_free(&g.names);
    free(g.hours.rows);
    return found ? LOCALTIME_LIKELY : g.looked ? LOCALTIME_UNLIKELY : LOCALTIME_UNKNOWN;
}
