#include "tests/unit/screen_desk.h"

#include "search/morph.h"
#include "store/arches.h"

static int arches_n(struct desk *d)
{
    struct arch_row *rows;
    struct error err = {0};
    int n = arches_list(d->w, &rows, &err);
    assert_true(n >= 0);
    arches_list_free(rows, n);
    return n;
}

static void at_hand(struct desk *d, struct arch_row *row)
{
    char key[HASH_HEX];
    struct error err = {0};
    assert_true(action_selected(d->w, key, sizeof key));
    assert_true(arches_find(d->w, key, row, &err));
}

static struct desk *with_arch(const char *template_name)
{
    struct desk *d = desk_with_task();
    desk_arch(d, template_name);
    desk_open(d, "morph", false);
    return d;
}

static void test_says_what_to_do(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "morph", false);
    assert_true(desk_shows(d, 80, 24, "makes one from a template"));
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 80, 24, "there is no architecture yet"));
    desk_free(d);
}

static void test_lists_what_applies_and_why_not(void **state)
{
    (void)state;
    struct desk *d = with_arch("mlp");
    assert_true(desk_shows(d, 120, 36, "that apply"));
    assert_true(desk_hides(d, 120, 36, "Why not"));
    desk_play(d, "f g"); /* the first of all: the input, which cannot be widened */
    assert_true(desk_shows(d, 120, 36, "Why not"));
    assert_true(desk_shows(d, 120, 36, "does not apply"));
    desk_play(d, "Enter");
    assert_int_equal(arches_n(d), 1);
    assert_true(desk_hides(d, 120, 36, "max |delta|"));
    desk_free(d);
}

static void test_applies_undoes_and_redoes(void **state)
{
    (void)state;
    struct desk *d = with_arch("mlp");
    struct arch_row before, after, now;
    at_hand(d, &before);
    desk_play(d, "/ w i d e n Enter Enter");
    assert_true(desk_shows(d, 120, 36, "max |delta| = 0 over 64 windows"));
    assert_true(desk_shows(d, 120, 36, "mlp \u2192 widen d1"));
    at_hand(d, &after);
    assert_int_equal(arches_n(d), 2);
    assert_true(hash_equal(after.parent, before.id));
    assert_true(after.parameters > before.parameters);
    desk_play(d, "u");
    at_hand(d, &now);
    assert_true(hash_equal(now.id, before.id));
    free(now.text);
    assert_true(desk_shows(d, 120, 36, "(1 undone)"));
    desk_play(d, "u");
    assert_true(desk_shows(d, 120, 36, "has no parent"));
    desk_play(d, "r");
    at_hand(d, &now);
    assert_true(hash_equal(now.id, after.id));
    free(now.text);
    desk_play(d, "r");
    assert_true(desk_shows(d, 120, 36, "nothing was undone"));
    free(before.text);
    free(after.text);
    desk_free(d);
}

static void test_takes_settings(void **state)
{
    (void)state;
    struct desk *d = with_arch("mlp");
    struct arch_row row;
    struct error err = {0};
    struct morph_step step;
    at_hand(d, &row);
    struct arch *a = arch_parse(row.text, strlen(row.text), "a", &err);
    assert_true(morph_parse(&step, "widen node=d1 by=5", &err));
    struct arch *b = morph_apply_arch(a, &step, &err);
    assert_non_null(b);
    char change[96], from[40], to[40];
    text_of_count((uint64_t)arch_parameters(a), from, sizeof from);
    text_of_count((uint64_t)arch_parameters(b), to, sizeof to);
    snprintf(change, sizeof change, "%s \u2192 %s", from, to);
    desk_play(d, "/ w i d e n Enter o Backspace 5 Enter");
    assert_true(desk_shows(d, 120, 36, change));
    desk_play(d, "o Backspace x Enter"); /* no number: the setting stays */
    assert_true(desk_shows(d, 120, 36, change));
    desk_play(d, "Enter");
    free(row.text);
    at_hand(d, &row);
    assert_int_equal(row.parameters, arch_parameters(b));
    assert_string_equal(row.morphism, "widen node=d1 by=5");
    free(row.text);
    arch_free(a);
    arch_free(b);
    desk_free(d);
}

static void press(struct desk *d, const struct screen *s, void *self, int key)
{
    char why[256];
    for (int k = 0; k < s->keys; k++)
        if (s->key[k].key == key) {
            if (s->key[k].enabled == NULL || s->key[k].enabled(self, d->app, why, sizeof why))
                s->key[k].run(self, d->app);
            return;
        }
    s->input(self, d->app, &(struct input_event){.key = key});
}

static void test_runs_by_itself_until_esc(void **state)
{
    (void)state;
    struct desk *d = with_arch("mlp");
    const struct screen *s = desk_screen("morph");
    void *self = desk_self(d, s);
    assert_false(s->stale(self, d->app)); /* nothing was started */
    press(d, s, self, 'a');
    for (int i = 0; i < 3; i++)
        assert_true(s->stale(self, d->app));
    int n = arches_n(d);
    assert_int_equal(n, 4);
    press(d, s, self, INPUT_ESC);
    assert_false(s->stale(self, d->app));
    assert_int_equal(arches_n(d), n);
    for (int i = 0; i < 3; i++)
        press(d, s, self, 'u'); /* back to where it began */
    struct arch_row row;
    at_hand(d, &row);
    assert_string_equal(row.name, "mlp");
    free(row.text);
    s->close(self);
    desk_free(d);
}

static void test_read_only_changes_nothing(void **state)
{
    (void)state;
    struct desk *d = with_arch("mlp");
    desk_open(d, "morph", true);
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "--read-only"));
    assert_int_equal(arches_n(d), 1);
    desk_free(d);
}

/* Every step that is listed can be explained, and every kind says why the function stays. */
static void test_explains_every_step(void **state)
{
    (void)state;
    struct desk *d = with_arch("tcn");
    const struct screen *s = desk_screen("morph");
    void *self = desk_self(d, s);
    press(d, s, self, 'f');
    press(d, s, self, 'g');
    json_t *list = action_morph_list(d->w, "tcn", NULL);
    size_t n = json_array_size(json_object_get(list, "morphisms"));
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(json_object_get(list, "morphisms"), i);
        const char *kind = json_string_value(json_object_get(one, "kind"));
        char *text = s->explain(self, d->app), head[96];
        snprintf(head, sizeof head, "%s at %s\n", kind, json_string_value(json_object_get(one, "node")));
        assert_true(text_starts(text, head));
        assert_non_null(strstr(text, morph_find(kind)->about));
        assert_non_null(strstr(text, morph_find(kind)->why));
        assert_non_null(strstr(text, morph_find(kind)->shrinks ? "What becomes" : "Why the function stays"));
        bool applies = json_is_true(json_object_get(one, "applicable"));
        assert_int_equal(strstr(text, "What would change") != NULL, applies);
        free(text);
        press(d, s, self, INPUT_DOWN);
    }
    json_decref(list);
    s->close(self);
    desk_free(d);
}

static void test_sizes(void **state)
{
    (void)state;
    struct desk *d = with_arch("tcn");
    const struct screen *s = desk_screen("morph");
    void *self = desk_self(d, s);
    desk_sweep(d, s, self);
    press(d, s, self, INPUT_ENTER);
    press(d, s, self, INPUT_ENTER);
    press(d, s, self, 'f');
    desk_sweep(d, s, self);
    s->close(self);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_to_do),
        cmocka_unit_test(test_lists_what_applies_and_why_not),
        cmocka_unit_test(test_applies_undoes_and_redoes),
        cmocka_unit_test(test_takes_settings),
        cmocka_unit_test(test_runs_by_itself_until_esc),
        cmocka_unit_test(test_read_only_changes_nothing),
        cmocka_unit_test(test_explains_every_step),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
