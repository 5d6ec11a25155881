#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/kernel/kernel.h"
#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/metric.h"

#include <math.h>
#include <stdatomic.h>

/* --- allocations are counted: the linker sends them here (--wrap, see train.mk) -------------------------------------
 */
static atomic_int allocations;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);

void *__wrap_malloc(size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __real_realloc(old, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    atomic_fetch_add(&allocations, 1);
    return __real_aligned_alloc(alignment, n);
}

/* --- a watcher for the hooks ----------------------------------------------------------------------------------------
 */
#define EVENTS_MOST 200

struct watch {
    struct train_event event[EVENTS_MOST];
    int allocations[EVENTS_MOST];
    int events, asked, cancel_at; /* cancel at this question, 0: never */
};

static void on_event(void *context, const struct train_event *event)
{
    struct watch *w = context;

    assert_true(w->events < EVENTS_MOST);
    w->allocations[w->events] = atomic_load(&allocations);
    w->event[w->events++] = *event;
}

static bool on_cancelled(void *context)
{
    struct watch *w = context;

    return ++w->asked == w->cancel_at;
}

static struct train_hooks hooks_of(struct watch *w)
{
    return (struct train_hooks){.context = w, .event = on_event, .cancelled = on_cancelled};
}

static struct recipe recipe_of(int epochs, int batch, float rate, int patience)
{
    struct recipe r;

    recipe_defaults(&r);
    r.epochs = epochs;
    r.batch = batch;
    r.learning_rate = rate;
    r.patience = patience;
    return r;
}

static struct model *model_of(int hidden, uint64_t seed)
{
    struct arch *a = fixture_arch(hidden);
    struct model *m = model_new(a, seed, NULL);

    assert_non_null(m);
    arch_free(a);
    return m;
}

static void must(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static void learns_exclusive_or(void **state)
{
    struct dataset *d = fixture_xor(2500, 1);
    struct train_view train = fixture_view(d, 0, 1600), stop = fixture_view(d, 1610, 1900);
    struct train_view test = fixture_view(d, 1910, d->samples);
    struct recipe r = recipe_of(60, 32, 0.01F, 0);
    struct model *m = model_of(24, 1);
    struct train_result result;
    struct metric metric;
    struct watch w = {0};
    struct train_hooks hooks = hooks_of(&w);
    struct error err = {0};
    float *p = NEW_ARRAY(float, test.n);
    (void)state;

    must(train_predict(m, p, &test, NULL, &err), &err);
    metric_of(&metric, p, test.target, test.n);
    assert_true(metric.directional_accuracy < 0.7);
    must(train_model(m, &result, &train, &stop, &r, 3, NULL, &hooks, &err), &err);
    must(train_predict(m, p, &test, NULL, &err), &err);
    metric_of(&metric, p, test.target, test.n);
    assert_true(metric.directional_accuracy > 0.95);
    assert_true(metric.auc > 0.97);
    assert_true(result.valid_accuracy > 0.95);

    assert_int_equal(w.events, 60);
    assert_int_equal(result.steps, 60 * 50);
    assert_int_equal(w.asked, result.steps);
    assert_true(w.event[59].train_loss < 0.3 * w.event[0].train_loss);
    for (int i = 0; i < w.events; i++) {
        const struct train_event *e = &w.event[i];
        assert_int_equal(e->fold, 3);
        assert_int_equal(e->epoch, i + 1);
        assert_int_equal(e->epochs, 60);
        assert_int_equal(e->step, 50 * (i + 1));
        assert_true(e->gradient_norm > 0.0 && isfinite(e->gradient_norm));
        assert_true(e->learning_rate == (double)0.01F);
        assert_true(e->valid_loss > 0.0 && e->valid_accuracy > 0.0 && e->seconds >= 0.0);
    }
    free(result.trace);
    free(p);
    model_free(m);
    fixture_free(d);
}

struct bits {
    struct hash weights, root;
};

static struct bits train_bits(const struct dataset *d, int threads, uint64_t seed)
{
    struct train_view train = fixture_view(d, 0, 1200), stop = fixture_view(d, 1210, d->samples);
    struct recipe r = recipe_of(3, 300, 0.003F, 2);
    struct model *m = model_of(3000, 5); /* 42001 weights: the pool gets work in every part of a step */
    struct threads *pool = threads_new(threads);
    struct train_result result;
    struct error err = {0};

    r.seed = seed;
    must(train_model(m, &result, &train, &stop, &r, 0, pool, NULL, &err), &err);
    struct bits bits = {model_hash(m), result.trace_root};
    assert_true(hash_equal(bits.root, hash_merkle_root(result.trace, result.trace_leaves)));
    free(result.trace);
    model_free(m);
    threads_free(pool);
    return bits;
}

static void the_same_bits_for_any_number_of_threads(void **state)
{
    struct dataset *d = fixture_xor(1600, 2);
    struct bits one = train_bits(d, 1, 7), other = train_bits(d, 1, 8);
    (void)state;

    for (int threads = 2; threads <= 4; threads *= 2) {
        struct bits bits = train_bits(d, threads, 7);
        assert_true(hash_equal(one.weights, bits.weights));
        assert_true(hash_equal(one.root, bits.root));
    }
    assert_false(hash_equal(one.weights, other.weights)); /* the seed orders the samples */
    assert_false(hash_equal(one.root, other.root));
    fixture_free(d);
}

static void the_same_bits_on_every_kernel(void **state)
{
    static const char *const names[] = {"portable", "avx2", "avx512", "neon"};
    struct dataset *d = fixture_xor(1400, 2);
    struct bits best = train_bits(d, 2, 7);
    int ran = 0;
    (void)state;

    for (size_t i = 0; i < ARRAY_N(names); i++) {
        setenv("MORPHSMITH_ISA", names[i], 1);
        if (!numeric_start(NULL))
            continue;
        assert_string_equal(numeric_isa(), names[i]);
        struct bits bits = train_bits(d, 2, 7);
        assert_true(hash_equal(best.weights, bits.weights));
        assert_true(hash_equal(best.root, bits.root));
        ran++;
    }
    unsetenv("MORPHSMITH_ISA");
    assert_true(ran >= 1);
    assert_true(numeric_start(NULL));
    fixture_free(d);
}

static void early_stopping_puts_the_best_back(void **state)
{
    struct dataset *d = fixture_xor(400, 3);
    struct random random = random_start(9, RANDOM_TEST, 0, 0);
    (void)state;

    for (size_t i = 0; i < d->samples; i++) /* nothing to learn: the stop loss turns up soon */
        d->target[i] = (float)random_below(&random, 2);
    struct train_view train = fixture_view(d, 0, 200), stop = fixture_view(d, 210, d->samples);
    struct recipe r = recipe_of(100, 20, 0.01F, 4);
    struct model *m = model_of(32, 1);
    struct train_result result;
    struct watch w = {0};
    struct train_hooks hooks = hooks_of(&w);
    struct error err = {0};
    must(train_model(m, &result, &train, &stop, &r, 0, NULL, &hooks, &err), &err);

    int best = 0;
    for (int i = 1; i < w.events; i++)
        best = w.event[i].valid_loss < w.event[best].valid_loss ? i : best;
    assert_int_equal(result.best_epoch, best + 1);
    assert_int_equal(result.epochs, w.events);
    assert_int_equal(result.epochs, result.best_epoch + 4);
    assert_true(result.epochs < 100);
    assert_true(result.valid_loss == w.event[best].valid_loss);
    assert_true(result.train_loss == w.event[best].train_loss);
    assert_int_equal(m->step, 10 * result.best_epoch);
    assert_int_equal(result.steps, 10 * result.epochs);

    float *p = NEW_ARRAY(float, stop.n);
    struct metric metric;
    must(train_predict(m, p, &stop, NULL, &err), &err);
    metric_of(&metric, p, stop.target, stop.n);
    assert_true(fabs(metric.log_loss - result.valid_loss) < 1e-6);
    assert_true(metric.directional_accuracy == result.valid_accuracy);
    free(p);
    free(result.trace);
    model_free(m);
    fixture_free(d);
}

static void without_a_stop_view_all_epochs_run(void **state)
{
    struct dataset *d = fixture_xor(100, 3);
    struct train_view train = fixture_view(d, 0, 70);
    struct recipe r = recipe_of(7, 64, 0.01F, 1);
    struct model *m = model_of(8, 1);
    struct train_result result;
    struct error err = {0};
    (void)state;

    must(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    assert_int_equal(result.epochs, 7);
    assert_int_equal(result.best_epoch, 7);
    assert_int_equal(result.steps, 14); /* 64 and 6 samples an epoch */
    assert_int_equal(m->step, 14);
    assert_true(result.valid_loss == 0.0);
    free(result.trace);
    model_free(m);
    fixture_free(d);
}

static void the_last_partial_batch_counts_as_much(void **state)
{
    struct dataset *d = fixture_xor(100, 4);
    struct train_view train = fixture_view(d, 0, 70);
    struct recipe r = recipe_of(1, 64, 1e-25F, 0); /* too small a rate to move a weight */
    struct model *m = model_of(8, 1);
    struct hash before = model_hash(m);
    struct train_result result;
    struct metric metric;
    struct error err = {0};
    float p[70];
    (void)state;

    must(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    must(train_predict(m, p, &train, NULL, &err), &err);
    metric_of(&metric, p, train.target, 70);
    assert_true(fabs(metric.log_loss - result.train_loss) < 1e-6);
    for (size_t i = 0; i < m->weights; i++)
        assert_true(isfinite(m->weight[i]));
    struct model *same = model_of(8, 1);
    double moved = 0.0;
    for (size_t i = 0; i < m->weights; i++)
        moved += fabs((double)m->weight[i] - (double)same->weight[i]);
    assert_true(moved < 1e-20);
    assert_true(hash_equal(before, model_hash(same)));
    model_free(same);
    free(result.trace);
    model_free(m);
    fixture_free(d);
}

static void every_sample_is_read_once_an_epoch(void **state)
{
    struct dataset *d = fixture_xor(100, 4);
    struct train_view train = fixture_view(d, 0, 70);
    struct recipe r = recipe_of(1, 64, 1e-25F, 0);
    struct train_result result;
    struct error err = {0};
    double all = 0.0;
    (void)state;

    struct model *m = model_of(8, 1);
    must(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    free(result.trace);
    for (size_t i = 0; i < 70; i++) {
        struct train_view one = fixture_view(d, i, i + 1);
        struct train_result single;
        must(train_model(m, &single, &one, NULL, &r, 0, NULL, NULL, &err), &err);
        all += single.train_loss;
        free(single.trace);
    }
    assert_true(fabs(all / 70.0 - result.train_loss) < 1e-9);
    model_free(m);
    fixture_free(d);
}

static void goes_on_with_inherited_moments(void **state)
{
    struct dataset *d = fixture_xor(300, 5);
    struct train_view train = fixture_view(d, 0, 256);
    struct recipe r = recipe_of(2, 64, 0.01F, 0);
    struct train_result result;
    struct error err = {0};
    struct model *m = model_of(8, 1);
    (void)state;

    must(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    free(result.trace);
    assert_int_equal(m->step, 8);
    struct model *kept = model_copy(m, &err), *fresh = model_copy(m, &err);
    memset(fresh->moment[0], 0, fresh->weights * sizeof(float));
    memset(fresh->moment[1], 0, fresh->weights * sizeof(float));
    fresh->step = 0;
    must(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    free(result.trace);
    assert_int_equal(result.steps, 8);
    assert_int_equal(m->step, 16);
    must(train_model(kept, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    free(result.trace);
    must(train_model(fresh, &result, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    free(result.trace);
    assert_true(hash_equal(model_hash(m), model_hash(kept)));
    assert_false(hash_equal(model_hash(m), model_hash(fresh)));
    model_free(m);
    model_free(kept);
    model_free(fresh);
    fixture_free(d);
}

static void cancels_after_the_step(void **state)
{
    struct dataset *d = fixture_xor(300, 5);
    struct train_view train = fixture_view(d, 0, 256);
    struct recipe r = recipe_of(5, 64, 0.01F, 0);
    struct watch w = {.cancel_at = 6};
    struct train_hooks hooks = hooks_of(&w);
    struct train_result result;
    struct error err = {0};
    struct model *m = model_of(8, 1);
    (void)state;

    assert_false(train_model(m, &result, &train, NULL, &r, 0, NULL, &hooks, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_non_null(strstr(err.text, "step 6 (epoch 2)"));
    assert_int_equal(w.asked, 6);
    assert_int_equal(w.events, 1);
    assert_null(result.trace);
    model_free(m);
    fixture_free(d);
}

/* Close to the exact training, marked, and so is what goes on from it, exactly or not. */
static void openblas_marks_what_it_trains(void **state)
{
    struct dataset *d = fixture_xor(300, 5);
    struct train_view train = fixture_view(d, 0, 256);
    struct recipe r = recipe_of(3, 64, 0.01F, 0);
    struct train_result exact = {0}, other = {0}, after = {0};
    struct error err = {0};
    struct model *m = model_of(8, 1), *blas = model_of(8, 1);
    (void)state;

    must(train_model(m, &exact, &train, NULL, &r, 0, NULL, NULL, &err), &err);
    r.blas = true;
    if (!kernel_blas(NULL)) {
        assert_false(train_model(blas, &other, &train, NULL, &r, 0, NULL, NULL, &err));
        assert_non_null(strstr(err.text, "OpenBLAS"));
        assert_false(blas->blas);
    } else {
        must(train_model(blas, &other, &train, NULL, &r, 0, NULL, NULL, &err), &err);
        assert_true(blas->blas);
        assert_true(fabs(other.train_loss - exact.train_loss) < 1e-3);
        r.blas = false;
        must(train_model(blas, &after, &train, NULL, &r, 0, NULL, NULL, &err), &err);
        assert_true(blas->blas);
    }
    assert_false(m->blas);
    free(exact.trace);
    free(other.trace);
    free(after.trace);
    model_free(m);
    model_free(blas);
    fixture_free(d);
}

static void names_step_and_node_of_what_is_not_finite(void **state)
{
    struct dataset *d = fixture_xor(300, 5);
    struct train_view train = fixture_view(d, 0, 256);
    struct recipe r = recipe_of(5, 64, 0.01F, 0);
    struct train_result result;
    struct error err = {0};
    struct model *m = model_of(8, 1);
    (void)state;

    /* A first moment that an absurd past left behind: the second step sees weights near 1e36. */
    assert_true(model_need_moments(m, 2, &err));
    for (size_t i = 0; i < m->weights; i++)
        m->moment[0][i] = i % 2 ? 1e30F : -1e30F;
    m->step = 1;
    assert_false(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    if (!strstr(err.text, "step 2 (epoch 1)") || !strstr(err.text, "node y (dense)"))
        fail_msg("%s", err.text);
    assert_null(result.trace);
    model_free(m);

    m = model_of(8, 1);
    for (size_t i = 0; i < m->weights; i++)
        m->weight[i] = 3e38F;
    assert_false(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err));
    if (!strstr(err.text, "step 1 (epoch 1)") || !strstr(err.text, "node h (dense)"))
        fail_msg("%s", err.text);
    model_free(m);
    fixture_free(d);
}

static void refuses_bad_input(void **state)
{
    struct dataset *d = fixture_xor(300, 5);
    struct train_view train = fixture_view(d, 0, 200), stop = fixture_view(d, 210, 260), none = fixture_view(d, 0, 0);
    struct recipe r = recipe_of(5, 64, 0.01F, 0), bad = recipe_of(0, 64, 0.01F, 0);
    struct train_result result;
    struct error err = {0};
    struct model *m = model_of(8, 1);
    float p[60];
    (void)state;

    assert_false(train_model(m, &result, &none, NULL, &r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(train_model(m, &result, &train, NULL, &bad, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    d->feature[250 * 2] = NAN;
    assert_false(train_model(m, &result, &train, &stop, &r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "early-stopping"));
    assert_false(train_predict(m, p, &stop, NULL, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    train.channels = 1;
    assert_false(train_model(m, &result, &train, NULL, &r, 0, NULL, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    model_free(m);
    fixture_free(d);
}

static void the_trace_ends_with_what_is_handed_back(void **state)
{
    struct dataset *d = fixture_xor(1200, 6);
    struct train_view train = fixture_view(d, 0, 1000), stop = fixture_view(d, 1010, d->samples);
    struct recipe r = recipe_of(60, 4, 0.02F, 3);
    struct train_result result;
    struct error err = {0};
    struct model *m = model_of(8, 1);
    int64_t k = trace_interval(arch_parameters(m->arch), arch_macs(m->arch), 4);
    (void)state;

    must(train_model(m, &result, &train, &stop, &r, 0, NULL, NULL, &err), &err);
    assert_true(result.steps > k);
    assert_int_equal(result.trace_leaves, result.steps / k + 1);
    struct trace t;
    assert_true(trace_start(&t, 1, 0, &err));
    trace_end(&t, m, NULL);
    assert_true(hash_equal(t.leaf[0], result.trace[result.trace_leaves - 1]));
    assert_true(hash_equal(result.trace_root, hash_merkle_root(result.trace, result.trace_leaves)));
    free(t.leaf);
    free(result.trace);
    model_free(m);
    fixture_free(d);
}

static void the_loop_allocates_nothing(void **state)
{
    struct dataset *d = fixture_xor(1200, 6);
    struct train_view train = fixture_view(d, 0, 900), stop = fixture_view(d, 910, d->samples);
    struct recipe r = recipe_of(30, 16, 0.01F, 0);
    struct train_result result;
    struct watch w = {0};
    struct train_hooks hooks = hooks_of(&w);
    struct error err = {0};
    struct model *m = model_of(64, 1);
    struct threads *pool = threads_new(2);
    (void)state;

    int before = atomic_load(&allocations);
    must(train_model(m, &result, &train, &stop, &r, 0, pool, &hooks, &err), &err);
    assert_true(w.allocations[0] > before); /* the counter counts */
    assert_true(result.trace_leaves > 1);   /* hashing took part */
    for (int i = 1; i < w.events; i++)
        assert_int_equal(w.allocations[i], w.allocations[0]);
    free(result.trace);
    threads_free(pool);
    model_free(m);
    fixture_free(d);
}

static void predictions_do_not_depend_on_the_batch(void **state)
{
    struct dataset *d = fixture_xor(700, 7);
    struct train_view all = fixture_view(d, 0, d->samples);
    struct model *m = model_of(16, 1);
    struct threads *pool = threads_new(3);
    struct error err = {0};
    float *p = NEW_ARRAY(float, all.n), one;
    (void)state;

    must(train_predict(m, p, &all, pool, &err), &err);
    for (size_t i = 0; i < all.n; i += 13) {
        struct train_view single = fixture_view(d, i, i + 1);
        must(train_predict(m, &one, &single, NULL, &err), &err);
        assert_true(one == p[i]);
    }
    free(p);
    threads_free(pool);
    model_free(m);
    fixture_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_exclusive_or),
        cmocka_unit_test(the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(the_same_bits_on_every_kernel),
        cmocka_unit_test(early_stopping_puts_the_best_back),
        cmocka_unit_test(without_a_stop_view_all_epochs_run),
        cmocka_unit_test(the_last_partial_batch_counts_as_much),
        cmocka_unit_test(every_sample_is_read_once_an_epoch),
        cmocka_unit_test(goes_on_with_inherited_moments),
        cmocka_unit_test(cancels_after_the_step),
        cmocka_unit_test(openblas_marks_what_it_trains),
        cmocka_unit_test(names_step_and_node_of_what_is_not_finite),
        cmocka_unit_test(refuses_bad_input),
        cmocka_unit_test(the_trace_ends_with_what_is_handed_back),
        cmocka_unit_test(the_loop_allocates_nothing),
        cmocka_unit_test(predictions_do_not_depend_on_the_batch),
    };
    struct error err = {0};

    if (!numeric_start(&err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
