#include "work/judge.h"

#include "store/runs.h"
#include "train/calibration.h"
#include "train/trading.h"
#include "work/json.h"
#include "work/trial.h"

static json_t *calibration_json(const struct calibration *c)
{
    json_t *bins = json_array();
    for (int b = 0; b < CALIBRATION_BINS; b++)
        json_array_append_new(bins, json_pack("{s:o, s:o, s:I, s:o, s:o}", "from",
                                              json_of_number((double)b / CALIBRATION_BINS), "to",
                                              json_of_number((b + 1.0) / CALIBRATION_BINS), "n",
                                              (json_int_t)c->bin[b].n, "said",
                                              c->bin[b].n ? json_of_number(c->bin[b].said) : json_null(), "seen",
                                              c->bin[b].n ? json_of_number(c->bin[b].seen) : json_null()));
    return json_pack("{s:o, s:o}", "error", json_of_number(c->error), "bins", bins);
}

static json_t *trading_json(const struct trading *t)
{
    return json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "fee", json_of_number(t->fee), "trades",
                     (json_int_t)t->trades, "hit_rate", json_of_number(t->hit_rate), "net", json_of_number(t->net),
                     "gross", json_of_number(t->gross), "hold", json_of_number(t->hold), "sharpe",
                     json_of_number(t->sharpe), "sharpe_gross", json_of_number(t->sharpe_gross), "drawdown",
                     json_of_number(t->drawdown));
}

void judge_put_more(json_t *result, const struct crossval *c, const struct dataset *d)
{
    struct metric_input in = crossval_scored(c);
    struct calibration calibration;
    struct trading trading;
    if (calibration_of(&calibration, &in))
        json_object_set_new(result, "calibration", calibration_json(&calibration));
    if (trading_of(&trading, c, d, TRADING_FEE))
        json_object_set_new(result, "trading", trading_json(&trading));
}

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
