#include "chain/rotation.h"

#include <string.h>

uint64_t rotation_power(const struct rotation *r)
{
    uint64_t sum = 0;
    for (int i = 0; i < r->n; i++)
        sum += r->seat[i].power;
    return sum;
}

int rotation_find(const struct rotation *r, const struct key_public *voting)
{
    for (int i = 0; i < r->n; i++)
        if (memcmp(r->seat[i].voting.byte, voting->byte, sizeof voting->byte) == 0)
            return i;
    return -1;
}

/* No two priorities are further apart than twice the whole power. C divides toward zero. */
static void rescale(struct rotation *r, int64_t power)
{
    int64_t least = r->seat[0].priority, most = least;
    for (int i = 1; i < r->n; i++) {
        least = r->seat[i].priority < least ? r->seat[i].priority : least;
        most = r->seat[i].priority > most ? r->seat[i].priority : most;
    }
    int64_t span = 2 * power, apart = most - least;
    if (apart <= span)
        return;
    int64_t by = (apart + span - 1) / span;
    for (int i = 0; i < r->n; i++)
        r->seat[i].priority /= by;
}

/* Rounded down, of negative sums too. */
static int64_t floor_divide(int64_t sum, int64_t n)
{
    return sum / n - (sum % n < 0);
}

static void centre(struct rotation *r)
{
    int64_t sum = 0;
    for (int i = 0; i < r->n; i++)
        sum += r->seat[i].priority;
    int64_t average = floor_divide(sum, r->n);
    for (int i = 0; i < r->n; i++)
        r->seat[i].priority -= average;
}

int rotation_advance(struct rotation *r)
{
    ASSERT(r->n > 0 && r->n <= ROTATION_SEATS_MAX);
    int64_t power = (int64_t)rotation_power(r);
    int first = 0;
    rescale(r, power);
    centre(r);
    for (int i = 0; i < r->n; i++) {
        r->seat[i].priority += (int64_t)r->seat[i].power;
        if (r->seat[i].priority > r->seat[first].priority) /* of equals the lower key, which stands first */
            first = i;
    }
    r->seat[first].priority -= power;
    return first;
}

int rotation_proposer(const struct rotation *r, uint32_t round)
{
    struct rotation copy = *r;
    ASSERT(round <= ROTATION_ROUND_MOST);
    for (uint32_t i = 0; i < round; i++)
        rotation_advance(&copy);
    return rotation_advance(&copy);
}

void rotation_renew(struct rotation *r, const struct rotation_seat *set, int n)
{
    struct rotation next = {.n = n};
    ASSERT(n > 0 && n <= ROTATION_SEATS_MAX);
    memcpy(next.seat, set, (size_t)n * sizeof *set);
    int64_t power = (int64_t)rotation_power(&next);
    for (int i = 0; i < n; i++) {
        int old = rotation_find(r, &set[i].voting);
        next.seat[i].priority = old < 0 ? -(power + (power >> 3)) : r->seat[old].priority;
    }
    *r = next;
}
