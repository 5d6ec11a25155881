/* Faults in SQLite's own files: a layer between it and the system (a VFS) that counts what changes a file (write, sync,
 * cut, removal) and makes the N-th of them fail. The variable is KIND:N as for MORPHSMITH_FAULT (base/file.h), of the
 * kinds kill, torn (half of a write, then kill), error, full (half of a write) and count. */
#ifndef TESTS_SQL_FAULT_H
#define TESTS_SQL_FAULT_H

#define SQL_FAULT "MORPHSMITH_TEST_SQL_FAULT"

/* Before any database is opened; without the variable nothing changes. */
void sql_fault_start(void);

#endif
