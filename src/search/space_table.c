/* The space of a benchmark table: a step leads to a row that differs in one label or one edge. */
#include "search/space.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/table.h"

static struct hash row_id(const struct space *s, struct space_point p)
{
    struct hash id = {{0}};
    uint32_t row = (uint32_t)p.row;
    (void)s;
    for (int i = 0; i < HASH_BYTES; i++) /* spread over the bytes that a set of ids looks at */
        id.byte[i] = (uint8_t)(((uint64_t)(row + 1) * 0x9E3779B97F4A7C15u) >> (8 * (i % 8)));
    return id;
}

static struct search_candidate candidate_of(int row)
{
    return (struct search_candidate){.parent = -1, .row = row};
}

static bool row_walk(const struct space *s, struct search_candidate *c, struct random *r)
{
    int *near, n = search_table_neighbours(s->table, c->row, &near);
    if (n > 0) {
        c->row = near[random_below(r, (uint32_t)n)];
        c->steps++;
    }
    free(near);
    return n > 0;
}

static void row_neighbours(const struct space *s, struct space_point from, space_visit *visit, void *context)
{
    int *near, n = search_table_neighbours(s->table, from.row, &near);
    for (int i = 0; i < n; i++) {
        struct search_candidate c = candidate_of(near[i]);
        c.steps = 1;
        if (!visit(context, &c))
            break;
    }
    free(near);
}

static void row_draw(const struct space *s, struct search_candidate *out, struct random *r)
{
    *out = candidate_of((int)random_below(r, (uint32_t)s->table->rows));
}

static uint64_t common(uint64_t a, uint64_t b)
{
    return b ? common(b, a % b) : a;
}

/* Every row once, in strides near the golden section of the table: the multiples of that number are spread as evenly as
 * any, however many of them are taken (Kronecker sequence; Niederreiter 1992, chapter 3). */
static bool row_enumerate(const struct space *s, struct search_candidate *out, int k, uint64_t from)
{
    uint64_t n = (uint64_t)s->table->rows, stride = (uint64_t)((double)n * 0.61803398874989484820 + 0.5);
    if ((uint64_t)k >= n)
        return false;
    while (stride < 1 || common(n, stride) != 1)
        stride++;
    *out = candidate_of((int)(((uint64_t)k * stride + from % n) % n));
    return true;
}

static void row_costs(const struct space *s, struct space_point p, int64_t *parameters, int64_t *macs)
{
    (void)s;
    (void)p;
    *parameters = *macs = -1;
}

static const struct surrogate_features *row_features(const struct space *s, struct space_point p,
                                                     struct surrogate_features *own)
{
    (void)own;
    return search_table_features(s->table, p.row);
}

static void row_say(const struct space *s, const struct search_candidate *c, char *out, size_t size)
{
    text_copy(out, size, s->table->row[c->row].id);
}

const struct space_kind space_table = {
    .name = "table",
    .id = row_id,
    .walk = row_walk,
    .neighbours = row_neighbours,
    .draw = row_draw,
    .enumerate = row_enumerate,
    .costs = row_costs,
    .features = row_features,
    .say = row_say,
};
