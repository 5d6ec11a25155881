/* Key files ('0' is the input's first byte) and addresses ('4'). What is accepted has one spelling. */
#include "fuzz.h"

#include "base/memory.h"
#include "base/secret.h"
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
    hash_start();
    if (n > 0 && data[0] == '0')
        fuzz_keyfile(data + 1, n - 1);
    if (n > 0 && data[0] == '4')
        fuzz_text(data + 1, n - 1);
    return 0;
}
