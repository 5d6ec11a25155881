/* What the others have: who they are, their pools, their blocks, their objects. */
#include "work/follow_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "chain/codec.h"
#include "chain/pool_file.h"
#include "chain/reader.h"
#include "work/json.h"

#include <dirent.h>

#define LOOK_SECONDS 1.0 /* for new parties */
#define NONCES_AHEAD 1024
#define HEARD_OF_ONE 4 /* certificates of one party */

/* --- parties ------------------------------------------------------------------------------------------------------ */

static void problem(struct follow *f, struct party *p, const char *text)
{
    if (text_equal(p->problem, text))
        return;
    text_copy(p->problem, sizeof p->problem, text);
    if (text[0])
        follow_event(f, "problem", json_pack("{s:o}", "party", json_of_text(p->name)), "%s: %s", p->name, text);
}

/* Is its chain ours? One that cannot be read yet is asked again. */
static bool meet(struct follow *f, struct party *p, struct error *err)
{
    struct genesis *g = NEW(struct genesis);
    struct hash id;
    struct error why;
    error_clear(&why);
    bool read = party_genesis(p, g, &id, &why);
    free(g);
    if (!read) {
        problem(f, p, why.text);
        return true;
    }
    p->known = true;
    p->foreign = !hash_equal(id, f->chain);
    if (!p->foreign) {
        problem(f, p, "");
        return true;
    }
    char ours[HASH_HEX], theirs[HASH_HEX], text[256];
    hash_hex(f->chain, ours);
    hash_hex(id, theirs);
    snprintf(text, sizeof text, "it holds another chain, %s; ours is %s", theirs, ours);
    if (p->direct)
        return error_set(err, ERROR_CHAIN, "%s: %s", p->folder, text);
    problem(f, p, text);
    return true;
}

/* Told once, until it changes. */
static void tell_absent(struct follow *f, const char *text)
{
    if (text[0] && !text_equal(f->absent, text))
        follow_event(f, "problem", NULL, "%s", text);
    text_copy(f->absent, sizeof f->absent, text);
}

/* A share that is away, or empty as yet, is an error only at the beginning; later the first of them is told. */
static bool find_all(struct follow *f, bool first, struct error *err)
{
    int empty = -1, found;
    struct error why;
    error_clear(&why);
    for (int i = 0; i < f->o->places; i++) {
        bool there = party_find(&f->parties, f->o->place[i], f->o->chain, &found, why.text[0] ? NULL : &why);
        if (!there && first)
            return error_set(err, why.kind, "%s", why.text);
        if (there && found == 0 && empty < 0)
            empty = i;
    }
    bool known = empty >= 0 && empty + 1 == f->absent_place;
    f->absent_place = why.text[0] ? 0 : empty + 1;
    if (known && !why.text[0])
        return true; /* what is deeper down is not looked through each second */
    if (f->absent_place)
        party_none(f->o->place[empty], f->o->chain, why.text, sizeof why.text);
    if (first && f->o->needs_parties && f->parties.n == 0 && f->o->places)
        return error_set(err, ERROR_CHAIN, "%s", why.text);
    tell_absent(f, why.text);
    return true;
}

bool follow_find(struct follow *f, struct error *err)
{
    double now = clock_boot_seconds();
    bool first = f->parties_looked <= 0;
    if (!first && now - f->parties_looked < LOOK_SECONDS)
        return true;
    f->parties_looked = now;
    if (!find_all(f, first, err))
        return false;
    for (int i = 0; i < f->parties.n; i++)
        if (!f->parties.party[i]->known && !meet(f, f->parties.party[i], err))
            return false;
    return true;
}

static bool is_ours(const struct party *p)
{
    return p->known && !p->foreign;
}

/* --- pools -------------------------------------------------------------------------------------------------------- */

static enum party_verdict know_message(void *context, struct hash name)
{
    const struct follow *f = context;
    return message_pool_knows(&f->pool, name) || ledger_pool_knows(f->ledger, name) ? PARTY_TAKEN : PARTY_UNREAD;
}

static enum party_verdict take_tx(struct follow *f, const struct party_file *file, struct error *why)
{
    struct follow_tx t = {.id = file->name, .order = file->order};
    if (file->n <= KEY_SIGNATURE_BYTES || !hash_equal(tx_id_of_bytes(file->data, file->n), file->name)) {
        error_set(why, ERROR_CHAIN, "its content does not have the id that it is named by");
        return PARTY_REFUSED;
    }
    if (!tx_decode(file->data, file->n, &t.tx, why))
        return PARTY_REFUSED;
    if (!hash_equal(t.tx.chain, f->chain)) {
        error_set(why, ERROR_CHAIN, "it is of another chain");
        return PARTY_REFUSED;
    }
    struct address sender = key_address(&t.tx.sender);
    const struct state_account *a = state_account_find(ledger_state(f->ledger), sender);
    uint64_t sealed = a ? a->nonce : 0;
    if (t.tx.nonce <= sealed)
        return PARTY_TAKEN; /* a block holds it, or another with its nonce */
    if (t.tx.nonce - sealed > NONCES_AHEAD)
        return PARTY_LATER;
    if (!tx_check_signature_bytes(file->data, file->n, &t.tx, why))
        return PARTY_REFUSED;
    for (size_t i = 0; i < f->incoming_n; i++)
        if (hash_equal(f->incoming[i].id, t.id))
            return PARTY_LATER;
    f->incoming = memory_grow(f->incoming, &f->incoming_capacity, f->incoming_n + 1, sizeof *f->incoming);
    f->incoming[f->incoming_n++] = t;
    return PARTY_LATER; /* until it is in our pool */
}

/* Is this what we know anyway? A certificate of another block than ours, at a height that we have, proves a fork. */
static bool is_ours_too(const struct follow *f, const struct certificate *c)
{
    struct ledger_block b;
    if (c->height > ledger_height(f->ledger))
        return false;
    if (c->height == ledger_height(f->ledger))
        return hash_equal(c->block, ledger_head(f->ledger));
    return !ledger_block(f->ledger, c->height, &b) || hash_equal(c->block, b.id);
}

/* A few of each party, the newest: a block carries the older ones. What a liar makes up crowds out only its own. */
static void hear(struct follow *f, const struct certificate *c, struct hash name)
{
    int mine = 0, oldest = -1;
    for (int i = 0; i < f->heard_n; i++) {
        if (hash_equal(f->heard_name[i], name))
            return;
        if (f->heard_from[i] != f->reading)
            continue;
        mine++;
        if (oldest < 0 || f->heard[i].height < f->heard[oldest].height)
            oldest = i;
    }
    int at = mine < HEARD_OF_ONE ? f->heard_n : oldest;
    if (at == f->heard_n) {
        size_t n = (size_t)f->heard_n + 1;
        f->heard = memory_resize(f->heard, n, sizeof *f->heard);
        f->heard_name = memory_resize(f->heard_name, n, sizeof *f->heard_name);
        f->heard_from = memory_resize(f->heard_from, n, sizeof *f->heard_from);
        f->heard_n++;
    }
    f->heard[at] = *c;
    f->heard_name[at] = name;
    f->heard_from[at] = f->reading;
}

static void forget_heard(struct follow *f)
{
    int n = 0;
    for (int i = 0; i < f->heard_n; i++) {
        if (is_ours_too(f, &f->heard[i]))
            continue;
        f->heard[n] = f->heard[i];
        f->heard_name[n] = f->heard_name[i];
        f->heard_from[n++] = f->heard_from[i];
    }
    f->heard_n = n;
}

static enum party_verdict take_certificate(struct follow *f, const struct party_file *file, struct error *why)
{
    struct certificate c;
    if (!hash_equal(hash_of(file->data, file->n), file->name)) {
        error_set(why, ERROR_CHAIN, "its content does not have the hash that it is named by");
        return PARTY_REFUSED;
    }
    if (!certificate_decode(file->data, file->n, &c, why))
        return PARTY_REFUSED;
    if (!is_ours_too(f, &c))
        hear(f, &c, file->name);
    return PARTY_TAKEN;
}

static enum party_verdict take_message(void *context, const struct party_file *file, struct error *why)
{
    struct follow *f = context;
    bool added;
    if (file->type == POOL_TRANSACTION)
        return take_tx(f, file, why);
    if (file->type == POOL_CERTIFICATE)
        return take_certificate(f, file, why);
    enum party_verdict v = message_pool_offer(&f->pool, file, &added, why);
    f->changed |= added;
    return v;
}

static int tx_compare(const void *a, const void *b)
{
    const struct follow_tx *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return hash_compare(&x->id, &y->id);
}

/* Each that fits behind the pool; what one of them makes fit comes in the next round. */
static bool submit_all(struct follow *f, struct error *err)
{
    bool more = f->incoming_n > 0;
    if (more)
        qsort(f->incoming, f->incoming_n, sizeof *f->incoming, tx_compare);
    while (more) {
        more = false;
        for (size_t i = 0; i < f->incoming_n; i++) {
            struct follow_tx *t = &f->incoming[i];
            struct error why;
            struct hash id;
            error_clear(&why);
            if (t->done || t->tx.nonce != ledger_next_nonce(f->ledger, key_address(&t->tx.sender)))
                continue;
            t->done = true;
            if (ledger_submit(f->ledger, &t->tx, &id, &why)) {
                more = f->changed = true;
                f->transactions++;
                f->epoch++;
            } else if (why.kind == ERROR_IO) {
                return error_set(err, why.kind, "%s", why.text);
            }
        }
    }
    f->incoming_n = 0;
    return true;
}

bool follow_gather(struct follow *f, struct error *err)
{
    forget_heard(f);
    f->past_left = FOLLOW_PAST_MOST;
    for (int i = 0; i < f->parties.n; i++) {
        struct party *p = f->reading = f->parties.party[i];
        struct party_counts counts = {.taken = 0};
        struct party_taker taker = {f, f->epoch, know_message, take_message};
        struct error why;
        error_clear(&why);
        if (!is_ours(p))
            continue;
        if (!party_pool(p, &taker, &counts, &why))
            problem(f, p, why.text);
        p->taken += counts.taken;
        p->refused += counts.refused;
        if (counts.why[0] && !text_equal(p->why, counts.why)) {
            text_copy(p->why, sizeof p->why, counts.why);
            follow_event(f, "problem", json_pack("{s:o, s:i}", "party", json_of_text(p->name), "refused", counts.refused),
                         "%d message%s passed over; the first: %s", counts.refused, counts.refused == 1 ? " was" : "s were",
                         counts.why);
        }
    }
    return submit_all(f, err);
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static void tell_fork(struct follow *f, const struct party *p, const struct extend_report *r)
{
    char id[13];
    hash_short(r->fork_id, id);
    follow_event(f, "fork",
                 json_pack("{s:o, s:I, s:o, s:o}", "party", json_of_text(p->name), "height", (json_int_t)r->fork_height,
                           "block", json_of_hash(r->fork_id), "file", json_of_text(r->fork_file)),
                 "FORK: %s has another final block %llu, %s, than we have: two thirds of the stake cannot have signed both "
                 "honestly. It is kept as %s and not taken over",
                 p->name, (unsigned long long)r->fork_height, id, r->fork_file);
}

static bool extend_from(struct follow *f, struct party *p, bool *grown, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct file_stamp now;
    struct extend_report r = {.blocks = 0};
    struct error why;
    error_clear(&why);
    file_join(path, sizeof path, p->folder, "blocks.msc");
    if (!file_stamp(path, &now, NULL))
        return true;
    bool same = p->blocks.size == now.size && p->blocks.modified_ns == now.modified_ns && p->blocks.inode == now.inode;
    if (same && p->tried_height == ledger_height(f->ledger) && p->tried_heard == f->heard_n)
        return true;
    const struct extend_source source = {.path = path, .certificate = f->heard, .certificates = f->heard_n,
                                         .threads = f->o->threads};
    bool good = ledger_extend(f->ledger, &source, &r, &why);
    p->height = r.height;
    p->blocks = now;
    p->tried_height = ledger_height(f->ledger);
    p->tried_heard = f->heard_n;
    f->blocks += r.blocks;
    if (r.blocks) {
        *grown = f->changed = true;
        follow_event(f, "block",
                     json_pack("{s:I, s:o, s:I, s:o}", "height", (json_int_t)ledger_height(f->ledger), "block",
                               json_of_hash(ledger_head(f->ledger)), "blocks", (json_int_t)r.blocks, "party",
                               json_of_text(p->name)),
                     "%llu block%s from %s: height %llu", (unsigned long long)r.blocks, r.blocks > 1 ? "s" : "", p->name,
                     (unsigned long long)ledger_height(f->ledger));
    }
    if (r.fork)
        tell_fork(f, p, &r);
    if (!good && r.ours)
        return error_set(err, why.kind, "%s", why.text);
    problem(f, p, good ? "" : why.text);
    return true;
}

bool follow_extend(struct follow *f, bool *grown, struct error *err)
{
    for (int i = 0; i < f->parties.n; i++)
        if (is_ours(f->parties.party[i]) && !extend_from(f, f->parties.party[i], grown, err))
            return false;
    return true;
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

static void object_path(const struct follow *f, struct hash id, char out[FILE_PATH_MAX])
{
    char inside[FILE_PATH_MAX], hex[HASH_HEX];
    hash_hex(id, hex);
    file_join(inside, sizeof inside, f->o->chain, "objects");
    file_join(out, FILE_PATH_MAX, inside, hex);
}

static enum party_verdict know_object(void *context, struct hash name)
{
    const struct follow *f = context;
    char path[FILE_PATH_MAX];
    if (!wanted_is(&f->wanted, name))
        return PARTY_LATER;
    object_path(f, name, path);
    return file_exists(path) ? PARTY_TAKEN : PARTY_UNREAD;
}

static enum party_verdict take_object(void *context, const struct party_file *file, struct error *why)
{
    struct follow *f = context;
    struct hash id;
    uint64_t most = f->o->objects_most ? f->o->objects_most : FOLLOW_OBJECTS_MOST;
    if (f->objects_bytes + file->n > most) {
        if (!f->objects_full)
            follow_event(f, "problem", NULL, "objects/ is full (%llu bytes): what is referred to further is not copied",
                         (unsigned long long)most);
        f->objects_full = true;
        return PARTY_LATER;
    }
    if (!ledger_object_put(f->o->chain, file->data, file->n, &id, why))
        return PARTY_LATER;
    f->objects_bytes += file->n;
    f->objects++;
    f->changed = true;
    return PARTY_TAKEN;
}

static uint64_t bytes_in(const char *chain)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    uint64_t sum = 0;
    file_join(folder, sizeof folder, chain, "objects");
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (!hash_from_hex(d->d_name, &id))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        int64_t size = file_size(path);
        sum += size > 0 ? (uint64_t)size : 0;
    }
    if (dir)
        closedir(dir);
    return sum;
}

bool follow_objects(struct follow *f, struct error *err)
{
    uint64_t before;
    if (f->parties.n == 0)
        return true;
    if (f->objects_bytes == 0)
        f->objects_bytes = bytes_in(f->o->chain);
    do {
        before = f->objects;
        if (!wanted_update(&f->wanted, f->ledger, f->o->chain, err))
            return false;
        for (int i = 0; i < f->parties.n; i++) {
            struct party_counts counts = {.taken = 0};
            struct party_taker taker = {f, f->wanted.n, know_object, take_object};
            struct error why;
            error_clear(&why);
            if (is_ours(f->parties.party[i]) && !party_objects(f->parties.party[i], &taker, &counts, &why))
                problem(f, f->parties.party[i], why.text);
            f->parties.party[i]->refused += counts.refused;
        }
    } while (f->objects > before); /* a text that came may name more */
    return true;
}
