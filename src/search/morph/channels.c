#include "search/morph/channels.h"

#include "base/memory.h"
#include "base/text.h"

/* The first places are the old ones, in their order. */
static struct channel_map map_new(int n, int old_n, int added)
{
    struct channel_map map = {.old = NEW_ARRAY(int, n), .n = n, .old_n = old_n};
    for (int i = 0; i < n; i++)
        map.old[i] = i < old_n ? i : added;
    return map;
}

static struct channel_map map_copy(struct channel_map in)
{
    in.old = memory_copy(in.old, (size_t)in.n * sizeof *in.old);
    return in;
}

/* Blocks of a map side by side; block[b] is the old block there, or CHANNEL_NEW. */
static struct channel_map map_blocks(struct channel_map one, const int *block, int blocks, int old_blocks)
{
    struct channel_map map = map_new(one.n * blocks, 0, CHANNEL_NEW);
    map.old_n = one.old_n * old_blocks;
    for (int b = 0; b < blocks; b++)
        for (int c = 0; c < one.n; c++)
            map.old[b * one.n + c] = block[b] < 0     ? block[b]
                                     : one.old[c] < 0 ? one.old[c]
                                                      : block[b] * one.old_n + one.old[c];
    return map;
}

static struct channel_map map_repeat(struct channel_map one, int times)
{
    int *block = NEW_ARRAY(int, times);
    for (int i = 0; i < times; i++)
        block[i] = i;
    struct channel_map map = map_blocks(one, block, times, times);
    free(block);
    return map;
}

/* A concat that is new itself hands on its first input and brings the others' channels along. */
static struct channel_map map_join(const struct arch_node *node, const struct channel_map *map, bool is_new)
{
    struct channel_map joined = {0};
    for (int k = 0; k < node->inputs; k++) {
        struct channel_map in = map[node->input[k]];
        bool added = is_new && k > 0;
        joined.old = memory_resize(joined.old, (size_t)(joined.n + in.n), sizeof *joined.old);
        for (int c = 0; c < in.n; c++)
            joined.old[joined.n + c] = added ? CHANNEL_NEW : in.old[c] < 0 ? in.old[c] : in.old[c] + joined.old_n;
        joined.n += in.n;
        joined.old_n += added ? 0 : in.old_n;
    }
    return joined;
}

/* The input's channels, then those that the operator adds itself. */
static struct channel_map map_append(struct channel_map in, int n)
{
    struct channel_map map = map_new(n, n, CHANNEL_NEW);
    memcpy(map.old, in.old, (size_t)in.n * sizeof *in.old);
    map.old_n = in.old_n + n - in.n;
    for (int c = in.n; c < n; c++)
        map.old[c] = in.old_n + c - in.n;
    return map;
}

static struct channel_map map_laid(const struct morph_edit *e, int i, const struct channel_map *map)
{
    const struct arch_node *node = &e->after->node[i];
    struct channel_map in = map[node->input[0]];
    int time = e->after->shape[node->input[0]].time;
    if (text_equal(node->op->name, "concat"))
        return map_join(node, map, e->rule[i].from < 0);
    if (text_equal(node->op->name, "flatten"))
        return map_repeat(in, time > 0 ? time : 1);
    return map_append(in, e->after->shape[i].channels);
}

/* A new node's channels are new, unless it hands on its input's (a sum, an identity layer). */
static struct channel_map node_map(const struct morph_edit *e, int i, const struct channel_map *map)
{
    const struct arch_node *node = &e->after->node[i];
    int from = e->rule[i].from, n = e->after->shape[i].channels;
    if (node->op->width == OP_WIDTH_LAID)
        return map_laid(e, i, map);
    if (node->op->width != OP_WIDTH_OWN || (from < 0 && e->rule[i].fill == CARRY_IDENTITY))
        return map_copy(map[node->input[0]]);
    return map_new(n, from < 0 ? 0 : e->before->shape[from].channels, e->silent ? CHANNEL_SILENT : CHANNEL_NEW);
}

struct channel_map *channels_new(const struct morph_edit *e)
{
    struct channel_map *map = NEW_ARRAY(struct channel_map, e->after->nodes);
    for (int i = 0; i < e->after->nodes; i++)
        map[i] = node_map(e, i, map);
    return map;
}

void channels_free(struct channel_map *map, int nodes)
{
    for (int i = 0; i < nodes; i++)
        free(map[i].old);
    free(map);
}

/* Taps are told by their age, which counts from the newest: old_taps stood old_dilation steps apart. */
static struct channel_map map_taps(const struct morph_edit *e, int node, struct channel_map one)
{
    const struct arch_node *now = &e->after->node[node], *was = &e->before->node[e->rule[node].from];
    int taps = op_int(now, "kernel"), old_taps = op_int(was, "kernel");
    int dilation = op_int(now, "dilation"), old_dilation = op_int(was, "dilation");
    int *block = NEW_ARRAY(int, taps);
    for (int q = 0; q < taps; q++) {
        int64_t age = (int64_t)(taps - 1 - q) * dilation;
        bool was_there = age % old_dilation == 0 && age / old_dilation < old_taps;
        block[q] = was_there ? old_taps - 1 - (int)(age / old_dilation) : CHANNEL_NEW;
    }
    struct channel_map map = map_blocks(one, block, taps, old_taps);
    free(block);
    return map;
}

/* Head by head; where a head grows, its new channels are silent on the side of the keys. */
static struct channel_map map_heads(const struct morph_edit *e, int node, bool keys)
{
    const struct arch_node *now = &e->after->node[node], *was = &e->before->node[e->rule[node].from];
    int heads = op_int(now, "heads"), head = op_int(now, "head");
    int old_heads = op_int(was, "heads"), old_head = op_int(was, "head");
    struct channel_map map = map_new(heads * head, 0, CHANNEL_NEW);
    map.old_n = old_heads * old_head;
    for (int h = 0; h < heads && h < old_heads; h++)
        for (int c = 0; c < head; c++)
            map.old[h * head + c] = c < old_head ? h * old_head + c : keys ? CHANNEL_SILENT : CHANNEL_NEW;
    return map;
}

struct channel_map channels_axis(const struct morph_edit *e, const struct channel_map *map, int node, enum op_axis axis,
                                 int size, int old_size)
{
    struct channel_map single = map_new(1, 1, CHANNEL_NEW), in = map[e->after->node[node].input[0]], result;
    switch (axis) {
    case OP_AXIS_INPUT:
        result = map_copy(in);
        break;
    case OP_AXIS_READS:
        result = map_taps(e, node, in);
        break;
    case OP_AXIS_TAPS:
        result = map_taps(e, node, single);
        break;
    case OP_AXIS_OUTPUT:
    case OP_AXIS_CHANNEL:
        result = map_repeat(map[node], size / map[node].n);
        break;
    case OP_AXIS_HEADS:
    case OP_AXIS_KEYS:
        result = map_heads(e, node, axis == OP_AXIS_KEYS);
        break;
    default:
        result = map_new(size, old_size, CHANNEL_NEW);
        break;
    }
    free(single.old);
    return result;
}
