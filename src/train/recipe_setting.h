/* The settings of a recipe as data: the recipe's text, the options of the commands and the form of the Train screen come
 * from this table, so that a setting is one line of it and one member of struct recipe. */
#ifndef TRAIN_RECIPE_SETTING_H
#define TRAIN_RECIPE_SETTING_H

#include "train/recipe.h"

enum recipe_kind {
    RECIPE_INT,    /* int */
    RECIPE_COUNT,  /* uint32_t */
    RECIPE_SEED,   /* uint64_t */
    RECIPE_REAL,   /* float: 0 (where that is in its range) or from 2^-100 on, where nothing is lost in denormals */
    RECIPE_SWITCH, /* bool: name[0] or name[1] */
    RECIPE_NAME    /* char[16]: one of those that choice(0), choice(1), ... name up to NULL */
};

struct recipe_setting {
    const char *name;   /* its line in the text */
    const char *option; /* --option of the commands; NULL: none */
    const char *title;  /* in the form */
    const char *about;
    enum recipe_kind kind;
    size_t offset; /* in struct recipe */
    double least, most;
    bool above; /* least itself is out of range */
    bool always; /* in the text whatever its value is */
    const char *name_of[2];          /* RECIPE_SWITCH */
    const char *(*choice)(int i);    /* RECIPE_NAME */
    const char *needs, *needs_value; /* means something only where that setting is (or with '!' in front is not) this */
};

#define RECIPE_SETTINGS 24
#define RECIPE_VALUE_MAX 40
extern const struct recipe_setting recipe_settings[RECIPE_SETTINGS];

int recipe_setting_find(const char *name); /* by name or option; -1: none */
void recipe_get(const struct recipe *r, const struct recipe_setting *s, char out[RECIPE_VALUE_MAX]);
/* Reads the spelling and checks the range, not what other settings it goes with. *r is left alone on failure. */
bool recipe_set(struct recipe *r, const struct recipe_setting *s, const char *value, struct error *err);
/* Do the others allow it to be anything but its preset? */
bool recipe_applies(const struct recipe *r, const struct recipe_setting *s);
bool recipe_is_preset(const struct recipe *r, const struct recipe_setting *s); /* that of recipe_defaults */
/* All ranges, and what goes with what: recipe_check, which also names the setting to blame (wrong may be NULL). */
bool recipe_together(const struct recipe *r, int *wrong, struct error *err);
/* The values it can have, for people: "adam, adamw or sgd"; "above 0, at most 1". */
void recipe_range(const struct recipe_setting *s, char *out, size_t size);

/* A recipe for this target from what was chosen: value[RECIPE_SETTINGS] in the order of recipe_settings, NULL or "" where
 * nothing was. Whoever chooses
 * another optimizer than the preset's starts from the plain recipe. On failure *wrong is the setting that is
 * to blame; it may be NULL. */
bool recipe_choose(struct recipe *r, enum task_target target, const char *const *value, int *wrong,
                   struct error *err);

#endif
