/* What the files of the chain screen share. */
#ifndef UI_SCREEN_CHAIN_INTERNAL_H
#define UI_SCREEN_CHAIN_INTERNAL_H

#include "ui/app.h"
#include "ui/cell/table.h"

#define CHAIN_ARGUMENTS 16

enum chain_list { CHAIN_PROPOSALS, CHAIN_BLOCKS, CHAIN_ACCOUNTS, CHAIN_WAITING, CHAIN_LISTS };

/* One thing to be signed: the command, shown as a draft first, confirmed by a word, then signed. */
struct chain_signing {
    char *argument[CHAIN_ARGUMENTS];
    int n;
    struct job *draft; /* running, or NULL */
    bool no_draft;     /* sealing a block: what it holds was signed by its senders */
    char expect[80];
};

struct chain_screen {
    json_t *status, *blocks, *identities; /* NULL where there is none */
    char problem[512];                    /* why there is no chain to show */
    char seen[96];                        /* what the files looked like when they were read */
    enum chain_list list;
    struct table_state table[CHAIN_LISTS];
    struct box rows; /* where the list was drawn, for the mouse */
    struct chain_signing signing;
    char secret[1024]; /* a new identity's passphrase between its two typings; wiped behind them */
    char verdict[256];
    enum style verdict_style;
    struct job *verifying;
    bool rerunning;
};

json_t *chain_rows(const struct chain_screen *s, enum chain_list list); /* borrowed array; may be NULL */
json_t *chain_cursor(const struct chain_screen *s);                     /* the row under the cursor, or NULL */

void chain_draw(void *self, struct app *app, struct grid *g, struct box b);
char *chain_explain(void *self, struct app *app);

/* Signs a command: arguments NULL-terminated. */
void chain_sign(struct chain_screen *s, struct app *app, const char *const *arguments, bool no_draft);
void chain_sign_event(struct chain_screen *s, struct app *app, struct job *job, json_t *event);
void chain_sign_clear(struct chain_screen *s);

#endif
