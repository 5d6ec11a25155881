#include "tests/unit/screen_desk.h"

#include "store/series.h"
#include "store/tasks.h"

static void test_empty_says_what_to_do(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 80, 24, "No data yet"));
    assert_true(desk_shows(d, 60, 20, "a     adds a file"));
    desk_play(d, "t");
    assert_true(desk_shows(d, 80, 24, "there are no series yet: a adds a file"));
    desk_free(d);
}

static void test_lists_series_and_task(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    desk_market(d, "market.csv", 400, 400, 1);
    desk_add(d, "market.csv");
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 120, 36, "market"));
    assert_true(desk_shows(d, 120, 36, "2016-07-18..2017-08-21"));
    assert_true(desk_shows(d, 120, 36, "No task is set, so nothing is sealed yet."));
    desk_task(d);
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 200, 60, "market: close up or down, 1 bar ahead"));
    assert_true(desk_shows(d, 120, 36, "8 bars x"));
    assert_true(desk_shows(d, 120, 36, "3 walk-forward, 9 bars purged"));
    assert_true(desk_shows(d, 120, 36, "60 bars, 2017-06-24 .. 2017-08-22"));
    assert_true(desk_shows(d, 120, 36, "validate"));
    assert_true(desk_shows(d, 60, 20, "folds"));
    desk_free(d);
}

/* --- the seal -------------------------------------------------------------------------------------------------------- */

/* The screen without the row of the task's id, which stands for the files. */
static char *without_id(struct desk *d, int columns, int rows)
{
    char *text = desk_text(d, columns, rows), *rest = text, *line;
    struct text out = {0};
    while ((line = text_next(&rest, '\n')) != NULL)
        if (strstr(line, "  id     ") == NULL)
            text_printf(&out, "%s\n", line);
    free(text);
    text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

static bool same_screens(struct desk *a, struct desk *b, int columns, int rows)
{
    char *x = without_id(a, columns, rows), *y = without_id(b, columns, rows);
    bool same = text_equal(x, y);
    if (!same)
        fprintf(stderr, "these differ:\n%s\n%s", x, y);
    free(x);
    free(y);
    return same;
}

static void test_sealed_values_are_never_drawn(void **state)
{
    (void)state;
    static const char *const views[] = {"c", "]", "]", "c", "+ + Right Right", "- - - >", "Enter", "Esc i", "i e"};
    struct desk *d[2];
    for (int i = 0; i < 2; i++) { /* the last 60 of 400 days will be sealed; the second market goes mad in them */
        d[i] = desk_new();
        desk_market(d[i], "market.csv", 400, i == 0 ? 400 : 340, 7);
        assert_int_equal(chdir(d[i]->folder), 0);
        desk_add(d[i], "market.csv");
        desk_open(d[i], "data", false);
    }
    assert_true(desk_shows(d[1], 120, 36, " 800 \u2524")); /* nothing is sealed yet */
    for (int i = 0; i < 2; i++) {
        desk_task(d[i]);
        desk_open(d[i], "data", false);
    }
    for (size_t v = 0; v < ARRAY_N(views); v++) {
        if (!text_equal(views[v], "i e")) { /* the report, which is shown then, names the file's path */
            assert_true(same_screens(d[0], d[1], 120, 36));
            assert_true(same_screens(d[0], d[1], 80, 24));
            assert_true(same_screens(d[0], d[1], 200, 60));
        }
        desk_play(d[0], views[v]);
        desk_play(d[1], views[v]);
    }
    assert_true(desk_shows(d[0], 120, 60, "The seal"));
    assert_true(same_screens(d[0], d[1], 120, 60)); /* the explanation too */
    assert_int_equal(chdir("/"), 0);
    desk_free(d[0]);
    desk_free(d[1]);
}

static void test_the_seal_hides_its_own_time_of_other_series(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    struct text csv = {0};
    text_put(&csv, "date,mood\n");
    for (int i = 0; i < 500; i++) { /* begins and ends a hundred days after the market */
        char date[40];
        clock_date(((int64_t)17100 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%d\n", date, i >= 240 && i < 300 ? 90 : i % 50);
    }
    desk_write(d, "zmood.csv", text_of(&csv));
    text_free(&csv);
    desk_add(d, "zmood.csv");
    desk_open(d, "data", false);
    desk_play(d, "Down");
    assert_true(desk_shows(d, 120, 36, "mood  sentiment"));
    assert_true(desk_shows(d, 120, 36, "\u2591"));       /* the hatched block */
    assert_true(desk_hides(d, 120, 36, " 80 \u2524"));   /* the axis does not reach the values within it */
    assert_true(desk_shows(d, 120, 36, "2018"));         /* what comes after it is drawn */
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "49"));           /* the newest value of the column */
    desk_free(d);
}

static void set_task_on(struct desk *d, const char *asset)
{
    struct error err = {0};
    json_t *r = action_task_set(d->w, &(struct action_task_options){.asset = asset, .horizon = 1, .lookback = 8, .folds = 3, .embargo = -1,
                                                                    .stride = -1, .seed = -1, .holdout = -1}, &err);
    assert_non_null(r);
    json_decref(r);
}

static void test_what_an_earlier_task_sealed_stays_hidden(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    struct text csv = {0};
    desk_market(d, "market.csv", 400, 340, 7); /* goes mad in its last 60 days */
    text_put(&csv, "date,close\n");
    uint32_t x = 99;
    double price = 100;
    for (int i = 0; i < 400; i++) { /* years later */
        char date[40];
        x = x * 1664525u + 1013904223u;
        price *= 1 + ((double)(x >> 8) / 16777216.0 - 0.49) * 0.05;
        clock_date(((int64_t)19000 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%.4f\n", date, price);
    }
    desk_write(d, "other.csv", text_of(&csv));
    text_free(&csv);
    desk_add(d, "market.csv");
    desk_add(d, "other.csv");
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 120, 36, " 800 \u2524")); /* nothing is sealed yet */
    set_task_on(d, "market");
    set_task_on(d, "other"); /* in force now, and seals another time */
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 120, 36, "\u25b8 market"));
    assert_true(desk_hides(d, 120, 36, " 800 \u2524"));
    desk_play(d, "Space Down");
    assert_true(desk_shows(d, 120, 36, "market close [95.3403..142.786]")); /* nor as a marked curve */
    desk_free(d);
}

/* --- adding ---------------------------------------------------------------------------------------------------------- */

static void test_adds_a_file_from_the_list(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    desk_market(d, "market.csv", 60, 60, 1);
    desk_write(d, "broken.csv", "date,price\nyesterday,1\ntomorrow,2\n");
    desk_write(d, "notes.md", "not a table");
    workspace_setting_set(d->w, "ui.data.folder", d->folder);
    desk_open(d, "data", false);
    desk_play(d, "a");
    assert_true(desk_shows(d, 120, 36, "broken.csv"));
    assert_true(desk_hides(d, 120, 36, "notes.md"));
    desk_play(d, "/ m a r k");
    assert_true(desk_hides(d, 120, 36, "broken.csv"));
    assert_true(desk_shows(d, 120, 36, "date,open,high,low,close,volume")); /* the first lines */
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "Enter: 60 rows"));
    assert_false(desk_has(d, "market")); /* a dry run */
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "Imported"));
    assert_true(desk_shows(d, 120, 36, "delimiter: comma"));
    desk_play(d, "Esc");
    assert_true(desk_shows(d, 120, 36, "2016-07-18..2016-09-15"));
    desk_play(d, "a Esc a / b r o Enter");
    assert_true(desk_shows(d, 120, 36, "only you can know"));
    desk_play(d, "i");
    assert_true(desk_shows(d, 120, 36, "Not imported"));
    assert_true(desk_shows(d, 120, 36, "Nothing was imported."));
    desk_play(d, "Esc Esc Esc Esc");
    assert_true(desk_shows(d, 120, 36, "market"));
    assert_true(desk_hides(d, 120, 36, "broken"));
    desk_free(d);
}

static void test_read_only_adds_nothing(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", true);
    desk_play(d, "a");
    assert_true(desk_shows(d, 80, 24, "--read-only"));
    assert_true(desk_shows(d, 80, 24, "market"));
    desk_free(d);
}

/* --- the task, the export, the explanation --------------------------------------------------------------------------- */

static void test_sets_a_task(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    struct task_row row;
    struct error err = {0};
    desk_market(d, "market.csv", 400, 400, 1);
    desk_add(d, "market.csv");
    desk_open(d, "data", false);
    desk_play(d, "t");
    assert_true(desk_shows(d, 120, 36, "What it would be"));
    assert_true(desk_shows(d, 120, 36, "fold 5"));
    assert_false(tasks_active(d->w, &row, NULL)); /* not set before it is */
    desk_play(d, "Down Down Down Down Enter 2 Enter Down Enter 1 6 Enter"); /* horizon, look-back */
    assert_true(desk_shows(d, 120, 36, "--horizon 2 --lookback 16"));
    assert_false(tasks_active(d->w, &row, NULL));
    desk_play(d, "s");
    assert_true(desk_shows(d, 120, 36, "in force"));
    assert_true(tasks_active(d->w, &row, &err));
    free(row.info);
    assert_int_equal(row.task.horizon, 2);
    assert_int_equal(row.task.lookback, 16);
    desk_play(d, "t Down Down Down Down Enter C-u x Enter");
    assert_true(desk_shows(d, 120, 36, "--horizon is a whole number"));
    desk_play(d, "Enter C-u 1 Enter Down Enter C-u 3 9 0 Enter"); /* a window longer than the folds have bars */
    assert_true(desk_shows(d, 120, 36, "This cannot be set"));
    desk_play(d, "s");
    assert_true(desk_shows(d, 120, 36, "Task not set"));
    assert_true(tasks_active(d->w, &row, &err));
    free(row.info);
    assert_int_equal(row.task.lookback, 16);
    desk_free(d);
}

static void test_exports(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    struct bytes written = {0};
    struct error err = {0};
    assert_int_equal(chdir(d->folder), 0);
    desk_open(d, "data", false);
    desk_play(d, "x Enter");
    assert_true(desk_shows(d, 120, 36, "60 sealed rows left out"));
    assert_true(file_read("market-joined.csv", 1 << 24, &written, &err));
    size_t lines = 0;
    for (size_t i = 0; i < written.n; i++)
        lines += written.data[i] == '\n';
    assert_int_equal(lines, 341);
    bytes_free(&written);
    assert_int_equal(chdir("/"), 0);
    desk_free(d);
}

static void test_explains_with_numbers(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", false);
    desk_play(d, "e");
    assert_true(desk_shows(d, 120, 60, "look-back 8 + horizon 1 + embargo 0 = 9 bars"));
    assert_true(desk_shows(d, 120, 60, "fold 1: trains on"));
    assert_true(desk_shows(d, 120, 60, "The last 60 bars (15.0 % of the time"));
    desk_free(d);
}

/* --- looking --------------------------------------------------------------------------------------------------------- */

static void test_zooms_pans_and_reads_values(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", false);
    char *all = desk_text(d, 120, 36), *near, *moved, *again;
    desk_play(d, "+ +");
    near = desk_text(d, 120, 36);
    desk_play(d, "<");
    moved = desk_text(d, 120, 36);
    desk_play(d, "- - -");
    again = desk_text(d, 120, 36);
    assert_string_not_equal(all, near);
    assert_string_not_equal(near, moved);
    assert_string_equal(all, again);
    free(all);
    free(near);
    free(moved);
    free(again);
    desk_play(d, "Right");
    assert_true(desk_shows(d, 120, 36, "O ")); /* the candle under the cursor in numbers */
    desk_play(d, "c Right");
    assert_true(desk_shows(d, 120, 36, "close 1"));
    for (int i = 0; i < 100; i++)
        desk_play(d, "Right"); /* never into the seal: the newest value that may be seen stays */
    assert_true(desk_shows(d, 120, 36, "2017-06-22"));
    desk_free(d);
}

static void test_columns(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 120, 36, "close  price 4/5  candles"));
    desk_play(d, "c");
    assert_true(desk_hides(d, 120, 36, "candles "));
    desk_play(d, "]");
    assert_true(desk_shows(d, 120, 36, "volume  volume 5/5"));
    desk_play(d, "]");
    assert_true(desk_shows(d, 120, 36, "open  price 1/5"));
    desk_play(d, "Enter G");
    assert_true(desk_shows(d, 120, 36, "Last shown"));
    assert_true(desk_shows(d, 120, 36, "volume  volume 5/5"));
    desk_play(d, "Esc i");
    assert_true(desk_shows(d, 120, 36, "What the importer did"));
    assert_true(desk_shows(d, 120, 36, "the only column that holds times"));
    desk_free(d);
}

static void test_sizes(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    const struct screen *s = desk_screen("data");
    desk_open(d, "data", false);
    void *self = desk_self(d, s);
    static const int keys[] = {INPUT_NONE, 'i', 'i', 's', 's', INPUT_RIGHT, INPUT_SPACE, INPUT_ENTER, ']', 't', INPUT_ESC, 'a', INPUT_DOWN, INPUT_ENTER};
    desk_market(d, "other.csv", 50, 50, 1);
    workspace_setting_set(d->w, "ui.data.folder", d->folder);
    for (size_t i = 0; i < ARRAY_N(keys); i++) {
        bool used = false;
        for (int k = 0; k < s->keys && !used; k++)
            if (s->key[k].key == keys[i] && s->shows(self, &s->key[k])) {
                s->key[k].run(self, d->app);
                used = true;
            }
        if (!used)
            s->input(self, d->app, &(struct input_event){.key = keys[i]});
        app_settle(d->app);
        desk_sweep(d, s, self);
    }
    s->close(self);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_says_what_to_do),
        cmocka_unit_test(test_lists_series_and_task),
        cmocka_unit_test(test_sealed_values_are_never_drawn),
        cmocka_unit_test(test_the_seal_hides_its_own_time_of_other_series),
        cmocka_unit_test(test_what_an_earlier_task_sealed_stays_hidden),
        cmocka_unit_test(test_adds_a_file_from_the_list),
        cmocka_unit_test(test_read_only_adds_nothing),
        cmocka_unit_test(test_sets_a_task),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_explains_with_numbers),
        cmocka_unit_test(test_zooms_pans_and_reads_values),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
