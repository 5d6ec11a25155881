/* What an identity can do on a chain without anybody deciding anything: re-run and attest, reveal, open its own claims, send
 * proofs of double signatures. Each is a command of its own, run as a job beside the votes, one at a time, so that a
 * training holds up no vote; `chain follow --as NAME --attest` keeps them going. Approvals are never done so. */
#ifndef ACTION_CHAIN_DUTY_H
#define ACTION_CHAIN_DUTY_H

#include "action/chain.h"
#include "chain/ledger.h"
#include "work/control.h"

struct chain_duties;

/* name: the identity's; passphrase stays the caller's, in locked memory. */
struct chain_duties *chain_duties_new(struct workspace *w, const char *name, struct address who, const char *passphrase,
                                      const struct control *control);
void chain_duties_free(struct chain_duties *d);

/* Looks after the job that runs, and starts the next. The ledger is at rest. Returns whether one runs. */
bool chain_duties_step(struct chain_duties *d, const struct ledger *l);

#endif
