/* The operators of this folder, and what several of them share. To add one: write its file, name its struct here and
 * in table.c. */
#ifndef NET_OP_OPS_H
#define NET_OP_OPS_H

#include "net/kernel/kernel.h"
#include "net/op.h"

extern const struct op op_input, op_dense, op_conv, op_dwconv, op_lstm, op_gru, op_attention, op_layernorm, op_rmsnorm,
    op_act, op_gate, op_scale, op_dropout, op_add, op_multiply, op_concat, op_flatten, op_last, op_meanpool, op_maxpool,
    op_timecode;

extern const char *const op_act_names[]; /* in the order of enum kernel_act; NULL-terminated */
enum kernel_act op_act_kind(const struct arch_node *node, const char *param);

/* Weights of nodes that feed a rectifier keep their variance with He's bound, the others with Glorot's. */
enum op_init op_init_for(enum kernel_act act);

/* floor(log2 n), n >= 1: the width bucket of labels. */
int op_log2(int n);

double op_real(const struct arch_node *node, const char *param);
struct op_tensor op_tensor_of(const char *name, int64_t rows, int64_t columns, enum op_init init);

/* ERROR_DATA unless the input has a time axis (wanted) or the size fits. */
bool op_need_time(const struct arch_node *node, const struct arch_shape *in, struct error *err);
bool op_same_shapes(const struct arch_node *node, const struct arch_shape *in, struct error *err);
bool op_check_value(int64_t time, int64_t channels, struct error *err);
bool op_check_tensor(int64_t rows, int64_t columns, struct error *err);

/* [rows, columns] to [columns, rows]. */
void op_transpose(const float *in, int rows, int columns, float *out);

/* Floats of one sample of a value: time or 1, times channels. */
size_t op_floats(struct arch_shape s);
int op_rows(struct arch_shape s, int batch); /* batch, times time if there is one */
size_t op_site_floats(const struct op_site *site); /* of the output, all samples */

/* For operators that work on every step alone: they need the steps they give. */
struct op_steps op_same_steps(const struct arch_node *node, struct op_steps out);
/* For causal filters of `kernel` taps, `dilation` steps apart. */
struct op_steps op_tap_steps(int kernel, int dilation, struct op_steps out);
int op_row_steps(const struct op_site *site); /* held steps of the input from one held output to the next */

/* For operators that keep nothing, need no scratch, have no weights or no multiply-adds. */
size_t op_none_size(const struct op_site *site);
int op_none_tensors(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX]);
int64_t op_none_macs(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out);
void op_none_run(const struct op_call *call);
void op_name_label(const struct arch_node *node, char *out, size_t size);

#define OP_THREADS_MOST 64 /* of any pool */

/* Calls run(call, at, count) for pieces of 0 .. n-1, split over the pool: pieces of OP_PIECE floats, or of so many
 * items of `width` floats. */
#define OP_PIECE 16384
void op_split(const struct op_call *call, size_t n, size_t width,
              void (*run)(const struct op_call *call, size_t at, size_t count));

/* out += the rows of x, ascending, `stride` floats apart; the pool splits columns. */
void op_column_sum(const struct op_call *call, size_t rows, size_t columns, size_t stride, const float *x, float *out);

/* Zeros for the first n floats of a weight's gradient, where nothing was added to it yet. */
void op_begin(const struct op_call *call, int tensor, size_t n);

/* Adds n floats to the gradient of an input, from float `at` on, or writes them where it is fresh. */
void op_give(const struct op_call *call, int input, size_t at, size_t n, const float *d);

/* The gradient before the activation of a fused operator: d_output itself where there is none, else scratch filled. */
const float *op_act_gradient(const struct op_call *call, enum kernel_act act, size_t n, float *scratch);

/* A fused activation after a product: keeps what backward needs (gelu and silu: the value before it). */
size_t op_act_keep(enum kernel_act act, size_t n);
void op_act_apply(const struct op_call *call, enum kernel_act act, size_t n);

#endif
