/* The channels of a data set: each asset's plan, what all of them have, and the values. */
#include "data/set/dataset_build.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

static bool make_plans(struct build *b, struct error *err)
{
    const struct dataset *d = b->d;
    for (int i = 0; i < d->task.assets; i++) {
        struct build_block *k = &b->block[i];
        if (!channel_plan_make(&k->plan, k->series, k->series_n, &d->task, k->price, k->label,
                               d->time_us + d->asset[i].first, d->asset[i].visible, err))
            return d->task.assets == 1 || error_prefix(err, "asset %s", d->task.asset[i].name);
    }
    return true;
}

static void add_note(struct dataset *d, const char *head, const char *text)
{
    d->note = memory_resize(d->note, d->note_n + 1, sizeof *d->note);
    char *note = d->note[d->note_n++];
    text_copy(note, sizeof d->note[0], head);
    text_append(note, sizeof d->note[0], text);
}

static void take_notes(struct build *b)
{
    struct dataset *d = b->d;
    for (int i = 0; i < d->task.assets; i++) {
        char head[FRAME_NAME_MAX + 2] = "";
        if (d->task.assets > 1)
            snprintf(head, sizeof head, "%s: ", d->task.asset[i].name);
        for (size_t k = 0; k < b->block[i].plan.note_n; k++)
            add_note(d, head, b->block[i].plan.note[k]);
    }
}

/* --- what all assets have ---------------------------------------------------------------------------------------- */

static struct channel *find_channel(const struct channel_plan *plan, const char *name)
{
    for (size_t c = 0; c < plan->n; c++)
        if (text_equal(plan->channel[c].name, name))
            return &plan->channel[c];
    return NULL;
}

/* The first asset without the channel, or -1. */
static int lacks(const struct build *b, const char *name)
{
    for (int i = 0; i < b->d->task.assets; i++)
        if (!find_channel(&b->block[i].plan, name))
            return i;
    return -1;
}

static void note_lack(struct build *b, const struct channel *c)
{
    char why[192];
    if (!c->spec.family)
        return;
    snprintf(why, sizeof why, " is left out: asset %s lacks it", b->d->task.asset[lacks(b, c->name)].name);
    for (size_t i = 0; i < b->d->note_n; i++)
        if (text_starts(b->d->note[i], c->name) && strstr(b->d->note[i], why))
            return;
    add_note(b->d, c->name, why);
}

/* The channel that tells where `of` is known, in the plan of an asset that has it filled; NULL: always, but for rows
 * without a past. Masked, each column has its own; else a series has one. */
static const struct channel *present_of(const struct build *b, const struct channel_plan *plan,
                                        const struct channel *of)
{
    bool each = b->d->task.missing == TASK_MISSING_MASK;
    for (size_t c = 0; of->filled && c < plan->n; c++) {
        const struct channel *p = &plan->channel[c];
        if (!p->spec.family && p->series == of->series && (!each || p->column == of->column))
            return p;
    }
    return NULL;
}

static bool is_there(const struct build *b, const char *name)
{
    for (size_t c = 0; c < b->d->channels; c++)
        if (text_equal(b->block[0].channel[c].name, name))
            return true;
    return false;
}

/* Filled for one asset, a channel is filled for all, and each says where it is known: what a 0 means must not depend
 * on the asset. */
static void append_everywhere(struct build *b, const char *name)
{
    struct dataset *d = b->d;
    const struct channel *present = NULL;
    bool filled = false;
    for (int i = 0; i < d->task.assets; i++) {
        const struct channel *c = find_channel(&b->block[i].plan, name);
        filled = filled || c->filled;
        present = present ? present : present_of(b, &b->block[i].plan, c);
    }
    if (present && !is_there(b, present->name)) {
        for (int i = 0; i < d->task.assets; i++) {
            struct channel c = *find_channel(&b->block[i].plan, name);
            memcpy(c.name, present->name, sizeof c.name);
            c.spec = (struct feature_spec){0};
            c.filled = false;
            b->block[i].channel[d->channels] = c;
        }
        d->channels++;
    }
    for (int i = 0; i < d->task.assets; i++) {
        b->block[i].channel[d->channels] = *find_channel(&b->block[i].plan, name);
        b->block[i].channel[d->channels].filled = filled;
    }
    d->channels++;
}

static bool join_plans(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    const struct channel_plan *first = &b->block[0].plan;
    for (int i = 0; i < d->task.assets; i++)
        b->block[i].channel = NEW_ARRAY(struct channel, 2 * first->n);
    for (size_t c = 0; c < first->n; c++) {
        if (!first->channel[c].spec.family)
            continue;
        if (lacks(b, first->channel[c].name) < 0)
            append_everywhere(b, first->channel[c].name);
        else
            note_lack(b, &first->channel[c]);
    }
    for (int i = 1; i < d->task.assets; i++)
        for (size_t c = 0; c < b->block[i].plan.n; c++)
            if (lacks(b, b->block[i].plan.channel[c].name) >= 0)
                note_lack(b, &b->block[i].plan.channel[c]);
    return d->channels > 0 || error_set(err, ERROR_DATA,
                                        "the assets have no channel in common; give them series with "
                                        "the same columns");
}

static void take_only_plan(struct build *b)
{
    struct build_block *k = &b->block[0];
    b->d->channels = k->plan.n;
    k->channel = memory_copy(k->plan.channel, k->plan.n * sizeof *k->channel);
}

/* --- values ------------------------------------------------------------------------------------------------------ */

static size_t label_channels(const struct dataset *d)
{
    return d->task.target == TASK_CLASS && d->task.horizon > 0 ? (size_t)d->classes - 1 : 0;
}

static void name_channels(struct build *b, size_t planned)
{
    struct dataset *d = b->d;
    d->channel = memory_new(d->channels, sizeof *d->channel);
    for (size_t c = 0; c < planned; c++)
        memcpy(d->channel[c], b->block[0].channel[c].name, FRAME_NAME_MAX);
    for (size_t c = planned; c < d->channels; c++)
        snprintf(d->channel[c], FRAME_NAME_MAX, "label %.50s", d->class_name[c - planned + 1]);
}

static bool fill_channel(struct build *b, size_t c, double *value, struct error *err)
{
    struct dataset *d = b->d;
    for (int k = 0; k < d->task.assets; k++) {
        const struct dataset_asset *a = &d->asset[k];
        if (!channel_values(value, &b->block[k].channel[c], b->block[k].series, d->time_us + a->first, a->bars, err))
            return false;
        for (size_t i = 0; i < a->bars; i++)
            d->feature[(a->first + i) * d->channels + c] = (float)value[i];
    }
    return true;
}

static void fill_label_channel(struct dataset *d, size_t c, size_t class)
{
    for (size_t i = 0; i < d->bars; i++) {
        float label = d->past_label[i];
        d->feature[i * d->channels + c] = isnan(label) ? NAN : (size_t)label == class ? 1 : 0;
    }
}

static void take_like(struct build *b)
{
    const struct dataset *like = b->like;
    b->d->channels = like->planned;
    for (int i = 0; i < b->d->task.assets; i++)
        b->block[i].channel = memory_copy(like->made + (size_t)i * like->planned, like->planned * sizeof *like->made);
}

static bool choose(struct build *b, struct error *err)
{
    if (!make_plans(b, err))
        return false;
    take_notes(b);
    if (b->d->task.assets > 1)
        return join_plans(b, err);
    take_only_plan(b);
    return true;
}

static void keep_channels(struct build *b, size_t planned)
{
    struct dataset *d = b->d;
    d->planned = planned;
    d->made = memory_new((size_t)d->task.assets * planned, sizeof *d->made);
    for (int i = 0; i < d->task.assets; i++)
        memcpy(d->made + (size_t)i * planned, b->block[i].channel, planned * sizeof *d->made);
}

bool build_features(struct build *b, struct error *err)
{
    struct dataset *d = b->d;
    if (b->like)
        take_like(b);
    else if (!choose(b, err))
        return false;
    size_t planned = d->channels;
    keep_channels(b, planned);
    d->channels += label_channels(d);
    name_channels(b, planned);
    if (d->bars > SIZE_MAX / sizeof(float) / d->channels)
        return error_set(err, ERROR_MEMORY, "%zu bars of %zu channels are too many", d->bars, d->channels);
    d->feature = memory_try(d->bars * d->channels, sizeof *d->feature, "the features", err);
    double *value = memory_try(d->bars, sizeof *value, "a channel", err);
    bool ok = d->feature && value;
    for (size_t c = 0; ok && c < planned; c++)
        ok = fill_channel(b, c, value, err);
    for (size_t c = planned; ok && c < d->channels; c++)
        fill_label_channel(d, c, c - planned + 1);
    free(value);
    return ok;
}
