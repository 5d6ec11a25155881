/* For the tests of the widgets and the app: goldens, and stand-ins for the workspace and for two screens. */
#ifndef TESTS_UNIT_UI_HELPER_H
#define TESTS_UNIT_UI_HELPER_H

#include "ui/cell/grid.h"

#include <stdbool.h>

/* Compares the grid's text with tests/golden/NAME.txt and prints where they part; MORPHSMITH_UPDATE_GOLDENS=1 writes the
 * file instead. */
bool golden_matches(const struct grid *g, const char *name);

/* True if nothing but blanks stands outside of b. */
bool nothing_outside(const struct grid *g, struct box b);

/* The stand-in of store/workspace.h: settings in memory, a folder, a version that tests turn. */
struct workspace {
    char folder[512];
    char key[64], value[64];
    unsigned version;
};

#endif
