/* Built data sets of tasks, kept in the workspace's folder datasets/ so that opening one again costs no building
 * (data/set/dataset_file.h). Nothing depends on them: a folder without them is as good, and one that cannot be written
 * works without. A file is used only if it is, by size and checks, the one whose print the database took down when it
 * was made, by this program from frames of the right hashes; else it is as if there were none.
 *
 * What is kept is bounded: the data set of the task in force, and those of searches that are running. */
#ifndef STORE_DATASETS_H
#define STORE_DATASETS_H

#include "data/set/dataset.h"
#include "store/workspace.h"

/* NULL where there is none that can be used. */
struct dataset *datasets_get(struct workspace *w, const struct task *task, struct hash hash);

/* Keeps a data set that was built, if it is one of those worth it, and removes those that no longer are. What goes
 * wrong (no room, no right to write, another process at it) is written to the log and is no error. Not within a
 * transaction. */
void datasets_keep(struct workspace *w, const struct dataset *d);

#endif
