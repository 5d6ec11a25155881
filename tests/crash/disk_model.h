/* A simulated disk for crash tests: what a folder may hold after a power cut, worked out in one process.
 *
 * disk_run runs an operation on a real folder while the hook of base/fault writes down every change: bytes, syncs, cuts
 * of files, names given, moved and taken. Afterwards disk_crash builds what the folder may hold if the power went
 * behind the first `events` of them: what was synced is there; of everything else each piece has a fate of its own,
 * given by the caller. A sync of a file makes its bytes last, a sync of a folder its names, and neither the other's. A
 * sync that failed has lost the bytes it was for: a later one does not bring them back, though the machine that runs on still reads
 * them. Renames and links are whole or not at all. */
#ifndef TESTS_DISK_MODEL_H
#define TESTS_DISK_MODEL_H

#include "base/bytes.h"
#include "base/hash.h"

#include <stdbool.h>

struct disk_file {
    char path[200]; /* below the root */
    bool folder;
    struct bytes data;
};
struct disk_image {
    struct disk_file *file;
    size_t n, capacity;
};
void disk_image_take(struct disk_image *out, const char *root); /* `out` zero or an earlier image */
void disk_image_put(const struct disk_image *image, const char *root); /* replaces all that is below root */
struct hash disk_image_hash(const struct disk_image *image);
void disk_image_free(struct disk_image *image);

/* An operation that fails, in the place of the crash: the number-th one, counted from 0, as `error` (an errno) says; of
 * a write `part` of 256 is done first. */
struct disk_failure {
    size_t number;
    int error;
    unsigned part;
};

/* No sync reaches the machine from now on, which is what makes many runs cheap; disk_run leaves it so. */
void disk_pretend(bool on);

struct disk;
struct disk *disk_new(const char *root); /* what root holds now is synced */
void disk_free(struct disk *d);

/* Runs it with the hook set; failure may be NULL. May be called several times: the changes go on. */
bool disk_run(struct disk *d, bool (*run)(void *context), void *context, const struct disk_failure *failure);
size_t disk_events(const struct disk *d);     /* changes done so far */
size_t disk_operations(const struct disk *d); /* that disk_run let begin, in all of its calls */
bool disk_failed_write(const struct disk *d);  /* the failure struck, and in a write */

/* What is not safe behind so many events, oldest first. */
struct disk_pending {
    size_t event;
    bool name;    /* a name, else bytes or a cut */
    size_t bytes; /* of a write */
};
size_t disk_pending(const struct disk *d, size_t events, struct disk_pending *out, size_t most);

enum disk_fate {
    DISK_KEPT,
    DISK_LOST,
    DISK_PREFIX,       /* its first `at` bytes; a write only */
    DISK_PREFIX_ZEROS, /* and the file has its length, zeros in the rest */
    DISK_SUFFIX,       /* what is behind the first `at`, zeros before: written out of order */
    DISK_FATES
};
struct disk_fated {
    enum disk_fate fate;
    size_t at;
};
/* fated[i] is for the i-th of disk_pending. */
void disk_crash(const struct disk *d, size_t events, const struct disk_fated *fated, struct disk_image *out);

/* The stack of calls that led to a change, from disk_run's operation down; of the operation that failed, too. */
struct hash disk_site(const struct disk *d, size_t event);
struct hash disk_failed_site(const struct disk *d);

#endif
