/* Actions of the marketplace, the compute market and the tournament. As all on the chain (action/chain.h): what signs takes
 * a signer, and its drafts are those of chain_submit_all. */
#ifndef ACTION_MARKET_H
#define ACTION_MARKET_H

#include "action/chain.h"

/* --- marketplace (market.c, market_view.c) --- */

#define ACTION_DELIVER_BLOCKS 100

struct action_list_options {
    const char *model, *title; /* title NULL: what the model predicts */
    uint64_t price;
    uint32_t deliver_blocks, deliver_seconds;
};
/* Encrypts the model into objects/ and offers it. Its draft needs the passphrase: the key comes from the identity. Gives
 * also "listing", "model", "bytes". */
json_t *action_chain_list(struct workspace *w, const struct action_signer *s, const struct action_list_options *options,
                          struct error *err);
json_t *action_chain_buy(struct workspace *w, const struct action_signer *s, const char *listing, struct error *err);
json_t *action_chain_deliver(struct workspace *w, const struct action_signer *s, const char *listing, struct error *err);
/* Of a listing or a job: what it does is what the sender may do with it. */
json_t *action_chain_refund(struct workspace *w, const struct action_signer *s, const char *of, struct error *err);
/* Decrypts what was delivered, puts the model into the workspace; file, task (may be NULL): where the decrypted object and
 * the text of its task are written. {"listing", "model", "arch", "task", "about", "known", "in_force", "next"}. */
json_t *action_chain_fetch(struct workspace *w, const char *listing, const char *file, const char *task,
                           struct error *err);
/* {"listings": [{"listing", "title", "price", "state", "seller", "buyer", "height", "bought", "deliver_blocks",
 * "deliver_seconds", "late", "here", "bytes", "stage"}]} */
json_t *action_chain_listings(struct workspace *w, struct error *err);

/* --- compute market (job.c) --- */

struct action_job_options {
    const char *arch, *task; /* task: NULL: the newest about the workspace's data */
    uint64_t pay, deposit;
    uint32_t blocks, seconds;
};
json_t *action_chain_job(struct workspace *w, const struct action_signer *s, const struct action_job_options *options,
                         struct error *err);
json_t *action_chain_take(struct workspace *w, const struct action_signer *s, const char *job, struct error *err);
/* Trains from the chain's objects alone, as attest does, and claims what came out. signer.train: only that. */
json_t *action_chain_result(struct workspace *w, const struct action_signer *s, const char *job, int threads,
                            const struct control *control, struct error *err);
/* {"jobs": [{"job", "task", "arch", "pay", "deposit", "blocks", "seconds", "state", "owner", "height", "proposal",
 * "taker", "taken", "here", "stage"}]} */
json_t *action_chain_jobs(struct workspace *w, struct error *err);

/* --- tournament (tournament*.c) --- */

struct action_seal_options {
    const char *model;
    const char *file; /* newer bars; NULL: the workspace's */
    const char *task; /* NULL: the newest about the workspace's data */
    int64_t bars;     /* of those that can be predicted the newest so many; 0: those that still count, at least one */
    struct action_data_options data;
    int threads;
    const struct control *control;
};
/* Gives also "seals": [ids], "task" and "predictions": [{"bar", "prediction", "probability_up", "from", "until", "late"}],
 * which nobody else sees. What was sealed is kept in the workspace; the salt comes from the key. */
json_t *action_chain_seal_prediction(struct workspace *w, const struct action_signer *s,
                                     const struct action_seal_options *options, struct error *err);
/* One seal, or NULL: all that can be revealed. */
json_t *action_chain_reveal_prediction(struct workspace *w, const struct action_signer *s, const char *seal,
                                       struct error *err);
struct action_outcome_options {
    const char *file, *task; /* task: NULL: the workspace's */
    struct action_data_options data;
};
/* Gives also "bars": [{"bar", "time", "price", "answer": "up", "down" or null, "until"}]. */
json_t *action_chain_outcome(struct workspace *w, const struct action_signer *s,
                             const struct action_outcome_options *options, struct error *err);
/* {"tasks": [{"task", "owner", "bars": known outcomes, "rows": [{"rank", "who", "right", "bars", "accuracy", "low",
 * "high", "seals", "revealed", "waiting", "sealed_to"}], "seals": [...], "outcomes": [...]}]}: of all tasks that have
 * seals or outcomes. */
json_t *action_chain_tournament(struct workspace *w, struct error *err);

#endif
