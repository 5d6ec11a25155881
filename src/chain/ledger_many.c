/* Chains for many: blocks that were voted on. */
#include "chain/certificate.h"
#include "chain/ledger_private.h"
#include "chain/pool_file.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/threads.h"

#include <dirent.h>
#include <errno.h>

#define THREADS_FROM_TASKS 8 /* fewer are done before threads have started */

static bool for_many(const struct ledger *l, struct error *err)
{
    return !state_alone(l->state) ||
           error_set(err, ERROR_CHAIN, "this chain is closed: its one validator seals its blocks, nobody votes");
}

struct replay_parent ledger_parent(const struct ledger *l)
{
    return (struct replay_parent){.state = l->state, .height = l->head.height, .round = l->round,
                                  .time_us = l->time_us, .id = l->head.id};
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* Of this very block, by those who vote at its height. */
static bool certifies(const struct replay_parent *head, const void *data, size_t n, struct error *err)
{
    struct certificate c;
    if (!certificate_decode(data, n, &c, err))
        return false;
    if (c.height != head->height || !hash_equal(c.block, head->id))
        return error_set(err, ERROR_CHAIN, "the certificate is not for block %llu as it is here",
                         (unsigned long long)head->height);
    if (c.round < head->round)
        return error_set(err, ERROR_CHAIN, "the certificate is of round %u, but the block was made in round %u", c.round,
                         head->round);
    return certificate_check(&c, state_chain(head->state), state_rotation_before(head->state), err);
}

struct scan {
    DIR *dir;
    const char *folder;
    char path[FILE_PATH_MAX];
    struct bytes file;
    const uint8_t *data; /* of the certificate, in file */
    size_t n;
};

static bool scan_start(struct scan *s, const char *folder, struct error *err)
{
    char inside[FILE_PATH_MAX];
    *s = (struct scan){.folder = folder};
    file_join(inside, sizeof inside, folder, "pool");
    s->dir = opendir(inside);
    return s->dir || errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", inside);
}

/* The next file in pool/ that holds a certificate; damaged and larger ones are none. */
static bool scan_next(struct scan *s)
{
    struct dirent *d;
    while (s->dir && (d = readdir(s->dir)) != NULL) {
        struct hash name;
        int type = 0;
        uint64_t order;
        if (!hash_from_hex(d->d_name, &name))
            continue;
        pool_file_path(s->path, sizeof s->path, s->folder, name);
        int64_t size = file_size(s->path);
        if (size > 0 && size <= POOL_FILE_HEADER + CERTIFICATE_MOST_BYTES &&
            file_read(s->path, (size_t)size, &s->file, NULL) &&
            pool_file_decode(s->file.data, s->file.n, &type, &order, &s->data, &s->n, NULL) && type == POOL_CERTIFICATE)
            return true;
    }
    return false;
}

static void scan_end(struct scan *s)
{
    if (s->dir)
        closedir(s->dir);
    bytes_free(&s->file);
}

bool ledger_find_tip(const char *folder, const struct replay_parent *head, struct bytes *out)
{
    struct scan s;
    bool found = false;
    bytes_clear(out);
    if (head->height == 0 || state_alone(head->state))
        return false;
    if (!scan_start(&s, folder, NULL))
        return false;
    while (!found && scan_next(&s))
        found = certifies(head, s.data, s.n, NULL);
    if (found)
        bytes_put(out, s.data, s.n);
    scan_end(&s);
    return found;
}

bool ledger_drop_certificates(const struct ledger *l, struct error *err)
{
    struct scan s;
    struct certificate c;
    char inside[FILE_PATH_MAX];
    int dropped = 0;
    if (state_alone(l->state))
        return true;
    bool good = scan_start(&s, l->folder, err);
    while (good && scan_next(&s))
        if (!certificate_decode(s.data, s.n, &c, NULL) || c.height < l->head.height) {
            good = file_remove_unsynced(s.path, err);
            dropped++;
        }
    scan_end(&s);
    file_join(inside, sizeof inside, l->folder, "pool");
    return good && (dropped == 0 || file_sync_folder(inside, err));
}

bool ledger_tip_certificate(const struct ledger *l, struct bytes *out, struct error *err)
{
    struct replay_parent head = ledger_parent(l);
    bytes_clear(out);
    if (!for_many(l, err))
        return false;
    if (l->tip.n)
        bytes_put(out, l->tip.data, l->tip.n);
    return l->head.height == 0 || out->n > 0 || ledger_find_tip(l->folder, &head, out) ||
           error_set(err, ERROR_CHAIN, "the certificate of block %llu is not here: pull it from somebody who has it",
                     (unsigned long long)l->head.height);
}

uint64_t ledger_final_height(const struct ledger *l)
{
    struct bytes tip = {0};
    bool proven = state_alone(l->state) || ledger_tip_certificate(l, &tip, NULL);
    bytes_free(&tip);
    return l->head.height - !proven;
}

/* The file may have come by a way that does not sync: it is written anew. */
bool ledger_keep_certificate(struct ledger *l, const struct bytes *certificate, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    pool_file_path(path, sizeof path, l->folder, hash_of(certificate->data, certificate->n));
    pool_file_encode(&b, POOL_CERTIFICATE, 0, certificate->data, certificate->n);
    bool good = file_write(path, b.data, b.n, 0644, err);
    bytes_free(&b);
    bytes_clear(&l->coming);
    bytes_put(&l->coming, certificate->data, certificate->n);
    return good;
}

static bool drop_tip(struct ledger *l, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes old = l->tip;
    if (l->coming.n == 0)
        return true;
    l->tip = l->coming;
    l->coming = (struct bytes){0};
    pool_file_path(path, sizeof path, l->folder, hash_of(old.data, old.n));
    bool good = old.n == 0 || file_remove_unsynced(path, err);
    bytes_free(&old);
    return good;
}

void ledger_drop_passed(struct ledger *l)
{
    struct error why;
    error_clear(&why);
    bool good = drop_tip(l, &why);
    if (!ledger_drop_sealed(l, &why) || !good)
        log_write(LOG_WARNING, "chain: %s", why.text);
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

void ledger_checked_free(struct ledger_checked *c)
{
    if (!c)
        return;
    replay_window_free(c->window);
    state_free(c->replay.state);
    free(c);
}

void ledger_forget_checked(struct ledger *l)
{
    ledger_checked_free(l->checked);
    l->checked = NULL;
}

static bool ask_witness(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    const struct ledger_witness *w = context;
    return w ? w->check(w->context, s, tx, err)
             : error_set(err, ERROR_CHAIN, "nothing here can bear out a %s", tx_kind_of(tx->type)->name);
}

static void check_signatures(struct replay_window *w, int threads)
{
    int tasks = replay_window_tasks(w), n = threads ? threads : threads_machine_n();
    struct threads *pool = threads_new(tasks >= THREADS_FROM_TASKS ? n : 1);
    threads_run(pool, tasks, replay_window_check, w);
    threads_free(pool);
}

static void fill(const struct ledger *l, struct replay_window *w, const struct ledger_payload *block, int n)
{
    uint64_t offset = l->head.length;
    struct hash previous = l->frame;
    for (int i = 0; i < n; i++) {
        replay_window_put(w, l->head.height + 1 + (uint64_t)i, offset, block[i].data, block[i].n, previous);
        previous = w->slot[i].hash;
        offset += w->slot[i].data.n;
    }
}

struct ledger_checked *ledger_check_payloads(const struct ledger *l, const struct ledger_payload *block, int n, int threads,
                                             const struct ledger_witness *w, bool trusted, int *good, struct error *err)
{
    struct ledger_checked *c = NEW(struct ledger_checked);
    *good = 0;
    for (int i = 0; i < n; i++)
        if (block[i].n > FRAME_MOST_PAYLOAD) {
            error_set(err, ERROR_CHAIN, "a block of %zu bytes is more than the %u allowed", block[i].n, FRAME_MOST_PAYLOAD);
            free(c);
            return NULL;
        }
    c->window = replay_window_new();
    c->replay = (struct replay){.path = l->path, .context = (void *)(uintptr_t)w, .witness = trusted ? NULL : ask_witness,
                                .genesis = l->genesis, .state = state_copy(l->state), .head = l->head.id,
                                .frame = l->frame, .height = l->head.height, .end = l->head.length,
                                .time_us = l->time_us, .round = l->round};
    fill(l, c->window, block, n);
    check_signatures(c->window, threads);
    while (*good < n && replay_apply(&c->replay, c->window, &c->window->slot[*good], err))
        ++*good;
    if (*good == n)
        return c;
    ledger_checked_free(c);
    return NULL;
}

bool ledger_check_block(struct ledger *l, const void *payload, size_t n, const struct ledger_witness *w, struct hash *id,
                        struct error *err)
{
    int good;
    if (!for_many(l, err))
        return false;
    ledger_forget_checked(l);
    l->checked = ledger_check_payloads(l, &(struct ledger_payload){payload, n}, 1, 0, w, false, &good, err);
    if (l->checked)
        *id = l->checked->replay.head;
    return l->checked != NULL;
}

/* --- appending ---------------------------------------------------------------------------------------------------- */

/* The certificate of the last one is stored before the block is: what is final here stays provable. */
static bool append_checked(struct ledger *l, struct ledger_checked *c, const struct bytes *certificate, struct error *err)
{
    const struct replay *r = &c->replay;
    struct replay_parent last = {
        .state = r->state, .height = r->height, .round = r->round, .time_us = r->time_us, .id = r->head};
    if (!certifies(&last, certificate->data, certificate->n, err) || !ledger_keep_certificate(l, certificate, err))
        return false;
    struct state *next = c->replay.state;
    c->replay.state = NULL;
    return ledger_append_window(l, c->window, next, err);
}

static bool was_checked(const struct ledger *l, const struct ledger_payload *block)
{
    const struct slot *s = l->checked ? &l->checked->window->slot[0] : NULL;
    return s && s->frame.payload_n == block->n && memcmp(s->data.data + FRAME_HEADER_BYTES, block->data, block->n) == 0;
}

bool ledger_append_blocks(struct ledger *l, const struct ledger_payload *block, int n, const struct bytes *certificate,
                          int threads, int *good, struct error *err)
{
    ASSERT(n >= 1 && n <= LEDGER_APPEND_MOST && LEDGER_APPEND_MOST <= WINDOW_BLOCKS);
    *good = 0;
    if (!ledger_may_write(l, err) || !for_many(l, err))
        return false;
    struct ledger_checked *c = n == 1 && was_checked(l, block) ? l->checked : NULL;
    if (c)
        *good = 1;
    else
        ledger_forget_checked(l);
    l->checked = NULL;
    if (!c)
        c = ledger_check_payloads(l, block, n, threads, NULL, true, good, err);
    bool appended = c && append_checked(l, c, certificate, err);
    ledger_checked_free(c);
    return appended;
}

bool ledger_append_block(struct ledger *l, const void *payload, size_t n, const struct bytes *certificate,
                         struct error *err)
{
    int good;
    return ledger_append_blocks(l, &(struct ledger_payload){payload, n}, 1, certificate, 0, &good, err);
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static bool may_propose(const struct ledger *l, const struct key *voting, uint32_t round, int64_t time_us,
                        const struct bytes *certificate, struct error *err)
{
    const struct rotation *set = state_rotation(l->state);
    struct replay_parent head = ledger_parent(l);
    int seat = rotation_find(set, key_public_of(voting));
    if (seat < 0)
        return error_set(err, ERROR_CHAIN, "'%s' is no voting key of a validator of this chain", key_name(voting));
    if (round > ROTATION_ROUND_MOST || rotation_proposer(set, round) != seat)
        return error_set(err, ERROR_CHAIN, "it is not the turn of '%s' to propose in round %u", key_name(voting), round);
    if (!replay_time_sane(&l->genesis, l->time_us, time_us, err))
        return error_prefix(err, "cannot propose a block");
    if (l->head.height == 0)
        return certificate->n == 0 || error_set(err, ERROR_CHAIN, "genesis needs no certificate");
    return certifies(&head, certificate->data, certificate->n, err);
}

bool ledger_make_block(const struct ledger *l, const struct key *voting, uint32_t round, int64_t time_us,
                       const struct bytes *certificate, const struct ledger_witness *w, struct bytes *payload,
                       struct hash *id, struct error *err)
{
    bytes_clear(payload);
    if (!for_many(l, err) || !may_propose(l, voting, round, time_us, certificate, err))
        return false;
    struct state *next = state_copy(l->state);
    bool good = ledger_build(l, voting, round, time_us, certificate, w, next, payload, err);
    state_free(next);
    if (good)
        *id = block_id(payload->data);
    return good;
}
