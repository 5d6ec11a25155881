#include "chain/keyfile.h"

#include "base/file.h"
#include "base/secret.h"
#include "chain/codec.h"

#define KEYFILE_VERSION 1
#define KEYFILE_MOST 1024

/* What a file may ask of the reader's machine: SENSITIVE is 4 passes over 1 GiB. */
#define OPS_LEAST crypto_pwhash_argon2id_OPSLIMIT_MIN
#define OPS_MOST 16
#define MEM_LEAST crypto_pwhash_argon2id_MEMLIMIT_MIN
#define MEM_MOST (UINT64_C(1) << 30)

static void put_header(const struct keyfile *f, struct bytes *out)
{
    bytes_put(out, KEYFILE_MAGIC, strlen(KEYFILE_MAGIC));
    bytes_put_u32(out, KEYFILE_VERSION);
    bytes_put_text(out, f->info.name);
    codec_put_public(out, &f->info.public_key);
    bytes_put_u64(out, f->ops);
    bytes_put_u64(out, f->mem);
    bytes_put(out, f->salt, sizeof f->salt);
    bytes_put(out, f->nonce, sizeof f->nonce);
    bytes_put_u32(out, KEYFILE_CIPHER_BYTES);
}

void keyfile_bytes(const struct keyfile *f, struct bytes *out)
{
    put_header(f, out);
    bytes_put(out, f->cipher, sizeof f->cipher);
}

static void get_raw(struct bytes_reader *r, uint8_t *out, size_t n)
{
    const uint8_t *p = bytes_get(r, n);
    if (p)
        memcpy(out, p, n);
}

bool keyfile_parse(const char *path, const struct bytes *in, struct keyfile *f, struct error *err)
{
    struct bytes_reader r = bytes_read(in->data, in->n);
    const uint8_t *magic = bytes_get(&r, strlen(KEYFILE_MAGIC));
    *f = (struct keyfile){.ops = 0};
    if (!magic || memcmp(magic, KEYFILE_MAGIC, strlen(KEYFILE_MAGIC)) != 0)
        return error_set(err, ERROR_KEY, "%s: no key file (it does not start with " KEYFILE_MAGIC ")", path);
    uint32_t version = bytes_get_u32(&r);
    if (version != KEYFILE_VERSION)
        return error_set(err, ERROR_KEY, "%s: key file version %u is not known to this program", path, version);
    bytes_get_text(&r, f->info.name, sizeof f->info.name);
    f->info.public_key = codec_get_public(&r);
    f->ops = bytes_get_u64(&r);
    f->mem = bytes_get_u64(&r);
    get_raw(&r, f->salt, sizeof f->salt);
    get_raw(&r, f->nonce, sizeof f->nonce);
    if (bytes_get_u32(&r) != KEYFILE_CIPHER_BYTES)
        r.failed = true;
    get_raw(&r, f->cipher, sizeof f->cipher);
    if (!bytes_done(&r) || !key_name_valid(f->info.name))
        return error_set(err, ERROR_KEY, "%s: damaged key file near byte %zu; restore it from a backup", path, r.at);
    if (f->ops < OPS_LEAST || f->ops > OPS_MOST || f->mem < MEM_LEAST || f->mem > MEM_MOST)
        return error_set(err, ERROR_KEY, "%s: asks for %llu passes over %llu bytes, outside of what is allowed", path,
                         (unsigned long long)f->ops, (unsigned long long)f->mem);
    return true;
}

bool keyfile_read(const char *path, bool private, struct keyfile *f, struct error *err)
{
    struct bytes in = {0};
    bool good = (private ? file_read_private : file_read)(path, KEYFILE_MOST, &in, err) &&
                keyfile_parse(path, &in, f, err);
    bytes_free(&in);
    return good;
}

bool keyfile_strengthen(struct keyfile *f, int strength)
{
    uint64_t ops = strength == 0 ? crypto_pwhash_argon2id_OPSLIMIT_MODERATE : OPS_LEAST;
    uint64_t mem = strength == 0 ? crypto_pwhash_argon2id_MEMLIMIT_MODERATE : MEM_LEAST;
    if (f->ops >= ops && f->mem >= mem)
        return false;
    f->ops = f->ops > ops ? f->ops : ops;
    f->mem = f->mem > mem ? f->mem : mem;
    return true;
}

/* Argon2id into a locked page; NULL when the machine refuses the memory. */
static uint8_t *derive(const struct keyfile *f, const char *passphrase, struct error *err)
{
    uint8_t *k = secret_new(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, err);
    if (!k)
        return NULL;
    if (crypto_pwhash(k, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, passphrase, strlen(passphrase), f->salt, f->ops,
                      (size_t)f->mem, crypto_pwhash_ALG_ARGON2ID13) == 0)
        return k;
    secret_free(k);
    char size[32];
    text_of_bytes(f->mem, size, sizeof size);
    error_set(err, ERROR_MEMORY,
              "turning the passphrase into a key takes %s of memory, which the machine refuses: free some, or raise "
              "the limit (ulimit -v); it is never done with less",
              size);
    return NULL;
}

bool keyfile_seal(struct keyfile *f, const uint8_t *seed, const char *passphrase, struct error *err)
{
    randombytes_buf(f->salt, sizeof f->salt);
    randombytes_buf(f->nonce, sizeof f->nonce);
    uint8_t *k = derive(f, passphrase, err);
    if (!k)
        return false;
    struct bytes header = {0};
    put_header(f, &header);
    crypto_aead_xchacha20poly1305_ietf_encrypt(f->cipher, NULL, seed, KEY_SEED_BYTES, header.data, header.n, NULL,
                                               f->nonce, k);
    secret_free(k);
    bytes_free(&header);
    return true;
}

static uint8_t *decrypt(const struct keyfile *f, const uint8_t *k, struct error *err)
{
    struct bytes header = {0};
    uint8_t *seed = secret_new(KEY_SEED_BYTES, err);
    if (!seed)
        return NULL;
    put_header(f, &header);
    bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(seed, NULL, NULL, f->cipher, sizeof f->cipher, header.data,
                                                           header.n, f->nonce, k) == 0;
    bytes_free(&header);
    if (good)
        return seed;
    secret_free(seed);
    error_set(err, ERROR_KEY, "wrong passphrase or damaged key file");
    return NULL;
}

/* The seed decides: a public key that is not its own is never believed. */
static bool owns(const uint8_t *seed, const struct key_public *public_key, struct error *err)
{
    uint8_t pub[KEY_PUBLIC_BYTES], *secret = secret_new(crypto_sign_SECRETKEYBYTES, err);
    if (!secret)
        return false;
    crypto_sign_seed_keypair(pub, secret, seed);
    secret_free(secret);
    return sodium_memcmp(pub, public_key->byte, KEY_PUBLIC_BYTES) == 0 ||
           error_set(err, ERROR_KEY, "its public key does not belong to its secret key");
}

uint8_t *keyfile_open(const char *path, const struct keyfile *f, const char *passphrase, struct error *err)
{
    uint8_t *k = derive(f, passphrase, err);
    if (!k)
        return NULL;
    uint8_t *seed = decrypt(f, k, err);
    secret_free(k);
    if (seed && owns(seed, &f->info.public_key, err))
        return seed;
    secret_free(seed);
    error_prefix(err, "%s", path);
    return NULL;
}
