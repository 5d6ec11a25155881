#include "chain/extend.h"

#include "base/log.h"
#include "base/memory.h"
#include "chain/evidence.h"
#include "chain/fork.h"
#include "chain/ledger_private.h"
#include "chain/reader.h"
#include "chain/replay.h"

#define PART_BYTES ((size_t)64 << 20)

struct extending {
    struct ledger *l;
    const struct extend_source *source;
    struct extend_report *out;
    struct reader in;
    struct bytes frame; /* the newest that was read */
    struct frame head;  /* its header */
};

/* --- where it goes on -------------------------------------------------------------------------------------------------- */

static bool hash_at(const char *path, uint64_t end, struct hash *out)
{
    struct bytes b = {0};
    bool good = end >= HASH_BYTES && reader_bytes_at(path, end - HASH_BYTES, HASH_BYTES, &b, NULL);
    if (good)
        memcpy(out->byte, b.data, HASH_BYTES);
    bytes_free(&b);
    return good;
}

enum start {
    START_BEHIND,   /* the reader stands behind our head */
    START_NOTHING,  /* it has nothing that we lack */
    START_WALK      /* its bytes are not ours: they must be gone through */
};

/* A frame's hash covers all before it, so that equal ones mean equal files up to there. */
static enum start find_start(struct extending *e)
{
    const struct ledger *l = e->l;
    struct hash theirs, ours;
    uint64_t length = l->head.length, size = e->in.size;
    if (size >= length && hash_at(e->source->path, length, &theirs) && hash_equal(theirs, l->frame)) {
        e->out->height = l->head.height;
        if (size == length)
            return START_NOTHING;
        return reader_skip(&e->in, length, l->head.height + 1, l->frame, NULL) ? START_BEHIND : START_NOTHING;
    }
    if (size < length && hash_at(e->source->path, size, &theirs) && hash_at(l->path, size, &ours) &&
        hash_equal(theirs, ours))
        return START_NOTHING;
    return START_WALK;
}

/* The next whole frame; false at the end, which may be torn (it is being written), or with err. */
static bool next_frame(struct extending *e, bool *end, struct error *err)
{
    struct error why;
    error_clear(&why);
    enum reader_result r = reader_next(&e->in, &e->head, &e->frame, &why);
    *end = r == READER_END || r == READER_TORN;
    if (r == READER_FRAME) {
        e->out->height = e->head.height;
        return true;
    }
    return *end ? false : error_set(err, why.kind, "%s, byte %llu: %s", e->source->path,
                                    (unsigned long long)e->in.offset, why.text);
}

static const uint8_t *payload_of(const struct bytes *frame)
{
    return frame->data + FRAME_HEADER_BYTES;
}

/* --- what contradicts ours ------------------------------------------------------------------------------------------------ */

struct stopping {
    uint64_t height;
    struct rotation set;
    bool found;
};

static bool stop_at(void *context, const struct state *s, uint64_t offset, const struct block *b, struct error *err)
{
    struct stopping *stop = context;
    (void)offset, (void)b;
    if (state_height(s) != stop->height)
        return true;
    stop->set = *state_rotation(s);
    stop->found = true;
    return error_set(err, ERROR_CHAIN, "far enough");
}

/* The validators of a height of ours that has passed: our blocks are gone through up to there. */
static bool set_of(const struct ledger *l, uint64_t height, struct rotation *out)
{
    struct stopping stop = {.height = height - 1};
    struct replay r = {.path = l->path, .context = &stop, .on_block = stop_at};
    struct error why;
    replay_run(&r, &why);
    state_free(r.state);
    *out = stop.set;
    return stop.found;
}

static bool certificate_in(const struct bytes *frame, uint32_t payload_n, struct certificate *out)
{
    struct block b = {.txs = 0};
    bool good = block_decode(payload_of(frame), payload_n, &b, NULL) && b.certificate_n > 0 &&
                certificate_decode(b.certificate_data, b.certificate_n, out, NULL);
    block_free(&b);
    return good;
}

static bool heard_of(const struct extend_source *s, uint64_t height, struct hash id, struct certificate *out, int *from)
{
    for (; *from < s->certificates; (*from)++)
        if (s->certificate[*from].height == height && hash_equal(s->certificate[*from].block, id)) {
            *out = s->certificate[(*from)++];
            return true;
        }
    return false;
}

/* Ours of that height, from the block behind it or from the pool. */
static bool certificate_of_ours(const struct ledger *l, uint64_t height, struct certificate *out)
{
    struct bytes data = {0};
    bool good;
    if (height == l->head.height) {
        good = ledger_tip_certificate(l, &data, NULL) && certificate_decode(data.data, data.n, out, NULL);
    } else {
        struct block b = {.txs = 0};
        good = ledger_read_block(l, height + 1, &data, &b, NULL) &&
               certificate_decode(b.certificate_data, b.certificate_n, out, NULL);
        block_free(&b);
    }
    bytes_free(&data);
    return good;
}

/* Who precommitted both blocks in one round. */
static void convict(const struct ledger *l, const struct certificate *theirs)
{
    struct certificate *ours = NEW(struct certificate);
    if (certificate_of_ours(l, theirs->height, ours))
        for (int i = 0; i < ours->n; i++)
            for (int k = 0; k < theirs->n; k++) {
                struct vote a = certificate_vote(ours, l->id, i), b = certificate_vote(theirs, l->id, k);
                char file[FILE_PATH_MAX];
                bool added;
                if (vote_conflict(&a, &b))
                    evidence_keep(l->folder, &a, &b, file, &added, NULL);
            }
    free(ours);
}

/* Their block of a height that we have another one of; the reader stands behind it. */
static bool contradiction(struct extending *e, struct error *err)
{
    struct bytes block = e->frame; /* the next frame gets memory of its own */
    struct frame head = e->head;
    struct certificate *c = NEW(struct certificate);
    struct rotation *set = NEW(struct rotation);
    struct fork kept;
    bool end, added = false, certified = false;
    int from = 0;
    struct hash id = block_id(payload_of(&block));
    e->frame = (struct bytes){0};
    if (!state_alone(e->l->state) && set_of(e->l, head.height, set)) {
        certified = next_frame(e, &end, NULL) && certificate_in(&e->frame, e->head.payload_n, c) &&
                    c->height == head.height && hash_equal(c->block, id) && certificate_check(c, e->l->id, set, NULL);
        while (!certified && heard_of(e->source, head.height, id, c, &from))
            certified = certificate_check(c, e->l->id, set, NULL);
    }
    if (certified)
        fork_keep(e->l->folder, head.height, payload_of(&block), head.payload_n, c, &kept, &added, NULL);
    if (certified)
        convict(e->l, c);
    if (added) {
        e->out->fork = true;
        e->out->fork_height = head.height;
        e->out->fork_id = id;
        text_copy(e->out->fork_file, sizeof e->out->fork_file, kept.file);
    }
    char hex[13];
    hash_short(id, hex);
    error_set(err, ERROR_CHAIN, "its block %llu, %s, is another one than ours%s; nothing behind it is taken over",
              (unsigned long long)head.height, hex,
              certified ? ", and final too: more than a third of the stake has signed both"
                        : ", and has no certificate");
    bytes_free(&block);
    free(set);
    free(c);
    return false;
}

/* From genesis, by what the blocks are and not by their bytes: a proposer can sign one block twice. */
static bool walk(struct extending *e, bool *behind, struct error *err)
{
    struct ledger_block ours;
    bool end = false;
    *behind = false;
    if (!reader_skip(&e->in, 0, 0, (struct hash){{0}}, err))
        return false;
    while (e->in.height <= e->l->head.height) {
        if (!next_frame(e, &end, err))
            return end;
        if (e->head.height > 0 && e->head.payload_n < BLOCK_FIXED_BYTES)
            return error_set(err, ERROR_CHAIN, "%s: what stands for its block %llu has only %u bytes, and is none",
                             e->source->path, (unsigned long long)e->head.height, (unsigned)e->head.payload_n);
        struct hash id = e->head.height ? block_id(payload_of(&e->frame)) : e->l->id; /* genesis was compared before */
        if (!ledger_block(e->l, e->head.height, &ours)) {
            e->out->ours = true;
            return error_set(err, ERROR_IO, "block %llu of ours cannot be read", (unsigned long long)e->head.height);
        }
        if (!hash_equal(id, ours.id))
            return contradiction(e, err);
    }
    *behind = true;
    return true;
}

/* --- a part ------------------------------------------------------------------------------------------------------------- */

struct part {
    struct bytes payload[LEDGER_APPEND_MOST];
    int n;
    size_t bytes;
    struct bytes ahead; /* the payload behind them; n 0: none */
    bool over;
};

static void part_free(struct part *p)
{
    for (int i = 0; i < LEDGER_APPEND_MOST; i++)
        bytes_free(&p->payload[i]);
    bytes_free(&p->ahead);
    free(p);
}

static void set_bytes(struct bytes *to, const void *data, size_t n)
{
    bytes_clear(to);
    bytes_put(to, data, n);
}

static void part_add(struct part *p, const void *data, size_t n)
{
    set_bytes(&p->payload[p->n++], data, n);
    p->bytes += n;
}

/* Up to a part's bounds; what is read ahead begins the next one. */
static bool part_fill(struct extending *e, struct part *p, struct error *err)
{
    bool end = false, good = true;
    p->n = 0;
    p->bytes = 0;
    if (p->ahead.n) {
        part_add(p, p->ahead.data, p->ahead.n);
        bytes_clear(&p->ahead);
    }
    while (!p->over) {
        good = next_frame(e, &end, err);
        if (!good) {
            p->over = true;
        } else if (p->n == LEDGER_APPEND_MOST || (p->n > 0 && p->bytes + e->head.payload_n > PART_BYTES)) {
            set_bytes(&p->ahead, payload_of(&e->frame), e->head.payload_n);
            break;
        } else {
            part_add(p, payload_of(&e->frame), e->head.payload_n);
        }
    }
    return good || end;
}

/* The certificate that a block brings of its parent. */
static bool carried(const struct bytes *payload, struct bytes *out)
{
    struct block b = {.txs = 0};
    bytes_clear(out);
    bool good = payload->n > 0 && block_decode(payload->data, payload->n, &b, NULL) && b.certificate_n > 0;
    if (good)
        bytes_put(out, b.certificate_data, b.certificate_n);
    block_free(&b);
    return good;
}

static bool is_disk(const struct error *e)
{
    return e->kind != ERROR_NONE && e->kind != ERROR_CHAIN && e->kind != ERROR_LIMIT;
}

static bool append_alone(struct ledger *l, const struct ledger_payload *block, int n, int threads, int *good,
                         struct error *err)
{
    struct ledger_checked *c = ledger_check_payloads(l, block, n, threads, NULL, true, good, err);
    struct state *next = c ? c->replay.state : NULL;
    if (c)
        c->replay.state = NULL;
    bool appended = c && ledger_append_window(l, c->window, next, err);
    ledger_checked_free(c);
    return appended;
}

/* The first n of a part, with the certificate that the next one carries or one that was heard of. *good: as
 * ledger_append_blocks. */
static bool append(struct extending *e, const struct part *p, int n, int *good, struct error *err)
{
    struct ledger_payload block[LEDGER_APPEND_MOST];
    struct bytes certificate = {0};
    struct certificate c;
    int from = 0;
    bool done = false;
    for (int i = 0; i < n; i++)
        block[i] = (struct ledger_payload){p->payload[i].data, p->payload[i].n};
    if (state_alone(e->l->state))
        return append_alone(e->l, block, n, e->source->threads, good, err);
    *good = n;
    if (carried(n < p->n ? &p->payload[n] : &p->ahead, &certificate))
        done = ledger_append_blocks(e->l, block, n, &certificate, e->source->threads, good, err);
    while (!done && *good == n && !is_disk(err) &&
           heard_of(e->source, e->l->head.height + (uint64_t)n, block_id(p->payload[n - 1].data), &c, &from)) {
        bytes_clear(&certificate);
        certificate_encode(&c, &certificate);
        done = ledger_append_blocks(e->l, block, n, &certificate, e->source->threads, good, err);
    }
    bytes_free(&certificate);
    return done;
}

/* As many of a part's blocks as are good and final. *taken 0: none. */
static bool part_take(struct extending *e, const struct part *p, int *taken, struct error *err)
{
    struct error first;
    error_clear(&first);
    for (int n = p->n; n > 0;) {
        int good;
        struct error why;
        error_clear(&why);
        if (append(e, p, n, &good, &why)) {
            *taken = n;
            break;
        }
        if (is_disk(&why)) {
            e->out->ours = true;
            return error_set(err, why.kind, "%s", why.text);
        }
        if (good < n && !first.text[0])
            first = why;
        /* A block that breaks no rule but lacks its certificate is not final yet, as far as anybody has told. */
        n = good < n && state_alone(e->l->state) ? good : (good < n ? good : n) - 1;
    }
    e->out->blocks += (uint64_t)*taken;
    return !first.text[0] || error_set(err, first.kind, "%s: %s", e->source->path, first.text);
}

static bool take_all(struct extending *e, struct error *err)
{
    struct part *p = NEW(struct part);
    bool good = true;
    while (good && !p->over) {
        int taken = 0;
        struct error why;
        error_clear(&why);
        bool read = part_fill(e, p, &why);
        good = part_take(e, p, &taken, err);
        if (good && !read)
            good = error_set(err, why.kind, "%s", why.text);
        if (taken < p->n)
            break;
        if (e->source->progress)
            e->source->progress(e->source->context, e->in.offset, e->in.size);
    }
    part_free(p);
    return good;
}

bool ledger_extend(struct ledger *l, const struct extend_source *source, struct extend_report *out, struct error *err)
{
    struct extending e = {.l = l, .source = source, .out = out};
    bool behind = true, good = true;
    if (!l->writable || l->broken || l->lock < 0) {
        out->ours = true;
        return error_set(err, ERROR_IO, "the chain is not open for writing");
    }
    if (!reader_open(&e.in, source->path, err))
        return false;
    enum start start = find_start(&e);
    if (start == START_WALK)
        good = walk(&e, &behind, err);
    if (good && behind && start != START_NOTHING)
        good = take_all(&e, err);
    reader_close(&e.in);
    bytes_free(&e.frame);
    return good;
}
