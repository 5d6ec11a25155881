/* Key files and addresses: refused, or written again as what was read. */
#include "fuzz.h"

#include "base/text.h"
#include "chain/keyfile.h"

const char fuzz_corpus[] = "key";

static void check_address(const uint8_t *data, size_t n)
{
    char text[128], again[KEY_ADDRESS_MAX];
    struct address a;
    size_t length = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (address_parse(text, &a, NULL)) {
        address_text(a, again);
        ASSERT(text_equal(text, again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes in = {0}, again = {0};
    struct keyfile f;
    hash_start();
    bytes_put(&in, data, n);
    memset(&f, 0, sizeof f);
    if (keyfile_parse("fuzz.key", &in, &f, NULL)) {
        ASSERT(key_name_valid(f.info.name));
        keyfile_bytes(&f, &again);
        ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    }
    check_address(data, n);
    bytes_free(&in);
    bytes_free(&again);
    return 0;
}
