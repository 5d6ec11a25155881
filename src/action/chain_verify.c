/* chain verify: everything checked again from genesis, and with --rerun every verdict trained again from objects. */
#include "action/chain_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

static void verify_progress(void *context, uint64_t done, uint64_t bytes)
{
    const struct control *control = context;
    control_event(control,
                  json_pack("{s:s, s:o, s:s}", "event", "verify", "progress",
                            json_of_number(bytes ? (double)done / (double)bytes : 1.0), "text", "verifying the chain"));
}

/* Does the chain still contain the remembered head? */
static bool check_head(const char *chain, const char *head, struct ledger_verdict *v, struct error *err)
{
    char *copy = memory_text(head), *rest = copy;
    const char *height = text_next(&rest, ':');
    struct hash want;
    int64_t h = 0;
    bool ok = height && rest && text_parse_int(height, 0, INT64_MAX, &h) && hash_from_hex(rest, &want);
    if (!ok) {
        error_set(err, ERROR_USAGE, "--head is HEIGHT:HASH, not %s", head);
    } else {
        struct ledger *l = ledger_open(chain, false, err);
        struct ledger_block b;
        ok = l != NULL;
        if (ok && (!ledger_block(l, (uint64_t)h, &b) || !hash_equal(b.id, want))) {
            v->ok = false;
            v->error_height = (uint64_t)h;
            snprintf(v->reason, sizeof v->reason,
                     "the chain does not contain the remembered head %s: it was cut or rewritten", head);
            ok = error_set(err, ERROR_CHAIN, "%s", v->reason);
        }
        ledger_close(l);
    }
    free(copy);
    return ok;
}

json_t *action_chain_verify(struct workspace *w, bool rerun, const char *head, int threads,
                            const struct control *control, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger_verdict *v = NEW(struct ledger_verdict);
    struct threads *pool = threads_new(threads);
    chain_folder(w, chain, sizeof chain);
    struct claim_rerun how = {chain, pool, control};
    struct ledger_rerun again = {claim_rerun_finding, &how};
    bool ok = ledger_verify(chain, v, rerun ? &again : NULL, verify_progress, (void *)control, err);
    if (ok && head)
        ok = check_head(chain, head, v, err);
    json_t *result = NULL;
    if (ok)
        result = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "ok", 1, "height", (json_int_t)v->height,
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
