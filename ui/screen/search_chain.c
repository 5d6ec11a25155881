/* The chain of morphisms that led to a trial, with what was scored, what had been predicted, and what the surrogate says
 * of each step today; behind it the best that is suggested to grow from the trial.
 *
 * The trials themselves give the chain at once; the posterior comes from a job (suggest --chain), which fits the
 * surrogate. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { CHAIN_MOST = 1000 };

void search_free_chain(struct search_screen *s)
{
    free(s->chain);
    json_decref(s->chain_result);
    s->chain = NULL;
    s->chain_result = NULL;
    s->chains = 0;
    s->chain_of = 0;
}

static double member(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void copy_steps(char *out, size_t size, const char *steps)
{
    text_copy(out, size, steps != NULL ? steps : "");
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '\n' ? ';' : *c;
}

static struct search_chain_row row_of_trial(const struct search_screen *s, const struct trial_row *t)
{
    struct search_chain_row r = {.trial = t->id,
                                 .mean = (double)NAN,
                                 .sd = (double)NAN,
                                 .asked = t->predicted,
                                 .asked_sd = t->predicted_sd,
                                 .score = search_is_done(t) ? t->score : (double)NAN,
                                 .low = t->low,
                                 .high = t->high,
                                 .fidelity = t->fidelity};
    hash_hex(t->arch, r.arch);
    search_arch_name(s, t->arch, r.name);
    copy_steps(r.step, sizeof r.step, t->steps[0] != '\0' ? t->steps : "start");
    return r;
}

/* The suggestion of the largest expected improvement among those that grow from the trial. */
static const json_t *child_of(const struct search_screen *s, int64_t trial)
{
    const json_t *best = NULL;
    for (int i = 0; i < (int)search_suggestions(s); i++) {
        const json_t *j = search_suggestion(s, i);
        if (json_integer_value(json_object_get(j, "trial")) == trial &&
            (best == NULL || member(j, "ei") > member(best, "ei")))
            best = j;
    }
    return best;
}

static struct search_chain_row row_of_candidate(const json_t *j)
{
    struct search_chain_row r = {.mean = member(j, "mean"),
                                 .sd = member(j, "sd"),
                                 .asked = (double)NAN,
                                 .asked_sd = (double)NAN,
                                 .score = (double)NAN,
                                 .low = (double)NAN,
                                 .high = (double)NAN,
                                 .fidelity = (double)NAN};
    const char *arch = json_string_value(json_object_get(j, "arch"));
    text_copy(r.arch, sizeof r.arch, arch != NULL ? arch : "");
    snprintf(r.name, sizeof r.name, "%.8s", r.arch);
    copy_steps(r.step, sizeof r.step, json_string_value(json_object_get(j, "morphism")));
    return r;
}

/* The posterior of a trial, as the job said; rows are few. */
static void put_posterior(struct search_screen *s)
{
    const json_t *rows = json_object_get(s->chain_result, "rows"), *j;
    size_t i;
    bool candidate = s->chains > 0 && s->chain[s->chains - 1].trial == 0;
    json_array_foreach(rows, i, j)
    {
        int64_t trial = json_integer_value(json_object_get(j, "trial"));
        for (int k = 0; k < s->chains && trial != 0; k++)
            if (s->chain[k].trial == trial) {
                s->chain[k].mean = member(j, "mean");
                s->chain[k].sd = member(j, "sd");
            }
        if (trial == 0) {
            s->chains -= candidate;
            s->chain[s->chains++] = row_of_candidate(j);
            candidate = true;
        }
    }
}

void search_chain_show(struct search_screen *s, int64_t trial)
{
    const struct trial_row *t = search_find_trial(s, trial);
    json_t *result = NULL;
    int depth = 0;
    if (t != NULL && s->chain_of == trial)
        result = json_incref(s->chain_result);
    search_free_chain(s);
    for (const struct trial_row *up = t; up != NULL && depth < CHAIN_MOST; up = search_find_trial(s, up->parent))
        depth++;
    if (t == NULL)
        return;
    s->chain_of = trial;
    s->chain_result = result;
    s->chain = NEW_ARRAY(struct search_chain_row, depth + 2);
    s->chains = depth;
    for (int i = depth - 1; i >= 0; i--, t = search_find_trial(s, t->parent))
        s->chain[i] = row_of_trial(s, t);
    const json_t *child = child_of(s, trial);
    if (child != NULL)
        s->chain[s->chains++] = row_of_candidate(child);
    if (result != NULL)
        put_posterior(s);
}

void search_chain_event(struct search_screen *s, json_t *result)
{
    if (json_integer_value(json_object_get(result, "trial")) != s->chain_of || !json_is_array(json_object_get(result, "rows")))
        return;
    json_decref(s->chain_result);
    s->chain_result = json_incref(result);
    put_posterior(s);
}
