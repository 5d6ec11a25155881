/* The architecture at hand, which the Graph and Morph screens share with the others: the one that was selected last
 * (action_select), or the newest there is. Under --read-only a choice lasts as long as the program. */
#ifndef UI_SCREEN_AT_HAND_H
#define UI_SCREEN_AT_HAND_H

#include "action/action.h"
#include "store/arches.h"
#include "ui/app.h"

struct at_hand {
    struct arch *arch; /* NULL: there is none */
    struct arch_row row;
    char id[HASH_HEX];
    char chosen[HASH_HEX]; /* under --read-only */
    bool task;             /* is one set? without it no architecture can be made */
};

struct at_hand_cost {
    int64_t parameters, macs;
};

/* Loads it; true if it is another one than before. */
bool at_hand_load(struct at_hand *h, struct app *app);
void at_hand_free(struct at_hand *h);

/* A list to choose from; `done` gets a text for at_hand_take, which makes it the one at hand. */
void at_hand_ask(struct app *app, const struct at_hand *h, app_answer *done, void *self);
bool at_hand_take(struct at_hand *h, struct app *app, const char *text);
bool at_hand_exists(struct app *app); /* is there any to choose? */

/* A new one from a template; done as above, with the template's name, for at_hand_create. */
void at_hand_ask_template(struct app *app, app_answer *done, void *self);
bool at_hand_create(struct app *app, const char *template_name);

struct at_hand_cost at_hand_cost(const struct arch *a, int node);
void at_hand_shape(const struct arch *a, int node, char *out, size_t size); /* "[32, 24]" */

/* A page that says how to get one. */
void at_hand_draw_none(const struct at_hand *h, struct grid *g, struct box b);

#endif
