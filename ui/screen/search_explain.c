/* The Search screen's `e`: today's numbers in the formulas. */
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "train/metric.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <jansson.h>
#include <math.h>

static double member(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* --- a suggestion
 * ------------------------------------------------------------------------------------------------------ */

static void say_improvement(struct text *out, double mean, double sd, double best)
{
    double z = (mean - best) / sd, cdf = vmath_normal_cdf(z), pdf = vmath_normal_pdf(z);
    text_printf(out, "posterior mean   m     = %.6f\n", mean);
    text_printf(out, "posterior sd     s     = %.6f\n", sd);
    text_printf(out, "best so far      f(x+) = %.6f   (largest posterior mean at a scored architecture)\n", best);
    text_printf(out, "z = (m - f(x+)) / s    = (%.6f - %.6f) / %.6f = %.4f\n", mean, best, sd, z);
    text_printf(out, "Phi(z)                 = %.6f   (chance to be better than the best)\n", cdf);
    text_printf(out, "phi(z)                 = %.6f\n\n", pdf);
    text_printf(out, "EI = s (z Phi(z) + phi(z))\n   = %.6f x (%.4f x %.6f + %.6f)\n   = %.3e, which is %.3f points of the score: what the list says\n\n", sd, z, cdf, pdf, sd * (z * cdf + pdf),
                100 * sd * (z * cdf + pdf));
    double gain = (mean - best) * cdf, luck = sd * pdf;
    text_printf(out, "Exploitation, (m - f(x+)) Phi(z): %+.3e. Exploration, s phi(z): %+.3e.\n%s\n\n", gain, luck,
                gain > luck ? "It is named mostly because it is expected to be better."
                            : "It is named mostly because little is known about it: a look may pay.");
}

/* Few trials leave the surrogate's settings open: what each of several that were drawn says, and what becomes of it. */
static void say_parts(struct text *out, const json_t *parts, double mean, double sd, double best)
{
    const json_t *one;
    double sum = 0;
    size_t i, n = json_array_size(parts);
    text_printf(out,
                "posterior mean   m     = %.6f\nposterior sd     s     = %.6f\n"
                "best so far      f(x+) = %.6f   (largest posterior mean at a scored architecture)\n\n",
                mean, sd, best);
    text_printf(out,
                "The trials are too few to fix the surrogate's own settings (depth, lengths, noise): %zu were drawn from what is "
                "likely, by slice sampling, and each weighs the same. With z = (m - f(x+)) / s, EI = s (z Phi(z) + phi(z)):\n",
                n);
    json_array_foreach(parts, i, one)
    {
        sum += member(one, "ei");
        text_printf(out, "  %zu: m = %.6f  s = %.6f  z = %+.4f  EI = %.3e\n", i + 1, member(one, "mean"), member(one, "sd"),
                    member(one, "z"), member(one, "ei"));
    }
    double ei = sum / (double)n;
    text_printf(out, "\nEI = their mean\n   = %.3e, which is ", ei);
    text_printf(out, 100 * ei >= 0.001 ? "%.3f" : "%.1e", 100 * ei);
    text_put(out, " points of the score: what the list says\n\n");
    text_put(out, "All this is reckoned on the surrogate's scale, which is straight above the median score and bent below it: where m "
                  "or f(x+) lies below, z and EI are not quite those of the printed m and s. The m above is the mean of theirs, "
                  "s^2 the mean of theirs and the spread of their means.\n\n");
}

static void say_surrogate(struct text *out, const json_t *fitted)
{
    if (!json_is_object(fitted))
        return;
    double share = member(fitted, "wl_share");
    text_printf(out, "The surrogate is a Gaussian process fitted to %.0f scored architectures:\n",
                member(fitted, "observations"));
    text_printf(out, "  kernel = variance x (%.2f WL graph kernel + %.2f Matern 5/2 on size) + noise\n", share,
                1 - share);
    text_printf(out, "  WL depth %.0f, length scale %.3f, variance %.3f, noise %.4f, jitter %.1e\n",
                member(fitted, "depth"), member(fitted, "length"), member(fitted, "variance"), member(fitted, "noise"),
                member(fitted, "jitter"));
    double models = member(fitted, "models");
    if (models > 1)
        text_printf(out, "  (variance and noise in units of the standardised scores; the depth drawn most often and the middle of the "
                         "rest, of %.0f settings drawn from their posterior)\n\n",
                    models);
    else
        text_put(out, "  (variance and noise in units of the standardised scores; chosen by marginal likelihood)\n\n");
}

/* m(x) = sum of k(x, x_i) alpha_i: the terms of the nearest trials, and what all others add. */
static void say_near(const struct search_screen *s, struct text *out, const json_t *j)
{
    const json_t *list = json_object_get(j, "near"), *one;
    double sum = member(j, "near_sum"), named = 0;
    size_t i;
    if (json_array_size(list) == 0)
        return;
    text_printf(out,
                "The prediction is a sum over the %.0f observed trials, m(x) = sum k(x, x_i) alpha_i, here in standardised "
                "units (0: the mean score, 1: one sd of the scores). k is 1 for the same network, 0 for one that has nothing "
                "in common. The nearest in the kernel:\n",
                member(j, "near_of"));
    json_array_foreach(list, i, one)
    {
        int64_t id = json_integer_value(json_object_get(one, "trial"));
        const struct trial_row *t = search_find_trial(s, id);
        double k = member(one, "k"), alpha = member(one, "alpha");
        named += k * alpha;
        text_printf(out, "  trial %-6lld k = %.4f  alpha = %+.4f  adds %+.4f", (long long)id, k, alpha, k * alpha);
        if (t != NULL && isfinite(t->score))
            text_printf(out, "   (scored %.4f)", t->score);
        text_put(out, "\n");
    }
    text_printf(out, "  all others                               add %+.4f\n  together %+.4f\n\n", sum - named, sum);
}

/* Several objectives are sought as one, under weights that are drawn anew for each proposal of a search. */
static void say_objectives(const struct search_screen *s, struct text *out)
{
    json_t *options = s->has_last ? json_loads(s->last.options, 0, NULL) : NULL;
    const json_t *list = json_object_get(options, "objectives"), *one;
    size_t i;
    if (json_array_size(list) > 1) {
        text_put(out, "The last search sought several objectives:");
        json_array_foreach(list, i, one)
            text_printf(out, " %s", json_string_value(one) != NULL ? json_string_value(one) : "?");
        text_put(out, ". It makes them one by ParEGO: for each proposal weights w_j are drawn (they are positive and sum to 1), "
                      "and g = max w_j f_j + 0.05 sum w_j f_j is made small, f_j being the losses scaled to 0 .. 1 over the "
                      "trials. So each proposal aims at another part of the front. The suggestions here are for the score "
                      "alone.\n\n");
    }
    json_decref(options);
}

static void say_labels(struct text *out, const json_t *lines)
{
    size_t n = json_array_size(lines);
    if (n > 0)
        text_put(out, "What moves this prediction most, against the best architecture. A label is an operator with its settings, "
                      "widths by their power of two: u6 is 64 to 127 units.\n");
    for (size_t i = 0; i < n; i++) {
        char effect[112];
        figure_effect(json_string_value(json_array_get(lines, i)), effect, sizeof effect);
        text_printf(out, "  %s\n", effect);
    }
}

static void say_steps(struct text *out, const char *steps)
{
    char *copy = memory_text(steps), *rest = copy, *line;
    while ((line = text_next(&rest, '\n')) != NULL)
        if (line[0] != '\0')
            text_printf(out, "  %s\n", line);
    free(copy);
}

static char *explain_suggestion(const struct search_screen *s, int row)
{
    struct text out = {0};
    const json_t *j = search_suggestion(s, row);
    const char *arch = json_string_value(json_object_get(j, "arch")),
               *why = json_string_value(json_object_get(j, "why"));
    const char *steps = json_string_value(json_object_get(j, "morphism"));
    text_printf(&out, "Suggestion %d, architecture %.12s: grown from trial %lld by\n", row + 1, arch != NULL ? arch : "",
                json_integer_value(json_object_get(j, "trial")));
    say_steps(&out, steps != NULL ? steps : "");
    text_printf(&out, "%s\n\n", why != NULL ? why : "");
    const json_t *parts = json_object_get(j, "parts");
    if (isfinite(member(j, "mean")) && json_array_size(parts) > 1)
        say_parts(&out, parts, member(j, "mean"), member(j, "sd"), member(j, "best"));
    else if (isfinite(member(j, "mean")) && member(j, "sd") > 0)
        say_improvement(&out, member(j, "mean"), member(j, "sd"), member(j, "best"));
    else
        text_put(&out, "There is no prediction for it: fewer than two trials were scored when it was named.\n\n");
    say_near(s, &out, j);
    say_surrogate(&out, json_object_get(s->suggest, "surrogate"));
    say_objectives(s, &out);
    say_labels(&out, json_object_get(j, "explain"));
    return out.data;
}

/* --- a trial
 * ----------------------------------------------------------------------------------------------------------- */

static void say_folds(struct text *out, const json_t *result)
{
    const json_t *folds = json_object_get(result, "folds");
    for (size_t k = 0; k < json_array_size(folds); k++) {
        const json_t *f = json_array_get(folds, k);
        text_printf(out, "  fold %zu: %5lld of %5lld right = %.2f %%, log loss %.4f, best epoch %lld of %lld\n", k + 1,
                    json_integer_value(json_object_get(f, "correct")), json_integer_value(json_object_get(f, "total")),
                    100 * member(f, "directional_accuracy"), member(f, "log_loss"),
                    json_integer_value(json_object_get(f, "best_epoch")),
                    json_integer_value(json_object_get(f, "epochs")));
    }
}

/* What returns and classes are searched by. */
static void say_other_score(struct text *out, const struct trial_row *t, const json_t *result, enum task_target target)
{
    text_printf(out, "\nThe score is %s: %.4f, 95 %% interval [%.4f, %.4f] by a stationary block bootstrap.\n",
                task_score_name(target), t->score, t->low, t->high);
    if (target == TASK_RETURN)
        text_printf(
            out,
            "R2 = 1 - the sum of squared errors over that of the training part's mean: 0 is no better than the mean, "
            "below 0 is worse, 1 is perfect.\n\nMean absolute error %.5f, Pearson %+.4f, Spearman %+.4f; of the "
            "signs: balanced accuracy %.4f, MCC %+.4f, AUC %.4f\n",
            member(result, "mae"), member(result, "pearson"), member(result, "spearman"),
            member(result, "balanced_accuracy"), member(result, "mcc"), member(result, "auc"));
    else
        text_printf(
            out,
            "Balanced accuracy is the mean of the shares right in each class: naming the most frequent one always "
            "gives one in as many as there are classes.\n\nMacro F1 %.4f, MCC %+.4f, macro AUC %.4f, log loss "
            "%.4f, Brier %.4f\n",
            member(result, "f1"), member(result, "mcc"), member(result, "auc"), member(result, "log_loss"),
            member(result, "brier"));
    text_printf(
        out,
        "Told to the surrogate with noise sd %.4f: the larger of the resampled score's and the spread of the folds' "
        "scores.\n",
        sqrt(fmax(t->noise, 0)));
}

static void say_interval(const struct search_screen *s, struct text *out, const struct trial_row *t,
                         const json_t *result)
{
    double total = member(result, "total"), correct = member(result, "correct");
    enum task_target target = s->task.task.target;
    if (target == TASK_DIRECTION)
        text_put(out, "Directional accuracy: ");
    text_printf(out, "%.0f of %.0f out-of-fold bars right = %.4f\n", correct, total, correct / total);
    say_folds(out, result);
    if (target != TASK_DIRECTION) {
        say_other_score(out, t, result, target);
        return;
    }
    text_printf(
        out,
        "\n95 %% interval [%.4f, %.4f]: a stationary block bootstrap. The bars' hits and misses are drawn again "
        "%d times in blocks of %.0f bars on average (neighbouring bars resemble one another; single bars "
        "would make the interval too narrow), and the middle 95 %% of the means are the interval.\n",
        t->low, t->high, METRIC_RESAMPLES, total > 0 ? metric_block((size_t)total, s->task.task.horizon) : 0);
    text_put(out, t->low > 0.5
                      ? "It lies above 50 %, taken alone. Among many trials the best one looks good by luck; the "
                        "evidence sentence of the search corrects for that.\n"
                      : "50 % lies within it: by itself this is what a coin could do.\n");
    text_printf(out,
                "Told to the surrogate with noise sd %.4f: the larger of the binomial error and the spread of the "
                "folds' means.\n",
                sqrt(fmax(t->noise, 0)));
    text_printf(out,
                "\nBalanced accuracy %.4f, F1 %.4f, MCC %+.4f, AUC %.4f, log loss %.4f (a coin: %.4f), Brier %.4f\n",
                member(result, "balanced_accuracy"), member(result, "f1"), member(result, "mcc"), member(result, "auc"),
                member(result, "log_loss"), 0.69314718, member(result, "brier"));
}

static void say_prediction(struct text *out, const struct trial_row *t)
{
    if (!isfinite(t->predicted))
        return;
    text_printf(out, "\nBefore it ran the surrogate predicted %.4f ± %.4f, EI %.2e.", t->predicted, t->predicted_sd,
                t->ei);
    if (isfinite(t->score) && t->predicted_sd > 0)
        text_printf(out, " The score came out %+.1f sd from that.", (t->score - t->predicted) / t->predicted_sd);
    text_put(out, "\n");
}

/* Recipe and result are read when they are asked for: one row, by its number. */
static char *explain_trial(const struct search_screen *s, struct app *app, int index)
{
    const struct trial_row *t = &s->trial[index];
    struct trial_row whole = {.result = NULL};
    runs_trial_get(app_workspace(app), t->id, &whole, NULL);
    struct text out = {0};
    char name[80];
    json_t *result = json_loads(whole.result != NULL ? whole.result : "{}", 0, NULL);
    const char *error = json_string_value(json_object_get(result, "error"));
    text_printf(&out, "Trial %lld: %s, %s%s\n%s\n", (long long)t->id, search_arch_name(s, t->arch, name), t->state,
                t->pinned ? ", pinned" : "", t->why);
    if (t->steps[0] != '\0')
        text_printf(&out,
                    "Grown from trial %lld, weights inherited fold by fold (so nothing leaks between folds), by\n",
                    (long long)t->parent);
    if (t->steps[0] != '\0')
        say_steps(&out, t->steps);
    text_put(&out, "\n");
    if (isfinite(t->score))
        say_interval(s, &out, t, result);
    else if (error != NULL)
        text_printf(&out, "It failed: %s\n", error);
    else
        text_put(&out, "It has no score yet.\n");
    say_prediction(&out, t);
    text_printf(&out, "\n%s", whole.recipe != NULL ? whole.recipe : "");
    json_decref(result);
    runs_trial_free(&whole);
    return out.data;
}

/* --- the views
 * ----------------------------------------------------------------------------------------------------------- */

static const struct trial_row *dominating(const struct search_screen *s, int row)
{
    const struct trial_row *best = NULL, *mine = &s->trial[s->by_cost[row]];
    double cost = search_cost_of(s, mine, s->cost);
    for (int i = 0; i < s->costed; i++) {
        const struct trial_row *t = &s->trial[s->by_cost[i]];
        bool fits = t != mine && search_cost_of(s, t, s->cost) <= cost && t->score >= mine->score;
        if (fits && (best == NULL || t->score > best->score))
            best = t;
    }
    return best;
}

static char *explain_front(const struct search_screen *s, struct app *app, int row)
{
    struct text out = {0};
    const struct trial_row *t = &s->trial[s->by_cost[row]], *other = s->front[row] ? NULL : dominating(s, row);
    const char *name = search_cost_name(s->cost);
    char mine[32], its[32] = "";
    search_say_cost(s, t, mine, sizeof mine);
    if (other != NULL)
        search_say_cost(s, other, its, sizeof its);
    char *rest = explain_trial(s, app, s->by_cost[row]);
    text_printf(&out, "The Pareto front: trials of which no other has both less (%s) and a higher score.\n\n", name);
    if (other == NULL)
        text_printf(&out, "Trial %lld is on it: nothing with at most %s (%s) scored above %.4f.\n\n", (long long)t->id,
                    mine, name, t->score);
    else
        text_printf(&out, "Trial %lld is not: trial %lld has %s (%s) against %s, and %.4f against %.4f.\n\n",
                    (long long)t->id, (long long)other->id, its, name, mine, other->score, t->score);
    text_put(&out, rest);
    free(rest);
    return out.data;
}

static char *explain_untried(const struct search_screen *s, int row)
{
    const struct arch_row *a = &s->arch[s->family[row].arch];
    char name[80], count[24];
    figure_count(a->parameters, count, sizeof count);
    return memory_format(
        "%s, %s parameters: made by\n%s\n\nIt was never scored itself; it stands here as an ancestor of "
        "architectures that were.",
        search_arch_name(s, a->id, name), count, a->morphism[0] != '\0' ? a->morphism : "hand");
}

/* --- races ------------------------------------------------------------------------------------------------------------ */

static char *explain_race(const struct search_screen *s, int row)
{
    struct text out = {0};
    const struct search_racer *r = &s->racer[row];
    double x = search_race_now(s);
    int ended, leader = search_race_leader(s, x);
    double best = search_race_best(s, r, x, &ended);
    text_printf(&out,
                "The race: each strategy is told the starting points and its own trials, nothing of the others', and they "
                "take turns on the same workers. Best so far is the highest score of a whole cross-validation among them; a "
                "trial that was stopped early counts as a trial, never as the best.\n\n");
    text_printf(&out, "%s: %d trial%s asked for, %d scored in full, %d stopped early, %d failed; %.1f s of training with the "
                      "starting points.\n", r->name, r->own, text_s(r->own), r->scored, r->stopped, r->failed, r->n > 0 ? r->seconds[r->n - 1] : 0);
    if (isfinite(best))
        text_printf(&out, s->by_seconds ? "After %.1f seconds its best is %.2f %%.\n\n"
                                        : "After %.0f trials, the starting points counted, its best is %.2f %%.\n\n", x, best);
    for (int i = 0; i < s->racers; i++) {
        double other = search_race_best(s, &s->racer[i], x, &ended);
        if (i != row && isfinite(other) && isfinite(best))
            text_printf(&out, "  against %-10s %.2f %%: %+.2f points\n", s->racer[i].name, other, best - other);
    }
    text_printf(&out, "\n%s One race is one draw of luck: who leads on this seed and this market may not lead on the next. "
                      "`bench search` replays many seeds.",
                leader < 0 ? "Nobody leads." : leader == row ? "It leads." : "It does not lead.");
    return out.data;
}

/* --- the chain --------------------------------------------------------------------------------------------------------- */

static char *explain_link(const struct search_screen *s, struct app *app, int row)
{
    const struct search_chain_row *r = &s->chain[row];
    struct text out = {0};
    int trial = search_trial_of_row(s, row);
    text_printf(&out, "Step %d of the chain behind trial %lld: %s\n\n", row, (long long)s->chain_of, r->step);
    if (isfinite(r->mean))
        text_printf(&out, "Today's posterior of the score, from all scored trials: m = %.6f, s = %.6f.\n", r->mean, r->sd);
    if (isfinite(r->mean) && isfinite(r->score) && r->sd > 0)
        text_printf(&out, "It was scored %.6f: %+.2f sd from that. The surrogate does not go through each score: every one has "
                          "noise, and neighbours in the kernel pull on it.\n", r->score, (r->score - r->mean) / r->sd);
    if (isfinite(r->asked))
        text_printf(&out, "Before it ran, %.6f ± %.6f was predicted.\n", r->asked, r->asked_sd);
    if (r->trial == 0)
        text_put(&out, "It was not tried: it is the best by expected improvement that could grow from the trial. a scores "
                       "it.\n");
    if (trial >= 0) {
        char *rest = explain_trial(s, app, trial);
        text_printf(&out, "\n%s", rest);
        free(rest);
    }
    return out.data;
}

char *search_explain(struct search_screen *s, struct app *app)
{
    int row = s->table[s->view].cursor, trial = search_trial_of_row(s, row);
    if (row >= search_rows(s))
        return NULL;
    if (s->view == SEARCH_SUGGESTIONS)
        return explain_suggestion(s, row);
    if (s->view == SEARCH_RACES)
        return explain_race(s, row);
    if (s->view == SEARCH_CHAIN)
        return explain_link(s, app, row);
    if (trial < 0)
        return explain_untried(s, row);
    return s->view == SEARCH_PARETO ? explain_front(s, app, row) : explain_trial(s, app, trial);
}
