#include "tests/unit/screen_desk.h"

#include "search/morph.h"
#include "store/arches.h"
#include "store/measures.h"

static void grow(struct desk *d, const char *kind, const char *node)
{
    char key[HASH_HEX];
    struct error err = {0};
    assert_true(action_selected(d->w, key, sizeof key));
    json_t *r = action_morph(d->w, key, kind, node, NULL, 0, &err);
    assert_non_null(r);
    json_decref(r);
}

static void test_says_what_to_do(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 80, 24, "There is no task yet."));
    desk_play(d, "c");
    assert_true(desk_shows(d, 80, 24, "set it on Data"));
    desk_free(d);
    d = desk_with_task();
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 80, 24, "makes one from a template"));
    desk_free(d);
}

static void test_creates_and_counts(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    struct arch_row row;
    struct error err = {0};
    char count[40], total[80];
    desk_open(d, "graph", false);
    desk_play(d, "c Enter"); /* the first template: mlp */
    assert_true(desk_shows(d, 120, 36, "mlp"));
    assert_true(desk_shows(d, 120, 36, "flatten"));
    assert_true(arches_find(d->w, "mlp", &row, &err));
    free(row.text);
    text_of_count((uint64_t)row.parameters, count, sizeof count);
    snprintf(total, sizeof total, "4 nodes  %s parameters", count);
    assert_true(desk_shows(d, 120, 36, total));
    assert_true(desk_shows(d, 120, 36, "made from a template"));
    desk_free(d);
}

static void test_follows_edges(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 120, 36, "x \u2500\u2500\u2500")); /* the input's details */
    desk_play(d, "Right");                                        /* read by the first layer and its skip */
    assert_true(desk_shows(d, 120, 36, "readers of x"));
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "c1 \u2500\u2500\u2500"));
    assert_true(desk_shows(d, 120, 36, "kernel=3"));
    desk_play(d, "Left");
    assert_true(desk_shows(d, 120, 36, "x \u2500\u2500\u2500"));
    desk_play(d, "Left");
    assert_true(desk_shows(d, 120, 36, "x has no input"));
    desk_play(d, "G Right");
    assert_true(desk_shows(d, 120, 36, "y has no reader"));
    desk_play(d, "/ l a s t Enter");
    assert_true(desk_shows(d, 200, 60, "keeps the newest time step"));
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "Esc closes"));
    desk_free(d);
}

static void test_marks_against_the_parent(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "mlp");
    grow(d, "deepen", "d1");
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 120, 36, "by deepen node=d1 (3 new, 1 changed)"));
    assert_true(desk_shows(d, 120, 36, "+"));
    desk_play(d, "d");
    assert_true(desk_hides(d, 120, 36, "new, "));
    desk_play(d, "d A Down Enter"); /* the older one: the template */
    assert_true(desk_shows(d, 120, 36, "4 nodes"));
    desk_play(d, "d");
    assert_true(desk_shows(d, 120, 36, "has no parent to compare with"));
    desk_free(d);
}

static json_t *suggestion(struct desk *d)
{
    char key[HASH_HEX], hex[HASH_HEX];
    struct arch_row row;
    struct hash id;
    struct error err = {0};
    struct morph_step step;
    assert_true(action_selected(d->w, key, sizeof key));
    assert_true(arches_find(d->w, key, &row, &err));
    struct arch *a = arch_parse(row.text, strlen(row.text), "a", &err);
    assert_true(morph_parse(&step, "deepen node=d1", &err));
    struct arch *b = morph_apply_arch(a, &step, &err);
    assert_non_null(b);
    assert_true(arches_put(d->w, b, "", &row.id, "deepen node=d1", &id, &err));
    hash_hex(id, hex);
    char *text = arch_format(b);
    json_t *j = json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f}]}", "suggestions", "arch", hex, "parent", key,
                          "morphism", "deepen node=d1", "why", "most is expected of it", "text", text, "mean", 0.5432, "sd",
                          0.0123, "ei", 0.001, "best", 0.54, "z", 0.26);
    free(text);
    free(row.text);
    arch_free(a);
    arch_free(b);
    return j;
}

static void test_shows_a_suggestion_as_ghosts(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    const struct screen *s = desk_screen("graph");
    desk_arch(d, "mlp");
    desk_open(d, "data", false);
    void *self = desk_self(d, s);
    json_t *j = suggestion(d);
    s->event(self, d->app, NULL, j);
    json_decref(j);
    for (int shown = 0; shown < 2; shown++) { /* s shows it, and hides it again */
        for (int k = 0; k < s->keys; k++)
            if (s->key[k].key == 's')
                s->key[k].run(self, d->app);
        struct grid *g = grid_new(120, 30, SYMBOLS_ASCII);
        s->draw(self, d->app, g, grid_box(g));
        char *text = grid_text(g);
        assert_int_equal(strstr(text, "predicted 54.32 ~ 1.23 %") != NULL, shown == 0);
        assert_int_equal(strstr(text, "?") != NULL, shown == 0);
        free(text);
        grid_free(g);
        char *why = s->explain(self, d->app);
        assert_int_equal(strstr(why, "most is expected of it") != NULL, shown == 0);
        free(why);
    }
    s->close(self);
    desk_free(d);
}

static void test_exports(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    struct bytes written = {0};
    struct error err = {0};
    desk_arch(d, "mlp");
    assert_int_equal(chdir(d->folder), 0);
    desk_open(d, "graph", false);
    desk_play(d, "x Enter Enter x Down Enter Enter");
    assert_true(file_read("mlp.arch", 1 << 20, &written, &err));
    struct arch *a = arch_parse((const char *)written.data, written.n, "mlp.arch", &err);
    assert_non_null(a);
    assert_int_equal(a->nodes, 4);
    arch_free(a);
    bytes_free(&written);
    assert_true(file_exists("mlp.dot"));
    assert_int_equal(chdir("/"), 0);
    desk_free(d);
}

static void test_explains_weights(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "mlp");
    desk_open(d, "graph", false);
    desk_play(d, "G e"); /* the output: 4 inputs, 1 unit */
    assert_true(desk_shows(d, 120, 36, "4 x 1 = 4"));
    assert_true(desk_shows(d, 120, 36, "5 parameters"));
    desk_free(d);
}

/* Another program may make an architecture the one at hand while this one looks on. */
static void test_follows_the_one_at_hand(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    desk_open(d, "graph", false);
    desk_play(d, "G");
    desk_arch(d, "mlp");
    desk_play(d, "k j");
    assert_true(desk_shows(d, 120, 36, "4 nodes"));
    assert_true(desk_shows(d, 120, 36, "y \u2500\u2500\u2500")); /* the cursor is still on the node of that name */
    desk_free(d);
}

/* --- costs ----------------------------------------------------------------------------------------------------------- */

static void measure(struct desk *d, const char *key)
{
    struct error err = {0};
    json_t *r = action_arch_measure(d->w, key, &(struct action_measure_options){.batch = 32, .threads = 1, .steps = 3}, NULL,
                                    &err);
    assert_string_equal(err.text, "");
    json_decref(r);
}

/* What a measuring leaves, with figures that a test can name. */
static void put_measured(struct desk *d, const char *key, const char *gradient_of_c1)
{
    struct arch_row row;
    struct error err = {0};
    assert_true(arches_find(d->w, key, &row, &err));
    free(row.text);
    char *text = memory_format(
        "{\"at\":\"2020-01-01T00:00:00Z\",\"batch\":64,\"threads\":2,\"kernels\":\"avx2\",\"weights\":null,\"data\":\"fold "
        "1\",\"steps\":9,\"step_seconds\":0.00125,\"samples_per_second\":51200,\"forward_seconds\":0.0004,"
        "\"backward_seconds\":0.0006,\"epoch_seconds\":2.5,\"epochs\":30,\"train_seconds\":75,\"score_seconds\":150,"
        "\"nodes\":{\"c1\":{\"forward_seconds\":0.0003,\"backward_seconds\":0.0005,\"share\":0.8,\"gradient_norm\":%s,"
        "\"weight_gradient_norm\":0.5},\"y\":{\"forward_seconds\":0.0001,\"backward_seconds\":0.0001,\"share\":0.2,"
        "\"gradient_norm\":0.25,\"weight_gradient_norm\":null}}}",
        gradient_of_c1);
    measures_put(d->w, row.id, text);
    free(text);
}

static void test_costs_by_the_plan(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 120, 36, "not measured yet: m runs some steps"));
    assert_true(desk_shows(d, 120, 36, " of ")); /* planned of written */
    desk_play(d, "Down");                         /* c1: the second block reads its last step and the one two before */
    assert_true(desk_shows(d, 120, 36, "3 of 8"));
    assert_true(desk_shows(d, 120, 36, "held 3 of 8"));
    desk_play(d, "e");
    assert_true(desk_shows(d, 120, 36, "Held 3 of 8 steps"));
    desk_play(d, "Esc v");
    assert_true(desk_shows(d, 120, 36, "cost: parameters"));
    desk_play(d, "v v");
    assert_true(desk_shows(d, 120, 36, "cost: norm of the gradient, on a scale of powers of ten (m measures it)"));
    desk_free(d);
}

static void test_shows_what_was_measured(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    desk_open(d, "graph", false);
    put_measured(d, "tcn", "0.5"); /* as by another program, while this one looks on */
    desk_play(d, "Down");
    assert_true(desk_shows(d, 200, 40, "1.25 ms a step  51,200 samples/s  epoch 2.5 s  training up to 1 min 15 s"));
    assert_true(desk_shows(d, 200, 40, "2020-01-01: batch 64, 2 threads, fresh weights"));
    assert_true(desk_shows(d, 200, 40, "80.0 %"));
    assert_true(desk_shows(d, 200, 40, "80.0 %: forward 0.300 ms, backward 0.500 ms"));
    assert_true(desk_shows(d, 200, 40, "0.5 of the value; 0.5 of the weights"));
    assert_true(desk_shows(d, 80, 24, "80.0 %"));
    assert_true(desk_hides(d, 200, 40, "vanishes"));
    desk_play(d, "e");
    assert_true(desk_shows(d, 120, 50, "80.0 % of the 1.000 ms of all nodes"));
    desk_free(d);
}

static void test_hints_at_bad_gradients(void **state)
{
    static const struct {
        const char *norm, *says;
    } hint[] = {{"0", "nothing flows back here"},
                {"0.0001", "it vanishes on the way back"},
                {"2500", "it explodes"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(hint); i++) {
        struct desk *d = desk_with_task();
        desk_arch(d, "tcn");
        put_measured(d, "tcn", hint[i].norm);
        desk_open(d, "graph", false);
        desk_play(d, "Down");
        assert_true(desk_shows(d, 200, 40, hint[i].says));
        desk_free(d);
    }
}

static void test_batch_changes_memory(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 120, 36, "at batch 64"));
    desk_play(d, "b C-u 2 5 6 Enter");
    assert_true(desk_shows(d, 120, 36, "at batch 256"));
    desk_play(d, "b C-u 0 Enter");
    assert_true(desk_shows(d, 120, 36, "from 1 to 65536"));
    assert_true(desk_shows(d, 120, 36, "at batch 256"));
    desk_free(d);
}

static void test_compares_costs(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_arch(d, "tcn");
    measure(d, "tcn");
    grow(d, "widen", "c1");
    char key[HASH_HEX];
    assert_true(action_selected(d->w, key, sizeof key));
    desk_open(d, "graph", false);
    assert_true(desk_shows(d, 200, 40, " parameters, +"));
    assert_true(desk_shows(d, 200, 40, "% mult-adds, +"));
    assert_true(desk_hides(d, 200, 40, ", a step ")); /* only one of the two was measured */
    measure(d, key);
    desk_play(d, "Down");
    assert_true(desk_shows(d, 200, 40, ", a step "));
    assert_true(desk_shows(d, 200, 40, " (+")); /* of the node */
    desk_free(d);
}

static void test_sizes(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    const struct screen *s = desk_screen("graph");
    desk_open(d, "data", false);
    void *self = desk_self(d, s);
    desk_sweep(d, s, self);
    desk_arch(d, "tcn");
    put_measured(d, "tcn", "0.0001");
    s->reload(self, d->app);
    desk_sweep(d, s, self);
    grow(d, "deepen", "c1");
    s->reload(self, d->app);
    desk_sweep(d, s, self);
    s->close(self);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_to_do),
        cmocka_unit_test(test_creates_and_counts),
        cmocka_unit_test(test_follows_edges),
        cmocka_unit_test(test_marks_against_the_parent),
        cmocka_unit_test(test_shows_a_suggestion_as_ghosts),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_explains_weights),
        cmocka_unit_test(test_follows_the_one_at_hand),
        cmocka_unit_test(test_costs_by_the_plan),
        cmocka_unit_test(test_shows_what_was_measured),
        cmocka_unit_test(test_hints_at_bad_gradients),
        cmocka_unit_test(test_batch_changes_memory),
        cmocka_unit_test(test_compares_costs),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
