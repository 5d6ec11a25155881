/* Which training is meant: a new one, or one that was interrupted. */
#include "action/train_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/checkpoints.h"
#include "store/models.h"
#include "store/runs.h"
#include "train/recipe_setting.h"

/* From settings and origin; the rest of *t stays. */
static void name_training(struct training *t, const struct job_input *in)
{
    t->recipe_id = recipe_id(&t->recipe, in->arch_id, in->data->hash, t->from[0] ? t->from : "scratch");
}

static bool find_parent(struct training *t, struct workspace *w, const struct job_input *in, const char *from,
                        struct error *err)
{
    struct model_row row;
    if (!models_find(w, from, &row, err))
        return false;
    free(row.result);
    if (!hash_equal(row.arch, in->arch_id))
        return error_set(err, ERROR_USAGE, "model %s has another architecture than the one to train", from);
    t->parent = row.id;
    hash_hex(row.id, t->from);
    return true;
}

/* Takes a checkpoint's settings over: they must be those that it is named by. */
static bool take(struct training *t, struct workspace *w, const struct job_input *in, const struct checkpoint *c,
                 struct error *err)
{
    *t = (struct training){.run = c->owner.run, .kept = true, .kept_run = c->owner.run, .epoch = c->epochs + 1};
    if (!recipe_parse(&t->recipe, c->owner.recipe, err) ||
        (!text_equal(c->owner.origin, "scratch") && !find_parent(t, w, in, c->owner.origin, err)))
        return error_prefix(err, "the checkpoint of training %lld", (long long)c->owner.run);
    name_training(t, in);
    return hash_equal(t->recipe_id, c->owner.recipe_id) ||
           error_set(err, ERROR_DATA,
                     "the checkpoint of training %lld is not of the recipe that it names; train without --resume",
                     (long long)c->owner.run);
}

static bool is_of(const struct checkpoint *c, const struct job_input *in)
{
    return c->owner.fold == 0 && hash_equal(c->owner.arch, in->arch_id) && hash_equal(c->owner.dataset, in->data->hash);
}

/* Killed between storing the model and removing this. */
static bool is_done(struct workspace *w, const struct checkpoint *c)
{
    struct training_row row;
    return runs_training_get(w, c->owner.run, &row) && text_equal(row.state, "done");
}

/* Those of this architecture on this task come to the front; how many. Those of trainings that are done are cleared up.
 */
static int sift(struct workspace *w, struct checkpoint *list, int n, const struct job_input *in)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        if (!is_of(&list[i], in))
            continue;
        if (is_done(w, &list[i]))
            checkpoints_drop_fold(w, list[i].owner.recipe_id, 0);
        else
            list[kept++] = list[i];
    }
    return kept;
}

static bool nothing_to_resume(struct workspace *w, const struct training *own, const struct action_train_options *o,
                              const char *key, int n, struct error *err)
{
    struct model_row model;
    char hex[HASH_HEX];
    hash_hex(own->recipe_id, hex);
    if (o->run == 0 && models_of_recipe(w, hex, &model)) {
        free(model.result);
        hash_hex(model.id, hex);
        return error_set(err, ERROR_USAGE,
                         "this training of %s has ended, with model %.12s: there is nothing to resume", key, hex);
    }
    if (o->run > 0)
        return error_set(err, ERROR_USAGE, "training %lld of %s was not interrupted: there is nothing to resume",
                         (long long)o->run, key);
    if (n > 0)
        return error_set(err, ERROR_USAGE,
                         "no training of %s with these settings was interrupted; `train %s --resume --run N` goes on "
                         "with another: the Train screen shows their numbers",
                         key, key);
    return error_set(err, ERROR_USAGE, "no training of %s on this task was interrupted: there is nothing to resume",
                     key);
}

static bool too_many(const struct checkpoint *list, int n, const char *key, struct error *err)
{
    struct text numbers = {0};
    for (int i = 0; i < n; i++)
        text_printf(&numbers, "%s%lld (epoch %d)", i ? ", " : "", (long long)list[i].owner.run, list[i].epochs + 1);
    error_set(err, ERROR_USAGE, "%d trainings of %s were interrupted: %.400s; choose one with --run N", n, key,
              text_of(&numbers));
    text_free(&numbers);
    return false;
}

static bool is_default(const struct action_train_options *o, const struct job_input *in)
{
    static const char *const none[RECIPE_SETTINGS];
    struct recipe plain;
    if (!recipe_choose(&plain, in->data->task.target, none, NULL, NULL))
        return false;
    char *a = recipe_format(&plain), *b = recipe_format(&o->recipe);
    bool same = !o->from && text_equal(a, b);
    free(a);
    free(b);
    return same;
}

static const struct checkpoint *find(const struct checkpoint *list, int n, const struct training *own, int64_t run)
{
    for (int i = 0; i < n; i++)
        if (run > 0 ? list[i].owner.run == run : hash_equal(list[i].owner.recipe_id, own->recipe_id))
            return &list[i];
    return NULL;
}

static bool choose(struct training *t, struct workspace *w, const struct job_input *in,
                   const struct action_train_options *o, const char *key, const struct checkpoint *list, int n,
                   struct error *err)
{
    const struct checkpoint *c = find(list, n, t, o->resume ? o->run : 0);
    if (c && o->resume)
        return take(t, w, in, c, err);
    if (c) {
        t->kept = true;
        t->kept_run = c->owner.run;
        t->epoch = c->epochs + 1;
    }
    if (!o->resume)
        return true;
    if (o->run == 0 && checkpoints_there(w, t->recipe_id, 0)) { /* its head cannot be read: the keeper says why */
        t->kept = true;
        return true;
    }
    if (o->run > 0 || n == 0 || !is_default(o, in))
        return nothing_to_resume(w, t, o, key, n, err);
    return n == 1 ? take(t, w, in, &list[0], err) : too_many(list, n, key, err);
}

/* A number that no row has, or that of one that has ended, is none. */
static void check_number(struct training *t, struct workspace *w, const struct job_input *in)
{
    struct training_row row;
    if (t->run > 0 && (!runs_training_get(w, t->run, &row) || !hash_equal(row.arch, in->arch_id) ||
                       !hash_equal(row.task, in->data->hash) || text_equal(row.state, "done")))
        t->run = 0;
}

bool train_choose(struct training *t, struct workspace *w, const struct job_input *in,
                  const struct action_train_options *options, const char *key, struct error *err)
{
    struct checkpoint *list;
    *t = (struct training){.recipe = options->recipe};
    if (options->from && !find_parent(t, w, in, options->from, err))
        return false;
    name_training(t, in);
    int n = checkpoints_list(w, &list);
    n = sift(w, list, n, in);
    bool ok = choose(t, w, in, options, key, list, n, err);
    free(list);
    if (ok)
        check_number(t, w, in);
    return ok;
}
