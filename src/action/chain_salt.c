/* The salts of what is promised before it is shown. They come from the key and from what they belong to, so nobody has
 * to remember them, and nobody else can guess what they hide. */
#include "action/chain_internal.h"
#include "chain/codec.h"

static struct hash salt_of(const struct key *key, const char *purpose, struct bytes *b)
{
    struct hash salt = key_salt(key, purpose, b->data, b->n);
    bytes_free(b);
    return salt;
}

/* Known before the announcement, whose commitment covers the hidden root. */
struct hash chain_salt_root(const struct chain_draft *d, struct hash task, const struct claim *c)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, task);
    bytes_put_text(&b, c->arch);
    tx_finding_encode(&c->run.finding, &b);
    return salt_of(d->key, "root", &b);
}

struct hash chain_salt_announce(const struct chain_draft *d, struct hash task, const struct tx_propose *content)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, task);
    tx_content_encode(content, &b);
    return salt_of(d->key, "announce", &b);
}

struct hash chain_salt_attest(const struct chain_draft *d, struct hash proposal, const struct tx_finding *finding)
{
    struct bytes b = {0};
    codec_put_hash(&b, ledger_id(d->ledger));
    codec_put_hash(&b, proposal);
    tx_finding_encode(finding, &b);
    return salt_of(d->key, "attest", &b);
}

bool chain_needs_key(const struct chain_draft *d, struct error *err)
{
    return d->key || error_set(err, ERROR_KEY,
                               "what would be signed holds salts that come from the key: give the passphrase "
                               "(--passphrase-fd) for the draft too");
}
