/* The commands that draw: the workbench itself, `view` and `demo`. The first entry runs when no command is given. */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include "cmd/command.h"

extern const struct command *const ui_command_table[]; /* NULL-terminated */

#endif
