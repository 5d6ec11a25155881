/* objects/: what transactions refer to, each file named by the BLAKE2b-256 of its bytes. */
#include "chain/ledger.h"

#include "base/file.h"

#define OBJECT_MOST ((size_t)64 << 20)

static void object_path(char out[FILE_PATH_MAX], char inside[FILE_PATH_MAX], const char *folder, struct hash id)
{
    char hex[HASH_HEX];
    hash_hex(id, hex);
    file_join(inside, FILE_PATH_MAX, folder, "objects");
    file_join(out, FILE_PATH_MAX, inside, hex);
}

bool ledger_object_get(const char *folder, struct hash id, struct bytes *out, struct error *err)
{
    char path[FILE_PATH_MAX], inside[FILE_PATH_MAX];
    object_path(path, inside, folder, id);
    if (!file_read(path, OBJECT_MOST, out, err))
        return false;
    if (hash_equal(hash_of(out->data, out->n), id))
        return true;
    bytes_clear(out);
    return error_set(err, ERROR_CHAIN, "%s is damaged: its bytes do not have the hash that it is named by", path);
}

bool ledger_object_here(const char *folder, struct hash id)
{
    char path[FILE_PATH_MAX], inside[FILE_PATH_MAX];
    object_path(path, inside, folder, id);
    return file_exists(path);
}

bool ledger_object_put(const char *folder, const void *data, size_t n, struct hash *id, struct error *err)
{
    char path[FILE_PATH_MAX], inside[FILE_PATH_MAX];
    struct bytes there = {0};
    *id = hash_of(data, n);
    object_path(path, inside, folder, *id);
    if (n > OBJECT_MOST)
        return error_set(err, ERROR_LIMIT, "an object of %zu bytes is more than the %zu allowed", n, OBJECT_MOST);
    if (!file_make_folder(inside, 0755, err))
        return false;
    bool stored = file_exists(path) && ledger_object_get(folder, *id, &there, NULL);
    bytes_free(&there);
    if (stored) /* by a writer that may have been stopped, or refused, before the name was synced */
        return file_sync_folder(inside, err);
    return file_write(path, data, n, 0644, err); /* replaces a damaged one */
}
