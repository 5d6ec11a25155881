/* Weisfeiler-Lehman features of a labelled graph (Shervashidze et al., JMLR 2011), directed: a node's label at depth
 * t + 1 is made of its label at t, the labels of its inputs whatever their order and, apart from them, those of its
 * readers. Labels at depth 0 are the nodes' own (an operator's: "conv k3 d2 c16"). A label is 64 bits of a hash of what
 * it stands for, so that all graphs share one dictionary without building it: BLAKE2b of the text at depth 0, a mixing
 * of words from there on. */
#ifndef SEARCH_WL_H
#define SEARCH_WL_H

#include "net/arch.h"

#include <stdint.h>

#define WL_DEPTHS 4 /* 0, 1, 2, 3 */
#define WL_NAME_MAX 48

struct wl_feature {
    uint64_t label;
    int count;
};

struct wl {
    struct wl_feature *feature[WL_DEPTHS]; /* sorted by label, owned */
    int n[WL_DEPTHS];
    char (*name)[WL_NAME_MAX]; /* of the features of depth 0, owned */
};

void wl_start(struct wl *out, const struct arch *a);

/* Any graph of n >= 0 nodes: label[n], and edge[m] from the node edge[e][0], which is read, to its reader edge[e][1].
 * An edge that is given twice counts twice. */
void wl_start_graph(struct wl *out, const char *const *label, int n, const int (*edge)[2], int m);

void wl_copy(struct wl *out, const struct wl *w);
void wl_end(struct wl *w);

/* Sum over the labels of depth t that both have of the product of their counts. */
double wl_dot(const struct wl *a, const struct wl *b, int t);

/* The same labels as often at every depth: the same graph, as far as this test of isomorphism tells (Weisfeiler and
 * Leman 1968). */
bool wl_same(const struct wl *a, const struct wl *b);

#endif
