/* An architecture that a morphism changes, with a note for each node on where its weights come from. The tools that
 * the kinds in this folder share. */
#ifndef SEARCH_MORPH_EDIT_H
#define SEARCH_MORPH_EDIT_H

#include "search/morph.h"

/* How the tensors of a new node start. */
enum carry_fill {
    CARRY_FRESH,   /* as in a new model */
    CARRY_ZERO,    /* all zero */
    CARRY_QUIET,   /* fresh, but what makes its output is zero */
    CARRY_IDENTITY /* kernel = identity at the present step, bias zero */
};

struct carry_rule {
    int from; /* the node in `before` whose weights it takes over, or -1: a new node */
    enum carry_fill fill;
};

struct morph_edit {
    const struct arch *before;
    struct arch *after;      /* owned */
    struct carry_rule *rule; /* [after->nodes], owned */
    bool silent;             /* new channels of nodes that were there start at zero, and are read with random weights */
};

void edit_start(struct morph_edit *e, const struct arch *before); /* after = a copy; borrows before */
void edit_end(struct morph_edit *e);

/* A node of this operator with presets and an unused name. */
struct arch_node edit_node(const struct morph_edit *e, const char *op, const char *stem);
/* Puts it at index `at`; its inputs must lie before. */
void edit_insert(struct morph_edit *e, int at, const struct arch_node *node, enum carry_fill fill);
/* What read `from` and stands after `to` reads `to` from now on. */
void edit_redirect(struct morph_edit *e, int from, int to);

/* A node with one input. */
struct arch_node edit_unary(const struct morph_edit *e, const char *op, const char *stem, int input);
/* Puts the sum of nodes a and b at index `at`. */
void edit_sum(struct morph_edit *e, int at, int a, int b);
/* Takes out what no longer leads to the output. */
void edit_prune(struct morph_edit *e);

/* A dense or conv node that reads `input`: conv where kernel > 1, else dense (per step on a time axis). */
struct arch_node edit_layer(const struct morph_edit *e, int input, int width, int kernel, int dilation,
                            const char *act);

void edit_set_enum(struct arch_node *node, const char *param, const char *value);
/* Texts of a node's enum parameter, "" where it has none. */
const char *edit_enum(const struct arch_node *node, const char *param);
/* Largest value of a parameter. */
int edit_most(const struct arch_node *node, const char *param);

/* The back-th node before `node` with as many steps (1: the nearest), or -1; *found counts those there are. */
int edit_source(const struct arch *a, int node, int back, int *found);

/* Is no value of this node ever negative? */
bool edit_not_negative(const struct arch *a, int node);

/* New model from the old by the rules; m->arch must be the architecture e->before was made from. See carry.c. */
struct model *carry_model(const struct model *m, const struct morph_edit *e, uint64_t seed, struct error *err);

#endif
