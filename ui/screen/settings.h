/* The settings that trainings are begun with, as they were chosen on the Train screen: kept in the workspace, and used by
 * whatever begins a training, a scoring or a search. */
#ifndef UI_SCREEN_SETTINGS_H
#define UI_SCREEN_SETTINGS_H

#include "store/workspace.h"
#include "train/recipe_setting.h"

struct settings {
    char chosen[RECIPE_SETTINGS][RECIPE_VALUE_MAX]; /* by the table of settings; "": by itself */
};

/* What is kept, without what is damaged or means nothing on this target; *r is the recipe that it gives. */
void settings_load(struct settings *s, struct recipe *r, struct workspace *w, enum task_target target);
void settings_keep(const struct settings *s, struct workspace *w);
bool settings_choose(const struct settings *s, struct recipe *r, enum task_target target, int *wrong, struct error *err);
/* Lets what means nothing be by itself until a recipe comes of it. Returns the last such setting, or -1. */
int settings_settle(struct settings *s, struct recipe *r, enum task_target target);

enum { SETTINGS_ARGUMENTS = 2 * RECIPE_SETTINGS + 64 };
/* Arguments of a command; the options borrow from the settings. */
struct settings_arguments {
    char flag[RECIPE_SETTINGS][32];
    const char *argument[SETTINGS_ARGUMENTS]; /* NULL-terminated */
    int n;
};
/* Puts what was chosen behind the n arguments that stand there. exact: not the choice of kernels, which only a single
 * training has. */
void settings_put(struct settings_arguments *a, const struct settings *s, bool exact);

#endif
