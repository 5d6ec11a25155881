/* The rules: any sequence of transactions leaves a state in which no unit is missing, whose running sums are those of its
 * accounts, which a refused one does not change, and which can be saved, loaded and copied. Nothing is signed here: the
 * state never looks at a transaction's own signature.
 *
 * Input: the first byte tells the chain: 0x01 one for many, with 1 + (0x06) validators. Then operations. One whose low five
 * bits are 0 ends a block, the next byte telling the seconds it took (from F0 on, the state is saved, loaded and copied, too).
 * Any other is a transaction: its kind (low five bits), whether its promises are made to fit (0x20), and to what was not
 * claimed (0x40); then its sender (low three bits), and its body up to the byte FD, spelt as in fuzz_fill.h. Chain, nonce
 * and fee are filled in. */
#include "fuzz_fill.h"

#include "base/memory.h"
#include "chain/listing.h"
#include "chain/state.h"
#include "chain/state_save.h"

#include <stdlib.h>

const char fuzz_corpus[] = "rules";

#define STEPS 48 /* operations of one input: the more, the fewer inputs a second */

enum { KIND = 0x1f, KEPT = 0x20, OTHER = 0x40, MANY = 0x01 };

struct run {
    struct state *s;
    struct fill fill;
    int64_t time_us;
};

/* Each kind of chain is made once, and then copied. */
static void start(struct run *r, unsigned shape)
{
    static struct state *made[8];
    static struct fill fill;
    if (!made[0])
        fill_start(&fill);
    shape = shape & MANY ? shape & 7 : 0;
    if (!made[shape]) {
        struct genesis g;
        fill_genesis(&fill, shape & MANY, 1 + (int)(shape >> 1), &g);
        made[shape] = state_new(&g, NULL);
        ASSERT(made[shape]);
    }
    *r = (struct run){.s = state_copy(made[shape]), .fill = fill};
    r->fill.chain = state_chain(r->s);
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
    if (tx->type == TX_LIST) {
        tx->list.commitment = listing_commitment((struct hash){{other}}); /* zeros: what is delivered most easily */
    } else if (tx->type == TX_SEAL) {
        tx->seal.commitment = tx_seal_commitment(none, &tx->sender, tx->seal.task, tx->seal.first, tx->seal.n, other);
    }
    if ((tx->type < TX_PROPOSE || tx->type > TX_REJECT) && tx->type != TX_RESULT)
        return;
    const struct state_proposal *p = state_proposal_find(r->s, tx->propose.proposal); /* the first field of all of them */
    if (!p)
        return;
    const struct state_task *t = state_task_find(r->s, p->announce.task);
    int folds = t ? t->body.folds : 0;
    struct tx_finding f = finding_of(folds, other);
    if (tx->type == TX_PROPOSE) {
        tx->propose = content_of(p->order, folds);
        tx->propose.proposal = p->id;
    } else if (tx->type == TX_RESULT) {
        struct tx_propose c = content_of(p->order, folds);
        tx->result.counts = c.counts;
        tx->result.hidden_root = c.hidden_root;
        tx->result.evidence = c.evidence;
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

static void encode(const struct run *r, const uint8_t op[2], const uint8_t *body, size_t n, struct bytes *out)
{
    static struct bytes all;
    int sender = op[1] % FILL_PARTIES;
    const struct state_account *a = state_account_find(r->s, r->fill.who[sender]);
    bytes_clear(&all);
    bytes_put_u16(&all, op[0] & KIND);
    bytes_put(&all, r->fill.chain.byte, sizeof r->fill.chain.byte);
    bytes_put(&all, r->fill.key[sender].byte, KEY_PUBLIC_BYTES);
    bytes_put_u64(&all, (a ? a->nonce : 0) + 1);
    bytes_put_u64(&all, 1);
    if (fill_out(&r->fill, body, n, &all))
        fill_exact(all.data, all.n, out);
}

static void put(struct run *r, const uint8_t op[2], const uint8_t *body, size_t n)
{
    static struct tx tx;
    struct bytes b = {0};
    encode(r, op, body, n, &b);
    if (tx_decode_unsigned(b.data, b.n, &tx, NULL)) {
        struct state_totals before = state_totals(r->s), after;
        if (op[0] & KEPT)
            keep_promise(r, &tx, op[0] & OTHER);
        struct hash id = tx_id(&tx);
        bool good = state_apply_id(r->s, &tx, id, NULL);
        after = state_totals(r->s);
        ASSERT(good || memcmp(&before, &after, sizeof before) == 0);
        fill_note(&r->fill, id);
        ASSERT(state_audit(r->s, NULL));
    }
    bytes_free(&b);
}

static void same(const struct state *s, const struct bytes *saved)
{
    struct bytes again = {0};
    ASSERT(s && state_audit(s, NULL));
    state_save(s, &again);
    ASSERT(again.n == saved->n && memcmp(again.data, saved->data, saved->n) == 0);
    bytes_free(&again);
}

static void save_and_load(struct run *r)
{
    struct bytes saved = {0};
    state_save(r->s, &saved);
    struct state *loaded = state_load(saved.data, saved.n, state_genesis(r->s), NULL), *copy = state_copy(r->s);
    same(loaded, &saved);
    same(copy, &saved);
    state_free(copy);
    state_free(r->s); /* and go on with what was loaded */
    r->s = loaded;
    bytes_free(&saved);
}

static void end_block(struct run *r, unsigned seconds)
{
    r->time_us += (int64_t)seconds * 1000000;
    ASSERT(state_end_block(r->s, state_height(r->s) + 1, r->time_us, NULL));
    ASSERT(state_audit(r->s, NULL));
    r->fill.height = state_height(r->s) + 1;
    if (seconds >= 0xf0)
        save_and_load(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct run r;
    hash_start();
    start(&r, n ? data[0] : 0);
    for (size_t at = 1, step = 0; at + 2 <= n && step < STEPS; step++) {
        const uint8_t *op = data + at;
        at += 2;
        if ((op[0] & KIND) == 0) {
            end_block(&r, op[1]);
            continue;
        }
        size_t length = fill_length(data + at, n - at);
        put(&r, op, data + at, length);
        at += length + 1;
    }
    end_block(&r, 1);
    state_free(r.s);
    return 0;
}
