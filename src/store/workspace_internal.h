/* What store's own files share about the workspace. */
#ifndef STORE_WORKSPACE_INTERNAL_H
#define STORE_WORKSPACE_INTERNAL_H

#include "store/sql.h"

#define WORKSPACE_CHECKPOINTS "checkpoints"
#define WORKSPACE_FRAMES_LOCK "frames.lock"

struct workspace {
    char *folder;
    sqlite3 *db;
    bool read_only;
    uint32_t own_writes;
    sqlite3_stmt *version;
};

#endif
