/* The guard on disk. */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"
#include "chain/guard.h"

#include <dirent.h>
#include <string.h>

#define BORN_FILE "born"
#define BORN_FIRST "morphsmith-born 1\n"
#define BORN_MOST 200
#define LOCK_SECONDS 5 /* one that was told to stop is still ending, perhaps */

struct guard {
    char path[FILE_PATH_MAX];
    int lock;
    bool broken; /* the disk refused: what it holds is not known */
    struct guard_state state;
};

void guard_folder(const char *keys, const char *name, char *out, size_t size)
{
    char file[KEY_NAME_MAX + 8];
    snprintf(file, sizeof file, "%s.guard", name);
    file_join(out, size, keys, file);
}

/* --- where a key was made ----------------------------------------------------------------------------------------- */

static void born_text(const struct key_public *voting, struct text *out)
{
    char hex[HASH_HEX];
    struct hash h;
    memcpy(h.byte, voting->byte, sizeof h.byte);
    hash_hex(h, hex);
    text_put(out, BORN_FIRST);
    text_put(out, hex);
    text_put(out, "\n");
}

static bool only_waits(const char *path, const struct key_public *voting)
{
    struct guard_state s;
    struct bytes in = {0};
    bool waits = file_read(path, GUARD_BYTES, &in, NULL) && guard_decode(in.data, in.n, &s, NULL) && !s.any &&
                 memcmp(&s.voting, voting, sizeof *voting) == 0;
    bytes_free(&in);
    return waits;
}

/* Looked at under its lock, so that nothing is signed meanwhile. */
static bool end_wait(const char *folder, struct hash chain, const struct key_public *voting, struct error *err)
{
    char path[FILE_PATH_MAX], lock[FILE_PATH_MAX], hex[HASH_HEX], name[HASH_HEX + 8];
    hash_hex(chain, hex);
    snprintf(name, sizeof name, "%s.lock", hex);
    file_join(path, sizeof path, folder, hex);
    file_join(lock, sizeof lock, folder, name);
    int held = file_lock(lock, false, err);
    if (held < 0)
        return error_prefix(err, "the guard is in use, by `chain follow` for instance: end that first");
    bool good = !only_waits(path, voting) || file_remove(path, err);
    file_unlock(held);
    return good;
}

static bool end_waits(const char *folder, const struct key_public *voting, struct error *err)
{
    bool good = true;
    DIR *dir = opendir(folder);
    if (!dir)
        return error_set_errno(err, ERROR_IO, "cannot open %s", folder);
    for (struct dirent *d; good && (d = readdir(dir)) != NULL;) {
        struct hash chain;
        good = !hash_from_hex(d->d_name, &chain) || end_wait(folder, chain, voting, err);
    }
    closedir(dir);
    return good;
}

bool guard_born(const char *folder, const struct key_public *voting, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct text t = {0};
    file_join(path, sizeof path, folder, BORN_FILE);
    born_text(voting, &t);
    bool good = file_make_folder(folder, 0700, err) && file_write(path, t.data, t.n, 0600, err) &&
                end_waits(folder, voting, err);
    text_free(&t);
    return good;
}

bool guard_came(const char *folder, struct error *err)
{
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, folder, BORN_FILE);
    return !file_is_folder(folder) || (file_remove_unsynced(path, err) && file_sync_folder(folder, err));
}

static bool is_born_here(const char *folder, const struct key_public *voting)
{
    char path[FILE_PATH_MAX];
    struct text t = {0};
    struct bytes in = {0};
    file_join(path, sizeof path, folder, BORN_FILE);
    born_text(voting, &t);
    bool same = file_read(path, BORN_MOST, &in, NULL) && in.n == t.n && memcmp(in.data, t.data, t.n) == 0;
    text_free(&t);
    bytes_free(&in);
    return same;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static bool save(struct guard *g, const struct guard_state *s, struct error *err)
{
    struct bytes b = {0};
    guard_encode(s, &b);
    bool good = file_write(g->path, b.data, b.n, 0600, err);
    bytes_free(&b);
    if (good)
        g->state = *s;
    g->broken = !good;
    return good;
}

static bool load(struct guard *g, const struct key_public *voting, struct hash chain, struct error *err)
{
    struct bytes in = {0};
    bool good = file_read(g->path, GUARD_BYTES, &in, err);
    if (good && !guard_decode(in.data, in.n, &g->state, err))
        good = error_prefix(err, "%s", g->path);
    bytes_free(&in);
    if (good && memcmp(&g->state.voting, voting, sizeof *voting) != 0)
        good = error_set(err, ERROR_KEY, "%s guards another key: if the identity was replaced, move that file away",
                         g->path);
    if (good && !hash_equal(g->state.chain, chain))
        good = error_set(err, ERROR_CHAIN, "%s is the guard of another chain", g->path);
    return good;
}

/* What is found may be a name that a killed process gave and nobody synced: it is written once more, so that what this
 * guard answers from is on the disk. And before the first one, the folder's own name. */
static bool load_or_begin(struct guard *g, const char *folder, const struct key_public *voting, struct hash chain,
                          uint64_t tip, struct error *err)
{
    char above[FILE_PATH_MAX];
    struct guard_state s = {.chain = chain, .voting = *voting};
    if (file_exists(g->path)) {
        if (!load(g, voting, chain, err))
            return false;
        s = g->state;
        return save(g, &s, err);
    }
    s.hold = is_born_here(folder, voting) ? 0 : tip + 1;
    file_join(above, sizeof above, folder, "..");
    return file_sync_folder(above, err) && save(g, &s, err);
}

struct guard *guard_open(const char *folder, const struct key_public *voting, struct hash chain, uint64_t tip,
                         struct error *err)
{
    char hex[HASH_HEX], lock[FILE_PATH_MAX], name[HASH_HEX + 8];
    hash_hex(chain, hex);
    snprintf(name, sizeof name, "%s.lock", hex);
    if (strlen(folder) + sizeof name + 2 > FILE_PATH_MAX) {
        error_set(err, ERROR_USAGE, "the path of the guard's folder is too long");
        return NULL;
    }
    if (!file_make_folder(folder, 0700, err))
        return NULL;
    struct guard *g = NEW(struct guard);
    file_join(g->path, sizeof g->path, folder, hex);
    file_join(lock, sizeof lock, folder, name);
    g->lock = file_lock_within(lock, LOCK_SECONDS, err);
    if (g->lock >= 0 && load_or_begin(g, folder, voting, chain, tip, err))
        return g;
    guard_close(g);
    return NULL;
}

void guard_close(struct guard *g)
{
    if (!g)
        return;
    if (g->lock >= 0)
        file_unlock(g->lock);
    free(g);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

const struct guard_state *guard_look(const struct guard *g)
{
    return &g->state;
}

bool guard_votes(const struct guard *g, uint64_t height)
{
    return height > g->state.hold && (!g->state.any || height >= g->state.last.height);
}

void guard_record(const struct guard *g, uint64_t height, struct consensus_record *out)
{
    const struct guard_state *s = &g->state;
    *out = (struct consensus_record){.any = false};
    if (s->any && s->last.height == height)
        *out = (struct consensus_record){true, s->last.round, s->last.step, s->locked, s->valid};
}

static bool usable(const struct guard *g, struct error *err)
{
    return !g->broken || error_set(err, ERROR_IO, "%s could not be written: nothing more is signed", g->path);
}

bool guard_sign(struct guard *g, const struct key *voting, struct vote *v, const struct consensus_record *record,
                struct error *err)
{
    struct guard_state next = g->state;
    ASSERT(memcmp(key_public_of(voting), &g->state.voting, sizeof g->state.voting) == 0);
    if (!usable(g, err))
        return false;
    enum guard_answer answer = guard_ask(&g->state, v, err);
    if (answer == GUARD_AGAIN)
        *v = g->state.last;
    if (answer != GUARD_NEW)
        return answer == GUARD_AGAIN;
    struct vote signed_vote = *v;
    vote_sign(&signed_vote, voting);
    guard_note(&next, &signed_vote, record);
    if (!save(g, &next, err))
        return false;
    *v = signed_vote;
    return true;
}

bool guard_meet(struct guard *g, const struct vote *seen, bool *stale, struct error *err)
{
    struct guard_state next = g->state;
    *stale = false;
    if (memcmp(&seen->voting, &g->state.voting, sizeof seen->voting) != 0 ||
        !hash_equal(seen->chain, g->state.chain) || !guard_contradicts(&g->state, seen))
        return true;
    if (!usable(g, err))
        return false;
    *stale = true;
    next.hold = seen->height;
    return save(g, &next, err);
}
