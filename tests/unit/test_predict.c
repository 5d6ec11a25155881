/* Predictions: the bits of training, whatever brings the bars; nothing of what is sealed; refusals that say why. */
#include "tests/unit/search_fixture.h"

#include "action/predict.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "train/crossval.h"

#include <math.h>

/* What was told: lines of CSV, and a record a bar. */
struct told {
    struct text csv;
    int64_t close_us[4000];
    enum predict_state state[4000];
    float value[4000], outcome[4000];
    int outputs;
    size_t n, most; /* most: stop there; 0: never */
};

static bool take_bar(void *context, const struct predict_head *head, const struct predict_bar *bar)
{
    struct told *t = context;
    if (t->n == 0)
        predict_csv_head(&t->csv, head);
    predict_csv_bar(&t->csv, head, bar);
    assert_true(t->n < ARRAY_N(t->value));
    t->close_us[t->n] = bar->close_us;
    t->state[t->n] = bar->state;
    t->value[t->n] = bar->value[0];
    t->outcome[t->n++] = bar->outcome;
    return t->most == 0 || t->n < t->most;
}

static struct told *told_new(void)
{
    return memory_new(1, sizeof(struct told));
}

static void told_free(struct told *t)
{
    text_free(&t->csv);
    free(t);
}

static json_t *predict(struct workspace *w, struct told *t, struct action_predict_options o, struct error *err)
{
    o.bar = take_bar;
    o.context = t;
    return action_predict(w, "mlp", &o, err);
}

static json_t *good(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    return result;
}

static void drop(json_t *result, const struct error *err)
{
    json_decref(good(result, err));
}

static void train(struct workspace *w)
{
    struct error err = {0};
    struct action_train_options o = {.threads = 1};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = 3;
    drop(action_train(w, "mlp", &o, NULL, &err), &err);
}

/* Rows first .. end - 1 of a file's text, behind its header if it is wanted. */
static char *rows_of(const char *text, size_t first, size_t end, bool header)
{
    struct text out = {0};
    char *copy = memory_text(text), *rest = copy, *line = text_next(&rest, '\n');
    if (header)
        text_printf(&out, "%s\n", line);
    for (size_t i = 0; (line = text_next(&rest, '\n')) && *line; i++)
        if (i >= first && i < end)
            text_printf(&out, "%s\n", line);
    free(copy);
    return out.data ? out.data : memory_text("");
}

static char *read_text(const char *path)
{
    struct bytes b = {0};
    assert_true(file_read(path, 1 << 24, &b, NULL));
    bytes_put_u8(&b, 0);
    return (char *)b.data;
}

static void write_text(const char *path, const char *text)
{
    assert_true(file_write(path, text, strlen(text), 0666, NULL));
}

struct desk {
    char folder[FILE_PATH_MAX], market[FILE_PATH_MAX], fresh[FILE_PATH_MAX];
    char *text; /* of all bars: the workspace has the first OLD of them */
    struct workspace *w;
};

enum { OLD = 300, ALL = 400 };

static struct action_task_options task_of(const char *target)
{
    return (struct action_task_options){.horizon = 2,
                                        .lookback = 8,
                                        .folds = 2,
                                        .embargo = -1,
                                        .stride = -1,
                                        .seed = -1,
                                        .holdout = -1,
                                        .target = target,
                                        .features = "log_return,range,volume_change,rsi:5,mean:6"};
}

/* A workspace with the first `old` bars of a market, a task and a trained model. */
static void desk_open(struct desk *d, void **state, const char *name, size_t old, const char *target)
{
    struct error err = {0};
    const char *files[] = {d->market};
    struct action_data_options data = {.asset = "m"};
    struct action_task_options task = task_of(target);
    file_join(d->folder, sizeof d->folder, *state, name);
    drop(action_init(d->folder, &err), &err);
    file_join(d->market, sizeof d->market, d->folder, "market.csv");
    file_join(d->fresh, sizeof d->fresh, d->folder, "fresh.csv");
    drop(action_synth("planted", 7, ALL, 0.94, d->market, &err), &err);
    d->text = read_text(d->market);
    char *cut = rows_of(d->text, 0, old, true);
    write_text(d->market, cut);
    free(cut);
    d->w = workspace_open(d->folder, false, &err);
    assert_non_null(d->w);
    drop(action_data_add(d->w, files, 1, &data, &err), &err);
    drop(action_task_set(d->w, &task, &err), &err);
    drop(action_arch_new(d->w, "mlp", 4, 1, &err), &err);
    train(d->w);
}

static void desk_close(struct desk *d)
{
    workspace_close(d->w);
    free(d->text);
}

static void write_fresh(struct desk *d, size_t first, size_t end)
{
    char *rows = rows_of(d->text, first, end, true);
    write_text(d->fresh, rows);
    free(rows);
}

/* --- the bits of training ----------------------------------------------------------------------------------------- */

/* What the training itself computes of the task's samples: scaled as it scales, with train_predict. */
static void compare_with_training(const struct desk *d, const struct told *t)
{
    struct error err = {0};
    struct task_row task;
    struct arch_row arch;
    struct model_row row;
    struct crossval_slices cut;
    assert_true(tasks_active(d->w, &task, &err));
    struct dataset *data = tasks_dataset(d->w, &task, &err);
    assert_non_null(data);
    assert_true(arches_find(d->w, "mlp", &arch, &err) && models_newest(d->w, arch.id, task.hash, &row));
    struct model *m = models_load_file(d->w, row.file, &err);
    assert_true(crossval_slices(&cut, data, 0, data->samples, 150000, &err));
    float *scaled = NEW_ARRAY(float, data->bars * data->channels);
    assert_true(dataset_scale(data, scaled, 0, cut.train_end, &err));
    struct train_view view = {.feature = scaled,
                              .channels = data->channels,
                              .lookback = data->task.lookback,
                              .bar = data->bar,
                              .n = data->samples,
                              .goal = cut.goal};
    size_t outputs = (size_t)dataset_outputs(data), at = 0, seen[PREDICT_STATES] = {0};
    float *out = NEW_ARRAY(float, data->samples *outputs);
    assert_true(train_predict(m, out, &view, NULL, &err));
    for (size_t i = 0; i < data->samples; i++) {
        while (at < t->n && t->close_us[at] < data->time_us[data->bar[i]])
            at++;
        assert_true(at < t->n && t->close_us[at] == data->time_us[data->bar[i]]);
        assert_memory_equal(&t->value[at], &out[i * outputs], sizeof *out);
        assert_memory_equal(&t->outcome[at], &data->target[i], sizeof *out);
        assert_int_equal(t->state[at], i < cut.train_end     ? PREDICT_TRAINING
                                       : i >= cut.stop_first ? PREDICT_VALIDATION
                                                             : PREDICT_UNUSED);
        seen[t->state[at]]++;
    }
    assert_true(seen[PREDICT_TRAINING] > 50 && seen[PREDICT_VALIDATION] > 10);
    free(out);
    free(scaled);
    model_free(m);
    dataset_free(data);
    free(row.result);
    free(arch.text);
    free(task.info);
}

static void the_tasks_own_bars_are_as_in_training(void **state)
{
    static const char *const target[] = {"direction", "return"};
    for (size_t k = 0; k < ARRAY_N(target); k++) {
        struct desk d;
        struct error err = {0};
        struct told *all = told_new(), *one = told_new(), *last = told_new();
        desk_open(&d, state, target[k], OLD, target[k]);
        json_t *r = good(predict(d.w, all, (struct action_predict_options){0}, &err), &err);
        compare_with_training(&d, all);
        /* validation is scored as the training said it did */
        const json_t *asset = json_array_get(json_object_get(r, "assets"), 0), *score = NULL, *s;
        size_t i;
        json_array_foreach(json_object_get(asset, "scores"), i,
                           s) if (text_equal(json_string_value(json_object_get(s, "state")), "validation")) score = s;
        const json_t *valid = json_object_get(r, "valid");
        assert_true(json_number_value(json_object_get(json_object_get(score, "directional_accuracy"), "mean")) ==
                    json_number_value(json_object_get(valid, "directional_accuracy")));
        json_decref(r);
        /* one at a time, and the newest alone */
        drop(predict(d.w, one, (struct action_predict_options){.batch = 1}, &err), &err);
        assert_string_equal(text_of(&one->csv), text_of(&all->csv));
        drop(predict(d.w, last, (struct action_predict_options){.last = 3}, &err), &err);
        assert_int_equal(last->n, 3);
        for (size_t b = 0; b < 3; b++)
            assert_memory_equal(&last->value[b], &all->value[all->n - 3 + b], sizeof(float));
        told_free(all);
        told_free(one);
        told_free(last);
        desk_close(&d);
    }
}

static void sealed_bars_are_not_told_until_they_are_opened(void **state)
{
    struct desk d;
    struct error err = {0};
    struct task_row task;
    struct told *shut = told_new(), *open = told_new();
    desk_open(&d, state, "w", OLD, "direction");
    assert_true(tasks_active(d.w, &task, &err));
    struct dataset *data = tasks_dataset(d.w, &task, &err);
    json_t *r = good(predict(d.w, shut, (struct action_predict_options){0}, &err), &err);
    const json_t *asset = json_array_get(json_object_get(r, "assets"), 0);
    assert_int_equal(json_integer_value(json_object_get(asset, "sealed")), (json_int_t)data->sealed_bars - 2);
    json_decref(r);
    size_t unknown = 0;
    for (size_t i = 0; i < shut->n; i++) {
        bool behind = shut->close_us[i] >= data->sealed_first_us;
        unknown += behind;
        if (behind) { /* the newest, whose outcome lies in the future */
            assert_true(isnan(shut->outcome[i]));
            assert_int_equal(shut->state[i], PREDICT_NEW);
        } else if (shut->close_us[i] > data->time_us[data->asset[0].visible - 3]) {
            assert_true(isnan(shut->outcome[i])); /* it would tell of sealed bars */
        }
    }
    assert_int_equal(unknown, 2);
    assert_int_equal(seals_opened(d.w, data->hash, &err), 0);
    r = good(predict(d.w, open, (struct action_predict_options){.open_sealed = true}, &err), &err);
    assert_int_equal(json_integer_value(json_object_get(r, "opened")), 1);
    json_decref(r);
    assert_int_equal(seals_opened(d.w, data->hash, &err), 1);
    assert_int_equal(open->n, shut->n + data->sealed_bars - 2);
    size_t opened = 0;
    for (size_t i = 0; i < open->n; i++)
        opened += open->state[i] == PREDICT_OPENED && isfinite(open->outcome[i]);
    assert_true(opened > data->sealed_bars - 6);
    dataset_free(data);
    free(task.info);
    told_free(shut);
    told_free(open);
    desk_close(&d);
}

/* --- new bars ----------------------------------------------------------------------------------------------------- */

static void new_bars_are_as_if_they_were_imported(void **state)
{
    struct desk d;
    struct error err = {0};
    struct told *file = told_new(), *stored = told_new(), *overlap = told_new();
    const char *paths[] = {d.fresh};
    struct action_data_options append = {.asset = "m", .append = true};
    desk_open(&d, state, "w", OLD, "direction");
    write_fresh(&d, OLD, ALL);
    drop(predict(d.w, file, (struct action_predict_options){.file = d.fresh}, &err), &err);
    assert_int_equal(file->n, ALL - OLD);
    assert_true(isfinite(file->outcome[0]) && isnan(file->outcome[file->n - 1]));
    write_fresh(&d, OLD - 60, ALL); /* bars that the workspace has, most of them sealed */
    drop(predict(d.w, overlap, (struct action_predict_options){.file = d.fresh}, &err), &err);
    assert_true(overlap->n >= file->n && overlap->n < file->n + 60);
    assert_memory_equal(overlap->value + overlap->n - file->n, file->value, file->n * sizeof(float));
    drop(action_data_add(d.w, paths, 1, &append, &err), &err);
    drop(predict(d.w, stored, (struct action_predict_options){.last = ALL - OLD}, &err), &err);
    assert_string_equal(text_of(&stored->csv), text_of(&file->csv));
    told_free(file);
    told_free(stored);
    told_free(overlap);
    desk_close(&d);
}

/* A file without a past: the first windows are incomplete, the rest is as with it. */
static void a_file_that_does_not_continue_begins_later(void **state)
{
    struct desk d;
    struct error err = {0};
    struct told *with = told_new(), *without = told_new();
    desk_open(&d, state, "w", OLD - 60, "direction");
    write_fresh(&d, OLD - 60, ALL);
    drop(predict(d.w, with, (struct action_predict_options){.file = d.fresh}, &err), &err);
    write_fresh(&d, OLD, ALL);
    json_t *r = good(predict(d.w, without, (struct action_predict_options){.file = d.fresh}, &err), &err);
    const json_t *lack = json_object_get(json_array_get(json_object_get(r, "assets"), 0), "without_prediction");
    assert_int_equal(json_integer_value(json_object_get(lack, "behind_a_gap")), 7);
    assert_true(without->n < with->n - 60 && without->n >= ALL - OLD - 7 - 6);
    assert_memory_equal(without->value + without->n - 80, with->value + with->n - 80, 80 * sizeof(float));
    json_decref(r);
    told_free(with);
    told_free(without);
    desk_close(&d);
}

/* --- streams -------------------------------------------------------------------------------------------------------
 */

static json_t *stream(struct desk *d, const char *text, struct told *t, struct action_predict_options o,
                      struct error *err)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    o.file = "-";
    o.in = ends[0];
    json_t *r = predict(d->w, t, o, err);
    close(ends[0]);
    return r;
}

static void a_stream_is_as_a_file(void **state)
{
    struct desk d;
    struct error err = {0};
    struct told *file = told_new(), *live = told_new(), *one = told_new();
    desk_open(&d, state, "w", OLD, "return");
    char *text = rows_of(d.text, OLD, ALL, true);
    write_text(d.fresh, text);
    drop(predict(d.w, file, (struct action_predict_options){.file = d.fresh}, &err), &err);
    json_t *r = good(stream(&d, text, live, (struct action_predict_options){0}, &err), &err);
    assert_int_equal(live->n, file->n);
    assert_memory_equal(live->value, file->value, file->n * sizeof(float));
    assert_memory_equal(live->close_us, file->close_us, file->n * sizeof(int64_t));
    for (size_t i = 0; i < live->n; i++)
        assert_true(isnan(live->outcome[i])); /* told before it is known, */
    const json_t *scores = json_object_get(json_array_get(json_object_get(r, "assets"), 0), "scores");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(scores, 0), "total")),
                     ALL - OLD - 2); /* but scored */
    json_decref(r);
    drop(stream(&d, text, one, (struct action_predict_options){.batch = 1}, &err), &err);
    assert_string_equal(text_of(&one->csv), text_of(&live->csv));
    free(text);
    told_free(file);
    told_free(live);
    told_free(one);
    desk_close(&d);
}

static void refuse_stream(struct desk *d, const char *text, size_t before, const char *word)
{
    struct error err = {0};
    struct told *t = told_new();
    assert_null(stream(d, text, t, (struct action_predict_options){0}, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (!strstr(err.text, word))
        fail_msg("no \"%s\" in: %s", word, err.text);
    assert_int_equal(t->n, before);
    told_free(t);
}

static void bad_rows_of_a_stream_are_named_by_their_line(void **state)
{
    struct desk d;
    struct error err = {0};
    struct text text = {0};
    struct told *t = told_new();
    desk_open(&d, state, "w", OLD, "direction");
    char *head = rows_of(d.text, OLD, OLD + 3, true), *again = rows_of(d.text, OLD + 1, OLD + 2, false),
         *same = rows_of(d.text, OLD + 2, OLD + 3, false), *rest = rows_of(d.text, OLD + 3, OLD + 9, false);
    text_printf(&text, "%s%s%s", head, again, rest);
    refuse_stream(&d, text_of(&text), 3, "line 5: the bar of ");
    refuse_stream(&d, text_of(&text), 3, "in the order of time");
    drop(stream(&d, text_of(&text), t, (struct action_predict_options){.skip_bad = true}, &err), &err);
    assert_int_equal(t->n, 9);
    text_free(&text);
    text_printf(&text, "%s%s%s", head, same, rest);
    refuse_stream(&d, text_of(&text), 3, "each bar comes once");
    text_free(&text);
    text_printf(&text, "%snonsense,1,2\n%s", head, rest);
    refuse_stream(&d, text_of(&text), 3, "line 5: ");
    refuse_stream(&d, "", 0, "is empty");
    text_free(&text);
    free(head);
    free(again);
    free(same);
    free(rest);
    told_free(t);
    desk_close(&d);
}

/* --- refusals ------------------------------------------------------------------------------------------------------
 */

static void refused(struct desk *d, const char *model, struct action_predict_options o, enum error_kind kind,
                    const char *word)
{
    struct error err = {0};
    struct told *t = told_new();
    o.bar = take_bar;
    o.context = t;
    assert_null(action_predict(d->w, model, &o, &err));
    if (err.kind != kind || !strstr(err.text, word))
        fail_msg("no \"%s\" in: %s", word, err.text);
    assert_int_equal(t->n, 0);
    told_free(t);
}

static void change(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    assert_non_null(at);
    memcpy(at, to, strlen(to));
}

static void files_that_do_not_fit_are_refused(void **state)
{
    struct desk d;
    struct action_predict_options o = {.file = d.fresh};
    desk_open(&d, state, "w", OLD, "direction");
    char *text = rows_of(d.text, OLD - 4, ALL, true);
    char *second = strchr(strchr(text, '\n') + 1, '\n') + 1, *comma = strchr(second, ',');
    comma[1] = comma[1] == '9' ? '8' : '9'; /* the price of a bar that the workspace has */
    write_text(d.fresh, text);
    refused(&d, "mlp", o, ERROR_DATA, "fresh.csv, line 3: the bar of ");
    free(text);
    text = rows_of(d.text, OLD, ALL, true);
    change(text, "synthetic_close", "synthetic_clxse");
    write_text(d.fresh, text);
    refused(&d, "mlp", o, ERROR_DATA, "no column 'synthetic_close'");
    free(text);
    struct text lines = {0};
    char *rows = rows_of(d.text, OLD, ALL, false), *rest = rows, *line, *header = rows_of(d.text, 0, 0, true);
    text_put(&lines, header);
    for (int i = 0; (line = text_next(&rest, '\n')) && *line; i++)
        if (i % 2 == 0)
            text_printf(&lines, "%s\n", line);
    write_text(d.fresh, text_of(&lines));
    refused(&d, "mlp", o, ERROR_DATA, "those of the task are of");
    write_text(d.fresh, "");
    refused(&d, "mlp", o, ERROR_DATA, "fresh.csv");
    o.file = "/nowhere/at/all.csv";
    refused(&d, "mlp", o, ERROR_IO, "/nowhere/at/all.csv");
    o = (struct action_predict_options){.asset = "other"};
    refused(&d, "mlp", o, ERROR_USAGE, "the task has no asset other");
    text_free(&lines);
    free(header);
    free(rows);
    desk_close(&d);
}

static void models_that_do_not_fit_are_refused(void **state)
{
    struct desk d;
    struct error err = {0};
    struct action_predict_options o = {0};
    struct action_task_options task = task_of("direction");
    struct model_row *rows;
    char id[HASH_HEX], path[FILE_PATH_MAX];
    desk_open(&d, state, "w", OLD, "direction");
    refused(&d, "nothing", o, ERROR_USAGE, "there is no model nothing");
    drop(action_arch_new(d.w, "gru", 4, 1, &err), &err);
    refused(&d, "gru", o, ERROR_USAGE, "gru has no model on this task yet");
    json_t *grown = good(action_morph(d.w, "gru", "widen", NULL, NULL, 0, &err), &err);
    const char *drawn = json_string_value(json_object_get(grown, "model"));
    refused(&d, drawn, o, ERROR_USAGE, "was never trained");
    json_decref(grown);
    json_t *of_mlp = good(action_morph(d.w, "mlp", "widen", NULL, NULL, 0, &err), &err);
    struct told *t = told_new(), *u = told_new();
    o.bar = take_bar;
    o.context = t;
    drop(action_predict(d.w, json_string_value(json_object_get(of_mlp, "model")), &o, &err), &err);
    o.context = u;
    drop(action_predict(d.w, "mlp", &o, &err), &err);
    for (size_t i = 0; i < t->n; i++) /* grown from it: the same scaling, the same function */
        assert_true(fabs((double)(t->value[i] - u->value[i])) < 1e-5);
    json_decref(of_mlp);
    told_free(t);
    told_free(u);
    int n = models_list(d.w, &rows, &err);
    assert_true(n == 3);
    hash_hex(rows[n - 1].id, id);
    workspace_blob_path(d.w, "models", rows[n - 1].file, path, sizeof path);
    models_list_free(rows, n);
    task.lookback = 9;
    drop(action_task_set(d.w, &task, &err), &err);
    refused(&d, id, o, ERROR_USAGE, "the model was trained on task ");
    task.lookback = 8;
    drop(action_task_set(d.w, &task, &err), &err);
    char *weights = memory_text("nonsense");
    unlink(path);
    write_text(path, weights);
    free(weights);
    refused(&d, id, (struct action_predict_options){0}, ERROR_DATA, "");
    desk_close(&d);
}

static void a_listener_that_stops_ends_it(void **state)
{
    struct desk d;
    struct error err = {0};
    struct told *t = told_new();
    desk_open(&d, state, "w", OLD, "direction");
    t->most = 3;
    assert_null(predict(d.w, t, (struct action_predict_options){0}, &err));
    assert_int_equal(t->n, 3);
    assert_int_equal(err.kind, ERROR_IO);
    told_free(t);
    desk_close(&d);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_folder_new, test_folder_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_tasks_own_bars_are_as_in_training),
        T(sealed_bars_are_not_told_until_they_are_opened),
        T(new_bars_are_as_if_they_were_imported),
        T(a_file_that_does_not_continue_begins_later),
        T(a_stream_is_as_a_file),
        T(bad_rows_of_a_stream_are_named_by_their_line),
        T(files_that_do_not_fit_are_refused),
        T(models_that_do_not_fit_are_refused),
        T(a_listener_that_stops_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
