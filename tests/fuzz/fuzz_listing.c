/* Encrypted objects: anything is refused that the key and the hash of the plaintext do not fit, to the bit. The input is
 * an object; its first two bytes name a bit of what is sealed here, the rest is opened as it is and sealed as plaintext. */
#include "fuzz.h"

#include "base/bytes.h"
#include "chain/listing.h"

const char fuzz_corpus[] = "listing";

static void check_sealed(unsigned at, const uint8_t *data, size_t n)
{
    struct bytes object = {0}, plain = {0};
    struct hash content = hash_of(data, n), key = {{1}}, nonce = {{(uint8_t)at}};
    ASSERT(listing_seal(key, nonce, data, n, &object, NULL));
    ASSERT(object.n == n + LISTING_OVERHEAD);
    ASSERT(listing_open(key, content, object.data, object.n, &plain, NULL));
    ASSERT(plain.n == n && (n == 0 || memcmp(plain.data, data, n) == 0));
    object.data[at / 8 % object.n] ^= (uint8_t)(1 << at % 8);
    ASSERT(!listing_open(key, content, object.data, object.n, &plain, NULL));
    bytes_free(&object);
    bytes_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes plain = {0};
    struct error err = {0};
    hash_start();
    if (n < 2)
        return 0;
    if (!listing_open((struct hash){{0}}, (struct hash){{0}}, data + 2, n - 2, &plain, &err))
        ASSERT(err.kind == ERROR_CHAIN && err.text[0] != '\0');
    bytes_free(&plain);
    check_sealed(data[0] | (unsigned)data[1] << 8, data + 2, n - 2);
    return 0;
}
