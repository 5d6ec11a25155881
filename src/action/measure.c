/* What an architecture costs: its plan, which is arithmetic, and its running, which is measured and kept. */
#include "action/action.h"

#include "action/arch_cost.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "net/plan.h"
#include "store/arches.h"
#include "store/measures.h"
#include "store/models.h"
#include "store/tasks.h"
#include "train/crossval.h"
#include "train/profile.h"
#include "train/room.h"
#include "work/json.h"
#include "work/trial.h"

#include <math.h>

#define PART_SECONDS 0.7    /* of each of the two parts of a measuring */
#define EVENT_SECONDS 0.1   /* between two events */
#define NOISE_SAMPLES 1024

/* --- the plan ------------------------------------------------------------------------------------------------------- */

static void put_node_plan(json_t *node, const struct plan *p, int i)
{
    struct plan_share share = plan_share(p, i);
    struct op_steps held = plan_steps(p, i);
    json_object_set_new(node, "steps",
                        json_pack("{s:i, s:O, s:i}", "held", held.n, "whole",
                                  json_array_get(json_object_get(node, "shape"), 0), "every", held.n > 0 ? held.every : 0));
    json_object_set_new(node, "plan_macs", json_integer(share.macs));
    json_object_set_new(node, "bytes",
                        json_pack("{s:I, s:I, s:I}", "value", (json_int_t)share.value_bytes, "gradient",
                                  (json_int_t)share.gradient_bytes, "kept", (json_int_t)share.keep_bytes));
}

void arch_cost_put_plan(json_t *shown, const struct arch *a, int batch)
{
    struct plan *p = plan_outline(a, batch, true);
    struct room room = room_of(a, batch, 1);
    size_t i;
    json_t *node;
    json_array_foreach(json_object_get(shown, "graph"), i, node)
        put_node_plan(node, p, (int)i);
    json_object_set_new(shown, "plan",
                        json_pack("{s:i, s:I, s:I, s:I, s:I}", "batch", batch, "training_bytes", (json_int_t)room.plan,
                                  "inference_bytes", (json_int_t)plan_bytes(a, batch, false), "weights_bytes",
                                  (json_int_t)room.weights, "macs", (json_int_t)plan_macs(a)));
    plan_free(p);
}

/* --- what was measured ---------------------------------------------------------------------------------------------- */

void arch_cost_put_measured(json_t *shown, json_t *measured)
{
    json_t *nodes = json_object_get(measured, "nodes"), *node, *one;
    size_t i;
    if (!json_is_object(measured))
        return;
    json_array_foreach(json_object_get(shown, "graph"), i, node)
        if ((one = json_object_get(nodes, json_string_value(json_object_get(node, "name")))) != NULL)
            json_object_set(node, "measured", one);
    json_t *rest = json_copy(measured);
    json_object_del(rest, "nodes");
    json_object_set_new(shown, "measured", rest);
}

json_t *arch_cost_known(struct workspace *w, struct hash arch)
{
    char *text = measures_get(w, arch);
    json_t *measured = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    return measured;
}

/* --- measuring ------------------------------------------------------------------------------------------------------ */

/* What is measured with: the task's first fold where the architecture fits the task, else random windows; the newest
 * weights that were trained on the task, else fresh ones. */
struct bench {
    struct hash id;
    struct arch *arch;
    struct model *model;
    struct dataset *data;
    struct crossval_views fold;
    struct profile_noise noise;
    struct recipe recipe;
    struct hash weights; /* zeros: fresh */
    struct threads *pool;
};

static void bench_close(struct bench *b)
{
    threads_free(b->pool);
    profile_noise_free(&b->noise);
    free(b->fold.scaled);
    dataset_free(b->data);
    model_free(b->model);
    arch_free(b->arch);
}

static bool fits_task(const struct arch *a, const struct dataset *d)
{
    struct arch_shape in = a->shape[0];
    return (size_t)in.channels == d->channels && in.time == d->task.lookback && d->folds > 0 &&
           a->shape[a->nodes - 1].channels == dataset_outputs(d);
}

/* Without a task, or with one of another shape, there is no data: that is no error. */
static bool open_data(struct bench *b, struct workspace *w, struct hash *task, struct error *err)
{
    struct task_row row;
    *task = (struct hash){{0}};
    if (!tasks_exist(w))
        return true;
    if (!tasks_active(w, &row, err))
        return false;
    b->data = tasks_dataset(w, &row, err);
    free(row.info);
    if (!b->data)
        return false;
    if (!fits_task(b->arch, b->data)) {
        dataset_free(b->data);
        b->data = NULL;
        return true;
    }
    *task = b->data->hash;
    return crossval_views(&b->fold, b->data, 0, &b->recipe, err);
}

static bool open_weights(struct bench *b, struct workspace *w, struct hash task, struct error *err)
{
    struct model_row row;
    if (!hash_is_zero(task) && models_newest(w, b->id, task, &row)) {
        b->model = models_load_file(w, row.file, err);
        b->weights = row.id;
        free(row.result);
    } else {
        b->model = model_new(b->arch, b->recipe.seed, err);
    }
    return b->model != NULL;
}

static bool bench_open(struct bench *b, struct workspace *w, const char *key, const struct action_measure_options *o,
                       struct error *err)
{
    struct arch_row row;
    struct hash task;
    *b = (struct bench){0};
    recipe_defaults(&b->recipe);
    if (o->batch > 0)
        b->recipe.batch = o->batch;
    if (!recipe_check(&b->recipe, err) || !arches_find(w, key, &row, err))
        return false;
    b->id = row.id;
    b->arch = arch_parse(row.text, strlen(row.text), row.name, err);
    free(row.text);
    if (!b->arch || !room_check(b->arch, b->recipe.batch, 2, 1, err) || !open_data(b, w, &task, err) ||
        !open_weights(b, w, task, err))
        return false;
    size_t samples = b->recipe.batch > NOISE_SAMPLES ? (size_t)b->recipe.batch : NOISE_SAMPLES;
    if (!b->data && !profile_noise_make(&b->noise, b->arch, samples, err))
        return false;
    b->pool = threads_new(o->threads);
    return true;
}

struct reporting {
    const struct control *control;
    double told;
};

static void report(void *context, double share)
{
    struct reporting *r = context;
    double now = clock_seconds();
    if (now - r->told < EVENT_SECONDS)
        return;
    r->told = now;
    control_event(r->control, json_pack("{s:s, s:o, s:s}", "event", "measure", "progress", json_of_number(share), "text",
                                        share < 0.5 ? "measuring each node" : "timing the trainer"));
}

static bool cancelled(void *context)
{
    return control_cancelled(((struct reporting *)context)->control);
}

/* Seconds of an epoch: steps over the training samples and a look at those that training is stopped by. */
static double epoch_seconds(const struct bench *b, const struct profile *p, int fold)
{
    size_t train, stop;
    if (!b->data || !crossval_counts(&train, &stop, b->data, fold, &b->recipe))
        return (double)NAN;
    double batch = b->recipe.batch, whole = (double)b->recipe.batch / p->batch;
    return ceil((double)train / batch) * p->step_seconds * whole + ceil((double)stop / batch) * p->forward * whole;
}

static double score_seconds(const struct bench *b, const struct profile *p)
{
    double sum = b->data ? 0 : (double)NAN;
    for (int k = 0; b->data && k < b->data->folds; k++)
        sum += epoch_seconds(b, p, k);
    return sum * b->recipe.epochs;
}

static json_t *nodes_json(const struct bench *b, const struct profile *p)
{
    json_t *nodes = json_object();
    double all = p->forward + p->backward;
    for (int i = 0; i < p->nodes; i++) {
        const struct profile_node *n = &p->node[i];
        json_object_set_new(nodes, b->arch->node[i].name,
                            json_pack("{s:o, s:o, s:o, s:o, s:o}", "forward_seconds", json_of_number(n->forward),
                                      "backward_seconds", json_of_number(n->backward), "share",
                                      json_of_number(all > 0 ? (n->forward + n->backward) / all : 0), "gradient_norm",
                                      json_of_number(n->gradient_norm), "weight_gradient_norm",
                                      json_of_number(n->weight_norm)));
    }
    return nodes;
}

static json_t *measured_json(const struct bench *b, const struct profile *p, int threads)
{
    double epoch = epoch_seconds(b, p, -1);
    json_t *j = json_pack("{s:o, s:i, s:i, s:s, s:o, s:s, s:I, s:I}", "at", json_of_time(clock_wall_us()), "batch",
                          p->batch, "threads", threads, "kernels", numeric_isa(), "weights",
                          hash_is_zero(b->weights) ? json_null() : json_of_hash(b->weights), "data",
                          b->data ? "fold 1" : "random", "steps", (json_int_t)p->steps, "train_steps",
                          (json_int_t)p->train_steps);
    json_object_set_new(j, "step_seconds", json_of_number(p->step_seconds));
    json_object_set_new(j, "samples_per_second", json_of_number(p->batch / p->step_seconds));
    json_object_set_new(j, "forward_seconds", json_of_number(p->forward));
    json_object_set_new(j, "backward_seconds", json_of_number(p->backward));
    json_object_set_new(j, "epoch_seconds", json_of_number(epoch));
    json_object_set_new(j, "epochs", json_integer(b->recipe.epochs));
    json_object_set_new(j, "train_seconds", json_of_number(epoch * b->recipe.epochs));
    json_object_set_new(j, "score_seconds", json_of_number(score_seconds(b, p)));
    json_object_set_new(j, "nodes", nodes_json(b, p));
    return j;
}

static json_t *measure(struct bench *b, const struct action_measure_options *o, const struct control *control,
                       struct error *err)
{
    struct reporting reporting = {.control = control};
    struct profile_options po = {.steps = o->steps, .seconds = PART_SECONDS, .context = &reporting, .progress = report,
                                 .cancelled = cancelled};
    struct profile p;
    const struct train_view *view = b->data ? &b->fold.train : &b->noise.view;
    if (!profile_run(&p, b->model, view, &b->recipe, b->pool, &po, err))
        return NULL;
    json_t *measured = measured_json(b, &p, o->threads);
    profile_free(&p);
    return measured;
}

json_t *action_arch_measure(struct workspace *w, const char *key, const struct action_measure_options *options,
                            const struct control *control, struct error *err)
{
    struct bench b;
    json_t *measured = NULL, *result = NULL;
    if (bench_open(&b, w, key, options, err)) {
        control_event(control, trial_plan_json(b.arch, b.recipe.batch, 1, 1));
        measured = measure(&b, options, control, err);
    }
    if (measured) {
        char *text = json_dumps(measured, JSON_COMPACT | JSON_PRESERVE_ORDER);
        measures_put(w, b.id, text);
        free(text);
        result = action_arch_show(w, key, b.recipe.batch, err);
    }
    if (result)
        arch_cost_put_measured(result, measured);
    json_decref(measured);
    bench_close(&b);
    return result;
}
