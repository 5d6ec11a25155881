/* A frame: columns of float64 over one int64 time line, strictly increasing; NaN is missing.
 *
 * A column of texts with few spellings (classes) holds the index of each row's spelling, and its labels: the spellings,
 * sorted by their bytes, without repetition.
 *
 * A frame owns its columns, or is a view of a mapped file (frame_open), whose values must not be written to. Its
 * canonical bytes (frame_encode) are what the workspace stores under their hash, and what a task's hash covers. All
 * numbers are little-endian, every NaN is 0x7ff8000000000000:
 *
 *   "MSFRAME2"  u32 columns  u32 bytes of the head  u64 rows  i64 step_us
 *   per column: text name, u32 labels, labels x text       (text: u32 length, then the bytes)
 *   zeros up to a multiple of 8
 *   u64 check of the times, columns x u64 check of a column, u64 check of the head before this one
 *   rows x i64 times, then each column as rows x f64       (the head ends before these)
 *
 * A check (frame_check) finds what a disk or a copy has damaged as fast as memory is read; it is no proof against
 * intent, which the hash is. Frames of older workspaces begin with "MSFRAME1": u32 columns, u64 rows, i64 step_us, the
 * names as texts, the times, the columns. They are read, and keep their bytes and so their hash. */
#ifndef DATA_FRAME_H
#define DATA_FRAME_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

#define FRAME_NAME_MAX 64
#define FRAME_COLUMNS_MAX 4096
#define FRAME_LABEL_MAX 64
#define FRAME_LABELS_MAX 256

struct frame_column {
    char name[FRAME_NAME_MAX];
    double *value;                  /* [rows] */
    char (*label)[FRAME_LABEL_MAX]; /* [labels] spellings of a column of texts; NULL: numbers */
    size_t labels;
};

struct frame {
    size_t rows, columns;
    int64_t *time_us; /* [rows], as stamped in the file, UTC */
    int64_t step_us;  /* most frequent distance between neighbouring rows; 0 if fewer than two rows */
    struct frame_column *column;
    int version; /* of its canonical bytes: 2, or 1 of those read from an older workspace */
    void *map;   /* the mapped file of map_n bytes that holds the values; NULL: they are the frame's own */
    size_t map_n;
    uint64_t print;   /* of a mapped frame: the check of its head, which covers all others */
    struct hash hash; /* of a mapped frame once frame_seal has found it; else zeros */
};

struct frame *frame_new(size_t rows, size_t columns, struct error *err);
/* Its columns are not there yet (value is NULL): the caller puts arrays there that free() can release. */
struct frame *frame_new_empty(size_t rows, size_t columns, struct error *err);
void frame_free(struct frame *f);
int frame_find(const struct frame *f, const char *column); /* index or -1; exact, then ignoring ASCII case */
void frame_find_step(struct frame *f);
void frame_encode(const struct frame *f, struct bytes *out);
struct frame *frame_decode(const void *data, size_t n, struct error *err);

/* Maps a file of frame_encode's bytes: every check is made, the hash is not (frame_hash does). ERROR_DATA names a file
 * that is damaged. While the frame lives the file may be replaced or removed, but not cut short in place. */
struct frame *frame_open(const char *path, struct error *err);

/* Of the canonical bytes. frame_seal keeps the hash of a mapped frame, whose values cannot change. */
struct hash frame_hash(const struct frame *f);
void frame_seal(struct frame *f);

/* The check of the head of frame_encode's bytes: a short stand-in for the hash among files that nobody tampers with.
 * False: they are damaged, or an older frame's, which has none. */
bool frame_print(const void *data, size_t n, uint64_t *out);

/* The sum of n words: eight interleaved lanes of acc = rotl(acc ^ word, 29) * odd constant, folded in order. */
uint64_t frame_check(const void *words, size_t n);

#endif
