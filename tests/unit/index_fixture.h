/* What the tests of chain/index.db share: one chain in a temporary folder, opened with its index, compared with the same
 * chain opened without, and the database asked and changed behind its back. */
#ifndef TESTS_INDEX_FIXTURE_H
#define TESTS_INDEX_FIXTURE_H

#include "chain/ledger_index.h"
#include "tests/unit/chain_fixture.h"

extern struct fixture f;
extern char blocks[200], index_path[200];
extern int64_t now_us;

int start(void **state); /* of each test; end removes everything */
int end(void **state);

struct ledger *open_indexed(bool writable);
struct hash seal(struct ledger *l); /* a second later */
struct hash submit(struct ledger *l, struct tx tx);
/* Blocks with something of everything that a state holds: open and closed claims, stake on its way back, a hold-out. */
void live(struct ledger *l, unsigned from, unsigned to);
void make_chain(void);

int64_t number(const char *sql); /* a query of the database itself, of one number */
void change(const char *sql);

void same_state(const struct state *a, const struct state *b);
/* An indexed ledger answers as one that went through all blocks does. */
void same_ledger(struct ledger *a);
void check_indexed(void);

#endif
