#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/crossval.h"

#include <math.h>

#define FOLDS 3

static struct dataset *data(uint64_t seed)
{
    struct dataset *d = fixture_xor(1200, seed);

    fixture_folds(d, FOLDS, FIXTURE_LOOKBACK + 1);
    return d;
}

static struct recipe quick(void)
{
    struct recipe r;

    recipe_defaults(&r);
    r.epochs = 4;
    r.batch = 32;
    r.learning_rate = 0.01F;
    r.stop_ppm = 200000;
    return r;
}

static struct crossval *run(const struct dataset *d, const struct recipe *r, int only, const struct model *const *start)
{
    struct arch *a = fixture_arch(12);
    struct error err = {0};
    struct crossval *c = crossval_run(d, a, start, r, only, NULL, NULL, &err);

    if (!c)
        fail_msg("%s", err.text);
    arch_free(a);
    return c;
}

static void scores_every_validation_sample_once(void **state)
{
    struct dataset *d = data(1);
    struct recipe r = quick();
    struct crossval *c = run(d, &r, -1, NULL);
    size_t n = 0;
    double mean = 0.0, squares = 0.0;
    struct metric metric;
    (void)state;

    assert_int_equal(c->folds, FOLDS);
    for (int k = 0; k < FOLDS; k++) {
        metric_of(&metric, c->prediction + n, c->target + n, d->fold[k].valid_end - d->fold[k].valid_first);
        assert_memory_equal(&metric, &c->fold[k].metric, sizeof metric);
        mean += metric.directional_accuracy / FOLDS;
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++, n++) {
            assert_int_equal(c->sample[n], i);
            assert_true(c->target[n] == d->target[i]);
            assert_true(c->prediction[n] > 0.0F && c->prediction[n] < 1.0F);
        }
        assert_true(hash_equal(c->fold[k].weights, model_hash(c->model[k])));
        assert_true(c->fold[k].train.trace_leaves > 0);
    }
    assert_int_equal(c->n, n);
    metric_of(&metric, c->prediction, c->target, n);
    assert_memory_equal(&metric, &c->metric, sizeof metric);
    assert_true(c->interval.mean == metric.directional_accuracy);
    assert_true(c->interval.low < c->interval.mean && c->interval.mean < c->interval.high);
    for (int k = 0; k < FOLDS; k++) {
        double off = c->fold[k].metric.directional_accuracy - mean;
        squares += off * off;
    }
    assert_true(fabs(c->stability - sqrt(squares / (FOLDS - 1))) < 1e-12);
    crossval_free(c);
    fixture_free(d);
}

static void equal_recipes_give_equal_bits(void **state)
{
    struct dataset *d = data(1);
    struct recipe r = quick();
    struct crossval *a = run(d, &r, -1, NULL), *b = run(d, &r, -1, NULL);
    (void)state;

    assert_true(hash_equal(a->weights, b->weights));
    assert_true(hash_equal(a->trace_root, b->trace_root));
    assert_memory_equal(a->prediction, b->prediction, a->n * sizeof(float));
    assert_false(hash_equal(a->fold[0].weights, a->fold[1].weights));
    for (int k = 0; k < FOLDS; k++) {
        struct crossval *one = run(d, &r, k, NULL);
        assert_true(hash_equal(one->fold[k].weights, a->fold[k].weights));
        assert_true(hash_equal(one->fold[k].train.trace_root, a->fold[k].train.trace_root));
        assert_int_equal(one->n, d->fold[k].valid_end - d->fold[k].valid_first);
        assert_int_equal(one->sample[0], d->fold[k].valid_first);
        assert_null(one->model[(k + 1) % FOLDS]);
        crossval_free(one);
    }
    r.seed = 2;
    struct crossval *other = run(d, &r, -1, NULL);
    assert_false(hash_equal(a->weights, other->weights));
    crossval_free(a);
    crossval_free(b);
    crossval_free(other);
    fixture_free(d);
}

static void the_hashes_are_built_as_documented(void **state)
{
    struct dataset *d = data(1);
    struct recipe r = quick();
    struct crossval *c = run(d, &r, -1, NULL);
    struct hash roots[FOLDS], weights[FOLDS];
    (void)state;

    for (int k = 0; k < FOLDS; k++) {
        roots[k] = c->fold[k].train.trace_root;
        weights[k] = c->fold[k].weights;
    }
    assert_true(hash_equal(c->trace_root, hash_merkle_root(roots, FOLDS)));
    assert_true(hash_equal(c->weights, hash_of(weights, sizeof weights)));
    assert_true(crossval_seed(1, 0) != crossval_seed(1, 1));
    assert_true(crossval_seed(1, 0) != crossval_seed(2, 0));
    assert_true(crossval_seed(1, 0) == crossval_seed(1, 0));
    crossval_free(c);
    fixture_free(d);
}

/* What a fold must never read is spoilt; its weights must not change by a bit. What it must read is spoilt as well, to
 * show that the comparison can fail. */
static void training_reads_nothing_behind_its_samples(void **state)
{
    (void)state;
    for (int k = 0; k < FOLDS; k++) {
        struct dataset *d = data(4);
        struct recipe r = quick();
        struct crossval *clean = run(d, &r, k, NULL);
        for (size_t i = d->fold[k].train_end; i < d->samples; i++) /* the purged ones and the validation */
            d->target[i] = 1.0F - d->target[i];
        for (size_t i = ((size_t)d->bar[d->fold[k].train_end - 1] + 1) * d->channels; i < d->bars * d->channels; i++)
            d->feature[i] = 1000.0F - d->feature[i];
        struct crossval *poisoned = run(d, &r, k, NULL);
        assert_true(hash_equal(clean->fold[k].weights, poisoned->fold[k].weights));
        assert_true(hash_equal(clean->fold[k].train.trace_root, poisoned->fold[k].train.trace_root));
        assert_false(clean->fold[k].metric.correct == poisoned->fold[k].metric.correct);
        d->target[10] = 1.0F - d->target[10];
        struct crossval *touched = run(d, &r, k, NULL);
        assert_false(hash_equal(clean->fold[k].weights, touched->fold[k].weights));
        crossval_free(clean);
        crossval_free(poisoned);
        crossval_free(touched);
        fixture_free(d);
    }
}

static void the_purge_before_the_stop_slice_is_not_read(void **state)
{
    struct dataset *d = data(5);
    struct recipe r = quick();
    size_t end = d->fold[2].train_end, train_end, stop_first;
    (void)state;

    assert_true(dataset_early_stop(d, 0, end, 0.2, &train_end, &stop_first));
    assert_true(train_end < stop_first && stop_first < end);
    struct crossval *clean = run(d, &r, 2, NULL);
    for (size_t i = train_end; i < stop_first; i++)
        d->target[i] = 1.0F - d->target[i];
    struct crossval *poisoned = run(d, &r, 2, NULL);
    assert_true(hash_equal(clean->fold[2].weights, poisoned->fold[2].weights));
    assert_true(clean->fold[2].train.valid_loss == poisoned->fold[2].train.valid_loss);
    d->target[stop_first] = 1.0F - d->target[stop_first];
    struct crossval *touched = run(d, &r, 2, NULL);
    assert_false(clean->fold[2].train.valid_loss == touched->fold[2].train.valid_loss);
    crossval_free(clean);
    crossval_free(poisoned);
    crossval_free(touched);
    fixture_free(d);
}

/* With one epoch the slice for early stopping decides nothing: not even the scaling may have seen it. */
static void the_stop_slice_does_not_scale(void **state)
{
    struct dataset *d = data(8);
    struct recipe r = quick();
    size_t end = d->fold[1].train_end, train_end, stop_first;
    (void)state;

    r.epochs = 1;
    assert_true(dataset_early_stop(d, 0, end, 0.2, &train_end, &stop_first));
    struct crossval *clean = run(d, &r, 1, NULL);
    for (size_t i = ((size_t)d->bar[train_end - 1] + 1) * d->channels; i < d->bars * d->channels; i++)
        d->feature[i] = 3.0F * d->feature[i] + 1.0F;
    struct crossval *stretched = run(d, &r, 1, NULL);
    assert_true(hash_equal(clean->fold[1].weights, stretched->fold[1].weights));
    assert_false(clean->fold[1].train.valid_loss == stretched->fold[1].train.valid_loss);
    crossval_free(clean);
    crossval_free(stretched);
    fixture_free(d);
}

/* What an opened data set holds behind its visible samples is for scoring alone. */
static void training_on_all_leaves_out_what_was_opened(void **state)
{
    struct dataset *d = data(9);
    struct recipe r = quick();
    struct hash weights[2];
    (void)state;

    d->visible_samples -= 200;
    for (int i = 0; i < 2; i++) {
        struct arch *a = fixture_arch(12);
        struct error err = {0};
        struct model *m = model_new(a, 3, &err);
        struct train_result result;
        struct metric valid;
        assert_non_null(m);
        assert_true(crossval_train_all(m, &result, &valid, d, &r, NULL, NULL, &err));
        weights[i] = model_hash(m);
        free(result.trace);
        model_free(m);
        arch_free(a);
        for (size_t s = d->visible_samples; s < d->samples; s++)
            d->target[s] = 1.0F - d->target[s];
        for (size_t v = ((size_t)d->bar[d->visible_samples - 1] + 1) * d->channels; v < d->bars * d->channels; v++)
            d->feature[v] = 1000.0F - d->feature[v];
    }
    assert_true(hash_equal(weights[0], weights[1]));
    fixture_free(d);
}

static void goes_on_from_copies(void **state)
{
    struct dataset *d = data(6);
    struct recipe r = quick();
    struct crossval *parent = run(d, &r, -1, NULL);
    const struct model *start[FOLDS];
    struct hash before[FOLDS];
    (void)state;

    for (int k = 0; k < FOLDS; k++) {
        start[k] = parent->model[k];
        before[k] = model_hash(start[k]);
    }
    struct crossval *child = run(d, &r, -1, start);
    for (int k = 0; k < FOLDS; k++) {
        assert_ptr_not_equal(child->model[k], parent->model[k]);
        assert_true(hash_equal(before[k], model_hash(parent->model[k])));
        assert_true(child->model[k]->step > parent->model[k]->step); /* the moments came along */
        assert_true(child->fold[k].train.valid_loss <= parent->fold[k].train.valid_loss);
    }
    assert_false(hash_equal(child->weights, parent->weights));
    crossval_free(child);
    crossval_free(parent);
    fixture_free(d);
}

static void refuses_what_does_not_fit(void **state)
{
    struct dataset *d = data(7);
    struct recipe r = quick(), bad = quick();
    struct arch *small = fixture_arch(4), *large = fixture_arch(5);
    struct model *m = model_new(large, 1, NULL);
    const struct model *other[FOLDS] = {m, m, m}, *missing[FOLDS] = {NULL};
    struct error err = {0};
    (void)state;

    assert_null(crossval_run(d, small, other, &r, -1, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "fold 1 of 3"));
    assert_null(crossval_run(d, small, missing, &r, 1, NULL, NULL, &err));
    assert_non_null(strstr(err.text, "fold 2 of 3"));
    assert_null(crossval_run(d, small, NULL, &r, FOLDS, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    bad.batch = 0;
    assert_null(crossval_run(d, small, NULL, &bad, -1, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    d->fold[1].train_end = 3;
    assert_null(crossval_run(d, small, NULL, &r, -1, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "fold 2 of 3"));
    model_free(m);
    arch_free(small);
    arch_free(large);
    fixture_free(d);
}

static void trains_on_all_samples(void **state)
{
    struct dataset *d = data(8);
    struct recipe r = quick();
    struct arch *a = fixture_arch(12);
    struct model *m = model_new(a, r.seed, NULL);
    struct train_result result;
    struct metric valid;
    struct error err = {0};
    size_t train_end, stop_first;
    (void)state;

    if (!crossval_train_all(m, &result, &valid, d, &r, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_true(dataset_early_stop(d, 0, d->samples, 0.2, &train_end, &stop_first));
    assert_int_equal(valid.n, d->samples - stop_first);
    assert_true(fabs(valid.log_loss - result.valid_loss) < 1e-6);
    assert_int_equal(result.steps, result.epochs * (int64_t)((train_end + 31) / 32));
    free(result.trace);
    r.stop_ppm = 0;
    if (!crossval_train_all(m, &result, &valid, d, &r, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(valid.n, 0);
    assert_int_equal(result.steps, result.epochs * (int64_t)((d->samples + 31) / 32));
    free(result.trace);
    model_free(m);
    arch_free(a);
    fixture_free(d);
}

static void learns_out_of_fold(void **state)
{
    struct dataset *d = fixture_xor(3000, 9);
    struct recipe r = quick();
    (void)state;

    fixture_folds(d, FOLDS, FIXTURE_LOOKBACK + 1);
    r.epochs = 60;
    r.patience = 20;
    struct crossval *c = run(d, &r, 2, NULL);
    assert_true(c->metric.directional_accuracy > 0.95);
    struct evidence e;
    assert_true(evidence_of(&e, c, d, NULL, 0, NULL));
    assert_true(e.skill);
    crossval_free(c);
    fixture_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_every_validation_sample_once),
        cmocka_unit_test(equal_recipes_give_equal_bits),
        cmocka_unit_test(the_hashes_are_built_as_documented),
        cmocka_unit_test(training_reads_nothing_behind_its_samples),
        cmocka_unit_test(the_purge_before_the_stop_slice_is_not_read),
        cmocka_unit_test(the_stop_slice_does_not_scale),
        cmocka_unit_test(training_on_all_leaves_out_what_was_opened),
        cmocka_unit_test(goes_on_from_copies),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(trains_on_all_samples),
        cmocka_unit_test(learns_out_of_fold),
    };
    struct error err = {0};

    if (!numeric_start(&err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
