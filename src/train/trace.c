#include "train/trace.h"

#include "base/memory.h"

#define MACS_PER_BYTE 128 /* time of hashing one byte, as multiply-adds: 2 ns */
#define ADAM_MACS 16      /* time of one parameter's update, as multiply-adds: 1/4 ns */
#define STATE_BYTES 12
#define INTERVAL_LEAST 8

static int64_t at_most(int64_t v, int64_t most)
{
    return v < most ? v : most;
}

int64_t trace_interval(int64_t parameters, int64_t macs, int batch)
{
    ASSERT(parameters >= 0 && macs >= 0 && batch > 0);
    /* The bounds keep the products below in 63 bits. */
    int64_t p = at_most(parameters, INT64_C(1) << 40);
    int64_t work = 3 * at_most(macs, INT64_C(1) << 40) * at_most(batch, 1 << 18) + ADAM_MACS * p;
    int64_t hash = STATE_BYTES * MACS_PER_BYTE * p;

    if (work == 0)
        return INTERVAL_LEAST;
    int64_t k = hash * 100 / (3 * work) + 1;
    return k < INTERVAL_LEAST ? INTERVAL_LEAST : k;
}

bool trace_start(struct trace *t, int64_t interval, int64_t steps, struct error *err)
{
    ASSERT(interval > 0 && steps >= 0);
    *t = (struct trace){.interval = interval, .room = (uint64_t)(steps / interval) + 1};
    t->leaf = memory_try(t->room, sizeof *t->leaf, "the trace of a training", err);
    return t->leaf != NULL;
}

struct parts {
    const struct model *m;
    struct hash part[3];
};

static void hash_part(void *context, int task)
{
    struct parts *p = context;
    const float *data = task == 0 ? p->m->weight : p->m->moment[task - 1];
    size_t n = data ? p->m->weights * sizeof *data : 0;

    p->part[task] = hash_of(n > 0 ? (const void *)data : "", n);
}

struct hash trace_leaf(const struct model *m, struct threads *pool)
{
    /* The state is hashed where it lies: every machine we build for is little-endian. */
    ASSERT(*(const unsigned char *)&(uint16_t){1} == 1);
    struct parts p = {.m = m};
    uint8_t text[3 * HASH_BYTES + 8];

    threads_run(m->weights < 4096 ? NULL : pool, 3, hash_part, &p);
    for (int i = 0; i < 3; i++)
        memcpy(text + i * HASH_BYTES, p.part[i].byte, HASH_BYTES);
    for (int i = 0; i < 8; i++)
        text[3 * HASH_BYTES + i] = (uint8_t)((uint64_t)m->step >> (8 * i));
    return hash_of(text, sizeof text);
}

static void put_leaf(struct trace *t, const struct model *m, struct threads *pool)
{
    ASSERT(t->leaves < t->room);
    t->leaf[t->leaves++] = trace_leaf(m, pool);
}

void trace_step(struct trace *t, const struct model *m, int64_t steps_done, struct threads *pool)
{
    if (steps_done % t->interval == 0)
        put_leaf(t, m, pool);
}

void trace_end(struct trace *t, const struct model *m, struct threads *pool)
{
    put_leaf(t, m, pool);
}
