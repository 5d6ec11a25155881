#include "base/hash.h"

#include "base/error.h"
#include "base/memory.h"

#include <sodium.h>

struct hash_stream {
    crypto_generichash_state state;
};

void hash_start(void)
{
    ASSERT(sodium_init() >= 0);
}

struct hash hash_of(const void *data, size_t n)
{
    struct hash h;

    ASSERT(crypto_generichash(h.byte, HASH_BYTES, data, n, NULL, 0) == 0);
    return h;
}

struct hash hash_of_text(const char *text)
{
    return hash_of(text, strlen(text));
}

struct hash_stream *hash_stream_new(void)
{
    /* libsodium's state wants an alignment of 64 bytes, which memory_try promises. */
    struct hash_stream *s = memory_try(1, sizeof *s, "a hash", NULL);

    ASSERT(s);
    ASSERT(crypto_generichash_init(&s->state, NULL, 0, HASH_BYTES) == 0);
    return s;
}

void hash_stream_put(struct hash_stream *s, const void *data, size_t n)
{
    if (n)
        ASSERT(crypto_generichash_update(&s->state, data, n) == 0);
}

struct hash hash_stream_end(struct hash_stream *s)
{
    struct hash h;

    ASSERT(crypto_generichash_final(&s->state, h.byte, HASH_BYTES) == 0);
    free(s);
    return h;
}

bool hash_equal(struct hash a, struct hash b)
{
    return memcmp(a.byte, b.byte, HASH_BYTES) == 0;
}

bool hash_is_zero(struct hash a)
{
    return hash_equal(a, (struct hash){{0}});
}

int hash_compare(const void *a, const void *b)
{
    return memcmp(((const struct hash *)a)->byte, ((const struct hash *)b)->byte, HASH_BYTES);
}

void hash_hex(struct hash h, char out[HASH_HEX])
{
    sodium_bin2hex(out, HASH_HEX, h.byte, HASH_BYTES);
}

void hash_short(struct hash h, char out[13])
{
    sodium_bin2hex(out, 13, h.byte, 6);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hash_from_hex(const char *hex, struct hash *out)
{
    struct hash h;

    for (size_t i = 0; i < HASH_BYTES; i++) {
        int high = digit(hex[2 * i]);
        int low = high < 0 ? -1 : digit(hex[2 * i + 1]);
        if (low < 0)
            return false;
        h.byte[i] = (uint8_t)(high << 4 | low);
    }
    if (hex[2 * HASH_BYTES] != '\0')
        return false;
    *out = h;
    return true;
}

static struct hash merkle_leaf(struct hash leaf)
{
    uint8_t text[1 + HASH_BYTES] = {0x00};

    memcpy(text + 1, leaf.byte, HASH_BYTES);
    return hash_of(text, sizeof text);
}

static struct hash merkle_inner(struct hash left, struct hash right)
{
    uint8_t text[1 + 2 * HASH_BYTES] = {0x01};

    memcpy(text + 1, left.byte, HASH_BYTES);
    memcpy(text + 1 + HASH_BYTES, right.byte, HASH_BYTES);
    return hash_of(text, sizeof text);
}

/* The largest power of two below n, which is above 1. */
static size_t merkle_split(size_t n)
{
    size_t split = 1;

    while (split < n - split)
        split *= 2;
    return split;
}

static struct hash merkle_node(const struct hash *leaf, size_t n)
{
    if (n == 1)
        return merkle_leaf(leaf[0]);
    size_t split = merkle_split(n);
    struct hash left = merkle_node(leaf, split);
    return merkle_inner(left, merkle_node(leaf + split, n - split));
}

struct hash hash_merkle_root(const struct hash *leaf, size_t n)
{
    return n == 0 ? hash_of("", 0) : merkle_node(leaf, n);
}

size_t hash_merkle_path(const struct hash *leaf, size_t n, size_t at, struct hash out[HASH_PATH_MOST])
{
    ASSERT(at < n);
    if (n == 1)
        return 0;
    size_t split = merkle_split(n), length;
    if (at < split) {
        length = hash_merkle_path(leaf, split, at, out);
        out[length] = merkle_node(leaf + split, n - split);
    } else {
        length = hash_merkle_path(leaf + split, n - split, at - split, out);
        out[length] = merkle_node(leaf, split);
    }
    return length + 1;
}

bool hash_merkle_climb(struct hash leaf, size_t n, size_t at, const struct hash *path, size_t path_n, struct hash *root)
{
    if (at >= n)
        return false;
    struct hash h = merkle_leaf(leaf);
    size_t last = n - 1; /* the last node's place in the row of `at` */
    for (size_t i = 0; i < path_n; i++) {
        if (last == 0)
            return false;
        bool right = at % 2 == 1 || at == last;
        h = right ? merkle_inner(path[i], h) : merkle_inner(h, path[i]);
        while (right && at % 2 == 0 && at != 0) { /* rows where the last node stands alone and moves up as it is */
            at /= 2;
            last /= 2;
        }
        at /= 2;
        last /= 2;
    }
    *root = h;
    return last == 0;
}
