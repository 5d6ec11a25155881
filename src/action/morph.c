#include "action/action.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/morph.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "work/json.h"

#include <math.h>

#define DELTA_ROWS 64 /* windows the function is compared on */

/* What `key` means: an architecture (its id goes to *arch), else a model (into *model; free its result). */
static bool find_key(struct workspace *w, const char *key, struct hash *arch, char *name, size_t size, bool *is_model,
                     struct model_row *model, struct error *err)
{
    struct arch_row row;
    struct error no_arch = {0}, no_model = {0};
    *is_model = false;
    if (arches_find(w, key, &row, &no_arch)) {
        *arch = row.id;
        text_copy(name, size, row.name);
        free(row.text);
        return true;
    }
    *is_model = models_find(w, key, model, &no_model);
    if (*is_model) {
        *arch = model->arch;
        name[0] = 0;
        return true;
    }
    return error_set(err, no_arch.kind, "%s; %s", no_arch.text, no_model.text);
}

static json_t *known_or_null(int64_t n)
{
    return n == MORPH_UNKNOWN ? json_null() : json_integer((json_int_t)n);
}

json_t *action_morph_list(struct workspace *w, const char *key, struct error *err)
{
    struct hash id;
    char name[64];
    bool is_model;
    struct model_row row;
    if (!find_key(w, key, &id, name, sizeof name, &is_model, &row, err))
        return NULL;
    if (is_model)
        free(row.result);
    struct arch *a = arches_load(w, id, err);
    if (!a)
        return NULL;
    struct morph_option *option = NULL;
    int n = morph_list(a, &option);
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        char text[MORPH_TEXT_MAX];
        morph_format(&option[i].step, text);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:o, s:b, s:o, s:o, s:s}", "kind", option[i].step.kind->name, "node",
                            option[i].step.node, "applicable", option[i].applicable, "reason",
                            json_of_text(option[i].reason), "shrinks", option[i].step.kind->shrinks, "parameters",
                            known_or_null(option[i].parameters), "macs", known_or_null(option[i].macs), "step", text));
    }
    free(option);
    json_t *result = json_pack("{s:o, s:o}", "arch", json_of_hash(arch_id(a)), "morphisms", list);
    arch_free(a);
    return result;
}

/* The model that `key` means: a model's hash, or an architecture's newest weights, or fresh ones. */
static struct model *model_of(struct workspace *w, const char *key, struct hash task, struct hash *parent, char *name,
                              size_t size, struct error *err)
{
    struct hash id;
    struct model_row row;
    bool is_model;
    *parent = (struct hash){{0}};
    if (!find_key(w, key, &id, name, size, &is_model, &row, err))
        return NULL;
    if (is_model || models_newest(w, id, task, &row)) {
        free(row.result);
        *parent = row.id;
        return models_load_file(w, row.file, err);
    }
    struct arch *a = arches_load(w, id, err);
    struct model *m = a ? model_new(a, 1, err) : NULL;
    arch_free(a);
    return m;
}

static bool take_settings(struct morph_step *step, const char *const *setting, int n, struct error *err)
{
    for (int i = 0; i < n; i++) {
        char *pair = memory_text(setting[i]), *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        bool taken = value ? morph_set(step, pair, value, err)
                           : error_set(err, ERROR_USAGE, "--set %s: it takes NAME=VALUE", setting[i]);
        free(pair);
        if (!taken)
            return false;
    }
    return true;
}

/* Real windows, scaled as in training, for the comparison: [rows, time, channels]. */
static float *real_windows(struct workspace *w, const struct task_row *task, const struct model *m, int *rows,
                           struct error *err)
{
    struct dataset *d = tasks_dataset(w, task, err);
    if (!d)
        return NULL;
    struct arch_shape in = m->arch->shape[0];
    float *window = NULL, *scaled = NULL;
    if ((size_t)in.channels != d->channels || in.time != d->task.lookback) {
        error_set(err, ERROR_FAILED,
                  "the architecture reads windows of [%d, %d], the task gives [%d, %zu]; make one for this task with "
                  "`arch new`",
                  in.time, in.channels, d->task.lookback, d->channels);
    } else if (!d->samples) {
        error_set(err, ERROR_DATA, "the task has no samples to compare the two functions on");
    } else {
        *rows = d->samples < DELTA_ROWS ? (int)d->samples : DELTA_ROWS;
        size_t each = (size_t)in.time * d->channels;
        window = memory_try((size_t)*rows * each, sizeof *window, "windows", err);
        scaled = memory_try(d->bars * d->channels, sizeof *scaled, "scaled features", err);
        if (window && scaled && dataset_scale(d, scaled, 0, d->samples, err)) {
            for (int r = 0; r < *rows; r++) {
                size_t sample = (size_t)r * d->samples / (size_t)*rows;
                size_t first = d->bar[sample] + 1 - (size_t)in.time;
                memcpy(window + (size_t)r * each, scaled + first * d->channels, each * sizeof *window);
            }
        } else {
            free(window);
            window = NULL;
        }
        free(scaled);
    }
    dataset_free(d);
    return window;
}

static json_t *store_step(struct workspace *w, struct model *grown, const struct hash *parent_arch,
                          struct hash parent_model, const struct morph_step *step, const struct task_row *task,
                          double delta, int rows, const char *name, struct error *err)
{
    struct hash id;
    char text[MORPH_TEXT_MAX], short_id[13], hex[HASH_HEX], grown_name[64];
    morph_format(step, text);
    id = arch_id(grown->arch);
    hash_short(id, short_id);
    snprintf(grown_name, sizeof grown_name, "%.40s+%.4s", name[0] ? name : "arch", short_id);
    struct model_row row = {.task = task->hash, .parent = parent_model};
    text_copy(row.morphism, sizeof row.morphism, text);
    if (!arches_put(w, grown->arch, grown_name, parent_arch, text, &id, err) || !models_put(w, grown, &row, err))
        return NULL;
    hash_hex(id, hex);
    workspace_setting_set(w, "selected", hex);
    json_t *result =
        json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:i, s:I, s:I}", "arch", json_of_hash(id), "name",
                  json_of_text(grown_name), "model", json_of_hash(row.id), "parent", json_of_hash(*parent_arch),
                  "morphism", text, "max_abs_delta", json_of_number(delta), "compared_windows", rows, "parameters",
                  (json_int_t)arch_parameters(grown->arch), "macs", (json_int_t)arch_macs(grown->arch));
    if (!hash_is_zero(parent_model))
        json_object_set_new(result, "parent_model", json_of_hash(parent_model));
    return result;
}

/* Without a node, the first one that the morphism applies to. */
static bool choose_step(struct morph_step *step, const struct arch *a, const struct morph_kind *k, const char *node,
                        const char *const *settings, int n, struct error *err)
{
    char reason[128] = "it has none";
    for (int i = 0; i < a->nodes && !node; i++)
        if (k->applicable(a, i, reason, sizeof reason))
            node = a->node[i].name;
    if (!node)
        return error_set(err, ERROR_USAGE, "%s applies to no node of this architecture (%s)", k->name, reason);
    *step = morph_step_of(k, node);
    if (!take_settings(step, settings, n, err))
        return false;
    return morph_applicable(a, step, reason, sizeof reason) ||
           error_set(err, ERROR_USAGE, "%s does not apply to %s: %s", k->name, node, reason);
}

json_t *action_morph(struct workspace *w, const char *key, const char *kind, const char *node,
                     const char *const *settings, int n, struct error *err)
{
    const struct morph_kind *k = morph_find(kind);
    if (!k) {
        error_set(err, ERROR_USAGE, "there is no morphism %s; `morph %s --list` shows those that apply", kind, key);
        return NULL;
    }
    struct task_row task;
    if (!tasks_active(w, &task, err))
        return NULL;
    struct hash parent_model;
    struct morph_step step;
    char name[64];
    double delta = 0;
    int rows = 0;
    json_t *result = NULL;
    struct model *m = model_of(w, key, task.hash, &parent_model, name, sizeof name, err);
    bool chosen = m && choose_step(&step, m->arch, k, node, settings, n, err);
    struct model *grown = chosen ? morph_apply(m, &step, 1, err) : NULL;
    float *window = grown ? real_windows(w, &task, m, &rows, err) : NULL;
    if (window && morph_max_delta(&delta, m, grown, window, rows, err)) {
        struct hash parent_arch = arch_id(m->arch);
        if (delta != 0 && !k->shrinks)
            error_set(err, ERROR_FAILED, "%s changed the function (max |delta| = %g): nothing was stored", kind, delta);
        else
            result = store_step(w, grown, &parent_arch, parent_model, &step, &task, delta, rows, name, err);
    }
    free(window);
    model_free(grown);
    model_free(m);
    free(task.info);
    return result;
}
