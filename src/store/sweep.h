/* Clearing up in a workspace what processes left that were killed: files that were being written, and frames that an
 * import had stored and not named yet.
 *
 * Done when a workspace is opened for writing, once an hour at most, and only while nobody holds the frames
 * (workspace_hold). A file that somebody may be writing stays: it is locked while it is written (base/file.h), its
 * process runs, or it was touched a short while ago. Only names that are ours are looked at. */
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

#include "store/workspace.h"

/* Whatever cannot be done is left for the next time. */
void sweep_workspace(struct workspace *w);

#endif
