/* Signals while the terminal is ours. Handlers write their number into a pipe that the loop polls; those of fatal
 * signals give the terminal back by async-signal-safe calls only, then let the default action run. */
#ifndef UI_PRESENT_SIGNAL_H
#define UI_PRESENT_SIGNAL_H

#include "base/error.h"

#include <stddef.h>

/* Call when the terminal is set up: restore is what to write to `terminal` to leave it well (copied), and the
 * terminal's modes are those that it had before (struct termios). */
struct termios;
bool present_signal_start(int terminal, const char *restore, const struct termios *modes, struct error *err);
void present_signal_stop(void);
int present_signal_descriptor(void); /* readable when a signal came */
int present_signal_next(void);       /* its number, or 0 */
void present_signal_suspend(void);   /* stops the process group as Ctrl-Z does; returns when continued */

#endif
