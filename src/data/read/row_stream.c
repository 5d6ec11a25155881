#include "data/read/row_stream.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/table.h"
#include "data/read/timeline.h"

#include <math.h>

#define MODEL_LINES 3 /* rows that each portion is read behind, so that a single odd one is told as such */
#define OPEN_LINES 64 /* lines before the first row, at most: a banner, a header, units */

struct row_stream {
    char name[256];
    struct csv_options options;
    char (*column)[FRAME_NAME_MAX];
    bool *texts;
    size_t columns;
    char time_column[2 * FRAME_NAME_MAX], delimiter[16], encoding[32];
    char *held; /* text that was not read yet: [at, n) */
    size_t at, n, capacity;
    uint64_t line; /* lines before `at` */
    char *head; /* once it is open: the text up to the first row, then the first rows, by which all others are read */
    size_t head_n, head_capacity;
    uint64_t head_lines, model_lines;
    bool open, ended, broken, one_by_one;
    size_t slow_end; /* one by one up to here */
};

struct row_stream *row_stream_new(const char *name, const struct csv_options *options,
                                  const char (*column)[FRAME_NAME_MAX], const bool *text, size_t n)
{
    struct row_stream *s = NEW(struct row_stream);
    text_copy(s->name, sizeof s->name, name);
    if (options)
        s->options = *options;
    s->columns = n;
    s->column = memory_copy(column, n * sizeof *column);
    s->texts = memory_copy(text, n * sizeof *text);
    return s;
}

void row_stream_free(struct row_stream *s)
{
    if (!s)
        return;
    free(s->column);
    free(s->texts);
    free(s->held);
    free(s->head);
    free(s);
}

void row_chunk_free(struct row_chunk *c)
{
    frame_free(c->frame);
    free(c->line);
    *c = (struct row_chunk){0};
}

void row_stream_put(struct row_stream *s, const char *text, size_t n)
{
    if (s->at > 0) {
        memmove(s->held, s->held + s->at, s->n - s->at);
        s->n -= s->at;
        s->slow_end -= s->at < s->slow_end ? s->at : s->slow_end;
        s->at = 0;
    }
    s->held = memory_grow(s->held, &s->capacity, s->n + n, 1);
    memcpy(s->held + s->n, text, n);
    s->n += n;
}

void row_stream_end(struct row_stream *s)
{
    s->ended = true;
}

bool row_stream_broken(const struct row_stream *s)
{
    return s->broken;
}

bool row_stream_ended(const struct row_stream *s)
{
    return s->broken || (s->ended && s->at == s->n);
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

/* The end of the text's next `most` lines that are whole, at most about `bytes` of them but one at least; *lines: how
 * many. A line end between quotes is none. */
static size_t whole_lines(const struct row_stream *s, size_t most, size_t bytes, uint64_t *lines)
{
    size_t end = s->at, found = 0;
    bool quoted = false;
    uint64_t seen = 0;
    *lines = 0;
    for (size_t i = s->at; i < s->n && found < most && (found == 0 || end - s->at < bytes); i++) {
        quoted = quoted != (s->held[i] == '"');
        seen += s->held[i] == '\n';
        if (s->held[i] == '\n' && !quoted) {
            end = i + 1;
            found++;
            *lines = seen;
        }
    }
    if (s->ended && found < most && end < s->n && (found == 0 || end - s->at < bytes)) {
        *lines = seen + 1;
        end = s->n;
    }
    return end;
}

static bool is_blank(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(" \t\r\n", text[i]))
            return false;
    return true;
}

/* --- a table ----------------------------------------------------------------------------------------------------- */

struct reading {
    struct encoding text;
    struct findings found;
    struct table table;
    struct timeline time;
};

static bool read_table(struct reading *r, const char *text, size_t n, const struct csv_options *options,
                       struct error *err)
{
    *r = (struct reading){0};
    return encoding_find(&r->text, &r->found, text, n, options->encoding, err) &&
           table_read(&r->table, &r->found, &r->text, options, err) && timeline_find(&r->time, &r->table, options, err);
}

static void reading_free(struct reading *r)
{
    timeline_free(&r->time);
    table_free(&r->table);
    findings_free(&r->found);
    encoding_free(&r->text);
}

static size_t find_column(const struct table *t, const char *name)
{
    for (size_t c = 0; c < t->columns; c++)
        if (text_equal(t->column[c].name, name))
            return c;
    for (size_t c = 0; c < t->columns; c++)
        if (text_equal_nocase(t->column[c].name, name))
            return c;
    return SIZE_MAX;
}

static bool no_column(const struct table *t, const char *name, struct error *err)
{
    char has[256] = "";
    for (size_t c = 0; c < t->columns; c++) {
        text_append(has, sizeof has, c ? ", " : "");
        text_append(has, sizeof has, t->column[c].name);
    }
    return error_set(err, ERROR_DATA, "there is no column '%s', which the predictions need (line %llu has: %s)", name,
                     (unsigned long long)t->header_line, has);
}

static bool has_columns(const struct row_stream *s, const struct table *t, struct error *err)
{
    for (size_t i = 0; i < s->columns; i++)
        if (find_column(t, s->column[i]) == SIZE_MAX)
            return no_column(t, s->column[i], err);
    return true;
}

static bool take_texts(struct frame_column *out, const struct table *t, size_t c, size_t skip, struct error *err)
{
    struct table_words words;
    if (t->column[c].kind == TABLE_EMPTY) {
        for (size_t i = skip; i < t->rows; i++)
            out->value[i - skip] = (double)NAN;
        return true;
    }
    if (!table_read_words(t, c, FRAME_LABELS_MAX, &words))
        return error_set(err, ERROR_DATA, "column '%s' has more than %d different texts", t->column[c].name,
                         FRAME_LABELS_MAX);
    out->labels = words.n;
    out->label = memory_new(words.n + 1, sizeof *out->label);
    for (size_t i = 0; i < words.n; i++)
        text_copy(out->label[i], sizeof out->label[i], words.word[i]);
    for (size_t i = skip; i < t->rows; i++)
        out->value[i - skip] = words.code[i] == TABLE_WORDLESS ? (double)NAN : (double)words.code[i];
    table_words_free(&words);
    return true;
}

/* A column of which no cell is a number is no column of texts here: it was wanted as one of numbers. */
static bool take_numbers(struct frame_column *out, const struct table *t, size_t c, size_t skip, struct error *err)
{
    const struct table_column *in = &t->column[c];
    bool numbers = in->kind == TABLE_NUMBERS || in->kind == TABLE_INDEX;
    if (!table_check_column(t, c, err))
        return false;
    if (!numbers && in->kind != TABLE_EMPTY)
        return error_set(err, ERROR_DATA, "line %llu: '%s' in column '%s' is no number",
                         (unsigned long long)(in->text.line ? in->text.line : t->line[0]),
                         in->text.line ? in->text.text : "a text", in->name);
    for (size_t i = skip; i < t->rows; i++)
        out->value[i - skip] = numbers ? in->value[i] : (double)NAN;
    return true;
}

static bool take_columns(struct row_chunk *out, const struct row_stream *s, const struct reading *r, struct error *err)
{
    const struct table *t = &r->table;
    size_t skip = 0;
    while (skip < t->rows && t->line[skip] <= s->line) /* of the model */
        skip++;
    if (skip == t->rows)
        return error_set(err, ERROR_DATA, "it is no row");
    *out = (struct row_chunk){.frame = frame_new(t->rows - skip, s->columns, err)};
    if (!out->frame)
        return false;
    out->line = memory_copy(t->line + skip, (t->rows - skip) * sizeof *t->line);
    memcpy(out->frame->time_us, r->time.us + skip, (t->rows - skip) * sizeof *r->time.us);
    for (size_t i = 0; i < s->columns; i++) {
        struct frame_column *column = &out->frame->column[i];
        size_t c = find_column(t, s->column[i]);
        text_copy(column->name, sizeof column->name, s->column[i]);
        if (!(s->texts[i] ? take_texts : take_numbers)(column, t, c, skip, err))
            return false;
    }
    return true;
}

static bool take_rows(struct row_chunk *out, const struct row_stream *s, const struct reading *r, struct error *err)
{
    if (take_columns(out, s, r, err))
        return true;
    row_chunk_free(out);
    return false;
}

/* --- the first lines --------------------------------------------------------------------------------------------- */

/* What the first lines settled holds from now on. */
static void settle(struct row_stream *s, const struct reading *r)
{
    const struct table *t = &r->table;
    struct csv_options *o = &s->options;
    const struct timestamp_column *time = &r->time.format;
    o->skip = t->header.skipped > 0 ? (int)t->header.skipped : CSV_NONE;
    o->header_lines = t->header.lines > 0 ? (int)t->header.lines : CSV_NONE;
    text_copy(s->delimiter, sizeof s->delimiter, t->dialect.name);
    o->delimiter = s->delimiter;
    text_copy(s->encoding, sizeof s->encoding, r->text.name);
    o->encoding = s->encoding;
    if (t->decimal == ',')
        o->decimal = ",";
    if (time->kind == TIMESTAMP_DATE && timestamp_is_open(time->layout) && o->date_order == CSV_ORDER_GUESS)
        o->date_order = time->order == TIMESTAMP_DMY   ? CSV_ORDER_DMY
                        : time->order == TIMESTAMP_MDY ? CSV_ORDER_MDY
                                                       : CSV_ORDER_YMD;
    if (!o->time_column && r->time.part_n <= 2) {
        text_copy(s->time_column, sizeof s->time_column, t->column[r->time.part[0]].name);
        if (r->time.part_n == 2) {
            text_append(s->time_column, sizeof s->time_column, "+");
            text_append(s->time_column, sizeof s->time_column, t->column[r->time.part[1]].name);
        }
        o->time_column = s->time_column;
    }
}

static bool is_wide(const struct reading *r, struct error *err)
{
    return text_starts(r->text.name, "UTF-16") &&
           !error_set(err, ERROR_DATA, "a stream must be UTF-8, this is %s", r->text.name);
}

static void keep_head(struct row_stream *s, const struct reading *r)
{
    const char *mark = "\xef\xbb\xbf";
    size_t marked = s->n - s->at >= 3 && memcmp(s->held + s->at, mark, 3) == 0 ? 3 : 0;
    s->head_n = r->table.header.at;
    s->head = memory_grow(NULL, &s->head_capacity, s->head_n + 1, 1);
    memcpy(s->head, s->held + s->at + marked, s->head_n);
    s->head_lines = r->table.header.before;
    s->at += marked + s->head_n;
    s->line = s->head_lines;
    s->open = true;
}

/* The lines up to `end` are good: some of them stay as a model. */
static void keep_model(struct row_stream *s, size_t end)
{
    for (size_t from = s->at; s->model_lines < MODEL_LINES && from < end;) {
        const char *newline = memchr(s->held + from, '\n', end - from);
        if (!newline || memchr(s->held + from, '"', (size_t)(newline - s->held) - from))
            return;
        size_t n = (size_t)(newline - s->held) + 1 - from;
        s->head = memory_grow(s->head, &s->head_capacity, s->head_n + n, 1);
        memcpy(s->head + s->head_n, s->held + from, n);
        s->head_n += n;
        s->model_lines++;
        from += n;
    }
}

static void consume(struct row_stream *s, size_t end, uint64_t lines)
{
    s->at = end;
    s->line += lines;
}

static size_t lines_with_text(const struct row_stream *s, size_t end)
{
    size_t n = 0;
    for (size_t from = s->at; from < end;) {
        const char *newline = memchr(s->held + from, '\n', end - from);
        size_t to = newline ? (size_t)(newline - s->held) + 1 : end;
        n += !is_blank(s->held + from, to - from);
        from = to;
    }
    return n;
}

static bool open_lines(struct row_stream *s, struct reading *r, size_t end, struct error *err)
{
    return read_table(r, s->held + s->at, end - s->at, &s->options, err) && !is_wide(r, err) &&
           has_columns(s, &r->table, err);
}

/* Where a row among the first lines spoils them, those before it are taken. */
static bool open_most(struct row_stream *s, struct reading *r, size_t *end, uint64_t *lines, struct error *err)
{
    size_t all = *end, before = 0;
    if (open_lines(s, r, all, err))
        return true;
    for (size_t n = 2; n < OPEN_LINES; n++) {
        *end = whole_lines(s, n, SIZE_MAX, lines);
        if (*end == before || *end >= all)
            return false;
        before = *end;
        reading_free(r);
        if (open_lines(s, r, *end, NULL))
            return true;
    }
    return false;
}

/* The header and the rows that came with it. Where it cannot be read yet more lines may tell more. */
static enum row_status open_table(struct row_stream *s, struct row_chunk *out, struct error *err)
{
    struct reading r;
    struct error why = {0};
    uint64_t lines;
    size_t end = whole_lines(s, SIZE_MAX, ROW_STREAM_TAKEN, &lines), n = lines_with_text(s, end);
    bool more = !s->ended && n < OPEN_LINES;
    if (n < 2 && more)
        return ROW_MORE;
    bool ok = open_most(s, &r, &end, &lines, &why);
    if (ok) {
        settle(s, &r);
        keep_head(s, &r);
        s->slow_end = end;
        s->one_by_one = r.found.drop_n > 0 || !take_rows(out, s, &r, NULL);
        if (!s->one_by_one) {
            keep_model(s, end);
            consume(s, end, lines - s->head_lines);
        }
    }
    reading_free(&r);
    if (ok)
        return s->one_by_one ? row_stream_next(s, out, err) : ROW_READ;
    if (more && n < 3) /* a title, a header, or a header of several lines, without a row */
        return ROW_MORE;
    s->broken = true;
    error_set(err, why.kind, "%s: %s", s->name, why.text);
    return ROW_BAD;
}

/* --- the lines that follow --------------------------------------------------------------------------------------- */

/* Behind the header, as a table of its own. */
static bool read_lines(struct reading *r, char **text, const struct row_stream *s, size_t end, struct error *err)
{
    struct csv_options o = s->options;
    size_t n = end - s->at;
    o.lines_left_out = s->line - s->head_lines - s->model_lines;
    *text = memory_new(s->head_n + n + 1, 1);
    memcpy(*text, s->head, s->head_n);
    memcpy(*text + s->head_n, s->held + s->at, n);
    return read_table(r, *text, s->head_n + n, &o, err);
}

static bool is_no_row(const struct findings *found)
{
    const char *why = found->drop_n > 0 ? found->drop[0].why : "";
    return text_equal(why, "the header again") || text_equal(why, "every cell is empty") ||
           text_equal(why, "a comment");
}

/* A stream has no footers: what looks like one is a row that cannot be read. */
static bool refuse_dropped(struct error *err, const char *why)
{
    static const char footer[] = "a footer: ";
    error_clear(err);
    return error_set(err, ERROR_DATA, "%s", text_starts(why, footer) ? why + strlen(footer) : why);
}

/* One line, with what is wrong with it. True: *out has its row, or there is none (frame NULL). */
static bool read_one(struct row_stream *s, struct row_chunk *out, size_t end, struct error *err)
{
    struct reading r;
    struct error why = {0};
    char *text;
    bool ok = read_lines(&r, &text, s, end, &why), nothing = is_no_row(&r.found);
    if (r.found.drop_n > 0 && !nothing)
        ok = refuse_dropped(&why, r.found.drop[0].why);
    ok = (ok && take_rows(out, s, &r, &why)) || nothing;
    reading_free(&r);
    free(text);
    char head[40];
    snprintf(head, sizeof head, "line %llu: ", (unsigned long long)s->line + 1);
    bool told = text_starts(why.text, head);
    return ok || error_set(err, why.kind, "%s: %s%s", s->name, told ? "" : head, why.text);
}

static enum row_status next_line(struct row_stream *s, struct row_chunk *out, struct error *err)
{
    while (s->at < s->slow_end) {
        uint64_t lines;
        size_t end = whole_lines(s, 1, SIZE_MAX, &lines);
        bool blank = is_blank(s->held + s->at, end - s->at);
        bool ok = blank || read_one(s, out, end, err);
        if (out->frame)
            keep_model(s, end);
        consume(s, end, lines);
        if (!ok)
            return ROW_BAD;
        if (out->frame)
            return ROW_READ;
    }
    s->one_by_one = false;
    return row_stream_next(s, out, err);
}

static bool is_endless(struct row_stream *s, struct error *err)
{
    s->broken = s->n - s->at > ROW_STREAM_LINE;
    return s->broken &&
           !error_set(err, ERROR_DATA, "%s: line %llu is longer than %zu bytes, or a quote in it never ends", s->name,
                      (unsigned long long)s->line + 1, ROW_STREAM_LINE);
}

enum row_status row_stream_next(struct row_stream *s, struct row_chunk *out, struct error *err)
{
    struct reading r;
    uint64_t lines;
    char *text;
    *out = (struct row_chunk){0};
    if (!s->open && !s->broken && s->at < s->n) {
        enum row_status status = open_table(s, out, err);
        return status == ROW_MORE && is_endless(s, err) ? ROW_BAD : status;
    }
    if (s->broken || (s->at == s->n && s->ended))
        return ROW_END;
    if (s->one_by_one)
        return next_line(s, out, err);
    size_t end = whole_lines(s, SIZE_MAX, ROW_STREAM_TAKEN, &lines);
    if (end == s->at)
        return is_endless(s, err) ? ROW_BAD : ROW_MORE;
    if (is_blank(s->held + s->at, end - s->at)) {
        consume(s, end, lines);
        return row_stream_next(s, out, err);
    }
    bool ok = read_lines(&r, &text, s, end, NULL) && r.found.drop_n == 0 && take_rows(out, s, &r, NULL);
    reading_free(&r);
    free(text);
    if (ok) {
        keep_model(s, end);
        consume(s, end, lines);
        return ROW_READ;
    }
    s->one_by_one = true;
    s->slow_end = end;
    return next_line(s, out, err);
}
