/* Rows of a table whose text comes bit by bit: the same wherever it is cut; what is wrong is named by its line. */
#include "tests/unit/test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/read/row_stream.h"

#include <math.h>

static const char columns[][FRAME_NAME_MAX] = {"close", "volume", "state"};
static const bool texts[] = {false, false, true};

/* What was read, as text: a line a row, "!LINE" where one is bad. */
struct said {
    struct text out;
    struct error first;
    int bad;
    bool broken;
};

static void drain(struct said *s, struct row_stream *r)
{
    for (;;) {
        struct row_chunk c;
        struct error err = {0};
        enum row_status status = row_stream_next(r, &c, &err);
        if (status == ROW_BAD) {
            assert_int_equal(err.kind, ERROR_DATA);
            if (s->bad++ == 0)
                s->first = err;
            s->broken = row_stream_broken(r);
            if (s->broken)
                return;
            continue;
        }
        if (status != ROW_READ)
            return;
        assert_true(c.frame->rows > 0);
        for (size_t i = 0; i < c.frame->rows; i++) {
            char a[32], b[32];
            const struct frame_column *state = &c.frame->column[2];
            text_of_double(c.frame->column[0].value[i], a, sizeof a);
            text_of_double(c.frame->column[1].value[i], b, sizeof b);
            text_printf(&s->out, "%llu %lld %s %s %s\n", (unsigned long long)c.line[i],
                        (long long)(c.frame->time_us[i] / 1000000), a, b,
                        isnan(state->value[i]) ? "-" : state->label[(size_t)state->value[i]]);
        }
        row_chunk_free(&c);
    }
}

/* In pieces of at most `most` bytes. */
static struct said read_in(const char *text, size_t most, uint64_t seed, const struct csv_options *options)
{
    struct random r = random_start(seed, RANDOM_LEAK, 0, 0);
    struct said s = {0};
    struct row_stream *rows = row_stream_new("x", options, columns, texts, 3);
    size_t n = strlen(text);
    for (size_t at = 0; at < n && !s.broken;) {
        size_t piece = 1 + random_u32(&r) % most;
        piece = piece < n - at ? piece : n - at;
        char *copy = memory_copy(text + at, piece); /* nothing may be read behind it */
        row_stream_put(rows, copy, piece);
        free(copy);
        at += piece;
        drain(&s, rows);
    }
    row_stream_end(rows);
    if (!s.broken)
        drain(&s, rows);
    assert_true(row_stream_ended(rows));
    row_stream_free(rows);
    return s;
}

static void expect(const char *text, const char *rows, int bad, const char *word, const struct csv_options *options)
{
    static const size_t sizes[] = {1, 2, 7, 40, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct said s = read_in(text, sizes[i], i, options);
        assert_string_equal(text_of(&s.out), rows);
        assert_int_equal(s.bad, bad);
        if (bad > 0 && !strstr(s.first.text, word))
            fail_msg("no \"%s\" in: %s", word, s.first.text);
        text_free(&s.out);
    }
}

static void rows_come_whole_wherever_the_text_is_cut(void **state)
{
    (void)state;
    expect("time,close,volume,state\n2020-01-01,1.5,10,a\n2020-01-02,2,,b\n\n2020-01-03,3,30,\n",
           "2 1577836800 1.5 10 a\n3 1577923200 2 nan b\n5 1578009600 3 30 -\n", 0, NULL, NULL);
    /* no line end at the end, other order, more columns, quotes with a line end within */
    expect("state,volume,note,close,date\r\nup,1,\"a\nb\",5,2020-01-01\r\ndown,2,c,6,2020-01-02",
           "2 1577836800 5 1 up\n4 1577923200 6 2 down\n", 0, NULL, NULL);
    expect("# made by a program\nZeit;close;volume;state\n13.02.2020;1,5;2;a\n01.03.2020;2,5;3;a\n",
           "3 1581552000 1.5 2 a\n4 1583020800 2.5 3 a\n", 0, NULL, NULL);
}

static void what_cannot_be_read_is_named_by_its_line(void **state)
{
    (void)state;
    const char *head = "time,close,volume,state\n2020-01-01,1,10,a\n2020-01-02,2,20,a\n";
    static const struct {
        const char *row, *word;
    } bad[] = {{"2020-01-03,abc,30,a\n", "line 4: 'abc' in column 'close'"},
               {"2020-01-03,1\n", "line 4: 2 cells where the header has 4"},
               {"2020-01-03,1,2,3,4\n", "(line 4 has 5)"},
               {"2020-13-45,1,2,a\n", "line 4"},
               {"Total,1,2,a\n", "line 4"},
               {"2020-01-03,<1,2,a\n", "line 4: '<1' in column 'close'"},
               {"2020-01-03,\"1\"2,2,a\n", "line 4"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = memory_format("%s%s2020-01-05,5,50,b\n", head, bad[i].row);
        expect(text, "2 1577836800 1 10 a\n3 1577923200 2 20 a\n5 1578182400 5 50 b\n", 1, bad[i].word, NULL);
        free(text);
    }
}

static void a_stream_that_is_no_table_is_broken(void **state)
{
    (void)state;
    expect("", "", 0, NULL, NULL);
    expect("time,close,volume,state\n", "", 1, "no rows", NULL);
    expect("time,close,volume\n2020-01-01,1,2\n2020-01-02,1,2\n", "", 1, "no column 'state'", NULL);
    expect("02/01/2020,1,2,a\n03/02/2020,1,2,a\n04/02/2020,1,2,a\n", "", 1, "x: ", NULL);
    const struct csv_options dmy = {.date_order = CSV_ORDER_DMY};
    expect("time,close,volume,state\n02/01/2020,1,2,a\n03/02/2020,1,2,a\n", "", 1, "--date-order", NULL);
    expect("time,close,volume,state\n02/01/2020,1,2,a\n03/02/2020,1,2,a\n", "2 1577923200 1 2 a\n3 1580688000 1 2 a\n",
           0, NULL, &dmy);
}

static void a_line_without_end_is_refused(void **state)
{
    (void)state;
    char *text = memory_new(3 * ROW_STREAM_LINE, 1);
    memset(text, 'x', 3 * ROW_STREAM_LINE - 1);
    memcpy(text, "time,close,volume,state\n2020-01-01,1,2,a\n2020-01-02,1,2,a\n", 58);
    struct said s = read_in(text, 100000, 1, NULL);
    assert_int_equal(s.bad, 1);
    assert_true(s.broken);
    assert_non_null(strstr(s.first.text, "line 4"));
    text_free(&s.out);
    free(text);
}

static void many_rows_are_the_same_in_any_pieces(void **state)
{
    struct text all = {0};
    (void)state;
    text_put(&all, "time,close,volume,state\n");
    for (int i = 0; i < 20000; i++)
        text_printf(&all, "%d,%d.%d,%d,%s\n", 1600000000 + 60 * i, i % 97, i % 10, i % 7, i % 3 ? "a" : "b");
    struct said one = read_in(text_of(&all), 1 << 22, 1, NULL);
    assert_int_equal(one.bad, 0);
    for (uint64_t k = 0; k < 4; k++) {
        struct said other = read_in(text_of(&all), 5000, k, NULL);
        assert_string_equal(text_of(&one.out), text_of(&other.out));
        text_free(&other.out);
    }
    text_free(&one.out);
    text_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_whole_wherever_the_text_is_cut),
        cmocka_unit_test(what_cannot_be_read_is_named_by_its_line),
        cmocka_unit_test(a_stream_that_is_no_table_is_broken),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(many_rows_are_the_same_in_any_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
