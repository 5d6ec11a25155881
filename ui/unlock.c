#include "ui/unlock.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"

#include <math.h>

struct kept {
    char identity[80];
    char *passphrase;
    struct kept *next;
};

struct unlock {
    double (*now)(void *context);
    void *context;
    double touched;
    int minutes;
    struct kept *first;
};

static double machine_clock(void *context)
{
    (void)context;
    return clock_boot_seconds();
}

struct unlock *unlock_new(double (*now)(void *context), void *context)
{
    struct unlock *u = NEW(struct unlock);
    *u = (struct unlock){.now = now ? now : machine_clock, .context = context, .minutes = UNLOCK_MINUTES};
    unlock_touch(u);
    return u;
}

void unlock_free(struct unlock *u)
{
    if (!u)
        return;
    unlock_forget(u, NULL);
    free(u);
}

void unlock_set_minutes(struct unlock *u, int minutes)
{
    u->minutes = minutes < 0 ? 0 : minutes > UNLOCK_MINUTES_MOST ? UNLOCK_MINUTES_MOST : minutes;
    if (u->minutes == 0)
        unlock_forget(u, NULL);
}

int unlock_minutes(const struct unlock *u)
{
    return u->minutes;
}

void unlock_forget(struct unlock *u, const char *identity)
{
    for (struct kept **at = &u->first; *at;) {
        struct kept *k = *at;
        if (identity && !text_equal(k->identity, identity)) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        secret_free(k->passphrase);
        free(k);
    }
}

void unlock_keep(struct unlock *u, const char *identity, const char *passphrase)
{
    char *copy = u->minutes > 0 ? secret_text(passphrase, NULL) : NULL; /* before the old one goes: it may be that */
    unlock_forget(u, identity);
    if (!copy)
        return;
    struct kept *k = NEW(struct kept);
    text_copy(k->identity, sizeof k->identity, identity);
    k->passphrase = copy;
    k->next = u->first;
    u->first = k;
    unlock_touch(u);
}

static double seconds_left(const struct unlock *u)
{
    return 60.0 * u->minutes - (u->now(u->context) - u->touched);
}

const char *unlock_get(struct unlock *u, const char *identity)
{
    unlock_tick(u); /* nobody may have looked at the clock since the machine slept */
    for (struct kept *k = u->first; k; k = k->next)
        if (text_equal(k->identity, identity))
            return k->passphrase;
    return NULL;
}

void unlock_touch(struct unlock *u)
{
    unlock_tick(u); /* a key pressed too late keeps nothing */
    u->touched = u->now(u->context);
}

bool unlock_tick(struct unlock *u)
{
    if (!u->first || seconds_left(u) > 0)
        return false;
    unlock_forget(u, NULL);
    return true;
}

int unlock_left(const struct unlock *u)
{
    double left = u->first ? ceil(seconds_left(u) / 60) : 0;
    return left > 0 ? (int)left : 0;
}
