#include "data/read/sample.h"

#include "base/memory.h"
#include "data/read/number.h"
#include "data/time/timestamp.h"

static void keep(struct sample *s, const struct record *r, const char *text)
{
    size_t bytes = 0;
    for (size_t i = 0; i < r->n; i++)
        bytes += r->cell[i].n;
    struct record_cell *cell = memory_new(1, r->n * sizeof *cell + bytes + 1);
    char *copy = (char *)(cell + r->n);
    for (size_t i = 0; i < r->n; i++) {
        cell[i] = (struct record_cell){copy, r->cell[i].n};
        if (r->cell[i].n > 0)
            memcpy(copy, r->cell[i].text, r->cell[i].n);
        copy += r->cell[i].n;
    }
    bool quotes = memchr(text + r->at, '"', r->n_bytes) != NULL;
    s->row[s->rows++] = (struct sample_row){r->line, r->at, r->n_bytes, r->n, cell, quotes, false};
}

/* A line that cannot be split is one cell here: it may stand before the table, where nobody minds. */
static bool keep_broken(struct sample *s, struct record_reader *reader)
{
    const char *text = reader->text + reader->at, *newline = memchr(text, '\n', reader->n - reader->at);
    if (!newline)
        return false;
    size_t n = (size_t)(newline - text);
    struct record_cell cell = {text, n < 200 ? n : 200};
    struct record line = {reader->line + 1, reader->at, n, &cell, 1};
    keep(s, &line, reader->text);
    s->row[s->rows - 1].broken = true;
    reader->at += n + 1;
    reader->line++;
    return true;
}

void sample_take(struct sample *s, const char *text, size_t n, size_t at, uint64_t line, const struct record_form *form)
{
    struct record_reader reader = {.text = text, .n = n, .at = at, .line = line, .form = *form};
    struct record r;
    size_t cells = 0;
    *s = (struct sample){.row = NEW_ARRAY(struct sample_row, SAMPLE_ROWS)};
    while (s->rows < SAMPLE_ROWS && cells < SAMPLE_CELLS) {
        struct error why = {0};
        enum record_status status = record_next(&reader, &r, &why);
        if (status == RECORD_END)
            break;
        if (status == RECORD_BAD && s->broken.kind == ERROR_NONE)
            s->broken = why;
        if (status == RECORD_BAD && !keep_broken(s, &reader))
            break;
        if (status == RECORD_READ)
            keep(s, &r, text);
        cells += status == RECORD_READ ? r.n : 1;
    }
    record_close(&reader);
}

void sample_free(struct sample *s)
{
    for (size_t i = 0; i < s->rows; i++)
        free(s->row[i].cell);
    free(s->row);
    *s = (struct sample){0};
}

size_t sample_usual_cells(const struct sample *s, size_t from, size_t *rows_n)
{
    size_t *count = NEW_ARRAY(size_t, RECORD_CELLS_MAX + 1), usual = 0;
    for (size_t i = from; i < s->rows; i++)
        count[s->row[i].n]++;
    for (size_t n = 1; n <= RECORD_CELLS_MAX; n++)
        usual = count[n] > 0 && count[n] >= count[usual] ? n : usual;
    *rows_n = count[usual];
    free(count);
    return usual;
}

enum sample_kind sample_kind(const struct record_cell *cell)
{
    struct timestamp time;
    double value;
    enum number_kind kind = number_parse(cell->text, cell->n, &value);
    if (kind == NUMBER_MISSING)
        return SAMPLE_EMPTY;
    if (kind == NUMBER_VALUE)
        return SAMPLE_NUMBER;
    if (timestamp_scan(cell->text, cell->n, &time) && time.kind != TIMESTAMP_NUMBER)
        return SAMPLE_TIME;
    return kind == NUMBER_TEXT ? SAMPLE_TEXT : SAMPLE_NUMBER;
}
