/* A built data set in a file that is mapped and used in place, so that what took seconds is there in the time it takes
 * to read it once.
 *
 * Only of the scope DATASET_SEARCH: what is sealed never gets into such a file. It is this machine's own and can always
 * be made again; it is believed only if everything is as it was when it was made: the program (its version, that of its
 * numbers, and a checksum of the sources that features, samples and folds are made by), the task's text and hash, the
 * size, the head, and a check (frame_check) of every byte. A check finds what a disk, a copy or a crash has damaged; it
 * is no proof against intent, which building the data set from its frames is. Little-endian, and machines that are not
 * have no such files:
 *
 *   "MSDATA1\n"  u32 bytes of the head (a multiple of 64)  u32 which arrays there are, a bit each  u64 bytes of the
 * file text maker, text task, hash of the data set, then the counts, assets, folds, classes, channels and notes zeros,
 * then u64 check of each array (0 where there is none), u64 check of the head before this one the arrays, each
 * beginning at a multiple of 64 and followed by zeros up to the next: closes (i64), prices (f64), classes (f32), past
 * classes (f32), features (f32), bars of the samples (u32), targets (f32) */
#ifndef DATA_SET_DATASET_FILE_H
#define DATA_SET_DATASET_FILE_H

#include "data/set/dataset.h"

/* Written beside and renamed (base/file.h). *print is the check of the head, which covers all others: a short stand-in
 * for the file's content. numeric: the version of what computes, a word. False, too, on a machine that has no such
 * files. */
bool dataset_save(const struct dataset *d, const char *path, const char *numeric, uint64_t *print, struct error *err);

/* What a file must be to be used. */
struct dataset_identity {
    const struct task *task;
    struct hash hash;
    const char *numeric;
    uint64_t print;
};

/* NULL and the reason (ERROR_DATA, ERROR_IO) unless the file is whole and that very data set. Its arrays must not be
 * written to. While it lives the file may be replaced or removed, but not cut short in place. */
struct dataset *dataset_load(const char *path, const struct dataset_identity *is, struct error *err);

#endif
