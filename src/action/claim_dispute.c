/* The challenger's part, and the accused's: where two runs part, and the state before it. */
#include "action/claim_dispute.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "train/room.h"
#include "work/json.h"

#define STATE_MOST ((size_t)64 << 20) /* of an object */

/* --- a fold ------------------------------------------------------------------------------------------------------- */

bool claim_fold_open(struct claim_fold *f, const struct claim_rerun *how, const struct state_task *task,
                     const struct state_proposal *p, uint32_t fold, struct error *err)
{
    struct recipe recipe;
    *f = (struct claim_fold){.how = how};
    if (!claim_same_numeric(&task->body, err))
        return false;
    if (!numeric_self_test(err))
        return error_prefix(err, "this machine must not judge");
    if (!claim_recipe(how->chain, &task->body, &recipe, err) ||
        !(f->data = claim_dataset(how->chain, &task->body, err)) ||
        !(f->arch = claim_object_arch(how->chain, p->body.arch, "the claimed architecture", err)))
        return false;
    return room_check(f->arch, recipe.batch, 2, 1, err) &&
           retrace_start(&f->retrace, f->data, f->arch, &recipe, (int)fold - 1, err);
}

void claim_fold_close(struct claim_fold *f)
{
    retrace_end(&f->retrace);
    arch_free(f->arch);
    dataset_free(f->data);
    *f = (struct claim_fold){0};
}

static void relay_epoch(void *context, const struct train_event *e)
{
    const struct claim_fold *f = context;
    char text[96];
    snprintf(text, sizeof text, "re-executing fold %d, epoch %d of at most %d", e->fold + 1, e->epoch, e->epochs);
    control_event(f->how->control, json_pack("{s:s, s:i, s:i, s:o}", "event", "dispute", "fold", e->fold + 1, "epoch",
                                             e->epoch, "text", json_of_text(text)));
}

static bool relay_cancelled(void *context)
{
    return control_cancelled(((const struct claim_fold *)context)->how->control);
}

bool claim_fold_go(const struct claim_fold *f, struct model *m, struct train_stretch *out, int64_t until,
                   struct error *err)
{
    struct train_hooks hooks = {.context = (void *)f, .event = relay_epoch, .cancelled = relay_cancelled};
    return retrace_go(&f->retrace, m, out, until, f->how->pool, &hooks, err);
}

/* --- where they part ---------------------------------------------------------------------------------------------- */

static uint64_t leaves_of(const struct leaves *l, int fold)
{
    return fold < l->folds ? l->fold[fold].n : 0;
}

/* Lists that differ. A list that ends where the other goes on differs at its last leaf. */
static void part_at(const struct leaves *claimed, const struct leaves *own, const struct leaves_gap *gap,
                    struct claim_place *out)
{
    uint64_t a = leaves_of(claimed, gap->fold), b = leaves_of(own, gap->fold), shorter = a < b ? a : b;
    if (claimed->folds != own->folds) { /* any place shows it */
        *out = (struct claim_place){.fold = 1, .leaf = 1, .found = own->fold[0].leaf[0]};
        return;
    }
    if (claimed->fold[gap->fold].interval != own->fold[gap->fold].interval) /* no part of the root: such a list is no help */
        return;
    uint64_t at = gap->leaf < shorter ? gap->leaf : shorter - 1;
    *out = (struct claim_place){
        .fold = (uint32_t)gap->fold + 1, .leaf = at + 1, .found = own->fold[gap->fold].leaf[at], .stateful = at > 0};
    if ((at + 1 == a) != (at + 1 == b)) /* whether it ends there only the beginning tells */
        out->stateful = false;
    out->last = at + 1 == a;
}

/* Lists that agree: counts that do not, or else the weights. */
static void part_behind(const struct leaves *claimed, const struct state_proposal *p, const struct claim_run *own,
                        struct claim_place *out)
{
    const struct tx_counts *a = &p->body.counts, *b = &own->finding.counts;
    for (int k = 0; k < b->folds && k < a->folds && k < claimed->folds; k++)
        if (a->correct[k] != b->correct[k] || a->total[k] != b->total[k]) {
            *out = (struct claim_place){.fold = (uint32_t)k + 1, .leaf = claimed->fold[k].n + 1, .stateful = true};
            return;
        }
    *out = (struct claim_place){.fold = 0};
}

bool claim_dispute_find(const char *chain, const struct state_proposal *p, const struct claim_run *own,
                        struct claim_place *out, char *why, size_t size)
{
    struct leaves claimed, mine;
    struct leaves_gap gap;
    *out = (struct claim_place){.fold = 0};
    if (!claim_difference(chain, p, own, why, size))
        return false;
    if (!leaves_parse(&mine, own->leaves, strlen(own->leaves), NULL))
        return true;
    if (claim_leaves(chain, &p->open, &claimed, NULL)) { /* else the list is no help */
        if (leaves_differ(&claimed, &mine, &gap))
            part_at(&claimed, &mine, &gap, out);
        else
            part_behind(&claimed, p, own, out);
        leaves_free(&claimed);
    }
    leaves_free(&mine);
    return true;
}

/* --- the state before it ------------------------------------------------------------------------------------------ */

static bool put_state(const struct claim_fold *f, const struct model *m, struct hash *object, struct error *err)
{
    struct bytes b = {0};
    bool ok = retrace_state_encode(m, &b, err) && ledger_object_put(f->how->chain, b.data, b.n, object, err);
    bytes_free(&b);
    return ok;
}

/* More than the last leaf: the training's end. */
static bool train_to(const struct claim_fold *f, const struct claim_place *place, struct hash *object, struct error *err)
{
    struct model *m = retrace_fresh(&f->retrace, err);
    struct train_stretch part = {0};
    int64_t most = f->retrace.steps / f->retrace.interval;
    int64_t until = place->leaf - 1 <= (uint64_t)most ? (int64_t)(place->leaf - 1) * f->retrace.interval : INT64_MAX;
    size_t bytes = m ? m->weights * (size_t)(1 + f->retrace.moments) * sizeof(float) + 64 : 0;
    bool ok = m && (bytes > STATE_MOST || (claim_fold_go(f, m, &part, until, err) && put_state(f, m, object, err)));
    free(part.leaf);
    model_free(m);
    return ok;
}

bool claim_dispute_state(const struct claim_rerun *how, const struct state_task *task, const struct state_proposal *p,
                         const struct claim_place *place, struct hash *object, struct error *err)
{
    struct claim_fold f;
    *object = (struct hash){{0}};
    if (!place->stateful || place->fold == 0 || place->leaf < 2)
        return true;
    bool ok = claim_fold_open(&f, how, task, p, place->fold, err) &&
              ((place->last && f.retrace.back) || train_to(&f, place, object, err));
    claim_fold_close(&f);
    return ok;
}
