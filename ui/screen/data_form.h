/* The form of a task: one row a field, its value as it would be typed behind the option of `task set`, and what that
 * task would be: samples, folds, leaks. Nothing is set before the form is. */
#ifndef UI_SCREEN_DATA_FORM_H
#define UI_SCREEN_DATA_FORM_H

#include "ui/cell/table.h"

#include <jansson.h>
#include <stdbool.h>

struct job;

#define DATA_FIELD_MAX 512

enum data_field {
    DATA_FIELD_ASSET,
    DATA_FIELD_PRICE,
    DATA_FIELD_TARGET,
    DATA_FIELD_HORIZON,
    DATA_FIELD_LOOKBACK,
    DATA_FIELD_FEATURES,
    DATA_FIELD_COLUMNS,
    DATA_FIELD_MISSING,
    DATA_FIELD_FOLDS,
    DATA_FIELD_EMBARGO,
    DATA_FIELD_STRIDE,
    DATA_FIELD_HOLDOUT,
    DATA_FIELD_SEED,
    DATA_FIELD_OPEN,   /* "yes": a flag */
    DATA_FIELD_ACCEPT, /* several, one a line of the value */
    DATA_FIELDS
};

struct data_form {
    char value[DATA_FIELDS][DATA_FIELD_MAX]; /* "": the default */
    struct table_state list;
    struct box drawn;
    json_t *info; /* what the task would be; NULL: not known, or refused */
    char refusal[1024];
    struct job *job; /* finds that out */
    bool stale;      /* the one that runs was asked something else */
    char job_refusal[1024];
    int top, most;
};

#endif
