/* tampering: an attacker alters one field, or drops, doubles and moves things, and makes all hashes and signatures fit that
 * are theirs to make. Each is refused at its block by the rule that it breaks, by verify and by open. */
#include "test_support.h"

#include "tamper_chain.h"

#include "base/memory.h"

static struct tamper chain;    /* what all start from */
static struct scroll original; /* its file */
static struct scroll work;

static int chain_setup(void **state)
{
    (void)state;
    tamper_start(&chain, "tamper", false);
    scroll_read(&original, chain.path);
    return 0;
}

static int chain_teardown(void **state)
{
    (void)state;
    scroll_free(&original);
    scroll_free(&work);
    tamper_end(&chain);
    return 0;
}

static void refused_named(const char *what, int height, const char *rule)
{
    struct ledger_verdict v;
    struct error err;
    scroll_write(&work, chain.path);
    error_clear(&err);
    bool good = ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err);
    char place[64];
    uint64_t offset = height <= work.pages ? work.offset[height] : 0;
    snprintf(place, sizeof place, "block %d at byte %llu", height, (unsigned long long)offset);
    if (good || !strstr(v.reason, rule) || !strstr(v.reason, place) || v.error_height != (uint64_t)height ||
        v.error_offset != offset || err.kind != ERROR_CHAIN)
        fail_msg("%s: wanted '%s' at block %d, byte %llu; got: %s", what, rule, height, (unsigned long long)offset,
                 good ? "a good chain" : v.reason);
    assert_int_equal(v.height, height - 1); /* all before it is good */
    struct ledger *l = ledger_open(chain.chain, false, &err);
    if (l)
        fail_msg("%s: verify refuses it, but it opens", what);
    assert_non_null(strstr(err.text, rule));
}

static void test_original(void **state)
{
    struct ledger_verdict v;
    struct error err;
    bool seen[TX_HOLDOUT + 1] = {false};
    (void)state;
    scroll_copy(&work, &original);
    scroll_write(&work, chain.path);
    assert_true(ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err));
    assert_int_equal(v.height, original.pages);
    for (int i = 0; i < original.pages; i++)
        for (int k = 0; k < original.page[i].txs; k++)
            if (original.page[i].tx[k].data[0] <= TX_HOLDOUT)
                seen[original.page[i].tx[k].data[0]] = true;
    for (int type = TX_TRANSFER; type <= TX_HOLDOUT; type++)
        assert_true(seen[type]);
    /* The attacker's own pen writes what the ledger wrote. */
    scroll_reseal(&work, 1, true, chain.key[VOTE]);
    for (int i = 0; i < original.pages; i++) {
        assert_memory_equal(work.page[i].header, original.page[i].header, BLOCK_HEADER_BYTES);
        assert_memory_equal(work.page[i].signature, original.page[i].signature, KEY_SIGNATURE_BYTES);
    }
    static const struct {
        int i;
        enum proposal_state end;
    } end[] = {{0, PROPOSAL_ACCEPTED}, {1, PROPOSAL_REJECTED}, {2, PROPOSAL_REFUTED}};
    struct ledger *l = ledger_open(chain.chain, false, &err);
    assert_non_null(l);
    for (size_t k = 0; k < 3; k++) {
        const struct state_proposal *p = state_proposal_find(ledger_state(l), chain.proposal[end[k].i]);
        assert_non_null(p);
        assert_int_equal(p->state, end[k].end);
    }
    ledger_close(l);
}

/* --- fields of transactions --- */

#define STATE "its state hash is not what its transactions lead to"
#define TX(field) offsetof(struct tx, field)

/* One field of one kind: the byte at `at` is changed by `mask`; when the sender and the validator sign what comes of it,
 * `rule` is broken. */
struct row {
    enum tx_type type;
    const char *field;
    size_t at;
    uint8_t mask;
    const char *rule;
};

static const struct row table[] = {
    {TX_TRANSFER, "chain", TX(chain), 1, "it was signed for another chain"},
    {TX_TRANSFER, "nonce, doubled", TX(nonce), 3, "its nonce is 1, the account's next is 2"},
    {TX_TRANSFER, "nonce, ahead", TX(nonce), 1, "its nonce is 3, the account's next is 2"},
    {TX_TRANSFER, "fee, too small", TX(fee), 2, "its fee is 8, the least is 10"},
    {TX_TRANSFER, "fee, too large", TX(fee) + 5, 0x80, "but the balance is"},
    {TX_TRANSFER, "fee", TX(fee), 1, STATE},
    {TX_TRANSFER, "to", TX(transfer.to), 1, STATE},
    {TX_TRANSFER, "amount", TX(transfer.amount), 1, STATE},
    {TX_TRANSFER, "amount, none", TX(transfer.amount), 200, "the amount is 0"},
    {TX_TRANSFER, "amount, too large", TX(transfer.amount) + 7, 0xff, "the balance is"},
    {TX_STAKE, "amount", TX(stake.amount), 1, STATE},
    {TX_STAKE, "amount, none", TX(stake.amount), 100, "the amount is 0"},
    {TX_STAKE, "amount, too large", TX(stake.amount) + 7, 0xff, "the balance is"},
    {TX_UNSTAKE, "amount", TX(stake.amount), 1, STATE},
    {TX_UNSTAKE, "amount, none", TX(stake.amount), 40, "the amount is 0"},
    {TX_UNSTAKE, "amount, too large", TX(stake.amount), 0x80, "only 100 are staked"},
    {TX_TASK, "dataset", TX(task.dataset), 1, STATE},
    {TX_TASK, "text", TX(task.text), 1, STATE},
    {TX_TASK, "recipe", TX(task.recipe), 1, STATE},
    {TX_TASK, "numeric", TX(task.numeric), 1, STATE},
    {TX_TASK, "numeric, no letter", TX(task.numeric), 0x80, "malformed"},
    {TX_TASK, "folds", TX(task.folds), 1, STATE},
    {TX_TASK, "folds, none", TX(task.folds), 2, "it needs at least one fold"},
    {TX_TASK, "pool", TX(task.pool), 1, STATE},
    {TX_TASK, "pool, too large", TX(task.pool) + 7, 0xff, "the balance is"},
    {TX_TASK, "min_improvement", TX(task.min_improvement_ppm), 1, STATE},
    {TX_TASK, "min_improvement, too large", TX(task.min_improvement_ppm) + 2, 0x80, "malformed"},
    {TX_TASK, "full_pay", TX(task.full_pay_ppm), 1, STATE},
    {TX_TASK, "full_pay, too large", TX(task.full_pay_ppm) + 2, 0x80, "malformed"},
    {TX_TASK, "baseline", TX(task.baseline_ppm), 1, STATE},
    {TX_TASK, "baseline, too large", TX(task.baseline_ppm) + 3, 1, "malformed"},
    {TX_TASK, "reviewer", TX(task.reviewer), 1, STATE},
    {TX_TASK, "reviewers, one less", TX(task.reviewers), 3, STATE},
    {TX_TASK, "reviewers, none", TX(task.reviewers), 2, STATE},
    {TX_TASK, "approvals", TX(task.approvals), 3, STATE},
    {TX_TASK, "approvals, none", TX(task.approvals), 1, "task: 0 approvals by 2 reviewers"},
    {TX_TASK, "approvals, too many", TX(task.approvals), 2, "task: 3 approvals by 2 reviewers"},
    {TX_ANNOUNCE, "task", TX(announce.task), 1, "its task is not on this chain"},
    {TX_ANNOUNCE, "stake", TX(announce.stake), 1, STATE},
    {TX_ANNOUNCE, "stake, none", TX(announce.stake), 200, "the amount is 0"},
    {TX_ANNOUNCE, "stake, too large", TX(announce.stake) + 7, 0xff, "the balance is"},
    {TX_ANNOUNCE, "commitment", TX(announce.commitment), 1, STATE},
    {TX_PROPOSE, "proposal", TX(propose.proposal), 1, "there is no such proposal"},
    {TX_PROPOSE, "salt", TX(propose.salt), 1, "it is not what was announced"},
    {TX_PROPOSE, "parent", TX(propose.parent), 1, "it is not what was announced"},
    {TX_PROPOSE, "morphisms", TX(propose.morphisms), 1, "it is not what was announced"},
    {TX_PROPOSE, "arch", TX(propose.arch), 1, "it is not what was announced"},
    {TX_PROPOSE, "folds", TX(propose.counts.folds), 1, "it is not what was announced"},
    {TX_PROPOSE, "correct", TX(propose.counts.correct), 1, "it is not what was announced"},
    {TX_PROPOSE, "total", TX(propose.counts.total), 1, "it is not what was announced"},
    {TX_PROPOSE, "hidden root", TX(propose.hidden_root), 1, "it is not what was announced"},
    {TX_PROPOSE, "evidence", TX(propose.evidence), 1, "it is not what was announced"},
    {TX_COMMIT, "proposal", TX(commit.proposal), 1, "there is no such proposal"},
    {TX_COMMIT, "commitment", TX(commit.commitment), 1, STATE},
    {TX_REVEAL, "proposal", TX(reveal.proposal), 1, "there is no such proposal"},
    {TX_REVEAL, "salt", TX(reveal.salt), 1, "it is not what the sender committed to"},
    {TX_REVEAL, "folds", TX(reveal.finding.counts.folds), 1, "it is not what the sender committed to"},
    {TX_REVEAL, "correct", TX(reveal.finding.counts.correct), 1, "it is not what the sender committed to"},
    {TX_REVEAL, "total", TX(reveal.finding.counts.total), 1, "it is not what the sender committed to"},
    {TX_REVEAL, "trace root", TX(reveal.finding.trace_root), 1, "it is not what the sender committed to"},
    {TX_REVEAL, "weights", TX(reveal.finding.weights), 1, "it is not what the sender committed to"},
    {TX_OPEN, "proposal", TX(open.proposal), 1, "there is no such proposal"},
    {TX_OPEN, "salt", TX(open.salt), 1, "are not those that were claimed"},
    {TX_OPEN, "trace root", TX(open.trace_root), 1, "are not those that were claimed"},
    {TX_OPEN, "weights", TX(open.weights), 1, "are not those that were claimed"},
    {TX_OPEN, "leaves", TX(open.leaves), 1, STATE},
    {TX_APPROVE, "proposal", TX(decide.proposal), 1, "there is no such proposal"},
    {TX_APPROVE, "shown", TX(decide.shown), 1, "what was shown to the reviewer is not what the proposal has"},
    {TX_APPROVE, "re-run root", TX(decide.rerun_root), 1, STATE},
    {TX_APPROVE, "reason", TX(decide.reason), 1, STATE},
    {TX_APPROVE, "reason, no UTF-8", TX(decide.reason), 0x80, "malformed"},
    {TX_REJECT, "proposal", TX(decide.proposal), 1, "there is no such proposal"},
    {TX_REJECT, "shown", TX(decide.shown), 1, "what was shown to the reviewer is not what the proposal has"},
    {TX_REJECT, "re-run root", TX(decide.rerun_root), 1, STATE},
    {TX_REJECT, "reason", TX(decide.reason), 1, STATE},
    {TX_HOLDOUT, "task", TX(holdout.task), 1, "its task is not on this chain"},
    {TX_HOLDOUT, "arch", TX(holdout.arch), 1, STATE},
    {TX_HOLDOUT, "weights", TX(holdout.weights), 1, STATE},
    {TX_HOLDOUT, "correct", TX(holdout.correct), 1, STATE},
    {TX_HOLDOUT, "correct, more than there are", TX(holdout.correct), 0x80, "176 correct of 100"},
    {TX_HOLDOUT, "total, none", TX(holdout.total), 100, "there are no predictions"},
    {TX_HOLDOUT, "total", TX(holdout.total), 1, STATE},
    {TX_HOLDOUT, "evidence", TX(holdout.evidence), 1, STATE},
    {TX_LIST, "object", TX(list.object), 1, STATE},
    {TX_LIST, "content", TX(list.content), 1, STATE},
    {TX_LIST, "commitment", TX(list.commitment), 1, STATE},
    {TX_LIST, "price", TX(list.price), 1, STATE},
    {TX_LIST, "price, none", TX(list.price), 200, "a price is 1 to"},
    {TX_LIST, "price, too large", TX(list.price) + 5, 0x80, "a price is 1 to"},
    {TX_LIST, "deliver_blocks", TX(list.deliver_blocks), 2, STATE},
    {TX_LIST, "deliver_blocks, none", TX(list.deliver_blocks), 1, "at least one block"},
    {TX_LIST, "deliver_seconds", TX(list.deliver_seconds), 1, STATE},
    {TX_LIST, "title", TX(list.title), 1, STATE},
    {TX_LIST, "title, no UTF-8", TX(list.title), 0x80, "malformed"},
    {TX_LIST, "title, a control character", TX(list.title), 0x60, "malformed"},
    {TX_BUY, "listing", TX(buy.listing), 1, "there is no such listing"},
    {TX_DELIVER, "listing", TX(deliver.listing), 1, "there is no such listing"},
    {TX_DELIVER, "key", TX(deliver.key), 1, "not the key that the listing promises"},
    {TX_REFUND, "of", TX(refund.of), 1, "there is no such listing and no such job"},
    {TX_SEAL, "task", TX(seal.task), 1, "its task is not on this chain"},
    {TX_SEAL, "first", TX(seal.first), 2, STATE},
    {TX_SEAL, "first, none", TX(seal.first), 1, "malformed"},
    {TX_SEAL, "first, too far", TX(seal.first) + 2, 1, "bars ahead"},
    {TX_SEAL, "n", TX(seal.n), 1, STATE},
    {TX_SEAL, "n, none", TX(seal.n), 2, "malformed"},
    {TX_SEAL, "n, too many", TX(seal.n), 0x40, "malformed"},
    {TX_SEAL, "commitment", TX(seal.commitment), 1, STATE},
    {TX_REVEAL_SEAL, "seal", TX(reveal_seal.seal), 1, "there is no such seal"},
    {TX_REVEAL_SEAL, "salt", TX(reveal_seal.salt), 1, "not the predictions that were sealed"},
    {TX_REVEAL_SEAL, "up", TX(reveal_seal.up), 1, "not the predictions that were sealed"},
    {TX_REVEAL_SEAL, "up, a bar too many", TX(reveal_seal.up), 4, "more bars than were sealed"},
    {TX_OUTCOME, "task", TX(outcome.task), 1, "its task is not on this chain"},
    {TX_OUTCOME, "first", TX(outcome.first), 2, "the next one is 1"},
    {TX_OUTCOME, "first, none", TX(outcome.first), 1, "malformed"},
    {TX_OUTCOME, "n", TX(outcome.n), 3, STATE},
    {TX_OUTCOME, "n, none", TX(outcome.n), 2, "malformed"},
    {TX_OUTCOME, "until", TX(outcome.until_us), 1, STATE},
    {TX_OUTCOME, "until, backwards", TX(outcome.until_us) + 2, 1, "run backwards"},
    {TX_OUTCOME, "until, before all time", TX(outcome.until_us) + 7, 0x80, "malformed"},
    {TX_OUTCOME, "object", TX(outcome.object), 1, STATE},
    {TX_OUTCOME, "up", TX(outcome.up), 2, STATE},
    {TX_OUTCOME, "up, of no bar", TX(outcome.up), 4, "malformed"},
    {TX_OUTCOME, "none", TX(outcome.none), 2, STATE},
    {TX_OUTCOME, "none, of one that goes up", TX(outcome.none), 1, "malformed"},
};

static int sender_of(const struct tx *tx)
{
    for (int i = 0; i < TAMPER_KEYS; i++)
        if (memcmp(&tx->sender, key_public_of(chain.key[i]), sizeof tx->sender) == 0)
            return i;
    fail_msg("nobody's transaction");
    return -1;
}

static void each_depth(const struct row *r, const char *what, int height, int at, struct tx *tx)
{
    struct page *p = &work.page[height - 1];
    char place[64], rule[256];
    bool formless = strstr(r->rule, "malformed") != NULL; /* found out before the signature */
    snprintf(place, sizeof place, "transaction %d: ", at + 1);
    snprintf(rule, sizeof rule, "%s%s", place, formless ? "transaction" : "transaction: its signature is not the sender's");

    page_put(p, at, tx);
    scroll_reseal(&work, height + 1, false, NULL);
    refused_named(what, height, "its tx root is not that of its transactions");
    scroll_reseal(&work, height, true, NULL);
    refused_named(what, height, "the block's signature is not its proposer's");
    scroll_reseal(&work, height, true, chain.key[MALLORY]);
    refused_named(what, height, "its proposer's key is no validator's voting key");
    scroll_reseal(&work, height, true, chain.key[VOTE]);
    refused_named(what, height, rule);
    tx_sign(tx, chain.key[sender_of(tx)]);
    page_put(p, at, tx);
    scroll_reseal(&work, height, true, chain.key[VOTE]);
    refused_named(what, height, r->rule);
    if (strcmp(r->rule, STATE) != 0)
        refused_named(what, height, place);
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(table); i++) {
        const struct row *r = &table[i];
        char what[128];
        int height, at;
        struct tx tx;
        scroll_copy(&work, &original);
        scroll_find(&work, r->type, &height, &at);
        const struct bytes *b = &work.page[height - 1].tx[at];
        assert_true(tx_decode(b->data, b->n, &tx, NULL));
        ((uint8_t *)&tx)[r->at] ^= r->mask;
        snprintf(what, sizeof what, "%s's %s", tx_kind_of(r->type)->name, r->field);
        each_depth(r, what, height, at, &tx);
    }
}

/* Kind, sender and signature are no fields of a kind. */
static void test_envelope(void **state)
{
    struct tx tx;
    int height, at;
    (void)state;
    for (int type = TX_TRANSFER; type <= TX_OUTCOME; type++) {
        if ((type > TX_HOLDOUT && type < TX_LIST) || (type > TX_REFUND && type < TX_SEAL))
            continue; /* not on a closed chain */
        scroll_copy(&work, &original);
        scroll_find(&work, (enum tx_type)type, &height, &at);
        struct page *p = &work.page[height - 1];
        p->tx[at].data[1] ^= 0x40;
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("another kind", height, "is not known to this version");
        p->tx[at].data[1] ^= 0x40;
        p->tx[at].data[p->tx[at].n - 1] ^= 1;
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("another signature", height, "its signature is not the sender's");
        p->tx[at].data[p->tx[at].n - 1] ^= 1;
        bytes_put_u8(&p->tx[at], 0);
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("a byte more", height, "transaction");
        p->tx[at].n -= 2;
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("a byte less", height, "transaction");
        p->tx[at].n++;
        assert_true(tx_decode(p->tx[at].data, p->tx[at].n, &tx, NULL));
        tx_sign(&tx, chain.key[MALLORY]); /* fills in the sender */
        page_put(p, at, &tx);
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("another sender", height, tx.nonce == 1 ? "but the balance is 0" : "the account's next is 1");
    }
}

/* --- fields of headers --- */

static const struct {
    const char *field;
    int at;
    uint8_t mask;
    const char *rule;  /* signed by the validator */
    const char *alone; /* not signed again, if that is found out by another rule */
} header[] = {
    {"chain", AT_CHAIN, 1, "it was made for another chain", "it was made for another chain"},
    {"height", AT_HEIGHT, 1, "its header says height 2", "its header says height 2"},
    {"round", AT_ROUND, 1, "it is of round 1", "it is of round 1"},
    {"time", AT_TIME, 1, STATE, NULL},
    {"time, before the parent's", AT_TIME + 4, 0x10, "behind its parent's", "behind its parent's"},
    {"time, after 9999", AT_TIME + 7, 0x10, "its time is before 1970 or after 9999", "after 9999"},
    {"parent", AT_PARENT, 1, "it names another parent", "it names another parent"},
    {"tx root", AT_TX_ROOT, 1, "its tx root is not that of its transactions", "its tx root"},
    {"validators", AT_VALIDATORS, 1, "its validators hash is not that", "its validators hash"},
    {"certificate hash", AT_CERTIFICATE, 1, "its certificate hash is not that", "its certificate hash"},
    {"state", AT_STATE, 1, STATE, NULL},
    {"transactions", AT_TRANSACTIONS, 1, "malformed", "malformed"},
};

static void sign_page(struct page *p, const struct key *by)
{
    struct key_signature signature;
    key_sign(by, "morphsmith block", p->header, sizeof p->header, &signature);
    memcpy(p->signature, signature.byte, sizeof p->signature);
}

static void test_headers(void **state)
{
    (void)state;
    for (int height = 1; height <= original.pages; height++)
        for (size_t i = 0; i < ARRAY_N(header); i++) {
            struct page *p = &work.page[height - 1];
            char rule[64];
            scroll_copy(&work, &original);
            p->header[header[i].at] ^= header[i].mask;
            snprintf(rule, sizeof rule, "%s", header[i].alone ? header[i].alone
                                                              : "the block's signature is not its proposer's");
            if (strstr(rule, "height 2"))
                snprintf(rule, sizeof rule, "its header says height %d", height ^ 1);
            scroll_reseal(&work, height + 1, false, NULL);
            refused_named(header[i].field, height, rule);
            sign_page(p, chain.key[VOTE]);
            scroll_reseal(&work, height + 1, true, chain.key[VOTE]);
            if (i != 1)
                snprintf(rule, sizeof rule, "%s", header[i].rule);
            /* Time moves deadlines only where something falls due: elsewhere it makes another chain, a good one. */
            if (header[i].at == AT_TIME && header[i].mask == 1)
                continue;
            refused_named(header[i].field, height, rule);
        }
}

static void test_proposer(void **state)
{
    (void)state;
    for (int height = 1; height <= original.pages; height++) {
        struct page *p = &work.page[height - 1];
        scroll_copy(&work, &original);
        p->header[AT_PROPOSER] ^= 1;
        scroll_reseal(&work, height + 1, false, NULL);
        refused_named("proposer", height, "its proposer's key is no validator's voting key");
        scroll_copy(&work, &original); /* the identity is not the voting key */
        scroll_reseal(&work, height, true, chain.key[VAL]);
        refused_named("identity", height, "its proposer's key is no validator's voting key");
        scroll_copy(&work, &original);
        p->signature[0] ^= 1;
        scroll_reseal(&work, height + 1, false, NULL);
        refused_named("signature", height, "the block's signature is not its proposer's");
        scroll_copy(&work, &original);
        sign_page(p, chain.key[MALLORY]);
        scroll_reseal(&work, height + 1, false, NULL);
        refused_named("another's signature", height, "the block's signature is not its proposer's");
        scroll_copy(&work, &original);
        bytes_put(&p->certificate, "votes", 5);
        scroll_reseal(&work, height, true, chain.key[VOTE]);
        refused_named("certificate", height, "it brings a certificate");
    }
}

/* Genesis is the chain's name: whatever is altered there, block 1 is another chain's. */
static void test_genesis(void **state)
{
    struct ledger_verdict v;
    struct error err;
    (void)state;
    for (size_t i = 0; i < original.genesis.n; i++) {
        scroll_copy(&work, &original);
        work.genesis.data[i] ^= 1;
        scroll_reseal(&work, 2, false, chain.key[VOTE]);
        scroll_write(&work, chain.path);
        assert_false(ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err));
        assert_int_equal(err.kind, ERROR_CHAIN);
        if (v.error_height != 0 && (v.error_height != 1 || !strstr(v.reason, "it was made for another chain")))
            fail_msg("genesis byte %zu: %s", i, v.reason);
        if (v.error_height == 0 && !strstr(v.reason, "block 0 at byte 0: genesis"))
            fail_msg("genesis byte %zu: %s", i, v.reason);
    }
}

/* --- dropping, doubling, moving --- */

/* What becomes of block `height`, if it is sealed again with what stands in `work`. */
static void sealed_again(const char *what, int height, const char *rule)
{
    scroll_reseal(&work, height + 1, false, NULL);
    refused_named(what, height, "its tx root is not that of its transactions");
    scroll_reseal(&work, height, true, chain.key[MALLORY]);
    refused_named(what, height, "its proposer's key is no validator's voting key");
    scroll_reseal(&work, height, true, chain.key[VOTE]);
    refused_named(what, height, rule);
}

static void test_transactions_moved(void **state)
{
    struct bytes tx;
    (void)state;
    /* Block 1: alice's task 1, transfers 2 and 3; bob's stake 1. The root says so even where only the count is the same. */
    struct page *p = &work.page[0];
    scroll_copy(&work, &original);
    page_drop(p, 0);
    scroll_reseal(&work, 2, false, NULL);
    refused_named("dropped, count kept", 1, "malformed");
    scroll_reseal(&work, 1, true, chain.key[VOTE]);
    refused_named("dropped", 1, "transaction 1: transaction: its nonce is 2, the account's next is 1");
    scroll_copy(&work, &original);
    page_drop(p, 3);
    scroll_reseal(&work, 1, true, chain.key[VOTE]);
    refused_named("the last one dropped", 1, STATE);
    scroll_copy(&work, &original);
    page_insert(p, 1, &p->tx[0]);
    scroll_reseal(&work, 1, true, chain.key[VOTE]);
    refused_named("doubled", 1, "transaction 2: transaction: its nonce is 1, the account's next is 2");
    scroll_copy(&work, &original);
    tx = p->tx[1], p->tx[1] = p->tx[2], p->tx[2] = tx;
    sealed_again("reordered", 1, "transaction 2: transaction: its nonce is 3, the account's next is 2");
    scroll_copy(&work, &original);
    page_drop(&work.page[3], 0);
    page_insert(&work.page[4], 0, &original.page[3].tx[0]);
    scroll_reseal(&work, 4, true, chain.key[VOTE]);
    refused_named("moved to the next block", 4, "the proposer has not opened the claim yet");
    scroll_copy(&work, &original);
    page_insert(&work.page[1], work.page[1].txs, &original.page[2].tx[0]);
    page_drop(&work.page[2], 0);
    scroll_reseal(&work, 2, true, chain.key[VOTE]);
    refused_named("moved to the block before", 2, "its announcement must be in an earlier block");
}

static void renumber(struct scroll *s)
{
    for (int i = 0; i < s->pages; i++)
        s->page[i].header[AT_HEIGHT] = (uint8_t)(i + 1);
}

static void swap_pages(struct scroll *s, int a, int b)
{
    struct page p = s->page[a];
    s->page[a] = s->page[b];
    s->page[b] = p;
}

static void test_blocks_moved(void **state)
{
    /* What is wrong with the later one's transactions when they come first; an empty or a harmless one leads to another
     * state than it says. */
    static const char *const rule[] = {"its nonce is 2, the account's next is 1",
                                       "its nonce is 3, the account's next is 2",
                                       "its nonce is 4, the account's next is 3",
                                       "the proposer has not opened the claim yet",
                                       STATE,
                                       STATE,
                                       STATE,
                                       "there is no such listing",
                                       "the account's next is"};
    (void)state;
    assert_int_equal(ARRAY_N(rule), original.pages - 1);
    for (int height = 1; height < original.pages; height++) {
        scroll_copy(&work, &original);
        swap_pages(&work, height - 1, height);
        char said[64];
        snprintf(said, sizeof said, "its header says height %d", height + 1);
        refused_named("swapped", height, said);
        renumber(&work);
        refused_named("swapped and numbered again", height, "it names another parent");
        scroll_reseal(&work, height, false, NULL);
        refused_named("swapped, with parents", height, "the block's signature is not its proposer's");
        scroll_reseal(&work, height, false, chain.key[MALLORY]);
        refused_named("swapped and sealed by another", height, "its proposer's key is no validator's voting key");
        scroll_reseal(&work, height, false, chain.key[VOTE]);
        refused_named("swapped and sealed", height, rule[height - 1]);
    }
}

static void test_blocks_dropped(void **state)
{
    (void)state;
    for (int height = 1; height < original.pages; height++) {
        char said[64];
        scroll_copy(&work, &original);
        for (int i = height - 1; i + 1 < work.pages; i++)
            swap_pages(&work, i, i + 1);
        work.pages--;
        snprintf(said, sizeof said, "its header says height %d", height + 1);
        refused_named("dropped", height, said);
        renumber(&work);
        refused_named("dropped and numbered again", height, "it names another parent");
        work.pages = original.pages; /* its memory */
    }
}

static void later(struct page *p)
{
    struct bytes_reader r = bytes_read(p->header + AT_TIME, 8);
    uint64_t time_us = (uint64_t)bytes_get_i64(&r) + 1000000;
    for (int i = 0; i < 8; i++)
        p->header[AT_TIME + i] = (uint8_t)(time_us >> (8 * i));
}

static void test_blocks_doubled(void **state)
{
    (void)state;
    for (int height = 1; height <= original.pages; height++) {
        char said[64];
        static struct scroll spare;
        scroll_copy(&work, &original);
        scroll_copy(&spare, &original);
        work.pages++;
        for (int i = work.pages - 1; i >= height; i--) {
            struct page p = work.page[i];
            work.page[i] = spare.page[i - 1];
            spare.page[i - 1] = p;
        }
        snprintf(said, sizeof said, "its header says height %d", height);
        refused_named("doubled", height + 1, said);
        renumber(&work);
        refused_named("doubled and numbered again", height + 1, "it names another parent");
        scroll_reseal(&work, height + 1, true, chain.key[VOTE]);
        refused_named("doubled and sealed", height + 1, "its time is 0 us behind its parent's");
        later(&work.page[height]);
        scroll_reseal(&work, height + 1, true, chain.key[VOTE]);
        refused_named("doubled and sealed, later", height + 1, work.page[height].txs ? "the account's next is" : STATE);
        scroll_free(&spare);
        memset(&spare, 0, sizeof spare);
    }
}

/* --- another chain --- */

static void test_replayed(void **state)
{
    static struct tamper other;
    static struct scroll theirs;
    (void)state;
    tamper_start(&other, "other", false); /* the same people and the same acts */
    scroll_read(&theirs, other.path);
    for (int height = 1; height <= original.pages; height++) {
        struct page *p = &work.page[height - 1];
        const struct page *q = &theirs.page[height - 1];
        scroll_copy(&work, &original);
        for (int i = 0; i < p->txs; i++) {
            bytes_clear(&p->tx[i]);
            bytes_put(&p->tx[i], q->tx[i].data, q->tx[i].n);
        }
        if (p->txs) {
            scroll_reseal(&work, height, true, chain.key[VOTE]);
            refused_named("transactions of another chain", height, "transaction 1: transaction: it was signed for another chain");
        }
        memcpy(p->header, q->header, sizeof p->header);
        memcpy(p->signature, q->signature, sizeof p->signature);
        scroll_reseal(&work, height + 1, false, NULL);
        refused_named("block of another chain", height, "it was made for another chain");
        scroll_copy(&work, &original);
    }
    scroll_free(&theirs);
    tamper_end(&other);
}

/* --- what no file can show of itself --- */

static void test_rewritten(void **state)
{
    static struct tamper other;
    static struct scroll theirs;
    struct ledger_verdict v;
    struct error err;
    struct ledger_head head = {0};
    (void)state;
    /* The validator seals another history under the same genesis: good in itself, but not what was seen. */
    scroll_copy(&work, &original);
    scroll_write(&work, chain.path);
    assert_true(ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err));
    head.height = v.height;
    head.id = v.head;
    tamper_start(&other, "tamper", false);
    scroll_read(&theirs, other.path);
    scroll_copy(&work, &theirs);
    struct page *last = &work.page[work.pages - 1];
    last->header[AT_TIME] ^= 1;
    scroll_reseal(&work, work.pages, true, chain.key[VOTE]);
    scroll_write(&work, chain.path);
    bool good = ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err);
    if (!good)
        fail_msg("an empty block a microsecond later: %s", v.reason);
    assert_false(ledger_verify_against(chain.chain, &v, &head, NULL, NULL, NULL, &err));
    assert_non_null(strstr(v.reason, "another block was remembered here: the chain was rewritten"));
    assert_int_equal(v.error_height, work.pages);
    /* Cut exactly behind a block. */
    scroll_copy(&work, &original);
    work.pages--;
    scroll_write(&work, chain.path);
    assert_true(ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err));
    assert_false(ledger_verify_against(chain.chain, &v, &head, NULL, NULL, NULL, &err));
    assert_non_null(strstr(v.reason, "blocks were cut away"));
    assert_int_equal(err.kind, ERROR_CHAIN);
    work.pages++;
    scroll_free(&theirs);
    tamper_end(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_original),           cmocka_unit_test(test_fields),
        cmocka_unit_test(test_envelope),           cmocka_unit_test(test_headers),
        cmocka_unit_test(test_proposer),           cmocka_unit_test(test_genesis),
        cmocka_unit_test(test_transactions_moved), cmocka_unit_test(test_blocks_moved),
        cmocka_unit_test(test_blocks_dropped),     cmocka_unit_test(test_blocks_doubled),
        cmocka_unit_test(test_replayed),           cmocka_unit_test(test_rewritten),
    };
    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
