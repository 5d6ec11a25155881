/* What the files of the Graph screen share. Private to ui/screen/graph*.c. */
#ifndef UI_SCREEN_GRAPH_H
#define UI_SCREEN_GRAPH_H

#include "net/op.h"
#include "ui/cell/graph.h"
#include "ui/cell/table.h"
#include "ui/screen/at_hand.h"

/* What one node costs. The last five are measured: NaN where they are not. */
struct graph_node_cost {
    int64_t parameters, macs, plan_macs; /* as written; for the steps that the plan holds */
    size_t value, gradient, kept;        /* bytes, for the batch */
    struct op_steps held;                /* n 0: without time */
    double forward, backward;            /* seconds a step */
    double share;                        /* of both, in [0, 1] */
    double gradient_norm, weight_norm;
};

struct graph_costs {
    int nodes, batch;
    struct graph_node_cost *node; /* [nodes] */
    int64_t parameters, macs, plan_macs;
    size_t training, inference, bytes; /* of the plans; the sum over the nodes */
    /* What was measured; all of it means nothing without `measured`. */
    bool measured, trained_weights, task_data;
    int measured_batch, threads;
    int64_t at_us;
    char kernels[16];
    double step, rate, epoch, train, score; /* seconds; samples a second; NaN where there is no data to tell */
    double top_gradient;                    /* the largest norm of a value's gradient */
};

/* measured: as action_arch_show has it under "measured", with "nodes" by name; NULL: not yet. */
void graph_costs_make(struct graph_costs *c, const struct arch *a, int batch, const json_t *measured);
void graph_costs_free(struct graph_costs *c);

/* What the cost column shows. */
enum graph_kind { GRAPH_TIME, GRAPH_MACS, GRAPH_PARAMETERS, GRAPH_MEMORY, GRAPH_GRADIENT, GRAPH_KINDS };
extern const char *const graph_kind_title[GRAPH_KINDS];
extern const char *const graph_kind_name[GRAPH_KINDS]; /* in sentences */
bool graph_kind_measured(enum graph_kind kind);        /* can it be told only by measuring? */
/* As text, "" for nothing, and as the length of a bar in [0, 1]: a share of the whole; norms on a scale of powers. */
void graph_cost_text(const struct graph_costs *c, int node, enum graph_kind kind, char *out, size_t size);
double graph_cost_bar(const struct graph_costs *c, int node, enum graph_kind kind);

/* Does the gradient vanish, explode, or end at this node? NULL: no; else one of four words. */
enum graph_gradient { GRADIENT_FINE, GRADIENT_NONE, GRADIENT_VANISHES, GRADIENT_EXPLODES };
enum graph_gradient graph_gradient_of(const struct graph_costs *c, int node);

/* The graph that is drawn: the one at hand, or a suggestion with its new nodes as ghosts. */
struct graph_picture {
    const struct arch *arch; /* borrowed; NULL: none */
    struct graph_lanes *lanes;
    char *mark;              /* [nodes] */
    struct graph_costs cost;
    struct arch *before;     /* what it is compared with, and its costs; NULL: nothing */
    struct graph_costs cost_before;
    int added, changed, gone;
    char gone_names[160];
};

struct graph_screen {
    struct at_hand hand;
    struct graph_picture picture;
    struct table_state table;
    struct box drawn;
    bool diff, ghosts;
    int batch;              /* that memory is told for, and that is measured */
    int kind;               /* enum graph_kind; -1: time where it was measured, else multiply-adds */
    json_t *suggested;      /* the last result of `suggest`, whoever asked for it; NULL: none yet */
    struct arch *ghost;     /* the suggestion shown */
    const json_t *ghost_of; /* its member of `suggested` */
    struct job *job;
    json_t *measured;         /* of the architecture at hand; NULL: nothing yet */
    struct hash measured_of;
    struct job *measuring;
    struct hash measuring_of;
    double progress;
};

enum graph_kind graph_kind_now(const struct graph_screen *s);

/* graph_picture.c */
void graph_picture_make(struct graph_screen *s, struct app *app, const char *at); /* cursor on the node of that name */
void graph_picture_free(struct graph_picture *p);

/* graph_measure.c */
bool graph_measure_load(struct graph_screen *s, struct app *app); /* true: what was measured is another than before */
bool graph_measure_event(struct graph_screen *s, struct job *job, json_t *event); /* true: there is a new result */
bool graph_measure_can(void *self, struct app *app, char *why, size_t size);
void graph_measure_start(void *self, struct app *app);
void graph_measure_batch(void *self, struct app *app);
void graph_measure_kind(void *self, struct app *app);

/* graph_head.c: the rows above the table */
int graph_head_draw(const struct graph_screen *s, struct grid *g, struct box b); /* returns how many it took */

/* graph_node.c: all that is known of a node */
void graph_node_draw(const struct graph_picture *p, struct grid *g, struct box b, int node);
struct text;
void graph_node_put(struct text *out, const struct graph_picture *p, int node);
/* short_form: without what the shape tells anyway. */
void graph_node_settings(const struct arch *a, int node, bool short_form, char *out, size_t size);

/* graph_draw.c */
void graph_draw(void *self, struct app *app, struct grid *g, struct box b);
void graph_node_text(void *self, int row, char *out, size_t size); /* what / searches */

/* graph_explain.c */
char *graph_explain(void *self, struct app *app);

#endif
