/* The state hash: H(previous state hash, height, the entries that the block wrote, in order of their keys). */
#include "chain/state_part.h"
#include "chain/state_private.h"

#include "chain/codec.h"

static void put_account(const struct state *s, const struct state_account *a, struct bytes *out)
{
    codec_put_public(out, &a->key);
    bytes_put_u64(out, a->balance);
    bytes_put_u64(out, a->stake);
    bytes_put_u64(out, a->nonce);
    bytes_put_u8(out, a->barred ? 2 : a->validator);
    for (int i = 0; a->validator && i < s->seats; i++)
        if (address_equal(s->seat[i].who, a->address))
            codec_put_public(out, &s->seat[i].voting);
}

static void put_task(const struct state_task *t, struct bytes *out)
{
    bytes_put_u64(out, t->height);
    codec_put_address(out, t->owner);
    tx_task_encode(&t->body, out);
    bytes_put_u64(out, t->pool_left);
    bytes_put_u64(out, t->best_correct);
    bytes_put_u64(out, t->best_total);
    bytes_put_u64(out, t->earned_ppm);
}

static void put_moment(struct state_moment m, struct bytes *out)
{
    bytes_put_u64(out, m.height);
    bytes_put_i64(out, m.time_us);
}

static void put_attest(const struct state_attest *a, struct bytes *out)
{
    codec_put_address(out, a->who);
    bytes_put_u64(out, a->height);
    bytes_put_u8(out, a->self);
    codec_put_hash(out, a->commitment);
    bytes_put_u64(out, a->revealed);
    if (a->revealed)
        tx_finding_encode(&a->finding, out);
}

static void put_decision(const struct state_decision *d, struct bytes *out)
{
    codec_put_address(out, d->who);
    bytes_put_u64(out, d->height);
    bytes_put_u8(out, d->approve);
    bytes_put_u8(out, d->self);
    codec_put_hash(out, d->rerun_root);
    bytes_put_text(out, d->reason);
}

static void put_proposal(const struct state_proposal *p, struct bytes *out)
{
    bytes_put_u64(out, p->order);
    codec_put_address(out, p->proposer);
    bytes_put_u8(out, (uint8_t)p->state);
    bytes_put_u8(out, (uint8_t)(p->verified + 2 * !hash_is_zero(p->job)));
    put_moment(p->announced, out);
    put_moment(p->claimed, out);
    put_moment(p->committed, out);
    put_moment(p->opened, out);
    tx_announce_encode(&p->announce, out);
    if (!hash_is_zero(p->job))
        codec_put_hash(out, p->job);
    if (p->claimed.height)
        tx_content_encode(&p->body, out);
    if (p->opened.height) {
        codec_put_hash(out, p->open.trace_root);
        codec_put_hash(out, p->open.weights);
        codec_put_hash(out, p->open.leaves);
    }
    bytes_put_u64(out, p->improvement_ppm);
    bytes_put_u64(out, p->reward);
    bytes_put_u32(out, (uint32_t)p->attests);
    for (int i = 0; i < p->attests; i++)
        put_attest(&p->attest[i], out);
    bytes_put_u32(out, (uint32_t)p->decisions);
    for (int i = 0; i < p->decisions; i++)
        put_decision(&p->decision[i], out);
}

static void put_holdout(const struct state_holdout *h, struct bytes *out)
{
    bytes_put_u64(out, h->height);
    codec_put_address(out, h->who);
    tx_holdout_encode(&h->body, out);
}

static const struct unbonding *unbonding_of(const struct state *s, const struct entry_key *k)
{
    struct bytes_reader r = bytes_read(k->byte + 1, sizeof k->byte - 1);
    uint64_t height = bytes_get_u64(&r);
    return state_unbonding_find(s, height, codec_get_address(&r));
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
        put_account(s, &s->account[index_find(&s->account_index, id)], out);
        return true;
    case ENTRY_TASK:
        put_task(state_task_find(s, id), out);
        return true;
    case ENTRY_PROPOSAL:
        put_proposal(state_proposal_find(s, id), out);
        return true;
    case ENTRY_UNBONDING:
        u = unbonding_of(s, k);
        if (u) {
            bytes_put_i64(out, u->begun.time_us);
            bytes_put_u64(out, u->amount);
        }
        return u != NULL;
    case ENTRY_HOLDOUT:
        put_holdout(&s->holdout[index_find(&s->holdout_index, id)], out);
        return true;
    default:
        return state_parts_put(s, (enum entry_type)k->byte[0], id, out);
    }
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

static struct hash hash_validators(const struct state *s)
{
    struct bytes b = {0};
    bytes_put(&b, "morphsmith validators", sizeof "morphsmith validators");
    bytes_put_u32(&b, (uint32_t)s->validators);
    for (int i = 0; i < s->validators; i++) {
        codec_put_public(&b, &s->validator[i].voting);
        bytes_put_u64(&b, s->validator[i].power);
    }
    struct hash h = hash_of(b.data, b.n);
    bytes_free(&b);
    return h;
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
    s->validators_hash = hash_validators(s);
    s->height = height;
    s->writtens = 0;
    bytes_free(&all);
    bytes_free(&value);
}
