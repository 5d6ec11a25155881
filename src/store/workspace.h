/* A workspace: a folder that holds everything about one piece of analysis. SQLite (workspace.db, see schema.sql and
 * morphsmith-workspace(5)) for what is looked up; plain files named by their hash for what is large:
 *   frames/HASH   columns of imported series (data/frame.h)     models/HASH   weights (net/model.h)
 *   chain/        the ledger (chain/ledger.h)                   log.txt       the log
 *   datasets/     built data sets, for speed alone (store/datasets.h)
 *
 * Several processes may have it open; SQLite's locks last one write. Large files are written before the row that names
 * them, so that a crash leaves at most an unused file. */
#ifndef STORE_WORKSPACE_H
#define STORE_WORKSPACE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

struct workspace;

/* Makes the folder (which must not hold a workspace yet) and its files. */
bool workspace_create(const char *folder, struct error *err);
struct workspace *workspace_open(const char *folder, bool read_only, struct error *err);
void workspace_close(struct workspace *w);
bool workspace_is(const char *folder);

/* Who finds or writes a frame and names it in the database later holds the frames meanwhile, so that nobody clears them
 * away (store/sweep.h): a descriptor for workspace_release, or -1. Several may. */
int workspace_hold(struct workspace *w, struct error *err);
void workspace_release(int held);

const char *workspace_folder(const struct workspace *w);
bool workspace_read_only(const struct workspace *w);
void workspace_path(const struct workspace *w, const char *name, char *out, size_t size); /* FOLDER/name */

/* Changes whenever anyone, this process too, has written. */
uint32_t workspace_data_version(struct workspace *w);

/* Settings: small texts kept per workspace (the screen shown last, filters). Failing to keep one is no error. */
bool workspace_setting_get(struct workspace *w, const char *key, char *out, size_t size);
void workspace_setting_set(struct workspace *w, const char *key, const char *value);

/* Files named by hash in a subfolder. Putting the same bytes twice is fine. Getting checks the hash. */
bool workspace_blob_put(struct workspace *w, const char *subfolder, const void *data, size_t n, struct hash *id,
                        struct error *err);
bool workspace_blob_get(struct workspace *w, const char *subfolder, struct hash id, struct bytes *out,
                        struct error *err);

void workspace_blob_path(const struct workspace *w, const char *subfolder, struct hash id, char *out, size_t size);

/* One write transaction; nothing is kept unless it is committed. */
bool workspace_begin(struct workspace *w, struct error *err);
bool workspace_commit(struct workspace *w, struct error *err);
void workspace_rollback(struct workspace *w);

#endif
