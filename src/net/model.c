/* Layout of the weights, fresh weights, hash and file of a model. */
#include "net/model.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <math.h>
#include <stdint.h>

#define MODEL_MAGIC "MSMODEL1"
#define MODEL_TWO_MOMENTS 1u
#define MODEL_BLAS 2u
#define MODEL_ONE_MOMENT 4u

struct layout *layout_new(const struct arch *a)
{
    int *origin = NEW_ARRAY(int, a->nodes);
    struct arch *c = arch_canonical(a, origin);
    struct layout *l = NEW(struct layout);
    size_t capacity = 0;
    for (int i = 0; i < c->nodes; i++) {
        const struct arch_node *node = &c->node[i];
        struct arch_shape in[ARCH_INPUTS_MAX];
        struct op_tensor tensor[OP_TENSORS_MAX];
        for (int j = 0; j < node->inputs; j++)
            in[j] = c->shape[node->input[j]];
        int n = node->op->tensors(node, in, tensor);
        l->tensor = memory_grow(l->tensor, &capacity, (size_t)(l->tensors + n), sizeof *l->tensor);
        for (int j = 0; j < n; j++) {
            l->tensor[l->tensors++] = (struct layout_tensor){origin[i], j, tensor[j], l->weights};
            l->weights += (size_t)tensor[j].rows * (size_t)tensor[j].columns;
        }
    }
    arch_free(c);
    free(origin);
    return l;
}

void layout_free(struct layout *l)
{
    if (!l)
        return;
    free(l->tensor);
    free(l);
}

const struct layout_tensor *layout_find(const struct layout *l, int node, const char *tensor)
{
    for (int i = 0; i < l->tensors; i++)
        if (l->tensor[i].node == node && text_equal(l->tensor[i].shape.name, tensor))
            return &l->tensor[i];
    return NULL;
}

/* --- fresh weights ----------------------------------------------------------------------------------------------- */

/* Uniform in [-limit, limit): Glorot and Bengio 2010 eq. 16, He et al. 2015 eq. 10 (variance 2 / fan-in). */
static void draw(const struct op_tensor *t, double variance, struct random *r, float *out)
{
    float limit = (float)sqrt(3.0 * variance);
    size_t n = (size_t)t->rows * (size_t)t->columns;
    for (size_t i = 0; i < n; i++)
        out[i] = (2.0f * random_unit_float(r) - 1.0f) * limit + 0.0f;
}

static void fill(const struct op_tensor *t, struct random *r, float *out)
{
    size_t n = (size_t)t->rows * (size_t)t->columns;
    switch (t->init) {
    case OP_INIT_ZERO:
        memset(out, 0, n * sizeof *out);
        break;
    case OP_INIT_ONE:
        for (size_t i = 0; i < n; i++)
            out[i] = 1.0f;
        break;
    case OP_INIT_GLOROT:
        draw(t, 2.0 / ((double)t->rows + (double)t->columns), r, out);
        break;
    case OP_INIT_HE:
        draw(t, 2.0 / (double)t->rows, r, out);
        break;
    case OP_INIT_FORGET: /* Jozefowicz et al. 2015: the forget gate, second of four, starts open */
        for (size_t i = 0; i < n; i++)
            out[i] = i / (n / 4) == 1 ? 1.0f : 0.0f;
        break;
    case OP_INIT_VALUE:
        for (size_t i = 0; i < n; i++)
            out[i] = t->value;
        break;
    }
}

static struct model *model_room(struct arch *a, size_t weights, struct error *err)
{
    float *weight = memory_try(weights, sizeof *weight, "the weights of a model", err);
    if (!weight) {
        arch_free(a);
        return NULL;
    }
    struct model *m = NEW(struct model);
    m->arch = a;
    m->weights = weights;
    m->weight = weight;
    return m;
}

struct model *model_new(const struct arch *a, uint64_t seed, struct error *err)
{
    struct layout *l = layout_new(a);
    struct model *m = model_room(arch_copy(a), l->weights, err);
    for (int i = 0; m && i < l->tensors; i++) {
        struct random r = random_start(seed, RANDOM_WEIGHTS, (uint32_t)i, 0);
        fill(&l->tensor[i].shape, &r, m->weight + l->tensor[i].offset);
    }
    layout_free(l);
    return m;
}

struct model *model_copy(const struct model *m, struct error *err)
{
    struct model *b = model_room(arch_copy(m->arch), m->weights, err);
    if (!b)
        return NULL;
    memcpy(b->weight, m->weight, m->weights * sizeof *m->weight);
    b->blas = m->blas;
    if (!model_need_moments(b, model_moments(m), err)) {
        model_free(b);
        return NULL;
    }
    b->step = m->step;
    for (int i = 0; i < model_moments(m); i++)
        memcpy(b->moment[i], m->moment[i], m->weights * sizeof *m->weight);
    return b;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    arch_free(m->arch);
    free(m->weight);
    free(m->moment[0]);
    free(m->moment[1]);
    free(m);
}

int model_moments(const struct model *m)
{
    return m->moment[0] ? m->moment[1] ? 2 : 1 : 0;
}

bool model_need_moments(struct model *m, int n, struct error *err)
{
    if (model_moments(m) == n)
        return true;
    for (int i = 0; i < 2; i++) {
        free(m->moment[i]);
        m->moment[i] = i < n ? memory_try(m->weights, sizeof *m->weight, "the optimiser's moments", err) : NULL;
        if (i < n && !m->moment[i])
            return false;
    }
    m->step = 0;
    return true;
}

/* --- bytes ------------------------------------------------------------------------------------------------------- */

static uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static void put_floats(struct bytes *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes_put_u32(out, float_bits(x[i]));
}

struct hash model_hash(const struct model *m)
{
    struct hash id = arch_id(m->arch);
    struct hash_stream *s = hash_stream_new();
    struct bytes piece = {0};
    hash_stream_put(s, id.byte, HASH_BYTES);
    for (size_t at = 0; at < m->weights; at += 4096) {
        bytes_clear(&piece);
        put_floats(&piece, m->weight + at, m->weights - at < 4096 ? m->weights - at : 4096);
        hash_stream_put(s, piece.data, piece.n);
    }
    bytes_free(&piece);
    return hash_stream_end(s);
}

void model_encode(const struct model *m, struct bytes *out)
{
    struct bytes b = {0};
    char *text = arch_format(m->arch);
    static const uint32_t moment_flag[] = {0, MODEL_ONE_MOMENT, MODEL_TWO_MOMENTS};
    int moments = model_moments(m);
    bytes_put(&b, MODEL_MAGIC, 8);
    bytes_put_u32(&b, moment_flag[moments] | (m->blas ? MODEL_BLAS : 0U));
    bytes_put_text(&b, text);
    bytes_put_u64(&b, m->weights);
    put_floats(&b, m->weight, m->weights);
    for (int i = 0; i < moments; i++)
        put_floats(&b, m->moment[i], m->weights);
    if (moments)
        bytes_put_i64(&b, m->step);
    struct hash h = hash_of(b.data, b.n);
    bytes_put(&b, h.byte, HASH_BYTES);
    bytes_put(out, b.data, b.n);
    bytes_free(&b);
    free(text);
}

static void get_floats(struct bytes_reader *r, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bytes_get_u32(r);
        memcpy(&out[i], &bits, sizeof bits);
    }
}

static struct model *decode_body(struct bytes_reader *r, const char *origin, struct error *err)
{
    uint32_t flags = bytes_get_u32(r);
    size_t length;
    const uint8_t *text = bytes_get_blob(r, ARCH_TEXT_MAX, &length);
    if (flags & ~(MODEL_TWO_MOMENTS | MODEL_BLAS | MODEL_ONE_MOMENT) || !text ||
        (flags & MODEL_TWO_MOMENTS && flags & MODEL_ONE_MOMENT)) {
        error_set(err, ERROR_DATA, "%s: byte %zu: the model's head is damaged", origin, r->at);
        return NULL;
    }
    struct arch *a = arch_parse((const char *)text, length, origin, err);
    if (!a)
        return NULL;
    uint64_t weights = bytes_get_u64(r);
    if (weights != (uint64_t)arch_parameters(a) || (r->n - r->at) / sizeof(float) < weights) {
        error_set(err, ERROR_DATA, "%s: byte %zu: the architecture needs %lld weights, and they are not all here",
                  origin, r->at, (long long)arch_parameters(a));
        arch_free(a);
        return NULL;
    }
    struct model *m = model_room(a, (size_t)weights, err);
    if (!m)
        return NULL;
    m->blas = (flags & MODEL_BLAS) != 0;
    get_floats(r, m->weight, m->weights);
    int moments = flags & MODEL_TWO_MOMENTS ? 2 : flags & MODEL_ONE_MOMENT ? 1 : 0;
    if (!model_need_moments(m, moments, err)) {
        model_free(m);
        return NULL;
    }
    for (int i = 0; i < moments; i++)
        get_floats(r, m->moment[i], m->weights);
    if (moments)
        m->step = bytes_get_i64(r);
    return m;
}

struct model *model_decode(const void *data, size_t n, const char *origin, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n < HASH_BYTES ? 0 : n - HASH_BYTES);
    const uint8_t *magic = bytes_get(&r, 8);
    if (!magic || memcmp(magic, MODEL_MAGIC, 8) != 0) {
        error_set(err, ERROR_DATA, "%s: this is no model: it does not begin with %s", origin, MODEL_MAGIC);
        return NULL;
    }
    struct hash is = hash_of(data, n - HASH_BYTES);
    if (memcmp(is.byte, (const uint8_t *)data + n - HASH_BYTES, HASH_BYTES) != 0) {
        error_set(err, ERROR_DATA, "%s: the file is damaged: its last 32 bytes are not the hash of the others", origin);
        return NULL;
    }
    struct model *m = decode_body(&r, origin, err);
    if (m && (!bytes_done(&r) || m->step < 0)) {
        error_set(err, ERROR_DATA, "%s: byte %zu: the model's length or step count is wrong", origin, r.at);
        model_free(m);
        m = NULL;
    }
    return m;
}
