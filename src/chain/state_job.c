#include "chain/state_job.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_part.h"

#define US INT64_C(1000000)

const char *job_state_name(enum job_state s)
{
    static const char *const name[] = {"open", "taken", "paid", "returned", "withdrawn"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

bool job_closed(enum job_state s)
{
    return s >= JOB_PAID;
}

int state_jobs(const struct state *s, const struct state_job **out)
{
    *out = s->jobs.item;
    return (int)s->jobs.n;
}

const struct state_job *state_job_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->jobs.index, id);
    return at < 0 ? NULL : &s->jobs.item[at];
}

/* --- what falls due ----------------------------------------------------------------------------------------------- */

static void heap_put(struct job_heap *h, struct job_due due)
{
    h->item = memory_grow(h->item, &h->capacity, h->n + 1, sizeof *h->item);
    size_t at = h->n++;
    while (at > 0 && h->item[(at - 1) / 2].key > due.key) {
        h->item[at] = h->item[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    h->item[at] = due;
}

static struct job_due heap_take(struct job_heap *h)
{
    struct job_due first = h->item[0], last = h->item[--h->n];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < h->n && h->item[child + 1].key < h->item[child].key)
            child++;
        if (child >= h->n || h->item[child].key >= last.key)
            break;
        h->item[at] = h->item[child];
        at = child;
    }
    if (h->n)
        h->item[at] = last;
    return first;
}

static const struct state_proposal *work_of(const struct state *s, const struct state_job *j)
{
    return state_proposal_find(s, j->proposal);
}

/* Nothing was delivered so far. */
static bool waits_for_result(const struct state *s, const struct state_job *j)
{
    return j && j->state == JOB_TAKEN && work_of(s, j)->state == PROPOSAL_ANNOUNCED;
}

static void await_result(struct state *s, const struct state_job *j)
{
    struct state_moment from = work_of(s, j)->announced;
    heap_put(&s->jobs.by_height, (struct job_due){.key = from.height + j->body.blocks,
                                                  .time_us = from.time_us + (int64_t)j->body.seconds * US,
                                                  .job = j->id});
}

/* Jobs that were delivered stay in the heaps until they would have been due: not more of them than there are others. */
static void drop_stale(struct state *s, struct job_heap *h)
{
    size_t kept = 0;
    if (h->n < 64 || h->n < 2 * s->jobs.open)
        return;
    struct job_heap old = *h;
    *h = (struct job_heap){.n = 0};
    for (; kept < old.n; kept++)
        if (waits_for_result(s, state_job_find(s, old.item[kept].job)))
            heap_put(h, old.item[kept]);
    free(old.item);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static struct state_job *write_job(struct state *s, struct hash id)
{
    int at = index_find(&s->jobs.index, id);
    ASSERT(at >= 0);
    state_mark(s, ENTRY_JOB, id.byte, sizeof id.byte);
    return &s->jobs.item[at];
}

struct state_job *state_add_job(struct state *s, struct hash id)
{
    struct job_part *j = &s->jobs;
    j->item = memory_grow(j->item, &j->capacity, j->n + 1, sizeof *j->item);
    j->item[j->n] = (struct state_job){.id = id, .height = s->height + 1};
    index_put(&j->index, id, (int)j->n++);
    j->open++;
    return write_job(s, id);
}

void state_take_job(struct state *s, struct hash job, struct hash proposal)
{
    struct job_part *part = &s->jobs;
    struct state_job *j = write_job(s, job);
    j->state = JOB_TAKEN;
    j->proposal = proposal;
    state_due_leave(s, state_write_proposal(s, proposal), DUE_ANNOUNCED); /* the job says how long it may take */
    part->taken = memory_grow(part->taken, &part->taken_capacity, part->takens + 1, sizeof *part->taken);
    part->taken[part->takens++] = job;
}

static void close_job(struct state *s, struct state_job *j, enum job_state end)
{
    j->state = end;
    j->closed = s->height + 1;
    s->jobs.open--;
}

void state_withdraw_job(struct state *s, struct hash job)
{
    struct state_job *j = write_job(s, job);
    close_job(s, j, JOB_WITHDRAWN);
    state_credit(s, j->owner, j->body.pay, POT_ESCROWS);
}

void state_end_job(struct state *s, const struct state_proposal *p, enum proposal_state end)
{
    struct state_job *j = write_job(s, p->job);
    bool paid = end == PROPOSAL_ACCEPTED;
    close_job(s, j, paid ? JOB_PAID : JOB_RETURNED);
    state_credit(s, paid ? p->proposer : j->owner, j->body.pay, POT_ESCROWS);
}

/* Taken and not delivered: a share of the deposit to the owner, who has waited, the rest burnt. */
static void forfeit(struct state *s, const struct state_job *j)
{
    struct state_proposal *p = state_write_proposal(s, j->proposal);
    uint64_t share = p->announce.stake * s->genesis.finder_ppm / TX_PPM;
    struct address owner = j->owner;
    if (share)
        state_credit(s, owner, share, POT_STAKES);
    state_burn(s, p->announce.stake - share, POT_STAKES);
    state_close(s, p, PROPOSAL_EXPIRED);
}

/* --- the part ----------------------------------------------------------------------------------------------------- */

static void forget_closed(struct job_part *j, uint64_t height)
{
    size_t closed = j->n - j->open, kept = 0;
    if (closed < 2 * STATE_CLOSED_KEPT + j->open)
        return;
    size_t drop = closed - STATE_CLOSED_KEPT;
    index_clear(&j->index);
    for (size_t i = 0; i < j->n; i++) {
        if (drop > 0 && job_closed(j->item[i].state) && j->item[i].closed < height) {
            drop--;
            continue;
        }
        index_put(&j->index, j->item[i].id, (int)kept);
        j->item[kept++] = j->item[i];
    }
    j->n = kept;
}

static bool begin_end(struct state *s, struct state_moment now, struct error *err)
{
    struct job_part *part = &s->jobs;
    (void)err;
    for (size_t i = 0; i < part->takens; i++)
        await_result(s, state_job_find(s, part->taken[i]));
    part->takens = 0;
    while (part->by_height.n && part->by_height.item[0].key <= now.height) {
        struct job_due due = heap_take(&part->by_height);
        due.key = (uint64_t)due.time_us;
        heap_put(&part->by_time, due);
    }
    while (part->by_time.n && part->by_time.item[0].key <= (uint64_t)now.time_us) {
        const struct state_job *j = state_job_find(s, heap_take(&part->by_time).job);
        if (waits_for_result(s, j))
            forfeit(s, j);
    }
    drop_stale(s, &part->by_height);
    drop_stale(s, &part->by_time);
    forget_closed(part, now.height);
    return true;
}

/* Blocks are all that is lacking: their time has come. Longer windows than the chain's own wait for others' blocks. */
static bool waits(const struct state *s, struct state_moment now)
{
    const struct job_heap *heap[] = {&s->jobs.by_time, &s->jobs.by_height};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < heap[k]->n; i++) {
            const struct state_job *j = state_job_find(s, heap[k]->item[i].job);
            if (heap[k]->item[i].time_us <= now.time_us && waits_for_result(s, j) &&
                j->body.blocks <= s->genesis.expiry_blocks)
                return true;
        }
    return false;
}

static bool put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    const struct state_job *j = state_job_find(s, id);
    (void)type;
    bytes_put_u64(out, j->height);
    codec_put_address(out, j->owner);
    tx_job_encode(&j->body, out);
    bytes_put_u8(out, (uint8_t)j->state);
    codec_put_hash(out, j->proposal);
    return true;
}

static void copy_heap(struct job_heap *h)
{
    h->item = h->n ? memory_copy(h->item, h->n * sizeof *h->item) : NULL;
    h->capacity = h->n;
}

static void copy(struct state *to, const struct state *from)
{
    struct job_part *j = &to->jobs;
    j->item = from->jobs.n ? memory_copy(j->item, j->n * sizeof *j->item) : NULL;
    j->capacity = j->n;
    j->taken = from->jobs.takens ? memory_copy(j->taken, j->takens * sizeof *j->taken) : NULL;
    j->taken_capacity = j->takens;
    copy_heap(&j->by_height);
    copy_heap(&j->by_time);
    j->index = (struct index){0};
    index_copy(&j->index, &from->jobs.index);
}

static void empty(struct state *s)
{
    free(s->jobs.item);
    free(s->jobs.taken);
    free(s->jobs.by_height.item);
    free(s->jobs.by_time.item);
    index_free(&s->jobs.index);
    s->jobs = (struct job_part){.n = 0};
}

static void pass_job(struct pass *p, struct state_job *j)
{
    int state = (int)j->state;
    pass_hash(p, &j->id);
    pass_u64(p, &j->height);
    pass_address(p, &j->owner);
    PASS_BODY(p, TX_JOB, job, &j->body);
    pass_int(p, &state, JOB_WITHDRAWN);
    j->state = (enum job_state)state;
    pass_hash(p, &j->proposal);
    pass_u64(p, &j->closed);
}

/* The index of proposals is not made yet: whether each job that was taken has one is asked when it is. */
static void pass(struct state *s, struct pass *p)
{
    struct job_part *part = &s->jobs;
    PASS_ARRAY(p, part, item, n, capacity);
    for (size_t i = 0; i < part->n; i++) {
        struct state_job *j = &part->item[i];
        pass_job(p, j);
        if (p->out)
            continue;
        part->open += !job_closed(j->state);
        if (state_job_find(s, j->id))
            p->in->failed = true;
        else
            index_put(&part->index, j->id, (int)i);
    }
}

bool state_jobs_complete(struct state *s)
{
    for (size_t i = 0; i < s->jobs.n; i++) {
        const struct state_job *j = &s->jobs.item[i];
        const struct state_proposal *p = j->state == JOB_TAKEN ? work_of(s, j) : NULL;
        if (j->state == JOB_TAKEN && (!p || proposal_closed(p->state) || !hash_equal(p->job, j->id)))
            return false;
        if (waits_for_result(s, j))
            await_result(s, j);
    }
    for (size_t i = 0; i < s->proposals; i++) {
        const struct state_proposal *p = &s->proposal[i];
        if (!hash_is_zero(p->job) && !proposal_closed(p->state) && !state_job_find(s, p->job))
            return false;
    }
    return true;
}

static void audit(const struct state *s, struct state_totals *t)
{
    for (size_t i = 0; i < s->jobs.n; i++)
        t->escrows += job_closed(s->jobs.item[i].state) ? 0 : s->jobs.item[i].body.pay;
}

extern const struct state_part state_part_job; /* of the table in state_part.c */
const struct state_part state_part_job = {.name = "job",
                                          .first = ENTRY_JOB,
                                          .last = ENTRY_JOB,
                                          .copy = copy,
                                          .free = empty,
                                          .put = put,
                                          .pass = pass,
                                          .begin_end = begin_end,
                                          .audit = audit,
                                          .waits = waits};
