/* Following inside the workbench: a job that reads the others' folders, votes and appends while the other screens are used.
 * What it has told is kept, newest last. Private to ui/screen/chain*.c. */
#ifndef UI_SCREEN_CHAIN_FOLLOW_H
#define UI_SCREEN_CHAIN_FOLLOW_H

#include "ui/screen/chain_state.h"

/* The job's event, or its end; false if it is not of the job that follows. */
bool chain_follow_event(struct chain_screen *s, struct app *app, struct job *job, const json_t *event);
void chain_follow_toggle(void *self, struct app *app); /* a form, or stops the one that runs */
/* The form's command was `chain follow`: asks for what the keys need, and starts it. */
void chain_follow_start(struct chain_screen *s, struct app *app, const char *const *arguments);
int chain_follow_rows(const struct chain_screen *s); /* that it wants where rows are few */
void chain_draw_follow(const struct chain_screen *s, struct grid *g, struct box b);
/* One line for the head: "following for 12 min, height 14, 3 votes"; false: it does not run. */
bool chain_follow_say(const struct chain_screen *s, char *out, size_t size);

#endif
