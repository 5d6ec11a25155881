/* A file of the pool: taken or counted as refused, never anything else. It is named by the id of what is inside. */
#include "fuzz_folder.h"

#include "chain/tx_pool.h"

#include <unistd.h>

const char fuzz_corpus[] = "pool";

#define OVERHEAD (4 + 1 + 1 + 2 + 8 + 4)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char name[5 + HASH_HEX], hex[HASH_HEX], path[FILE_PATH_MAX];
    struct pool p = {.n = 0};
    struct hash id = {{0}};
    hash_start();
    if (n > OVERHEAD + KEY_SIGNATURE_BYTES)
        id = tx_id_of_bytes(data + OVERHEAD, n - OVERHEAD);
    hash_hex(id, hex);
    snprintf(name, sizeof name, "pool/%s", hex);
    fuzz_put(name, data, n, path);
    ASSERT(tx_pool_load(&p, fuzz_folder(), NULL));
    ASSERT(p.n + (size_t)p.refused == 1);
    if (p.n) {
        ASSERT(hash_equal(tx_id(&p.tx[0]), id) && p.entry[0].bytes == n - OVERHEAD && p.next_order > p.entry[0].order);
        ASSERT(tx_check_signature(&p.tx[0], NULL));
    }
    tx_pool_free(&p);
    unlink(path);
    return 0;
}
