/* tampering: every single bit of a small chain of all kinds flipped, every byte of its end cut off; and every bit of a
 * block flipped with the frames' hashes made to fit again. All refused. */
#include "test_support.h"

#include "tamper_chain.h"

#include "base/file.h"

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

static void test_flips(void **state)
{
    (void)state;
    write_all();
    int fd = open(chain.path, O_WRONLY);
    assert_true(fd >= 0);
    for (size_t i = 0; i < file.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            uint8_t flipped = (uint8_t)(file.data[i] ^ (1 << bit));
            assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
            refused_at(i, height_of(i), "a bit flipped");
            assert_int_equal(pwrite(fd, &file.data[i], 1, (off_t)i), 1);
        }
    close(fd);
    print_message("# %zu bits flipped\n", 8 * file.n);
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

/* The frames' hashes fit again. Every bit of a block lies under its proposer's signature, or under a transaction's and
 * the root. */
static void test_flips_hashed(void **state)
{
    struct scroll s = {.pages = 0};
    int flips = 0;
    (void)state;
    for (int i = 0; i < original.pages; i++) {
        scroll_copy(&s, &original);
        struct page *p = &s.page[i];
        struct bytes part[PAGE_TXS + 2] = {{p->header, sizeof p->header, 0}, {p->signature, sizeof p->signature, 0}};
        for (int k = 0; k < p->txs; k++)
            part[k + 2] = p->tx[k];
        for (int k = 0; k < p->txs + 2; k++)
            for (size_t at = 0; at < part[k].n; at++) {
                uint8_t bit = (uint8_t)(1 << ((at + (size_t)k) % 8));
                part[k].data[at] ^= bit;
                scroll_write(&s, chain.path);
                refused_at(at, i + 1, k < 2 ? "a bit of the header flipped and hashed" : "a bit flipped and hashed");
                part[k].data[at] ^= bit;
                flips++;
            }
    }
    scroll_free(&s);
    print_message("# %d bits flipped and hashed\n", flips);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_flips_hashed),
    };
    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
