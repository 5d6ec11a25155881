#include "store/seals.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"
#include "store/sql.h"

#include <math.h>

/* --- lineages ---------------------------------------------------------------------------------------------------- */

/* Do two columns hold the same values at most of the times that both have? At least `least` of them. */
static bool same_values(const struct frame *a, const char *in_a, const struct frame *b, const char *in_b, size_t least)
{
    int x = frame_find(a, in_a), y = frame_find(b, in_b);
    size_t k = 0, both = 0, same = 0;
    for (size_t i = 0; x >= 0 && y >= 0 && i < a->rows; i++) {
        double v = a->column[x].value[i];
        while (k < b->rows && b->time_us[k] < a->time_us[i])
            k++;
        if (k == b->rows || b->time_us[k] > a->time_us[i] || isnan(v))
            continue;
        both++;
        same += b->column[y].value[k] >= v && b->column[y].value[k] <= v;
    }
    return both >= least && 2 * same > both;
}

#define SAME_LEAST 8

static bool by_names(struct workspace *w, char lineage[FRAME_NAME_MAX], bool *found, const struct seal_series *s,
                     struct error *err)
{
    sqlite3_stmt *q = sql_query(w, err,
                                "SELECT lineage FROM seal WHERE asset=? COLLATE NOCASE OR series=? OR frame=? "
                                "ORDER BY id LIMIT 1",
                                "ssh", s->asset, s->series, &s->frame);
    *found = q && sql_next(q);
    if (*found)
        sql_text(q, 0, lineage, FRAME_NAME_MAX);
    return q && sql_end(w, q, err);
}

/* A frame that is gone or damaged tells nothing: the names must do. */
static bool is_same(struct workspace *w, struct hash old, const char *column, const struct seal_series *s,
                    const struct frame *frame)
{
    struct frame *f = series_frame(w, old, NULL);
    bool same = f && same_values(f, column, frame, s->value, SAME_LEAST);
    frame_free(f);
    return same;
}

static bool by_values(struct workspace *w, char lineage[FRAME_NAME_MAX], bool *found, const struct seal_series *s,
                      const struct frame *frame, struct error *err)
{
    sqlite3_stmt *q = sql_query(w, err, "SELECT DISTINCT lineage, frame, value FROM seal", "");
    while (q && !*found && sql_next(q)) {
        char column[FRAME_NAME_MAX];
        sql_text(q, 2, column, sizeof column);
        *found = is_same(w, sql_hash(q, 1), column, s, frame);
        if (*found)
            sql_text(q, 0, lineage, FRAME_NAME_MAX);
    }
    return q && sql_end(w, q, err);
}

bool seals_lineage(struct workspace *w, char lineage[FRAME_NAME_MAX], const struct seal_series *series,
                   const struct frame *frame, struct error *err)
{
    bool found = false;
    if (!by_names(w, lineage, &found, series, err))
        return false;
    if (!found && frame && !by_values(w, lineage, &found, series, frame, err))
        return false;
    if (!found)
        text_copy(lineage, FRAME_NAME_MAX, series->asset);
    return true;
}

/* --- spans -------------------------------------------------------------------------------------------------------- */

static bool query_flag(struct workspace *w, sqlite3_stmt *q, bool *found, struct error *err)
{
    *found = q && sql_next(q);
    return q && sql_end(w, q, err);
}

/* Bars that it seals and that an earlier task showed, noted once. */
static bool note_shown(struct workspace *w, const char *lineage, struct seal_span sealed, struct hash task,
                       struct error *err)
{
    struct seal_span shown = sealed;
    bool known;
    sqlite3_stmt *q = sql_query(w, err, "SELECT MAX(after_us) FROM seal WHERE lineage=? AND from_us < ?", "si", lineage,
                                sealed.last_us);
    bool any = q && sql_next(q) && sqlite3_column_type(q, 0) != SQLITE_NULL;
    shown.last_us = any ? sqlite3_column_int64(q, 0) : shown.after_us;
    if (!q || !sql_end(w, q, err))
        return false;
    shown.last_us = shown.last_us < sealed.last_us ? shown.last_us : sealed.last_us;
    if (shown.last_us <= shown.after_us)
        return true;
    if (!query_flag(w,
                    sql_query(w, err, "SELECT 1 FROM opening WHERE lineage=? AND after_us <= ? AND last_us >= ?", "sii",
                              lineage, shown.after_us, shown.last_us),
                    &known, err))
        return false;
    return known || seals_open(w, lineage, shown, SEAL_KIND_SHOWN, task, err);
}

bool seals_put(struct workspace *w, const char *lineage, const struct seal_series *series, struct seal_span visible,
               struct seal_span sealed, struct hash task, struct error *err)
{
    return note_shown(w, lineage, sealed, task, err) &&
           sql_run(w, err,
                   "INSERT INTO seal (lineage, asset, series, value, frame, from_us, after_us, last_us, task, "
                   "created_us) VALUES (?,?,?,?,?,?,?,?,?,?)",
                   "sssshiiihi", lineage, series->asset, series->series, series->value, &series->frame,
                   visible.after_us, sealed.after_us, sealed.last_us, &task, clock_wall_us());
}

bool seals_open(struct workspace *w, const char *lineage, struct seal_span span, const char *kind, struct hash task,
                struct error *err)
{
    return sql_run(w, err,
                   "INSERT INTO opening (lineage, after_us, last_us, kind, task, created_us) VALUES (?,?,?,?,?,?)",
                   "siishi", lineage, span.after_us, span.last_us, kind, &task, clock_wall_us());
}

/* Moves the begin of a span behind what was opened or shown of it. */
static bool skip_opened(struct workspace *w, const char *lineage, struct seal_span *span, struct error *err)
{
    sqlite3_stmt *q = sql_query(w, err,
                                "SELECT after_us, last_us FROM opening WHERE lineage=?1 UNION "
                                "SELECT from_us, after_us FROM seal WHERE lineage=?1 ORDER BY 1",
                                "s", lineage);
    while (q && sql_next(q)) {
        int64_t after = sqlite3_column_int64(q, 0), last = sqlite3_column_int64(q, 1);
        if (after <= span->after_us && last > span->after_us)
            span->after_us = last;
    }
    return q && sql_end(w, q, err);
}

int seals_find_closed(struct workspace *w, const char *lineage, struct seal_span visible, struct seal_span *closed,
                      struct hash *task, struct error *err)
{
    sqlite3_stmt *q = sql_query(w, err,
                                "SELECT after_us, last_us, task FROM seal WHERE lineage=? AND after_us < ? AND "
                                "last_us > ? AND after_us < last_us ORDER BY after_us",
                                "sii", lineage, visible.last_us, visible.after_us);
    bool found = false, ok = q != NULL;
    while (ok && !found && sql_next(q)) {
        int64_t after = sqlite3_column_int64(q, 0), last = sqlite3_column_int64(q, 1);
        closed->after_us = after > visible.after_us ? after : visible.after_us;
        closed->last_us = last < visible.last_us ? last : visible.last_us;
        *task = sql_hash(q, 2);
        ok = skip_opened(w, lineage, closed, err);
        found = ok && closed->after_us < closed->last_us;
    }
    ok = q && sql_end(w, q, ok ? err : NULL) && ok;
    return ok ? found : -1;
}

int seals_closed(struct workspace *w, const struct seal_series *series, struct seal_span *out, int most,
                 struct error *err)
{
    char lineage[FRAME_NAME_MAX];
    struct seal_span rest = {INT64_MIN, INT64_MAX};
    struct hash task;
    int n = 0, found = 1;
    if (!seals_lineage(w, lineage, series, NULL, err))
        return -1;
    while (n < most && (found = seals_find_closed(w, lineage, rest, &out[n], &task, err)) == 1)
        rest.after_us = out[n++].last_us;
    return found < 0 ? -1 : n;
}

int seals_opened(struct workspace *w, struct hash task, struct error *err)
{
    sqlite3_stmt *q = sql_query(w, err,
                                "SELECT COUNT(DISTINCT o.id) FROM seal s JOIN opening o ON o.lineage = s.lineage AND "
                                "((o.after_us < s.last_us AND o.last_us > s.after_us) OR (o.kind <> 'shown' AND "
                                "o.after_us < s.after_us AND o.last_us > s.from_us)) WHERE s.task=? "
                                "GROUP BY s.lineage ORDER BY 1 DESC",
                                "h", &task);
    int n = q && sql_next(q) ? sqlite3_column_int(q, 0) : 0;
    return q && sql_end(w, q, err) ? n : -1;
}
