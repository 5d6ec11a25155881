#include "search/wl.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
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

/* The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection that spreads every bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

#define INPUT UINT64_C(0x9e3779b97f4a7c15) /* keep inputs, readers and the node itself apart */
#define READER UINT64_C(0xd1b54a32d192ed03)
#define SELF UINT64_C(0x8cb92ba72f3d8dd7)

/* A sum of mixed labels is the same in every order of the neighbours. */
static void next_labels(uint64_t *next, const uint64_t *label, int n, const int (*edge)[2], int m)
{
    for (int i = 0; i < n; i++)
        next[i] = mix(label[i] + SELF);
    for (int e = 0; e < m; e++) {
        next[edge[e][1]] += mix(label[edge[e][0]] + INPUT);
        next[edge[e][0]] += mix(label[edge[e][1]] + READER);
    }
    for (int i = 0; i < n; i++)
        next[i] = mix(next[i]);
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

static void name_features(struct wl *w, const char *const *text, const uint64_t *label, int n)
{
    w->name = memory_new((size_t)w->n[0], sizeof *w->name);
    for (int f = 0; f < w->n[0]; f++)
        for (int i = 0; i < n; i++)
            if (label[i] == w->feature[0][f].label) {
                text_copy(w->name[f], sizeof w->name[f], text[i]);
                break;
            }
}

void wl_start_graph(struct wl *out, const char *const *text, int n, const int (*edge)[2], int m)
{
    uint64_t *label = NEW_ARRAY(uint64_t, n), *next = NEW_ARRAY(uint64_t, n);
    *out = (struct wl){0};
    for (int e = 0; e < m; e++)
        ASSERT(edge[e][0] >= 0 && edge[e][0] < n && edge[e][1] >= 0 && edge[e][1] < n);
    for (int i = 0; i < n; i++)
        label[i] = label_of(text[i], strlen(text[i]));
    for (int t = 0; t < WL_DEPTHS; t++) {
        out->n[t] = count_labels(&out->feature[t], label, n);
        if (t == 0)
            name_features(out, text, label, n);
        next_labels(next, label, n, edge, m);
        uint64_t *swap = label;
        label = next;
        next = swap;
    }
    free(label);
    free(next);
}

void wl_start(struct wl *out, const struct arch *a)
{
    char(*text)[WL_NAME_MAX] = memory_new((size_t)a->nodes, sizeof *text);
    const char **label = NEW_ARRAY(const char *, a->nodes);
    int(*edge)[2] = memory_new((size_t)a->nodes * ARCH_INPUTS_MAX, sizeof *edge), m = 0;
    for (int i = 0; i < a->nodes; i++) {
        a->node[i].op->label(&a->node[i], text[i], sizeof text[i]);
        label[i] = text[i];
        for (int k = 0; k < a->node[i].inputs; k++, m++) {
            edge[m][0] = a->node[i].input[k];
            edge[m][1] = i;
        }
    }
    wl_start_graph(out, label, a->nodes, (const int(*)[2])edge, m);
    free(edge);
    free(label);
    free(text);
}

void wl_copy(struct wl *out, const struct wl *w)
{
    *out = *w;
    for (int t = 0; t < WL_DEPTHS; t++)
        out->feature[t] = memory_copy(w->feature[t], (size_t)w->n[t] * sizeof *w->feature[t]);
    out->name = w->name ? memory_copy(w->name, (size_t)w->n[0] * sizeof *w->name) : NULL;
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

bool wl_same(const struct wl *a, const struct wl *b)
{
    int t = WL_DEPTHS - 1;
    if (a->n[t] != b->n[t])
        return false;
    for (int i = 0; i < a->n[t]; i++)
        if (a->feature[t][i].label != b->feature[t][i].label || a->feature[t][i].count != b->feature[t][i].count)
            return false;
    return true;
}
