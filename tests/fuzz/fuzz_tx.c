/* Transactions: refused, or encoded again as exactly what was read; and what a person is shown before signing holds no
 * control character. */
#include "fuzz.h"

#include "chain/tx.h"

const char fuzz_corpus[] = "tx";

static void same(struct bytes *again, const uint8_t *data, size_t n)
{
    ASSERT(again->n == n && memcmp(again->data, data, n) == 0);
    bytes_free(again);
}

static void check_signed(const uint8_t *data, size_t n)
{
    struct tx tx;
    struct bytes b = {0};
    bool alone = tx_check_signature_alone(data, n);
    if (!tx_decode(data, n, &tx, NULL))
        return;
    tx_encode(&tx, &b);
    same(&b, data, n);
    ASSERT(n >= TX_LEAST_BYTES);
    ASSERT(alone == tx_check_signature(&tx, NULL));
    ASSERT(hash_equal(tx_id(&tx), tx_id_of_bytes(data, n)));
}

static void check_shown(const uint8_t *data, size_t n)
{
    struct tx tx;
    struct text t = {0};
    struct bytes b = {0};
    char word[64];
    bool shown = tx_show(data, n, &t, NULL);
    ASSERT(shown == tx_decode_unsigned(data, n, &tx, NULL));
    if (shown) {
        for (size_t i = 0; i < t.n; i++)
            ASSERT(t.data[i] == '\n' || ((unsigned char)t.data[i] >= 0x20 && t.data[i] != 0x7f));
        tx_signing_bytes(&tx, &b);
        same(&b, data, n);
        tx_confirm_word(data, n, word, sizeof word);
    }
    text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    hash_start();
    check_signed(data, n);
    check_shown(data, n);
    if (n > KEY_SIGNATURE_BYTES) /* of a signed one, what was signed */
        check_shown(data, n - KEY_SIGNATURE_BYTES);
    return 0;
}
