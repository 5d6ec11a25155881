/* What the keys of the Chain screen do, and when. Private to ui/screen/chain*.c. */
#ifndef UI_SCREEN_CHAIN_ACT_H
#define UI_SCREEN_CHAIN_ACT_H

#include "ui/screen/chain_state.h"

/* A command of the program by its name; NULL: this version has none. */
const struct command *chain_command(const char *name);

/* --- chain_may.c --- */
typedef bool chain_may(void *self, struct app *app, char *why, size_t size);
chain_may chain_may_stop, chain_may_init, chain_may_read, chain_may_sign, chain_may_propose, chain_may_open, chain_may_attest,
    chain_may_decide, chain_may_receipt;

/* --- chain_act.c: with a form or a question --- */
typedef void chain_do(void *self, struct app *app);
chain_do chain_new_identity, chain_identities, chain_init, chain_stake, chain_unstake, chain_transfer, chain_task, chain_propose, chain_seal,
    chain_verify, chain_verify_rerun, chain_verify_form, chain_dump, chain_stop, chain_holdout;

/* --- chain_offline.c --- */
chain_do chain_offline;

/* --- chain_decide.c: about the proposal that is shown --- */
chain_do chain_open_claim, chain_attest, chain_approve, chain_reject;

/* --- chain_receipts.c --- */
chain_do chain_write_receipt, chain_check_receipt;
char *chain_receipt_text(const json_t *receipt); /* a good one in full; free() */
/* Shows what a job about receipts came to; false if the event is none of it. */
bool chain_receipt_event(struct chain_screen *s, struct app *app, const json_t *event);

/* Opens the form of a command. */
void chain_form_for(struct chain_screen *s, struct app *app, const char *name);

/* What a verification said. */
void chain_take_verdict(struct chain_screen *s, const json_t *event);

#endif
