#include "chain/state_challenge.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_part.h"

#define ROOM_LEAST (2 * STATE_CLOSED_KEPT)

const char *challenge_state_name(enum challenge_state s)
{
    static const char *const name[] = {"open", "upheld", "dismissed", "lapsed", "returned"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

int state_challenges(const struct state *s, const struct state_challenge **out)
{
    *out = s->challenges.item;
    return (int)s->challenges.n;
}

const struct state_challenge *state_challenge_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->challenges.index, id);
    return at < 0 ? NULL : &s->challenges.item[at];
}

const struct state_challenge *state_challenge_first(const struct state *s, const struct state_proposal *p)
{
    const struct state_challenge *first = NULL;
    for (int at = p->challenge; at; at = s->challenges.item[at - 1].before)
        if (s->challenges.item[at - 1].state == CHALLENGE_OPEN)
            first = &s->challenges.item[at - 1];
    return first;
}

int state_ruled(const struct state *s, const struct hash **out)
{
    *out = s->challenges.ruled;
    return s->challenges.ruled_height == s->height ? (int)s->challenges.ruleds : 0;
}

/* At most 2^42 times 10^6, then times the number of those that were lost, each of which was paid for. */
uint64_t state_challenge_least(const struct state *s, const struct state_proposal *p)
{
    uint64_t share = p->announce.stake * s->genesis.deposit_ppm / TX_PPM;
    return (share ? share : 1) * (uint64_t)(1 + p->lost);
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

static struct state_challenge *write_challenge(struct state *s, struct hash id)
{
    int at = index_find(&s->challenges.index, id);
    ASSERT(at >= 0);
    state_mark(s, ENTRY_CHALLENGE, id.byte, sizeof id.byte);
    return &s->challenges.item[at];
}

struct state_challenge *state_add_challenge(struct state *s, struct hash id, struct address who,
                                            const struct tx_challenge *body)
{
    struct challenge_part *part = &s->challenges;
    struct state_proposal *p = &s->proposal[index_find(&s->proposal_index, body->proposal)];
    part->item = memory_grow(part->item, &part->capacity, part->n + 1, sizeof *part->item);
    index_put(&part->index, id, (int)part->n);
    struct state_challenge *c = &part->item[part->n++];
    memset(c, 0, sizeof *c);
    c->id = id;
    c->made.height = s->height + 1;
    c->who = who;
    c->body = *body;
    c->before = p->challenge;
    p->challenge = (int)part->n;
    p->disputes++;
    state_debit(s, who, body->deposit, POT_ESCROWS);
    return write_challenge(s, id);
}

static struct state_proposal *proposal_of(struct state *s, const struct state_challenge *c)
{
    return &s->proposal[index_find(&s->proposal_index, c->body.proposal)];
}

static void end_dispute(struct state *s, struct state_challenge *c, enum challenge_state end)
{
    struct state_proposal *p = proposal_of(s, c);
    ASSERT(c->state == CHALLENGE_OPEN && p->disputes > 0);
    c->state = end;
    c->closed = s->height + 1;
    p->disputes--;
    p->lost += end == CHALLENGE_DISMISSED || end == CHALLENGE_LAPSED;
    state_mark(s, ENTRY_CHALLENGE, c->id.byte, sizeof c->id.byte);
}

/* The deposit is lost: a share to the accused, the rest burnt. What was due and had to wait for it may happen now, at the
 * block's end. */
static void lose(struct state *s, struct state_challenge *c, enum challenge_state end)
{
    struct state_proposal *p = proposal_of(s, c);
    uint64_t share = c->body.deposit * s->genesis.finder_ppm / TX_PPM;
    end_dispute(s, c, end);
    if (share)
        state_credit(s, p->proposer, share, POT_ESCROWS);
    state_burn(s, c->body.deposit - share, POT_ESCROWS);
    if (p->disputes == 0)
        state_touch(s, p);
}

static void uphold(struct state *s, struct state_challenge *c)
{
    struct state_proposal *p = proposal_of(s, c);
    end_dispute(s, c, CHALLENGE_UPHELD);
    state_credit(s, c->who, c->body.deposit, POT_ESCROWS);
    for (int at = p->challenge; at; at = s->challenges.item[at - 1].before) {
        struct state_challenge *other = &s->challenges.item[at - 1];
        if (other->state != CHALLENGE_OPEN)
            continue;
        end_dispute(s, other, CHALLENGE_RETURNED);
        state_credit(s, other->who, other->body.deposit, POT_ESCROWS);
    }
    state_overturn(s, p, c->who);
}

void state_answer_challenge(struct state *s, struct hash challenge, const struct tx_respond *r)
{
    struct state_challenge *c = write_challenge(s, challenge);
    c->answered = r->concede ? CHALLENGE_CONCEDED : CHALLENGE_ANSWERED;
    c->answer = r->object;
    if (!r->concede)
        return;
    c->found = c->body.found;
    uphold(s, c);
}

static void note_ruled(struct state *s, struct hash id)
{
    struct challenge_part *part = &s->challenges;
    if (part->ruled_height != s->height + 1)
        part->ruleds = 0;
    part->ruled_height = s->height + 1;
    part->ruled = memory_grow(part->ruled, &part->ruled_capacity, part->ruleds + 1, sizeof *part->ruled);
    part->ruled[part->ruleds++] = id;
}

void state_rule_challenge(struct state *s, const struct tx_verdict *v)
{
    struct state_challenge *c = write_challenge(s, v->challenge);
    note_ruled(s, c->id);
    c->found = v->found;
    if (v->upheld)
        uphold(s, c);
    else
        lose(s, c, CHALLENGE_DISMISSED);
}

/* --- the family --------------------------------------------------------------------------------------------------- */

static bool passed(const struct state *s, const struct state_challenge *c, struct state_moment now)
{
    return state_moment_passed(c->made, s->genesis.dispute_blocks, s->genesis.dispute_seconds, now);
}

static bool begin_end(struct state *s, struct state_moment now, struct error *err)
{
    struct challenge_part *part = &s->challenges;
    (void)err;
    for (size_t i = part->n; i > 0 && part->item[i - 1].made.height == now.height; i--)
        part->item[i - 1].made.time_us = now.time_us;
    for (; part->first < part->n; part->first++) {
        struct state_challenge *c = &part->item[part->first];
        if (c->state != CHALLENGE_OPEN)
            continue;
        if (!passed(s, c, now))
            break;
        lose(s, c, CHALLENGE_LAPSED);
    }
    return true;
}

static bool waits(const struct state *s, struct state_moment now)
{
    const struct challenge_part *part = &s->challenges;
    for (size_t i = part->first; i < part->n; i++)
        if (part->item[i].state == CHALLENGE_OPEN)
            return state_moment_passed(part->item[i].made, 0, s->genesis.dispute_seconds, now);
    return false;
}

/* The index, and what hangs from the proposals; false where a challenge is of none that is there though it must be. */
static bool hang(struct state *s)
{
    struct challenge_part *part = &s->challenges;
    index_clear(&part->index);
    for (size_t i = 0; i < s->proposals; i++)
        s->proposal[i].challenge = s->proposal[i].disputes = s->proposal[i].lost = 0;
    part->first = part->n;
    for (size_t i = part->n; i > 0; i--)
        if (part->item[i - 1].state == CHALLENGE_OPEN)
            part->first = i - 1;
    for (size_t i = 0; i < part->n; i++) {
        struct state_challenge *c = &part->item[i];
        int at = index_find(&s->proposal_index, c->body.proposal);
        if (index_find(&part->index, c->id) >= 0 || (at < 0 && c->state == CHALLENGE_OPEN))
            return false;
        index_put(&part->index, c->id, (int)i);
        c->before = 0;
        if (at < 0)
            continue;
        struct state_proposal *p = &s->proposal[at];
        c->before = p->challenge;
        p->challenge = (int)i + 1;
        p->disputes += c->state == CHALLENGE_OPEN;
        p->lost += c->state == CHALLENGE_DISMISSED || c->state == CHALLENGE_LAPSED;
    }
    return true;
}

static bool forgettable(const struct state *s, const struct state_challenge *c, uint64_t height)
{
    const struct state_proposal *p = state_proposal_find(s, c->body.proposal);
    return c->state != CHALLENGE_OPEN && c->closed < height && (!p || proposal_closed(p->state));
}

/* Drops the older ones that nothing asks for any more, in batches, so that the work is spread over many blocks; never what
 * this block has written: its value is still to be hashed. */
static bool end_block(struct state *s, struct state_moment now, struct error *err)
{
    struct challenge_part *part = &s->challenges;
    size_t kept = 0;
    (void)err;
    if (part->n < (part->room ? part->room : ROOM_LEAST))
        return true;
    size_t old = part->n - STATE_CLOSED_KEPT;
    for (size_t i = 0; i < part->n; i++)
        if (i >= old || !forgettable(s, &part->item[i], now.height))
            part->item[kept++] = part->item[i];
    part->n = kept;
    part->room = kept + ROOM_LEAST;
    bool hangs = hang(s);
    ASSERT(hangs);
    return true;
}

static bool put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    const struct state_challenge *c = state_challenge_find(s, id);
    (void)type;
    bytes_put_u64(out, c->made.height);
    bytes_put_i64(out, c->made.time_us);
    codec_put_address(out, c->who);
    tx_challenge_encode(&c->body, out);
    bytes_put_u8(out, (uint8_t)c->state);
    bytes_put_u8(out, (uint8_t)c->answered);
    codec_put_hash(out, c->answer);
    codec_put_hash(out, c->found);
    bytes_put_u64(out, c->closed);
    return true;
}

static void copy(struct state *to, const struct state *from)
{
    struct challenge_part *part = &to->challenges;
    part->item = part->n ? memory_copy(part->item, part->n * sizeof *part->item) : NULL;
    part->capacity = part->n;
    part->ruled = part->ruleds ? memory_copy(part->ruled, part->ruleds * sizeof *part->ruled) : NULL;
    part->ruled_capacity = part->ruleds;
    part->index = (struct index){0};
    index_copy(&part->index, &from->challenges.index);
}

static void empty(struct state *s)
{
    free(s->challenges.item);
    free(s->challenges.ruled);
    index_free(&s->challenges.index);
    s->challenges = (struct challenge_part){.n = 0};
}

static void pass_one(struct pass *p, struct state_challenge *c)
{
    int state = (int)c->state, answered = (int)c->answered;
    pass_hash(p, &c->id);
    pass_moment(p, &c->made);
    pass_address(p, &c->who);
    PASS_BODY(p, TX_CHALLENGE, challenge, &c->body);
    pass_int(p, &state, CHALLENGE_RETURNED);
    pass_int(p, &answered, CHALLENGE_CONCEDED);
    c->state = (enum challenge_state)state;
    c->answered = (enum challenge_answer)answered;
    pass_hash(p, &c->answer);
    pass_hash(p, &c->found);
    pass_u64(p, &c->closed);
}

static void pass(struct state *s, struct pass *p)
{
    struct challenge_part *part = &s->challenges;
    uint64_t more = part->room;
    PASS_ARRAY(p, part, item, n, capacity);
    for (size_t i = 0; i < part->n; i++)
        pass_one(p, &part->item[i]);
    pass_u64(p, &more);
    part->room = (size_t)more;
}

static void audit(const struct state *s, struct state_totals *t)
{
    for (size_t i = s->challenges.first; i < s->challenges.n; i++)
        t->escrows += s->challenges.item[i].state == CHALLENGE_OPEN ? s->challenges.item[i].body.deposit : 0;
}

const struct state_part state_part_challenge = {.name = "challenge",
                                                .first = ENTRY_CHALLENGE,
                                                .last = ENTRY_CHALLENGE,
                                                .copy = copy,
                                                .free = empty,
                                                .put = put,
                                                .pass = pass,
                                                .ready = hang,
                                                .begin_end = begin_end,
                                                .end_block = end_block,
                                                .audit = audit,
                                                .waits = waits};
