/* Single rules of the consensus machine, and the guard's answers: what the model test and the random runs do not
 * reach. */
#include "test_support.h"

#include "base/file.h"
#include "chain/consensus.h"
#include "chain/guard.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEATS 4

static struct key_public voting_of(int seat)
{
    return (struct key_public){{(uint8_t)(seat + 1)}};
}

static struct hash block_of(int nth)
{
    return (struct hash){{'b', (uint8_t)nth}};
}

static const struct hash nil = {{0}};

static struct consensus *machine(int me)
{
    struct consensus_config config = {.height = 3, .votes = me >= 0, .set = {.n = SEATS}};
    for (int i = 0; i < SEATS; i++)
        config.set.seat[i] = (struct rotation_seat){voting_of(i), 1, 0};
    if (me >= 0)
        config.voting = voting_of(me);
    return consensus_new(&config);
}

static struct vote vote_of(enum vote_step step, int seat, uint32_t round, struct hash id)
{
    return (struct vote){.step = step, .height = 3, .round = round, .block = id, .voting = voting_of(seat)};
}

static bool tell(struct consensus *c, enum vote_step step, int seat, uint32_t round, struct hash id)
{
    struct vote v = vote_of(step, seat, round, id);
    return consensus_vote(c, &v);
}

/* Does it now ask for this and nothing else but timers? */
static void assert_asks(struct consensus *c, enum consensus_act act, enum vote_step step, struct hash id)
{
    struct consensus_action a;
    int n = 0;
    while (consensus_next(c, &a))
        if (a.act != CONSENSUS_TIMER) {
            assert_int_equal(a.act, act);
            assert_int_equal(a.step, step);
            assert_true(hash_equal(a.id, id));
            n++;
        }
    assert_int_equal(n, 1);
}

static void assert_asks_nothing(struct consensus *c)
{
    struct consensus_action a;
    while (consensus_next(c, &a))
        assert_int_equal(a.act, CONSENSUS_TIMER);
}

static void test_what_is_not_taken(void **state)
{
    (void)state;
    struct consensus *c = machine(1);
    struct vote v = vote_of(VOTE_PREVOTE, 2, 0, nil);
    assert_true(consensus_vote(c, &v));
    assert_false(consensus_vote(c, &v)); /* known */
    v.height = 4;
    assert_false(consensus_vote(c, &v));
    v = vote_of(VOTE_PREVOTE, 3, 0, nil);
    v.chain.byte[5] = 1;
    assert_false(consensus_vote(c, &v));
    v = vote_of(VOTE_PREVOTE, 9, 0, nil); /* not in the set */
    assert_false(consensus_vote(c, &v));
    assert_false(tell(c, VOTE_PROPOSAL, 1, 0, block_of(1))); /* seat 0's turn */
    assert_true(tell(c, VOTE_PROPOSAL, 1, 1, block_of(1)));
    v = vote_of(VOTE_PROPOSAL, 2, 2, block_of(1));
    v.valid = 3; /* not before its round */
    assert_false(consensus_vote(c, &v));
    v.valid = 2;
    assert_true(consensus_vote(c, &v));
    consensus_free(c);
}

static void test_refused_and_doubted(void **state)
{
    (void)state;
    struct consensus *c = machine(1);
    consensus_start(c);
    tell(c, VOTE_PROPOSAL, 0, 0, block_of(1));
    assert_asks_nothing(c);
    consensus_block(c, block_of(1), 0, CONSENSUS_DOUBTED);
    assert_asks_nothing(c); /* as if it had not come */
    struct consensus *good = consensus_copy(c), *refused = machine(1);
    consensus_block(good, block_of(1), 0, CONSENSUS_GOOD);
    assert_asks(good, CONSENSUS_SIGN, VOTE_PREVOTE, block_of(1));
    consensus_start(refused);
    tell(refused, VOTE_PROPOSAL, 0, 0, block_of(1));
    consensus_block(refused, block_of(1), 0, CONSENSUS_REFUSED);
    assert_asks(refused, CONSENSUS_SIGN, VOTE_PREVOTE, nil);
    for (int i = 0; i < SEATS; i++)
        tell(refused, VOTE_PRECOMMIT, i, 0, block_of(1));
    assert_asks_nothing(refused); /* no quorum makes it good */
    consensus_timeout(c, 0, VOTE_PROPOSAL);
    assert_asks(c, CONSENSUS_SIGN, VOTE_PREVOTE, nil);
    tell(c, VOTE_PREVOTE, 0, 0, block_of(1));
    tell(c, VOTE_PREVOTE, 2, 0, block_of(1));
    assert_asks_nothing(c);
    tell(c, VOTE_PREVOTE, 3, 0, block_of(1));
    assert_asks(c, CONSENSUS_SIGN, VOTE_PRECOMMIT, block_of(1)); /* the quorum overrules the doubt */
    consensus_free(c);
    consensus_free(good);
    consensus_free(refused);
}

/* A header that names a later round than the certificate's would be refused. */
static void test_made_later_than_its_round(void **state)
{
    (void)state;
    struct consensus *c = machine(3);
    consensus_start(c);
    tell(c, VOTE_PROPOSAL, 0, 0, block_of(1));
    consensus_block(c, block_of(1), 2, CONSENSUS_GOOD);
    assert_asks(c, CONSENSUS_SIGN, VOTE_PREVOTE, nil);
    for (int i = 0; i < SEATS; i++)
        tell(c, VOTE_PRECOMMIT, i, 1, block_of(1));
    assert_asks_nothing(c);
    for (int i = 0; i < 3; i++)
        tell(c, VOTE_PRECOMMIT, i, 2, block_of(1));
    assert_asks(c, CONSENSUS_DECIDE, VOTE_PRECOMMIT, block_of(1));
    consensus_free(c);
}

static void test_third_vote_needs_support(void **state)
{
    struct consensus_action a;
    (void)state;
    struct consensus *c = machine(0);
    assert_true(tell(c, VOTE_PREVOTE, 3, 0, block_of(1)));
    assert_true(tell(c, VOTE_PREVOTE, 3, 0, block_of(2)));
    assert_false(tell(c, VOTE_PREVOTE, 3, 0, block_of(3)));
    assert_true(consensus_next(c, &a));
    assert_int_equal(a.act, CONSENSUS_EVIDENCE);
    assert_true(vote_conflict(&a.a, &a.b) && a.a.block.byte[1] == 1 && a.b.block.byte[1] == 2);
    assert_false(consensus_next(c, &a)); /* once */
    assert_true(tell(c, VOTE_PREVOTE, 0, 0, block_of(3)));
    assert_false(tell(c, VOTE_PREVOTE, 3, 0, block_of(3))); /* a quarter */
    assert_true(tell(c, VOTE_PREVOTE, 1, 0, block_of(3)));
    assert_true(tell(c, VOTE_PREVOTE, 3, 0, block_of(3)));
    struct hash id = block_of(3);
    assert_true(consensus_is_quorum(c, consensus_power(c, 0, VOTE_PREVOTE, &id)));
    assert_int_equal(consensus_power(c, 0, VOTE_PREVOTE, NULL), 3); /* each seat once */
    consensus_free(c);
}

static void test_rounds_ahead_are_bounded(void **state)
{
    (void)state;
    struct consensus *c = machine(0);
    for (uint32_t r = 2; r < 2 + CONSENSUS_AHEAD; r++)
        assert_true(tell(c, VOTE_PREVOTE, 3, r, nil));
    assert_true(tell(c, VOTE_PRECOMMIT, 3, 5, nil)); /* in a round that it has */
    assert_true(tell(c, VOTE_PREVOTE, 3, 100, nil)); /* the lowest goes */
    assert_null(consensus_vote_of(c, 2, VOTE_PREVOTE, 3, 0));
    assert_false(tell(c, VOTE_PREVOTE, 3, 2, nil));
    assert_true(tell(c, VOTE_PREVOTE, 3, 1, nil)); /* near */
    assert_int_equal(consensus_reached(c, 3), 101);
    assert_true(tell(c, VOTE_PREVOTE, 2, 99, nil)); /* now half of the power is at 99 or beyond */
    assert_true(tell(c, VOTE_PREVOTE, 3, 2, nil));
    struct consensus_view v;
    consensus_start(c);
    consensus_look(c, &v);
    assert_int_equal(v.round, 99);
    consensus_free(c);
}

static void test_watching_signs_nothing(void **state)
{
    struct consensus_action a;
    bool decided = false;
    (void)state;
    struct consensus *c = machine(-1);
    consensus_start(c);
    consensus_block(c, block_of(1), 0, CONSENSUS_GOOD);
    tell(c, VOTE_PROPOSAL, 0, 0, block_of(1));
    for (int i = 0; i < 3; i++) {
        tell(c, VOTE_PREVOTE, i, 0, block_of(1));
        tell(c, VOTE_PRECOMMIT, i, 0, block_of(1));
    }
    while (consensus_next(c, &a)) {
        assert_true(a.act == CONSENSUS_TIMER || a.act == CONSENSUS_DECIDE);
        decided = decided || a.act == CONSENSUS_DECIDE;
    }
    struct vote votes[ROTATION_SEATS_MAX];
    assert_true(decided);
    assert_int_equal(consensus_certificate(c, 0, block_of(1), votes), 3);
    assert_int_equal(consensus_certificate(c, 0, block_of(2), votes), 0);
    consensus_free(c);
}

/* --- guard -------------------------------------------------------------------------------------------------------- */

static void test_guard_on_disk(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {7}, other_seed[KEY_SEED_BYTES] = {8};
    struct key *k = key_from_seed("k", seed), *other = key_from_seed("o", other_seed);
    struct hash chain = hash_of_text("chain");
    struct error err = {0};
    struct consensus_record record = {.any = true};
    char folder[FILE_PATH_MAX];
    bool stale;
    guard_folder(*state, "k", folder, sizeof folder);
    assert_true(guard_born(folder, key_public_of(k), &err));
    struct guard *g = guard_open(folder, key_public_of(k), chain, 4, &err);
    assert_non_null(g);
    assert_null(guard_open(folder, key_public_of(k), chain, 4, &err)); /* one process at a time */
    assert_int_equal(err.kind, ERROR_FAILED);
    struct vote v = {.chain = chain, .step = VOTE_PREVOTE, .height = 5, .round = 2, .block = block_of(1)}, again = v;
    assert_true(guard_votes(g, 5));
    assert_true(guard_sign(g, k, &v, &record, &err) && vote_check(&v, NULL));
    assert_true(guard_sign(g, k, &again, &record, &err) && memcmp(&again.signature, &v.signature, 64) == 0);
    again.block = nil;
    assert_false(guard_sign(g, k, &again, &record, &err));
    again.block = block_of(1);
    again.round = 1;
    assert_false(guard_sign(g, k, &again, &record, &err));
    guard_close(g);

    assert_null(guard_open(folder, key_public_of(other), chain, 4, &err));
    assert_int_equal(err.kind, ERROR_KEY);
    g = guard_open(folder, key_public_of(k), chain, 9, &err); /* what it knows counts, not the tip */
    assert_non_null(g);
    guard_record(g, 5, &record);
    assert_true(record.any && record.round == 2 && record.step == VOTE_PREVOTE);
    guard_record(g, 6, &record);
    assert_false(record.any);
    assert_true(guard_meet(g, &v, &stale, &err) && !stale); /* its own */
    struct vote seen = {.chain = chain, .step = VOTE_PRECOMMIT, .height = 7, .block = nil};
    vote_sign(&seen, k);
    assert_true(guard_meet(g, &seen, &stale, &err) && stale);
    assert_false(guard_votes(g, 7));
    assert_true(guard_votes(g, 8));
    guard_close(g);
    key_free(k);
    key_free(other);
}

/* Whoever follows anew right behind one that is just ending is not refused for that. */
static void test_guard_of_one_that_is_ending(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {7};
    struct key *k = key_from_seed("k", seed);
    struct hash chain = hash_of_text("chain");
    struct error err = {0};
    char folder[FILE_PATH_MAX], got;
    int held[2];
    guard_folder(*state, "k", folder, sizeof folder);
    assert_int_equal(pipe(held), 0);
    pid_t child = fork();
    if (child == 0) {
        bool open = guard_open(folder, key_public_of(k), chain, 4, NULL) != NULL;
        bool told = write(held[1], open ? "y" : "n", 1) == 1;
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        _exit(!open || !told); /* the lock goes with the process */
    }
    assert_int_equal(read(held[0], &got, 1), 1);
    assert_int_equal(got, 'y');
    struct guard *g = guard_open(folder, key_public_of(k), chain, 4, &err);
    if (!g)
        fail_msg("%s", err.text);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(held[0]);
    close(held[1]);
    guard_close(g);
    key_free(k);
}

static void test_guard_of_an_imported_key(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {7}, other_seed[KEY_SEED_BYTES] = {8};
    struct key *k = key_from_seed("k", seed), *other = key_from_seed("o", other_seed);
    struct hash chain = hash_of_text("chain");
    struct consensus_record record = {.any = true};
    char folder[FILE_PATH_MAX];
    guard_folder(*state, "k", folder, sizeof folder);
    assert_true(guard_born(folder, key_public_of(other), NULL)); /* another one was made under this name */
    struct guard *g = guard_open(folder, key_public_of(k), chain, 4, NULL);
    assert_non_null(g);
    assert_false(guard_votes(g, 5));
    struct vote v = {.chain = chain, .step = VOTE_PREVOTE, .height = 5};
    assert_false(guard_sign(g, k, &v, &record, NULL));
    v.height = 6;
    assert_true(guard_votes(g, 6) && guard_sign(g, k, &v, &record, NULL));
    guard_close(g);
    key_free(k);
    key_free(other);
}

static bool votes_at(const char *folder, const struct key *k, struct hash chain, uint64_t height)
{
    struct guard *g = guard_open(folder, key_public_of(k), chain, 0, NULL);
    bool votes = g && guard_votes(g, height);
    guard_close(g);
    return votes;
}

/* What its owner says ends every wait, and takes back nothing that was signed. */
static void test_guard_of_a_key_that_never_voted(void **state)
{
    static const uint8_t seed[KEY_SEED_BYTES] = {7};
    struct key *k = key_from_seed("k", seed);
    struct hash held = hash_of_text("held"), fresh = hash_of_text("fresh"), late = hash_of_text("late");
    struct hash voted = hash_of_text("voted");
    struct consensus_record record = {.any = true};
    struct error err = {0};
    char folder[FILE_PATH_MAX];
    guard_folder(*state, "k", folder, sizeof folder);
    assert_true(guard_came(folder, NULL)); /* nothing was here */
    struct guard *g = guard_open(folder, key_public_of(k), held, 0, NULL);
    assert_non_null(g);
    assert_false(guard_born(folder, key_public_of(k), &err)); /* in use */
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_true(guard_votes(g, 2));
    guard_close(g);
    g = guard_open(folder, key_public_of(k), voted, 0, NULL);
    struct vote v = {.chain = voted, .step = VOTE_PREVOTE, .height = 2}, other = v;
    other.block = block_of(1);
    assert_true(g && guard_sign(g, k, &v, &record, NULL));
    guard_close(g);

    assert_true(guard_born(folder, key_public_of(k), NULL));
    assert_true(votes_at(folder, k, held, 1));
    assert_true(votes_at(folder, k, fresh, 1));
    assert_false(votes_at(folder, k, voted, 1));
    g = guard_open(folder, key_public_of(k), voted, 0, NULL);
    assert_false(guard_sign(g, k, &other, &record, NULL));
    guard_close(g);
    assert_true(guard_came(folder, NULL)); /* it was away, and comes back */
    assert_false(votes_at(folder, k, late, 1));
    assert_true(votes_at(folder, k, late, 2));
    key_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_taken),
        cmocka_unit_test(test_refused_and_doubted),
        cmocka_unit_test(test_made_later_than_its_round),
        cmocka_unit_test(test_third_vote_needs_support),
        cmocka_unit_test(test_rounds_ahead_are_bounded),
        cmocka_unit_test(test_watching_signs_nothing),
        cmocka_unit_test_setup_teardown(test_guard_on_disk, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_guard_of_one_that_is_ending, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_guard_of_an_imported_key, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(test_guard_of_a_key_that_never_voted, test_folder_new, test_folder_free),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
