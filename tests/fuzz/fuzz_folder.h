/* A temporary folder for targets whose input must be a file. It stays until the process ends, which removes it. */
#ifndef TESTS_FUZZ_FOLDER_H
#define TESTS_FUZZ_FOLDER_H

#include "fuzz.h"

#include "base/file.h"

const char *fuzz_folder(void); /* FOLDER, with FOLDER/pool in it */
void fuzz_put(const char *name, const uint8_t *data, size_t n, char path[FILE_PATH_MAX]);

#endif
