#include "search/table.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>

/* No score; above it squares would overflow. */
#define SCORE_MOST 1e100

enum { ID, VALIDATION, TEST, LABELS, EDGES, COLUMNS };
static const char *const column_name[COLUMNS] = {"id", "validation", "test", "labels", "edges"};

struct reader {
    struct search_table *table;
    size_t row_capacity, label_capacity;
    int *label_at; /* [2 * TABLE_LABELS_MAX] open addressing: index + 1 of the label */
    int *line;     /* [rows] where each row stands */
    size_t line_capacity;
    const char *origin;
    int at; /* the line being read, from 1 */
    struct error *err;
};

static bool refuse(struct reader *r, const char *what)
{
    return error_set(r->err, ERROR_DATA, "%s:%d: %s", r->origin, r->at, what);
}

/* A piece of the file inside a message: no longer than a line can bear, nothing hidden. */
static void quote(char *out, size_t size, const char *piece)
{
    struct text t = {0};
    text_escape(&t, piece, strnlen(piece, 40));
    text_copy(out, size, text_of(&t));
    text_free(&t);
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static uint32_t hash_of_label(const char *s)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 16777619u;
    return h;
}

/* Its index, entered if it is new; -1 with an error where it cannot be one. */
static int label_of(struct reader *r, const char *name)
{
    struct search_table *t = r->table;
    if (!*name) {
        refuse(r, "a label is empty: give every node one, separated by single commas");
        return -1;
    }
    if (strlen(name) >= TABLE_LABEL_MAX) {
        error_set(r->err, ERROR_DATA, "%s:%d: a label has more than %d bytes: shorten it", r->origin, r->at,
                  TABLE_LABEL_MAX - 1);
        return -1;
    }
    uint32_t at = hash_of_label(name) % (2 * TABLE_LABELS_MAX);
    for (; r->label_at[at]; at = (at + 1) % (2 * TABLE_LABELS_MAX))
        if (text_equal(t->label[r->label_at[at] - 1], name))
            return r->label_at[at] - 1;
    if (t->labels == TABLE_LABELS_MAX) {
        error_set(r->err, ERROR_DATA, "%s:%d: more than %d different labels: are these operators?", r->origin, r->at,
                  TABLE_LABELS_MAX);
        return -1;
    }
    t->label = memory_grow(t->label, &r->label_capacity, (size_t)t->labels + 1, sizeof *t->label);
    text_copy(t->label[t->labels], TABLE_LABEL_MAX, name);
    r->label_at[at] = ++t->labels;
    return t->labels - 1;
}

static bool read_labels(struct reader *r, struct table_row *row, char *text)
{
    uint16_t label[TABLE_NODES_MAX];
    char *rest = text, *name;
    while ((name = text_next(&rest, ','))) {
        if (row->nodes == TABLE_NODES_MAX)
            return error_set(r->err, ERROR_DATA, "%s:%d: more than %d nodes: a graph of a table has at most so many",
                             r->origin, r->at, TABLE_NODES_MAX);
        int index = label_of(r, name);
        if (index < 0)
            return false;
        label[row->nodes++] = (uint16_t)index;
    }
    row->label = memory_copy(label, (size_t)row->nodes * sizeof *label);
    return true;
}

/* --- edges -------------------------------------------------------------------------------------------------------- */

static bool read_edge(struct reader *r, const struct table_row *row, char *text, struct table_edge *out)
{
    char piece[200];
    int64_t from, to;
    quote(piece, sizeof piece, text);
    char *sign = strchr(text, '>');
    if (sign)
        *sign = '\0';
    if (!sign || !text_parse_int(text, 0, INT32_MAX, &from) || !text_parse_int(sign + 1, 0, INT32_MAX, &to))
        return error_set(r->err, ERROR_DATA,
                         "%s:%d: \"%s\" is no edge: write two indices of labels, as 0>1, separated by commas", r->origin,
                         r->at, piece);
    if (from >= row->nodes || to >= row->nodes)
        return error_set(r->err, ERROR_DATA, "%s:%d: edge %s: the %d labels have the indices 0 to %d", r->origin, r->at,
                         piece, row->nodes, row->nodes - 1);
    *out = (struct table_edge){(uint8_t)from, (uint8_t)to};
    return true;
}

static int compare_edges(const void *a, const void *b)
{
    const struct table_edge *x = a, *y = b;
    return x->from != y->from ? x->from - y->from : x->to - y->to;
}

/* Kahn's algorithm: nodes without open inputs leave until none is left, or none can. */
static bool has_cycle(const struct table_row *row)
{
    int open[TABLE_NODES_MAX] = {0}, ready[TABLE_NODES_MAX], readies = 0, left = 0;
    for (int e = 0; e < row->edges; e++)
        open[row->edge[e].to]++;
    for (int i = 0; i < row->nodes; i++)
        if (open[i] == 0)
            ready[readies++] = i;
    for (; left < readies; left++)
        for (int e = 0; e < row->edges; e++)
            if (row->edge[e].from == ready[left] && --open[row->edge[e].to] == 0)
                ready[readies++] = row->edge[e].to;
    return left < row->nodes;
}

static bool read_edges(struct reader *r, struct table_row *row, char *text)
{
    size_t capacity = 0;
    char *rest = text, *piece;
    while (*text && (piece = text_next(&rest, ','))) {
        struct table_edge edge;
        if (!read_edge(r, row, piece, &edge))
            return false;
        if (row->edges == TABLE_NODES_MAX * TABLE_NODES_MAX)
            return refuse(r, "more edges than pairs of nodes: name each edge once");
        row->edge = memory_grow(row->edge, &capacity, (size_t)row->edges + 1, sizeof *row->edge);
        row->edge[row->edges++] = edge;
    }
    if (row->edges > 0)
        qsort(row->edge, (size_t)row->edges, sizeof *row->edge, compare_edges);
    for (int e = 1; e < row->edges; e++)
        if (compare_edges(&row->edge[e - 1], &row->edge[e]) == 0)
            return error_set(r->err, ERROR_DATA, "%s:%d: edge %d>%d stands twice: name each edge once", r->origin, r->at,
                             row->edge[e].from, row->edge[e].to);
    return !has_cycle(row) || refuse(r, "the edges make a cycle: each must lead forward, as in a network");
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static bool read_number(struct reader *r, const char *text, int column, double *out)
{
    char piece[200];
    quote(piece, sizeof piece, text);
    if (text_parse_double(text, out) && fabs(*out) < SCORE_MOST)
        return true;
    return error_set(r->err, ERROR_DATA, "%s:%d: column %d (%s): \"%s\" is no finite number; leave a graph without one out",
                     r->origin, r->at, column + 1, column_name[column], piece);
}

static struct table_row *new_row(struct reader *r)
{
    struct search_table *t = r->table;
    t->row = memory_grow(t->row, &r->row_capacity, (size_t)t->rows + 1, sizeof *t->row);
    r->line = memory_grow(r->line, &r->line_capacity, (size_t)t->rows + 1, sizeof *r->line);
    r->line[t->rows] = r->at;
    t->row[t->rows] = (struct table_row){0};
    return &t->row[t->rows++];
}

static bool read_row(struct reader *r, char *line)
{
    char *column[COLUMNS], *rest = line, *piece;
    int columns = 0;
    for (; (piece = text_next(&rest, '\t')); columns++)
        if (columns < COLUMNS)
            column[columns] = piece;
    if (columns != COLUMNS)
        return error_set(r->err, ERROR_DATA,
                         "%s:%d: %d columns where %d stand: id, validation, test, labels, edges, separated by tabs",
                         r->origin, r->at, columns, COLUMNS);
    if (r->table->rows == TABLE_ROWS_MAX)
        return error_set(r->err, ERROR_LIMIT, "%s:%d: more than %d graphs: take a part of the table", r->origin, r->at,
                         TABLE_ROWS_MAX);
    if (!*column[ID])
        return refuse(r, "the id is empty: name the graph");
    struct table_row *row = new_row(r);
    row->id = memory_text(column[ID]);
    return read_number(r, column[VALIDATION], VALIDATION, &row->validation) &&
           read_number(r, column[TEST], TEST, &row->test) && read_labels(r, row, column[LABELS]) &&
           read_edges(r, row, column[EDGES]);
}

static bool read_direction(struct reader *r, const char *line)
{
    r->table->maximise = text_equal(line, "#maximise");
    if (r->table->maximise || text_equal(line, "#minimise"))
        return true;
    return refuse(r, "the first line says which way is better: put \"#maximise\" or \"#minimise\" there, alone");
}

static bool read_line(struct reader *r, const char *data, size_t n)
{
    n -= n > 0 && data[n - 1] == '\r';
    if (memchr(data, '\0', n))
        return refuse(r, "a zero byte: this is no text; convert the file to UTF-8");
    if (!text_is_utf8(data, n))
        return refuse(r, "this is no UTF-8: convert the file");
    char *line = memory_new(n + 1, 1);
    memcpy(line, data, n);
    bool ok = r->at == 1 ? read_direction(r, line) : read_row(r, line);
    free(line);
    return ok;
}

static bool read_lines(struct reader *r, const char *text, size_t n)
{
    size_t at = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (n > at && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    while (at < n) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t stop = end ? (size_t)(end - text) : n;
        r->at++;
        if (!read_line(r, text + at, stop - at))
            return false;
        at = stop + 1;
    }
    if (r->at == 0)
        return error_set(r->err, ERROR_DATA, "%s: the file is empty; a table begins with \"#maximise\" or \"#minimise\"",
                         r->origin);
    return r->table->rows > 0 ||
           error_set(r->err, ERROR_DATA, "%s: there is no graph behind the first line: add one a line", r->origin);
}

/* --- ids ---------------------------------------------------------------------------------------------------------- */

struct named {
    const char *id;
    int line;
};

static int compare_names(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool ids_differ(struct reader *r)
{
    int n = r->table->rows;
    struct named *name = NEW_ARRAY(struct named, n);
    bool ok = true;
    for (int i = 0; i < n; i++)
        name[i] = (struct named){r->table->row[i].id, r->line[i]};
    qsort(name, (size_t)n, sizeof *name, compare_names);
    for (int i = 1; ok && i < n; i++)
        if (text_equal(name[i - 1].id, name[i].id)) {
            char id[200];
            quote(id, sizeof id, name[i].id);
            ok = error_set(r->err, ERROR_DATA, "%s:%d: the id \"%s\" stands on line %d already: ids are unique", r->origin,
                           name[i].line, id, name[i - 1].line);
        }
    free(name);
    return ok;
}

struct search_table *search_table_parse(const char *text, size_t n, const char *origin, struct error *err)
{
    struct reader r = {.table = NEW(struct search_table), .origin = origin, .err = err};
    r.label_at = NEW_ARRAY(int, 2 * TABLE_LABELS_MAX);
    bool ok = read_lines(&r, text, n) && ids_differ(&r);
    free(r.label_at);
    free(r.line);
    if (!ok) {
        search_table_free(r.table);
        return NULL;
    }
    r.table->index = table_index_new(r.table);
    r.table->features = memory_new((size_t)r.table->rows, sizeof *r.table->features);
    return r.table;
}

struct search_table *search_table_read(const char *path, struct error *err)
{
    struct bytes b = {0};
    struct search_table *t = NULL;
    if (file_read(path, TABLE_BYTES_MAX, &b, err))
        t = search_table_parse((const char *)b.data, b.n, path, err);
    bytes_free(&b);
    return t;
}

void search_table_free(struct search_table *t)
{
    if (!t)
        return;
    for (int i = 0; i < t->rows && t->features; i++)
        if (t->features[i]) {
            surrogate_features_end(t->features[i]);
            free(t->features[i]);
        }
    free(t->features);
    for (int i = 0; i < t->rows; i++) {
        free(t->row[i].id);
        free(t->row[i].label);
        free(t->row[i].edge);
    }
    free(t->row);
    free(t->label);
    table_index_free(t->index);
    free(t);
}

double search_table_score(const struct search_table *t, int row)
{
    return t->maximise ? t->row[row].validation : -t->row[row].validation;
}
