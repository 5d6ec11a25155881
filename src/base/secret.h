/* Memory for secrets: passphrases, seeds, secret keys. Pages of their own between guard pages, locked against swapping,
 * wiped when freed (libsodium's sodium_malloc). The first one of a process turns its core dumps off and hides its memory
 * from other processes of the same user (RLIMIT_CORE, PR_SET_DUMPABLE).
 *
 * Where the system locks no more memory (ulimit -l), a secret is still given, since refusing would help nobody to sign:
 * secret_unlocked() then says so, and the log does once. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/error.h"

#include <stddef.h>

/* n bytes of zeros; NULL and ERROR_MEMORY where there is none. */
void *secret_new(size_t n, struct error *err);
void secret_free(void *secret); /* wipes; NULL is fine */

/* A text with its NUL. */
char *secret_text(const char *text, struct error *err);

/* Was one of those that this process made not locked? */
bool secret_unlocked(void);

#endif
