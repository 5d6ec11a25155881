/* Every operator again, in double precision and in the plainest way: what the kernels are compared with. */
#ifndef TESTS_UNIT_NET_REFERENCE_H
#define TESTS_UNIT_NET_REFERENCE_H

#include "net/model.h"

struct reference {
    const struct arch *arch; /* borrowed */
    struct layout *layout;
    int batch;
    size_t *n;            /* [nodes] values of each node: batch * time * channels */
    double **value, **gradient;
    double **gates, **c;  /* lstm only: [batch, time, 4 units], [batch, time, units] */
    double *weight, *d_weight; /* [layout->weights] */
    int *canonical;            /* [nodes] index of each node in the canonical form */
    const struct op_draw *draw; /* NULL: no dropout */
    double margin; /* the closest that forward came to a kink, of relu at zero or of a maximum at its second: nearer than
                    * the rounding of a float, the gradient may be either side's */
};

struct reference *reference_new(const struct arch *a, int batch);
void reference_free(struct reference *r);
/* input and output as plans have them. */
const double *reference_forward(struct reference *r, const double *input);
void reference_backward(struct reference *r, const double *d_output);
double reference_curve(int kind, double x);
double reference_slope(int kind, double x);
double reference_sigmoid(double x);

#endif
