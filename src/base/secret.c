#include "base/secret.h"

#include "base/hash.h"
#include "base/log.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_bool unlocked;

static void start(void)
{
    hash_start();
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
}

void *secret_new(size_t n, struct error *err)
{
    pthread_once(&once, start);
    void *p = sodium_malloc(n);
    if (!p) {
        error_set(err, ERROR_MEMORY, "the machine refuses %zu bytes for a secret", n);
        return NULL;
    }
    /* sodium_malloc has tried this, and says nothing when it was refused. */
    if (sodium_mlock(p, n) != 0 && !atomic_exchange(&unlocked, true))
        log_write(LOG_WARNING, "secrets could not be locked in memory (see ulimit -l): they may reach the swap");
    sodium_memzero(p, n);
    return p;
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

char *secret_text(const char *text, struct error *err)
{
    size_t n = strlen(text) + 1;
    char *copy = secret_new(n, err);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

bool secret_unlocked(void)
{
    return atomic_load(&unlocked);
}
