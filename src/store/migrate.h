/* Workspaces that an older version of this program made: their tables are brought up to this version's when they are
 * opened for writing, in one transaction (a kill leaves the old tables or the new ones, and what stood in them). One that
 * is only read stays as it is, and is shown as if it had been brought up. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/error.h"

#include <sqlite3.h>
#include <stdint.h>

#define MIGRATE_VERSION 3 /* of the tables, kept as SQLite's user_version */

/* ERROR_FAILED where the tables are of a version that this program cannot bring up, or a later one. */
bool migrate_tables(sqlite3 *db, const char *folder, bool read_only, struct error *err);

/* The one number that a query gives; -1 where it fails. */
int64_t migrate_number(sqlite3 *db, const char *sql);

#endif
