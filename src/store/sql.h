/* SQLite for the store's own files: prepared statements with typed arguments, errors with the statement's purpose.
 * types: s text (NULL is null), i int64_t, d double (NaN is null), h const struct hash * (as 64 hex digits). */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/workspace.h"

#include <sqlite3.h>

sqlite3 *sql_of(struct workspace *w);
void sql_wrote(struct workspace *w); /* this process changed something: counts in workspace_data_version */

/* Runs a statement that returns nothing. */
bool sql_run(struct workspace *w, struct error *err, const char *sql, const char *types, ...);

/* Starts a query; NULL on error. Step with sql_next (false at the end), finish with sqlite3_finalize. */
sqlite3_stmt *sql_query(struct workspace *w, struct error *err, const char *sql, const char *types, ...);
bool sql_next(sqlite3_stmt *s);

void sql_text(sqlite3_stmt *s, int column, char *out, size_t size);
char *sql_text_copy(sqlite3_stmt *s, int column); /* never NULL; free() */
struct hash sql_hash(sqlite3_stmt *s, int column); /* zeros where it is none */
double sql_double(sqlite3_stmt *s, int column);    /* NaN for null */

#endif
