/* Memory. Small allocations cannot fail: they abort with a message. What grows with the data (frames, weights, plans)
 * goes through memory_try and can fail with ERROR_MEMORY. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/error.h"

#include <stddef.h>

/* n zeroed items of `size` bytes; aborts when the machine refuses. n may be 0. Free with free(). */
void *memory_new(size_t n, size_t size) __attribute__((malloc));

/* Resizes to n items; new bytes are not cleared. Aborts when the machine refuses. */
void *memory_resize(void *old, size_t n, size_t size);

/* Makes room for at least `need` items in an array of *capacity, growing by half. */
void *memory_grow(void *array, size_t *capacity, size_t need, size_t size);

void *memory_copy(const void *source, size_t n) __attribute__((malloc));
char *memory_text(const char *text) __attribute__((malloc));
char *memory_format(const char *format, ...) __attribute__((malloc, format(printf, 1, 2)));

/* n zeroed items aligned to 64 bytes, or NULL and ERROR_MEMORY naming `what`. Free with free(). */
void *memory_try(size_t n, size_t size, const char *what, struct error *err) __attribute__((malloc));

#define NEW(type) ((type *)memory_new(1, sizeof(type)))
#define NEW_ARRAY(type, n) ((type *)memory_new((size_t)(n), sizeof(type)))
#define ARRAY_N(array) (sizeof(array) / sizeof((array)[0]))

#endif
