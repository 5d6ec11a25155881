/* What this workspace remembers of claims: findings of re-runs, and claims that were announced and not yet proposed.
 * Both are files of canonical bytes with their hash behind them; one that is damaged, or of another version, is not
 * there. */
#include "action/claim.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"
#include "net/numeric.h"

#define FILE_MOST ((size_t)256 << 20)
#define TEXT_MOST ((size_t)64 << 20)

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
