/* The canonical form and the id, as morphsmith-arch(5) states them.
 *
 * The arguments of a commuting operator are sorted by Merkle hash, which describes all that feeds a node. Two nodes can
 * have one Merkle hash and still differ in who reads them; they are then told apart by colour refinement (Weisfeiler
 * and Leman 1968) over inputs and readers, and what that leaves equal is individualised one by one. */
#include "net/arch_check.h"

#include "base/memory.h"
#include "base/text.h"

#include <limits.h>

/* --- Merkle hashes ----------------------------------------------------------------------------------------------- */

static void put_whole(struct text *out, int v)
{
    char digit[16], *at = digit + sizeof digit - 1;
    unsigned left = v < 0 ? 0u - (unsigned)v : (unsigned)v;
    *at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0)
        *--at = '-';
    text_put(out, at);
}

/* As arch_param_text has it, without a detour over formats: a search takes the ids of thousands of graphs for each
 * proposal. */
static void put_setting(const struct arch_node *node, int param, struct text *out)
{
    const struct op_param *p = &node->op->param[param];
    char value[40];
    text_put(out, " ");
    text_put(out, p->name);
    text_put(out, "=");
    if (p->kind == OP_ENUM) {
        text_put(out, p->names[(int)node->param[param]]);
    } else if (p->kind == OP_INT) {
        put_whole(out, (int)node->param[param]);
    } else {
        text_of_double(node->param[param], value, sizeof value);
        text_put(out, value);
    }
}

/* Parameters in alphabetical order of their names. */
static void put_settings(const struct arch_node *node, struct text *out)
{
    bool done[ARCH_PARAMS_MAX] = {false};
    for (int i = 0; i < node->op->params; i++) {
        int least = -1;
        for (int j = 0; j < node->op->params; j++)
            if (!done[j] && (least < 0 || strcmp(node->op->param[j].name, node->op->param[least].name) < 0))
                least = j;
        done[least] = true;
        put_setting(node, least, out);
    }
}

/* H("operator name=value ...\n", then for each argument its Merkle hash in hexadecimal and "\n"). */
static void merkle(const struct arch *a, struct hash *out)
{
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[i];
        struct hash in[ARCH_INPUTS_MAX];
        struct text t = {0};
        for (int j = 0; j < node->inputs; j++)
            in[j] = out[node->input[j]];
        if (node->op->commutes)
            qsort(in, (size_t)node->inputs, sizeof *in, hash_compare);
        text_put(&t, node->op->name);
        put_settings(node, &t);
        text_put(&t, "\n");
        for (int j = 0; j < node->inputs; j++) {
            char hex[HASH_HEX];
            hash_hex(in[j], hex);
            text_put(&t, hex);
            text_put(&t, "\n");
        }
        out[i] = hash_of(t.data, t.n);
        text_free(&t);
    }
}

/* --- ranks ------------------------------------------------------------------------------------------------------- */

/* rank[i]: how many nodes have a smaller key. */
struct key {
    const int *word;
    int words, node;
};

struct ranks {
    const struct arch *a;
    int *rank;
    int *word;          /* room for all keys of one round */
    struct key *key;    /* [nodes] */
    int *reader_n;      /* [nodes] */
    int **reader;       /* [nodes]: pairs (reader, argument position) */
    int *reader_memory;
    bool *touched;      /* [nodes], by rank: classes to look at in the next round */
    int *fresh, *changed; /* [nodes] */
};

static int compare_ints(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int compare_pairs(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0]) : (x[1] > y[1]) - (x[1] < y[1]);
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    for (int i = 0; i < x->words && i < y->words; i++)
        if (x->word[i] != y->word[i])
            return x->word[i] < y->word[i] ? -1 : 1;
    return (x->words > y->words) - (x->words < y->words);
}

/* Key of a node: its rank, its arguments' ranks, then (rank, argument position) of its readers, ascending. */
static int write_key(const struct ranks *r, int i, int *word)
{
    const struct arch_node *node = &r->a->node[i];
    int n = 0;
    word[n++] = r->rank[i];
    for (int j = 0; j < node->inputs; j++)
        word[n++] = r->rank[node->input[j]];
    if (node->op->commutes)
        qsort(word + 1, (size_t)node->inputs, sizeof *word, compare_ints);
    int *pairs = word + n;
    for (int j = 0; j < r->reader_n[i]; j++) {
        int reader = r->reader[i][2 * j];
        word[n++] = r->rank[reader];
        word[n++] = r->a->node[reader].op->commutes ? 0 : r->reader[i][2 * j + 1];
    }
    qsort(pairs, (size_t)r->reader_n[i], 2 * sizeof *pairs, compare_pairs);
    return n;
}

/* Marks the classes of a node's neighbours: only they can be split by its new rank. */
static void touch(struct ranks *r, int i)
{
    const struct arch_node *node = &r->a->node[i];
    for (int j = 0; j < node->inputs; j++)
        r->touched[r->rank[node->input[j]]] = true;
    for (int j = 0; j < r->reader_n[i]; j++)
        r->touched[r->rank[r->reader[i][2 * j]]] = true;
}

/* Splits the touched classes, all by the ranks of before; false when nothing was split. A class that no changed node
 * neighbours had equal keys in the round before and has them still. */
static bool refine_once(struct ranks *r)
{
    int n = 0, changed = 0, *word = r->word;
    for (int i = 0; i < r->a->nodes; i++)
        if (r->touched[r->rank[i]]) {
            r->key[n] = (struct key){word, write_key(r, i, word), i};
            word += r->key[n++].words;
        }
    qsort(r->key, (size_t)n, sizeof *r->key, compare_keys);
    for (int i = 0; i < n; i++)
        r->touched[r->key[i].word[0]] = false;
    for (int i = 0, first = 0, class = 0; i < n; i++) {
        if (i == 0 || r->key[i].word[0] != r->key[class].word[0])
            class = i;
        if (i == class || compare_keys(&r->key[i - 1], &r->key[i]) != 0)
            first = i;
        r->fresh[i] = r->key[i].word[0] + first - class;
    }
    for (int i = 0; i < n; i++)
        if (r->fresh[i] != r->rank[r->key[i].node]) {
            r->rank[r->key[i].node] = r->fresh[i];
            r->changed[changed++] = r->key[i].node;
        }
    for (int i = 0; i < changed; i++)
        touch(r, r->changed[i]);
    return changed > 0;
}

static void refine(struct ranks *r)
{
    while (refine_once(r))
        ;
}

/* The lowest rank that two different arguments of one commuting node share, or -1. */
static int lowest_tie(const struct ranks *r)
{
    int least = INT_MAX;
    for (int i = 0; i < r->a->nodes; i++) {
        const struct arch_node *node = &r->a->node[i];
        if (!node->op->commutes)
            continue;
        for (int j = 1; j < node->inputs; j++)
            for (int k = 0; k < j; k++)
                if (node->input[j] != node->input[k] && r->rank[node->input[j]] == r->rank[node->input[k]] &&
                    r->rank[node->input[j]] < least)
                    least = r->rank[node->input[j]];
    }
    return least == INT_MAX ? -1 : least;
}

/* One node of the class goes behind the others. Which one does not matter where they are alike. */
static void individualise(struct ranks *r, int rank)
{
    int one = -1, size = 0;
    for (int i = 0; i < r->a->nodes; i++)
        if (r->rank[i] == rank) {
            one = i;
            size++;
        }
    r->rank[one] = rank + size - 1;
    touch(r, one);
}

static void find_readers(struct ranks *r)
{
    int n = r->a->nodes, edges = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < r->a->node[i].inputs; j++, edges++)
            r->reader_n[r->a->node[i].input[j]]++;
    r->reader_memory = NEW_ARRAY(int, 2 * edges);
    r->word = NEW_ARRAY(int, n + 3 * edges);
    for (int i = 0, at = 0; i < n; i++) {
        r->reader[i] = r->reader_memory + 2 * at;
        at += r->reader_n[i];
        r->reader_n[i] = 0;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < r->a->node[i].inputs; j++) {
            int in = r->a->node[i].input[j], *pair = r->reader[in] + 2 * r->reader_n[in]++;
            pair[0] = i;
            pair[1] = j;
        }
}

/* Ranks by Merkle hash, refined only where a commuting node needs it. */
static int *rank_nodes(const struct arch *a)
{
    size_t n = (size_t)a->nodes;
    struct hash *hash = NEW_ARRAY(struct hash, n), *sorted = NEW_ARRAY(struct hash, n);
    struct ranks r = {.a = a, .rank = NEW_ARRAY(int, n)};
    int tie;
    merkle(a, hash);
    memcpy(sorted, hash, n * sizeof *hash);
    qsort(sorted, n, sizeof *sorted, hash_compare);
    for (size_t i = 0; i < n; i++) {
        const struct hash *at = bsearch(&hash[i], sorted, n, sizeof *sorted, hash_compare);
        while (at > sorted && hash_equal(at[-1], hash[i]))
            at--;
        r.rank[i] = (int)(at - sorted);
    }
    free(hash);
    free(sorted);
    if (lowest_tie(&r) < 0)
        return r.rank;
    r.key = NEW_ARRAY(struct key, n);
    r.touched = NEW_ARRAY(bool, n);
    r.fresh = NEW_ARRAY(int, n);
    r.changed = NEW_ARRAY(int, n);
    memset(r.touched, true, n * sizeof *r.touched);
    r.reader_n = NEW_ARRAY(int, n);
    r.reader = NEW_ARRAY(int *, n);
    find_readers(&r);
    refine(&r);
    while ((tie = lowest_tie(&r)) >= 0) {
        individualise(&r, tie);
        refine(&r);
    }
    free(r.key);
    free(r.touched);
    free(r.fresh);
    free(r.changed);
    free(r.reader_n);
    free(r.reader);
    free(r.reader_memory);
    free(r.word);
    return r.rank;
}

/* --- the walk ---------------------------------------------------------------------------------------------------- */

/* A node's inputs in canonical order, as indices of the architecture given. */
static void sort_inputs(const struct arch_node *node, const int *rank, int out[ARCH_INPUTS_MAX])
{
    for (int j = 0; j < node->inputs; j++) {
        int in = node->input[j], k = j;
        if (node->op->commutes)
            for (; k > 0 && rank[out[k - 1]] > rank[in]; k--)
                out[k] = out[k - 1];
        out[k] = in;
    }
}

/* Post-order from the output, without recursion: 4096 nodes may stand in one chain. place[i] is the canonical index of
 * node i, at[] the reverse. Returns how many were reached: all of them. */
static int walk(const struct arch *a, const int *rank, int *place, int *at)
{
    int *stack = NEW_ARRAY(int, a->nodes), *next = NEW_ARRAY(int, a->nodes), depth = 0, placed = 0;
    for (int i = 0; i < a->nodes; i++)
        place[i] = -1;
    stack[depth++] = a->nodes - 1;
    while (depth > 0) {
        int i = stack[depth - 1], in[ARCH_INPUTS_MAX];
        sort_inputs(&a->node[i], rank, in);
        while (next[i] < a->node[i].inputs && place[in[next[i]]] >= 0)
            next[i]++;
        if (next[i] < a->node[i].inputs) {
            stack[depth++] = in[next[i]++];
            continue;
        }
        at[placed] = i;
        place[i] = placed++;
        depth--;
    }
    free(stack);
    free(next);
    return placed;
}

struct arch *arch_canonical(const struct arch *a, int *origin)
{
    struct arch *b = arch_copy(a);
    int *rank = rank_nodes(a), *place = NEW_ARRAY(int, a->nodes), *at = NEW_ARRAY(int, a->nodes);
    int reached = walk(a, rank, place, at);
    ASSERT(reached == a->nodes); /* arch_check: one node only is unread, so it is reached from every node */
    for (int i = 0; i < b->nodes; i++) {
        int in[ARCH_INPUTS_MAX];
        b->node[i] = a->node[at[i]];
        b->shape[i] = a->shape[at[i]];
        snprintf(b->node[i].name, sizeof b->node[i].name, "n%d", i);
        sort_inputs(&a->node[at[i]], rank, in);
        for (int j = 0; j < b->node[i].inputs; j++)
            b->node[i].input[j] = place[in[j]];
        if (origin)
            origin[i] = at[i];
    }
    free(rank);
    free(place);
    free(at);
    return b;
}

char *arch_canonical_text(const struct arch *a)
{
    struct arch *b = arch_canonical(a, NULL);
    struct text out = {0};
    text_put(&out, "morphsmith-arch 1\n");
    for (int i = 0; i < b->nodes; i++) {
        const struct arch_node *node = &b->node[i];
        text_put(&out, node->name);
        text_put(&out, " ");
        text_put(&out, node->op->name);
        for (int j = 0; j < node->inputs; j++) {
            text_put(&out, j ? "," : " in=");
            text_put(&out, b->node[node->input[j]].name);
        }
        put_settings(node, &out);
        text_put(&out, "\n");
    }
    arch_free(b);
    return out.data;
}

struct hash arch_id(const struct arch *a)
{
    char *text = arch_canonical_text(a);
    struct hash h = hash_of_text(text);
    free(text);
    return h;
}
