/* The training settings that several commands take. */
#ifndef CMD_RECIPE_H
#define CMD_RECIPE_H

#include "cmd/command.h"
#include "train/recipe.h"

#define CMD_RECIPE_OPTIONS                                                                                             \
    {"epochs", "N", "at most so many epochs (30)"}, {"batch", "N", "windows a step (64)"},                             \
        {"lr", "X", "learning rate (0.001)"}, {"optimizer", "O", "adam"},                                              \
        {"patience", "N", "epochs without improvement before it stops (5)"},                                           \
    {                                                                                                                  \
        "seed", "S", "seed (1)"                                                                                        \
    }

/* --kernels exact|blas; exact where it is not given. */
bool cmd_kernels(const struct arguments *a, bool *blas, struct error *err);
bool cmd_recipe(const struct arguments *a, struct recipe *r, struct error *err);

#endif
