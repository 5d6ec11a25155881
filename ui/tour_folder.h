/* The folder of a tour: below TMPDIR or /tmp, removed with everything in it when the tour ends. One that was killed leaves
 * its folder behind; the next tour of the same user removes it. */
#ifndef UI_TOUR_FOLDER_H
#define UI_TOUR_FOLDER_H

#include "base/file.h"

struct tour_folder {
    char path[FILE_PATH_MAX];
    int lock; /* held as long as the tour runs, so that no other takes the folder for a leftover */
};

bool tour_folder_make(struct tour_folder *f, struct error *err);
void tour_folder_remove(struct tour_folder *f);

#endif
