#include "action/parcel.h"

#include "action/predict_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"
#include "store/arches.h"
#include "work/json.h"

#define MAGIC "MSPARCL1"
#define TASK_MOST ((size_t)1 << 20)
#define RESULT_MOST ((size_t)1 << 20)
#define MODEL_MOST ((size_t)64 << 20)

/* --- packing ------------------------------------------------------------------------------------------------------ */

/* Of the row's result only what its training's validation came to: the rest is the seller's own business. */
static char *figures(const char *result)
{
    json_t *was = json_loads(result, 0, NULL), *valid = json_object_get(was, "valid"), *j = json_object();
    if (json_is_object(valid))
        json_object_set(j, "valid", valid);
    char *text = json_dumps(j, JSON_COMPACT);
    json_decref(was);
    json_decref(j);
    ASSERT(text);
    return text;
}

static void put(const struct predict_model *m, uint32_t stop_ppm, const char *recipe, struct bytes *out)
{
    struct bytes model = {0};
    char *task = task_format(&m->task.task), *result = figures(m->row.result);
    model_encode(m->model, &model);
    bytes_clear(out);
    bytes_put(out, MAGIC, strlen(MAGIC));
    codec_put_hash(out, m->task.hash);
    codec_put_hash(out, m->row.trace_root);
    bytes_put_blob(out, task, strlen(task));
    bytes_put_text(out, recipe);
    bytes_put_u32(out, stop_ppm);
    bytes_put_blob(out, result, strlen(result));
    bytes_put_blob(out, model.data, model.n);
    bytes_free(&model);
    free(task);
    free(result);
}

/* Moments are of no use to whoever predicts. */
static void drop_moments(struct model *m)
{
    for (int i = 0; i < 2; i++) {
        free(m->moment[i]);
        m->moment[i] = NULL;
    }
    m->step = 0;
}

bool parcel_pack(struct workspace *w, const char *model, struct bytes *out, struct hash *id, struct error *err)
{
    struct predict_model m;
    uint32_t stop_ppm;
    char recipe[HASH_HEX];
    bool ok = predict_model_open(&m, w, model, err) && predict_training(w, &m.row, &stop_ppm, recipe, err);
    if (ok) {
        drop_moments(m.model);
        put(&m, stop_ppm, recipe, out);
        *id = m.row.id;
    }
    predict_model_close(&m);
    return ok;
}

/* --- unpacking ---------------------------------------------------------------------------------------------------- */

void parcel_free(struct parcel *p)
{
    free(p->task);
    free(p->result);
    model_free(p->model);
    *p = (struct parcel){.model = NULL};
}

static char *get_text(struct bytes_reader *r, size_t most)
{
    size_t n = 0;
    const uint8_t *data = bytes_get_blob(r, most, &n);
    if (!data || memchr(data, 0, n) || !text_is_utf8((const char *)data, n)) {
        r->failed = true;
        return NULL;
    }
    return memory_format("%.*s", (int)n, (const char *)data);
}

static bool result_sane(const char *text)
{
    json_t *result = json_loads(text, 0, NULL);
    bool ok = json_is_object(result);
    json_decref(result);
    return ok;
}

bool parcel_read(struct parcel *p, const void *data, size_t n, const char *origin, struct error *err)
{
    struct bytes_reader r = bytes_read(data, n);
    size_t model_n = 0;
    struct hash recipe;
    *p = (struct parcel){.model = NULL};
    const uint8_t *magic = bytes_get(&r, strlen(MAGIC));
    if (!magic || memcmp(magic, MAGIC, strlen(MAGIC)) != 0)
        return error_set(err, ERROR_DATA, "%s is no model that was sold (it does not begin with " MAGIC ")", origin);
    p->dataset = codec_get_hash(&r);
    p->trace_root = codec_get_hash(&r);
    p->task = get_text(&r, TASK_MOST);
    bytes_get_text(&r, p->recipe, sizeof p->recipe);
    p->stop_ppm = bytes_get_u32(&r);
    p->result = get_text(&r, RESULT_MOST);
    const uint8_t *model = bytes_get_blob(&r, MODEL_MOST, &model_n);
    if (!bytes_done(&r) || p->stop_ppm > RECIPE_STOP_PPM_MAX || !hash_from_hex(p->recipe, &recipe) ||
        !result_sane(p->result))
        return error_set(err, ERROR_DATA, "%s: malformed near byte %zu of %zu", origin, r.at, n);
    p->model = model_decode(model, model_n, origin, err);
    return p->model != NULL;
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

/* What the row says besides: where it is from. Only figures that are its own training's are kept. */
static char *row_result(const struct parcel *p, const char *listing)
{
    json_t *result = json_object(), *was = json_loads(p->result, 0, NULL), *valid = json_object_get(was, "valid");
    json_object_set_new(result, "stop_ppm", json_integer(p->stop_ppm));
    if (json_is_object(valid))
        json_object_set(result, "valid", valid);
    if (p->model->blas)
        json_object_set_new(result, "kernels", json_string("blas"));
    json_object_set_new(result, "bought", json_of_text(listing));
    char *text = json_dumps(result, JSON_COMPACT);
    json_decref(result);
    json_decref(was);
    return text;
}

static bool put_model(struct workspace *w, const struct parcel *p, const char *listing, struct error *err)
{
    struct model_row row = {.task = p->dataset, .trace_root = p->trace_root};
    struct hash arch;
    text_copy(row.recipe, sizeof row.recipe, p->recipe);
    row.result = row_result(p, listing);
    bool ok = row.result && workspace_begin(w, err);
    if (ok) {
        ok = arches_put(w, p->model->arch, "", NULL, "", &arch, err) && models_put(w, p->model, &row, err) &&
             workspace_commit(w, err);
        if (!ok)
            workspace_rollback(w);
    }
    free(row.result);
    return ok;
}

json_t *parcel_take(struct workspace *w, const struct parcel *p, const char *listing, struct error *err)
{
    struct model_row row;
    struct task_row task;
    struct task *about = NEW(struct task);
    char id[HASH_HEX], said[200] = "";
    struct hash hash = model_hash(p->model);
    hash_hex(hash, id);
    bool known = models_find(w, id, &row, NULL), in_force = false;
    if (known)
        free(row.result);
    bool ok = known || put_model(w, p, listing, err);
    if (ok && tasks_active(w, &task, NULL)) {
        in_force = hash_equal(task.hash, p->dataset);
        free(task.info);
    }
    if (task_parse(about, p->task, NULL))
        task_describe(about, said, sizeof said);
    free(about);
    if (!ok)
        return NULL;
    return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b}", "model", json_of_hash(hash), "arch",
                     json_of_hash(arch_id(p->model->arch)), "task", json_of_hash(p->dataset), "about",
                     json_of_text(said), "known", known, "in_force", in_force);
}
