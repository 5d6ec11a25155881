/* The proof that a block is final: precommits of more than two thirds of the power at its height.
 *
 *   u64 height, u32 round, block id 32, u32 n (1 to 64), then n times in strictly ascending order of voting key:
 *   voting key 32, signature 64 (of its precommit for this height, round and block)
 *
 * The block behind it carries it. */
#ifndef CHAIN_CERTIFICATE_H
#define CHAIN_CERTIFICATE_H

#include "chain/vote.h"

#define CERTIFICATE_MOST_BYTES (8 + 4 + 32 + 4 + ROTATION_SEATS_MAX * (32 + 64))

struct certificate {
    uint64_t height;
    uint32_t round;
    struct hash block;
    int n;
    struct {
        struct key_public voting;
        struct key_signature signature;
    } signer[ROTATION_SEATS_MAX];
};

/* Of the precommits among these votes that are for this height, round and block, each key's first; votes that are not for
 * it are passed over. False if they are not more than two thirds of the set's power. Signatures are not looked at. */
bool certificate_build(struct certificate *out, const struct rotation *set, uint64_t height, uint32_t round,
                       struct hash block, const struct vote *votes, size_t n);

void certificate_encode(const struct certificate *c, struct bytes *out);
bool certificate_decode(const void *data, size_t n, struct certificate *out, struct error *err); /* form */

uint64_t certificate_signers(size_t bytes); /* of one that is well formed and has so many bytes; 0: none */

/* Is each signer in the set of the certificate's height, and do they have more than two thirds of its power? */
bool certificate_check_power(const struct certificate *c, const struct rotation *set, struct error *err);

/* The precommit that signer i has signed. */
struct vote certificate_vote(const struct certificate *c, struct hash chain, int i);

/* Power and every signature. */
bool certificate_check(const struct certificate *c, struct hash chain, const struct rotation *set, struct error *err);

#endif
