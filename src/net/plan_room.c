#include "net/plan_room.h"

#include "base/machine.h"
#include "base/text.h"
#include "net/plan.h"

#define PLAN_BYTES_MAX ((size_t)1 << 38)
#define PLAN_BYTES_SMALL ((size_t)1 << 24) /* always tried: asking what there is takes longer than such a plan does */

int plan_batch_within(const struct arch *a, int most, bool training, size_t bytes)
{
    int least = 0;
    while (least < most) {
        int middle = least + (most - least + 1) / 2;
        if (plan_bytes(a, middle, training) <= bytes)
            least = middle;
        else
            most = middle - 1;
    }
    return least;
}

bool plan_has_room(const struct arch *a, int batch, bool training, size_t total, struct error *err)
{
    char takes[32], has[32];
    if (total <= PLAN_BYTES_SMALL)
        return true;
    size_t most = machine_memory().available;
    most = most < PLAN_BYTES_MAX ? most : PLAN_BYTES_MAX;
    if (total <= most)
        return true;
    int fits = plan_batch_within(a, batch, training, most);
    text_of_bytes(total, takes, sizeof takes);
    text_of_bytes(most, has, sizeof has);
    if (fits > 0)
        return error_set(err, ERROR_LIMIT,
                         "a plan of %s for %d samples is too large: %s of memory are free; a batch of %d would fit",
                         takes, batch, has, fits);
    return error_set(err, ERROR_LIMIT,
                     "a plan of %s for %d samples is too large: %s of memory are free, too little even for a batch of "
                     "1; choose a smaller network",
                     takes, batch, has);
}
