/* What stands on a disk after a crash, in words, so that two states can be compared: found by the real readers, which may
 * recover first. root: the folder that holds chain/, receipt and me.key. */
#ifndef TESTS_CRASH_CHAIN_IN_WORDS_H
#define TESTS_CRASH_CHAIN_IN_WORDS_H

#include "base/text.h"

void see_chain(const char *root, struct text *out);
void see_receipt(const char *root, struct text *out);
void see_key(const char *root, struct text *out);

#endif
