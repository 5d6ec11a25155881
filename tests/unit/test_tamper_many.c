/* tampering with a chain for many: one field of a certificate, a header or a transaction is altered, and everything is
 * signed again that is the attacker's to sign: the sender's transaction, the proposer's block. Each is refused at its
 * block by the rule that it breaks, by verify and by open. */
#include "test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "tests/unit/many_chain.h"
#include "tests/unit/scroll.h"

#define STATE "its state hash is not what its transactions lead to"
#define DEPOSIT 200

static struct fixture f;
static struct many_chain m;
static struct key *newcomer; /* carol's voting key */
static struct scroll original, work;
static char path[FILE_PATH_MAX];

/* --- the chain --- */

static bool agrees(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    (void)context, (void)s, (void)tx, (void)err;
    return true;
}
static const struct ledger_witness witness = {.check = agrees};

static struct hash send(struct ledger *l, struct tx tx)
{
    struct hash id;
    struct error err = {0};
    if (!ledger_submit(l, &tx, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

static void grow(struct ledger *l, int transactions)
{
    struct bytes tip = {0}, block = {0}, certificate = {0};
    struct hash id;
    struct error err = {0};
    uint64_t height = ledger_height(l) + 1;
    uint32_t round = (uint32_t)(height % 3);
    int who = many_proposer(&m, state_rotation(ledger_state(l)), round);
    struct ledger_block made;
    assert_true(ledger_tip_certificate(l, &tip, NULL));
    if (!ledger_make_block(l, m.voting[who], round, START_US + 1000000 * (int64_t)height, &tip, &witness, &block, &id, &err))
        fail_msg("%s", err.text);
    many_certificate(&m, f.chain_id, height, round, id, MANY_ALL, &certificate);
    if (!ledger_append_block(l, block.data, block.n, &certificate, &err))
        fail_msg("%s", err.text);
    assert_true(ledger_block(l, height, &made));
    assert_int_equal(made.transactions, transactions);
    bytes_free(&tip);
    bytes_free(&block);
    bytes_free(&certificate);
}

static struct tx plain(int who, enum tx_type type, uint64_t amount)
{
    struct tx tx = fixture_tx(&f, who, type);
    tx.stake.amount = amount;
    fixture_sign(&f, who, &tx);
    return tx;
}

static struct tx registration(void)
{
    struct tx tx = fixture_tx(&f, CAROL, TX_REGISTER);
    tx_register_consent(&tx.registration, f.chain_id, key_public_of(f.key[CAROL]), newcomer);
    fixture_sign(&f, CAROL, &tx);
    return tx;
}

static struct tx evidence(void)
{
    struct tx tx = fixture_tx(&f, ALICE, TX_EVIDENCE);
    struct bytes x = {0}, y = {0};
    struct vote a = {.chain = f.chain_id, .step = VOTE_PRECOMMIT, .height = 8, .round = 1, .block = hash_of_text("x")}, b = a;
    b.block = hash_of_text("y");
    vote_sign(&a, newcomer);
    vote_sign(&b, newcomer);
    vote_encode(&a, &x);
    vote_encode(&b, &y);
    bool first = memcmp(x.data, y.data, VOTE_BYTES) < 0;
    tx.evidence.a = first ? a : b;
    tx.evidence.b = first ? b : a;
    fixture_sign(&f, ALICE, &tx);
    bytes_free(&x);
    bytes_free(&y);
    return tx;
}

static struct tx reviewed_task(void)
{
    struct tx tx = fixture_task(&f, ALICE, 10000);
    tx.task.reviewers = tx.task.approvals = 1;
    tx.task.reviewer[0] = f.who[ALICE];
    fixture_sign(&f, ALICE, &tx);
    return tx;
}

/* Bob claims, val and alice have it otherwise: carol challenges, bob answers, val says who is right. Carol registers and signs
 * twice; bob retires. */
static void live(struct ledger *l)
{
    struct fixture_claim c = fixture_claim(1, 550), truth = fixture_claim(2, 500);
    send(l, fixture_transfer(&f, ALICE, CAROL, 50000));
    struct hash task = send(l, reviewed_task());
    grow(l, 2);
    struct hash proposal = send(l, fixture_announce(&f, BOB, task, &c));
    send(l, plain(CAROL, TX_STAKE, 5000));
    grow(l, 2);
    send(l, fixture_propose(&f, BOB, proposal, &c));
    send(l, registration());
    grow(l, 2);
    send(l, fixture_commit(&f, VAL, proposal, &truth.finding));
    send(l, fixture_commit(&f, ALICE, proposal, &truth.finding));
    grow(l, 2);
    grow(l, 0);
    send(l, fixture_open(&f, BOB, proposal, &c));
    grow(l, 1);
    struct hash challenge = send(l, fixture_challenge(&f, CAROL, proposal, 2, 7, DEPOSIT));
    send(l, fixture_reveal(&f, VAL, proposal, &truth.finding));
    grow(l, 2);
    send(l, fixture_respond(&f, BOB, challenge, false));
    grow(l, 1);
    send(l, fixture_verdict(&f, VAL, challenge, true));
    send(l, evidence());
    grow(l, 2);
    send(l, plain(BOB, TX_RETIRE, 0));
    grow(l, 1);
}

static int chain_setup(void **state)
{
    struct error err = {0};
    uint8_t seed[KEY_SEED_BYTES] = {55};
    (void)state;
    fixture_start(&f);
    f.genesis.expiry_blocks = 30;
    f.genesis.reveal_blocks = 6;
    f.genesis.dispute_blocks = 5;
    many_start(&m, &f);
    f.genesis.dispute_blocks = 5;
    f.genesis.unbonding_blocks = 36;
    f.genesis.least_stake = 600;
    fixture_genesis_changed(&f);
    newcomer = key_from_seed("carol-votes", seed);
    if (!ledger_create(f.chain, &f.genesis, &err))
        fail_msg("%s", err.text);
    struct ledger *l = ledger_open(f.chain, true, &err);
    assert_non_null(l);
    live(l);
    ledger_close(l);
    file_join(path, sizeof path, f.chain, "blocks.len");
    assert_true(file_remove(path, NULL)); /* the file has to speak for itself */
    file_join(path, sizeof path, f.chain, "blocks.msc");
    scroll_read(&original, path);
    return 0;
}

static int chain_teardown(void **state)
{
    (void)state;
    scroll_free(&original);
    scroll_free(&work);
    key_free(newcomer);
    many_end(&m);
    fixture_end(&f);
    return 0;
}

/* --- the attacker --- */

static void refused_named(const char *what, int height, const char *rule)
{
    struct ledger_verdict v;
    struct error err;
    char place[64];
    error_clear(&err);
    scroll_write(&work, path);
    bool good = ledger_verify(f.chain, &v, NULL, NULL, NULL, &err);
    uint64_t offset = work.offset[height];
    snprintf(place, sizeof place, "block %d at byte %llu", height, (unsigned long long)offset);
    if (good || !strstr(v.reason, rule) || !strstr(v.reason, place) || v.error_height != (uint64_t)height ||
        v.error_offset != offset || err.kind != ERROR_CHAIN)
        fail_msg("%s: wanted '%s' at block %d, byte %llu; got: %s", what, rule, height, (unsigned long long)offset,
                 good ? "a good chain" : v.reason);
    assert_int_equal(v.height, height - 1);
    struct ledger *l = ledger_open(f.chain, false, &err);
    if (l)
        fail_msg("%s: verify refuses it, but it opens", what);
    assert_non_null(strstr(err.text, rule));
}

static const struct key *owner(const void *public_key)
{
    for (int i = 0; i < MANY_N; i++)
        if (memcmp(key_public_of(m.voting[i]), public_key, KEY_PUBLIC_BYTES) == 0)
            return m.voting[i];
    for (int i = 0; i < WHO_N; i++)
        if (memcmp(key_public_of(f.key[i]), public_key, KEY_PUBLIC_BYTES) == 0)
            return f.key[i];
    fail_msg("nobody's key");
    return NULL;
}

static void sign_page(int height, const struct key *by)
{
    struct page *p = &work.page[height - 1];
    struct key_signature signature;
    memcpy(p->header + AT_PROPOSER, key_public_of(by)->byte, KEY_PUBLIC_BYTES);
    key_sign(by, "morphsmith block", p->header, sizeof p->header, &signature);
    memcpy(p->signature, signature.byte, sizeof p->signature);
}

/* The proposer signs again; what comes behind it is cut off. */
static void reseal(int height)
{
    struct hash was;
    memcpy(was.byte, work.page[height - 1].header + AT_PARENT, HASH_BYTES);
    scroll_reseal(&work, height, true, NULL);
    memcpy(work.page[height - 1].header + AT_PARENT, was.byte, HASH_BYTES);
    sign_page(height, owner(original.page[height - 1].header + AT_PROPOSER));
}

static void test_original(void **state)
{
    struct ledger_verdict v;
    struct error err;
    bool seen[TX_EVIDENCE + TX_OUTCOME] = {false};
    (void)state;
    scroll_copy(&work, &original);
    for (int h = 1; h <= work.pages; h++)
        reseal(h);
    scroll_write(&work, path);
    if (!ledger_verify(f.chain, &v, NULL, NULL, NULL, &err)) /* the attacker's pen writes what the ledger wrote */
        fail_msg("%s", err.text);
    assert_int_equal(v.height, original.pages);
    assert_true(hash_equal(v.head, block_id(original.page[original.pages - 1].header)));
    for (int i = 0; i < original.pages; i++)
        for (int k = 0; k < original.page[i].txs; k++)
            seen[original.page[i].tx[k].data[0]] = true;
    for (int type = TX_REGISTER; type <= TX_VERDICT; type++)
        assert_true(seen[type]);
}

/* --- fields of transactions --- */

#define TX(field) offsetof(struct tx, field)
static const struct {
    enum tx_type type;
    const char *field;
    size_t at;
    uint8_t mask;
    const char *rule;
} table[] = {
    {TX_REGISTER, "voting key", TX(registration.voting), 1, "has not signed"},
    {TX_REGISTER, "consent", TX(registration.consent), 1, "has not signed"},
    {TX_REGISTER, "chain", TX(chain), 1, "it was signed for another chain"},
    {TX_RETIRE, "nonce", TX(nonce), 1, "its nonce is"},
    {TX_RETIRE, "fee", TX(fee), 1, STATE},
    {TX_EVIDENCE, "a's chain", TX(evidence.a.chain), 1, "the votes are of another chain"},
    {TX_EVIDENCE, "a's step", TX(evidence.a.step), 3, "the votes do not contradict each other"},
    {TX_EVIDENCE, "a's height", TX(evidence.a.height), 1, "the votes do not contradict each other"},
    {TX_EVIDENCE, "a's round", TX(evidence.a.round), 2, "the votes do not contradict each other"},
    {TX_EVIDENCE, "a's block", TX(evidence.a.block), 1, "vote: its signature"},
    {TX_EVIDENCE, "a's voting key", TX(evidence.a.voting), 1, "the votes do not contradict each other"},
    {TX_EVIDENCE, "a's signature", TX(evidence.a.signature), 1, "vote: its signature"},
    {TX_EVIDENCE, "b's height", TX(evidence.b.height), 1, "the votes do not contradict each other"},
    {TX_EVIDENCE, "b's round", TX(evidence.b.round), 2, "the votes do not contradict each other"},
    {TX_EVIDENCE, "b's block", TX(evidence.b.block) + 31, 1, "vote: its signature"},
    {TX_EVIDENCE, "b's voting key", TX(evidence.b.voting), 1, "the votes do not contradict each other"},
    {TX_EVIDENCE, "b's signature", TX(evidence.b.signature), 1, "vote: its signature"},
    {TX_CHALLENGE, "proposal", TX(challenge.proposal), 1, "no such proposal"},
    {TX_CHALLENGE, "fold", TX(challenge.fold), 3, STATE},
    {TX_CHALLENGE, "fold, none", TX(challenge.fold), 2, "no leaf 7 of fold 0"},
    {TX_CHALLENGE, "fold, too many", TX(challenge.fold), 1, "no leaf 7 of fold 3"},
    {TX_CHALLENGE, "leaf", TX(challenge.leaf), 1, STATE},
    {TX_CHALLENGE, "leaf, none", TX(challenge.leaf), 7, "no leaf 0 of fold 2"},
    {TX_CHALLENGE, "found", TX(challenge.found), 1, STATE},
    {TX_CHALLENGE, "state", TX(challenge.state), 1, STATE},
    {TX_CHALLENGE, "deposit", TX(challenge.deposit), 1, STATE},
    {TX_CHALLENGE, "deposit, too small", TX(challenge.deposit), 0x80, "the least is 100"},
    {TX_CHALLENGE, "deposit, too large", TX(challenge.deposit) + 4, 1, "balance"},
    {TX_RESPOND, "challenge", TX(respond.challenge), 1, "no such challenge"},
    {TX_RESPOND, "concede", TX(respond.concede), 1, "gives no state"},
    {TX_RESPOND, "object", TX(respond.object), 1, STATE},
    {TX_VERDICT, "challenge", TX(verdict.challenge), 1, "no such challenge"},
    {TX_VERDICT, "upheld", TX(verdict.upheld), 1, STATE},
    {TX_VERDICT, "found", TX(verdict.found), 1, STATE},
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(table); i++) {
        char what[128], place[64];
        int height, at;
        struct tx tx;
        scroll_copy(&work, &original);
        scroll_find(&work, table[i].type, &height, &at);
        struct page *p = &work.page[height - 1];
        assert_true(tx_decode(p->tx[at].data, p->tx[at].n, &tx, NULL));
        ((uint8_t *)&tx)[table[i].at] ^= table[i].mask;
        snprintf(what, sizeof what, "%s's %s", tx_kind_of(table[i].type)->name, table[i].field);
        snprintf(place, sizeof place, "transaction %d: ", at + 1);
        page_put(p, at, &tx);
        refused_named(what, height, "its tx root is not that of its transactions");
        reseal(height);
        refused_named(what, height, place); /* its form, or its signature */
        tx_sign(&tx, owner(&tx.sender));
        page_put(p, at, &tx);
        reseal(height);
        refused_named(what, height, table[i].rule);
        if (strcmp(table[i].rule, STATE) != 0)
            refused_named(what, height, place);
    }
}

/* Left out, or sent by another: bob's acts are bob's. */
static void test_senders(void **state)
{
    (void)state;
    for (int type = TX_REGISTER; type <= TX_VERDICT; type++) {
        int height, at;
        struct tx tx;
        scroll_copy(&work, &original);
        scroll_find(&work, (enum tx_type)type, &height, &at);
        tx_decode(work.page[height - 1].tx[at].data, work.page[height - 1].tx[at].n, &tx, NULL);
        page_drop(&work.page[height - 1], at);
        reseal(height);
        /* Who acts once more in that block then has the wrong nonce; else the state tells. */
        refused_named("left out", height, STATE);
        scroll_copy(&work, &original);
        tx_sign(&tx, newcomer); /* fills in the sender */
        page_put(&work.page[height - 1], at, &tx);
        reseal(height);
        refused_named("another sender", height, tx.nonce == 1 ? "balance" : "its nonce is");
    }
}

/* --- headers: rounds, turns, sets --- */

static void put_u32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static void test_turns(void **state)
{
    (void)state;
    for (int height = 1; height <= original.pages; height++) {
        const uint8_t *turn = original.page[height - 1].header + AT_PROPOSER;
        struct page *p = &work.page[height - 1];
        for (int i = 0; i < MANY_N; i++) {
            if (memcmp(key_public_of(m.voting[i]), turn, KEY_PUBLIC_BYTES) == 0)
                continue;
            scroll_copy(&work, &original);
            sign_page(height, m.voting[i]);
            refused_named("out of turn", height, "it was not its proposer's turn");
        }
        scroll_copy(&work, &original);
        sign_page(height, f.key[BOB]);
        refused_named("an identity", height, "it was not its proposer's turn");
        scroll_copy(&work, &original);
        p->signature[3] ^= 1;
        refused_named("signature", height, "the block's signature is not its proposer's");
        scroll_copy(&work, &original);
        put_u32(p->header + AT_ROUND, ROTATION_ROUND_MOST + 1);
        sign_page(height, owner(turn));
        refused_named("round, too late", height, "it is of round 10001, the last is 10000");
        scroll_copy(&work, &original);
        p->header[AT_VALIDATORS] ^= 1;
        sign_page(height, owner(turn));
        refused_named("validators", height, "its validators hash is not that of the validators behind its parent");
        scroll_copy(&work, &original);
        p->header[AT_CERTIFICATE] ^= 1;
        sign_page(height, owner(turn));
        refused_named("certificate hash", height, "its certificate hash is not that of its certificate");
    }
}

/* In another round it is another's turn, where that is so. */
static void test_rounds(void **state)
{
    int others = 0;
    (void)state;
    for (int height = 1; height <= original.pages; height++)
        for (uint32_t round = 0; round < 3; round++) {
            struct ledger_verdict v;
            struct error err;
            if (round == (uint32_t)(height % 3))
                continue;
            scroll_copy(&work, &original);
            put_u32(work.page[height - 1].header + AT_ROUND, round);
            sign_page(height, owner(work.page[height - 1].header + AT_PROPOSER));
            scroll_write(&work, path);
            assert_false(height < work.pages && ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
            if (height < work.pages && v.error_height == (uint64_t)height) {
                refused_named("another round", height, "it was not its proposer's turn");
                others++;
            }
        }
    assert_true(others > 3);
}

/* --- certificates --- */

/* Form: u64 height, u32 round, 32 block, u32 n, n times 32 key, 64 signature. */
enum { AT_C_HEIGHT = 0, AT_C_ROUND = 8, AT_C_BLOCK = 12, AT_C_N = 44, AT_C_SIGNER = 48, SIGNER = 96 };

static void certified(const char *what, int height, const char *rule)
{
    refused_named(what, height, "certificate"); /* its hash, or itself */
    reseal(height);
    refused_named(what, height, rule);
}

static void made_by(int height, uint64_t of_height, uint32_t round, struct hash block, unsigned mask)
{
    scroll_copy(&work, &original);
    many_certificate(&m, f.chain_id, of_height, round, block, mask, &work.page[height - 1].certificate);
}

static void test_certificates(void **state)
{
    (void)state;
    for (int height = 2; height <= original.pages; height++) {
        struct bytes *c = &work.page[height - 1].certificate;
        uint64_t parent = (uint64_t)height - 1;
        uint32_t round = (uint32_t)(parent % 3);
        struct hash id = block_id(original.page[height - 2].header), other = hash_of_text("other");
        scroll_copy(&work, &original);
        c->data[AT_C_HEIGHT] ^= 0x10;
        certified("height", height, "its certificate is not for the block before");
        scroll_copy(&work, &original);
        c->data[AT_C_BLOCK] ^= 1;
        certified("block", height, "its certificate is not for the block before");
        scroll_copy(&work, &original);
        c->data[AT_C_ROUND] += 4;
        certified("round", height, "a signature of its certificate is not that of the voting key beside it");
        scroll_copy(&work, &original);
        c->data[AT_C_N] = 0;
        certified("n, none", height, "certificate: malformed");
        scroll_copy(&work, &original);
        c->data[AT_C_N]--;
        certified("n, one less", height, "certificate: malformed");
        for (int i = 0; i < 3; i++) {
            scroll_copy(&work, &original);
            c->data[AT_C_SIGNER + SIGNER * i + 40] ^= 1;
            certified("signature", height, "a signature of its certificate is not that of the voting key beside it");
            scroll_copy(&work, &original);
            c->data[AT_C_SIGNER + SIGNER * i + 31] ^= 1;
            certified("voting key", height, "is no validator at height");
        }
        scroll_copy(&work, &original);
        memcpy(c->data + AT_C_SIGNER, c->data + AT_C_SIGNER + SIGNER, SIGNER);
        certified("a signer twice", height, "its signers are not in order, or one stands there twice");
        scroll_copy(&work, &original);
        c->n = 0;
        certified("none", height, "certificate: malformed");
        /* Truly signed, but not what is wanted. */
        if (round > 0) {
            made_by(height, parent, round - 1, id, MANY_ALL);
            certified("of an earlier round", height, "but the block before was made in round");
        }
        made_by(height, parent, round, other, MANY_ALL);
        certified("of another block", height, "its certificate is not for the block before");
        made_by(height, parent + 1, round, id, MANY_ALL);
        certified("of another height", height, "its certificate is not for the block before");
        made_by(height, parent, round, id, 1u << MANY_BOB | 1u << MANY_ALICE);
        certified("of half of the power", height, "not more than two thirds");
    }
    scroll_copy(&work, &original);
    bytes_put(&work.page[0].certificate, original.page[1].certificate.data, original.page[1].certificate.n);
    certified("of genesis", 1, "genesis behind it needs none");
}

/* A block that was altered within the rules is another one than the certificate behind it is of. */
static void test_certified(void **state)
{
    int others = 0;
    (void)state;
    for (int height = 1; height < original.pages; height++) {
        struct ledger_verdict v;
        struct error err;
        scroll_copy(&work, &original);
        work.page[height - 1].header[AT_TIME] ^= 1;
        sign_page(height, owner(work.page[height - 1].header + AT_PROPOSER));
        scroll_reseal(&work, height + 1, false, NULL);
        sign_page(height + 1, owner(work.page[height].header + AT_PROPOSER));
        scroll_write(&work, path);
        assert_false(ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
        if (v.error_height == (uint64_t)height) { /* what began then is written with its time */
            refused_named("another time", height, STATE);
            continue;
        }
        refused_named("another block than was voted for", height + 1, "its certificate is not for the block before");
        others++;
    }
    assert_true(others >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_original), cmocka_unit_test(test_fields),       cmocka_unit_test(test_senders),
        cmocka_unit_test(test_turns),    cmocka_unit_test(test_rounds),       cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_certified),
    };
    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
