/* Actions on identities and the chain. What signs takes a signer; nothing here asks or prints. */
#ifndef ACTION_CHAIN_H
#define ACTION_CHAIN_H

#include "action/action.h"
#include "chain/state.h"

/* Who signs, and what they agreed to. */
struct action_signer {
    const char *key;        /* identity's name, or NULL: the one by default */
    const char *passphrase; /* NULL for a draft */
    bool draft;             /* sign nothing: return {"draft":true,"show":TEXT,"word":WORD,"expect":HASH} */
    const char *expect;     /* the hash of the bytes that were shown; refused if they have become others. NULL: any */
    bool prepares;          /* a draft that a key on another machine will sign: needs none, keeps what it rests on */
    bool train;             /* propose, attest, open: needs no key and signs nothing, only trains what that will need */
};

/* Where identities live: $XDG_DATA_HOME/morphsmith/keys, else ~/.local/share/morphsmith/keys. It need not exist. */
bool action_key_folder(char *out, size_t size, struct error *err);
/* Each gives {"name", "address", "public_key", "public_only"}; where a passphrase is chosen and weak, or could not be kept
 * in locked memory, also "warnings": [...]. */
json_t *action_key_new(const char *name, const char *passphrase, struct error *err);
json_t *action_key_list(struct error *err); /* {"identities": [...]}; one that cannot be used has a "problem", that by default {"default": true} */
json_t *action_key_show(const char *name, struct error *err); /* NULL: the one by default */
/* Says which one signs where none is named; with a name, chooses it. */
json_t *action_key_default(const char *name, struct error *err);
bool action_key_default_clear(struct error *err);
json_t *action_key_passwd(const char *name, const char *old, const char *passphrase, struct error *err);
/* The public part, for others: "text", and "file" where it was written (file may be NULL). */
json_t *action_key_export(const char *name, const char *file, struct error *err);
/* The encrypted key itself, copied to a path that is free, or into a folder: "file" says where it is. */
json_t *action_key_backup(const char *name, const char *file, struct error *err);
/* Takes in either, under its own name or another (NULL: its own). A backup needs its passphrase, a public part none. */
bool action_key_import_needs_passphrase(const char *file);
/* The owner says that the identity's key has voted on no other machine (chain/keystore.h): its guards need not wait. */
json_t *action_key_never_voted(const char *name, struct error *err);
/* never_voted: its owner says that the key has voted on no other machine (chain/keystore.h); not with a public part. */
json_t *action_key_import(const char *file, const char *name, const char *passphrase, bool never_voted,
                          struct error *err);

/* How a chain begins: one identity holds the supply, a part of it as its stake, and seals. */
struct action_chain_init_options {
    const char *key;        /* NULL: as action_signer */
    const char *voting;     /* the identity whose key seals; NULL: the same */
    const char *name;       /* of the chain */
    uint64_t stake;         /* 0: a tenth of the supply */
    const char *file;       /* a genesis as text, instead of all that (action/chain_genesis.h); NULL: none */
    struct genesis genesis; /* parameters; holders and validators are filled in */
};
void action_chain_defaults(struct action_chain_init_options *o);
/* A parameter by its name ("commit_blocks"). */
bool action_chain_parameter(struct action_chain_init_options *o, const char *name, const char *value,
                            struct error *err);
json_t *action_chain_init(struct workspace *w, const struct action_chain_init_options *o, struct error *err);

json_t *action_chain_status(struct workspace *w, struct error *err);
json_t *action_chain_log(struct workspace *w, struct error *err);
/* The blocks from one height to another, at most those there are. */
json_t *action_chain_log_part(struct workspace *w, uint64_t from, uint64_t to, struct error *err);
/* Genesis and blocks one by one, with the bytes of each transaction; ends where `take` (which borrows) is false. */
bool action_chain_dump(struct workspace *w, uint64_t from, uint64_t to, bool (*take)(void *context, json_t *frame),
                       void *context, struct error *err);
/* A proposal, or a task ("task" and no "proposal"), with what its objects say; what is amiss stands in "problems". */
json_t *action_chain_show(struct workspace *w, const char *id, struct error *err);
json_t *action_chain_transfer(struct workspace *w, const struct action_signer *s, const char *to, uint64_t amount,
                              struct error *err);
json_t *action_chain_stake(struct workspace *w, const struct action_signer *s, uint64_t amount, bool unstake,
                           struct error *err);

#define ACTION_CHAIN_MIN_IMPROVEMENT 1000 /* ppm */
#define ACTION_CHAIN_FULL_PAY 100000
struct action_chain_task_options {
    uint64_t pool;
    struct recipe recipe;
    const char *reviewers; /* addresses, comma-separated; NULL: whoever signs */
    int approvals;         /* how many of them must approve */
    uint32_t min_improvement_ppm, full_pay_ppm; /* 0: those above */
};
json_t *action_chain_task(struct workspace *w, const struct action_signer *s,
                          const struct action_chain_task_options *options, struct error *err);

/* Puts a task of the chain (NULL: the newest) in force in the workspace, from the chain's objects alone: series that are
 * not here yet are taken in. What action_task_set gives, with "series": [{"name", "frame", "known"}], "chain_task",
 * "recipe": {option: value} that differs from the recipe by itself, "next". */
json_t *action_chain_work(struct workspace *w, const char *task, bool open_sealed, struct error *err);

/* The steps of a claim. Each call does what is next for this identity, and where it seals blocks alone, all that can be
 * done at once, with blocks sealed between; run again, it goes on. Drafts of the first three need the passphrase: salts
 * come from the key (where it is prepared for a key elsewhere: from a secret of the workspace). Results have "proposal", "state", "stage".
 *
 * propose (task: the beginning of a chain task's id, NULL: the newest one about the data): cross-validates from scratch with the chain task's recipe first, unless that result is stored already; then
 * announces, and claims behind a block. attest: trains again from the chain's objects alone, commits, reveals ("matches",
 * "difference"). open: the proposer's. decide: a reviewer's, of an opened claim; a re-run that differs refuses approval. */
json_t *action_chain_propose(struct workspace *w, const struct action_signer *s, const char *arch, const char *task,
                             uint64_t stake, int threads, const struct control *control, struct error *err);
json_t *action_chain_attest(struct workspace *w, const struct action_signer *s, const char *proposal, int threads,
                            const struct control *control, struct error *err);
json_t *action_chain_open(struct workspace *w, const struct action_signer *s, const char *proposal, int threads,
                          const struct control *control, struct error *err);
json_t *action_chain_decide(struct workspace *w, const struct action_signer *s, const char *proposal, bool approve,
                            const char *reason, bool rerun, int threads, const struct control *control,
                            struct error *err);

/* Disputes, on a chain for many. challenge: re-trains, and disputes an opened claim where the two part first (deposit 0:
 * the least); gives "place", "difference". respond: the accused's own state before the place, or the claim is conceded.
 * verdict: does the place again and records what it came to ("upheld", "why"). */
json_t *action_chain_challenge(struct workspace *w, const struct action_signer *s, const char *proposal,
                               uint64_t deposit, int threads, const struct control *control, struct error *err);
json_t *action_chain_respond(struct workspace *w, const struct action_signer *s, const char *challenge, bool concede,
                             int threads, const struct control *control, struct error *err);
json_t *action_chain_verdict(struct workspace *w, const struct action_signer *s, const char *challenge, int threads,
                             const struct control *control, struct error *err);
/* {"disputes": [...]} of all, or of one proposal or challenge (key: how its id begins). */
json_t *action_chain_disputes(struct workspace *w, const char *key, struct error *err);

/* Tells the chain that the task's hold-out was opened, with what result. */
json_t *action_chain_holdout(struct workspace *w, const struct action_signer *s, struct error *err);
/* Is the workspace's task on a chain of this workspace, and nothing told of its hold-out yet? */
bool action_chain_wants_holdout(struct workspace *w);

json_t *action_chain_seal(struct workspace *w, const struct action_signer *s, struct error *err);
/* Offline keys. A prepared file holds what a draft shows (its JSON, with "bytes"); signing needs no workspace (out NULL:
 * FILE.signed), a draft shows it; submitting checks all and puts it into the pool, once. None overwrites a file. Give
 * {"file", "signed", "address", "chain", "tx", "transactions"}, submit also "submitted", "known", "height". */
json_t *action_chain_prepare(const json_t *draft, const char *file, struct error *err);
json_t *action_chain_sign(const struct action_signer *s, const char *file, const char *out, struct error *err);
json_t *action_chain_submit(struct workspace *w, const char *file, struct error *err);

/* Writes the proof of one transaction (id, or its first digits) to a new file; {"ok", "tx", "height", ...}. */
json_t *action_chain_receipt(struct workspace *w, const char *tx, const char *file, struct error *err);
/* The same from such a file alone. head: "HEIGHT:ID" that it must agree with, or NULL. */
json_t *action_chain_check_receipt(const char *file, const char *head, struct error *err);

/* On a bad chain: returns {"ok":false,"error":{...}} and sets err (ERROR_CHAIN). head: "HEIGHT:HASH" or NULL. */
json_t *action_chain_verify(struct workspace *w, bool rerun, const char *head, bool accept, int threads,
                            const struct control *control, struct error *err);

#endif
