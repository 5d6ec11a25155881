/* Writing: the pool, and blocks behind the head. */
#include "chain/ledger_private.h"

#include "base/memory.h"
#include "chain/head.h"

bool ledger_may_write(const struct ledger *l, struct error *err)
{
    if (!l->writable)
        return error_set(err, ERROR_FAILED, "the chain was opened for reading only");
    if (l->broken)
        return error_set(err, ERROR_IO, "an earlier write to the chain failed: open it again");
    return true;
}

/* --- the pool ----------------------------------------------------------------------------------------------------- */

/* What a stranger's decoder would refuse must not get into the pool either. */
static bool encode_checked(const struct tx *tx, struct bytes *out, struct error *err)
{
    struct tx again;
    if (!tx_kind_of(tx->type))
        return error_set(err, ERROR_CHAIN, "transaction: kind %d is not known to this version", (int)tx->type);
    tx_encode(tx, out);
    return tx_decode(out->data, out->n, &again, err) && tx_check_signature_bytes(out->data, out->n, &again, err);
}

void ledger_renew_pool_state(struct ledger *l)
{
    state_free(l->pool_state);
    l->pool_state = state_copy(l->state);
    tx_pool_apply(&l->pool, l->pool_state);
}

static bool submit_encoded(struct ledger *l, const struct tx *tx, const struct bytes *b, struct hash id,
                           struct error *err)
{
    if (index_find(&l->pool.index, id) >= 0)
        return error_set(err, ERROR_CHAIN, "this transaction is in the pool already");
    if (BLOCK_FIXED_BYTES + l->pool.bytes + 4 * (l->pool.n + 1) + b->n > FRAME_MOST_PAYLOAD)
        return error_set(err, ERROR_LIMIT, "the pool is full: seal a block first");
    if (!state_apply_waiting(l->pool_state, tx, id, err))
        return false;
    if (tx_pool_put(&l->pool, tx, b, id, &l->broken, err)) {
        l->broken = false;
        return true;
    }
    ledger_renew_pool_state(l); /* broken: the file is there, but is it durable? Opening again finds out */
    return false;
}

bool ledger_submit(struct ledger *l, const struct tx *tx, struct hash *id, struct error *err)
{
    struct bytes b = {0};
    bool good = ledger_may_write(l, err) && encode_checked(tx, &b, err);
    if (good) {
        *id = tx_id_of_bytes(b.data, b.n);
        good = submit_encoded(l, tx, &b, *id, err);
    }
    bytes_free(&b);
    return good;
}

bool ledger_would_take(const struct ledger *l, const struct tx *tx, int n, struct error *err)
{
    struct state *s = state_copy(l->pool_state);
    bool good = true;
    for (int i = 0; good && i < n; i++)
        good = state_apply_waiting(s, &tx[i], tx_id(&tx[i]), err);
    state_free(s);
    return good;
}

/* --- appending ---------------------------------------------------------------------------------------------------- */

static bool put_frames(struct ledger *l, const struct replay_window *w, struct error *err)
{
    bool good = true;
    for (int i = 0; good && i < w->slots; i++)
        good = file_append_put(l->file, w->slot[i].data.data, w->slot[i].data.n, err);
    if (good && file_append_sync(l->file, err))
        return true;
    l->broken = true;
    return false;
}

static void take_slots(struct ledger *l, const struct replay_window *w)
{
    for (int i = 0; i < w->slots; i++) {
        const struct slot *s = &w->slot[i];
        ledger_note_offset(l, l->head.length);
        l->head.height = s->frame.height;
        l->head.length += s->data.n;
        l->head.id = block_id(s->data.data + FRAME_HEADER_BYTES);
        l->frame = s->hash;
        l->time_us = s->block.time_us;
        l->round = s->block.round;
        for (size_t k = 0; k < s->block.txs; k++)
            tx_pool_seal(&l->pool, tx_id_of_bytes(s->block.tx[k].data, s->block.tx[k].n));
    }
}

/* From here on the blocks are in the file. */
static bool settle(struct ledger *l, struct error *err)
{
    if (!head_write(l->folder, &l->head, err)) {
        l->broken = true;
        return error_prefix(err, "block %llu is sealed, but its length could not be recorded (open the chain again)",
                            (unsigned long long)l->head.height);
    }
    ledger_drop_passed(l);
    return true;
}

static void tell_slot(struct ledger *l, const struct slot *s, uint64_t offset)
{
    struct tx tx;
    for (size_t k = 0; l->telling && k < s->block.txs; k++)
        if (tx_decode(s->block.tx[k].data, s->block.tx[k].n, &tx, NULL))
            ledger_tell_tx(l, s->frame.height, (uint32_t)k, tx_id_of_bytes(s->block.tx[k].data, s->block.tx[k].n), &tx);
    ledger_tell_block(l, &(struct ledger_block){.height = s->frame.height, .offset = offset, .bytes = s->data.n,
                                                .time_us = s->block.time_us,
                                                .id = block_id(s->data.data + FRAME_HEADER_BYTES),
                                                .proposer = s->block.proposer, .transactions = (int)s->block.txs});
    l->txs_unsaved += s->block.txs;
    l->blocks_unsaved++;
}

static void tell(struct ledger *l, const struct replay_window *w, uint64_t offset)
{
    if (!ledger_tell_start(l, w->slot[0].frame.height))
        return;
    for (int i = 0; i < w->slots; i++) {
        tell_slot(l, &w->slot[i], offset);
        offset += w->slot[i].data.n;
    }
    ledger_tell_end(l, l->txs_unsaved >= LEDGER_STATE_TXS || l->blocks_unsaved >= LEDGER_STATE_BLOCKS, NULL);
}

bool ledger_append_window(struct ledger *l, const struct replay_window *w, struct state *next, struct error *err)
{
    uint64_t offset = l->head.length;
    if (!put_frames(l, w, err)) {
        state_free(next);
        return false;
    }
    take_slots(l, w);
    bool good = settle(l, err);
    state_free(l->state);
    l->state = next;
    if (good)
        tell(l, w, offset);
    ledger_renew_pool_state(l);
    return good;
}

/* --- making a block ----------------------------------------------------------------------------------------------- */

static bool borne_out(const struct ledger_witness *w, const struct state *s, const struct tx *tx)
{
    struct error why;
    error_clear(&why);
    return !tx_witnessed(tx->type) || (w && w->check(w->context, s, tx, &why));
}

/* Of the pool's transactions those that fit. They were tried one behind the other when they came, but witnessed ones not as
 * a block takes them: what came behind one may not apply, whether it is in the block or not. */
static bool apply_pool(const struct ledger *l, const struct ledger_witness *w, struct state *next, size_t fixed,
                       struct bytes *encoded, size_t *end, size_t *n, struct error *err)
{
    bool otherwise = false; /* than when they came */
    for (size_t i = 0; i < l->pool.n; i++) {
        const struct tx *tx = &l->pool.tx[i];
        if (fixed + encoded->n + 4 * (*n + 1) + l->pool.entry[i].bytes > FRAME_MOST_PAYLOAD)
            break;
        otherwise = otherwise || tx_witnessed(tx->type);
        if (!borne_out(w, next, tx))
            continue;
        if (!state_apply_id(next, tx, l->pool.entry[i].id, err)) {
            if (!otherwise)
                return false;
            continue;
        }
        tx_encode(tx, encoded);
        end[(*n)++] = encoded->n;
    }
    error_clear(err);
    return true;
}

static void put_txs(struct block *b, const struct bytes *encoded, const size_t *end, size_t n)
{
    b->tx = NEW_ARRAY(struct block_tx, n);
    b->txs = n;
    for (size_t i = 0; i < n; i++) {
        size_t from = i ? end[i - 1] : 0;
        b->tx[i] = (struct block_tx){encoded->data + from, end[i] - from};
    }
}

static bool end_block(const struct ledger *l, const struct key *voting, struct state *next, struct block *b,
                      struct bytes *payload, struct error *err)
{
    b->validators = state_validators_hash(l->state);
    if (!state_end_block(next, b->height, b->time_us, err))
        return false;
    b->state = state_hash(next);
    block_encode(payload, b, voting);
    return payload->n <= FRAME_MOST_PAYLOAD ||
           error_set(err, ERROR_LIMIT, "the pool does not fit into one block: move some of its files aside");
}

bool ledger_build(const struct ledger *l, const struct key *voting, uint32_t round, int64_t time_us,
                  const struct bytes *certificate, const struct ledger_witness *w, struct state *next,
                  struct bytes *payload, struct error *err)
{
    struct bytes encoded = {0};
    struct block b = {.chain = l->id, .height = l->head.height + 1, .round = round, .time_us = time_us,
                      .parent = l->head.id, .certificate_data = certificate->data, .certificate_n = certificate->n};
    size_t *end = NEW_ARRAY(size_t, l->pool.n), n = 0;
    bool good = apply_pool(l, w, next, BLOCK_FIXED_BYTES + certificate->n, &encoded, end, &n, err);
    if (good) {
        put_txs(&b, &encoded, end, n);
        good = end_block(l, voting, next, &b, payload, err);
    }
    block_free(&b);
    bytes_free(&encoded);
    free(end);
    return good;
}

static bool may_seal(const struct ledger *l, const struct key *voting, int64_t time_us, struct error *err)
{
    if (!state_alone(l->state))
        return error_set(err, ERROR_CHAIN, "the validators of this chain vote on its blocks: nobody seals one alone");
    if (!state_validator_find(l->state, key_public_of(voting)))
        return error_set(err, ERROR_CHAIN, "'%s' is no voting key of a validator of this chain", key_name(voting));
    return replay_time_sane(&l->genesis, l->time_us, time_us, err) || error_prefix(err, "cannot seal a block");
}

bool ledger_seal_witnessed(struct ledger *l, const struct key *voting, int64_t time_us, const struct ledger_witness *w,
                           uint64_t *height, struct hash *id, struct error *err)
{
    struct bytes payload = {0}, none = {0};
    if (!ledger_may_write(l, err) || !may_seal(l, voting, time_us, err))
        return false;
    struct state *next = state_copy(l->state);
    if (!ledger_build(l, voting, 0, time_us, &none, w, next, &payload, err)) {
        state_free(next);
        bytes_free(&payload);
        return false;
    }
    struct replay_window *window = replay_window_new();
    replay_window_put(window, l->head.height + 1, l->head.length, payload.data, payload.n, l->frame);
    bytes_free(&payload);
    bool good = ledger_append_window(l, window, next, err);
    replay_window_free(window);
    *height = l->head.height;
    *id = l->head.id;
    return good;
}

bool ledger_seal(struct ledger *l, const struct key *voting, int64_t time_us, uint64_t *height, struct hash *id,
                 struct error *err)
{
    return ledger_seal_witnessed(l, voting, time_us, NULL, height, id, err);
}
