#include "data/dialect.h"

#include "base/text.h"

static uint64_t line_of(const char *text, size_t at)
{
    uint64_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static bool starts_with(const char *text, size_t n, const char *magic, size_t magic_n)
{
    return n >= magic_n && memcmp(text, magic, magic_n) == 0;
}

static bool refuse_formats(const char *text, size_t n, struct error *err)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *text;
    } known[] = {
        {"\xff\xfe", 2, "the file is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"},
        {"\xfe\xff", 2, "the file is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"},
        {"\x1f\x8b", 2, "the file is compressed with gzip; unpack it first"},
        {"PK\x03\x04", 4, "the file is a zip archive or a spreadsheet; export it as CSV"},
        {"BZh", 3, "the file is compressed with bzip2; unpack it first"},
        {"\xfd"
         "7zXZ",
         5, "the file is compressed with xz; unpack it first"},
        {"\x28\xb5\x2f\xfd", 4, "the file is compressed with zstd; unpack it first"},
        {"PAR1", 4, "the file is Parquet; export it as CSV"},
        {"%PDF", 4, "the file is a PDF; export the table as CSV"},
        {"<!DOCTYPE", 9, "the file is a web page; download the CSV itself"},
        {"<html", 5, "the file is a web page; download the CSV itself"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (starts_with(text, n, known[i].magic, known[i].n))
            return error_set(err, ERROR_DATA, "%s", known[i].text);
    return true;
}

static bool refuse_bytes(struct dialect *d, const char *text, size_t n, struct error *err)
{
    const char *nul = memchr(text, '\0', n);
    if (nul)
        return error_set(err, ERROR_DATA,
                         "byte %zu (line %llu) is zero: this is no text, or it is UTF-16 (convert it: "
                         "iconv -f UTF-16LE -t UTF-8)",
                         (size_t)(nul - text), (unsigned long long)line_of(text, (size_t)(nul - text)));
    for (size_t i = 0; i < n; i++) {
        d->lines += text[i] == '\n';
        if (text[i] == '\r' && !(i + 1 < n && text[i + 1] == '\n'))
            return error_set(err, ERROR_DATA,
                             "byte %zu (line %llu) is a carriage return without a line feed; convert the "
                             "line ends: tr '\\r' '\\n'",
                             i, (unsigned long long)line_of(text, i));
    }
    d->lines += n > 0 && text[n - 1] != '\n';
    return true;
}

static bool refuse_encoding(const char *text, size_t n, struct error *err)
{
    if (text_is_utf8(text, n))
        return true;
    size_t at = 0; /* line by line: the first bad one is named */
    for (uint64_t line = 1; at < n; line++) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t length = newline ? (size_t)(newline - (text + at)) + 1 : n - at;
        if (!text_is_utf8(text + at, length))
            return error_set(err, ERROR_DATA,
                             "line %llu is not UTF-8; convert the file, for instance: iconv -f "
                             "WINDOWS-1252 -t UTF-8",
                             (unsigned long long)line);
        at += length;
    }
    return error_set(err, ERROR_DATA, "the file is not UTF-8; convert it with iconv");
}

static size_t count_outside_quotes(const char *line, size_t n, char wanted)
{
    size_t count = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        quoted = line[i] == '"' ? !quoted : quoted;
        count += !quoted && line[i] == wanted;
    }
    return count;
}

/* The first line that is not blank, without its end. */
static size_t first_line(const char **line, const char *text, size_t n)
{
    size_t at = 0;
    while (at < n && (text[at] == '\n' || text[at] == '\r' || text[at] == ' '))
        at++;
    const char *newline = memchr(text + at, '\n', n - at);
    *line = text + at;
    return newline ? (size_t)(newline - *line) : n - at;
}

static bool refuse_delimiters(struct dialect *d, const char *text, size_t n, struct error *err)
{
    static const struct {
        char mark;
        const char *name;
    } other[] = {{';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}};
    const char *line;
    size_t length = first_line(&line, text, n);
    d->crlf = length > 0 && line[length - 1] == '\r';
    size_t commas = count_outside_quotes(line, length, ',');
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        size_t marks = count_outside_quotes(line, length, other[i].mark);
        if (marks > 0 && marks >= commas)
            return error_set(err, ERROR_DATA,
                             "the first line seems to be parted by %s (%zu of them, %zu commas), which this "
                             "importer does not read; save the table with commas",
                             other[i].name, marks, commas);
    }
    return true;
}

bool dialect_find(struct dialect *d, const char *text, size_t n, struct error *err)
{
    *d = (struct dialect){0};
    if (n == 0)
        return error_set(err, ERROR_DATA, "the file is empty");
    if (!refuse_formats(text, n, err) || !refuse_bytes(d, text, n, err) || !refuse_encoding(text, n, err))
        return false;
    d->skip = starts_with(text, n, "\xef\xbb\xbf", 3) ? 3 : 0;
    return refuse_delimiters(d, text + d->skip, n - d->skip, err);
}
