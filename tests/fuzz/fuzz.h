/* What a fuzz target is: one function over bytes and the name of its corpus folder. libFuzzer brings its own main
 * (clang -fsanitize=fuzzer); replay.c brings one that runs the corpus, for make check. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

extern const char fuzz_corpus[];
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
