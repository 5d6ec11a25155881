#include "ui/screen/chain_life.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"

#include <math.h>

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static bool is_state(const json_t *p, const char *state)
{
    return text_equal(aid_text(p, "state"), state);
}

/* --- the steps of a life ---------------------------------------------------------------------------------------------- */

static void say_moment(const json_t *moment, char *out, size_t size)
{
    char day[AID_NUMBER];
    out[0] = '\0';
    if (number_at(moment, "height") > 0)
        snprintf(out, size, "height %lld, %s", number_at(moment, "height"), aid_day(aid_time(aid_text(moment, "time")), day));
}

static int add(struct chain_step *out, int n, const char *name, bool done, const json_t *moment)
{
    out[n] = (struct chain_step){.name = name, .how = done ? STEP_DONE : STEP_AHEAD};
    say_moment(moment, out[n].said, sizeof out[n].said);
    return n + 1;
}

static int add_attests(const json_t *p, struct chain_step *out, int n)
{
    size_t i, revealed = 0, same = 0;
    const json_t *a, *list = json_object_get(p, "attests");
    json_array_foreach(list, i, a)
    {
        revealed += json_is_true(json_object_get(a, "revealed"));
        same += json_is_true(json_object_get(a, "matches"));
    }
    out[n] = (struct chain_step){.name = "verified", .how = json_is_true(json_object_get(p, "verified")) ? STEP_DONE : STEP_AHEAD};
    if (json_array_size(list) > 0)
        snprintf(out[n].said, sizeof out[n].said, "%zu of %zu revealed, %zu with the same bits", revealed, json_array_size(list),
                 same);
    return n + 1;
}

int chain_life_steps(const struct chain_screen *s, const json_t *p, struct chain_step out[CHAIN_STEPS])
{
    const json_t *life = json_object_get(p, "life");
    const json_t *announced = json_object_get(life, "announced"), *claimed = json_object_get(life, "claimed"),
                 *committed = json_object_get(life, "committed"), *opened = json_object_get(life, "opened"),
                 *closed = json_object_get(life, "closed");
    bool ended = is_state(p, "rejected") || is_state(p, "refuted") || is_state(p, "expired");
    int n = 0;
    (void)s;
    n = add(out, n, "announced", true, announced);
    n = add(out, n, "claimed", number_at(claimed, "height") > 0, claimed);
    n = add(out, n, "committed", number_at(committed, "height") > 0, committed);
    n = add(out, n, "opened", number_at(opened, "height") > 0, opened);
    n = add_attests(p, out, n);
    out[n] = (struct chain_step){.name = "approved", .how = STEP_AHEAD};
    if (number_at(p, "approvals") >= number_at(p, "approvals_needed") && number_at(p, "approvals") > 0)
        out[n].how = STEP_DONE;
    snprintf(out[n].said, sizeof out[n].said, "%lld of %lld", number_at(p, "approvals"), number_at(p, "approvals_needed"));
    n = add(out, n + 1, ended ? aid_text(p, "state") : "accepted", is_state(p, "accepted"), closed);
    if (ended)
        out[n - 1].how = STEP_ENDED;
    for (int i = 0; i < n && !ended && !is_state(p, "accepted"); i++)
        if (out[i].how == STEP_AHEAD) {
            out[i].how = STEP_NOW;
            break;
        }
    return n;
}

/* --- whose turn, and how long ------------------------------------------------------------------------------------------ */

bool chain_is_my_turn(const struct chain_screen *s, const json_t *p)
{
    size_t i;
    const json_t *who;
    json_array_foreach(json_object_get(p, "waits_for"), i, who)
        if (chain_is_mine(s, json_string_value(who)))
            return true;
    return false;
}

/* The identity of this machine whose address the text begins with, or NULL. */
static const json_t *mine_at(const struct chain_screen *s, const char *text)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(s->read.identities, "identities"), i, one)
        if (aid_text(one, "address")[0] != '\0' && text_starts(text, aid_text(one, "address")))
            return one;
    return NULL;
}

/* How many transactions that name it wait for a block. */
static int waiting_about(const struct chain_screen *s, const json_t *p)
{
    size_t i;
    const json_t *tx;
    int n = 0;
    json_array_foreach(json_object_get(s->read.status, "pool"), i, tx)
        n += strstr(aid_text(tx, "show"), aid_text(p, "proposal")) != NULL || text_equal(aid_text(tx, "tx"), aid_text(p, "proposal"));
    return n;
}

enum { ADDRESS_SHOWN = 14 }; /* as in the tables, where Enter shows the whole */

/* The length of the address that the text begins with, or 0. */
static size_t address_at(const char *text)
{
    size_t n = text_starts(text, "ms1") ? 3 + strspn(text + 3, "0123456789abcdef") : 0;
    return n > 2 * (size_t)ADDRESS_SHOWN ? n : 0;
}

static void put_named(const struct chain_screen *s, const char *text, struct text *t)
{
    for (const char *c = text; *c != '\0';) {
        const json_t *one = mine_at(s, c);
        size_t n = one != NULL ? strlen(aid_text(one, "address")) : address_at(c);
        if (one != NULL)
            text_printf(t, "%s%s", aid_text(one, "name"), chain_is_mine(s, aid_text(one, "address")) ? " (you)" : "");
        else
            text_put_n(t, c, n > 0 ? ADDRESS_SHOWN : 1);
        c += n > 0 ? n : 1;
    }
}

void chain_named(const struct chain_screen *s, const char *text, char *out, size_t size)
{
    struct text t = {0};
    put_named(s, text, &t);
    text_copy(out, size, text_of(&t));
    text_free(&t);
}

void chain_turn(const struct chain_screen *s, const json_t *p, char *out, size_t size)
{
    struct text t = {0};
    int waiting = waiting_about(s, p);
    if (waiting > 0)
        text_printf(&t, "%d step%s signed, %s: ", waiting, waiting == 1 ? "" : "s",
                    chain_is_many(s) ? "waiting for a block" : "b seals");
    else if (chain_is_my_turn(s, p))
        text_put(&t, "your turn: ");
    put_named(s, aid_text(p, "stage"), &t);
    text_copy(out, size, text_of(&t));
    text_free(&t);
}

bool chain_life_left(const struct chain_screen *s, const json_t *p, char *out, size_t size)
{
    const json_t *due = json_object_get(json_object_get(p, "life"), "due");
    json_int_t blocks = number_at(due, "height") - number_at(s->read.status, "height");
    int64_t at = aid_time(aid_text(due, "time")), left = at - clock_wall_us();
    char day[AID_NUMBER], span[64];
    if (number_at(due, "height") == 0)
        return false;
    snprintf(out, size, "%s with the first block from height %lld on", aid_text(due, "what"), number_at(due, "height"));
    if (left > 0) {
        figure_span((double)left / 1e6, span, sizeof span);
        text_append(out, size, " and ");
        text_append(out, size, aid_day(at, day));
        text_append(out, size, ": ");
        text_append(out, size, span);
        text_append(out, size, " left");
    }
    if (blocks > 0) {
        snprintf(span, sizeof span, "%s %s block%s left", left > 0 ? "," : ":", aid_count(blocks, day), blocks == 1 ? "" : "s");
        text_append(out, size, span);
    }
    return true;
}

/* --- the reward -------------------------------------------------------------------------------------------------------- */

static int64_t score_of(int64_t correct, int64_t total)
{
    return total > 0 ? correct * 1000000 / total : 0; /* both below 2^43: correct times a million fits */
}

/* As state_to_beat and state_improvement have it; of what is closed as it was noted then. */
static void put_over(struct chain_reward *r, const json_t *p, const json_t *task)
{
    int64_t best = score_of(number_at(task, "best_correct"), number_at(task, "best_total")), baseline = number_at(task, "baseline_ppm");
    r->baseline = best <= baseline;
    r->best_ppm = r->baseline ? baseline : best;
    int64_t over = r->score_ppm - r->best_ppm;
    r->over_ppm = over > 0 && over >= r->least_ppm ? over : 0;
    if (r->open)
        return;
    r->over_ppm = number_at(p, "improvement_ppm");
    r->best_ppm = r->over_ppm > 0 ? r->score_ppm - r->over_ppm : -1;
}

bool chain_reward_of(const struct chain_screen *s, const json_t *p, struct chain_reward *out)
{
    const json_t *task = chain_task_of(s, aid_text(p, "task")), *claimed = json_object_get(p, "claimed");
    if (task == NULL || number_at(claimed, "total") == 0)
        return false;
    *out = (struct chain_reward){
        .open = !is_state(p, "accepted") && !is_state(p, "rejected") && !is_state(p, "refuted") && !is_state(p, "expired"),
        .score_ppm = score_of(number_at(claimed, "correct"), number_at(claimed, "total")),
        .least_ppm = number_at(task, "min_improvement_ppm"),
        .full_ppm = number_at(task, "full_pay_ppm"),
        .earned_ppm = number_at(task, "earned_ppm"),
        .pool = number_at(task, "pool_left"),
    };
    if (out->full_ppm == 0)
        return false;
    put_over(out, p, task);
    int64_t total = out->earned_ppm + out->over_ppm, counted = total < out->full_ppm ? total : out->full_ppm;
    int64_t paid = out->pool * counted / out->full_ppm; /* a pool is at most 2^42, parts at most 10^6: they fit */
    out->pay = total > 0 ? paid * out->over_ppm / total : 0;
    return true;
}
