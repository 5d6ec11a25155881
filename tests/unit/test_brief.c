/* Lists for the screens: marks of architectures, trials and architectures without their texts, and the print that says
 * whether they have changed. */
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/brief.h"
#include "store/marks.h"

#include <math.h>
#include <sqlite3.h>

static struct hash hash_n(int n)
{
    return hash_of(&n, sizeof n);
}

static struct workspace *fresh(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    assert_true(workspace_create(folder, &err));
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    return w;
}

/* Another program's hand on the database. */
static void change(void **state, const char *sql)
{
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    sqlite3 *db;
    file_join(folder, sizeof folder, *state, "w");
    file_join(path, sizeof path, folder, "workspace.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* --- marks ----------------------------------------------------------------------------------------------------------- */

static void marks_are_set_listed_and_taken_off(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct hash *id;
    assert_int_equal(marks_list(w, MARKS_PIN, &id, &err), 0);
    assert_null(id);
    assert_true(marks_set(w, hash_n(2), MARKS_PIN, true, &err));
    assert_true(marks_set(w, hash_n(1), MARKS_SKIP, true, &err));
    assert_true(marks_set(w, hash_n(2), MARKS_PIN, true, &err)); /* again: the same */
    assert_true(marks_has(w, hash_n(2), MARKS_PIN));
    assert_false(marks_has(w, hash_n(2), MARKS_SKIP));
    assert_false(marks_has(w, hash_n(1), MARKS_PIN));
    assert_int_equal(marks_list(w, MARKS_PIN, &id, &err), 1);
    assert_true(hash_equal(id[0], hash_n(2)));
    free(id);
    assert_true(marks_set(w, hash_n(2), MARKS_PIN, false, &err));
    assert_true(marks_set(w, hash_n(2), MARKS_PIN, false, &err));
    assert_false(marks_has(w, hash_n(2), MARKS_PIN));
    assert_true(marks_has(w, hash_n(1), MARKS_SKIP));
    workspace_close(w);
}

static void marks_are_listed_oldest_first(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct hash *id;
    for (int i = 0; i < 40; i++)
        assert_true(marks_set(w, hash_n(i), MARKS_SKIP, true, &err));
    change(state, "UPDATE mark SET set_us=5");
    assert_true(marks_set(w, hash_n(3), MARKS_SKIP, false, &err));
    assert_true(marks_set(w, hash_n(3), MARKS_SKIP, true, &err)); /* anew: the newest */
    assert_int_equal(marks_list(w, MARKS_SKIP, &id, &err), 40);
    assert_true(hash_equal(id[39], hash_n(3)));
    for (int i = 0; i + 2 < 40; i++) /* of one microsecond: by the hash */
        assert_true(memcmp(id[i].byte, id[i + 1].byte, sizeof id[i].byte) < 0);
    free(id);
    workspace_close(w);
}

static void a_workspace_of_before_marks_has_none(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    struct workspace *w = fresh(state);
    struct hash *id;
    change(state, "DROP TABLE mark");
    assert_int_equal(marks_list(w, MARKS_SKIP, &id, &err), 0);
    assert_false(marks_has(w, hash_n(1), MARKS_SKIP));
    assert_true(marks_set(w, hash_n(1), MARKS_SKIP, false, &err));
    workspace_close(w);
    file_join(folder, sizeof folder, *state, "w");
    w = workspace_open(folder, true, &err);
    assert_false(marks_set(w, hash_n(1), MARKS_SKIP, true, &err)); /* only read */
    assert_int_not_equal(err.kind, ERROR_NONE);
    workspace_close(w);
    w = workspace_open(folder, false, &err);
    assert_true(marks_set(w, hash_n(1), MARKS_SKIP, true, &err));
    assert_true(marks_has(w, hash_n(1), MARKS_SKIP));
    workspace_close(w);
}

/* --- trials in brief ------------------------------------------------------------------------------------------------- */

static int64_t put_trial(struct workspace *w, int task, int n, const char *state)
{
    struct error err = {0};
    struct trial_row t = {.search = n % 3,
                          .task = hash_n(task),
                          .arch = hash_n(1000 + n),
                          .recipe = memory_text("morphsmith-recipe 1\n"),
                          .parent = n > 1 ? n - 1 : 0,
                          .steps = memory_text(n > 1 ? "deepen node=d1" : ""),
                          .why = memory_text("starting point"),
                          .attempts = n,
                          .predicted = 0.5 + n,
                          .predicted_sd = 0.25,
                          .ei = n > 1 ? 0.125 : (double)NAN,
                          .fidelity = n == 2 ? 0.5 : 1,
                          .latency_us = 10 * n};
    snprintf(t.recipe_id, sizeof t.recipe_id, "%064d", n);
    text_copy(t.state, sizeof t.state, state);
    text_copy(t.strategy, sizeof t.strategy, n > 1 ? "bayes" : "");
    assert_true(runs_trial_new(w, &t, &err));
    t.score = 0.5 + n / 64.0;
    t.low = t.score - 0.25;
    t.high = t.score + 0.25;
    t.noise = 0.0625;
    t.seconds = n;
    t.result = memory_text("{\"long\": \"text\"}");
    assert_true(runs_trial_save(w, &t, &err));
    int64_t id = t.id;
    runs_trial_free(&t);
    return id;
}

/* The same as the whole rows say, but for the texts. */
static void brief_trials_are_the_trials(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct trial_row *brief, *whole;
    for (int i = 1; i <= 5; i++)
        put_trial(w, 1 + (i == 4), i, i == 5 ? "running" : i == 3 ? "failed" : "done"); /* the fourth is of another task */
    int n = brief_trials(w, hash_n(1), 0, &brief, &err);
    assert_int_equal(n, 4);
    assert_int_equal(runs_trials(w, hash_n(1), -1, RUNS_BY_ID, &whole, &err), 4);
    for (int i = 0; i < n; i++) {
        const struct trial_row *b = &brief[i], *t = &whole[i];
        assert_int_equal(b->id, t->id);
        assert_int_equal(b->search, t->search);
        assert_int_equal(b->parent, t->parent);
        assert_int_equal(b->attempts, t->attempts);
        assert_int_equal(b->created_us, t->created_us);
        assert_int_equal(b->pinned, t->pinned);
        assert_true(hash_equal(b->arch, t->arch) && hash_equal(b->task, t->task));
        assert_string_equal(b->recipe_id, t->recipe_id);
        assert_string_equal(b->steps, t->steps);
        assert_string_equal(b->why, t->why);
        assert_string_equal(b->state, t->state);
        assert_string_equal(b->strategy, t->strategy);
        assert_true(b->score == t->score && b->low == t->low && b->high == t->high && b->noise == t->noise);
        assert_true(b->predicted == t->predicted && b->predicted_sd == t->predicted_sd);
        assert_true(b->ei == t->ei || (isnan(b->ei) && isnan(t->ei)));
        assert_true(b->fidelity == t->fidelity && b->latency_us == t->latency_us && b->seconds == t->seconds);
        assert_null(b->recipe);
        assert_null(b->result);
    }
    runs_trials_free(brief, n);
    n = brief_trials(w, hash_n(1), whole[2].id, &brief, &err);
    assert_int_equal(n, 2);
    assert_int_equal(brief[0].id, whole[2].id);
    runs_trials_free(brief, n);
    runs_trials_free(whole, 4);
    assert_int_equal(brief_trials(w, hash_n(9), 0, &brief, &err), 0);
    assert_null(brief);
    workspace_close(w);
}

/* Whatever changes in what the lists show changes it; what they do not show does not. */
static void the_print_changes_with_the_trials(void **state)
{
    static const char *const seen[] = {
        "UPDATE trial SET pinned=1 WHERE id=1",        "UPDATE trial SET attempts=attempts+1 WHERE id=2",
        "UPDATE trial SET state='waiting' WHERE id=3", "UPDATE trial SET state='done' WHERE id=3",
        "UPDATE trial SET score=score+1 WHERE id=2",   "UPDATE trial SET fidelity=0.75 WHERE id=2",
    };
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct brief_print before, now;
    assert_true(brief_print(w, hash_n(1), &before, &err));
    assert_int_equal(before.count, 0);
    for (int i = 1; i <= 3; i++)
        put_trial(w, 1, i, i == 3 ? "failed" : "done");
    assert_true(brief_print(w, hash_n(1), &now, &err));
    assert_true(now.count == 3 && now.last == 3 && now.attempts == 6 && now.done == 2 && now.open == 0 && now.pinned == 0);
    assert_false(brief_print_equal(&before, &now));
    for (size_t i = 0; i < ARRAY_N(seen); i++) {
        before = now;
        change(state, seen[i]);
        assert_true(brief_print(w, hash_n(1), &now, &err));
        assert_false(brief_print_equal(&before, &now));
    }
    before = now;
    put_trial(w, 2, 4, "done"); /* of another task */
    assert_true(brief_print(w, hash_n(1), &now, &err));
    assert_true(brief_print_equal(&before, &now));
    workspace_close(w);
}

/* The long texts of thousands of rows are never touched for their short columns. */
static void what_is_behind_the_texts_is_read_from_an_index(void **state)
{
    struct workspace *w = fresh(state);
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    sqlite3 *db;
    sqlite3_stmt *s;
    file_join(folder, sizeof folder, *state, "w");
    file_join(path, sizeof path, folder, "workspace.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "EXPLAIN QUERY PLAN SELECT id, state, attempts, score, fidelity, pinned, seconds, "
                                            "created_us, strategy, latency_us FROM trial WHERE task=? AND +id>=?",
                                        -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_non_null(strstr((const char *)sqlite3_column_text(s, 3), "COVERING INDEX trial_brief"));
    sqlite3_finalize(s);
    sqlite3_close(db);
    workspace_close(w);
}

/* --- architectures in brief ------------------------------------------------------------------------------------------ */

static void brief_arches_are_the_architectures(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct arch_row *brief, whole;
    struct hash id, parent;
    struct arch *a = arch_template("mlp", 8, 2, 1, 4, 1, &err), *b = arch_template("mlp", 8, 2, 1, 8, 1, &err);
    assert_true(arches_put(w, a, "small", NULL, NULL, &parent, &err));
    assert_true(arches_put(w, b, "", &parent, "widen node=d1 by=4", &id, &err));
    assert_int_equal(brief_arches_count(w), 2);
    int n = brief_arches(w, 0, &brief, &err);
    assert_int_equal(n, 2);
    assert_true(memcmp(brief[0].id.byte, brief[1].id.byte, sizeof id.byte) < 0);
    for (int i = 0; i < n; i++) {
        assert_true(arches_get(w, brief[i].id, &whole, &err));
        assert_null(brief[i].text);
        assert_string_equal(brief[i].name, whole.name);
        assert_string_equal(brief[i].morphism, whole.morphism);
        assert_true(hash_equal(brief[i].parent, whole.parent));
        assert_true(brief[i].parameters == whole.parameters && brief[i].macs == whole.macs && brief[i].nodes == whole.nodes);
        assert_true(brief[i].created_us == whole.created_us);
        free(whole.text);
    }
    arches_list_free(brief, n);
    change(state, "UPDATE arch SET created_us=7 WHERE name='small'");
    n = brief_arches(w, 8, &brief, &err);
    assert_int_equal(n, 1);
    assert_true(hash_equal(brief[0].id, id));
    arches_list_free(brief, n);
    arch_free(a);
    arch_free(b);
    workspace_close(w);
}

static void what_cannot_be_read_is_no_empty_list(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct trial_row *trials;
    struct brief_print print;
    struct hash *id;
    change(state, "DROP TABLE trial; ALTER TABLE mark RENAME COLUMN set_us TO other");
    assert_int_equal(brief_trials(w, hash_n(1), 0, &trials, &err), -1);
    assert_int_not_equal(err.kind, ERROR_NONE);
    assert_null(trials);
    error_clear(&err);
    assert_false(brief_print(w, hash_n(1), &print, &err));
    assert_int_not_equal(err.kind, ERROR_NONE);
    error_clear(&err);
    assert_int_equal(marks_list(w, MARKS_PIN, &id, &err), -1);
    assert_int_not_equal(err.kind, ERROR_NONE);
    assert_null(id);
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(void)
{
    hash_start();
    const struct CMUnitTest tests[] = {
        T(marks_are_set_listed_and_taken_off),
        T(marks_are_listed_oldest_first),
        T(a_workspace_of_before_marks_has_none),
        T(brief_trials_are_the_trials),
        T(the_print_changes_with_the_trials),
        T(what_is_behind_the_texts_is_read_from_an_index),
        T(brief_arches_are_the_architectures),
        T(what_cannot_be_read_is_no_empty_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
