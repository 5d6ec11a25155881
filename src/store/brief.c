#include "store/brief.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/sql.h"

bool brief_print(struct workspace *w, struct hash task, struct brief_print *out, struct error *err)
{
    sqlite3_stmt *s = sql_query(w, err,
                                "SELECT count(*), max(id), total(attempts), total(state='done'), "
                                "total(state NOT IN ('done','failed')), total(pinned), total(score), total(fidelity) "
                                "FROM trial WHERE task=?",
                                "h", &task);
    *out = (struct brief_print){0};
    if (s != NULL && sql_next(s))
        *out = (struct brief_print){.count = sqlite3_column_int64(s, 0),
                                    .last = sqlite3_column_int64(s, 1),
                                    .attempts = sqlite3_column_int64(s, 2),
                                    .done = sqlite3_column_int64(s, 3),
                                    .open = sqlite3_column_int64(s, 4),
                                    .pinned = sqlite3_column_int64(s, 5),
                                    .score = sqlite3_column_double(s, 6),
                                    .fidelity = sqlite3_column_double(s, 7)};
    return s != NULL && sql_end(w, s, err);
}

bool brief_print_equal(const struct brief_print *a, const struct brief_print *b)
{
    return a->count == b->count && a->last == b->last && a->attempts == b->attempts && a->done == b->done &&
           a->open == b->open && a->pinned == b->pinned && a->score == b->score && a->fidelity == b->fidelity;
}

/* What stands in front of the long texts of a row. */
static void read_front(sqlite3_stmt *s, struct hash task, struct trial_row *t)
{
    *t = (struct trial_row){.id = sqlite3_column_int64(s, 0),
                            .search = sqlite3_column_int64(s, 1),
                            .task = task,
                            .arch = sql_hash(s, 2),
                            .parent = sqlite3_column_int64(s, 4),
                            .steps = sql_text_copy(s, 5),
                            .why = sql_text_copy(s, 6),
                            .low = sql_double(s, 7),
                            .high = sql_double(s, 8),
                            .noise = sql_double(s, 9),
                            .predicted = sql_double(s, 10),
                            .predicted_sd = sql_double(s, 11),
                            .ei = sql_double(s, 12)};
    sql_text(s, 3, t->recipe_id, sizeof t->recipe_id);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = ((const struct trial_row *)a)->id, y = ((const struct trial_row *)b)->id;
    return (x > y) - (x < y);
}

static void read_rest(sqlite3_stmt *s, struct trial_row *rows, size_t n)
{
    struct trial_row key = {.id = sqlite3_column_int64(s, 0)};
    struct trial_row *t = n > 0 ? bsearch(&key, rows, n, sizeof key, compare_ids) : NULL;
    if (t == NULL)
        return; /* came since */
    sql_text(s, 1, t->state, sizeof t->state);
    t->attempts = sqlite3_column_int64(s, 2);
    t->score = sql_double(s, 3);
    t->fidelity = sql_double(s, 4);
    t->pinned = sqlite3_column_int(s, 5) != 0;
    t->seconds = sql_double(s, 6);
    t->created_us = sqlite3_column_int64(s, 7);
    sql_text(s, 8, t->strategy, sizeof t->strategy);
    t->latency_us = sql_double(s, 9);
}

/* The rest is read from the index trial_brief alone: the rows have it behind texts that fill pages. */
static bool add_rest(struct workspace *w, struct hash task, int64_t from, struct trial_row *rows, size_t n,
                     struct error *err)
{
    sqlite3_stmt *s = sql_query(w, err,
                                "SELECT id, state, attempts, score, fidelity, pinned, seconds, created_us, strategy, "
                                "latency_us FROM trial WHERE task=? AND +id>=?",
                                "hi", &task, from);
    while (s != NULL && sql_next(s))
        read_rest(s, rows, n);
    return s != NULL && sql_end(w, s, err);
}

int brief_trials(struct workspace *w, struct hash task, int64_t from, struct trial_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err,
                                "SELECT id, search, arch, recipe_id, parent, steps, why, low, high, noise, predicted, "
                                "predicted_sd, ei FROM trial WHERE id>=?2 AND +task=?1 ORDER BY id",
                                "hi", &task, from);
    if (s == NULL)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_front(s, task, &(*out)[n++]);
    }
    if (sql_end(w, s, err) && add_rest(w, task, from, *out, n, err))
        return (int)n;
    runs_trials_free(*out, (int)n);
    *out = NULL;
    return -1;
}

int brief_arches(struct workspace *w, int64_t from_us, struct arch_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err,
                                "SELECT id, parent, name, morphism, parameters, macs, nodes, created_us FROM arch "
                                "WHERE created_us>=? ORDER BY id",
                                "i", from_us);
    if (s == NULL)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        struct arch_row *a = &(*out)[n++];
        *a = (struct arch_row){.id = sql_hash(s, 0),
                               .parent = sql_hash(s, 1),
                               .parameters = sqlite3_column_int64(s, 4),
                               .macs = sqlite3_column_int64(s, 5),
                               .nodes = sqlite3_column_int64(s, 6),
                               .created_us = sqlite3_column_int64(s, 7)};
        sql_text(s, 2, a->name, sizeof a->name);
        sql_text(s, 3, a->morphism, sizeof a->morphism);
    }
    if (sql_end(w, s, err))
        return (int)n;
    arches_list_free(*out, (int)n);
    *out = NULL;
    return -1;
}

int64_t brief_arches_count(struct workspace *w)
{
    sqlite3_stmt *s = sql_query(w, NULL, "SELECT count(*) FROM arch", "");
    int64_t n = s != NULL && sql_next(s) ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return n;
}
