/* A row as the surrogate sees it. Declared in table.h. */
#include "search/table.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdatomic.h>
#include <string.h>

/* What of a row computes something: an operator without a way from the input and to the output does nothing, nor do its
 * edges. Rows whose nodes are not called so are taken as they are. */
struct plain {
    bool here[TABLE_NODES_MAX];
    bool edge[TABLE_NODES_MAX][TABLE_NODES_MAX]; /* [from][to] */
};

static void take_out(struct plain *p, int n, int v)
{
    for (int a = 0; a < n; a++)
        p->edge[a][v] = p->edge[v][a] = false;
    p->here[v] = false;
}

/* Nodes that can be reached from the marked ones, along the edges or against them. */
static void reach(const struct plain *p, int n, bool *marked, bool against)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++)
                if (!marked[b] && marked[a] && (against ? p->edge[b][a] : p->edge[a][b]))
                    moved = marked[b] = true;
    }
}

static void prune(struct plain *p, int n, const bool *first, const bool *last)
{
    bool ahead[TABLE_NODES_MAX], behind[TABLE_NODES_MAX];
    memcpy(ahead, first, sizeof ahead);
    memcpy(behind, last, sizeof behind);
    reach(p, n, ahead, false);
    reach(p, n, behind, true);
    for (int v = 0; v < n; v++)
        if (!(ahead[v] && behind[v]) && !first[v] && !last[v])
            take_out(p, n, v);
}

static void plain_of(struct plain *out, const struct search_table *t, const struct table_row *row)
{
    bool first[TABLE_NODES_MAX] = {false}, last[TABLE_NODES_MAX] = {false};
    *out = (struct plain){.edge = {{false}}};
    for (int e = 0; e < row->edges; e++)
        out->edge[row->edge[e].from][row->edge[e].to] = true;
    for (int v = 0; v < row->nodes; v++) {
        out->here[v] = true;
        first[v] = text_equal(t->label[row->label[v]], "input");
        last[v] = text_equal(t->label[row->label[v]], "output");
    }
    if (memchr(first, true, sizeof first) && memchr(last, true, sizeof last))
        prune(out, row->nodes, first, last);
}

static int longest_path(const int (*edge)[2], int n, int m)
{
    int length[TABLE_NODES_MAX], most = 1;
    for (int i = 0; i < n; i++)
        length[i] = 1;
    for (bool moved = true; moved;) { /* ends: there is no cycle */
        moved = false;
        for (int e = 0; e < m; e++)
            if (length[edge[e][1]] <= length[edge[e][0]]) {
                length[edge[e][1]] = length[edge[e][0]] + 1;
                moved = true;
            }
    }
    for (int i = 0; i < n; i++)
        most = length[i] > most ? length[i] : most;
    return most;
}

static struct surrogate_features *features_of(const struct search_table *t, const struct table_row *row)
{
    struct surrogate_features *f = NEW(struct surrogate_features);
    struct plain *p = NEW(struct plain);
    const char *label[TABLE_NODES_MAX];
    int n = 0, m = 0, at[TABLE_NODES_MAX];
    plain_of(p, t, row);
    for (int v = 0; v < row->nodes; v++)
        if (p->here[v]) {
            label[n] = t->label[row->label[v]];
            at[v] = n++;
        }
    int(*edge)[2] = memory_new(TABLE_NODES_MAX * TABLE_NODES_MAX, sizeof *edge);
    for (int a = 0; a < row->nodes; a++)
        for (int b = 0; b < row->nodes; b++)
            if (p->edge[a][b]) {
                edge[m][0] = at[a];
                edge[m++][1] = at[b];
            }
    wl_start_graph(&f->wl, label, n, (const int(*)[2])edge, m);
    f->size[f->sizes++] = n / 8.0;
    f->size[f->sizes++] = m / 8.0;
    f->size[f->sizes++] = longest_path((const int(*)[2])edge, n, m) / 8.0;
    free(edge);
    free(p);
    return f;
}

const struct surrogate_features *search_table_features(const struct search_table *t, int row)
{
    struct surrogate_features *known = atomic_load(&t->features[row]);
    if (known)
        return known;
    struct surrogate_features *made = features_of(t, &t->row[row]);
    if (atomic_compare_exchange_strong(&t->features[row], &known, made))
        return made;
    surrogate_features_end(made); /* another thread was first, with the same */
    free(made);
    return known;
}
