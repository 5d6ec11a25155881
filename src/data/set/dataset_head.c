#include "data/set/dataset_head.h"

#include "base/memory.h"
#include "base/text.h"
#include "config.h"
#include "data/set/channel.h"
#include "src/data/sources.h" /* made in the build folder: a checksum of what data sets are made by */

/* --- who made it, and of what ------------------------------------------------------------------------------------- */

static char *maker_text(const char *numeric)
{
    return memory_format("%s %s %s", PACKAGE_VERSION, numeric, DATA_SOURCES_SUM);
}

static void put_identity(struct bytes *out, const struct dataset *d, const char *numeric)
{
    char *maker = maker_text(numeric), *task = task_format(&d->task);
    bytes_put_text(out, maker);
    bytes_put_text(out, task);
    bytes_put(out, d->hash.byte, HASH_BYTES);
    free(maker);
    free(task);
}

static bool is_text(struct bytes_reader *r, const char *wanted)
{
    size_t n;
    const uint8_t *text = bytes_get_blob(r, strlen(wanted), &n);
    return text && n == strlen(wanted) && memcmp(text, wanted, n) == 0;
}

static bool get_identity(struct dataset *d, struct bytes_reader *r, const struct dataset_identity *is)
{
    char *maker = maker_text(is->numeric), *task = task_format(is->task);
    bool ok = is_text(r, maker) && is_text(r, task);
    const uint8_t *hash = bytes_get(r, HASH_BYTES);
    ok = ok && hash && memcmp(hash, is->hash.byte, HASH_BYTES) == 0;
    free(maker);
    free(task);
    d->task = *is->task;
    d->hash = is->hash;
    return ok;
}

/* --- counts, assets and folds ------------------------------------------------------------------------------------- */

static void put_counts(struct bytes *out, const struct dataset *d)
{
    const size_t count[] = {d->bars,        d->channels,        d->planned,        d->note_n,
                            d->samples,     d->dropped_missing, d->dropped_gap,    d->dropped_zero,
                            d->sealed_bars, (size_t)d->folds,   (size_t)d->classes};
    for (size_t i = 0; i < ARRAY_N(count); i++)
        bytes_put_u64(out, count[i]);
    bytes_put_i64(out, d->sealed_first_us);
    bytes_put_i64(out, d->sealed_last_us);
    for (int k = 0; k < d->task.assets; k++) {
        bytes_put_u64(out, d->asset[k].bars);
        bytes_put_i64(out, d->asset[k].step_us);
    }
    for (int k = 0; k < d->folds; k++) {
        bytes_put_u64(out, d->fold[k].train_first);
        bytes_put_u64(out, d->fold[k].train_end);
        bytes_put_u64(out, d->fold[k].valid_first);
        bytes_put_u64(out, d->fold[k].valid_end);
    }
}

static bool get_count(struct bytes_reader *r, size_t *out, size_t most)
{
    uint64_t n = bytes_get_u64(r);
    *out = n <= most ? (size_t)n : 0;
    return n <= most && !r->failed;
}

static bool get_assets(struct dataset *d, struct bytes_reader *r)
{
    size_t bars = 0;
    bool ok = true;
    for (int k = 0; ok && k < d->task.assets; k++) {
        struct dataset_asset *a = &d->asset[k];
        ok = get_count(r, &a->bars, d->bars - bars);
        a->step_us = bytes_get_i64(r);
        a->first = bars;
        a->visible = a->bars;
        bars += a->bars;
    }
    return ok && bars == d->bars;
}

static bool get_folds(struct dataset *d, struct bytes_reader *r)
{
    for (int k = 0; k < d->folds; k++) {
        struct dataset_fold *f = &d->fold[k];
        bool ok = get_count(r, &f->train_first, d->samples) && get_count(r, &f->train_end, d->samples) &&
                  get_count(r, &f->valid_first, d->samples) && get_count(r, &f->valid_end, d->samples);
        if (!ok || f->train_first > f->train_end || f->valid_first > f->valid_end)
            return false;
    }
    return true;
}

static bool get_counts(struct dataset *d, struct bytes_reader *r)
{
    size_t folds, classes;
    bool ok = get_count(r, &d->bars, UINT32_MAX) && get_count(r, &d->channels, 2 * DATASET_CHANNELS_MAX) &&
              get_count(r, &d->planned, d->channels) && get_count(r, &d->note_n, r->n / 4) &&
              get_count(r, &d->samples, d->bars) && get_count(r, &d->dropped_missing, d->bars) &&
              get_count(r, &d->dropped_gap, d->bars) && get_count(r, &d->dropped_zero, d->bars) &&
              get_count(r, &d->sealed_bars, UINT32_MAX) && get_count(r, &folds, DATASET_FOLDS_MAX) &&
              get_count(r, &classes, DATASET_CLASSES_MAX);
    if (!ok)
        return false;
    d->sealed_first_us = bytes_get_i64(r);
    d->sealed_last_us = bytes_get_i64(r);
    d->folds = (int)folds;
    d->classes = (int)classes;
    d->visible_samples = d->samples;
    d->visible_bars = d->bars;
    return get_assets(d, r) && get_folds(d, r);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void put_names(struct bytes *out, const struct dataset *d)
{
    for (int i = 0; i < d->classes; i++) {
        bytes_put_f64(out, d->class_value[i]);
        bytes_put_text(out, d->class_name[i]);
    }
    for (size_t c = 0; c < d->channels; c++)
        bytes_put_text(out, d->channel[c]);
    for (size_t i = 0; i < d->note_n; i++)
        bytes_put_text(out, d->note[i]);
}

static bool get_names(struct dataset *d, struct bytes_reader *r)
{
    if (d->task.target == TASK_CLASS)
        d->class_name = memory_new(DATASET_CLASSES_MAX, sizeof *d->class_name);
    else if (d->classes > 0)
        return false;
    for (int i = 0; i < d->classes; i++) {
        d->class_value[i] = bytes_get_f64(r);
        bytes_get_text(r, d->class_name[i], sizeof d->class_name[i]);
    }
    d->channel = memory_new(d->channels, sizeof *d->channel);
    for (size_t c = 0; c < d->channels; c++)
        bytes_get_text(r, d->channel[c], sizeof d->channel[c]);
    d->note = d->note_n ? memory_new(d->note_n, sizeof *d->note) : NULL;
    for (size_t i = 0; i < d->note_n; i++)
        bytes_get_text(r, d->note[i], sizeof d->note[i]);
    return !r->failed;
}

/* --- how channels are made ---------------------------------------------------------------------------------------- */

static void put_channel(struct bytes *out, const struct channel *c)
{
    bytes_put_text(out, c->name);
    bytes_put_text(out, c->spec.family ? c->spec.family->name : "");
    for (int i = 0; i < FEATURE_PARAMETERS_MAX; i++)
        bytes_put_i64(out, c->spec.parameter[i]);
    bytes_put_i64(out, c->output);
    bytes_put_u64(out, c->series);
    bytes_put_u64(out, c->column);
    bytes_put_u64(out, c->low);
    bytes_put_u8(out, c->at_close);
    bytes_put_u8(out, c->filled);
    bytes_put_i64(out, c->lag_us);
    bytes_put_f64(out, c->centre);
    bytes_put_f64(out, c->half);
}

static bool find_family(struct channel *c, const char *name)
{
    for (int i = 0; i < feature_families_n && !c->spec.family; i++)
        if (text_equal(feature_families[i]->name, name))
            c->spec.family = feature_families[i];
    return c->spec.family || !name[0];
}

static bool get_channel(struct channel *c, struct bytes_reader *r)
{
    char family[FRAME_NAME_MAX];
    bytes_get_text(r, c->name, sizeof c->name);
    bytes_get_text(r, family, sizeof family);
    for (int i = 0; i < FEATURE_PARAMETERS_MAX; i++)
        c->spec.parameter[i] = (int)bytes_get_i64(r);
    c->output = (int)bytes_get_i64(r);
    c->series = (size_t)bytes_get_u64(r);
    c->column = (size_t)bytes_get_u64(r);
    c->low = (size_t)bytes_get_u64(r);
    c->at_close = bytes_get_u8(r) != 0;
    c->filled = bytes_get_u8(r) != 0;
    c->lag_us = bytes_get_i64(r);
    c->centre = bytes_get_f64(r);
    c->half = bytes_get_f64(r);
    return !r->failed && find_family(c, family);
}

static bool get_channels(struct dataset *d, struct bytes_reader *r)
{
    size_t n = (size_t)d->task.assets * d->planned;
    bool ok = true;
    d->made = memory_new(n, sizeof *d->made);
    for (size_t i = 0; ok && i < n; i++)
        ok = get_channel(&d->made[i], r);
    return ok;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

void dataset_head_put(struct bytes *out, const struct dataset *d, const char *numeric)
{
    put_identity(out, d, numeric);
    put_counts(out, d);
    put_names(out, d);
    for (size_t i = 0; i < (size_t)d->task.assets * d->planned; i++)
        put_channel(out, &d->made[i]);
}

bool dataset_head_get(struct dataset *d, struct bytes_reader *r, const struct dataset_identity *is)
{
    return get_identity(d, r, is) && get_counts(d, r) && get_names(d, r) && get_channels(d, r);
}
