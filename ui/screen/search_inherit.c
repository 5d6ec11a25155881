/* What inheriting weights saved, from the Search screen: measured by a job that trains again, and shown as a table. */
#include "base/text.h"
#include "ui/screen/search_act.h"

#include <math.h>

static const char whole[] = "all that grew in the last search (longer than the search)";

/* Under the cursor, scored in full and grown from another; NULL: none. */
static const struct trial_row *grown_here(const struct search_screen *s)
{
    int trial = search_trial_of_row(s, s->table[s->view].cursor);
    const struct trial_row *t = trial >= 0 ? &s->trial[trial] : NULL;
    return t != NULL && t->parent != 0 && search_is_full(t) ? t : NULL;
}

static bool any_grew(const struct search_screen *s)
{
    bool found = false;
    for (int i = 0; i < s->trials && s->has_last && !found; i++)
        found = s->trial[i].search == s->last.id && s->trial[i].parent != 0 && search_is_full(&s->trial[i]);
    return found;
}

bool search_may_inherit(void *self, struct app *app, char *why, size_t size)
{
    struct search_screen *s = self;
    if (!search_may_judge(self, app, why, size))
        return false;
    text_copy(why, size, "no trial inherited weights yet: r searches, and what it grows inherits its parent's");
    return grown_here(s) != NULL || any_grew(s);
}

static void extent_given(void *self, struct app *app, const char *text)
{
    struct search_screen *s = self;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)s->compared);
    if (text_equal(text, whole))
        s->judge_job = app_job(app, (const char *const[]){"bench", "inherit", "--all", NULL}, NULL);
    else
        s->judge_job = app_job(app, (const char *const[]){"bench", "inherit", "--trial", number, NULL}, NULL);
}

void search_inherit(void *self, struct app *app)
{
    struct search_screen *s = self;
    const struct trial_row *t = grown_here(s);
    const char *choice[2];
    char here[96];
    int n = 0;
    if (t != NULL) {
        s->compared = t->id;
        snprintf(here, sizeof here, "trial %lld and what it grew from", (long long)t->id);
        choice[n++] = here;
    }
    if (any_grew(s))
        choice[n++] = whole;
    app_ask_choice(app, "Measured by training again: what inheriting weights saved", choice, n, 0, extent_given, s);
}

/* --- what came out ------------------------------------------------------------------------------------------------------- */

static double number_at(const json_t *j, const char *of, const char *key)
{
    return json_number_value(json_object_get(of != NULL ? json_object_get(j, of) : j, key));
}

/* The first of the morphisms: "widen d1 by=16". */
static void short_change(const json_t *one, char *out, size_t size)
{
    const char *change = json_string_value(json_object_get(one, "morphism")), *node = change ? strstr(change, " node=") : NULL;
    if (change == NULL || change[0] == '\0')
        text_copy(out, size, "starting point");
    else if (node == NULL)
        snprintf(out, size, "%.*s", (int)strcspn(change, "\n"), change);
    else
        snprintf(out, size, "%.*s %.*s", (int)(node - change), change, (int)strcspn(node + 6, "\n"), node + 6);
}

static void put_row(struct text *out, const json_t *one)
{
    char change[96];
    short_change(one, change, sizeof change);
    text_printf(out, "  %5lld %4.0f ep %7.2f s", json_integer_value(json_object_get(one, "trial")),
                number_at(one, "inherited", "epochs"), number_at(one, "inherited", "seconds"));
    text_printf(out, " %5.0f ep %7.2f s  %.0f of %.0f  %.18s\n", number_at(one, "scratch", "epochs"),
                number_at(one, "scratch", "seconds"), number_at(one, "scratch", "reached"),
                number_at(one, "scratch", "folds"), change);
}

static void put_saved(struct text *out, const json_t *result, const char *time, const char *macs)
{
    double t = 100 * number_at(result, NULL, time), m = 100 * number_at(result, NULL, macs);
    text_printf(out, "%.1f %% %s time, %.1f %% %s multiply-adds", fabs(t), t < 0 ? "more" : "less", fabs(m),
                m < 0 ? "more" : "fewer");
}

static void put_sum(struct text *out, const json_t *result)
{
    double folds = number_at(result, NULL, "folds"), reached = number_at(result, NULL, "reached");
    text_printf(out, "With inheritance %.2f s of training, from scratch %.2f s: ", number_at(result, NULL, "inherited_seconds"),
                number_at(result, NULL, "scratch_seconds"));
    put_saved(out, result, "saved", "saved_macs");
    if (reached < folds)
        text_printf(out, "; at least: in %.0f of %.0f folds the training from scratch never came as low", folds - reached, folds);
    text_put(out, ".\n");
    if (json_is_number(json_object_get(result, "saved_both"))) {
        text_printf(out, "%.0f grown trials; %.0f starting points (%.2f s) count with inheritance alone. With them on both "
                         "sides: ",
                    number_at(result, NULL, "grown"), number_at(result, NULL, "starting_points"),
                    number_at(result, "starting", "seconds"));
        put_saved(out, result, "saved_both", "saved_both_macs");
        text_put(out, ".\n");
    } else {
        text_printf(out, "The last of them alone, from scratch: %.2f s.\n", number_at(result, "last_alone", "seconds"));
    }
}

bool search_put_inherited(struct text *out, const json_t *result)
{
    const json_t *all = json_object_get(result, "rows"), *one;
    const json_t *list = all != NULL ? all : json_object_get(result, "chain");
    size_t i;
    if (!json_is_number(json_object_get(result, "inherited_seconds")))
        return false;
    put_sum(out, result);
    text_put(out, "\n  Trial  With inheritance     From scratch  as low in  Change\n");
    json_array_foreach(list, i, one)
        put_row(out, one);
    text_put(out, "\nMeasured here, one fold behind the other. With inheritance: from the parent's weights to the trial's best epoch, "
                  "the ancestors' trainings counted. From scratch: the same network with the whole recipe of its starting point, "
                  "until its validation loss is as low; where it never is, the whole training.\n");
    return true;
}
