/* Two models of the task in force, paired on the bars that both were scored on. */
#include "action/train_internal.h"
#include "base/text.h"
#include "store/tasks.h"
#include "train/compare.h"
#include "work/json.h"
#include "work/trial.h"

struct side {
    char name[96];
    int64_t trial; /* 0: a rule */
    struct hash arch;
    struct crossval *c;
};

static int rule_named(const struct dataset *d, const char *key)
{
    for (int i = 0; i < BASELINES; i++)
        if (baseline_applies(d, i) && text_equal(key, baseline_name(d->task.target, i)))
            return i;
    return -1;
}

static bool load_side(struct workspace *w, const struct dataset *d, const char *key, struct side *out,
                      struct error *err)
{
    struct trial_row t;
    int rule = rule_named(d, key);
    *out = (struct side){0};
    text_copy(out->name, sizeof out->name, key);
    if (rule >= 0) {
        out->c = baseline_predictions(d, rule, err);
        return out->c != NULL;
    }
    if (!trial_named(w, d->hash, key, &t, err))
        return false;
    json_t *result = json_loads(t.result, 0, NULL);
    out->trial = t.id;
    out->arch = t.arch;
    out->c = trial_out_of_fold(w, result, err);
    json_decref(result);
    runs_trial_free(&t);
    return out->c != NULL;
}

static json_t *side_json(const struct side *s, double score)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "name", json_of_text(s->name), "trial",
                     s->trial ? json_integer(s->trial) : json_null(), "arch",
                     s->trial ? json_of_hash(s->arch) : json_null(), "score", json_of_number(score));
}

json_t *action_compare(struct workspace *w, const char *a, const char *b, struct error *err)
{
    struct task_row task;
    struct side x = {0}, y = {0};
    struct comparison c;
    json_t *result = NULL;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct dataset *d = tasks_dataset(w, &task, err);
    free(task.info);
    if (d && load_side(w, d, a, &x, err) && load_side(w, d, b, &y, err) &&
        compare_models(&c, x.c, x.name, y.c, y.name, d, err))
        result = json_pack("{s:o, s:o, s:s, s:I, s:o, s:o, s:i, s:o}", "a", side_json(&x, c.a), "b", side_json(&y, c.b),
                           "score_name", task_score_name(d->task.target), "bars", (json_int_t)c.n, "difference",
                           trial_interval_json(c.difference.mean, c.difference.low, c.difference.high), "p",
                           json_of_number(c.difference.p), "opened", d->opened, "sentence", json_of_text(c.sentence));
    crossval_free(x.c);
    crossval_free(y.c);
    dataset_free(d);
    return result;
}
