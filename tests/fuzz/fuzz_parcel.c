/* Models as they are sold: what a stranger delivers is refused, or holds a model that is whole, and says all of
 * itself.
 *
 * Input: its first byte is 'R' where the rest is the parcel as it is. Else: 0x01 the model has two moments, 0x02 one,
 * 0x04 it is of OpenBLAS, 0x08 a flag that nobody knows, 0x10 the number of weights is one more than there are, 0x20 a
 * bit of its hash is wrong, 0x40 there is something behind it. Then the early-stopping share (four bytes, least
 * first), and task, recipe (none: a good one), result and architecture, each up to the byte FD (EE before one takes
 * its meaning away); all the rest are weights and moments, made as long as the architecture asks for with zeros. */
#include "fuzz.h"

#include "action/parcel.h"
#include "base/memory.h"
#include "base/text.h"

const char fuzz_corpus[] = "parcel";

enum { TWO = 1, ONE = 2, BLAS = 4, UNKNOWN = 8, COUNT = 0x10, DAMAGE = 0x20, BEHIND = 0x40 };
enum { END = 0xfd, ESCAPE = 0xee, WEIGHTS_MOST = 4096 };

struct reading {
    const uint8_t *data;
    size_t n, at;
};

static void section(struct reading *in, struct bytes *out)
{
    static uint8_t whole[4096];
    size_t n = 0;
    for (; in->at < in->n && in->data[in->at] != END && n < sizeof whole; in->at++) {
        in->at += in->data[in->at] == ESCAPE && in->at + 1 < in->n;
        whole[n++] = in->data[in->at];
    }
    in->at += in->at < in->n;
    bytes_clear(out);
    bytes_put(out, whole, n);
}

static void put_blob(struct bytes *out, const struct bytes *b)
{
    bytes_put_blob(out, b->n ? b->data : (const uint8_t *)"", b->n);
}

static void put_model(struct reading *in, unsigned flags, struct bytes *out)
{
    struct bytes text = {0};
    section(in, &text);
    struct arch *a = arch_parse(text.n ? (const char *)text.data : "", text.n, "fuzz", NULL);
    uint64_t weights = a ? (uint64_t)arch_parameters(a) : 0;
    size_t floats = weights * (flags & TWO ? 3 : flags & ONE ? 2 : 1) * sizeof(float) + (flags & (TWO | ONE) ? 8 : 0);
    bytes_put(out, "MSMODEL1", 8);
    bytes_put_u32(out, (flags & TWO ? 1U : 0) | (flags & ONE ? 4U : 0) | (flags & BLAS ? 2U : 0) |
                           (flags & UNKNOWN ? 8U : 0));
    put_blob(out, &text);
    bytes_put_u64(out, weights + !!(flags & COUNT));
    size_t from = out->n;
    bytes_put(out, in->data + in->at, in->n - in->at);
    if (weights <= WEIGHTS_MOST) {
        while (out->n < from + floats)
            bytes_put_u8(out, 0);
        out->n = from + floats + !!(flags & BEHIND && out->n > from + floats);
    }
    struct hash h = hash_of(out->data, out->n);
    h.byte[0] ^= (uint8_t)!!(flags & DAMAGE);
    bytes_put(out, h.byte, sizeof h.byte);
    arch_free(a);
    bytes_free(&text);
}

static void put_parcel(struct reading *in, unsigned flags, struct bytes *out, struct bytes *model)
{
    static const uint8_t ids[2 * HASH_BYTES] = {1, 2, 3};
    struct bytes b = {0};
    char good[HASH_HEX];
    const uint8_t *stop = in->data + in->at;
    in->at += 4;
    bytes_put(out, "MSPARCL1", 8);
    bytes_put(out, ids, sizeof ids);
    section(in, &b);
    put_blob(out, &b); /* the task */
    section(in, &b);
    hash_hex((struct hash){{0xa1}}, good);
    if (b.n)
        put_blob(out, &b);
    else
        bytes_put_text(out, good);
    bytes_put(out, stop, 4);
    section(in, &b);
    put_blob(out, &b); /* the result */
    put_model(in, flags, model);
    put_blob(out, model);
    bytes_free(&b);
}

/* The model is the very one that came in. */
static void check_model(const struct model *m, const struct bytes *model)
{
    struct bytes again = {0};
    model_encode(m, &again);
    struct model *same = model_decode(again.data, again.n, "again", NULL);
    ASSERT(same && hash_equal(model_hash(m), model_hash(same)) && same->step == m->step && same->blas == m->blas);
    ASSERT(model_moments(m) == model_moments(same) && m->weights == (size_t)arch_parameters(m->arch));
    size_t floats = m->weights * (size_t)(1 + model_moments(m)) * sizeof(float), behind = HASH_BYTES;
    behind += floats + (model_moments(m) ? 8 : 0);
    ASSERT(!model->n || memcmp(model->data + model->n - behind, again.data + again.n - behind, behind - HASH_BYTES) == 0);
    model_free(same);
    bytes_free(&again);
}

static void check(const uint8_t *data, size_t n, const struct bytes *model)
{
    struct parcel p;
    struct error err = {0};
    if (parcel_read(&p, data, n, "fuzz", &err)) {
        struct hash recipe;
        ASSERT(p.stop_ppm <= RECIPE_STOP_PPM_MAX && hash_from_hex(p.recipe, &recipe));
        ASSERT(text_is_utf8(p.task, strlen(p.task)) && text_is_utf8(p.result, strlen(p.result)));
        check_model(p.model, model);
    } else {
        ASSERT(p.model == NULL && err.text[0] != '\0');
    }
    parcel_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes parcel = {0}, model = {0};
    hash_start();
    if (n > 0 && data[0] == 'R') {
        check(data + 1, n - 1, &model);
    } else if (n >= 5) {
        struct reading in = {data, n, 1};
        put_parcel(&in, data[0], &parcel, &model);
        uint8_t *exact = memory_copy(parcel.data, parcel.n);
        check(exact, parcel.n, &model);
        free(exact);
    }
    bytes_free(&parcel);
    bytes_free(&model);
    return 0;
}
