/* Who differs from whom in one label or one edge. A graph's key is the sum of one number for each node's label and each
 * edge, so that the key of a graph with one of them changed is had by one subtraction and one addition. Graphs of one
 * key are compared before they are believed. Declared in table.h. */
#include "search/table.h"

#include "base/memory.h"

#include <string.h>

struct entry {
    uint64_t key;
    int row;
};

struct table_index {
    struct entry *whole; /* [wholes] by key: all rows */
    struct entry *wiped; /* [wipeds] by key: all rows, each node's label taken away in turn */
    size_t wholes, wipeds;
};

#define WIPED UINT16_MAX

/* Steele, Lea and Flood's splitmix64 finaliser (OOPSLA 2014). */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t label_key(int node, uint16_t label)
{
    return mix((uint64_t)1 << 40 | (uint64_t)node << 16 | label);
}

static uint64_t edge_key(int from, int to)
{
    return mix((uint64_t)2 << 40 | (uint64_t)from << 16 | (uint64_t)to);
}

static uint64_t key_of(const struct table_row *row)
{
    uint64_t key = mix((uint64_t)row->nodes);
    for (int i = 0; i < row->nodes; i++)
        key += label_key(i, row->label[i]);
    for (int e = 0; e < row->edges; e++)
        key += edge_key(row->edge[e].from, row->edge[e].to);
    return key;
}

static uint64_t wiped_key(const struct table_row *row, int node)
{
    return row->key - label_key(node, row->label[node]) + label_key(node, WIPED);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->row > y->row) - (x->row < y->row);
}

struct table_index *table_index_new(struct search_table *t)
{
    struct table_index *x = NEW(struct table_index);
    for (int i = 0; i < t->rows; i++) {
        t->row[i].key = key_of(&t->row[i]);
        x->wipeds += (size_t)t->row[i].nodes;
    }
    x->whole = NEW_ARRAY(struct entry, t->rows);
    x->wiped = NEW_ARRAY(struct entry, x->wipeds);
    size_t at = 0;
    for (int i = 0; i < t->rows; i++) {
        x->whole[x->wholes++] = (struct entry){t->row[i].key, i};
        for (int node = 0; node < t->row[i].nodes; node++)
            x->wiped[at++] = (struct entry){wiped_key(&t->row[i], node), i};
    }
    qsort(x->whole, x->wholes, sizeof *x->whole, compare_entries);
    qsort(x->wiped, x->wipeds, sizeof *x->wiped, compare_entries);
    return x;
}

void table_index_free(struct table_index *x)
{
    if (!x)
        return;
    free(x->whole);
    free(x->wiped);
    free(x);
}

static size_t first_at(const struct entry *list, size_t n, uint64_t key)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct found {
    int *row, n;
    size_t capacity;
};

static bool same_edge(struct table_edge a, struct table_edge b)
{
    return a.from == b.from && a.to == b.to;
}

/* Edges that only one of the two has. */
static int edges_apart(const struct table_row *a, const struct table_row *b, struct table_edge *one)
{
    int i = 0, j = 0, apart = 0;
    while (i < a->edges || j < b->edges) {
        if (i < a->edges && j < b->edges && same_edge(a->edge[i], b->edge[j])) {
            i++;
            j++;
            continue;
        }
        int x = i < a->edges ? a->edge[i].from << 8 | a->edge[i].to : INT32_MAX;
        int y = j < b->edges ? b->edge[j].from << 8 | b->edge[j].to : INT32_MAX;
        *one = x < y ? a->edge[i++] : b->edge[j++];
        apart++;
    }
    return apart;
}

static int labels_apart(const struct table_row *a, const struct table_row *b, int *one)
{
    int apart = 0;
    for (int i = 0; i < a->nodes; i++)
        if (a->label[i] != b->label[i]) {
            *one = i;
            apart++;
        }
    return apart;
}

static void gather(const struct search_table *t, struct found *f, int row, const struct entry *list, size_t n, uint64_t key)
{
    const struct table_row *a = &t->row[row];
    for (size_t at = first_at(list, n, key); at < n && list[at].key == key; at++) {
        const struct table_row *b = &t->row[list[at].row];
        struct table_edge edge;
        int label;
        if (list[at].row == row || a->nodes != b->nodes || labels_apart(a, b, &label) + edges_apart(a, b, &edge) > 1)
            continue;
        f->row = memory_grow(f->row, &f->capacity, (size_t)f->n + 1, sizeof *f->row);
        f->row[f->n++] = list[at].row;
    }
}

static int compare_rows(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool has_edge(const struct table_row *row, int from, int to)
{
    for (int e = 0; e < row->edges; e++)
        if (row->edge[e].from == from && row->edge[e].to == to)
            return true;
    return false;
}

int search_table_neighbours(const struct search_table *t, int row, int **out)
{
    const struct table_row *a = &t->row[row];
    const struct table_index *x = t->index;
    struct found f = {0};
    for (int node = 0; node < a->nodes; node++)
        gather(t, &f, row, x->wiped, x->wipeds, wiped_key(a, node));
    for (int from = 0; from < a->nodes; from++)
        for (int to = 0; to < a->nodes; to++) {
            uint64_t edge = edge_key(from, to);
            if (from != to)
                gather(t, &f, row, x->whole, x->wholes, has_edge(a, from, to) ? a->key - edge : a->key + edge);
        }
    int used = 0;
    if (f.n > 0)
        qsort(f.row, (size_t)f.n, sizeof *f.row, compare_rows);
    for (int i = 0; i < f.n; i++) /* one of the same graph is met at every node */
        if (used == 0 || f.row[used - 1] != f.row[i])
            f.row[used++] = f.row[i];
    *out = f.row;
    return used;
}

void search_table_difference(const struct search_table *t, int a, int b, char *out, size_t size)
{
    const struct table_row *x = &t->row[a], *y = &t->row[b];
    struct table_edge edge = {0, 0};
    int node = 0, labels = x->nodes == y->nodes ? labels_apart(x, y, &node) : -1;
    int edges = labels >= 0 ? edges_apart(x, y, &edge) : -1;
    if (labels == 1 && edges == 0)
        snprintf(out, size, "node %d: %s to %s", node, t->label[x->label[node]], t->label[y->label[node]]);
    else if (labels == 0 && edges == 1)
        snprintf(out, size, "edge %d>%d %s", edge.from, edge.to, has_edge(x, edge.from, edge.to) ? "removed" : "added");
    else
        snprintf(out, size, labels == 0 && edges == 0 ? "the same graph" : "several changes");
}
