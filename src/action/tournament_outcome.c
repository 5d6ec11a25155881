/* What came: bars of a file, behind those that are known, put on the chain with their answers. */
#include "action/tournament.h"

#include "action/import.h"
#include "action/name.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set/dataset.h"
#include "work/json.h"

#include <math.h>

#define OUTCOMES_MOST 16 /* transactions at once: what can be prepared for another machine */

struct telling {
    const struct action_outcome_options *options;
    struct tournament t;
    struct csv_report report;
    const struct frame *file; /* of the report */
    size_t known;             /* bars before the new ones */
    size_t row;               /* of the file, the first new one */
    size_t n;                 /* new ones that are told now */
    size_t left;              /* new ones beyond */
    struct tx_outcome outcome[OUTCOMES_MOST];
    int outcomes;
};

/* --- the file ------------------------------------------------------------------------------------------------------ */

static bool choose_series(struct telling *k, struct error *err)
{
    const char *asset = k->t.text.asset[0].name;
    if (k->report.series_n == 1)
        k->file = k->report.series[0].frame;
    for (size_t i = 0; !k->file && i < k->report.series_n; i++) {
        char name[FRAME_NAME_MAX];
        name_of_text(k->report.series[i].symbol, name, sizeof name);
        if (text_equal_nocase(name, asset))
            k->file = k->report.series[i].frame;
    }
    return k->file || error_set(err, ERROR_DATA, "%s holds %zu assets, and none of them is %s", k->options->file,
                                k->report.series_n, asset);
}

static bool read_file(struct telling *k, struct error *err)
{
    struct csv_options csv;
    int64_t lag_us, step_us = k->t.step_us;
    const char *path = k->options->file, *price = k->t.text.asset[0].price;
    if (!import_options(&csv, &lag_us, &k->options->data, err))
        return false;
    csv.stamp = k->t.text.series[k->t.text.asset[0].base].stamp;
    if (!csv_read(path, &k->report, &csv, err) || !choose_series(k, err))
        return false;
    int at = frame_find(k->file, price);
    if (at < 0 || k->file->column[at].labels > 0)
        return error_set(err, ERROR_DATA, "%s has no column of numbers '%s', the price that the task is about", path, price);
    int64_t off = step_us > k->file->step_us ? step_us - k->file->step_us : k->file->step_us - step_us;
    bool months = step_us >= 28 * CLOCK_DAY_US;
    if (k->file->rows >= 3 && (months ? off > 3 * CLOCK_DAY_US : off != 0))
        return error_set(err, ERROR_DATA, "%s has bars of %.9g s, those of the task are of %.9g s", path,
                         (double)k->file->step_us / CLOCK_SECOND_US, (double)step_us / CLOCK_SECOND_US);
    return true;
}

static double price_of(const struct telling *k, size_t row)
{
    return k->file->column[frame_find(k->file, k->t.text.asset[0].price)].value[row];
}

/* --- does it follow? ----------------------------------------------------------------------------------------------- */

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Where the file has bars that are known, it must have all of them, and the same. */
static bool agrees(const struct telling *k, size_t at, struct error *err)
{
    const struct tournament *t = &k->t;
    char here[40], there[40], a[32], b[32];
    for (size_t row = 0; row < k->row; row++, at++) {
        clock_iso(k->file->time_us[row], here, sizeof here);
        clock_iso(t->time_us[at], there, sizeof there);
        if (k->file->time_us[row] != t->time_us[at])
            return error_set(err, ERROR_DATA, "%s: the bar of %s stands where that of %s is known: other bars, or another "
                                              "time zone (--tz)?", k->options->file, here, there);
        if (same(price_of(k, row), t->value[at]))
            continue;
        text_of_double(price_of(k, row), a, sizeof a);
        text_of_double(t->value[at], b, sizeof b);
        return error_set(err, ERROR_DATA, "%s: the bar of %s has the %s %s, and the chain's data have %s: it was revised, or "
                                          "these are other bars", k->options->file, here, t->text.asset[0].price, a, b);
    }
    return at == t->n || error_set(err, ERROR_DATA, "%s ends before what is known", k->options->file);
}

static bool follows(struct telling *k, struct error *err)
{
    const struct tournament *t = &k->t;
    int64_t last_us = t->time_us[t->n - 1];
    char last[40], first[40];
    size_t at = 0;
    clock_iso(last_us, last, sizeof last);
    while (k->row < k->file->rows && k->file->time_us[k->row] <= last_us)
        k->row++;
    if (k->row == k->file->rows)
        return error_set(err, ERROR_DATA, "%s has no bar behind that of %s, the last one known", k->options->file, last);
    clock_iso(k->file->time_us[k->row], first, sizeof first);
    if (k->row == 0)
        return k->file->time_us[0] - last_us <= DATASET_GAP_STEPS * t->step_us ||
               error_set(err, ERROR_DATA,
                         "%s begins with the bar of %s, and the last one known is that of %s: bars are missing between "
                         "them. (If there are none, give a file that has the last known one, too.)",
                         k->options->file, first, last);
    while (at < t->n && t->time_us[at] < k->file->time_us[0])
        at++;
    return agrees(k, at, err);
}

/* A bar that is not over yet would be told wrong, and for good. */
static bool finished(const struct telling *k, struct error *err)
{
    size_t last = k->file->rows - 1;
    char time[40], over[40];
    int64_t over_us = tournament_over(&k->t, k->file->time_us[last]);
    if (over_us <= clock_wall_us())
        return true;
    clock_iso(k->file->time_us[last], time, sizeof time);
    clock_iso(over_us, over, sizeof over);
    return error_set(err, ERROR_DATA, "%s: the bar of %s is over at %s, which by this machine's clock is still to come: an "
                                      "outcome is for good, leave it out", k->options->file, time, over);
}

static bool take_bars(struct telling *k, struct error *err)
{
    if (!read_file(k, err) || !follows(k, err) || !finished(k, err))
        return false;
    k->known = k->t.n;
    k->n = k->file->rows - k->row;
    k->left = k->n > OUTCOMES_MOST * TX_BARS_MAX ? k->n - OUTCOMES_MOST * TX_BARS_MAX : 0;
    k->n -= k->left;
    for (size_t i = 0; i < k->n; i++)
        tournament_add(&k->t, k->file->time_us[k->row + i], price_of(k, k->row + i));
    return true;
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

/* The columns of numbers that the task's bars have, as far as the file has them. */
static struct frame *bars_frame(const struct telling *k, size_t first, size_t n, struct error *err)
{
    const struct frame *base = k->t.base;
    struct frame *f = frame_new(n, base->columns, err);
    if (!f)
        return NULL;
    memcpy(f->time_us, k->file->time_us + first, n * sizeof *f->time_us);
    for (size_t c = 0; c < base->columns; c++) {
        int in = frame_find(k->file, base->column[c].name);
        bool numbers = in >= 0 && k->file->column[in].labels == 0 && base->column[c].labels == 0;
        text_copy(f->column[c].name, sizeof f->column[c].name, base->column[c].name);
        for (size_t i = 0; i < n; i++)
            f->column[c].value[i] = numbers ? k->file->column[in].value[first + i] : (double)NAN;
    }
    frame_find_step(f);
    return f;
}

struct one_outcome {
    struct telling *k;
    int at;
};

static bool put_bars(const struct telling *k, const struct chain_draft *d, size_t skip, struct tx_outcome *o,
                     struct error *err)
{
    struct bytes b = {0};
    struct frame *f = bars_frame(k, k->row + skip, o->n, err);
    bool ok = f != NULL;
    if (ok) {
        frame_encode(f, &b);
        o->object = hash_of(b.data, b.n);
        ok = (d->draft && !d->prepares) || ledger_object_put(d->chain, b.data, b.n, &o->object, err);
    }
    frame_free(f);
    bytes_free(&b);
    return ok;
}

static bool fill_outcome(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct one_outcome *one = context;
    struct telling *k = one->k;
    struct tx_outcome *o = &tx->outcome;
    size_t skip = (size_t)one->at * TX_BARS_MAX;
    tx->type = TX_OUTCOME;
    *o = (struct tx_outcome){.task = k->t.task.id, .first = (uint32_t)(k->known - k->t.behind + skip) + 1};
    o->n = k->n - skip < TX_BARS_MAX ? (uint32_t)(k->n - skip) : TX_BARS_MAX;
    tournament_answer(&k->t, k->known + skip, o);
    if (!put_bars(k, d, skip, o, err))
        return false;
    k->outcome[one->at] = *o;
    return true;
}

static json_t *submit(struct workspace *w, const struct action_signer *s, struct telling *k, struct error *err)
{
    struct tx *tx = NEW_ARRAY(struct tx, OUTCOMES_MOST);
    struct one_outcome one[OUTCOMES_MOST];
    struct chain_filling filling[OUTCOMES_MOST] = {{0}};
    k->outcomes = (int)((k->n + TX_BARS_MAX - 1) / TX_BARS_MAX);
    for (int i = 0; i < k->outcomes; i++) {
        one[i] = (struct one_outcome){k, i};
        filling[i] = (struct chain_filling){.fill = fill_outcome, .context = &one[i]};
    }
    json_t *result = chain_submit_all(w, s, tx, k->outcomes, filling, err);
    free(tx);
    return result;
}

/* --- the action ---------------------------------------------------------------------------------------------------- */

static void tell(json_t *result, const struct telling *k)
{
    json_t *bars = json_array();
    for (size_t i = 0; i < k->n; i++) {
        const struct tx_outcome *o = &k->outcome[i / TX_BARS_MAX];
        size_t bit = i % TX_BARS_MAX, row = k->known + i;
        const char *said = o->up >> bit & 1 ? "up" : "down";
        json_array_append_new(bars, json_pack("{s:I, s:o, s:o, s:o, s:o}", "bar", (json_int_t)(o->first + bit), "time",
                                              json_of_time(k->t.time_us[row]), "price", json_of_number(k->t.value[row]),
                                              "answer", o->none >> bit & 1 ? json_null() : json_string(said), "until",
                                              json_of_time(o->until_us[bit])));
    }
    json_object_set_new(result, "task", json_of_hash(k->t.task.id));
    json_object_set_new(result, "bars", bars);
    json_object_set_new(result, "left", json_integer((json_int_t)k->left));
    json_object_set_new(result, "next",
                        json_string(k->left ? "run this again for the bars that are left"
                                            : "who sealed predictions of these bars reveals them in a later block"));
}

static bool look(struct telling *k, struct workspace *w, const struct action_signer *s, struct error *err)
{
    struct chain_look l;
    struct state_task task;
    bool ok = chain_look_open(&l, w, s, err) && tournament_find(w, l.state, k->options->task, &task, err);
    if (ok && !address_equal(task.owner, l.address))
        ok = error_set(err, ERROR_CHAIN, "only the task's owner says what came, and that is another identity");
    ok = ok && tournament_open(&k->t, l.chain, l.state, &task, err);
    chain_look_close(&l);
    return ok;
}

json_t *action_chain_outcome(struct workspace *w, const struct action_signer *s,
                             const struct action_outcome_options *options, struct error *err)
{
    struct telling *k = NEW(struct telling);
    json_t *result = NULL;
    k->options = options;
    if (look(k, w, s, err) && take_bars(k, err))
        result = submit(w, s, k, err);
    if (result)
        tell(result, k);
    csv_report_free(&k->report);
    tournament_close(&k->t);
    free(k);
    return result;
}
