/* A benchmark table: labelled graphs whose scores are known, to try strategies on without training.
 *
 * UTF-8 text, tab-separated, one graph a line: id, validation (what a query returns), test (what is reported), labels
 * (comma-separated, one a node), edges ("0>1,0>2", indices into the labels; may be empty). The first line is
 * "#maximise" or "#minimise". Lines end in LF or CR LF; a byte order mark and empty lines at the end are passed over.
 * Ids are unique; two ids may have the same graph, and are two entries all the same. A graph has no cycle.
 *
 * Immutable after reading, so threads share it (features are made when they are first asked for, once). */
#ifndef SEARCH_TABLE_H
#define SEARCH_TABLE_H

#include "base/error.h"
#include "search/surrogate.h"

#include <stddef.h>
#include <stdint.h>

#define TABLE_BYTES_MAX ((size_t)1 << 30)
#define TABLE_ROWS_MAX 1000000
#define TABLE_NODES_MAX 64
#define TABLE_LABELS_MAX 4096 /* different ones */
#define TABLE_LABEL_MAX 48    /* bytes, with the NUL */

struct table_edge {
    uint8_t from, to;
};

struct table_row {
    char *id;
    double validation, test;
    int nodes, edges;
    uint16_t *label;         /* [nodes] into the table's labels */
    struct table_edge *edge; /* [edges] in ascending order */
    uint64_t key;            /* of labels and edges; see table_index.c */
};

struct search_table {
    bool maximise;
    struct table_row *row;
    int rows;
    char (*label)[TABLE_LABEL_MAX];
    int labels;
    struct table_index *index;
    _Atomic(struct surrogate_features *) *features; /* [rows] */
};

/* `origin` names the text in messages. */
struct search_table *search_table_parse(const char *text, size_t n, const char *origin, struct error *err);
struct search_table *search_table_read(const char *path, struct error *err);
void search_table_free(struct search_table *t);

/* A query's answer: higher is better whichever way the table goes. */
double search_table_score(const struct search_table *t, int row);

/* What a surrogate sees of a row: labels, edges, and how many nodes, edges and nodes on the longest path there are; of
 * nodes between "input" and "output" alone, where there are such. */
const struct surrogate_features *search_table_features(const struct search_table *t, int row);

/* Rows that differ from this one in one label or one edge, ascending; those of the same graph too, never the row itself.
 * free(*out) */
int search_table_neighbours(const struct search_table *t, int row, int **out);
/* "c2: conv3 to conv5", "edge 1>3 added", "the same graph": how b differs from a. */
void search_table_difference(const struct search_table *t, int a, int b, char *out, size_t size);

/* For table.c: made once the rows stand. */
struct table_index *table_index_new(struct search_table *t);
void table_index_free(struct table_index *x);

#endif
