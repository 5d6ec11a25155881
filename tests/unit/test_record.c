/* Records: the straight splitter against libcsv, quotes, and what is refused with its line. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/read/record.h"

#include <csv.h>

/* All cells as text: cells end with 0x1f, records with 0x1e. */
static enum record_status read_all(struct text *out, const char *text, size_t n, char delimiter, struct error *err)
{
    struct record_reader r = {
        .text = text, .n = n, .form = {.delimiter = delimiter, .quotes = memchr(text, '"', n) != NULL}};
    struct record record;
    enum record_status status;
    while ((status = record_next(&r, &record, err)) == RECORD_READ) {
        for (size_t i = 0; i < record.n; i++) {
            text_put_n(out, record.cell[i].text, record.cell[i].n);
            text_put(out, "\x1f");
        }
        text_put(out, "\x1e");
    }
    record_close(&r);
    return status;
}

static void expect(const char *text, char delimiter, const char *wanted)
{
    struct text got = {0};
    struct error err = {0};
    if (read_all(&got, text, strlen(text), delimiter, &err) != RECORD_END)
        fail_msg("refused: %s", err.text);
    for (size_t i = 0; i < got.n; i++)
        got.data[i] = got.data[i] == '\x1f' ? '|' : got.data[i] == '\x1e' ? '\n' : got.data[i];
    assert_string_equal(text_of(&got), wanted);
    text_free(&got);
}

static void test_cells(void **state)
{
    (void)state;
    expect("a,b\n1,2\n", ',', "a|b|\n1|2|\n");
    expect("a,b\r\n1,2\r\n", ',', "a|b|\n1|2|\n");
    expect("a,b\r\r\n1,2", ',', "a|b|\n1|2|\n");
    expect("\n  \n a , b \n\n,\n", ',', "a|b|\n||\n");
    expect("a;b;c\n", ';', "a|b|c|\n");
    expect("a\t\tc\n", '\t', "a||c|\n");
    expect("\"a\",\"b,c\"\n", ',', "a|b,c|\n");
    expect("\"a\"\"b\",1\n", ',', "a\"b|1|\n");
    expect("\"a\" , \"b\"\r\n1,2", ',', "a|b|\n1|2|\n");
    expect("5\" pipe,\"x\"\n2,3\n", ',', "5\" pipe|x|\n2|3|\n");
    expect("\"\",\"\"\n", ',', "||\n");
    expect("\"a\nb\",1\n2,3\n", ',', "a\nb|1|\n2|3|\n");
    expect("1,\n", ',', "1||\n");
}

static void test_lines(void **state)
{
    const char *text = "\n\"a\nb\",1\n\n2,\"x\n\n\"\n3,4\n";
    static const uint64_t line[] = {2, 5, 8};
    struct record_reader r = {.text = text, .n = strlen(text), .form = {.delimiter = ',', .quotes = true}};
    struct record record;
    (void)state;
    for (size_t i = 0; i < ARRAY_N(line); i++) {
        assert_int_equal(record_next(&r, &record, NULL), RECORD_READ);
        assert_int_equal(record.line, line[i]);
    }
    assert_int_equal(record_next(&r, &record, NULL), RECORD_END);
    record_close(&r);
}

static void test_blanks(void **state)
{
    const char *text = "  time   a\tb\n1  2   3\n\"2019-01-01 00:00\" 5 6\n";
    struct record_reader r = {
        .text = text, .n = strlen(text), .form = {.delimiter = ' ', .blanks = true, .quotes = true}};
    struct record record;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(record_next(&r, &record, NULL), RECORD_READ);
        assert_int_equal(record.n, 3);
    }
    assert_int_equal(record.cell[0].n, 16);
    record_close(&r);
}

static void refused(const char *text, size_t n, const char *part)
{
    struct text got = {0};
    struct error err = {0};
    assert_int_equal(read_all(&got, text, n, ',', &err), RECORD_BAD);
    if (err.kind != ERROR_DATA || !strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
    text_free(&got);
}

static void test_refused(void **state)
{
    size_t n = (size_t)3 << 20;
    char *big = memory_new(n, 1);
    (void)state;
    refused("a,b\n1,\"2\n3,4\n", 12, "line 2: a quote is opened");
    refused("a,b\n1,\"\n", 8, "line 2: a quote is opened");
    refused("a,\"", 3, "line 1: a quote is opened");
    refused("a,b\n1,\"2\"3\n", 12, "line 2: text stands behind");
    memset(big, 'x', n);
    refused(big, n, "longer than");
    memset(big, ',', 5000);
    refused(big, 5000, "more than 4096 cells");
    memset(big, '\n', n);
    memcpy(big, "a,\"b", 4);
    refused(big, n, "longer than");
    free(big);
}

/* --- against libcsv ---------------------------------------------------------------------------------------------- */

static void put_cell(void *data, size_t n, void *context)
{
    struct text *out = context;
    const char *s = data;
    while (n > 0 && strchr(" \t\r", *s)) {
        s++;
        n--;
    }
    while (n > 0 && strchr(" \t\r", s[n - 1]))
        n--;
    text_put_n(out, s ? s : "", n);
    text_put(out, "\x1f");
}

static void put_record(int terminator, void *context)
{
    (void)terminator;
    text_put(context, "\x1e");
}

static void by_libcsv(struct text *out, const char *text, size_t n)
{
    struct csv_parser p;
    assert_int_equal(csv_init(&p, 0), 0);
    assert_int_equal(csv_parse(&p, text, n, put_cell, put_record, out), n);
    assert_int_equal(csv_fini(&p, put_cell, put_record, out), 0);
    csv_free(&p);
}

/* Random texts of telling characters: where this reader takes one, libcsv reads the same cells. Blank lines are no
 * records here, and an empty cell is one for libcsv where a line holds blanks alone. */
static void test_against_libcsv(void **state)
{
    static const char *const piece[] = {"a",     "1.5", ",",   ",",     "\n",  "\r\n", "\"",  "\"\"",
                                        "\",\"", " ",   "x y", "\"q\"", ",\"", "\",",  "\"\n"};
    struct random r = random_start(14, RANDOM_TEST, 0, 0);
    size_t same = 0;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        struct text t = {0}, mine = {0}, theirs = {0};
        for (uint32_t k = 1 + random_below(&r, 14); k > 0; k--)
            text_put(&t, piece[random_below(&r, ARRAY_N(piece))]);
        if (read_all(&mine, text_of(&t), t.n, ',', NULL) == RECORD_END) {
            struct text lines = {0}; /* without the lines of blanks, which only count here as nothing */
            by_libcsv(&theirs, text_of(&t), t.n);
            const char *s = text_of(&theirs);
            while (*s) {
                size_t n = strcspn(s, "\x1e");
                if (!(n == 1 && *s == '\x1f' && !strchr(text_of(&t), '"'))) {
                    text_put_n(&lines, s, n);
                    text_put(&lines, "\x1e");
                }
                s += n + (s[n] != '\0');
            }
            if (!strchr(text_of(&t), '"') || !strstr(text_of(&t), " \n")) {
                if (strcmp(text_of(&mine), text_of(&lines)) != 0)
                    fail_msg("'%s': '%s', libcsv '%s'", text_of(&t), text_of(&mine), text_of(&lines));
                same++;
            }
            text_free(&lines);
        }
        text_free(&t);
        text_free(&mine);
        text_free(&theirs);
    }
    assert_true(same > 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),   cmocka_unit_test(test_lines),          cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_against_libcsv),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
