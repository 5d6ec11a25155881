/* States of trainings, as disputes carry them: refused, or the only spelling of what they say; and one that fits a training
 * becomes a model in just that state. The input's first byte: 0x01 the magic stands before the rest; its next two bits
 * are the moments that the training keeps. */
#include "fuzz.h"

#include "base/memory.h"
#include "train/retrace.h"

const char fuzz_corpus[] = "retrace";

#define MAGIC "morphsmith-state 1\n"
#define ARCH "morphsmith-arch 1\nx input time=2 channels=2\nf flatten in=x\ny dense in=f units=1\n"
#define WEIGHTS 5
#define STEPS 1000

/* A training of five weights. */
static struct retrace *training(void)
{
    static struct retrace r;
    if (!r.arch) {
        r.arch = arch_parse(ARCH, strlen(ARCH), "fuzz", NULL);
        ASSERT(r.arch);
        recipe_defaults(&r.recipe);
        r.steps = STEPS;
    }
    return &r;
}

static void check_spelling(const struct retrace_state *s, const uint8_t *data, size_t n)
{
    struct bytes again = {0};
    bytes_put(&again, MAGIC, strlen(MAGIC));
    bytes_put_u64(&again, (uint64_t)s->steps);
    bytes_put_u64(&again, s->weights);
    bytes_put_u8(&again, (uint8_t)s->moments);
    for (int i = 0; i <= s->moments; i++)
        bytes_put(&again, s->part[i], s->weights * sizeof(float));
    ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    bytes_free(&again);
}

static void check_model(const struct retrace *r, const struct retrace_state *s, const uint8_t *data, size_t n)
{
    struct bytes again = {0};
    struct model *m = retrace_model(r, s, NULL);
    bool fits = s->steps <= STEPS && s->weights == WEIGHTS && s->moments == r->moments;
    ASSERT((m != NULL) == fits && retrace_fits(r, s) == fits);
    if (!m)
        return;
    ASSERT(m->step == s->steps && model_moments(m) == s->moments);
    ASSERT(hash_equal(trace_leaf(m, NULL), retrace_state_leaf(s)));
    ASSERT(retrace_state_encode(m, &again, NULL));
    ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    bytes_free(&again);
    model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct retrace *r = training();
    struct retrace_state s;
    struct error err = {0};
    hash_start();
    if (n < 1)
        return 0;
    size_t before = data[0] & 1 ? strlen(MAGIC) : 0;
    uint8_t *object = memory_new(before + n, 1); /* one more than it needs, in front */
    memcpy(object + 1, MAGIC, before);
    memcpy(object + 1 + before, data + 1, n - 1);
    n += before - 1;
    r->moments = (data[0] >> 1 & 3) % 3;
    if (retrace_state_decode(&s, object + 1, n, &err)) {
        check_spelling(&s, object + 1, n);
        check_model(r, &s, object + 1, n);
    } else {
        ASSERT(err.kind == ERROR_CHAIN && err.text[0] != '\0');
    }
    free(object);
    return 0;
}
