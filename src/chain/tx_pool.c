#include "chain/tx_pool.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/block.h"
#include "chain/codec.h"
#include "chain/pool_file.h"
#include "chain/reader.h"

#include <dirent.h>
#include <errno.h>

#define POOL_MAGIC "MSCP"
#define POOL_VERSION 2
#define POOL_LOOKED_AT 131072 /* files; anybody may have put them there */
#define POOL_BYTES (2 * (size_t)FRAME_MOST_PAYLOAD) /* and what a stopped writer left sealed */
#define POOL_LOGGED 20

static void pool_folder(char out[FILE_PATH_MAX], const char *folder)
{
    file_join(out, FILE_PATH_MAX, folder, "pool");
}

static void pool_path(char out[FILE_PATH_MAX], const char *folder, struct hash id)
{
    char inside[FILE_PATH_MAX], hex[HASH_HEX];
    pool_folder(inside, folder);
    hash_hex(id, hex);
    file_join(out, FILE_PATH_MAX, inside, hex);
}

void tx_pool_free(struct pool *p)
{
    free(p->tx);
    free(p->entry);
    index_free(&p->index);
    memset(p, 0, sizeof *p);
}

static void append(struct pool *p, const struct tx *tx, const struct pool_entry *e)
{
    p->tx = memory_grow(p->tx, &p->tx_capacity, p->n + 1, sizeof *p->tx);
    p->entry = memory_grow(p->entry, &p->entry_capacity, p->n + 1, sizeof *p->entry);
    p->tx[p->n] = *tx;
    p->entry[p->n] = *e;
    index_put(&p->index, e->id, (int)p->n);
    p->n++;
    p->bytes += e->bytes;
    if (e->order >= p->next_order)
        p->next_order = e->order + 1;
}

static bool parse(const struct bytes *in, struct hash id, struct tx *tx, struct pool_entry *e, struct error *err)
{
    struct bytes_reader r = bytes_read(in->data, in->n);
    const uint8_t *magic = bytes_get(&r, strlen(POOL_MAGIC));
    bool known = magic && memcmp(magic, POOL_MAGIC, strlen(POOL_MAGIC)) == 0;
    known = known && bytes_get_u8(&r) == POOL_VERSION && bytes_get_u8(&r) == POOL_TRANSACTION && bytes_get_u16(&r) == 0;
    e->order = bytes_get_u64(&r);
    const uint8_t *data = bytes_get_blob(&r, TX_BODY_MAX, &e->bytes);
    if (!known || !bytes_done(&r) || e->order == UINT64_MAX)
        return error_set(err, ERROR_CHAIN, "no transaction of this version");
    e->id = id;
    if (e->bytes <= KEY_SIGNATURE_BYTES || !hash_equal(tx_id_of_bytes(data, e->bytes), id))
        return error_set(err, ERROR_CHAIN, "its content does not have the id that it is named by");
    return tx_decode(data, e->bytes, tx, err) && tx_check_signature_bytes(data, e->bytes, tx, err);
}

/* Votes, proposals and certificates lie there, too, and are no business of ours. */
static bool is_other_message(const char *path)
{
    struct bytes in = {0};
    bool other = reader_bytes_at(path, 0, POOL_FILE_HEADER, &in, NULL) && memcmp(in.data, POOL_MAGIC, strlen(POOL_MAGIC)) == 0 &&
                 in.data[4] == POOL_VERSION && in.data[5] > POOL_TRANSACTION && in.data[5] <= POOL_CERTIFICATE;
    bytes_free(&in);
    return other;
}

/* False if the file is not a good one; vanished ones (sealed by another process) are not worth a word. */
static bool load_one(const char *path, struct hash id, struct tx *tx, struct pool_entry *e, int *refused)
{
    struct bytes in = {0};
    struct error why;
    error_clear(&why);
    bool good = file_read(path, TX_BODY_MAX + POOL_FILE_HEADER, &in, &why) && parse(&in, id, tx, e, &why);
    bytes_free(&in);
    if (!good && file_exists(path) && !is_other_message(path) && ++*refused <= POOL_LOGGED)
        log_write(LOG_WARNING, "pool: %s: %s", path, why.text);
    return good;
}

struct found {
    struct tx tx;
    struct pool_entry entry;
};

static int found_compare(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->entry.order != y->entry.order)
        return x->entry.order < y->entry.order ? -1 : 1;
    return hash_compare(&x->entry.id, &y->entry.id);
}

/* What is found in the folder, whose names and contents may be anybody's. */
struct finding {
    struct found *item;
    size_t n, capacity, looked_at, bytes;
    int refused;
};

/* False if it is enough. */
static bool look_at(struct finding *f, const char *folder, struct hash id)
{
    char path[FILE_PATH_MAX];
    pool_path(path, folder, id);
    if (f->looked_at++ == POOL_LOOKED_AT) {
        log_write(LOG_WARNING, "pool: more than %d files, the rest is left out; clear it up: %s", POOL_LOOKED_AT, path);
        f->refused++;
        return false;
    }
    f->item = memory_grow(f->item, &f->capacity, f->n + 1, sizeof *f->item);
    struct found *one = &f->item[f->n];
    *one = (struct found){.entry.order = 0};
    if (!load_one(path, id, &one->tx, &one->entry, &f->refused))
        return true;
    if (f->bytes + one->entry.bytes > POOL_BYTES) {
        log_write(LOG_WARNING, "pool: more than a block can hold, the rest is left out: %s", path);
        f->refused++;
        return false;
    }
    f->bytes += one->entry.bytes;
    f->n++;
    return true;
}

bool tx_pool_load(struct pool *p, const char *folder, struct error *err)
{
    char inside[FILE_PATH_MAX];
    struct finding found = {.n = 0};
    ASSERT(text_copy(p->folder, sizeof p->folder, folder));
    pool_folder(inside, folder);
    DIR *dir = opendir(inside);
    if (!dir) /* a copied chain may come without one */
        return errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", inside);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (hash_from_hex(d->d_name, &id) && !look_at(&found, folder, id))
            break;
    }
    closedir(dir);
    if (found.n)
        qsort(found.item, found.n, sizeof *found.item, found_compare);
    for (size_t i = 0; i < found.n; i++)
        append(p, &found.item[i].tx, &found.item[i].entry);
    p->refused = found.refused;
    free(found.item);
    return true;
}

void tx_pool_seal(struct pool *p, struct hash id)
{
    int at = index_find(&p->index, id);
    if (at >= 0)
        p->entry[at].sealed = true;
}

void tx_pool_apply(struct pool *p, struct state *s)
{
    size_t n = p->n;
    p->n = p->bytes = 0;
    index_clear(&p->index);
    for (size_t i = 0; i < n; i++) {
        struct error why;
        error_clear(&why);
        if (p->entry[i].sealed)
            continue;
        if (state_apply_waiting(s, &p->tx[i], p->entry[i].id, &why)) {
            append(p, &p->tx[i], &p->entry[i]);
            continue;
        }
        char hex[HASH_HEX];
        hash_hex(p->entry[i].id, hex);
        p->refused++;
        log_write(LOG_WARNING, "pool: %s: %s", hex, why.text);
    }
}

bool tx_pool_put(struct pool *p, const struct tx *tx, const struct bytes *encoded, struct hash id, bool *stored,
              struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    struct pool_entry e = {.id = id, .order = p->next_order, .bytes = encoded->n};
    bytes_put(&b, POOL_MAGIC, strlen(POOL_MAGIC));
    bytes_put_u8(&b, POOL_VERSION);
    bytes_put_u8(&b, POOL_TRANSACTION);
    bytes_put_u16(&b, 0);
    bytes_put_u64(&b, e.order);
    bytes_put_blob(&b, encoded->data, encoded->n);
    pool_path(path, p->folder, id);
    bool good = file_create(path, b.data, b.n, 0644, err);
    bytes_free(&b);
    *stored = good || file_exists(path);
    if (good)
        append(p, tx, &e);
    return good;
}

bool tx_pool_remove(const char *folder, const struct hash *ids, size_t n, struct error *err)
{
    char path[FILE_PATH_MAX];
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        pool_path(path, folder, ids[i]);
        good = file_remove_unsynced(path, err) && good;
    }
    pool_folder(path, folder);
    return n == 0 || (file_sync_folder(path, err) && good);
}

bool tx_pool_sync(const struct pool *p, struct error *err)
{
    char path[FILE_PATH_MAX];
    pool_folder(path, p->folder);
    return p->n == 0 || file_sync_folder(path, err);
}
