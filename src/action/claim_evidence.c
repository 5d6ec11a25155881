/* What a reviewer reads: first the claim itself, line by line, then what speaks for it. */
#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

static void put_hash(struct text *t, const char *name, struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    if (!hash_is_zero(h))
        text_printf(t, "%s %s\n", name, hex);
}

/* Without roots: those come with the opening, when nobody can copy them any more. */
char *claim_lines(const struct state_task *task, const struct tx_propose *p)
{
    struct text t = {0};
    uint64_t correct = 0, total = 0;
    text_printf(&t, "morphsmith-evidence 2\nnumeric %s\n", task->body.numeric);
    put_hash(&t, "task", task->id);
    put_hash(&t, "architecture", p->arch);
    put_hash(&t, "parent", p->parent);
    put_hash(&t, "morphisms", p->morphisms);
    for (int k = 0; k < p->counts.folds; k++) {
        text_printf(&t, "fold %d correct %u of %u\n", k + 1, p->counts.correct[k], p->counts.total[k]);
        correct += p->counts.correct[k];
        total += p->counts.total[k];
    }
    text_printf(&t, "directional_accuracy %.6f\n", total ? (double)correct / (double)total : 0.0);
    return t.data;
}

static void put_interval(struct text *t, const char *name, const json_t *interval)
{
    text_printf(t, "interval95 %s %.6f %.6f %.6f\n", name, json_member_number(interval, "mean"),
                json_member_number(interval, "low"), json_member_number(interval, "high"));
}

/* Mean, low and high of the 95 % intervals, fold by fold what else was measured, the sentence about all that was tried,
 * the recipe, and where the network comes from. */
char *claim_evidence(const struct state_task *task, const struct tx_propose *p, const json_t *result,
                     const char *sentence, const char *recipe, const struct claim *c)
{
    struct text t = {0};
    char *lines = claim_lines(task, p);
    const char *score = json_string_value(json_object_get(result, "score_name"));
    char name[64];
    const json_t *fold;
    size_t k;
    text_put(&t, lines);
    put_interval(&t, "directional_accuracy", json_object_get(result, "directional_accuracy"));
    if (score && json_object_get(result, "score") && text_copy(name, sizeof name, score)) {
        for (char *at = name; *at; at++)
            *at = *at == ' ' ? '_' : *at;
        if (!text_equal(name, "directional_accuracy"))
            put_interval(&t, name, json_object_get(result, "score"));
    }
    text_printf(&t, "stability %.6f\n", json_member_number(result, "stability"));
    json_array_foreach(json_object_get(result, "folds"), k, fold)
        text_printf(&t, "fold %zu epochs %lld best %lld log_loss %.6f\n", k + 1,
                    json_integer_value(json_object_get(fold, "epochs")),
                    json_integer_value(json_object_get(fold, "best_epoch")), json_member_number(fold, "log_loss"));
    text_printf(&t, "\n%s\n\n%s", sentence, recipe);
    if (c->morphisms)
        text_printf(&t, "\nparent\n%s\nmorphisms\n%s\n", c->parent, c->morphisms);
    text_printf(&t, "\n%s", c->arch);
    free(lines);
    return t.data;
}

bool claim_evidence_check(const char *chain, const struct state_task *task, const struct tx_propose *p, char **text,
                          struct error *err)
{
    char *read = claim_object_text(chain, p->evidence, "the evidence of this proposal", err);
    if (!read)
        return false;
    char *lines = claim_lines(task, p);
    bool same = text_starts(read, lines) ||
                error_set(err, ERROR_CHAIN, "the evidence does not state what the proposal claims: reject it");
    free(lines);
    if (same && text)
        *text = read;
    else
        free(read);
    return same;
}
