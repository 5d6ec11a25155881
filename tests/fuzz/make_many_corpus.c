#include "make_many_corpus.h"

#include "fuzz_fill.h"

#include "chain/certificate.h"
#include "chain/codec.h"
#include "chain/guard.h"
#include "chain/pool_file.h"
#include "chain/tx.h"

#include <stdio.h>
#include <string.h>

enum { KEPT = 0x20, OTHER = 0x40, SAVE = 0xf0 }; /* fuzz_rules.c */
enum { P0, P1, P2, P3, P4, P5 };                 /* parties: the first three or four are validators */

/* --- programs for fuzz_rules ----------------------------------------------------------------------------------------- */

struct script {
    struct fill f;
    struct bytes out;
    int n; /* transactions so far: the next one's id has this number */
};

/* Ids as a script can name them before they are known. */
static struct hash id(int k)
{
    struct hash h;
    memset(h.byte, 0xb0, sizeof h.byte);
    h.byte[0] = (uint8_t)k;
    return h;
}

static void begin(struct script *s, unsigned shape)
{
    *s = (struct script){.n = 0};
    fill_start(&s->f);
    memset(s->f.chain.byte, 0xc7, sizeof s->f.chain.byte);
    for (int k = 0; k < FILL_IDS; k++)
        fill_note(&s->f, id(k));
    bytes_put_u8(&s->out, (uint8_t)shape);
}

static struct hash act(struct script *s, int who, unsigned flags, const struct tx *tx)
{
    struct bytes body = {0};
    tx_kind_of(tx->type)->encode(tx, &body);
    bytes_put_u8(&s->out, (uint8_t)((unsigned)tx->type | flags));
    bytes_put_u8(&s->out, (uint8_t)who);
    fill_in(&s->f, body.data, body.n, &s->out);
    bytes_put_u8(&s->out, FILL_END);
    bytes_free(&body);
    return id(s->n++);
}

static void block(struct script *s, unsigned seconds)
{
    bytes_put_u8(&s->out, 0);
    bytes_put_u8(&s->out, (uint8_t)seconds);
}

static void end(struct script *s, make_put *put, const char *name)
{
    block(s, SAVE);
    put("rules", name, s->out.data, s->out.n);
    bytes_free(&s->out);
}

static struct hash put_task(struct script *s)
{
    struct tx t = {.type = TX_TASK, .task = {.numeric = "msn1", .folds = 2, .pool = 1000, .full_pay_ppm = 1000,
                                             .baseline_ppm = 500000, .reviewers = 1, .approvals = 1}};
    t.task.reviewer[0] = s->f.who[P5];
    return act(s, P5, 0, &t);
}

static void about(struct script *s, int who, enum tx_type type, unsigned flags, struct hash proposal)
{
    struct tx t = {.type = type};
    t.propose.proposal = proposal; /* the first field of all of them */
    if (type == TX_PROPOSE || type == TX_REVEAL)
        t.propose.counts.folds = 1;
    act(s, who, flags, &t);
}

/* Announced by P4, claimed, attested by three validators, of whom the last `others` find something else. */
static struct hash put_claim(struct script *s, struct hash task, int others)
{
    struct tx t = {.type = TX_ANNOUNCE, .announce = {.task = task, .stake = 5000}};
    struct hash p = act(s, P4, KEPT, &t);
    block(s, 5);
    about(s, P4, TX_PROPOSE, KEPT, p);
    for (int v = P0; v <= P2; v++)
        about(s, v, TX_COMMIT, KEPT | (v > P2 - others ? OTHER : 0), p);
    block(s, 5);
    about(s, P4, TX_OPEN, KEPT, p);
    for (int v = P0; v <= P2; v++)
        about(s, v, TX_REVEAL, KEPT | (v > P2 - others ? OTHER : 0), p);
    block(s, 5);
    return p;
}

static void put_validation(make_put *put)
{
    static const char *const name[] = {"many-agreed", "many-one-differs", "many-refuted"};
    for (int others = 0; others < 3; others++) {
        struct script s;
        begin(&s, 5);
        struct hash task = put_task(&s), p = put_claim(&s, task, others);
        block(&s, 5);
        about(&s, P5, TX_APPROVE, KEPT, p);
        block(&s, 5);
        block(&s, 5);
        end(&s, put, name[others]);
    }
}

/* The whole life of a claim where one validator does everything, and what else a closed chain has. */
static void put_closed(make_put *put)
{
    static const char *const name[] = {"closed-accepted", "closed-rejected", "closed-expired"};
    for (int how = 0; how < 3; how++) {
        struct script s;
        begin(&s, 0);
        struct tx t = {.type = TX_TASK, .task = {.numeric = "msn1", .folds = 2, .pool = 1000, .full_pay_ppm = 1000, .approvals = 1}};
        struct hash task = act(&s, P0, 0, &t);
        t = (struct tx){.type = TX_ANNOUNCE, .announce = {.task = task, .stake = 5000}};
        struct hash p = act(&s, P0, KEPT, &t);
        block(&s, 5);
        about(&s, P0, TX_PROPOSE, KEPT, p);
        about(&s, P0, TX_COMMIT, KEPT, p);
        block(&s, SAVE);
        if (how < 2) {
            about(&s, P0, TX_OPEN, KEPT, p);
            about(&s, P0, TX_REVEAL, KEPT, p);
            block(&s, 5);
            about(&s, P0, how ? TX_REJECT : TX_APPROVE, KEPT, p);
        }
        t = (struct tx){.type = TX_HOLDOUT, .holdout = {.task = task, .correct = 5, .total = 9}};
        act(&s, P0, 0, &t);
        t = (struct tx){.type = TX_TRANSFER, .transfer = {.to = s.f.who[P1], .amount = 7}};
        act(&s, P0, 0, &t);
        for (int i = 0; i < 4; i++)
            block(&s, 5);
        end(&s, put, name[how]);
    }
}

static void put_dispute(make_put *put)
{
    static const char *const name[] = {"dispute-upheld", "dispute-dismissed", "dispute-conceded", "dispute-lapsed"};
    for (int how = 0; how < 4; how++) {
        struct script s;
        begin(&s, 5);
        struct hash task = put_task(&s), p = put_claim(&s, task, 0);
        struct tx t = {.type = TX_CHALLENGE, .challenge = {.proposal = p, .fold = 1, .leaf = 2, .deposit = 1000}};
        t.challenge.found = t.challenge.state = id(0);
        struct hash c = act(&s, P3, 0, &t);
        t = (struct tx){.type = TX_RESPOND, .respond = {.challenge = c, .concede = how == 2}};
        act(&s, P4, 0, &t);
        block(&s, 5);
        t = (struct tx){.type = TX_VERDICT, .verdict = {.challenge = c, .upheld = how == 0}};
        if (how < 2)
            act(&s, P1, 0, &t);
        block(&s, SAVE);
        block(&s, 5);
        about(&s, P5, TX_APPROVE, KEPT, p);
        block(&s, 5);
        end(&s, put, name[how]);
    }
}

static struct vote vote_of(const struct fill *f, int who, enum vote_step step, uint64_t height, uint32_t round, int block)
{
    struct vote v = {.chain = f->chain, .step = step, .height = height, .round = round, .voting = f->voting[who],
                     .signature = {"FUZZSIGN"}};
    v.block = block < 0 ? (struct hash){{0}} : id(block);
    return v;
}

static void put_validators(make_put *put)
{
    struct script s;
    begin(&s, 5);
    struct tx t = {.type = TX_REGISTER, .registration = {.consent = {"FUZZSIGN"}}};
    t.registration.voting = s.f.voting[P3];
    struct tx more = {.type = TX_STAKE, .stake = {.amount = 20000}};
    act(&s, P3, 0, &more);
    act(&s, P3, 0, &t);
    block(&s, 5);
    t = (struct tx){.type = TX_EVIDENCE, .evidence = {.a = vote_of(&s.f, P0, VOTE_PREVOTE, 1, 0, -1),
                                                      .b = vote_of(&s.f, P0, VOTE_PREVOTE, 1, 0, 1)}};
    act(&s, P1, 0, &t);
    block(&s, SAVE);
    t = (struct tx){.type = TX_RETIRE};
    act(&s, P2, 0, &t);
    t = (struct tx){.type = TX_UNSTAKE, .stake = {.amount = 50000}};
    act(&s, P2, 0, &t);
    block(&s, 5);
    block(&s, 5);
    block(&s, 5);
    end(&s, put, "validators");
}

static void put_market(make_put *put, unsigned shape, const char *name)
{
    struct script s;
    begin(&s, shape);
    struct tx t = {.type = TX_LIST, .list = {.price = 700, .deliver_blocks = 1, .title = "a network"}};
    struct hash first = act(&s, P1, KEPT, &t), second = act(&s, P1, KEPT | OTHER, &t), third = act(&s, P1, KEPT, &t);
    t = (struct tx){.type = TX_BUY, .buy = {.listing = first}};
    act(&s, P2, 0, &t);
    t.buy.listing = second;
    act(&s, P2, 0, &t);
    block(&s, 5);
    t = (struct tx){.type = TX_DELIVER, .deliver = {.listing = first}};
    act(&s, P1, 0, &t);
    block(&s, SAVE);
    block(&s, 5);
    t = (struct tx){.type = TX_REFUND, .refund = {.of = second}};
    act(&s, P2, 0, &t);
    t.refund.of = third;
    act(&s, P1, 0, &t);
    end(&s, put, name);
}

static void put_job(make_put *put)
{
    struct script s;
    begin(&s, 5);
    struct hash task = put_task(&s);
    struct tx t = {.type = TX_JOB, .job = {.task = task, .arch = id(7), .pay = 900, .deposit = 300, .blocks = 4}};
    struct hash job = act(&s, P5, 0, &t), other = act(&s, P5, 0, &t);
    t = (struct tx){.type = TX_TAKE, .take = {.job = job}};
    struct hash take = act(&s, P4, 0, &t);
    t = (struct tx){.type = TX_RESULT, .result = {.proposal = take, .counts = {.folds = 1}}};
    act(&s, P4, KEPT, &t);
    for (int v = P0; v <= P2; v++)
        about(&s, v, TX_COMMIT, KEPT, take);
    block(&s, SAVE);
    about(&s, P4, TX_OPEN, KEPT, take);
    for (int v = P0; v <= P2; v++)
        about(&s, v, TX_REVEAL, KEPT, take);
    t = (struct tx){.type = TX_REFUND, .refund = {.of = other}};
    act(&s, P5, 0, &t);
    block(&s, 5);
    block(&s, 5);
    end(&s, put, "job");
}

static void put_tournament(make_put *put)
{
    struct script s;
    begin(&s, 0);
    struct tx t = {.type = TX_TASK, .task = {.numeric = "msn1", .folds = 2, .pool = 10, .full_pay_ppm = 1000, .approvals = 1}};
    struct hash task = act(&s, P5, 0, &t);
    t = (struct tx){.type = TX_SEAL, .seal = {.task = task, .first = 1, .n = 2}};
    struct hash seal = act(&s, P1, KEPT, &t);
    act(&s, P2, KEPT | OTHER, &t);
    block(&s, 5);
    t = (struct tx){.type = TX_OUTCOME, .outcome = {.task = task, .first = 1, .n = 2, .up = 1}};
    t.outcome.until_us[0] = t.outcome.until_us[1] = 100000000;
    act(&s, P5, 0, &t);
    block(&s, SAVE);
    t = (struct tx){.type = TX_REVEAL_SEAL, .reveal_seal = {.seal = seal}};
    act(&s, P1, 0, &t);
    block(&s, 5);
    end(&s, put, "tournament");
}

/* --- votes and what is made of them ---------------------------------------------------------------------------------- */

static void put_filled(make_put *put, const char *corpus, const char *name, const struct fill *f, int first,
                       const struct bytes *b)
{
    struct bytes out = {0};
    if (first >= 0)
        bytes_put_u8(&out, (uint8_t)first);
    fill_in(f, b->data, b->n, &out);
    put(corpus, name, out.data, out.n);
    bytes_free(&out);
}

static void put_votes(make_put *put, const struct fill *f)
{
    static const char *const name[] = {"proposal", "prevote", "precommit"};
    struct bytes b = {0};
    for (int step = 0; step < 3; step++) {
        struct vote v = vote_of(f, step, (enum vote_step)step, 5, (uint32_t)step, 1);
        bytes_clear(&b);
        vote_encode(&v, &b);
        put_filled(put, "vote", name[step], f, -1, &b);
    }
    struct vote other = vote_of(f, 2, VOTE_PRECOMMIT, 5, 2, 2);
    vote_encode(&other, &b);
    put_filled(put, "vote", "conflict", f, -1, &b);
    bytes_free(&b);
}

static void put_certificates(make_put *put, const struct fill *f)
{
    struct certificate c = {.height = 5, .round = 1, .block = id(1), .n = 3};
    struct bytes b = {0};
    for (int i = 0; i < 3; i++) {
        c.signer[i].voting = f->voting[i];
        c.signer[i].signature = (struct key_signature){"FUZZSIGN"};
    }
    certificate_encode(&c, &b);
    put_filled(put, "certificate", "three-of-four", f, 0x55, &b);
    bytes_free(&b);
}

static void put_guards(make_put *put, const struct fill *f)
{
    struct guard_state g = {.chain = f->chain, .voting = f->voting[0], .any = true, .hold = 3};
    struct bytes b = {0};
    g.last = vote_of(f, 0, VOTE_PREVOTE, 5, 2, 1);
    g.locked = (struct consensus_mark){.next = 1, .id = id(1)};
    g.valid = (struct consensus_mark){.next = 2, .id = id(2)};
    guard_encode(&g, &b);
    b.n -= HASH_BYTES;
    put_filled(put, "guard", "voted", f, -1, &b);
    g = (struct guard_state){.chain = f->chain, .voting = f->voting[1]};
    bytes_clear(&b);
    guard_encode(&g, &b);
    b.n -= HASH_BYTES;
    put_filled(put, "guard", "empty", f, -1, &b);
    bytes_free(&b);
}

static void say(struct bytes *out, const struct fill *f, unsigned what, const struct bytes *b)
{
    bytes_put_u8(out, (uint8_t)what);
    fill_in(f, b->data, b->n, out);
    bytes_put_u8(out, FILL_END);
}

static void put_messages(make_put *put, const struct fill *f)
{
    struct bytes out = {0}, b = {0}, file = {0};
    bytes_put_u8(&out, 'W');
    for (int i = 0; i < 3; i++) {
        struct vote v = vote_of(f, i, VOTE_PREVOTE, 5, 0, i - 1);
        bytes_clear(&b);
        vote_encode(&v, &b);
        say(&out, f, 1, &b);
        pool_file_encode(&file, POOL_VOTE, 0, b.data, b.n);
    }
    struct vote p = vote_of(f, 3, VOTE_PROPOSAL, 5, 0, 1);
    for (int turn = 0; turn < 4; turn++) { /* one of them has its turn */
        p.voting = f->voting[turn];
        bytes_clear(&b);
        vote_encode(&p, &b);
        memmove(b.data + 49, b.data + 49 + HASH_BYTES, b.n - 49 - HASH_BYTES); /* the block's id is filled in */
        b.n -= HASH_BYTES;
        say(&out, f, 2, &b);
    }
    bytes_clear(&b);
    bytes_put_u8(&b, 9);
    say(&out, f, 0, &b);
    say(&out, f, 3, &file);
    put("message", "written", out.data, out.n);
    out.data[0] = 0;
    put("message", "each", out.data, out.n);
    bytes_free(&out);
    bytes_free(&b);
    bytes_free(&file);
}

void make_many_corpus(make_put *put)
{
    static struct script s;
    put_validation(put);
    put_closed(put);
    put_dispute(put);
    put_validators(put);
    put_market(put, 0, "market-closed");
    put_market(put, 5, "market-many");
    put_job(put);
    put_tournament(put);
    begin(&s, 0); /* its parties and ids */
    bytes_free(&s.out);
    put_votes(put, &s.f);
    put_certificates(put, &s.f);
    put_guards(put, &s.f);
    put_messages(put, &s.f);
}
