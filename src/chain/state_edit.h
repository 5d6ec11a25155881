/* Changing the state: for the rules in chain/tx/ and the state's own files. Every function marks the entries that it
 * writes, so that the block's state hash covers them. Amounts must have been checked before: a breach is a bug. */
#ifndef CHAIN_STATE_EDIT_H
#define CHAIN_STATE_EDIT_H

#include "chain/state.h"

enum state_pot { POT_STAKES, POT_ESCROWS, POT_TREASURY, POT_BURNT };

/* amount > 0 and the sender can pay it beside the fee. */
bool state_check_amount(const struct state *s, const struct tx *tx, const char *what, uint64_t amount,
                        struct error *err);

/* The account, made if there is none; valid until the next call that may make one. */
struct state_account *state_write_account(struct state *s, struct address a);
void state_move(struct state *s, struct address from, struct address to, uint64_t amount);
void state_debit(struct state *s, struct address from, uint64_t amount, enum state_pot to);
void state_credit(struct state *s, struct address to, uint64_t amount, enum state_pot from);
void state_burn(struct state *s, uint64_t amount, enum state_pot from);

/* Stake that returns to the balance when the unbonding time has passed. */
void state_unbond(struct state *s, struct address who, uint64_t amount);

/* Validators of chains for many; each has been checked. The set changes at the block's end. */
int state_seats(const struct state *s, const struct state_validator **out); /* who is marked now; without powers */
void state_register(struct state *s, struct address who, const struct key_public *voting);
void state_retire(struct state *s, struct address who);

/* A double signature at `height` by the voting key: what is lost, of which `finder` gets its share (unless it is the culprit
 * itself), the rest is burnt. */
void state_punish_double(struct state *s, const struct key_public *voting, uint64_t height, struct address finder);

/* New ones of this block, all else zero; valid until the next one is added. */
struct state_task *state_add_task(struct state *s, struct hash id);
struct state_proposal *state_add_proposal(struct state *s, struct hash id); /* announced */
struct state_holdout *state_add_holdout(struct state *s, struct hash task, struct address who);

/* The steps of a proposal's life; each has been checked. */
void state_claim_proposal(struct state *s, struct hash proposal, const struct tx_propose *content);
void state_add_commit(struct state *s, const struct tx_commit *c, struct address who);
void state_open_proposal(struct state *s, const struct tx_open *o);
void state_add_reveal(struct state *s, const struct tx_reveal *r, struct address who);

/* Is an architecture of this task that was announced before `order` claimed or accepted? */
bool state_arch_taken(const struct state *s, struct hash task, struct hash arch, uint64_t order);

/* The last approval needed accepts what is verified, a rejection ends it. */
void state_add_decision(struct state *s, struct hash proposal, const struct state_decision *decision);

#endif
