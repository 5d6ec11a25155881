#include "chain/replay_window.h"

#include "base/memory.h"
#include "chain/certificate.h"

#define WINDOW_TXS 1024
#define WINDOW_BYTES (1u << 20)
#define TASK_TXS 16

struct replay_window *replay_window_new(void)
{
    return NEW(struct replay_window);
}

void replay_window_free(struct replay_window *w)
{
    if (!w)
        return;
    for (int i = 0; i < w->used; i++) {
        bytes_free(&w->slot[i].data);
        block_free(&w->slot[i].block);
    }
    free(w->job);
    free(w);
}

static bool full(const struct replay_window *w, size_t bytes)
{
    return w->slots == WINDOW_BLOCKS || w->jobs >= WINDOW_TXS || bytes >= WINDOW_BYTES;
}

static void slot_form(struct replay_window *w, struct slot *s)
{
    s->first = w->jobs;
    s->formed = s->frame.type == FRAME_GENESIS ||
                block_decode(s->data.data + FRAME_HEADER_BYTES, s->frame.payload_n, &s->block, NULL);
    if (!s->formed || s->frame.type == FRAME_GENESIS)
        return;
    w->job = memory_grow(w->job, &w->job_capacity, w->jobs + s->block.txs, sizeof *w->job);
    for (size_t i = 0; i < s->block.txs; i++)
        w->job[w->jobs++].bytes = s->block.tx[i];
}

enum reader_result replay_window_fill(struct replay_window *w, struct reader *in, struct error *err)
{
    enum reader_result result = READER_FRAME;
    size_t bytes = 0;
    w->slots = 0;
    w->jobs = 0;
    while (!full(w, bytes)) {
        struct slot *s = &w->slot[w->slots];
        w->used = w->slots < w->used ? w->used : w->slots + 1;
        s->offset = in->offset;
        result = reader_next(in, &s->frame, &s->data, err);
        if (result != READER_FRAME)
            break;
        s->hash = in->previous;
        slot_form(w, s);
        bytes += s->data.n;
        w->slots++;
    }
    return result;
}

void replay_window_put(struct replay_window *w, uint64_t height, uint64_t offset, const void *payload, size_t n,
                       struct hash previous)
{
    struct slot *s = &w->slot[w->slots];
    ASSERT(w->slots < WINDOW_BLOCKS && n <= FRAME_MOST_PAYLOAD);
    w->used = w->slots < w->used ? w->used : w->slots + 1;
    s->frame = (struct frame){.type = FRAME_BLOCK, .height = height, .payload_n = (uint32_t)n};
    s->offset = offset;
    bytes_clear(&s->data);
    s->hash = block_frame_encode(&s->data, &s->frame, payload, previous);
    slot_form(w, s);
    w->slots++;
}

/* Tasks: first the blocks' own signatures and roots, then the transactions, TASK_TXS at a time. */
int replay_window_tasks(const struct replay_window *w)
{
    return w->slots + (int)((w->jobs + TASK_TXS - 1) / TASK_TXS);
}

static bool check_certificate(const struct block *b)
{
    struct certificate c;
    bool good = b->certificate_n > 0 && certificate_decode(b->certificate_data, b->certificate_n, &c, NULL);
    for (int i = 0; good && i < c.n; i++) {
        struct vote v = certificate_vote(&c, b->chain, i);
        good = vote_check(&v, NULL);
    }
    return good;
}

static void check_slot(struct slot *s)
{
    bool block = s->formed && s->frame.type == FRAME_BLOCK;
    s->root_good = block && hash_equal(block_tx_root(&s->block), s->block.tx_root);
    s->signature_good = block && block_check_signature(s->data.data + FRAME_HEADER_BYTES, &s->block, NULL);
    s->certificate_good = block && check_certificate(&s->block);
}

static void check_job(struct job *j)
{
    j->good = tx_check_signature_alone(j->bytes.data, j->bytes.n);
    if (j->good)
        j->id = tx_id_of_bytes(j->bytes.data, j->bytes.n);
}

void replay_window_check(void *window, int task)
{
    struct replay_window *w = window;
    if (task < w->slots) {
        check_slot(&w->slot[task]);
        return;
    }
    size_t from = (size_t)(task - w->slots) * TASK_TXS, to = from + TASK_TXS;
    for (size_t i = from; i < to && i < w->jobs; i++)
        check_job(&w->job[i]);
}
