/* The state hash: H(previous state hash, height, the entries that the block wrote, in order of their keys). */
#include "chain/state_private.h"

#include "chain/codec.h"

static void put_account(const struct state_account *a, struct bytes *out)
{
    codec_put_public(out, &a->key);
    bytes_put_u64(out, a->balance);
    bytes_put_u64(out, a->stake);
    bytes_put_u64(out, a->nonce);
    bytes_put_u8(out, a->validator);
}

static void put_task(const struct state_task *t, struct bytes *out)
{
    bytes_put_u64(out, t->height);
    codec_put_address(out, t->owner);
    tx_task_encode(&t->body, out);
    bytes_put_u64(out, t->pool_left);
    bytes_put_u64(out, t->best_correct);
    bytes_put_u64(out, t->best_total);
}

static void put_proposal(const struct state_proposal *p, struct bytes *out)
{
    bytes_put_u64(out, p->height);
    codec_put_address(out, p->proposer);
    tx_propose_encode(&p->body, out);
    bytes_put_u8(out, (uint8_t)p->state);
    bytes_put_u64(out, p->reward);
    bytes_put_u32(out, (uint32_t)p->decisions);
    for (int i = 0; i < p->decisions; i++) {
        const struct state_decision *d = &p->decision[i];
        codec_put_address(out, d->who);
        bytes_put_u64(out, d->height);
        bytes_put_u8(out, d->approve);
        bytes_put_u8(out, d->self);
        codec_put_hash(out, d->rerun_root);
        bytes_put_text(out, d->reason);
    }
}

static const struct unbonding *unbonding_find(const struct state *s, const struct entry_key *k)
{
    struct bytes_reader r = bytes_read(k->byte + 1, sizeof k->byte - 1);
    uint64_t due = bytes_get_u64(&r);
    struct address who = codec_get_address(&r);
    for (size_t i = s->unbondings; i > 0 && s->unbonding[i - 1].due >= due; i--)
        if (s->unbonding[i - 1].due == due && address_equal(s->unbonding[i - 1].who, who))
            return &s->unbonding[i - 1];
    return NULL;
}

/* False if the entry is not there (any more). */
static bool put_value(const struct state *s, const struct entry_key *k, struct bytes *out)
{
    struct hash id;
    memcpy(id.byte, k->byte + 1, sizeof id.byte);
    const struct unbonding *u;
    switch ((enum entry_type)k->byte[0]) {
    case ENTRY_TOTALS:
        bytes_put_u64(out, s->totals.treasury);
        bytes_put_u64(out, s->totals.burnt);
        return true;
    case ENTRY_ACCOUNT:
        put_account(&s->account[index_find(&s->account_index, id)], out);
        return true;
    case ENTRY_TASK:
        put_task(state_task_find(s, id), out);
        return true;
    case ENTRY_PROPOSAL:
        put_proposal(state_proposal_find(s, id), out);
        return true;
    case ENTRY_UNBONDING:
        u = unbonding_find(s, k);
        if (u)
            bytes_put_u64(out, u->amount);
        return u != NULL;
    }
    return false;
}

static int key_compare(const void *a, const void *b)
{
    return memcmp(a, b, ENTRY_KEY_BYTES);
}

static size_t unique(struct entry_key *k, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(k, n, sizeof *k, key_compare);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || key_compare(&k[kept - 1], &k[i]) != 0)
            k[kept++] = k[i];
    return kept;
}

void state_hash_block(struct state *s, uint64_t height)
{
    struct bytes all = {0}, value = {0};
    size_t n = unique(s->written, s->writtens);
    codec_put_hash(&all, s->hash);
    bytes_put_u64(&all, height);
    bytes_put_u32(&all, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        bytes_clear(&value);
        bool there = put_value(s, &s->written[i], &value);
        bytes_put(&all, s->written[i].byte, ENTRY_KEY_BYTES);
        bytes_put_u8(&all, there);
        bytes_put_blob(&all, value.data, value.n);
    }
    s->hash = hash_of(all.data, all.n);
    s->height = height;
    s->writtens = 0;
    bytes_free(&all);
    bytes_free(&value);
}
