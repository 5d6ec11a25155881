/* Messages of others for the next block: whatever comes in, in whatever order, the pool keeps what its bounds allow, all
 * of it well signed and by a seat of the set, and finds the same again in its folder.
 *
 * Input: 'W' where files are written, any other byte where not, which is faster; then operations, each ended by FD, spelt
 * as in fuzz_fill.h; the first byte of one tells what it is. Low two bits: 0 the round grows by the next byte, and the pool
 * is tidied; 1 a vote is offered; 2 a proposal, as the bytes of the vote's first fields and of the block's payload behind
 * them; 3 a whole file of another's pool. 0x04: under a name that is not its own. */
#include "fuzz_fill.h"
#include "fuzz_folder.h"

#include "chain/codec.h"
#include "chain/consensus.h"
#include "chain/message_pool.h"
#include "chain/pool_file.h"

const char fuzz_corpus[] = "message";

#define SEATS 4
#define HEIGHT 5
#define STEPS 24
/* What the machine takes of one seat in one step of a round: two votes, and those for blocks that more than a third, here
 * two seats, vote for. By the first two of each seat there are four such blocks at most. */
#define KEPT_MOST 6

static void set_seats(const struct fill *f, struct rotation *set)
{
    *set = (struct rotation){.n = SEATS};
    for (int i = 0; i < SEATS; i++)
        set->seat[i] = (struct rotation_seat){.voting = f->voting[i], .power = 10};
}

static bool take(void *context, const struct vote *v)
{
    return consensus_vote(context, v);
}

static void offer(struct message_pool *p, int type, const struct bytes *data, struct hash name)
{
    struct party_file file = {.name = name, .type = type, .data = data->data, .n = data->n};
    struct error why = {0};
    bool added, knew = message_pool_knows(p, name);
    size_t before = p->n;
    enum party_verdict v = message_pool_offer(p, &file, &added, &why);
    ASSERT(p->n == before + added && (!added || (v == PARTY_TAKEN && !knew && message_pool_knows(p, name))));
    ASSERT(v != PARTY_REFUSED || why.text[0] != '\0');
}

/* A block's header and as much behind it as was given, with the vote for it. */
static void offer_proposal(struct message_pool *p, const struct bytes *in, struct hash *name, bool misnamed)
{
    static const uint8_t zero[BLOCK_FIXED_BYTES];
    static struct bytes vote, payload, all;
    struct bytes exact = {0};
    const size_t before_id = 32 + 1 + 8 + 4 + 4, behind_id = 32 + 64;
    if (in->n < before_id + behind_id)
        return;
    bytes_clear(&vote);
    bytes_clear(&payload);
    bytes_clear(&all);
    bytes_put(&payload, in->data + before_id + behind_id, in->n - before_id - behind_id);
    if (payload.n < sizeof zero)
        bytes_put(&payload, zero, sizeof zero - payload.n);
    bytes_put(&vote, in->data, before_id);
    codec_put_hash(&vote, block_id(payload.data));
    bytes_put(&vote, in->data + before_id, behind_id);
    bytes_put_blob(&all, vote.data, vote.n);
    bytes_put_blob(&all, payload.data, payload.n);
    *name = hash_of(vote.data, vote.n);
    name->byte[0] ^= misnamed;
    fill_exact(all.data, all.n, &exact);
    offer(p, POOL_PROPOSAL, &exact, *name);
    bytes_free(&exact);
}

static void offer_file(struct message_pool *p, const struct bytes *in, bool misnamed)
{
    int type;
    uint64_t order;
    const uint8_t *data;
    size_t n;
    struct bytes again = {0}, message = {0};
    if (pool_file_decode(in->data, in->n, &type, &order, &data, &n, NULL)) {
        pool_file_encode(&again, (enum pool_type)type, order, data, n);
        ASSERT(again.n == in->n && memcmp(again.data, in->data, in->n) == 0);
        fill_exact(data, n, &message);
        struct hash name = hash_of(data, n);
        name.byte[0] ^= misnamed;
        if (type == POOL_VOTE || type == POOL_PROPOSAL)
            offer(p, type, &message, name);
    }
    bytes_free(&again);
    bytes_free(&message);
}

static void step(struct message_pool *p, const struct fill *f, unsigned what, const uint8_t *data, size_t n)
{
    struct bytes in = {0}, payload = {0};
    struct hash name = {{0}};
    bool misnamed = what & 4;
    if (!fill_out(f, data, n, &in))
        bytes_clear(&in);
    if ((what & 3) == 0) {
        uint32_t round = p->round + (in.n ? in.data[0] : 1);
        message_pool_tidy(p, round > ROTATION_ROUND_MOST ? ROTATION_ROUND_MOST : round, f->chain, f->chain);
    } else if ((what & 3) == 1) {
        name = hash_of(in.data, in.n);
        name.byte[0] ^= misnamed;
        offer(p, POOL_VOTE, &in, name);
    } else if ((what & 3) == 2) {
        offer_proposal(p, &in, &name, misnamed);
        for (size_t i = 0; i < p->n; i++)
            ASSERT(p->read_only || !hash_equal(p->message[i].name, name) ||
                   message_pool_payload(p, p->message[i].vote.block, &payload, NULL));
    } else {
        offer_file(p, &in, misnamed);
    }
    bytes_free(&in);
    bytes_free(&payload);
}

/* Bounds, and that nothing stands there which ought not to. */
static void check(const struct message_pool *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct vote *v = &p->message[i].vote;
        int same = 0;
        ASSERT(v->height == HEIGHT && hash_equal(v->chain, p->chain) && rotation_find(&p->set, &v->voting) >= 0);
        ASSERT(vote_check(v, NULL) && hash_equal(p->message[i].name, vote_hash(v)));
        for (size_t k = 0; k < p->n; k++) {
            const struct vote *o = &p->message[k].vote;
            same += o->step == v->step && o->round == v->round && memcmp(&o->voting, &v->voting, sizeof o->voting) == 0;
        }
        ASSERT(same <= KEPT_MOST);
    }
}

static void read_again(const struct message_pool *p)
{
    struct message_pool again = {.n = 0};
    ASSERT(message_pool_start(&again, fuzz_folder(), p->chain, HEIGHT, &p->set, NULL));
    ASSERT(again.n == p->n);
    for (size_t i = 0; i < p->n; i++)
        ASSERT(message_pool_knows(&again, p->message[i].name));
    ASSERT(message_pool_start(&again, fuzz_folder(), p->chain, HEIGHT + 1, &p->set, NULL)); /* removes the files */
    message_pool_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill f;
    static struct message_pool p;
    struct rotation set;
    hash_start();
    if (!f.who[0].byte[0])
        fill_start(&f);
    f.height = HEIGHT;
    set_seats(&f, &set);
    p.height = HEIGHT - 1; /* as if that had been followed: its folder is not read */
    ASSERT(message_pool_start(&p, fuzz_folder(), f.chain, HEIGHT, &set, NULL));
    struct consensus_config config = {.chain = f.chain, .height = HEIGHT, .set = set};
    struct consensus *machine = consensus_new(&config);
    p.wanted = take;
    p.context = machine;
    p.read_only = n == 0 || data[0] != 'W';
    for (size_t at = 1, steps = 0; at < n && steps < STEPS; steps++) {
        unsigned what = data[at++];
        size_t length = fill_length(data + at, n - at);
        step(&p, &f, what, data + at, length);
        at += length + 1;
    }
    check(&p);
    if (p.n && !p.read_only)
        read_again(&p);
    message_pool_free(&p);
    consensus_free(machine);
    return 0;
}
