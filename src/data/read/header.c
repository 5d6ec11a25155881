#include "data/read/header.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/number.h"

/* What the search for a header looks at. */
struct search {
    const struct sample *sample;
    size_t columns;
    enum sample_kind *kind; /* [columns] of the rows */
    size_t first;           /* row of the sample with which the table begins */
    size_t rows;            /* the first row that is no header */
    bool row_names;
};

static bool is_empty(const struct record_cell *cell)
{
    return cell->n == 0;
}

static bool is_comment(const struct sample_row *r)
{
    return r->n > 0 && r->cell[0].n > 0 && r->cell[0].text[0] == '#';
}

static bool fits(const struct sample_row *r, size_t columns)
{
    return r->n == columns || (r->n == columns + 1 && is_empty(&r->cell[columns]));
}

static size_t filled(const struct sample_row *r)
{
    size_t n = 0;
    for (size_t c = 0; c < r->n; c++)
        n += !is_empty(&r->cell[c]);
    return n;
}

static bool has_address(const struct sample_row *r)
{
    static const char *const part[] = {"http://", "https://", "www."};
    for (size_t c = 0; c < r->n; c++)
        for (size_t i = 0; i < ARRAY_N(part); i++)
            for (size_t k = 0, n = strlen(part[i]); k + n <= r->cell[c].n; k++)
                if (memcmp(r->cell[c].text + k, part[i], n) == 0)
                    return true;
    return false;
}

static bool same_cell(const struct record_cell *a, const struct record_cell *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

static int compare_cells(const void *a, const void *b)
{
    const struct record_cell *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = n ? memcmp(x->text, y->text, n) : 0;
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* Whether no cell of a line stands twice. */
static bool all_different(const struct sample_row *r, size_t columns)
{
    struct record_cell *cell = memory_copy(r->cell, columns * sizeof *cell);
    bool different = true;
    qsort(cell, columns, sizeof *cell, compare_cells);
    for (size_t c = 1; c < columns; c++)
        different = different && (cell[c].n == 0 || !same_cell(&cell[c], &cell[c - 1]));
    free(cell);
    return different;
}

/* --- how wide ---------------------------------------------------------------------------------------------------- */

/* The usual number of cells, less one where every row ends with a delimiter. In a long sample the first lines, which
 * may be a banner, are left aside. */
static size_t find_width(const struct sample *s)
{
    size_t rows_n, width = sample_usual_cells(s, s->rows > 40 ? s->rows / 2 : 0, &rows_n);
    for (size_t i = 0; i < s->rows; i++)
        if (s->row[i].n == width && !is_empty(&s->row[i].cell[width - 1]))
            return width;
    return width > 1 ? width - 1 : width;
}

/* --- what kind each column is ------------------------------------------------------------------------------------ */

static void find_kinds(struct search *q)
{
    const struct sample *s = q->sample;
    size_t from = q->first + (s->rows - q->first) / 2;
    q->kind = NEW_ARRAY(enum sample_kind, q->columns);
    for (size_t c = 0; c < q->columns; c++) {
        size_t count[4] = {0};
        for (size_t i = from; i < s->rows; i++)
            if (fits(&s->row[i], q->columns))
                count[sample_kind(&s->row[i].cell[c])]++;
        size_t values = count[SAMPLE_NUMBER] + count[SAMPLE_TIME] + count[SAMPLE_TEXT];
        q->kind[c] = values == 0                         ? SAMPLE_EMPTY
                     : 2 * count[SAMPLE_TIME] > values   ? SAMPLE_TIME
                     : 2 * count[SAMPLE_NUMBER] > values ? SAMPLE_NUMBER
                                                         : SAMPLE_TEXT;
    }
}

/* Whether a row belongs to the table: its cells are of their columns' kinds. Text where all others hold times settles
 * that it does not, unless lines with names came before and its numbers stand where numbers should. */
static bool is_row(const struct search *q, const struct sample_row *r, bool behind_names)
{
    size_t good = 0, bad = 0;
    bool time = false, text_for_time = false;
    if (!fits(r, q->columns))
        return false;
    for (size_t c = 0; c < q->columns; c++) {
        enum sample_kind kind = sample_kind(&r->cell[c]);
        if (kind == SAMPLE_EMPTY || (q->kind[c] != SAMPLE_TIME && q->kind[c] != SAMPLE_NUMBER))
            continue;
        time = time || (kind == SAMPLE_TIME && q->kind[c] == SAMPLE_TIME);
        text_for_time = text_for_time || (kind == SAMPLE_TEXT && q->kind[c] == SAMPLE_TIME);
        good += kind == q->kind[c];
        bad += kind != q->kind[c];
    }
    if (time)
        return true;
    return text_for_time ? behind_names && good > bad + 1 : good > 0 && good >= bad;
}

/* A table without numbers and times has a header: nothing could tell it from its rows. */
static bool is_only_text(const struct search *q)
{
    for (size_t c = 0; c < q->columns; c++)
        if (q->kind[c] == SAMPLE_NUMBER || q->kind[c] == SAMPLE_TIME)
            return false;
    return true;
}

/* --- where it begins --------------------------------------------------------------------------------------------- */

/* A line that may hold names: of the table's width, no comment, and not the title that a spreadsheet padded to it. */
static bool may_name(const struct search *q, size_t i)
{
    const struct sample_row *r = &q->sample->row[i];
    return !is_comment(r) && fits(r, q->columns) && filled(r) >= (q->columns > 2 ? 2u : 1u) &&
           !(has_address(r) && i + 2 < q->sample->rows);
}

static bool find_first(struct search *q, struct error *err)
{
    for (q->first = 0; q->first < q->sample->rows; q->first++)
        if (may_name(q, q->first))
            return true;
    return error_set(err, ERROR_DATA, "no line has the %zu cells that most lines should have", q->columns);
}

/* The lines from q->first on, up to q->rows, are no rows. The header is the fullest of them, the first of several, with
 * those below it (units, remarks); those above it belong to it only where its names alone are not all different. */
static void choose_header(struct search *q)
{
    const struct sample *s = q->sample;
    size_t full = q->first;
    for (size_t i = q->first + 1; i < q->rows; i++)
        if (may_name(q, i) && filled(&s->row[i]) > filled(&s->row[full]))
            full = i;
    size_t first = full;
    if (!all_different(&s->row[full], q->columns))
        while (first > q->first && may_name(q, first - 1))
            first--;
    q->first = first;
}

static bool counts_up(const struct search *q)
{
    double last = 0, v;
    size_t seen = 0;
    for (size_t i = q->first; i < q->sample->rows; i++) {
        const struct sample_row *r = &q->sample->row[i];
        if (!fits(r, q->columns))
            continue;
        if (number_parse(r->cell[0].text, r->cell[0].n, &v) != NUMBER_VALUE || (seen > 0 && v != last + 1))
            return false;
        last = v;
        seen++;
    }
    return seen > 1;
}

static bool holds_names(const struct sample_row *r)
{
    for (size_t c = 0; c < r->n; c++)
        if (sample_kind(&r->cell[c]) != SAMPLE_TEXT)
            return false;
    return true;
}

static bool refuse_before(const struct search *q, const struct sample_row *r, struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "line %llu has %zu cells%s, but the rows from line %llu on have %zu and no header: which column is "
        "which cannot be told; repair the line, or skip it (--skip %llu --header none)",
        (unsigned long long)r->line, r->n, holds_names(r) ? " and looks like the header" : "",
        (unsigned long long)q->sample->row[q->first].line, q->columns, (unsigned long long)r->line);
}

/* No header among the lines of the right width: a line before may be one that does not fit. q->rows stays. */
static bool look_before(struct search *q, struct error *err)
{
    for (size_t i = 0; i < q->first; i++) {
        const struct sample_row *r = &q->sample->row[i];
        bool last = i + 1 == q->first;
        if (is_comment(r) ? last && fits(r, q->columns)
                          : last && r->n + 1 == q->columns && holds_names(r) && counts_up(q)) {
            q->row_names = !is_comment(r);
            q->first = i;
            return true;
        }
        if (!is_comment(r) && !has_address(r) && filled(r) > 1)
            return refuse_before(q, r, err);
    }
    return true;
}

/* A row, or a broken one, which is to be named as such. */
static bool begins_rows(const struct search *q, const struct sample_row *r, bool behind_names)
{
    if (fits(r, q->columns) || !behind_names)
        return is_row(q, r, behind_names);
    if (r->broken)
        return true;
    for (size_t c = 0; c < r->n; c++)
        if (sample_kind(&r->cell[c]) == SAMPLE_TIME || sample_kind(&r->cell[c]) == SAMPLE_NUMBER)
            return true;
    return false;
}

static bool find_header(struct search *q, const struct csv_options *options, struct error *err)
{
    const struct sample *s = q->sample;
    q->rows = q->first;
    if (options->header_lines == CSV_NONE)
        return true;
    if (options->header_lines > 0) {
        q->rows += (size_t)options->header_lines;
        return true;
    }
    if (is_only_text(q)) {
        q->rows++;
        return true;
    }
    while (q->rows < s->rows && !begins_rows(q, &s->row[q->rows], q->rows > q->first))
        q->rows++;
    if (q->rows == q->first)
        return look_before(q, err);
    choose_header(q);
    return true;
}

/* --- the result -------------------------------------------------------------------------------------------------- */

static void keep_banner(struct header *h, const struct encoding *text, const struct dialect *d, size_t end)
{
    struct text shown = {0};
    const char *s = text->text + d->at;
    size_t n = end > d->at ? end - d->at : 0;
    while (n > 0 && strchr("\r\n \t", s[n - 1]))
        n--;
    text_put_n(&shown, s, n < sizeof h->banner - 1 ? n : sizeof h->banner - 1);
    text_copy(h->banner, sizeof h->banner, text_of(&shown));
    text_free(&shown);
}

static bool finish(struct header *h, const struct search *q, const struct encoding *text, const struct dialect *d,
                   struct error *err)
{
    const struct sample *s = q->sample;
    const struct sample_row *first = &s->row[q->first];
    h->columns = q->columns;
    h->lines = q->rows - q->first;
    h->line = first->line;
    h->skipped = first->line - 1;
    h->positional = h->lines == 0;
    h->row_names = q->row_names;
    if (h->lines > 0) {
        h->raw = text->text + first->at;
        h->raw_n = first->n_bytes;
    }
    keep_banner(h, text, d, first->at);
    if (q->rows >= s->rows) {
        if (s->broken.kind != ERROR_NONE)
            return error_set(err, s->broken.kind, "%s", s->broken.text);
        return error_set(err, ERROR_DATA, "the file has a header (line %llu) and no rows", (unsigned long long)h->line);
    }
    h->at = s->row[q->rows].at;
    h->before = s->row[q->rows].line - 1;
    return true;
}

static void report(const struct header *h, struct findings *found, const struct search *q)
{
    char value[32];
    unsigned long long line = (unsigned long long)h->line;
    if (h->skipped > 0 && h->banner[0])
        findings_guess(found, "banner", h->skipped == 1 ? "line 1" : "the first lines", "--skip",
                       "lines 1 to %llu are not like the table's %zu cells a line: %.100s",
                       (unsigned long long)h->skipped, h->columns, h->banner);
    if (h->lines > 0) {
        snprintf(value, sizeof value, h->lines == 1 ? "one line" : "%zu lines", h->lines);
        findings_guess(found, "header", value, "--header",
                       h->lines == 1 ? "line %llu holds names where the rows hold numbers and times"
                                     : "the lines from %llu on hold names where the rows hold numbers and times",
                       line);
    } else {
        findings_guess(found, "header", "none", "--header", "line %llu holds numbers and times like the rows below it",
                       line);
    }
    (void)q;
}

static bool find(struct header *h, struct findings *found, struct search *q, const struct encoding *text,
                 const struct dialect *d, const struct csv_options *options, struct error *err)
{
    q->columns = find_width(q->sample);
    if (q->columns < 2)
        return error_set(err, ERROR_DATA,
                         "most lines have a single cell: a table needs a time and at least one value "
                         "(is another --delimiter meant?)");
    if (q->columns > FRAME_COLUMNS_MAX)
        return error_set(err, ERROR_DATA, "the lines have %zu cells, more than %d columns; is this a table?",
                         q->columns, FRAME_COLUMNS_MAX);
    if (!find_first(q, err))
        return false;
    find_kinds(q);
    if (!find_header(q, options, err) || !finish(h, q, text, d, err))
        return false;
    report(h, found, q);
    h->name = memory_new(h->columns, sizeof *h->name);
    h->unit = memory_new(h->columns, sizeof *h->unit);
    h->unnamed = NEW_ARRAY(bool, h->columns);
    if (h->lines > 0)
        header_names(h, found, q->sample, q->first);
    else
        header_layout(h, found, q->sample, q->first);
    header_make_unique(h, found);
    return true;
}

bool header_find(struct header *h, struct findings *found, const struct encoding *text, const struct dialect *d,
                 const struct csv_options *options, struct error *err)
{
    struct sample s;
    struct search q = {.sample = &s};
    *h = (struct header){0};
    sample_take(&s, text->text, text->n, d->at, d->line, &d->form);
    bool ok;
    if (s.rows == 0)
        ok = error_set(err, s.broken.kind ? s.broken.kind : ERROR_DATA, "%s",
                       s.broken.kind ? s.broken.text : "the file has no line with text");
    else
        ok = find(h, found, &q, text, d, options, err);
    free(q.kind);
    sample_free(&s);
    return ok;
}

void header_free(struct header *h)
{
    free(h->name);
    free(h->unit);
    free(h->unnamed);
    *h = (struct header){0};
}
