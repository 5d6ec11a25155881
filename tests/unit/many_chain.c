#include "tests/unit/many_chain.h"

#include <string.h>

void many_start(struct many_chain *m, struct fixture *f)
{
    static const int who[MANY_N] = {VAL, BOB, ALICE};
    static const char *const name[MANY_N] = {"val-votes", "bob-votes", "alice-votes"};
    struct genesis *g = &f->genesis;
    g->validators = MANY_N;
    for (int i = 0; i < MANY_N; i++) {
        uint8_t seed[KEY_SEED_BYTES] = {(uint8_t)(i + 101)};
        m->voting[i] = key_from_seed(name[i], seed);
        g->validator[i].identity = *key_public_of(f->key[who[i]]);
        g->validator[i].voting = *key_public_of(m->voting[i]);
        g->validator[i].stake = i == 0 ? 100000 : 50000;
    }
    g->supply = SUPPLY + 100000;
    g->many = true;
    g->unbonding_blocks = 20;
    g->evidence_blocks = 19;
    g->double_ppm = 50000;
    g->attest_ppm = 20000;
    g->dispute_blocks = 3;
    g->deposit_ppm = 100000;
    g->least_stake = 1;
    fixture_genesis_changed(f);
}

void many_end(struct many_chain *m)
{
    for (int i = 0; i < MANY_N; i++)
        key_free(m->voting[i]);
}

int many_proposer(const struct many_chain *m, const struct rotation *set, uint32_t round)
{
    const struct key_public *turn = &set->seat[rotation_proposer(set, round)].voting;
    for (int i = 0; i < MANY_N; i++)
        if (memcmp(key_public_of(m->voting[i]), turn, sizeof *turn) == 0)
            return i;
    return -1;
}

void many_certificate(const struct many_chain *m, struct hash chain, uint64_t height, uint32_t round, struct hash block,
                      unsigned mask, struct bytes *out)
{
    struct certificate c;
    struct vote v[MANY_N];
    struct rotation all = {.n = 0};
    size_t n = 0;
    for (int i = 0; i < MANY_N; i++) {
        int at = all.n++;
        for (; at > 0 && memcmp(&all.seat[at - 1].voting, key_public_of(m->voting[i]), KEY_PUBLIC_BYTES) > 0; at--)
            all.seat[at] = all.seat[at - 1];
        all.seat[at] = (struct rotation_seat){.voting = *key_public_of(m->voting[i]), .power = 1};
        if (!(mask & 1u << i))
            continue;
        v[n] = (struct vote){.chain = chain, .step = VOTE_PRECOMMIT, .height = height, .round = round, .block = block};
        vote_sign(&v[n++], m->voting[i]);
    }
    certificate_build(&c, &all, height, round, block, v, n);
    bytes_clear(out);
    certificate_encode(&c, out);
}

bool many_append(const struct many_chain *m, struct ledger *l, uint32_t round, int64_t time_us, unsigned mask,
                 struct bytes *payload, struct bytes *certificate, struct error *err)
{
    struct bytes own[2] = {{0}}, tip = {0};
    struct hash id, again;
    struct bytes *p = payload ? payload : &own[0], *c = certificate ? certificate : &own[1];
    int who = many_proposer(m, state_rotation(ledger_state(l)), round);
    bool good = ledger_tip_certificate(l, &tip, err) &&
                ledger_make_block(l, m->voting[who], round, time_us, &tip, NULL, p, &id, err) &&
                ledger_check_block(l, p->data, p->n, NULL, &again, err);
    if (good) {
        ASSERT(hash_equal(id, again));
        many_certificate(m, ledger_id(l), ledger_height(l) + 1, round, id, mask, c);
        good = ledger_append_block(l, p->data, p->n, c, err);
    }
    bytes_free(&tip);
    bytes_free(&own[0]);
    bytes_free(&own[1]);
    return good;
}
