#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/net_batch.h"

#include "base/memory.h"
#include "base/random.h"

struct arch *net_parse(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test", &err);
    if (!a)
        print_error("%s\n%s", err.text, text);
    assert_non_null(a);
    return a;
}

size_t net_numbers(struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

static int input_of(const struct arch *a)
{
    int first = 0;
    while (a->node[first].inputs > 0)
        first++;
    return first;
}

struct batch batch_new(const struct arch *a, int batch, int rows, bool whole, uint64_t seed)
{
    struct error err = {0};
    struct batch b = {.m = model_new(a, seed, &err), .rows = rows};
    struct random draw = random_start(seed, RANDOM_TEST, 1, 0);
    b.p = whole ? plan_new_whole(a, batch, true, NULL, &err) : plan_new(a, batch, true, NULL, &err);
    assert_non_null(b.m);
    assert_non_null(b.p);
    b.inputs = (size_t)rows * net_numbers(a->shape[input_of(a)]);
    b.outputs = (size_t)rows * net_numbers(a->shape[a->nodes - 1]);
    b.d = NEW_ARRAY(float, b.outputs);
    b.gradient = NEW_ARRAY(float, b.m->weights);
    for (size_t i = 0; i < b.m->weights; i++)
        b.m->weight[i] += 0.2f * random_unit_float(&draw) - 0.1f; /* biases too */
    for (size_t i = 0; i < b.inputs; i++)
        plan_input(b.p)[i] = 3.0f * random_unit_float(&draw) - 1.5f;
    for (size_t i = 0; i < b.outputs; i++)
        b.d[i] = 2.0f * random_unit_float(&draw) - 1.0f;
    return b;
}

void batch_run(struct batch *b, const struct op_draw *draw)
{
    b->y = draw ? plan_forward_draw(b->p, b->m->weight, b->rows, *draw) : plan_forward(b->p, b->m->weight, b->rows);
    plan_backward(b->p, b->m->weight, b->d, b->gradient, b->rows);
}

void batch_free(struct batch *b)
{
    plan_free(b->p);
    model_free(b->m);
    free(b->d);
    free(b->gradient);
}
