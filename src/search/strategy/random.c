/* Random search: a table's row, or a step drawn evenly from a trial drawn evenly. The baseline, and how every search
 * begins. */
#include "search/state.h"

extern const struct strategy strategy_random;

const struct strategy strategy_random = {
    .name = "random",
    .about = "a random step from a random trial",
    .ask = search_ask_random,
};
