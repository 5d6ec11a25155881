/* Numbers: the bits of strtod, and the many ways to write them. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/read/dress.h"
#include "data/read/number.h"

#include <math.h>

static uint64_t bits(double v)
{
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

/* --- plain numbers ----------------------------------------------------------------------------------------------- */

static void same_bits(const char *text)
{
    double got, wanted = strtod(text, NULL);
    size_t n = strlen(text);
    char *exact = memory_copy(text, n); /* no byte behind: reading one too many is seen by the sanitizer */
    enum number_kind kind = number_parse(exact, n, &got);
    if (isinf(wanted)) {
        if (kind != NUMBER_INFINITE || !isnan(got))
            fail_msg("'%s' is beyond a double, and read as kind %d, %g", text, (int)kind, got);
    } else if (kind != NUMBER_VALUE || bits(got) != bits(wanted)) {
        fail_msg("'%s' is read as %a (kind %d), strtod says %a", text, got, (int)kind, wanted);
    }
    free(exact);
}

static void test_plain(void **state)
{
    static const char *const text[] = {
        "0",
        "-0",
        "1",
        "+.5",
        "-5.",
        "1E3",
        "0.1",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.5",
        "686999110083512000",
        "1234567890123456789012",
        "26.201999999999998",
        "0.000001114611",
        "99999999999.99632",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e400",
        "-1e309",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1e-400",
        "0e999999999",
        "1e-999999999",
        "1e999999999",
        "0.500000000000000166533453693773481063544750213623046875",
        "0.50000000000000016653345369377348106354475021362304687500000000000000000000000000001",
        "3.5844466002796428e298",
        "8.41e21",
        "9.2233720368547758e18",
        "18446744073709551615",
        "18446744073709551616",
        "00000000000000000000000000000000000001.5",
        "0.00000000000000000000000000000000000000000000000000000000000015",
        "123456789012345678901234567890e-20",
        "7.3177701707893310e+15",
        "1e-22",
        "5e-20",
        "67e14",
        "100000000000000016777215",
        "100000000000000016777216",
        "9999999999999999999",
        "10000000000000000000"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(text); i++)
        same_bits(text[i]);
}

/* As many digits as a cell may have. */
static void test_long(void **state)
{
    struct text t = {0};
    (void)state;
    for (int digits = 300; digits <= 420; digits += 30) {
        text_free(&t);
        for (int i = 0; i < digits; i++)
            text_printf(&t, "%d", (i * 7 + 3) % 10);
        same_bits(text_of(&t));
        text_printf(&t, ".%0*d1", digits, 0);
        same_bits(text_of(&t));
    }
    text_free(&t);
    text_put(&t, "0.");
    for (int i = 0; i < 200000; i++)
        text_put(&t, i % 2 ? "3" : "0");
    same_bits(text_of(&t));
    text_free(&t);
}

static void put_digits(struct text *t, struct random *r, int n)
{
    for (int i = 0; i < n; i++)
        text_printf(t, "%u", random_below(r, 10));
}

/* Random digits of all lengths, random doubles as they are printed, and the midpoints between neighbours. */
static void test_random_bits(void **state)
{
    struct random r = random_start(11, RANDOM_TEST, 0, 0);
    (void)state;
    for (int i = 0; i < 300000; i++) {
        struct text t = {0};
        text_put(&t, random_below(&r, 2) ? "-" : "");
        put_digits(&t, &r, 1 + (int)random_below(&r, i % 3 ? 8 : 25));
        if (random_below(&r, 4)) {
            text_put(&t, ".");
            put_digits(&t, &r, (int)random_below(&r, i % 3 ? 10 : 25));
        }
        if (i % 5 == 0)
            text_printf(&t, "e%d", (int)random_below(&r, i % 2 ? 700 : 60) - (i % 2 ? 350 : 30));
        same_bits(text_of(&t));
        text_free(&t);
    }
}

static void test_doubles(void **state)
{
    struct random r = random_start(12, RANDOM_TEST, 0, 0);
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[1200];
        uint64_t b = (uint64_t)random_below(&r, UINT32_MAX) << 32 | random_below(&r, UINT32_MAX);
        double v, up;
        if (i % 2) /* near 1, where cells are */
            b = (b & UINT64_C(0x800fffffffffffff)) | (uint64_t)(1023 - 40 + random_below(&r, 80)) << 52;
        memcpy(&v, &b, sizeof v);
        if (!isfinite(v))
            continue;
        snprintf(text, sizeof text, "%.*g", 15 + (int)random_below(&r, 4), v);
        same_bits(text);
        up = nextafter(v, HUGE_VAL);
        if (i % 16 || !isfinite(up) || fabs(v) > 1e300 || fabs(v) < 1e-290)
            continue;
        snprintf(text, sizeof text, "%.800f", v / 2 + up / 2); /* a double's neighbourhood, in full */
        same_bits(text);
        long double middle = ((long double)v + (long double)up) / 2;
        snprintf(text, sizeof text, "%.*Lg", i % 32 ? 21 : 60, middle);
        same_bits(text);
    }
}

/* --- kinds ------------------------------------------------------------------------------------------------------- */

static void test_kinds(void **state)
{
    static const struct {
        const char *text;
        enum number_kind kind;
    } cell[] = {
        {"", NUMBER_MISSING},
        {"NaN", NUMBER_MISSING},
        {"nan", NUMBER_MISSING},
        {"null", NUMBER_MISSING},
        {"NULL", NUMBER_MISSING},
        {"None", NUMBER_MISSING},
        {"NA", NUMBER_MISSING},
        {"N/A", NUMBER_MISSING},
        {"n/a", NUMBER_MISSING},
        {"#N/A", NUMBER_MISSING},
        {"#DIV/0!", NUMBER_MISSING},
        {"-", NUMBER_MISSING},
        {"--", NUMBER_MISSING},
        {"\xe2\x80\x94", NUMBER_MISSING},
        {".", NUMBER_MISSING},
        {"?", NUMBER_MISSING},
        {"  ", NUMBER_MISSING},
        {" 5 ", NUMBER_VALUE},
        {"inf", NUMBER_INFINITE},
        {"-Infinity", NUMBER_INFINITE},
        {"\xe2\x88\x9e", NUMBER_INFINITE},
        {"1e999", NUMBER_INFINITE},
        {"True", NUMBER_TRUE},
        {"yes", NUMBER_TRUE},
        {"FALSE", NUMBER_FALSE},
        {"no", NUMBER_FALSE},
        {"1,234.5", NUMBER_DRESSED},
        {"1,5", NUMBER_DRESSED},
        {"3.97%", NUMBER_DRESSED},
        {"1.31M", NUMBER_DRESSED},
        {"$5", NUMBER_DRESSED},
        {"(5)", NUMBER_DRESSED},
        {"1 234", NUMBER_DRESSED},
        {"1.2.3", NUMBER_LOOKALIKE},
        {"1,23,4", NUMBER_LOOKALIKE},
        {"<1", NUMBER_LOOKALIKE},
        {"--5", NUMBER_LOOKALIKE},
        {"5-10", NUMBER_LOOKALIKE},
        {"(5", NUMBER_LOOKALIKE},
        {"1_000", NUMBER_LOOKALIKE},
        {"abc", NUMBER_TEXT},
        {"0x10", NUMBER_TEXT},
        {"1INCH", NUMBER_TEXT},
        {"1e", NUMBER_TEXT},
        {"1e+", NUMBER_TEXT},
        {"INV001", NUMBER_TEXT},
        {"Q1 2020", NUMBER_TEXT},
        {"12:30", NUMBER_TEXT},
        {"\xd0\xb4\xd0\xb0", NUMBER_TEXT},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cell); i++) {
        double v = 7;
        enum number_kind kind = number_parse(cell[i].text, strlen(cell[i].text), &v);
        if (kind != cell[i].kind)
            fail_msg("'%s' is of kind %d, not %d", cell[i].text, (int)kind, (int)cell[i].kind);
        assert_true(kind == NUMBER_VALUE || isnan(v));
    }
    assert_true(number_is_extra_missing("<1", 2, "x,<1,-999"));
    assert_true(number_is_extra_missing("x", 1, "x,<1"));
    assert_false(number_is_extra_missing("1", 1, "x,<1"));
    assert_false(number_is_extra_missing("", 0, NULL));
}

/* --- dressed numbers --------------------------------------------------------------------------------------------- */

static void test_dressed(void **state)
{
    static const struct {
        const char *text;
        char decimal, group;
        double value;
    } cell[] = {
        {"7,199.4", '.', ',', 7199.4},
        {"1.234,56", ',', '.', 1234.56},
        {"1 234,5", ',', ' ', 1234.5},
        {"1\xc2\xa0"
         "234,5",
         ',', ' ', 1234.5},
        {"1\xe2\x80\xaf"
         "234\xe2\x80\xaf"
         "567",
         '.', ' ', 1234567},
        {"1'234'567.5", '.', '\'', 1234567.5},
        {"1\xe2\x80\x99"
         "234.5",
         '.', '\'', 1234.5},
        {"12,34,567.5", '.', ',', 1234567.5},
        {"0,5", ',', '\0', 0.5},
        {",5", ',', '\0', 0.5},
        {"1.31M", '.', '\0', 1310000},
        {"904.50K", '.', '\0', 904500},
        {"0.1B", '.', '\0', 100000000},
        {"2.5 bn", '.', '\0', 2500000000},
        {"1.1T", '.', '\0', 1100000000000},
        {"-5.45%", '.', '\0', -5.45},
        {"5,45 %", ',', '\0', 5.45},
        {"$1,234.50", '.', ',', 1234.5},
        {"-$5", '.', '\0', -5},
        {"$-5", '.', '\0', -5},
        {"\xe2\x82\xac 5", '.', '\0', 5},
        {"1.234,50 \xe2\x82\xac", ',', '.', 1234.5},
        {"USD 12.5", '.', '\0', 12.5},
        {"12.5USDT", '.', '\0', 12.5},
        {"0.5 ETH", '.', '\0', 0.5},
        {"1.5M USD", '.', '\0', 1500000},
        {"(1,234.5)", '.', ',', -1234.5},
        {"$(5)", '.', '\0', -5},
        {"\xe2\x88\x92"
         "5",
         '.', '\0', -5},
        {"+5%", '.', '\0', 5},
        {"1,5E+03", ',', '\0', 1500},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(cell); i++) {
        struct dress d;
        if (!dress_take_apart(&d, cell[i].text, strlen(cell[i].text)))
            fail_msg("'%s' is no number", cell[i].text);
        unsigned reading = dress_reading(cell[i].decimal, cell[i].group);
        assert_true(reading != 0);
        if (!(d.readings & reading))
            fail_msg("'%s' does not allow %c and '%c'", cell[i].text, cell[i].decimal, cell[i].group);
        double v = dress_value(&d, reading);
        if (bits(v) != bits(cell[i].value))
            fail_msg("'%s' is %.17g, not %.17g", cell[i].text, v, cell[i].value);
    }
}

static unsigned readings(const char *text)
{
    struct dress d;
    return dress_take_apart(&d, text, strlen(text)) ? d.readings : 0;
}

static void test_readings(void **state)
{
    (void)state;
    assert_int_equal(readings("123"), DRESS_ALL);
    assert_int_equal(readings("1.5"), DRESS_POINTS);
    assert_int_equal(readings("1,5"), DRESS_COMMAS);
    assert_int_equal(readings("1,23"), DRESS_COMMAS);
    assert_int_equal(readings("0,123"), DRESS_COMMAS); /* no group of three begins with a zero alone */
    assert_int_equal(readings("1234,567"), DRESS_COMMAS);
    assert_int_equal(readings("1,234"), DRESS_COMMAS | dress_reading('.', ','));
    assert_int_equal(readings("1.234"), DRESS_POINTS | dress_reading(',', '.'));
    assert_int_equal(readings("1,234.5"), dress_reading('.', ','));
    assert_int_equal(readings("1.234.567"), dress_reading(',', '.'));
    assert_int_equal(readings("1 234"), dress_reading('.', ' ') | dress_reading(',', ' '));
    assert_int_equal(readings("1,2,3"), 0);
    assert_int_equal(readings("1.234.56"), 0);
    assert_int_equal(readings("1,,234"), 0);
    assert_int_equal(readings("1,234,"), 0);
}

/* Any number, dressed in any marks and groups, allows the reading it was dressed for, with its own value. */
static void test_round_trip(void **state)
{
    struct random r = random_start(13, RANDOM_TEST, 0, 0);
    static const struct {
        char decimal, group;
    } marks[] = {{'.', '\0'}, {'.', ','}, {'.', ' '}, {'.', '\''}, {',', '\0'}, {',', '.'}, {',', ' '}, {',', '\''}};
    (void)state;
    for (int i = 0; i < 100000; i++) {
        char plain[64], out[128];
        size_t at = 0, k = random_below(&r, ARRAY_N(marks));
        snprintf(plain, sizeof plain, "%u.%0*u", random_below(&r, i % 2 ? 2000 : 2000000000), 1 + i % 6,
                 random_below(&r, 10));
        size_t whole = strcspn(plain, ".");
        for (size_t p = 0; plain[p]; p++) {
            if (marks[k].group && p > 0 && p < whole && (whole - p) % 3 == 0)
                out[at++] = marks[k].group;
            out[at++] = plain[p] == '.' ? marks[k].decimal : plain[p];
        }
        struct dress d;
        assert_true(dress_take_apart(&d, out, at));
        unsigned reading = dress_reading(marks[k].decimal, marks[k].group);
        assert_true(d.readings & reading);
        assert_true(bits(dress_value(&d, reading)) == bits(strtod(plain, NULL)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_long),       cmocka_unit_test(test_random_bits),
        cmocka_unit_test(test_doubles),  cmocka_unit_test(test_kinds),      cmocka_unit_test(test_dressed),
        cmocka_unit_test(test_readings), cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
