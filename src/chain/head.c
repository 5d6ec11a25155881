#include "chain/head.h"

#include "base/file.h"
#include "chain/block.h"
#include "chain/codec.h"

#define HEAD_FILE "blocks.len"
#define HEAD_MAGIC "MSCL"
#define HEAD_VERSION 2
#define HEAD_BYTES (4 + 1 + 3 + 8 + 8 + 32 + 32)

static void head_encode(const struct ledger_head *h, struct bytes *out)
{
    bytes_put(out, HEAD_MAGIC, strlen(HEAD_MAGIC));
    bytes_put_u8(out, HEAD_VERSION);
    bytes_put(out, "\0\0", 3);
    bytes_put_u64(out, h->length);
    bytes_put_u64(out, h->height);
    codec_put_hash(out, h->id);
    codec_put_hash(out, hash_of(out->data, out->n));
}

bool head_write(const char *folder, const struct ledger_head *h, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    file_join(path, sizeof path, folder, HEAD_FILE);
    head_encode(h, &b);
    bool good = file_write(path, b.data, b.n, 0644, err);
    bytes_free(&b);
    return good;
}

/* Encoding what was read must give the same bytes: there is one spelling only. */
static bool head_parse(const struct bytes *in, struct ledger_head *out)
{
    struct bytes again = {0};
    struct bytes_reader r = bytes_read(in->data, in->n);
    bytes_get(&r, 8);
    out->length = bytes_get_u64(&r);
    out->height = bytes_get_u64(&r);
    out->id = codec_get_hash(&r);
    head_encode(out, &again);
    bool same = in->n == again.n && memcmp(in->data, again.data, again.n) == 0;
    bytes_free(&again);
    return same;
}

bool head_read(const char *folder, struct ledger_head *out, bool *there, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    file_join(path, sizeof path, folder, HEAD_FILE);
    memset(out, 0, sizeof *out);
    *there = file_exists(path);
    if (!*there)
        return true;
    bool good = file_read(path, HEAD_BYTES, &in, err);
    if (good && in.n > 4 && memcmp(in.data, HEAD_MAGIC, 4) == 0 && in.data[4] == 1)
        good = block_refuse_first(err);
    else if (good && !head_parse(&in, out))
        good = error_set(err, ERROR_CHAIN, "%s is damaged: compare the chain's head with a remembered one, then remove "
                                           "this file; it is written anew",
                         path);
    bytes_free(&in);
    return good;
}
