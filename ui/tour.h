/* The guided tour: the real program, driven one step at a time on a synthetic market in a folder of its own, which is
 * removed afterwards. Each step says what is about to happen, presses the keys that a person would, and waits until the
 * work is done. It can be left at any step: the workbench stays, on the same data. */
#ifndef UI_TOUR_H
#define UI_TOUR_H

#include "ui/present.h"

#include <stdio.h>

/* how: where there is a terminal; NULL: every step and its screen are written to `out` as text. Returns the exit
 * status. */
int tour_run(const struct present_options *how, enum symbols symbols, FILE *out, struct error *err);

#endif
