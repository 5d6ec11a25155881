/* What the files of the Chain screen share. Private to ui/screen/chain*.c.
 *
 * What is shown was read on a thread of its own (chain_load.c) as the actions' JSON, so that a long chain holds up no key;
 * drawing reads nothing but that. Everything that signs goes through chain_sign.c: a draft decoded from the very bytes, the
 * word, the passphrase, and then the command, which signs only what was shown. */
#ifndef UI_SCREEN_CHAIN_STATE_H
#define UI_SCREEN_CHAIN_STATE_H

#include "base/file.h"
#include "base/hash.h"
#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/chain_form.h"
#include "ui/screen/chain_identity.h"
#include "ui/screen/page.h"

enum { CHAIN_ARGUMENTS = 96, CHAIN_BLOCK_PAGE = 128 };

enum chain_view {
    CHAIN_QUEUE,
    CHAIN_PROPOSAL, /* one of the queue, in full */
    CHAIN_TASKS,
    CHAIN_IDENTITIES,
    CHAIN_BLOCKS,
    CHAIN_WAITING,
    CHAIN_RECEIPTS,
    CHAIN_VOTES,      /* of the next height: chains for many alone, as the disputes, jobs and forks */
    CHAIN_DISPUTES,
    CHAIN_DISPUTE,    /* one of them, step by step */
    CHAIN_MARKET,
    CHAIN_JOBS,
    CHAIN_TOURNAMENT,
    CHAIN_FORKS,
    CHAIN_VIEWS
};

/* The sections of the page about a proposal, for `e`. */
enum chain_mark {
    CHAIN_MARK_CLAIM,
    CHAIN_MARK_PROBLEMS,
    CHAIN_MARK_LIFE,
    CHAIN_MARK_FOLDS,
    CHAIN_MARK_NETWORK,
    CHAIN_MARK_ATTESTS,
    CHAIN_MARK_DECISIONS,
    CHAIN_MARK_REWARD,
    CHAIN_MARK_HASHES,
    CHAIN_MARK_EVIDENCE
};

/* What was read last; each NULL where there is none. */
struct chain_read {
    json_t *status, *identities, *receipts;
    json_t *people;       /* own identities, then the accounts of others */
    json_t *by_address;   /* accounts */
    json_t *blocks;       /* newest first: those from height `blocks_from` down */
    int64_t blocks_from;
    json_t *shown;        /* the proposal that is open, with all its evidence */
    json_t *votes, *disputes, *market, *jobs, *tournament, *forks; /* what `chain votes`, ... say */
    char problem[512];    /* why there is no chain to show */
    char unshown[512];    /* why there is no proposal in full */
    char unvoted[512];    /* why there are no votes */
};

/* One thing to be signed. */
struct chain_signing {
    char *argument[CHAIN_ARGUMENTS];
    int n;
    struct job *training, *draft; /* running, or NULL; what trains does so first, with no key open meanwhile */
    bool no_draft;      /* sealing a block: what it holds was signed by its senders */
    char expect[HASH_HEX];
    char identity[80];  /* whose passphrase it needs, as the draft said; "": the one that signs here */
    char *voting;       /* what opens the voting key that signs beside it: locked memory; NULL: not asked, or none does */
    app_answer *go_on;  /* once both were given */
};

/* A job that the screen watches: a re-run, a verification, a draft that trains first. */
struct chain_watch {
    struct job *job;    /* NULL: none */
    char what[48];      /* "re-running", "verifying" */
    char text[160];
    double progress, eta;
    int fold, epoch, epochs; /* 0: not known */
};

/* The following that runs here, or ran last (chain_follow.h). */
enum { CHAIN_FOLLOW_LINES = 64 };
struct chain_follow_line {
    int64_t at_us;
    char kind[16], text[400];
};
struct chain_follow {
    struct job *job; /* NULL: it does not run */
    double began;
    char *argument[CHAIN_ARGUMENTS];
    int arguments;
    char *first; /* the passphrase that was typed first: locked memory, or NULL */
    long blocks, votes;
    int64_t pulled_us; /* when it had something new from the others last; 0: not yet */
    json_t *parties;
    struct chain_follow_line line[CHAIN_FOLLOW_LINES]; /* a ring: `lines` were told */
    int lines;
};

struct chain_screen {
    struct chain_read read;
    bool begun, reading, again; /* again: something changed while it was being read */
    bool reading_many, many_again; /* likewise, of what only several people need */
    char seen[256];             /* what the files looked like when they were read */
    enum chain_view view;
    struct table_state table[CHAIN_VIEWS];
    struct box rows;            /* where the list was drawn, for the mouse */
    char opened[HASH_HEX];      /* the proposal in full; "": none */
    struct page_view page;      /* where it is read */
    char signer[80];            /* the identity that signs; "": the one by default */
    int64_t want_block;         /* the newest block to be read; -1: the head */
    struct chain_form form;
    struct chain_signing signing;
    struct chain_watch watch;
    struct chain_follow follow;
    char disputed[HASH_HEX];    /* the dispute in full; "": none */
    bool rerunning;             /* the verification re-trains */
    char receipt_of[HASH_HEX];  /* the transaction that a receipt is asked of: its first digits */
    char receipt_file[FILE_PATH_MAX]; /* the receipt that is to be checked */
    char deciding[HASH_HEX];    /* the proposal that questions are about */
    bool decide_rerun;
    struct chain_identity *identity;
    bool in_force;              /* a task is, in this workspace */
    bool prepares;              /* nothing is signed here: what would be is written to files */
    char verdict[512];
    enum style verdict_style;
};

/* --- chain_load.c --- */
/* Begins to read, unless the files are as they were; force: in any case. */
void chain_load(struct chain_screen *s, struct app *app, bool force);
bool chain_stale(struct chain_screen *s, struct app *app);
void chain_read_free(struct chain_read *r);
json_t *chain_receipts_read(const struct workspace *w); /* chain_receipts.c */
/* --- chain_many_load.c --- */
void chain_many_read(struct chain_read *r, struct workspace *w); /* behind the status, which must be there */
void chain_many_carry(struct chain_read *to, const struct chain_read *from); /* until the new ones are read, the old ones */
void chain_many_take(struct chain_screen *s, struct chain_read *r);

void chain_want(struct chain_screen *s, struct app *app); /* the blocks in view, if they are not read yet */
/* Takes what was read: the cursors stay on what they were on. */
void chain_take(struct chain_screen *s, struct chain_read *r);

/* --- chain_rows.c, chain_many_rows.c: what the lists hold, and how a row says it --- */
struct chain_list {
    const char *name, *brief; /* of the view */
    const char *id;           /* the member that names a row; "": none */
    const struct table_column *column; /* NULL: it is no list */
    int columns;
    json_t *(*rows)(const struct chain_screen *s); /* borrowed; NULL where rows are counted otherwise */
    void (*cell)(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style);
    bool many; /* chains for many alone */
};
extern const struct chain_list chain_list_votes, chain_list_disputes, chain_list_market, chain_list_jobs,
    chain_list_tournament, chain_list_forks;
const struct chain_list *chain_list_of(enum chain_view view);
bool chain_is_many(const struct chain_screen *s);
bool chain_has_view(const struct chain_screen *s, enum chain_view view);
/* The name of the identity of this machine that has this address, else the address' beginning. */
const char *chain_who(const struct chain_screen *s, const char *address, char out[80]);
void chain_index_people(struct chain_read *r); /* once, behind reading */
int chain_rows(const struct chain_screen *s, enum chain_view view);
const json_t *chain_row(const struct chain_screen *s, enum chain_view view, int row); /* NULL: none, or not yet read */
const json_t *chain_cursor(const struct chain_screen *s);   /* of the view shown */
const json_t *chain_proposal(const struct chain_screen *s); /* the one in full, or the one under the cursor, or NULL */
const json_t *chain_dispute(const struct chain_screen *s);  /* the one in full, or the one under the cursor, or NULL */
const json_t *chain_task_of(const struct chain_screen *s, const char *id);
const json_t *chain_account_of(const struct chain_screen *s, const char *address);
const char *chain_me(const struct chain_screen *s, const char *key); /* of the identity that signs: "name", "address" */
bool chain_is_mine(const struct chain_screen *s, const char *address);
enum style chain_state_style(const char *state);
double chain_claimed(const json_t *proposal);        /* NaN before it is claimed */
int64_t chain_height_of(const json_t *proposal);     /* where it was claimed, or announced */
/* What a proposal waits for and whose turn it is, as one text (chain_life.c). */
bool chain_is_my_turn(const struct chain_screen *s, const json_t *proposal);
void chain_turn(const struct chain_screen *s, const json_t *proposal, char *out, size_t size);
/* A text with names in the place of one's own addresses, and the beginning of the others'. */
void chain_named(const struct chain_screen *s, const char *text, char *out, size_t size);
void chain_draw_table(struct chain_screen *s, struct grid *g, struct box b);
void chain_row_text(void *self, int row, char *out, size_t size);

/* --- drawing --- */
void chain_draw(void *self, struct app *app, struct grid *g, struct box b);
/* beside: the plots stand below the list (chain_side.c). */
void chain_draw_side(const struct chain_screen *s, struct grid *g, struct box b, bool beside);
void chain_draw_proposal(struct chain_screen *s, struct grid *g, struct box b);        /* chain_proposal.c */
void chain_put_network(struct page *p, const json_t *proposal);                        /* chain_network.c */
void chain_draw_best(const struct chain_screen *s, struct grid *g, struct box b, const char *task); /* chain_plot.c */
void chain_put_folds(struct page *p, const json_t *folds);
void chain_draw_votes(struct chain_screen *s, struct grid *g, struct box b);           /* chain_votes.c */
void chain_draw_many_side(const struct chain_screen *s, struct grid *g, struct box b, const json_t *row); /* chain_many_side.c */
/* What the identity that signs can do with the row under the cursor, a key a line; the row behind it (chain_market.c). */
int chain_put_advice(const struct chain_screen *s, struct grid *g, struct box b, int y, const json_t *row);
void chain_draw_dispute(struct chain_screen *s, struct grid *g, struct box b);         /* chain_dispute_page.c */
void chain_draw_stakes(const struct chain_screen *s, struct grid *g, struct box b);

/* --- chain_explain.c --- */
char *chain_explain(void *self, struct app *app);

/* --- chain_keys_table.c --- */
enum { CHAIN_KEYS = 55 };
extern const struct screen_key chain_keys[CHAIN_KEYS];
bool chain_shows(void *self, const struct screen_key *key);
void chain_show_view(struct chain_screen *s, struct app *app, int step);
void chain_open(struct chain_screen *s, struct app *app); /* what is under the cursor */
void chain_event(void *self, struct app *app, struct job *job, json_t *event);

/* --- chain_sign.c --- */
/* Signs a command: arguments NULL-terminated; `--key` is added where an identity was chosen. */
void chain_sign(struct chain_screen *s, struct app *app, const char *const *arguments, bool no_draft);
void chain_sign_event(struct chain_screen *s, struct app *app, struct job *job, json_t *event);
void chain_sign_clear(struct chain_screen *s);

/* --- chain_offline.c --- */
bool chain_prepares(const struct chain_screen *s); /* or is the key that signs not here? */
void chain_prepare(struct chain_screen *s, struct app *app, const char *shown);

void chain_follow_free(struct chain_follow *f); /* chain_follow.c */

/* --- chain_watch.c --- */
void chain_watch_begin(struct chain_screen *s, struct job *job, const char *what);
void chain_watch_event(struct chain_screen *s, struct job *job, const json_t *event);
/* "re-running: fold 2 of 5, epoch 3 of 40, 12 s left", and how far it is; false if nothing runs. */
bool chain_watch_say(const struct chain_screen *s, char *out, size_t size, double *progress);

#endif
