/* What may come into the pool of the next height, and what others' folders may hold. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "chain/message_pool.h"
#include "chain/mirror.h"
#include "chain/pool_file.h"
#include "chain/vote_past.h"
#include "tests/unit/many_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture f;
static struct many_chain m;
static struct ledger *l;
static struct message_pool pool;

static void restart(void)
{
    struct error err = {0};
    message_pool_free(&pool);
    pool = (struct message_pool){.n = 0};
    if (!message_pool_start(&pool, f.chain, f.chain_id, 1, state_rotation(ledger_state(l)), &err))
        fail_msg("%s", err.text);
}

static int start(void **state)
{
    struct error err = {0};
    (void)state;
    fixture_start(&f);
    many_start(&m, &f);
    if (!ledger_create(f.chain, &f.genesis, &err) || !(l = ledger_open(f.chain, true, &err)))
        fail_msg("%s", err.text);
    restart();
    message_pool_tidy(&pool, 0, (struct hash){{0}}, (struct hash){{0}});
    return 0;
}

static int end(void **state)
{
    (void)state;
    message_pool_free(&pool);
    ledger_close(l);
    many_end(&m);
    fixture_end(&f);
    return 0;
}

static struct vote vote_of(enum vote_step step, uint64_t height, uint32_t round, uint8_t block, int who)
{
    struct vote v = {.chain = f.chain_id, .step = step, .height = height, .round = round};
    v.block.byte[0] = block;
    vote_sign(&v, m.voting[who]);
    return v;
}

struct offered {
    enum party_verdict verdict;
    bool added;
    char why[1024];
};

static struct offered offer_bytes(int type, struct hash name, const struct bytes *b)
{
    struct offered o = {0};
    struct error why = {0};
    struct party_file file = {.name = name, .type = type, .data = b->data, .n = b->n};
    o.verdict = message_pool_offer(&pool, &file, &o.added, &why);
    text_copy(o.why, sizeof o.why, why.text);
    return o;
}

static struct offered offer(const struct vote *v)
{
    struct bytes b = {0};
    vote_encode(v, &b);
    struct offered o = offer_bytes(POOL_VOTE, hash_of(b.data, b.n), &b);
    bytes_free(&b);
    return o;
}

static bool has_file(struct hash name)
{
    char path[FILE_PATH_MAX];
    pool_file_path(path, sizeof path, f.chain, name);
    return file_exists(path);
}

/* --- votes ------------------------------------------------------------------------------------------------------------- */

static void a_good_vote_is_stored_and_found_again(void **state)
{
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    (void)state;
    struct offered o = offer(&v);
    assert_true(o.verdict == PARTY_TAKEN && o.added);
    assert_true(has_file(vote_hash(&v)));
    o = offer(&v);
    assert_true(o.verdict == PARTY_TAKEN && !o.added);
    restart();
    assert_int_equal(pool.n, 1);
    assert_true(message_pool_knows(&pool, vote_hash(&v)));
}

static void what_is_forged_is_refused(void **state)
{
    (void)state;
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    v.signature.byte[3] ^= 1;
    assert_int_equal(offer(&v).verdict, PARTY_REFUSED);
    v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    v.chain.byte[0] ^= 1;
    vote_sign(&v, m.voting[MANY_BOB]);
    assert_int_equal(offer(&v).verdict, PARTY_REFUSED);
    v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    vote_sign(&v, f.key[CAROL]);
    struct offered o = offer(&v);
    assert_int_equal(o.verdict, PARTY_REFUSED);
    assert_non_null(strstr(o.why, "no seat"));
    v = vote_of(VOTE_PROPOSAL, 1, 0, 7, MANY_BOB); /* without its block */
    assert_int_equal(offer(&v).verdict, PARTY_REFUSED);
    struct bytes b = {0};
    v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    vote_encode(&v, &b);
    assert_int_equal(offer_bytes(POOL_VOTE, f.chain_id, &b).verdict, PARTY_REFUSED); /* another's name */
    b.n--;
    assert_int_equal(offer_bytes(POOL_VOTE, hash_of(b.data, b.n), &b).verdict, PARTY_REFUSED);
    bytes_free(&b);
    assert_int_equal(pool.n, 0);
}

static void other_heights_are_for_later_or_over(void **state)
{
    struct error err = {0};
    (void)state;
    struct vote later = vote_of(VOTE_PREVOTE, 2, 0, 7, MANY_BOB), now = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    assert_int_equal(offer(&later).verdict, PARTY_LATER);
    assert_true(offer(&now).added);
    assert_true(message_pool_start(&pool, f.chain, f.chain_id, 2, state_rotation(ledger_state(l)), &err));
    assert_int_equal(pool.n, 0);
    assert_false(has_file(vote_hash(&now)));
    assert_true(offer(&later).added);
    struct offered o = offer(&now);
    assert_true(o.verdict == PARTY_TAKEN && !o.added);
    assert_false(has_file(vote_hash(&now)));
}

static struct vote told[8];
static int tolds, checks;
static bool has_time = true;

static bool over(void *context, const struct vote *v, bool checked)
{
    assert_ptr_equal(context, &told);
    if (!has_time)
        return false;
    assert_in_range(tolds, 0, 7);
    told[tolds++] = *v;
    checks += checked;
    return true;
}

/* What is over is no longer kept, but told: from the pool that was ours, from our folder at a start, from others. */
static void who_asks_is_told_of_votes_for_what_is_over(void **state)
{
    struct error err = {0};
    (void)state;
    struct vote mine = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB), theirs = vote_of(VOTE_PREVOTE, 1, 0, 8, MANY_BOB);
    struct vote foreign = vote_of(VOTE_PREVOTE, 1, 0, 9, MANY_BOB);
    foreign.chain.byte[0] ^= 1;
    vote_sign(&foreign, m.voting[MANY_BOB]);
    tolds = checks = 0;
    pool.over = over;
    pool.context = told;
    assert_true(offer(&mine).added);
    assert_true(message_pool_start(&pool, f.chain, f.chain_id, 2, state_rotation(ledger_state(l)), &err));
    assert_int_equal(tolds, 1);
    assert_int_equal(checks, 1);
    assert_true(hash_equal(vote_hash(&told[0]), vote_hash(&mine)));
    assert_int_equal(offer(&foreign).verdict, PARTY_REFUSED);
    has_time = false;
    assert_int_equal(offer(&theirs).verdict, PARTY_LATER);
    has_time = true;
    assert_int_equal(offer(&theirs).verdict, PARTY_TAKEN);
    assert_int_equal(tolds, 2);
    assert_int_equal(checks, 1);
    assert_true(hash_equal(vote_hash(&told[1]), vote_hash(&theirs)));
    assert_int_equal(pool.n, 0);

    restart(); /* at height 1 again, so that there is a file of it */
    assert_true(offer(&mine).added);
    message_pool_free(&pool);
    pool = (struct message_pool){.over = over, .context = told};
    has_time = false; /* then it is lost: the folder is ours to keep clean */
    assert_true(message_pool_start(&pool, f.chain, f.chain_id, 2, state_rotation(ledger_state(l)), &err));
    assert_false(has_file(vote_hash(&mine)));
    has_time = true;
    restart();
    assert_true(offer(&theirs).added);
    message_pool_free(&pool);
    pool = (struct message_pool){.over = over, .context = told};
    assert_true(message_pool_start(&pool, f.chain, f.chain_id, 2, state_rotation(ledger_state(l)), &err));
    assert_int_equal(tolds, 3);
    assert_true(hash_equal(vote_hash(&told[2]), vote_hash(&theirs)));
    assert_false(has_file(vote_hash(&theirs)));
}

static void votes_are_remembered_by_key(void **state)
{
    struct vote_past past = {0};
    struct vote other, bob = vote_of(VOTE_PRECOMMIT, 5, 1, 1, MANY_BOB), twice = vote_of(VOTE_PRECOMMIT, 5, 1, 2, MANY_BOB);
    (void)state;
    assert_false(vote_past_meet(&past, &bob, &other));
    assert_false(vote_past_meet(&past, &bob, &other)); /* the same once more */
    for (int i = 0; i < 3 * VOTE_PAST_OF_KEY; i++) {   /* what others sign makes no difference */
        struct vote v = vote_of(VOTE_PREVOTE, 5, (uint32_t)i, 1, MANY_ALICE);
        assert_false(vote_past_meet(&past, &v, &other));
    }
    struct vote elsewhere[] = {vote_of(VOTE_PREVOTE, 5, 1, 2, MANY_BOB), vote_of(VOTE_PRECOMMIT, 6, 1, 2, MANY_BOB),
                               vote_of(VOTE_PRECOMMIT, 5, 2, 2, MANY_BOB), vote_of(VOTE_PRECOMMIT, 5, 1, 2, MANY_VAL)};
    for (size_t i = 0; i < ARRAY_N(elsewhere); i++)
        assert_false(vote_past_meet(&past, &elsewhere[i], &other));
    for (int i = 0; i < VOTE_PAST_TOLD; i++) {
        assert_true(vote_past_meet(&past, &twice, &other));
        assert_true(hash_equal(vote_hash(&other), vote_hash(&bob)));
    }
    assert_false(vote_past_meet(&past, &twice, &other)); /* often enough */
    for (uint32_t i = 0; i < VOTE_PAST_OF_KEY; i++) {
        struct vote v = vote_of(VOTE_PREVOTE, 7, i, 1, MANY_VAL);
        assert_false(vote_past_meet(&past, &v, &other));
    }
    struct vote gone = vote_of(VOTE_PRECOMMIT, 5, 1, 3, MANY_VAL), there = vote_of(VOTE_PREVOTE, 7, 0, 2, MANY_VAL);
    assert_true(vote_past_meet(&past, &there, &other));
    assert_false(vote_past_meet(&past, &gone, &other)); /* its own votes have crowded it out */

    struct vote v = twice;
    for (int i = 0; i < VOTE_PAST_KEYS; i++) { /* and the keys that came last have crowded out the others */
        memset(v.voting.byte, i + 1, sizeof v.voting.byte);
        assert_false(vote_past_meet(&past, &v, &other));
    }
    assert_int_equal(past.keys, VOTE_PAST_KEYS);
    assert_false(vote_past_meet(&past, &bob, &other));
    assert_true(vote_past_meet(&past, &twice, &other));
    vote_past_free(&past);
}

static void one_seat_fills_no_more_than_its_rounds(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 200; round++) {
        struct vote v = vote_of(VOTE_PREVOTE, 1, round, 1, MANY_BOB);
        assert_int_equal(offer(&v).verdict, PARTY_TAKEN);
    }
    assert_in_range(pool.n, MESSAGE_ROUNDS, 2 * MESSAGE_ROUNDS);
    struct vote newest = vote_of(VOTE_PREVOTE, 1, 199, 1, MANY_BOB), oldest = vote_of(VOTE_PREVOTE, 1, 0, 1, MANY_BOB);
    assert_true(message_pool_knows(&pool, vote_hash(&newest)));
    assert_false(has_file(vote_hash(&oldest)));
    struct offered o = offer(&oldest);
    assert_true(o.verdict == PARTY_TAKEN && !o.added);
}

static bool never(void *context, const struct vote *v)
{
    (void)context, (void)v;
    return false;
}

static void what_the_machine_does_not_count_is_for_later(void **state)
{
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    (void)state;
    pool.wanted = never;
    assert_int_equal(offer(&v).verdict, PARTY_LATER);
    assert_false(has_file(vote_hash(&v)));
    pool.wanted = NULL;
    assert_true(offer(&v).added);
}

static void a_damaged_file_is_written_anew(void **state)
{
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    char path[FILE_PATH_MAX];
    (void)state;
    assert_true(offer(&v).added);
    pool_file_path(path, sizeof path, f.chain, vote_hash(&v));
    assert_int_equal(truncate(path, 50), 0);
    restart();
    assert_int_equal(pool.n, 0);
    assert_true(offer(&v).added);
    restart();
    assert_int_equal(pool.n, 1);
}

/* --- proposals ---------------------------------------------------------------------------------------------------------- */

static void make_block(uint32_t round, struct bytes *payload, struct hash *id, int *who)
{
    struct error err = {0};
    struct bytes none = {0};
    *who = many_proposer(&m, state_rotation(ledger_state(l)), round);
    if (!ledger_make_block(l, m.voting[*who], round, START_US + 1000000, &none, NULL, payload, id, &err))
        fail_msg("%s", err.text);
}

static struct offered offer_block(const struct vote *v, const struct bytes *payload)
{
    struct bytes b = {0}, whole = {0};
    vote_encode(v, &b);
    bytes_put_blob(&whole, b.data, b.n);
    bytes_put_blob(&whole, payload->data, payload->n);
    struct offered o = offer_bytes(POOL_PROPOSAL, hash_of(b.data, b.n), &whole);
    bytes_free(&b);
    bytes_free(&whole);
    return o;
}

static struct vote proposal_of(uint32_t round, struct hash id, int who)
{
    struct vote v = {.chain = f.chain_id, .step = VOTE_PROPOSAL, .height = 1, .round = round, .block = id};
    vote_sign(&v, m.voting[who]);
    return v;
}

static void a_proposal_comes_from_whose_turn_it_is_with_its_block(void **state)
{
    struct bytes payload = {0}, back = {0};
    struct hash id;
    int who;
    (void)state;
    make_block(0, &payload, &id, &who);
    struct vote wrong = proposal_of(0, id, (who + 1) % MANY_N), good = proposal_of(0, id, who);
    struct offered o = offer_block(&wrong, &payload);
    assert_int_equal(o.verdict, PARTY_REFUSED);
    assert_non_null(strstr(o.why, "turn"));
    payload.data[60] ^= 1;
    assert_int_equal(offer_block(&good, &payload).verdict, PARTY_REFUSED);
    payload.data[60] ^= 1;
    assert_true(offer_block(&good, &payload).added);
    assert_true(message_pool_payload(&pool, id, &back, NULL));
    assert_int_equal(back.n, payload.n);
    assert_memory_equal(back.data, payload.data, back.n);
    id.byte[0] ^= 1;
    assert_false(message_pool_payload(&pool, id, &back, NULL));
    bytes_free(&payload);
    bytes_free(&back);
}

static void a_proposal_of_a_round_ahead_waits(void **state)
{
    struct bytes payload = {0};
    struct hash id;
    int who;
    (void)state;
    make_block(5, &payload, &id, &who);
    struct vote v = proposal_of(5, id, who);
    assert_int_equal(offer_block(&v, &payload).verdict, PARTY_LATER);
    message_pool_tidy(&pool, 4, (struct hash){{0}}, (struct hash){{0}});
    assert_true(offer_block(&v, &payload).added);
    message_pool_tidy(&pool, 5 + MESSAGE_PROPOSALS, (struct hash){{0}}, id); /* bound to it: stays */
    assert_true(has_file(vote_hash(&v)));
    message_pool_tidy(&pool, 5 + MESSAGE_PROPOSALS, (struct hash){{0}}, (struct hash){{0}});
    assert_false(has_file(vote_hash(&v)));
    bytes_free(&payload);
}

/* --- others' folders ------------------------------------------------------------------------------------------------------ */

struct taking {
    int known, taken;
    enum party_verdict answer;
};

static enum party_verdict know(void *context, struct hash name)
{
    (void)name;
    ((struct taking *)context)->known++;
    return PARTY_UNREAD;
}

static enum party_verdict take(void *context, const struct party_file *file, struct error *why)
{
    struct taking *t = context;
    (void)file;
    t->taken++;
    if (t->answer == PARTY_REFUSED)
        error_set(why, ERROR_CHAIN, "no");
    return t->answer;
}

static void put_vote_file(const char *chain, const struct vote *v)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0}, file = {0};
    vote_encode(v, &b);
    pool_file_encode(&file, POOL_VOTE, 0, b.data, b.n);
    pool_file_path(path, sizeof path, chain, hash_of(b.data, b.n));
    assert_true(file_write(path, file.data, file.n, 0644, NULL));
    bytes_free(&b);
    bytes_free(&file);
}

static struct party_counts look(struct party *p, struct taking *t, uint64_t epoch)
{
    struct party_counts counts = {0};
    struct party_taker taker = {t, epoch, know, take};
    struct error err = {0};
    if (!party_pool(p, &taker, &counts, &err))
        fail_msg("%s", err.text);
    return counts;
}

static void a_folder_is_read_once_until_something_changes(void **state)
{
    struct party_list list = {.n = 0};
    struct taking t = {.answer = PARTY_TAKEN};
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB), w = vote_of(VOTE_PREVOTE, 1, 1, 7, MANY_BOB);
    int found;
    char junk[FILE_PATH_MAX];
    (void)state;
    put_vote_file(f.chain, &v);
    assert_true(party_find(&list, f.folder, NULL, &found, NULL));
    assert_int_equal(list.n, 1);
    struct party *p = list.party[0];
    assert_int_equal(look(p, &t, 1).taken, 1);
    assert_int_equal(look(p, &t, 1).taken, 0);
    t.answer = PARTY_LATER;
    put_vote_file(f.chain, &w);
    assert_int_equal(look(p, &t, 1).later, 1);
    assert_int_equal(look(p, &t, 1).later, 0); /* of the same epoch */
    assert_int_equal(look(p, &t, 2).later, 1);
    pool_file_path(junk, sizeof junk, f.chain, f.chain_id);
    assert_true(file_write(junk, "rubbish", 7, 0644, NULL));
    struct party_counts c = look(p, &t, 2);
    assert_int_equal(c.refused, 1);
    assert_non_null(strstr(c.why, "no message"));
    assert_int_equal(look(p, &t, 2).refused, 0); /* as it was */
    assert_true(file_write(junk, "other rubbish", 13, 0644, NULL));
    assert_int_equal(look(p, &t, 2).refused, 1);
    party_list_free(&list);
}

static void a_share_holds_chains_and_workspaces_and_not_oneself(void **state)
{
    struct party_list list = {.n = 0};
    char path[FILE_PATH_MAX];
    (void)state;
    file_join(path, sizeof path, f.folder, "copy");
    bool changed;
    int found;
    assert_true(mirror_chain(f.chain, path, &changed, NULL));
    assert_true(changed);
    assert_true(party_find(&list, f.folder, f.chain, &found, NULL));
    assert_int_equal(list.n, 1);
    assert_int_equal(found, 1);
    assert_string_equal(list.party[0]->name, "copy");
    assert_true(party_find(&list, f.folder, f.chain, &found, NULL)); /* again: no second one */
    assert_int_equal(list.n, 1);
    assert_int_equal(found, 1);
    assert_false(party_find(&list, "/nowhere/at/all", f.chain, &found, NULL));
    assert_int_equal(found, 0);
    party_list_free(&list);
}

static void copy_to(const char *below)
{
    char path[FILE_PATH_MAX];
    bool changed;
    for (const char *slash = strchr(below, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof path, "%s/%.*s", f.folder, (int)(slash - below), below);
        assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
    }
    file_join(path, sizeof path, f.folder, below);
    assert_true(mirror_chain(f.chain, path, &changed, NULL));
}

static void folders_of_one_name_are_told_apart(void **state)
{
    static const char *const given[] = {"n/x/ann/w", "n/x/ben/w", "n/y/ben/w", "n/x/cem/v"};
    static const char *const name[] = {"ann/w", "x/ben/w", "y/ben/w", "v"};
    struct party_list list = {.n = 0};
    char path[FILE_PATH_MAX];
    int found;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        copy_to(given[i]);
        file_join(path, sizeof path, f.folder, given[i]);
        assert_true(party_find(&list, path, f.chain, &found, NULL));
        assert_int_equal(found, 1);
    }
    assert_int_equal(list.n, 4);
    for (int i = 0; i < 4; i++)
        assert_string_equal(list.party[i]->name, name[i]);
    party_list_free(&list);
}

static void a_place_without_a_chain_is_explained(void **state)
{
    struct party_list list = {.n = 0};
    char empty[FILE_PATH_MAX], outer[FILE_PATH_MAX], text[1024], deep[FILE_PATH_MAX];
    int found;
    (void)state;
    file_join(empty, sizeof empty, f.folder, "e/f");
    file_join(outer, sizeof outer, f.folder, "o");
    file_join(deep, sizeof deep, f.folder, "o/p/q");
    copy_to("e/x");
    assert_int_equal(mkdir(empty, 0755), 0);
    copy_to("o/p/q/ann");
    assert_true(party_find(&list, empty, f.chain, &found, NULL));
    assert_int_equal(found, 0);
    party_none(empty, f.chain, text, sizeof text);
    assert_non_null(strstr(text, "holds no chain: expected is the workspace of another"));
    assert_true(party_find(&list, outer, f.chain, &found, NULL));
    assert_int_equal(found, 0);
    party_none(outer, f.chain, text, sizeof text);
    assert_non_null(strstr(text, deep));
    assert_non_null(strstr(text, "/ann: name it"));
    party_none(f.chain, f.chain, text, sizeof text);
    assert_non_null(strstr(text, "no chain but this workspace's own"));
    assert_int_equal(list.n, 0);
    party_list_free(&list);
}

static void a_copy_follows_and_is_mended(void **state)
{
    char copy[FILE_PATH_MAX], blocks[FILE_PATH_MAX];
    struct vote v = vote_of(VOTE_PREVOTE, 1, 0, 7, MANY_BOB);
    struct error err = {0};
    bool changed;
    (void)state;
    file_join(copy, sizeof copy, f.folder, "copy");
    file_join(blocks, sizeof blocks, copy, "blocks.msc");
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    assert_false(changed);
    put_vote_file(f.chain, &v);
    assert_true(many_append(&m, l, 0, START_US + 1000000, MANY_ALL, NULL, NULL, &err));
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    assert_true(changed);
    int64_t size = file_size(blocks);
    assert_int_equal(truncate(blocks, size - 30), 0);
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    assert_int_equal(file_size(blocks), size);
    struct bytes damaged = {0};
    assert_true(file_read(blocks, 1 << 20, &damaged, NULL));
    damaged.data[damaged.n - 5] ^= 1; /* as long as it was */
    assert_true(file_write(blocks, damaged.data, damaged.n, 0644, NULL));
    bytes_free(&damaged);
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    struct ledger *copied = ledger_open(copy, false, &err);
    assert_non_null(copied);
    assert_int_equal(ledger_height(copied), 1);
    ledger_close(copied);
    char gone[FILE_PATH_MAX];
    pool_file_path(gone, sizeof gone, copy, vote_hash(&v));
    assert_true(file_exists(gone));
    pool_file_path(gone, sizeof gone, f.chain, vote_hash(&v));
    assert_int_equal(unlink(gone), 0);
    assert_true(mirror_chain(f.chain, copy, &changed, NULL));
    pool_file_path(gone, sizeof gone, copy, vote_hash(&v));
    assert_false(file_exists(gone));
}

static void a_copy_goes_over_no_other_chain(void **state)
{
    char copy[FILE_PATH_MAX];
    bool changed;
    struct error err = {0};
    struct genesis other = f.genesis;
    (void)state;
    file_join(copy, sizeof copy, f.folder, "copy");
    other.time_us++;
    assert_true(ledger_create(copy, &other, &err));
    assert_false(mirror_chain(f.chain, copy, &changed, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
}

static void a_pipe_in_the_place_of_the_copy_stops_nobody(void **state)
{
    char copy[FILE_PATH_MAX], blocks[FILE_PATH_MAX];
    bool changed;
    struct error err = {0};
    (void)state;
    file_join(copy, sizeof copy, f.folder, "copy");
    file_join(blocks, sizeof blocks, copy, "blocks.msc");
    assert_int_equal(mkdir(copy, 0700), 0);
    assert_int_equal(mkfifo(blocks, 0600), 0);
    alarm(20); /* else it would wait for a reader for ever */
    assert_false(mirror_chain(f.chain, copy, &changed, &err));
    alarm(0);
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.text, blocks));
}

static void parties_are_found_among_thousands_of_files(void **state)
{
    char place[FILE_PATH_MAX], path[FILE_PATH_MAX], name[32];
    struct party_list list = {.n = 0};
    bool changed;
    int found;
    (void)state;
    file_join(place, sizeof place, f.folder, "share");
    assert_int_equal(mkdir(place, 0700), 0);
    for (int i = 0; i < 8; i++) { /* in what order they are listed is the file system's choice */
        snprintf(name, sizeof name, "p%d", i);
        file_join(path, sizeof path, place, name);
        assert_true(mirror_chain(f.chain, path, &changed, NULL));
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "a%d.csv", i);
        file_join(path, sizeof path, place, name);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    assert_true(party_find(&list, place, f.chain, &found, NULL));
    assert_int_equal(found, 8);
    party_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pipe_in_the_place_of_the_copy_stops_nobody, start, end),
        cmocka_unit_test_setup_teardown(parties_are_found_among_thousands_of_files, start, end),
        cmocka_unit_test_setup_teardown(a_good_vote_is_stored_and_found_again, start, end),
        cmocka_unit_test_setup_teardown(what_is_forged_is_refused, start, end),
        cmocka_unit_test_setup_teardown(other_heights_are_for_later_or_over, start, end),
        cmocka_unit_test_setup_teardown(who_asks_is_told_of_votes_for_what_is_over, start, end),
        cmocka_unit_test_setup_teardown(votes_are_remembered_by_key, start, end),
        cmocka_unit_test_setup_teardown(one_seat_fills_no_more_than_its_rounds, start, end),
        cmocka_unit_test_setup_teardown(what_the_machine_does_not_count_is_for_later, start, end),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_written_anew, start, end),
        cmocka_unit_test_setup_teardown(a_proposal_comes_from_whose_turn_it_is_with_its_block, start, end),
        cmocka_unit_test_setup_teardown(a_proposal_of_a_round_ahead_waits, start, end),
        cmocka_unit_test_setup_teardown(a_folder_is_read_once_until_something_changes, start, end),
        cmocka_unit_test_setup_teardown(a_share_holds_chains_and_workspaces_and_not_oneself, start, end),
        cmocka_unit_test_setup_teardown(folders_of_one_name_are_told_apart, start, end),
        cmocka_unit_test_setup_teardown(a_place_without_a_chain_is_explained, start, end),
        cmocka_unit_test_setup_teardown(a_copy_follows_and_is_mended, start, end),
        cmocka_unit_test_setup_teardown(a_copy_goes_over_no_other_chain, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
