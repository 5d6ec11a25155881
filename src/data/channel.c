#include "data/channel.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/join.h"

#include <float.h>
#include <math.h>

#define MISSING_SHARE 10 /* one bar of so many may be missing before a channel is left out or filled */

bool channel_series_start(struct channel_series *s, const struct frame *f, const struct task_series *of, bool base,
                          struct error *err)
{
    char reason[128];
    int64_t lag = of->lag_us, least = dataset_default_lag(f, of->stamp, reason, sizeof reason);
    if (base && lag < least)
        lag = least;
    *s = (struct channel_series){
        .frame = f, .name = of->name, .stamp = of->stamp, .base = base, .stale_us = join_stale(f)};
    s->ended_us = memory_try(f->rows, sizeof *s->ended_us, "the join", err);
    s->published_us = memory_try(f->rows, sizeof *s->published_us, "the join", err);
    if (!s->ended_us || !s->published_us)
        return false;
    join_published(s->ended_us, f, of->stamp, 0);
    join_published(s->published_us, f, of->stamp, lag);
    return true;
}

void channel_series_free(struct channel_series *s)
{
    free(s->ended_us);
    free(s->published_us);
    *s = (struct channel_series){0};
}

/* --- values ------------------------------------------------------------------------------------------------------ */

static size_t rows_until(const int64_t *time_us, size_t rows, int64_t last_us)
{
    size_t low = 0, high = rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (time_us[middle] <= last_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const int64_t *known_of(const struct channel *c, const struct channel_series *s)
{
    return c->at_close ? s->ended_us : s->published_us;
}

bool channel_values(double *out, const struct channel *c, const struct channel_series *series, const int64_t *close_us,
                    size_t bars, struct error *err)
{
    const struct channel_series *s = &series[c->series];
    const int64_t *known = known_of(c, s);
    size_t rows = bars ? rows_until(known, s->frame->rows, close_us[bars - 1]) : 0;
    double *own = memory_try(rows, sizeof *own, "a channel", err);
    if (!own)
        return false;
    struct feature_source source = {s->frame->column[c->column].value, s->frame->column[c->low].value, c->centre,
                                    c->half};
    for (size_t i = 0; i < rows; i++) {
        double v = c->family ? c->family->value(&source, i, c->output) : source.value[i];
        own[i] = fabs(v) <= (double)FLT_MAX ? v : (double)NAN;
    }
    join_as_of(out, close_us, bars, own, known, rows, c->at_close ? 0 : s->stale_us);
    free(own);
    for (size_t i = 0; i < bars; i++)
        out[i] = !c->family ? isnan(out[i]) ? 0 : 1 : c->filled && isnan(out[i]) ? 0 : out[i];
    return true;
}

/* --- the plan ---------------------------------------------------------------------------------------------------- */

struct planner {
    struct channel_plan *plan;
    const struct channel_series *series;
    const int64_t *close_us;
    size_t bars, price, label;
    double *value; /* [bars] */
    bool *marked;  /* [series] has its "present" channel */
    size_t beyond; /* channels above the cap */
};

static void note(struct channel_plan *plan, const char *name, const char *why)
{
    plan->note = memory_resize(plan->note, plan->note_n + 1, sizeof *plan->note);
    snprintf(plan->note[plan->note_n++], sizeof plan->note[0], "%s %s", name, why);
}

static bool add(struct planner *p, const struct channel *c)
{
    struct channel_plan *plan = p->plan;
    if (plan->n >= DATASET_CHANNELS_KEPT) {
        p->beyond++;
        return false;
    }
    plan->channel = memory_grow(plan->channel, &plan->capacity, plan->n + 1, sizeof *plan->channel);
    plan->channel[plan->n++] = *c;
    return true;
}

struct presence {
    size_t known;
    bool constant;
};

static struct presence look(const double *value, size_t n)
{
    struct presence p = {0, true};
    double first = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i]))
            continue;
        if (p.known++ == 0)
            first = value[i];
        p.constant = p.constant && (float)value[i] == (float)first;
    }
    return p;
}

static void name_channel(struct channel *c, const char *word, const struct channel_series *s)
{
    const char *column = c->family && c->family->pair ? "" : s->frame->column[c->column].name;
    const char *dot = !s->base && *column ? "." : "";
    struct text name = {0};
    text_printf(&name, "%s %s%s%s", word, s->base ? "" : s->name, dot, column);
    while (name.n > 0 && (name.n > FRAME_NAME_MAX - 1 || name.data[name.n - 1] == ' ')) {
        do
            name.data[--name.n] = '\0';
        while (name.n > 0 && ((unsigned char)name.data[name.n] & 0xc0) == 0x80);
    }
    text_copy(c->name, sizeof c->name, text_of(&name));
    text_free(&name);
}

/* The channel that tells a network where a filled series speaks; once a series. */
static void add_present(struct planner *p, const struct channel *of)
{
    if (p->marked[of->series])
        return;
    struct channel c = *of;
    c.family = NULL;
    c.filled = false;
    snprintf(c.name, sizeof c.name, "present %.*s", (int)sizeof c.name - 10, p->series[of->series].name);
    p->marked[of->series] = add(p, &c);
}

static bool consider(struct planner *p, struct channel *c, struct error *err)
{
    char why[128];
    const struct channel_series *s = &p->series[c->series];
    name_channel(c, c->family->output[c->output], s);
    if (!channel_values(p->value, c, p->series, p->close_us, p->bars, err))
        return false;
    struct presence seen = look(p->value, p->bars);
    bool sparse = p->bars - seen.known > p->bars / MISSING_SHARE && !(s->base && c->column == p->price);
    if (seen.known == 0 || seen.constant) {
        note(p->plan, c->name,
             seen.known ? "is left out: it is constant before the hold-out"
                        : "is left out: it is never known before the hold-out");
        return true;
    }
    if (sparse && s->base) {
        snprintf(why, sizeof why, "is left out: it is known at %zu of %zu bars only", seen.known, p->bars);
        note(p->plan, c->name, why);
        return true;
    }
    c->filled = sparse;
    if (sparse) {
        snprintf(why, sizeof why, "is filled with 0 where missing: it is known at %zu of %zu bars", seen.known,
                 p->bars);
        note(p->plan, c->name, why);
        add_present(p, c);
    }
    add(p, c);
    return true;
}

/* The column of a series that is called so; "btc_high" where there is no "high". */
static int find_word(const struct frame *f, const char *word)
{
    int found = frame_find(f, word);
    size_t n = strlen(word);
    for (size_t c = 0; found < 0 && c < f->columns; c++) {
        size_t length = strlen(f->column[c].name);
        if (length > n + 1 && f->column[c].name[length - n - 1] == '_' &&
            text_equal_nocase(f->column[c].name + length - n, word))
            found = (int)c;
    }
    return found;
}

static bool consider_pair(struct planner *p, const struct feature_family *family, size_t series, struct error *err)
{
    const struct channel_series *s = &p->series[series];
    int high = find_word(s->frame, "high"), low = find_word(s->frame, "low");
    if (high < 0 || low < 0 || (s->base && ((size_t)high == p->label || (size_t)low == p->label)))
        return true;
    struct channel c = {
        .family = family, .series = series, .column = (size_t)high, .low = (size_t)low, .at_close = s->base};
    return consider(p, &c, err);
}

static bool consider_column(struct planner *p, const struct feature_family *family, size_t series, size_t column,
                            struct error *err)
{
    const struct channel_series *s = &p->series[series];
    const double *value = s->frame->column[column].value;
    bool is_price = s->base && column == p->price;
    size_t rows = rows_until(s->published_us, s->frame->rows, p->close_us[p->bars - 1]);
    enum feature_role role = is_price ? FEATURE_PRICE : feature_role_of(s->frame->column[column].name, value, rows);
    if (!(family->roles & 1u << role))
        return true;
    bool traded = role == FEATURE_PRICE || role == FEATURE_VOLUME;
    struct channel c = {.family = family, .series = series, .column = column, .at_close = s->base && traded};
    feature_level(value, rows, &c.centre, &c.half);
    for (c.output = 0; c.output < family->outputs; c.output++) {
        struct channel one = c;
        if (!consider(p, &one, err))
            return false;
    }
    return true;
}

static bool consider_family(struct planner *p, const struct feature_family *family, size_t series_n, struct error *err)
{
    bool by_price = p->price != CHANNEL_NO_COLUMN && family->roles & 1u << FEATURE_PRICE;
    if (!family->pair && by_price && !consider_column(p, family, 0, p->price, err))
        return false;
    for (size_t s = 0; s < series_n; s++) {
        if (family->pair && !consider_pair(p, family, s, err))
            return false;
        for (size_t c = 0; !family->pair && c < p->series[s].frame->columns; c++) {
            bool done = s == 0 && (c == p->label || (c == p->price && by_price));
            if (!done && !consider_column(p, family, s, c, err))
                return false;
        }
    }
    return true;
}

static bool consider_all(struct planner *p, const char *families, size_t series_n, struct error *err)
{
    char *copy = memory_text(families), *rest = copy;
    bool ok = true;
    for (const char *name = text_next(&rest, ','); ok && name; name = text_next(&rest, ',')) {
        const struct feature_family *family = feature_find(name);
        ok = family ? consider_family(p, family, series_n, err)
                    : error_set(err, ERROR_USAGE, "there is no family of features called '%s'", name);
    }
    free(copy);
    return ok;
}

bool channel_plan_make(struct channel_plan *plan, const struct channel_series *series, size_t series_n,
                       const char *families, size_t price, size_t label, const int64_t *close_us, size_t bars,
                       struct error *err)
{
    struct planner p = {
        .plan = plan, .series = series, .close_us = close_us, .bars = bars, .price = price, .label = label};
    *plan = (struct channel_plan){0};
    p.value = memory_try(bars, sizeof *p.value, "a channel", err);
    p.marked = NEW_ARRAY(bool, series_n);
    bool ok = p.value && consider_all(&p, families, series_n, err);
    free(p.value);
    free(p.marked);
    if (ok && p.beyond > 0) {
        char why[128];
        snprintf(why, sizeof why, "more channels are left out: at most %d are kept, in the order of the families",
                 DATASET_CHANNELS_KEPT);
        char count[24];
        snprintf(count, sizeof count, "%zu", p.beyond);
        note(plan, count, why);
    }
    if (ok && plan->n == 0)
        return error_set(err, ERROR_DATA,
                         "no column gives a feature that varies before the hold-out; add series or families");
    return ok;
}

void channel_plan_free(struct channel_plan *plan)
{
    free(plan->channel);
    free(plan->note);
    *plan = (struct channel_plan){0};
}
