/* What is known of a task once its data set is built: stored beside it and shown. */
#include "action/task_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set/channel.h"
#include "work/json.h"

static json_t *close_json(const struct dataset *d, size_t sample)
{
    return sample < d->samples ? json_of_time(d->time_us[d->bar[sample]]) : json_null();
}

static json_t *folds_json(const struct dataset *d)
{
    json_t *folds = json_array();
    for (int k = 0; k < d->folds; k++) {
        const struct dataset_fold *f = &d->fold[k];
        json_array_append_new(
            folds, json_pack("{s:I, s:I, s:o, s:o, s:o}", "train_samples", (json_int_t)(f->train_end - f->train_first),
                             "valid_samples", (json_int_t)(f->valid_end - f->valid_first), "train_last",
                             close_json(d, f->train_end - 1), "valid_first", close_json(d, f->valid_first),
                             "valid_last", close_json(d, f->valid_end - 1)));
    }
    return folds;
}

/* How often each class, or up and not up, is the target. */
static json_t *classes_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (int k = 0; k < d->classes; k++) {
        size_t n = 0;
        for (size_t i = 0; i < d->samples; i++)
            n += (int)d->target[i] == k;
        json_array_append_new(
            list, json_pack("{s:o, s:I}", "class", json_of_text(d->class_name[k]), "samples", (json_int_t)n));
    }
    return list;
}

static json_t *target_json(const struct task *task)
{
    char text[FRAME_NAME_MAX + 16];
    task_target_text(task, text, sizeof text);
    return json_of_text(text);
}

static json_t *assets_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k];
        size_t n = 0;
        for (size_t i = 0; i < d->samples; i++)
            n += dataset_asset_of(d, d->bar[i]) == k;
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:I, s:I, s:o}", "asset", json_of_text(d->task.asset[k].name),
                                        "series", json_of_text(d->task.series[d->task.asset[k].base].name), "price",
                                        d->task.asset[k].price[0] ? json_of_text(d->task.asset[k].price) : json_null(),
                                        "bars", (json_int_t)a->visible, "samples", (json_int_t)n, "first",
                                        json_of_time(d->time_us[a->first])));
    }
    return list;
}

/* Of the first asset; the others have the same. What a channel reads, how far back, and when its values are known. */
static json_t *inputs_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (size_t c = 0; c < d->planned; c++) {
        const struct channel *m = &d->made[c];
        char spec[64] = "present";
        if (m->spec.family)
            feature_spec_format(&m->spec, m->spec.family->name, spec, sizeof spec);
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:i, s:s, s:o, s:b}", "channel", json_of_text(d->channel[c]), "family",
                            json_of_text(spec), "rows_back", m->spec.family ? feature_lookback(&m->spec) : 0, "known",
                            m->at_close ? "close" : "published", "lag_seconds",
                            json_of_number(m->at_close ? 0 : (double)m->lag_us / (double)CLOCK_SECOND_US), "filled",
                            m->filled));
    }
    return list;
}

static json_t *notes_json(const struct dataset *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->note_n; i++)
        json_array_append_new(list, json_of_text(d->note[i]));
    return list;
}

json_t *task_info_json(const struct dataset *d, const struct leak_report *leaks)
{
    json_t *channels = json_array();
    size_t up = 0;
    for (size_t c = 0; c < d->channels; c++)
        json_array_append_new(channels, json_of_text(d->channel[c]));
    for (size_t i = 0; i < d->samples; i++)
        up += d->target[i] > (d->task.target == TASK_RETURN ? 0.0f : 0.5f);
    char names[256];
    task_asset_names(&d->task, names, sizeof names);
    json_t *info = json_pack(
        "{s:o, s:o, s:o, s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:{s:I, s:o, s:o}}", "task",
        json_of_hash(d->hash), "asset", json_of_text(names), "price",
        d->task.asset[0].price[0] ? json_of_text(d->task.asset[0].price) : json_null(), "horizon", d->task.horizon,
        "lookback", d->task.lookback, "bars", (json_int_t)d->bars, "channels", (json_int_t)d->channels, "samples",
        (json_int_t)d->samples, "share_up",
        d->task.target != TASK_CLASS ? json_of_number(d->samples ? (double)up / (double)d->samples : 0.0) : json_null(),
        "features", channels, "folds", folds_json(d), "leaks", task_leaks_json(leaks), "dropped", "missing",
        (json_int_t)d->dropped_missing, "gap", (json_int_t)d->dropped_gap, "zero_return", (json_int_t)d->dropped_zero,
        "sealed", "bars", (json_int_t)d->sealed_bars, "first", json_of_time(d->sealed_first_us), "last",
        json_of_time(d->sealed_last_us));
    json_object_set_new(info, "target", target_json(&d->task));
    json_object_set_new(info, "score_name", json_string(task_score_name(d->task.target)));
    json_object_set_new(info, "outputs", json_integer(dataset_outputs(d)));
    json_object_set_new(info, "assets", assets_json(d));
    if (d->classes > 0)
        json_object_set_new(info, "classes", classes_json(d));
    json_object_set_new(info, "inputs", inputs_json(d));
    json_object_set_new(info, "notes", notes_json(d));
    json_object_set_new(info, "checks", task_checks_json(leaks));
    return info;
}
