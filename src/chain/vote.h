/* Votes on a chain for many: a proposal of a block, a prevote, a precommit. Exactly VOTE_BYTES, all integers
 * little-endian:
 *
 *   chain id 32, u8 step, u64 height, u32 round, u32 valid, block id 32, voting key 32, signature 64
 *
 * The signature covers everything before it under the domain "morphsmith vote". Block id zeros: for no block (nil); a
 * proposal is always for one. valid: of a proposal, the round in which two thirds have prevoted this block, plus 1; 0: it
 * is new. Of the other steps 0. Height is at least 1, round at most ROTATION_ROUND_MOST. */
#ifndef CHAIN_VOTE_H
#define CHAIN_VOTE_H

#include "chain/rotation.h"

#define VOTE_BYTES 177

enum vote_step { VOTE_PROPOSAL, VOTE_PREVOTE, VOTE_PRECOMMIT };
const char *vote_step_name(enum vote_step s);

struct vote {
    struct hash chain;
    enum vote_step step;
    uint64_t height;
    uint32_t round, valid;
    struct hash block; /* zeros: nil */
    struct key_public voting;
    struct key_signature signature;
};

void vote_encode(const struct vote *v, struct bytes *out);
bool vote_decode(const void *data, size_t n, struct vote *out, struct error *err); /* form; not the signature */
void vote_sign(struct vote *v, const struct key *voting);                          /* fills voting and signature */
bool vote_check(const struct vote *v, struct error *err);                          /* the signature */
struct hash vote_hash(const struct vote *v);                                       /* of all its bytes: its file's name */

/* Do these two convict their key: same chain, key, step, height and round, but not the same content? Signatures are not
 * looked at. */
bool vote_conflict(const struct vote *a, const struct vote *b);

#endif
