/* chain task: the workspace's task on the chain. */
#include "action/chain_internal.h"

#include "base/memory.h"
#include "base/text.h"

/* Without a list the owner reviews, and everything it approves is marked `self`. */
static bool take_reviewers(struct tx_task *out, const struct action_chain_task_options *o, const struct key_info *who,
                           struct error *err)
{
    bool ok = true;
    out->approvals = o->approvals;
    out->reviewers = 0;
    if (!o->reviewers) {
        out->reviewers = 1;
        out->reviewer[0] = key_address(&who->public_key);
    } else {
        char *copy = memory_text(o->reviewers), *rest = copy, *one;
        while (ok && (one = text_next(&rest, ','))) {
            if (out->reviewers == TX_REVIEWERS_MAX)
                ok = error_set(err, ERROR_USAGE, "--reviewers: at most %d", TX_REVIEWERS_MAX);
            else
                ok = address_parse(text_trim(one), &out->reviewer[out->reviewers++], err);
        }
        free(copy);
    }
    return ok && ((o->approvals >= 1 && o->approvals <= out->reviewers) ||
                  error_set(err, ERROR_USAGE, "--approvals must be 1 to %d, the number of reviewers", out->reviewers));
}

static bool fill_task(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct action_chain_task_options *o = context;
    tx->type = TX_TASK;
    tx->task.pool = o->pool;
    tx->task.min_improvement_ppm = o->min_improvement_ppm;
    tx->task.full_pay_ppm = o->full_pay_ppm;
    return take_reviewers(&tx->task, o, d->who, err) &&
           claim_publish_task(d->workspace, d->chain, &tx->task, &o->recipe, err);
}

json_t *action_chain_task(struct workspace *w, const struct action_signer *s,
                          const struct action_chain_task_options *options, struct error *err)
{
    struct tx *tx = NEW(struct tx);
    struct action_chain_task_options o = *options;
    struct chain_filling filling = {.fill = fill_task, .context = &o};
    o.min_improvement_ppm = o.min_improvement_ppm ? o.min_improvement_ppm : ACTION_CHAIN_MIN_IMPROVEMENT;
    o.full_pay_ppm = o.full_pay_ppm ? o.full_pay_ppm : ACTION_CHAIN_FULL_PAY;
    json_t *result = recipe_check(&o.recipe, err) ? chain_submit(w, s, tx, &filling, err) : NULL;
    if (result && !s->draft) {
        json_object_set(result, "task", json_object_get(result, "tx"));
        json_object_set_new(result, "baseline_ppm", json_integer((json_int_t)tx->task.baseline_ppm));
        json_object_set_new(result, "next", json_string("`chain propose ARCH --stake N` claims what an architecture scores on it"));
    }
    free(tx);
    return result;
}
