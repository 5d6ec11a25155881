#include "chain/key_private.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define KEYFILE_MAGIC "MSKEY001"
#define KEYFILE_VERSION 1
#define KEYFILE_MOST 1024
#define KEYFILE_SUFFIX ".key"
#define SALT_BYTES crypto_pwhash_argon2id_SALTBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define CIPHER_BYTES (KEY_SEED_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)

/* What a file may ask of the reader's machine: SENSITIVE is 4 passes over 1 GiB. */
#define OPS_LEAST crypto_pwhash_argon2id_OPSLIMIT_MIN
#define OPS_MOST 16
#define MEM_LEAST crypto_pwhash_argon2id_MEMLIMIT_MIN
#define MEM_MOST (UINT64_C(1) << 30)

struct keyfile {
    struct key_info info;
    uint64_t ops, mem;
    uint8_t salt[SALT_BYTES], nonce[NONCE_BYTES], cipher[CIPHER_BYTES];
};

static void keyfile_header(const struct keyfile *f, struct bytes *out)
{
    bytes_put(out, KEYFILE_MAGIC, strlen(KEYFILE_MAGIC));
    bytes_put_u32(out, KEYFILE_VERSION);
    bytes_put_text(out, f->info.name);
    codec_put_public(out, &f->info.public_key);
    bytes_put_u64(out, f->ops);
    bytes_put_u64(out, f->mem);
    bytes_put(out, f->salt, sizeof f->salt);
    bytes_put(out, f->nonce, sizeof f->nonce);
    bytes_put_u32(out, CIPHER_BYTES);
}

static void get_raw(struct bytes_reader *r, uint8_t *out, size_t n)
{
    const uint8_t *p = bytes_get(r, n);
    if (p)
        memcpy(out, p, n);
}

static bool keyfile_parse(const char *path, const struct bytes *in, struct keyfile *f, struct error *err)
{
    struct bytes_reader r = bytes_read(in->data, in->n);
    const uint8_t *magic = bytes_get(&r, strlen(KEYFILE_MAGIC));
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
    if (bytes_get_u32(&r) != CIPHER_BYTES)
        r.failed = true;
    get_raw(&r, f->cipher, sizeof f->cipher);
    if (!bytes_done(&r) || !key_name_valid(f->info.name))
        return error_set(err, ERROR_KEY, "%s: damaged key file near byte %zu; restore it from a backup", path, r.at);
    if (f->ops < OPS_LEAST || f->ops > OPS_MOST || f->mem < MEM_LEAST || f->mem > MEM_MOST)
        return error_set(err, ERROR_KEY, "%s: asks for %llu passes over %llu bytes, outside of what is allowed", path,
                         (unsigned long long)f->ops, (unsigned long long)f->mem);
    return true;
}

static bool keyfile_read(const char *path, struct keyfile *f, struct error *err)
{
    struct bytes in = {0};
    memset(f, 0, sizeof *f);
    bool good = file_read(path, KEYFILE_MOST, &in, err) && keyfile_parse(path, &in, f, err);
    bytes_free(&in);
    return good;
}

/* Argon2id into a locked page; NULL when the machine refuses the memory. */
static uint8_t *derive(const struct keyfile *f, const char *passphrase, struct error *err)
{
    uint8_t *k = sodium_malloc(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
    if (k && crypto_pwhash(k, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, passphrase, strlen(passphrase), f->salt,
                           f->ops, (size_t)f->mem, crypto_pwhash_ALG_ARGON2ID13) == 0)
        return k;
    sodium_free(k);
    char size[32];
    text_of_bytes(f->mem, size, sizeof size);
    error_set(err, ERROR_MEMORY, "unlocking an identity needs %s of memory, which the machine refuses", size);
    return NULL;
}

static bool seal(struct keyfile *f, const uint8_t *seed, const char *passphrase, struct bytes *out, struct error *err)
{
    uint8_t *k = derive(f, passphrase, err);
    if (!k)
        return false;
    keyfile_header(f, out);
    crypto_aead_xchacha20poly1305_ietf_encrypt(f->cipher, NULL, seed, KEY_SEED_BYTES, out->data, out->n, NULL, f->nonce,
                                               k);
    sodium_free(k);
    bytes_put(out, f->cipher, sizeof f->cipher);
    return true;
}

/* The seed into a locked page, or NULL. */
static uint8_t *unseal(const char *path, const struct keyfile *f, const char *passphrase, struct error *err)
{
    uint8_t *k = derive(f, passphrase, err);
    if (!k)
        return NULL;
    struct bytes header = {0};
    keyfile_header(f, &header);
    uint8_t *seed = sodium_malloc(KEY_SEED_BYTES);
    ASSERT(seed);
    bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(seed, NULL, NULL, f->cipher, sizeof f->cipher, header.data,
                                                           header.n, f->nonce, k) == 0;
    sodium_free(k);
    bytes_free(&header);
    if (good)
        return seed;
    sodium_free(seed);
    error_set(err, ERROR_KEY, "%s: wrong passphrase or damaged key file", path);
    return NULL;
}

static bool path_of(const char *folder, const char *name, char path[FILE_PATH_MAX], struct error *err)
{
    if (!key_name_valid(name))
        return error_set(err, ERROR_USAGE,
                         "an identity's name has 1 to %d characters out of a-z, 0-9, _ and -: \"%.64s\" does not",
                         KEY_NAME_MAX - 1, name);
    char file[KEY_NAME_MAX + sizeof KEYFILE_SUFFIX];
    snprintf(file, sizeof file, "%s" KEYFILE_SUFFIX, name);
    file_join(path, FILE_PATH_MAX, folder, file);
    return true;
}

static bool write_new(const char *path, struct key *k, const uint8_t *seed, const char *passphrase, int strength,
                      struct error *err)
{
    struct keyfile f = {.info.public_key = k->public_key,
                        .ops = strength == 0 ? crypto_pwhash_argon2id_OPSLIMIT_MODERATE : OPS_LEAST,
                        .mem = strength == 0 ? crypto_pwhash_argon2id_MEMLIMIT_MODERATE : MEM_LEAST};
    text_copy(f.info.name, sizeof f.info.name, k->name);
    randombytes_buf(f.salt, sizeof f.salt);
    randombytes_buf(f.nonce, sizeof f.nonce);
    struct bytes out = {0};
    bool good = seal(&f, seed, passphrase, &out, err) && file_create(path, out.data, out.n, 0600, err);
    bytes_free(&out);
    return good;
}

struct key *key_new(const char *folder, const char *name, const char *passphrase, int strength, struct error *err)
{
    char path[FILE_PATH_MAX];
    if (!path_of(folder, name, path, err))
        return NULL;
    if (!passphrase || !*passphrase) {
        error_set(err, ERROR_USAGE, "an identity needs a passphrase that is not empty");
        return NULL;
    }
    if (file_exists(path)) { /* before half a second of Argon2; file_create refuses in any case */
        error_set(err, ERROR_FAILED, "%s exists: an identity is never replaced", path);
        return NULL;
    }
    hash_start();
    uint8_t *seed = sodium_malloc(KEY_SEED_BYTES);
    ASSERT(seed);
    randombytes_buf(seed, KEY_SEED_BYTES);
    struct key *k = key_from_seed(name, seed);
    bool good = write_new(path, k, seed, passphrase, strength, err);
    sodium_free(seed);
    if (good)
        return k;
    key_free(k);
    return NULL;
}

static bool private_enough(const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return error_set_errno(err, ERROR_IO, "%s", path);
    if (st.st_mode & 077)
        return error_set(err, ERROR_KEY, "%s can be read by others (mode %03o): run chmod 600 on it", path,
                         (unsigned)st.st_mode & 0777u);
    return true;
}

struct key *key_open(const char *folder, const char *name, const char *passphrase, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct keyfile f;
    if (!path_of(folder, name, path, err) || !private_enough(path, err) || !keyfile_read(path, &f, err))
        return NULL;
    if (!text_equal(f.info.name, name)) {
        error_set(err, ERROR_KEY, "%s holds the identity '%s': name the file %s" KEYFILE_SUFFIX, path, f.info.name,
                  f.info.name);
        return NULL;
    }
    hash_start();
    uint8_t *seed = unseal(path, &f, passphrase ? passphrase : "", err);
    if (!seed)
        return NULL;
    struct key *k = key_from_seed(name, seed);
    sodium_free(seed);
    if (sodium_memcmp(k->public_key.byte, f.info.public_key.byte, KEY_PUBLIC_BYTES) == 0)
        return k;
    key_free(k);
    error_set(err, ERROR_KEY, "%s: its public key does not belong to its secret key", path);
    return NULL;
}

bool key_inspect(const char *path, struct key_info *out, struct error *err)
{
    struct keyfile f;
    if (!keyfile_read(path, &f, err))
        return false;
    *out = f.info;
    return true;
}

static bool is_keyfile_name(const char *file)
{
    char name[KEY_NAME_MAX];
    size_t n = strlen(file), suffix = strlen(KEYFILE_SUFFIX);
    if (n <= suffix || n - suffix >= sizeof name || !text_equal(file + n - suffix, KEYFILE_SUFFIX))
        return false;
    memcpy(name, file, n - suffix);
    name[n - suffix] = '\0';
    return key_name_valid(name);
}

static int info_compare(const void *a, const void *b)
{
    return strcmp(((const struct key_info *)a)->name, ((const struct key_info *)b)->name);
}

int key_list(const char *folder, struct key_info **out, struct error *err)
{
    struct key_info *list = NULL;
    size_t n = 0, capacity = 0;
    *out = NULL;
    DIR *dir = opendir(folder);
    if (!dir) {
        if (errno == ENOENT)
            return 0;
        error_set_errno(err, ERROR_IO, "%s", folder);
        return -1;
    }
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(dir)) != NULL;) {
        if (!is_keyfile_name(entry->d_name))
            continue;
        char path[FILE_PATH_MAX];
        file_join(path, sizeof path, folder, entry->d_name);
        list = memory_grow(list, &capacity, n + 1, sizeof *list);
        good = key_inspect(path, &list[n++], err);
    }
    closedir(dir);
    if (!good) {
        free(list);
        return -1;
    }
    if (n)
        qsort(list, n, sizeof *list, info_compare);
    *out = list;
    return (int)n;
}
