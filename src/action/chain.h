/* Actions on identities and the chain. What signs takes a signer; nothing here asks or prints. */
#ifndef ACTION_CHAIN_H
#define ACTION_CHAIN_H

#include "action/action.h"

/* Who signs, and what they agreed to. */
struct action_signer {
    const char *key;        /* identity's name, or NULL: the only one there is, or "main" */
    const char *passphrase; /* NULL for a draft */
    bool draft;             /* sign nothing: return {"draft":true,"show":TEXT,"word":WORD,"expect":HASH} */
    const char *expect;     /* the hash of the bytes that were shown; refused if they have become others. NULL: any */
};

/* Where identities live: $XDG_DATA_HOME/morphsmith/keys, else ~/.local/share/morphsmith/keys. It need not exist. */
bool action_key_folder(char *out, size_t size, struct error *err);
/* Each gives {"name", "address", "public_key", "public_only"}; where a passphrase is chosen and weak, or could not be kept
 * in locked memory, also "warnings": [...]. */
json_t *action_key_new(const char *name, const char *passphrase, struct error *err);
json_t *action_key_list(struct error *err); /* {"identities": [...]}; one that cannot be used has a "problem" */
json_t *action_key_show(const char *name, struct error *err); /* NULL: the only one, or "main" */
json_t *action_key_passwd(const char *name, const char *old, const char *passphrase, struct error *err);
/* The public part, for others: "text", and "file" where it was written (file may be NULL). */
json_t *action_key_export(const char *name, const char *file, struct error *err);
/* The encrypted key itself, copied to a path that is free, or into a folder: "file" says where it is. */
json_t *action_key_backup(const char *name, const char *file, struct error *err);
/* Takes in either, under its own name or another (NULL: its own). A backup needs its passphrase, a public part none. */
bool action_key_import_needs_passphrase(const char *file);
json_t *action_key_import(const char *file, const char *name, const char *passphrase, struct error *err);

json_t *action_chain_init(struct workspace *w, const char *key, const char *name, uint64_t supply, struct error *err);
json_t *action_chain_status(struct workspace *w, struct error *err);
json_t *action_chain_log(struct workspace *w, struct error *err);
json_t *action_chain_show(struct workspace *w, const char *proposal, struct error *err);
json_t *action_chain_transfer(struct workspace *w, const struct action_signer *s, const char *to, uint64_t amount,
                              struct error *err);
json_t *action_chain_stake(struct workspace *w, const struct action_signer *s, uint64_t amount, bool unstake,
                           struct error *err);
struct action_chain_task_options {
    uint64_t pool;
    struct recipe recipe;
    const char *reviewers; /* addresses, comma-separated; NULL: whoever signs */
    int approvals;         /* how many of them must approve */
};
json_t *action_chain_task(struct workspace *w, const struct action_signer *s,
                          const struct action_chain_task_options *options, struct error *err);
/* Cross-validates from scratch with the chain task's recipe first, unless that result is stored already. */
json_t *action_chain_propose(struct workspace *w, const struct action_signer *s, const char *arch, uint64_t stake,
                             int threads, const struct control *control, struct error *err);
json_t *action_chain_decide(struct workspace *w, const struct action_signer *s, const char *proposal, bool approve,
                            const char *reason, bool rerun, int threads, const struct control *control,
                            struct error *err);
json_t *action_chain_seal(struct workspace *w, const struct action_signer *s, struct error *err);
/* On a bad chain: returns {"ok":false,"error":{...}} and sets err (ERROR_CHAIN). head: "HEIGHT:HASH" or NULL. */
json_t *action_chain_verify(struct workspace *w, bool rerun, const char *head, int threads,
                            const struct control *control, struct error *err);

#endif
