/* The form of a file in pool/, whatever it holds:
 *
 *   "MSCP", u8 version 2, u8 type, u16 0, u64 order, then the message as a blob
 *
 * Types: 1 a transaction (named by its id; order: its place in this folder's pool), 2 a vote, 3 a proposal of a block: its
 * vote and the block's payload, each as a blob, 4 the certificate of a block. 2 to 4 have order 0; 2 and 3 are named by
 * the hash of the vote's bytes, 4 by that of the certificate's. */
#ifndef CHAIN_POOL_FILE_H
#define CHAIN_POOL_FILE_H

#include "chain/block.h"

enum pool_type { POOL_TRANSACTION = 1, POOL_VOTE, POOL_PROPOSAL, POOL_CERTIFICATE };

#define POOL_FILE_HEADER (4 + 1 + 1 + 2 + 8 + 4)
#define POOL_FILE_MOST ((size_t)FRAME_MOST_PAYLOAD + 4096)

void pool_file_encode(struct bytes *out, enum pool_type type, uint64_t order, const void *data, size_t n);

/* Form, and that the message is not longer than its type allows; *data borrows from `file`. */
bool pool_file_decode(const void *file, size_t file_n, int *type, uint64_t *order, const uint8_t **data, size_t *n,
                      struct error *err);

/* folder/pool/ID */
void pool_file_path(char *out, size_t size, const char *folder, struct hash id);

#endif
