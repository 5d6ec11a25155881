/* Seeds of the fuzz targets that concern chains for many: acts of the rules, votes, certificates, messages, guards. */
#ifndef TESTS_FUZZ_MAKE_MANY_CORPUS_H
#define TESTS_FUZZ_MAKE_MANY_CORPUS_H

#include <stddef.h>

typedef void make_put(const char *corpus, const char *name, const void *data, size_t n);
void make_many_corpus(make_put *put);

#endif
