/* The salts of what is promised before it is shown. They come from the key and from what they belong to, so nobody has
 * to remember them, and nobody else can guess what they hide. Where the key lives on another machine they come from a
 * secret of the workspace in its stead: SALT_FILE, mode 0600, made when it is first needed. */
#include "action/chain_internal.h"
#include "base/memory.h"
#include "chain/codec.h"

#include <sodium.h>

#define SALT_FILE "claims.secret"

/* 32 bytes; false: there is none yet, or it cannot be read. */
static bool read_secret(const char *path, struct hash *out, struct error *err)
{
    struct bytes in = {0};
    bool ok = file_read(path, HASH_BYTES, &in, err) &&
              (in.n == HASH_BYTES || error_set(err, ERROR_IO, "%s is damaged: it must have %d bytes", path, HASH_BYTES));
    if (ok)
        memcpy(out->byte, in.data, HASH_BYTES);
    if (in.data)
        sodium_memzero(in.data, in.n);
    bytes_free(&in);
    return ok;
}

static bool workspace_secret(struct workspace *w, bool make, struct hash *out, struct error *err)
{
    char path[FILE_PATH_MAX];
    workspace_path(w, SALT_FILE, path, sizeof path);
    if (!make || file_exists(path))
        return read_secret(path, out, err);
    randombytes_buf(out->byte, sizeof out->byte);
    return file_create(path, out->byte, sizeof out->byte, 0600, err);
}

/* As key_salt, from the workspace's secret. */
static struct hash secret_salt(struct hash secret, const char *purpose, const struct bytes *b)
{
    struct bytes all = {0};
    bytes_put(&all, secret.byte, sizeof secret.byte);
    bytes_put(&all, purpose, strlen(purpose) + 1);
    bytes_put(&all, b->data, b->n);
    struct hash salt = hash_of(all.data, all.n);
    sodium_memzero(all.data, all.n);
    bytes_free(&all);
    return salt;
}

static struct hash salt_of(const struct chain_draft *d, const char *purpose, struct bytes *b)
{
    struct hash salt = d->key ? key_salt(d->key, purpose, b->data, b->n) : secret_salt(d->secret, purpose, b);
    bytes_free(b);
    return salt;
}

/* Known before the announcement, whose commitment covers the hidden root. */
struct hash chain_salt_root(const struct chain_draft *d, struct hash task, const struct claim *c)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, task);
    bytes_put_text(&b, c->arch);
    tx_finding_encode(&c->run.finding, &b);
    return salt_of(d, "root", &b);
}

struct hash chain_salt_announce(const struct chain_draft *d, struct hash task, const struct tx_propose *content)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, task);
    tx_content_encode(content, &b);
    return salt_of(d, "announce", &b);
}

struct hash chain_salt_attest(const struct chain_draft *d, struct hash proposal, const struct tx_finding *finding)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, proposal);
    tx_finding_encode(finding, &b);
    return salt_of(d, "attest", &b);
}

bool chain_salts(struct chain_draft *d, struct error *err)
{
    if (d->key)
        return true;
    if (!d->prepares)
        return error_set(err, ERROR_KEY,
                         "what would be signed holds salts that come from the key: give the passphrase "
                         "(--passphrase-fd) for the draft too");
    return workspace_secret(d->workspace, true, &d->secret, err);
}

bool chain_salts_prepared(const struct chain_draft *d, struct chain_draft *out)
{
    *out = *d;
    out->key = NULL;
    return d->key && workspace_secret(d->workspace, false, &out->secret, NULL);
}

/* Of what is sold: the key that opens it, and the nonce beside it. */
struct hash chain_salt_listing(const struct chain_draft *d, struct hash content)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, content);
    return salt_of(d, "listing", &b);
}

struct hash chain_salt_nonce(const struct chain_draft *d, struct hash content)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, content);
    return salt_of(d, "listing nonce", &b);
}

/* Of predictions: not from what they say, so that it is known when that has to be shown. */
struct hash chain_salt_seal(const struct chain_draft *d, struct hash task, uint32_t first, uint32_t n)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, task);
    bytes_put_u32(&b, first);
    bytes_put_u32(&b, n);
    return salt_of(d, "seal", &b);
}
