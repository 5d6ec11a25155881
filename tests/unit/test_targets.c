/* Tasks of every target through the whole program: imported, set, trained, scored, searched, claimed, and run again from
 * the chain's objects alone to the same bits. */
#include "tests/unit/search_fixture.h"

#include "action/action.h"
#include "action/claim.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "store/tasks.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

static json_t *good(json_t *result, const struct error *err)
{
    if (!result)
        fail_msg("%s", err->text);
    return result;
}

static double number(const json_t *object, const char *key, const char *member)
{
    const json_t *v = json_object_get(object, key);
    v = member ? json_object_get(v, member) : v;
    if (!json_is_number(v))
        fail_msg("%s is no number", key);
    return json_number_value(v);
}

static struct workspace *empty(void **state)
{
    char folder[FILE_PATH_MAX];
    struct error err = {0};
    file_join(folder, sizeof folder, *state, "w");
    json_decref(good(action_init(folder, &err), &err));
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    return w;
}

static void add_text(struct workspace *w, void **state, const char *name, const char *asset, const struct text *csv)
{
    struct error err = {0};
    char path[FILE_PATH_MAX];
    const char *const files[] = {path};
    struct action_data_options o = {.asset = asset, .stamp = "open"};
    file_join(path, sizeof path, *state, name);
    assert_true(file_write(path, csv->data, csv->n, 0666, &err));
    json_decref(good(action_data_add(w, files, 1, &o, &err), &err));
}

/* --- made-up data ------------------------------------------------------------------------------------------------- */

static double hump(double t, double at, double width, double height)
{
    return height * exp(-(t - at) * (t - at) / (width * width));
}

/* A trace of heart beats of three kinds, fifty values a second: a narrow one, a wide one, one with two peaks; each row
 * says of which kind its beat is. */
static void add_beats(struct workspace *w, void **state)
{
    struct random r = random_start(1, RANDOM_TEST, 95, 0);
    struct text csv = {0};
    long long time = 1600000000000;
    text_put(&csv, "time,mv,beat\n");
    for (int rows = 0; rows < 4000;) {
        uint32_t drawn = random_below(&r, 5);
        int kind = drawn < 3 ? 0 : (int)drawn - 2, length = 18 + (int)random_below(&r, 6);
        for (int i = 0; i < length; i++, rows++, time += 20) {
            double t = (double)i / length, v = 0.03 * random_normal(&r);
            v += kind == 0   ? hump(t, 0.3, 0.05, 1.0) + hump(t, 0.6, 0.1, 0.3)
                 : kind == 1 ? hump(t, 0.35, 0.15, 1.2) - hump(t, 0.7, 0.1, 0.5)
                             : hump(t, 0.25, 0.04, 0.7) + hump(t, 0.5, 0.04, 0.9);
            text_printf(&csv, "%lld,%.4f,%d\n", time, v, kind);
        }
    }
    add_text(w, state, "beats.csv", "heart", &csv);
    text_free(&csv);
}

/* Days of a price whose return is told in part by the change of a flow that is known the day before. */
static void add_market(struct workspace *w, void **state, const char *name, const char *asset, int days, int skip,
                       uint32_t seed)
{
    struct random r = random_start(seed, RANDOM_TEST, 96, 0);
    struct text csv = {0};
    double price = 100, flow = 1000, last = 0, before = 0;
    text_put(&csv, "time,close,flow\n");
    for (int i = 0; i < days; i++) {
        double change = 0.2 * random_normal(&r) - 0.3 * log(flow / 1000);
        price *= exp(0.05 * before + 0.01 * random_normal(&r));
        flow *= exp(change);
        text_printf(&csv, "%lld,%.6f,%.6f\n", (1400000000LL + (long long)(i + skip) * 86400) / 86400 * 86400, price, flow);
        before = last; /* a daily metric is known a day later */
        last = change;
    }
    add_text(w, state, name, asset, &csv);
    text_free(&csv);
}

/* --- the whole way ------------------------------------------------------------------------------------------------ */

static json_t *set_task(struct workspace *w, const char *target, const char *asset, const char *features, int horizon,
                        int lookback)
{
    struct error err = {0};
    struct action_task_options o = {.target = target,
                                    .asset = asset,
                                    .features = features,
                                    .horizon = horizon,
                                    .lookback = lookback,
                                    .folds = 3,
                                    .embargo = -1,
                                    .stride = -1,
                                    .seed = -1,
                                    .holdout = -1};
    return good(action_task_set(w, &o, &err), &err);
}

static struct action_train_options training(int epochs, int threads)
{
    struct action_train_options o = {.threads = threads};
    recipe_defaults(&o.recipe);
    o.recipe.epochs = epochs;
    o.recipe.learning_rate = 0.005F;
    return o;
}

/* Opened as it was claimed. */
static struct state_proposal proposal_of(const char *chain, const struct claim *c)
{
    struct error err = {0};
    struct state_proposal p = {.state = PROPOSAL_REVEALING};
    p.opened.height = 3;
    claim_content(c, hash_of_text("salt"), &p.body);
    p.open.trace_root = c->run.finding.trace_root;
    p.open.weights = c->run.finding.weights;
    if (!claim_publish(chain, c, &err) || !claim_put_text(chain, c->run.leaves, &p.open.leaves, &err))
        fail_msg("%s", err.text);
    return p;
}

/* The opened list with one leaf of fold 2 changed, and the root that it then has. */
static void open_falsely(const char *chain, struct state_proposal *p, const struct claim_run *run)
{
    struct error err = {0};
    struct leaves l;
    char *text = memory_text(run->leaves), *at = strchr(strstr(text, "fold 2 "), '\n') + 1;
    *at = *at == '0' ? '1' : '0';
    assert_true(leaves_parse(&l, text, strlen(text), &err));
    p->open.trace_root = leaves_root(&l);
    assert_true(claim_put_text(chain, text, &p->open.leaves, &err));
    leaves_free(&l);
    free(text);
}

static void differences_are_located(const char *chain, struct state_proposal *p, const struct claim_run *run)
{
    char text[512];
    struct error err = {0};
    struct leaves l;
    assert_false(claim_difference(chain, p, run, text, sizeof text));
    open_falsely(chain, p, run);
    assert_true(claim_difference(chain, p, run, text, sizeof text));
    assert_non_null(strstr(text, "fold 2, leaf 1 of "));
    p->body.counts.correct[2]--;
    assert_true(claim_difference(chain, p, run, text, sizeof text));
    assert_non_null(strstr(text, "fold 3: "));
    assert_non_null(strstr(text, "fold 2, leaf 1 of "));
    p->open.trace_root = run->finding.trace_root; /* not of those leaves */
    assert_false(claim_leaves(chain, &p->open, &l, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
}

static void what_is_kept_comes_back(struct workspace *w, const struct state_task *task, const struct state_proposal *p,
                                    const struct claim *c)
{
    struct error err = {0};
    struct claim_run run;
    struct claim again;
    struct state_task other = *task;
    assert_false(claim_run_kept(w, task, p, &run));
    assert_true(claim_run_keep(w, task, p, &c->run, &err));
    assert_true(claim_run_kept(w, task, p, &run));
    assert_true(tx_finding_equal(&run.finding, &c->run.finding));
    assert_string_equal(run.leaves, c->run.leaves);
    claim_run_free(&run);
    other.body.recipe.byte[0] ^= 1;
    assert_false(claim_run_kept(w, &other, p, &run)); /* other objects, another key */
    assert_true(claim_keep(w, hash_of_text("promise"), c, &err));
    assert_true(claim_kept(w, hash_of_text("promise"), &again));
    assert_string_equal(again.evidence, c->evidence);
    assert_string_equal(again.arch, c->arch);
    assert_null(again.parent);
    claim_free(&again);
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], hex[HASH_HEX];
    struct bytes b = {0};
    workspace_path(w, "claims", folder, sizeof folder);
    hash_hex(hash_of_text("promise"), hex);
    file_join(path, sizeof path, folder, hex);
    assert_true(file_read(path, 1 << 24, &b, &err));
    b.data[b.n / 2] ^= 1;
    assert_true(file_write(path, b.data, b.n, 0600, &err));
    bytes_free(&b);
    assert_false(claim_kept(w, hash_of_text("promise"), &again));
}

/* The task and the last result become a claim; what the chain's objects alone give must be equal to it. */
static void claim_holds(struct workspace *w, void **state, const struct recipe *recipe)
{
    struct error err = {0};
    struct state_task task = {.height = 1};
    struct task_row row;
    struct trial_row *trial;
    struct claim claim;
    struct claim_run found;
    if (!claim_publish_task(w, *state, &task.body, recipe, &err))
        fail_msg("%s", err.text);
    assert_true(task.body.baseline_ppm > 0 && task.body.baseline_ppm < 1000000);
    assert_true(tasks_active(w, &row, &err));
    int n = runs_trials(w, row.hash, -1, RUNS_BY_SCORE, &trial, &err);
    assert_true(n > 0);
    if (!claim_make(w, &claim, &task, &trial[0], NULL, NULL, &err))
        fail_msg("%s", err.text);
    struct state_proposal p = proposal_of(*state, &claim);
    if (!claim_evidence_check(*state, &task, &p.body, NULL, &err))
        fail_msg("%s", err.text);
    struct threads *pool = threads_new(2);
    struct claim_rerun rerun = {.chain = *state, .pool = pool};
    if (!claim_rerun(&rerun, &task, &p, &found, &err))
        fail_msg("%s", err.text);
    assert_true(tx_finding_equal(&claim.run.finding, &found.finding));
    assert_string_equal(claim.run.leaves, found.leaves);
    assert_true(found.finding.counts.folds == 3 && found.finding.counts.total[0] > 20);
    what_is_kept_comes_back(w, &task, &p, &claim);
    differences_are_located(*state, &p, &found);
    threads_free(pool);
    claim_run_free(&found);
    claim_free(&claim);
    runs_trials_free(trial, n);
    free(row.info);
}

/* What was stored of the predictions gives the scores of the result again. */
static void predictions_are_kept(struct workspace *w, const json_t *result)
{
    struct error err = {0};
    struct crossval *c = trial_out_of_fold(w, result, &err);
    if (!c)
        fail_msg("%s", err.text);
    assert_int_equal((json_int_t)c->metric.correct, json_integer_value(json_object_get(result, "correct")));
    assert_true(metric_objective(&c->metric, c->kind) == number(result, "score", "mean"));
    assert_true(c->metric.auc == number(result, "auc", NULL));
    crossval_free(c);
}

static json_t *score(struct workspace *w, const char *arch, int epochs)
{
    struct error err = {0};
    struct action_train_options o = training(epochs, 1);
    json_decref(good(action_arch_new(w, arch, 32, 1, &err), &err));
    json_t *result = good(action_score(w, arch, &o, NULL, &err), &err);
    predictions_are_kept(w, result);
    return result;
}

static void beats_are_told_apart(void **state)
{
    struct workspace *w = empty(state);
    struct error err = {0};
    add_beats(w, state);
    json_t *task = set_task(w, "class:beat", NULL, "level", 0, 24);
    assert_int_equal(json_integer_value(json_object_get(task, "outputs")), 3);
    assert_int_equal(json_array_size(json_object_get(task, "classes")), 3);
    assert_true(json_is_null(json_object_get(task, "price")));
    json_decref(task);
    json_t *result = score(w, "mlp", 15), *baselines = good(action_baseline(w, &(struct action_baseline_options){.kept = true}, NULL, &err), &err);
    const json_t *list = json_object_get(baselines, "baselines");
    assert_int_equal(json_array_size(list), 1); /* no label is known, so none can go on */
    const json_t *majority = json_array_get(list, 0);
    assert_true(number(result, "directional_accuracy", "low") > number(majority, "directional_accuracy", "high"));
    assert_true(number(result, "score", "low") > 0.45); /* balanced; by chance a third */
    assert_true(number(result, "mcc", NULL) > 0.3 && number(result, "auc", NULL) > 0.7);
    assert_string_equal(json_string_value(json_object_get(result, "score_name")), "balanced accuracy");
    assert_null(json_object_get(result, "r2"));
    struct action_train_options o = training(15, 1);
    claim_holds(w, state, &o.recipe);
    json_decref(result);
    json_decref(baselines);
    workspace_close(w);
}

static void states_ahead_need_more_than_persistence(void **state)
{
    struct workspace *w = empty(state);
    struct error err = {0};
    add_beats(w, state);
    json_decref(set_task(w, "class:beat", NULL, "level", 1, 16));
    json_t *result = score(w, "mlp", 4), *baselines = good(action_baseline(w, &(struct action_baseline_options){.kept = true}, NULL, &err), &err);
    const json_t *list = json_object_get(baselines, "baselines");
    assert_int_equal(json_array_size(list), 2);
    double lasts = number(json_array_get(list, 1), "directional_accuracy", "mean");
    assert_true(lasts > 0.85); /* a beat lasts about twenty rows */
    struct task_row row;
    assert_true(tasks_active(w, &row, &err));
    struct dataset *d = tasks_dataset(w, &row, &err);
    struct crossval *c = trial_out_of_fold(w, result, &err);
    struct evidence e;
    assert_true(d && c);
    assert_true(evidence_of(&e, c, d, NULL, 0, NULL));
    if (!strstr(e.sentence, "(persistence)"))
        fail_msg("%s", e.sentence);
    assert_true(c->metric.directional_accuracy > 0.6);
    crossval_free(c);
    dataset_free(d);
    free(row.info);
    json_decref(result);
    json_decref(baselines);
    workspace_close(w);
}

static void returns_are_told(void **state)
{
    struct workspace *w = empty(state);
    struct error err = {0};
    add_market(w, state, "one.csv", "one", 1500, 0, 1);
    json_t *task = set_task(w, "return", NULL, "log_return,onchain_change", 1, 4);
    assert_int_equal(json_integer_value(json_object_get(task, "outputs")), 1);
    json_decref(task);
    json_t *result = score(w, "mlp", 20), *baselines = good(action_baseline(w, &(struct action_baseline_options){.kept = true}, NULL, &err), &err);
    assert_true(number(result, "r2", NULL) > 0.2 && number(result, "pearson", NULL) > 0.5);
    assert_true(number(result, "spearman", NULL) > 0.5 && number(result, "mae", NULL) < 0.02);
    assert_true(number(result, "score", "mean") == number(result, "r2", NULL));
    assert_true(json_is_null(json_object_get(result, "log_loss")) && json_is_null(json_object_get(result, "brier")));
    const json_t *mean = json_array_get(json_object_get(baselines, "baselines"), 0);
    assert_true(fabs(number(mean, "r2", NULL)) < 1e-6);
    struct action_train_options o = training(20, 1);
    claim_holds(w, state, &o.recipe);
    json_decref(result);
    json_decref(baselines);
    workspace_close(w);
}

static void assets_are_trained_together(void **state)
{
    struct workspace *w = empty(state);
    struct error err = {0};
    add_market(w, state, "one.csv", "one", 900, 0, 2);
    add_market(w, state, "two.csv", "two", 500, 400, 3);
    json_t *task = set_task(w, NULL, "one, two", "log_return,onchain_change", 1, 4);
    const json_t *assets = json_object_get(task, "assets");
    assert_int_equal(json_array_size(assets), 2);
    assert_string_equal(json_string_value(json_object_get(task, "asset")), "one, two");
    json_decref(task);
    json_t *result = score(w, "mlp", 12);
    const json_t *each = json_object_get(result, "assets");
    assert_int_equal(json_array_size(each), 2);
    json_int_t total = 0, correct = 0;
    for (size_t k = 0; k < 2; k++) {
        const json_t *one = json_array_get(each, k);
        total += json_integer_value(json_object_get(one, "total"));
        correct += json_integer_value(json_object_get(one, "correct"));
        assert_true(number(one, "directional_accuracy", "mean") > 0.6);
    }
    assert_int_equal(total, json_integer_value(json_object_get(result, "total")));
    assert_int_equal(correct, json_integer_value(json_object_get(result, "correct")));
    char path[FILE_PATH_MAX];
    struct bytes csv = {0};
    file_join(path, sizeof path, *state, "joined.csv");
    json_decref(good(action_data_export(w, path, &err), &err));
    assert_true(file_read(path, 1 << 24, &csv, &err));
    bytes_put_u8(&csv, 0);
    assert_true(text_starts((const char *)csv.data, "asset,close_time,price,"));
    assert_non_null(strstr((const char *)csv.data, "\ntwo,2015-"));
    bytes_free(&csv);
    struct action_train_options o = training(12, 1);
    claim_holds(w, state, &o.recipe);
    json_decref(result);
    workspace_close(w);
}

/* A search grows networks of the task's width, whatever it is. */
static void searches_of_classes_and_returns(void **state)
{
    static const char *const target[] = {"class:beat", "return"};
    struct workspace *w = empty(state);
    add_beats(w, state);
    add_market(w, state, "one.csv", "one", 700, 0, 4);
    for (int k = 0; k < 2; k++) {
        struct error err = {0};
        struct driver_options o = search_options(4, 1);
        json_decref(set_task(w, target[k], k == 0 ? "heart" : "one", "usual", k, 8));
        json_decref(good(action_arch_new(w, "mlp", 8, 1, &err), &err));
        json_t *done = good(action_search(w, &o, NULL, &err), &err);
        assert_true(json_integer_value(json_object_get(done, "trials")) == 4);
        const json_t *best = json_object_get(done, "best");
        assert_true(isfinite(number(best, "score", "mean")));
        const char *sentence = json_string_value(json_object_get(json_object_get(done, "evidence"), "sentence"));
        if (!strstr(sentence, k == 0 ? "% right on" : "R2"))
            fail_msg("%s", sentence);
        json_decref(done);
    }
    workspace_close(w);
}

static void wrong_outputs_are_refused(void **state)
{
    struct workspace *w = empty(state);
    struct error err = {0};
    struct action_train_options o = training(1, 1);
    char path[FILE_PATH_MAX];
    static const char arch[] = "morphsmith-arch 1\nx input time=8 channels=1\nf flatten in=x\ny dense in=f units=1\n";
    add_beats(w, state);
    json_decref(set_task(w, "class:beat", NULL, "level", 0, 8));
    file_join(path, sizeof path, *state, "one.arch");
    assert_true(file_write(path, arch, strlen(arch), 0666, NULL));
    json_decref(good(action_arch_add(w, path, &err), &err));
    assert_null(action_score(w, "one", &o, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, "the output has 1 values a sample, the task needs 3 (one logit a class: units=3)"))
        fail_msg("%s", err.text);
    workspace_close(w);
}

static void what_cannot_be_set(void **state)
{
    static const struct {
        const char *target, *asset, *word;
        int horizon;
    } wrong[] = {{"class:nothing", NULL, "no column is called nothing", 0},
                 {"class:", NULL, "names a column", 0},
                 {"profit", NULL, "not profit", 1},
                 {"class:mv", NULL, "cannot be a class", 0},
                 {"direction", NULL, "no price column found", 1},
                 {"return", NULL, "no price column found", 1},
                 {"class:beat", "heart,nobody", "no series belongs to asset nobody", 0},
                 {"class:beat", "heart,heart", "twice", 0}};
    struct workspace *w = empty(state);
    add_beats(w, state);
    for (size_t i = 0; i < ARRAY_N(wrong); i++) {
        struct error err = {0};
        struct action_task_options o = {.target = wrong[i].target,
                                        .asset = wrong[i].asset,
                                        .features = "level",
                                        .horizon = wrong[i].horizon,
                                        .lookback = 8,
                                        .folds = 3,
                                        .embargo = -1,
                                        .stride = -1,
                                        .seed = -1,
                                        .holdout = -1};
        assert_null(action_task_set(w, &o, &err));
        if (!strstr(err.text, wrong[i].word))
            fail_msg("'%s' does not say '%s'", err.text, wrong[i].word);
    }
    assert_false(tasks_exist(w));
    workspace_close(w);
}

int main(int n, char **argument)
{
    int worker = search_worker(n, argument);
    if (worker >= 0)
        return worker;
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_folder_new, test_folder_free)
    const struct CMUnitTest tests[] = {
        TEST(beats_are_told_apart),
        TEST(states_ahead_need_more_than_persistence),
        TEST(returns_are_told),
        TEST(assets_are_trained_together),
        TEST(searches_of_classes_and_returns),
        TEST(wrong_outputs_are_refused),
        TEST(what_cannot_be_set),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
