/* The real files: each is read as its manifest says, or asks for what only a person can know and is read right then. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/csv.h"

static const struct {
    const char *path;
    size_t rows, columns;
    const char *first, *last;
    int64_t step_s;
    size_t gaps;
    bool sorted;
    const char *delimiter;
    size_t header_lines;
    const char *time_column, *stamp, *asked;
} real[] = {
#include "data_real.inc"
};

static size_t wrong;

static void differ(size_t i, const char *what, const char *is, const char *should)
{
    print_message("# %s: %s is %s, not %s\n", real[i].path, what, is, should);
    wrong++;
}

static void same_text(size_t i, const char *what, const char *is, const char *should)
{
    if (!text_equal(is, should))
        differ(i, what, is, should);
}

static void same_count(size_t i, const char *what, size_t is, size_t should)
{
    char a[24], b[24];
    snprintf(a, sizeof a, "%zu", is);
    snprintf(b, sizeof b, "%zu", should);
    same_text(i, what, a, b);
}

static void check_report(size_t i, const struct csv_report *r)
{
    char first[40], last[40];
    clock_iso(r->first_us, first, sizeof first);
    clock_iso(r->last_us, last, sizeof last);
    same_count(i, "series", r->series_n, 1);
    same_count(i, "rows", r->rows, real[i].rows);
    same_count(i, "columns", r->table_columns, real[i].columns);
    same_text(i, "first", first, real[i].first);
    same_text(i, "last", last, real[i].last);
    same_count(i, "step", (size_t)(r->step_us / CLOCK_SECOND_US), (size_t)real[i].step_s);
    same_count(i, "gaps", r->gaps, real[i].gaps);
    same_count(i, "reordered", r->reordered, real[i].sorted);
    same_text(i, "delimiter", r->delimiter, real[i].delimiter);
    same_text(i, "decimal", r->decimal, ".");
    same_text(i, "encoding", r->encoding, "utf-8");
    same_count(i, "header lines", r->header_lines, real[i].header_lines);
    if (real[i].time_column[0])
        same_text(i, "time column", r->time_column, real[i].time_column);
    same_text(i, "stamp", csv_stamp_name(r->stamp), real[i].stamp);
    same_count(i, "dropped", r->dropped, 0);
    same_count(i, "conflicts", r->conflicts, 0);
}

static void check_file(size_t i, const char *folder)
{
    char path[4096], asked[24];
    struct csv_report r;
    struct error err = {0};
    struct csv_options options = {0};
    snprintf(path, sizeof path, "%s/%s", folder, real[i].path);
    bool read = csv_read(path, &r, &options, &err);
    if (!read && real[i].asked) {
        csv_asked_option(&err, asked, sizeof asked);
        same_text(i, "the option asked for", asked, real[i].asked);
        csv_report_free(&r);
        options.missing = "<1"; /* what its manifest says of it */
        read = csv_read(path, &r, &options, &err);
    } else if (real[i].asked) {
        differ(i, "it", "read", "asked about");
    }
    if (read)
        check_report(i, &r);
    else
        differ(i, "it", err.text, "read");
    csv_report_free(&r);
}

static void test_real_files(void **state)
{
    const char *folder = getenv("MORPHSMITH_TEST_DATA");
    (void)state;
    assert_int_equal(ARRAY_N(real), 49);
    for (size_t i = 0; i < ARRAY_N(real); i++)
        check_file(i, folder);
    assert_int_equal(wrong, 0);
}

/* What the manifest says of single columns and rows. */
static void test_real_quirks(void **state)
{
    char path[4096];
    struct csv_report r;
    struct error err = {0};
    const char *folder = getenv("MORPHSMITH_TEST_DATA");
    (void)state;
    snprintf(path, sizeof path, "%s/investing.com/Bitcoin Historical Data - Investing.com.csv", folder);
    struct frame *f = csv_import(path, &r, NULL, &err);
    assert_non_null(f);
    assert_true(f->column[frame_find(f, "Price")].value[481] > 7000); /* 7,1xx.x with thousands marks */
    frame_free(f);
    csv_report_free(&r);
    snprintf(path, sizeof path, "%s/fear-greed/fear_greed_index.csv", folder);
    f = csv_import(path, &r, NULL, &err);
    assert_non_null(f);
    assert_int_equal(f->columns, 2); /* the number, and its class */
    bool labelled = false;
    for (size_t c = 0; c < f->columns; c++)
        labelled = labelled || (f->column[c].labels == 5 && text_equal(f->column[c].label[0], "Extreme Fear"));
    assert_true(labelled);
    frame_free(f);
    csv_report_free(&r);
    snprintf(path, sizeof path, "%s/bitstamp-1min/bitstamp.csv", folder);
    assert_true(csv_read(path, &r, NULL, &err));
    assert_in_range(r.series[0].flag_count[CSV_FLAG_REPEATED], 60000, 67166);
    csv_report_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_real_quirks),
    };
    if (!getenv("MORPHSMITH_TEST_DATA")) {
        puts("1..0 # SKIP MORPHSMITH_TEST_DATA names no folder of real files");
        return 0;
    }
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
