/* A ledger that stays in memory while others may write to its folder. */
#include "chain/ledger_private.h"

#include "base/clock.h"
#include "base/memory.h"
#include "chain/head.h"
#include "chain/pool_file.h"

#include <dirent.h>
#include <errno.h>

#define WAIT_SECONDS 5 /* a block is sealed, a transaction put into the pool, in less */

int64_t ledger_time(const struct ledger *l)
{
    return l->time_us;
}

bool ledger_pool_knows(const struct ledger *l, struct hash id)
{
    return index_find(&l->pool.index, id) >= 0;
}

void ledger_rest(struct ledger *l)
{
    if (!l->writable || l->lock < 0)
        return;
    file_append_close(l->file);
    file_unlock(l->lock);
    l->file = NULL;
    l->lock = -1;
}

/* Is the file still what this ledger has gone through? */
static bool is_same(const struct ledger *l)
{
    struct ledger_head head;
    bool there;
    return head_read(l->folder, &head, &there, NULL) && there && head.height == l->head.height &&
           head.length == l->head.length && hash_equal(head.id, l->head.id) &&
           file_size(l->path) == (int64_t)l->head.length;
}

bool ledger_wake(struct ledger *l, bool *same, struct error *err)
{
    char path[FILE_PATH_MAX];
    *same = true;
    if (l->lock >= 0)
        return true;
    file_join(path, sizeof path, l->folder, "blocks.lock");
    l->lock = file_lock_within(path, WAIT_SECONDS, err);
    if (l->lock < 0)
        return false;
    *same = !l->broken && is_same(l);
    if (!*same)
        return true;
    l->file = file_append_open(l->path, 0644, err);
    return l->file != NULL;
}

/* The names in pool/ that are neither a transaction of ours nor known to the caller, as one number. */
static bool strangers_in(const struct ledger *l, bool (*other)(void *context, struct hash id), void *context,
                         struct hash *sum, struct error *err)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, l->folder, "pool");
    memset(sum, 0, sizeof *sum);
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", folder);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (!hash_from_hex(d->d_name, &id) || ledger_pool_knows(l, id) || other(context, id))
            continue;
        for (size_t i = 0; i < sizeof sum->byte; i++)
            sum->byte[i] ^= id.byte[i];
    }
    closedir(dir);
    return true;
}

static bool read_again(struct ledger *l, struct error *err)
{
    tx_pool_free(&l->pool);
    if (!tx_pool_load(&l->pool, l->folder, err))
        return false;
    state_free(l->pool_state);
    l->pool_state = state_copy(l->state);
    tx_pool_apply(&l->pool, l->pool_state);
    return true;
}

bool ledger_pool_renew(struct ledger *l, bool (*other)(void *context, struct hash id), void *context, bool *more,
                       struct error *err)
{
    struct hash strangers;
    size_t had = l->pool.n;
    *more = false;
    if (!strangers_in(l, other, context, &strangers, err))
        return false;
    if (hash_is_zero(strangers) || hash_equal(strangers, l->strangers))
        return true;
    if (!read_again(l, err) || !strangers_in(l, other, context, &l->strangers, err))
        return false;
    *more = l->pool.n != had;
    return true;
}

/* --- clearing up ------------------------------------------------------------------------------------------------------ */

static bool is_older(const char *path, double seconds)
{
    struct file_stamp stamp;
    return file_stamp(path, &stamp, NULL) &&
           (double)(clock_wall_us() - stamp.changed_ns / 1000) / 1e6 > seconds;
}

/* A transaction that is not in the pool's list, though it lies in its folder. */
static bool is_useless(const struct ledger *l, const char *path, double seconds)
{
    struct bytes in = {0};
    struct tx *tx = NEW(struct tx);
    int type;
    uint64_t order;
    const uint8_t *data;
    size_t n;
    bool useless = false;
    if (file_read(path, TX_BODY_MAX + POOL_FILE_HEADER, &in, NULL) &&
        pool_file_decode(in.data, in.n, &type, &order, &data, &n, NULL) && type == POOL_TRANSACTION &&
        tx_decode(data, n, tx, NULL)) {
        const struct state_account *a = state_account_find(l->state, key_address(&tx->sender));
        useless = (a && tx->nonce <= a->nonce) || is_older(path, seconds);
    }
    bytes_free(&in);
    free(tx);
    return useless;
}

static bool is_half(const char *name)
{
    char hex[HASH_HEX];
    struct hash id;
    text_copy(hex, sizeof hex, name);
    return hash_from_hex(hex, &id) && text_starts(name + HASH_HEX - 1, ".tmp.");
}

void ledger_pool_clear(const struct ledger *l, double seconds)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    struct hash id;
    file_join(folder, sizeof folder, l->folder, "pool");
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir)) != NULL;) {
        bool named = hash_from_hex(d->d_name, &id);
        if ((!named && !is_half(d->d_name)) || (named && ledger_pool_knows(l, id)))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        if (named ? is_useless(l, path, seconds) : is_older(path, seconds))
            file_remove_unsynced(path, NULL);
    }
    if (dir)
        closedir(dir);
}
