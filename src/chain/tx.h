/* Transactions. A kind is one file in chain/tx/ that fills one struct tx_kind, and one line in its table.
 *
 * Canonical bytes of a transaction (all integers little-endian, see base/bytes.h):
 *   u16 kind, chain id 32, sender public key 32, u64 nonce, u64 fee, body (per kind), signature 64
 * The signature covers everything before it under the domain "morphsmith tx". The transaction's hash is BLAKE2b-256 of
 * all its bytes. decode(encode(x)) = x and every other spelling is refused.
 *
 * Amounts are u64 token units, the whole supply at most 2^42. Encoding ASSERTs that counts fit their arrays; all other
 * values are checked by decoding (form) and by the state (rules). */
#ifndef CHAIN_TX_H
#define CHAIN_TX_H

#include "base/text.h"
#include "chain/key.h"

#define TX_FOLDS_MAX 32
#define TX_REASON_MAX 512
#define TX_REVIEWERS_MAX 32
#define TX_BODY_MAX (1u << 20)

enum tx_type { TX_TRANSFER = 1, TX_STAKE, TX_UNSTAKE, TX_TASK, TX_PROPOSE, TX_APPROVE, TX_REJECT };

struct tx_transfer {
    struct address to;
    uint64_t amount;
};
struct tx_stake { /* also unstake */
    uint64_t amount;
};
struct tx_task {
    struct hash dataset;      /* struct dataset's hash */
    struct hash text;         /* objects/: the task's canonical text */
    struct hash recipe;       /* objects/: the training recipe's canonical text (settings and seed) */
    char numeric[16];         /* numeric version */
    int folds;
    uint64_t pool;            /* escrowed reward */
    uint32_t min_improvement_ppm, full_pay_ppm;
    struct address reviewer[TX_REVIEWERS_MAX];
    int reviewers, approvals; /* how many must approve; reviewers 0: the owner alone (chains with one validator only) */
};
struct tx_propose {
    struct hash task;         /* hash of the task transaction */
    struct hash arch;         /* objects/: canonical architecture text */
    uint64_t stake;
    int folds;
    uint32_t correct[TX_FOLDS_MAX], total[TX_FOLDS_MAX]; /* out-of-fold predictions with the right direction */
    struct hash trace_root;   /* Merkle root over the folds' training traces */
    struct hash weights;      /* BLAKE2b over the folds' weights hashes */
    struct hash evidence;     /* objects/: everything shown to a reviewer, as text */
};
struct tx_decide { /* approve, reject */
    struct hash proposal, evidence;
    struct hash rerun_root;   /* the reviewer's own re-run's trace root; zero: not re-run */
    char reason[TX_REASON_MAX];
};

struct tx {
    enum tx_type type;
    struct hash chain;
    struct key_public sender;
    uint64_t nonce, fee;
    union {
        struct tx_transfer transfer;
        struct tx_stake stake;
        struct tx_task task;
        struct tx_propose propose;
        struct tx_decide decide;
    };
    struct key_signature signature;
};

struct state;
struct tx_kind {
    enum tx_type type;
    const char *name;  /* "stake" */
    const char *about;
    void (*encode)(const struct tx *tx, struct bytes *out); /* body only */
    void (*decode)(struct bytes_reader *r, struct tx *tx);  /* body only; sets r->failed on bad values */
    /* Checks all, then changes all. The fee is left in the balance until it has succeeded. */
    bool (*apply)(struct state *s, const struct tx *tx, struct hash hash, struct error *err);
    void (*describe)(const struct tx *tx, struct text *out); /* lines "field  value", for signing and the screens */
};
extern const struct tx_kind *const tx_table[]; /* NULL-terminated */
const struct tx_kind *tx_kind_of(enum tx_type type);

void tx_encode(const struct tx *tx, struct bytes *out);
bool tx_decode(const void *data, size_t n, struct tx *out, struct error *err);
void tx_sign(struct tx *tx, const struct key *key); /* fills sender and signature */
bool tx_check_signature(const struct tx *tx, struct error *err);
struct hash tx_hash(const struct tx *tx);

/* As tx_decode, for bytes without a signature: what `chain prepare` hands to a machine that only signs. */
bool tx_decode_unsigned(const void *data, size_t n, struct tx *out, struct error *err);

/* As tx_check_signature, over the bytes that tx was decoded from: spares encoding it again. */
bool tx_check_signature_bytes(const void *data, size_t n, const struct tx *tx, struct error *err);

/* Bodies alone: the state's entries hold them in the same bytes. */
void tx_task_encode(const struct tx_task *t, struct bytes *out);
void tx_propose_encode(const struct tx_propose *p, struct bytes *out);

/* What is being signed, decoded from the very bytes to be signed (no signature behind), control characters escaped; and the word a person
 * types to confirm, derived from those bytes. */
bool tx_show(const void *bytes_to_sign, size_t n, struct text *out, struct error *err);
void tx_signing_bytes(const struct tx *tx, struct bytes *out);
void tx_confirm_word(const void *bytes_to_sign, size_t n, char *out, size_t size);

#endif
