/* What following the predictions would have earned, at a stated fee: shown beside a score, never searched for.
 *
 * On each asset by itself: at a sample's close the whole capital goes long if up is predicted, short if not, and is held
 * for the horizon; the next decision is the first sample that closes then or later, so that positions never overlap.
 * `fee` is paid on what is traded: twice when the side changes, once when a position is opened or closed (it is closed
 * where the next one does not begin at its end). The shares of several assets are equal and apart. No slippage, no
 * interest: it is what remains at best.
 *
 * Sharpe ratio: mean by standard deviation of the net return of a trade, times the root of the trades a year (of the
 * time from the first to the last close); of several assets the mean. Drawdown: the largest fall of an asset's capital
 * from its peak. */
#ifndef TRAIN_TRADING_H
#define TRAIN_TRADING_H

#include "data/set/dataset.h"

#define TRADING_FEE 0.001 /* of what is traded: 10 basis points, what an exchange takes of who takes a price */

struct crossval;

struct trading {
    double fee;
    size_t trades;
    double hit_rate;               /* of the trades, before the fee */
    double gross, net, hold;       /* growth of the capital; `hold` bought once at the begin and sold at the end */
    double sharpe, sharpe_gross;
    double drawdown;               /* 0 to 1, after fees */
};

/* false where there is no price to trade (classes), or nothing to trade on. c's samples are those of d. */
bool trading_of(struct trading *out, const struct crossval *c, const struct dataset *d, double fee);

#endif
