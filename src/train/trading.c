#include "train/trading.h"

#include "train/crossval.h"

#include <math.h>

#define YEAR_US (365.25 * 86400e6)

/* One asset's capital on its way. */
struct account {
    double gross, net, peak, drawdown;
    double sum, square, sum_gross, square_gross; /* of the trades' returns */
    size_t trades, hits;
    double side; /* 1 long, -1 short, 0 none */
    size_t until; /* the bar that the position is held to */
    double first_price, last_price;
    int64_t first_us, last_us;
};

static bool says_up(const struct crossval *c, size_t i)
{
    return c->prediction[i] > (c->kind == TASK_RETURN ? 0.0F : 0.5F);
}

static void settle(struct account *a, double gain, double cost)
{
    double net = (1.0 + gain) * (1.0 - cost) - 1.0;

    a->gross *= 1.0 + gain;
    a->net *= 1.0 + net;
    a->peak = a->net > a->peak ? a->net : a->peak;
    double fall = 1.0 - a->net / a->peak;
    a->drawdown = fall > a->drawdown ? fall : a->drawdown;
    a->sum += net;
    a->square += net * net;
    a->sum_gross += gain;
    a->square_gross += gain * gain;
}

/* The position of the trade before ends here unless it goes on at once; its closing is paid by this trade. */
static void trade(struct account *a, const struct dataset *d, size_t bar, double side, double fee)
{
    size_t then = bar + (size_t)d->task.horizon;
    double gain = side * (d->price[then] / d->price[bar] - 1.0), cost;

    if (a->trades == 0) {
        a->first_price = d->price[bar];
        a->first_us = d->time_us[bar];
        cost = fee;
    } else if (a->until < bar) {
        cost = 2.0 * fee;
    } else {
        cost = a->side * side > 0.0 ? 0.0 : 2.0 * fee;
    }
    a->trades++;
    a->hits += gain > 0.0;
    settle(a, gain, cost);
    a->side = side;
    a->until = then;
    a->last_price = d->price[then];
    a->last_us = d->time_us[then];
}

static double sharpe(double sum, double square, size_t n, double years)
{
    double mean = sum / (double)n, variance = (square - sum * mean) / (double)(n - 1);

    return n > 1 && variance > 0.0 && years > 0.0 ? mean / sqrt(variance) * sqrt((double)n / years) : 0.0;
}

static void run_asset(struct account *a, const struct crossval *c, const struct dataset *d, int asset, double fee)
{
    *a = (struct account){.gross = 1.0, .net = 1.0, .peak = 1.0};
    for (size_t i = 0; i < c->n; i++) {
        size_t bar = d->bar[c->sample[i]];
        if (dataset_asset_of(d, bar) == asset && (a->trades == 0 || bar >= a->until))
            trade(a, d, bar, says_up(c, i) ? 1.0 : -1.0, fee);
    }
    if (a->trades > 0) /* the last one is closed */
        a->net *= 1.0 - fee;
}

bool trading_of(struct trading *out, const struct crossval *c, const struct dataset *d, double fee)
{
    int traded = 0;
    size_t hits = 0;

    *out = (struct trading){.fee = fee};
    if (c->kind == TASK_CLASS || !d->price || d->task.horizon < 1)
        return false;
    for (int k = 0; k < d->task.assets; k++) {
        struct account a;
        run_asset(&a, c, d, k, fee);
        if (a.trades == 0)
            continue;
        double years = (double)(a.last_us - a.first_us) / YEAR_US;
        traded++;
        hits += a.hits;
        out->trades += a.trades;
        out->gross += a.gross - 1.0;
        out->net += a.net - 1.0;
        out->hold += a.last_price / a.first_price - 1.0;
        out->sharpe += sharpe(a.sum, a.square, a.trades, years);
        out->sharpe_gross += sharpe(a.sum_gross, a.square_gross, a.trades, years);
        out->drawdown = a.drawdown > out->drawdown ? a.drawdown : out->drawdown;
    }
    if (traded == 0)
        return false;
    double *const mean[] = {&out->gross, &out->net, &out->hold, &out->sharpe, &out->sharpe_gross};
    for (size_t i = 0; i < sizeof mean / sizeof mean[0]; i++)
        *mean[i] /= traded;
    out->hit_rate = (double)hits / (double)out->trades;
    return true;
}
