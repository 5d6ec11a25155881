#include "data/set/channel.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/join.h"

#include <float.h>
#include <math.h>

#define MISSING_SHARE 10 /* one bar of so many may be missing before a channel is left out or filled */

bool channel_series_start(struct channel_series *s, const struct frame *f, const struct task_series *of, bool base,
                          bool priced, struct error *err)
{
    char reason[128];
    int64_t lag = of->lag_us, least = dataset_default_lag(f, of->stamp, reason, sizeof reason);
    if (base && priced && lag < least)
        lag = least;
    *s = (struct channel_series){.frame = f,
                                 .name = of->name,
                                 .shown = of->name,
                                 .stamp = of->stamp,
                                 .base = base,
                                 .lag_us = lag,
                                 .asked_us = of->lag_us,
                                 .stale_us = join_stale(f)};
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

void channel_own(double *own, const struct channel *c, const struct feature_source *source, size_t rows)
{
    if (c->spec.family)
        c->spec.family->fill(own, source, rows, c->spec.parameter, c->output);
    else
        memcpy(own, source->value, rows * sizeof *own);
    for (size_t i = 0; i < rows; i++)
        own[i] = fabs(own[i]) <= (double)FLT_MAX ? own[i] : (double)NAN;
}

void channel_own_of(double *own, const struct channel *c, const struct channel_series *s, size_t rows)
{
    const struct frame_column *column = s->frame->column;
    struct feature_source source = {column[c->column].value, column[c->low].value, s->ended_us, c->centre, c->half};
    channel_own(own, c, &source, rows);
}

double channel_joined(const struct channel *c, double value)
{
    return !c->spec.family ? isnan(value) ? 0 : 1 : c->filled && isnan(value) ? 0 : value;
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
    channel_own_of(own, c, s, rows);
    join_as_of(out, close_us, bars, own, known, rows, c->at_close ? 0 : s->stale_us);
    free(own);
    for (size_t i = 0; i < bars; i++)
        out[i] = channel_joined(c, out[i]);
    return true;
}

/* --- the plan ---------------------------------------------------------------------------------------------------- */

struct planner {
    struct channel_plan *plan;
    const struct channel_series *series;
    size_t series_n;
    const struct task *task;
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

/* "WORD COLUMN" of the base, "WORD SERIES.COLUMN" of others; what reads no single column has no COLUMN. */
static void name_channel(struct channel *c, const char *word, const struct channel_series *s)
{
    const struct feature_family *family = c->spec.family;
    const char *column = family && family->reads != FEATURE_COLUMN ? "" : s->frame->column[c->column].name;
    const char *dot = !s->base && *column ? "." : "";
    struct text name = {0};
    text_printf(&name, "%s %s%s%s", word, s->base ? "" : s->shown, dot, column);
    while (name.n > 0 && (name.n > FRAME_NAME_MAX - 1 || name.data[name.n - 1] == ' ')) {
        do
            name.data[--name.n] = '\0';
        while (name.n > 0 && ((unsigned char)name.data[name.n] & 0xc0) == 0x80);
    }
    text_copy(c->name, sizeof c->name, text_of(&name));
    text_free(&name);
}

static bool has_present(const struct planner *p, const struct channel *of)
{
    for (size_t i = 0; i < p->plan->n; i++) {
        const struct channel *c = &p->plan->channel[i];
        if (!c->spec.family && c->series == of->series && c->column == of->column)
            return true;
    }
    return false;
}

/* The channel that tells a network where a filled column speaks. Where holes are masked every column has its own;
 * elsewhere a series that begins late or is slow has one, of the first of its columns that needs it. */
static bool add_present(struct planner *p, const struct channel *of, struct error *err)
{
    const struct channel_series *s = &p->series[of->series];
    bool each = p->task->missing == TASK_MISSING_MASK;
    if (each ? has_present(p, of) : p->marked[of->series])
        return true;
    struct channel c = *of;
    c.spec = (struct feature_spec){0};
    c.filled = false;
    if (each)
        name_channel(&c, "present", s);
    else
        snprintf(c.name, sizeof c.name, "present %.*s", (int)sizeof c.name - 10, s->shown);
    if (!channel_values(p->value, &c, p->series, p->close_us, p->bars, err))
        return false;
    if (each && look(p->value, p->bars).constant) /* missing are only the first rows, which have no past */
        return true;
    p->marked[of->series] = add(p, &c);
    return true;
}

static void note_known(struct planner *p, const struct channel *c, const char *what, size_t known)
{
    char why[128];
    snprintf(why, sizeof why, "%s: it is known at %zu of %zu bars%s", what, known, p->bars, c->filled ? "" : " only");
    note(p->plan, c->name, why);
}

static bool consider(struct planner *p, struct channel *c, struct error *err)
{
    const struct channel_series *s = &p->series[c->series];
    bool masked = p->task->missing == TASK_MISSING_MASK;
    char word[64];
    feature_spec_format(&c->spec, c->spec.family->output[c->output], word, sizeof word);
    name_channel(c, word, s);
    c->lag_us = s->lag_us;
    if (!channel_values(p->value, c, p->series, p->close_us, p->bars, err))
        return false;
    struct presence seen = look(p->value, p->bars);
    size_t missing = p->bars - seen.known;
    bool sparse = missing > p->bars / MISSING_SHARE && !(s->base && c->column == p->price);
    if (seen.known == 0 || seen.constant) {
        note(p->plan, c->name,
             seen.known ? "is left out: it is constant before the hold-out"
                        : "is left out: it is never known before the hold-out");
        return true;
    }
    if (sparse && s->base && !masked) {
        note_known(p, c, "is left out", seen.known);
        return true;
    }
    c->filled = masked ? missing > 0 : sparse;
    if (c->filled)
        note_known(p, c, "is filled with 0 where missing", seen.known);
    if (c->filled && !add_present(p, c, err))
        return false;
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

/* --- which columns ----------------------------------------------------------------------------------------------- */

static const struct task_column *said_of(const struct task *task, const struct channel_series *s, size_t column)
{
    for (int i = 0; i < task->column_n; i++)
        if (text_equal(task->column[i].series, s->name) &&
            text_equal(task->column[i].name, s->frame->column[column].name))
            return &task->column[i];
    return NULL;
}

bool channel_role(enum feature_role *role, const struct task *task, const struct channel_series *s, size_t column,
                  bool priced, size_t rows)
{
    const struct task_column *said = said_of(task, s, column);
    if (s->frame->column[column].labels > 0) /* texts: their numbers have no order */
        return false;
    if (said ? said->use == TASK_USE_NONE : task->columns_listed)
        return false;
    const struct frame_column *c = &s->frame->column[column];
    if (c->label && !(said && said->use == TASK_USE_ROLE)) /* the order of spellings is no quantity */
        return false;
    *role = said && said->use == TASK_USE_ROLE ? said->role
            : priced                           ? feature_role_of(c->name, c->value, rows)
                                               : FEATURE_OTHER;
    return true;
}

static size_t known_rows(const struct planner *p, const struct channel_series *s)
{
    return rows_until(s->published_us, s->frame->rows, p->close_us[p->bars - 1]);
}

static bool is_used(const struct planner *p, size_t series, int column)
{
    enum feature_role role;
    const struct channel_series *s = &p->series[series];
    return column >= 0 && !(s->base && (size_t)column == p->label) &&
           channel_role(&role, p->task, s, (size_t)column, true, known_rows(p, s));
}

static bool consider_pair(struct planner *p, const struct feature_spec *spec, size_t series, struct error *err)
{
    const struct channel_series *s = &p->series[series];
    int high = find_word(s->frame, "high"), low = find_word(s->frame, "low");
    if (p->price == CHANNEL_NO_COLUMN || !is_used(p, series, high) || !is_used(p, series, low))
        return true;
    struct channel c = {
        .spec = *spec, .series = series, .column = (size_t)high, .low = (size_t)low, .at_close = s->base};
    return consider(p, &c, err);
}

static bool consider_outputs(struct planner *p, const struct channel *of, struct error *err)
{
    for (int k = 0; k < of->spec.family->outputs; k++) {
        struct channel c = *of;
        c.output = k;
        if (!consider(p, &c, err))
            return false;
    }
    return true;
}

static bool consider_column(struct planner *p, const struct feature_spec *spec, size_t series, size_t column,
                            struct error *err)
{
    const struct channel_series *s = &p->series[series];
    enum feature_role role;
    size_t rows = known_rows(p, s);
    if (s->base && column == p->label)
        return true;
    bool used = channel_role(&role, p->task, s, column, p->price != CHANNEL_NO_COLUMN, rows);
    if (used && s->base && column == p->price)
        role = FEATURE_PRICE;
    if (!used || !(spec->family->roles & 1u << role))
        return true;
    bool traded = role == FEATURE_PRICE || role == FEATURE_VOLUME;
    struct channel c = {.spec = *spec, .series = series, .column = column, .at_close = s->base && traded};
    feature_level(s->frame->column[column].value, rows, &c.centre, &c.half);
    return consider_outputs(p, &c, err);
}

static bool consider_columns(struct planner *p, const struct feature_spec *spec, struct error *err)
{
    bool by_price = p->price != CHANNEL_NO_COLUMN && spec->family->roles & 1u << FEATURE_PRICE;
    if (by_price && !consider_column(p, spec, 0, p->price, err)) /* the price comes first */
        return false;
    for (size_t s = 0; s < p->series_n; s++)
        for (size_t c = 0; c < p->series[s].frame->columns; c++)
            if (!(by_price && s == 0 && c == p->price) && !consider_column(p, spec, s, c, err))
                return false;
    return true;
}

static bool consider_spec(struct planner *p, const struct feature_spec *spec, struct error *err)
{
    struct channel time = {.spec = *spec, .at_close = true};
    if (spec->family->reads == FEATURE_TIME)
        return consider_outputs(p, &time, err);
    if (spec->family->reads == FEATURE_COLUMN)
        return consider_columns(p, spec, err);
    for (size_t s = 0; s < p->series_n; s++)
        if (!consider_pair(p, spec, s, err))
            return false;
    return true;
}

static bool consider_all(struct planner *p, struct error *err)
{
    struct feature_list list;
    bool ok = feature_list_read(&list, p->task->features, err);
    for (int i = 0; ok && i < list.n; i++)
        ok = consider_spec(p, &list.spec[i], err);
    return ok;
}

/* A name that no series has is a misspelling, not a wish. */
static bool check_columns(const struct planner *p, struct error *err)
{
    for (int i = 0; i < p->task->column_n; i++) {
        const struct task_column *c = &p->task->column[i];
        bool found = false, series = false;
        for (size_t s = 0; s < p->series_n; s++) {
            series = series || text_equal(p->series[s].name, c->series);
            for (size_t k = 0; k < p->series[s].frame->columns && text_equal(p->series[s].name, c->series); k++)
                found = found || text_equal(p->series[s].frame->column[k].name, c->name);
        }
        if (series && !found)
            return error_set(err, ERROR_USAGE, "series %s has no column '%s' to be used as a feature", c->series,
                             c->name);
    }
    return true;
}

static void note_beyond(struct planner *p)
{
    char why[128], count[24];
    snprintf(count, sizeof count, "%zu", p->beyond);
    snprintf(why, sizeof why, "more channels are left out: at most %d are kept, in the order of the families",
             DATASET_CHANNELS_KEPT);
    note(p->plan, count, why);
}

/* A lag that was asked for and not taken, or that keeps the bar's own values from telling its class, is said. */
static void note_lag(struct planner *p)
{
    const struct channel_series *base = &p->series[0];
    char why[160];
    size_t late = 0;
    for (size_t c = 0; c < p->plan->n; c++)
        late += p->plan->channel[c].spec.family && p->plan->channel[c].series == 0 && !p->plan->channel[c].at_close;
    if (late == 0)
        return;
    if (base->lag_us > base->asked_us) {
        snprintf(why, sizeof why,
                 "has metrics beside its price: they wait %.6g s, not the lag of %.6g s that it was given",
                 (double)base->lag_us / 1e6, (double)base->asked_us / 1e6);
        note(p->plan, base->name, why);
    }
    if (p->task->horizon == 0 && base->lag_us > 0) {
        snprintf(why, sizeof why,
                 "is known %.6g s late, so a bar's own values do not tell its class: "
                 "`data add --lag 0` where they are known at once",
                 (double)base->lag_us / 1e6);
        note(p->plan, base->name, why);
    }
}

bool channel_plan_make(struct channel_plan *plan, const struct channel_series *series, size_t series_n,
                       const struct task *task, size_t price, size_t label, const int64_t *close_us, size_t bars,
                       struct error *err)
{
    struct planner p = {.plan = plan,
                        .series = series,
                        .series_n = series_n,
                        .task = task,
                        .close_us = close_us,
                        .bars = bars,
                        .price = price,
                        .label = label};
    *plan = (struct channel_plan){0};
    p.value = memory_try(bars, sizeof *p.value, "a channel", err);
    p.marked = NEW_ARRAY(bool, series_n);
    bool ok = p.value && check_columns(&p, err) && consider_all(&p, err);
    free(p.value);
    free(p.marked);
    if (ok && p.beyond > 0)
        note_beyond(&p);
    if (ok)
        note_lag(&p);
    if (ok && plan->n == 0)
        return error_set(err, ERROR_DATA,
                         "no column gives a feature that varies before the hold-out; add series or features");
    return ok;
}

void channel_plan_free(struct channel_plan *plan)
{
    free(plan->channel);
    free(plan->note);
    *plan = (struct channel_plan){0};
}
