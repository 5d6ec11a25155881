/* What layernorm and rmsnorm share: everything but their parameters. */
#ifndef NET_OP_NORM_H
#define NET_OP_NORM_H

#include "net/op/ops.h"

/* `divisor` of the sum of squares; centred: the mean is taken away and a bias added. */
void op_norm_forward(const struct op_call *call, bool centred, float divisor);
void op_norm_backward(const struct op_call *call, bool centred, float divisor);
size_t op_norm_keep(const struct op_site *site);    /* two numbers a row */
size_t op_norm_scratch(const struct op_site *site); /* the same, outside training */
bool op_norm_shape(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out,
                   struct error *err);
int64_t op_norm_macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out);

#endif
