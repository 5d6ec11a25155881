/* Identities on the Chain screen: making one, taking one in, another passphrase, its public part, a backup, how long it stays
 * unlocked. Self-contained: it starts the commands as jobs and keeps what is typed between two questions in locked memory. */
#ifndef UI_SCREEN_CHAIN_IDENTITY_H
#define UI_SCREEN_CHAIN_IDENTITY_H

#include "ui/app.h"
#include "ui/unlock.h"

struct chain_identity;
struct chain_identity *chain_identity_new(void);
void chain_identity_free(struct chain_identity *k);

/* first: there is none yet, so that its name is no question. */
void chain_identity_make(struct chain_identity *k, struct app *app, bool first);
/* A menu of what can be done; name: the identity that it is done with, "" for none. */
void chain_identity_menu(struct chain_identity *k, struct app *app, const char *name);

#endif
