/* Morphisms: changes of the graph that keep the function, to the bit.
 *
 * Each kind is one file in search/morph/ and one line in its table. A step names a kind, a node and whole-number
 * settings; its text is "widen node=c1 by=16" (settings at their preset are left out). Applied to a model it gives a
 * new model whose output has the same bits for every input whose values stay finite on the way. Weights and Adam's
 * moments are carried over; new entries are drawn from `seed` or zero, their moments zero. Nodes that were there keep
 * their names.
 *
 * Exactness rests on the engine's rule that an output element is one chain of fused multiply-adds from its bias, and
 * that no -0 is stored: a term with a zero weight leaves the chain's value as it is wherever it stands. Sums of more
 * than two inputs are added up in the canonical order, which a change upstream may turn around: a step that does so is
 * refused. */
#ifndef SEARCH_MORPH_H
#define SEARCH_MORPH_H

#include "net/model.h"
#include "net/plan.h"

#define MORPH_TEXT_MAX 192
#define MORPH_SETTINGS_MAX 5
#define MORPH_MENU_MAX 8

struct morph_setting {
    const char *name, *about;
    int least, most, preset;
    const char *const *names; /* of the values from `least` on, NULL-terminated; NULL: whole numbers */
};

struct morph_kind;
struct morph_edit;

struct morph_step {
    const struct morph_kind *kind;
    char node[ARCH_NAME_MAX];
    int setting[MORPH_SETTINGS_MAX]; /* in the order of kind->setting */
};

struct morph_kind {
    const char *name;  /* widen, deepen, add_skip */
    const char *about; /* what it does, for people */
    const char *why;   /* why the function stays, or what becomes of it */
    bool shrinks;
    struct morph_setting setting[MORPH_SETTINGS_MAX];
    int settings;
    /* Can it be applied to this node with its presets? If not, why. */
    bool (*applicable)(const struct arch *a, int node, char *reason, size_t size);
    /* Changes edit->after and says where each node's weights come from (see morph/edit.h). */
    bool (*edit)(struct morph_edit *edit, int node, const int *setting, struct error *err);
    /* Settings worth trying on this node, at most MORPH_MENU_MAX; returns how many. For a node that is applicable. */
    int (*menu)(const struct arch *a, int node, int out[MORPH_MENU_MAX][MORPH_SETTINGS_MAX]);
};

extern const struct morph_kind *const morph_table[]; /* NULL-terminated */
const struct morph_kind *morph_find(const char *name);

bool morph_parse(struct morph_step *out, const char *text, struct error *err);
void morph_format(const struct morph_step *step, char out[MORPH_TEXT_MAX]);
/* Sets one setting from text: ERROR_USAGE naming what it takes. */
bool morph_set(struct morph_step *step, const char *name, const char *value, struct error *err);
/* A setting's value as its text has it. */
void morph_setting_text(const struct morph_setting *s, int value, char *out, size_t size);
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
    int64_t parameters, macs; /* after the step; of the present graph where not applicable; MORPH_UNKNOWN */
};
/* Above so many nodes every step is not tried out: what it would cost is unknown, and whether it applies is told by its
 * kind alone, so that it may be refused yet. */
#define MORPH_TRIED_NODES 160
#define MORPH_UNKNOWN (-1)
int morph_list(const struct arch *a, struct morph_option **out); /* free(*out) */

/* Largest |difference| of the two models' outputs over rows windows at input [rows, time, channels]; 0 means the same
 * bits (compared as bits, so that -0, NaN and infinities count; INFINITY where bits differ in any other way). */
bool morph_max_delta(double *out, const struct model *a, const struct model *b, const float *input, int rows,
                     struct error *err);

/* Fits a step with its presets? If not, why (reason may be NULL). What morph_list asks for every node. */
bool morph_applicable(const struct arch *a, const struct morph_step *step, char *reason, size_t size);

#endif
