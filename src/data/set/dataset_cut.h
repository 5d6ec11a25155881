/* A data set once more from files that end earlier: does anything in it come from later than it says?
 *
 * The files are cut at a moment: rows whose period ends later are gone, and so is every cell that is not published by
 * then. The same code then builds the features from what is left, through every step that builds them in earnest. At
 * the moment before the hold-out the whole data set is built anew, with its choice of channels; at earlier moments the
 * channels are those of the data set (which columns are worth a channel is decided once, from the visible bars), and
 * every bar that had closed must have the same bits.
 *
 * What this sees: any value taken from a later row of the files, whatever took it. What it cannot see: a column that
 * was made by somebody who knew the future (the detector's other checks are for that). The usual step of a series is
 * taken from the whole file, as the importer does. */
#ifndef DATA_SET_DATASET_CUT_H
#define DATA_SET_DATASET_CUT_H

#include "data/set/dataset.h"

struct dataset_cut {
    bool differs;
    char channel[FRAME_NAME_MAX]; /* "" where not a channel's values differ but which channels, samples or folds */
    int64_t until_us, bar_us;     /* where the files end; the first bar that differs */
    size_t compared;              /* bars, of all cuts */
    int cuts;
    char text[192];
};

/* frames as for dataset_build, and with the same hashes. Cuts before the hold-out and at `inner` moments, drawn from
 * the task's seed; ends at the first difference. False: a memory or another error. */
bool dataset_cut_check(struct dataset_cut *out, const struct dataset *d, const struct frame *const *frames, int inner,
                       struct error *err);

#endif
