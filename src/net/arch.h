/* An architecture: a directed acyclic graph of operators, and its text (morphsmith-arch(5)).
 *
 *   morphsmith-arch 1
 *   x   input  time=32 channels=8
 *   c1  conv   in=x channels=16 kernel=3 dilation=2 act=relu
 *   p   last   in=c1
 *   y   dense  in=p units=1
 *
 * One node a line: name, operator, in=COMMA-SEPARATED NODES, parameters. `#` starts a comment. Names match
 * [A-Za-z_][A-Za-z0-9_]{0,30}. Nodes may be used before their line; the graph must have exactly one input node, exactly
 * one node that nobody reads (the output, without a time axis), and no cycle. In memory nodes stand in an order in
 * which every node comes after its inputs; those a text gives in such an order keep it.
 *
 * The id is BLAKE2b-256 of the canonical text: nodes named n0, n1, ... in the order of a depth-first walk from the
 * output through the arguments (post-order: inputs first), arguments of `add` sorted by Merkle hash (ties are told
 * apart by readers: morphsmith-arch(5)), parameters in alphabetical order with defaults written out. Equal ids mean equal
 * plans, weights and bits. */
#ifndef NET_ARCH_H
#define NET_ARCH_H

#include "base/error.h"
#include "base/hash.h"

#include <stdint.h>

#define ARCH_NAME_MAX 32
#define ARCH_NODES_MAX 4096
#define ARCH_INPUTS_MAX 16
#define ARCH_PARAMS_MAX 8
#define ARCH_TEXT_MAX (1 << 20)

struct op;

struct arch_node {
    char name[ARCH_NAME_MAX];
    const struct op *op;
    int input[ARCH_INPUTS_MAX]; /* indices of earlier nodes */
    int inputs;
    double param[ARCH_PARAMS_MAX]; /* in the order of op->param; integers and enums are whole numbers */
};

/* Shape of one sample: [time, channels], or [channels] with time 0. */
struct arch_shape {
    int time, channels;
};

struct arch {
    struct arch_node *node; /* topological order; the last is the output */
    struct arch_shape *shape; /* [nodes], filled by arch_check */
    int nodes;
};

/* `origin` names the text in messages ("mlp.arch"). Checks shapes too. */
struct arch *arch_parse(const char *text, size_t n, const char *origin, struct error *err);
void arch_free(struct arch *a);
struct arch *arch_copy(const struct arch *a);
char *arch_format(const struct arch *a); /* the text, aligned, as a person would write it; free() */

/* Canonical copy: nodes renamed and reordered. origin[i] (may be NULL) receives the index in `a` of canonical node i. */
struct arch *arch_canonical(const struct arch *a, int *origin);
char *arch_canonical_text(const struct arch *a);
struct hash arch_id(const struct arch *a);

int arch_find(const struct arch *a, const char *name); /* index or -1 */

/* Editing, for morphisms. A node is inserted at `at`, later indices move up. arch_check recomputes shapes and refuses
 * what breaks a rule, naming node and rule. arch_free_name gives an unused name with this stem ("c" -> "c4"). */
void arch_insert(struct arch *a, int at, const struct arch_node *node);
bool arch_check(struct arch *a, struct error *err);
void arch_free_name(const struct arch *a, const char *stem, char out[ARCH_NAME_MAX]);
int arch_readers(const struct arch *a, int node, int *out); /* out[nodes] or NULL: who reads it; returns how many */

/* Totals for one sample, forward pass. */
int64_t arch_parameters(const struct arch *a);
int64_t arch_macs(const struct arch *a);

/* Ready-made graphs from windows of [time, channels] to `outputs` values: those of arch_templates. width and depth 0:
 * the default. */
struct arch *arch_template(const char *name, int time, int channels, int outputs, int width, int depth,
                           struct error *err);
extern const char *const arch_templates[]; /* NULL-terminated */

#endif
