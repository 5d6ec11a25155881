/* Passphrases that were typed lately, so that not every signature asks anew; what is signed is still confirmed by its word
 * each time. Each lies in locked memory (base/secret.h) under its identity's name, and all are wiped together when nobody
 * has pressed a key for the idle minutes, or at once by unlock_forget. Time that the machine slept counts. */
#ifndef UI_UNLOCK_H
#define UI_UNLOCK_H

#include <stdbool.h>

#define UNLOCK_MINUTES 5 /* where nothing else was chosen (action/config.c); 0: nothing is ever kept */
#define UNLOCK_MINUTES_MOST 240

struct unlock;
struct unlock *unlock_new(double (*now)(void *context), void *context); /* seconds; NULL: the machine's clock */
void unlock_free(struct unlock *u);

/* 0 forgets all. */
void unlock_set_minutes(struct unlock *u, int minutes);
int unlock_minutes(const struct unlock *u);

void unlock_keep(struct unlock *u, const char *identity, const char *passphrase); /* copied */
const char *unlock_get(struct unlock *u, const char *identity); /* borrowed until the next call; NULL: locked */
void unlock_forget(struct unlock *u, const char *identity);     /* NULL: all */

void unlock_touch(struct unlock *u); /* somebody is there */
bool unlock_tick(struct unlock *u);  /* true: the idle minutes are over, all is forgotten now */
int unlock_left(const struct unlock *u); /* minutes, begun ones counted; 0: nothing is kept */

#endif
