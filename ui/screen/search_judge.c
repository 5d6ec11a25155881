/* Judging from the Search screen: the manual models, the comparison of two, the sealed hold-out. */
#include "action/holdout.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_act.h"

/* --- baselines --------------------------------------------------------------------------------------------------------- */

static const char *const extents[] = {"quick: one model of each family, 10 epochs", "each family, and what 10 minutes are enough for",
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
        s->judge_job = app_job(app, (const char *const[]){"baseline", "--quick", NULL}, NULL);
    else if (text_equal(text, extents[1]))
        s->judge_job = app_job(app, (const char *const[]){"baseline", "--budget", "10m", NULL}, NULL);
    else
        s->judge_job = app_job(app, (const char *const[]){"baseline", NULL}, NULL);
}

void search_baselines(void *self, struct app *app)
{
    app_ask_choice(app, "Score the manual models on the same folds", extents, (int)ARRAY_N(extents), 0, extent_given, self);
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
    char key[17];
    (void)text;
    snprintf(key, sizeof key, "%.16s", s->chosen);
    s->judge_job = app_job(app, (const char *const[]){"holdout", "open", key, "--yes", NULL}, NULL);
}

void search_holdout(void *self, struct app *app)
{
    struct search_screen *s = self;
    struct error err = {0};
    struct hash id;
    if (!search_hash_of_row(s, s->table[s->view].cursor, &id))
        return;
    hash_hex(id, s->chosen);
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

/* What they are there to be measured against. */
static void put_best(const struct search_screen *s, struct text *out)
{
    const struct trial_row *t = s->best >= 0 ? &s->trial[s->best] : NULL;
    char label[48];
    if (t != NULL && !text_equal(t->strategy, RUNS_BASELINE)) {
        snprintf(label, sizeof label, "the best here, trial %lld", (long long)t->id);
        text_printf(out, "\n  %-28s %6.2f %%  [%.2f, %.2f]\n", label, 100 * t->score, 100 * t->low, 100 * t->high);
    }
    text_put(out, "\nIn brackets: 95 % intervals. A majority says always what was more frequent, persistence what came last; "
                  "logistic is one neuron; the number behind a network is its width. C compares two on the same bars.\n");
}

void search_judged(struct search_screen *s, struct app *app, const json_t *result)
{
    struct text out = {0};
    const json_t *chosen = json_object_get(result, "chosen"), *list = json_object_get(result, "baselines");
    if (json_object_get(result, "event") != NULL)
        return;
    if (json_is_object(chosen)) {
        json_t *one = json_pack("[O]", chosen);
        text_put(&out, "On the hold-out, which nothing had read before:\n");
        put_table(&out, one);
        json_decref(one);
    }
    if (json_is_array(list))
        text_put(&out, json_is_object(chosen) ? "\nThe manual models there:\n" : "The manual models, out of fold:\n");
    put_table(&out, list);
    if (json_is_array(list) && !json_is_object(chosen))
        put_best(s, &out);
    if (out.n > 0)
        text_put(&out, "\n");
    put_sentences(&out, result);
    if (out.n > 0)
        app_show_text(app, json_is_object(chosen) ? "The hold-out" : json_is_array(list) ? "Baselines" : "Compared", out.data);
    text_free(&out);
}
