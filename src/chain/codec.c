#include "chain/codec.h"

#include "base/text.h"

void codec_put_hash(struct bytes *b, struct hash h)
{
    bytes_put(b, h.byte, sizeof h.byte);
}

void codec_put_address(struct bytes *b, struct address a)
{
    bytes_put(b, a.byte, sizeof a.byte);
}

void codec_put_public(struct bytes *b, const struct key_public *k)
{
    bytes_put(b, k->byte, sizeof k->byte);
}

void codec_put_signature(struct bytes *b, const struct key_signature *s)
{
    bytes_put(b, s->byte, sizeof s->byte);
}

static void get_fixed(struct bytes_reader *r, uint8_t *out, size_t n)
{
    const uint8_t *p = bytes_get(r, n);
    if (p)
        memcpy(out, p, n);
    else
        memset(out, 0, n);
}

struct hash codec_get_hash(struct bytes_reader *r)
{
    struct hash h;
    get_fixed(r, h.byte, sizeof h.byte);
    return h;
}

struct address codec_get_address(struct bytes_reader *r)
{
    struct address a;
    get_fixed(r, a.byte, sizeof a.byte);
    return a;
}

struct key_public codec_get_public(struct bytes_reader *r)
{
    struct key_public k;
    get_fixed(r, k.byte, sizeof k.byte);
    return k;
}

struct key_signature codec_get_signature(struct bytes_reader *r)
{
    struct key_signature s;
    get_fixed(r, s.byte, sizeof s.byte);
    return s;
}

uint32_t codec_get_bounded(struct bytes_reader *r, uint32_t most)
{
    uint32_t v = bytes_get_u32(r);
    if (v <= most)
        return v;
    r->failed = true;
    return 0;
}

bool codec_get_bool(struct bytes_reader *r)
{
    uint8_t v = bytes_get_u8(r);
    if (v > 1)
        r->failed = true;
    return v == 1;
}

void codec_get_utf8(struct bytes_reader *r, char *out, size_t size)
{
    bytes_get_text(r, out, size);
    if (!r->failed && !text_is_utf8(out, strlen(out)))
        r->failed = true;
}

void codec_get_word(struct bytes_reader *r, char *out, size_t size)
{
    bytes_get_text(r, out, size);
    if (r->failed)
        return;
    for (const char *p = out; *p; p++)
        if (*p < 0x21 || *p > 0x7e)
            r->failed = true;
}
