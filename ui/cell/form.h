/* One line of text being edited: cursor, selection-free, UTF-8, optionally hidden (passphrases: nothing but its length
 * class is ever drawn, and the memory is wiped by form_clear). */
#ifndef UI_CELL_FORM_H
#define UI_CELL_FORM_H

#include "ui/cell/grid.h"

#define FORM_MAX 1024

struct form_line {
    char text[FORM_MAX];
    size_t n, at; /* bytes */
    bool secret;
    bool preset; /* untouched since form_set: the first character typed takes the place of all of it */
};

void form_clear(struct form_line *f);
void form_set(struct form_line *f, const char *text); /* the cursor at the end; a key that moves or deletes keeps the rest */
/* Edits by a key (a code point, or one of ui/input's KEY_ codes given as INPUT_*); true if it was used. */
bool form_key(struct form_line *f, int key);
void form_draw(struct grid *g, struct box b, int x, int y, int columns, const struct form_line *f, bool focused);

#endif
