/* Reading what tasks and proposals name, out of objects/. */
#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/task_text.h"

bool claim_put_text(const char *chain, const char *text, struct hash *id, struct error *err)
{
    return ledger_object_put(chain, text, strlen(text), id, err);
}

/* ERROR_CHAIN, whatever kept it from being read: the claim cannot be checked without it. */
static bool get(const char *chain, struct hash id, const char *what, struct bytes *out, struct error *err)
{
    struct error why = {0};
    char hex[HASH_HEX];
    if (ledger_object_get(chain, id, out, &why))
        return true;
    hash_hex(id, hex);
    if (why.kind == ERROR_MEMORY || why.kind == ERROR_LIMIT)
        return error_set(err, why.kind, "%s (object %s): %s", what, hex, why.text);
    return error_set(err, ERROR_CHAIN, "%s (object %s): %s; copy objects/%.12s... from whoever has it", what, hex,
                     why.text, hex);
}

char *claim_object_text(const char *chain, struct hash id, const char *what, struct error *err)
{
    struct bytes b = {0};
    char *text = NULL;
    if (get(chain, id, what, &b, err)) {
        bytes_put_u8(&b, 0);
        if (strlen((const char *)b.data) + 1 == b.n && text_is_utf8((const char *)b.data, b.n - 1))
            text = memory_text((const char *)b.data);
        else /* what stands behind a NUL would be hashed, but not read */
            error_set(err, ERROR_CHAIN, "%s is no text: it holds a zero byte, or is not UTF-8", what);
    }
    bytes_free(&b);
    return text;
}

struct arch *claim_object_arch(const char *chain, struct hash id, const char *what, struct error *err)
{
    char *text = claim_object_text(chain, id, what, err);
    struct arch *a = text ? arch_parse(text, strlen(text), what, err) : NULL;
    free(text);
    if (!a) {
        if (err && err->kind != ERROR_MEMORY)
            err->kind = ERROR_CHAIN;
        return NULL;
    }
    if (hash_equal(arch_id(a), id))
        return a;
    arch_free(a);
    error_set(err, ERROR_CHAIN, "%s is not written canonically, so that it could be claimed under two names", what);
    return NULL;
}

struct frame *claim_frame(const char *chain, const struct task_series *series, struct error *err)
{
    char what[FRAME_NAME_MAX + 64];
    struct bytes b = {0};
    struct frame *f = NULL;
    snprintf(what, sizeof what, "the task's series %s", series->name);
    if (get(chain, series->frame, what, &b, err)) {
        f = frame_decode(b.data, b.n, err);
        if (!f)
            error_prefix(err, "%s", what);
    }
    bytes_free(&b);
    return f;
}

static bool get_task(const char *chain, struct hash id, struct task *out, struct error *err)
{
    char *text = claim_object_text(chain, id, "the task's text", err);
    bool ok = text && (task_parse(out, text, err) || error_prefix(err, "the task's text"));
    free(text);
    return ok;
}

struct dataset *claim_dataset(const char *chain, const struct tx_task *body, struct error *err)
{
    struct task *task = NEW(struct task);
    struct frame *frame[TASK_SERIES_MAX] = {0};
    struct dataset *d = NULL;
    bool ok = get_task(chain, body->text, task, err);
    for (int i = 0; ok && i < task->series_n; i++)
        ok = (frame[i] = claim_frame(chain, &task->series[i], err)) != NULL;
    if (ok)
        d = dataset_build(task, (const struct frame *const *)frame, DATASET_SEARCH, err);
    if (d && (!hash_equal(d->hash, body->dataset) || d->folds != body->folds)) {
        error_set(err, ERROR_CHAIN, "the task's objects do not give the data set and folds that its transaction states");
        dataset_free(d);
        d = NULL;
    }
    for (int i = 0; i < TASK_SERIES_MAX; i++)
        frame_free(frame[i]);
    free(task);
    return d;
}

bool claim_recipe(const char *chain, const struct tx_task *task, struct recipe *out, struct error *err)
{
    char *text = claim_object_text(chain, task->recipe, "the task's recipe", err);
    bool ok = text && (recipe_parse(out, text, err) || error_prefix(err, "the task's recipe")) &&
              recipe_exact(out, "the task's recipe", err);
    free(text);
    return ok;
}
