/* Shows the app in a terminal; the only module that uses curses. It reads keys, waits (without using the processor at
 * rest), draws changed frames, and gives the terminal back as it was, however the program ends. */
#ifndef UI_PRESENT_H
#define UI_PRESENT_H

#include "base/error.h"
#include "ui/cell/grid.h"

struct app;

struct present_options {
    bool no_color; /* also by NO_COLOR */
    bool ascii;    /* also by itself where the locale is not UTF-8; blocks on the Linux console */
    bool no_mouse;
    const char *theme; /* "dark", "light", "mono"; NULL: guessed */
};

/* Runs until the app has ended, the input ends or a signal asks. Returns the exit status: 0, or 128 + the signal's
 * number; -1 with err if the terminal cannot be used. While it runs, descriptors 1 and 2 lead to the log. */
int present_run(struct app *app, const struct present_options *options, struct error *err);

#endif
