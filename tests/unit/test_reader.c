/* blocks.msc and pool/ as anybody may leave them: no plain file, all zeros, longer or shorter than they were, full of
 * what looks like blocks, a folder of junk. What is refused says why; nothing is read or hashed without bounds. */
#include "test_support.h"

#include "base/file.h"
#include "chain/block.h"
#include "chain/reader.h"
#include "tests/unit/chain_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#define TEN_GIB ((off_t)10 << 30)
#define JUNK 131073 /* one more than is looked at */

static struct fixture f;
static char blocks[200];

static void write_blocks(const void *data, size_t n)
{
    FILE *out = fopen(blocks, "wb");
    assert_true(out && fwrite(data, 1, n, out) == n && fclose(out) == 0);
}

static void seal(struct ledger *l)
{
    uint64_t height;
    struct hash id;
    assert_true(ledger_seal(l, f.key[VAL], START_US + 9, &height, &id, NULL));
}

/* Genesis and two blocks. */
static void make_chain(void)
{
    assert_true(ledger_create(f.chain, &f.genesis, NULL));
    struct ledger *l = ledger_open(f.chain, true, NULL);
    assert_non_null(l);
    seal(l);
    seal(l);
    ledger_close(l);
}

static void refused(const char *because)
{
    struct error err = {0};
    struct ledger_verdict v;
    assert_null(ledger_open(f.chain, false, &err));
    if (!strstr(err.text, because))
        fail_msg("'%s' does not say '%s'", err.text, because);
    assert_false(ledger_verify(f.chain, &v, NULL, NULL, NULL, &err));
    if (!strstr(err.text, because))
        fail_msg("verify: '%s' does not say '%s'", err.text, because);
}

static void test_no_file(void **state)
{
    (void)state;
    make_chain();
    assert_int_equal(unlink(blocks), 0);
    assert_int_equal(mkfifo(blocks, 0600), 0);
    refused("is not a regular file");
    assert_int_equal(unlink(blocks), 0);
    assert_int_equal(mkdir(blocks, 0700), 0);
    refused("is not a regular file");
    assert_int_equal(rmdir(blocks), 0);
    assert_int_equal(symlink("/dev/zero", blocks), 0);
    refused("is not a regular file");
}

static void test_zeros(void **state)
{
    (void)state;
    make_chain();
    assert_int_equal(truncate(blocks, 0), 0);
    assert_int_equal(truncate(blocks, TEN_GIB), 0);
    refused("block 0 at byte 0: no frame begins here");
}

/* A block's rest that is longer than any block is no unfinished block: it is not cut, and not read into memory. */
static void test_zeros_behind(void **state)
{
    (void)state;
    make_chain();
    int64_t size = file_size(blocks);
    struct error err = {0};
    assert_int_equal(truncate(blocks, TEN_GIB), 0);
    refused("more than an unfinished block can be");
    assert_null(ledger_open(f.chain, true, &err));
    assert_non_null(strstr(err.text, "more than an unfinished block can be"));
    assert_int_equal(file_size(blocks), TEN_GIB);
    assert_int_equal(truncate(blocks, size), 0);
    struct ledger *l = ledger_open(f.chain, true, &err);
    assert_non_null(l);
    ledger_close(l);
}

/* The length is that of the opening: what is cut off later is missed, in the middle of a frame and between two. */
static void test_shrinks(void **state)
{
    (void)state;
    make_chain();
    struct bytes all = {0}, data = {0};
    assert_true(file_read(blocks, 1 << 20, &all, NULL));
    for (size_t cut = 0; cut <= all.n; cut += 7) {
        struct reader r;
        struct frame frame;
        struct error err = {0};
        enum reader_result result;
        write_blocks(all.data, all.n);
        assert_true(reader_open(&r, blocks, &err));
        setvbuf(r.file, NULL, _IONBF, 0); /* nothing is read ahead */
        assert_int_equal(truncate(blocks, (off_t)cut), 0);
        while ((result = reader_next(&r, &frame, &data, &err)) == READER_FRAME)
            assert_true(r.offset <= cut);
        assert_int_equal(result, cut == all.n ? READER_END : READER_FAILED);
        if (cut < all.n) {
            assert_int_equal(err.kind, ERROR_IO);
            assert_non_null(strstr(err.text, "became shorter"));
        }
        reader_close(&r);
    }
    bytes_free(&all);
    bytes_free(&data);
}

/* What is appended meanwhile belongs to the next reading. */
static void test_grows(void **state)
{
    (void)state;
    make_chain();
    struct reader r;
    struct frame frame;
    struct bytes data = {0};
    int frames = 0;
    assert_true(reader_open(&r, blocks, NULL));
    struct ledger *l = ledger_open(f.chain, true, NULL);
    assert_non_null(l);
    seal(l);
    ledger_close(l);
    while (reader_next(&r, &frame, &data, NULL) == READER_FRAME)
        frames++;
    assert_int_equal(frames, 3);
    assert_int_equal(reader_next(&r, &frame, &data, NULL), READER_END);
    reader_close(&r);
    bytes_free(&data);
}

/* A header of the longest block at every 20 bytes: hashing each to its end would take days. */
static void test_headers(void **state)
{
    (void)state;
    make_chain();
    struct bytes all = {0}, one = {0};
    assert_true(file_read(blocks, 1 << 20, &all, NULL));
    size_t good = all.n;
    static uint8_t payload[1];
    struct frame h = {.type = FRAME_BLOCK, .height = 3, .payload_n = 1};
    block_frame_encode(&one, &h, payload, (struct hash){{0}});
    one.data[11] = 1; /* 16 MiB and 1 byte */
    while (all.n < good + (40u << 20))
        bytes_put(&all, one.data, FRAME_HEADER_BYTES);
    all.data[good] ^= 1;
    write_blocks(all.data, all.n);
    struct reader r;
    struct frame frame;
    struct bytes data = {0};
    uint64_t offset;
    assert_true(reader_open(&r, blocks, NULL));
    while (reader_next(&r, &frame, &data, NULL) == READER_FRAME)
        continue;
    assert_int_equal(r.offset, good);
    assert_false(reader_good_behind(&r, &offset));
    reader_close(&r);
    bytes_free(&all);
    bytes_free(&one);
    bytes_free(&data);
}

static void junk_path(char *out, size_t size, int i)
{
    char name[HASH_HEX];
    hash_hex(hash_of(&i, sizeof i), name);
    snprintf(out, size, "%s/pool/%s", f.chain, name);
}

static void test_pool_of_anything(void **state)
{
    char path[300];
    (void)state;
    make_chain();
    junk_path(path, sizeof path, 1);
    assert_int_equal(mkfifo(path, 0600), 0);
    junk_path(path, sizeof path, 2);
    assert_int_equal(mkdir(path, 0700), 0);
    junk_path(path, sizeof path, 3);
    assert_int_equal(symlink("/dev/zero", path), 0);
    junk_path(path, sizeof path, 4);
    assert_int_equal(symlink("nowhere", path), 0);
    junk_path(path, sizeof path, 5);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && ftruncate(fd, TEN_GIB) == 0 && close(fd) == 0);
    struct ledger *l = ledger_open(f.chain, true, NULL);
    assert_non_null(l);
    assert_int_equal(ledger_pool_refused(l), 4); /* a link to nothing is as good as vanished */
    seal(l);
    ledger_close(l);
}

static void test_pool_of_junk(void **state)
{
    char path[300];
    (void)state;
    make_chain();
    for (int i = 0; i < JUNK; i++) {
        junk_path(path, sizeof path, i);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    struct ledger *l = ledger_open(f.chain, true, NULL);
    assert_non_null(l);
    assert_int_equal(ledger_pool_refused(l), JUNK);
    ledger_close(l);
}

/* objects/HASH that is none. */
static void test_objects(void **state)
{
    char path[300], hex[HASH_HEX];
    struct hash id = hash_of_text("abc");
    struct bytes b = {0};
    struct error err = {0};
    (void)state;
    make_chain();
    hash_hex(id, hex);
    snprintf(path, sizeof path, "%s/objects/%s", f.chain, hex);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(ledger_object_get(f.chain, id, &b, &err));
    assert_non_null(strstr(err.text, "a FIFO"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(ledger_object_get(f.chain, id, &b, &err));
    assert_non_null(strstr(err.text, "a folder"));
    assert_false(ledger_object_put(f.chain, "abc", 3, &id, &err));
    assert_int_equal(rmdir(path), 0);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && ftruncate(fd, TEN_GIB) == 0 && close(fd) == 0);
    assert_false(ledger_object_get(f.chain, id, &b, &err));
    assert_non_null(strstr(err.text, "larger than"));
    assert_true(b.capacity < (256u << 20));
    assert_true(ledger_object_put(f.chain, "abc", 3, &id, &err)); /* replaced by a good one */
    assert_true(ledger_object_get(f.chain, id, &b, &err));
    bytes_free(&b);
}

static int start(void **state)
{
    (void)state;
    fixture_start(&f);
    file_join(blocks, sizeof blocks, f.chain, "blocks.msc");
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_no_file), TEST(test_zeros), TEST(test_zeros_behind),
                                       TEST(test_shrinks), TEST(test_grows), TEST(test_headers),
                                       TEST(test_pool_of_anything), TEST(test_pool_of_junk), TEST(test_objects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
