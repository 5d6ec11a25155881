/* What could not be borne out a moment ago, so that a round does not wait for the same fruitless work at every look. Kept
 * under what the work was for (a challenge, a delivery's transaction); asked again when the folder of objects has changed,
 * for what was missing may have come, or behind a pause that is ten times as long as the work took.
 *
 * It also knows what people were told already: each transaction and reason once. */
#ifndef ACTION_CHAIN_REFUSAL_H
#define ACTION_CHAIN_REFUSAL_H

#include "base/file.h"
#include "base/hash.h"

#define CHAIN_REFUSALS_MOST 64
#define CHAIN_REFUSALS_TOLD 256
#define CHAIN_REFUSAL_SECONDS 5.0 /* the shortest pause */

struct chain_refusal {
    struct hash key;
    double until;
    struct file_stamp objects; /* before the work began */
    struct error why;
};
struct chain_refusals { /* zero-initialise; nothing to free. Two rings */
    struct chain_refusal refusal[CHAIN_REFUSALS_MOST];
    struct hash told[CHAIN_REFUSALS_TOLD];
    int n, next, told_n, told_next;
};

/* now: seconds of a clock that does not go back; objects: the folder's stamp now. True, and err says what was said then. */
bool chain_refused(const struct chain_refusals *r, struct hash key, double now, const struct file_stamp *objects,
                   struct error *err);
/* objects and began: as they were before the work. */
void chain_refuse(struct chain_refusals *r, struct hash key, double began, double now, const struct file_stamp *objects,
                  const struct error *why);

/* Is this the first time that this is said of this transaction? */
bool chain_refusal_is_news(struct chain_refusals *r, struct hash tx, const char *why);

#endif
