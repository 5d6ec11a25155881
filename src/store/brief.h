/* Long lists for who shows them: trials and architectures without their long texts, and a short print that changes with
 * them, so that a list of thousands is read again only when it must be. */
#ifndef STORE_BRIEF_H
#define STORE_BRIEF_H

#include "store/arches.h"
#include "store/runs.h"

struct brief_print {
    int64_t count, last, attempts, done, open, pinned; /* open: neither done nor failed */
    double score, fidelity;                            /* sums */
};
/* Of the trials on a task. False and err where it cannot be read. */
bool brief_print(struct workspace *w, struct hash task, struct brief_print *out, struct error *err);
bool brief_print_equal(const struct brief_print *a, const struct brief_print *b);

/* The trials on a task from number `from` on, by id; recipe and result are NULL. runs_trials_free. -1 and err. */
int brief_trials(struct workspace *w, struct hash task, int64_t from, struct trial_row **out, struct error *err);
/* The architectures made at from_us and since, by id; text is NULL. arches_list_free. -1 and err. */
int brief_arches(struct workspace *w, int64_t from_us, struct arch_row **out, struct error *err);
int64_t brief_arches_count(struct workspace *w);

/* The trials on a task and the architectures, as both are listed above. */
struct brief_list {
    struct trial_row *trial;
    int trials;
    struct arch_row *arch;
    int arches;
};
void brief_list_free(struct brief_list *l);
/* Everything anew. False and err, with what could be read, where not all could. */
bool brief_list_read(struct workspace *w, struct hash task, struct brief_list *l, struct error *err);
/* Takes in what has come or changed since. False: not everything could be found so, and it must be read anew. */
bool brief_list_update(struct workspace *w, struct hash task, const struct brief_print *print, struct brief_list *l);

#endif
