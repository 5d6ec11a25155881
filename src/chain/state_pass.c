#include "chain/state_pass.h"

#include "base/memory.h"
#include "chain/codec.h"

void pass_raw(struct pass *p, void *data, size_t n)
{
    if (p->out) {
        bytes_put(p->out, data, n);
        return;
    }
    const uint8_t *got = bytes_get(p->in, n);
    if (got)
        memcpy(data, got, n);
}

void pass_u8(struct pass *p, uint8_t *v)
{
    pass_raw(p, v, 1);
}

void pass_u32(struct pass *p, uint32_t *v)
{
    if (p->out)
        bytes_put_u32(p->out, *v);
    else
        *v = bytes_get_u32(p->in);
}

void pass_u64(struct pass *p, uint64_t *v)
{
    if (p->out)
        bytes_put_u64(p->out, *v);
    else
        *v = bytes_get_u64(p->in);
}

void pass_i64(struct pass *p, int64_t *v)
{
    if (p->out)
        bytes_put_i64(p->out, *v);
    else
        *v = bytes_get_i64(p->in);
}

void pass_bool(struct pass *p, bool *v)
{
    if (p->out)
        bytes_put_u8(p->out, *v);
    else
        *v = codec_get_bool(p->in);
}

void pass_int(struct pass *p, int *v, size_t most)
{
    if (p->out)
        bytes_put_u32(p->out, (uint32_t)*v);
    else
        *v = (int)codec_get_bounded(p->in, (uint32_t)(most < PASS_COUNT_MOST ? most : PASS_COUNT_MOST));
}

void pass_hash(struct pass *p, struct hash *h)
{
    pass_raw(p, h->byte, sizeof h->byte);
}

void pass_address(struct pass *p, struct address *a)
{
    pass_raw(p, a->byte, sizeof a->byte);
}

void pass_moment(struct pass *p, struct state_moment *m)
{
    pass_u64(p, &m->height);
    pass_i64(p, &m->time_us);
}

void pass_body(struct pass *p, struct tx *tx)
{
    const struct tx_kind *kind = tx_kind_of(tx->type);
    if (p->out)
        kind->encode(tx, p->out);
    else
        kind->decode(p->in, tx);
}

void *pass_room(struct pass *p, int n, size_t size)
{
    if (p->in->failed || (size_t)n > p->in->n - p->in->at) {
        p->in->failed = true;
        return NULL;
    }
    return n ? NEW_ARRAY(char, (size_t)n * size) : NULL;
}
