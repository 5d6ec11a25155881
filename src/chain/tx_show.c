#include "chain/tx/kind.h"
#include "chain/words.h"

bool tx_show(const void *bytes_to_sign, size_t n, struct text *out, struct error *err)
{
    struct tx tx;
    if (!tx_decode_unsigned(bytes_to_sign, n, &tx, err))
        return false;
    const struct tx_kind *kind = tx_kind_of(tx.type);
    text_printf(out, "%s: %s\n", kind->name, kind->about);
    show_hash(out, "chain", tx.chain);
    show_address(out, "sender", key_address(&tx.sender));
    show_public(out, "public key", &tx.sender);
    show_count(out, "nonce", tx.nonce);
    show_amount(out, "fee", tx.fee);
    kind->describe(&tx, out);
    return true;
}

void tx_confirm_word(const void *bytes_to_sign, size_t n, char *out, size_t size)
{
    struct hash h = hash_of(bytes_to_sign, n);
    snprintf(out, size, "%s-%s", words_list[h.byte[0]], words_list[h.byte[1]]);
}
