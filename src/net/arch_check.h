/* The rules of the graph as arch.c and the text's parser share them; nobody else includes this. */
#ifndef NET_ARCH_CHECK_H
#define NET_ARCH_CHECK_H

#include "net/arch.h"
#include "net/op.h"

#define ARCH_WEIGHTS_MAX (1 << 28)

bool arch_name_ok(const char *name);
bool arch_param_ok(const struct op_param *p, double v, struct error *err);

/* arch_check; on false *blame is the node to name in the message, or -1. */
bool arch_check_blame(struct arch *a, int *blame, struct error *err);

/* "name=value" as the text writes it, shortest number that reads back as the same. */
void arch_param_text(const struct arch_node *node, int param, char *out, size_t size);

#endif
