#include "data/time/localtime.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

#define OPEN_SHOWN 5

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* What localtime_resolve works on. */
struct resolver {
    int64_t *us;
    const struct timestamp *item;
    size_t n;
    const uint64_t *line;
    const struct zone *zone;
    int direction; /* of the rows: 1 oldest first, -1 newest first, 0 neither */
    bool dates;
    int64_t safe_from, safe_to, offset; /* local seconds between which one offset holds for sure */
    struct localtime_notes *notes;
    size_t open, open_first; /* repeated hours that are not settled, and the row of the first */
    struct text open_lines;
};

/* Rows run one way where one step in fifty at most goes the other; the hour that comes twice is such a step. */
static int direction_of(const int64_t *us, size_t n)
{
    size_t up = 0, down = 0, few = n / 50 + 4;
    for (size_t i = 1; i < n; i++) {
        up += us[i] > us[i - 1];
        down += us[i] < us[i - 1];
    }
    if (up > down && down <= few)
        return 1;
    return down > up && up <= few ? -1 : 0;
}

static void show_local(char *out, size_t size, int64_t us)
{
    char iso[40];
    clock_iso(us, iso, sizeof iso);
    size_t n = strlen(iso);
    iso[n - 1] = '\0';
    iso[10] = ' ';
    text_copy(out, size, iso);
}

/* --- one row ----------------------------------------------------------------------------------------------------- */

static bool refuse_gap(const struct resolver *r, size_t i, struct error *err)
{
    char local[40];
    show_local(local, sizeof local, r->us[i]);
    return error_set(err, ERROR_DATA,
                     "line %llu: the clocks of %s never showed %s (they were put forward); these are times of another "
                     "zone, or UTC: say another --tz",
                     (unsigned long long)r->line[i], zone_name(r->zone), local);
}

static void instant_of(struct resolver *r, size_t i, int64_t utc_s)
{
    r->us[i] = utc_s * CLOCK_SECOND_US + (r->us[i] - floor_div(r->us[i], CLOCK_SECOND_US) * CLOCK_SECOND_US);
}

/* The stretch around a local time that is two days away from every change. */
static void widen(struct resolver *r, int64_t local_s, int64_t utc_s)
{
    const int64_t margin = 2 * 86400, year = 366 * 86400;
    int64_t change = utc_s - year, before = change;
    r->safe_to = INT64_MAX;
    while (zone_next_change(r->zone, before, &change) && change <= utc_s)
        before = change;
    if (change > utc_s)
        r->safe_to = change - margin;
    r->safe_from = before + margin;
    r->offset = local_s - utc_s;
}

/* EST names one of two instants, and an hour where there is one. */
static bool resolve_word(struct resolver *r, size_t i, const int64_t utc_s[2], int found, struct error *err)
{
    const char *word = timestamp_zone_word(r->item[i].zone);
    for (int k = 0; k < found; k++)
        if (text_equal(zone_at(r->zone, utc_s[k]).word, word)) {
            instant_of(r, i, utc_s[k]);
            return true;
        }
    return error_set(err, ERROR_DATA, "line %llu: at this time the clocks of %s do not show '%s'; say another --tz",
                     (unsigned long long)r->line[i], zone_name(r->zone), word);
}

/* --- an hour that comes twice ------------------------------------------------------------------------------------ */

/* Its cell says more than a local time. */
static bool is_unlike(const struct resolver *r, size_t i)
{
    return r->item && (r->item[i].flags & (TIMESTAMP_HAS_ZONE | TIMESTAMP_ZONE_WORD));
}

static bool is_repeated(const struct resolver *r, size_t i, int64_t utc_s[2])
{
    return !is_unlike(r, i) && zone_instants(r->zone, floor_div(r->us[i], CLOCK_SECOND_US), utc_s) == 2;
}

/* All repeated hours that the rows do not settle are gathered, so that they can be mended in one go. */
static void leave_open(struct resolver *r, size_t from, size_t end)
{
    if (r->open++ == 0)
        r->open_first = from;
    if (r->open > OPEN_SHOWN)
        return;
    text_printf(&r->open_lines, "%s%llu", r->open > 1 ? ", " : "", (unsigned long long)r->line[from]);
    if (end - from > 1)
        text_printf(&r->open_lines, "-%llu", (unsigned long long)r->line[end - 1]);
}

static bool refuse_open(const struct resolver *r, int64_t local_us, struct error *err)
{
    char local[40];
    show_local(local, sizeof local, local_us);
    return error_set(
        err, ERROR_DATA,
        "line%s %s%s: the clocks of %s showed %s twice (they were put back), and the order of the rows does "
        "not tell which is meant%s; write these times with their offset, or remove the rows",
        r->open > 1 ? "s" : "", text_of(&r->open_lines), r->open > OPEN_SHOWN ? " ..." : "", zone_name(r->zone), local,
        r->open > 1 ? " (likewise in the other lines)" : "");
}

/* One row that lies in the middle between the rows beside it under one reading, and not under the other. */
static bool settle_by_neighbours(const struct resolver *r, size_t i, const int64_t utc_s[2], bool *second)
{
    int64_t next[2], fits = 0;
    if (i == 0 || i + 1 >= r->n || is_unlike(r, i + 1) ||
        zone_instants(r->zone, floor_div(r->us[i + 1], CLOCK_SECOND_US), next) != 1)
        return false;
    int64_t before = floor_div(r->us[i - 1], CLOCK_SECOND_US);
    for (int k = 0; k < 2; k++)
        if (utc_s[k] - before == next[0] - utc_s[k]) {
            fits++;
            *second = k == 1;
        }
    return fits == 1;
}

/* Every time of the stretch stands twice in a row. */
static bool in_pairs(const struct resolver *r, size_t from, size_t end)
{
    if ((end - from) % 2 != 0)
        return false;
    for (size_t i = from; i < end; i += 2)
        if (r->us[i] != r->us[i + 1] || (i > from && r->us[i] == r->us[i - 1]))
            return false;
    return true;
}

/* Where the second pass of the hour begins: the only place where the rows do not go on in their direction. Rows that
 * all stand twice are told apart one by one; `end` stands for that. */
static bool find_turn(const struct resolver *r, size_t from, size_t end, size_t *turn)
{
    size_t turns = 0;
    if (r->direction == 0)
        return false;
    if (end - from > 2 && in_pairs(r, from, end)) {
        *turn = end;
        return true;
    }
    for (size_t i = from + 1; i < end; i++)
        if (r->direction > 0 ? r->us[i] <= r->us[i - 1] : r->us[i] >= r->us[i - 1]) {
            turns++;
            *turn = i;
        }
    return turns == 1;
}

static void note_repeat(struct resolver *r, size_t from, size_t end, const int64_t utc_s[2])
{
    struct localtime_notes *notes = r->notes;
    if (notes->repeats++ > 0)
        return;
    notes->first_line = r->line[from];
    notes->last_line = r->line[end - 1];
    notes->first_local_us = r->us[from];
    snprintf(notes->first_words, sizeof notes->first_words, "%s, then %s", zone_at(r->zone, utc_s[0]).word,
             zone_at(r->zone, utc_s[1]).word);
}

/* Rows from .. end - 1 all show repeated times of one change. */
static void resolve_repeat(struct resolver *r, size_t from, size_t end)
{
    size_t turn = end;
    int64_t utc_s[2];
    bool second = false;
    is_repeated(r, from, utc_s);
    if (end - from == 1 && settle_by_neighbours(r, from, utc_s, &second)) {
        instant_of(r, from, utc_s[second]);
        return;
    }
    if (!find_turn(r, from, end, &turn)) {
        leave_open(r, from, end);
        return;
    }
    note_repeat(r, from, end, utc_s);
    for (size_t i = from; i < end; i++) {
        second = turn == end ? (i - from) % 2 == 1 : i >= turn;
        zone_instants(r->zone, floor_div(r->us[i], CLOCK_SECOND_US), utc_s);
        instant_of(r, i, utc_s[second == (r->direction > 0)]);
    }
}

/* The rows behind `from` that show repeated times within a day of it. */
static size_t repeat_end(const struct resolver *r, size_t from)
{
    int64_t utc_s[2];
    size_t i = from;
    while (i < r->n && r->us[i] - r->us[from] < CLOCK_DAY_US && r->us[from] - r->us[i] < CLOCK_DAY_US &&
           is_repeated(r, i, utc_s))
        i++;
    return i;
}

/* --- all rows ---------------------------------------------------------------------------------------------------- */

/* Resolves row *i, or the whole repeated hour that begins there, and moves *i behind it. */
static bool resolve_next(struct resolver *r, size_t *i, struct error *err)
{
    int64_t local_s = floor_div(r->us[*i], CLOCK_SECOND_US), utc_s[2];
    if (r->item && (r->item[*i].flags & TIMESTAMP_HAS_ZONE)) {
        (*i)++;
        return true;
    }
    int found = zone_instants(r->zone, local_s, utc_s);
    for (int hour = 1; r->dates && found == 0 && hour <= 24; hour++)
        found = zone_instants(r->zone, local_s + hour * 3600, utc_s);
    if (r->dates && found > 0) {
        r->us[(*i)++] = utc_s[0] * CLOCK_SECOND_US;
        return true;
    }
    if (found == 0)
        return refuse_gap(r, *i, err);
    if (r->item && (r->item[*i].flags & TIMESTAMP_ZONE_WORD)) {
        bool ok = resolve_word(r, *i, utc_s, found, err);
        (*i)++;
        return ok;
    }
    if (found == 2) {
        size_t from = *i;
        *i = repeat_end(r, from);
        resolve_repeat(r, from, *i);
        return true;
    }
    widen(r, local_s, utc_s[0]);
    instant_of(r, *i, utc_s[0]);
    (*i)++;
    return true;
}

bool localtime_resolve(int64_t *us, const struct timestamp *item, size_t n, const uint64_t *line,
                       const struct zone *zone, bool dates, struct localtime_notes *notes, struct error *err)
{
    struct resolver r = {.us = us, .item = item, .n = n, .line = line, .zone = zone, .notes = notes};
    bool ok = true;
    r.direction = direction_of(us, n);
    r.dates = dates;
    r.safe_from = INT64_MAX;
    r.safe_to = INT64_MIN;
    *notes = (struct localtime_notes){0};
    for (size_t i = 0; ok && i < n;) {
        int64_t local_s = floor_div(us[i], CLOCK_SECOND_US);
        if (!item && local_s >= r.safe_from && local_s < r.safe_to)
            us[i++] -= r.offset * CLOCK_SECOND_US;
        else
            ok = resolve_next(&r, &i, err);
    }
    if (ok && r.open > 0)
        ok = refuse_open(&r, us[r.open_first], err);
    text_free(&r.open_lines);
    return ok;
}
