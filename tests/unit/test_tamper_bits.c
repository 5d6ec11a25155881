/* tampering: bits of a small chain of all kinds flipped, every byte of its end cut off; bits flipped with the frames'
 * hashes made to fit again, and with the block sealed again by its validator. All refused, at the right block.
 *
 * Reading frames is asked about every bit; the whole verification, which checks signatures each time, about one bit of
 * every byte, or with MORPHSMITH_EVERY_BIT=1 about all (make check-tamper; a minute). */
#include "test_support.h"

#include "tamper_chain.h"

#include "base/file.h"
#include "chain/reader.h"

#include <fcntl.h>
#include <unistd.h>

static struct tamper chain;
static struct bytes file;
static struct scroll original;

static int chain_setup(void **state)
{
    (void)state;
    tamper_start(&chain, "bits", true);
    scroll_read(&original, chain.path);
    scroll_write(&original, chain.path);
    assert_true(file_read(chain.path, 1 << 20, &file, NULL));
    return 0;
}

static int chain_teardown(void **state)
{
    (void)state;
    scroll_free(&original);
    bytes_free(&file);
    tamper_end(&chain);
    return 0;
}

static int height_of(uint64_t offset)
{
    int height = 0;
    while (offset >= original.offset[height + 1])
        height++;
    return height;
}

/* Verifying says that the block is bad in which byte `at` is. */
static void refused_at(size_t at, int height, const char *what)
{
    struct ledger_verdict v;
    struct error err;
    error_clear(&err);
    bool good = ledger_verify(chain.chain, &v, NULL, NULL, NULL, &err);
    if (good || err.kind != ERROR_CHAIN || v.error_height != (uint64_t)height || v.error_offset != original.offset[height])
        fail_msg("%s at byte %zu of block %d: %s", what, at, height, good ? "a good chain" : v.reason);
}

static void write_all(void)
{
    FILE *out = fopen(chain.path, "wb");
    assert_true(out && fwrite(file.data, 1, file.n, out) == file.n && fclose(out) == 0);
}

/* The bits of byte number i to flip: all, or one, another with each byte. */
static uint8_t bits_of(size_t i)
{
    const char *every = getenv("MORPHSMITH_EVERY_BIT");
    return every && *every == '1' ? 0xff : (uint8_t)(1 << (i % 8));
}

static void flip_in_file(int fd, size_t at, uint8_t mask)
{
    uint8_t byte = (uint8_t)(file.data[at] ^ mask);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

static void test_flips(void **state)
{
    int flips = 0;
    (void)state;
    write_all();
    int fd = open(chain.path, O_WRONLY);
    assert_true(fd >= 0);
    for (size_t i = 0; i < file.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            if (!(bits_of(i) & 1 << bit))
                continue;
            flip_in_file(fd, i, (uint8_t)(1 << bit));
            refused_at(i, height_of(i), "a bit flipped");
            flip_in_file(fd, i, 0);
            flips++;
        }
    close(fd);
    print_message("# %d bits flipped and verified\n", flips);
}

static void test_flips_read(void **state)
{
    struct bytes data = {0};
    (void)state;
    write_all();
    int fd = open(chain.path, O_WRONLY);
    assert_true(fd >= 0);
    for (size_t i = 0; i < 8 * file.n; i++) {
        struct reader in;
        struct frame f;
        enum reader_result result;
        flip_in_file(fd, i / 8, (uint8_t)(1 << (i % 8)));
        assert_true(reader_open(&in, chain.path, NULL));
        do {
            result = reader_next(&in, &f, &data, NULL);
        } while (result == READER_FRAME);
        if (in.offset != original.offset[height_of(i / 8)] || (result != READER_BAD && result != READER_TORN))
            fail_msg("bit %zu of byte %zu: read up to byte %llu", i % 8, i / 8, (unsigned long long)in.offset);
        reader_close(&in);
        flip_in_file(fd, i / 8, 0);
    }
    close(fd);
    bytes_free(&data);
    print_message("# %zu bits flipped and read\n", 8 * file.n);
}

static void test_cuts(void **state)
{
    int whole = 0;
    (void)state;
    write_all();
    for (size_t n = file.n; n-- > 0;) {
        struct ledger_verdict v;
        assert_int_equal(truncate(chain.path, (off_t)n), 0);
        int height = n ? height_of(n) : 0;
        if (n == original.offset[height] && n > 0) { /* exactly behind a block: nothing in the file shows it */
            assert_true(ledger_verify(chain.chain, &v, NULL, NULL, NULL, NULL));
            assert_int_equal(v.height, height - 1);
            whole++;
        } else {
            refused_at(n, height, "cut");
        }
    }
    assert_int_equal(whole, original.pages);
    print_message("# cut at %zu places\n", file.n);
}

/* What is left of an attack on a block, when hashes are made to fit. */
static int flip_parts(struct scroll *s, int i, int first, const struct key *by, const char *what)
{
    struct page *p = &s->page[i];
    struct bytes part[PAGE_TXS + 2] = {{p->header, sizeof p->header, 0}, {p->signature, sizeof p->signature, 0}};
    int flips = 0;
    for (int k = 0; k < p->txs; k++)
        part[k + 2] = p->tx[k];
    for (int k = first; k < p->txs + 2; k++)
        for (size_t at = 0; at < 8 * part[k].n; at++) {
            uint8_t bit = (uint8_t)(1 << (at % 8));
            if (!(bits_of(at / 8 + (size_t)k) & bit))
                continue;
            part[k].data[at / 8] ^= bit;
            if (by)
                scroll_reseal(s, i + 1, true, by);
            scroll_write(s, chain.path);
            refused_at(at / 8, i + 1, what);
            part[k].data[at / 8] ^= bit;
            flips++;
        }
    return flips;
}

static void test_flips_hashed(void **state)
{
    struct scroll s = {.pages = 0};
    int hashed = 0, sealed = 0;
    (void)state;
    for (int i = 0; i < original.pages; i++) {
        scroll_copy(&s, &original);
        hashed += flip_parts(&s, i, 0, NULL, "a bit flipped and hashed");
        sealed += flip_parts(&s, i, 2, chain.key[VOTE], "a bit flipped and sealed by the validator");
    }
    scroll_free(&s);
    print_message("# %d bits flipped and hashed, %d sealed again\n", hashed, sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_flips_read),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_flips_hashed),
    };
    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
