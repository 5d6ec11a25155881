#include "work/follow_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/fork.h"
#include "chain/mirror.h"
#include "work/json.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <time.h>

#define PASSES_MOST 10000 /* in one step: blocks that follow each other at once */
#define SLICE_SECONDS 0.05
#define REFUSED_SECONDS 600 /* what the rules refuse is kept so long: they may come to allow it */

void follow_event(struct follow *f, const char *kind, json_t *more, const char *format, ...)
{
    struct text t = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&t, format, args);
    va_end(args);
    json_t *e = json_pack("{s:s}", "event", kind);
    if (more) {
        json_object_update(e, more);
        json_decref(more);
    }
    json_object_set_new(e, "text", json_of_text(text_of(&t)));
    log_write(text_equal(kind, "problem") || text_equal(kind, "fork") ? LOG_WARNING : LOG_INFO, "follow: %s", text_of(&t));
    text_free(&t);
    control_event(f->control, e);
}

/* --- the ledger ------------------------------------------------------------------------------------------------------- */

static bool open_ledger(struct follow *f, struct error *err)
{
    f->ledger = f->o->open(f->o->context, err);
    f->resting = false;
    if (!f->ledger)
        return false;
    f->chain = ledger_id(f->ledger);
    return true;
}

static void close_ledger(struct follow *f)
{
    if (f->ledger)
        f->o->close(f->o->context, f->ledger);
    f->ledger = NULL;
}

static bool is_message(void *context, struct hash name)
{
    return message_pool_knows(&((const struct follow *)context)->pool, name);
}

/* Others may have written meanwhile: another command of this workspace. */
static bool wake(struct follow *f, struct error *err)
{
    bool same, more;
    if (!f->ledger)
        return open_ledger(f, err);
    if (!f->resting)
        return true;
    if (!ledger_wake(f->ledger, &same, err))
        return false;
    f->busy = false;
    f->resting = false;
    if (!same) {
        close_ledger(f);
        follow_forget(f);
        return open_ledger(f, err);
    }
    if (!ledger_pool_renew(f->ledger, is_message, f, &more, err))
        return false;
    f->changed |= more;
    return true;
}

static void rest(struct follow *f)
{
    ledger_rest(f->ledger);
    f->resting = true;
}

/* --- a step ----------------------------------------------------------------------------------------------------------- */

static bool pass(struct follow *f, bool *grown, struct error *err)
{
    *grown = false;
    if (!state_alone(ledger_state(f->ledger)) && !follow_height(f, err))
        return false;
    if (!follow_gather(f, err) || !follow_extend(f, grown, err))
        return false;
    if (*grown || !f->machine || !f->o->votes)
        return true;
    return follow_drive(f, grown, err);
}

static void tell_stage(struct follow *f)
{
    json_t *view = f->machine ? follow_view(f->ledger, f->machine, f->trouble) : NULL;
    const char *stage = view ? json_string_value(json_object_get(view, "stage")) : NULL;
    if (stage && !text_equal(stage, f->stage)) {
        text_copy(f->stage, sizeof f->stage, stage);
        follow_event(f, "stage", NULL, "%s", stage);
    }
    json_decref(view);
}

static bool publish(struct follow *f, struct error *err)
{
    bool changed;
    if (!f->o->publish || !f->changed)
        return true;
    if (!mirror_chain(f->o->chain, f->o->publish, &changed, err))
        return error_prefix(err, "cannot publish");
    return true;
}

/* Another command that writes for long is no reason to end. */
static bool is_busy(struct follow *f, const struct error *why)
{
    if (why->kind != ERROR_FAILED || !f->resting)
        return false;
    if (!f->busy)
        follow_event(f, "problem", NULL, "waiting: %s", why->text);
    f->busy = true;
    return true;
}

bool follow_step(struct follow *f, struct error *err)
{
    bool grown = true;
    struct error why;
    uint64_t blocks = f->blocks;
    error_clear(&why);
    if (!wake(f, &why))
        return is_busy(f, &why) || error_set(err, why.kind, "%s", why.text);
    if (!follow_find(f, err))
        return false;
    for (int i = 0; grown && i < PASSES_MOST && !control_cancelled(f->control); i++)
        if (!pass(f, &grown, err))
            return false;
    if (f->blocks > blocks)
        ledger_pool_clear(f->ledger, REFUSED_SECONDS);
    if (!follow_objects(f, err))
        return false;
    follow_timers_save(f);
    if (f->o->votes)
        tell_stage(f);
    rest(f);
    if (f->changed)
        follow_event(f, "pull", json_pack("{s:o}", "parties", follow_parties(f)), "height %llu, %d %s",
                     (unsigned long long)ledger_height(f->ledger), f->parties.n, f->parties.n == 1 ? "party" : "parties");
    if (!publish(f, err))
        return false;
    f->changed = false;
    return true;
}

/* --- the loop --------------------------------------------------------------------------------------------------------- */

/* Asked and not awaited, for it need not be our parent: a script's shell may stand between us. */
static bool is_orphan(const struct follow *f)
{
    return f->o->owner > 0 && kill((pid_t)f->o->owner, 0) != 0 && errno == ESRCH;
}

static void doze(const struct follow *f, double seconds)
{
    double end = clock_boot_seconds() + seconds;
    while (!control_cancelled(f->control) && !is_orphan(f)) {
        double left = end - clock_boot_seconds();
        if (left <= 0)
            return;
        left = left < SLICE_SECONDS ? left : SLICE_SECONDS;
        struct timespec t = {0, (long)(left * 1e9)};
        nanosleep(&t, NULL);
    }
}

static double pause_of(const struct follow *f, double end)
{
    double wait = f->o->every, timer = follow_next_timer(f), left = end - clock_boot_seconds();
    wait = timer < wait ? timer : wait;
    wait = left < wait ? left : wait;
    return wait > 0 ? wait : 0;
}

/* Has it done what it was to do? */
static bool is_over(const struct follow *f, double end, bool busy)
{
    if (f->o->once)
        return !busy;
    return is_orphan(f) || (f->o->until_height && ledger_height(f->ledger) >= f->o->until_height) || clock_boot_seconds() >= end;
}

static bool loop(struct follow *f, struct error *err)
{
    double end = f->o->seconds > 0 ? clock_boot_seconds() + f->o->seconds : INFINITY;
    for (;;) {
        if (!follow_step(f, err))
            return false;
        bool busy = f->o->beside && f->o->beside(f->o->context, f->ledger);
        if (is_over(f, end, busy))
            return true;
        if (control_cancelled(f->control))
            return f->interrupted = true;
        doze(f, pause_of(f, end));
    }
}

static bool begin(struct follow *f, struct error *err)
{
    if (!open_ledger(f, err))
        return false;
    if (!f->o->voting)
        return true;
    if (state_alone(ledger_state(f->ledger)))
        return error_set(err, ERROR_CHAIN, "a closed chain has one validator and no votes: `chain seal-block` seals");
    if (!state_voting_find(ledger_state(f->ledger), key_public_of(f->o->voting)))
        follow_event(f, "problem", NULL, "%s is no voting key of a validator yet: it only watches", key_name(f->o->voting));
    return true;
}

static void say_held(struct follow *f)
{
    const struct guard_state *s = guard_look(f->guard);
    uint64_t from = s->any && s->last.height > s->hold + 1 ? s->last.height : s->hold + 1;
    follow_event(f, "problem", NULL,
                 "%s votes from height %llu on: it came from another machine, which may have voted before that, or what "
                 "it signed is not known here; a key that surely has not may vote at once behind `key never-voted`",
                 key_name(f->o->voting), (unsigned long long)from);
}

/* Behind the first look at the others, so that an imported key waits from the present head on. */
static bool open_guard(struct follow *f, struct error *err)
{
    bool grown = true;
    if (!f->o->voting || !f->o->votes)
        return true;
    if (!follow_find(f, err))
        return false;
    while (grown) {
        grown = false;
        if (!follow_height(f, err) || !follow_gather(f, err) || !follow_extend(f, &grown, err))
            return false;
    }
    f->guard = guard_open(f->o->guard, key_public_of(f->o->voting), f->chain, ledger_height(f->ledger), err);
    if (f->guard && !guard_votes(f->guard, ledger_height(f->ledger) + 1))
        say_held(f);
    follow_forget(f);
    return f->guard != NULL;
}

static json_t *forks_json(const char *chain)
{
    struct fork *fork;
    int n = fork_list(chain, &fork);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "height", (json_int_t)fork[i].height, "block",
                                              json_of_hash(fork[i].id), "file", json_of_text(fork[i].file)));
    free(fork);
    return list;
}

static json_t *result(const struct follow *f)
{
    const struct ledger *l = f->ledger;
    json_t *j = json_pack("{s:b, s:I, s:o, s:I, s:I, s:I, s:I, s:o, s:o}", "done", 1, "height",
                          (json_int_t)ledger_height(l), "head", json_of_hash(ledger_head(l)), "blocks",
                          (json_int_t)f->blocks, "transactions", (json_int_t)f->transactions, "votes",
                          (json_int_t)f->votes, "objects", (json_int_t)f->objects, "parties", follow_parties(f), "forks",
                          forks_json(f->o->chain));
    if (f->machine) {
        json_t *view = follow_view(l, f->machine, f->trouble);
        json_object_set(j, "stage", json_object_get(view, "stage"));
        json_decref(view);
    }
    if (f->interrupted)
        json_object_set_new(j, "interrupted", json_true());
    if (f->absent[0])
        json_object_set_new(j, "absent", json_of_text(f->absent));
    if (!hash_is_zero(f->proposed))
        json_object_set_new(j, "proposed", json_of_hash(f->proposed));
    return j;
}

struct follow *follow_begin(const struct follow_options *o, const struct control *control, struct error *err)
{
    struct follow *f = NEW(struct follow);
    f->o = o;
    f->control = control;
    f->changed = true; /* what came before this was not published, perhaps */
    if (!begin(f, err) || !open_guard(f, err)) {
        follow_end(f);
        return NULL;
    }
    rest(f);
    return f;
}

uint64_t follow_height_of(const struct follow *f)
{
    return ledger_height(f->ledger);
}

void follow_end(struct follow *f)
{
    if (!f)
        return;
    follow_forget(f);
    close_ledger(f);
    guard_close(f->guard);
    party_list_free(&f->parties);
    wanted_free(&f->wanted);
    message_pool_free(&f->pool);
    vote_past_free(&f->past);
    free(f->heard);
    free(f->heard_name);
    free(f->heard_from);
    free(f->incoming);
    free(f);
}

json_t *follow_run(const struct follow_options *o, const struct control *control, struct error *err)
{
    struct follow *f = follow_begin(o, control, err);
    json_t *j = f && loop(f, err) ? result(f) : NULL;
    follow_end(f);
    return j;
}
