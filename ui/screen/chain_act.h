/* What the keys of the Chain screen do, and when. Private to ui/screen/chain*.c. */
#ifndef UI_SCREEN_CHAIN_ACT_H
#define UI_SCREEN_CHAIN_ACT_H

#include "ui/screen/chain_state.h"

/* A command of the program by its name; NULL: this version has none. */
const struct command *chain_command(const char *name);

/* --- chain_may.c --- */
typedef bool chain_may(void *self, struct app *app, char *why, size_t size);
chain_may chain_may_stop, chain_may_init, chain_may_read, chain_may_sign, chain_may_propose, chain_may_open, chain_may_attest,
    chain_may_decide, chain_may_receipt, chain_may_join, chain_may_follow, chain_may_challenge, chain_may_dispute, chain_may_work;
/* --- chain_market.c --- */
chain_may chain_may_buy, chain_may_deliver, chain_may_refund, chain_may_fetch, chain_may_take, chain_may_result, chain_may_end_job,
    chain_may_reveal;

/* --- chain_act.c: with a form or a question --- */
typedef void chain_do(void *self, struct app *app);
chain_do chain_new_identity, chain_identities, chain_init, chain_stake, chain_unstake, chain_transfer, chain_task, chain_propose, chain_seal,
    chain_verify, chain_verify_rerun, chain_verify_form, chain_dump, chain_stop, chain_holdout;

/* --- chain_offline.c --- */
chain_do chain_offline;

/* --- chain_decide.c: about the proposal that is shown --- */
chain_do chain_open_claim, chain_attest, chain_approve, chain_reject;

/* --- chain_many_act.c: what only several people need --- */
chain_do chain_join, chain_jump, chain_pull, chain_step, chain_register, chain_retire, chain_show_evidence, chain_challenge, chain_respond, chain_verdict,
    chain_offer, chain_buy, chain_deliver, chain_refund, chain_fetch, chain_job, chain_take_job, chain_result, chain_seal_prediction,
    chain_reveal_prediction, chain_outcome, chain_work;

/* --- chain_receipts.c --- */
chain_do chain_write_receipt, chain_check_receipt;
char *chain_receipt_text(const json_t *receipt); /* a good one in full; free() */
/* Shows what a job about receipts came to; false if the event is none of it. */
bool chain_receipt_event(struct chain_screen *s, struct app *app, const json_t *event);

void chain_show_task_in_full(struct app *app, const char *id); /* chain_task.c */

/* Opens the form of a command. */
void chain_form_for(struct chain_screen *s, struct app *app, const char *name);

/* The newest model of the task in force, which can be sold and can predict; false: none. */
bool chain_newest_model(struct app *app, char id[HASH_HEX]);
/* What follows from what a job brought into the workspace (chain_market.c). */
void chain_take_next(struct chain_screen *s, struct app *app, const json_t *event);

/* What a verification said. */
void chain_take_verdict(struct chain_screen *s, const json_t *event);

#endif
