/* Certificates: refused, or encoded again as what was read. One that is accepted by the rules has signers of the set
 * alone, each once, with more than two thirds of its power, and its votes make one that is accepted. The input is spelt
 * as in fuzz_fill.h; its first byte gives each of four seats a power. */
#include "fuzz_fill.h"

#include "chain/certificate.h"

const char fuzz_corpus[] = "certificate";

#define SEATS 4

static void check_accepted(const struct certificate *c, struct hash chain, const struct rotation *set)
{
    static struct vote vote[ROTATION_SEATS_MAX];
    static struct certificate again;
    uint64_t power = 0;
    for (int i = 0; i < c->n; i++) {
        vote[i] = certificate_vote(c, chain, i);
        ASSERT(i == 0 || memcmp(c->signer[i - 1].voting.byte, c->signer[i].voting.byte, KEY_PUBLIC_BYTES) < 0);
        power += set->seat[rotation_find(set, &c->signer[i].voting)].power;
    }
    ASSERT(3 * power > 2 * rotation_power(set));
    ASSERT(certificate_build(&again, set, c->height, c->round, c->block, vote, (size_t)c->n));
    ASSERT(certificate_check(&again, chain, set, NULL) && again.n == c->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill f;
    static struct certificate c;
    struct rotation set = {.n = SEATS};
    struct bytes in = {0}, again = {0};
    hash_start();
    if (!f.who[0].byte[0])
        fill_start(&f);
    if (n < 1 || !fill_out(&f, data + 1, n - 1, &in)) {
        bytes_free(&in);
        return 0;
    }
    for (int i = 0; i < SEATS; i++)
        set.seat[i] = (struct rotation_seat){.voting = f.voting[i], .power = UINT64_C(1) << (data[0] >> 2 * i & 3)};
    if (certificate_decode(in.data, in.n, &c, NULL)) {
        certificate_encode(&c, &again);
        ASSERT(again.n == in.n && memcmp(again.data, in.data, in.n) == 0);
        if (certificate_check(&c, f.chain, &set, NULL))
            check_accepted(&c, f.chain, &set);
    }
    bytes_free(&in);
    bytes_free(&again);
    return 0;
}
