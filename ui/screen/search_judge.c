/* Judging from the Search screen: the manual models, the comparison of two, the sealed hold-out. */
#include "action/holdout.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_act.h"

#include <math.h>

/* --- baselines --------------------------------------------------------------------------------------------------------- */

static const char *const extents[] = {"the table of what was trained so far", "quick: one model of each family, 10 epochs", "each family, and what 10 minutes are enough for",
                                      "the whole grid: it may take long"};

bool search_may_judge(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    (void)app;
    text_copy(why, size, s->has_task ? "baselines, a comparison or the hold-out are at work: wait, or x cancels"
                                     : "there is no prediction task yet: set one on the Data screen (1)");
    return s->has_task && s->judge_job == NULL;
}

static void extent_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    if (text_equal(text, extents[0]))
        s->judge_job = app_job(app, (const char *const[]){"baseline", "--kept", NULL}, NULL);
    else if (text_equal(text, extents[1]))
        s->judge_job = app_job(app, (const char *const[]){"baseline", "--quick", NULL}, NULL);
    else if (text_equal(text, extents[2]))
        s->judge_job = app_job(app, (const char *const[]){"baseline", "--budget", "10m", NULL}, NULL);
    else
        s->judge_job = app_job(app, (const char *const[]){"baseline", NULL}, NULL);
}

void search_baselines(void *self, struct app *app)
{
    const struct search_screen *s = self;
    int there = 1;
    for (int i = 0; i < s->trials; i++)
        if (s->rank[i] > 0 && text_equal(s->trial[i].strategy, RUNS_BASELINE))
            there = 0;
    app_ask_choice(app, "The manual models, on the same folds, beside what was found", extents, (int)ARRAY_N(extents), there,
                   extent_given, self);
}

/* --- two compared ------------------------------------------------------------------------------------------------------ */

bool search_may_compare(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    int trial = search_trial_of_row(s, s->table[s->view].cursor);
    if (!search_may_judge(self, app, why, size))
        return false;
    text_copy(why, size, "there is no trial under the cursor that was scored in full");
    return trial >= 0 && search_is_full(&s->trial[trial]);
}

static void other_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    char mine[32], other[64];
    snprintf(mine, sizeof mine, "trial:%lld", (long long)s->compared);
    text_copy(other, sizeof other, text);
    other[strcspn(other, " ")] = '\0';
    s->judge_job = app_job(app, (const char *const[]){"compare", mine, other, NULL}, NULL);
}

/* The best, the pinned ones, the best of each manual model, and a rule. */
void search_compare(void *self, struct app *app)
{
    enum { MOST = 16 };
    struct search_screen *s = self;
    char line[MOST][96], name[80];
    const char *choice[MOST];
    int n = 0, here = search_trial_of_row(s, s->table[s->view].cursor), baselines = 0;
    s->compared = s->trial[here].id;
    snprintf(line[n++], sizeof line[0], "majority (a rule: always what was more frequent)");
    for (int i = 0; i < s->boards && n < MOST; i++) {
        int at = s->board[i];
        const struct trial_row *t = &s->trial[at];
        bool baseline = text_equal(t->strategy, RUNS_BASELINE) && baselines < 5;
        if (at == here || s->rank[at] == 0 || !(at == s->best || t->pinned || baseline))
            continue;
        baselines += baseline;
        snprintf(line[n++], sizeof line[0], "trial:%lld %s, %.2f %%%s", (long long)t->id, search_arch_name(s, t->arch, name),
                 100 * t->score, at == s->best ? ", the best" : t->pinned ? ", pinned" : "");
    }
    for (int i = 0; i < n; i++)
        choice[i] = line[i];
    app_ask_choice(app, "Compared on the same bars with", choice, n, n > 1, other_given, s);
}

/* --- the hold-out ------------------------------------------------------------------------------------------------------ */

static void word_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    (void)text;
    s->judge_job = app_job(app, (const char *const[]){"holdout", "open", s->chosen, "--yes", NULL}, NULL);
}

/* The very trial under the cursor: an architecture may have been scored with several recipes. */
static bool choose(struct search_screen *s)
{
    struct hash id;
    int row = s->table[s->view].cursor, trial = search_trial_of_row(s, row);
    if (trial >= 0 && search_is_full(&s->trial[trial])) {
        snprintf(s->chosen, sizeof s->chosen, "trial:%lld", (long long)s->trial[trial].id);
        return true;
    }
    if (!search_hash_of_row(s, row, &id))
        return false;
    hash_hex(id, s->chosen);
    s->chosen[16] = '\0';
    return true;
}

void search_holdout(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct error err = {0};
    if (!choose(s))
        return;
    json_t *ask = action_holdout_ask(app_workspace(app), s->chosen, &err);
    const char *text = json_string_value(json_object_get(ask, "text")), *state = json_string_value(json_object_get(ask, "state"));
    if (ask == NULL || text == NULL || state == NULL)
        app_error(app, &err);
    else if (text_equal(state, "done"))
        s->judge_job = app_job(app, (const char *const[]){"holdout", "show", NULL}, NULL);
    else
        app_ask_word(app, "Open the sealed hold-out, once and for good", text, "open", word_given, s);
    json_decref(ask);
}

bool search_may_holdout(void *self, struct app *app, char *why, size_t size)
{
    return search_may_judge(self, app, why, size) && search_has_arch(self, app, why, size);
}

/* --- what they say ----------------------------------------------------------------------------------------------------- */

static void put_sentences(struct text *out, const json_t *j)
{
    const char *sentence = json_string_value(json_object_get(j, "sentence"));
    const json_t *one;
    size_t i;
    if (sentence != NULL)
        text_printf(out, "%s\n\n", sentence);
    json_array_foreach(json_object_get(j, "leads"), i, one)
        put_sentences(out, one);
    if (json_is_object(json_object_get(j, "evidence")))
        put_sentences(out, json_object_get(j, "evidence"));
}

static void put_table(struct text *out, const json_t *list)
{
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        const json_t *score = json_object_get(one, "score");
        text_printf(out, "  %-28s %6.2f %%  [%.2f, %.2f]\n", json_string_value(json_object_get(one, "name")),
                    100 * json_number_value(json_object_get(score, "mean")),
                    100 * json_number_value(json_object_get(score, "low")),
                    100 * json_number_value(json_object_get(score, "high")));
    }
}

/* --- the manual models beside what was found --- */

static double score_at(const json_t *one, const char *key)
{
    return json_number_value(json_object_get(json_object_get(one, "score"), key));
}

struct span {
    double low, high;
};

static void widen_to(struct span *span, const json_t *one)
{
    span->low = fmin(span->low, score_at(one, "low"));
    span->high = fmax(span->high, score_at(one, "high"));
}

static void put_row(struct text *out, const char *name, const json_t *one, const struct span *span)
{
    enum { BAR = 12 };
    char bar[64];
    const json_t *lead = json_object_get(one, "lead");
    figure_interval_bar(score_at(one, "low"), score_at(one, "mean"), score_at(one, "high"), span->low, span->high, BAR, bar,
                        sizeof bar);
    text_printf(out, "  %-14.14s %5.2f %% [%.1f, %.1f] %s", name, 100 * score_at(one, "mean"), 100 * score_at(one, "low"),
                100 * score_at(one, "high"), bar);
    if (json_is_object(lead))
        text_printf(out, " %+.2f [%+.1f, %+.1f]", 100 * json_number_value(json_object_get(lead, "mean")),
                    100 * json_number_value(json_object_get(lead, "low")),
                    100 * json_number_value(json_object_get(lead, "high")));
    text_put(out, "\n");
}

static void put_standing(struct text *out, const json_t *result)
{
    const json_t *list = json_object_get(result, "baselines"), *found = json_object_get(result, "found"), *one;
    const json_t *evidence = json_object_get(result, "evidence");
    struct span span = {INFINITY, -INFINITY};
    size_t i, left = json_array_size(json_object_get(result, "left"));
    char name[32];
    json_array_foreach(list, i, one)
        widen_to(&span, one);
    if (json_is_object(found))
        widen_to(&span, found);
    text_printf(out, "  Out of fold      score  95 %% int.   %-6.1f%6.1f %s\n", 100 * span.low, 100 * span.high,
                json_is_object(found) ? "found leads by" : "");
    json_array_foreach(list, i, one)
        put_row(out, json_string_value(json_object_get(one, "name")), one, &span);
    if (json_is_object(found)) {
        snprintf(name, sizeof name, "trial %lld", json_integer_value(json_object_get(found, "trial")));
        text_printf(out, "\n  Found: %s\n", json_string_value(json_object_get(found, "why")));
        put_row(out, name, found, &span);
    }
    if (json_is_object(evidence))
        text_printf(out, "\n%s\n", json_string_value(json_object_get(evidence, "sentence")));
    text_put(out, "\nA lead is in points, paired on the bars that both were scored on, and is one only where its whole interval is "
                  "above 0; it is not corrected for the choice of the best trial, as the sentence is. A majority says always "
                  "what was more frequent, persistence what came last; logistic is one neuron; the number behind a network is "
                  "its width.\n");
    if (left > 0)
        text_printf(out, "\n%zu of the grid of manual models were not trained yet: b trains them.\n", left);
}

void search_judged(struct app *app, const json_t *result)
{
    struct text out = {0};
    const json_t *chosen = json_object_get(result, "chosen"), *list = json_object_get(result, "baselines");
    if (json_object_get(result, "event") != NULL)
        return;
    if (search_put_inherited(&out, result)) {
        app_show_text(app, "What inheriting weights saved", out.data);
        text_free(&out);
        return;
    }
    if (json_is_object(chosen)) {
        json_t *one = json_pack("[O]", chosen);
        text_put(&out, "On the hold-out, which nothing had read before:\n");
        put_table(&out, one);
        json_decref(one);
    }
    if (json_is_array(list) && !json_is_object(chosen)) {
        put_standing(&out, result);
    } else if (json_is_array(list)) {
        text_put(&out, "\nThe manual models there:\n");
        put_table(&out, list);
    }
    if (json_is_array(list) && json_is_object(chosen))
        text_put(&out, "\n");
    if (!json_is_array(list) || json_is_object(chosen))
        put_sentences(&out, result);
    if (out.n > 0)
        app_show_text(app, json_is_object(chosen) ? "The hold-out" : json_is_array(list) ? "Baselines" : "Compared", out.data);
    text_free(&out);
}
