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

/* What the names of n files have in common, word by word from their beginning, without years, months and days behind
 * it: BTCUSDT-5m-2025-01.csv and BTCUSDT-5m-2025-02.csv give BTCUSDT-5m. Empty if they have nothing in common. */
void name_of_paths(const char *const *path, int n, char *out, size_t size);

/* Copies a name that a person gave, or refuses it (ERROR_USAGE); `what` names it in the message. */
bool name_take(char *out, size_t size, const char *name, const char *what, struct error *err);

#endif
