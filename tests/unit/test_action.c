/* Actions: what is refused changes nothing, what is interrupted leaves nothing, growing keeps the function, claims
 * hold. */
#include "tests/unit/search_fixture.h"

#include "action/chain.h"
#include "action/claim.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "chain/keystore.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/series.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>
#include <sqlite3.h>

static struct workspace *fresh(void **state)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    return search_workspace(folder);
}

static json_t *good(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    return result;
}

static void refused(json_t *result, struct error *err, enum error_kind kind, const char *word)
{
    assert_null(result);
    assert_int_equal(err->kind, kind);
    if (!strstr(err->text, word))
        fail_msg("no \"%s\" in: %s", word, err->text);
    error_clear(err);
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void write_csv(char path[FILE_PATH_MAX], void **state, const char *name, const char *text)
{
    file_join(path, FILE_PATH_MAX, *state, name);
    assert_true(file_write(path, text, strlen(text), 0666, NULL));
}

#define SMALL "time,price\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n"

/* --- values --------------------------------------------------------------------------------------------------------
 */

static void numbers_and_texts_never_vanish(void **state)
{
    (void)state;
    const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < ARRAY_N(odd); i++) {
        json_t *v = json_of_number(odd[i]);
        assert_true(json_is_null(v));
        json_decref(v);
    }
    json_t *v = json_of_number(0.25);
    assert_true(json_real_value(v) == 0.25);
    json_decref(v);
    v = json_of_text("na\xefve");
    assert_string_equal(json_string_value(v), "na\\xefve");
    json_decref(v);
    v = json_of_text("naïve\n");
    assert_string_equal(json_string_value(v), "naïve\n");
    json_decref(v);
    v = json_of_text(NULL);
    assert_true(json_is_null(v));
    json_decref(v);
}

static void scores_that_are_not_finite_become_null(void **state)
{
    (void)state;
    struct metric m = {.n = 4, .correct = 2, .auc = (double)NAN, .log_loss = (double)INFINITY, .mcc = 0.5};
    struct metric_interval i = {.mean = 0.5, .low = (double)NAN, .high = 1};
    json_t *j = trial_metric_json(&m, &i, &i, TASK_DIRECTION);
    assert_non_null(j);
    assert_true(json_is_null(json_object_get(j, "auc")));
    assert_true(json_is_null(json_object_get(j, "log_loss")));
    assert_true(json_real_value(json_object_get(j, "mcc")) == 0.5);
    assert_true(json_is_null(json_object_get(json_object_get(j, "directional_accuracy"), "low")));
    assert_int_equal(json_integer_value(json_object_get(j, "total")), 4);
    json_decref(j);
    struct train_event e = {.fold = 1,
                            .epoch = 2,
                            .epochs = 3,
                            .step = 4,
                            .valid_loss = (double)INFINITY,
                            .train_loss = 0.5},
                       back;
    j = trial_epoch_json("trial", 7, &e);
    assert_non_null(j);
    assert_true(json_is_null(json_object_get(j, "valid_loss")));
    assert_true(trial_epoch_parse(j, &back));
    assert_int_equal(back.epoch, 2);
    assert_true(back.train_loss == 0.5 && isnan(back.valid_loss));
    json_object_del(j, "epoch");
    assert_false(trial_epoch_parse(j, &back));
    json_decref(j);
}

static void a_result_without_a_score_ends_no_trial(void **state)
{
    (void)state;
    struct error err = {0};
    struct trial_row t = {0};
    json_t *j =
        json_loads("{\"directional_accuracy\":{\"mean\":null,\"low\":0,\"high\":1},\"stability\":0,\"seconds\":1,"
                   "\"total\":10}",
                   0, NULL);
    assert_false(trial_finish(&t, j, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    json_object_set_new(json_object_get(j, "directional_accuracy"), "mean", json_real(0.5));
    assert_true(trial_finish(&t, j, &err));
    assert_string_equal(t.state, "done");
    assert_true(fabs(t.noise - 0.025) < 1e-15); /* 0.5 * 0.5 / 10 */
    json_object_set_new(j, "folds", json_pack("[{}, {}]"));
    json_object_set_new(j, "stability", json_real(0.6));
    assert_true(trial_finish(&t, j, &err));
    assert_true(fabs(t.noise - 0.18) < 1e-15); /* the folds differ by more than chance: 0.6^2 / 2 */
    json_object_set_new(j, "total", json_integer(0));
    assert_false(trial_finish(&t, j, &err));
    assert_false(trial_finish(&t, NULL, &err));
    json_decref(j);
    free(t.result);
}

/* --- data and task -------------------------------------------------------------------------------------------------
 */

static char *listed(struct workspace *w)
{
    struct error err = {0};
    json_t *list = good(action_data_list(w, &err), &err);
    char *text = json_dumps(list, 0);
    json_decref(list);
    return text;
}

static void a_refused_file_changes_nothing(void **state)
{
    struct error err = {0};
    char fine[FILE_PATH_MAX], bad[FILE_PATH_MAX];
    struct action_data_options o = {0};
    struct workspace *w = fresh(state);
    char *before = listed(w);
    write_csv(fine, state, "fine.csv", SMALL);
    write_csv(bad, state, "bad.csv", "time,price\nyesterday,12\ntomorrow,13\n");
    const char *const both[] = {fine, bad};
    refused(action_data_add(w, both, 2, &o, &err), &err, ERROR_DATA, "bad.csv");
    const char *const same[] = {fine, fine};
    refused(action_data_add(w, same, 2, &o, &err), &err, ERROR_USAGE, "both be series fine");
    o.asset = "two words";
    refused(action_data_add(w, both, 1, &o, &err), &err, ERROR_USAGE, "--asset");
    o.asset = "na\xefve";
    refused(action_data_add(w, both, 1, &o, &err), &err, ERROR_USAGE, "--asset");
    o.asset = NULL;
    o.lag = "soon";
    refused(action_data_add(w, both, 1, &o, &err), &err, ERROR_USAGE, "--lag");
    o.lag = NULL;
    o.dry_run = true;
    json_decref(good(action_data_add(w, both, 1, &o, &err), &err));
    char *after = listed(w);
    assert_string_equal(before, after);
    free(before);
    free(after);
    workspace_close(w);
}

/* The first file came without --append, so its series is called as it is. */
static void what_was_begun_is_gone_on_with(void **state)
{
    struct error err = {0};
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX], other[FILE_PATH_MAX], third[FILE_PATH_MAX];
    struct action_data_options o = {.asset = "btc"};
    struct workspace *w = fresh(state);
    write_csv(first, state, "one.csv", SMALL);
    write_csv(other, state, "metric.csv", "time,fees\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n");
    write_csv(second, state, "two.csv", "time,price\n2020-01-03,3\n2020-01-04,4\n2020-01-05,5\n");
    write_csv(third, state, "three.csv", SMALL);
    const char *const start[] = {first, other}, *const more[] = {second}, *const twin[] = {third};
    json_decref(good(action_data_add(w, start, 2, &o, &err), &err));
    o.append = true;
    json_decref(good(action_data_add(w, more, 1, &o, &err), &err));
    json_t *shown = good(action_data_show(w, "one", &err), &err);
    assert_int_equal(json_integer_value(json_object_get(shown, "rows")), 5);
    json_decref(shown);
    refused(action_data_show(w, "btc", &err), &err, ERROR_USAGE, "btc");
    o.append = false;
    json_decref(good(action_data_add(w, twin, 1, &o, &err), &err));
    o.append = true;
    char *before = listed(w);
    refused(action_data_add(w, more, 1, &o, &err), &err, ERROR_USAGE, "one and three");
    char *after = listed(w);
    assert_string_equal(before, after);
    free(before);
    free(after);
    o.asset = "eth"; /* another asset's is another series */
    json_decref(good(action_data_add(w, more, 1, &o, &err), &err));
    shown = good(action_data_show(w, "eth", &err), &err);
    assert_int_equal(json_integer_value(json_object_get(shown, "rows")), 3);
    json_decref(shown);
    workspace_close(w);
}

static void odd_file_names_are_written_out(void **state)
{
    struct error err = {0};
    char path[FILE_PATH_MAX];
    struct action_data_options o = {0};
    struct workspace *w = fresh(state);
    write_csv(path, state, "b\xf6rse\x1b[31m, eins=1.csv", SMALL);
    const char *const files[] = {path};
    json_t *result = good(action_data_add(w, files, 1, &o, &err), &err);
    const json_t *file = json_array_get(json_object_get(result, "files"), 0);
    assert_string_equal(text_at(file, "name"), "b_rse_[31m__eins_1");
    assert_non_null(strstr(text_at(file, "path"), "b\\xf6rse"));
    json_decref(result);
    json_t *shown = good(action_data_show(w, "b_rse_[31m__eins_1", &err), &err);
    assert_int_equal(json_integer_value(json_object_get(shown, "rows")), 3);
    json_decref(shown);
    workspace_close(w);
}

static void set_task(struct workspace *w, const char *const *leak, int leaks, struct error *err, json_t **out)
{
    struct action_task_options o = {.asset = "leaky",
                                    .horizon = -1,
                                    .lookback = 8,
                                    .folds = 2,
                                    .embargo = -1,
                                    .stride = -1,
                                    .seed = -1,
                                    .holdout = -1,
                                    .accept_leak = leak,
                                    .accepted_n = leaks};
    *out = action_task_set(w, &o, err);
}

static void a_leak_passes_only_by_its_name(void **state)
{
    struct error err = {0};
    char path[FILE_PATH_MAX];
    struct action_data_options o = {.asset = "leaky"};
    struct workspace *w = fresh(state);
    json_t *result;
    file_join(path, sizeof path, *state, "leaky.csv");
    json_decref(good(action_synth("leaky", 3, 400, 0.94, path, &err), &err));
    const char *const files[] = {path};
    json_decref(good(action_data_add(w, files, 1, &o, &err), &err));
    struct task_row before, after;
    assert_true(tasks_active(w, &before, NULL));
    set_task(w, NULL, 0, &err, &result);
    assert_null(result);
    assert_int_equal(err.kind, ERROR_DATA);
    char feature[128] = "";
    assert_int_equal(sscanf(err.text, "feature \"%127[^\"]", feature), 1);
    error_clear(&err);
    const char *const another[] = {"something else"}, *const named[] = {"x", feature};
    set_task(w, another, 1, &err, &result);
    refused(result, &err, ERROR_DATA, feature);
    assert_true(tasks_active(w, &after, NULL));
    assert_int_equal(before.id, after.id); /* what was refused is not in force */
    free(before.info);
    free(after.info);
    set_task(w, named, 2, &err, &result);
    good(result, &err);
    assert_true(json_array_size(json_object_get(result, "leaks")) >= 1);
    assert_string_equal(text_at(json_array_get(json_object_get(result, "leaks"), 0), "feature"), feature);
    const json_t *notes = json_object_get(result, "notes");
    size_t needless = 0;
    for (size_t i = 0; i < json_array_size(notes); i++)
        needless += strstr(json_string_value(json_array_get(notes, i)), "--accept-leak ") != NULL;
    assert_int_equal(needless, 1); /* of "x" alone */
    json_decref(result);
    const char *const column[] = {strchr(feature, ' ') + 1};
    set_task(w, column, 1, &err, &result);
    json_decref(good(result, &err));
    workspace_close(w);
}

/* --- seals and task files ------------------------------------------------------------------------------------------ */

static struct action_task_options plain(const char *asset, double holdout)
{
    return (struct action_task_options){.asset = asset, .horizon = -1, .lookback = 8, .folds = 2, .embargo = -1,
                                        .stride = -1, .seed = -1, .holdout = holdout};
}

static int64_t opened_of(struct workspace *w)
{
    struct error err = {0};
    json_t *shown = good(action_task_show(w, &err), &err);
    int64_t n = json_integer_value(json_object_get(shown, "opened"));
    json_decref(shown);
    return n;
}

static void set_and_forget(struct workspace *w, const char *asset, double holdout, bool open)
{
    struct error err = {0};
    struct action_task_options o = plain(asset, holdout);
    o.open_sealed = open;
    json_decref(good(action_task_set(w, &o, &err), &err));
}

static void refused_seal(struct workspace *w, const char *asset, double holdout, const char *word)
{
    struct error err = {0};
    struct action_task_options o = plain(asset, holdout);
    struct task_row before, after;
    bool any = tasks_active(w, &before, NULL);
    refused(action_task_set(w, &o, &err), &err, ERROR_DATA, word);
    if (any) {
        assert_true(tasks_active(w, &after, NULL));
        assert_int_equal(before.id, after.id);
        free(before.info);
        free(after.info);
    }
}

static void add_synth(struct workspace *w, void **state, const char *name, uint64_t seed, int64_t bars)
{
    struct error err = {0};
    char path[FILE_PATH_MAX], file[80];
    struct action_data_options o = {.asset = name};
    snprintf(file, sizeof file, "%s.csv", name);
    file_join(path, sizeof path, *state, file);
    json_decref(good(action_synth("noise", seed, bars, 0.94, path, &err), &err));
    const char *const files[] = {path};
    json_decref(good(action_data_add(w, files, 1, &o, &err), &err));
}

/* Bars that a task sealed are shown by no later one, whatever it or the series is called and however many rows came. */
static void sealed_bars_stay_unseen(void **state)
{
    struct workspace *w = fresh(state);
    add_synth(w, state, "n1", 5, 600);
    set_and_forget(w, "n1", 0.2, false);
    assert_int_equal(opened_of(w), 0);
    refused_seal(w, "n1", 0.1, "--holdout 0.2");
    set_and_forget(w, "n1", 0.2, false); /* the same again, and another horizon */
    add_synth(w, state, "renamed", 5, 600);
    refused_seal(w, "renamed", 0.1, "--open-sealed");
    set_and_forget(w, "renamed", 0.2, false);
    add_synth(w, state, "other", 6, 600); /* another market at the same times */
    set_and_forget(w, "other", 0.1, false);
    assert_int_equal(opened_of(w), 0);
    set_and_forget(w, "n1", 0.1, true);
    assert_int_equal(opened_of(w), 1);
    set_and_forget(w, "n1", 0.1, false); /* what is open needs no leave */
    set_and_forget(w, "renamed", 0.1, false);
    assert_int_equal(opened_of(w), 1);
    refused_seal(w, "n1", 0.05, "30 bars of n1");
    workspace_close(w);
}

/* A hold-out of bars that an earlier task showed is not unseen. */
static void a_seal_on_what_was_shown(void **state)
{
    struct workspace *w = fresh(state);
    add_synth(w, state, "n1", 5, 600);
    set_and_forget(w, "n1", 0.1, false);
    set_and_forget(w, "n1", 0.3, false);
    assert_int_equal(opened_of(w), 1);
    set_and_forget(w, "n1", 0.1, false); /* shown before, so nothing is opened; its own hold-out is clean */
    assert_int_equal(opened_of(w), 0);
    workspace_close(w);
}

/* The first sealed row ends where the seal begins, though it is dated before. */
static void no_sealed_row_is_shown(void **state)
{
    enum { ROWS = 300, SEALED = 60 };
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct text csv = {0};
    char path[FILE_PATH_MAX];
    struct action_data_options o = {0};
    struct random r = random_start(5, RANDOM_TEST, 30, 0);
    text_printf(&csv, "open_time,close\n");
    for (int i = 0; i < ROWS; i++)
        text_printf(&csv, "%d,%d\n", 1500000000 - 1500000000 % 86400 + i * 86400,
                    i == ROWS - SEALED ? 1000000 : 100 + (int)random_below(&r, 50));
    write_csv(path, state, "px.csv", text_of(&csv));
    text_free(&csv);
    const char *const files[] = {path};
    json_decref(good(action_data_add(w, files, 1, &o, &err), &err));
    set_and_forget(w, "px", 0.2, false);
    json_t *shown = good(action_data_show(w, "px", &err), &err);
    const json_t *column = json_array_get(json_object_get(shown, "columns"), 0);
    assert_int_equal(json_integer_value(json_object_get(shown, "sealed_rows_left_out")), SEALED);
    assert_true(json_number_value(json_object_get(column, "most")) < 200);
    assert_int_equal(json_array_size(json_object_get(json_object_get(shown, "report"), "flags")), 0);
    json_decref(shown);
    workspace_close(w);
}

static void read_all(const char *path, char *out, size_t size)
{
    struct bytes bytes = {0};
    assert_true(file_read(path, size - 1, &bytes, NULL));
    memcpy(out, bytes.data, bytes.n);
    out[bytes.n] = 0;
    bytes_free(&bytes);
}

/* To another workspace and back, byte for byte. */
static void a_task_goes_round(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state), *v;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX], folder[FILE_PATH_MAX], a[8192], b[8192];
    const char *const columns[] = {"-synthetic_flow_b,synthetic_flow_a=other"};
    struct action_task_options o = plain("n1", 0.25);
    add_synth(w, state, "n1", 5, 600);
    o.features = "rsi,log_return,level,std:5";
    o.columns = columns;
    o.columns_n = 1;
    o.missing = "mask";
    json_decref(good(action_task_set(w, &o, &err), &err));
    file_join(first, sizeof first, *state, "first.task");
    file_join(second, sizeof second, *state, "second.task");
    json_decref(good(action_task_export(w, first, &err), &err));
    workspace_close(w);
    file_join(folder, sizeof folder, *state, "v");
    assert_true(workspace_create(folder, &err));
    v = workspace_open(folder, false, &err);
    refused(action_task_import(v, first, false, &err), &err, ERROR_DATA, "rows=600 n1.csv");
    add_synth(v, state, "n1", 5, 600);
    json_t *info = good(action_task_import(v, first, false, &err), &err);
    json_decref(info);
    json_decref(good(action_task_export(v, second, &err), &err));
    read_all(first, a, sizeof a);
    read_all(second, b, sizeof b);
    assert_string_equal(a, b);
    assert_non_null(strstr(a, "features log_return,level,std:5,rsi:14\ncolumns all\ncolumn n1 other synthetic_flow_a\n"
                              "column n1 none synthetic_flow_b\nmissing mask\n"));
    workspace_close(v);
}

/* Every line left out, doubled or spoilt is refused with its number, or is a comment. */
static void a_damaged_task_file(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    char path[FILE_PATH_MAX], whole[8192];
    struct action_task_options o = plain("n1", -1);
    int refusals = 0;
    add_synth(w, state, "n1", 5, 600);
    json_decref(good(action_task_set(w, &o, &err), &err));
    file_join(path, sizeof path, *state, "t.task");
    json_decref(good(action_task_export(w, path, &err), &err));
    read_all(path, whole, sizeof whole);
    for (char *line = whole; *line; line = strchr(line, '\n') + 1)
        for (int how = 0; how < 3 && *line != '#'; how++) {
            struct text t = {0};
            size_t n = (size_t)(strchr(line, '\n') - line) + 1;
            text_put_n(&t, whole, (size_t)(line - whole));
            if (how == 1)
                text_put_n(&t, line, n);
            if (how == 2)
                text_put(&t, "x");
            text_put(&t, how == 0 ? line + n : line);
            assert_true(file_write(path, t.data, t.n, 0666, NULL));
            json_t *info = action_task_import(w, path, false, &err);
            assert_null(info);
            assert_int_equal(err.kind, ERROR_DATA);
            if (!strstr(err.text, "line "))
                fail_msg("no line in: %s", err.text);
            error_clear(&err);
            text_free(&t);
            refusals++;
        }
    assert_true(refusals > 30);
    workspace_close(w);
}

static void the_price_must_exist(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_task_options o = {.price = "no_such",
                                    .horizon = -1,
                                    .lookback = 8,
                                    .folds = 2,
                                    .embargo = -1,
                                    .stride = -1,
                                    .seed = -1,
                                    .holdout = -1};
    refused(action_task_set(w, &o, &err), &err, ERROR_USAGE, "no_such");
    o.price = NULL;
    o.asset = "nobody";
    refused(action_task_set(w, &o, &err), &err, ERROR_USAGE, "nobody");
    o.asset = "m";
    o.target = "profit";
    refused(action_task_set(w, &o, &err), &err, ERROR_USAGE, "not profit");
    workspace_close(w);
}

static void damaged_frames_are_no_series_without_a_price(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct series_row row;
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], hex[HASH_HEX];
    assert_true(series_get(w, "market", &row, NULL));
    free(row.report);
    hash_hex(row.frame, hex);
    workspace_path(w, "frames", folder, sizeof folder);
    file_join(path, sizeof path, folder, hex);
    assert_true(file_write(path, "x", 1, 0666, NULL));
    struct action_task_options o = {
        .horizon = -1, .lookback = 8, .folds = 2, .embargo = -1, .stride = -1, .seed = -1, .holdout = -1};
    refused(action_task_set(w, &o, &err), &err, ERROR_DATA, "does not match its name");
    workspace_close(w);
}

/* --- networks ------------------------------------------------------------------------------------------------------
 */

static bool always(void *context)
{
    (void)context;
    return true;
}

static struct action_train_options short_training(void)
{
    struct action_train_options o = {.threads = 1};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = 2;
    return o;
}

static void every_morphism_keeps_the_function(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = short_training();
    json_decref(good(action_arch_new(w, "tcn", 4, 2, &err), &err));
    json_t *trained = good(action_train(w, "tcn", &o, NULL, &err), &err);
    const char *model = text_at(trained, "model");
    json_t *list = good(action_morph_list(w, model, &err), &err); /* of a model as of an architecture */
    const json_t *option;
    size_t i;
    int tried = 0;
    json_array_foreach(json_object_get(list, "morphisms"), i, option)
    {
        if (!json_is_true(json_object_get(option, "applicable")) || json_is_true(json_object_get(option, "shrinks")))
            continue;
        json_t *step =
            good(action_morph(w, model, text_at(option, "kind"), text_at(option, "node"), NULL, 0, &err), &err);
        assert_true(json_real_value(json_object_get(step, "max_abs_delta")) == 0);
        assert_true(json_integer_value(json_object_get(step, "compared_windows")) > 0);
        assert_string_equal(text_at(step, "parent_model"), model);
        json_decref(step);
        tried++;
    }
    assert_true(tried >= 5);
    refused(action_morph(w, "tcn", "no_such", NULL, NULL, 0, &err), &err, ERROR_USAGE, "no_such");
    refused(action_morph(w, "nothing", "widen", NULL, NULL, 0, &err), &err, ERROR_USAGE, "nothing");
    refused(action_morph(w, "tcn", "widen", NULL, (const char *const[]){"by=x"}, 1, &err), &err, ERROR_USAGE, "by=x");
    json_decref(list);
    json_decref(trained);
    workspace_close(w);
}

static void an_interrupted_training_keeps_no_model(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = short_training();
    struct control control = {NULL, NULL, always, NULL};
    refused(action_train(w, "mlp", &o, &control, &err), &err, ERROR_INTERRUPTED, "");
    struct model_row *models;
    struct training_row *runs;
    assert_int_equal(models_list(w, &models, NULL), 0);
    assert_int_equal(runs_trainings(w, &runs, NULL), 1);
    assert_string_equal(runs[0].state, "stopped"); /* behind its first step, which was kept */
    free(runs);
    free(models);
    workspace_close(w);
}

static void an_interrupted_score_waits_and_is_gone_on_with(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = short_training();
    struct control control = {NULL, NULL, always, NULL};
    refused(action_score(w, "mlp", &o, &control, &err), &err, ERROR_INTERRUPTED, "what was trained is kept");
    json_t *board = good(action_board(w, &err), &err);
    assert_int_equal(json_array_size(json_object_get(board, "rows")), 1);
    assert_string_equal(text_at(json_array_get(json_object_get(board, "rows"), 0), "state"), "waiting");
    json_decref(board);
    json_t *first = good(action_score(w, "mlp", &o, NULL, &err), &err);
    json_t *second = good(action_score(w, "mlp", &o, &control, &err), &err); /* known: nothing is trained */
    assert_true(json_equal(first, second));
    board = good(action_board(w, &err), &err);
    assert_int_equal(json_array_size(json_object_get(board, "rows")), 1);
    struct train_event *curve;
    assert_int_equal(runs_epochs(w, "trial", 1, &curve, NULL), 4);
    free(curve);
    json_decref(board);
    json_decref(first);
    json_decref(second);
    workspace_close(w);
}

static void what_a_killed_score_left_is_taken_over(void **state)
{
    struct error err = {0};
    struct workspace *w = fresh(state);
    struct action_train_options o = short_training();
    struct task_row task;
    struct arch_row arch;
    struct trial_row t = {0};
    assert_true(tasks_active(w, &task, NULL));
    assert_true(arches_find(w, "mlp", &arch, NULL));
    trial_prepare(&t, arch.id, task.hash, &o.recipe, NULL, "");
    t.why = memory_text("left");
    text_copy(t.state, sizeof t.state, "running");
    assert_true(runs_trial_new(w, &t, NULL));
    runs_trial_free(&t);
    json_decref(good(action_score(w, "mlp", &o, NULL, &err), &err));
    struct trial_row *rows;
    assert_int_equal(runs_trials(w, task.hash, -1, RUNS_BY_ID, &rows, NULL), 1);
    assert_string_equal(rows[0].state, "done");
    runs_trials_free(rows, 1);
    free(arch.text);
    free(task.info);
    workspace_close(w);
}

/* --- identities and claims -----------------------------------------------------------------------------------------
 */

static void own_identities(void **state)
{
    assert_int_equal(setenv("XDG_DATA_HOME", *state, 1), 0);
}

static void an_identity_is_never_replaced(void **state)
{
    struct error err = {0};
    own_identities(state);
    refused(action_key_show(NULL, &err), &err, ERROR_KEY, "key new");
    json_t *made = good(action_key_new("main", "a fine, long passphrase", &err), &err);
    refused(action_key_new("main", "other", &err), &err, ERROR_FAILED, "never replaced");
    json_t *shown = good(action_key_show(NULL, &err), &err);
    assert_true(json_equal(made, shown));
    refused(action_key_show("who", &err), &err, ERROR_KEY, "who");
    json_decref(made);
    json_decref(shown);
}

struct staked {
    struct workspace *w;
    struct action_signer signer;
    char proposal[HASH_HEX];
};

static void seal(const struct staked *c)
{
    struct error err = {0};
    json_decref(good(action_chain_seal(c->w, &c->signer, &err), &err));
}

/* Another digit wherever the trial's result has this hash. */
static void falsify_trial(struct workspace *w, const char *hash)
{
    char db[FILE_PATH_MAX], sql[512], other[HASH_HEX];
    sqlite3 *handle;
    text_copy(other, sizeof other, hash);
    other[0] = other[0] == '0' ? '1' : '0';
    workspace_path(w, "workspace.db", db, sizeof db);
    snprintf(sql, sizeof sql, "UPDATE trial SET result=replace(result, '\"%s\"', '\"%s\"')", hash, other);
    assert_int_equal(sqlite3_open(db, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

/* A chain with a claim of "mlp" that waits for attestations. falsify: its trial's weights hash is changed first. */
static struct staked propose_with(void **state, bool falsify, const struct action_train_options *training)
{
    struct error err = {0};
    own_identities(state);
    struct staked c = {.w = fresh(state), .signer = {.passphrase = "secret"}};
    struct action_chain_task_options task = {.pool = 1000, .approvals = 1};
    struct action_train_options o = *training;
    task.recipe = o.recipe;
    json_decref(good(action_key_new("main", "secret", &err), &err));
    struct action_chain_init_options begin;
    action_chain_defaults(&begin);
    begin.genesis.supply = 100000;
    json_decref(good(action_chain_init(c.w, &begin, &err), &err));
    json_decref(good(action_chain_task(c.w, &c.signer, &task, &err), &err));
    seal(&c);
    json_t *scored = good(action_score(c.w, "mlp", &o, NULL, &err), &err);
    if (falsify)
        falsify_trial(c.w, text_at(scored, "weights_hash"));
    json_decref(scored);
    json_t *proposed = good(action_chain_propose(c.w, &c.signer, "mlp", NULL, 50, 1, NULL, &err), &err);
    text_copy(c.proposal, sizeof c.proposal, text_at(proposed, "proposal"));
    json_decref(proposed);
    seal(&c);
    return c;
}

static struct staked propose(void **state, bool falsify)
{
    struct action_train_options o = short_training();
    return propose_with(state, falsify, &o);
}

static json_t *attest(const struct staked *c, struct error *err)
{
    return action_chain_attest(c->w, &c->signer, c->proposal, 1, NULL, err);
}

static json_t *approve(const struct staked *c, bool rerun, struct error *err)
{
    return action_chain_decide(c->w, &c->signer, c->proposal, true, "fine", rerun, 1, NULL, err);
}

/* What a claim is weighed against: the baseline, with nothing accepted yet; its author's sentence; no re-run so far. */
static void is_weighed(const json_t *shown)
{
    const json_t *beat = json_object_get(shown, "to_beat"), *claimed = json_object_get(shown, "claimed");
    json_int_t baseline = json_integer_value(json_object_get(json_object_get(shown, "baseline"), "stated_ppm"));
    json_int_t score = json_integer_value(json_object_get(claimed, "correct")) * 1000000 / json_integer_value(json_object_get(claimed, "total"));
    assert_true(json_is_true(json_object_get(beat, "baseline")));
    assert_int_equal(json_integer_value(json_object_get(beat, "ppm")), baseline);
    assert_int_equal(json_integer_value(json_object_get(beat, "over_ppm")), score - baseline);
    assert_int_equal(json_integer_value(json_object_get(beat, "counts_ppm")), score - baseline >= 1000 ? score - baseline : 0);
    assert_non_null(strstr(text_at(shown, "sentence"), "vidence of skill"));
    assert_null(strstr(text_at(shown, "sentence"), "\n"));
    assert_null(json_object_get(shown, "own_rerun"));
}

static void a_true_claim_is_approved_and_verified(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    json_t *shown = good(action_chain_show(c.w, c.proposal, &err), &err);
    assert_string_equal(text_at(shown, "state"), "claimed");
    assert_int_equal(json_integer_value(json_object_get(shown, "approvals_missing")), 1);
    assert_non_null(strstr(text_at(shown, "evidence"), "morphsmith-evidence 2"));
    assert_true(json_is_null(json_object_get(shown, "trace_root"))); /* nobody can copy it yet */
    is_weighed(shown);
    json_decref(shown);
    refused(approve(&c, true, &err), &err, ERROR_CHAIN, "until the claim is opened");
    json_t *attested = good(attest(&c, &err), &err);
    assert_true(json_is_true(json_object_get(attested, "matches")));
    assert_true(json_is_true(json_object_get(attested, "verified")));
    json_decref(attested);
    refused(attest(&c, &err), &err, ERROR_CHAIN, "revealed already");
    refused(action_chain_decide(c.w, &c.signer, c.proposal, false, " \n", false, 1, NULL, &err), &err, ERROR_USAGE,
            "a rejection needs a reason");
    json_t *approved = good(approve(&c, true, &err), &err);
    assert_true(json_is_true(json_object_get(approved, "matches")));
    json_decref(approved);
    shown = good(action_chain_show(c.w, c.proposal, &err), &err); /* signed, and in no block yet: it is not asked for again */
    assert_non_null(strstr(text_at(shown, "pending"), "(`chain seal-block`): accepted"));
    assert_string_equal(text_at(shown, "state"), "revealing");
    json_decref(shown);
    seal(&c);
    shown = good(action_chain_show(c.w, c.proposal, &err), &err);
    assert_null(json_object_get(shown, "pending"));
    assert_string_equal(text_at(shown, "state"), "accepted");
    assert_true(json_is_true(json_object_get(shown, "verified")));
    assert_int_equal(json_array_size(json_object_get(shown, "problems")), 0);
    assert_null(json_object_get(shown, "to_beat")); /* it is past */
    assert_true(json_is_true(json_object_get(json_object_get(shown, "own_rerun"), "matches")));
    const json_t *mine = json_array_get(json_object_get(shown, "attests"), 0);
    assert_true(json_is_true(json_object_get(mine, "self")) && json_is_true(json_object_get(mine, "matches")));
    assert_true(json_is_true(json_object_get(json_array_get(json_object_get(shown, "decisions"), 0), "self")));
    json_decref(shown);
    json_t *verdict = good(action_chain_verify(c.w, true, NULL, false, 2, NULL, &err), &err);
    assert_int_equal(err.kind, ERROR_NONE);
    assert_true(json_is_true(json_object_get(verdict, "ok")));
    assert_int_equal(json_integer_value(json_object_get(verdict, "reruns")), 1);
    json_decref(verdict);
    workspace_close(c.w);
}

/* Each of these settings goes onto the chain as text, and a reviewer's re-run has them back, to the bit. */
static void claims_with_any_settings_are_re_run(void **state)
{
    static const char lines[] = "optimizer sgd\npatience 2\n", more[] = "momentum 0.9\nnesterov yes\nweight_decay 0.001\n"
                                "schedule cosine\nwarmup 5\nmin_rate 0.0001\nclip 0.5\nlabel_smoothing 0.1\n"
                                "class_weight balanced\nmin_delta 0.0001\nhead zero\nkeep_start yes\n";
    struct error err = {0};
    struct action_train_options o = short_training();
    struct recipe *r = &o.recipe;
    text_copy(r->optimizer, sizeof r->optimizer, "sgd");
    text_copy(r->schedule, sizeof r->schedule, "cosine");
    r->patience = 2;
    r->momentum = 0.9F;
    r->nesterov = r->balanced = r->zero_head = r->keep_start = true;
    r->weight_decay = 0.001F;
    r->warmup = 5;
    r->min_rate = r->min_delta = 0.0001F;
    r->clip = 0.5F;
    r->label_smoothing = 0.1F;
    struct staked c = propose_with(state, false, &o);
    json_t *shown = good(action_chain_show(c.w, c.proposal, &err), &err);
    assert_non_null(strstr(text_at(shown, "evidence"), lines));
    assert_non_null(strstr(text_at(shown, "evidence"), more));
    json_decref(shown);
    json_decref(good(attest(&c, &err), &err));
    json_t *approved = good(approve(&c, true, &err), &err);
    assert_true(json_is_true(json_object_get(approved, "matches")));
    json_decref(approved);
    seal(&c);
    json_t *verdict = good(action_chain_verify(c.w, true, NULL, false, 2, NULL, &err), &err);
    assert_true(json_is_true(json_object_get(verdict, "ok")));
    assert_int_equal(json_integer_value(json_object_get(verdict, "reruns")), 1);
    json_decref(verdict);
    workspace_close(c.w);
}

/* Its proposer must not be led into losing the stake, and who reads the claim gets no way around the opening. */
static void a_false_claim_of_ones_own_is_not_opened(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, true);
    refused(attest(&c, &err), &err, ERROR_CHAIN, "cannot be opened");
    refused(approve(&c, false, &err), &err, ERROR_CHAIN, "until the claim is opened");
    json_t *shown = good(action_chain_show(c.w, c.proposal, &err), &err);
    assert_string_equal(text_at(shown, "state"), "claimed");
    json_decref(shown);
    json_t *verdict = good(action_chain_verify(c.w, true, NULL, false, 1, NULL, &err), &err); /* nothing was judged */
    assert_int_equal(json_integer_value(json_object_get(verdict, "reruns")), 0);
    json_decref(verdict);
    workspace_close(c.w);
}

/* The newest task on the chain again, with another baseline than its data have: only its owner can have said so. */
static void state_another_baseline(const struct staked *c, uint32_t more)
{
    struct error err = {0};
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    const struct state_task *t = NULL;
    struct tx *tx = NEW(struct tx);
    struct hash id;
    workspace_path(c->w, "chain", chain, sizeof chain);
    assert_true(action_key_folder(keys, sizeof keys, &err));
    struct key *key = key_open(keys, "main", "secret", &err);
    struct ledger *l = ledger_open(chain, true, &err);
    assert_true(key && l && state_tasks(ledger_state(l), &t) == 1);
    tx->type = TX_TASK;
    tx->chain = ledger_id(l);
    tx->fee = 1;
    tx->nonce = ledger_next_nonce(l, key_address(key_public_of(key)));
    tx->task = t[0].body;
    tx->task.pool = 0;
    tx->task.baseline_ppm += more;
    tx_sign(tx, key);
    if (!ledger_submit(l, tx, &id, &err))
        fail_msg("%s", err.text);
    ledger_close(l);
    key_free(key);
    free(tx);
}

static void a_lie_about_the_baseline_is_shown(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    state_another_baseline(&c, 7);
    seal(&c);
    json_t *proposed = good(action_chain_propose(c.w, &c.signer, "mlp", NULL, 50, 1, NULL, &err), &err);
    json_t *shown = good(action_chain_show(c.w, text_at(proposed, "proposal"), &err), &err);
    const json_t *problems = json_object_get(shown, "problems"), *baseline = json_object_get(shown, "baseline");
    assert_int_equal(json_array_size(problems), 1);
    assert_non_null(strstr(json_string_value(json_array_get(problems, 0)), "baseline"));
    assert_int_equal(json_integer_value(json_object_get(baseline, "stated_ppm")),
                     json_integer_value(json_object_get(baseline, "data_ppm")) + 7);
    json_decref(shown);
    json_decref(proposed);
    workspace_close(c.w);
}

/* What was verified once does not verify again from data that were changed. */
static void a_verdict_needs_its_objects(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    struct task_row task;
    char chain[FILE_PATH_MAX], path[FILE_PATH_MAX], hex[HASH_HEX];
    json_decref(good(attest(&c, &err), &err));
    assert_true(tasks_active(c.w, &task, NULL));
    free(task.info);
    hash_hex(task.task.series[0].frame, hex);
    workspace_path(c.w, "chain/objects", chain, sizeof chain);
    file_join(path, sizeof path, chain, hex);
    assert_true(file_remove(path, &err));
    json_t *verdict = action_chain_verify(c.w, true, NULL, false, 1, NULL, &err);
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_true(json_is_false(json_object_get(verdict, "ok")));
    assert_non_null(strstr(text_at(json_object_get(verdict, "error"), "reason"), hex));
    json_decref(verdict);
    workspace_close(c.w);
}

static void a_tampered_object_is_refused(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    struct task_row task;
    char chain[FILE_PATH_MAX], objects[FILE_PATH_MAX], path[FILE_PATH_MAX], hex[HASH_HEX];
    assert_true(tasks_active(c.w, &task, NULL));
    free(task.info);
    hash_hex(task.task.series[0].frame, hex);
    workspace_path(c.w, "chain", chain, sizeof chain);
    file_join(objects, sizeof objects, chain, "objects");
    file_join(path, sizeof path, objects, hex);
    struct bytes b = {0};
    assert_true(file_read(path, 1 << 26, &b, NULL));
    b.data[b.n / 2] ^= 1;
    assert_true(file_write(path, b.data, b.n, 0644, NULL));
    bytes_free(&b);
    refused(attest(&c, &err), &err, ERROR_CHAIN, "damaged");
    refused(attest(&c, &err), &err, ERROR_CHAIN, hex); /* which */
    json_t *shown = good(action_chain_show(c.w, c.proposal, &err), &err);
    const json_t *problems = json_object_get(shown, "problems");
    assert_int_equal(json_array_size(problems), 1);
    assert_non_null(strstr(json_string_value(json_array_get(problems, 0)), hex));
    json_decref(shown);
    workspace_close(c.w);
}

static void only_what_was_shown_is_signed(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    struct action_signer s = c.signer;
    s.draft = true;
    /* What no block can hold is refused before the word and the passphrase; a key elsewhere may sign it for later. */
    refused(action_chain_stake(c.w, &s, 1ULL << 40, true, &err), &err, ERROR_CHAIN, "are staked");
    s.prepares = true;
    json_decref(good(action_chain_stake(c.w, &s, 1ULL << 40, true, &err), &err));
    s.prepares = false;
    json_t *draft = good(action_chain_stake(c.w, &s, 10, false, &err), &err);
    assert_non_null(strstr(text_at(draft, "show"), "10"));
    s.draft = false;
    s.expect = text_at(draft, "expect");
    refused(action_chain_stake(c.w, &s, 11, false, &err), &err, ERROR_CHAIN, "no longer what was shown");
    json_decref(good(action_chain_stake(c.w, &s, 10, false, &err), &err));
    s.expect = NULL;
    s.passphrase = "wrong";
    refused(action_chain_stake(c.w, &s, 10, false, &err), &err, ERROR_KEY, "");
    json_decref(draft);
    workspace_close(c.w);
}

static void reviewers_are_taken_and_checked(void **state)
{
    struct error err = {0};
    struct staked c = propose(state, false);
    json_t *second = good(action_key_new("second", "secret", &err), &err),
           *first = good(action_key_show("main", &err), &err);
    char both[2 * 128];
    struct action_chain_task_options o = {.pool = 10, .approvals = 3, .reviewers = both};
    o.recipe = short_training().recipe;
    c.signer.key = "main";
    snprintf(both, sizeof both, "%s, %s", text_at(first, "address"), text_at(second, "address"));
    refused(action_chain_task(c.w, &c.signer, &o, &err), &err, ERROR_USAGE, "1 to 2");
    o.reviewers = "nobody";
    refused(action_chain_task(c.w, &c.signer, &o, &err), &err, ERROR_KEY, "address");
    o.reviewers = both;
    o.approvals = 2;
    json_decref(good(action_chain_task(c.w, &c.signer, &o, &err), &err));
    seal(&c);
    json_decref(first);
    json_decref(second);
    workspace_close(c.w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
    const struct CMUnitTest tests[] = {
        T(numbers_and_texts_never_vanish),
        T(scores_that_are_not_finite_become_null),
        T(a_result_without_a_score_ends_no_trial),
        T(a_refused_file_changes_nothing),
        T(what_was_begun_is_gone_on_with),
        T(odd_file_names_are_written_out),
        T(a_leak_passes_only_by_its_name),
        T(sealed_bars_stay_unseen),
        T(a_seal_on_what_was_shown),
        T(no_sealed_row_is_shown),
        T(a_task_goes_round),
        T(a_damaged_task_file),
        T(the_price_must_exist),
        T(damaged_frames_are_no_series_without_a_price),
        T(every_morphism_keeps_the_function),
        T(an_interrupted_training_keeps_no_model),
        T(an_interrupted_score_waits_and_is_gone_on_with),
        T(what_a_killed_score_left_is_taken_over),
        T(an_identity_is_never_replaced),
        T(a_true_claim_is_approved_and_verified),
        T(claims_with_any_settings_are_re_run),
        T(a_false_claim_of_ones_own_is_not_opened),
        T(a_tampered_object_is_refused),
        T(a_verdict_needs_its_objects),
        T(a_lie_about_the_baseline_is_shown),
        T(only_what_was_shown_is_signed),
        T(reviewers_are_taken_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
