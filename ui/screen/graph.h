/* What the files of the Graph screen share. Private to ui/screen/graph*.c. */
#ifndef UI_SCREEN_GRAPH_H
#define UI_SCREEN_GRAPH_H

#include "ui/cell/graph.h"
#include "ui/cell/table.h"
#include "ui/screen/at_hand.h"

/* The graph that is drawn: the one at hand, or a suggestion with its new nodes as ghosts. */
struct graph_picture {
    const struct arch *arch; /* borrowed; NULL: none */
    struct graph_lanes *lanes;
    char *mark;               /* [nodes] */
    struct at_hand_cost *cost; /* [nodes] */
    int64_t parameters, macs;
    int added, changed, gone;
    char gone_names[160];
    size_t plan_bytes;
};

struct graph_screen {
    struct at_hand hand;
    struct graph_picture picture;
    struct table_state table;
    struct box drawn;
    bool diff, ghosts;
    json_t *suggested;      /* the last result of `suggest`, whoever asked for it; NULL: none yet */
    struct arch *ghost;     /* the suggestion shown */
    const json_t *ghost_of; /* its member of `suggested` */
    struct job *job;
};

#define GRAPH_BATCH 64 /* the batch that the plan's memory is told for */

/* graph_picture.c */
void graph_picture_make(struct graph_screen *s, struct app *app, const char *at); /* cursor on the node of that name */
void graph_picture_free(struct graph_picture *p);

/* graph_draw.c */
void graph_draw(void *self, struct app *app, struct grid *g, struct box b);
void graph_node_text(void *self, int row, char *out, size_t size); /* what / searches */
struct text;
void graph_put_node(struct text *out, const struct graph_picture *p, int node); /* all that is known of it */

/* graph_explain.c */
char *graph_explain(void *self, struct app *app);

#endif
