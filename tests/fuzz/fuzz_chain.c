/* Everything of the chain that reads bytes from elsewhere. The first byte of an input chooses the decoder, the rest is
 * its input. A decoder refuses, or gives a value whose encoding is exactly what was read.
 *
 *   fuzz_chain [FILE...]           replays files (default: the corpus), then ROUNDS damaged copies of each
 *   fuzz_chain -r N [FILE...]      N damaged copies
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DFUZZ_LIBFUZZER and this file, src/chain and src/base. */
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "chain/block.h"
#include "chain/codec.h"
#include "chain/keystore.h"
#include "chain/ledger.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MOST (1u << 20)
#define ROUNDS 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char folder[256]; /* for the decoders that read files */

static void same(const struct bytes *again, const uint8_t *data, size_t n)
{
    ASSERT(again->n == n && memcmp(again->data, data, n) == 0);
}

static void fuzz_tx(const uint8_t *data, size_t n)
{
    struct tx tx;
    struct bytes b = {0};
    if (tx_decode(data, n, &tx, NULL)) {
        tx_encode(&tx, &b);
        same(&b, data, n);
        tx_check_signature(&tx, NULL);
    }
    bytes_free(&b);
}

static void fuzz_show(const uint8_t *data, size_t n)
{
    struct tx tx;
    struct text t = {0};
    struct bytes b = {0};
    char word[64];
    if (tx_show(data, n, &t, NULL)) {
        for (size_t i = 0; i < t.n; i++)
            ASSERT(t.data[i] == '\n' || ((unsigned char)t.data[i] >= 0x20 && t.data[i] != 0x7f));
        ASSERT(tx_decode_unsigned(data, n, &tx, NULL));
        tx_signing_bytes(&tx, &b);
        same(&b, data, n);
        tx_confirm_word(data, n, word, sizeof word);
    }
    text_free(&t);
    bytes_free(&b);
}

static void fuzz_genesis(const uint8_t *data, size_t n)
{
    struct genesis *g = NEW(struct genesis);
    struct bytes b = {0};
    if (genesis_decode(data, n, g, NULL)) {
        genesis_encode(g, &b);
        same(&b, data, n);
        struct state *s = state_new(g, NULL);
        ASSERT(s && state_audit(s, NULL));
        state_free(s);
    }
    bytes_free(&b);
    free(g);
}

static void fuzz_block(const uint8_t *data, size_t n)
{
    struct block b = {.txs = 0};
    struct bytes again = {0};
    if (block_decode(data, n, &b, NULL)) {
        codec_put_hash(&again, b.parent);
        bytes_put_i64(&again, b.time_us);
        codec_put_public(&again, &b.proposer);
        codec_put_hash(&again, b.state);
        bytes_put_u32(&again, (uint32_t)b.txs);
        for (size_t i = 0; i < b.txs; i++)
            bytes_put_blob(&again, b.tx[i].data, b.tx[i].n);
        codec_put_signature(&again, &b.signature);
        same(&again, data, n);
        block_check_signature(data, &b, NULL);
    }
    block_free(&b);
    bytes_free(&again);
}

static void put_file(const char *name, const uint8_t *data, size_t n, char path[FILE_PATH_MAX])
{
    file_join(path, FILE_PATH_MAX, folder, name);
    FILE *out = fopen(path, "wb");
    ASSERT(out && fwrite(data, 1, n, out) == n && fclose(out) == 0);
}

static void fuzz_file(const uint8_t *data, size_t n)
{
    char path[FILE_PATH_MAX];
    struct ledger_verdict v;
    put_file("blocks.msc", data, n, path);
    bool good = ledger_verify(folder, &v, NULL, NULL, NULL, NULL);
    struct ledger *l = ledger_open(folder, false, NULL);
    ASSERT(good == (l != NULL));
    ledger_close(l);
    unlink(path);
}

static void fuzz_key(const uint8_t *data, size_t n)
{
    char path[FILE_PATH_MAX];
    struct key_info info;
    put_file("fuzz.key", data, n, path);
    key_inspect(path, &info, NULL);
    unlink(path);
}

static void fuzz_address(const uint8_t *data, size_t n)
{
    char text[128], again[KEY_ADDRESS_MAX];
    struct address a;
    size_t length = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (address_parse(text, &a, NULL)) {
        address_text(a, again);
        ASSERT(text_equal(text, again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const decoder[])(const uint8_t *, size_t) = {fuzz_tx,   fuzz_show, fuzz_genesis, fuzz_block,
                                                              fuzz_file, fuzz_key,  fuzz_address};
    if (!folder[0]) {
        const char *tmp = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/msfuzz-XXXXXX", tmp && strlen(tmp) < 200 ? tmp : "/tmp");
        ASSERT(mkdtemp(folder));
        hash_start();
    }
    if (n > 0 && data[0] < ARRAY_N(decoder))
        decoder[data[0]](data + 1, n - 1);
    return 0;
}

#ifndef FUZZ_LIBFUZZER

static int inputs;

static void damage(struct random *r, struct bytes *b)
{
    for (uint32_t i = 0, changes = 1 + random_below(r, 4); i < changes && b->n > 1; i++) {
        uint32_t at = 1 + random_below(r, (uint32_t)b->n - 1);
        switch (random_below(r, 4)) {
        case 0:
            b->data[at] ^= (uint8_t)(1 << random_below(r, 8));
            break;
        case 1:
            b->data[at] = (uint8_t)(random_below(r, 2) ? 0xff : random_below(r, 256));
            break;
        case 2:
            b->n = at;
            break;
        default:
            bytes_put(b, "\0\0\0\0\xff\xff\xff\xff", random_below(r, 9));
        }
    }
}

static void replay(const char *path, int rounds)
{
    struct bytes in = {0}, bad = {0};
    struct random r = random_start((uint64_t)inputs, RANDOM_TEST, 1, 0);
    struct error err;
    if (!file_read(path, INPUT_MOST, &in, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    LLVMFuzzerTestOneInput(in.data, in.n);
    for (int i = 0; i < rounds; i++) {
        bytes_clear(&bad);
        bytes_put(&bad, in.data, in.n);
        damage(&r, &bad);
        uint8_t *exact = memory_copy(bad.data, bad.n); /* so that a read behind the end is seen */
        LLVMFuzzerTestOneInput(exact, bad.n);
        free(exact);
    }
    bytes_free(&in);
    bytes_free(&bad);
    inputs++;
}

static void replay_corpus(int rounds)
{
    char path[FILE_PATH_MAX], file[FILE_PATH_MAX];
    const char *srcdir = getenv("srcdir");
    file_join(path, sizeof path, srcdir ? srcdir : ".", "tests/fuzz/corpus/chain");
    DIR *dir = opendir(path);
    if (!dir) {
        fprintf(stderr, "no corpus in %s\n", path);
        exit(1);
    }
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        if (d->d_name[0] != '.') {
            file_join(file, sizeof file, path, d->d_name);
            replay(file, rounds);
        }
    closedir(dir);
}

int main(int argc, char **argv)
{
    int64_t rounds = ROUNDS;
    int at = 1;
    if (argc > 2 && text_equal(argv[1], "-r") && text_parse_int(argv[2], 0, 1 << 30, &rounds))
        at = 3;
    if (at == argc)
        replay_corpus((int)rounds);
    for (; at < argc; at++)
        replay(argv[at], (int)rounds);
    rmdir(folder);
    printf("%d inputs and %d damaged copies of each\n", inputs, (int)rounds);
    return inputs > 0 ? 0 : 1;
}

#endif
