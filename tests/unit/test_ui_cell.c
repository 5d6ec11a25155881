#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "tests/unit/ui_helper.h"
#include "ui/cell/form.h"
#include "ui/cell/table.h"
#include "ui/input.h"
#include "ui/theme.h"

#include <limits.h>

static void check_text(const struct grid *g, const char *expected)
{
    char *text = grid_text(g);
    assert_string_equal(text, expected);
    free(text);
}

/* What putting `text` into a box of so many columns within a wider grid shows. */
static void check_put(enum symbols symbols, int columns, const char *text, const char *expected)
{
    struct grid *g = grid_new(columns + 4, 3, symbols);
    struct box b = {2, 1, columns, 1};
    grid_put(g, b, 0, 0, STYLE_TEXT, text);
    assert_true(nothing_outside(g, b));
    char *all = grid_text(g), *row = all + 1; /* behind the empty first row */
    row += strspn(row, " ");
    row[strcspn(row, "\n")] = '\0';
    assert_string_equal(row, expected);
    free(all);
    grid_free(g);
}

static void test_put(void **state)
{
    (void)state;
    check_put(SYMBOLS_BRAILLE, 10, "plain", "plain");
    check_put(SYMBOLS_BRAILLE, 5, "plain", "plain");
    check_put(SYMBOLS_BRAILLE, 4, "plain", "pla…");
    check_put(SYMBOLS_ASCII, 4, "plain", "pla~");
    check_put(SYMBOLS_BRAILLE, 1, "plain", "…");
    check_put(SYMBOLS_BRAILLE, 0, "plain", "");
    check_put(SYMBOLS_BRAILLE, 8, "日本語文", "日本語文");
    check_put(SYMBOLS_BRAILLE, 7, "日本語文", "日本語…");
    check_put(SYMBOLS_BRAILLE, 6, "日本語文", "日本…");
    check_put(SYMBOLS_ASCII, 8, "日本", "????");
    check_put(SYMBOLS_ASCII, 12, "Δ ≥ 3 ± 1 …", "d > 3 ~ 1 ~");
    check_put(SYMBOLS_BRAILLE, 20, "a\tb\x1b[2J", "a\\x09b\\x1b[2J");
    check_put(SYMBOLS_BRAILLE, 20, "cafe\xcc\x81", "cafe");
}

static void test_put_returns_the_column_behind(void **state)
{
    (void)state;
    struct grid *g = grid_new(10, 1, SYMBOLS_BRAILLE);
    assert_int_equal(grid_put(g, grid_box(g), 2, 0, STYLE_TEXT, "日x"), 5);
    assert_int_equal(grid_put(g, grid_box(g), 8, 0, STYLE_TEXT, "long"), 10);
    assert_int_equal(grid_printf(g, grid_box(g), 0, 0, STYLE_TEXT, "%d", 42), 2);
    check_text(g, "42日x   l…\n");
    grid_free(g);
}

static void test_half_a_wide_character_never_stays(void **state)
{
    (void)state;
    struct grid *g = grid_new(6, 2, SYMBOLS_BRAILLE);
    grid_put(g, grid_box(g), 0, 0, STYLE_TEXT, "日本語");
    grid_code(g, grid_box(g), 1, 0, STYLE_TEXT, 'x');
    grid_code(g, grid_box(g), 4, 0, STYLE_TEXT, 'y');
    grid_put(g, grid_box(g), 0, 1, STYLE_TEXT, "日本語");
    grid_code(g, grid_box(g), 1, 1, STYLE_TEXT, 0x672c);
    check_text(g, " x本y\n 本 語\n");
    grid_free(g);
}

static void test_put_right(void **state)
{
    (void)state;
    struct grid *g = grid_new(8, 2, SYMBOLS_ASCII);
    grid_put_right(g, grid_box(g), 0, STYLE_TEXT, "1,234");
    grid_put_right(g, grid_box(g), 1, STYLE_TEXT, "123,456,789");
    check_text(g, "   1,234\n123,456~\n");
    grid_free(g);
}

static int paragraph(const char *text, int columns, int y, const char *expected)
{
    struct grid *g = grid_new(columns, 5, SYMBOLS_BRAILLE);
    int rows = grid_paragraph(g, grid_box(g), y, STYLE_TEXT, text);
    check_text(g, expected);
    grid_free(g);
    return rows;
}

static void test_paragraph(void **state)
{
    (void)state;
    assert_int_equal(paragraph("one two three", 7, 0, "one two\nthree\n\n\n\n"), 2);
    assert_int_equal(paragraph("incomprehensible", 6, 0, "incomp\nrehens\nible\n\n\n"), 3);
    assert_int_equal(paragraph("a\n\nb", 6, 1, "\na\n\nb\n\n"), 3);
    assert_int_equal(paragraph("  indented words", 10, 0, "  indented\n  words\n\n\n\n"), 2);
    assert_int_equal(paragraph("  k  what it does\n  u  undo", 12, 0, "  k  what it\n     does\n  u  undo\n\n\n"), 3);
    assert_int_equal(paragraph("Two.  Spaces here do not hang", 14, 0, "Two.  Spaces\nhere do not\nhang\n\n\n"), 3);
    assert_int_equal(paragraph("key   value that is\nk     v", 12, 0, "key   value\n that is\nk     v\n\n\n"), 3);
    assert_int_equal(paragraph("\\x1b is\n日 \\x1b", 8, 0, "\\x1b is\n日 \\x1b\n\n\n\n"), 2);
    assert_int_equal(paragraph("日本語", 3, 0, "日\n本\n語\n\n\n"), 3);
    assert_int_equal(paragraph("1 2 3 4 5 6 7", 1, -4, "5\n6\n7\n\n\n"), 7);
    assert_int_equal(paragraph("", 5, 0, "\n\n\n\n\n"), 0);
}

static void test_frames_and_boxes(void **state)
{
    struct box a, b;
    (void)state;
    struct grid *g = grid_new(14, 3, SYMBOLS_BRAILLE);
    struct box in = grid_frame(g, grid_box(g), STYLE_BORDER, "Title that is long");
    assert_true(in.x == 1 && in.y == 1 && in.columns == 12 && in.rows == 1);
    check_text(g, "╭─ Title t… ─╮\n│            │\n╰────────────╯\n");
    grid_clear(g);
    in = grid_frame(g, (struct box){3, 1, 1, 1}, STYLE_BORDER, "x");
    assert_true(in.columns == 0 && in.rows == 0);
    check_text(g, "\n\n\n");
    grid_free(g);
    box_split_columns((struct box){1, 2, 10, 4}, -3, &a, &b);
    assert_true(a.columns == 7 && b.x == 8 && b.columns == 3 && b.rows == 4);
    box_split_rows((struct box){1, 2, 10, 4}, 9, &a, &b);
    assert_true(a.rows == 4 && b.rows == 0 && b.y == 6);
    a = box_inset((struct box){0, 0, 3, 3}, 2, 2, 2, 2);
    assert_true(a.columns == 0 && a.rows == 0);
}

/* --- tables ---------------------------------------------------------------------------------------------------- */

static const struct table_column columns[] = {
    {"Name", 8, 16, false, 0}, {"Score", 6, 8, true, 1}, {"Parameters", 10, 12, true, 2}, {"Notes", 10, 40, false, 3}};

static int asked; /* how many cells were asked for */

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    (void)context;
    asked++;
    if (column == 0)
        snprintf(out, size, "row %d", row);
    else if (column == 1)
        snprintf(out, size, "%.3f", 0.5 + row / 1000.0);
    else if (column == 2)
        text_of_count((uint64_t)row * 1234, out, size);
    else
        snprintf(out, size, "a note on row %d that is rather long", row);
    *style = column == 1 ? STYLE_GOOD : STYLE_TEXT;
}

static const struct table_source thousand = {NULL, 1000, cell};

static void test_table_goldens(void **state)
{
    static const int sizes[][2] = {{60, 20}, {80, 24}, {132, 43}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(sizes); i++) {
        for (int symbols = 0; symbols < 3; symbols += 2) {
            struct grid *g = grid_new(sizes[i][0], sizes[i][1], (enum symbols)symbols);
            struct table_state t = {.cursor = 500};
            char name[64];
            table_draw(g, grid_box(g), columns, 4, &thousand, &t, true);
            snprintf(name, sizeof name, "table-%s-%dx%d", symbols == 0 ? "braille" : "ascii", sizes[i][0], sizes[i][1]);
            assert_true(golden_matches(g, name));
            grid_free(g);
        }
    }
}

static void test_table_drops_columns_by_priority(void **state)
{
    static const struct {
        int columns;
        const char *head;
    } cases[] = {{46, "  Name           Score  Parameters  Notes\n"}, {36, "  Name             Score  Parameters\n"},
                 {22, "  Name           Score\n"}, {14, "  Name\n"}, {8, "  Name\n"}, {5, "  Na…\n"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct grid *g = grid_new(cases[i].columns, 1, SYMBOLS_BRAILLE);
        struct grid *tall = grid_new(cases[i].columns, 2, SYMBOLS_BRAILLE);
        struct table_state t = {0};
        struct table_source one = {NULL, 1, cell};
        table_draw(tall, grid_box(tall), columns, 4, &one, &t, true);
        memcpy(g->cell, tall->cell, sizeof *g->cell * (size_t)cases[i].columns);
        check_text(g, cases[i].head);
        grid_free(g);
        grid_free(tall);
    }
}

static void test_table_follows_its_cursor(void **state)
{
    struct table_state t = {0};
    (void)state;
    struct grid *g = grid_new(40, 11, SYMBOLS_BRAILLE); /* ten rows below the header */
    static const struct {
        int delta, cursor, top;
    } moves[] = {{0, 0, 0}, {9, 9, 0}, {1, 10, 1}, {-5, 5, 1}, {-5, 0, 0}, {INT_MAX, 999, 990}, {1, 999, 990},
                 {-9, 990, 990}, {-1, 989, 989}, {INT_MIN, 0, 0}, {-1, 0, 0}};
    for (size_t i = 0; i < ARRAY_N(moves); i++) {
        table_move(&t, 1000, moves[i].delta);
        table_draw(g, grid_box(g), columns, 4, &thousand, &t, true);
        assert_int_equal(t.cursor, moves[i].cursor);
        assert_int_equal(t.top, moves[i].top);
    }
    assert_int_equal(table_row_at(grid_box(g), &thousand, &t, 0), -1);
    assert_int_equal(table_row_at(grid_box(g), &thousand, &t, 3), 2);
    assert_int_equal(table_row_at(grid_box(g), &thousand, &t, 11), -1);
    table_move(&t, 0, 5);
    assert_int_equal(t.cursor, 0);
    grid_free(g);
}

static void test_table_costs_what_is_visible(void **state)
{
    struct table_source many = {NULL, INT_MAX, cell};
    struct table_state t = {.cursor = INT_MAX - 5};
    (void)state;
    struct grid *g = grid_new(80, 11, SYMBOLS_BRAILLE);
    asked = 0;
    table_draw(g, grid_box(g), columns, 4, &many, &t, true);
    assert_int_equal(asked, 40);
    grid_free(g);
}

static void test_selected_row_is_marked_without_colour(void **state)
{
    struct table_state t = {.cursor = 1};
    (void)state;
    for (int focused = 0; focused < 2; focused++) {
        struct grid *g = grid_new(40, 5, SYMBOLS_ASCII);
        table_draw(g, grid_box(g), columns, 4, &thousand, &t, focused);
        assert_int_equal(g->cell[2 * 40].code, '>');
        assert_int_equal(g->cell[1 * 40].code, ' ');
        assert_int_equal(g->cell[2 * 40 + 4].style, focused ? STYLE_SELECTED : STYLE_TEXT);
        grid_free(g);
    }
}

static void test_sweep_stays_inside(void **state)
{
    static struct form_line line;
    (void)state;
    form_set(&line, "some text that is long enough to scroll, with 日本語 in it");
    for (int w = 0; w <= 300; w += 1 + w / 9) {
        for (int h = 0; h <= 120; h += 1 + h / 7) {
            struct grid *g = grid_new(w + 4, h + 4, (enum symbols)((w + h) % 3));
            struct box b = {2, 2, w, h};
            struct table_state t = {.cursor = (w * h) % 1000};
            table_draw(g, grid_frame(g, b, STYLE_BORDER, "A title"), columns, 4, &thousand, &t, true);
            form_draw(g, b, 1, h - 1, w, &line, true);
            grid_paragraph(g, b, h / 2 - 3, STYLE_TEXT, "words and words and 日本語 and words");
            grid_put_right(g, b, h - 2, STYLE_TEXT, "at the right");
            grid_fill(g, (struct box){b.x, b.y, w > 3 ? 3 : w, h > 2 ? 2 : h}, STYLE_TEXT, 0x2588);
            assert_true(nothing_outside(g, b));
            grid_free(g);
        }
    }
    struct grid *g = grid_new(10, 4, SYMBOLS_BRAILLE); /* boxes that lie outside of the grid themselves */
    grid_fill(g, (struct box){-5, -5, 40, 40}, STYLE_TEXT, 'x');
    grid_put(g, (struct box){-3, 1, 30, 1}, 0, 0, STYLE_TEXT, "abcdef and a long tail");
    grid_restyle(g, (struct box){8, 2, INT_MAX / 2, 50}, STYLE_BAD);
    check_text(g, "xxxxxxxxxx\ndef and a…\nxxxxxxxxxx\nxxxxxxxxxx\n");
    grid_free(g);
}

/* --- the line editor ------------------------------------------------------------------------------------------- */

static void type(struct form_line *f, const char *keys)
{
    char *copy = memory_text(keys), *rest = copy, *name;
    while ((name = text_next(&rest, ' ')) != NULL)
        assert_true(form_key(f, input_parse(name)));
    free(copy);
}

static void test_form_edits(void **state)
{
    static struct form_line f;
    (void)state;
    static const struct {
        const char *keys, *text;
        size_t at;
    } cases[] = {
        {"a b c", "abc", 3},
        {"Left Left x", "axbc", 2},
        {"Backspace Del", "ac", 1},
        {"Home ä End 日", "äac日", 7},
        {"Left Left Backspace", "äc日", 2},
        {"C-a Del C-e Backspace", "c", 1},
        {"Space o n e Space t w o C-w", "c one ", 6},
        {"C-w C-w", "", 0},
        {"a b c Left C-k", "ab", 2},
        {"x y Left C-u", "y", 0},
        {"Left Home Backspace", "y", 0},
        {"End Del Right", "y", 1},
    };
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        type(&f, cases[i].keys);
        assert_string_equal(f.text, cases[i].text);
        assert_int_equal(f.at, cases[i].at);
        assert_int_equal(f.n, strlen(f.text));
    }
    assert_false(form_key(&f, INPUT_ENTER));
    assert_false(form_key(&f, INPUT_UP));
    assert_false(form_key(&f, 0x85));
}

static void test_form_is_bounded_and_wiped(void **state)
{
    static struct form_line f;
    static const char zeros[FORM_MAX];
    (void)state;
    for (int i = 0; i < 2 * FORM_MAX; i++)
        assert_true(form_key(&f, 0x65e5));
    assert_int_equal(f.n, FORM_MAX - 1 - (FORM_MAX - 1) % 3);
    assert_true(text_is_utf8(f.text, f.n));
    char *deleted = memory_text(f.text);
    while (f.n > 300)
        form_key(&f, INPUT_BACKSPACE);
    assert_memory_equal(f.text + f.n, zeros, FORM_MAX - f.n);
    form_set(&f, deleted);
    form_clear(&f);
    assert_memory_equal(f.text, zeros, FORM_MAX);
    free(deleted);
}

static void test_secret_is_not_drawn(void **state)
{
    static struct form_line f = {.secret = true};
    static const struct {
        int n;
        const char *shown;
    } cases[] = {{0, "\n"}, {1, "****  fewer than 8\n"}, {7, "****  fewer than 8\n"}, {8, "********  8 or more\n"},
                 {15, "********  8 or more\n"}, {16, "************  16 or more\n"}, {200, "************  16 or more\n"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct grid *g = grid_new(40, 1, SYMBOLS_ASCII);
        form_clear(&f);
        for (int k = 0; k < cases[i].n; k++)
            form_key(&f, 'Q');
        form_draw(g, grid_box(g), 0, 0, 40, &f, true);
        check_text(g, cases[i].shown);
        grid_free(g);
    }
}

static void test_form_scrolls_with_its_cursor(void **state)
{
    static struct form_line f;
    (void)state;
    struct grid *g = grid_new(8, 1, SYMBOLS_BRAILLE);
    form_set(&f, "abcdefghijkl");
    form_draw(g, grid_box(g), 0, 0, 8, &f, true);
    check_text(g, "ghijkl\n");
    assert_int_equal(g->cell[6].style, STYLE_SELECTED);
    form_key(&f, INPUT_HOME);
    grid_clear(g);
    form_draw(g, grid_box(g), 0, 0, 8, &f, true);
    check_text(g, "abcdefgh\n");
    assert_int_equal(g->cell[0].style, STYLE_SELECTED);
    grid_free(g);
}

static void test_typing_replaces_a_preset(void **state)
{
    static struct form_line f;
    (void)state;
    form_set(&f, "1000");
    for (const char *c = "500"; *c; c++)
        assert_true(form_key(&f, *c));
    assert_string_equal(f.text, "500");
    form_set(&f, "1000");
    assert_true(form_key(&f, INPUT_BACKSPACE)); /* touched: what is typed now goes in */
    assert_true(form_key(&f, '7'));
    assert_string_equal(f.text, "1007");
    form_set(&f, "10");
    assert_true(form_key(&f, INPUT_HOME));
    assert_true(form_key(&f, '2'));
    assert_string_equal(f.text, "210");
}

/* --- names of keys, themes ------------------------------------------------------------------------------------- */

static void test_key_names_round_trip(void **state)
{
    static const char *const names[] = {"Enter", "Esc", "Tab", "BTab", "Space", "Up", "Down", "Left", "Right", "Home",
                                        "End", "PgUp", "PgDn", "Del", "Backspace", "F1", "F12", "C-c", "C-l", "a", "A",
                                        "?", ":", "/", "é", "日", "F", "C"};
    char name[16];
    (void)state;
    for (size_t i = 0; i < ARRAY_N(names); i++) {
        int key = input_parse(names[i]);
        assert_int_not_equal(key, INPUT_NONE);
        assert_string_equal(input_name(key, name), names[i]);
    }
    assert_int_equal(input_parse("BackTab"), INPUT_BACK_TAB);
    static const char *const wrong[] = {"", "F13", "F0", "F01", "C-", "C-C", "ab", "\xff", "enter", "\x01"};
    for (size_t i = 0; i < ARRAY_N(wrong); i++)
        assert_int_equal(input_parse(wrong[i]), INPUT_NONE);
}

static void test_themes_tell_roles_apart(void **state)
{
    static const int depths[] = {256, 16, 8, 0};
    (void)state;
    for (int theme = THEME_DARK; theme <= THEME_MONO; theme++) {
        for (size_t d = 0; d < ARRAY_N(depths); d++) {
            struct theme_look text = theme_look((enum theme)theme, depths[d], STYLE_TEXT);
            assert_int_equal(text.colour, -1); /* the terminal's own colour is readable on its own background */
            static const enum style apart[] = {STYLE_DIM, STYLE_TITLE, STYLE_KEY, STYLE_SELECTED, STYLE_BAD, STYLE_WARN};
            for (size_t i = 0; i < ARRAY_N(apart); i++) {
                struct theme_look look = theme_look((enum theme)theme, depths[d], apart[i]);
                assert_true(look.colour < (depths[d] > 0 ? depths[d] : 1));
                assert_memory_not_equal(&look, &text, sizeof look);
                if (theme == THEME_MONO || depths[d] == 0)
                    assert_int_equal(look.colour, -1);
            }
        }
    }
    setenv("NO_COLOR", "1", 1);
    assert_int_equal(theme_guess(false), THEME_MONO);
    setenv("NO_COLOR", "", 1);
    setenv("COLORFGBG", "0;15", 1);
    assert_int_equal(theme_guess(false), THEME_LIGHT);
    assert_int_equal(theme_guess(true), THEME_MONO);
    setenv("COLORFGBG", "15;default;0", 1);
    assert_int_equal(theme_guess(false), THEME_DARK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_returns_the_column_behind),
        cmocka_unit_test(test_half_a_wide_character_never_stays),
        cmocka_unit_test(test_put_right),
        cmocka_unit_test(test_paragraph),
        cmocka_unit_test(test_frames_and_boxes),
        cmocka_unit_test(test_table_goldens),
        cmocka_unit_test(test_table_drops_columns_by_priority),
        cmocka_unit_test(test_table_follows_its_cursor),
        cmocka_unit_test(test_table_costs_what_is_visible),
        cmocka_unit_test(test_selected_row_is_marked_without_colour),
        cmocka_unit_test(test_sweep_stays_inside),
        cmocka_unit_test(test_form_edits),
        cmocka_unit_test(test_form_is_bounded_and_wiped),
        cmocka_unit_test(test_secret_is_not_drawn),
        cmocka_unit_test(test_form_scrolls_with_its_cursor),
        cmocka_unit_test(test_typing_replaces_a_preset),
        cmocka_unit_test(test_key_names_round_trip),
        cmocka_unit_test(test_themes_tell_roles_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
