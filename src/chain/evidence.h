/* Proofs of double signatures that were met, kept until a block punishes them: evidence/ID, the two votes (a < b as bytes),
 * named by the hash of both. At most EVIDENCE_MOST: one of each key and height is enough. */
#ifndef CHAIN_EVIDENCE_H
#define CHAIN_EVIDENCE_H

#include "base/file.h"
#include "chain/vote.h"

#define EVIDENCE_MOST 256

/* *added: it is new, and lies in `file`. */
bool evidence_keep(const char *folder, const struct vote *a, const struct vote *b, char file[FILE_PATH_MAX], bool *added,
                   struct error *err);

struct evidence_proof {
    struct hash id; /* its name */
    struct vote a, b;
};
/* All that are kept and good: signatures and conflict are checked. Free *out. -1 on error. */
int evidence_list(const char *folder, struct evidence_proof **out, struct error *err);
bool evidence_remove(const char *folder, struct hash id, struct error *err);

#endif
