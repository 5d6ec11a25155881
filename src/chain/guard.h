/* The guard beside a voting key: what it signed last on a chain, so that it never signs two different things in one
 * place, whatever crashes. One file for each key and chain, KEYS/NAME.guard/CHAINID (64 hexadecimal digits), mode
 * 0600:
 *
 *   "MSGUARD1", chain id 32, voting key 32, u64 height, u32 round, u8 step, 177 the vote signed there (zeros: none),
 *   u32 locked round + 1, 32 locked block, u32 valid round + 1, 32 valid block, u64 hold height,
 *   BLAKE2b-256 of all before
 *
 * Height, round and step are those of the vote (zeros without one); a mark of round 0 has zeros for a block, any
 * other one a block. Nothing at or below the hold height is signed.
 *
 * Order: the new file is written, synced, renamed over the old one and the folder synced BEFORE a signature leaves
 * guard_sign. So after a crash the guard knows at least what anyone has seen. If the same bytes are asked for again,
 * the same signature is given; other bytes in the same place, or an earlier place (height, round, step), are refused.
 *
 * KEYS/NAME.guard/born ("morphsmith-born 1", then the public key in hexadecimal) names the key that was made here
 * (`key new`), or of which its owner said so (`key never-voted`): it has signed nowhere else, and its first
 * guard file is empty. A key that came from elsewhere (import, copy) has none, or one that names another key: its first guard file has hold height tip + 1, so that it votes only
 * behind the next certificate. Pull before opening the guard, so that the tip is the present one. That an old file of
 * this folder was brought back (a backup, a copied disk) is found by guard_meet alone.
 *
 * A guard that is open holds a lock (CHAINID.lock): one process at a time votes with a key on a chain. */
#ifndef CHAIN_GUARD_H
#define CHAIN_GUARD_H

#include "chain/consensus.h"

#define GUARD_BYTES (8 + 32 + 32 + 8 + 4 + 1 + VOTE_BYTES + 2 * (4 + 32) + 8 + 32)

/* --- pure: the content of the file -------------------------------------------------------------------------------- */

struct guard_state {
    struct hash chain;
    struct key_public voting;
    bool any;         /* signed holds a vote; all places up to its own are taken */
    struct vote last;
    struct consensus_mark locked, valid; /* of the height of `last` */
    uint64_t hold;    /* hold height */
};

void guard_encode(const struct guard_state *s, struct bytes *out);
bool guard_decode(const void *data, size_t n, struct guard_state *out, struct error *err);

enum guard_answer { GUARD_NEW, GUARD_AGAIN, GUARD_NO };

/* May v (voting key and signature are not looked at) be signed? AGAIN: it was, s->last has the signature. NO: err
 * says why. */
enum guard_answer guard_ask(const struct guard_state *s, const struct vote *v, struct error *err);

/* What the file must hold before v, signed, leaves: v, and the record's marks. */
void guard_note(struct guard_state *s, const struct vote *v, const struct consensus_record *record);

/* A vote of the same key and chain that the guard cannot have signed, as far as it remembers. */
bool guard_contradicts(const struct guard_state *s, const struct vote *seen);

/* --- the file --------------------------------------------------------------------------------------------------- */

struct guard; /* opaque */

/* The folder of NAME in the folder of keys. */
void guard_folder(const char *keys, const char *name, char *out, size_t size);

/* Behind the key's file: this key was made here, or has at least voted nowhere else. Its guard files that have not signed
 * yet, and only wait, are removed; those that have signed stay as they are. ERROR_FAILED if one is in use. */
bool guard_born(const char *folder, const struct key_public *voting, struct error *err);

/* Before the file of a key that comes from elsewhere is there: that a key was made here under this name says nothing any
 * more, not even if it is the same one. */
bool guard_came(const char *folder, struct error *err);

/* Makes folder and file if there are none; tip: height of the newest final block. ERROR_FAILED if another process has
 * it, and keeps it for some seconds: one that was told to stop is still ending, perhaps. */
struct guard *guard_open(const char *folder, const struct key_public *voting, struct hash chain, uint64_t tip,
                         struct error *err);
void guard_close(struct guard *g);

const struct guard_state *guard_look(const struct guard *g); /* borrowed */

/* May it vote at this height at all (it is above the hold height)? If not: watch that height. */
bool guard_votes(const struct guard *g, uint64_t height);

/* For consensus_config.record: zeros if nothing was signed at this height. */
void guard_record(const struct guard *g, uint64_t height, struct consensus_record *out);

/* Signs v (chain, step, height, round, valid, block are the caller's; voting key and signature are filled in). False:
 * refused (ERROR_CHAIN, nothing was signed), or the disk failed (ERROR_IO: then every further call is refused, too). */
bool guard_sign(struct guard *g, const struct key *voting, struct vote *v, const struct consensus_record *record,
                struct error *err);

/* A vote of this key (signature checked) that came from elsewhere. If it is above the guard's place, or another one
 * in the same place, somebody else signs with this key or the guard's file is an old one: then the guard holds until
 * that height is decided, and *stale is true. */
bool guard_meet(struct guard *g, const struct vote *seen, bool *stale, struct error *err);

#endif
