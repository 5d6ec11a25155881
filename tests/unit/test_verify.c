#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "chain/block.h"
#include "chain/codec.h"
#include "tests/unit/chain_fixture.h"

#include <unistd.h>

#define BLOCKS 5

static struct fixture f;
static char path[200], record[200];
static struct bytes file; /* the good chain */
static struct ledger_head end_of[BLOCKS + 1];

static void seal(struct ledger *l, int64_t time_us)
{
    uint64_t height;
    struct hash hash;
    assert_true(ledger_seal(l, f.key[VAL], time_us, &height, &hash, NULL));
    end_of[height] = (struct ledger_head){.height = height, .length = (uint64_t)file_size(path), .id = hash};
}

static struct hash submit(struct ledger *l, const struct tx *tx)
{
    struct hash id;
    assert_true(ledger_submit(l, tx, &id, NULL));
    return id;
}

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    memset(&file, 0, sizeof file);
    file_join(path, sizeof path, f.chain, "blocks.msc");
    file_join(record, sizeof record, f.chain, "blocks.len");
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    struct ledger *l = ledger_open(f.chain, true, NULL);
    assert_non_null(l);
    end_of[0] = (struct ledger_head){.length = (uint64_t)file_size(path), .id = ledger_head(l)};
    struct fixture_claim c = fixture_claim(1, 540);
    struct tx tx = fixture_task(&f, ALICE, 10000);
    struct hash task = submit(l, &tx);
    tx = fixture_announce(&f, BOB, task, &c);
    struct hash proposal = submit(l, &tx);
    seal(l, START_US + 1);
    tx = fixture_propose(&f, BOB, proposal, &c);
    submit(l, &tx);
    tx = fixture_transfer(&f, ALICE, CAROL, 100);
    submit(l, &tx);
    seal(l, START_US + 2);
    tx = fixture_commit(&f, VAL, proposal, &c.finding);
    submit(l, &tx);
    seal(l, START_US + 2);
    tx = fixture_open(&f, BOB, proposal, &c);
    submit(l, &tx);
    tx = fixture_reveal(&f, VAL, proposal, &c.finding);
    submit(l, &tx);
    tx = fixture_decide(&f, ALICE, true, proposal, &c);
    submit(l, &tx);
    seal(l, START_US + 3);
    seal(l, START_US + 3);
    ledger_close(l);
    assert_true(file_read(path, 1 << 20, &file, NULL));
    return 0;
}

static int end(void **state)
{
    (void)state;
    bytes_free(&file);
    fixture_end(&f);
    return 0;
}

static void write_file(const void *data, size_t n)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static bool verify(struct ledger_verdict *v, const struct ledger_head *remembered)
{
    struct error err = {0};
    bool good = ledger_verify_against(f.chain, v, remembered, NULL, NULL, NULL, &err);
    assert_int_equal(good, v->ok);
    assert_int_equal(good, err.text[0] == '\0');
    if (!good)
        assert_true(v->reason[0] != '\0' && err.kind != ERROR_NONE);
    return good;
}

static void test_good(void **state)
{
    (void)state;
    struct ledger_verdict v;
    assert_true(verify(&v, NULL));
    assert_int_equal(v.height, BLOCKS);
    assert_int_equal(v.blocks, BLOCKS);
    assert_int_equal(v.transactions, 8);
    assert_int_equal(v.signatures, 8 + BLOCKS);
    assert_true(hash_equal(v.head, end_of[BLOCKS].id));
    for (int i = 0; i <= BLOCKS; i++)
        assert_true(verify(&v, &end_of[i]));
}

static uint64_t height_at(size_t offset)
{
    uint64_t h = 0;
    while (offset >= end_of[h].length)
        h++;
    return h;
}

/* Without blocks.len, so that only what the file itself shows can help. */
static void test_every_bit(void **state)
{
    (void)state;
    struct ledger_verdict v;
    assert_int_equal(unlink(record), 0);
    FILE *out = fopen(path, "r+b");
    assert_non_null(out);
    setvbuf(out, NULL, _IONBF, 0);
    for (size_t bit = 0; bit < 8 * file.n; bit += 3) { /* in every byte; the tamper test takes them all */
        uint8_t byte = file.data[bit / 8] ^ (uint8_t)(1 << bit % 8);
        assert_int_equal(fseek(out, (long)(bit / 8), SEEK_SET), 0);
        assert_int_equal(fwrite(&byte, 1, 1, out), 1);
        if (verify(&v, NULL))
            fail_msg("bit %zu of byte %zu may flip unseen", bit % 8, bit / 8);
        uint64_t h = height_at(bit / 8);
        assert_int_equal(v.error_height, h);
        assert_int_equal(v.error_offset, h ? end_of[h - 1].length : 0);
        assert_int_equal(fseek(out, (long)(bit / 8), SEEK_SET), 0);
        assert_int_equal(fwrite(&file.data[bit / 8], 1, 1, out), 1);
    }
    fclose(out);
    assert_true(verify(&v, NULL));
}

static void test_every_truncation(void **state)
{
    (void)state;
    struct ledger_verdict v;
    for (int recorded = 1; recorded >= 0; recorded--) {
        if (!recorded)
            assert_int_equal(unlink(record), 0);
        for (size_t n = 0; n < file.n; n++) {
            bool between = false;
            for (int i = 0; i <= BLOCKS; i++)
                between = between || end_of[i].length == n;
            write_file(file.data, n);
            bool seen = !verify(&v, NULL);
            assert_int_equal(seen, recorded || !between);
            if (seen) {
                assert_int_equal(v.error_height, height_at(n));
                assert_int_equal(v.error_offset, n ? (height_at(n) ? end_of[height_at(n) - 1].length : 0) : 0);
            }
            if (between) /* a remembered head shows it, too */
                assert_false(verify(&v, &end_of[BLOCKS]));
        }
    }
    for (size_t n = 1; n < 100; n++) { /* and what follows the end */
        struct bytes longer = {0};
        bytes_put(&longer, file.data, file.n);
        for (size_t i = 0; i < n; i++)
            bytes_put_u8(&longer, n % 2 ? 0 : file.data[i]);
        write_file(longer.data, longer.n);
        assert_false(verify(&v, NULL));
        bytes_free(&longer);
    }
}

/* --- an attacker who can do everything but sign ----------------------------------------------------------------- */

/* The frames' payloads, and for blocks whether the attacker holds the validator's key. */
struct forgery {
    struct bytes payload[BLOCKS + 1];
    int n;
};

static void split(struct forgery *g)
{
    memset(g, 0, sizeof *g);
    g->n = BLOCKS + 1;
    for (int i = 0; i <= BLOCKS; i++) {
        size_t from = (i ? (size_t)end_of[i - 1].length : 0) + FRAME_HEADER_BYTES;
        bytes_put(&g->payload[i], file.data + from, (size_t)end_of[i].length - HASH_BYTES - from);
    }
}

static void forgery_free(struct forgery *g)
{
    for (int i = 0; i < g->n; i++)
        bytes_free(&g->payload[i]);
}

static bool sign_as_is;

static void resign(struct bytes *payload, const struct key *key)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    if (sign_as_is) {
        struct key_signature signature;
        key_sign(key, "morphsmith block", payload->data, BLOCK_HEADER_BYTES, &signature);
        memcpy(payload->data + BLOCK_HEADER_BYTES, signature.byte, sizeof signature.byte);
        return;
    }
    assert_true(block_decode(payload->data, payload->n, &b, NULL));
    block_encode(&again, &b, key);
    block_free(&b);
    bytes_free(payload);
    *payload = again;
}

/* Where the header's fields stand. */
enum {
    AT_CHAIN = 0,
    AT_HEIGHT = 32,
    AT_ROUND = 40,
    AT_TIME = 44,
    AT_PARENT = 52,
    AT_PROPOSER = 84,
    AT_TX_ROOT = 116,
    AT_VALIDATORS = 148,
    AT_CERTIFICATE = 180,
    AT_STATE = 212,
    AT_COUNT = 244,
    AT_SIGNATURE = 248,
    AT_CERTIFICATE_BLOB = 312,
    AT_TXS = 316
};

/* Writes the chain with the frames' heights and hashes and the parents made right again; signs the blocks, with roots
 * made right too, if there is a key. */
static void rebuild(struct forgery *g, const struct key *key)
{
    struct bytes out = {0};
    struct hash previous = {{0}}, parent = hash_of(g->payload[0].data, g->payload[0].n);
    for (int i = 0; i < g->n; i++) {
        if (i) {
            memcpy(g->payload[i].data + AT_PARENT, parent.byte, sizeof parent.byte);
            if (key)
                resign(&g->payload[i], key);
            parent = block_id(g->payload[i].data);
        }
        struct frame frame = {.type = i ? FRAME_BLOCK : FRAME_GENESIS,
                              .height = (uint64_t)i,
                              .payload_n = (uint32_t)g->payload[i].n};
        previous = block_frame_encode(&out, &frame, g->payload[i].data, previous);
    }
    write_file(out.data, out.n);
    bytes_free(&out);
}

static void test_rebuild_is_exact(void **state)
{
    (void)state;
    struct forgery g;
    struct bytes again = {0};
    for (int resigned = 0; resigned < 2; resigned++) {
        split(&g);
        rebuild(&g, resigned ? f.key[VAL] : NULL);
        assert_true(file_read(path, 1 << 20, &again, NULL));
        assert_int_equal(again.n, file.n);
        assert_memory_equal(again.data, file.data, file.n);
        forgery_free(&g);
    }
    bytes_free(&again);
}

/* Bits all over every block's payload, with all hashes behind made right: the signatures hold. */
static void test_rehashed(void **state)
{
    (void)state;
    struct ledger_verdict v;
    struct forgery g;
    assert_int_equal(unlink(record), 0);
    for (int i = 0; i <= BLOCKS; i++)
        for (size_t bit = 0;; bit += 7) {
            split(&g);
            bool more = bit < 8 * g.payload[i].n;
            if (more) {
                g.payload[i].data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                rebuild(&g, NULL);
                if (i && bit / 8 >= AT_PARENT && bit / 8 < AT_PROPOSER) /* made right again */
                    assert_true(verify(&v, NULL));
                else if (verify(&v, NULL))
                    fail_msg("block %d, bit %zu of byte %zu", i, bit % 8, bit / 8);
                assert_true(v.error_height <= (uint64_t)i + 1);
            }
            forgery_free(&g);
            if (!more)
                break;
        }
}

static void expect(struct forgery *g, const struct key *key, uint64_t height, const char *words)
{
    struct ledger_verdict v;
    rebuild(g, key);
    assert_false(verify(&v, NULL));
    if (v.error_height != height || !strstr(v.reason, words))
        fail_msg("expected \"%s\" at %d: %s", words, (int)height, v.reason);
    forgery_free(g);
    split(g);
}

/* Makes the block's transactions anew: keep[i] are positions of the old ones, -1 ends. */
static void pick_txs(struct bytes *payload, const int *keep)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    assert_true(block_decode(payload->data, payload->n, &b, NULL));
    struct block_tx old[8];
    size_t n = 0;
    memcpy(old, b.tx, b.txs * sizeof *old);
    struct block c = b;
    c.tx = NEW_ARRAY(struct block_tx, 8);
    for (; keep[n] >= 0; n++)
        c.tx[n] = old[keep[n]];
    c.txs = n;
    block_encode(&again, &c, f.key[VAL]);
    free(c.tx);
    block_free(&b);
    bytes_free(payload);
    *payload = again;
}

static void with_certificate(struct bytes *payload)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    assert_true(block_decode(payload->data, payload->n, &b, NULL));
    b.certificate_data = (const uint8_t *)"vote";
    b.certificate_n = 4;
    block_encode(&again, &b, f.key[VAL]);
    block_free(&b);
    bytes_free(payload);
    *payload = again;
}

/* The harder kind: each is refused by the rule that it breaks, even when the validator itself signs. */
static void test_forged(void **state)
{
    (void)state;
    struct forgery g;
    const struct key *val = f.key[VAL];
    assert_int_equal(unlink(record), 0);
    split(&g);
    expect(&g, f.key[BOB], 1, "no validator");

    g.payload[2].data[AT_PROPOSER] ^= 1; /* somebody else's name on it */
    expect(&g, NULL, 2, "no validator");
    g.payload[2].data[AT_SIGNATURE + 5] ^= 1;
    expect(&g, NULL, 2, "signature");
    g.payload[2].data[AT_CHAIN + 31] ^= 1;
    expect(&g, val, 2, "another chain");
    g.payload[2].data[AT_HEIGHT] = 3;
    expect(&g, val, 2, "height 3");
    g.payload[2].data[AT_ROUND + 3] = 1;
    expect(&g, val, 2, "round 16777216");
    g.payload[2].data[AT_TIME] = 0; /* before its parent */
    expect(&g, val, 2, "time");
    g.payload[2].data[AT_TIME + 7] = 0x80; /* negative */
    expect(&g, val, 2, "time");
    g.payload[4].data[AT_TIME + 7] = 0x7f; /* far */
    expect(&g, val, 4, "time");
    g.payload[3].data[AT_VALIDATORS] ^= 1;
    expect(&g, val, 3, "validators hash");
    g.payload[3].data[AT_STATE] ^= 1;
    expect(&g, val, 3, "state hash");
    sign_as_is = true; /* what signing would make right again */
    g.payload[3].data[AT_CERTIFICATE] ^= 1;
    expect(&g, val, 3, "certificate hash");
    g.payload[3].data[AT_TX_ROOT + 9] ^= 1;
    expect(&g, val, 3, "tx root");
    g.payload[2].data[AT_COUNT] = 1; /* a transaction more than the header counts */
    expect(&g, val, 2, "malformed");
    g.payload[2].data[AT_COUNT] = 3;
    expect(&g, val, 2, "malformed");
    sign_as_is = false;
    with_certificate(&g.payload[3]);
    expect(&g, val, 3, "certificate");

    size_t tx = AT_TXS + 4; /* the first transaction of a block */
    g.payload[1].data[tx + 2 + 32 + 32] ^= 1; /* nonce */
    expect(&g, val, 1, "signature");
    g.payload[1].data[tx + 2] ^= 1; /* chain id */
    expect(&g, val, 1, "signature");
    g.payload[1].data[tx] = 99; /* kind */
    expect(&g, val, 1, "kind 99");

    pick_txs(&g.payload[2], (const int[]){0, -1}); /* dropped */
    expect(&g, val, 2, "state hash");
    pick_txs(&g.payload[2], (const int[]){0, 0, 1, -1}); /* doubled */
    expect(&g, val, 2, "nonce");
    pick_txs(&g.payload[2], (const int[]){1, 0, -1}); /* two senders: another order is another chain, but a legal one */
    rebuild(&g, val);
    struct ledger_verdict v;
    assert_true(verify(&v, NULL));
    forgery_free(&g);
    split(&g);
    pick_txs(&g.payload[4], (const int[]){1, 0, 2, -1}); /* the reveal before the opening */
    expect(&g, val, 4, "transaction 1: reveal: the proposer has not opened");

    struct bytes swap = g.payload[2]; /* blocks reordered, with their headers' heights made right */
    g.payload[2] = g.payload[3];
    g.payload[3] = swap;
    g.payload[2].data[AT_HEIGHT] = 2;
    g.payload[3].data[AT_HEIGHT] = 3;
    expect(&g, val, 2, "it would have to be claimed");
    bytes_free(&g.payload[1]); /* block 1 dropped */
    memmove(&g.payload[1], &g.payload[2], (BLOCKS - 1) * sizeof g.payload[1]);
    memset(&g.payload[BLOCKS], 0, sizeof g.payload[BLOCKS]);
    g.n = BLOCKS;
    for (int i = 1; i < g.n; i++)
        g.payload[i].data[AT_HEIGHT] = (uint8_t)i;
    expect(&g, val, 1, "nonce is 2, the account's next is 1");
    forgery_free(&g);
}

/* A parent that is hashed but not the one before. */
static void test_wrong_parent(void **state)
{
    (void)state;
    struct ledger_verdict v;
    struct bytes out = {0};
    struct forgery g;
    struct hash genesis;
    split(&g);
    assert_int_equal(unlink(record), 0);
    bytes_put(&out, file.data, (size_t)end_of[0].length);
    memcpy(genesis.byte, out.data + out.n - HASH_BYTES, HASH_BYTES);
    g.payload[1].data[AT_PARENT] ^= 1;
    resign(&g.payload[1], f.key[VAL]);
    struct frame frame = {.type = FRAME_BLOCK, .height = 1, .payload_n = (uint32_t)g.payload[1].n};
    block_frame_encode(&out, &frame, g.payload[1].data, genesis);
    write_file(out.data, out.n);
    assert_false(verify(&v, NULL));
    assert_non_null(strstr(v.reason, "parent"));
    bytes_free(&out);
    forgery_free(&g);
}

/* History rewritten by the validator itself: only what was remembered shows it. */
static void test_rewritten(void **state)
{
    (void)state;
    struct ledger_verdict v;
    struct forgery g;
    split(&g);
    g.payload[BLOCKS].data[AT_TIME] += 9; /* another time of the last block */
    rebuild(&g, f.key[VAL]);
    assert_false(verify(&v, NULL)); /* blocks.len remembers */
    assert_non_null(strstr(v.reason, "rewritten"));
    assert_int_equal(v.error_height, BLOCKS);
    assert_int_equal(unlink(record), 0);
    assert_true(verify(&v, NULL));
    assert_false(verify(&v, &end_of[BLOCKS]));
    assert_true(verify(&v, &end_of[BLOCKS - 1]));
    forgery_free(&g);
}

/* --- re-running ------------------------------------------------------------------------------------------------ */

struct rerun {
    int calls, lie;
};

static bool run_again(void *context, const struct state_task *task, const struct state_proposal *proposal,
                      struct tx_finding *found, struct error *err)
{
    struct rerun *r = context;
    assert_true(hash_equal(task->id, proposal->announce.task));
    r->calls++;
    *found = state_claim(proposal);
    if (r->lie == 1)
        found->counts.correct[1]++;
    if (r->lie == 2)
        found->trace_root.byte[0] ^= 1;
    if (r->lie == 3)
        found->weights.byte[31] ^= 1;
    if (r->lie == 4)
        found->counts.folds = 1;
    return r->lie != 5 || error_set(err, ERROR_IO, "no objects");
}

static void test_rerun(void **state)
{
    (void)state;
    static const char *const words[] = {"", "fold 2", "trace", "weights", "1 folds", "no objects"};
    for (int lie = 0; lie <= 5; lie++) {
        struct rerun r = {.lie = lie};
        struct ledger_rerun rerun = {.run = run_again, .context = &r};
        struct ledger_verdict v;
        struct error err = {0};
        assert_int_equal(ledger_verify(f.chain, &v, &rerun, NULL, NULL, &err), lie == 0);
        assert_int_equal(r.calls, 1);
        assert_int_equal(v.reruns, lie != 5);
        assert_non_null(strstr(v.reason, words[lie]));
        assert_int_equal(err.kind, lie == 0 ? ERROR_NONE : lie == 5 ? ERROR_IO : ERROR_CHAIN);
        assert_int_equal(v.error_height, lie ? 4 : 0);
    }
}

/* A claim that was refuted must not come out of a re-run; one that nobody opened is not re-run. */
static void test_rerun_refuted(void **state)
{
    (void)state;
    struct ledger *l = ledger_open(f.chain, true, NULL);
    const struct state_task *task;
    assert_int_equal(state_tasks(ledger_state(l), &task), 1);
    struct fixture_claim c = fixture_claim(2, 600), d = fixture_claim(3, 600), lie = fixture_claim(4, 600);
    struct tx tx = fixture_announce(&f, BOB, task->id, &c);
    struct hash id = submit(l, &tx);
    tx = fixture_announce(&f, BOB, task->id, &d);
    struct hash silent = submit(l, &tx);
    uint64_t height;
    struct hash block;
    for (int i = 0; i < 6; i++) {
        if (i == 1) {
            tx = fixture_propose(&f, BOB, id, &c);
            submit(l, &tx);
            tx = fixture_propose(&f, BOB, silent, &d);
            submit(l, &tx);
            tx = fixture_commit(&f, VAL, id, &lie.finding);
            submit(l, &tx);
            tx = fixture_commit(&f, VAL, silent, &d.finding);
            submit(l, &tx);
        } else if (i == 2) {
            tx = fixture_open(&f, BOB, id, &c);
            submit(l, &tx);
            tx = fixture_reveal(&f, VAL, id, &lie.finding);
            submit(l, &tx);
        }
        assert_true(ledger_seal(l, f.key[VAL], START_US + 9, &height, &block, NULL));
    }
    assert_int_equal(state_proposal_find(ledger_state(l), id)->state, PROPOSAL_REFUTED);
    assert_int_equal(state_proposal_find(ledger_state(l), silent)->state, PROPOSAL_REFUTED);
    ledger_close(l);
    struct rerun r = {.lie = 0};
    struct ledger_rerun rerun = {.run = run_again, .context = &r};
    struct ledger_verdict v;
    assert_false(ledger_verify(f.chain, &v, &rerun, NULL, NULL, NULL));
    assert_non_null(strstr(v.reason, "refuted, but the re-run"));
    assert_int_equal(v.error_height, BLOCKS + 3);
    assert_int_equal(r.calls, 2);
}

static void note_progress(void *context, uint64_t done, uint64_t bytes)
{
    uint64_t *last = context;
    assert_true(done >= last[0] && done <= bytes);
    last[0] = done;
    last[1] = bytes;
}

#define LONG 1200
#define LONG_TXS 5

/* As sealing does, but without syncs: LONG blocks behind genesis. Returns the state hash. */
static struct hash long_chain(struct bytes *out, struct ledger_block *blocks)
{
    struct state *s = state_new(&f.genesis, NULL);
    struct hash previous, parent = end_of[0].id;
    memset(f.nonce, 0, sizeof f.nonce);
    bytes_put(out, file.data, (size_t)end_of[0].length);
    memcpy(previous.byte, out->data + out->n - HASH_BYTES, HASH_BYTES);
    for (int i = 0; i < LONG; i++) {
        struct bytes txs = {0}, payload = {0};
        struct block_tx tx[LONG_TXS];
        size_t at[LONG_TXS + 1] = {0};
        struct block b = {.chain = f.chain_id,
                          .height = (uint64_t)i + 1,
                          .parent = parent,
                          .time_us = START_US + i,
                          .validators = state_validators_hash(s),
                          .tx = tx,
                          .txs = LONG_TXS};
        for (int k = 0; k < LONG_TXS; k++) {
            struct tx one = fixture_transfer(&f, k % 2 ? ALICE : BOB, CAROL, 1);
            assert_true(state_apply(s, &one, NULL));
            tx_encode(&one, &txs);
            at[k + 1] = txs.n;
        }
        for (int k = 0; k < LONG_TXS; k++)
            tx[k] = (struct block_tx){txs.data + at[k], at[k + 1] - at[k]};
        assert_true(state_end_block(s, b.height, b.time_us, NULL));
        b.state = state_hash(s);
        block_encode(&payload, &b, f.key[VAL]);
        struct frame frame = {.type = FRAME_BLOCK, .height = (uint64_t)i + 1, .payload_n = (uint32_t)payload.n};
        blocks[i] = (struct ledger_block){.height = (uint64_t)i + 1, .offset = out->n};
        previous = block_frame_encode(out, &frame, payload.data, previous);
        parent = block_id(payload.data);
        bytes_free(&txs);
        bytes_free(&payload);
    }
    struct hash h = state_hash(s);
    state_free(s);
    return h;
}

/* Long enough for several windows and for the threads; damage in the middle is reported there. */
static void test_long(void **state)
{
    (void)state;
    static struct ledger_block blocks[LONG];
    struct ledger_verdict v;
    struct bytes all = {0};
    uint64_t last[2] = {0};
    struct hash expected = long_chain(&all, blocks);
    assert_int_equal(unlink(record), 0);
    write_file(all.data, all.n);
    assert_true(ledger_verify(f.chain, &v, NULL, note_progress, last, NULL));
    assert_int_equal(v.height, LONG);
    assert_int_equal(v.transactions, LONG * LONG_TXS);
    assert_int_equal(v.signatures, LONG * (LONG_TXS + 1));
    assert_int_equal(last[0], all.n);
    assert_int_equal(last[1], all.n);
    struct ledger *l = ledger_open(f.chain, false, NULL);
    assert_true(hash_equal(state_hash(ledger_state(l)), expected));
    ledger_close(l);

    const struct ledger_block *where = &blocks[700];
    all.data[where->offset + 60] ^= 1;
    write_file(all.data, all.n);
    assert_false(verify(&v, NULL));
    assert_int_equal(v.error_height, where->height);
    assert_int_equal(v.error_offset, where->offset);
    assert_int_equal(v.height, where->height - 1);
    bytes_free(&all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_good),        TEST(test_every_bit),    TEST(test_every_truncation), TEST(test_rebuild_is_exact),
        TEST(test_rehashed),    TEST(test_forged),       TEST(test_wrong_parent),     TEST(test_rewritten),
        TEST(test_rerun), TEST(test_rerun_refuted),      TEST(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
