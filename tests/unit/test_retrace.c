/* From the state before any leaf, one interval gives exactly that leaf; a changed bit in state, leaf or data shows. */
#include "tests/unit/test_support.h"

#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/retrace.h"

#define FOLDS 2

static struct dataset *data(uint64_t seed)
{
    struct dataset *d = fixture_xor(6000, seed);

    fixture_folds(d, FOLDS, FIXTURE_LOOKBACK + 1);
    return d;
}

static struct arch *network(const char *body)
{
    char *text = memory_format("morphsmith-arch 1\nx input time=%d channels=%d\n%s", FIXTURE_LOOKBACK, FIXTURE_CHANNELS,
                               body);
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test.arch", &err);

    if (!a)
        fail_msg("%s", err.text);
    free(text);
    return a;
}

static const char lstm[] = "r lstm in=x units=5\nz last in=r\ny dense in=z units=1\n";
static const char dropping[] = "c conv in=x channels=6 kernel=3 act=gelu\nd dropout in=c rate=0.3\nr gru in=d units=4\nz last in=r\n"
                               "e dropout in=z rate=0.2\ny dense in=e units=1\n";

struct way {
    const char *name, *body, *settings; /* settings: lines behind the recipe's first seven */
    const char *optimizer;
    int epochs, batch, patience;
    uint32_t stop_ppm;
};

static const struct way ways[] = {
    {"adam", lstm, "", "adam", 7, 256, 3, 200000},
    {"adam to the end, no slice", lstm, "", "adam", 5, 256, 0, 0},
    {"adamw, one cycle, head of zeros", lstm, "weight_decay 0.1\nschedule onecycle\nhead zero\n", "adamw", 9, 230, 5, 150000},
    {"adam, cosine, warm-up, clipped", lstm, "schedule cosine\nwarmup 9\nmin_rate 1e-05\nclip 0.3\n", "adam", 6, 256, 0, 100000},
    {"adam, dropout, smoothing, balance", dropping, "label_smoothing 0.1\nclass_weight balanced\n", "adam", 6, 300, 2, 200000},
    {"sgd", dropping, "", "sgd", 8, 300, 0, 0},
    {"sgd, nesterov, steps", lstm, "momentum 0.9\nnesterov yes\nschedule step\nstep_size 2\n", "sgd", 8, 256, 2, 200000},
    {"adam, linear, the start counts", lstm, "schedule linear\nmin_delta 0.02\nkeep_start yes\n", "adam", 12, 256, 3, 200000},
};

static struct recipe recipe_of(const struct way *w)
{
    struct error err = {0};
    struct recipe r;
    char *text = memory_format("morphsmith-recipe 1\nepochs %d\nbatch %d\nlearning_rate 0.01\noptimizer %s\npatience "
                               "%d\nstop_ppm %u\nseed 5\n%s",
                               w->epochs, w->batch, w->optimizer, w->patience, w->stop_ppm, w->settings);

    if (!recipe_parse(&r, text, &err))
        fail_msg("%s: %s", w->name, err.text);
    free(text);
    return r;
}

struct scene {
    struct dataset *d;
    struct arch *a;
    struct recipe recipe;
    struct crossval *c;
};

static struct scene scene_of(const struct way *w)
{
    struct error err = {0};
    struct scene s = {.d = data(1), .a = network(w->body), .recipe = recipe_of(w)};

    s.c = crossval_run(s.d, s.a, NULL, &s.recipe, -1, NULL, NULL, &err);
    if (!s.c)
        fail_msg("%s: %s", w->name, err.text);
    return s;
}

static void scene_free(struct scene *s)
{
    crossval_free(s->c);
    arch_free(s->a);
    fixture_free(s->d);
}

static struct retrace start(const struct scene *s, int fold)
{
    struct error err = {0};
    struct retrace r;

    if (!retrace_start(&r, s->d, s->a, &s->recipe, fold, &err))
        fail_msg("%s", err.text);
    return r;
}

static struct train_stretch go(const struct retrace *r, struct model *m, int64_t until)
{
    struct error err = {0};
    struct train_stretch out;

    if (!retrace_go(r, m, &out, until, NULL, NULL, &err))
        fail_msg("%s", err.text);
    return out;
}

/* The object of the state behind leaf n (0: none), from a training that goes no further. */
static void state_behind(const struct retrace *r, uint64_t leaf, struct bytes *out)
{
    struct error err = {0};
    struct model *m = retrace_fresh(r, &err);

    assert_non_null(m);
    struct train_stretch part = go(r, m, (int64_t)leaf * r->interval);
    assert_false(part.over);
    assert_int_equal(part.leaves, leaf);
    assert_true(retrace_state_encode(m, out, &err));
    free(part.leaf);
    model_free(m);
}

static struct model *from_object(const struct retrace *r, const struct bytes *object, struct hash *leaf)
{
    struct error err = {0};
    struct retrace_state s;

    if (!retrace_state_decode(&s, object->data, object->n, &err))
        fail_msg("%s", err.text);
    *leaf = retrace_state_leaf(&s);
    struct model *m = retrace_fits(r, &s) ? retrace_model(r, &s, &err) : NULL;
    if (!m)
        fail_msg("the state does not fit");
    return m;
}

/* Leaf n (from 1) of a fold, over one interval from the one before. */
static void check_leaf(const struct way *w, const struct retrace *r, const struct train_result *t, uint64_t n)
{
    struct bytes object = {0};
    struct hash before;

    state_behind(r, n - 1, &object);
    struct model *m = from_object(r, &object, &before);
    if (!hash_equal(before, t->trace[n - 2]))
        fail_msg("%s: the state behind leaf %d is another", w->name, (int)n - 1);
    struct train_stretch part = go(r, m, (int64_t)n * r->interval);
    assert_int_equal(part.over, n == t->trace_leaves);
    if (!part.leaves || !hash_equal(part.leaf[part.leaves - 1], t->trace[n - 1]))
        fail_msg("%s: leaf %d of %d is another", w->name, (int)n, (int)t->trace_leaves);
    assert_int_equal(part.leaves, 1);
    free(part.leaf);
    model_free(m);
    bytes_free(&object);
}

/* All at once, and that it ends where it ends. */
static void check_whole(const struct retrace *r, const struct train_result *t, const struct crossval *c)
{
    struct error err = {0};
    struct model *m = retrace_fresh(r, &err);
    struct train_stretch all = go(r, m, INT64_MAX);
    uint64_t correct, total;

    assert_true(all.over);
    assert_int_equal(all.leaves, t->trace_leaves);
    assert_int_equal(all.steps, t->steps);
    assert_memory_equal(all.leaf, t->trace, all.leaves * sizeof *all.leaf);
    assert_true(hash_equal(model_hash(m), c->fold[r->fold].weights));
    assert_true(hash_equal(trace_leaf(m, NULL), t->trace[t->trace_leaves - 1]));
    assert_true(retrace_counts(r, m, &correct, &total, NULL, &err));
    assert_int_equal(correct, c->fold[r->fold].metric.correct);
    assert_int_equal(total, c->fold[r->fold].metric.n);
    free(all.leaf);
    model_free(m);
}

static void every_leaf_follows_from_the_one_before(void **state)
{
    bool short_epochs = false, long_epochs = false, stopped = false, went_back = false;
    (void)state;

    for (size_t i = 0; i < ARRAY_N(ways); i++) {
        struct scene s = scene_of(&ways[i]);
        int checked = 0;
        for (int k = 0; k < FOLDS; k++) {
            const struct train_result *t = &s.c->fold[k].train;
            struct retrace r = start(&s, k);
            uint64_t last = r.back ? t->trace_leaves - 1 : t->trace_leaves;
            assert_int_equal(r.interval, t->trace_interval);
            assert_true(retrace_may_have(&r, t->trace_leaves));
            for (uint64_t n = 2; n <= last; n++, checked++)
                check_leaf(&ways[i], &r, t, n);
            check_whole(&r, t, s.c);
            short_epochs |= r.epoch < r.interval;
            long_epochs |= r.epoch > r.interval;
            stopped |= t->epochs < s.recipe.epochs;
            went_back |= t->best_epoch < t->epochs;
            retrace_end(&r);
        }
        if (checked < 4)
            fail_msg("%s: %d leaves say little", ways[i].name, checked);
        scene_free(&s);
    }
    assert_true(short_epochs && long_epochs && stopped && went_back);
}

/* The leaf that one interval gives from an object, in a data set. */
static struct hash step_from(const struct retrace *r, const struct bytes *object, uint64_t n)
{
    struct hash before;
    struct model *m = from_object(r, object, &before);
    struct train_stretch part = go(r, m, (int64_t)n * r->interval);
    struct hash leaf = part.leaf[part.leaves - 1];

    free(part.leaf);
    model_free(m);
    return leaf;
}

static void a_bit_of_the_state_or_the_data_shows(void **state)
{
    struct scene s = scene_of(&ways[0]);
    struct retrace r = start(&s, 1);
    const struct hash *leaf = s.c->fold[1].train.trace;
    struct bytes object = {0};
    struct retrace_state decoded;
    struct error err = {0};
    (void)state;

    state_behind(&r, 2, &object);
    assert_true(hash_equal(step_from(&r, &object, 3), leaf[2]));
    for (size_t i = strlen("morphsmith-state 1\n"); i < object.n; i += i < 40 ? 1 : 13) {
        object.data[i] ^= 1;
        if (retrace_state_decode(&decoded, object.data, object.n, &err))
            assert_false(hash_equal(retrace_state_leaf(&decoded), leaf[1]));
        object.data[i] ^= 1;
    }
    object.data[object.n - 4 * (r.d ? s.c->model[1]->weights * 2 : 0) - 4] ^= 1; /* the last weight's lowest bit */
    assert_false(hash_equal(step_from(&r, &object, 3), leaf[2]));
    object.data[object.n - 4 * s.c->model[1]->weights * 2 - 4] ^= 1;
    assert_true(hash_equal(step_from(&r, &object, 3), leaf[2]));
    retrace_end(&r);
    s.d->target[40] = 1.0F - s.d->target[40];
    r = start(&s, 1);
    struct model *m = retrace_fresh(&r, &err);
    struct train_stretch all = go(&r, m, r.epoch > r.interval ? 2 * r.epoch : 2 * r.interval);
    assert_false(hash_equal(all.leaf[all.leaves - 1], leaf[all.leaves - 1]));
    free(all.leaf);
    model_free(m);
    bytes_free(&object);
    retrace_end(&r);
    scene_free(&s);
}

static void states_have_one_spelling(void **state)
{
    struct scene s = scene_of(&ways[5]);
    struct retrace r = start(&s, 0);
    struct bytes object = {0};
    struct retrace_state got;
    struct error err = {0};
    struct hash leaf;
    (void)state;

    state_behind(&r, 1, &object);
    struct model *m = from_object(&r, &object, &leaf);
    assert_int_equal(model_moments(m), r.moments);
    assert_true(hash_equal(leaf, trace_leaf(m, NULL)));
    for (size_t n = 0; n < object.n; n++)
        assert_false(retrace_state_decode(&got, object.data, n, &err));
    bytes_put_u8(&object, 0);
    assert_false(retrace_state_decode(&got, object.data, object.n, &err));
    object.n--;
    object.data[0] = 'M';
    assert_false(retrace_state_decode(&got, object.data, object.n, &err));
    object.data[0] = 'm';
    object.data[19 + 7] = 0x80; /* 2^63 steps */
    assert_false(retrace_state_decode(&got, object.data, object.n, &err));
    object.data[19 + 7] = 0;
    assert_true(retrace_state_decode(&got, object.data, object.n, &err));
    got.moments++;
    assert_false(retrace_fits(&r, &got));
    got.moments--;
    got.steps = r.steps + 1;
    assert_false(retrace_fits(&r, &got));
    got.steps = 0; /* where the start is the best */
    assert_true(retrace_fits(&r, &got));
    got.weights++;
    assert_false(retrace_fits(&r, &got));
    model_free(m);
    bytes_free(&object);
    retrace_end(&r);
    scene_free(&s);
}

static void numbers_of_leaves_that_cannot_be_are_known(void **state)
{
    struct scene s = scene_of(&ways[1]); /* all epochs run: one number */
    struct retrace r = start(&s, 0);
    uint64_t is = s.c->fold[0].train.trace_leaves;
    (void)state;

    for (uint64_t n = 0; n < 3 * is; n++)
        assert_int_equal(retrace_may_have(&r, n), n == is);
    retrace_end(&r);
    scene_free(&s);
    s = scene_of(&ways[0]);
    r = start(&s, 0);
    assert_false(retrace_may_have(&r, 0));
    assert_false(retrace_may_have(&r, (uint64_t)(r.steps / r.interval) + 2));
    assert_true(retrace_may_have(&r, (uint64_t)(r.steps / r.interval) + 1));
    retrace_end(&r);
    scene_free(&s);
}

/* What is not finite ends it, and says that it was that. */
static void divergence_is_told_apart(void **state)
{
    struct scene s = scene_of(&ways[1]);
    struct retrace r = start(&s, 0);
    struct bytes object = {0};
    struct error err = {0};
    struct train_stretch out;
    struct hash leaf;
    uint32_t infinite = 0x7f800000;
    (void)state;

    state_behind(&r, 2, &object);
    memcpy(object.data + 19 + 17, &infinite, sizeof infinite);
    struct model *m = from_object(&r, &object, &leaf);
    assert_false(retrace_go(&r, m, &out, 3 * r.interval, NULL, NULL, &err));
    assert_true(out.diverged);
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_null(out.leaf);
    model_free(m);
    bytes_free(&object);
    retrace_end(&r);
    scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_follows_from_the_one_before),
        cmocka_unit_test(a_bit_of_the_state_or_the_data_shows),
        cmocka_unit_test(states_have_one_spelling),
        cmocka_unit_test(numbers_of_leaves_that_cannot_be_are_known),
        cmocka_unit_test(divergence_is_told_apart),
    };
    struct error err = {0};

    hash_start();
    if (!numeric_start(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
