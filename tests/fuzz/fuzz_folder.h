/* A folder in memory, for targets whose input must be a file: libc's functions for files, where they are given a path
 * in FUZZ_FOLDER, work on it; all others on the true disk. The programs are linked with FUZZ_FOLDER_WRAP (chain.mk).
 * Making and reading a true file costs more than all else that is done with most such inputs.
 *
 * It knows files, folders and pipes; no links, owners, modes or faults. One thread. Times are counted, so that no two
 * states of a file have the same. Whoever opens a pipe in a way that would wait has lost. */
#ifndef TESTS_FUZZ_FOLDER_H
#define TESTS_FUZZ_FOLDER_H

#include "fuzz.h"

#include "base/file.h"

#define FUZZ_FOLDER "/fuzz-memory"

const char *fuzz_folder(void); /* FUZZ_FOLDER, with pool and objects in it, and what was put there */

/* FOLDER/NAME with these bytes: one file, which gets another name or content each time. */
void fuzz_put(const char *name, const uint8_t *data, size_t n);

/* For targets that need more: everything is removed; and what is put there by its whole path, in place of what was.
 * False: there is no room, or its folder is missing. */
void fuzz_folder_clear(void);
bool fuzz_folder_file(const char *path, const void *data, size_t n);
bool fuzz_folder_make(const char *path);
bool fuzz_folder_pipe(const char *path);

#endif
