/* Guided tours: the real program, driven one step at a time in a folder of its own, which is removed afterwards. Each step says
 * what is about to happen, presses the keys that a person would, and waits until the work is done. It can be left at any
 * step: the workbench stays, on the same data. */
#ifndef UI_TOUR_H
#define UI_TOUR_H

#include "ui/present.h"

#include <stdint.h>
#include <stdio.h>

struct tour_options {
    const char *name;                  /* "one", "many" */
    int64_t chapter;                   /* from 1: those before it are played without waiting */
    const struct present_options *how; /* where there is a terminal; NULL: every step and its screen are written as text */
    enum symbols symbols;
};

/* Returns the exit status. */
int tour_run(const struct tour_options *o, FILE *out, struct error *err);
void tour_list(FILE *out); /* the tours and their chapters */

#endif
