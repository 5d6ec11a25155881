#include "search/wl.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "net/op.h"

static uint64_t label_of(const void *data, size_t n)
{
    struct hash h = hash_of(data, n);
    uint64_t label = 0;
    for (int i = 0; i < 8; i++)
        label |= (uint64_t)h.byte[i] << (8 * i);
    return label;
}

static int compare_labels(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void put_sorted(struct bytes *out, uint64_t *label, int n)
{
    qsort(label, (size_t)n, sizeof *label, compare_labels);
    bytes_put_u32(out, (uint32_t)n);
    for (int i = 0; i < n; i++)
        bytes_put_u64(out, label[i]);
}

/* Who reads whom, each edge once, grouped by the node read: reader[first[i]] .. reader[first[i + 1] - 1]. */
struct readers {
    int *first, *reader;
};

static struct readers readers_of(const struct arch *a)
{
    struct readers r = {.first = NEW_ARRAY(int, a->nodes + 1)};
    for (int i = 0; i < a->nodes; i++)
        for (int k = 0; k < a->node[i].inputs; k++)
            r.first[a->node[i].input[k] + 1]++;
    for (int i = 0; i < a->nodes; i++)
        r.first[i + 1] += r.first[i];
    int *at = memory_copy(r.first, (size_t)(a->nodes + 1) * sizeof *at);
    r.reader = NEW_ARRAY(int, r.first[a->nodes]);
    for (int i = 0; i < a->nodes; i++)
        for (int k = 0; k < a->node[i].inputs; k++)
            r.reader[at[a->node[i].input[k]]++] = i;
    free(at);
    return r;
}

static void next_labels(uint64_t *next, const uint64_t *label, const struct arch *a, const struct readers *r)
{
    uint64_t *around = NEW_ARRAY(uint64_t, a->nodes * ARCH_INPUTS_MAX);
    struct bytes b = {0};
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[i];
        bytes_clear(&b);
        bytes_put_u64(&b, label[i]);
        for (int k = 0; k < node->inputs; k++)
            around[k] = label[node->input[k]];
        put_sorted(&b, around, node->inputs);
        int n = r->first[i + 1] - r->first[i];
        for (int k = 0; k < n; k++)
            around[k] = label[r->reader[r->first[i] + k]];
        put_sorted(&b, around, n);
        next[i] = label_of(b.data, b.n);
    }
    bytes_free(&b);
    free(around);
}

static int count_labels(struct wl_feature **out, const uint64_t *label, int n)
{
    uint64_t *sorted = memory_copy(label, (size_t)n * sizeof *sorted);
    int used = 0;
    qsort(sorted, (size_t)n, sizeof *sorted, compare_labels);
    *out = NEW_ARRAY(struct wl_feature, n);
    for (int i = 0; i < n; i++) {
        if (used == 0 || (*out)[used - 1].label != sorted[i])
            (*out)[used++].label = sorted[i];
        (*out)[used - 1].count++;
    }
    free(sorted);
    return used;
}

static void name_features(struct wl *w, const struct arch *a, const uint64_t *label)
{
    w->name = memory_new((size_t)w->n[0], sizeof *w->name);
    for (int f = 0; f < w->n[0]; f++)
        for (int i = 0; i < a->nodes; i++)
            if (label[i] == w->feature[0][f].label) {
                a->node[i].op->label(&a->node[i], w->name[f], sizeof w->name[f]);
                break;
            }
}

void wl_start(struct wl *out, const struct arch *a)
{
    uint64_t *label = NEW_ARRAY(uint64_t, a->nodes), *next = NEW_ARRAY(uint64_t, a->nodes);
    struct readers r = readers_of(a);
    *out = (struct wl){0};
    for (int i = 0; i < a->nodes; i++) {
        char text[WL_NAME_MAX] = "";
        a->node[i].op->label(&a->node[i], text, sizeof text);
        label[i] = label_of(text, strlen(text));
    }
    for (int t = 0; t < WL_DEPTHS; t++) {
        out->n[t] = count_labels(&out->feature[t], label, a->nodes);
        if (t == 0)
            name_features(out, a, label);
        next_labels(next, label, a, &r);
        uint64_t *swap = label;
        label = next;
        next = swap;
    }
    free(label);
    free(next);
    free(r.first);
    free(r.reader);
}

void wl_end(struct wl *w)
{
    for (int t = 0; t < WL_DEPTHS; t++)
        free(w->feature[t]);
    free(w->name);
    *w = (struct wl){0};
}

double wl_dot(const struct wl *a, const struct wl *b, int t)
{
    double sum = 0;
    for (int i = 0, j = 0; i < a->n[t] && j < b->n[t];) {
        const struct wl_feature *x = &a->feature[t][i], *y = &b->feature[t][j];
        if (x->label == y->label)
            sum += (double)x->count * (double)y->count;
        i += x->label <= y->label;
        j += y->label <= x->label;
    }
    return sum;
}

void wl_with_count(struct wl *out, const struct wl *w, uint64_t label, int count)
{
    *out = (struct wl){0};
    for (int t = 0; t < WL_DEPTHS; t++) {
        int n = 0, found = t > 0;
        out->feature[t] = NEW_ARRAY(struct wl_feature, w->n[t] + 1);
        for (int i = 0; i <= w->n[t]; i++) {
            if (!found && count > 0 && (i == w->n[t] || w->feature[t][i].label >= label)) {
                out->feature[t][n++] = (struct wl_feature){.label = label, .count = count};
                found = 1;
            }
            if (i < w->n[t] && (t > 0 || w->feature[t][i].label != label))
                out->feature[t][n++] = w->feature[t][i];
        }
        out->n[t] = n;
    }
}
