#include "store/runs.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/models.h"
#include "store/sql.h"

bool runs_search_new(struct workspace *w, struct hash task, const char *options, int64_t *id, struct error *err)
{
    if (!sql_run(w, err, "INSERT INTO search (task, options, state, created_us) VALUES(?,?,'running',?)", "hsi", &task,
                 options, clock_wall_us()))
        return false;
    *id = sqlite3_last_insert_rowid(sql_of(w));
    return true;
}

bool runs_search_end(struct workspace *w, int64_t id, const char *state, double seconds, struct error *err)
{
    return sql_run(w, err, "UPDATE search SET state=?, seconds=? WHERE id=?", "sdi", state, seconds, id);
}

bool runs_search_last(struct workspace *w, struct hash task, struct search_row *out)
{
    sqlite3_stmt *s = sql_query(
        w, NULL,
        "SELECT id, task, options, state, seconds, created_us FROM search WHERE task=? ORDER BY id DESC LIMIT 1", "h",
        &task);
    bool found = s && sql_next(s);
    if (found) {
        out->id = sqlite3_column_int64(s, 0);
        out->task = sql_hash(s, 1);
        out->options = sql_text_copy(s, 2);
        sql_text(s, 3, out->state, sizeof out->state);
        out->seconds = sql_double(s, 4);
        out->created_us = sqlite3_column_int64(s, 5);
    }
    sqlite3_finalize(s);
    return found;
}

#define TRIAL_COLUMNS                                                                                                  \
    "id, search, task, arch, recipe_id, recipe, parent, steps, why, state, attempts, score, low, high, noise, "        \
    "predicted, predicted_sd, ei, trace_root, weights, result, seconds, pinned, created_us, strategy, fidelity, "       \
    "latency_us"

bool runs_trial_new(struct workspace *w, struct trial_row *t, struct error *err)
{
    if (!sql_run(w, err,
                 "INSERT INTO trial (search, task, arch, recipe_id, recipe, parent, steps, why, state, attempts, "
                 "predicted, predicted_sd, ei, result, created_us, strategy, fidelity, latency_us) "
                 "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,'{}',?,?,?,?)",
                 "ihhssisssidddisdd", t->search, &t->task, &t->arch, t->recipe_id, t->recipe, t->parent, t->steps,
                 t->why, t->state, t->attempts, t->predicted, t->predicted_sd, t->ei, clock_wall_us(), t->strategy,
                 t->fidelity, t->latency_us))
        return false;
    t->id = sqlite3_last_insert_rowid(sql_of(w));
    return true;
}

bool runs_trial_save(struct workspace *w, const struct trial_row *t, struct error *err)
{
    return sql_run(w, err,
                   "UPDATE trial SET state=?, attempts=?, score=?, low=?, high=?, noise=?, trace_root=?, weights=?, "
                   "result=?, seconds=?, fidelity=?, latency_us=? WHERE id=?",
                   "siddddhhsdddi", t->state, t->attempts, t->score, t->low, t->high, t->noise, &t->trace_root,
                   &t->weights, t->result ? t->result : "{}", t->seconds, t->fidelity, t->latency_us, t->id);
}

bool runs_trial_pin(struct workspace *w, int64_t id, bool pinned, struct error *err)
{
    if (!sql_run(w, err, "UPDATE trial SET pinned=? WHERE id=?", "ii", (int64_t)pinned, id))
        return false;
    return sqlite3_changes(sql_of(w)) > 0 || error_set(err, ERROR_USAGE, "there is no trial %lld", (long long)id);
}

static void read_trial(sqlite3_stmt *s, struct trial_row *t)
{
    t->id = sqlite3_column_int64(s, 0);
    t->search = sqlite3_column_int64(s, 1);
    t->task = sql_hash(s, 2);
    t->arch = sql_hash(s, 3);
    sql_text(s, 4, t->recipe_id, sizeof t->recipe_id);
    t->recipe = sql_text_copy(s, 5);
    t->parent = sqlite3_column_int64(s, 6);
    t->steps = sql_text_copy(s, 7);
    t->why = sql_text_copy(s, 8);
    sql_text(s, 9, t->state, sizeof t->state);
    t->attempts = sqlite3_column_int64(s, 10);
    t->score = sql_double(s, 11);
    t->low = sql_double(s, 12);
    t->high = sql_double(s, 13);
    t->noise = sql_double(s, 14);
    t->predicted = sql_double(s, 15);
    t->predicted_sd = sql_double(s, 16);
    t->ei = sql_double(s, 17);
    t->trace_root = sql_hash(s, 18);
    t->weights = sql_hash(s, 19);
    t->result = sql_text_copy(s, 20);
    t->seconds = sql_double(s, 21);
    t->pinned = sqlite3_column_int(s, 22) != 0;
    t->created_us = sqlite3_column_int64(s, 23);
    sql_text(s, 24, t->strategy, sizeof t->strategy);
    t->fidelity = sql_double(s, 25);
    t->latency_us = sql_double(s, 26);
}

bool runs_trial_get(struct workspace *w, int64_t id, struct trial_row *out, struct error *err)
{
    sqlite3_stmt *s = sql_query(w, err, "SELECT " TRIAL_COLUMNS " FROM trial WHERE id=?", "i", id);
    if (!s)
        return false;
    bool found = sql_next(s);
    if (found)
        read_trial(s, out);
    if (!sql_end(w, s, err)) {
        if (found)
            runs_trial_free(out);
        return false;
    }
    return found || error_set(err, ERROR_USAGE, "there is no trial %lld", (long long)id);
}

bool runs_trial_done(struct workspace *w, const char *recipe_id, struct trial_row *out)
{
    sqlite3_stmt *s =
        sql_query(w, NULL,
                  "SELECT " TRIAL_COLUMNS " FROM trial WHERE recipe_id=? AND state='done' AND fidelity>=1 "
                  "ORDER BY id LIMIT 1",
                  "s", recipe_id);
    bool found = s && sql_next(s);
    if (found)
        read_trial(s, out);
    sqlite3_finalize(s);
    return found;
}

bool runs_trial_of_arch(struct workspace *w, struct hash task, struct hash arch, const char *why,
                        struct trial_row *out)
{
    sqlite3_stmt *s = sql_query(w, NULL,
                                "SELECT " TRIAL_COLUMNS " FROM trial WHERE task=?1 AND arch=?2 AND state='done' AND "
                                "fidelity>=1 AND (?3 IS NULL OR why=?3) "
                                "ORDER BY CASE WHEN ?3 IS NULL THEN score END DESC, id DESC LIMIT 1",
                                "hhs", &task, &arch, why);
    bool found = s && sql_next(s);
    if (found)
        read_trial(s, out);
    sqlite3_finalize(s);
    return found;
}

bool runs_trial_left(struct workspace *w, const char *recipe_id, struct trial_row *out)
{
    sqlite3_stmt *s = sql_query(w, NULL,
                                "SELECT " TRIAL_COLUMNS " FROM trial WHERE recipe_id=? AND search=0 AND state<>'done' "
                                "ORDER BY id LIMIT 1",
                                "s", recipe_id);
    bool found = s && sql_next(s);
    if (found)
        read_trial(s, out);
    sqlite3_finalize(s);
    return found;
}

bool runs_trial_drop(struct workspace *w, int64_t id, struct error *err)
{
    return runs_epochs_drop(w, "trial", id, err) && sql_run(w, err, "DELETE FROM trial WHERE id=?", "i", id);
}

int runs_tried(struct workspace *w, struct hash task, struct error *err)
{
    sqlite3_stmt *s =
        sql_query(w, err, "SELECT count(DISTINCT recipe_id) FROM trial WHERE task=? AND state='done'", "h", &task);
    int n = s && sql_next(s) ? sqlite3_column_int(s, 0) : -1;
    return s && sql_end(w, s, err) ? n : -1;
}

bool runs_each_result(struct workspace *w, struct hash task,
                      bool (*take)(void *context, const char *result, struct error *err), void *context,
                      struct error *err)
{
    sqlite3_stmt *s = sql_query(w, err,
                                "SELECT result FROM trial WHERE id IN (SELECT id FROM (SELECT id, max(fidelity) FROM trial "
                                "WHERE task=? AND state='done' GROUP BY recipe_id)) ORDER BY id",
                                "h", &task);
    bool ok = s != NULL;
    while (ok && sql_next(s))
        ok = take(context, (const char *)sqlite3_column_text(s, 0), err);
    return s && sql_end(w, s, ok ? err : NULL) && ok;
}

bool runs_search_rest(struct workspace *w, int64_t search, struct error *err)
{
    return sql_run(w, err, "UPDATE trial SET state='waiting' WHERE search=? AND state='running'", "i", search);
}

int runs_trials(struct workspace *w, struct hash task, int64_t search, enum runs_order order, struct trial_row **out,
                struct error *err)
{
    *out = NULL;
    const char *sql = order == RUNS_BY_SCORE
                          ? "SELECT " TRIAL_COLUMNS " FROM trial WHERE task=?1 AND (?2 < 0 OR search=?2) "
                            "ORDER BY score IS NULL, fidelity<1, score DESC, id"
                          : "SELECT " TRIAL_COLUMNS " FROM trial WHERE task=?1 AND (?2 < 0 OR search=?2) ORDER BY id";
    sqlite3_stmt *s = sql_query(w, err, sql, "hi", &task, search);
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_trial(s, &(*out)[n++]);
    }
    if (sql_end(w, s, err))
        return (int)n;
    runs_trials_free(*out, (int)n);
    *out = NULL;
    return -1;
}

void runs_trial_free(struct trial_row *t)
{
    free(t->recipe);
    free(t->steps);
    free(t->why);
    free(t->result);
}

void runs_trials_free(struct trial_row *rows, int n)
{
    for (int i = 0; i < n; i++)
        runs_trial_free(&rows[i]);
    free(rows);
}

bool runs_training_new(struct workspace *w, struct hash arch, struct hash task, int epochs, int64_t *id,
                       struct error *err)
{
    if (!sql_run(w, err, "INSERT INTO training (arch, task, state, epochs, created_us) VALUES(?,?,'running',?,?)",
                 "hhii", &arch, &task, (int64_t)epochs, clock_wall_us()))
        return false;
    *id = sqlite3_last_insert_rowid(sql_of(w));
    return true;
}

bool runs_training_end(struct workspace *w, int64_t id, const char *state, const struct hash *model, struct error *err)
{
    return sql_run(w, err, "UPDATE training SET state=?, model=? WHERE id=?", "shi", state, model, id);
}

#define TRAINING_QUERY                                                                                                 \
    "SELECT t.id, t.arch, t.task, t.model, t.state, t.epochs, t.created_us, instr(m.result, ?) > 0 "                             \
    "FROM training t LEFT JOIN model m ON m.id = t.model "

static void read_training(sqlite3_stmt *s, struct training_row *t)
{
    t->id = sqlite3_column_int64(s, 0);
    t->arch = sql_hash(s, 1);
    t->task = sql_hash(s, 2);
    t->model = sql_hash(s, 3);
    sql_text(s, 4, t->state, sizeof t->state);
    t->epochs = sqlite3_column_int64(s, 5);
    t->created_us = sqlite3_column_int64(s, 6);
    t->blas = sqlite3_column_int(s, 7) != 0;
}

bool runs_training_get(struct workspace *w, int64_t id, struct training_row *out)
{
    sqlite3_stmt *s = sql_query(w, NULL, TRAINING_QUERY "WHERE t.id=?", "si", MODELS_BLAS, id);
    bool found = s && sql_next(s);
    if (found)
        read_training(s, out);
    sqlite3_finalize(s);
    return found;
}

int runs_trainings(struct workspace *w, struct training_row **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s = sql_query(w, err, TRAINING_QUERY "ORDER BY t.id DESC", "s", MODELS_BLAS);
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        read_training(s, &(*out)[n++]);
    }
    if (sql_end(w, s, err))
        return (int)n;
    free(*out);
    *out = NULL;
    return -1;
}

bool runs_epoch_put(struct workspace *w, const char *kind, int64_t run, const struct train_event *e, struct error *err)
{
    return sql_run(w, err, "INSERT OR REPLACE INTO epoch VALUES(?,?,?,?,?,?,?,?,?,?,?)", "siiiidddddd", kind, run,
                   (int64_t)e->fold, (int64_t)e->epoch, e->step, e->train_loss, e->valid_loss, e->valid_accuracy,
                   e->learning_rate, e->gradient_norm, e->samples_per_second);
}

bool runs_epochs_drop(struct workspace *w, const char *kind, int64_t run, struct error *err)
{
    return sql_run(w, err, "DELETE FROM epoch WHERE kind=? AND run=?", "si", kind, run);
}

int runs_epochs(struct workspace *w, const char *kind, int64_t run, struct train_event **out, struct error *err)
{
    *out = NULL;
    sqlite3_stmt *s =
        sql_query(w, err,
                  "SELECT fold, epoch, step, train_loss, valid_loss, valid_accuracy, learning_rate, "
                  "gradient_norm, samples_per_second FROM epoch WHERE kind=? AND run=? ORDER BY fold, epoch",
                  "si", kind, run);
    if (!s)
        return -1;
    size_t n = 0, capacity = 0;
    while (sql_next(s)) {
        *out = memory_grow(*out, &capacity, n + 1, sizeof **out);
        struct train_event *e = &(*out)[n++];
        *e = (struct train_event){.fold = sqlite3_column_int(s, 0),
                                  .epoch = sqlite3_column_int(s, 1),
                                  .step = sqlite3_column_int64(s, 2),
                                  .train_loss = sql_double(s, 3),
                                  .valid_loss = sql_double(s, 4),
                                  .valid_accuracy = sql_double(s, 5),
                                  .learning_rate = sql_double(s, 6),
                                  .gradient_norm = sql_double(s, 7),
                                  .samples_per_second = sql_double(s, 8)};
    }
    if (sql_end(w, s, err))
        return (int)n;
    free(*out);
    *out = NULL;
    return -1;
}
