/* Reading blocks.msc frame by frame from the start, checking form, heights and the chain of hashes. Never writes. The file is
 * anybody's: no length is believed before the file has so many bytes, what is not read is not allocated, and one that
 * becomes shorter meanwhile is an error. */
#ifndef CHAIN_READER_H
#define CHAIN_READER_H

#include "chain/block.h"

struct reader {
    FILE *file;
    char path[4096];
    uint64_t size, offset;   /* of the file when opened; of the next frame */
    uint64_t height;         /* of the next frame */
    struct hash previous;    /* hash of the frame before */
};

enum reader_result {
    READER_FRAME,
    READER_END,  /* exactly at the end of the file */
    READER_TORN, /* the file ends inside of this frame */
    READER_BAD,  /* this is not the frame that belongs here */
    READER_FAILED /* the machine refused */
};

bool reader_open(struct reader *r, const char *path, struct error *err);
void reader_close(struct reader *r);

/* To a frame of known place, the one of this height behind the frame of that hash. */
bool reader_skip(struct reader *r, uint64_t offset, uint64_t height, struct hash previous, struct error *err);

/* The next frame, whole, into `data`. On READER_TORN and READER_BAD err says why and the reader stays before it. */
enum reader_result reader_next(struct reader *r, struct frame *out, struct bytes *data, struct error *err);

/* One frame of known place, checked against the hash of the frame before, which ends there. */
bool reader_block_at(const char *path, uint64_t offset, struct frame *out, struct bytes *data, struct error *err);

/* Any bytes of the file. */
bool reader_bytes_at(const char *path, uint64_t offset, size_t n, struct bytes *out, struct error *err);

/* Whether behind r->offset, within the length of two frames, a whole block stands whose hash fits its bytes and the hash before
 * it; *offset tells where. */
bool reader_good_behind(struct reader *r, uint64_t *offset);

#endif
