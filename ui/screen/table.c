/* The screens, in the order of their keys 1, 2, 3, ... */
#include "ui/screen/screen.h"

extern const struct screen screen_data, screen_graph, screen_morph, screen_search, screen_train, screen_chain,
    screen_log;

const struct screen *const screen_table[] = {
    &screen_data, &screen_graph, &screen_morph, &screen_search, &screen_train, &screen_chain, &screen_log, NULL,
};
