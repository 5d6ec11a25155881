#include "chain/pool_file.h"

#include "base/file.h"
#include "chain/certificate.h"

#define MAGIC "MSCP"
#define VERSION 2

static size_t most_of(int type)
{
    switch (type) {
    case POOL_TRANSACTION:
        return TX_BODY_MAX;
    case POOL_VOTE:
        return VOTE_BYTES;
    case POOL_PROPOSAL:
        return 4 + VOTE_BYTES + 4 + (size_t)FRAME_MOST_PAYLOAD;
    case POOL_CERTIFICATE:
        return CERTIFICATE_MOST_BYTES;
    default:
        return 0;
    }
}

void pool_file_encode(struct bytes *out, enum pool_type type, uint64_t order, const void *data, size_t n)
{
    bytes_put(out, MAGIC, strlen(MAGIC));
    bytes_put_u8(out, VERSION);
    bytes_put_u8(out, (uint8_t)type);
    bytes_put_u16(out, 0);
    bytes_put_u64(out, order);
    bytes_put_blob(out, data, n);
}

bool pool_file_decode(const void *file, size_t file_n, int *type, uint64_t *order, const uint8_t **data, size_t *n,
                      struct error *err)
{
    struct bytes_reader r = bytes_read(file, file_n);
    const uint8_t *magic = bytes_get(&r, strlen(MAGIC));
    bool known = magic && memcmp(magic, MAGIC, strlen(MAGIC)) == 0 && bytes_get_u8(&r) == VERSION;
    *type = bytes_get_u8(&r);
    known = known && bytes_get_u16(&r) == 0;
    *order = bytes_get_u64(&r);
    *data = bytes_get_blob(&r, most_of(*type), n);
    known = known && bytes_done(&r) && *n > 0 && (*type == POOL_TRANSACTION ? *order != UINT64_MAX : *order == 0);
    return known || error_set(err, ERROR_CHAIN, "it is no message of this version, or not all of one");
}

void pool_file_path(char *out, size_t size, const char *folder, struct hash id)
{
    char inside[FILE_PATH_MAX], hex[HASH_HEX];
    file_join(inside, sizeof inside, folder, "pool");
    hash_hex(id, hex);
    file_join(out, size, inside, hex);
}
