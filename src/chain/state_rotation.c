#include "chain/state_rotation.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_edit.h"
#include "chain/state_part.h"

static struct hash voting_id(const struct key_public *voting)
{
    struct hash id;
    memcpy(id.byte, voting->byte, sizeof id.byte);
    return id;
}

const struct rotation *state_rotation(const struct state *s)
{
    return &s->rotation.order;
}

const struct rotation *state_rotation_before(const struct state *s)
{
    return &s->rotation.before;
}

const struct state_voting *state_voting_find(const struct state *s, const struct key_public *voting)
{
    int at = index_find(&s->rotation.index, voting_id(voting));
    return at < 0 ? NULL : &s->rotation.record[at];
}

struct state_voting *state_write_voting(struct state *s, const struct key_public *voting)
{
    struct rotation_part *part = &s->rotation;
    struct hash id = voting_id(voting);
    int at = index_find(&part->index, id);
    if (at < 0) {
        part->record = memory_grow(part->record, &part->record_capacity, part->records + 1, sizeof *part->record);
        at = (int)part->records++;
        part->record[at] = (struct state_voting){.voting = *voting};
        index_put(&part->index, id, at);
    }
    state_mark(s, ENTRY_VOTING, id.byte, sizeof id.byte);
    return &part->record[at];
}

void state_seat_put(struct state *s, struct address who, const struct key_public *voting)
{
    int at = s->seats;
    ASSERT(s->seats < STATE_VALIDATORS_MAX);
    while (at > 0 && memcmp(s->seat[at - 1].voting.byte, voting->byte, sizeof voting->byte) > 0)
        at--;
    memmove(s->seat + at + 1, s->seat + at, (size_t)(s->seats++ - at) * sizeof *s->seat);
    s->seat[at] = (struct state_validator){.who = who, .voting = *voting};
}

void state_seat_remove(struct state *s, struct address who)
{
    int at = 0;
    while (!address_equal(s->seat[at].who, who))
        ASSERT(++at < s->seats);
    memmove(s->seat + at, s->seat + at + 1, (size_t)(--s->seats - at) * sizeof *s->seat);
}

int state_seats(const struct state *s, const struct state_validator **out)
{
    *out = s->seat;
    return s->seats;
}

void state_register(struct state *s, struct address who, const struct key_public *voting)
{
    struct state_voting *v = state_write_voting(s, voting);
    v->who = who;
    v->height = s->height + 1;
    state_write_account(s, who)->validator = true;
    state_seat_put(s, who, voting);
}

void state_retire(struct state *s, struct address who)
{
    state_write_account(s, who)->validator = false;
    state_seat_remove(s, who);
}

static bool is_only_power(const struct state *s, struct address who)
{
    bool own = false;
    for (int i = 0; i < s->seats; i++) {
        bool staked = state_account_find(s, s->seat[i].who)->stake > 0;
        if (staked && !address_equal(s->seat[i].who, who))
            return false;
        own = own || staked;
    }
    return own;
}

/* The last one keeps a unit and its seat: a chain without a validator could not go on. */
static uint64_t cut_stake(struct state *s, struct address who)
{
    bool only = is_only_power(s, who);
    struct state_account *a = state_write_account(s, who);
    uint64_t lost = a->stake * s->genesis.double_ppm / TX_PPM;
    if (only && lost == a->stake)
        lost--;
    a->stake -= lost;
    a->barred = !only;
    if (!only && a->validator)
        state_retire(s, who);
    return lost;
}

void state_punish_double(struct state *s, const struct key_public *voting, uint64_t height, struct address finder)
{
    struct state_voting *v = state_write_voting(s, voting);
    struct address who = v->who;
    v->punished = height;
    uint64_t lost = cut_stake(s, who) + state_cut_unbonding(s, who, height, s->genesis.double_ppm);
    uint64_t share = address_equal(who, finder) ? 0 : lost * s->genesis.finder_ppm / TX_PPM;
    if (share)
        state_credit(s, finder, share, POT_STAKES);
    state_burn(s, lost - share, POT_STAKES);
}

void state_take_powers(struct state *s)
{
    s->validators = 0;
    for (int i = 0; i < s->seats; i++) {
        struct state_validator v = s->seat[i];
        v.power = state_account_find(s, v.who)->stake;
        if (v.power > 0 || !s->genesis.many)
            s->validator[s->validators++] = v;
    }
}

static int current_set(const struct state *s, struct rotation_seat set[ROTATION_SEATS_MAX])
{
    for (int i = 0; i < s->validators; i++)
        set[i] = (struct rotation_seat){.voting = s->validator[i].voting, .power = s->validator[i].power};
    return s->validators;
}

void state_rotation_start(struct state *s)
{
    state_take_powers(s);
    if (!s->genesis.many)
        return;
    s->rotation.order.n = current_set(s, s->rotation.order.seat);
    state_mark(s, ENTRY_ROTATION, NULL, 0);
    for (int i = 0; i < s->seats; i++)
        state_write_voting(s, &s->seat[i].voting)->who = s->seat[i].who;
}

static bool end_block(struct state *s, struct state_moment now, struct error *err)
{
    struct rotation_seat set[ROTATION_SEATS_MAX];
    (void)now;
    state_take_powers(s);
    if (!s->genesis.many)
        return true;
    if (s->validators == 0)
        return error_set(err, ERROR_CHAIN, "behind this block no validator would have a stake");
    s->rotation.before = s->rotation.order;
    rotation_advance(&s->rotation.order);
    rotation_renew(&s->rotation.order, set, current_set(s, set));
    state_mark(s, ENTRY_ROTATION, NULL, 0);
    return true;
}

static void put_rotation(const struct rotation *r, struct bytes *out)
{
    bytes_put_u32(out, (uint32_t)r->n);
    for (int i = 0; i < r->n; i++) {
        codec_put_public(out, &r->seat[i].voting);
        bytes_put_i64(out, r->seat[i].priority);
    }
}

static bool put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    if (type == ENTRY_ROTATION) {
        put_rotation(&s->rotation.order, out);
        return true;
    }
    const struct state_voting *v = &s->rotation.record[index_find(&s->rotation.index, id)];
    codec_put_address(out, v->who);
    bytes_put_u64(out, v->height);
    bytes_put_u64(out, v->punished);
    return true;
}

static void copy(struct state *to, const struct state *from)
{
    struct rotation_part *part = &to->rotation;
    part->record = from->rotation.records ? memory_copy(part->record, part->records * sizeof *part->record) : NULL;
    part->record_capacity = part->records;
    part->index = (struct index){0};
    index_copy(&part->index, &from->rotation.index);
}

static void empty(struct state *s)
{
    free(s->rotation.record);
    index_free(&s->rotation.index);
    s->rotation = (struct rotation_part){.records = 0};
}

static void pass_record(struct pass *p, struct state_voting *v)
{
    pass_raw(p, v->voting.byte, sizeof v->voting.byte);
    pass_address(p, &v->who);
    pass_u64(p, &v->height);
    pass_u64(p, &v->punished);
}

static void pass_order(struct pass *p, struct rotation *r)
{
    pass_int(p, &r->n, ROTATION_SEATS_MAX);
    for (int i = 0; i < r->n; i++) {
        pass_raw(p, r->seat[i].voting.byte, sizeof r->seat[i].voting.byte);
        pass_u64(p, &r->seat[i].power);
        pass_i64(p, &r->seat[i].priority);
    }
}

static void pass(struct state *s, struct pass *p)
{
    struct rotation_part *part = &s->rotation;
    pass_order(p, &part->order);
    pass_order(p, &part->before);
    PASS_ARRAY(p, part, record, records, record_capacity);
    for (size_t i = 0; i < part->records; i++) {
        pass_record(p, &part->record[i]);
        if (p->out)
            continue;
        if (state_voting_find(s, &part->record[i].voting))
            p->in->failed = true;
        else
            index_put(&part->index, voting_id(&part->record[i].voting), (int)i);
    }
}

const struct state_part state_part_rotation = {.name = "rotation",
                                               .first = ENTRY_ROTATION,
                                               .last = ENTRY_VOTING,
                                               .copy = copy,
                                               .free = empty,
                                               .put = put,
                                               .pass = pass,
                                               .end_block = end_block};
