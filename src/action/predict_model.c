/* The model that `predict` is to use, and how it was trained: on which samples its scaling was fitted. */
#include "action/predict_internal.h"

#include "base/memory.h"
#include "store/arches.h"

#define GROWN_MOST 1000 /* morphisms from one training to the model */

/* --- which one ---------------------------------------------------------------------------------------------------- */

static bool several(const struct model_row *rows, int n, struct hash arch, struct hash task, const char *key,
                    struct error *err)
{
    char list[160] = "", id[13];
    int found = 0;
    for (int i = 0; i < n; i++) {
        if (!hash_equal(rows[i].arch, arch) || !hash_equal(rows[i].task, task))
            continue;
        hash_short(rows[i].id, id);
        if (found++ < 6) {
            text_append(list, sizeof list, found > 1 ? ", " : "");
            text_append(list, sizeof list, id);
        }
    }
    return error_set(err, ERROR_USAGE, "%s has %d models on this task; name one, the newest first: %s%s", key, found,
                     list, found > 6 ? ", ..." : "");
}

/* The only model of an architecture on the task in force. */
static bool only_model(struct model_row *out, struct workspace *w, const struct arch_row *arch, struct hash task,
                       const char *key, struct error *err)
{
    struct model_row *rows;
    int n = models_list(w, &rows, err), found = 0;
    char id[HASH_HEX] = "";
    for (int i = 0; i < n; i++)
        if (hash_equal(rows[i].arch, arch->id) && hash_equal(rows[i].task, task)) {
            found++;
            hash_hex(rows[i].id, id);
        }
    bool ok = n >= 0 && found == 1;
    if (n >= 0 && found == 0)
        error_set(err, ERROR_USAGE, "%s has no model on this task yet: `train %s` makes one", key, key);
    else if (n >= 0 && found > 1)
        several(rows, n, arch->id, task, key, err);
    models_list_free(rows, n < 0 ? 0 : n);
    return ok && models_find(w, id, out, err);
}

static bool find_model(struct model_row *out, struct workspace *w, const char *key, struct hash task, struct error *err)
{
    struct error no_model = {0}, no_arch = {0};
    struct arch_row arch;
    if (models_find(w, key, out, &no_model))
        return true;
    if (!arches_find(w, key, &arch, &no_arch))
        return error_set(err, no_model.kind, "%s; %s", no_model.text, no_arch.text);
    free(arch.text);
    return only_model(out, w, &arch, task, key, err);
}

static bool refuse_task(struct workspace *w, const struct predict_model *m, struct error *err)
{
    struct task_row other;
    char id[13], now[13], then_text[200] = "no longer in the workspace", now_text[200];
    hash_short(m->row.task, id);
    hash_short(m->task.hash, now);
    task_describe(&m->task.task, now_text, sizeof now_text);
    if (tasks_find(w, m->row.task, &other, NULL)) {
        task_describe(&other.task, then_text, sizeof then_text);
        free(other.info);
    }
    return error_set(err, ERROR_USAGE,
                     "the model was trained on task %s (%s), and task %s is in force (%s): train one on it, or set the "
                     "other task again",
                     id, then_text, now, now_text);
}

/* --- how it was trained ---------------------------------------------------------------------------------------------
 */

bool predict_training(struct workspace *w, const struct model_row *row, uint32_t *stop_ppm, char trained[HASH_HEX],
                      struct error *err)
{
    struct model_row at = *row;
    struct recipe recipe;
    char *owned = NULL, id[13];
    bool ok = true;
    hash_short(row->id, id);
    for (int i = 0; ok && !at.recipe[0]; i++) {
        char hex[HASH_HEX];
        hash_hex(at.parent, hex);
        if (hash_is_zero(at.parent) || i == GROWN_MOST)
            ok = error_set(err, ERROR_USAGE, "model %s was never trained: its weights are as they were drawn", id);
        ok = ok && models_find(w, hex, &at, err);
        free(owned);
        owned = ok ? at.result : NULL;
    }
    if (ok && !hash_equal(at.task, row->task))
        ok = error_set(err, ERROR_USAGE, "model %s was grown on this task and never trained on it: `train --from %s`",
                       id, id);
    if (ok)
        text_copy(trained, HASH_HEX, at.recipe);
    json_t *result = ok ? json_loads(at.result, 0, NULL) : NULL;
    const json_t *stop = json_object_get(result, "stop_ppm");
    recipe_defaults(&recipe); /* which every model has that does not say */
    int64_t ppm = json_is_integer(stop) ? json_integer_value(stop) : recipe.stop_ppm;
    if (ok && (ppm < 0 || ppm > RECIPE_STOP_PPM_MAX))
        ok = error_set(err, ERROR_DATA, "model %s: its row says a share of %lld ppm for early stopping", id,
                       (long long)ppm);
    *stop_ppm = (uint32_t)ppm;
    json_decref(result);
    free(owned);
    return ok;
}

static bool note_roles(struct predict_model *m, struct error *err)
{
    const struct dataset *d = m->data;
    m->role = memory_try(d->bars, sizeof *m->role, "the bars", err);
    if (!m->role)
        return false;
    memset(m->role, PREDICT_UNUSED, d->bars);
    for (size_t i = 0; i < m->slices.train_end; i++)
        m->role[d->bar[i]] = PREDICT_TRAINING;
    for (size_t i = m->slices.stop_first; i < d->visible_samples; i++)
        m->role[d->bar[i]] = PREDICT_VALIDATION;
    return true;
}

static bool fit(struct workspace *w, struct predict_model *m, struct error *err)
{
    const struct dataset *d = m->data;
    uint32_t stop_ppm;
    char trained[HASH_HEX];
    m->scaling = NEW_ARRAY(struct dataset_scaling, d->channels);
    return predict_training(w, &m->row, &stop_ppm, trained, err) &&
           crossval_slices(&m->slices, d, 0, d->visible_samples, stop_ppm, err) &&
           dataset_scaling_fit(m->scaling, d, 0, m->slices.train_end, err) && note_roles(m, err);
}

bool predict_model_open(struct predict_model *m, struct workspace *w, const char *key, struct error *err)
{
    *m = (struct predict_model){0};
    if (!tasks_active(w, &m->task, err) || !find_model(&m->row, w, key, m->task.hash, err))
        return false;
    if (!hash_equal(m->row.task, m->task.hash))
        return refuse_task(w, m, err);
    m->model = models_load_file(w, m->row.file, err);
    if (m->model && !hash_equal(model_hash(m->model), m->row.id)) {
        char id[13];
        hash_short(m->row.id, id);
        return error_set(err, ERROR_DATA, "the weights in the workspace are not those of model %s: train it again", id);
    }
    m->data = m->model ? tasks_dataset(w, &m->task, err) : NULL;
    return m->data && fit(w, m, err);
}

void predict_model_close(struct predict_model *m)
{
    free(m->row.result);
    free(m->task.info);
    model_free(m->model);
    dataset_free(m->data);
    free(m->scaling);
    free(m->role);
    *m = (struct predict_model){0};
}
