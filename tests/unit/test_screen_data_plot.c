#include "tests/unit/screen_desk.h"

#include "ui/screen/data_stats.h"

#include <math.h>

/* --- several columns on one clock ------------------------------------------------------------------------------------ */

static struct desk *desk_with_two(void)
{
    struct desk *d = desk_new();
    struct text csv = {0};
    desk_market(d, "market.csv", 400, 400, 1);
    text_put(&csv, "date,mood\n");
    for (int i = 100; i < 300; i++) {
        char date[40];
        clock_date(((int64_t)17000 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%d\n", date, 10 + i % 50);
    }
    desk_write(d, "mood.csv", text_of(&csv));
    text_free(&csv);
    desk_add(d, "market.csv");
    desk_add(d, "mood.csv");
    desk_open(d, "data", false);
    return d;
}

static void test_marked_columns_are_drawn_together(void **state)
{
    (void)state;
    struct desk *d = desk_with_two();
    desk_play(d, "Space Down");
    assert_true(desk_shows(d, 120, 36, "2 columns, each its own axis"));
    assert_true(desk_shows(d, 120, 36, "mood mood [10..59]"));
    assert_true(desk_shows(d, 120, 36, "* market"));
    desk_play(d, "Y");
    assert_true(desk_shows(d, 120, 36, "one axis"));
    desk_play(d, "Y");
    assert_true(desk_shows(d, 120, 36, "index, 100 at the common start"));
    desk_play(d, "Y Right");
    assert_true(desk_shows(d, 120, 36, "mood mood 10 [")); /* values of both under the cursor */
    assert_true(desk_shows(d, 120, 36, "market close 1"));
    desk_play(d, "U");
    assert_true(desk_hides(d, 120, 36, "2 columns"));
    desk_play(d, "Space Space"); /* the second takes it away again */
    assert_true(desk_hides(d, 120, 36, "* mood"));
    desk_free(d);
}

static void test_marks_have_an_end(void **state)
{
    (void)state;
    struct desk *d = desk_with_two();
    desk_play(d, "g"); /* market has five columns, mood one */
    for (int i = 0; i < 5; i++)
        desk_play(d, "Space ]");
    assert_true(desk_shows(d, 200, 60, "5 columns"));
    desk_play(d, "Down Space");
    assert_true(desk_shows(d, 200, 60, "5 columns are marked already"));
    desk_free(d);
}

static void test_values_stand_where_they_are_known(void **state)
{
    (void)state;
    struct desk *d = desk_with_two();
    desk_play(d, "Down");
    char *stamped = desk_text(d, 120, 36);
    desk_play(d, "p");
    char *known = desk_text(d, 120, 36);
    assert_string_not_equal(stamped, known);
    assert_true(desk_shows(d, 120, 36, "when known, lag 1 d"));
    free(stamped);
    free(known);
    desk_free(d);
}

/* --- gaps and flags -------------------------------------------------------------------------------------------------- */

static void test_gaps_and_flags_are_marked(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    struct text csv = {0};
    text_put(&csv, "date,close,volume\n");
    for (int i = 0; i < 200; i++) {
        char date[40];
        if (i >= 80 && i < 120)
            continue;
        clock_date(((int64_t)17000 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%g,%s\n", date, i == 150 ? 1000.0 : 100.0 + i % 7, i == 20 ? "" : "5");
    }
    desk_write(d, "holes.csv", text_of(&csv));
    text_free(&csv);
    desk_add(d, "holes.csv");
    desk_open(d, "data", false);
    assert_true(desk_shows(d, 120, 36, "marks"));
    assert_true(desk_shows(d, 120, 36, "\u2592\u2592\u2592")); /* the hole, as wide as it is */
    assert_true(desk_shows(d, 120, 36, "!"));
    desk_play(d, "+ +");
    bool flagged = false, hole = false;
    for (int i = 0; i < 250; i++) {
        desk_play(d, "Right");
        char *text = desk_text(d, 160, 36);
        flagged |= strstr(text, "! close: spike") != NULL;
        free(text);
        if (i % 10 != 0 || hole)
            continue;
        desk_play(d, "e");
        text = desk_text(d, 160, 80);
        hole |= strstr(text, "40 steps are missing") != NULL;
        free(text);
        desk_play(d, "Esc");
    }
    assert_true(flagged); /* the reason, under the cursor */
    desk_free(d);
}

/* --- the mouse ------------------------------------------------------------------------------------------------------- */

static void mouse(struct desk *d, struct input_event event)
{
    app_input(d->app, &event);
}

static void test_the_mouse_zooms_pans_and_points(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", false);
    char *all = desk_text(d, 120, 36);
    mouse(d, (struct input_event){.key = INPUT_MOUSE, .x = 70, .y = 12, .wheel = -1});
    char *near = desk_text(d, 120, 36);
    assert_string_not_equal(all, near);
    mouse(d, (struct input_event){.key = INPUT_DRAG, .from_x = 70, .from_y = 12, .x = 90, .y = 12});
    char *moved = desk_text(d, 120, 36);
    assert_string_not_equal(near, moved);
    mouse(d, (struct input_event){.key = INPUT_DRAG, .from_x = 90, .from_y = 12, .x = 70, .y = 12});
    mouse(d, (struct input_event){.key = INPUT_MOUSE, .x = 70, .y = 12, .wheel = 1});
    char *again = desk_text(d, 120, 36);
    assert_string_equal(all, again);
    mouse(d, (struct input_event){.key = INPUT_MOUSE, .x = 70, .y = 12});
    assert_true(desk_shows(d, 120, 36, "  O ")); /* the values of the bar that was pointed at */
    free(all);
    free(near);
    free(moved);
    free(again);
    desk_free(d);
}

/* --- figures --------------------------------------------------------------------------------------------------------- */

static void test_figures_of_known_values(void **state)
{
    (void)state;
    struct data_figures f;
    const double value[] = {4, NAN, 1, 3, 2, 5};
    data_figures_of(&f, value, 6);
    assert_int_equal(f.n, 5);
    assert_int_equal(f.missing, 1);
    assert_true(f.mean == 3 && fabs(f.sd - sqrt(2.5)) < 1e-15 && f.least == 1 && f.most == 5);
    assert_true(f.quantile[1] == 2 && f.quantile[2] == 3 && f.quantile[3] == 4 && fabs(f.quantile[0] - 1.2) < 1e-12);
    assert_int_equal(f.bin[0], 1);
    assert_int_equal(f.bin[DATA_BINS - 1], 1);
    assert_int_equal(f.bin[DATA_BINS / 2], 1);
    data_figures_of(&f, (const double[]){NAN}, 1);
    assert_true(f.n == 0 && isnan(f.mean));
    data_figures_of(&f, (const double[]){7, 7, 7}, 3);
    assert_true(f.sd == 0 && f.bin[DATA_BINS / 2] == 3);
}

static void test_ties_of_known_values(void **state)
{
    (void)state;
    struct data_tie t = {.n = 0};
    double rank[4];
    data_ranks(rank, (const double[]){10, 30, 10, 20}, 4);
    assert_true(rank[0] == 1.5 && rank[1] == 4 && rank[2] == 1.5 && rank[3] == 3);
    const double x[] = {1, 2, 3, 4}, up[] = {0, 0, 1, 1}, down[] = {1, 1, 0, 0}, mixed[] = {0, 1, 0, 1}, cube[] = {1, 8, 27, 64};
    data_tie_of(&t, x, up, 4, true);
    assert_true(t.auc == 1 && fabs(t.pearson - 2 / sqrt(5)) < 1e-12);
    data_tie_of(&t, x, down, 4, true);
    assert_true(t.auc == 0 && t.spearman < -0.8);
    data_tie_of(&t, x, mixed, 4, true);
    assert_true(t.auc == 0.75);
    data_tie_of(&t, x, cube, 4, false);
    assert_true(fabs(t.spearman - 1) < 1e-12 && t.pearson < 0.96 && isnan(t.auc));
    assert_true(fabs(data_eta(x, up, 4, 2) - sqrt(0.8)) < 1e-12);
    assert_true(data_eta((const double[]){1, 2, 2, 1}, up, 4, 2) == 0);
    assert_true(isnan(data_eta(x, (const double[]){0, 1, 2, 9}, 4, 3)));
    data_tie_of(&t, (const double[]){5, 5, 5, 5}, up, 4, true);
    assert_true(isnan(t.pearson) && isnan(t.spearman) && t.auc == 0.5);
}

static void test_figures_are_of_the_training_part(void **state)
{
    (void)state;
    struct desk *d = desk_with_task();
    desk_open(d, "data", false);
    desk_play(d, "s");
    assert_true(desk_shows(d, 120, 36, "training part of fold 1"));
    assert_true(desk_shows(d, 120, 36, "76 samples"));        /* as fold 1 trains on */
    assert_true(desk_shows(d, 120, 36, "log_return close"));
    assert_true(desk_shows(d, 120, 36, "values   84"));       /* rows to the end of fold 1's training */
    desk_play(d, "w");
    assert_true(desk_shows(d, 120, 36, "all bars before the hold-out"));
    assert_true(desk_shows(d, 120, 36, "values   340"));      /* of 400; 60 are sealed */
    assert_true(desk_shows(d, 200, 60, "331 samples") || desk_shows(d, 200, 60, "samples"));
    desk_play(d, "s");
    assert_true(desk_hides(d, 120, 36, "median"));
    assert_true(desk_shows(d, 200, 60, "median")); /* a large screen has room for both */
    desk_free(d);
}

/* --- many rows ------------------------------------------------------------------------------------------------------- */

static void test_long_series_are_read_beside_and_keep_their_spikes(void **state)
{
    (void)state;
    struct desk *d = desk_new();
    struct text csv = {0};
    text_put(&csv, "close_time,close,a,b,c,d,e,f\n");
    for (int i = 0; i < 60000; i++)
        text_printf(&csv, "%d,%d,1,2,3,4,5,%d\n", 1500000000 + 60 * i, i == 31234 ? 777 : 100 + i % 3, i % 2);
    desk_write(d, "long.csv", text_of(&csv));
    text_free(&csv);
    desk_add(d, "long.csv");
    desk_open(d, "data", false);
    struct grid *g = grid_new(120, 36, SYMBOLS_BRAILLE);
    app_draw(d->app, g); /* before it is there */
    char *text = grid_text(g);
    assert_non_null(strstr(text, "reading 60,000 rows"));
    free(text);
    grid_free(g);
    assert_true(desk_shows(d, 120, 36, " 700 ")); /* the axis reaches the one row that is so high */
    desk_play(d, "Right");
    assert_true(desk_shows(d, 120, 36, "close 10")); /* the exact value of a row, not of a block */
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marked_columns_are_drawn_together),
        cmocka_unit_test(test_marks_have_an_end),
        cmocka_unit_test(test_values_stand_where_they_are_known),
        cmocka_unit_test(test_gaps_and_flags_are_marked),
        cmocka_unit_test(test_the_mouse_zooms_pans_and_points),
        cmocka_unit_test(test_figures_of_known_values),
        cmocka_unit_test(test_ties_of_known_values),
        cmocka_unit_test(test_figures_are_of_the_training_part),
        cmocka_unit_test(test_long_series_are_read_beside_and_keep_their_spikes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
