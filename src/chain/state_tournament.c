#include "chain/state_tournament.h"

#include "base/memory.h"
#include "chain/codec.h"
#include "chain/state_part.h"

const char *seal_state_name(enum seal_state s)
{
    static const char *const name[] = {"waiting", "judged", "revealed", "lapsed"};
    ASSERT((size_t)s < ARRAY_N(name));
    return name[s];
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

int state_seals(const struct state *s, const struct state_seal **out)
{
    *out = s->tournament.seal;
    return (int)s->tournament.seals;
}

int state_outcomes(const struct state *s, const struct state_outcome **out)
{
    *out = s->tournament.outcome;
    return (int)s->tournament.outcomes;
}

int state_scores(const struct state *s, const struct state_score **out)
{
    *out = s->tournament.score;
    return (int)s->tournament.scores;
}

const struct state_seal *state_seal_find(const struct state *s, struct hash id)
{
    int at = index_find(&s->tournament.seal_index, id);
    return at < 0 ? NULL : &s->tournament.seal[at];
}

static struct hash outcome_id(struct hash task, uint32_t first)
{
    struct bytes b = {0};
    codec_put_hash(&b, task);
    bytes_put_u32(&b, first);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    return id;
}

static struct hash score_id(struct hash task, struct address who)
{
    struct bytes b = {0};
    bytes_put(&b, "score", strlen("score"));
    codec_put_hash(&b, task);
    codec_put_address(&b, who);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    return id;
}

const struct state_score *state_score_find(const struct state *s, struct hash task, struct address who)
{
    int at = index_find(&s->tournament.score_index, score_id(task, who));
    return at < 0 ? NULL : &s->tournament.score[at];
}

static struct series *series_of(const struct state *s, struct hash task)
{
    int at = index_find(&s->tournament.series_index, task);
    return at < 0 ? NULL : &s->tournament.series[at];
}

uint32_t state_outcome_end(const struct state *s, struct hash task)
{
    const struct series *series = series_of(s, task);
    return series ? series->end : 0;
}

const struct state_outcome *state_outcome_of(const struct state *s, struct hash task, uint32_t bar)
{
    const struct series *series = series_of(s, task);
    size_t low = 0, high = series && bar >= 1 && bar <= series->end ? series->outcomes : 0;
    if (high == 0)
        return NULL;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->tournament.outcome[series->outcome[middle]].body.first <= bar)
            low = middle;
        else
            high = middle;
    }
    return &s->tournament.outcome[series->outcome[low]];
}

/* --- seals that wait for the outcome of their last bar ------------------------------------------------------------- */

static void due_put(struct series *q, uint32_t end, struct hash seal)
{
    q->due = memory_grow(q->due, &q->due_capacity, q->dues + 1, sizeof *q->due);
    size_t at = q->dues++;
    while (at > 0 && q->due[(at - 1) / 2].end > end) {
        q->due[at] = q->due[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    q->due[at] = (struct seal_due){end, seal};
}

static struct hash due_take(struct series *q)
{
    struct hash first = q->due[0].seal;
    struct seal_due last = q->due[--q->dues];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < q->dues && q->due[child + 1].end < q->due[child].end)
            child++;
        if (child >= q->dues || q->due[child].end >= last.end)
            break;
        q->due[at] = q->due[child];
        at = child;
    }
    if (q->dues)
        q->due[at] = last;
    return first;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static struct state_seal *write_seal(struct state *s, struct hash id)
{
    int at = index_find(&s->tournament.seal_index, id);
    ASSERT(at >= 0);
    state_mark(s, ENTRY_SEAL, id.byte, sizeof id.byte);
    return &s->tournament.seal[at];
}

static struct state_score *write_score(struct state *s, struct hash task, struct address who)
{
    struct tournament_part *t = &s->tournament;
    struct hash id = score_id(task, who);
    int at = index_find(&t->score_index, id);
    if (at < 0) {
        t->score = memory_grow(t->score, &t->score_capacity, t->scores + 1, sizeof *t->score);
        at = (int)t->scores++;
        t->score[at] = (struct state_score){.id = id, .task = task, .who = who};
        index_put(&t->score_index, id, at);
    }
    state_mark(s, ENTRY_SCORE, id.byte, sizeof id.byte);
    return &t->score[at];
}

static struct series *need_series(struct tournament_part *t, struct hash task)
{
    int at = index_find(&t->series_index, task);
    if (at < 0) {
        t->series = memory_grow(t->series, &t->series_capacity, t->seriess + 1, sizeof *t->series);
        at = (int)t->seriess++;
        t->series[at] = (struct series){.task = task};
        index_put(&t->series_index, task, at);
    }
    return &t->series[at];
}

void state_add_seal(struct state *s, struct hash id, const struct tx_seal *body, struct address who)
{
    struct tournament_part *t = &s->tournament;
    t->seal = memory_grow(t->seal, &t->seal_capacity, t->seals + 1, sizeof *t->seal);
    t->seal[t->seals] =
        (struct state_seal){.id = id, .who = who, .body = *body, .sealed.height = s->height + 1};
    index_put(&t->seal_index, id, (int)t->seals++);
    t->open++;
    state_mark(s, ENTRY_SEAL, id.byte, sizeof id.byte);
    due_put(need_series(t, body->task), body->first + body->n - 1, id);
    struct state_score *score = write_score(s, body->task, who);
    score->sealed_to = body->first + body->n - 1;
    score->seals++;
}

static void note_outcome(struct tournament_part *t, int position)
{
    const struct tx_outcome *o = &t->outcome[position].body;
    struct series *q = need_series(t, o->task);
    q->outcome = memory_grow(q->outcome, &q->outcome_capacity, q->outcomes + 1, sizeof *q->outcome);
    q->outcome[q->outcomes++] = position;
    q->end = o->first + o->n - 1;
}

void state_add_outcome(struct state *s, const struct tx_outcome *body, struct address who)
{
    struct tournament_part *t = &s->tournament;
    struct hash id = outcome_id(body->task, body->first);
    t->outcome = memory_grow(t->outcome, &t->outcome_capacity, t->outcomes + 1, sizeof *t->outcome);
    t->outcome[t->outcomes] = (struct state_outcome){.id = id, .height = s->height + 1, .who = who, .body = *body};
    index_put(&t->outcome_index, id, (int)t->outcomes);
    note_outcome(t, (int)t->outcomes++);
    need_series(t, body->task)->touched = true;
    state_mark(s, ENTRY_OUTCOME, id.byte, sizeof id.byte);
}

/* The answers to a seal's bars: each outcome is looked up once. */
static uint64_t answers(const struct state *s, const struct tx_seal *b)
{
    uint64_t up = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct tx_outcome *o = &state_outcome_of(s, b->task, b->first + i)->body;
        up |= (o->up >> (b->first + i - o->first) & 1) << i;
    }
    return up;
}

void state_reveal_seal(struct state *s, const struct tx_reveal_seal *r)
{
    struct state_seal *seal = write_seal(s, r->seal);
    seal->up = r->up;
    seal->correct = tx_bars_count(seal->counts & ~(r->up ^ answers(s, &seal->body)));
    seal->state = SEAL_REVEALED;
    seal->closed = s->height + 1;
    s->tournament.open--;
    struct state_score *score = write_score(s, seal->body.task, seal->who);
    score->correct += seal->correct;
    score->revealed++;
}

/* --- the end of a block ------------------------------------------------------------------------------------------- */

static bool counts(const struct state_seal *seal, const struct state_outcome *o, uint32_t bar)
{
    uint32_t at = bar - o->body.first;
    return !(o->body.none >> at & 1) && seal->sealed.height < o->height && seal->sealed.time_us < o->body.until_us[at];
}

static void judge(struct state *s, struct hash id, struct state_moment now)
{
    struct tournament_part *t = &s->tournament;
    struct state_seal *seal = write_seal(s, id);
    for (uint32_t i = 0; i < seal->body.n; i++) {
        uint32_t bar = seal->body.first + i;
        if (counts(seal, state_outcome_of(s, seal->body.task, bar), bar))
            seal->counts |= UINT64_C(1) << i;
    }
    seal->state = SEAL_JUDGED;
    seal->judged = now;
    write_score(s, seal->body.task, seal->who)->total += tx_bars_count(seal->counts);
    t->judged = memory_grow(t->judged, &t->judged_capacity, t->judgeds + 1, sizeof *t->judged);
    t->judged[t->judgeds++] = id;
}

/* Of the tasks that got an outcome in this block: those stand at the end of the outcomes. */
static void judge_due(struct state *s, struct state_moment now)
{
    struct tournament_part *t = &s->tournament;
    for (size_t i = t->outcomes; i > 0 && t->outcome[i - 1].height == now.height; i--) {
        struct series *q = series_of(s, t->outcome[i - 1].body.task);
        while (q->touched && q->dues && q->due[0].end <= q->end)
            judge(s, due_take(q), now);
        q->touched = false;
    }
}

static void lapse(struct state *s, struct state_moment now)
{
    struct tournament_part *t = &s->tournament;
    for (; t->judged_first < t->judgeds; t->judged_first++) {
        const struct state_seal *seal = state_seal_find(s, t->judged[t->judged_first]);
        if (!seal || seal->state != SEAL_JUDGED) /* revealed, and perhaps forgotten */
            continue;
        if (!state_moment_passed(seal->judged, s->genesis.expiry_blocks, s->genesis.expiry_seconds, now))
            break;
        struct state_seal *gone = write_seal(s, seal->id);
        gone->state = SEAL_LAPSED;
        gone->closed = now.height;
        t->open--;
    }
    if (2 * t->judged_first > t->judgeds) {
        t->judgeds -= t->judged_first;
        memmove(t->judged, t->judged + t->judged_first, t->judgeds * sizeof *t->judged);
        t->judged_first = 0;
    }
}

static void forget_closed(struct tournament_part *t, uint64_t height)
{
    size_t closed = t->seals - t->open, kept = 0;
    if (closed < 2 * STATE_CLOSED_KEPT + t->open)
        return;
    size_t drop = closed - STATE_CLOSED_KEPT;
    index_clear(&t->seal_index);
    for (size_t i = 0; i < t->seals; i++) {
        const struct state_seal *seal = &t->seal[i];
        if (drop > 0 && seal->closed && seal->closed < height) {
            drop--;
            continue;
        }
        index_put(&t->seal_index, seal->id, (int)kept);
        t->seal[kept++] = *seal;
    }
    t->seals = kept;
}

static bool begin_end(struct state *s, struct state_moment now, struct error *err)
{
    struct tournament_part *t = &s->tournament;
    (void)err;
    for (size_t i = t->seals; i > 0 && t->seal[i - 1].sealed.height == now.height; i--)
        t->seal[i - 1].sealed.time_us = now.time_us;
    judge_due(s, now);
    lapse(s, now);
    forget_closed(t, now.height);
    return true;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static void put_moment(struct state_moment m, struct bytes *out)
{
    bytes_put_u64(out, m.height);
    bytes_put_i64(out, m.time_us);
}

static void put_seal(const struct state_seal *seal, struct bytes *out)
{
    codec_put_address(out, seal->who);
    tx_seal_encode(&seal->body, out);
    put_moment(seal->sealed, out);
    put_moment(seal->judged, out);
    bytes_put_u8(out, (uint8_t)seal->state);
    bytes_put_u64(out, seal->counts);
    bytes_put_u64(out, seal->up);
    bytes_put_u32(out, seal->correct);
}

static void put_score(const struct state_score *score, struct bytes *out)
{
    codec_put_hash(out, score->task);
    codec_put_address(out, score->who);
    bytes_put_u32(out, score->sealed_to);
    bytes_put_u64(out, score->total);
    bytes_put_u64(out, score->correct);
    bytes_put_u64(out, score->seals);
    bytes_put_u64(out, score->revealed);
}

static bool put(const struct state *s, enum entry_type type, struct hash id, struct bytes *out)
{
    const struct tournament_part *t = &s->tournament;
    if (type == ENTRY_SEAL) {
        put_seal(state_seal_find(s, id), out);
    } else if (type == ENTRY_SCORE) {
        put_score(&t->score[index_find(&t->score_index, id)], out);
    } else {
        const struct state_outcome *o = &t->outcome[index_find(&t->outcome_index, id)];
        bytes_put_u64(out, o->height);
        codec_put_address(out, o->who);
        tx_outcome_encode(&o->body, out);
    }
    return true;
}

/* --- copies ------------------------------------------------------------------------------------------------------- */

static void *copy_of(const void *from, size_t n, size_t size)
{
    return n ? memory_copy(from, n * size) : NULL;
}

static void copy_index(struct index *to, const struct index *from)
{
    *to = (struct index){0};
    index_copy(to, from);
}

static void copy(struct state *to, const struct state *from)
{
    const struct tournament_part *f = &from->tournament;
    struct tournament_part *t = &to->tournament;
    t->seal = copy_of(f->seal, t->seal_capacity = f->seals, sizeof *f->seal);
    t->outcome = copy_of(f->outcome, t->outcome_capacity = f->outcomes, sizeof *f->outcome);
    t->score = copy_of(f->score, t->score_capacity = f->scores, sizeof *f->score);
    t->series = copy_of(f->series, t->series_capacity = f->seriess, sizeof *f->series);
    t->judged = copy_of(f->judged, t->judged_capacity = f->judgeds, sizeof *f->judged);
    for (size_t i = 0; i < t->seriess; i++) {
        struct series *q = &t->series[i];
        q->outcome = copy_of(q->outcome, q->outcome_capacity = q->outcomes, sizeof *q->outcome);
        q->due = copy_of(q->due, q->due_capacity = q->dues, sizeof *q->due);
    }
    copy_index(&t->seal_index, &f->seal_index);
    copy_index(&t->outcome_index, &f->outcome_index);
    copy_index(&t->score_index, &f->score_index);
    copy_index(&t->series_index, &f->series_index);
}

static void empty(struct state *s)
{
    struct tournament_part *t = &s->tournament;
    for (size_t i = 0; i < t->seriess; i++) {
        free(t->series[i].outcome);
        free(t->series[i].due);
    }
    free(t->seal);
    free(t->outcome);
    free(t->score);
    free(t->series);
    free(t->judged);
    index_free(&t->seal_index);
    index_free(&t->outcome_index);
    index_free(&t->score_index);
    index_free(&t->series_index);
    *t = (struct tournament_part){.seals = 0};
}

/* --- saving ------------------------------------------------------------------------------------------------------- */

static void pass_seal(struct pass *p, struct state_seal *seal)
{
    int state = (int)seal->state;
    pass_hash(p, &seal->id);
    pass_address(p, &seal->who);
    PASS_BODY(p, TX_SEAL, seal, &seal->body);
    pass_moment(p, &seal->sealed);
    pass_moment(p, &seal->judged);
    pass_int(p, &state, SEAL_LAPSED);
    seal->state = (enum seal_state)state;
    pass_u64(p, &seal->counts);
    pass_u64(p, &seal->up);
    pass_u32(p, &seal->correct);
    pass_u64(p, &seal->closed);
}

static void pass_outcome(struct pass *p, struct state_outcome *o)
{
    pass_hash(p, &o->id);
    pass_u64(p, &o->height);
    pass_address(p, &o->who);
    PASS_BODY(p, TX_OUTCOME, outcome, &o->body);
}

static void pass_score(struct pass *p, struct state_score *score)
{
    pass_hash(p, &score->id);
    pass_hash(p, &score->task);
    pass_address(p, &score->who);
    pass_u32(p, &score->sealed_to);
    pass_u64(p, &score->total);
    pass_u64(p, &score->correct);
    pass_u64(p, &score->seals);
    pass_u64(p, &score->revealed);
}

static void index_new(struct pass *p, struct index *x, struct hash id, size_t position)
{
    if (index_find(x, id) >= 0)
        p->in->failed = true;
    else
        index_put(x, id, (int)position);
}

/* What can be told from the rest is not saved. Outcomes must follow each other, and what is judged lie behind them. */
static void rebuild(struct tournament_part *t, struct pass *p)
{
    for (size_t i = 0; i < t->outcomes; i++) {
        const struct tx_outcome *o = &t->outcome[i].body;
        if (o->n < 1 || o->n > TX_BARS_MAX || o->first != need_series(t, o->task)->end + 1) {
            p->in->failed = true;
            return;
        }
        index_new(p, &t->outcome_index, t->outcome[i].id, i);
        note_outcome(t, (int)i);
    }
    for (size_t i = 0; i < t->scores; i++)
        index_new(p, &t->score_index, t->score[i].id, i);
    for (size_t i = 0; i < t->seals; i++) {
        const struct state_seal *seal = &t->seal[i];
        struct series *q = need_series(t, seal->body.task);
        uint32_t end = seal->body.first + seal->body.n - 1;
        bool known = seal->body.first >= 1 && end >= seal->body.first && end <= q->end;
        if (seal->body.n < 1 || seal->body.n > TX_BARS_MAX || known == (seal->state == SEAL_WAITING))
            p->in->failed = true;
        index_new(p, &t->seal_index, seal->id, i);
        t->open += seal->closed == 0;
        if (seal->state == SEAL_WAITING)
            due_put(q, end, seal->id);
    }
}

static void pass(struct state *s, struct pass *p)
{
    struct tournament_part *t = &s->tournament;
    PASS_ARRAY(p, t, seal, seals, seal_capacity);
    for (size_t i = 0; i < t->seals; i++)
        pass_seal(p, &t->seal[i]);
    PASS_ARRAY(p, t, outcome, outcomes, outcome_capacity);
    for (size_t i = 0; i < t->outcomes; i++)
        pass_outcome(p, &t->outcome[i]);
    PASS_ARRAY(p, t, score, scores, score_capacity);
    for (size_t i = 0; i < t->scores; i++)
        pass_score(p, &t->score[i]);
    int first = (int)t->judged_first;
    PASS_ARRAY(p, t, judged, judgeds, judged_capacity);
    for (size_t i = 0; i < t->judgeds; i++)
        pass_hash(p, &t->judged[i]);
    pass_int(p, &first, t->judgeds);
    t->judged_first = (size_t)first;
    if (!p->out)
        rebuild(t, p);
}

extern const struct state_part state_part_tournament; /* of the table in state_part.c */
const struct state_part state_part_tournament = {.name = "tournament",
                                                 .first = ENTRY_SEAL,
                                                 .last = ENTRY_SCORE,
                                                 .copy = copy,
                                                 .free = empty,
                                                 .put = put,
                                                 .pass = pass,
                                                 .begin_end = begin_end};
