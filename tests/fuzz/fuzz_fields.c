/* Records of any bytes, beside libcsv fed with the same text: where both take it, the cells are the same. The first
 * byte chooses the delimiter. */
#include "fuzz.h"

#include "base/text.h"
#include "data/read/record.h"

#include <csv.h>

const char fuzz_corpus[] = "fields";

static void put_cell(struct text *out, const char *s, size_t n)
{
    while (n > 0 && strchr(" \t\r", *s)) {
        s++;
        n--;
    }
    while (n > 0 && strchr(" \t\r", s[n - 1]))
        n--;
    text_put_n(out, s, n);
    text_put(out, "\x1f");
}

static bool read_mine(struct text *out, const char *text, size_t n, char delimiter, bool quotes)
{
    struct record_form form = {delimiter, delimiter == ' ', quotes};
    struct record_reader r = {.text = text, .n = n, .form = form};
    struct record record;
    struct error err = {0};
    enum record_status status;
    uint64_t line = 0;
    while ((status = record_next(&r, &record, &err)) == RECORD_READ) {
        ASSERT(record.n > 0 && record.line > line && record.at + record.n_bytes <= n);
        line = record.line;
        for (size_t i = 0; i < record.n; i++)
            put_cell(out, record.cell[i].text, record.cell[i].n);
        text_put(out, "\x1e");
    }
    ASSERT(status == RECORD_END || err.kind == ERROR_DATA);
    record_close(&r);
    return status == RECORD_END;
}

struct theirs {
    struct text *out;
    size_t cells, bytes;
    char delimiter;
};

static void take_cell(void *data, size_t n, void *context)
{
    struct theirs *t = context;
    t->cells++;
    t->bytes += n;
    put_cell(t->out, data ? data : "", n);
}

/* A line of blanks is an empty cell for libcsv, a line of tabs several; here they are no record. */
static void take_record(int terminator, void *context)
{
    struct theirs *t = context;
    (void)terminator;
    if (t->bytes == 0 && (t->cells == 1 || t->delimiter == '\t'))
        t->out->n -= t->cells;
    else
        text_put(t->out, "\x1e");
    t->cells = t->bytes = 0;
}

static bool read_theirs(struct text *out, const char *text, size_t n, char delimiter)
{
    struct csv_parser p;
    struct theirs t = {.out = out, .delimiter = delimiter};
    ASSERT(csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) == 0);
    csv_set_delim(&p, (unsigned char)delimiter);
    bool ok = csv_parse(&p, text, n, take_cell, take_record, &t) == n && csv_fini(&p, take_cell, take_record, &t) == 0;
    csv_free(&p);
    return ok;
}

/* What both call a line: bare carriage returns end one for libcsv alone; in a quoted empty cell alone on its line they
 * differ by design; bytes that this test uses as marks are left out. */
static bool comparable(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\r' && !(i + 1 < n && text[i + 1] == '\n'))
            return false;
        if (text[i] == '\x1e' || text[i] == '\x1f' || text[i] == '\0')
            return false;
        if (text[i] == '"' && i + 1 < n && text[i + 1] == '"')
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char delimiters[] = {',', ';', '\t', '|', ' '};
    if (n == 0)
        return 0;
    char delimiter = delimiters[data[0] % sizeof delimiters];
    const char *text = (const char *)data + 1;
    bool quotes = memchr(text, '"', n - 1) != NULL;
    struct text mine = {0}, theirs = {0};
    bool read = read_mine(&mine, text, n - 1, delimiter, quotes);
    if (read && delimiter != ' ' && comparable(text, n - 1) && read_theirs(&theirs, text, n - 1, delimiter))
        ASSERT(mine.n == theirs.n && (mine.n == 0 || memcmp(mine.data, theirs.data, mine.n) == 0));
    text_free(&mine);
    text_free(&theirs);
    return 0;
}
