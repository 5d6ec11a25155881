/* Public key files: refused, or the only spelling of what they say. */
#include "fuzz.h"

#include "chain/keyfile.h"

const char fuzz_corpus[] = "public";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct key_info info;
    struct text again = {0};
    hash_start();
    if (key_public_parse(data, n, &info)) {
        ASSERT(key_name_valid(info.name));
        key_public_text(&info, &again);
        ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
    }
    text_free(&again);
    return 0;
}
