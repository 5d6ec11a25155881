#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "tests/unit/ui_helper.h"
#include "ui/cell/graph.h"

static const int in_0[] = {0}, in_1[] = {1}, in_2[] = {2}, in_31[] = {3, 1}, in_4[] = {4}, in_5[] = {5},
                 in_64[] = {6, 4}, in_7[] = {7}, in_780[] = {8, 7, 0}, in_9[] = {9}, in_10[] = {10};
static const struct graph_node residual[] = {
    {"input", NULL, 0, ' '},     {"conv1d", in_0, 1, ' '},  {"relu", in_1, 1, ' '},  {"conv1d", in_2, 1, ' '},
    {"add", in_31, 2, ' '},      {"conv1d", in_4, 1, '+'},  {"relu", in_5, 1, '+'},  {"add", in_64, 2, '+'},
    {"attention", in_7, 1, '~'}, {"concat", in_780, 3, ' '}, {"dense", in_9, 1, ' '}, {"softmax", in_10, 1, ' '},
};

static void draw_all(struct grid *g, const struct graph_node *node, int nodes)
{
    struct graph_lanes *l = graph_lanes_new(node, nodes);
    for (int i = 0; i < nodes; i++) {
        graph_lanes_draw(l, g, grid_box(g), 0, i, i, STYLE_TEXT);
        grid_put(g, grid_box(g), graph_lanes_width(l) + 2, i, STYLE_TEXT, node[i].name);
    }
    graph_lanes_free(l);
}

static void test_golden(void **state)
{
    static const char *const names[] = {"lanes-braille", "lanes-block", "lanes-ascii"};
    (void)state;
    for (int symbols = 0; symbols < 3; symbols++) {
        struct grid *g = grid_new(30, (int)ARRAY_N(residual), (enum symbols)symbols);
        draw_all(g, residual, (int)ARRAY_N(residual));
        assert_true(golden_matches(g, names[symbols]));
        grid_free(g);
    }
}

/* --- every edge can be followed on the screen, and nothing that looks like an edge is none ------------------------- */

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static unsigned lines_of(const struct grid *g, int x, int y)
{
    static const uint16_t code[16] = {' ',    0x2575, 0x2577, 0x2502, 0x2574, 0x256f, 0x256e, 0x2524,
                                      0x2576, 0x2570, 0x256d, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c};
    for (unsigned i = 1; x >= 0 && x < g->columns && y >= 0 && i < 16; i++)
        if (g->cell[y * g->columns + x].code == code[i])
            return i;
    return 0;
}

static bool node_at(const struct grid *g, int x, int y)
{
    return y >= 0 && g->cell[y * g->columns + x].code == 0x25cf;
}

/* The node that the line going up from x, y starts at, or -1. */
static int follow_up(const struct grid *g, int x, int y)
{
    for (y--; y >= 0; y--) {
        if (node_at(g, x, y))
            return y;
        if ((lines_of(g, x, y) & (UP | DOWN)) != (UP | DOWN))
            return -1;
    }
    return -1;
}

static void follow_level(const struct grid *g, int x, int y, int step, bool *found)
{
    unsigned back = step < 0 ? RIGHT : LEFT, on = step < 0 ? LEFT : RIGHT;
    if (!(lines_of(g, x + step, y) & back))
        return;
    for (x += step;; x += step) {
        unsigned lines = lines_of(g, x, y);
        bool passes_over = lines == (UP | DOWN);
        if (!passes_over && (lines & UP)) {
            int from = follow_up(g, x, y);
            assert_true(from >= 0);
            found[from] = true;
        }
        if (!passes_over && !(lines & on))
            return;
    }
}

static void check_edges(const struct graph_node *node, int nodes)
{
    struct graph_lanes *l = graph_lanes_new(node, nodes);
    struct grid *g = grid_new(graph_lanes_width(l) + 1, nodes, SYMBOLS_BRAILLE);
    for (int i = 0; i < nodes; i++)
        graph_lanes_draw(l, g, grid_box(g), 0, i, i, STYLE_TEXT);
    for (int i = 0; i < nodes; i++) {
        bool found[64] = {false}, expected[64] = {false};
        int x = 0, marks = 0;
        for (int k = 0; k < g->columns; k++) {
            x = node_at(g, k, i) ? k : x;
            marks += node_at(g, k, i);
        }
        assert_int_equal(marks, 1);
        int above = i > 0 ? (node_at(g, x, i - 1) || (lines_of(g, x, i - 1) & DOWN)) ? follow_up(g, x, i) : -1 : -1;
        if (above >= 0)
            found[above] = true;
        follow_level(g, x, i, -1, found);
        follow_level(g, x, i, 1, found);
        for (int k = 0; k < node[i].inputs; k++)
            expected[node[i].input[k]] = true;
        if (memcmp(found, expected, sizeof found) != 0) {
            char *text = grid_text(g);
            fail_msg("node %d is joined to the wrong nodes:\n%s", i, text);
        }
    }
    grid_free(g);
    graph_lanes_free(l);
}

static void test_edges_of_random_graphs(void **state)
{
    unsigned random = 12345;
    (void)state;
    check_edges(residual, 5);
    for (int round = 0; round < 400; round++) {
        struct graph_node node[40] = {{0}};
        int input[40][3], nodes = 2 + round % 39;
        for (int i = 0; i < nodes; i++) {
            random = random * 1664525u + 1013904223u;
            node[i] = (struct graph_node){"n", input[i], i == 0 ? 0 : (int)(random >> 29) % 4, ' '};
            for (int k = 0; k < node[i].inputs; k++) {
                random = random * 1664525u + 1013904223u;
                int reach = round % 2 ? i : i < 4 ? i : 4; /* far and near edges */
                input[i][k] = i - 1 - (int)(random >> 8) % reach;
            }
        }
        check_edges(node, nodes);
    }
}

/* Inserting nodes into one branch leaves the lanes of the nodes before it, and of the skip beside it, alone. */
static void test_lanes_are_stable(void **state)
{
    static const int two_1[] = {2}, join[] = {3, 0}, in0[] = {0}, in1[] = {1}, join_short[] = {2, 0};
    static const struct graph_node before[] = {{"a", NULL, 0, ' '}, {"b", in0, 1, ' '}, {"c", in1, 1, ' '},
                                               {"add", join_short, 2, ' '}};
    static const struct graph_node after[] = {{"a", NULL, 0, ' '}, {"b", in0, 1, ' '}, {"c", in1, 1, ' '},
                                              {"new", two_1, 1, '+'}, {"add", join, 2, ' '}};
    struct grid *g = grid_new(10, 5, SYMBOLS_ASCII), *h = grid_new(10, 5, SYMBOLS_ASCII);
    (void)state;
    draw_all(g, before, 4);
    draw_all(h, after, 5);
    for (int x = 0; x < 3; x++) {
        for (int y = 0; y < 3; y++)
            assert_int_equal(g->cell[y * 10 + x].code, h->cell[y * 10 + x].code);
        assert_int_equal(g->cell[3 * 10 + x].code, h->cell[4 * 10 + x].code);
    }
    grid_free(g);
    grid_free(h);
}

static void test_clipped(void **state)
{
    (void)state;
    struct graph_lanes *l = graph_lanes_new(residual, (int)ARRAY_N(residual));
    for (int columns = 0; columns < 9; columns++) {
        struct grid *g = grid_new(12, 14, SYMBOLS_BRAILLE);
        struct box b = {2, 1, columns, 9};
        for (int i = -1; i <= (int)ARRAY_N(residual); i++)
            graph_lanes_draw(l, g, b, 0, i, i, STYLE_TEXT);
        assert_true(nothing_outside(g, b));
        grid_free(g);
    }
    graph_lanes_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_edges_of_random_graphs),
        cmocka_unit_test(test_lanes_are_stable),
        cmocka_unit_test(test_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
