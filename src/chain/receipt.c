#include "chain/receipt.h"

#include "base/memory.h"
#include "chain/certificate.h"
#include "chain/codec.h"
#include "chain/ledger_private.h"

#define RECEIPT_MAGIC "MSRC"
#define RECEIPT_VERSION 1
#define GENESIS_MOST (1u << 16)
#define PROOF_MOST (4 + CERTIFICATE_MOST_BYTES + 4 + ROTATION_SEATS_MAX * (32 + 8))

/* --- making ------------------------------------------------------------------------------------------------------- */

static void put_item(struct bytes *out, const struct block *b, const uint8_t *payload, const struct bytes *proof,
                     uint32_t position)
{
    struct hash path[HASH_PATH_MOST], *leaf = NEW_ARRAY(struct hash, b->txs);
    for (size_t i = 0; i < b->txs; i++)
        leaf[i] = hash_of(b->tx[i].data, b->tx[i].n);
    size_t n = hash_merkle_path(leaf, b->txs, position, path);
    bytes_put(out, payload, BLOCK_HEADER_BYTES);
    codec_put_signature(out, &b->signature);
    bytes_put_blob(out, proof->data, proof->n);
    bytes_put_u32(out, position);
    bytes_put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        codec_put_hash(out, path[i]);
    bytes_put_blob(out, b->tx[position].data, b->tx[position].n);
    free(leaf);
}

static void put_set(struct bytes *out, const struct rotation *set)
{
    bytes_put_u32(out, (uint32_t)set->n);
    for (int i = 0; i < set->n; i++) {
        codec_put_public(out, &set->seat[i].voting);
        bytes_put_u64(out, set->seat[i].power);
    }
}

/* What a header calls it: see state_validators_hash. */
static struct hash set_hash(const struct rotation *set)
{
    struct bytes b = {0};
    bytes_put(&b, "morphsmith validators", sizeof "morphsmith validators");
    put_set(&b, set);
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
}

/* The sets of the past are kept nowhere: the chain is gone through again as far as needed. */
struct past {
    uint64_t height; /* whose set is wanted */
    struct rotation *set;
    bool found;
};

static bool note_set(void *context, const struct state *s, uint64_t offset, const struct block *b, struct error *err)
{
    struct past *p = context;
    (void)offset, (void)b, (void)err;
    p->found = state_height(s) + 1 == p->height;
    if (p->found)
        *p->set = *state_rotation(s);
    return !p->found;
}

static bool past_set(const struct ledger *l, const struct block *b, struct rotation *out, struct error *err)
{
    struct past p = {.height = b->height, .set = out};
    struct replay r = {.path = l->path, .context = &p, .on_block = note_set};
    struct error why;
    error_clear(&why);
    replay_run(&r, &why);
    state_free(r.state);
    return p.found || error_set(err, why.kind, "%s", why.text);
}

static bool find_set(const struct ledger *l, const struct block *b, struct rotation *out, struct error *err)
{
    const struct rotation *near[] = {state_rotation_before(l->state), state_rotation(l->state)};
    for (size_t i = 0; i < ARRAY_N(near); i++)
        if (hash_equal(set_hash(near[i]), b->validators)) {
            *out = *near[i];
            return true;
        }
    return past_set(l, b, out, err);
}

static bool make_proof(const struct ledger *l, const struct block *b, struct bytes *out, struct error *err)
{
    struct bytes certificate = {0};
    struct rotation set;
    if (state_alone(l->state))
        return true;
    bool good = find_set(l, b, &set, err) && ledger_certificate(l, b->height, &certificate, err);
    if (good) {
        bytes_put_blob(out, certificate.data, certificate.n);
        put_set(out, &set);
    }
    bytes_free(&certificate);
    return good;
}

static bool add_item(const struct ledger *l, uint64_t height, uint32_t position, struct bytes *out, struct error *err)
{
    struct bytes data = {0}, proof = {0};
    struct block b = {.txs = 0};
    bool good = ledger_read_block(l, height, &data, &b, err) && make_proof(l, &b, &proof, err);
    if (good)
        put_item(out, &b, data.data + FRAME_HEADER_BYTES, &proof, position);
    block_free(&b);
    bytes_free(&data);
    bytes_free(&proof);
    return good;
}

static struct hash proposal_of(const struct tx *tx, struct hash id)
{
    switch (tx->type) {
    case TX_ANNOUNCE:
        return id;
    case TX_PROPOSE:
        return tx->propose.proposal;
    case TX_COMMIT:
        return tx->commit.proposal;
    case TX_REVEAL:
        return tx->reveal.proposal;
    case TX_OPEN:
        return tx->open.proposal;
    case TX_APPROVE:
    case TX_REJECT:
        return tx->decide.proposal;
    default:
        return (struct hash){{0}};
    }
}

struct found {
    bool there;
    uint64_t height;
    int position;
};

/* The transaction of this kind about the proposal in a block that the state has noted. */
static struct found find_kind(const struct ledger *l, uint64_t height, enum tx_type type, struct hash proposal)
{
    struct tx tx;
    struct found f = {.height = height};
    for (int i = 0; height && !f.there && ledger_block_tx(l, height, i, &tx, NULL); i++)
        if (tx.type == type && hash_equal(proposal_of(&tx, tx_id(&tx)), proposal)) {
            f.there = true;
            f.position = i;
        }
    return f;
}

static struct found find_id(const struct ledger *l, struct hash id)
{
    struct found f = {.there = false};
    f.there = ledger_find_tx(l, id, &f.height, &f.position, NULL);
    return f;
}

static bool is_before(const struct found *a, const struct found *b)
{
    return a->height < b->height || (a->height == b->height && a->position < b->position);
}

/* What the transaction is about, as far as it came before it and the state still knows of it. */
static int find_context(const struct ledger *l, struct hash proposal, const struct found *first, struct found out[4])
{
    const struct state_proposal *p = hash_is_zero(proposal) ? NULL : state_proposal_find(ledger_state(l), proposal);
    int n = 0;
    if (!p)
        return 0;
    const struct found all[4] = {find_id(l, p->announce.task), find_id(l, proposal),
                                 find_kind(l, p->claimed.height, TX_PROPOSE, proposal),
                                 find_kind(l, p->opened.height, TX_OPEN, proposal)};
    for (int i = 0; i < 4; i++)
        if (all[i].there && is_before(&all[i], first))
            out[n++] = all[i];
    return n;
}

static void put_start(const struct ledger *l, int items, struct bytes *out)
{
    struct bytes genesis = {0};
    genesis_encode(ledger_genesis(l), &genesis);
    bytes_put(out, RECEIPT_MAGIC, strlen(RECEIPT_MAGIC));
    bytes_put_u8(out, RECEIPT_VERSION);
    bytes_put(out, "\0\0", 3);
    bytes_put_blob(out, genesis.data, genesis.n);
    bytes_put_u64(out, ledger_height(l));
    codec_put_hash(out, ledger_head(l));
    bytes_put_u32(out, (uint32_t)items);
    bytes_free(&genesis);
}

bool receipt_make(const struct ledger *l, struct hash id, struct bytes *out, struct error *err)
{
    struct found item[RECEIPT_ITEMS_MAX] = {{.there = false}};
    struct tx tx;
    if (!ledger_find_tx(l, id, &item[0].height, &item[0].position, err) ||
        !ledger_block_tx(l, item[0].height, item[0].position, &tx, err))
        return false;
    int n = 1 + find_context(l, proposal_of(&tx, id), &item[0], item + 1);
    bytes_clear(out);
    put_start(l, n, out);
    for (int i = 0; i < n; i++)
        if (!add_item(l, item[i].height, (uint32_t)item[i].position, out, err))
            return false;
    codec_put_hash(out, hash_of(out->data, out->n));
    return true;
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

static bool check_alone(const struct receipt *r, const struct block *b, struct error *err)
{
    if (memcmp(b->proposer.byte, r->genesis.validator[0].voting.byte, sizeof b->proposer.byte) != 0)
        return error_set(err, ERROR_CHAIN, "its block was not proposed by the chain's validator");
    return (b->round == 0 && hash_equal(b->certificate, hash_of("", 0))) ||
           error_set(err, ERROR_CHAIN, "its block's header is none of a chain with one validator");
}

static bool get_set(struct bytes_reader *in, struct rotation *set, uint64_t supply)
{
    uint64_t all = 0;
    bool good = true;
    memset(set, 0, sizeof *set);
    set->n = (int)codec_get_bounded(in, ROTATION_SEATS_MAX);
    for (int i = 0; i < set->n; i++) {
        set->seat[i].voting = codec_get_public(in);
        set->seat[i].power = bytes_get_u64(in);
        good = good && set->seat[i].power > 0 && set->seat[i].power <= supply - all &&
               (i == 0 || memcmp(&set->seat[i - 1].voting, &set->seat[i].voting, KEY_PUBLIC_BYTES) < 0);
        all += good ? set->seat[i].power : 0;
    }
    return bytes_done(in) && good && set->n > 0;
}

/* Of height 1 it is known who votes, and that nothing was certified before. */
static bool check_first(const struct receipt *r, const struct block *b, struct error *err)
{
    struct state *s = b->height == 1 ? state_new(&r->genesis, NULL) : NULL;
    bool good = b->height > 1 || (s && hash_equal(state_validators_hash(s), b->validators) &&
                                  hash_equal(b->certificate, hash_of("", 0)));
    state_free(s);
    return good || error_set(err, ERROR_CHAIN, "its first block is not one of the validators of its genesis");
}

static bool check_proof(const struct receipt *r, const uint8_t *header, const struct block *b, const uint8_t *proof,
                        size_t proof_n, struct receipt_item *out, struct error *err)
{
    struct bytes_reader in = bytes_read(proof, proof_n);
    struct certificate c;
    struct rotation set;
    size_t n;
    const uint8_t *data = bytes_get_blob(&in, CERTIFICATE_MOST_BYTES, &n);
    if (!get_set(&in, &set, r->genesis.supply) || !hash_equal(set_hash(&set), b->validators))
        return error_set(err, ERROR_CHAIN, "its validators are not those that its block names");
    if (b->round > ROTATION_ROUND_MOST || rotation_find(&set, &b->proposer) < 0)
        return error_set(err, ERROR_CHAIN, "its block was not proposed by one of its validators");
    if (!certificate_decode(data, n, &c, err))
        return false;
    if (c.height != b->height || c.round < b->round || !hash_equal(c.block, block_id(header)))
        return error_set(err, ERROR_CHAIN, "its certificate is for another block");
    if (!certificate_check(&c, r->chain, &set, err))
        return false;
    out->signers = c.n;
    out->seats = set.n;
    out->power = rotation_power(&set);
    out->round = c.round;
    out->set = set;
    for (int i = 0; i < c.n; i++) {
        int seat = rotation_find(&set, &c.signer[i].voting);
        out->signed_by[seat] = true;
        out->signed_power += set.seat[seat].power;
    }
    return check_first(r, b, err);
}

/* The block that the item stands in: of this chain, signed by its proposer. */
static bool check_block(const struct receipt *r, const uint8_t *header, const struct block *b, struct error *err)
{
    if (!hash_equal(b->chain, r->chain))
        return error_set(err, ERROR_CHAIN, "its block is of another chain than its genesis");
    if (b->height == 0 || b->time_us < r->genesis.time_us || b->time_us > STATE_TIME_MAX_US)
        return error_set(err, ERROR_CHAIN, "its block's header is none of a chain");
    return block_check_signature(header, b, err);
}

static bool check_tx(const struct receipt *r, const struct block *b, uint32_t txs, const struct hash *path, size_t path_n,
                     const uint8_t *data, size_t n, struct receipt_item *out, struct error *err)
{
    struct hash root;
    if (!tx_decode(data, n, &out->tx, err) || !tx_check_signature_bytes(data, n, &out->tx, err))
        return false;
    if (!hash_equal(out->tx.chain, r->chain))
        return error_set(err, ERROR_CHAIN, "its transaction was signed for another chain");
    if (!hash_merkle_climb(hash_of(data, n), txs, out->position, path, path_n, &root) || !hash_equal(root, b->tx_root))
        return error_set(err, ERROR_CHAIN, "its transaction is not in the block that it names");
    out->id = tx_id_of_bytes(data, n);
    return true;
}

static bool malformed(const struct bytes_reader *in, struct error *err)
{
    return error_set(err, ERROR_CHAIN, "the receipt is malformed near byte %zu", in->at);
}

static bool check_item(struct bytes_reader *in, const struct receipt *r, struct receipt_item *out, struct error *err)
{
    struct hash path[HASH_PATH_MOST];
    struct block b = {.txs = 0};
    size_t certificate_n, n;
    uint32_t txs;
    const uint8_t *header = bytes_get(in, BLOCK_HEADER_BYTES);
    if (!header || !block_decode_header(header, BLOCK_HEADER_BYTES, &b, &txs))
        return malformed(in, err);
    b.signature = codec_get_signature(in);
    const uint8_t *proof = bytes_get_blob(in, r->genesis.many ? PROOF_MOST : 0, &certificate_n);
    out->position = bytes_get_u32(in);
    uint32_t path_n = codec_get_bounded(in, HASH_PATH_MOST);
    for (uint32_t i = 0; i < path_n; i++)
        path[i] = codec_get_hash(in);
    const uint8_t *data = bytes_get_blob(in, TX_BODY_MAX, &n);
    if (in->failed || n <= KEY_SIGNATURE_BYTES)
        return malformed(in, err);
    out->height = b.height;
    out->time_us = b.time_us;
    out->block = block_id(header);
    out->transactions = txs;
    return check_block(r, header, &b, err) &&
           (r->genesis.many ? check_proof(r, header, &b, proof, certificate_n, out, err) : check_alone(r, &b, err)) &&
           check_tx(r, &b, txs, path, path_n, data, n, out, err);
}

static const struct receipt_item *item_of(const struct receipt *r, enum tx_type type)
{
    for (int i = 1; i < r->items; i++)
        if (r->item[i].tx.type == type)
            return &r->item[i];
    return NULL;
}

/* Of one height there is one block, and time does not run backwards. */
static bool check_order(const struct receipt *r, struct error *err)
{
    for (int i = 0; i < r->items; i++)
        for (int j = 0; j < r->items; j++) {
            const struct receipt_item *a = &r->item[i], *b = &r->item[j];
            if (a->height == b->height && !hash_equal(a->block, b->block))
                return error_set(err, ERROR_CHAIN, "it names two blocks of height %llu: its validator sealed two histories",
                                 (unsigned long long)a->height);
            if (a->height < b->height && a->time_us > b->time_us)
                return error_set(err, ERROR_CHAIN, "its block %llu is later than its block %llu",
                                 (unsigned long long)a->height, (unsigned long long)b->height);
        }
    return true;
}

static bool same_sender(const struct tx *a, const struct tx *b)
{
    return !a || !b || memcmp(a->sender.byte, b->sender.byte, KEY_PUBLIC_BYTES) == 0;
}

static bool promises_kept(const struct tx *first, const struct receipt_item *announce, const struct receipt_item *propose,
                          const struct receipt_item *open)
{
    const struct tx *claim = propose ? &propose->tx : first->type == TX_PROPOSE ? first : NULL;
    const struct tx *opening = open ? &open->tx : first->type == TX_OPEN ? first : NULL;
    if (announce && claim &&
        !hash_equal(announce->tx.announce.commitment,
                    tx_announce_commitment(claim->propose.salt, &claim->sender, &claim->propose)))
        return false;
    const struct tx *announced = announce ? &announce->tx : first->type == TX_ANNOUNCE ? first : NULL;
    if (!same_sender(announced, claim) || !same_sender(announced, opening) || !same_sender(claim, opening))
        return false;
    if (claim && opening &&
        !hash_equal(claim->propose.hidden_root,
                    tx_hidden_root(opening->open.salt, opening->open.trace_root, opening->open.weights)))
        return false;
    bool decides = first->type == TX_APPROVE || first->type == TX_REJECT;
    return !decides || !claim || !opening ||
           hash_equal(first->decide.shown, tx_shown(claim->propose.evidence, opening->open.trace_root,
                                                    opening->open.weights, opening->open.leaves));
}

/* Every further item is of another kind, before the first, about the same proposal, and what was promised is what came. */
static bool check_context(const struct receipt *r, struct error *err)
{
    const struct receipt_item *first = &r->item[0], *task = item_of(r, TX_TASK), *announce = item_of(r, TX_ANNOUNCE);
    const struct receipt_item *propose = item_of(r, TX_PROPOSE), *open = item_of(r, TX_OPEN);
    struct hash proposal = proposal_of(&first->tx, first->id);
    bool good = r->items == 1 || !hash_is_zero(proposal);
    for (int i = 1; good && i < r->items; i++) {
        const struct receipt_item *it = &r->item[i];
        const struct found a = {true, it->height, (int)it->position}, b = {true, first->height, (int)first->position};
        good = is_before(&a, &b) && item_of(r, it->tx.type) == it &&
               (it == task || (it == announce || it == propose || it == open
                                   ? hash_equal(proposal_of(&it->tx, it->id), proposal)
                                   : false));
    }
    const struct tx *announced = announce ? &announce->tx : first->tx.type == TX_ANNOUNCE ? &first->tx : NULL;
    good = good && (!task || (announced && hash_equal(announced->announce.task, task->id))) &&
           promises_kept(&first->tx, announce, propose, open);
    return good || error_set(err, ERROR_CHAIN, "what the receipt adds is not what its transaction is about");
}

static bool check_start(struct bytes_reader *in, struct receipt *r, struct error *err)
{
    size_t n;
    const uint8_t *magic = bytes_get(in, 8);
    if (!magic || memcmp(magic, RECEIPT_MAGIC, 4) != 0)
        return error_set(err, ERROR_CHAIN, "this is no receipt");
    if (magic[4] != RECEIPT_VERSION || magic[5] || magic[6] || magic[7])
        return error_set(err, ERROR_CHAIN, "a receipt of version %d is not known to this program", magic[4]);
    const uint8_t *genesis = bytes_get_blob(in, GENESIS_MOST, &n);
    if (!genesis)
        return malformed(in, err);
    if (!genesis_decode(genesis, n, &r->genesis, err))
        return false;
    r->chain = genesis_id(&r->genesis);
    r->head.height = bytes_get_u64(in);
    r->head.id = codec_get_hash(in);
    r->items = (int)codec_get_bounded(in, RECEIPT_ITEMS_MAX);
    return (!in->failed && r->items >= 1) || malformed(in, err);
}

static bool check_head(const struct receipt *r, struct error *err)
{
    for (int i = 0; i < r->items; i++) {
        const struct receipt_item *it = &r->item[i];
        if (it->height > r->head.height || (it->height == r->head.height && !hash_equal(it->block, r->head.id)))
            return error_set(err, ERROR_CHAIN, "its head is not behind its block %llu", (unsigned long long)it->height);
    }
    return true;
}

bool receipt_check(const void *data, size_t n, struct receipt *out, struct error *err)
{
    hash_start();
    memset(out, 0, sizeof *out);
    if (n > RECEIPT_MOST || n < HASH_BYTES)
        return error_set(err, ERROR_CHAIN, "%zu bytes are no receipt", n);
    struct bytes_reader in = bytes_read(data, n - HASH_BYTES);
    bool good = check_start(&in, out, err);
    for (int i = 0; good && i < out->items; i++)
        good = check_item(&in, out, &out->item[i], err);
    if (good && !bytes_done(&in))
        good = malformed(&in, err);
    struct hash sum = hash_of(data, n - HASH_BYTES);
    if (good && memcmp((const uint8_t *)data + n - HASH_BYTES, sum.byte, HASH_BYTES) != 0)
        good = error_set(err, ERROR_CHAIN, "the receipt is damaged: its last 32 bytes are not the hash of the others");
    return good && check_head(out, err) && check_order(out, err) && check_context(out, err);
}
