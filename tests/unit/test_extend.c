/* Taking over another's blocks: as many as are good and final, from whatever file; what contradicts ours is kept, not taken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "chain/block.h"
#include "chain/evidence.h"
#include "chain/extend.h"
#include "chain/fork.h"
#include "tests/unit/many_chain.h"

#include <string.h>
#include <unistd.h>

static struct fixture f;
static struct many_chain m;
static struct ledger *ours, *theirs;
static char their_folder[128], their_blocks[160];
static struct certificate tip;
static struct bytes tip_bytes;

static struct ledger *make(const char *folder)
{
    struct error err = {0};
    struct ledger *l = ledger_create(folder, &f.genesis, &err) ? ledger_open(folder, true, &err) : NULL;
    if (!l)
        fail_msg("%s", err.text);
    return l;
}

static int start_of(bool many)
{
    fixture_start(&f);
    if (many)
        many_start(&m, &f);
    snprintf(their_folder, sizeof their_folder, "%s/theirs", f.folder);
    snprintf(their_blocks, sizeof their_blocks, "%s/blocks.msc", their_folder);
    ours = make(f.chain);
    theirs = make(their_folder);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_of(true);
}

static int start_alone(void **state)
{
    (void)state;
    return start_of(false);
}

static int end_of(bool many)
{
    ledger_close(ours);
    ledger_close(theirs);
    if (many)
        many_end(&m);
    bytes_free(&tip_bytes);
    fixture_end(&f);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return end_of(true);
}

static int end_alone(void **state)
{
    (void)state;
    return end_of(false);
}

/* n more blocks on a side; the last one's certificate becomes `tip`. */
static void grow(struct ledger *l, int n, int64_t shift_us)
{
    struct error err = {0};
    for (int i = 0; i < n; i++)
        if (!many_append(&m, l, 0, START_US + ((int64_t)ledger_height(l) + 1) * 1000000 + shift_us, MANY_ALL, NULL,
                         &tip_bytes, &err))
            fail_msg("%s", err.text);
    assert_true(certificate_decode(tip_bytes.data, tip_bytes.n, &tip, &err));
}

static bool extend(const char *path, bool with_tip, struct extend_report *out, struct error *err)
{
    const struct extend_source source = {.path = path, .certificate = &tip, .certificates = with_tip, .threads = 2};
    *out = (struct extend_report){.blocks = 0};
    return ledger_extend(ours, &source, out, err);
}

static void the_last_block_needs_a_certificate_that_was_heard_of(void **state)
{
    struct extend_report r;
    struct error err = {0};
    (void)state;
    grow(theirs, 5, 0);
    assert_true(extend(their_blocks, false, &r, &err));
    assert_int_equal(ledger_height(ours), 4);
    struct certificate good = tip;
    tip.signer[0].signature.byte[5] ^= 1;
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(ledger_height(ours), 4);
    tip = good;
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(r.blocks, 1);
    assert_true(hash_equal(ledger_head(ours), ledger_head(theirs)));
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(r.blocks, 0);
    ledger_close(ours);
    ours = ledger_open(f.chain, true, &err); /* what was appended stands */
    assert_non_null(ours);
    assert_int_equal(ledger_height(ours), 5);
    assert_true(ledger_tip_certificate(ours, &tip_bytes, &err));
}

static void a_long_history_comes_in_parts(void **state)
{
    struct extend_report r;
    struct error err = {0};
    int n = 2 * LEDGER_APPEND_MOST + 3;
    (void)state;
    grow(theirs, n, 0);
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(r.blocks, n);
    assert_true(hash_equal(ledger_head(ours), ledger_head(theirs)));
}

/* A file that was damaged at this byte: what comes before is taken, nothing else. */
static void damage(size_t at, bool cut)
{
    char path[256];
    struct bytes all = {0};
    struct extend_report r;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/damaged", f.folder);
    assert_true(file_read(their_blocks, 1 << 20, &all, &err));
    all.data[at] ^= 1;
    assert_true(file_write(path, all.data, cut ? at : all.n, 0644, &err));
    bool good = extend(path, true, &r, &err);
    assert_true(good == cut);
    struct ledger_block mine, other;
    for (uint64_t h = 0; h <= ledger_height(ours); h++) {
        assert_true(ledger_block(ours, h, &mine) && ledger_block(theirs, h, &other));
        assert_true(hash_equal(mine.id, other.id));
    }
    bytes_free(&all);
}

static void what_is_damaged_or_cut_ends_there(void **state)
{
    struct ledger_block b;
    (void)state;
    grow(theirs, 6, 0);
    assert_true(ledger_block(theirs, 3, &b));
    damage(b.offset + 30, true); /* the third is cut: the second one's certificate is in it */
    assert_int_equal(ledger_height(ours), 1);
    damage(b.offset + 30, false);
    assert_int_equal(ledger_height(ours), 1);
    assert_true(ledger_block(theirs, 5, &b));
    damage(b.offset + b.bytes - 70, false);
    assert_int_equal(ledger_height(ours), 3);
}

static void a_certified_block_that_contradicts_ours_is_kept_and_convicts(void **state)
{
    struct extend_report r;
    struct error err = {0};
    struct fork *fork;
    struct evidence_proof *proof;
    (void)state;
    grow(theirs, 2, 0);
    assert_true(extend(their_blocks, true, &r, &err));
    grow(ours, 2, 0);
    struct hash head = ledger_head(ours);
    grow(theirs, 2, 500000);
    assert_false(extend(their_blocks, true, &r, &err));
    assert_true(r.fork);
    assert_int_equal(r.fork_height, 3);
    assert_true(hash_equal(ledger_head(ours), head));
    assert_non_null(strstr(err.text, "another one than ours, and final too"));
    assert_int_equal(fork_list(f.chain, &fork), 1);
    assert_int_equal(fork[0].height, 3);
    free(fork);
    assert_int_equal(evidence_list(f.chain, &proof, &err), MANY_N); /* all three signed both */
    assert_int_equal(proof[0].a.height, 3);
    assert_true(vote_conflict(&proof[0].a, &proof[0].b));
    assert_true(evidence_remove(f.chain, proof[0].id, &err));
    free(proof);
    assert_int_equal(evidence_list(f.chain, &proof, &err), MANY_N - 1);
    free(proof);
    assert_false(extend(their_blocks, true, &r, &err));
    assert_false(r.fork); /* known */
}

static void one_without_a_certificate_is_no_fork(void **state)
{
    struct extend_report r;
    struct error err = {0};
    struct fork *fork;
    (void)state;
    grow(ours, 1, 0);
    grow(theirs, 1, 500000);
    assert_false(extend(their_blocks, false, &r, &err));
    assert_false(r.fork);
    assert_non_null(strstr(err.text, "no certificate"));
    assert_int_equal(fork_list(f.chain, &fork), 0);
    free(fork);
}

/* A frame in order, but with too little in it for a block's header. */
static void a_frame_without_a_block_is_none(void **state)
{
    struct extend_report r;
    struct error err = {0};
    struct bytes all = {0};
    struct frame head = {.type = FRAME_BLOCK, .height = 1, .payload_n = 4};
    struct hash previous;
    (void)state;
    grow(ours, 1, 0);
    assert_true(file_read(their_blocks, 1 << 20, &all, &err)); /* genesis */
    memcpy(previous.byte, all.data + all.n - HASH_BYTES, HASH_BYTES);
    block_frame_encode(&all, &head, "none", previous);
    assert_true(file_write(their_blocks, all.data, all.n, 0644, &err));
    bytes_free(&all);
    assert_false(extend(their_blocks, false, &r, &err));
    assert_non_null(strstr(err.text, "block 1 has only 4 bytes"));
    assert_false(r.fork);
    assert_int_equal(ledger_height(ours), 1);
}

static void who_is_behind_us_is_in_order(void **state)
{
    struct extend_report r;
    struct error err = {0};
    (void)state;
    grow(theirs, 2, 0);
    assert_true(extend(their_blocks, true, &r, &err));
    grow(ours, 2, 0);
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(truncate(their_blocks, file_size(their_blocks) - 10), 0); /* being written */
    assert_true(extend(their_blocks, true, &r, &err));
    assert_int_equal(ledger_height(ours), 4);
}

static void a_closed_chain_is_taken_over_too(void **state)
{
    struct extend_report r;
    struct error err = {0};
    (void)state;
    for (int i = 1; i <= 3; i++) {
        uint64_t height;
        struct hash id;
        if (!ledger_seal(theirs, f.key[VAL], START_US + i * 1000000, &height, &id, &err))
            fail_msg("%s", err.text);
    }
    if (!extend(their_blocks, false, &r, &err))
        fail_msg("%s", err.text);
    assert_int_equal(r.blocks, 3);
    assert_true(hash_equal(ledger_head(ours), ledger_head(theirs)));
}

static void a_ledger_at_rest_sees_what_others_did(void **state)
{
    struct error err = {0};
    bool same;
    (void)state;
    grow(ours, 1, 0);
    ledger_rest(ours);
    assert_true(ledger_wake(ours, &same, &err));
    assert_true(same);
    grow(ours, 1, 0);
    ledger_rest(ours);
    struct ledger *other = ledger_open(f.chain, true, &err);
    assert_non_null(other);
    grow(other, 1, 0);
    ledger_close(other);
    assert_true(ledger_wake(ours, &same, &err));
    assert_false(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_block_needs_a_certificate_that_was_heard_of, start, end),
        cmocka_unit_test_setup_teardown(a_long_history_comes_in_parts, start, end),
        cmocka_unit_test_setup_teardown(what_is_damaged_or_cut_ends_there, start, end),
        cmocka_unit_test_setup_teardown(a_certified_block_that_contradicts_ours_is_kept_and_convicts, start, end),
        cmocka_unit_test_setup_teardown(one_without_a_certificate_is_no_fork, start, end),
        cmocka_unit_test_setup_teardown(a_frame_without_a_block_is_none, start, end),
        cmocka_unit_test_setup_teardown(who_is_behind_us_is_in_order, start, end),
        cmocka_unit_test_setup_teardown(a_closed_chain_is_taken_over_too, start_alone, end_alone),
        cmocka_unit_test_setup_teardown(a_ledger_at_rest_sees_what_others_did, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
