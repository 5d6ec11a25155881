/* For the files of this folder only: what the kinds of transactions share. To add a kind: a number in enum tx_type, its
 * struct in the union, one file here, one line in table.c. */
#ifndef CHAIN_TX_KIND_H
#define CHAIN_TX_KIND_H

#include "chain/codec.h"
#include "chain/state_edit.h"

extern const struct tx_kind tx_kind_transfer, tx_kind_stake, tx_kind_unstake, tx_kind_task, tx_kind_propose,
    tx_kind_approve, tx_kind_reject;

/* One line "name            value" each. Texts are escaped, amounts have thousands marks, addresses are whole. */
void show_text(struct text *out, const char *name, const char *value);
void show_amount(struct text *out, const char *name, uint64_t units);
void show_count(struct text *out, const char *name, uint64_t n);
void show_hash(struct text *out, const char *name, struct hash h);
void show_address(struct text *out, const char *name, struct address a);
void show_public(struct text *out, const char *name, const struct key_public *k);

/* stake and unstake */
void stake_encode(const struct tx *tx, struct bytes *out);
void stake_decode(struct bytes_reader *r, struct tx *tx);

/* approve and reject */
void decide_encode(const struct tx *tx, struct bytes *out);
void decide_decode(struct bytes_reader *r, struct tx *tx);
bool decide_apply(struct state *s, const struct tx *tx, bool approve, struct error *err);
void decide_describe(const struct tx *tx, struct text *out);

#endif
