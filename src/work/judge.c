#include "work/judge.h"

#include "store/runs.h"
#include "work/json.h"
#include "work/trial.h"

bool judge_keep(struct workspace *w, const struct crossval *c, struct hash *file, struct error *err)
{
    struct tally t;
    struct bytes b = {0};
    tally_of(&t, c);
    tally_encode(&b, &t);
    tally_free(&t);
    bool ok = workspace_blob_put(w, "models", b.data, b.n, file, err);
    bytes_free(&b);
    return ok;
}

static bool load_tally(struct workspace *w, struct hash file, struct tally *out, struct error *err)
{
    struct bytes b = {0};
    bool ok = workspace_blob_get(w, "models", file, &b, err) &&
              (tally_decode(out, b.data, b.n) ||
               error_set(err, ERROR_DATA, "a stored tally is damaged; score the architecture again"));
    bytes_free(&b);
    return ok;
}

static bool tally_result(struct workspace *w, const json_t *result, struct tally *out, struct error *err)
{
    if (json_object_get(result, "tally"))
        return load_tally(w, json_member_hash(result, "tally"), out, err);
    struct crossval *c = trial_out_of_fold(w, result, err);
    if (c)
        tally_of(out, c);
    crossval_free(c);
    return c != NULL;
}

struct judging {
    struct workspace *w;
    struct evidence_test *test;
};

static bool take(void *context, const char *text, struct error *err)
{
    struct judging *j = context;
    struct tally tally;
    json_t *result = json_loads(text, 0, NULL);
    bool ok = tally_result(j->w, result, &tally, err);
    if (ok) {
        ok = evidence_add(j->test, &tally, err);
        tally_free(&tally);
    }
    json_decref(result);
    return ok;
}

bool judge_trial(struct workspace *w, const json_t *result, const struct dataset *d, struct evidence *out,
                 struct error *err)
{
    struct judging j = {.w = w};
    int tried = runs_tried(w, d->hash, err);
    struct crossval *c = tried < 0 ? NULL : trial_out_of_fold(w, result, err);
    bool ok = c != NULL;
    if (ok && c->n < 1)
        ok = error_set(err, ERROR_DATA, "the trial was scored on nothing");
    j.test = ok ? evidence_begin(c, d, tried, err) : NULL;
    ok = j.test && runs_each_result(w, d->hash, take, &j, err);
    if (j.test)
        evidence_end(j.test, ok ? out : NULL);
    crossval_free(c);
    return ok;
}

json_t *judge_json(const struct evidence *e)
{
    return json_pack("{s:b, s:o, s:i, s:s}", "skill", e->skill, "p", json_of_number(e->p), "trials", e->trials,
                     "sentence", e->sentence);
}
