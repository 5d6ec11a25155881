/* The leaderboard of live predictions: of each task with seals or outcomes, who was right how often. */
#include "action/market_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <math.h>

struct row {
    const struct state_score *score;
    double low, high;
    uint32_t waiting, judged; /* seals without an outcome; with one and not revealed */
};

/* Wilson (1927): the 95 % interval of a share. */
static void interval(struct row *r)
{
    double n = (double)r->score->total, p = n > 0 ? (double)r->score->correct / n : 0, z = 1.959963984540054;
    double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)), all = 1 + z * z / n;
    r->low = n > 0 ? (middle - half) / all : 0;
    r->high = n > 0 ? (middle + half) / all : 1;
}

/* By what is surely reached: three of three is less than sixty of a hundred. */
static int row_compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->low != y->low)
        return x->low > y->low ? -1 : 1;
    if (x->score->total != y->score->total)
        return x->score->total > y->score->total ? -1 : 1;
    return memcmp(x->score->who.byte, y->score->who.byte, sizeof x->score->who.byte);
}

static void count_seals(struct row *r, const struct state *s)
{
    const struct state_seal *seal;
    int n = state_seals(s, &seal);
    for (int i = 0; i < n; i++)
        if (hash_equal(seal[i].body.task, r->score->task) && address_equal(seal[i].who, r->score->who)) {
            r->waiting += seal[i].state == SEAL_WAITING;
            r->judged += seal[i].state == SEAL_JUDGED;
        }
}

static json_t *row_json(const struct row *r, int rank)
{
    const struct state_score *x = r->score;
    json_t *accuracy = x->total ? json_of_number((double)x->correct / (double)x->total) : json_null();
    return json_pack("{s:i, s:o, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "rank", rank, "who",
                     market_json_address(x->who), "right", (json_int_t)x->correct, "bars", (json_int_t)x->total, "accuracy",
                     accuracy, "low", json_of_number(r->low), "high", json_of_number(r->high), "seals",
                     (json_int_t)x->seals, "revealed", (json_int_t)x->revealed, "waiting", (json_int_t)r->waiting, "to_reveal",
                     (json_int_t)r->judged, "sealed_to", (json_int_t)x->sealed_to);
}

static json_t *rows_json(const struct state *s, struct hash task)
{
    const struct state_score *score;
    int n = state_scores(s, &score), rows = 0;
    struct row *row = NEW_ARRAY(struct row, n > 0 ? n : 1);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        if (hash_equal(score[i].task, task))
            row[rows++].score = &score[i];
    for (int i = 0; i < rows; i++) {
        interval(&row[i]);
        count_seals(&row[i], s);
    }
    qsort(row, (size_t)rows, sizeof *row, row_compare);
    for (int i = 0; i < rows; i++)
        json_array_append_new(list, row_json(&row[i], i + 1));
    free(row);
    return list;
}

/* "+-0." a bar, the first one first: up, down, no answer or not told; `set` says of which bars anything is known. */
static json_t *marks(uint64_t up, uint64_t set, uint32_t n)
{
    char mark[TX_BARS_MAX + 1] = "";
    for (uint32_t i = 0; i < n; i++)
        mark[i] = !(set >> i & 1) ? '.' : up >> i & 1 ? '+' : '-';
    mark[n] = '\0';
    return json_string(mark);
}

static json_t *seal_json(const struct state_seal *x)
{
    uint64_t all = tx_bars_mask(x->body.n);
    bool judged = x->state != SEAL_WAITING, shown = x->state == SEAL_REVEALED;
    return json_pack("{s:o, s:o, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "seal", json_of_hash(x->id), "who",
                     market_json_address(x->who), "first", (json_int_t)x->body.first, "bars", (json_int_t)x->body.n, "state",
                     seal_state_name(x->state), "sealed", market_json_moment(x->sealed), "judged",
                     market_json_moment(x->judged), "counts", judged ? json_integer((json_int_t)tx_bars_count(x->counts)) : json_null(),
                     "right", shown ? json_integer((json_int_t)x->correct) : json_null(), "predictions",
                     shown ? marks(x->up, all, x->body.n) : json_null());
}

static json_t *outcome_json(const struct state_outcome *o, const char *chain)
{
    size_t bytes;
    const struct tx_outcome *b = &o->body;
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:b}", "first", (json_int_t)b->first, "bars", (json_int_t)b->n, "height",
                     (json_int_t)o->height, "answers", marks(b->up, tx_bars_mask(b->n) & ~b->none, b->n), "until",
                     json_of_time(b->until_us[b->n - 1]), "object", json_of_hash(b->object), "here",
                     market_object_here(chain, b->object, &bytes));
}

static json_t *task_json(const struct state *s, const struct state_task *t, const char *chain)
{
    const struct state_seal *seal;
    const struct state_outcome *o;
    json_t *seals = json_array(), *outcomes = json_array();
    int n = state_seals(s, &seal);
    for (int i = 0; i < n; i++)
        if (hash_equal(seal[i].body.task, t->id))
            json_array_append_new(seals, seal_json(&seal[i]));
    n = state_outcomes(s, &o);
    for (int i = 0; i < n; i++)
        if (hash_equal(o[i].body.task, t->id))
            json_array_append_new(outcomes, outcome_json(&o[i], chain));
    json_t *rows = rows_json(s, t->id);
    if (json_array_size(rows) + json_array_size(outcomes) == 0) {
        json_decref(seals);
        json_decref(outcomes);
        json_decref(rows);
        return NULL;
    }
    return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "task", json_of_hash(t->id), "owner", market_json_address(t->owner),
                     "bars", (json_int_t)state_outcome_end(s, t->id), "rows", rows, "seals", seals, "outcomes", outcomes);
}

json_t *action_chain_tournament(struct workspace *w, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_pool_state(l);
    const struct state_task *t;
    int n = state_tasks(s, &t);
    json_t *list = json_array();
    chain_folder(w, chain, sizeof chain);
    for (int i = 0; i < n; i++) {
        json_t *task = task_json(s, &t[i], chain);
        if (task)
            json_array_append_new(list, task);
    }
    ledger_close(l);
    return json_pack("{s:o}", "tasks", list);
}
