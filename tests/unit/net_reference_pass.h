/* One node of the reference in one direction: forward when `back` is false. Shared by its two files. */
#ifndef TESTS_UNIT_NET_REFERENCE_PASS_H
#define TESTS_UNIT_NET_REFERENCE_PASS_H

#include "tests/unit/net_reference.h"

struct pass {
    struct reference *r;
    int node, batch, time, in, out; /* time, in: of its first input, 1 where that has no time */
    const double *x;
    double *dx, *y;
    const double *dy;
    bool back;
};

/* The activation of x, and the reference's margin. */
double pass_curve(const struct pass *p, int act, double x);
void pass_margin(const struct pass *p, double distance); /* zero, a tie that is exact, does not count */

size_t pass_tensor(const struct pass *p, const char *name); /* offset among the weights */

/* The operators of net_reference_more.c; false if it is none of them. */
bool pass_more(const struct pass *p, const char *op);

#endif
