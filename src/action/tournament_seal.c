/* Predictions of bars that do not exist yet: sealed, and shown when they do. What was predicted is kept in the workspace
 * (seals/COMMITMENT); the salt comes from the key. */
#include "action/tournament.h"

#include "action/predict.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <math.h>

#define SEALS_MOST 16 /* transactions at once: what can be prepared for another machine */
#define GUESS_BITS 16

struct told { /* of a row: what the model says of the bar `horizon` rows behind it */
    int64_t time_us;
    float up;
};
struct sealing {
    const struct action_seal_options *options;
    struct tournament t;
    struct address who;
    uint32_t from; /* the first bar that may be sealed */
    int64_t *time_us;
    size_t rows, behind;
    struct told *told;
    size_t tolds, told_capacity;
    /* what is sealed: bars first to first + n - 1 */
    uint32_t first, n;
    bool *up;
    struct tx_seal seal[SEALS_MOST]; /* commitments as filled in */
    int seals;
};

/* --- predicting --------------------------------------------------------------------------------------------------- */

static bool take_rows(void *context, const int64_t *time_us, size_t n, size_t behind, struct error *err)
{
    struct sealing *k = context;
    const struct tournament *t = &k->t;
    char here[40], there[40];
    size_t known = t->n - t->behind;
    if (n - behind < known)
        return error_set(err, ERROR_DATA,
                         "outcomes are known of %zu bar%s behind the task's data, and %zu are here: `data add --append` the "
                         "newer ones, or give a file of them", known, text_s((int64_t)known), n - behind);
    for (size_t i = 0; i < known; i++) {
        if (time_us[behind + i] == t->time_us[t->behind + i])
            continue;
        clock_iso(time_us[behind + i], here, sizeof here);
        clock_iso(t->time_us[t->behind + i], there, sizeof there);
        return error_set(err, ERROR_DATA, "bar %zu behind the task's data is that of %s here, and of %s in its outcome: these "
                                          "are other bars, or one is missing", i + 1, here, there);
    }
    k->time_us = memory_try(n, sizeof *k->time_us, "the times of the bars", err);
    if (!k->time_us)
        return false;
    memcpy(k->time_us, time_us, n * sizeof *time_us);
    k->rows = n;
    k->behind = behind;
    return true;
}

static bool take_bar(void *context, const struct predict_head *head, const struct predict_bar *bar)
{
    struct sealing *k = context;
    (void)head;
    k->told = memory_grow(k->told, &k->told_capacity, k->tolds + 1, sizeof *k->told);
    k->told[k->tolds++] = (struct told){bar->time_us, bar->value[0]};
    return true;
}

static bool predict(struct sealing *k, struct workspace *w, struct error *err)
{
    const struct action_seal_options *o = k->options;
    struct action_predict_options p = {.file = o->file,
                                       .last = k->t.text.horizon,
                                       .data = o->data,
                                       .threads = o->threads,
                                       .control = o->control,
                                       .bar = take_bar,
                                       .rows = take_rows,
                                       .context = k};
    json_t *summary = action_predict(w, o->model, &p, err);
    json_decref(summary);
    return summary != NULL;
}

/* --- which bars --------------------------------------------------------------------------------------------------- */

static const struct told *told_of(const struct sealing *k, size_t row)
{
    for (size_t i = k->tolds; i > 0; i--)
        if (k->told[i - 1].time_us == k->time_us[row])
            return &k->told[i - 1];
    return NULL;
}

/* The row of the last bar of the window that bar `bar` is predicted from. */
static size_t window_of(const struct sealing *k, uint32_t bar)
{
    return k->behind + bar - 1 - (size_t)k->t.text.horizon;
}

static int64_t until_of(const struct sealing *k, uint32_t bar)
{
    return tournament_over(&k->t, k->time_us[window_of(k, bar)]) + k->t.step_us / 10;
}

/* The newest bars without a hole: so many as were asked for, or those that still count. */
static bool choose(struct sealing *k, struct error *err)
{
    const struct action_seal_options *o = k->options;
    uint32_t last = (uint32_t)(k->rows - k->behind) + (uint32_t)k->t.text.horizon, most = SEALS_MOST * TX_BARS_MAX;
    int64_t now = clock_wall_us();
    char until[40];
    clock_iso(until_of(k, last), until, sizeof until);
    if (last < k->from)
        return error_set(err, ERROR_USAGE, "bar %u behind the task's data is the newest that can be predicted, and it is "
                                           "sealed already, or its outcome is known: add newer bars", last);
    if (!told_of(k, window_of(k, last)))
        return error_set(err, ERROR_DATA, "the newest bar has no prediction: `predict` with this model says why");
    if (o->bars == 0 && until_of(k, last) <= now)
        return error_set(err, ERROR_USAGE,
                         "bar %u, the newest that can be predicted, had to be sealed until %s to count: add newer bars, or "
                         "seal it all the same with --bars 1", last, until);
    for (k->first = last + 1; k->first > k->from && k->n < most; k->first--, k->n++) {
        uint32_t bar = k->first - 1;
        bool wanted = o->bars > 0 ? k->n < (uint64_t)o->bars : until_of(k, bar) > now;
        if (!wanted || !told_of(k, window_of(k, bar)))
            break;
    }
    k->up = NEW_ARRAY(bool, k->n);
    for (uint32_t i = 0; i < k->n; i++)
        k->up[i] = told_of(k, window_of(k, k->first + i))->up > 0.5F;
    return true;
}

/* --- what is kept ------------------------------------------------------------------------------------------------- */

static bool seal_path(struct workspace *w, struct hash commitment, char out[FILE_PATH_MAX], struct error *err)
{
    char folder[FILE_PATH_MAX], hex[HASH_HEX];
    workspace_path(w, "seals", folder, sizeof folder);
    hash_hex(commitment, hex);
    if (strlen(folder) + sizeof hex + 1 > FILE_PATH_MAX)
        return error_set(err, ERROR_IO, "the path of the workspace is too long");
    file_join(out, FILE_PATH_MAX, folder, hex);
    return !err || file_make_folder(folder, 0755, err);
}

static bool keep(struct workspace *w, struct hash commitment, uint64_t up, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    bytes_put_u64(&b, up);
    bool ok = seal_path(w, commitment, path, err) && file_write(path, b.data, b.n, 0600, err);
    bytes_free(&b);
    return ok;
}

static bool kept(struct workspace *w, struct hash commitment, uint64_t *up)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    bool ok = seal_path(w, commitment, path, NULL) && file_exists(path) && file_read(path, sizeof *up, &b, NULL);
    struct bytes_reader r = bytes_read(b.data, b.n);
    *up = ok ? bytes_get_u64(&r) : 0;
    ok = ok && bytes_done(&r);
    bytes_free(&b);
    return ok;
}

/* --- sealing ------------------------------------------------------------------------------------------------------ */

struct one_seal {
    struct sealing *k;
    int at;
};

static bool fill_seal(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct one_seal *one = context;
    struct sealing *k = one->k;
    struct chain_draft own = *d;
    uint32_t skip = (uint32_t)one->at * TX_BARS_MAX, n = k->n - skip < TX_BARS_MAX ? k->n - skip : TX_BARS_MAX;
    uint64_t up = 0;
    if (!chain_salts(&own, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        up |= (uint64_t)k->up[skip + i] << i;
    tx->type = TX_SEAL;
    tx->seal = (struct tx_seal){.task = k->t.task.id, .first = k->first + skip, .n = n};
    struct hash salt = chain_salt_seal(&own, tx->seal.task, tx->seal.first, n);
    tx->seal.commitment = tx_seal_commitment(salt, &tx->sender, tx->seal.task, tx->seal.first, n, up);
    k->seal[one->at] = tx->seal;
    return (d->draft && !d->prepares) || keep(d->workspace, tx->seal.commitment, up, err);
}

static json_t *submit(struct workspace *w, const struct action_signer *s, struct sealing *k, struct error *err)
{
    struct tx *tx = NEW_ARRAY(struct tx, SEALS_MOST);
    struct one_seal one[SEALS_MOST];
    struct chain_filling filling[SEALS_MOST] = {{0}};
    k->seals = (int)((k->n + TX_BARS_MAX - 1) / TX_BARS_MAX);
    for (int i = 0; i < k->seals; i++) {
        one[i] = (struct one_seal){k, i};
        filling[i] = (struct chain_filling){.fill = fill_seal, .context = &one[i]};
    }
    json_t *result = chain_submit_all(w, s, tx, k->seals, filling, err);
    free(tx);
    return result;
}

/* The predictions are for whoever seals them: nothing of this is in the transaction. */
static void tell(json_t *result, const struct sealing *k)
{
    json_t *list = json_array();
    int64_t now = clock_wall_us();
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t bar = k->first + i;
        int64_t until = until_of(k, bar);
        float up = told_of(k, window_of(k, bar))->up;
        json_array_append_new(list, json_pack("{s:I, s:s, s:o, s:o, s:o, s:b}", "bar", (json_int_t)bar, "prediction",
                                              k->up[i] ? "up" : "down", "probability_up", json_of_number((double)up),
                                              "from", json_of_time(k->time_us[window_of(k, bar)]), "until",
                                              json_of_time(until), "late", until <= now));
    }
    json_object_set_new(result, "predictions", list);
    json_object_set_new(result, "task", json_of_hash(k->t.task.id));
    json_object_set_new(result, "next",
                        json_string("it counts if a block holds it before that time; `chain reveal-prediction` shows it "
                                    "once the outcome is there"));
}

static bool look(struct sealing *k, struct workspace *w, const struct action_signer *s, struct error *err)
{
    struct chain_look l;
    struct state_task task;
    bool ok = chain_look_open(&l, w, s, err) && chain_find_task(w, l.state, k->options->task, &task, err) &&
              tournament_open(&k->t, l.chain, l.state, &task, err);
    if (ok) {
        const struct state_score *score = state_score_find(l.state, task.id, l.address);
        k->from = state_outcome_end(l.state, task.id) + 1;
        if (score && score->sealed_to >= k->from)
            k->from = score->sealed_to + 1;
    }
    chain_look_close(&l);
    return ok;
}

json_t *action_chain_seal_prediction(struct workspace *w, const struct action_signer *s,
                                     const struct action_seal_options *options, struct error *err)
{
    struct sealing *k = NEW(struct sealing);
    json_t *result = NULL;
    k->options = options;
    if (look(k, w, s, err) && predict(k, w, err) && choose(k, err))
        result = submit(w, s, k, err);
    if (result)
        tell(result, k);
    if (result && !s->draft) {
        json_t *ids = json_object_get(result, "transactions");
        json_object_set_new(result, "seals", ids ? json_incref(ids) : json_pack("[O]", json_object_get(result, "tx")));
    }
    tournament_close(&k->t);
    free(k->time_us);
    free(k->told);
    free(k->up);
    free(k);
    return result;
}

/* --- revealing ---------------------------------------------------------------------------------------------------- */

struct revealing {
    struct state_seal seal;
    uint64_t up;
};

static bool fits(const struct chain_draft *d, const struct tx *tx, const struct tx_seal *b, uint64_t up)
{
    return hash_equal(b->commitment,
                      tx_seal_commitment(chain_salt_seal(d, b->task, b->first, b->n), &tx->sender, b->task, b->first, b->n, up));
}

/* As it was kept; of few bars what was lost is found again by trying. */
static bool find_up(const struct chain_draft *d, const struct tx *tx, const struct tx_seal *b, uint64_t *up)
{
    if (kept(d->workspace, b->commitment, up) && fits(d, tx, b, *up))
        return true;
    for (*up = 0; b->n <= GUESS_BITS && *up <= tx_bars_mask(b->n); (*up)++)
        if (fits(d, tx, b, *up))
            return true;
    return false;
}

static bool fill_reveal(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    struct revealing *r = context;
    struct chain_draft own = *d, prepared;
    if (!chain_salts(&own, err))
        return false;
    bool found = find_up(&own, tx, &r->seal.body, &r->up);
    if (!found && chain_salts_prepared(d, &prepared)) {
        own = prepared;
        found = find_up(&own, tx, &r->seal.body, &r->up);
    }
    if (!found)
        return error_set(err, ERROR_CHAIN, "what was sealed is not kept in this workspace (seals/), or this is another key: "
                                           "nothing can be revealed");
    tx->type = TX_REVEAL_SEAL;
    tx->reveal_seal = (struct tx_reveal_seal){.seal = r->seal.id,
                                              .salt = chain_salt_seal(&own, r->seal.body.task, r->seal.body.first,
                                                                      r->seal.body.n),
                                              .up = r->up};
    return true;
}

static bool say_none(const struct state_seal *one, struct error *err)
{
    if (!one)
        return error_set(err, ERROR_CHAIN, "there is nothing to reveal: no seal of this identity has an outcome that was not "
                                           "revealed");
    return error_set(err, ERROR_CHAIN, one->state == SEAL_WAITING ? "the outcome of bars %u to %u is not there yet"
                                                                  : "the prediction of bars %u to %u needs no revealing "
                                                                    "any more",
                     one->body.first, one->body.first + one->body.n - 1);
}

/* Those of this identity whose turn it is: how many; 0 and err. */
static int find_seals(struct workspace *w, const struct action_signer *s, const char *key, struct revealing *out,
                      struct error *err)
{
    struct chain_look l;
    const struct state_seal *seal, *named = NULL;
    int found = 0;
    bool ok = chain_look_open(&l, w, s, err);
    int n = ok ? state_seals(l.state, &seal) : 0, at = ok && key ? market_find(n ? &seal->id : NULL, n, sizeof *seal, key,
                                                                               "seal", err)
                                                                 : 0;
    ok = ok && at >= 0;
    if (ok && key)
        named = &seal[at];
    if (named && !address_equal(named->who, l.address))
        ok = error_set(err, ERROR_CHAIN, "somebody else has sealed this");
    for (int i = 0; ok && i < n && found < SEALS_MOST; i++)
        if ((!named || named == &seal[i]) && seal[i].state == SEAL_JUDGED && address_equal(seal[i].who, l.address))
            out[found++].seal = seal[i];
    if (ok && found == 0)
        say_none(named, err);
    chain_look_close(&l);
    return found;
}

static void tell_revealed(json_t *result, const struct revealing *r, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        const struct tx_seal *b = &r[i].seal.body;
        json_array_append_new(list, json_pack("{s:o, s:I, s:I, s:I}", "seal", json_of_hash(r[i].seal.id), "first",
                                              (json_int_t)b->first, "bars", (json_int_t)b->n, "counts",
                                              (json_int_t)tx_bars_count(r[i].seal.counts)));
    }
    json_object_set_new(result, "seals", list);
}

json_t *action_chain_reveal_prediction(struct workspace *w, const struct action_signer *s, const char *seal,
                                       struct error *err)
{
    struct revealing *r = NEW_ARRAY(struct revealing, SEALS_MOST);
    struct tx *tx = NEW_ARRAY(struct tx, SEALS_MOST);
    struct chain_filling filling[SEALS_MOST] = {{0}};
    int n = find_seals(w, s, seal, r, err);
    for (int i = 0; i < n; i++)
        filling[i] = (struct chain_filling){.fill = fill_reveal, .context = &r[i]};
    json_t *result = n ? chain_submit_all(w, s, tx, n, filling, err) : NULL;
    if (result)
        tell_revealed(result, r, n);
    free(tx);
    free(r);
    return result;
}
