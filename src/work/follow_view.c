/* The votes of a height, for people: who has voted for what, whose turn it is, what blocks. */
#include "work/follow_internal.h"

#include "base/memory.h"
#include "work/json.h"

#include <sodium.h>

#define NAMED_MOST 4

static json_t *json_of_address(struct address a)
{
    char text[KEY_ADDRESS_MAX];
    address_text(a, text);
    return json_string(text);
}

static json_t *json_of_key(const struct key_public *k)
{
    char hex[2 * KEY_PUBLIC_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, k->byte, sizeof k->byte);
    return json_string(hex);
}

static struct address seat_address(const struct state *s, const struct rotation *set, int seat)
{
    const struct state_voting *v = state_voting_find(s, &set->seat[seat].voting);
    return v ? v->who : key_address(&set->seat[seat].voting);
}

/* What a seat voted for: a block, "none", or null. */
static json_t *json_of_vote(const struct consensus *c, uint32_t round, enum vote_step step, int seat)
{
    const struct vote *v = consensus_vote_of(c, round, step, seat, 0);
    if (!v)
        return json_null();
    return hash_is_zero(v->block) ? json_string("none") : json_of_hash(v->block);
}

static json_t *validators_json(const struct state *s, const struct rotation *set, const struct consensus *c,
                               const struct consensus_view *v)
{
    json_t *list = json_array();
    for (int i = 0; i < set->n; i++)
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:I, s:b, s:b, s:o, s:o, s:o}", "address", json_of_address(seat_address(s, set, i)),
                            "voting_key", json_of_key(&set->seat[i].voting), "power", (json_int_t)set->seat[i].power,
                            "turn", i == v->proposer, "me", i == v->me, "proposal",
                            json_of_vote(c, v->round, VOTE_PROPOSAL, i), "prevote",
                            json_of_vote(c, v->round, VOTE_PREVOTE, i), "precommit",
                            json_of_vote(c, v->round, VOTE_PRECOMMIT, i)));
    return list;
}

/* The block that most power votes for in this step, and how much. */
static uint64_t leading(const struct consensus *c, const struct rotation *set, uint32_t round, enum vote_step step,
                        struct hash *id)
{
    uint64_t most = 0;
    *id = (struct hash){{0}};
    for (int i = 0; i < set->n; i++) {
        const struct vote *v = consensus_vote_of(c, round, step, i, 0);
        uint64_t power = v ? consensus_power(c, round, step, &v->block) : 0;
        if (v && power > most) {
            most = power;
            *id = v->block;
        }
    }
    return most;
}

/* "ms1..., ms1... and 3 more" of the seats that have not voted in this step. */
static void put_missing(struct text *t, const struct state *s, const struct rotation *set, const struct consensus *c,
                        uint32_t round, enum vote_step step)
{
    int n = 0;
    for (int i = 0; i < set->n; i++) {
        char address[KEY_ADDRESS_MAX];
        if (consensus_vote_of(c, round, step, i, 0))
            continue;
        if (n++ >= NAMED_MOST)
            continue;
        address_text(seat_address(s, set, i), address);
        text_printf(t, "%s%s", n > 1 ? ", " : "", address);
    }
    if (n > NAMED_MOST)
        text_printf(t, " and %d more", n - NAMED_MOST);
    if (n == 0)
        text_put(t, "nobody");
}

static void put_step(struct text *t, const struct state *s, const struct rotation *set, const struct consensus *c,
                     const struct consensus_view *v)
{
    struct hash id;
    char name[13];
    enum vote_step step = v->step == VOTE_PRECOMMIT ? VOTE_PRECOMMIT : VOTE_PREVOTE;
    uint64_t most = leading(c, set, v->round, step, &id);
    hash_short(id, name);
    text_printf(t, "%s: %llu of %llu for %s, more than %llu needed; not heard from: ",
                step == VOTE_PRECOMMIT ? "precommits" : "prevotes", (unsigned long long)most,
                (unsigned long long)v->total, hash_is_zero(id) ? "none" : name, (unsigned long long)(2 * v->total / 3));
    put_missing(t, s, set, c, v->round, step);
}

static void put_stage(struct text *t, const struct state *s, const struct rotation *set, const struct consensus *c,
                      const struct consensus_view *v, bool waits)
{
    char address[KEY_ADDRESS_MAX];
    address_text(seat_address(s, set, v->proposer), address);
    if (v->decided) {
        text_put(t, "the next block is decided, but its content has not arrived yet");
    } else if (!v->started && consensus_power(c, 0, VOTE_PREVOTE, NULL) == 0 && !waits) {
        text_printf(t, "nothing waits for a block; the next one is %s's to propose", address);
    } else {
        text_printf(t, "height %llu, round %u: ", (unsigned long long)v->height, v->round);
        if (v->step == VOTE_PROPOSAL && !consensus_vote_of(c, v->round, VOTE_PROPOSAL, v->proposer, 0))
            text_printf(t, "it is the turn of %s to propose a block", address);
        else
            put_step(t, s, set, c, v);
    }
}

static json_t *power_json(const struct consensus *c, const struct rotation *set, const struct consensus_view *v)
{
    struct hash id;
    json_int_t prevoted = (json_int_t)leading(c, set, v->round, VOTE_PREVOTE, &id);
    json_int_t precommitted = (json_int_t)leading(c, set, v->round, VOTE_PRECOMMIT, &id);
    return json_pack("{s:I, s:I, s:I, s:I}", "total", (json_int_t)v->total, "needed",
                     (json_int_t)(2 * v->total / 3 + 1), "prevoted", prevoted, "precommitted", precommitted);
}

json_t *follow_view(const struct ledger *l, struct consensus *c, const char *trouble)
{
    const struct state *s = ledger_state(l);
    const struct rotation *set = state_rotation(s);
    const struct tx *tx;
    struct consensus_view v;
    struct text stage = {0};
    consensus_look(c, &v);
    put_stage(&stage, s, set, c, &v, ledger_pool(l, &tx) > 0);
    if (trouble && trouble[0])
        text_printf(&stage, ". This party: %s", trouble);
    json_t *j = json_pack("{s:I, s:i, s:s, s:o, s:o, s:o, s:o}", "height", (json_int_t)v.height, "round", (int)v.round,
                          "step", vote_step_name(v.step), "proposer", json_of_address(seat_address(s, set, v.proposer)),
                          "validators", validators_json(s, set, c, &v), "power", power_json(c, set, &v), "stage",
                          json_of_text(text_of(&stage)));
    text_free(&stage);
    return j;
}

json_t *follow_parties(const struct follow *f)
{
    json_t *list = json_array();
    for (int i = 0; i < f->parties.n; i++) {
        const struct party *p = f->parties.party[i];
        json_t *one = json_pack("{s:o, s:o, s:I, s:i, s:i}", "name", json_of_text(p->name), "folder",
                                json_of_text(p->folder), "height", (json_int_t)p->height, "taken", p->taken, "refused",
                                p->refused);
        if (p->why[0])
            json_object_set_new(one, "why", json_of_text(p->why));
        if (p->problem[0])
            json_object_set_new(one, "problem", json_of_text(p->problem));
        json_array_append_new(list, one);
    }
    return list;
}

json_t *follow_votes(const struct ledger *l, const char *chain, const struct key_public *voting, struct error *err)
{
    const struct state *s = ledger_state(l);
    struct message_pool pool = {.read_only = true};
    if (state_alone(s))
        return error_set(err, ERROR_CHAIN, "a closed chain has one validator and no votes: `chain seal-block` seals"), NULL;
    if (!message_pool_start(&pool, chain, ledger_id(l), ledger_height(l) + 1, state_rotation(s), err))
        return NULL;
    struct consensus_config *config = NEW(struct consensus_config);
    config->chain = ledger_id(l);
    config->height = pool.height;
    config->set = pool.set;
    if (voting)
        config->voting = *voting;
    struct consensus *c = consensus_new(config);
    for (size_t i = 0; i < pool.n; i++)
        consensus_vote(c, &pool.message[i].vote);
    if (pool.n)
        consensus_start(c);
    json_t *j = follow_view(l, c, NULL);
    consensus_free(c);
    free(config);
    message_pool_free(&pool);
    return j;
}
