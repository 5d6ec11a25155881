/* Names of columns as words: "UnixTimeStamp", "hash_rate" and "CapMVRVCur" are split at punctuation, capitals and
 * digits, so that "sentiment" does not speak of time. */
#ifndef DATA_NAME_H
#define DATA_NAME_H

#include <stdbool.h>
#include <stddef.h>

bool name_has(const char *name, const char *word); /* word: lower-case letters and digits */
bool name_has_any(const char *name, const char *const *word, size_t n);

#endif
