/* Parsing the command line. Global options may stand before or behind the command. */
#ifndef CMD_ARGUMENTS_H
#define CMD_ARGUMENTS_H

#include "cmd/command.h"

struct given {
    const char *name, *value;
};

struct arguments {
    const struct command *command; /* NULL: none given */
    const struct command *prefix;  /* what stands in front of it; NULL: nothing */
    const char *operand[COMMAND_ARGS_MAX + 1];
    int operands;
    struct given given[COMMAND_ARGS_MAX];
    int given_n;
    struct control control;
};

extern const struct command_option arguments_global[];

/* tables: NULL-terminated list of command tables. */
bool arguments_parse(struct arguments *a, int n, char **argument, const struct command *const *const *tables,
                     struct error *err);

#endif
