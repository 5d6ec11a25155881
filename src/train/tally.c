#include "train/tally.h"

#include "base/memory.h"
#include "train/crossval.h"
#include "train/loss.h"

#include <math.h>

#define MAGIC "MSTALLY1"
#define RANGES_MAX (1 << 20)

static bool goes_on(const struct tally *t, uint32_t sample)
{
    const struct tally_range *last = t->ranges ? &t->range[t->ranges - 1] : NULL;

    return last && last->first + last->n == sample;
}

static void take_ranges(struct tally *out, const struct crossval *c)
{
    size_t capacity = 0;

    for (size_t i = 0; i < c->n; i++) {
        if (!goes_on(out, c->sample[i])) {
            out->range = memory_grow(out->range, &capacity, out->ranges + 1, sizeof *out->range);
            out->range[out->ranges++] = (struct tally_range){c->sample[i], 0};
        }
        out->range[out->ranges - 1].n++;
    }
}

static float gain_of(const struct crossval *c, size_t i)
{
    double y = c->target[i], p = c->prediction[i];

    return (float)((y - c->reference[i]) * (y - c->reference[i]) - (y - p) * (y - p));
}

void tally_of(struct tally *out, const struct crossval *c)
{
    *out = (struct tally){.kind = c->kind, .n = c->n};
    take_ranges(out, c);
    if (c->kind == TASK_RETURN)
        out->gain = NEW_ARRAY(float, c->n);
    else
        out->hit = NEW_ARRAY(uint8_t, (c->n + 7) / 8);
    for (size_t i = 0; i < c->n; i++) {
        const float *p = c->prediction + i * (size_t)c->outputs;
        if (out->gain)
            out->gain[i] = gain_of(c, i);
        else if (loss_is_right(c->kind, c->outputs, p, c->target[i]))
            out->hit[i / 8] = (uint8_t)(out->hit[i / 8] | 1U << i % 8);
    }
}

void tally_free(struct tally *t)
{
    free(t->range);
    free(t->hit);
    free(t->gain);
    *t = (struct tally){0};
}

double tally_value(const struct tally *t, size_t i)
{
    return t->gain ? (double)t->gain[i] : (double)(t->hit[i / 8] >> i % 8 & 1);
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

void tally_encode(struct bytes *out, const struct tally *t)
{
    bytes_put(out, MAGIC, 8);
    bytes_put_u32(out, (uint32_t)t->kind);
    bytes_put_u32(out, (uint32_t)t->ranges);
    for (size_t i = 0; i < t->ranges; i++) {
        bytes_put_u32(out, t->range[i].first);
        bytes_put_u32(out, t->range[i].n);
    }
    if (t->hit)
        bytes_put(out, t->hit, (t->n + 7) / 8);
    for (size_t i = 0; t->gain && i < t->n; i++) {
        uint32_t bits;
        memcpy(&bits, &t->gain[i], sizeof bits);
        bytes_put_u32(out, bits);
    }
}

static bool get_ranges(struct tally *t, struct bytes_reader *r)
{
    uint64_t next = 0;

    t->range = NEW_ARRAY(struct tally_range, t->ranges);
    for (size_t i = 0; i < t->ranges; i++) {
        t->range[i].first = bytes_get_u32(r);
        t->range[i].n = bytes_get_u32(r);
        if (t->range[i].first < next || t->range[i].n < 1)
            return false;
        next = (uint64_t)t->range[i].first + t->range[i].n;
        t->n += t->range[i].n;
    }
    return !r->failed && next <= UINT32_MAX;
}

static bool get_values(struct tally *t, struct bytes_reader *r)
{
    size_t bytes = t->kind == TASK_RETURN ? 4 * t->n : (t->n + 7) / 8;

    if (r->n - r->at != bytes)
        return false;
    if (t->kind != TASK_RETURN) {
        t->hit = bytes ? memory_copy(bytes_get(r, bytes), bytes) : NULL;
        return bytes > 0;
    }
    t->gain = NEW_ARRAY(float, t->n);
    for (size_t i = 0; i < t->n; i++) {
        uint32_t bits = bytes_get_u32(r);
        memcpy(&t->gain[i], &bits, sizeof bits);
        if (!isfinite(t->gain[i]))
            return false;
    }
    return t->n > 0;
}

bool tally_decode(struct tally *out, const void *data, size_t n)
{
    struct bytes_reader r = bytes_read(data, n);
    const uint8_t *magic = bytes_get(&r, 8);
    uint32_t kind = bytes_get_u32(&r), ranges = bytes_get_u32(&r);

    *out = (struct tally){0};
    if (!magic || memcmp(magic, MAGIC, 8) != 0 || kind > TASK_CLASS || ranges > RANGES_MAX || ranges > n / 8)
        return false;
    out->kind = (enum task_target)kind;
    out->ranges = ranges;
    if (get_ranges(out, &r) && get_values(out, &r) && bytes_done(&r))
        return true;
    tally_free(out);
    return false;
}
