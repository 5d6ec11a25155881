/* The consensus machine: whatever votes, blocks and timeouts arrive, it asks for nothing to be signed that its guard would
 * refuse, decides one block at most, with a certificate that the rules accept, and accuses only who is guilty.
 *
 * Input: the first byte's low two bits are one's own seat of four with equal power (0x04: none, watches). Then operations of
 * five bytes: what (low two bits: 0 a vote, 1 a block, 2 a timeout, 3 start) and of a vote its seat (next two) and step
 * (next two); round; valid round + 1; number of the block (0: nil); of a block how good it is. */
#include "fuzz_fill.h"

#include "chain/certificate.h"
#include "chain/consensus.h"
#include "chain/guard.h"

const char fuzz_corpus[] = "consensus";

#define SEATS 4
#define HEIGHT 5
#define STEPS 64
#define OWN_BLOCK 0xf0

struct run {
    struct consensus *c;
    struct fill *fill;
    struct rotation set;
    struct guard_state guard;
    int me, decided;
};

static struct hash block_id_of(unsigned k)
{
    return (struct hash){{(uint8_t)k}}; /* 0: nil */
}

static void sign(struct run *r, const struct consensus_action *a, enum vote_step step, struct hash id)
{
    struct vote v = {.chain = r->fill->chain, .step = step, .height = HEIGHT, .round = a->round, .block = id,
                     .voting = r->fill->voting[r->me], .signature = {"FUZZSIGN"}};
    struct consensus_record record = a->record;
    v.valid = step == VOTE_PROPOSAL ? a->valid : 0;
    enum guard_answer answer = guard_ask(&r->guard, &v, NULL);
    ASSERT(answer == GUARD_NEW);
    guard_note(&r->guard, &v, &record);
    consensus_vote(r->c, &v);
}

static void propose(struct run *r, const struct consensus_action *a)
{
    struct hash id = a->valid ? a->id : block_id_of(OWN_BLOCK | (a->round & 15));
    sign(r, a, VOTE_PROPOSAL, id);
    if (!a->valid)
        consensus_block(r->c, id, a->round, CONSENSUS_GOOD);
}

static void decide(struct run *r, const struct consensus_action *a)
{
    static struct certificate c;
    static struct vote vote[ROTATION_SEATS_MAX];
    ASSERT(r->decided++ == 0 && !hash_is_zero(a->id));
    int n = consensus_certificate(r->c, a->round, a->id, vote);
    ASSERT(certificate_build(&c, &r->set, HEIGHT, a->round, a->id, vote, (size_t)n));
    ASSERT(certificate_check(&c, r->fill->chain, &r->set, NULL));
}

static void obey(struct run *r)
{
    struct consensus_action a;
    while (consensus_next(r->c, &a)) {
        ASSERT(r->decided == 0 || a.act == CONSENSUS_EVIDENCE);
        if (a.act == CONSENSUS_SIGN) {
            ASSERT(r->me >= 0 && a.step != VOTE_PROPOSAL);
            sign(r, &a, a.step, a.id);
        } else if (a.act == CONSENSUS_PROPOSE) {
            ASSERT(r->me >= 0 && rotation_proposer(&r->set, a.round) == r->me);
            propose(r, &a);
        } else if (a.act == CONSENSUS_DECIDE) {
            decide(r, &a);
        } else if (a.act == CONSENSUS_EVIDENCE) {
            ASSERT(vote_conflict(&a.a, &a.b));
            ASSERT(r->me < 0 || memcmp(&a.a.voting, &r->fill->voting[r->me], sizeof a.a.voting) != 0);
        }
    }
}

static void hear(struct run *r, const uint8_t op[5])
{
    unsigned step = op[0] >> 4 & 3, seat = op[0] >> 2 & 3;
    struct vote v = {.chain = r->fill->chain, .step = (enum vote_step)(step % 3), .height = HEIGHT, .round = op[1],
                     .block = block_id_of(op[3]), .voting = r->fill->voting[seat], .signature = {"FUZZSIGN"}};
    static struct bytes b;
    if (v.step == VOTE_PROPOSAL)
        v.valid = op[2];
    bytes_clear(&b);
    vote_encode(&v, &b);
    if ((int)seat != r->me && vote_decode(b.data, b.n, &v, NULL)) /* in form; nobody has one's own key */
        consensus_vote(r->c, &v);
}

static void step(struct run *r, const uint8_t op[5])
{
    switch (op[0] & 3) {
    case 0:
        hear(r, op);
        break;
    case 1:
        if (op[3])
            consensus_block(r->c, block_id_of(op[3]), op[1], (enum consensus_opinion)(op[4] % 3));
        break;
    case 2:
        consensus_timeout(r->c, op[1], (enum vote_step)((op[0] >> 4 & 3) % 3));
        break;
    default:
        consensus_start(r->c);
    }
    obey(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill fill;
    struct run r = {.fill = &fill, .set = {.n = SEATS}};
    hash_start();
    if (!fill.who[0].byte[0])
        fill_start(&fill);
    r.me = n && !(data[0] & 4) ? data[0] & 3 : -1;
    for (int i = 0; i < SEATS; i++)
        r.set.seat[i] = (struct rotation_seat){.voting = fill.voting[i], .power = 10};
    struct consensus_config config = {.chain = fill.chain, .height = HEIGHT, .set = r.set, .votes = r.me >= 0};
    if (r.me >= 0)
        config.voting = r.guard.voting = fill.voting[r.me];
    r.guard.chain = fill.chain;
    r.c = consensus_new(&config);
    obey(&r);
    for (size_t at = 1, steps = 0; at + 5 <= n && steps < STEPS; at += 5, steps++)
        step(&r, data + at);
    consensus_free(r.c);
    return 0;
}
