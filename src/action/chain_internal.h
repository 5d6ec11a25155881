/* What the files about the chain share: chain_sign.c signs and submits; chain.c, chain_task.c, chain_propose.c,
 * chain_attest.c, chain_decide.c and chain_holdout.c make what is signed; chain_view.c, chain_show.c and chain_stage.c
 * show; chain_verify.c verifies. */
#ifndef ACTION_CHAIN_INTERNAL_H
#define ACTION_CHAIN_INTERNAL_H

#include "action/chain.h"
#include "action/claim_dispute.h"
#include "base/file.h"
#include "chain/keystore.h"
#include "chain/ledger.h"

void chain_folder(struct workspace *w, char *out, size_t size);
struct ledger *chain_open_to_read(struct workspace *w, struct error *err);

/* --- heads (chain_head.c) --- */

/* The workspace's chain, which must hold the highest block that the workspace has seen (ERROR_CHAIN); closing it
 * remembers what was sealed meanwhile. */
struct ledger *chain_ledger_open(struct workspace *w, bool writable, struct error *err);
void chain_ledger_close(struct workspace *w, struct ledger *l); /* NULL is fine */

#define CHAIN_HEAD_MAX 96 /* "HEIGHT:ID" */
bool chain_head_parse(const char *text, struct ledger_head *out);
void chain_head_text(const struct ledger_head *h, char out[CHAIN_HEAD_MAX]);
bool chain_head_known(struct workspace *w, struct ledger_head *out); /* false: none yet */
void chain_head_remember(struct workspace *w, uint64_t height, struct hash id);
void chain_head_advise(struct workspace *w, struct error *err); /* adds to what is wrong what can be done */
/* Where a block of the file is bad: what can be done about it. */
void chain_damage_advise(struct error *err);

/* The one proposal whose hash begins so (borrowed from the state), or NULL and ERROR_CHAIN. */
const struct state_proposal *chain_find_proposal(const struct state *s, const char *key, struct error *err);

/* The identity that `name` means: by name, or by public key (64 hex digits; it need not be here); NULL: the one by
 * default; and the folder they lie in. chain_find_signer wants one whose secret key is here. */
bool chain_find_identity(const char *name, struct key_info *out, char *folder, size_t size, struct error *err);
bool chain_find_signer(const char *name, struct key_info *out, char *folder, size_t size, struct error *err);
/* Of all[n], the one that signs where none is named: the one that was chosen (`key default`), else the only one with a
 * secret key, else "main", else the only one there is; -1: none of these, or err (the chosen one is gone). */
int chain_default_identity(const char *folder, const struct key_info *all, int n, struct error *err);
/* The name that was chosen, "": none was. */
bool chain_chosen_identity(const char *folder, char name[KEY_NAME_MAX], struct error *err);

/* What a transaction is filled in from. */
struct chain_draft {
    struct workspace *workspace;
    const char *chain; /* its folder */
    const struct ledger *ledger;
    const struct key_info *who;
    const struct key *key; /* unlocked; NULL in a draft that was given no passphrase, and in all that is prepared */
    bool draft;            /* only shown: nothing is to be written */
    bool prepares;         /* a draft that another machine will sign: what it rests on is written */
    struct hash secret;    /* of chain_salt.c */
};

/* Completes a transaction behind its chain, sender, nonce and fee. Called in order, the ones before being complete: their
 * ids are known (hash of their signing bytes). It must fill the same in the draft as when signing. */
struct chain_filling {
    bool (*fill)(void *context, const struct chain_draft *draft, struct tx *tx, struct error *err);
    void *context; /* fill may be NULL */
    bool seal_before, seal_behind; /* with the same key, where it seals alone: a block before it, or behind it */
};

/* Opens the ledger, completes tx[n] and, as one thing with one word and one `expect` over the bytes of all of them,
 * shows them (a draft), or signs all and then submits them in order. filling: n of them, or NULL. Gives {"tx", "height"},
 * for several also "transactions": [ids], where "tx" is the last one's, and the heights of "blocks" that were sealed; for a draft {"draft", "show", "word", "expect",
 * "tx", "transactions", "bytes": [the signing bytes in hex]}. NULL and err on failure. */
json_t *chain_submit_all(struct workspace *w, const struct action_signer *s, struct tx *tx, int n,
                         const struct chain_filling *filling, struct error *err);
json_t *chain_submit(struct workspace *w, const struct action_signer *s, struct tx *tx,
                     const struct chain_filling *filling, struct error *err); /* one */

/* All of the pool but what this machine's witness refuses. */
bool chain_seal_block(struct workspace *w, struct ledger *l, const struct key *key, uint64_t *height, struct hash *id,
                      struct error *err);

/* What chain_submit_all gives for a draft. */
json_t *chain_draft_json(const struct tx *tx, int n, struct error *err);
/* --- looking (chain_look.c) --- */

/* Does this identity seal blocks by itself: the only validator, its voting key its own? */
bool chain_seals(const struct state *s, const struct key_public *identity);

/* The chain as an identity sees it; the state is that behind the pool. chain_look_close in every case. */
struct chain_look {
    char chain[FILE_PATH_MAX];
    struct key_info who;
    struct address address;
    struct ledger *ledger;
    const struct state *state;
    bool seals, validator;
};
bool chain_look_open(struct chain_look *l, struct workspace *w, const struct action_signer *s, struct error *err);
void chain_look_close(struct chain_look *l);

/* The task on the chain about the workspace's data set: the one whose id begins so; NULL: the newest. */
bool chain_find_task(struct workspace *w, const struct state *s, const char *key, struct state_task *out,
                     struct error *err);

/* Does what is signed and waits for a block change where the proposal stands? Then a sentence about how. */
bool chain_pending(const struct ledger *l, struct hash proposal, char *out, size_t size);

/* Puts "state", "verified" and "stage" of a proposal as it is now. */
void chain_put_stage(struct workspace *w, json_t *result, struct hash proposal);

/* A transaction: id, kind, sender, and what its bytes say, in words ("show"). */
json_t *chain_tx_json(const struct tx *tx);

/* Puts "life": the height and time of each step, and under "due" of what runs out next. */
void chain_put_life(json_t *proposal, const struct state *s, const struct state_proposal *p);

/* Into its attests and decisions the "tx" they were made by, where the block is sealed: what a receipt is asked for. */
void chain_put_ids(json_t *proposal, const struct ledger *l, const struct state_proposal *p);
/* All that the state says of a proposal (chain_show.c). */
json_t *chain_proposal_json(const struct state *s, const struct state_proposal *p);

/* A task as the state has it (chain_view.c); with what its objects say, and what was told of its hold-out on what evidence
 * (chain_show_task.c). */
json_t *chain_task_json(const struct state_task *t);
json_t *chain_show_task(struct workspace *w, const char *chain, const struct state *s, const struct state_task *task);
/* The one task whose id begins so, or NULL. */
const struct state_task *chain_find_task_by(const struct state *s, const char *key);
/* Puts "baseline": what the task states and what its data have; where they differ, into "problems" too. */
void chain_put_baseline(struct workspace *w, json_t *j, json_t *problems, const char *chain,
                        const struct state_task *task);
/* Puts what a claim is weighed against (chain_weigh.c), behind "evidence": "to_beat" while it is open, "sentence",
 * "own_rerun"; each only where there is one. */
void chain_put_weighed(struct workspace *w, json_t *j, const struct state_task *task, const struct state_proposal *p);
/* The lines that the evidence of a hold-out begins with: what is signed (chain_holdout.c). */
void chain_holdout_head(struct text *out, const struct tx_holdout *h);

/* What is said of a challenge (chain_disputes.c); own: what this workspace found when it judged it, or NULL. */
json_t *chain_challenge_json(const char *chain, const struct state *s, const struct state_challenge *c,
                             const struct claim_ruling *own);
const struct state_challenge *chain_find_challenge(const struct state *s, const char *key, struct error *err);

/* A run of this claim that the workspace has made, or makes now. */
bool chain_own_run(struct workspace *w, const char *chain, const struct state_task *task, const struct state_proposal *p,
                   struct threads *pool, const struct control *control, struct claim_run *out, struct error *err);
/* What the workspace finds when it judges a challenge; found once. s: a state that has it. */
bool chain_rule(struct workspace *w, const char *chain, const struct state *s, const struct state_challenge *c,
                struct threads *pool, const struct control *control, struct claim_ruling *out, struct error *err);

/* --- what an identity owes disputes (chain_owed.c), for chain_duty.c: the proposal or challenge behind `skip` others --- */

/* An opened claim that its own re-run, made before, does not bear out, and that nobody has challenged rightly. */
bool chain_owes_challenge(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                          size_t size);
bool chain_owes_response(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                         size_t size);
/* A validator, until somebody has said what it would say. */
bool chain_owes_verdict(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                        size_t size);

/* A verdict is borne out by doing the place again: a line in chain_witness.c. */
struct chain_witnessing;
bool chain_witness_verdict(const struct chain_witnessing *x, const struct state *s, const struct tx *tx,
                           struct error *err);

/* What a proposal waits for and whose turn it is, in a sentence (chain_stage.c). */
void chain_stage(const struct state *s, const struct state_proposal *p, char *out, size_t size);

/* --- salts (chain_salt.c), of a draft that chain_salts has looked at --- */

/* From the key; where the draft is prepared for a key on another machine, from a secret of the workspace. */
bool chain_salts(struct chain_draft *d, struct error *err);
/* The same draft with the workspace's secret: what was promised before its key came here. False: nothing ever was. */
bool chain_salts_prepared(const struct chain_draft *d, struct chain_draft *out);
struct hash chain_salt_root(const struct chain_draft *d, struct hash task, const struct claim *c);
struct hash chain_salt_announce(const struct chain_draft *d, struct hash task, const struct tx_propose *content);
struct hash chain_salt_listing(const struct chain_draft *d, struct hash content);
struct hash chain_salt_nonce(const struct chain_draft *d, struct hash content);
struct hash chain_salt_seal(const struct chain_draft *d, struct hash task, uint32_t first, uint32_t n);
struct hash chain_salt_attest(const struct chain_draft *d, struct hash proposal, const struct tx_finding *finding);

#endif
