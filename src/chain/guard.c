/* What a guard file says, and what may be signed behind it. Pure. */
#include "chain/guard.h"

#include "base/memory.h"
#include "chain/codec.h"

#include <string.h>

#define GUARD_MAGIC "MSGUARD1"

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void put_mark(struct bytes *out, const struct consensus_mark *m)
{
    bytes_put_u32(out, m->next);
    codec_put_hash(out, m->id);
}

void guard_encode(const struct guard_state *s, struct bytes *out)
{
    static const uint8_t none[VOTE_BYTES];
    size_t begin = out->n;
    bytes_put(out, GUARD_MAGIC, strlen(GUARD_MAGIC));
    codec_put_hash(out, s->chain);
    codec_put_public(out, &s->voting);
    bytes_put_u64(out, s->any ? s->last.height : 0);
    bytes_put_u32(out, s->any ? s->last.round : 0);
    bytes_put_u8(out, s->any ? (uint8_t)s->last.step : 0);
    if (s->any)
        vote_encode(&s->last, out);
    else
        bytes_put(out, none, sizeof none);
    put_mark(out, &s->locked);
    put_mark(out, &s->valid);
    bytes_put_u64(out, s->hold);
    codec_put_hash(out, hash_of(out->data + begin, out->n - begin));
}

static bool get_mark(struct bytes_reader *r, struct consensus_mark *m)
{
    m->next = bytes_get_u32(r);
    m->id = codec_get_hash(r);
    return m->next <= ROTATION_ROUND_MOST + 1 && (m->next == 0) == hash_is_zero(m->id);
}

static bool get_vote(struct bytes_reader *r, struct guard_state *s)
{
    static const uint8_t none[VOTE_BYTES];
    const uint8_t *p = bytes_get(r, VOTE_BYTES);
    s->any = p && memcmp(p, none, sizeof none) != 0;
    return p && (!s->any || (vote_decode(p, VOTE_BYTES, &s->last, NULL) && hash_equal(s->last.chain, s->chain) &&
                             memcmp(&s->last.voting, &s->voting, sizeof s->voting) == 0));
}

/* Marks belong to the height of the vote, so none without one, and none of a round that it had not come to. */
static bool marks_fit(const struct guard_state *s)
{
    uint32_t most = s->any ? s->last.round + 1 : 0;
    return s->locked.next <= most && s->valid.next <= most && s->locked.next <= s->valid.next;
}

static bool parse(struct bytes_reader *r, struct guard_state *out)
{
    const uint8_t *magic = bytes_get(r, strlen(GUARD_MAGIC));
    if (!magic || memcmp(magic, GUARD_MAGIC, strlen(GUARD_MAGIC)) != 0)
        return false;
    out->chain = codec_get_hash(r);
    out->voting = codec_get_public(r);
    uint64_t height = bytes_get_u64(r);
    uint32_t round = bytes_get_u32(r);
    uint8_t step = bytes_get_u8(r);
    if (!get_vote(r, out) || !get_mark(r, &out->locked) || !get_mark(r, &out->valid))
        return false;
    out->hold = bytes_get_u64(r);
    codec_get_hash(r);
    return bytes_done(r) && marks_fit(out) && height == (out->any ? out->last.height : 0) &&
           round == (out->any ? out->last.round : 0) && step == (out->any ? (uint8_t)out->last.step : 0);
}

bool guard_decode(const void *data, size_t n, struct guard_state *out, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    *out = (struct guard_state){.any = false};
    if (n != GUARD_BYTES)
        return error_set(err, ERROR_CHAIN, "a guard has %d bytes, this has %zu", GUARD_BYTES, n);
    struct hash h = hash_of(data, n - HASH_BYTES);
    if (memcmp(h.byte, (const uint8_t *)data + n - HASH_BYTES, HASH_BYTES) != 0)
        return error_set(err, ERROR_CHAIN, "the guard's hash is not that of its bytes");
    return parse(&r, out) || error_set(err, ERROR_CHAIN, "the guard contradicts itself near byte %zu", r.at);
}

/* --- what may be signed ------------------------------------------------------------------------------------------- */

/* Order of places: height, round, step. */
static int place_compare(const struct vote *a, const struct vote *b)
{
    if (a->height != b->height)
        return a->height < b->height ? -1 : 1;
    if (a->round != b->round)
        return a->round < b->round ? -1 : 1;
    return a->step < b->step ? -1 : a->step > b->step;
}

enum guard_answer guard_ask(const struct guard_state *s, const struct vote *v, struct error *err)
{
    const char *step = vote_step_name(v->step);
    unsigned long long height = v->height;
    if (!hash_equal(v->chain, s->chain)) {
        error_set(err, ERROR_CHAIN, "this guard is for another chain");
        return GUARD_NO;
    }
    int order = s->any ? place_compare(v, &s->last) : 1;
    if (order == 0 && v->valid == s->last.valid && hash_equal(v->block, s->last.block))
        return GUARD_AGAIN;
    if (height <= s->hold) {
        error_set(err, ERROR_CHAIN, "votes are held up to height %llu: another copy of this key may have voted there",
                  (unsigned long long)s->hold);
        return GUARD_NO;
    }
    if (order > 0)
        return GUARD_NEW;
    error_set(err, ERROR_CHAIN,
              order < 0 ? "no %s at height %llu, round %u: something later was signed already"
                        : "a different %s was signed at height %llu, round %u already",
              step, height, v->round);
    return GUARD_NO;
}

/* Within a height no lock is taken back, whatever the caller says. */
static struct consensus_mark later(bool same, const struct consensus_mark *had, const struct consensus_mark *now)
{
    return same && had->next > now->next ? *had : *now;
}

void guard_note(struct guard_state *s, const struct vote *v, const struct consensus_record *record)
{
    bool same = s->any && s->last.height == v->height;
    s->locked = later(same, &s->locked, &record->locked);
    s->valid = later(same, &s->valid, &record->valid);
    s->any = true;
    s->last = *v;
}

bool guard_contradicts(const struct guard_state *s, const struct vote *seen)
{
    int order = s->any ? place_compare(seen, &s->last) : 1;
    return seen->height > s->hold && (order > 0 || (order == 0 && vote_conflict(seen, &s->last)));
}
