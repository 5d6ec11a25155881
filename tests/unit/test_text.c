/* text: copies, growing strings, numbers, UTF-8. */
#include "test_support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <float.h>
#include <math.h>

static void test_copies(void **state)
{
    char out[6] = "";

    (void)state;
    assert_true(text_copy(out, sizeof out, "12345"));
    assert_false(text_copy(out, sizeof out, "123456"));
    assert_string_equal(out, "12345");
    assert_true(text_copy(out, sizeof out, "ab"));
    assert_true(text_append(out, sizeof out, "cde"));
    assert_false(text_append(out, sizeof out, "f"));
    assert_string_equal(out, "abcde");
    assert_false(text_copy(out, 1, "x"));
    assert_string_equal(out, "");
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(text_equal("a", "a") && !text_equal("a", "A"));
    assert_true(text_equal_nocase("AbZ@[", "aBz@["));
    assert_false(text_equal_nocase("@", "`"));
    assert_false(text_equal_nocase("ab", "abc"));
    assert_false(text_equal_nocase("\xc4", "\xe4"));
    assert_true(text_starts("abc", "ab") && text_starts("abc", "") && !text_starts("ab", "abc"));
    assert_true(text_contains_nocase("Hello World", "o w") && text_contains_nocase("x", ""));
    assert_true(text_contains_nocase("aab", "AB") && !text_contains_nocase("ab", "abc"));
    assert_true(text_contains_nocase("", "") && !text_contains_nocase("", "a"));
}

static void test_growing(void **state)
{
    struct text t = {0};

    (void)state;
    assert_string_equal(text_of(&t), "");
    text_put_n(&t, "", 0);
    assert_string_equal(t.data, "");
    for (int i = 0; i < 1000; i++)
        text_printf(&t, "%d,", i);
    assert_int_equal(t.n, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(t.data), t.n);
    assert_true(text_starts(t.data, "0,1,2,") && text_equal(t.data + t.n - 8, "998,999,"));
    text_put(&t, "end");
    text_put_n(&t, "a\0b", 3);
    assert_memory_equal(t.data + t.n - 6, "enda\0b", 7);
    text_free(&t);
    assert_null(t.data);
}

static void test_split(void **state)
{
    char s[] = "a,,b,", blank[] = " \t\r\n", padded[] = "\v x y \f", empty[] = "";
    char *rest = s;

    (void)state;
    assert_string_equal(text_next(&rest, ','), "a");
    assert_string_equal(text_next(&rest, ','), "");
    assert_string_equal(text_next(&rest, ','), "b");
    assert_string_equal(text_next(&rest, ','), "");
    assert_null(text_next(&rest, ','));
    assert_null(text_next(&rest, ','));
    rest = empty;
    assert_string_equal(text_next(&rest, ','), "");
    assert_null(text_next(&rest, ','));
    assert_string_equal(text_trim(blank), "");
    assert_string_equal(text_trim(padded), "x y");
}

static void test_int(void **state)
{
    static const char *const bad[] = {"",   "-",  "+",   " 1", "1 ", "1.0", "0x1", "1e3", "--1",
                                      "+-1", "1,000", "9223372036854775808", "-9223372036854775809",
                                      "99999999999999999999999", "\xd9\xa1", "nan"};
    int64_t v = 77;

    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++)
        assert_false(text_parse_int(bad[i], INT64_MIN, INT64_MAX, &v));
    assert_int_equal(v, 77);
    assert_true(text_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &v) && v == INT64_MAX);
    assert_true(text_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &v) && v == INT64_MIN);
    assert_true(text_parse_int("-0", INT64_MIN, INT64_MAX, &v) && v == 0);
    assert_true(text_parse_int("+007", 7, 7, &v) && v == 7);
    assert_false(text_parse_int("8", 0, 7, &v));
    assert_false(text_parse_int("-1", 0, 7, &v));
}

static void test_u64(void **state)
{
    static const char *const bad[] = {"", "-1", "+1", "18446744073709551616", "99999999999999999999", "1x", " 1"};
    uint64_t v = 77;

    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++)
        assert_false(text_parse_u64(bad[i], &v));
    assert_true(v == 77);
    assert_true(text_parse_u64("18446744073709551615", &v) && v == UINT64_MAX);
    assert_true(text_parse_u64("0", &v) && v == 0);
}

static void test_double_syntax(void **state)
{
    static const char *const bad[] = {"",    ".",   "-",   "+.",   "e5",  "1e",  "1e+",   "1e5.0",    "0x10", "1p3",
                                      "inf", "nan", "INF", "1d5",  " 1",  "1 ",  "1,5",   "--1",      "1..2", "1.2.3",
                                      "-inf", "infinity", "nan(1)", "1e309", "-1e400", "1f", "1_0", "\xef\xbc\x91"};
    double v = 77;

    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++)
        assert_false(text_parse_double(bad[i], &v));
    assert_true(v == 77);
    assert_true(text_parse_double("+1.5E+2", &v) && v == 150);
    assert_true(text_parse_double(".5", &v) && v == 0.5);
    assert_true(text_parse_double("5.", &v) && v == 5);
    assert_true(text_parse_double("-0", &v) && v == 0 && signbit(v));
    assert_true(text_parse_double("1e-400", &v) && v == 0);
    assert_true(text_parse_double("0e99999999999999", &v) && v == 0);
    assert_true(text_parse_double("1e-99999999999999", &v) && v == 0);
    assert_true(text_parse_double("17976931348623157e292", &v) && v == DBL_MAX);
}

/* Halfway cases and long digits, for which one rounding too many shows. */
static void test_double_rounding(void **state)
{
    double v;

    (void)state;
    assert_true(text_parse_double("9007199254740993", &v) && v == 9007199254740992.0);
    assert_true(text_parse_double("9007199254740993.00000000000000000000000000001", &v) && v == 9007199254740994.0);
    assert_true(text_parse_double("2.2250738585072011e-308", &v) && v == 0x0.fffffffffffffp-1022);
    assert_true(text_parse_double("0.1000000000000000055511151231257827021181583404541015625", &v) && v == 0.1);
    assert_true(text_parse_double("123456789012345678901234567890e-20", &v) && v == 1234567890.1234567);
    struct random r = random_start(1, RANDOM_TEST, 0, 0);
    for (int i = 0; i < 100000; i++) {
        char s[64];
        int digits = 1 + (int)random_below(&r, 20), exponent = (int)random_below(&r, 60) - 30;
        snprintf(s, sizeof s, "%.*e", digits, random_unit(&r) * ldexp(1, exponent));
        assert_true(text_parse_double(s, &v) && v == strtod(s, NULL));
        snprintf(s, sizeof s, "%.*f", digits, random_unit(&r) * 1e4);
        assert_true(text_parse_double(s, &v) && v == strtod(s, NULL));
    }
}

static void assert_double(double v, const char *expected)
{
    char out[32];

    text_of_double(v, out, sizeof out);
    assert_string_equal(out, expected);
}

static void assert_float(float v, const char *expected)
{
    char out[32];

    text_of_float(v, out, sizeof out);
    assert_string_equal(out, expected);
}

static void test_shortest(void **state)
{
    (void)state;
    assert_double(0.1, "0.1");
    assert_double(1e-5, "1e-05");
    assert_double(-0.0, "-0");
    assert_double(1.0 / 3, "0.3333333333333333");
    assert_double(0.1 + 0.2, "0.30000000000000004");
    assert_double(5e-324, "5e-324");
    assert_double(DBL_MAX, "1.7976931348623157e+308");
    assert_double(100000, "100000");
    assert_double(NAN, "nan");
    assert_double(-INFINITY, "-inf");
    assert_float(0.1f, "0.1");
    assert_float(16777216.0f, "16777216");
    assert_float(1.0f / 3, "0.33333334");
    assert_float(1e-45f, "1e-45");
    assert_float(INFINITY, "inf");
    struct random r = random_start(2, RANDOM_TEST, 0, 0);
    for (int i = 0; i < 100000; i++) {
        char out[32];
        double v, bits;
        uint64_t any = random_u64(&r);
        memcpy(&bits, &any, sizeof bits);
        text_of_double(bits, out, sizeof out);
        assert_true(!isfinite(bits) || (text_parse_double(out, &v) && memcmp(&v, &bits, sizeof v) == 0));
    }
}

static void test_counts(void **state)
{
    char out[40];

    (void)state;
    text_of_count(0, out, sizeof out);
    assert_string_equal(out, "0");
    text_of_count(999, out, sizeof out);
    assert_string_equal(out, "999");
    text_of_count(1234567, out, sizeof out);
    assert_string_equal(out, "1,234,567");
    text_of_count(UINT64_MAX, out, sizeof out);
    assert_string_equal(out, "18,446,744,073,709,551,615");
    text_of_count(1234567, out, 4);
    assert_string_equal(out, "1,2");
}

static void test_byte_sizes(void **state)
{
    static const struct {
        uint64_t n;
        const char *expected;
    } cases[] = {{0, "0 B"},
                 {1023, "1023 B"},
                 {1024, "1.0 KiB"},
                 {1536, "1.5 KiB"},
                 {12897485, "12.3 MiB"},
                 {1048575, "1.0 MiB"},
                 {1048576, "1.0 MiB"},
                 {UINT64_C(1) << 50, "1.0 PiB"},
                 {(UINT64_C(1) << 60) + (UINT64_C(1) << 59), "1.5 EiB"},
                 {UINT64_MAX, "16.0 EiB"}};
    char out[32];

    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        text_of_bytes(cases[i].n, out, sizeof out);
        assert_string_equal(out, cases[i].expected);
    }
}

/* Every code point there and back, and its encoding cut short is malformed. */
static void test_utf8_all(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char s[5];
        int length, n = text_encode(code, s);
        if (code >= 0xD800 && code <= 0xDFFF) {
            assert_int_equal(text_decode(s, (size_t)n, &length), 0xFFFD);
            continue;
        }
        if (text_decode(s, (size_t)n, &length) != code || length != n || s[n] != '\0')
            fail_msg("U+%04X", (unsigned)code);
        for (int cut = 1; cut < n; cut++) {
            if (text_decode(s, (size_t)cut, &length) != 0xFFFD || length != 1 || text_is_utf8(s, (size_t)cut))
                fail_msg("U+%04X cut", (unsigned)code);
        }
    }
}

static void test_utf8_bad(void **state)
{
    static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                                      "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
                                      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
                                      "\xc3(", "\xe2\x82(", "\xe2(\xa1"};
    int length;

    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++) {
        assert_int_equal(text_decode(bad[i], strlen(bad[i]), &length), 0xFFFD);
        assert_int_equal(length, 1);
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    }
    assert_true(text_is_utf8("", 0) && text_is_utf8("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
    assert_int_equal(text_decode("", 0, &length), 0);
    assert_int_equal(length, 0);
    char s[5];
    assert_int_equal(text_encode(0x110000, s), 3);
    assert_string_equal(s, "\xef\xbf\xbd");
}

static void test_columns(void **state)
{
    static const struct {
        uint32_t code;
        int columns;
    } cases[] = {
        {'a', 1},     {0, 0},       {0x1b, 0},    {0x7f, 0},    {0x9f, 0},    {0xa0, 1},    {0xe9, 1},    {0x300, 0},
        {0x36f, 0},   {0x370, 1},   {0x5d0, 1},   {0x64b, 0},   {0x1100, 2},  {0x1160, 0},  {0x200b, 0},  {0x200d, 0},
        {0x2028, 0},  {0x20ac, 1},  {0x2500, 1},  {0x2588, 1},  {0x2800, 1},  {0x231a, 2},  {0x26a1, 2},  {0x2764, 1},
        {0x3000, 2},  {0x303f, 1},  {0x3042, 2},  {0x3099, 0},  {0x4e2d, 2},  {0xac00, 2},  {0xd7a3, 2},  {0xfe0f, 0},
        {0xff21, 2},  {0xff71, 1},  {0xfffd, 1},  {0x1f600, 2}, {0x1f1e6, 1}, {0x1f3fb, 2}, {0x20000, 2}, {0xe0100, 0},
        {0x10ffff, 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        if (text_columns(cases[i].code) != cases[i].columns)
            fail_msg("U+%04X has %d columns", (unsigned)cases[i].code, text_columns(cases[i].code));
    }
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("a\xe4\xb8\xad" "e\xcc\x81\xf0\x9f\x98\x80"), 1 + 2 + 1 + 2);
    assert_int_equal(text_width("\xff\xfe"), 2); /* what stands for malformed bytes is seen */
}

static void test_escape(void **state)
{
    static const struct {
        const char *in, *expected;
    } cases[] = {{"plain \xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80 e\xcc\x81", "plain \xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80 e\xcc\x81"},
                 {"\x1b[31m\n\t\x7f", "\\x1b[31m\\x0a\\x09\\x7f"},
                 {"\xc2\x9b", "\\xc2\\x9b"},
                 {"a\xe2\x80\xae" "b", "a\\u{202e}b"},
                 {"\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf", "\\u{200b}\\u{2066}\\u{feff}"},
                 {"\xc2\xa0\xc2\xad", "\\u{a0}\\u{ad}"},
                 {"\xf3\xa0\x81\x81", "\\u{e0041}"},
                 {"\xff\xc3", "\\xff\\xc3"},
                 {"a\\x1b", "a\\\\x1b"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        struct text out = {0};
        text_escape(&out, cases[i].in, strlen(cases[i].in));
        assert_string_equal(text_of(&out), cases[i].expected);
        text_free(&out);
    }
    struct text out = {0};
    text_escape(&out, "a\0b", 3);
    assert_string_equal(text_of(&out), "a\\x00b");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),        cmocka_unit_test(test_compare),         cmocka_unit_test(test_growing),
        cmocka_unit_test(test_split),         cmocka_unit_test(test_int),             cmocka_unit_test(test_u64),
        cmocka_unit_test(test_double_syntax), cmocka_unit_test(test_double_rounding), cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_counts),        cmocka_unit_test(test_byte_sizes),      cmocka_unit_test(test_utf8_all),
        cmocka_unit_test(test_utf8_bad),      cmocka_unit_test(test_columns),         cmocka_unit_test(test_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
