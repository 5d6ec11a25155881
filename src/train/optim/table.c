#include "train/optim/kinds.h"

const struct optimizer_kind *const optimizer_table[] = {&optimizer_adam, &optimizer_adamw, &optimizer_sgd, NULL};
