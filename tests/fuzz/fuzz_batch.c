/* Prepared and signed files: refused, or encoded again as what was read; and what a person is shown before signing holds
 * no control character. The input's first byte tells whether it is the whole file ('0') or the part before the hash, spelt
 * as in fuzz_fill.h, which is put behind it ('1'). */
#include "fuzz_fill.h"

#include "base/text.h"
#include "chain/batch.h"
#include "chain/codec.h"

const char fuzz_corpus[] = "batch";

static void check_shown(const struct batch *b)
{
    struct text shown = {0};
    ASSERT(batch_show(b->tx, b->n, &shown, NULL));
    for (size_t i = 0; i < shown.n; i++)
        ASSERT(shown.data[i] == '\n' || ((unsigned char)shown.data[i] >= 0x20 && shown.data[i] != 0x7f));
    text_free(&shown);
}

static void check_file(const uint8_t *data, size_t n)
{
    struct batch b = {0};
    struct bytes again = {0}, all = {0};
    struct error err = {0};
    if (batch_decode(&b, data, n, &err)) {
        batch_encode(&b, &again);
        ASSERT(again.n == n && memcmp(again.data, data, n) == 0);
        batch_bytes(b.tx, b.n, &all);
        check_shown(&b);
    } else {
        ASSERT(b.n == 0 && b.tx == NULL && err.text[0] != '\0');
        ASSERT(err.kind == ERROR_CHAIN || err.kind == ERROR_LIMIT);
    }
    batch_free(&b);
    bytes_free(&again);
    bytes_free(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fill f;
    struct bytes b = {0};
    hash_start();
    if (!f.who[0].byte[0])
        fill_start(&f);
    if (n > 0 && data[0] == '0')
        check_file(data + 1, n - 1);
    if (n > 0 && data[0] == '1' && fill_out(&f, data + 1, n - 1, &b)) {
        codec_put_hash(&b, hash_of(b.data, b.n));
        check_file(b.data, b.n);
    }
    bytes_free(&b);
    return 0;
}
