/* A plan with its model and one batch of everything, drawn from a seed: what the tests of plans start from. */
#ifndef TESTS_UNIT_NET_BATCH_H
#define TESTS_UNIT_NET_BATCH_H

#include "net/plan.h"

/* An architecture of one operator under test, named n: x, what the operator needs, and a dense output. */
#define HEAD "morphsmith-arch 1\nx input time=6 channels=3\n"
#define DENSE HEAD "d dense in=x units=6\n"
#define TAIL "m meanpool in=n\ny dense in=m units=2\n"

struct batch {
    struct model *m;
    struct plan *p;
    int rows;
    size_t inputs, outputs; /* numbers of the rows */
    float *d, *gradient;
    const float *y;
};

struct arch *net_parse(const char *text); /* fails the test on an error */
size_t net_numbers(struct arch_shape s);  /* of one sample */

/* whole: every step of every value is computed. */
struct batch batch_new(const struct arch *a, int batch, int rows, bool whole, uint64_t seed);
void batch_run(struct batch *b, const struct op_draw *draw);
void batch_free(struct batch *b);

#endif
