/* For the files of this folder only: what the kinds of transactions share. To add a kind: a number in enum tx_type, its
 * struct in the union, one file here, one line in table.c. */
#ifndef CHAIN_TX_KIND_H
#define CHAIN_TX_KIND_H

#include "chain/codec.h"
#include "chain/state_edit.h"
#include "chain/state_market.h"

extern const struct tx_kind tx_kind_transfer, tx_kind_stake, tx_kind_unstake, tx_kind_task, tx_kind_announce,
    tx_kind_propose, tx_kind_commit, tx_kind_reveal, tx_kind_open, tx_kind_approve, tx_kind_reject, tx_kind_holdout,
    tx_kind_register, tx_kind_retire, tx_kind_evidence,
    tx_kind_challenge, tx_kind_respond, tx_kind_verdict;

extern const struct tx_kind tx_kind_list, tx_kind_buy, tx_kind_deliver, tx_kind_refund, tx_kind_job, tx_kind_take,
    tx_kind_result, tx_kind_seal, tx_kind_reveal_seal, tx_kind_outcome;

/* One line "name            value" each. Texts are escaped and broken into lines of SHOW_TEXT_COLUMNS, so that none is
 * wider than a screen; amounts have thousands marks, addresses and hashes are whole. */
#define SHOW_TEXT_COLUMNS 60
void show_text(struct text *out, const char *name, const char *value);
void show_amount(struct text *out, const char *name, uint64_t units);
void show_count(struct text *out, const char *name, uint64_t n);
void show_hash(struct text *out, const char *name, struct hash h);
void show_hash_or(struct text *out, const char *name, struct hash h, const char *zero); /* zeros: these words */
void show_address(struct text *out, const char *name, struct address a);
void show_public(struct text *out, const char *name, const struct key_public *k);
void show_signature(struct text *out, const char *name, const struct key_signature *g); /* two lines */
void show_counts(struct text *out, const struct tx_counts *c);

/* What closed chains do not know. */
bool kind_needs_many(const struct state *s, const char *what, struct error *err);

/* stake and unstake */
void stake_encode(const struct tx *tx, struct bytes *out);
void stake_decode(struct bytes_reader *r, struct tx *tx);

/* propose and reveal */
void counts_encode(const struct tx_counts *c, struct bytes *out);
void counts_decode(struct bytes_reader *r, struct tx_counts *c);

/* propose and result */
bool counts_sane(const struct tx_counts *c, int folds, struct error *err);

/* buy and deliver: the listing in this state, or NULL and the error. */
const struct state_listing *listing_in(const struct state *s, struct hash id, enum listing_state wanted,
                                       const char *what, struct error *err);

/* seal, reveal-seal and outcome */
void bars_decode(struct bytes_reader *r, uint32_t *first, uint32_t *n);
void show_bars(struct text *out, uint32_t first, uint32_t n);
void show_bits(struct text *out, const char *name, uint64_t bits, uint32_t n);

/* The proposal in this state, or NULL and the error. */
const struct state_proposal *proposal_in(const struct state *s, struct hash id, enum proposal_state wanted,
                                         const char *what, struct error *err);

/* The open challenge, or NULL and the error: respond and verdict. */
const struct state_challenge *challenge_open(const struct state *s, struct hash id, const char *what,
                                             struct error *err);

/* approve and reject */
void decide_encode(const struct tx *tx, struct bytes *out);
void decide_decode(struct bytes_reader *r, struct tx *tx);
bool decide_apply(struct state *s, const struct tx *tx, bool approve, struct error *err);
void decide_describe(const struct tx *tx, struct text *out);

#endif
