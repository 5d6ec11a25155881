#include "data/read/table.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "data/name.h"
#include "data/read/chunk.h"
#include "data/read/column.h"
#include "data/time/timename.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#define CHUNK_BYTES ((size_t)1 << 20)
#define CHUNKS_MAX 64
#define FOOTERS_MAX 20
#define RAGGED_SHARE 20 /* one row in so many may have another length */

/* What table_read works on besides the table itself. */
struct build {
    struct table *table;
    struct findings *found;
    const struct csv_options *options;
    struct threads *pool;
    struct chunk *chunk;
    size_t chunks;
    size_t end;           /* where the rows end: the footers lie behind it */
    pthread_mutex_t told; /* guards the next */
    uint64_t bytes_read;
    atomic_bool stopped;
};

/* --- candidates of the time -------------------------------------------------------------------------------------- */

/* The mark of decimals in a column that may be the time: the file's, or a comma that can be nothing else. */
static char decimal_of(const struct table *t, const struct sample *s, size_t c, bool given)
{
    for (size_t i = 0; i < s->rows && !given; i++)
        if (c < s->row[i].n && timestamp_decimal(s->row[i].cell[c].text, s->row[i].cell[c].n))
            return ',';
    return t->decimal;
}

/* Whether the sampled cells of a column are times: dates wherever they stand, bare numbers only under a name that
 * speaks of time, without a name or first in the table, because a volume can look like seconds. */
static bool holds_times(const struct table *t, const struct sample *s, size_t c)
{
    size_t times = 0, values = 0;
    bool named = timename_may_count(t->column[c].name), numbers_too = named || c == 0 || t->column[c].unnamed;
    for (size_t i = 0; i < s->rows; i++) {
        struct timestamp time;
        if (c >= s->row[i].n || s->row[i].cell[c].n == 0)
            continue;
        const struct record_cell *cell = &s->row[i].cell[c];
        values++;
        times += timestamp_scan_as(t->time_format, t->column[c].decimal, cell->text, cell->n, &time) &&
                 (time.kind != TIMESTAMP_NUMBER || numbers_too);
    }
    return times > 0 && (named ? 2 * times >= values : 5 * times >= 4 * values);
}

static bool is_named(const struct table *t, size_t c, const char *name, size_t n)
{
    int64_t number;
    char text[FRAME_NAME_MAX];
    if (n >= sizeof text)
        return false;
    memcpy(text, name, n);
    text[n] = '\0';
    if (text[0] == '#' && text_parse_int(text + 1, 1, (int64_t)t->columns, &number))
        return (size_t)number == c + 1;
    return text_equal(t->column[c].name, text);
}

/* --time: a name, a number (#1), or two of them (date and clock) with a plus between. */
static bool is_asked_for(const struct table *t, size_t c)
{
    const char *wanted = t->time_column, *plus = strchr(wanted, '+');
    if (is_named(t, c, wanted, strlen(wanted)))
        return true;
    return plus && (is_named(t, c, wanted, (size_t)(plus - wanted)) || is_named(t, c, plus + 1, strlen(plus + 1)));
}

static bool find_candidates(struct table *t, const struct sample *s, bool decimal_given, struct error *err)
{
    size_t found = 0;
    for (size_t c = 0; c < t->columns; c++)
        t->column[c].decimal = decimal_of(t, s, c, decimal_given);
    for (size_t c = 0; c < t->columns && found < TABLE_TIMES_MAX; c++)
        if (t->time_column ? is_asked_for(t, c) : holds_times(t, s, c)) {
            t->column[c].kind = TABLE_TIMES;
            found++;
        }
    if (t->time_column && found == 0)
        return error_set(err, ERROR_USAGE, "there is no column '%s' (line %llu has: %s, %s ...)", t->time_column,
                         (unsigned long long)t->header_line, t->column[0].name, t->column[1].name);
    return true;
}

/* --- footers ----------------------------------------------------------------------------------------------------- */

/* Where the line that ends at `end` begins. */
static size_t line_start(const char *text, size_t from, size_t end)
{
    while (end > from && text[end - 1] != '\n')
        end--;
    return end;
}

static bool speaks_of_all(const struct record_cell *cell)
{
    static const char *const word[] = {
        "total", "totals", "sum", "average", "mean",    "median", "source",    "count",     "note",       "notes",
        "end",   "max",    "min", "minimum", "maximum", "std",    "copyright", "generated", "disclaimer", "exported"};
    char text[64];
    if (cell->n >= sizeof text)
        return true; /* a sentence */
    memcpy(text, cell->text, cell->n);
    text[cell->n] = '\0';
    return name_has_any(text, word, ARRAY_N(word));
}

/* A line of the table's width that has text where the times should be ("Total,,123", or nothing else but text). */
static bool is_footer(const struct table *t, const struct record *r, const struct record_cell **shown)
{
    bool text = false, footer = false;
    size_t filled = 0;
    for (size_t c = 0; c < r->n; c++)
        filled += r->cell[c].n > 0;
    if (r->n < t->columns)
        return false;
    for (size_t c = 0; c < t->columns; c++) {
        if (t->column[c].kind != TABLE_TIMES)
            continue;
        if (sample_kind(&r->cell[c]) != SAMPLE_TEXT)
            return false;
        *shown = &r->cell[c];
        text = true;
        footer = footer || speaks_of_all(&r->cell[c]);
    }
    return text && (footer || filled == 1);
}

static uint64_t line_of(const char *text, size_t at)
{
    uint64_t line = 1;
    for (const char *p = text, *end = text + at; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        line++;
    return line;
}

/* Drops the last line before b->end if it is no row; *from: where it begins. */
static bool cut_footer(struct build *b, size_t *from)
{
    struct table *t = b->table;
    const char *text = t->text->text;
    struct record_reader reader = {.text = text, .n = b->end, .at = *from, .form = t->dialect.form};
    struct record r;
    const struct record_cell *cell = NULL;
    bool footer = record_next(&reader, &r, NULL) == RECORD_READ && *r.cell[0].text != '#';
    if (footer && r.n < t->columns)
        findings_drop(b->found, line_of(text, *from), "a footer: %zu cell%s where the header has %zu", r.n,
                      r.n == 1 ? "" : "s", t->columns);
    else if (footer && is_footer(t, &r, &cell))
        findings_drop(b->found, line_of(text, *from), "a footer: '%.*s' is no time", cell->n < 30 ? (int)cell->n : 30,
                      cell->text);
    else
        footer = false;
    record_close(&reader);
    return footer;
}

/* The last lines may be no rows: a total, a source, a disclaimer. They are dropped one by one from the end. */
static void cut_footers(struct build *b)
{
    const struct table *t = b->table;
    const char *text = t->text->text;
    b->end = t->text->n;
    for (int i = 0; i < FOOTERS_MAX; i++) {
        size_t end = b->end;
        while (end > t->header.at && strchr("\r\n \t", text[end - 1]))
            end--;
        size_t from = line_start(text, t->header.at, end);
        if (from <= t->header.at || memchr(text + from, '"', end - from) || !cut_footer(b, &from))
            return;
        b->end = from;
    }
}

/* --- chunks ------------------------------------------------------------------------------------------------------ */

static void add_chunk(struct build *b, size_t at, size_t end)
{
    if (at < end)
        b->chunk[b->chunks++] = (struct chunk){.at = at, .end = end};
}

/* With quotes a line end may lie inside a cell: the records are walked over to find where a chunk may end. */
static bool cut_between_records(struct build *b, size_t size, struct error *err)
{
    const struct table *t = b->table;
    const char *text = t->text->text;
    size_t at = t->header.at, from = at, length;
    uint64_t line = t->header.before, lines;
    while (at < b->end) {
        if (record_length(text + at, b->end - at, &t->dialect.form, &length, &lines, line + 1, err) != RECORD_READ)
            return false;
        at += length + (at + length < b->end);
        line += lines + 1;
        if (at - from >= size) {
            add_chunk(b, from, at);
            from = at;
        }
    }
    add_chunk(b, from, b->end);
    return true;
}

static bool cut_chunks(struct build *b, struct error *err)
{
    const struct table *t = b->table;
    size_t size = (b->end - t->header.at) / (CHUNKS_MAX - 1);
    size = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    b->chunk = NEW_ARRAY(struct chunk, CHUNKS_MAX + 1);
    if (t->dialect.form.quotes)
        return cut_between_records(b, size, err);
    for (size_t at = t->header.at; at < b->end;) {
        size_t end = b->end - at > size ? at + size : b->end;
        const char *newline = end < b->end ? memchr(t->text->text + end, '\n', b->end - end) : NULL;
        end = newline ? (size_t)(newline - t->text->text) + 1 : b->end;
        add_chunk(b, at, end);
        at = end;
    }
    return true;
}

static void count_lines(void *context, int task)
{
    struct build *b = context;
    struct chunk *k = &b->chunk[task];
    const char *p = b->table->text->text + k->at, *end = b->table->text->text + k->end;
    for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        k->most++;
    k->most += b->table->text->text[k->end - 1] != '\n';
}

static void place_chunks(struct build *b)
{
    uint64_t line = b->table->header.before;
    size_t slot = 0;
    threads_run(b->pool, (int)b->chunks, count_lines, b);
    for (size_t i = 0; i < b->chunks; i++) {
        b->chunk[i].line = line;
        b->chunk[i].slot = slot;
        line += b->chunk[i].most;
        slot += b->chunk[i].most;
    }
}

static void *room(size_t n, size_t size, bool *ok, struct error *err)
{
    void *p = n < SIZE_MAX / size ? malloc(n * size + 1) : NULL;
    if (!p && *ok)
        *ok = error_set(err, ERROR_MEMORY, "no memory for %zu rows", n);
    return p;
}

static bool make_room(struct build *b, struct error *err)
{
    struct table *t = b->table;
    const struct chunk *last = &b->chunk[b->chunks - 1];
    size_t n = last->slot + last->most;
    bool ok = true;
    t->line = room(n, sizeof *t->line, &ok, err);
    t->at = room(n, sizeof *t->at, &ok, err);
    for (size_t c = 0; c < t->columns && ok; c++) {
        if (t->column[c].kind == TABLE_TIMES)
            t->column[c].time = room(n, sizeof *t->column[c].time, &ok, err);
        else
            t->column[c].value = room(n, sizeof *t->column[c].value, &ok, err);
    }
    return ok;
}

/* The user may be told from any of the threads, but from one at a time. */
static void tell_progress(struct build *b, const struct chunk *k)
{
    const struct csv_options *o = b->options;
    if (!o->progress)
        return;
    pthread_mutex_lock(&b->told);
    b->bytes_read += k->end - k->at;
    if (!b->stopped && !o->progress(o->progress_context, b->bytes_read, b->table->text->n))
        b->stopped = true;
    pthread_mutex_unlock(&b->told);
}

static void read_one(void *context, int task)
{
    struct build *b = context;
    if (b->stopped)
        return;
    chunk_read(&b->chunk[task], b->table);
    tell_progress(b, &b->chunk[task]);
}

/* --- joining ----------------------------------------------------------------------------------------------------- */

static void close_up_one(struct build *b, void *array, size_t size)
{
    size_t rows = 0;
    for (size_t i = 0; i < b->chunks; i++) {
        const struct chunk *k = &b->chunk[i];
        if (array && rows != k->slot)
            memmove((char *)array + rows * size, (char *)array + k->slot * size, k->rows * size);
        rows += k->rows;
    }
}

/* Chunks with dropped rows leave holes behind them. */
static void close_up(struct build *b)
{
    struct table *t = b->table;
    close_up_one(b, t->line, sizeof *t->line);
    close_up_one(b, t->at, sizeof *t->at);
    for (size_t c = 0; c < t->columns; c++) {
        close_up_one(b, t->column[c].value, sizeof *t->column[c].value);
        close_up_one(b, t->column[c].time, sizeof *t->column[c].time);
    }
    for (size_t i = 0; i < b->chunks; i++) {
        b->chunk[i].slot = t->rows;
        t->rows += b->chunk[i].rows;
    }
}

static void show_first(struct build *b, size_t c, enum chunk_seen kind, struct table_cell *cell)
{
    for (size_t i = 0; i < b->chunks && !cell->line; i++) {
        const struct chunk_tally *tally = &b->chunk[i].tally[c];
        if (tally->count[kind] > 0)
            table_show(b->table, b->chunk[i].slot + tally->first[kind], c, cell);
    }
}

static size_t count_seen(const struct build *b, size_t c, unsigned kind)
{
    size_t n = 0;
    for (size_t i = 0; i < b->chunks; i++)
        n += b->chunk[i].tally[c].count[kind];
    return n;
}

static void join_column(struct build *b, size_t c)
{
    struct table_column *column = &b->table->column[c];
    column->missing = count_seen(b, c, NUMBER_MISSING);
    column->texts = count_seen(b, c, NUMBER_TEXT);
    column->lookalikes = count_seen(b, c, NUMBER_LOOKALIKE);
    column->infinite = count_seen(b, c, NUMBER_INFINITE);
    column->booleans = count_seen(b, c, NUMBER_TRUE) + count_seen(b, c, NUMBER_FALSE);
    column->dressed = count_seen(b, c, NUMBER_DRESSED);
    column->numbers = b->table->rows - column->missing - column->texts - column->lookalikes - column->infinite -
                      column->booleans - column->dressed;
    show_first(b, c, (enum chunk_seen)NUMBER_TEXT, &column->text);
    show_first(b, c, (enum chunk_seen)NUMBER_LOOKALIKE, &column->lookalike);
    show_first(b, c, (enum chunk_seen)NUMBER_INFINITE, &column->endless);
    if (column->time) {
        show_first(b, c, CHUNK_BAD_TIME, &column->bad_time);
        show_first(b, c, (enum chunk_seen)NUMBER_MISSING, &column->bad_time);
    }
}

/* --- rows that were dropped -------------------------------------------------------------------------------------- */

/* The last lines may be a footer: "Total: 12", "Source: ...". They do not count as broken rows. */
static uint64_t footer_from(const struct build *b)
{
    const struct table *t = b->table;
    uint64_t last = t->rows > 0 ? t->line[t->rows - 1] : 0;
    size_t behind = 0;
    for (size_t i = 0; i < b->chunks; i++)
        for (size_t k = 0; k < b->chunk[i].drops; k++)
            behind += b->chunk[i].drop[k].line > last && b->chunk[i].drop[k].cells < t->columns;
    return behind <= FOOTERS_MAX ? last : UINT64_MAX;
}

static void report_drop(struct build *b, const struct chunk_drop *d, bool footer)
{
    if (d->why == CHUNK_REPEATED)
        findings_drop(b->found, d->line, "the header again");
    else if (d->why == CHUNK_EMPTY)
        findings_drop(b->found, d->line, "every cell is empty");
    else if (d->why == CHUNK_COMMENT)
        findings_drop(b->found, d->line, "a comment");
    else
        findings_drop(b->found, d->line, "%s%u cell%s where the header has %zu", footer ? "a footer: " : "", d->cells,
                      d->cells == 1 ? "" : "s", b->table->columns);
}

static bool report_drops(struct build *b, struct error *err)
{
    struct table *t = b->table;
    uint64_t footer = footer_from(b);
    const struct chunk_drop *first = NULL;
    for (size_t i = 0; i < b->chunks; i++) {
        for (size_t k = 0; k < b->chunk[i].drops; k++) {
            const struct chunk_drop *d = &b->chunk[i].drop[k];
            bool behind = d->line > footer && d->cells < t->columns;
            if (d->why == CHUNK_RAGGED && !behind) {
                t->ragged++;
                first = first ? first : d;
            }
        }
    }
    if (t->ragged > 0 && t->ragged > (t->rows < 40 ? t->rows / 3 : t->rows / RAGGED_SHARE))
        return error_set(err, ERROR_DATA,
                         "%zu of %zu rows have another number of cells than the table's %zu (line %llu has %u): which "
                         "column their values belong to cannot be told; repair them, or name the --delimiter",
                         t->ragged, t->ragged + t->rows, t->columns, (unsigned long long)first->line, first->cells);
    for (size_t i = 0; i < b->chunks; i++)
        for (size_t k = 0; k < b->chunk[i].drops; k++)
            report_drop(b, &b->chunk[i].drop[k], b->chunk[i].drop[k].line > footer);
    return true;
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static bool read_rows(struct build *b, struct error *err)
{
    struct table *t = b->table;
    cut_footers(b);
    if (!cut_chunks(b, err))
        return false;
    if (b->chunks == 0)
        return error_set(err, ERROR_DATA, "the file has a header (line %llu) and no rows",
                         (unsigned long long)t->header_line);
    place_chunks(b);
    if (!make_room(b, err))
        return false;
    threads_run(b->pool, (int)b->chunks, read_one, b);
    if (b->stopped)
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    for (size_t i = 0; i < b->chunks; i++)
        if (b->chunk[i].err.kind != ERROR_NONE)
            return error_set(err, b->chunk[i].err.kind, "%s", b->chunk[i].err.text);
    close_up(b);
    if (!report_drops(b, err))
        return false;
    if (t->rows == 0)
        return error_set(err, ERROR_DATA, "the file has a header (line %llu) and no rows",
                         (unsigned long long)t->header_line);
    for (size_t c = 0; c < t->columns; c++)
        join_column(b, c);
    return true;
}

static void name_columns(struct table *t)
{
    t->columns = t->header.columns;
    t->column = NEW_ARRAY(struct table_column, t->columns);
    t->header_line = t->header.line;
    for (size_t c = 0; c < t->columns; c++) {
        memcpy(t->column[c].name, t->header.name[c], sizeof t->column[c].name);
        memcpy(t->column[c].unit, t->header.unit[c], sizeof t->column[c].unit);
        t->column[c].unnamed = t->header.unnamed[c];
    }
}

bool table_read(struct table *t, struct findings *found, const struct encoding *text, const struct csv_options *options,
                struct error *err)
{
    struct build b = {.table = t, .found = found, .options = options, .told = PTHREAD_MUTEX_INITIALIZER};
    struct sample s;
    t->text = text;
    t->decimal = '.';
    text_copy(t->thousands, sizeof t->thousands, "none");
    t->time_column = options->time_column;
    t->missing = options->missing;
    if (!timestamp_format_parse(&t->format, options->format, err))
        return false;
    t->time_format = t->format.kind == TIMESTAMP_FORMAT_GUESS ? NULL : &t->format;
    if (options->decimal)
        t->decimal = options->decimal[0];
    if (!dialect_find(&t->dialect, found, text, options, err) ||
        !header_find(&t->header, found, text, &t->dialect, options, err))
        return false;
    t->header.before += options->lines_left_out;
    name_columns(t);
    t->banner = t->header.banner[0] ? t->header.banner : NULL;
    sample_take(&s, text->text, text->n, t->header.at, t->header.before, &t->dialect.form);
    bool ok = find_candidates(t, &s, options->decimal != NULL, err);
    sample_free(&s);
    b.pool = threads_new(options->threads > 1 ? options->threads : 1);
    ok = ok && read_rows(&b, err) && column_settle(t, found, b.pool, options, err);
    for (size_t i = 0; i < b.chunks; i++)
        chunk_free(&b.chunk[i]);
    free(b.chunk);
    threads_free(b.pool);
    return ok;
}

void table_free(struct table *t)
{
    for (size_t c = 0; c < t->columns; c++) {
        free(t->column[c].value);
        free(t->column[c].time);
        table_words_free(&t->column[c].words);
    }
    free(t->column);
    free(t->line);
    free(t->at);
    header_free(&t->header);
    *t = (struct table){0};
}
