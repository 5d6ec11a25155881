#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/state_fixture.h"

struct fixture f;
struct state *s;
uint64_t height;
static int64_t now_us;

void fresh(void)
{
    struct error err = {0};
    state_free(s);
    fixture_genesis_changed(&f);
    memset(f.nonce, 0, sizeof f.nonce);
    s = state_new(&f.genesis, &err);
    if (!s)
        fail_msg("%s", err.text);
    height = 0;
    now_us = START_US;
}

int rules_start(void **state)
{
    (void)state;
    fixture_start(&f);
    s = NULL;
    fresh();
    return 0;
}

int rules_end(void **state)
{
    (void)state;
    state_free(s);
    s = NULL;
    fixture_end(&f);
    return 0;
}

void three_validators(void)
{
    static const int who[] = {VAL, BOB, ALICE};
    struct genesis *g = &f.genesis;
    g->validators = 3;
    for (int i = 0; i < 3; i++) {
        g->validator[i].identity = g->validator[i].voting = *key_public_of(f.key[who[i]]);
        g->validator[i].stake = i == 0 ? 100000 : 50000;
    }
    g->supply = SUPPLY + 100000;
    many(g);
    fresh();
}

void many(struct genesis *g)
{
    g->many = true;
    if (g->unbonding_blocks < 20) /* longer than what the windows of any test let a commit be fined for */
        g->unbonding_blocks = 100;
    g->evidence_blocks = g->unbonding_blocks - 1;
    g->double_ppm = 50000;
    g->attest_ppm = 20000;
    g->dispute_blocks = 3;
    g->deposit_ppm = 100000;
    g->least_stake = 1;
}

void one_validator(void)
{
    struct genesis *g = &f.genesis;
    g->validators = 1;
    g->supply = SUPPLY;
    g->many = false;
    g->evidence_blocks = g->double_ppm = g->attest_ppm = g->dispute_blocks = g->deposit_ppm = 0;
    g->least_stake = 0;
    fresh();
}

struct hash apply(const struct tx *tx)
{
    struct error err = {0};
    if (!state_apply(s, tx, &err))
        fail_msg("%s", err.text);
    return tx_id(tx);
}

struct hash apply_now(struct tx tx)
{
    return apply(&tx);
}

void refuse(int who, struct tx tx, const char *words)
{
    struct error err = {0};
    struct state *before = state_copy(s), *after;
    assert_false(state_apply(s, &tx, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    after = state_copy(s);
    assert_true(state_end_block(before, height + 1, now_us, NULL));
    assert_true(state_end_block(after, height + 1, now_us, NULL));
    assert_true(hash_equal(state_hash(before), state_hash(after)));
    state_free(before);
    state_free(after);
    f.nonce[who]--;
}

void seal_after(int64_t seconds)
{
    struct error err = {0};
    now_us += seconds * 1000000;
    if (!state_end_block(s, ++height, now_us, &err) || !state_audit(s, &err))
        fail_msg("%s", err.text);
}

void seal(void)
{
    seal_after(1);
}

uint64_t balance(int who)
{
    const struct state_account *a = state_account_find(s, f.who[who]);
    return a ? a->balance : 0;
}

uint64_t staked(int who)
{
    return state_account_find(s, f.who[who])->stake;
}

enum proposal_state state_of(struct hash proposal)
{
    const struct state_proposal *p = state_proposal_find(s, proposal);
    assert_non_null(p);
    return p->state;
}

struct hash with_task(uint64_t pool)
{
    struct hash id = apply_now(fixture_task(&f, ALICE, pool));
    seal();
    return id;
}

struct hash announced(int who, struct hash task, const struct fixture_claim *c)
{
    struct hash id = apply_now(fixture_announce(&f, who, task, c));
    seal();
    return id;
}

struct hash claimed(int who, struct hash task, const struct fixture_claim *c)
{
    struct hash id = announced(who, task, c);
    apply_now(fixture_propose(&f, who, id, c));
    return id;
}

struct hash committed(int who, struct hash task, const struct fixture_claim *c, const int *validator, int n)
{
    struct hash id = claimed(who, task, c);
    for (int i = 0; i < n; i++)
        apply_now(fixture_commit(&f, validator[i], id, &c->finding));
    seal();
    assert_int_equal(state_of(id), PROPOSAL_REVEALING);
    return id;
}

struct hash opened(int who, struct hash task, const struct fixture_claim *c, const int *validator, int n)
{
    struct hash id = committed(who, task, c, validator, n);
    apply_now(fixture_open(&f, who, id, c));
    return id;
}

struct hash verified(int who, struct hash task, const struct fixture_claim *c)
{
    struct hash id = opened(who, task, c, (const int[]){VAL}, 1);
    apply_now(fixture_reveal(&f, VAL, id, &c->finding));
    seal();
    return id;
}
