/* Zones: offsets against another implementation's, times that come twice or never, files that are no zones; and what
 * becomes of whole columns of local times. */
#include "test_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/time/localtime.h"
#include "data/time/zone.h"
#include "data/time/zone_rule.h"

static const struct {
    const char *zone;
    int64_t utc_s;
    int32_t seconds;
    const char *word;
} known[] = {
#include "zone_table.inc"
};

static struct zone *must_open(const char *name)
{
    struct error err = {0};
    struct zone *z = zone_open(name, &err);
    if (!z)
        fail_msg("%s", err.text);
    return z;
}

static void test_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        struct zone *z = must_open(known[i].zone);
        struct zone_offset offset = zone_at(z, known[i].utc_s);
        if (offset.seconds != known[i].seconds || strcmp(offset.word, known[i].word) != 0)
            fail_msg("%s at %lld: %d %s, not %d %s", known[i].zone, (long long)known[i].utc_s, (int)offset.seconds,
                     offset.word, (int)known[i].seconds, known[i].word);
        zone_free(z);
    }
}

/* Every local time of an instant names that instant again; and each instant it names shows that local time. */
static void test_there_and_back(void **state)
{
    static const char *const name[] = {"America/New_York",
                                       "Europe/Dublin",
                                       "Australia/Lord_Howe",
                                       "Africa/Casablanca",
                                       "Pacific/Apia",
                                       "Asia/Tehran",
                                       "+05:30",
                                       "UTC"};
    struct random r = random_start(8536, RANDOM_TEST, 0, 0);
    (void)state;
    for (size_t k = 0; k < ARRAY_N(name); k++) {
        struct zone *z = must_open(name[k]);
        int64_t change = -1000000000;
        for (int i = 0; i < 3000; i++) {
            int64_t utc = (int64_t)(random_u64(&r) % UINT64_C(5000000000)) - 1000000000, found[2];
            if (i % 2 && zone_next_change(z, change, &change))
                utc = change + (int64_t)random_below(&r, 7201) - 3600;
            int64_t local = utc + zone_at(z, utc).seconds;
            int n = zone_instants(z, local, found);
            assert_true(n == 1 || n == 2);
            assert_true(found[0] == utc || (n == 2 && found[1] == utc));
            for (int j = 0; j < n; j++)
                assert_int_equal(found[j] + zone_at(z, found[j]).seconds, local);
            assert_true(n == 1 || found[0] < found[1]);
        }
        zone_free(z);
    }
}

static void test_gaps_and_overlaps(void **state)
{
    struct zone *z = must_open("America/New_York");
    int64_t utc[2], spring = clock_days(2019, 3, 10) * 86400, autumn = clock_days(2019, 11, 3) * 86400, change;
    (void)state;
    assert_int_equal(zone_instants(z, spring + 7199, utc), 1);
    assert_int_equal(zone_instants(z, spring + 7200, utc), 0);
    assert_int_equal(zone_instants(z, spring + 10799, utc), 0);
    assert_int_equal(zone_instants(z, spring + 10800, utc), 1);
    assert_int_equal(utc[0], spring + 7 * 3600);
    assert_int_equal(zone_instants(z, autumn + 3599, utc), 1);
    assert_int_equal(zone_instants(z, autumn + 3600, utc), 2);
    assert_int_equal(utc[0], autumn + 5 * 3600);
    assert_int_equal(utc[1], autumn + 6 * 3600);
    assert_int_equal(zone_instants(z, autumn + 7200, utc), 1);
    assert_true(zone_next_change(z, spring, &change));
    assert_int_equal(change, spring + 7 * 3600);
    zone_free(z);
    z = must_open("Pacific/Apia"); /* the thirtieth of December 2011 was left out */
    assert_int_equal(zone_instants(z, clock_days(2011, 12, 30) * 86400 + 43200, utc), 0);
    zone_free(z);
}

static void test_fixed_offsets(void **state)
{
    static const struct {
        const char *text, *name;
        int32_t seconds;
    } good[] = {{"UTC", "UTC", 0},
                {"utc", "UTC", 0},
                {"Z", "UTC", 0},
                {"GMT", "UTC", 0},
                {"+02:00", "+02:00", 7200},
                {"+0200", "+02:00", 7200},
                {"+02", "+02:00", 7200},
                {"+2", "+02:00", 7200},
                {"-03:30", "-03:30", -12600},
                {"UTC+8", "+08:00", 28800},
                {"GMT-0500", "-05:00", -18000}};
    static const char *const bad[] = {
        "",       "+",           "+2:0",   "+24",     "+02:60",       "+02:00x",  "Nowhere/Town",
        "../etc", "/etc/passwd", "Europe", "Europe/", "Europe//Rome", "zone.tab", "EST?"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(good); i++) {
        struct zone *z = must_open(good[i].text);
        int64_t change;
        assert_string_equal(zone_name(z), good[i].name);
        assert_int_equal(zone_at(z, 1546300800).seconds, good[i].seconds);
        assert_false(zone_next_change(z, 0, &change));
        zone_free(z);
    }
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        struct error err = {0};
        if (zone_open(bad[i], &err))
            fail_msg("'%s' is a zone", bad[i]);
        assert_true(err.kind == ERROR_USAGE || err.kind == ERROR_DATA);
        assert_true(*err.text);
    }
}

/* The three ways to name a day: J60 is the first of March in every year, 59 the sixtieth day of it. */
static void test_rules(void **state)
{
    static const struct {
        const char *rule;
        int year;
        int64_t first_s, second_s; /* of that year */
    } good[] = {{"AAA0BBB,J60/0,J365/0", 2020, 60 * 86400, 365 * 86400 - 3600},
                {"AAA0BBB,J60/0,J365/0", 2019, 59 * 86400, 364 * 86400 - 3600},
                {"AAA0BBB,59/0,364/0", 2020, 59 * 86400, 364 * 86400 - 3600},
                {"<+03>-3<+04>,M3.5.0/-1,M10.5.0/25:30", 2019, 89 * 86400 - 4 * 3600, 300 * 86400 - 9000}};
    static const char *const bad[] = {"",
                                      "AA0",
                                      "AAA",
                                      "AAA25",
                                      "AAA0BBB",
                                      "AAA0BBB,J0,J1",
                                      "AAA0BBB,M13.1.0,M1.1.0",
                                      "AAA0BBB,M1.6.0,M1.1.0",
                                      "AAA0BBB,1",
                                      "<AAA0",
                                      "AAA0BBB,1,2,3"};
    struct zone_rule rule;
    (void)state;
    for (size_t i = 0; i < ARRAY_N(good); i++) {
        int64_t start = clock_days(good[i].year, 1, 1) * 86400, at;
        assert_true(zone_rule_parse(&rule, good[i].rule, strlen(good[i].rule)));
        assert_true(zone_rule_next(&rule, start, &at));
        assert_int_equal(at - start, good[i].first_s);
        assert_true(zone_rule_is_summer(&rule, at) && !zone_rule_is_summer(&rule, at - 1));
        assert_true(zone_rule_next(&rule, at, &at));
        assert_int_equal(at - start, good[i].second_s);
        assert_true(!zone_rule_is_summer(&rule, at) && zone_rule_is_summer(&rule, at - 1));
    }
    for (size_t i = 0; i < ARRAY_N(bad); i++)
        if (zone_rule_parse(&rule, bad[i], strlen(bad[i])))
            fail_msg("'%s' is a rule", bad[i]);
}

/* A file of version 1 with one type, then broken in every way that one byte can break it: never a crash. */
static void test_damaged_files(void **state)
{
    uint8_t file[64] = "TZif";
    struct error err = {0};
    (void)state;
    file[39] = 1; /* types */
    file[43] = 4; /* words */
    memcpy(file + 50, "ABC", 4);
    struct zone *z = zone_parse(file, 54, "made", &err);
    assert_non_null(z);
    assert_string_equal(zone_at(z, 0).word, "ABC");
    zone_free(z);
    for (size_t n = 0; n < 54; n++)
        assert_null(zone_parse(file, n, "made", &err));
    for (size_t i = 0; i < 54; i++)
        for (int bit = 0; bit < 8; bit++) {
            file[i] ^= (uint8_t)(1 << bit);
            zone_free(zone_parse(file, 54, "made", NULL));
            file[i] ^= (uint8_t)(1 << bit);
        }
    file[31] = 1; /* a leap second */
    uint8_t leap[66] = {0};
    memcpy(leap, file, 54);
    assert_null(zone_parse(leap, 66, "made", &err));
    assert_non_null(strstr(err.text, "leap seconds"));
}

/* --- columns of local times -------------------------------------------------------------------------------------- */

#define ROWS 20000

struct column {
    int64_t utc[ROWS], local[ROWS];
    uint64_t line[ROWS];
    size_t n;
};

static struct column *make_column(const char *zone, int64_t first_day, int64_t step_s, size_t n)
{
    struct column *c = NEW(struct column);
    struct zone *z = must_open(zone);
    c->n = n;
    for (size_t i = 0; i < n; i++) {
        int64_t utc = first_day * 86400 + (int64_t)i * step_s;
        c->utc[i] = utc * CLOCK_SECOND_US;
        c->local[i] = (utc + zone_at(z, utc).seconds) * CLOCK_SECOND_US;
        c->line[i] = i + 2;
    }
    zone_free(z);
    return c;
}

static void turn_around(struct column *c)
{
    for (size_t i = 0; i < c->n / 2; i++) {
        size_t j = c->n - 1 - i;
        int64_t utc = c->utc[i], local = c->local[i];
        c->utc[i] = c->utc[j];
        c->local[i] = c->local[j];
        c->utc[j] = utc;
        c->local[j] = local;
    }
}

static bool resolve(struct column *c, const char *zone, struct localtime_notes *notes, struct error *err)
{
    struct zone *z = must_open(zone);
    bool ok = localtime_resolve(c->local, NULL, c->n, c->line, z, false, notes, err);
    zone_free(z);
    return ok;
}

/* Two years, oldest first and newest first, at steps of 15 minutes, an hour, 4 hours and a day. */
static void test_columns_come_back(void **state)
{
    static const char *const zone[] = {"America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe"};
    static const struct {
        int64_t step_s;
        size_t rows;
    } form[] = {{900, 20000}, {3600, 17520}, {4 * 3600, 4380}, {86400, 730}};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(zone); k++)
        for (size_t f = 0; f < ARRAY_N(form); f++)
            for (int newest_first = 0; newest_first < 2; newest_first++) {
                struct column *c = make_column(zone[k], clock_days(2018, 1, 1), form[f].step_s, form[f].rows);
                struct localtime_notes notes;
                struct error err = {0};
                if (newest_first)
                    turn_around(c);
                if (!resolve(c, zone[k], &notes, &err))
                    fail_msg("%s, %d s: %s", zone[k], (int)form[f].step_s, err.text);
                assert_memory_equal(c->local, c->utc, c->n * sizeof *c->utc);
                free(c);
            }
}

static void test_what_order_does_not_settle(void **state)
{
    struct column *c = make_column("America/New_York", clock_days(2019, 11, 1), 3600, 100);
    struct localtime_notes notes;
    struct error err = {0};
    size_t one = 0;
    (void)state;
    while (c->local[one + 1] != c->local[one])
        one++;
    memmove(&c->local[one], &c->local[one + 1], (c->n - one - 1) * sizeof *c->local); /* the hour came once */
    c->n--;
    assert_false(resolve(c, "America/New_York", &notes, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "showed 2019-11-03 01:00:00 twice"));
    free(c);
    c = make_column("UTC", clock_days(2019, 3, 9), 3600, 100);
    assert_false(resolve(c, "America/New_York", &notes, &err));
    assert_non_null(strstr(err.text, "line 28: the clocks of America/New_York never showed 2019-03-10 02:00:00"));
    free(c);
}

/* Dates name days: the midnight that Brazil's clocks skipped is the first instant of its day. */
static void test_days_without_a_midnight(void **state)
{
    struct zone *z = must_open("America/Sao_Paulo");
    int64_t us[] = {clock_days(2018, 11, 3) * CLOCK_DAY_US, clock_days(2018, 11, 4) * CLOCK_DAY_US};
    const uint64_t line[] = {2, 3};
    struct localtime_notes notes;
    (void)state;
    assert_true(localtime_resolve(us, NULL, 2, line, z, true, &notes, NULL));
    assert_int_equal(us[0], clock_days(2018, 11, 3) * CLOCK_DAY_US + 3 * 3600 * CLOCK_SECOND_US);
    assert_int_equal(us[1] - us[0], CLOCK_DAY_US);
    zone_free(z);
}

/* --- seeing local times ------------------------------------------------------------------------------------------ */

static enum localtime_sign suspect(const struct column *c, char *text, size_t size)
{
    *text = '\0';
    return localtime_suspect(c->local, c->n, c->line, NULL, text, size);
}

static void test_local_times_are_seen(void **state)
{
    static const char *const zone[] = {"America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
                                       "Australia/Sydney"};
    static const struct {
        int64_t step_s;
        size_t rows;
    } form[] = {{1800, 20000}, {3600, 9000}, {4 * 3600, 2190}, {86400, 365}};
    (void)state;
    for (size_t k = 0; k < ARRAY_N(zone); k++)
        for (size_t f = 0; f < ARRAY_N(form); f++) {
            struct column *c = make_column(zone[k], clock_days(2016, 1, 1), form[f].step_s, form[f].rows);
            char text[400];
            if (suspect(c, text, sizeof text) != LOCALTIME_LIKELY || !strstr(text, zone[k]))
                fail_msg("%s at %d s: '%s'", zone[k], (int)form[f].step_s, text);
            free(c);
        }
}

static void test_utc_is_not_taken_for_local(void **state)
{
    static const char *const zone[] = {"UTC", "Asia/Kolkata", "Asia/Tokyo"};
    char text[400];
    (void)state;
    for (size_t k = 0; k < ARRAY_N(zone); k++) {
        struct column *c = make_column(zone[k], clock_days(2016, 1, 1), 3600, 9000);
        assert_int_equal(suspect(c, text, sizeof text), LOCALTIME_UNLIKELY);
        free(c);
    }
    struct column *c = make_column("UTC", clock_days(2019, 6, 1), 3600, 500);
    assert_int_equal(suspect(c, text, sizeof text), LOCALTIME_UNKNOWN); /* no clocks change in June */
    assert_int_equal(localtime_suspect(c->local, c->n, c->line, "/nonexistent", text, sizeof text), LOCALTIME_UNKNOWN);
    free(c);
}

/* Hours are missing all over a log: that one of them lies where clocks change is no evidence. */
static void test_outages_are_no_evidence(void **state)
{
    struct column *c = make_column("UTC", clock_days(2019, 1, 1), 1800, 10000);
    char text[400];
    size_t kept = 0;
    (void)state;
    for (size_t i = 0; i < c->n; i++) {
        int64_t hour = c->local[i] / (3600 * CLOCK_SECOND_US);
        if (hour % 50 == 3 || hour == clock_days(2019, 3, 10) * 24 + 2)
            continue;
        c->local[kept++] = c->local[i];
    }
    c->n = kept;
    assert_int_equal(suspect(c, text, sizeof text), LOCALTIME_UNLIKELY);
    free(c);
}

/* One hour is missing where clocks were put forward, but a year later the hour is there: these are no such clocks. */
static void test_a_row_rules_a_zone_out(void **state)
{
    struct column *c = make_column("UTC", clock_days(2018, 1, 1), 3600, 12000);
    char text[400];
    size_t gap = (size_t)(clock_days(2018, 3, 11) - clock_days(2018, 1, 1)) * 24 + 2;
    (void)state;
    memmove(&c->local[gap], &c->local[gap + 1], (c->n - gap - 1) * sizeof *c->local);
    c->n--;
    assert_int_equal(suspect(c, text, sizeof text), LOCALTIME_UNLIKELY);
    c->n = gap + 100;
    assert_int_equal(suspect(c, text, sizeof text), LOCALTIME_LIKELY); /* as long as nothing speaks against it */
    assert_non_null(strstr(text, "2018-03-11 02:00 is missing"));
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_gaps_and_overlaps),
        cmocka_unit_test(test_fixed_offsets),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_columns_come_back),
        cmocka_unit_test(test_what_order_does_not_settle),
        cmocka_unit_test(test_days_without_a_midnight),
        cmocka_unit_test(test_local_times_are_seen),
        cmocka_unit_test(test_utc_is_not_taken_for_local),
        cmocka_unit_test(test_outages_are_no_evidence),
        cmocka_unit_test(test_a_row_rules_a_zone_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
