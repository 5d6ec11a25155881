/* chain verify: everything checked again from genesis, and with --rerun every verdict and outcome done again from objects. */
#include "action/tournament.h"

#include "base/file.h"
#include "base/memory.h"
#include "work/json.h"

static void verify_progress(void *context, uint64_t done, uint64_t bytes)
{
    const struct control *control = context;
    control_event(control,
                  json_pack("{s:s, s:o, s:s}", "event", "verify", "progress",
                            json_of_number(bytes ? (double)done / (double)bytes : 1.0), "text", "verifying the chain"));
}

/* What the chain has to contain: what the workspace has seen, and what the caller has. */
static bool take_heads(struct workspace *w, const char *head, bool accept, struct ledger_head out[2], int *n,
                       struct error *err)
{
    *n = !accept && chain_head_known(w, &out[0]); /* the first, if there is one: chain_head_advise speaks of it */
    if (!head)
        return true;
    return chain_head_parse(head, &out[(*n)++]) ||
           error_set(err, ERROR_USAGE, "--head is HEIGHT:HASH with all 64 digits, as `chain verify` prints it, not %s",
                     head);
}

/* Where blocks.len knows of more than there is, nothing is to be accepted: the file was cut. */
static bool opens(const char *chain)
{
    struct ledger *l = ledger_open(chain, false, NULL);
    ledger_close(l);
    return l != NULL;
}

static bool verify(struct workspace *w, struct ledger_verdict *v, const struct ledger_head *heads, int n,
                   bool own, int threads, const struct ledger_rerun *rerun, const struct control *control,
                   struct error *err)
{
    char chain[FILE_PATH_MAX];
    chain_folder(w, chain, sizeof chain);
    if (ledger_verify_heads(chain, v, heads, n, threads, rerun, verify_progress, (void *)control, err)) {
        chain_head_remember(w, v->height, v->head);
        return true;
    }
    if (own && v->missed & 1 && opens(chain)) /* anything else is no case for --accept */
        chain_head_advise(w, err);
    chain_damage_advise(err);
    return false;
}

static bool chain_there(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX], blocks[FILE_PATH_MAX];
    chain_folder(w, chain, sizeof chain);
    file_join(blocks, sizeof blocks, chain, "blocks.msc");
    return file_exists(blocks) ||
           error_set(err, ERROR_CHAIN, "there is no chain in %s: make one with `chain init`", chain);
}

static bool rerun_outcome(void *context, const struct state *s, const struct tx_outcome *outcome, struct error *err)
{
    return tournament_check(((const struct claim_rerun *)context)->chain, s, outcome, false, err);
}

json_t *action_chain_verify(struct workspace *w, bool rerun, const char *head, bool accept, int threads,
                            const struct control *control, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger_head heads[2];
    int heads_n;
    if (!chain_there(w, err) || !take_heads(w, head, accept, heads, &heads_n, err))
        return NULL;
    struct ledger_verdict *v = NEW(struct ledger_verdict);
    struct threads *pool = threads_new(threads);
    chain_folder(w, chain, sizeof chain);
    struct claim_rerun how = {chain, pool, control};
    struct ledger_rerun again = {claim_rerun_finding, &how, claim_rerun_verdict, rerun_outcome};
    bool ok = verify(w, v, heads, heads_n, heads_n > (head != NULL), threads, rerun ? &again : NULL, control, err);
    json_t *result = NULL;
    if (ok)
        result = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "ok", 1, "height", (json_int_t)v->height,
                           "final", (json_int_t)v->final_height,
                           "blocks", (json_int_t)v->blocks, "transactions", (json_int_t)v->transactions, "signatures",
                           (json_int_t)v->signatures, "reruns", (json_int_t)v->reruns, "seconds",
                           json_of_number(v->seconds), "head", json_of_hash(v->head));
    else if (v->reason[0])
        result = json_pack("{s:b, s:{s:I, s:I, s:o}}", "ok", 0, "error", "height", (json_int_t)v->error_height,
                           "offset", (json_int_t)v->error_offset, "reason", json_of_text(v->reason));
    threads_free(pool);
    free(v);
    return result;
}
