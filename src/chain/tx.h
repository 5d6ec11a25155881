/* Transactions. A kind is one file in chain/tx/ that fills one struct tx_kind, and one line in its table.
 *
 * Canonical bytes of a transaction (all integers little-endian, see base/bytes.h):
 *   u16 kind, chain id 32, sender public key 32, u64 nonce, u64 fee, body (per kind), signature 64
 * The signature covers everything before it under the domain "morphsmith tx". The transaction's id is BLAKE2b-256 of
 * everything before the signature, so that it can be named before it is signed. decode(encode(x)) = x and every other
 * spelling is refused.
 *
 * Amounts are u64 token units, the whole supply at most 2^42. Encoding ASSERTs that counts fit their arrays; all other
 * values are checked by decoding (form) and by the state (rules). */
#ifndef CHAIN_TX_H
#define CHAIN_TX_H

#include "base/text.h"
#include "chain/tx_market.h"
#include "chain/vote.h"

#define TX_FOLDS_MAX 32
#define TX_REASON_MAX 512
#define TX_REVIEWERS_MAX 32
#define TX_BODY_MAX (1u << 20)
#define TX_LEAST_BYTES (2 + 32 + 32 + 8 + 8 + 64) /* one without a body */
#define TX_PPM 1000000u

enum tx_type {
    TX_TRANSFER = 1,
    TX_STAKE,
    TX_UNSTAKE,
    TX_TASK,
    TX_ANNOUNCE,
    TX_PROPOSE,
    TX_COMMIT,
    TX_REVEAL,
    TX_OPEN,
    TX_APPROVE,
    TX_REJECT,
    TX_HOLDOUT,
    TX_REGISTER, /* 13: from here on what several people need; on a closed chain most of it is refused */
    TX_RETIRE,
    TX_EVIDENCE,
    TX_CHALLENGE, /* 16 */
    TX_RESPOND,
    TX_VERDICT,
    TX_LIST, /* 19 */
    TX_BUY,
    TX_DELIVER,
    TX_REFUND,
    TX_JOB, /* 23 */
    TX_TAKE,
    TX_RESULT,
    TX_SEAL, /* 26 */
    TX_REVEAL_SEAL,
    TX_OUTCOME
};

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
    uint32_t baseline_ppm;    /* what the first accepted one has to beat: the share of the more frequent answer */
    struct address reviewer[TX_REVIEWERS_MAX];
    int reviewers, approvals; /* how many must approve; reviewers 0: the owner alone (chains with one validator only) */
};
struct tx_counts { /* out-of-fold predictions with the right direction, per fold */
    int folds;
    uint32_t correct[TX_FOLDS_MAX], total[TX_FOLDS_MAX];
};
struct tx_finding { /* what a training run came to */
    struct tx_counts counts;
    struct hash trace_root;   /* Merkle root over the folds' training traces */
    struct hash weights;      /* BLAKE2b over the folds' weights hashes */
};
struct tx_announce {
    struct hash task;         /* id of the task transaction */
    uint64_t stake;
    struct hash commitment;   /* tx_announce_commitment */
};
struct tx_propose {
    struct hash proposal;     /* id of the announcement */
    struct hash salt;         /* opens its commitment */
    /* the content, what was committed to */
    struct hash parent;       /* objects/: architecture that it was grown from; zeros: none */
    struct hash morphisms;    /* objects/: text, one step a line; zeros: none */
    struct hash arch;         /* objects/: canonical architecture text */
    struct tx_counts counts;
    struct hash hidden_root;  /* tx_hidden_root: nobody can copy trace root and weights before the commits close */
    struct hash evidence;     /* objects/: what a reviewer reads */
};
struct tx_commit {
    struct hash proposal;
    struct hash commitment;   /* tx_attest_commitment */
};
struct tx_reveal {
    struct hash proposal, salt;
    struct tx_finding finding;
};
struct tx_open {
    struct hash proposal, salt; /* salt opens hidden_root */
    struct hash trace_root, weights;
    struct hash leaves;       /* objects/: the trace's leaf hashes */
};
struct tx_decide { /* approve, reject */
    struct hash proposal;
    struct hash shown;        /* tx_shown */
    struct hash rerun_root;   /* the reviewer's own re-run's trace root; zeros: not re-run */
    char reason[TX_REASON_MAX];
};
struct tx_holdout { /* the sealed hold-out of a task was opened */
    struct hash task, arch, weights;
    uint32_t correct, total;
    struct hash evidence;
};
struct tx_challenge { /* a claim is wrong at one place */
    struct hash proposal;
    uint32_t fold;        /* from 1; 0: the claim as a whole, and then leaf is 0 */
    uint64_t leaf;        /* from 1; one more than the fold's leaves: its counts */
    struct hash found;    /* the leaf that the challenger's re-run has there; zeros: none, and of counts */
    struct hash state;    /* objects/: the training's state before that; zeros: none is given */
    uint64_t deposit;
};
struct tx_respond {
    struct hash challenge; /* id of its transaction */
    bool concede;
    struct hash object;    /* objects/: the accused's own state before the place; zeros: none */
};
struct tx_verdict {
    struct hash challenge;
    bool upheld;
    struct hash found; /* what re-execution gives; zeros: no leaf, and of counts and of a whole claim's */
};

struct tx_register {
    struct key_public voting;
    struct key_signature consent; /* tx_register_consent */
};
struct tx_evidence { /* two votes of one key that contradict each other; a's bytes are the lower ones */
    struct vote a, b;
};
struct tx_result { /* of a job that was taken: a claim whose architecture and task are the job's */
    struct hash proposal; /* id of the take */
    struct tx_counts counts;
    struct hash hidden_root, evidence;
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
        struct tx_announce announce;
        struct tx_propose propose;
        struct tx_commit commit;
        struct tx_reveal reveal;
        struct tx_open open;
        struct tx_decide decide;
        struct tx_holdout holdout;
        struct tx_register registration;
        struct tx_evidence evidence;
        struct tx_challenge challenge;
        struct tx_respond respond;
        struct tx_verdict verdict;
        struct tx_list list;
        struct tx_buy buy;
        struct tx_deliver deliver;
        struct tx_refund refund;
        struct tx_job job;
        struct tx_take take;
        struct tx_result result;
        struct tx_seal seal;
        struct tx_reveal_seal reveal_seal;
        struct tx_outcome outcome;
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
    bool (*apply)(struct state *s, const struct tx *tx, struct hash id, struct error *err);
    void (*describe)(const struct tx *tx, struct text *out); /* lines "field  value", for signing and the screens */
};
extern const struct tx_kind *const tx_table[]; /* NULL-terminated */
const struct tx_kind *tx_kind_of(enum tx_type type);

void tx_encode(const struct tx *tx, struct bytes *out);
bool tx_decode(const void *data, size_t n, struct tx *out, struct error *err);
void tx_sign(struct tx *tx, const struct key *key); /* fills sender and signature */
bool tx_check_signature(const struct tx *tx, struct error *err);

/* The id: known before the transaction is signed. */
struct hash tx_id(const struct tx *tx);
/* The same from the bytes of a signed one: n > KEY_SIGNATURE_BYTES. */
struct hash tx_id_of_bytes(const void *data, size_t n);
/* The leaf in a block's tx root: the hash of all bytes, the signature too. */
struct hash tx_leaf(const struct tx *tx);

/* As tx_decode, for bytes without a signature: what `chain prepare` hands to a machine that only signs. */
bool tx_decode_unsigned(const void *data, size_t n, struct tx *out, struct error *err);

/* As tx_check_signature, over the bytes that tx was decoded from: spares encoding it again. */
bool tx_check_signature_bytes(const void *data, size_t n, const struct tx *tx, struct error *err);

/* The same without decoding: of bytes that may be no transaction. */
bool tx_check_signature_alone(const void *data, size_t n);

/* Bodies alone: the state's entries hold them in the same bytes. */
void tx_task_encode(const struct tx_task *t, struct bytes *out);
void tx_announce_encode(const struct tx_announce *a, struct bytes *out);
void tx_content_encode(const struct tx_propose *p, struct bytes *out); /* of a propose, what stands behind the salt */
void tx_list_encode(const struct tx_list *l, struct bytes *out);
void tx_job_encode(const struct tx_job *j, struct bytes *out);
void tx_seal_encode(const struct tx_seal *x, struct bytes *out);
void tx_outcome_encode(const struct tx_outcome *o, struct bytes *out);
void tx_holdout_encode(const struct tx_holdout *h, struct bytes *out);
void tx_challenge_encode(const struct tx_challenge *c, struct bytes *out);
void tx_finding_encode(const struct tx_finding *f, struct bytes *out);

bool tx_finding_equal(const struct tx_finding *a, const struct tx_finding *b);

/* What is promised before it is shown. Salts come from key_salt. */
struct hash tx_announce_commitment(struct hash salt, const struct key_public *sender, const struct tx_propose *content);
struct hash tx_hidden_root(struct hash salt, struct hash trace_root, struct hash weights);
struct hash tx_attest_commitment(struct hash salt, const struct key_public *sender, struct hash proposal,
                                 const struct tx_finding *finding);

/* The voting key's word that it votes for this sender on this chain: nobody registers another's key. */
void tx_register_consent(struct tx_register *r, struct hash chain, const struct key_public *sender,
                         const struct key *voting);
bool tx_register_check(const struct tx_register *r, struct hash chain, const struct key_public *sender);

/* Does its validity hang on facts outside of the state (struct ledger_witness)? */
bool tx_witnessed(enum tx_type type);
/* The rule of a verdict alone, without what it does. */
bool tx_verdict_check(const struct state *s, const struct tx *tx, struct error *err);
struct hash tx_seal_commitment(struct hash salt, const struct key_public *sender, struct hash task, uint32_t first,
                               uint32_t n, uint64_t up);

/* What a reviewer has seen: the evidence of the claim, and what its opening names. */
struct hash tx_shown(struct hash evidence, struct hash trace_root, struct hash weights, struct hash leaves);

/* What is being signed, decoded from the very bytes to be signed (no signature behind), every field whole and on lines
 * of its own, control characters escaped; and the word a person types to confirm, derived from those bytes. */
bool tx_show(const void *bytes_to_sign, size_t n, struct text *out, struct error *err);
void tx_signing_bytes(const struct tx *tx, struct bytes *out);
void tx_confirm_word(const void *bytes_to_sign, size_t n, char *out, size_t size);

#endif
