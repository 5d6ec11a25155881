/* A row as the surrogate sees it. Declared in table.h. */
#include "search/table.h"

#include "base/memory.h"

#include <stdatomic.h>

static int longest_path(const struct table_row *row)
{
    int length[TABLE_NODES_MAX], most = 1;
    for (int i = 0; i < row->nodes; i++)
        length[i] = 1;
    for (bool moved = true; moved;) { /* ends: there is no cycle */
        moved = false;
        for (int e = 0; e < row->edges; e++)
            if (length[row->edge[e].to] <= length[row->edge[e].from]) {
                length[row->edge[e].to] = length[row->edge[e].from] + 1;
                moved = true;
            }
    }
    for (int i = 0; i < row->nodes; i++)
        most = length[i] > most ? length[i] : most;
    return most;
}

static struct surrogate_features *features_of(const struct search_table *t, const struct table_row *row)
{
    struct surrogate_features *f = NEW(struct surrogate_features);
    const char *label[TABLE_NODES_MAX];
    int(*edge)[2] = memory_new((size_t)row->edges, sizeof *edge);
    for (int i = 0; i < row->nodes; i++)
        label[i] = t->label[row->label[i]];
    for (int e = 0; e < row->edges; e++) {
        edge[e][0] = row->edge[e].from;
        edge[e][1] = row->edge[e].to;
    }
    wl_start_graph(&f->wl, label, row->nodes, (const int(*)[2])edge, row->edges);
    free(edge);
    f->size[f->sizes++] = row->nodes / 8.0;
    f->size[f->sizes++] = row->edges / 8.0;
    f->size[f->sizes++] = longest_path(row) / 8.0;
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
