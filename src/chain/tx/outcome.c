#include "base/clock.h"
#include "chain/state_tournament.h"
#include "chain/tx/kind.h"

static void encode(const struct tx *tx, struct bytes *out)
{
    tx_outcome_encode(&tx->outcome, out);
}

void tx_outcome_encode(const struct tx_outcome *o, struct bytes *out)
{
    ASSERT(o->n <= TX_BARS_MAX);
    codec_put_hash(out, o->task);
    bytes_put_u32(out, o->first);
    bytes_put_u32(out, o->n);
    for (uint32_t i = 0; i < o->n; i++)
        bytes_put_i64(out, o->until_us[i]);
    codec_put_hash(out, o->object);
    bytes_put_u64(out, o->up);
    bytes_put_u64(out, o->none);
}

static void decode(struct bytes_reader *r, struct tx *tx)
{
    struct tx_outcome *o = &tx->outcome;
    o->task = codec_get_hash(r);
    bars_decode(r, &o->first, &o->n);
    for (uint32_t i = 0; i < o->n; i++) {
        o->until_us[i] = bytes_get_i64(r);
        if (o->until_us[i] < 0 || o->until_us[i] > STATE_TIME_MAX_US)
            r->failed = true;
    }
    o->object = codec_get_hash(r);
    o->up = bytes_get_u64(r);
    o->none = bytes_get_u64(r);
    if ((o->up | o->none) & ~tx_bars_mask(o->n) || (o->up & o->none))
        r->failed = true;
}

static bool apply(struct state *s, const struct tx *tx, struct hash id, struct error *err)
{
    const struct tx_outcome *o = &tx->outcome;
    const struct state_task *task = state_task_find(s, o->task);
    uint32_t end = state_outcome_end(s, o->task);
    struct address who = key_address(&tx->sender);
    (void)id;
    if (!task)
        return error_set(err, ERROR_CHAIN, "outcome: its task is not on this chain");
    if (!address_equal(task->owner, who))
        return error_set(err, ERROR_CHAIN, "outcome: only the task's owner says what came");
    if (o->first != end + 1)
        return error_set(err, ERROR_CHAIN, "outcome: it begins with bar %u, the next one is %u", o->first, end + 1);
    for (uint32_t i = 1; i < o->n; i++)
        if (o->until_us[i] < o->until_us[i - 1])
            return error_set(err, ERROR_CHAIN, "outcome: the times of bars %u and %u run backwards", o->first + i - 1,
                             o->first + i);
    state_add_outcome(s, o, who);
    return true;
}

static void describe(const struct tx *tx, struct text *out)
{
    const struct tx_outcome *o = &tx->outcome;
    show_hash(out, "task", o->task);
    show_bars(out, o->first, o->n);
    show_hash(out, "object", o->object);
    for (uint32_t i = 0; i < o->n; i++) {
        char name[24], time[40], said[80];
        clock_iso(o->until_us[i], time, sizeof time);
        snprintf(name, sizeof name, "bar %u", o->first + i);
        snprintf(said, sizeof said, "%s; sealed until %s", o->none >> i & 1 ? "no direction" : o->up >> i & 1 ? "up" : "down",
                 time);
        show_text(out, name, said);
    }
}

const struct tx_kind tx_kind_outcome = {
    TX_OUTCOME, "outcome", "say how the bars behind a task's data came out", encode, decode, apply, describe};
