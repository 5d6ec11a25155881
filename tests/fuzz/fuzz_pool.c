/* A file of the pool: taken, counted as refused, or what the list of transactions leaves to others; never anything else. It
 * is named by the id of what is inside. */
#include "fuzz_folder.h"

#include "chain/pool_file.h"
#include "chain/tx_pool.h"

const char fuzz_corpus[] = "pool";

#define OVERHEAD POOL_FILE_HEADER

/* By its head alone. */
static bool left_to_others(const uint8_t *data, size_t n)
{
    return n >= OVERHEAD && memcmp(data, "MSCP\2", 5) == 0 && data[5] >= POOL_VOTE && data[5] <= POOL_CERTIFICATE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char name[5 + HASH_HEX], hex[HASH_HEX];
    struct pool p = {.n = 0};
    struct hash id = {{0}};
    hash_start();
    if (n > OVERHEAD + KEY_SIGNATURE_BYTES)
        id = tx_id_of_bytes(data + OVERHEAD, n - OVERHEAD);
    hash_hex(id, hex);
    snprintf(name, sizeof name, "pool/%s", hex);
    fuzz_put(name, data, n);
    ASSERT(tx_pool_load(&p, fuzz_folder(), NULL));
    ASSERT(p.n + (size_t)p.refused == !left_to_others(data, n));
    if (p.n) {
        ASSERT(hash_equal(tx_id(&p.tx[0]), id) && p.entry[0].bytes == n - OVERHEAD && p.next_order > p.entry[0].order);
        ASSERT(tx_check_signature(&p.tx[0], NULL));
    }
    tx_pool_free(&p);
    return 0;
}
