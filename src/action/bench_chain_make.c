/* Builds the chain that `bench chain` measures on: blocks straight into the file, as a validator would seal them, without
 * the pool's file and sync for each transaction. Every block is one more than the rules allow to be wrong: the state
 * that verifying uses applies each transaction here too. */
#include "action/bench_chain.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "chain/head.h"
#include "chain/block.h"
#include "chain/certificate.h"
#include "chain/pool_file.h"

#define BLOCK_TXS 500  /* of a long chain; a short one has smaller blocks, so that every claim comes to its end */
#define BLOCK_TXS_LEAST 150
#define BLOCK_TXS_MOST (BLOCK_TXS + BENCH_LIVES_TXS(BENCH_VALIDATORS_MOST))
#define BLOCKS 40
#define SENDERS 32 /* of a block: so many secret keys are open at a time */
#define SUPPLY (UINT64_C(1) << 42)
#define START_US INT64_C(1600000000000000)

struct make {
    struct bench_chain *out;
    struct genesis genesis;
    struct state *state;
    struct file_append *file;
    struct ledger_head head;
    struct address *account;
    struct hash chain, frame; /* frame: hash of the last one */
    int64_t done, every; /* transactions; one of so many is kept as a sample */
    int block_txs;
    struct random random;
    struct bench_lives lives;
    struct key *validator[BENCH_VALIDATORS_MOST];
    struct bytes certificate; /* of the head, on a chain for many */

    /* the block at work */
    struct bytes encoded;
    size_t at[BLOCK_TXS_MOST + 1];
    int txs;
    struct key *key[SENDERS];
    int sender[SENDERS];
};

struct key *bench_chain_key(int i)
{
    char text[64];
    snprintf(text, sizeof text, "morphsmith bench account %d", i);
    struct hash seed = hash_of_text(text);
    return key_from_seed("bench", seed.byte);
}

struct key *bench_validator_key(int i)
{
    char text[64];
    snprintf(text, sizeof text, "morphsmith bench validator %d", i);
    struct hash seed = hash_of_text(text);
    return i == 0 ? bench_chain_key(0) : key_from_seed("bench", seed.byte);
}

static struct hash genesis_frame(const struct genesis *g)
{
    struct bytes payload = {0}, frame = {0};
    genesis_encode(g, &payload);
    struct frame f = {.type = FRAME_GENESIS, .payload_n = (uint32_t)payload.n};
    struct hash h = block_frame_encode(&frame, &f, payload.data, (struct hash){{0}});
    bytes_free(&payload);
    bytes_free(&frame);
    return h;
}

/* Others beside the first account validate, each with enough for its fees. */
static void add_validators(struct make *m)
{
    struct genesis *g = &m->genesis;
    const uint64_t stake = SUPPLY / 10 / (uint64_t)m->out->validators, fees = UINT64_C(1) << 30;
    g->validators = g->holders = m->out->validators;
    for (int i = 1; i < g->validators; i++) {
        g->holder[i].key = g->validator[i].identity = g->validator[i].voting = *key_public_of(m->validator[i]);
        g->holder[i].balance = fees;
        g->validator[i].stake = stake;
        g->holder[0].balance -= fees + stake;
    }
    g->many = g->validators > 1;
    if (!g->many)
        return;
    g->unbonding_blocks = 20000;
    g->evidence_blocks = 10000;
    g->dispute_blocks = 1;
    g->least_stake = 1;
}

static bool start(struct make *m, struct error *err)
{
    struct bench_chain *c = m->out;
    struct genesis *g = &m->genesis;
    struct key *first = bench_chain_key(0);
    char path[FILE_PATH_MAX];
    *g = (struct genesis){.name = "bench",
                          .time_us = START_US,
                          .supply = SUPPLY,
                          .min_fee = 1,
                          .unbonding_blocks = 20,
                          .expiry_blocks = 1000,
                          .commit_blocks = 1,
                          .reveal_blocks = 1,
                          .epoch_blocks = 1,
                          .holders = 1,
                          .validators = 1};
    g->holder[0].key = g->validator[0].identity = g->validator[0].voting = *key_public_of(first);
    g->validator[0].stake = SUPPLY / 10;
    g->holder[0].balance = SUPPLY - g->validator[0].stake;
    key_free(first);
    add_validators(m);
    m->chain = genesis_id(g);
    m->frame = genesis_frame(g);
    m->every = (c->transactions + BENCH_CHAIN_SAMPLES - 1) / BENCH_CHAIN_SAMPLES;
    int64_t wanted = c->transactions / BLOCKS;
    int least = BLOCK_TXS_LEAST + BENCH_LIVES_TXS(c->validators) - BENCH_LIVES_TXS(1);
    m->block_txs = (int)(wanted > BLOCK_TXS ? BLOCK_TXS : wanted);
    m->block_txs = m->block_txs < least ? least : m->block_txs;
    m->random = random_start(1, RANDOM_SYNTH, 0, 0);
    bool there;
    if (!ledger_create(c->folder, g, err) || !head_read(c->folder, &m->head, &there, err))
        return false;
    file_join(path, sizeof path, c->folder, "blocks.msc");
    m->state = state_new(g, err);
    m->file = m->state ? file_append_open(path, 0644, err) : NULL;
    return m->file != NULL;
}

static void keep_sample(struct make *m, const struct tx *tx, size_t n)
{
    struct bench_chain *c = m->out;
    if (m->done % m->every != 0 || c->samples == BENCH_CHAIN_SAMPLES)
        return;
    const char *domain = "morphsmith tx";
    struct bench_signed *s = &c->sample[c->samples++];
    *s = (struct bench_signed){.n = strlen(domain) + 1 + n, .by = tx->sender, .signature = tx->signature};
    bytes_put(&c->store, domain, strlen(domain) + 1);
    bytes_put(&c->store, m->encoded.data + m->at[m->txs], n);
}

bool bench_chain_opened(const struct make *m, struct hash task, const struct key *key)
{
    return state_holdout_find(m->state, task, key_address(key_public_of(key))) != NULL;
}

bool bench_chain_put(struct make *m, const struct key *key, struct tx *tx, struct hash *id, struct error *err)
{
    const struct state_account *from = state_account_find(m->state, key_address(key_public_of(key)));
    tx->chain = m->chain;
    tx->nonce = (from ? from->nonce : 0) + 1;
    tx->fee = 1;
    tx_sign(tx, key);
    m->at[m->txs] = m->encoded.n;
    tx_encode(tx, &m->encoded);
    size_t n = m->encoded.n - m->at[m->txs];
    struct hash made = tx_id_of_bytes(m->encoded.data + m->at[m->txs], n);
    if (!state_apply_id(m->state, tx, made, err))
        return error_prefix(err, "transaction %lld", (long long)m->done + 1);
    keep_sample(m, tx, n - KEY_SIGNATURE_BYTES);
    m->out->kind[tx->type]++;
    m->txs++;
    m->done++;
    if (id)
        *id = made;
    return true;
}

/* Every validator's precommit of the head. */
static void certify(struct make *m, const struct rotation *set)
{
    struct certificate *c = NEW(struct certificate);
    struct vote *v = NEW_ARRAY(struct vote, m->out->validators);
    for (int i = 0; i < m->out->validators; i++) {
        v[i] = (struct vote){.chain = m->chain, .step = VOTE_PRECOMMIT, .height = m->head.height, .block = m->head.id};
        vote_sign(&v[i], m->validator[i]);
    }
    certificate_build(c, set, m->head.height, 0, m->head.id, v, (size_t)m->out->validators);
    bytes_clear(&m->certificate);
    certificate_encode(c, &m->certificate);
    free(c);
    free(v);
}

static const struct key *proposer(const struct make *m, const struct rotation *set)
{
    int turn = set->n ? rotation_proposer(set, 0) : 0, i = 0;
    while (set->n && memcmp(key_public_of(m->validator[i]), &set->seat[turn].voting, KEY_PUBLIC_BYTES) != 0)
        i++;
    return m->validator[i];
}

static bool keep_certificate(const struct make *m, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    if (m->certificate.n == 0)
        return true;
    pool_file_path(path, sizeof path, m->out->folder, hash_of(m->certificate.data, m->certificate.n));
    pool_file_encode(&b, POOL_CERTIFICATE, 0, m->certificate.data, m->certificate.n);
    bool good = file_write(path, b.data, b.n, 0644, err);
    bytes_free(&b);
    return good;
}

static bool seal(struct make *m, struct error *err)
{
    struct bytes payload = {0}, frame = {0};
    struct ledger_head *h = &m->head;
    struct block b = {.chain = m->chain,
                      .height = h->height + 1,
                      .time_us = START_US + (int64_t)(h->height + 1) * 1000000,
                      .parent = h->id,
                      .validators = state_validators_hash(m->state),
                      .certificate_data = m->certificate.data,
                      .certificate_n = m->certificate.n,
                      .txs = (size_t)m->txs};
    const struct rotation set = *state_rotation(m->state);
    if (!state_end_block(m->state, b.height, b.time_us, err))
        return false;
    b.state = state_hash(m->state);
    b.tx = NEW_ARRAY(struct block_tx, m->txs);
    m->at[m->txs] = m->encoded.n;
    for (int i = 0; i < m->txs; i++)
        b.tx[i] = (struct block_tx){m->encoded.data + m->at[i], m->at[i + 1] - m->at[i]};
    block_encode(&payload, &b, proposer(m, &set));
    struct frame f = {.type = FRAME_BLOCK, .height = h->height + 1, .payload_n = (uint32_t)payload.n};
    m->frame = block_frame_encode(&frame, &f, payload.data, m->frame);
    h->id = block_id(payload.data);
    h->height++;
    h->length += frame.n;
    bool good = file_append_put(m->file, frame.data, frame.n, err);
    block_free(&b);
    bytes_free(&payload);
    bytes_free(&frame);
    bytes_clear(&m->encoded);
    m->txs = 0;
    if (set.n)
        certify(m, &set);
    return good;
}

/* The first account gives every other one its share. */
static bool fund(struct make *m, const struct key *first, struct error *err)
{
    uint64_t share = SUPPLY / 2 / (uint64_t)m->out->accounts;
    bool good = true;
    for (int i = 1; i < m->out->accounts && good; i++) {
        struct key *k = bench_chain_key(i);
        m->account[i] = key_address(key_public_of(k));
        key_free(k);
        struct tx tx = {.type = TX_TRANSFER, .transfer = {m->account[i], share}};
        good = bench_chain_put(m, first, &tx, NULL, err) && (m->txs < m->block_txs || seal(m, err));
    }
    return good && !control_cancelled(m->out->control);
}

static bool put_transfer(struct make *m, int slot, struct error *err)
{
    struct tx tx = {.type = TX_TRANSFER};
    uint32_t n = (uint32_t)m->out->accounts, other = 1 + random_below(&m->random, n - 1);
    tx.transfer.to = m->account[((uint32_t)m->sender[slot] + other) % n];
    tx.transfer.amount = 1 + random_below(&m->random, 100);
    return bench_chain_put(m, m->key[slot], &tx, NULL, err);
}

static bool put_stake(struct make *m, int slot, struct error *err)
{
    const struct key *key = m->key[slot];
    const struct state_account *a = state_account_find(m->state, key_address(key_public_of(key)));
    struct tx tx = {.type = a && a->stake >= 100 && !a->validator ? TX_UNSTAKE : TX_STAKE, .stake = {100}};
    return bench_chain_put(m, key, &tx, NULL, err);
}

static bool put_any(struct make *m, int slot, struct error *err)
{
    return random_below(&m->random, 10) == 0 ? put_stake(m, slot, err) : put_transfer(m, slot, err);
}

/* The keys of the next accounts in turn; so every account sends before any sends in a second turn. */
static void open_keys(struct make *m, int64_t turn)
{
    int n = m->out->accounts;
    for (int i = 0; i < SENDERS; i++) {
        m->sender[i] = (int)((turn * SENDERS + i) % n);
        m->key[i] = bench_chain_key(m->sender[i]);
    }
}

static void close_keys(struct make *m)
{
    for (int i = 0; i < SENDERS; i++) {
        key_free(m->key[i]);
        m->key[i] = NULL;
    }
}

static bool fill_block(struct make *m, struct error *err)
{
    int lives = BENCH_LIVES_TXS(m->out->validators);
    bool good = m->out->transactions - m->done < lives || m->block_txs - m->txs < lives ||
                bench_lives_block(&m->lives, m, m->out->accounts, err);
    while (m->txs < m->block_txs && m->done < m->out->transactions && good)
        good = put_any(m, m->txs % SENDERS, err);
    return good && seal(m, err);
}

static bool fill(struct make *m, const struct key *first, struct error *err)
{
    m->account[0] = key_address(key_public_of(first));
    m->lives.first = first;
    m->lives.validator = m->validator;
    m->lives.validators = m->out->validators;
    if (!fund(m, first, err))
        return false;
    for (int64_t turn = 0; m->done < m->out->transactions || m->txs > 0; turn++) {
        if (control_cancelled(m->out->control))
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        open_keys(m, turn);
        bool good = fill_block(m, err);
        close_keys(m);
        if (!good)
            return false;
    }
    return keep_certificate(m, err) && file_append_sync(m->file, err) && head_write(m->out->folder, &m->head, err);
}

/* The samples' messages have moved while there were more to come. */
static void settle_samples(struct bench_chain *c)
{
    size_t at = 0;
    for (int i = 0; i < c->samples; i++) {
        c->sample[i].message = c->store.data + at;
        at += c->sample[i].n;
    }
}

bool bench_chain_make(struct bench_chain *c, struct error *err)
{
    struct make *m = NEW(struct make);
    m->out = c;
    m->account = NEW_ARRAY(struct address, c->accounts);
    struct key *first = bench_chain_key(0);
    for (int i = 0; i < c->validators; i++)
        m->validator[i] = bench_validator_key(i);
    bool good = start(m, err) && fill(m, first, err);
    for (int i = 0; i < c->validators; i++)
        key_free(m->validator[i]);
    bytes_free(&m->certificate);
    settle_samples(c);
    c->blocks = (int64_t)m->head.height;
    c->bytes = (int64_t)m->head.length;
    key_free(first);
    file_append_close(m->file);
    state_free(m->state);
    bytes_free(&m->encoded);
    free(m->account);
    free(m);
    return good;
}

void bench_chain_free(struct bench_chain *c)
{
    bytes_free(&c->store);
}
