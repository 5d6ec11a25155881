/* What the Chain screen works out of a proposal: the steps of its life, whose turn it is, how long a window still runs, and
 * the sum by which its reward comes about. All from the JSON that was read; nothing here draws. */
#ifndef UI_SCREEN_CHAIN_LIFE_H
#define UI_SCREEN_CHAIN_LIFE_H

#include "ui/screen/chain_state.h"

enum { CHAIN_STEPS = 8 };
enum chain_step_how { STEP_AHEAD, STEP_NOW, STEP_DONE, STEP_ENDED };

struct chain_step {
    const char *name;
    enum chain_step_how how;
    char said[160];
};
/* In order; returns how many. A closed proposal ends with what closed it. */
int chain_life_steps(const struct chain_screen *s, const json_t *proposal, struct chain_step out[CHAIN_STEPS]);

/* "it expires with the first block from height 14 on and 2026-11-22 17:00: 12 min left, 2 blocks left"; false if nothing
 * runs. */
bool chain_life_left(const struct chain_screen *s, const json_t *proposal, char *out, size_t size);

/* The sum by which a proposal is paid, in whole parts per million and tokens, as the rules round. */
struct chain_reward {
    bool open;              /* not closed yet: what it would pay */
    bool baseline;          /* it is what was to be beaten: nothing accepted is above it */
    int64_t score_ppm, best_ppm, over_ppm; /* best: what was to be beaten, -1 where that is past; over: 0 below the task's least */
    int64_t least_ppm, full_ppm, earned_ppm; /* earned: by others in this epoch */
    int64_t pool, pay;      /* what it gets of it */
};
bool chain_reward_of(const struct chain_screen *s, const json_t *proposal, struct chain_reward *out);

#endif
