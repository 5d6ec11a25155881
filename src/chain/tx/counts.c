#include "chain/tx/kind.h"

void counts_encode(const struct tx_counts *c, struct bytes *out)
{
    ASSERT(c->folds >= 0 && c->folds <= TX_FOLDS_MAX);
    bytes_put_u32(out, (uint32_t)c->folds);
    for (int i = 0; i < c->folds; i++) {
        bytes_put_u32(out, c->correct[i]);
        bytes_put_u32(out, c->total[i]);
    }
}

void counts_decode(struct bytes_reader *r, struct tx_counts *c)
{
    c->folds = (int)codec_get_bounded(r, TX_FOLDS_MAX);
    for (int i = 0; i < c->folds; i++) {
        c->correct[i] = bytes_get_u32(r);
        c->total[i] = bytes_get_u32(r);
    }
}

void tx_finding_encode(const struct tx_finding *f, struct bytes *out)
{
    counts_encode(&f->counts, out);
    codec_put_hash(out, f->trace_root);
    codec_put_hash(out, f->weights);
}

bool tx_finding_equal(const struct tx_finding *a, const struct tx_finding *b)
{
    if (a->counts.folds != b->counts.folds || !hash_equal(a->trace_root, b->trace_root) ||
        !hash_equal(a->weights, b->weights))
        return false;
    for (int i = 0; i < a->counts.folds; i++)
        if (a->counts.correct[i] != b->counts.correct[i] || a->counts.total[i] != b->counts.total[i])
            return false;
    return true;
}
