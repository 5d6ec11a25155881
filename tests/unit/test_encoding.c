/* From bytes to UTF-8: encodings told apart with their evidence, line ends, and what is no text. */
#include "test_support.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/encoding.h"

#define MARK "\xef\xbb\xbf"

static void expect(const char *bytes, size_t n, const char *given, const char *name, const char *wanted,
                   const char *evidence)
{
    struct encoding e;
    struct findings found = {0};
    struct error err = {0};
    char *exact = memory_copy(bytes, n);
    if (!encoding_find(&e, &found, exact, n, given, &err))
        fail_msg("refused: %s", err.text);
    assert_string_equal(e.name, name);
    assert_int_equal(e.n, strlen(wanted));
    assert_memory_equal(e.text, wanted, e.n);
    assert_string_equal(found.guess[0].what, "encoding");
    if (!strstr(found.guess[0].evidence, evidence))
        fail_msg("'%s' does not say '%s'", found.guess[0].evidence, evidence);
    encoding_free(&e);
    findings_free(&found);
    free(exact);
}

static void test_utf8(void **state)
{
    const char *text = "\xd0\xb4\xd0\xb0\xd1\x82\xd0\xb0,\xe4\xbb\xb7\xe6\xa0\xbc\n1,2\n";
    char marked[64];
    (void)state;
    expect("a,b\n1,2\n", 8, NULL, "UTF-8", "a,b\n1,2\n", "every byte");
    expect(text, strlen(text), NULL, "UTF-8", text, "every byte");
    snprintf(marked, sizeof marked, MARK "%s", text);
    expect(marked, strlen(marked), NULL, "UTF-8", text, "mark");
    expect(marked, strlen(marked), "utf-8", "utf-8", text, "--encoding");
}

static void test_utf16(void **state)
{
    static const char little[] = "t\0i\0,\0v\0\n\0001\0,\0002\0\n\0", big[] = "\0t\0i\0,\0v\0\n\0001\0,\0002\0\n";
    char marked[64] = "\xff\xfe";
    size_t n = sizeof little - 1;
    (void)state;
    memcpy(marked + 2, little, n);
    expect(marked, n + 2, NULL, "UTF-16LE", "ti,v\n1,2\n", "byte order mark");
    expect(little, n, NULL, "UTF-16LE", "ti,v\n1,2\n", "zero, at odd");
    expect(little, n, "utf-16le", "utf-16le", "ti,v\n1,2\n", "--encoding");
    memcpy(marked, "\xfe\xff", 2);
    memcpy(marked + 2, big, n);
    expect(marked, n + 2, NULL, "UTF-16BE", "ti,v\n1,2\n", "byte order mark");
    expect(big, n, NULL, "UTF-16BE", "ti,v\n1,2\n", "zero, at even");
}

static void test_8bit(void **state)
{
    (void)state;
    expect("a,b\n1,\x97\n\xe9,2\n", 12, NULL, "windows-1252", "a,b\n1,\xe2\x80\x94\n\xc3\xa9,2\n",
           "byte 0x97 on line 2");
    expect("a\xa0\xa0\xa0\xa0,\xe9t\xe9\n", 10, NULL, "windows-1252", "a\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0,\xc3\xa9t\xc3\xa9\n",
           "byte 0xa0 on line 1");
    expect("\xc4\xe0\xf2\xe0,b\n", 7, "windows-1251", "windows-1251", "\xd0\x94\xd0\xb0\xd1\x82\xd0\xb0,b\n",
           "--encoding");
    expect("\x93\xfa\x95t,b\n", 7, "shift_jis", "shift_jis", "\xe6\x97\xa5\xe4\xbb\x98,b\n", "--encoding");
    expect("\xe9,b\n", 4, "latin1", "latin1", "\xc3\xa9,b\n", "--encoding");
}

static void test_line_ends(void **state)
{
    static const struct {
        const char *text, *value, *wanted;
    } one[] = {
        {"a\nb\n", "LF", "a\nb\n"}, {"a\r\nb\r\n", "CRLF", "a\r\nb\r\n"}, {"a\nb\r\n", "CRLF and LF", "a\nb\r\n"},
        {"a\rb\r", "CR", "a\nb\n"}, {MARK "a\rb", "CR", "a\nb"},          {"ab", "none", "ab"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(one); i++) {
        struct encoding e;
        struct findings found = {0};
        assert_true(encoding_find(&e, &found, one[i].text, strlen(one[i].text), NULL, NULL));
        assert_string_equal(found.guess[1].what, "line ends");
        assert_string_equal(found.guess[1].value, one[i].value);
        assert_int_equal(e.n, strlen(one[i].wanted));
        assert_memory_equal(e.text, one[i].wanted, e.n);
        encoding_free(&e);
        findings_free(&found);
    }
}

static void refused(const char *bytes, size_t n, const char *given, const char *part)
{
    struct encoding e;
    struct findings found = {0};
    struct error err = {0};
    if (encoding_find(&e, &found, bytes, n, given, &err))
        fail_msg("taken, though it should be refused for '%s'", part);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
    encoding_free(&e);
    findings_free(&found);
}

static void test_refused(void **state)
{
    static const char cyrillic[] = "a,b\n\xc4\xe0\xf2\xe0,1\n";
    refused(cyrillic, sizeof cyrillic - 1, NULL, "line 2: the bytes from 0xc4 0xe0");
    static const struct {
        const char *bytes;
        size_t n;
        const char *given, *part;
    } one[] = {
        {"", 0, NULL, "empty"},
        {"\x1f\x8b\x08", 3, NULL, "gzip"},
        {"PK\x03\x04....", 8, NULL, "spreadsheet"},
        {"BZh9", 4, NULL, "bzip2"},
        {"\xfd\x37zXZ\0", 6, NULL, "xz"},
        {"\x28\xb5\x2f\xfd", 4, NULL, "zstd"},
        {"%PDF-1.7", 8, NULL, "PDF"},
        {"PAR1....", 8, NULL, "Parquet"},
        {"SQLite format 3\0", 16, NULL, "SQLite"},
        {"\n <!DOCTYPE html>\n", 18, NULL, "web page"},
        {"<HTML><body>", 12, NULL, "web page"},
        {"<?xml version=\"1.0\"?>", 21, NULL, "XML"},
        {"{\"a\": [1, 2]}", 13, NULL, "JSON"},
        {"[ {\"a\": 1} ]", 12, NULL, "JSON"},
        {"[[1,2],[3,4]]", 13, NULL, "JSON"},
        {"a,b\n1,\0\n", 8, NULL, "byte 6 (line 2) is zero"},
        {"a,b\n1,\x81\n", 8, NULL, "line 2"},
        {MARK "a,b\n1,\x97\n", 11, NULL, "line 2"},
        {"a,b\n1,\x97\n", 8, "utf-8", "byte 6 (0x97, line 2)"},
        {"a,b\n", 4, "klingon", "'klingon' is not known"},
        {"\xff\xfe"
         "a\0b",
         5, NULL, "cut off"},
        {"a\0b\0\0\0\n\0", 8, "utf-16le", "zero"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_N(one); i++)
        refused(one[i].bytes, one[i].n, one[i].given, one[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),      cmocka_unit_test(test_utf16),   cmocka_unit_test(test_8bit),
        cmocka_unit_test(test_line_ends), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
