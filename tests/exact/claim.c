#include "tests/exact/prove.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vmath.h"
#include "data/set/dataset.h"
#include "train/crossval.h"

#include <math.h>

#define ROWS 420
#define LOOKBACK 6
#define FEATURES                                                                                                       \
    "log_return,range,volume_change,onchain_change,sentiment,level,change,difference,ratio,volume_zscore,mean,std,"    \
    "momentum,rsi,macd,calendar"

enum { CLOSE, HIGH, LOW, VOLUME, ADDRESSES, SENTIMENT, STATE, COLUMNS };

/* Hourly bars that walk at random. */
static struct frame *market(struct error *err)
{
    static const char *const name[COLUMNS] = {"close", "high", "low", "volume", "AdrActCnt", "sentiment", "state"};
    struct random r = random_start(11, RANDOM_TEST, 10, 0);
    struct frame *f = frame_new(ROWS, COLUMNS, err);
    double price = 100;

    for (int c = 0; f && c < COLUMNS; c++)
        text_copy(f->column[c].name, FRAME_NAME_MAX, name[c]);
    for (size_t i = 0; f && i < ROWS; i++) {
        price *= vmath_exp(0.02 * random_normal(&r));
        f->time_us[i] = clock_days(2019, 1, 1) * CLOCK_DAY_US + (int64_t)i * CLOCK_DAY_US;
        f->column[CLOSE].value[i] = price;
        f->column[HIGH].value[i] = price * (1 + random_unit(&r) * 0.1);
        f->column[LOW].value[i] = price * (1 - random_unit(&r) * 0.1);
        f->column[VOLUME].value[i] = 10 + random_unit(&r);
        f->column[ADDRESSES].value[i] = 1000 + random_below(&r, 500);
        f->column[SENTIMENT].value[i] = random_below(&r, 101);
        f->column[STATE].value[i] = random_below(&r, 3);
    }
    if (f)
        frame_find_step(f);
    return f;
}

static struct dataset *dataset_of(const struct frame *f, enum task_target target, struct error *err)
{
    struct task *t = NEW(struct task);

    task_defaults(t);
    t->series_n = 1;
    t->lookback = LOOKBACK;
    t->folds = 2;
    t->series[0] = (struct task_series){.frame = frame_hash(f), .stamp = CSV_STAMP_CLOSE};
    text_copy(t->series[0].name, FRAME_NAME_MAX, "market");
    t->assets = 1;
    t->asset[0] = (struct task_asset){"market", "close", 0};
    t->target = target;
    if (target == TASK_CLASS)
        text_copy(t->label, FRAME_NAME_MAX, "state");
    text_copy(t->features, sizeof t->features, FEATURES);
    struct dataset *d = task_settle(t, err) ? dataset_build(t, &f, DATASET_SEARCH, err) : NULL;
    free(t);
    return d;
}

static struct arch *arch_of(const struct dataset *d, struct error *err)
{
    struct text text = {0};

    text_printf(&text,
                "morphsmith-arch 1\nx input time=%d channels=%zu\nc conv in=x channels=16 kernel=3 act=gelu\n"
                "h gru in=c units=9\np last in=h\no dropout in=p rate=0.2\ny dense in=o units=%d\n",
                LOOKBACK, d->channels, dataset_outputs(d));
    struct arch *a = arch_parse(text_of(&text), text.n, "claim", err);
    text_free(&text);
    return a;
}

static void put_metric(struct hash_stream *s, const struct metric *m)
{
    const double number[] = {m->directional_accuracy, m->balanced_accuracy, m->f1, m->mcc, m->auc, m->brier, m->mae,
                             m->log_loss, m->r2, m->pearson, m->spearman};

    put_double(s, (double)m->n);
    put_double(s, (double)m->correct);
    for (size_t i = 0; i < ARRAY_N(number); i++)
        put_double(s, isnan(number[i]) ? -1e300 : number[i]); /* a NaN's bits are not the same everywhere */
}

static void put_interval(struct hash_stream *s, const struct metric_interval *i)
{
    put_double(s, i->mean);
    put_double(s, i->low);
    put_double(s, i->high);
    put_double(s, i->p);
    put_double(s, i->error);
}

static struct hash hash_of_scores(const struct crossval *c)
{
    struct hash_stream *s = hash_stream_new();

    hash_stream_put(s, c->trace_root.byte, HASH_BYTES);
    hash_stream_put(s, c->weights.byte, HASH_BYTES);
    put_floats(s, c->prediction, c->n * (size_t)c->outputs);
    put_metric(s, &c->metric);
    put_interval(s, &c->interval);
    put_interval(s, &c->objective);
    for (int k = 0; k < c->folds; k++)
        put_metric(s, &c->fold[k].metric);
    return hash_stream_end(s);
}

bool prove_claim(enum task_target target, struct hash *features, struct hash *scores, struct threads *pool,
                 struct error *err)
{
    struct recipe recipe;
    struct frame *f = market(err);
    struct dataset *d = f ? dataset_of(f, target, err) : NULL;
    struct arch *a = d ? arch_of(d, err) : NULL;

    recipe_defaults(&recipe);
    recipe.epochs = 2;
    recipe.batch = 29;
    struct crossval *c = a ? crossval_run(d, a, NULL, &recipe, -1, pool, NULL, err) : NULL;
    if (c) {
        *features = d->hash;
        *scores = hash_of_scores(c);
    }
    bool ok = c != NULL;
    if (c)
        crossval_free(c);
    arch_free(a);
    if (d)
        dataset_free(d);
    if (f)
        frame_free(f);
    return ok;
}
