/* The workspace: making and opening it, every table there and back, files named by hash, errors that are no empty
 * lists. */
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/checkpoints.h"
#include "store/models.h"
#include "store/runs.h"
#include "store/series.h"
#include "store/tasks.h"

#include <math.h>
#include <sqlite3.h>
#include <sys/stat.h>

static struct hash hash_n(int n)
{
    return hash_of(&n, sizeof n);
}

static void path_in(char out[FILE_PATH_MAX], void **state, const char *name)
{
    file_join(out, FILE_PATH_MAX, *state, name);
}

static struct workspace *fresh(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    path_in(folder, state, "w");
    assert_true(workspace_create(folder, &err));
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    return w;
}

static void put_file(const char *path, const char *text)
{
    assert_true(file_write(path, text, strlen(text), 0666, NULL));
}

/* --- the workspace itself ------------------------------------------------------------------------------------------
 */

static void creating_again_is_refused_and_harmless(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    struct workspace *w = fresh(state);
    workspace_setting_set(w, "k", "v");
    workspace_close(w);
    path_in(folder, state, "w");
    assert_false(workspace_create(folder, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    w = workspace_open(folder, false, NULL);
    char value[8];
    assert_true(workspace_setting_get(w, "k", value, sizeof value));
    assert_string_equal(value, "v");
    workspace_close(w);
}

/* A crash in the middle of making one leaves a partial file and its journal: neither may reach the next attempt. */
static void what_a_crash_left_is_not_taken_over(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    path_in(folder, state, "w");
    assert_true(file_make_folder(folder, 0777, NULL));
    file_join(path, sizeof path, folder, "workspace.db.partial");
    put_file(path, "half a database");
    file_join(path, sizeof path, folder, "workspace.db.partial-journal");
    put_file(path, "half a journal");
    assert_false(workspace_is(folder));
    assert_null(workspace_open(folder, false, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_true(workspace_create(folder, &err));
    assert_false(file_exists(path));
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    workspace_close(w);
}

static void another_file_is_no_workspace(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    path_in(folder, state, "w");
    assert_true(file_make_folder(folder, 0777, NULL));
    file_join(path, sizeof path, folder, "workspace.db");
    put_file(path,
             "this is a text of some length, and no database whatever its name says. It needs to be long enough.");
    assert_null(workspace_open(folder, false, &err));
    assert_int_not_equal(err.kind, ERROR_NONE);
    sqlite3 *db;
    assert_int_equal(remove(path), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    error_clear(&err);
    assert_null(workspace_open(folder, false, &err));
    assert_non_null(strstr(err.text, "another program"));
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    char *folder = memory_new(FILE_PATH_MAX + 100, 1);
    memset(folder, 'x', FILE_PATH_MAX + 50);
    assert_false(workspace_is(folder));
    assert_false(workspace_create(folder, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_null(workspace_open(folder, true, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    free(folder);
}

static void write_raw(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void refuse_model(struct workspace *w, struct hash file, const char *path, const void *data, size_t n)
{
    struct error err = {0};
    write_raw(path, data, n);
    struct model *m = models_load_file(w, file, &err);
    assert_null(m);
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, path)); /* which, and what to do */
    assert_non_null(strstr(err.text, "train it again"));
}

/* Head, text, count, weights, both moments, steps, hash: a bit anywhere, a cut anywhere, bytes behind it. */
static void damaged_weights_are_refused_wherever_they_are_damaged(void **state)
{
    struct workspace *w = fresh(state);
    struct error err = {0};
    struct random random = random_start(3, RANDOM_TEST, 0, 0);
    struct hash file, other;
    struct bytes whole = {0};
    char path[FILE_PATH_MAX];
    struct arch *a = arch_template("mlp", 4, 3, 1, 4, 1, &err);
    struct model *m = model_new(a, 1, &err);
    assert_true(model_need_moments(m, 2, &err));
    for (size_t i = 0; i < m->weights; i++)
        m->moment[0][i] = m->moment[1][i] = 0.25F + (float)i;
    m->step = 77;
    assert_true(models_put_file(w, m, &file, &err));
    model_encode(m, &whole);
    workspace_blob_path(w, "models", file, path, sizeof path);
    size_t floats = m->weights * sizeof(float), tail = HASH_BYTES + 8 + 3 * floats, head = whole.n - tail;
    const size_t border[] = {0, 8, 12, head - 8, head, head + floats, head + 2 * floats, head + 3 * floats, head + 3 * floats + 8,
                             whole.n};
    for (size_t k = 0; k + 1 < ARRAY_N(border); k++) {
        for (int i = 0; i < 12; i++) {
            size_t at = border[k] + random_below(&random, (uint32_t)(border[k + 1] - border[k]));
            uint8_t flip = (uint8_t)(1U << random_below(&random, 8));
            whole.data[at] ^= flip;
            refuse_model(w, file, path, whole.data, whole.n);
            assert_null(model_decode(whole.data, whole.n, "m", NULL)); /* also without its name */
            whole.data[at] ^= flip;
            refuse_model(w, file, path, whole.data, at);
        }
        refuse_model(w, file, path, whole.data, border[k]);
    }
    bytes_put_u8(&whole, 0);
    refuse_model(w, file, path, whole.data, whole.n);
    whole.n--;
    m->weight[0] += 1; /* a whole file, but another model's */
    assert_true(models_put_file(w, m, &other, &err));
    struct bytes swapped = {0};
    model_encode(m, &swapped);
    refuse_model(w, file, path, swapped.data, swapped.n);
    assert_true(models_put_file(w, m, &other, &err));
    m->weight[0] -= 1;
    write_raw(path, whole.data, whole.n); /* and what is right again is read */
    struct model *back = models_load_file(w, file, &err);
    assert_non_null(back);
    assert_int_equal(back->step, 77);
    assert_memory_equal(back->moment[1], m->moment[1], floats);
    model_free(back);
    model_free(m);
    arch_free(a);
    bytes_free(&whole);
    bytes_free(&swapped);
    workspace_close(w);
}

/* --- checkpoints ---------------------------------------------------------------------------------------------------- */

static struct checkpoint checkpoint_of(int recipe, int fold, int64_t run, const float *state)
{
    return (struct checkpoint){.owner = {.recipe_id = hash_n(recipe), .arch = hash_n(2), .dataset = hash_n(3), .run = run,
                                         .fold = fold, .origin = "scratch"},
                               .epochs = 6, .position = 64, .steps = 31, .step = 31, .weights = 2, .best_epoch = 5,
                               .state = {state, state, state}};
}

static void checkpoints_are_replaced_listed_and_dropped(void **state)
{
    struct workspace *w = fresh(state);
    struct error err = {0};
    float one[2] = {1, 2}, two[2] = {3, 4};
    struct checkpoint a = checkpoint_of(11, 0, 1, one), b = checkpoint_of(11, 1, 9, one), c = checkpoint_of(11, 2, 9, two), got, *list;
    struct bytes file = {0};
    bool found = true;
    assert_int_equal(checkpoints_list(w, &list), 0);
    assert_true(checkpoints_get(w, &a.owner, &got, &found, &file, &err));
    assert_false(found);
    assert_true(checkpoints_put(w, &a, &err) && checkpoints_put(w, &b, &err) && checkpoints_put(w, &c, &err));
    a.steps = a.step = 32;
    a.state[0] = two;
    assert_true(checkpoints_put(w, &a, &err));
    assert_true(checkpoints_get(w, &a.owner, &got, &found, &file, &err));
    assert_true(found);
    assert_int_equal(got.steps, 32);
    assert_memory_equal(got.state[0], two, sizeof two);
    assert_memory_equal(got.state[1], one, sizeof one);
    bytes_free(&file);
    struct checkpoint_owner other = a.owner;
    other.dataset = hash_n(4);
    assert_false(checkpoints_get(w, &other, &got, &found, &file, &err));
    assert_non_null(strstr(err.text, "another data set"));
    bytes_free(&file);
    assert_int_equal(checkpoints_list(w, &list), 3);
    free(list);
    checkpoints_drop_folds(w, hash_n(11));
    assert_int_equal(checkpoints_list(w, &list), 1);
    assert_int_equal(list[0].owner.run, 1);
    assert_int_equal(list[0].steps, 32);
    free(list);
    assert_true(checkpoints_there(w, hash_n(11), 0));
    assert_int_equal(checkpoints_sweep(w), 0); /* there is no such training */
    int64_t run;
    assert_true(runs_training_new(w, hash_n(2), hash_n(3), 30, &run, &err));
    assert_int_equal(run, 1);
    assert_int_equal(checkpoints_sweep(w), 0);
    assert_true(runs_training_end(w, run, "done", NULL, &err));
    assert_int_equal(checkpoints_sweep(w), 1);
    assert_false(checkpoints_there(w, hash_n(11), 0));
    workspace_close(w);
}

static void who_runs_a_training_is_known(void **state)
{
    struct workspace *w = fresh(state);
    struct error err = {0};
    assert_false(checkpoints_running(w, "train", 5));
    int lock = checkpoints_lock(w, "train", 5, &err);
    assert_true(lock >= 0);
    assert_true(checkpoints_running(w, "train", 5));
    assert_false(checkpoints_running(w, "trial", 5));
    assert_int_equal(checkpoints_lock(w, "train", 5, &err), -1);
    assert_non_null(strstr(err.text, "training 5 is running already"));
    checkpoints_unlock(w, "train", 5, lock);
    assert_false(checkpoints_running(w, "train", 5));
    lock = checkpoints_lock(w, "train", 5, &err);
    assert_true(lock >= 0);
    checkpoints_unlock(w, "train", 5, lock);
    workspace_close(w);
}

static void read_only_refuses_writing(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX], value[8];
    workspace_close(fresh(state));
    path_in(folder, state, "w");
    struct workspace *w = workspace_open(folder, true, &err);
    assert_non_null(w);
    int64_t id;
    assert_false(runs_search_new(w, hash_n(1), "{}", &id, &err));
    assert_non_null(strstr(err.text, "read-only"));
    workspace_setting_set(w, "k", "v");
    assert_false(workspace_setting_get(w, "k", value, sizeof value));
    workspace_close(w);
}

static void versions_change_with_every_write_of_anyone(void **state)
{
    char folder[FILE_PATH_MAX];
    struct workspace *a = fresh(state);
    path_in(folder, state, "w");
    struct workspace *b = workspace_open(folder, false, NULL);
    uint32_t before_a = workspace_data_version(a), before_b = workspace_data_version(b);
    assert_int_equal(workspace_data_version(a), before_a);
    workspace_setting_set(a, "k", "v");
    assert_int_not_equal(workspace_data_version(a), before_a);
    assert_int_not_equal(workspace_data_version(b), before_b);
    workspace_close(a);
    workspace_close(b);
}

static void what_is_rolled_back_was_never_there(void **state)
{
    struct workspace *w = fresh(state);
    struct search_row row;
    int64_t id;
    assert_true(workspace_begin(w, NULL));
    assert_true(runs_search_new(w, hash_n(1), "{}", &id, NULL));
    workspace_rollback(w);
    assert_false(runs_search_last(w, hash_n(1), &row));
    assert_true(workspace_begin(w, NULL));
    assert_true(runs_search_new(w, hash_n(1), "{}", &id, NULL));
    assert_true(workspace_commit(w, NULL));
    assert_true(runs_search_last(w, hash_n(1), &row));
    free(row.options);
    workspace_close(w);
}

static void blobs_are_checked_and_mended(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct hash id;
    struct bytes got = {0};
    assert_true(workspace_blob_put(w, "frames", "some bytes", 10, &id, &err));
    assert_true(workspace_blob_get(w, "frames", id, &got, &err));
    assert_int_equal(got.n, 10);
    assert_memory_equal(got.data, "some bytes", 10);
    char hex[HASH_HEX], folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    hash_hex(id, hex);
    workspace_path(w, "frames", folder, sizeof folder);
    file_join(path, sizeof path, folder, hex);
    put_file(path, "sOme bytes");
    bytes_clear(&got);
    assert_false(workspace_blob_get(w, "frames", id, &got, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_true(workspace_blob_put(w, "frames", "some bytes", 10, &id, NULL));
    bytes_clear(&got);
    assert_true(workspace_blob_get(w, "frames", id, &got, NULL));
    bytes_free(&got);
    workspace_close(w);
}

/* --- tables --------------------------------------------------------------------------------------------------------
 */

static struct frame *small_frame(void)
{
    static const char text[] = "time,price\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n";
    struct csv_report report = {0};
    struct csv_options options = {0};
    struct frame *f = csv_import_text("small.csv", text, sizeof text - 1, &report, &options, NULL);
    csv_report_free(&report);
    assert_non_null(f);
    return f;
}

static void series_come_back_and_replace(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct frame *f = small_frame();
    struct series_row row = {.name = "s",
                             .asset = "a",
                             .path = "/x/s.csv",
                             .rows = 3,
                             .columns = 1,
                             .first_us = -5,
                             .last_us = 7,
                             .step_us = 9,
                             .lag_us = 11,
                             .added_us = 13,
                             .stamp = CSV_STAMP_CLOSE,
                             .lag_reason = "why",
                             .report = (char *)"{}"};
    assert_true(series_put(w, &row, f, &err));
    row.rows = 4;
    assert_true(series_put(w, &row, f, &err));
    struct series_row got, *all;
    assert_int_equal(series_list(w, &all, &err), 1);
    series_list_free(all, 1);
    assert_true(series_get(w, "s", &got, &err));
    assert_int_equal(got.rows, 4);
    assert_int_equal(got.first_us, -5);
    assert_int_equal(got.lag_us, 11);
    assert_int_equal(got.stamp, CSV_STAMP_CLOSE);
    assert_string_equal(got.lag_reason, "why");
    struct frame *again = series_frame(w, got.frame, &err);
    assert_non_null(again);
    assert_int_equal(again->rows, 3);
    free(got.report);
    assert_false(series_get(w, "t", &got, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    frame_free(again);
    frame_free(f);
    workspace_close(w);
}

static void arches_are_found_by_name_and_beginning(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct arch *a = arch_template("mlp", 8, 2, 1, 4, 1, &err), *b = arch_template("mlp", 8, 2, 1, 5, 1, &err);
    struct hash ia, ib, parent;
    assert_true(arches_put(w, a, "one", NULL, NULL, &ia, &err));
    assert_true(arches_put(w, b, "two", &ia, "widen a to=5", &ib, &err));
    assert_true(arches_put(w, a, "again", NULL, NULL, &parent, &err));
    assert_true(hash_equal(parent, ia));
    struct arch_row row, *rows;
    assert_int_equal(arches_list(w, &rows, &err), 2);
    arches_list_free(rows, 2);
    char hex[HASH_HEX];
    hash_hex(ib, hex);
    hex[10] = 0;
    assert_true(arches_find(w, hex, &row, &err));
    assert_string_equal(row.name, "two");
    assert_true(hash_equal(row.parent, ia));
    assert_string_equal(row.morphism, "widen a to=5");
    assert_int_equal(row.parameters, arch_parameters(b));
    free(row.text);
    assert_true(arches_find(w, "one", &row, &err));
    assert_true(hash_is_zero(row.parent));
    free(row.text);
    assert_false(arches_find(w, "", &row, &err));
    assert_false(arches_find(w, "%", &row, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    struct arch *c = arches_load(w, ib, &err);
    assert_true(hash_equal(arch_id(c), ib));
    arch_free(a);
    arch_free(b);
    arch_free(c);
    workspace_close(w);
}

static void models_come_back_with_their_weights(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct arch *a = arch_template("mlp", 8, 2, 1, 4, 1, &err);
    struct model *m = model_new(a, 3, &err), *other = model_new(a, 4, &err);
    struct model_row row = {.task = hash_n(1), .trace_root = hash_n(2)}, got;
    assert_true(models_put(w, m, &row, &err));
    assert_true(models_newest(w, arch_id(a), hash_n(1), &got));
    assert_true(hash_equal(got.id, model_hash(m)));
    assert_true(hash_equal(got.trace_root, hash_n(2)));
    struct model *back = models_load_file(w, got.file, &err);
    assert_memory_equal(back->weight, m->weight, m->weights * sizeof *m->weight);
    free(got.result);
    assert_false(models_newest(w, arch_id(a), hash_n(9), &got));
    struct model_row second = {.task = hash_n(1)}, *all;
    assert_true(models_put(w, other, &second, &err));
    assert_int_equal(models_list(w, &all, &err), 2);
    models_list_free(all, 2);
    assert_false(models_find(w, "", &got, &err));
    assert_false(models_find(w, "zz", &got, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    char hex[HASH_HEX];
    hash_hex(second.id, hex);
    assert_true(models_find(w, hex, &got, &err));
    free(got.result);
    model_free(m);
    model_free(other);
    model_free(back);
    arch_free(a);
    workspace_close(w);
}

static int64_t new_trial(struct workspace *w, int64_t search, const char *recipe, const char *kept)
{
    struct trial_row t = {.search = search,
                          .task = hash_n(1),
                          .arch = hash_n(2),
                          .recipe = (char *)"r",
                          .steps = (char *)"",
                          .why = (char *)"because",
                          .strategy = "local",
                          .predicted = (double)NAN,
                          .predicted_sd = 0.5,
                          .ei = (double)NAN,
                          .fidelity = 1,
                          .latency_us = (double)NAN};
    text_copy(t.recipe_id, sizeof t.recipe_id, recipe);
    text_copy(t.state, sizeof t.state, kept);
    assert_true(runs_trial_new(w, &t, NULL));
    if (text_equal(kept, "done")) {
        t.score = 0.5 + 0.01 * (double)t.id;
        t.low = t.high = t.noise = (double)NAN;
        t.seconds = 1;
        t.result = (char *)"{\"a\":1}";
        assert_true(runs_trial_save(w, &t, NULL));
    }
    return t.id;
}

static void trials_come_back_with_what_is_not_known(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    int64_t id = new_trial(w, 1, "r1", "waiting");
    struct trial_row t;
    assert_true(runs_trial_get(w, id, &t, &err));
    assert_true(isnan(t.score) && isnan(t.predicted) && isnan(t.ei) && isnan(t.latency_us) && t.fidelity == 1);
    assert_string_equal(t.strategy, "local");
    assert_true(t.predicted_sd == 0.5);
    assert_string_equal(t.result, "{}");
    assert_string_equal(t.why, "because");
    runs_trial_free(&t);
    id = new_trial(w, 1, "r2", "done");
    assert_true(runs_trial_get(w, id, &t, &err));
    assert_true(isnan(t.noise) && t.score > 0.5);
    runs_trial_free(&t);
    assert_false(runs_trial_get(w, 999, &t, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_true(runs_trial_pin(w, id, true, &err));
    assert_false(runs_trial_pin(w, 999, true, &err));
    workspace_close(w);
}

static void recipes_are_counted_once_and_the_board_is_in_order(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    new_trial(w, 1, "r1", "done");
    new_trial(w, 2, "r1", "done");
    new_trial(w, 1, "r2", "done");
    new_trial(w, 1, "r3", "failed");
    assert_int_equal(runs_tried(w, hash_n(1), &err), 2);
    assert_int_equal(runs_tried(w, hash_n(7), &err), 0);
    struct trial_row *rows, done;
    assert_int_equal(runs_trials(w, hash_n(1), -1, RUNS_BY_SCORE, &rows, &err), 4);
    assert_int_equal(rows[0].id, 3);
    assert_string_equal(rows[3].state, "failed"); /* no score stands last */
    runs_trials_free(rows, 4);
    assert_int_equal(runs_trials(w, hash_n(1), 2, RUNS_BY_ID, &rows, &err), 1);
    runs_trials_free(rows, 1);
    assert_true(runs_trial_done(w, "r1", &done));
    runs_trial_free(&done);
    assert_false(runs_trial_done(w, "r3", &done));
    assert_true(runs_trial_get(w, 3, &done, &err));
    done.fidelity = 0.5; /* stopped: behind all that came to their end, and nothing to take over */
    assert_true(runs_trial_save(w, &done, &err));
    runs_trial_free(&done);
    assert_int_equal(runs_trials(w, hash_n(1), -1, RUNS_BY_SCORE, &rows, &err), 4);
    assert_int_equal(rows[0].id, 2);
    assert_int_equal(rows[2].id, 3);
    runs_trials_free(rows, 4);
    assert_false(runs_trial_done(w, "r2", &done));
    assert_int_equal(runs_tried(w, hash_n(1), &err), 2); /* it was tried all the same */
    workspace_close(w);
}

static void an_attempt_by_hand_is_taken_over_or_dropped(void **state)
{
    struct workspace *w = fresh(state);
    struct trial_row t;
    new_trial(w, 1, "r1", "running"); /* a search's: not ours to take */
    assert_false(runs_trial_left(w, "r1", &t));
    int64_t id = new_trial(w, 0, "r1", "running");
    assert_true(runs_trial_left(w, "r1", &t));
    assert_int_equal(t.id, id);
    runs_trial_free(&t);
    struct train_event e = {.fold = 1, .epoch = 2, .step = 3, .train_loss = (double)NAN, .valid_loss = 0.25}, *curve;
    assert_true(runs_epoch_put(w, "trial", id, &e, NULL));
    assert_int_equal(runs_epochs(w, "trial", id, &curve, NULL), 1);
    assert_true(isnan(curve[0].train_loss) && curve[0].valid_loss == 0.25 && curve[0].epoch == 2);
    free(curve);
    assert_true(runs_trial_drop(w, id, NULL));
    assert_false(runs_trial_left(w, "r1", &t));
    assert_int_equal(runs_epochs(w, "trial", id, &curve, NULL), 0);
    free(curve);
    assert_true(runs_search_rest(w, 1, NULL));
    assert_true(runs_trial_get(w, 1, &t, NULL));
    assert_string_equal(t.state, "waiting");
    runs_trial_free(&t);
    workspace_close(w);
}

static void the_newest_task_is_in_force_and_older_ones_are_found(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct task task;
    struct task_row row;
    assert_false(tasks_exist(w));
    assert_false(tasks_active(w, &row, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    task_defaults(&task);
    task.series_n = 1;
    text_copy(task.series[0].name, sizeof task.series[0].name, "s");
    task.series[0].stamp = CSV_STAMP_CLOSE;
    task.assets = 1;
    task.asset[0] = (struct task_asset){"a", "p", 0};
    task.lookback = 8;
    assert_true(tasks_put(w, &task, hash_n(1), "{}", NULL));
    task.lookback = 9;
    assert_true(tasks_put(w, &task, hash_n(2), "{}", NULL));
    assert_true(tasks_active(w, &row, NULL));
    assert_int_equal(row.task.lookback, 9);
    free(row.info);
    assert_true(tasks_find(w, hash_n(1), &row, NULL));
    assert_int_equal(row.task.lookback, 8);
    free(row.info);
    assert_false(tasks_find(w, hash_n(3), &row, NULL));
    workspace_close(w);
}

/* A damaged file must be an error, not a shorter list. */
static void a_damaged_database_is_no_short_list(void **state)
{
    struct error err = {0};
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct workspace *w = fresh(state);
    for (int i = 0; i < 400; i++) {
        char recipe[16];
        snprintf(recipe, sizeof recipe, "r%d", i);
        new_trial(w, 1, recipe, "waiting");
    }
    workspace_close(w);
    path_in(folder, state, "w");
    file_join(path, sizeof path, folder, "workspace.db");
    struct bytes b = {0};
    assert_true(file_read(path, 1 << 26, &b, NULL));
    memset(b.data + b.n / 2, 0xa5, b.n / 4);
    assert_true(file_write(path, b.data, b.n, 0666, NULL));
    bytes_free(&b);
    w = workspace_open(folder, false, &err);
    struct trial_row *rows = NULL;
    int n = w ? runs_trials(w, hash_n(1), -1, RUNS_BY_ID, &rows, &err) : -1;
    assert_int_equal(n, -1);
    assert_null(rows);
    assert_int_equal(err.kind, ERROR_IO);
    workspace_close(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(creating_again_is_refused_and_harmless),
        T(what_a_crash_left_is_not_taken_over),
        T(another_file_is_no_workspace),
        T(a_path_that_is_too_long_is_refused),
        T(read_only_refuses_writing),
        T(versions_change_with_every_write_of_anyone),
        T(what_is_rolled_back_was_never_there),
        T(blobs_are_checked_and_mended),
        T(damaged_weights_are_refused_wherever_they_are_damaged),
        T(checkpoints_are_replaced_listed_and_dropped),
        T(who_runs_a_training_is_known),
        T(series_come_back_and_replace),
        T(arches_are_found_by_name_and_beginning),
        T(models_come_back_with_their_weights),
        T(trials_come_back_with_what_is_not_known),
        T(recipes_are_counted_once_and_the_board_is_in_order),
        T(an_attempt_by_hand_is_taken_over_or_dropped),
        T(the_newest_task_is_in_force_and_older_ones_are_found),
        T(a_damaged_database_is_no_short_list),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
