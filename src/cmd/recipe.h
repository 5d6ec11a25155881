/* The training settings that several commands take. */
#ifndef CMD_RECIPE_H
#define CMD_RECIPE_H

#include "cmd/command.h"
#include "search/search.h"
#include "train/recipe.h"

/* clang-format off */
#define CMD_RECIPE_OPTIONS \
    {"epochs", "N", "at most so many epochs (15)"}, \
    {"batch", "N", "windows a step (64)"}, \
    {"lr", "X", "learning rate (0.006)"}, \
    {"optimizer", "O", "adamw, or adam or sgd: at a constant rate of 0.001 over 30 epochs (adamw)"}, \
    {"momentum", "X", "of sgd (0)"}, \
    {"nesterov", "B", "yes: sgd looks ahead along its momentum (no)"}, \
    {"weight-decay", "X", "draws weights to 0 (adamw: 0.5; adam and sgd, as L2: 0)"}, \
    {"schedule", "S", "of the rate: constant, cosine, linear, step, onecycle (onecycle)"}, \
    {"warmup", "N", "steps over which the rate rises first (0)"}, \
    {"step-size", "N", "schedule step: epochs between two falls (10)"}, \
    {"gamma", "X", "schedule step: the factor of a fall (0.1)"}, \
    {"min-lr", "X", "where a schedule ends (0)"}, \
    {"clip", "X", "most length of the whole gradient (0: any)"}, \
    {"label-smoothing", "X", "directions, classes: share of a target that is spread (0)"}, \
    {"class-weight", "W", "directions, classes: none, or balanced: all weigh the same (none)"}, \
    {"loss", "L", "auto, or huber for returns (auto)"}, \
    {"huber-delta", "X", "standard deviations from which an error counts in a line (1)"}, \
    {"patience", "N", "epochs without improvement before it stops (8)"}, \
    {"min-delta", "X", "by how much a loss must fall to be better (0)"}, \
    {"head", "H", "the last layer's start: fresh or zero (zero)"}, \
    {"keep-start", "B", "yes: early stopping may go back to the start (yes for returns)"}, \
    {"seed", "S", "seed (1)"}
/* clang-format on */

/* w: whose task in force the recipe is for; what is not given follows its target. */
bool cmd_recipe(struct workspace *w, const struct arguments *a, struct recipe *r, struct error *err);
/* --acquire: ei where it is not given. */
bool cmd_acquire(const struct arguments *a, enum search_acquire *out, struct error *err);
/* --kernels exact|blas alone; exact where it is not given. */
bool cmd_kernels(const struct arguments *a, bool *blas, struct error *err);

#endif
