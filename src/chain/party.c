#include "chain/party.h"

#include "base/clock.h"
#include "base/memory.h"
#include "chain/pool_file.h"
#include "chain/reader.h"

#include <dirent.h>
#include <errno.h>

static void seen_free(struct party_seen *s)
{
    free(s->entry);
    index_free(&s->index);
    memset(s, 0, sizeof *s);
}

void party_free(struct party *p)
{
    if (!p)
        return;
    seen_free(&p->pool);
    seen_free(&p->objects);
    free(p);
}

void party_list_free(struct party_list *list)
{
    for (int i = 0; i < list->n; i++)
        party_free(list->party[i]);
    free(list->party);
    *list = (struct party_list){.n = 0};
}

bool party_genesis(const struct party *p, struct genesis *out, struct hash *id, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct reader r;
    struct frame f;
    struct bytes data = {0};
    file_join(path, sizeof path, p->folder, "blocks.msc");
    if (!reader_open(&r, path, err))
        return false;
    enum reader_result got = reader_next(&r, &f, &data, err);
    bool good = got == READER_FRAME || (got == READER_END && error_set(err, ERROR_CHAIN, "the file is empty"));
    good = (good && genesis_decode(data.data + FRAME_HEADER_BYTES, f.payload_n, out, err)) || error_prefix(err, "%s", path);
    if (good)
        *id = genesis_id(out);
    reader_close(&r);
    bytes_free(&data);
    return good;
}

/* --- going through a folder ---------------------------------------------------------------------------------------- */

static bool is_changed(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device != b->device || a->inode != b->inode || a->modified_ns != b->modified_ns ||
           a->changed_ns != b->changed_ns;
}

/* Is there nothing new to be seen? */
static bool is_quiet(const struct party_seen *s, const struct file_stamp *now, uint64_t epoch)
{
    return s->complete && s->epoch == epoch && !is_changed(&s->stamp, now);
}

static void note(struct party_seen *s, const struct party_seen_entry *e)
{
    if (index_find(&s->index, e->name) >= 0)
        return;
    s->entry = memory_grow(s->entry, &s->capacity, s->n + 1, sizeof *s->entry);
    s->entry[s->n] = *e;
    index_put(&s->index, e->name, (int)s->n);
    s->n++;
}

struct walk {
    struct party *party;
    const struct party_taker *taker;
    struct party_counts *counts;
    const struct party_seen *before;
    struct party_seen now;
    bool objects, stopped;
    int files;
    size_t bytes;
    char folder[FILE_PATH_MAX];
};

static void count(struct walk *w, enum party_verdict v, struct hash name, const struct error *why)
{
    struct party_counts *c = w->counts;
    c->taken += v == PARTY_TAKEN;
    c->later += v == PARTY_LATER;
    c->refused += v == PARTY_REFUSED;
    if (v == PARTY_REFUSED && !c->why[0]) {
        char id[13];
        hash_short(name, id);
        snprintf(c->why, sizeof c->why, "%s/%s/%s: %.160s", w->party->name, w->objects ? "objects" : "pool", id,
                 why->text);
    }
}

/* The file's own form; what it holds is for the taker to judge. */
static enum party_verdict read_one(struct walk *w, const char *path, struct hash name, struct error *why)
{
    struct bytes in = {0};
    struct party_file f = {.name = name};
    enum party_verdict v = PARTY_REFUSED;
    size_t most = w->objects ? PARTY_OBJECT_MOST : POOL_FILE_MOST;
    if (!file_read(path, most, &in, why)) {
        v = file_exists(path) ? PARTY_REFUSED : PARTY_LATER;
    } else if (w->objects) {
        f.data = in.data;
        f.n = in.n;
        if (hash_equal(hash_of(in.data, in.n), name))
            v = w->taker->take(w->taker->context, &f, why);
        else
            error_set(why, ERROR_CHAIN, "its bytes do not have the hash that it is named by");
    } else if (pool_file_decode(in.data, in.n, &f.type, &f.order, &f.data, &f.n, why)) {
        v = w->taker->take(w->taker->context, &f, why);
    }
    w->files++;
    w->bytes += in.n;
    bytes_free(&in);
    return v;
}

/* Was it judged before, as it is now? */
static const struct party_seen_entry *judged(const struct walk *w, const struct party_seen_entry *now)
{
    int at = index_find(&w->before->index, now->name);
    const struct party_seen_entry *e = at >= 0 ? &w->before->entry[at] : NULL;
    if (!e || (e->verdict == PARTY_TAKEN ? false : e->size != now->size || e->modified_ns != now->modified_ns))
        return NULL;
    return e->verdict == PARTY_LATER && e->epoch != w->taker->epoch ? NULL : e;
}

static void look_at(struct walk *w, struct hash name, const char *file)
{
    char path[FILE_PATH_MAX];
    struct file_stamp stamp;
    struct error why;
    struct party_seen_entry e = {.name = name, .epoch = w->taker->epoch};
    int at = index_find(&w->before->index, name);
    error_clear(&why);
    if (at >= 0 && w->before->entry[at].verdict == PARTY_TAKEN) {
        note(&w->now, &w->before->entry[at]);
        return;
    }
    e.verdict = w->taker->know(w->taker->context, name);
    if (e.verdict != PARTY_UNREAD) {
        note(&w->now, &e);
        return;
    }
    file_join(path, sizeof path, w->folder, file);
    if (!file_stamp(path, &stamp, NULL))
        return;
    e.size = stamp.size;
    e.modified_ns = stamp.modified_ns;
    const struct party_seen_entry *old = judged(w, &e);
    if (old) {
        note(&w->now, old);
        return;
    }
    if (w->files >= PARTY_READ_FILES || w->bytes >= PARTY_READ_BYTES) {
        w->counts->left++;
        w->stopped = true;
        return;
    }
    e.verdict = read_one(w, path, name, &why);
    count(w, e.verdict, name, &why);
    note(&w->now, &e);
}

static bool walk_folder(struct walk *w, struct error *err)
{
    DIR *dir = opendir(w->folder);
    if (!dir)
        return errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", w->folder);
    int names = 0;
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct hash name;
        if (!hash_from_hex(d->d_name, &name))
            continue;
        if (++names > PARTY_FILES_MOST) {
            w->counts->left++;
            continue;
        }
        look_at(w, name, d->d_name);
    }
    closedir(dir);
    return true;
}

static bool go_through(struct party *p, struct party_seen *s, bool objects, const struct party_taker *taker,
                       struct party_counts *counts, struct error *err)
{
    struct walk w = {.party = p, .taker = taker, .counts = counts, .before = s, .objects = objects};
    struct file_stamp stamp;
    file_join(w.folder, sizeof w.folder, p->folder, objects ? "objects" : "pool");
    if (!file_stamp(w.folder, &stamp, NULL)) { /* there is none, or no more */
        p->dead = !file_exists(p->folder);
        return true;
    }
    if (is_quiet(s, &stamp, taker->epoch))
        return true;
    int64_t now = clock_wall_us();
    if (!walk_folder(&w, err)) {
        seen_free(&w.now);
        return false;
    }
    w.now.stamp = stamp;
    w.now.epoch = taker->epoch;
    /* A file that is being written changes without its folder: until all of it was judged, look again. */
    w.now.complete = !w.stopped && file_stamp_is_settled(&stamp, now) && counts->refused == 0;
    seen_free(s);
    *s = w.now;
    return true;
}

bool party_pool(struct party *p, const struct party_taker *taker, struct party_counts *counts, struct error *err)
{
    return go_through(p, &p->pool, false, taker, counts, err);
}

bool party_objects(struct party *p, const struct party_taker *taker, struct party_counts *counts, struct error *err)
{
    return go_through(p, &p->objects, true, taker, counts, err);
}
