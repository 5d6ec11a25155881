/* A checkpoint is read without harm, as it is and with its hash put right; what is accepted has one spelling. */
#include "fuzz.h"

#include "base/memory.h"
#include "train/checkpoint.h"

const char fuzz_corpus[] = "checkpoint";

static void check_spelling(const struct checkpoint *c, const uint8_t *data, size_t n)
{
    struct bytes head = {0};
    struct file_part part[CHECKPOINT_PARTS];
    struct hash hash;
    size_t parts = checkpoint_encode(c, &head, &hash, part), at = 0;

    for (size_t i = 0; i < parts; i++) {
        ASSERT(part[i].n <= n - at);
        ASSERT(part[i].n == 0 || memcmp(data + at, part[i].data, part[i].n) == 0);
        at += part[i].n;
    }
    ASSERT(at == n);
    bytes_free(&head);
}

static void read_one(const uint8_t *data, size_t n)
{
    struct checkpoint c;
    struct error err = {0};

    if (checkpoint_decode(&c, data, n, "fuzz", &err)) {
        check_spelling(&c, data, n);
        ASSERT(checkpoint_decode_head(&c, data, n, "fuzz", &err));
    } else {
        ASSERT(err.kind == ERROR_DATA && err.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct checkpoint c;

    read_one(data, n);
    checkpoint_decode_head(&c, data, n, "fuzz", NULL);
    if (n < HASH_BYTES)
        return 0;
    uint8_t *mended = memory_new(n, 1);
    memcpy(mended, data, n - HASH_BYTES);
    struct hash hash = hash_of(data, n - HASH_BYTES);
    memcpy(mended + n - HASH_BYTES, hash.byte, HASH_BYTES);
    read_one(mended, n);
    free(mended);
    return 0;
}
