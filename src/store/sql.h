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

/* Starts a query; NULL on error. Step with sql_next until it is false, then sql_end, which tells the end of the rows
 * from an error (a locked or damaged file): false and err only for the latter. s may be NULL (true). */
sqlite3_stmt *sql_query(struct workspace *w, struct error *err, const char *sql, const char *types, ...);
bool sql_next(sqlite3_stmt *s);
bool sql_end(struct workspace *w, sqlite3_stmt *s, struct error *err);

void sql_text(sqlite3_stmt *s, int column, char *out, size_t size);
char *sql_text_copy(sqlite3_stmt *s, int column);  /* never NULL; free() */
struct hash sql_hash(sqlite3_stmt *s, int column); /* zeros where it is none */
double sql_double(sqlite3_stmt *s, int column);    /* NaN for null */

#endif
