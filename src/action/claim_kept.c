/* What this workspace remembers of claims: findings of re-runs, and claims that were announced and not yet proposed.
 * Both are files of canonical bytes with their hash behind them; one that is damaged, or of another version, is not
 * there. */
#include "action/claim_dispute.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"
#include "chain/index.h"
#include "net/numeric.h"

#include <dirent.h>

#define FILE_MOST ((size_t)256 << 20)
#define TEXT_MOST ((size_t)64 << 20)
#define FORGET_US (30 * CLOCK_DAY_US)

static bool file_of(struct workspace *w, const char *folder, struct hash name, char *out, struct error *err)
{
    char path[FILE_PATH_MAX], hex[HASH_HEX];
    workspace_path(w, folder, path, sizeof path);
    hash_hex(name, hex);
    if (strlen(path) + sizeof hex + 1 > FILE_PATH_MAX)
        return error_set(err, ERROR_IO, "the path of the workspace is too long");
    file_join(out, FILE_PATH_MAX, path, hex);
    return !err || file_make_folder(path, 0755, err);
}

static bool put_file(struct workspace *w, const char *folder, struct hash name, struct bytes *b, struct error *err)
{
    char path[FILE_PATH_MAX];
    codec_put_hash(b, hash_of(b->data, b->n));
    return file_of(w, folder, name, path, err) && file_write(path, b->data, b->n, 0600, err);
}

/* Without its hash; false: it is not there. */
static bool get_file(struct workspace *w, const char *folder, struct hash name, struct bytes *out)
{
    char path[FILE_PATH_MAX];
    struct hash said;
    bool ok = file_of(w, folder, name, path, NULL) && file_exists(path) && file_read(path, FILE_MOST, out, NULL) &&
              out->n >= HASH_BYTES;
    if (ok) {
        out->n -= HASH_BYTES;
        memcpy(said.byte, out->data + out->n, HASH_BYTES);
        ok = hash_equal(said, hash_of(out->data, out->n));
    }
    if (!ok)
        bytes_clear(out);
    return ok;
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static void get_finding(struct bytes_reader *r, struct tx_finding *out)
{
    struct tx_counts *c = &out->counts;
    c->folds = (int)codec_get_bounded(r, TX_FOLDS_MAX);
    for (int k = 0; k < c->folds; k++) {
        c->correct[k] = bytes_get_u32(r);
        c->total[k] = bytes_get_u32(r);
    }
    out->trace_root = codec_get_hash(r);
    out->weights = codec_get_hash(r);
}

static void put_run(struct bytes *b, const struct claim_run *run)
{
    bytes_put_i64(b, run->time_us);
    tx_finding_encode(&run->finding, b);
    bytes_put_blob(b, run->leaves, strlen(run->leaves));
}

/* "" for a text that was not there. */
static char *get_text(struct bytes_reader *r)
{
    size_t n = 0;
    const uint8_t *data = bytes_get_blob(r, TEXT_MOST, &n);
    char *text = memory_new(n + 1, 1);
    if (data && n)
        memcpy(text, data, n);
    return text;
}

static void get_run(struct bytes_reader *r, struct claim_run *out)
{
    out->time_us = bytes_get_i64(r);
    get_finding(r, &out->finding);
    out->leaves = get_text(r);
}

/* --- re-runs ------------------------------------------------------------------------------------------------------ */

static struct hash run_key(const struct state_task *task, const struct state_proposal *p)
{
    struct bytes b = {0};
    bytes_put_text(&b, "morphsmith rerun 1");
    bytes_put_text(&b, NUMERIC_VERSION);
    codec_put_hash(&b, p->id);
    codec_put_hash(&b, task->id);
    codec_put_hash(&b, task->body.dataset);
    codec_put_hash(&b, task->body.text);
    codec_put_hash(&b, task->body.recipe);
    codec_put_hash(&b, p->body.arch);
    struct hash key = hash_of(b.data, b.n);
    bytes_free(&b);
    return key;
}

bool claim_run_kept(struct workspace *w, const struct state_task *task, const struct state_proposal *p,
                    struct claim_run *out)
{
    struct bytes b = {0};
    *out = (struct claim_run){0};
    bool there = get_file(w, "reruns", run_key(task, p), &b);
    if (there) {
        struct bytes_reader r = bytes_read(b.data, b.n);
        get_run(&r, out);
        there = bytes_done(&r);
        if (!there)
            claim_run_free(out);
    }
    bytes_free(&b);
    return there;
}

bool claim_run_keep(struct workspace *w, const struct state_task *task, const struct state_proposal *p,
                    const struct claim_run *run, struct error *err)
{
    struct bytes b = {0};
    put_run(&b, run);
    bool ok = put_file(w, "reruns", run_key(task, p), &b, err);
    bytes_free(&b);
    return ok;
}

/* --- forgetting --------------------------------------------------------------------------------------------------- */

/* Of proposals whose end is to come. */
static void names_needed(const struct state *s, struct index *out)
{
    const struct state_proposal *p;
    int n = state_proposals(s, &p);
    for (int i = 0; i < n; i++) {
        const struct state_task *task = state_task_find(s, p[i].announce.task);
        struct hash run = run_key(task, &p[i]), claim = p[i].announce.commitment;
        if (proposal_closed(p[i].state))
            continue;
        if (index_find(out, run) < 0)
            index_put(out, run, i);
        if (index_find(out, claim) < 0)
            index_put(out, claim, i);
    }
}

static bool is_old(const char *path)
{
    struct file_stamp s;
    return file_stamp(path, &s, NULL) && clock_wall_us() - s.modified_ns / 1000 > FORGET_US;
}

static void forget_in(struct workspace *w, const char *name, const struct index *needed)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct hash id;
    workspace_path(w, name, folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir)) != NULL;) {
        if (!hash_from_hex(d->d_name, &id) || index_find(needed, id) >= 0)
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        struct error why = {0};
        if (is_old(path) && !file_remove_unsynced(path, &why))
            log_write(LOG_WARNING, "claims: %s", why.text);
    }
    if (dir)
        closedir(dir);
}

void claim_forget(struct workspace *w, const struct state *s)
{
    struct index needed = {0};
    names_needed(s, &needed);
    forget_in(w, "reruns", &needed);
    forget_in(w, "claims", &needed);
    index_free(&needed);
    forget_in(w, "disputes", &needed); /* made again where it is wanted */
}

/* --- disputes ----------------------------------------------------------------------------------------------------- */

static struct hash dispute_key(const char *what, struct hash id, uint64_t fold, uint64_t leaf, struct hash object)
{
    struct bytes b = {0};
    bytes_put_text(&b, what);
    bytes_put_text(&b, NUMERIC_VERSION);
    codec_put_hash(&b, id);
    bytes_put_u64(&b, fold);
    bytes_put_u64(&b, leaf);
    codec_put_hash(&b, object);
    struct hash key = hash_of(b.data, b.n);
    bytes_free(&b);
    return key;
}

static struct hash state_key(const struct state_proposal *p, const struct claim_place *place)
{
    return dispute_key("morphsmith state 1", p->id, place->fold, place->leaf, p->body.arch);
}

bool claim_state_kept(struct workspace *w, const struct state_proposal *p, const struct claim_place *place,
                      struct hash *object)
{
    struct bytes b = {0};
    bool there = get_file(w, "disputes", state_key(p, place), &b) && b.n == HASH_BYTES;
    if (there)
        memcpy(object->byte, b.data, HASH_BYTES);
    bytes_free(&b);
    return there;
}

bool claim_state_keep(struct workspace *w, const struct state_proposal *p, const struct claim_place *place,
                      struct hash object, struct error *err)
{
    struct bytes b = {0};
    codec_put_hash(&b, object);
    bool ok = put_file(w, "disputes", state_key(p, place), &b, err);
    bytes_free(&b);
    return ok;
}

static struct hash ruling_key(const struct state_challenge *c)
{
    return dispute_key("morphsmith ruling 2", c->id, c->body.fold, c->body.leaf, c->answer);
}

bool claim_ruling_kept(struct workspace *w, const struct state_challenge *c, struct claim_ruling *out)
{
    struct bytes b = {0};
    *out = (struct claim_ruling){.upheld = false};
    bool there = get_file(w, "disputes", ruling_key(c), &b);
    if (there) {
        struct bytes_reader r = bytes_read(b.data, b.n);
        out->upheld = codec_get_bool(&r);
        out->found = codec_get_hash(&r);
        bytes_get_text(&r, out->why, sizeof out->why);
        there = bytes_done(&r);
    }
    bytes_free(&b);
    return there;
}

bool claim_ruling_keep(struct workspace *w, const struct state_challenge *c, const struct claim_ruling *ruling,
                       struct error *err)
{
    struct bytes b = {0};
    bytes_put_u8(&b, ruling->upheld);
    codec_put_hash(&b, ruling->found);
    bytes_put_text(&b, ruling->why);
    bool ok = put_file(w, "disputes", ruling_key(c), &b, err);
    bytes_free(&b);
    return ok;
}

/* --- claims ------------------------------------------------------------------------------------------------------- */

static char *none_if_empty(char *text)
{
    if (text[0])
        return text;
    free(text);
    return NULL;
}

bool claim_keep(struct workspace *w, struct hash commitment, const struct claim *c, struct error *err)
{
    struct bytes b = {0};
    const char *const text[] = {c->arch, c->parent, c->morphisms, c->evidence};
    put_run(&b, &c->run);
    for (size_t i = 0; i < ARRAY_N(text); i++)
        bytes_put_blob(&b, text[i] ? text[i] : "", text[i] ? strlen(text[i]) : 0);
    bool ok = put_file(w, "claims", commitment, &b, err);
    bytes_free(&b);
    return ok;
}

bool claim_kept(struct workspace *w, struct hash commitment, struct claim *out)
{
    struct bytes b = {0};
    *out = (struct claim){0};
    bool there = get_file(w, "claims", commitment, &b);
    if (there) {
        struct bytes_reader r = bytes_read(b.data, b.n);
        get_run(&r, &out->run);
        out->arch = get_text(&r);
        out->parent = none_if_empty(get_text(&r));
        out->morphisms = none_if_empty(get_text(&r));
        out->evidence = get_text(&r);
        there = bytes_done(&r);
        if (!there)
            claim_free(out);
    }
    bytes_free(&b);
    return there;
}
