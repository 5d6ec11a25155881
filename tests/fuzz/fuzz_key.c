/* What belongs to keys and comes from elsewhere: key files, public parts, addresses, prepared and signed files. The first
 * byte of an input chooses the reader, the rest is its input, as it is and with its hash put right. What is accepted has
 * one spelling, and nothing that is shown holds a control character. */
#include "fuzz.h"

#include "base/memory.h"
#include "base/secret.h"
#include "chain/batch.h"
#include "chain/keyfile.h"

const char fuzz_corpus[] = "key";

static void same(const struct bytes *again, const uint8_t *data, size_t n)
{
    ASSERT(again->n == n && memcmp(again->data, data, n) == 0);
}

static void refused(const struct error *err, enum error_kind one, enum error_kind other)
{
    ASSERT((err->kind == one || err->kind == other) && err->text[0] != '\0');
}

static void fuzz_keyfile(const uint8_t *data, size_t n)
{
    struct bytes in = {0}, again = {0};
    struct keyfile f;
    struct error err = {0};
    bytes_put(&in, data, n);
    if (keyfile_parse("fuzz", &in, &f, &err)) {
        ASSERT(key_name_valid(f.info.name));
        ASSERT(f.mem <= UINT64_C(1) << 30 && f.ops <= 16);
        keyfile_bytes(&f, &again);
        same(&again, data, n);
        /* Small limits only: the others are as good, and take long. */
        uint8_t *seed = f.ops <= 2 && f.mem <= 65536 ? keyfile_open("fuzz", &f, "p", NULL) : NULL;
        secret_free(seed);
    } else {
        refused(&err, ERROR_KEY, ERROR_KEY);
    }
    bytes_free(&in);
    bytes_free(&again);
}

static void fuzz_public(const uint8_t *data, size_t n)
{
    struct key_info info;
    struct text again = {0};
    if (key_public_parse(data, n, &info)) {
        key_public_text(&info, &again);
        ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    }
    text_free(&again);
}

static void fuzz_batch(const uint8_t *data, size_t n)
{
    struct batch b = {0};
    struct bytes again = {0}, all = {0};
    struct text shown = {0};
    struct error err = {0};
    if (batch_decode(&b, data, n, &err)) {
        batch_encode(&b, &again);
        same(&again, data, n);
        batch_bytes(b.tx, b.n, &all);
        ASSERT(batch_show(b.tx, b.n, &shown, NULL));
        for (size_t i = 0; i < shown.n; i++)
            ASSERT(shown.data[i] == '\n' || ((unsigned char)shown.data[i] >= 0x20 && shown.data[i] != 0x7f));
    } else {
        ASSERT(b.n == 0 && b.tx == NULL);
        refused(&err, ERROR_CHAIN, ERROR_LIMIT);
    }
    batch_free(&b);
    bytes_free(&again);
    bytes_free(&all);
    text_free(&shown);
}

/* So that not every input ends at the hash. */
static void fuzz_batch_hashed(const uint8_t *data, size_t n)
{
    struct bytes b = {0};
    bytes_put(&b, data, n);
    if (n >= HASH_BYTES) {
        struct hash h = hash_of(b.data, n - HASH_BYTES);
        memcpy(b.data + n - HASH_BYTES, h.byte, HASH_BYTES);
    }
    fuzz_batch(b.data, b.n);
    bytes_free(&b);
}

static void fuzz_text(const uint8_t *data, size_t n)
{
    char text[256], again[KEY_ADDRESS_MAX], why[200];
    struct address a;
    size_t length = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (address_parse(text, &a, NULL)) {
        address_text(a, again);
        ASSERT(text_equal(text, again));
    }
    ASSERT(key_passphrase_weak(text, "me", why, sizeof why) == (why[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const reader[])(const uint8_t *, size_t) = {fuzz_keyfile, fuzz_public, fuzz_batch, fuzz_batch_hashed,
                                                             fuzz_text};
    hash_start();
    if (n > 0 && (size_t)(data[0] - '0') < ARRAY_N(reader))
        reader[data[0] - '0'](data + 1, n - 1);
    return 0;
}
