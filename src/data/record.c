#include "data/record.h"

#include "base/memory.h"

#include <csv.h>

/* libcsv calls back cell by cell; cells are gathered by offset, because the buffer moves while it grows. */
struct splitter {
    struct csv_parser parser;
    char *buffer;
    size_t used, buffer_capacity;
    size_t *start;
    struct record_cell *cell;
    size_t cells, start_capacity, cell_capacity;
    uint64_t line, record_line;
    size_t record_bytes;
    bool inside, stopped;
    bool (*each)(void *context, const struct record *r, struct error *err);
    void *context;
    struct error *err;
};

static void take_cell(void *data, size_t n, void *context)
{
    struct splitter *s = context;
    if (s->stopped || s->cells >= RECORD_CELLS_MAX) {
        s->cells++;
        return;
    }
    s->start = memory_grow(s->start, &s->start_capacity, s->cells + 1, sizeof *s->start);
    s->buffer = memory_grow(s->buffer, &s->buffer_capacity, s->used + n + 1, 1);
    s->start[s->cells++] = s->used;
    if (n > 0)
        memcpy(s->buffer + s->used, data, n);
    s->buffer[s->used + n] = '\0';
    s->used += n + 1;
}

static bool hand_over(struct splitter *s)
{
    if (s->cells > RECORD_CELLS_MAX)
        return error_set(s->err, ERROR_DATA, "line %llu has more than %d cells; is it a table?",
                         (unsigned long long)s->record_line, RECORD_CELLS_MAX - 1);
    s->cell = memory_grow(s->cell, &s->cell_capacity, s->cells + 1, sizeof *s->cell);
    for (size_t i = 0; i < s->cells; i++) {
        size_t end = i + 1 < s->cells ? s->start[i + 1] : s->used;
        s->cell[i] = (struct record_cell){s->buffer + s->start[i], end - s->start[i] - 1};
    }
    struct record r = {s->record_line, s->cell, s->cells};
    return s->each(s->context, &r, s->err);
}

static void end_record(int terminator, void *context)
{
    struct splitter *s = context;
    (void)terminator;
    if (!s->stopped && s->cells > 0 && !hand_over(s))
        s->stopped = true;
    s->cells = 0;
    s->used = 0;
    s->inside = false;
}

static bool is_blank(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n')
            return false;
    return true;
}

static bool quote_error(struct splitter *s)
{
    return error_set(s->err, ERROR_DATA,
                     "line %llu: a quote stands inside a cell or is never closed; put quotes around "
                     "whole cells and double those inside",
                     (unsigned long long)s->record_line);
}

static bool feed_line(struct splitter *s, const char *line, size_t n)
{
    if (!s->inside) {
        if (is_blank(line, n))
            return true;
        s->record_line = s->line;
        s->record_bytes = 0;
        s->inside = true;
    }
    s->record_bytes += n;
    if (s->record_bytes > RECORD_BYTES_MAX)
        return error_set(s->err, ERROR_DATA,
                         "the record that begins on line %llu is longer than %u bytes: is a quote not "
                         "closed?",
                         (unsigned long long)s->record_line, RECORD_BYTES_MAX);
    if (csv_parse(&s->parser, line, n, take_cell, end_record, s) != n)
        return csv_error(&s->parser) == CSV_EPARSE
                   ? quote_error(s)
                   : error_set(s->err, ERROR_MEMORY, "no memory to split line %llu", (unsigned long long)s->line);
    return !s->stopped;
}

static bool split(struct splitter *s, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t length = newline ? (size_t)(newline - (text + at)) + 1 : n - at;
        s->line++;
        if (!feed_line(s, text + at, length))
            return false;
        at += length;
    }
    if (csv_fini(&s->parser, take_cell, end_record, s) != 0)
        return quote_error(s);
    return !s->stopped;
}

bool record_each(const char *text, size_t n, bool (*each)(void *context, const struct record *r, struct error *err),
                 void *context, struct error *err)
{
    struct splitter s = {.each = each, .context = context, .err = err};
    if (csv_init(&s.parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return error_set(err, ERROR_MEMORY, "no memory for the CSV splitter");
    bool ok = split(&s, text, n);
    csv_free(&s.parser);
    free(s.buffer);
    free(s.start);
    free(s.cell);
    return ok;
}
