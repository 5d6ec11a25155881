#include "chain/reader.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/codec.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/types.h>

bool reader_open(struct reader *r, const char *path, struct error *err)
{
    struct stat st;
    memset(r, 0, sizeof *r);
    if (stat(path, &st) != 0)
        return error_set_errno(err, ERROR_IO, "cannot open the chain %s", path);
    if (!S_ISREG(st.st_mode)) /* opening a FIFO would wait */
        return error_set(err, ERROR_IO, "%s is not a regular file", path);
    r->file = fopen(path, "rb");
    if (!r->file)
        return error_set_errno(err, ERROR_IO, "cannot open the chain %s", path);
    r->size = (uint64_t)st.st_size;
    return true;
}

void reader_close(struct reader *r)
{
    if (r->file)
        fclose(r->file);
    r->file = NULL;
}

/* Appends n bytes of the file to data. */
static bool read_more(struct reader *r, struct bytes *data, size_t n, struct error *err)
{
    data->data = memory_grow(data->data, &data->capacity, data->n + n, 1);
    size_t got = fread(data->data + data->n, 1, n, r->file);
    if (got != n)
        return error_set_errno(err, ERROR_IO, "cannot read the chain at byte %llu", (unsigned long long)r->offset);
    data->n += n;
    return true;
}

static enum reader_result torn(const struct reader *r, struct error *err)
{
    error_set(err, ERROR_CHAIN, "the file ends inside of this frame, %llu bytes behind its start",
              (unsigned long long)(r->size - r->offset));
    return READER_TORN;
}

static bool belongs_here(const struct reader *r, const struct frame *f, struct error *err)
{
    enum frame_type expected = r->height == 0 ? FRAME_GENESIS : FRAME_BLOCK;
    if (f->type != expected)
        return error_set(err, ERROR_CHAIN, "a frame of type %d where one of type %d belongs", (int)f->type,
                         (int)expected);
    if (f->height != r->height)
        return error_set(err, ERROR_CHAIN, "the frame says height %llu where %llu belongs",
                         (unsigned long long)f->height, (unsigned long long)r->height);
    return true;
}

static struct hash stored_hash(const struct frame *f, const uint8_t *data)
{
    struct hash h;
    memcpy(h.byte, data + block_frame_bytes(f) - HASH_BYTES, sizeof h.byte);
    return h;
}

enum reader_result reader_next(struct reader *r, struct frame *out, struct bytes *data, struct error *err)
{
    uint64_t left = r->size - r->offset;
    bytes_clear(data);
    if (left == 0)
        return READER_END;
    if (left < FRAME_HEADER_BYTES)
        return torn(r, err);
    if (!read_more(r, data, FRAME_HEADER_BYTES, err))
        return READER_FAILED;
    if (!block_frame_header(data->data, out, err) || !belongs_here(r, out, err))
        return READER_BAD;
    if (left < block_frame_bytes(out))
        return torn(r, err);
    if (!read_more(r, data, block_frame_bytes(out) - FRAME_HEADER_BYTES, err))
        return READER_FAILED;
    struct hash h = block_frame_hash(out, data->data, r->previous);
    if (!hash_equal(h, stored_hash(out, data->data))) {
        error_set(err, ERROR_CHAIN, "the frame's hash does not fit its bytes and the frame before");
        return READER_BAD;
    }
    r->previous = h;
    r->offset += block_frame_bytes(out);
    r->height++;
    return READER_FRAME;
}

/* Whether a whole frame stands behind the first HASH_BYTES of data, which are the hash of the one before it. */
static bool whole_frame(const uint8_t *data, size_t n, struct frame *out, struct error *err)
{
    struct hash previous;
    if (n < HASH_BYTES + FRAME_HEADER_BYTES)
        return error_set(err, ERROR_CHAIN, "the file ends inside of a frame's header");
    memcpy(previous.byte, data, sizeof previous.byte);
    if (!block_frame_header(data + HASH_BYTES, out, err))
        return false;
    if (n - HASH_BYTES < block_frame_bytes(out) || (out->type == FRAME_BLOCK && out->payload_n < BLOCK_FIXED_BYTES))
        return error_set(err, ERROR_CHAIN, "the frame is cut");
    if (!hash_equal(block_frame_hash(out, data + HASH_BYTES, previous), stored_hash(out, data + HASH_BYTES)))
        return error_set(err, ERROR_CHAIN, "the frame is damaged");
    return true;
}

static bool read_at(struct reader *r, uint64_t offset, size_t n, struct bytes *data, struct error *err)
{
    bytes_clear(data);
    if (fseeko(r->file, (off_t)offset, SEEK_SET) != 0)
        return error_set_errno(err, ERROR_IO, "cannot read the chain at byte %llu", (unsigned long long)offset);
    return read_more(r, data, n, err);
}

bool reader_bytes_at(const char *path, uint64_t offset, size_t n, struct bytes *out, struct error *err)
{
    struct reader r;
    if (!reader_open(&r, path, err))
        return false;
    bool good = read_at(&r, offset, n, out, err);
    reader_close(&r);
    return good;
}

static size_t at_most(uint64_t left, size_t most)
{
    return left < most ? (size_t)left : most;
}

/* The frame with the hash before it; zeros stand before genesis. */
static bool read_frame(struct reader *r, uint64_t offset, struct bytes *data, struct frame *out, struct error *err)
{
    static const uint8_t zeros[HASH_BYTES];
    struct bytes frame = {0};
    uint64_t left = offset < r->size ? r->size - offset : 0;
    bool good = offset == 0 ? (bytes_clear(data), bytes_put(data, zeros, sizeof zeros), true)
                            : read_at(r, offset - HASH_BYTES, HASH_BYTES, data, err);
    good = good && read_at(r, offset, at_most(left, FRAME_HEADER_BYTES), &frame, err);
    if (good && frame.n == FRAME_HEADER_BYTES && block_frame_header(frame.data, out, NULL))
        good = read_at(r, offset, at_most(left, block_frame_bytes(out)), &frame, err);
    if (good)
        bytes_put(data, frame.data, frame.n);
    bytes_free(&frame);
    return good;
}

bool reader_block_at(const char *path, uint64_t offset, struct frame *out, struct bytes *data, struct error *err)
{
    struct reader r;
    if (!reader_open(&r, path, err))
        return false;
    bool good = read_frame(&r, offset, data, out, err) && whole_frame(data->data, data->n, out, err);
    if (good) {
        data->n -= HASH_BYTES;
        memmove(data->data, data->data + HASH_BYTES, data->n);
    }
    reader_close(&r);
    return good || error_prefix(err, "block at byte %llu", (unsigned long long)offset);
}

bool reader_good_behind(struct reader *r, uint64_t *offset)
{
    struct bytes data = {0};
    struct frame f;
    bool found = false;
    uint64_t start = r->offset + 1;
    if (start < r->size && read_at(r, start, at_most(r->size - start, 2 * (size_t)FRAME_MOST_PAYLOAD), &data, NULL)) {
        const uint8_t *p = data.data + HASH_BYTES, *end = data.data + data.n;
        while (!found && p < end && (p = memchr(p, FRAME_MAGIC[0], (size_t)(end - p))) != NULL) {
            found = whole_frame(p - HASH_BYTES, (size_t)(end - p) + HASH_BYTES, &f, NULL);
            *offset = start + (uint64_t)(p - data.data);
            p++;
        }
    }
    bytes_free(&data);
    return found;
}
