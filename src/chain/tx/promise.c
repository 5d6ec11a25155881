/* What is promised before it is shown: the hashes of commitments. */
#include "chain/tx/kind.h"

static struct hash hash_free(struct bytes *b)
{
    struct hash h = hash_of(b->data, b->n);
    bytes_free(b);
    return h;
}

static void put_domain(struct bytes *b, const char *domain)
{
    bytes_put(b, domain, strlen(domain) + 1); /* with its NUL: nothing that begins with a domain is another's */
}

struct hash tx_announce_commitment(struct hash salt, const struct key_public *sender, const struct tx_propose *content)
{
    struct bytes b = {0};
    put_domain(&b, "morphsmith announce");
    codec_put_hash(&b, salt);
    codec_put_public(&b, sender);
    tx_content_encode(content, &b);
    return hash_free(&b);
}

struct hash tx_hidden_root(struct hash salt, struct hash trace_root, struct hash weights)
{
    struct bytes b = {0};
    put_domain(&b, "morphsmith root");
    codec_put_hash(&b, salt);
    codec_put_hash(&b, trace_root);
    codec_put_hash(&b, weights);
    return hash_free(&b);
}

struct hash tx_attest_commitment(struct hash salt, const struct key_public *sender, struct hash proposal,
                                 const struct tx_finding *finding)
{
    struct bytes b = {0};
    put_domain(&b, "morphsmith attest");
    codec_put_hash(&b, salt);
    codec_put_public(&b, sender);
    codec_put_hash(&b, proposal);
    tx_finding_encode(finding, &b);
    return hash_free(&b);
}

struct hash tx_seal_commitment(struct hash salt, const struct key_public *sender, struct hash task, uint32_t first,
                               uint32_t n, uint64_t up)
{
    struct bytes b = {0};
    put_domain(&b, "morphsmith seal");
    codec_put_hash(&b, salt);
    codec_put_public(&b, sender);
    codec_put_hash(&b, task);
    bytes_put_u32(&b, first);
    bytes_put_u32(&b, n);
    bytes_put_u64(&b, up);
    return hash_free(&b);
}

struct hash tx_shown(struct hash evidence, struct hash trace_root, struct hash weights, struct hash leaves)
{
    struct bytes b = {0};
    put_domain(&b, "morphsmith shown");
    codec_put_hash(&b, evidence);
    codec_put_hash(&b, trace_root);
    codec_put_hash(&b, weights);
    codec_put_hash(&b, leaves);
    return hash_free(&b);
}
