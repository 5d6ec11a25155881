#include "chain/fork.h"

#include "base/memory.h"
#include "base/text.h"
#include "chain/block.h"

#include <dirent.h>

#define MAGIC "MSFORK01"

static void forks_folder(char out[FILE_PATH_MAX], const char *folder)
{
    file_join(out, FILE_PATH_MAX, folder, "forks");
}

static void fork_path(char out[FILE_PATH_MAX], const char *folder, uint64_t height, struct hash id)
{
    char inside[FILE_PATH_MAX], name[32 + HASH_HEX], hex[HASH_HEX];
    forks_folder(inside, folder);
    hash_hex(id, hex);
    snprintf(name, sizeof name, "%llu-%s", (unsigned long long)height, hex);
    file_join(out, FILE_PATH_MAX, inside, name);
}

bool fork_keep(const char *folder, uint64_t height, const void *payload, size_t n, const struct certificate *c,
               struct fork *out, bool *added, struct error *err)
{
    char inside[FILE_PATH_MAX];
    struct bytes b = {0}, certificate = {0};
    struct fork *all;
    int have = fork_list(folder, &all);
    free(all);
    *out = (struct fork){.height = height, .id = block_id(payload)};
    fork_path(out->file, folder, height, out->id);
    *added = false;
    if (have >= FORKS_MOST || file_exists(out->file))
        return true;
    bytes_put(&b, MAGIC, strlen(MAGIC));
    bytes_put_blob(&b, payload, n);
    certificate_encode(c, &certificate);
    bytes_put_blob(&b, certificate.data, certificate.n);
    forks_folder(inside, folder);
    *added = file_make_folder(inside, 0755, err) && file_write(out->file, b.data, b.n, 0644, err);
    bytes_free(&b);
    bytes_free(&certificate);
    return *added;
}

/* Mapped, so that of a large block no more is read than its header and what lies around it. */
static bool is_whole(const char *path, struct hash id)
{
    void *data = NULL;
    size_t size, n = 0, certificate_n;
    if (!file_map(path, &data, &size, NULL))
        return false;
    struct bytes_reader r = bytes_read(data, size);
    const uint8_t *magic = bytes_get(&r, strlen(MAGIC));
    const uint8_t *payload = magic ? bytes_get_blob(&r, FRAME_MOST_PAYLOAD, &n) : NULL;
    if (payload)
        bytes_get_blob(&r, CERTIFICATE_MOST_BYTES, &certificate_n);
    bool good = payload && bytes_done(&r) && memcmp(magic, MAGIC, strlen(MAGIC)) == 0 && n >= BLOCK_HEADER_BYTES &&
                hash_equal(block_id(payload), id);
    file_unmap(data, size);
    return good;
}

static bool parse_name(const char *name, uint64_t *height, struct hash *id)
{
    char digits[24];
    const char *dash = strchr(name, '-');
    size_t n = dash ? (size_t)(dash - name) : 0;
    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, name, n);
    digits[n] = 0;
    return text_parse_u64(digits, height) && hash_from_hex(dash + 1, id);
}

static int fork_compare(const void *a, const void *b)
{
    const struct fork *x = a, *y = b;
    if (x->height != y->height)
        return x->height < y->height ? -1 : 1;
    return hash_compare(&x->id, &y->id);
}

int fork_list(const char *folder, struct fork **out)
{
    char inside[FILE_PATH_MAX];
    int n = 0;
    forks_folder(inside, folder);
    *out = NULL;
    DIR *dir = opendir(inside);
    if (!dir)
        return 0;
    *out = NEW_ARRAY(struct fork, FORKS_MOST);
    for (struct dirent *d; n < FORKS_MOST && (d = readdir(dir)) != NULL;) {
        struct fork *f = &(*out)[n];
        if (!parse_name(d->d_name, &f->height, &f->id))
            continue;
        fork_path(f->file, folder, f->height, f->id);
        n += is_whole(f->file, f->id);
    }
    closedir(dir);
    if (n)
        qsort(*out, (size_t)n, sizeof **out, fork_compare);
    return n;
}
