#include "chain/evidence.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>

static void evidence_folder(char out[FILE_PATH_MAX], const char *folder)
{
    file_join(out, FILE_PATH_MAX, folder, "evidence");
}

static void evidence_path(char out[FILE_PATH_MAX], const char *folder, struct hash id)
{
    char inside[FILE_PATH_MAX], hex[HASH_HEX];
    evidence_folder(inside, folder);
    hash_hex(id, hex);
    file_join(out, FILE_PATH_MAX, inside, hex);
}

static void put_both(struct bytes *out, const struct vote *a, const struct vote *b)
{
    vote_encode(a, out);
    vote_encode(b, out);
    if (memcmp(out->data, out->data + VOTE_BYTES, VOTE_BYTES) > 0) {
        bytes_clear(out);
        vote_encode(b, out);
        vote_encode(a, out);
    }
}

/* Of this key and height: one proof is enough. */
static bool is_known(const struct evidence_proof *all, int n, const struct vote *v)
{
    for (int i = 0; i < n; i++)
        if (all[i].a.height == v->height && memcmp(&all[i].a.voting, &v->voting, sizeof v->voting) == 0)
            return true;
    return false;
}

bool evidence_keep(const char *folder, const struct vote *a, const struct vote *b, char file[FILE_PATH_MAX], bool *added,
                   struct error *err)
{
    char inside[FILE_PATH_MAX];
    struct evidence_proof *all = NULL;
    struct bytes both = {0};
    int n = evidence_list(folder, &all, err);
    bool fresh = n >= 0 && n < EVIDENCE_MOST && !is_known(all, n, a);
    free(all);
    *added = false;
    if (!fresh)
        return n >= 0;
    put_both(&both, a, b);
    evidence_folder(inside, folder);
    evidence_path(file, folder, hash_of(both.data, both.n));
    bool good = file_make_folder(inside, 0755, err) && file_write(file, both.data, both.n, 0644, err);
    *added = good;
    bytes_free(&both);
    return good;
}

static bool read_one(const char *folder, struct hash id, struct evidence_proof *e)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    evidence_path(path, folder, id);
    e->id = id;
    bool good = file_read(path, 2 * VOTE_BYTES, &in, NULL) && in.n == 2 * VOTE_BYTES &&
                hash_equal(hash_of(in.data, in.n), id) && vote_decode(in.data, VOTE_BYTES, &e->a, NULL) &&
                vote_decode(in.data + VOTE_BYTES, VOTE_BYTES, &e->b, NULL) && vote_conflict(&e->a, &e->b) &&
                vote_check(&e->a, NULL) && vote_check(&e->b, NULL);
    bytes_free(&in);
    return good;
}

int evidence_list(const char *folder, struct evidence_proof **out, struct error *err)
{
    char inside[FILE_PATH_MAX];
    int n = 0;
    evidence_folder(inside, folder);
    *out = NULL;
    DIR *dir = opendir(inside);
    if (!dir) {
        if (errno == ENOENT)
            return 0;
        error_set_errno(err, ERROR_IO, "cannot open %s", inside);
        return -1;
    }
    *out = NEW_ARRAY(struct evidence_proof, EVIDENCE_MOST);
    for (struct dirent *d; n < EVIDENCE_MOST && (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (hash_from_hex(d->d_name, &id) && read_one(folder, id, &(*out)[n]))
            n++;
    }
    closedir(dir);
    return n;
}

bool evidence_remove(const char *folder, struct hash id, struct error *err)
{
    char path[FILE_PATH_MAX];
    evidence_path(path, folder, id);
    return file_remove(path, err);
}
