/* Names of columns out of one or several header lines. Declared in header.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/read/header.h"

/* Copies at most `most` bytes and cuts no UTF-8 sequence. */
static void cut(char *out, const char *in, size_t most)
{
    size_t n = strlen(in);
    if (n > most) {
        n = most;
        while (n > 0 && ((unsigned char)in[n] & 0xc0) == 0x80)
            n--;
    }
    memcpy(out, in, n);
    out[n] = '\0';
}

static bool same_cell(const struct record_cell *a, const struct record_cell *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* The cell of one header line; where the table's first column has no name, the others stand one place to the left. A
 * comment's mark does not belong to the name. */
static struct record_cell cell_of(const struct header *h, const struct sample_row *r, size_t c)
{
    struct record_cell none = {"", 0};
    if (h->row_names && c == 0)
        return none;
    c -= h->row_names;
    if (c >= r->n)
        return none;
    struct record_cell cell = r->cell[c];
    while (c == 0 && cell.n > 0 && (*cell.text == '#' || *cell.text == ' ')) {
        cell.text++;
        cell.n--;
    }
    return cell;
}

static size_t filled(const struct header *h, const struct sample_row *r)
{
    size_t n = 0;
    for (size_t c = 0; c < h->columns; c++)
        n += cell_of(h, r, c).n > 0;
    return n;
}

static int compare_cells(const void *a, const void *b)
{
    const struct record_cell *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = n ? memcmp(x->text, y->text, n) : 0;
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* How many different cells a line has, its first column apart. */
static size_t different(const struct header *h, const struct sample_row *r)
{
    struct record_cell *cell = NEW_ARRAY(struct record_cell, h->columns);
    size_t n = 0, found = 0;
    for (size_t c = 1; c < h->columns; c++)
        cell[n++] = cell_of(h, r, c);
    if (n > 0)
        qsort(cell, n, sizeof *cell, compare_cells);
    for (size_t i = 0; i < n; i++)
        found += i == 0 || !same_cell(&cell[i], &cell[i - 1]);
    free(cell);
    return found;
}

/* The line with most names; the first of several. */
static size_t fullest(const struct header *h, const struct sample *s, size_t first)
{
    size_t best = first;
    for (size_t i = first + 1; i < first + h->lines; i++)
        if (filled(h, &s->row[i]) > filled(h, &s->row[best]))
            best = i;
    return best;
}

static void put_name(struct header *h, size_t c, const char *text)
{
    char *copy = memory_text(text);
    cut(h->name[c], text_trim(copy), FRAME_NAME_MAX - 1);
    free(copy);
}

static void append_cell(struct text *name, const struct record_cell *cell)
{
    if (cell->n == 0)
        return;
    if (name->n > 0)
        text_put(name, " ");
    text_escape(name, cell->text, cell->n);
}

/* The levels that tell columns apart, joined: "Close BTC-USD". A group's name stands over its first column only. */
static void join_levels(struct header *h, const struct sample *s, size_t first, size_t full)
{
    for (size_t c = 0; c < h->columns; c++) {
        struct text name = {0};
        for (size_t i = first; i < first + h->lines; i++) {
            if (i != full && different(h, &s->row[i]) < 2)
                continue;
            size_t from = c;
            while (i < full && from > 1 && cell_of(h, &s->row[i], from).n == 0)
                from--;
            struct record_cell cell = cell_of(h, &s->row[i], from);
            append_cell(&name, &cell);
        }
        put_name(h, c, text_of(&name));
        text_free(&name);
    }
}

/* An exporter writes the name of its index alone on the last line: "Date,,,". */
static void name_first(struct header *h, const struct sample *s, size_t first)
{
    const struct sample_row *last = &s->row[first + h->lines - 1];
    struct record_cell cell = cell_of(h, last, 0);
    if (h->lines > 1 && filled(h, last) == 1 && cell.n > 0) {
        struct text name = {0};
        append_cell(&name, &cell);
        put_name(h, 0, text_of(&name));
        text_free(&name);
    }
}

/* A line below the names whose cells differ: "s", "degC", "m3/h". */
static void take_units(struct header *h, const struct sample *s, size_t first, size_t full)
{
    if (full + 1 >= first + h->lines || different(h, &s->row[full + 1]) < 2)
        return;
    for (size_t c = 0; c < h->columns; c++) {
        struct text unit = {0};
        struct record_cell cell = cell_of(h, &s->row[full + 1], c);
        append_cell(&unit, &cell);
        char *copy = memory_text(text_of(&unit));
        cut(h->unit[c], copy, HEADER_UNIT_MAX - 1);
        free(copy);
        text_free(&unit);
    }
}

void header_names(struct header *h, struct findings *found, const struct sample *s, size_t first)
{
    size_t full = fullest(h, s, first);
    if (different(h, &s->row[full]) + 1 >= h->columns) {
        for (size_t c = 0; c < h->columns; c++) {
            struct text name = {0};
            struct record_cell cell = cell_of(h, &s->row[full], c);
            append_cell(&name, &cell);
            if (name.n > FRAME_NAME_MAX - 1)
                findings_warn(found, "the name of column %zu is cut to %d bytes: %.80s ...", c + 1, FRAME_NAME_MAX - 1,
                              text_of(&name));
            put_name(h, c, text_of(&name));
            text_free(&name);
        }
        take_units(h, s, first, full);
    } else {
        join_levels(h, s, first, full);
    }
    name_first(h, s, first);
    for (size_t c = 0; c < h->columns; c++)
        h->unnamed[c] = h->name[c][0] == '\0';
    if (h->lines > 1)
        findings_guess(found, "names", "", "", "from line %llu%s", (unsigned long long)s->row[full].line,
                       different(h, &s->row[full]) + 1 >= h->columns ? ", whose cells are all different"
                                                                     : " and the lines that tell equal names apart");
}

/* --- uniqueness -------------------------------------------------------------------------------------------------- */

struct named {
    const char *name;
    size_t column;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static int compare_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = compare_nocase(x->name, y->name);
    return order ? order : (x->column > y->column) - (x->column < y->column);
}

static bool taken(const struct header *h, size_t but, const char *name)
{
    for (size_t c = 0; c < h->columns; c++)
        if (c != but && compare_nocase(h->name[c], name) == 0)
            return true;
    return false;
}

static void rename_column(struct header *h, size_t c, size_t k)
{
    char stem[FRAME_NAME_MAX - 24], *name = h->name[c];
    cut(stem, name, sizeof stem - 1);
    do
        snprintf(name, FRAME_NAME_MAX, "%s_%zu", stem, k++);
    while (taken(h, c, name));
}

void header_make_unique(struct header *h, struct findings *found)
{
    struct named *order = NEW_ARRAY(struct named, h->columns);
    char(*old)[FRAME_NAME_MAX] = memory_new(h->columns, sizeof *old);
    for (size_t c = 0; c < h->columns; c++) {
        if (!h->name[c][0])
            snprintf(h->name[c], FRAME_NAME_MAX, "column_%zu", c + 1);
        memcpy(old[c], h->name[c], sizeof *old);
        order[c] = (struct named){old[c], c};
    }
    qsort(order, h->columns, sizeof *order, compare_named);
    for (size_t i = 1, k = 2; i < h->columns; i++) {
        k = compare_nocase(order[i].name, order[i - 1].name) == 0 ? k : 2;
        if (compare_nocase(order[i].name, order[i - 1].name) != 0)
            continue;
        rename_column(h, order[i].column, k++);
        findings_warn(found, "column %zu is called '%s' like column %zu; it is named '%s'", order[i].column + 1,
                      order[i].name, order[i - 1].column + 1, h->name[order[i].column]);
    }
    free(order);
    free(old);
}
