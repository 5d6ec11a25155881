/* Names that people and files give. A name stands in task texts, tables and messages, so it has no blanks, commas,
 * equals signs, control characters or malformed bytes. */
#ifndef ACTION_NAME_H
#define ACTION_NAME_H

#include "base/error.h"

#include <stddef.h>

/* The file's name without folder and ending; what a name must not hold becomes `_`. Cut, between characters, to size -
 * 1 bytes. */
void name_of_path(const char *path, char *out, size_t size);

/* The same of any text, whole. */
void name_of_text(const char *text, char *out, size_t size);

/* Copies a name that a person gave, or refuses it (ERROR_USAGE); `what` names it in the message. */
bool name_take(char *out, size_t size, const char *name, const char *what, struct error *err);

#endif
