#include "data/read/encoding.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>

#define GUESS_BYTES 4096
#define SURVEY_BLOCK ((size_t)1 << 16)

static unsigned long long line_of(const char *text, size_t at)
{
    unsigned long long line = 1;
    for (const char *p = text, *end = text + at; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        line++;
    return line;
}

static bool starts_with(const char *text, size_t n, const char *magic, size_t magic_n)
{
    return n >= magic_n && memcmp(text, magic, magic_n) == 0;
}

static bool is_ascii(const char *s, size_t n)
{
    uint64_t all = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, s + i, sizeof word);
        all |= word;
    }
    for (; i < n; i++)
        all |= (unsigned char)s[i];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* What the bytes hold, in one walk over blocks that stay in the cache. */
struct survey {
    bool nul, quotes, cr, ascii;
};

static void survey(struct survey *out, const char *s, size_t n)
{
    *out = (struct survey){.ascii = true};
    for (size_t i = 0; i < n; i += SURVEY_BLOCK) {
        size_t block = n - i < SURVEY_BLOCK ? n - i : SURVEY_BLOCK;
        out->nul = out->nul || memchr(s + i, '\0', block);
        out->quotes = out->quotes || memchr(s + i, '"', block);
        out->cr = out->cr || memchr(s + i, '\r', block);
        out->ascii = out->ascii && is_ascii(s + i, block);
    }
}

/* --- what is no text --------------------------------------------------------------------------------------------- */

static bool refuse_known(const char *text, size_t n, struct error *err)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *text;
    } known[] = {
        {"\x1f\x8b", 2, "the file is compressed with gzip; unpack it first"},
        {"PK\x03\x04", 4, "the file is a zip archive or a spreadsheet; unpack it, or export the table as CSV"},
        {"BZh", 3, "the file is compressed with bzip2; unpack it first"},
        {"\xfd\x37zXZ", 5, "the file is compressed with xz; unpack it first"},
        {"\x28\xb5\x2f\xfd", 4, "the file is compressed with zstd; unpack it first"},
        {"7z\xbc\xaf\x27\x1c", 6, "the file is a 7z archive; unpack it first"},
        {"Rar!", 4, "the file is a rar archive; unpack it first"},
        {"\xd0\xcf\x11\xe0", 4, "the file is an old Office document (xls); export the table as CSV"},
        {"PAR1", 4, "the file is Parquet; export it as CSV"},
        {"ARROW1", 6, "the file is Arrow or Feather; export it as CSV"},
        {"\x89HDF", 4, "the file is HDF5; export the table as CSV"},
        {"SQLite format 3", 15, "the file is an SQLite database; export the table as CSV"},
        {"%PDF", 4, "the file is a PDF; export the table as CSV"},
        {"{\\rtf", 5, "the file is a rich text document; export the table as CSV"},
    };
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (starts_with(text, n, known[i].magic, known[i].n))
            return error_set(err, ERROR_DATA, "%s", known[i].text);
    return true;
}

static bool begins_nocase(const char *text, size_t n, const char *word)
{
    for (size_t i = 0; word[i]; i++)
        if (i >= n || (text[i] | 0x20) != (word[i] | 0x20))
            return false;
    return true;
}

/* What begins like a web page or JSON, behind blanks. `[` alone may begin a cell. */
static bool refuse_markup(const char *text, size_t n, struct error *err)
{
    size_t at = 0;
    while (at < n && strchr(" \t\r\n", text[at]))
        at++;
    const char *s = text + at;
    size_t rest = n - at;
    if (begins_nocase(s, rest, "<!doctype html") || begins_nocase(s, rest, "<html"))
        return error_set(err, ERROR_DATA, "the file is a web page; download the CSV itself");
    if (begins_nocase(s, rest, "<?xml") || begins_nocase(s, rest, "<!doctype"))
        return error_set(err, ERROR_DATA, "the file is XML; export the table as CSV");
    char second = '\0';
    for (size_t i = 1; i < rest && !second; i++)
        second = strchr(" \t\r\n", s[i]) ? '\0' : s[i];
    if (rest && ((*s == '{' && strchr("\"}", second)) || (*s == '[' && strchr("{[]", second))) && second)
        return error_set(err, ERROR_DATA, "the file is JSON; export the table as CSV");
    return true;
}

static bool refuse_binary(const char *text, size_t n, struct error *err)
{
    const char *nul = memchr(text, '\0', n);
    ASSERT(nul);
    return error_set(err, ERROR_DATA,
                     "byte %zu (line %llu) is zero: this is no text (or name its encoding with --encoding)",
                     (size_t)(nul - text), line_of(text, (size_t)(nul - text)));
}

/* --- conversion -------------------------------------------------------------------------------------------------- */

static bool refuse_conversion(const struct encoding *e, const char *bytes, size_t at, int why, struct error *err)
{
    if (why == EILSEQ)
        return error_set(err, ERROR_DATA,
                         "byte %zu (0x%02x, line %llu) cannot be %s; name the encoding with "
                         "--encoding",
                         at, (unsigned char)bytes[at], line_of(bytes, at), e->name);
    return error_set(err, ERROR_DATA,
                     "the file ends within a character of %s (byte %zu): it was cut off, or "
                     "--encoding says another",
                     e->name, at);
}

static bool more_room(struct encoding *e, size_t *room, struct error *err)
{
    size_t bigger = *room + *room / 2 + 64;
    char *out = realloc(e->owned, bigger);
    if (!out)
        return error_set(err, ERROR_MEMORY, "no memory to convert the file (%zu bytes)", bigger);
    e->owned = out;
    *room = bigger;
    return true;
}

static bool convert_all(struct encoding *e, iconv_t how, const char *bytes, size_t n, struct error *err)
{
    char *in = (char *)(uintptr_t)bytes; /* iconv's type; it does not write there */
    size_t left = n, room = 0, used = 0;
    if (!more_room(e, &room, err))
        return false;
    while (left > 0) {
        char *out = e->owned + used;
        size_t free_n = room - used - 1;
        size_t done = iconv(how, &in, &left, &out, &free_n);
        int why = errno;
        used = (size_t)(out - e->owned);
        if (done == (size_t)-1 && why == E2BIG) {
            if (!more_room(e, &room, err))
                return false;
        } else if (done == (size_t)-1) {
            return refuse_conversion(e, bytes, n - left, why, err);
        }
    }
    e->owned[used] = '\0';
    e->text = e->owned;
    e->n = used;
    return true;
}

static bool convert(struct encoding *e, const char *bytes, size_t n, struct error *err)
{
    iconv_t how = iconv_open("UTF-8", e->name);
    if (how == (iconv_t)-1)
        return error_set(err, ERROR_USAGE, "the encoding '%s' is not known here (`iconv -l` lists those that are)",
                         e->name);
    bool ok = convert_all(e, how, bytes, n, err);
    iconv_close(how);
    if (!ok)
        return false;
    if (starts_with(e->text, e->n, "\xef\xbb\xbf", 3)) {
        e->text += 3;
        e->n -= 3;
    }
    return true;
}

/* --- guessing ---------------------------------------------------------------------------------------------------- */

/* ASCII in UTF-16 has a zero in every second byte: at odd places when the low byte comes first. */
static const char *utf16_by_zeros(const char *bytes, size_t n, size_t *zeros)
{
    size_t zero[2] = {0, 0}, most = n < GUESS_BYTES ? n : GUESS_BYTES;
    for (size_t i = 0; i < most; i++)
        zero[i % 2] += bytes[i] == '\0';
    *zeros = zero[0] + zero[1];
    if (n % 2 == 0 && zero[1] > most / 4 && zero[0] <= zero[1] / 16)
        return "UTF-16LE";
    if (n % 2 == 0 && zero[0] > most / 4 && zero[1] <= zero[0] / 16)
        return "UTF-16BE";
    return NULL;
}

/* The first byte at which the text is no UTF-8; n where it is. */
static size_t utf8_until(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t block = n - i < 4096 ? n - i : 4096;
        if (is_ascii(s + i, block)) {
            i += block;
            continue;
        }
        for (size_t end = i + block; i < end;) {
            int length;
            if ((unsigned char)s[i] < 0x80) {
                i++;
                continue;
            }
            if (text_decode(s + i, n - i, &length) == 0xfffd && !starts_with(s + i, n - i, "\xef\xbf\xbd", 3))
                return i;
            i += (size_t)length;
        }
    }
    return n;
}

static bool read_utf16(struct encoding *e, struct findings *found, const char *bytes, size_t n, struct error *err)
{
    size_t zeros = 0;
    const char *name = starts_with(bytes, n, "\xff\xfe", 2)   ? "UTF-16LE"
                       : starts_with(bytes, n, "\xfe\xff", 2) ? "UTF-16BE"
                                                              : NULL;
    bool mark = name != NULL;
    if (!name)
        name = utf16_by_zeros(bytes, n, &zeros);
    text_copy(e->name, sizeof e->name, name);
    if (!convert(e, bytes, n, err))
        return false;
    if (mark)
        findings_guess(found, "encoding", e->name, "--encoding", "the file begins with its byte order mark");
    else
        findings_guess(found, "encoding", e->name, "--encoding", "%zu of the first bytes are zero, at %s places", zeros,
                       text_equal(name, "UTF-16LE") ? "odd" : "even");
    return true;
}

/* Where four bytes beyond ASCII follow each other: words of other alphabets, which Windows-1252 would show as letters
 * with accents; n where nowhere. Blanks that do not break (0xa0) pad numbers and do not count. */
static size_t other_alphabet(const char *bytes, size_t n)
{
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        run = c >= 0x80 && c != 0xa0 ? run + 1 : 0;
        if (run == 4)
            return i - 3;
    }
    return n;
}

static bool read_8bit(struct encoding *e, struct findings *found, const char *bytes, size_t n, bool ascii,
                      struct error *err)
{
    bool mark = starts_with(bytes, n, "\xef\xbb\xbf", 3);
    size_t skip = mark ? 3 : 0, bad = ascii ? n : utf8_until(bytes + skip, n - skip) + skip;
    if (bad == n) {
        text_copy(e->name, sizeof e->name, "UTF-8");
        e->text = bytes + skip;
        e->n = n - skip;
        findings_guess(found, "encoding", mark ? "UTF-8 with byte order mark" : "UTF-8", "--encoding",
                       mark ? "the file begins with the mark, and every byte fits" : "every byte fits");
        return true;
    }
    if (mark)
        return error_set(err, ERROR_DATA,
                         "byte %zu (0x%02x, line %llu) is no UTF-8, though the file begins with its "
                         "mark; repair the line, or name the encoding with --encoding",
                         bad, (unsigned char)bytes[bad], line_of(bytes, bad));
    size_t other = other_alphabet(bytes, n);
    if (other < n)
        return error_set(err, ERROR_DATA,
                         "line %llu: the bytes from 0x%02x 0x%02x on are no UTF-8 and write no western "
                         "language; say --encoding (windows-1251, gb18030, euc-kr, shift_jis ...)",
                         line_of(bytes, other), (unsigned char)bytes[other], (unsigned char)bytes[other + 1]);
    text_copy(e->name, sizeof e->name, "windows-1252");
    if (!convert(e, bytes, n, err))
        return error_prefix(err, "byte %zu (0x%02x, line %llu) is no UTF-8", bad, (unsigned char)bytes[bad],
                            line_of(bytes, bad));
    findings_guess(found, "encoding", e->name, "--encoding", "byte 0x%02x on line %llu is no UTF-8",
                   (unsigned char)bytes[bad], line_of(bytes, bad));
    return true;
}

static bool read_given(struct encoding *e, struct findings *found, const char *bytes, size_t n, const char *given,
                       struct error *err)
{
    text_copy(e->name, sizeof e->name, given);
    if (text_equal_nocase(given, "utf-8") || text_equal_nocase(given, "utf8")) {
        size_t skip = starts_with(bytes, n, "\xef\xbb\xbf", 3) ? 3 : 0, bad = utf8_until(bytes + skip, n - skip) + skip;
        if (bad < n)
            return error_set(err, ERROR_DATA, "byte %zu (0x%02x, line %llu) is no UTF-8, which --encoding asks for",
                             bad, (unsigned char)bytes[bad], line_of(bytes, bad));
        e->text = bytes + skip;
        e->n = n - skip;
    } else if (!convert(e, bytes, n, err)) {
        return false;
    }
    findings_guess(found, "encoding", e->name, "--encoding", "given with --encoding");
    return true;
}

/* --- line ends --------------------------------------------------------------------------------------------------- */

static bool own(struct encoding *e, struct error *err)
{
    if (e->owned)
        return true;
    e->owned = malloc(e->n + 1);
    if (!e->owned)
        return error_set(err, ERROR_MEMORY, "no memory for the %zu bytes of the text", e->n);
    memcpy(e->owned, e->text, e->n);
    e->owned[e->n] = '\0';
    e->text = e->owned;
    return true;
}

/* Where carriage returns and line feeds mix, every one of the former must stand before one of the latter (those inside
 * quotes are text, and their records tell). */
static bool refuse_lone_cr(const struct encoding *e, struct error *err)
{
    const char *end = e->text + e->n;
    for (const char *p = e->text; p < end && (p = memchr(p, '\r', (size_t)(end - p))); p++)
        if (p + 1 == end || (p[1] != '\n' && p[1] != '\r'))
            return error_set(
                err, ERROR_DATA,
                "byte %zu (line %llu) is a carriage return without a line feed, while other lines end with "
                "one; convert the line ends: tr '\\r' '\\n'",
                (size_t)(p - e->text), line_of(e->text, (size_t)(p - e->text)));
    return true;
}

static bool end_lines(struct encoding *e, struct findings *found, const struct survey *seen, struct error *err)
{
    const char *lf = memchr(e->text, '\n', e->n);
    if (seen->cr && !lf) {
        if (!own(e, err))
            return false;
        for (char *p = e->owned + (e->text - e->owned), *end = p + e->n; p < end; p++)
            *p = *p == '\r' ? '\n' : *p;
        e->bare_cr = true;
    }
    e->crlf = seen->cr && lf;
    if (e->crlf && !seen->quotes && !refuse_lone_cr(e, err))
        return false;
    const char *value = e->bare_cr ? "CR" : !e->crlf ? "LF" : lf > e->text && lf[-1] == '\r' ? "CRLF" : "CRLF and LF";
    if (e->bare_cr)
        findings_guess(found, "line ends", value, "", "there is no line feed in the file");
    else if (!lf)
        findings_guess(found, "line ends", "none", "", "the text is one line");
    else
        findings_guess(found, "line ends", value, "",
                       e->crlf ? "the first line's; other lines may end otherwise"
                               : "there is no carriage return in the file");
    return true;
}

static bool read_text(struct encoding *e, struct findings *found, struct survey *seen, const char *bytes, size_t n,
                      const char *given, struct error *err)
{
    size_t zeros;
    bool ok, utf16 = starts_with(bytes, n, "\xff\xfe", 2) || starts_with(bytes, n, "\xfe\xff", 2) ||
                     utf16_by_zeros(bytes, n, &zeros);
    if (given) {
        ok = read_given(e, found, bytes, n, given, err);
    } else if (utf16) {
        ok = read_utf16(e, found, bytes, n, err);
    } else {
        survey(seen, bytes, n);
        if (seen->nul)
            return refuse_binary(bytes, n, err);
        return read_8bit(e, found, bytes, n, seen->ascii, err);
    }
    if (!ok)
        return false;
    survey(seen, e->text, e->n);
    return !seen->nul || refuse_binary(e->text, e->n, err);
}

bool encoding_find(struct encoding *e, struct findings *found, const char *bytes, size_t n, const char *given,
                   struct error *err)
{
    struct survey seen;
    *e = (struct encoding){0};
    if (n == 0)
        return error_set(err, ERROR_DATA, "the file is empty");
    if (!refuse_known(bytes, n, err) || !read_text(e, found, &seen, bytes, n, given, err) ||
        !refuse_markup(e->text, e->n, err) || !end_lines(e, found, &seen, err))
        return false;
    e->quotes = seen.quotes;
    return true;
}

void encoding_free(struct encoding *e)
{
    free(e->owned);
    *e = (struct encoding){0};
}
