/* Morphisms: changes of the graph that keep the function, to the bit.
 *
 * Each kind is one file in search/morph/ and one line in its table. A step names a kind, a node and whole-number settings; its text
 * is "widen node=c1 by=16". Applied to a model it gives a new model (weights and moments carried over, new entries
 * drawn from `seed` or zero) whose output has the same bits for every finite input. Later nodes keep their names. */
#ifndef SEARCH_MORPH_H
#define SEARCH_MORPH_H

#include "net/model.h"
#include "net/plan.h"

#define MORPH_TEXT_MAX 192
#define MORPH_SETTINGS_MAX 4

struct morph_setting {
    const char *name, *about;
    int least, most, preset;
};

struct morph_kind;

struct morph_step {
    const struct morph_kind *kind;
    char node[ARCH_NAME_MAX];
    int setting[MORPH_SETTINGS_MAX]; /* in the order of kind->setting */
};

struct morph_kind {
    const char *name;  /* widen, deepen, add_skip */
    const char *about; /* what it does and why the function stays, for people */
    bool shrinks;
    struct morph_setting setting[MORPH_SETTINGS_MAX];
    int settings;
    /* Can it be applied to this node? If not, why. */
    bool (*applicable)(const struct arch *a, int node, char *reason, size_t size);
    /* The new architecture and, for the weights, where each of its entries comes from (see morph/carry.h). */
    struct model *(*apply)(const struct model *m, const struct morph_step *step, uint64_t seed, struct error *err);
};

extern const struct morph_kind *const morph_table[]; /* NULL-terminated */
const struct morph_kind *morph_find(const char *name);

bool morph_parse(struct morph_step *out, const char *text, struct error *err);
void morph_format(const struct morph_step *step, char out[MORPH_TEXT_MAX]);
/* A step with the kind's preset settings. */
struct morph_step morph_step_of(const struct morph_kind *kind, const char *node);

struct model *morph_apply(const struct model *m, const struct morph_step *step, uint64_t seed, struct error *err);
/* The architecture alone. */
struct arch *morph_apply_arch(const struct arch *a, const struct morph_step *step, struct error *err);

/* Everything that could be tried on an architecture: kind x node, with reason where not applicable, and cost after. */
struct morph_option {
    struct morph_step step;
    bool applicable;
    char reason[128];
    int64_t parameters, macs; /* after the step; of the present graph where not applicable */
};
int morph_list(const struct arch *a, struct morph_option **out); /* free(*out) */

/* Largest |difference| of the two models' outputs over rows windows at input [rows, time, channels]; 0 means the same
 * bits (compared as bits, so that -0, NaN and infinities count; INFINITY where bits differ in any other way). */
bool morph_max_delta(double *out, const struct model *a, const struct model *b, const float *input, int rows,
                     struct error *err);

#endif
