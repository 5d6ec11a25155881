/* For dataset_file.c: what stands in its file before the arrays. */
#ifndef DATA_SET_DATASET_HEAD_H
#define DATA_SET_DATASET_HEAD_H

#include "data/set/dataset_file.h"

#define DATASET_HEAD_MAGIC "MSDATA1\n"
#define DATASET_HEAD_ALIGN 64

/* Everything but the arrays of bars and samples, from the maker on. */
void dataset_head_put(struct bytes *out, const struct dataset *d, const char *numeric);

/* Its inverse into a data set of zeros. False: another maker, task or hash than `is` says, or no possible data set. */
bool dataset_head_get(struct dataset *d, struct bytes_reader *r, const struct dataset_identity *is);

#endif
