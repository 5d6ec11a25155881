#include "chain/message_pool.h"

#include "base/log.h"
#include "base/memory.h"
#include "chain/pool_file.h"

#include <dirent.h>
#include <errno.h>

void message_pool_free(struct message_pool *p)
{
    free(p->message);
    index_free(&p->index);
    memset(p, 0, sizeof *p);
}

bool message_pool_knows(const struct message_pool *p, struct hash name)
{
    return index_find(&p->index, name) >= 0;
}

/* --- what may come in --------------------------------------------------------------------------------------------- */

static bool same_place(const struct vote *a, const struct vote *b)
{
    return a->step == b->step && memcmp(&a->voting, &b->voting, sizeof a->voting) == 0;
}

/* Is its round among the newest of its seat and step? */
static bool is_new_enough(const struct message_pool *p, const struct vote *v)
{
    int newer = 0;
    for (size_t i = 0; i < p->n; i++)
        newer += same_place(&p->message[i].vote, v) && p->message[i].vote.round > v->round;
    return newer < MESSAGE_ROUNDS;
}

static enum party_verdict refuse(struct error *why, const char *what)
{
    error_set(why, ERROR_CHAIN, "%s", what);
    return PARTY_REFUSED;
}

static enum party_verdict judge_place(const struct message_pool *p, const struct vote *v, bool proposal,
                                      struct error *why)
{
    if (!hash_equal(v->chain, p->chain))
        return refuse(why, "it is of another chain");
    if ((v->step == VOTE_PROPOSAL) != proposal)
        return refuse(why, "a proposal without a block, or a block with another vote");
    if (v->height < p->height)
        return PARTY_TAKEN;
    if (v->height > p->height)
        return PARTY_LATER;
    int seat = rotation_find(&p->set, &v->voting);
    if (seat < 0)
        return refuse(why, "its key has no seat at this height");
    if (proposal && v->round > p->round + 1)
        return PARTY_LATER;
    if (proposal && rotation_proposer(&p->set, v->round) != seat)
        return refuse(why, "it was not this key's turn to propose");
    return is_new_enough(p, v) ? PARTY_UNREAD : PARTY_TAKEN;
}

/* Its vote, and of a proposal the block. */
static bool take_apart(const struct party_file *f, struct vote *v, const uint8_t **payload, size_t *payload_n,
                       struct hash *name, struct error *why)
{
    *payload = NULL;
    *payload_n = 0;
    if (f->type == POOL_VOTE) {
        *name = hash_of(f->data, f->n);
        return vote_decode(f->data, f->n, v, why);
    }
    struct bytes_reader r = bytes_read(f->data, f->n);
    size_t n;
    const uint8_t *vote = bytes_get_blob(&r, VOTE_BYTES, &n);
    *payload = bytes_get_blob(&r, FRAME_MOST_PAYLOAD, payload_n);
    if (!bytes_done(&r) || *payload_n < BLOCK_FIXED_BYTES)
        return error_set(why, ERROR_CHAIN, "it is no proposal with a whole block");
    *name = hash_of(vote, n);
    return vote_decode(vote, n, v, why) &&
           (hash_equal(block_id(*payload), v->block) ||
            error_set(why, ERROR_CHAIN, "its block is not the one that its vote names"));
}

static void remove_file(const struct message_pool *p, struct hash name)
{
    char path[FILE_PATH_MAX];
    if (p->read_only)
        return;
    pool_file_path(path, sizeof path, p->folder, name);
    file_remove_unsynced(path, NULL);
}

/* The last one takes its place. */
void message_pool_drop(struct message_pool *p, size_t at)
{
    remove_file(p, p->message[at].name);
    p->message[at] = p->message[--p->n];
    index_clear(&p->index);
    for (size_t i = 0; i < p->n; i++)
        index_put(&p->index, p->message[i].name, (int)i);
}

/* A newer round than all that are kept of a seat and step takes the place of the oldest. */
static void make_room(struct message_pool *p, const struct vote *v)
{
    size_t same = 0, oldest = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!same_place(&p->message[i].vote, v))
            continue;
        if (same++ == 0 || p->message[i].vote.round < p->message[oldest].vote.round)
            oldest = i;
    }
    if (same >= 2 * MESSAGE_ROUNDS)
        message_pool_drop(p, oldest);
}

static void add(struct message_pool *p, struct hash name, const struct vote *v)
{
    make_room(p, v);
    p->message = memory_grow(p->message, &p->capacity, p->n + 1, sizeof *p->message);
    p->message[p->n] = (struct message){.name = name, .vote = *v};
    index_put(&p->index, name, (int)p->n);
    p->n++;
}

static bool write_file(const struct message_pool *p, struct hash name, enum pool_type type, const void *data, size_t n,
                       struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    if (p->read_only)
        return true;
    pool_file_path(path, sizeof path, p->folder, name);
    pool_file_encode(&b, type, 0, data, n);
    bool good = file_write_quick(path, b.data, b.n, 0644, err);
    bytes_free(&b);
    return good;
}

static enum party_verdict judge(const struct message_pool *p, const struct party_file *f, struct vote *v,
                                bool *fits, struct error *why)
{
    const uint8_t *payload;
    size_t payload_n;
    struct hash name;
    *fits = false;
    if (!take_apart(f, v, &payload, &payload_n, &name, why))
        return PARTY_REFUSED;
    if (!hash_equal(name, f->name))
        return refuse(why, "its content does not have the hash that it is named by");
    enum party_verdict place = judge_place(p, v, f->type == POOL_PROPOSAL, why);
    if (place == PARTY_TAKEN && v->height < p->height && p->over && !p->over(p->context, v, false))
        return PARTY_LATER;
    if (place != PARTY_UNREAD)
        return place;
    if (!vote_check(v, why))
        return PARTY_REFUSED;
    if (p->wanted && !p->wanted(p->context, v))
        return PARTY_LATER;
    *fits = true;
    return PARTY_TAKEN;
}

enum party_verdict message_pool_offer(struct message_pool *p, const struct party_file *f, bool *added,
                                      struct error *why)
{
    struct vote v;
    bool fits;
    *added = false;
    if (message_pool_knows(p, f->name))
        return PARTY_TAKEN;
    enum party_verdict verdict = judge(p, f, &v, &fits, why);
    if (!fits)
        return verdict;
    if (!write_file(p, f->name, (enum pool_type)f->type, f->data, f->n, why))
        return PARTY_LATER;
    add(p, f->name, &v);
    *added = true;
    return PARTY_TAKEN;
}

/* --- one's own ---------------------------------------------------------------------------------------------------- */

bool message_pool_put_vote(struct message_pool *p, const struct vote *v, struct error *err)
{
    struct bytes b = {0};
    struct hash name = vote_hash(v);
    vote_encode(v, &b);
    bool good = message_pool_knows(p, name) || write_file(p, name, POOL_VOTE, b.data, b.n, err);
    bytes_free(&b);
    if (good && !message_pool_knows(p, name))
        add(p, name, v);
    return good;
}

bool message_pool_put_proposal(struct message_pool *p, const struct vote *v, const struct bytes *payload,
                               struct error *err)
{
    struct bytes b = {0}, whole = {0};
    struct hash name = vote_hash(v);
    vote_encode(v, &b);
    bytes_put_blob(&whole, b.data, b.n);
    bytes_put_blob(&whole, payload->data, payload->n);
    bool good = message_pool_knows(p, name) || write_file(p, name, POOL_PROPOSAL, whole.data, whole.n, err);
    bytes_free(&b);
    bytes_free(&whole);
    if (good && !message_pool_knows(p, name))
        add(p, name, v);
    return good;
}

/* --- the folder --------------------------------------------------------------------------------------------------- */

/* A file of ours: taken in, left alone (transactions, certificates, what is not for us to judge), or out of date. */
static void load_one(struct message_pool *p, struct hash name)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    struct party_file f = {.name = name};
    struct error why;
    struct vote v;
    bool fits;
    error_clear(&why);
    pool_file_path(path, sizeof path, p->folder, name);
    if (file_size(path) < POOL_FILE_HEADER || !file_read(path, POOL_FILE_MOST, &in, &why) ||
        !pool_file_decode(in.data, in.n, &f.type, &f.order, &f.data, &f.n, &why) ||
        (f.type != POOL_VOTE && f.type != POOL_PROPOSAL)) {
        bytes_free(&in);
        return;
    }
    enum party_verdict verdict = judge(p, &f, &v, &fits, &why);
    if (fits && !message_pool_knows(p, name))
        add(p, name, &v);
    else if (!fits && (verdict != PARTY_LATER || v.height < p->height))
        remove_file(p, name); /* of a height that is over, or damaged */
    bytes_free(&in);
}

static bool load(struct message_pool *p, struct error *err)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, p->folder, "pool");
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT || error_set_errno(err, ERROR_IO, "cannot open %s", folder);
    int names = 0;
    for (struct dirent *d; names < PARTY_FILES_MOST && (d = readdir(dir)) != NULL;) {
        struct hash name;
        if (!hash_from_hex(d->d_name, &name))
            continue;
        names++;
        if (!message_pool_knows(p, name))
            load_one(p, name);
    }
    closedir(dir);
    return true;
}

bool message_pool_start(struct message_pool *p, const char *folder, struct hash chain, uint64_t height,
                        const struct rotation *set, struct error *err)
{
    bool first = p->height == 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->over && p->message[i].vote.height < height)
            p->over(p->context, &p->message[i].vote, true);
        remove_file(p, p->message[i].name);
    }
    p->n = 0;
    index_clear(&p->index);
    ASSERT(text_copy(p->folder, sizeof p->folder, folder));
    p->chain = chain;
    p->height = height;
    p->round = first ? ROTATION_ROUND_MOST : 0; /* which round we are in is not known yet */
    p->set = *set;
    memset(p->bound, 0, sizeof p->bound);
    return !first || load(p, err);
}

static bool read_payload(const struct message_pool *p, const struct message *m, struct bytes *out, struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes in = {0};
    struct party_file f = {.name = m->name};
    struct vote v;
    struct hash name;
    const uint8_t *payload;
    size_t n;
    pool_file_path(path, sizeof path, p->folder, m->name);
    bool good = file_read(path, POOL_FILE_MOST, &in, err) &&
                pool_file_decode(in.data, in.n, &f.type, &f.order, &f.data, &f.n, err) &&
                (f.type == POOL_PROPOSAL || error_set(err, ERROR_CHAIN, "it is no proposal")) &&
                take_apart(&f, &v, &payload, &n, &name, err);
    bytes_clear(out);
    if (good)
        bytes_put(out, payload, n);
    bytes_free(&in);
    return good || error_prefix(err, "%s", path);
}

bool message_pool_payload(const struct message_pool *p, struct hash block, struct bytes *out, struct error *err)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->message[i].vote.step == VOTE_PROPOSAL && hash_equal(p->message[i].vote.block, block) &&
            read_payload(p, &p->message[i], out, NULL))
            return true;
    return error_set(err, ERROR_CHAIN, "the block that is voted on is not here yet");
}

static bool stays(const struct message_pool *p, const struct vote *v)
{
    if (v->step != VOTE_PROPOSAL || v->round + MESSAGE_PROPOSALS > p->round)
        return true;
    return hash_equal(v->block, p->bound[0]) || hash_equal(v->block, p->bound[1]);
}

void message_pool_tidy(struct message_pool *p, uint32_t round, struct hash locked, struct hash valid)
{
    size_t n = p->n;
    p->round = round;
    p->bound[0] = locked;
    p->bound[1] = valid;
    p->n = 0;
    index_clear(&p->index);
    for (size_t i = 0; i < n; i++) {
        if (!stays(p, &p->message[i].vote)) {
            remove_file(p, p->message[i].name);
            continue;
        }
        p->message[p->n] = p->message[i];
        index_put(&p->index, p->message[p->n].name, (int)p->n);
        p->n++;
    }
}
