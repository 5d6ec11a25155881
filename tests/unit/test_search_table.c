/* Benchmark tables: what is read, what is refused and how, who is whose neighbour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "search/table.h"

static struct search_table *table_of(const char *text)
{
    struct error err = {0};
    struct search_table *t = search_table_parse(text, strlen(text), "t.tsv", &err);
    if (!t)
        fail_msg("%s", err.text);
    return t;
}

#define CHAIN "#maximise\na\t0.5\t0.6\tin,conv,out\t0>1,1>2\n"

static void a_row_is_read(void **state)
{
    (void)state;
    struct search_table *t = table_of("\xEF\xBB\xBF#minimise\r\n"
                                      "first\t-1.5e1\t2\tin,conv,conv,out\t1>3,0>1,0>2,2>3\r\n"
                                      "second\t3\t4\tonly\t\r\n\r\n");
    assert_false(t->maximise);
    assert_int_equal(t->rows, 2);
    assert_int_equal(t->labels, 4);
    assert_string_equal(t->row[0].id, "first");
    assert_true(t->row[0].validation == -15.0 && t->row[0].test == 2.0);
    assert_int_equal(t->row[0].nodes, 4);
    assert_int_equal(t->row[0].edges, 4);
    assert_int_equal(t->row[0].edge[0].from, 0);
    assert_int_equal(t->row[0].edge[0].to, 1);
    assert_int_equal(t->row[0].edge[3].from, 2);
    assert_int_equal(t->row[0].label[1], t->row[0].label[2]);
    assert_string_equal(t->label[t->row[1].label[0]], "only");
    assert_int_equal(t->row[1].edges, 0);
    assert_true(search_table_score(t, 0) == 15.0 && search_table_score(t, 1) == -3.0); /* smaller is better */
    search_table_free(t);
}

static void refusals_say_where_and_what_to_do(void **state)
{
    static const struct {
        const char *text, *where, *what;
    } bad[] = {
        {"", "t.tsv: ", "empty"},
        {"\n\n", "t.tsv: ", "empty"},
        {"#maximise\n", "t.tsv: ", "no graph"},
        {"a\t0.5\t0.6\tin,out\t0>1\n", "t.tsv:1: ", "#maximise"},
        {"#maximize\na\t0.5\t0.6\tin,out\t0>1\n", "t.tsv:1: ", "#maximise"},
        {CHAIN "\nb\t1\t1\tin\t\n", "t.tsv:3: ", "columns"},
        {CHAIN "b\t0.5\t0.6\tin,out\n", "t.tsv:3: ", "4 columns"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>1\tx\n", "t.tsv:3: ", "6 columns"},
        {CHAIN "b\tnan\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "column 2 (validation): \"nan\""},
        {CHAIN "b\t0.1\tinf\tin,out\t0>1\n", "t.tsv:3: ", "column 3 (test): \"inf\""},
        {CHAIN "b\t0.1\t1e999\tin,out\t0>1\n", "t.tsv:3: ", "column 3"},
        {CHAIN "b\t1e200\t1\tin,out\t0>1\n", "t.tsv:3: ", "column 2"},
        {CHAIN "b\t\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "column 2"},
        {CHAIN "b\t0,5\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "\"0,5\""},
        {CHAIN "\t0.5\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "id is empty"},
        {CHAIN "a\t0.5\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "stands on line 2"},
        {CHAIN "b\t0.5\t0.6\t\t\n", "t.tsv:3: ", "label is empty"},
        {CHAIN "b\t0.5\t0.6\tin,,out\t0>1\n", "t.tsv:3: ", "label is empty"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>2\n", "t.tsv:3: ", "0 to 1"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>-1\n", "t.tsv:3: ", "no edge"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>99999999999999999999\n", "t.tsv:3: ", "no edge"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0-1\n", "t.tsv:3: ", "no edge"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>1,\n", "t.tsv:3: ", "no edge"},
        {CHAIN "b\t0.5\t0.6\tin,out\t0>1,0>1\n", "t.tsv:3: ", "0>1 stands twice"},
        {CHAIN "b\t0.5\t0.6\tin,out\t1>1\n", "t.tsv:3: ", "cycle"},
        {CHAIN "b\t0.5\t0.6\ta,b,c\t0>1,1>2,2>0\n", "t.tsv:3: ", "cycle"},
        {CHAIN "b\xFF\t0.5\t0.6\tin,out\t0>1\n", "t.tsv:3: ", "UTF-8"},
        {CHAIN "b\t0.5\t0.6\tin,a-label-that-is-much-longer-than-any-operator-is-called\t0>1\n",
         "t.tsv:3: ", "47 bytes"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct error err = {0};
        struct search_table *t = search_table_parse(bad[i].text, strlen(bad[i].text), "t.tsv", &err);
        if (t || !strstr(err.text, bad[i].what) || strncmp(err.text, bad[i].where, strlen(bad[i].where)) != 0)
            fail_msg("case %zu: %s", i, t ? "was taken" : err.text);
        assert_int_equal(err.kind, ERROR_DATA);
    }
    struct error err = {0};
    assert_null(search_table_parse("#maximise\n\0\n", 12, "t.tsv", &err));
    assert_non_null(strstr(err.text, "t.tsv:2: a zero byte"));
    assert_null(search_table_read("/nowhere/at/all.tsv", &err));
}

static void too_many_nodes_are_refused(void **state)
{
    struct text t = {0};
    struct error err = {0};
    (void)state;
    text_put(&t, CHAIN "b\t1\t1\tn");
    for (int i = 1; i <= TABLE_NODES_MAX; i++)
        text_put(&t, ",n");
    text_put(&t, "\t0>1\n");
    assert_null(search_table_parse(t.data, t.n, "t.tsv", &err));
    assert_non_null(strstr(err.text, "more than 64 nodes"));
    text_free(&t);
    err = (struct error){0};
    text_put(&t, "#maximise\n");
    for (int i = 0; i <= TABLE_LABELS_MAX; i++)
        text_printf(&t, "r%d\t1\t1\tl%d\t\n", i, i);
    assert_null(search_table_parse(t.data, t.n, "t.tsv", &err));
    assert_non_null(strstr(err.text, "t.tsv:4098: more than 4096 different labels"));
    text_free(&t);
}

/* Bytes of a good table changed, cut and doubled: read or refused, never anything else (run under the sanitizers). */
static void damaged_tables_do_no_harm(void **state)
{
    static const char good[] = CHAIN "b\t0.25\t0.5\tin,pool,conv,out\t0>1,0>2,1>3,2>3\nc\t1\t2\tin,out\t0>1\n";
    static const char odd[] = "\t\n\r,>#09-.eE\0\xFF ab";
    int taken = 0, refused = 0;
    (void)state;
    for (uint32_t round = 0; round < 4000; round++) {
        char text[2 * sizeof good];
        struct random r = random_start(round, RANDOM_TEST, 1, 2);
        size_t n = sizeof good - 1;
        memcpy(text, good, n);
        for (uint32_t k = 0, changes = 1 + random_below(&r, 3); k < changes; k++) {
            size_t at = random_below(&r, (uint32_t)n);
            text[at] = odd[random_below(&r, sizeof odd - 1)];
            if (random_below(&r, 4) == 0)
                n = at + 1;
        }
        struct error err = {0};
        char *exact = memory_copy(text, n); /* so that a read behind the end is seen */
        struct search_table *t = search_table_parse(exact, n, "t.tsv", &err);
        taken += t != NULL;
        refused += t == NULL;
        assert_true(t || (err.kind == ERROR_DATA && strncmp(err.text, "t.tsv:", 6) == 0));
        search_table_free(t);
        free(exact);
    }
    assert_true(taken > 100 && refused > 1000);
}

/* --- neighbours ----------------------------------------------------------------------------------------------------
 */

static void one_label_or_one_edge_apart(void **state)
{
    (void)state;
    struct search_table *t = table_of("#maximise\n"
                                      "base\t1\t1\tin,conv,pool,out\t0>1,1>2,2>3\n"
                                      "label\t1\t1\tin,conv,conv,out\t0>1,1>2,2>3\n"
                                      "edge\t1\t1\tin,conv,pool,out\t0>1,1>2,2>3,0>3\n"
                                      "less\t1\t1\tin,conv,pool,out\t0>1,1>2\n"
                                      "both\t1\t1\tin,conv,conv,out\t0>1,1>2\n"
                                      "same\t1\t1\tin,conv,pool,out\t2>3,0>1,1>2\n"
                                      "longer\t1\t1\tin,conv,pool,out,out\t0>1,1>2,2>3\n"
                                      "moved\t1\t1\tin,conv,pool,out\t0>1,1>2,1>3\n");
    static const int near[] = {1, 2, 3, 5};
    static const char *const difference[] = {"node 2: pool to conv", "edge 0>3 added", "edge 2>3 removed",
                                             "the same graph"};
    int *row, n = search_table_neighbours(t, 0, &row);
    assert_int_equal(n, 4);
    for (int i = 0; i < n; i++) {
        char text[128];
        assert_int_equal(row[i], near[i]);
        search_table_difference(t, 0, row[i], text, sizeof text);
        assert_string_equal(text, difference[i]);
    }
    free(row);
    n = search_table_neighbours(t, 6, &row);
    assert_int_equal(n, 0);
    free(row);
    search_table_free(t);
}

static bool apart_by_one(const struct table_row *a, const struct table_row *b)
{
    int apart = 0;
    if (a->nodes != b->nodes)
        return false;
    for (int i = 0; i < a->nodes; i++)
        apart += a->label[i] != b->label[i];
    for (int side = 0; side < 2; side++) {
        const struct table_row *x = side ? b : a, *y = side ? a : b;
        for (int e = 0; e < x->edges; e++) {
            bool has = false;
            for (int k = 0; k < y->edges; k++)
                has = has || (x->edge[e].from == y->edge[k].from && x->edge[e].to == y->edge[k].to);
            apart += !has;
        }
    }
    return apart <= 1;
}

static void put_random_row(struct text *t, int i, struct random *r)
{
    static const char *const op[] = {"conv", "pool", "skip"};
    int n = 3 + (int)random_below(r, 3), edges = 0;
    text_printf(t, "g%d\t%d\t%d\tin", i, i, i);
    for (int k = 1; k < n; k++)
        text_printf(t, ",%s", op[random_below(r, 3)]);
    text_put(t, "\t");
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            if (random_below(r, 2))
                text_printf(t, "%s%d>%d", edges++ ? "," : "", a, b);
    text_put(t, "\n");
}

/* The index against a look at all pairs. */
static void the_index_finds_all(void **state)
{
    struct text text = {0};
    struct random r = random_start(7, RANDOM_TEST, 0, 0);
    int pairs = 0;
    (void)state;
    text_put(&text, "#maximise\n");
    for (int i = 0; i < 400; i++)
        put_random_row(&text, i, &r);
    struct search_table *t = table_of(text.data);
    for (int i = 0; i < t->rows; i++) {
        int *row, n = search_table_neighbours(t, i, &row), at = 0;
        for (int j = 0; j < t->rows; j++)
            if (j != i && apart_by_one(&t->row[i], &t->row[j])) {
                assert_true(at < n && row[at] == j);
                at++;
            }
        assert_int_equal(at, n);
        pairs += n;
        free(row);
    }
    assert_true(pairs > 400);
    search_table_free(t);
    text_free(&text);
}

static void features_are_made_once(void **state)
{
    (void)state;
    struct search_table *t =
        table_of("#maximise\nx\t1\t1\tin,a,b,out\t0>1,0>2,1>3,2>3\ny\t1\t1\tin,b,a,out\t0>1,0>2,1>3,2>3\n"
                 "z\t1\t1\tin,a,b,out\t0>1,1>2,2>3\n");
    const struct surrogate_features *x = search_table_features(t, 0), *y = search_table_features(t, 1);
    assert_ptr_equal(x, search_table_features(t, 0));
    for (int d = 0; d < WL_DEPTHS; d++) /* the same graph with its branches swapped: nothing tells them apart */
        assert_true(wl_dot(&x->wl, &x->wl, d) == wl_dot(&x->wl, &y->wl, d));
    const struct surrogate_features *z = search_table_features(t, 2);
    assert_true(wl_dot(&x->wl, &z->wl, 1) < wl_dot(&x->wl, &x->wl, 1));
    assert_true(x->size[2] == 3 / 8.0 && z->size[2] == 4 / 8.0);
    search_table_free(t);
}

/* What has no way from the input or to the output computes nothing. */
static void dead_ends_are_not_seen(void **state)
{
    (void)state;
    struct search_table *t = table_of("#maximise\n"
                                      "x\t1\t1\tinput,a,b,c,output\t0>1,0>2,1>4\n" /* b ends, c is alone */
                                      "y\t1\t1\tinput,a,output\t0>1,1>2\n"
                                      "z\t1\t1\tinput,a,b,c,output\t0>1,0>2,1>4,3>4\n" /* c begins */
                                      "w\t1\t1\tinput,a,b,c,output\t0>1,0>2,1>4,2>4\n"
                                      "v\t1\t1\tinput,a,b,c,end\t0>1,0>2,1>4\n" /* which is the output? */
                                      "u\t1\t1\tinput,a,b,output\t0>1,1>2\n");  /* nothing comes through */
    const struct surrogate_features *f[6];
    for (int i = 0; i < 6; i++)
        f[i] = search_table_features(t, i);
    assert_true(wl_same(&f[0]->wl, &f[1]->wl) && wl_same(&f[2]->wl, &f[1]->wl));
    assert_true(f[0]->size[0] == 3 / 8.0 && f[0]->size[1] == 2 / 8.0 && f[0]->size[2] == 3 / 8.0);
    assert_false(wl_same(&f[3]->wl, &f[1]->wl));
    assert_true(f[3]->size[0] == 4 / 8.0 && f[3]->size[1] == 4 / 8.0);
    assert_true(f[4]->size[0] == 5 / 8.0 && f[4]->size[1] == 3 / 8.0);
    assert_true(f[5]->size[0] == 2 / 8.0 && f[5]->size[1] == 0);
    search_table_free(t);
}

static int start(void **state)
{
    (void)state;
    hash_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_read),
        cmocka_unit_test(refusals_say_where_and_what_to_do),
        cmocka_unit_test(too_many_nodes_are_refused),
        cmocka_unit_test(damaged_tables_do_no_harm),
        cmocka_unit_test(one_label_or_one_edge_apart),
        cmocka_unit_test(the_index_finds_all),
        cmocka_unit_test(features_are_made_once),
        cmocka_unit_test(dead_ends_are_not_seen),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
