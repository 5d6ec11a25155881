/* RFC 7693, sections 2 and 3, as written there. */
#include "tests/exact/stand_in/sodium.h"

#include <string.h>

static const uint64_t start[8] = {
    UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B), UINT64_C(0x3C6EF372FE94F82B),
    UINT64_C(0xA54FF53A5F1D36F1), UINT64_C(0x510E527FADE682D1), UINT64_C(0x9B05688C2B3E6C1F),
    UINT64_C(0x1F83D9ABFB41BD6B), UINT64_C(0x5BE0CD19137E2179)};

static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static uint64_t turn(uint64_t x, int by)
{
    return x >> by | x << (64 - by);
}

static void mix(uint64_t *v, const int at[4], uint64_t x, uint64_t y)
{
    uint64_t *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];
    *a = *a + *b + x;
    *d = turn(*d ^ *a, 32);
    *c = *c + *d;
    *b = turn(*b ^ *c, 24);
    *a = *a + *b + y;
    *d = turn(*d ^ *a, 16);
    *c = *c + *d;
    *b = turn(*b ^ *c, 63);
}

static void compress(crypto_generichash_state *s, int last)
{
    static const int at[8][4] = {{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
                                 {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14}};
    uint64_t v[16], m[16] = {0};
    for (int i = 0; i < 128; i++)
        m[i / 8] |= (uint64_t)s->block[i] << (8 * (i % 8));
    memcpy(v, s->chain, sizeof s->chain);
    memcpy(v + 8, start, sizeof start);
    v[12] ^= s->bytes;
    v[14] ^= last ? UINT64_MAX : 0;
    for (int round = 0; round < 12; round++)
        for (int i = 0; i < 8; i++)
            mix(v, at[i], m[sigma[round % 10][2 * i]], m[sigma[round % 10][2 * i + 1]]);
    for (int i = 0; i < 8; i++)
        s->chain[i] ^= v[i] ^ v[i + 8];
}

int sodium_init(void)
{
    return 0;
}

char *sodium_bin2hex(char *hex, size_t hex_size, const unsigned char *data, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n && 2 * i + 2 < hex_size; i++) {
        hex[2 * i] = digit[data[i] >> 4];
        hex[2 * i + 1] = digit[data[i] & 15];
    }
    hex[2 * n] = '\0';
    return hex;
}

int crypto_generichash_init(crypto_generichash_state *s, const unsigned char *key, size_t key_n, size_t out_n)
{
    (void)key;
    (void)key_n;
    memset(s, 0, sizeof *s);
    memcpy(s->chain, start, sizeof start);
    s->chain[0] ^= UINT64_C(0x01010000) ^ out_n;
    return 0;
}

/* A full block is kept until more comes: the last one is compressed otherwise. */
int crypto_generichash_update(crypto_generichash_state *s, const unsigned char *data, unsigned long long n)
{
    while (n > 0) {
        if (s->filled == sizeof s->block) {
            compress(s, 0);
            s->filled = 0;
        }
        size_t take = sizeof s->block - s->filled;
        take = n < take ? (size_t)n : take;
        memcpy(s->block + s->filled, data, take);
        s->filled += take;
        s->bytes += take;
        data += take;
        n -= take;
    }
    return 0;
}

int crypto_generichash_final(crypto_generichash_state *s, unsigned char *out, size_t out_n)
{
    memset(s->block + s->filled, 0, sizeof s->block - s->filled);
    compress(s, 1);
    for (size_t i = 0; i < out_n; i++)
        out[i] = (unsigned char)(s->chain[i / 8] >> (8 * (i % 8)));
    return 0;
}

int crypto_generichash(unsigned char *out, size_t out_n, const unsigned char *data, unsigned long long n,
                       const unsigned char *key, size_t key_n)
{
    crypto_generichash_state s;
    crypto_generichash_init(&s, key, key_n, out_n);
    crypto_generichash_update(&s, data, n);
    return crypto_generichash_final(&s, out, out_n);
}
