#include "tests/unit/screen_desk.h"

#include "store/series.h"

#include <sys/stat.h>

/* The list of files is opened on the desk's folder. */
static struct desk *desk_at_files(void)
{
    struct desk *d = desk_new();
    workspace_setting_set(d->w, "ui.data.folder", d->folder);
    return d;
}

static struct series_row stored(struct desk *d, const char *name)
{
    struct series_row row = {0};
    struct error err = {0};
    assert_true(series_get(d->w, name, &row, &err));
    free(row.report);
    return row;
}

/* --- said in place of guessed ---------------------------------------------------------------------------------------- */

static void test_an_ambiguous_date_is_a_question(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    desk_write(d, "dates.csv", "date,price\n01/02/2024,1\n02/02/2024,2\n03/02/2024,3\n04/02/2024,4\n05/02/2024,5\n");
    desk_open(d, "data", false);
    desk_play(d, "a / d a t e s Enter");
    assert_true(desk_shows(d, 120, 36, "A question"));
    assert_true(desk_shows(d, 120, 36, "01/02/2024 (line 2)     1 Feb 2024        Jan 2, 2024")); /* both readings */
    assert_true(desk_shows(d, 120, 36, "? order of dates"));
    assert_true(desk_shows(d, 60, 20, "? order of dates"));
    desk_play(d, "i");
    assert_true(desk_shows(d, 120, 36, "Not imported"));
    desk_play(d, "Esc");
    assert_false(desk_has(d, "dates"));
    desk_play(d, "Enter Enter"); /* the cursor stands on the question; the first answer is dmy */
    assert_true(desk_shows(d, 120, 36, "dates.csv --date-order dmy"));
    assert_true(desk_shows(d, 120, 36, "2024-02-05"));
    assert_true(desk_shows(d, 120, 36, "Enter: 5 rows"));
    assert_false(desk_has(d, "dates"));
    desk_play(d, "Enter Down Enter"); /* on second thoughts: mdy; so they are months, which raises another question */
    assert_true(desk_shows(d, 120, 36, "--date-order mdy"));
    assert_true(desk_shows(d, 120, 36, "--stamp open or --stamp close"));
    assert_true(desk_shows(d, 120, 36, "? meaning of a time"));
    desk_play(d, "Enter Down Enter"); /* it closes the period */
    assert_true(desk_shows(d, 120, 36, "2024-05-02"));
    desk_play(d, "R");
    assert_true(desk_shows(d, 120, 36, "A question"));
    desk_play(d, "Enter Enter i");
    assert_true(desk_shows(d, 120, 36, "Imported"));
    struct series_row row = stored(d, "dates");
    assert_int_equal(row.last_us - row.first_us, 4 * CLOCK_DAY_US);
    desk_free(d);
}

static void test_what_is_said_is_used_and_shown_as_a_command(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    desk_market(d, "my market.csv", 60, 60, 1);
    desk_open(d, "data", false);
    desk_play(d, "a / m a r k Enter");
    assert_true(desk_shows(d, 120, 36, "Evidence") || desk_shows(d, 120, 36, "Nothing is stored yet"));
    for (int i = 0; i < 40; i++) {
        char *text = desk_text(d, 120, 36);
        bool there = strstr(text, "\u25b8 publication lag") != NULL;
        free(text);
        if (there)
            break;
        desk_play(d, "Down");
    }
    assert_true(desk_shows(d, 120, 36, "\u25b8 publication lag"));
    desk_play(d, "Enter 2 d Enter");
    assert_true(desk_shows(d, 120, 36, "2d (said)"));
    assert_true(desk_shows(d, 160, 36, "my market.csv' --lag 2d")); /* quoted for a shell */
    desk_play(d, "Enter C-u n o n s e n s e Enter");
    assert_true(desk_shows(d, 120, 36, "--lag is a span"));
    desk_play(d, "Enter C-u 1 h Enter e");
    assert_true(desk_shows(d, 120, 36, "The same from a shell"));
    desk_play(d, "Esc i");
    assert_true(desk_shows(d, 120, 36, "Imported"));
    struct series_row row = stored(d, "my_market");
    assert_int_equal(row.lag_us, 3600 * CLOCK_SECOND_US);
    desk_free(d);
}

static void test_semicolons_and_decimal_commas(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    struct text csv = {0};
    text_put(&csv, "Datum;Kurs\n");
    for (int i = 1; i <= 28; i++)
        text_printf(&csv, "%02d.01.2024;%d,5\n", i, 1000 + i);
    desk_write(d, "kurse.csv", text_of(&csv));
    text_free(&csv);
    desk_open(d, "data", false);
    desk_play(d, "a / k u r Enter");
    assert_true(desk_shows(d, 120, 36, "semicolon"));
    assert_true(desk_shows(d, 120, 36, "1001.5")); /* as it is read */
    desk_play(d, "r");
    assert_true(desk_shows(d, 120, 36, "01.01.2024;1001,5")); /* as it is */
    desk_play(d, "r Enter");
    assert_true(desk_shows(d, 120, 36, "Imported"));
    assert_int_equal(stored(d, "kurse").rows, 28);
    desk_free(d);
}

static void test_several_files_at_once(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    desk_market(d, "one.csv", 50, 50, 1);
    desk_market(d, "two.csv", 70, 70, 1);
    desk_open(d, "data", false);
    desk_play(d, "a Down Space Space");
    assert_true(desk_shows(d, 120, 36, "2 marked"));
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 120, 36, "Enter: 2 files"));
    assert_true(desk_shows(d, 120, 36, "one.csv  1/2"));
    desk_play(d, "]");
    assert_true(desk_shows(d, 120, 36, "two.csv  2/2"));
    desk_play(d, "i");
    assert_true(desk_shows(d, 120, 36, "Imported"));
    assert_int_equal(stored(d, "one").rows, 50);
    assert_int_equal(stored(d, "two").rows, 70);
    desk_free(d);
}

/* --- the seal -------------------------------------------------------------------------------------------------------- */

/* Newest first, so that the first lines of the file are those that are sealed: there every price is 987654. */
static void write_newest_first(const struct desk *d)
{
    struct text csv = {0};
    text_put(&csv, "date,price\n");
    for (int i = 399; i >= 0; i--) {
        char date[40];
        clock_date(((int64_t)17000 + i) * CLOCK_DAY_US, date, sizeof date);
        text_printf(&csv, "%s,%d\n", date, i >= 340 ? 987654 : 100 + i);
    }
    desk_write(d, "newest.csv", text_of(&csv));
    text_free(&csv);
}

static void test_a_preview_shows_nothing_sealed(void **state)
{
    (void)state;
    static const char *const views[] = {"a / n e w", "Enter", "r", "r Down Down Down", "e"};
    struct desk *d = desk_with_task(); /* seals the last 60 of 400 days */
    workspace_setting_set(d->w, "ui.data.folder", d->folder);
    write_newest_first(d);
    desk_open(d, "data", false);
    for (size_t i = 0; i < ARRAY_N(views); i++) {
        desk_play(d, views[i]);
        assert_true(desk_hides(d, 120, 36, "987654"));
        assert_true(desk_hides(d, 80, 24, "987654"));
    }
    desk_play(d, "Esc");
    assert_true(desk_shows(d, 120, 36, "60 sealed rows not shown"));
    assert_true(desk_shows(d, 120, 36, "2016-07-18")); /* what is older is shown */
    desk_play(d, "r");
    assert_true(desk_shows(d, 120, 36, "####-##-##,######")); /* the form of the lines can be seen */
    desk_free(d);
}

static void test_without_a_task_all_lines_are_shown(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    write_newest_first(d);
    desk_open(d, "data", false);
    desk_play(d, "a / n e w");
    assert_true(desk_shows(d, 120, 36, "2017-08-21,987654"));
    desk_free(d);
}

/* --- the list of files ----------------------------------------------------------------------------------------------- */

static void test_what_is_listed(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    char inner[600];
    desk_write(d, "notes.md", "no table");
    desk_write(d, ".hidden.csv", "t,v\n1,2\n");
    desk_write(d, "readings.dat", "t,v\n1,2\n");
    snprintf(inner, sizeof inner, "%s/inner", d->folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    desk_open(d, "data", false);
    desk_play(d, "a");
    assert_true(desk_shows(d, 120, 36, "readings.dat"));
    assert_true(desk_shows(d, 120, 36, "inner/"));
    assert_true(desk_hides(d, 120, 36, "notes.md"));
    assert_true(desk_hides(d, 120, 36, ".hidden.csv"));
    desk_play(d, ". v");
    assert_true(desk_shows(d, 120, 36, "notes.md"));
    assert_true(desk_shows(d, 120, 36, ".hidden.csv"));
    desk_play(d, "/ i n n Enter"); /* into it; the filter stays behind */
    assert_true(desk_shows(d, 120, 36, "/inner"));
    assert_true(desk_shows(d, 120, 36, "no CSV files here"));
    desk_play(d, "u");
    assert_true(desk_shows(d, 120, 36, "\u25b8 inner/")); /* where one came from */
    desk_open(d, "data", false);
    desk_play(d, "a");
    assert_true(desk_shows(d, 120, 36, "readings.dat")); /* the folder is kept in the workspace */
    desk_free(d);
}

static void test_filtering_takes_every_key(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    desk_write(d, "q1e2.csv", "t,v\n1,2\n");
    desk_write(d, "other.csv", "t,v\n1,2\n");
    desk_open(d, "data", false);
    desk_play(d, "a / q 1 e 2"); /* q leaves, digits and e mean something elsewhere */
    assert_false(app_ended(d->app));
    assert_true(desk_shows(d, 120, 36, "q1e2.csv"));
    assert_true(desk_hides(d, 120, 36, "other.csv"));
    desk_play(d, "z z");
    assert_true(desk_shows(d, 120, 36, "nothing here is called that"));
    desk_play(d, "Esc");
    assert_true(desk_shows(d, 120, 36, "other.csv"));
    desk_free(d);
}

static void test_a_folder_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    char inner[600];
    bool all_powerful = geteuid() == 0; /* who may read everything is shown a folder that is gone instead */
    snprintf(inner, sizeof inner, "%s/closed", d->folder);
    assert_int_equal(mkdir(inner, all_powerful ? 0700 : 0), 0);
    desk_open(d, "data", false);
    desk_play(d, "a / c l o");
    if (all_powerful)
        assert_int_equal(rmdir(inner), 0);
    desk_play(d, "Enter");
    assert_true(desk_shows(d, 160, 36, all_powerful ? "No such file or directory" : "cannot be read: Permission denied"));
    desk_play(d, "Esc Esc");
    assert_false(app_ended(d->app));
    desk_free(d);
}

static void test_thousands_of_files(void **state)
{
    (void)state;
    struct desk *d = desk_at_files();
    for (int i = 0; i < 3000; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%04d.csv", i);
        desk_write(d, name, "");
    }
    desk_open(d, "data", false);
    desk_play(d, "a G");
    assert_true(desk_shows(d, 120, 36, "file2999.csv"));
    assert_true(desk_shows(d, 120, 36, "it is empty"));
    desk_play(d, "/ 2 9 9");
    assert_true(desk_shows(d, 120, 36, "file1299.csv"));
    assert_true(desk_hides(d, 120, 36, "file1298.csv"));
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ambiguous_date_is_a_question),
        cmocka_unit_test(test_what_is_said_is_used_and_shown_as_a_command),
        cmocka_unit_test(test_semicolons_and_decimal_commas),
        cmocka_unit_test(test_several_files_at_once),
        cmocka_unit_test(test_a_preview_shows_nothing_sealed),
        cmocka_unit_test(test_without_a_task_all_lines_are_shown),
        cmocka_unit_test(test_what_is_listed),
        cmocka_unit_test(test_filtering_takes_every_key),
        cmocka_unit_test(test_a_folder_that_cannot_be_read_says_why),
        cmocka_unit_test(test_thousands_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
