/* The chain's fixed-size values in canonical bytes: hashes, addresses, public keys, signatures. Each is its raw bytes
 * without a length. Getters leave zeros behind when the reader has failed. */
#ifndef CHAIN_CODEC_H
#define CHAIN_CODEC_H

#include "base/bytes.h"
#include "chain/key.h"

void codec_put_hash(struct bytes *b, struct hash h);
void codec_put_address(struct bytes *b, struct address a);
void codec_put_public(struct bytes *b, const struct key_public *k);
void codec_put_signature(struct bytes *b, const struct key_signature *s);

struct hash codec_get_hash(struct bytes_reader *r);
struct address codec_get_address(struct bytes_reader *r);
struct key_public codec_get_public(struct bytes_reader *r);
struct key_signature codec_get_signature(struct bytes_reader *r);

/* A u32 of at most `most`; a larger one fails the reader and gives 0. */
uint32_t codec_get_bounded(struct bytes_reader *r, uint32_t most);

/* A u8 that must be 0 or 1. */
bool codec_get_bool(struct bytes_reader *r);

/* A length-prefixed text that must be UTF-8. */
void codec_get_utf8(struct bytes_reader *r, char *out, size_t size);

/* A length-prefixed text of printable ASCII without blanks. */
void codec_get_word(struct bytes_reader *r, char *out, size_t size);

#endif
