/* Whole numbers of tokens and of parts per million on the command line. */
#ifndef CMD_AMOUNT_H
#define CMD_AMOUNT_H

#include "cmd/command.h"

/* Of an operand or a value that must be there. */
bool cmd_amount(const char *text, uint64_t *out, struct error *err);
/* Of an option; left alone where it is not given. */
bool cmd_amount_option(const struct arguments *a, const char *name, uint64_t *out, struct error *err);
bool cmd_ppm_option(const struct arguments *a, const char *name, uint32_t least, uint32_t *out, struct error *err);

#endif
