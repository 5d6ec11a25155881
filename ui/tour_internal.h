/* What the tours are made of. Private to ui/tour*.c. */
#ifndef UI_TOUR_INTERNAL_H
#define UI_TOUR_INTERNAL_H

#include "store/workspace.h"

#include <stddef.h>
#include <sys/types.h>

#define TOUR_LOG "scenario.log"

struct tour_step {
    const char *chapter;     /* that begins here; NULL: it goes on */
    const char *title, *say; /* before the keys */
    /* Pressed when the reader goes on; "" for none. "@word" types the word that the dialog asks for, "@pass" the passphrase if
     * it is asked for, "@do:NAME" does a step of the plan's own beside the workbench and waits for its end, "@log" shows what
     * that has written to TOUR_LOG in the folder. */
    const char *keys;
};

struct tour_plan {
    const char *name, *about;
    const struct tour_step *step;
    size_t steps;
    const char *screen; /* shown first */
    struct workspace *(*prepare)(const char *folder, struct error *err);
    pid_t (*begin)(const char *folder, const char *name, struct error *err); /* a "@do:"; may be NULL */
    void (*end)(const char *folder);                                         /* before the folder goes; may be NULL */
};
extern const struct tour_plan tour_one, tour_many;

/* A file of samples/ or, of what is installed beside the program, libexec: in the build's folder, in the sources, or where it was
 * installed. */
bool tour_find(const char *name, char *out, size_t size);

#endif
