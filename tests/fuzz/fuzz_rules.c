/* The rules: any sequence of transactions leaves a state in which no unit is missing, whose running sums are those of its
 * accounts, which a refused one does not change, and which can be saved and loaded.
 *
 * Input: a byte 0 ends a block, the next byte telling the seconds it took (from 128 on, it is saved and loaded, too); any other byte begins a transaction: its kind (low
 * four bits), its sender (the next two), whether its promises are made to fit (0x40), and to what was not claimed (0x80);
 * then a u16 length and so many bytes of its body. Chain, nonce and fee are filled in, and what no body can know where it
 * says so with a pattern: 32 bytes EE EE EE k are the id of the k-th transaction so far, 20 bytes EE EE AA k the address of
 * key k. */
#include "fuzz.h"

#include "base/memory.h"
#include "chain/state.h"
#include "chain/state_save.h"

#include <stdlib.h>

const char fuzz_corpus[] = "rules";

#define KEYS 4
#define IDS 32

struct run {
    struct state *s;
    struct key_public key[KEYS];
    struct address who[KEYS];
    struct hash id[IDS];
    int ids;
    int64_t time_us;
};

static void start(struct run *r)
{
    struct genesis g = {.name = "fuzz",
                        .supply = 1000000,
                        .min_fee = 1,
                        .unbonding_blocks = 2,
                        .unbonding_seconds = 1,
                        .expiry_blocks = 4,
                        .commit_blocks = 1,
                        .reveal_blocks = 1,
                        .epoch_blocks = 2,
                        .missed_ppm = 10000,
                        .finder_ppm = 500000,
                        .holders = 3,
                        .validators = 1};
    memset(r, 0, sizeof *r);
    for (int i = 0; i < KEYS; i++) {
        memset(r->key[i].byte, i + 1, sizeof r->key[i].byte); /* no signature is checked here */
        r->who[i] = key_address(&r->key[i]);
    }
    for (int i = 0; i < 3; i++) {
        g.holder[i].key = r->key[i];
        g.holder[i].balance = 300000;
    }
    g.validator[0].identity = g.validator[0].voting = r->key[0];
    g.validator[0].stake = 100000;
    r->s = state_new(&g, NULL);
    ASSERT(r->s);
}

/* Ids and addresses that a body cannot know. */
static void fill_in(const struct run *r, uint8_t *body, size_t n)
{
    for (size_t i = 0; i + 4 <= n; i++) {
        if (body[i] != 0xee || body[i + 1] != 0xee)
            continue;
        if (body[i + 2] == 0xee && i + HASH_BYTES <= n && r->ids)
            memcpy(body + i, r->id[body[i + 3] % r->ids].byte, HASH_BYTES);
        else if (body[i + 2] == 0xaa && i + sizeof r->who[0].byte <= n)
            memcpy(body + i, r->who[body[i + 3] % KEYS].byte, sizeof r->who[0].byte);
    }
}

/* --- promises that are kept --- */

static struct hash named(const char *what, uint64_t number)
{
    char text[64];
    snprintf(text, sizeof text, "%s %llu", what, (unsigned long long)number);
    return hash_of_text(text);
}

static struct tx_finding finding_of(int folds, bool other)
{
    struct tx_finding f = {.counts = {.folds = folds}, .trace_root = named("trace", other), .weights = named("weights", 0)};
    for (int i = 0; i < folds; i++) {
        f.counts.correct[i] = 600;
        f.counts.total[i] = 1000;
    }
    return f;
}

static struct tx_propose content_of(uint64_t order, int folds)
{
    struct tx_propose p = {.arch = named("arch", order), .counts = finding_of(folds, false).counts, .evidence = named("evidence", 0)};
    p.hidden_root = tx_hidden_root(p.salt, named("trace", 0), named("weights", 0));
    return p;
}

static void keep_promise(const struct run *r, struct tx *tx, bool other)
{
    struct hash none = {{0}};
    if (tx->type == TX_ANNOUNCE) {
        const struct state_task *t = state_task_find(r->s, tx->announce.task);
        const struct state_proposal *all;
        struct tx_propose p = content_of((uint64_t)state_proposals(r->s, &all), t ? t->body.folds : 0);
        tx->announce.commitment = tx_announce_commitment(none, &tx->sender, &p);
        return;
    }
    if (tx->type < TX_PROPOSE || tx->type > TX_REJECT)
        return;
    const struct state_proposal *p = state_proposal_find(r->s, tx->propose.proposal); /* the first field of all of them */
    if (!p)
        return;
    int folds = state_task_find(r->s, p->announce.task)->body.folds;
    struct tx_finding f = finding_of(folds, other);
    if (tx->type == TX_PROPOSE) {
        tx->propose = content_of(p->order, folds);
        tx->propose.proposal = p->id;
    } else if (tx->type == TX_COMMIT) {
        tx->commit.commitment = tx_attest_commitment(none, &tx->sender, p->id, &f);
    } else if (tx->type == TX_REVEAL) {
        tx->reveal = (struct tx_reveal){.proposal = p->id, .finding = f};
    } else if (tx->type == TX_OPEN) {
        tx->open = (struct tx_open){.proposal = p->id, .trace_root = f.trace_root, .weights = f.weights};
    } else {
        tx->decide.shown = tx_shown(p->body.evidence, p->open.trace_root, p->open.weights, p->open.leaves);
    }
}

static void put(struct run *r, unsigned head, const uint8_t *body, size_t n)
{
    int kind = head & 15, sender = (head >> 4) % KEYS;
    struct bytes b = {0};
    struct tx *tx = NEW(struct tx);
    const struct state_account *a = state_account_find(r->s, r->who[sender]);
    bytes_put_u16(&b, (uint16_t)kind);
    struct hash chain = state_chain(r->s);
    bytes_put(&b, chain.byte, sizeof chain.byte);
    bytes_put(&b, r->key[sender].byte, sizeof r->key[sender].byte);
    bytes_put_u64(&b, (a ? a->nonce : 0) + 1);
    bytes_put_u64(&b, 1);
    size_t at = b.n;
    bytes_put(&b, body, n);
    fill_in(r, b.data + at, n);
    if (tx_decode_unsigned(b.data, b.n, tx, NULL)) {
        struct state_totals before = state_totals(r->s), after;
        if (head & 0x40)
            keep_promise(r, tx, head & 0x80);
        struct hash id = tx_id(tx);
        bool good = state_apply_id(r->s, tx, id, NULL);
        after = state_totals(r->s);
        ASSERT(good || memcmp(&before, &after, sizeof before) == 0);
        if (r->ids < IDS)
            r->id[r->ids++] = id;
        ASSERT(state_audit(r->s, NULL));
    }
    bytes_free(&b);
    free(tx);
}

static void save_and_load(struct run *r)
{
    struct bytes saved = {0}, again = {0};
    state_save(r->s, &saved);
    struct state *loaded = state_load(saved.data, saved.n, state_genesis(r->s), NULL);
    ASSERT(loaded && state_audit(loaded, NULL));
    state_save(loaded, &again);
    ASSERT(again.n == saved.n && memcmp(again.data, saved.data, saved.n) == 0);
    state_free(r->s); /* and go on with what was loaded */
    r->s = loaded;
    bytes_free(&saved);
    bytes_free(&again);
}

static void end_block(struct run *r, unsigned seconds)
{
    r->time_us += (int64_t)seconds * 1000000;
    ASSERT(state_end_block(r->s, state_height(r->s) + 1, r->time_us, NULL));
    ASSERT(state_audit(r->s, NULL));
    if (seconds & 0x80)
        save_and_load(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct run *r = NEW(struct run);
    struct bytes_reader in = bytes_read(data, n);
    hash_start();
    start(r);
    while (in.at < in.n && !in.failed) {
        unsigned head = bytes_get_u8(&in);
        if (head == 0) {
            unsigned seconds = bytes_get_u8(&in);
            if (!in.failed)
                end_block(r, seconds);
            continue;
        }
        size_t length = bytes_get_u16(&in);
        const uint8_t *body = bytes_get(&in, length);
        if (!in.failed)
            put(r, head, body, length);
    }
    end_block(r, 0x80);
    state_free(r->s);
    free(r);
    return 0;
}
