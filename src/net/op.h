/* An operator: one file in net/op/ that fills one struct, and one line in net/op/table.c.
 *
 * Shapes are [batch, time, channels], row-major, float32; time is gone (0) after flatten, last, meanpool and maxpool,
 * and then values are [batch, channels]. Forward reads inputs and weights, writes output and may keep values for
 * backward in `keep`. Backward *adds* to the gradients of inputs and weights (they start at zero), and may do so once
 * for each forward. A batch may come in several calls, samples ascending: what is kept grows evenly with the samples,
 * and sums over samples go on from call to call. Every stored result has +0 added, so that no -0 is ever stored. Each
 * output element is one chain of IEEE operations in a written order, or sums in lanes joined by one fixed tree where no
 * morphism widens the axis; threads split outputs, never sums. */
#ifndef NET_OP_H
#define NET_OP_H

#include "base/threads.h"
#include "net/arch.h"

#include <stddef.h>

#define OP_TENSORS_MAX 8
#define OP_VALUE_MAX (1 << 24)   /* floats in one sample of one value */
#define OP_TENSOR_MAX (1 << 28)  /* floats in one weight tensor */

struct kernel;

enum op_param_kind { OP_INT, OP_ENUM, OP_REAL };

struct op_param {
    const char *name;
    enum op_param_kind kind;
    double least, most, preset;
    bool required;
    const char *const *names; /* OP_ENUM: NULL-terminated */
};

/* OP_INIT_FORGET: the second of four parts is 1. OP_INIT_VALUE: the tensor's `value`. */
enum op_init { OP_INIT_ZERO, OP_INIT_ONE, OP_INIT_GLOROT, OP_INIT_HE, OP_INIT_FORGET, OP_INIT_VALUE };

/* What an axis of a weight tensor runs over, so that a morphism can follow channels through it. */
enum op_axis {
    OP_AXIS_PLAIN,   /* nothing that widens */
    OP_AXIS_INPUT,   /* the input's channels: summed over */
    OP_AXIS_TAPS,    /* the steps of a kernel, oldest first */
    OP_AXIS_READS,   /* tap by tap the input's channels */
    OP_AXIS_OUTPUT,  /* the output's channels, once or several times over (gates): a column makes one */
    OP_AXIS_CHANNEL, /* the output's channels, each made from the input's channel of its place */
    OP_AXIS_HEADS,   /* head by head an attention's inner channels */
    OP_AXIS_KEYS     /* the same, for the side that is silent where a head grows */
};

struct op_axes {
    enum op_axis row, column;
};

/* How the width of an operator's output follows from its input's. */
enum op_width {
    OP_WIDTH_MIXED,  /* it computes over all channels together: any new one changes the others */
    OP_WIDTH_OWN,    /* its own, the parameter `width_param`; new input channels are read with weights */
    OP_WIDTH_PASSED, /* its input's: channel by channel, or at least with every channel's place kept */
    OP_WIDTH_NORMED, /* passed, and the others keep their value where the new ones are zero */
    OP_WIDTH_LAID    /* its inputs' channels laid out anew */
};

/* One weight tensor of a node, as a matrix [rows, columns]: rows are what is summed over (fan-in: for conv tap-major,
 * row = tap * in_channels + channel), columns are outputs
 * (for lstm the four gates i, f, g, o side by side, each `units` wide). */
struct op_tensor {
    const char *name; /* "kernel", "bias", "recurrent" */
    int rows, columns;
    enum op_init init;
    float value;
};

/* Steps of a value: the newest, and n - 1 before it, each `every` steps further back. */
struct op_steps {
    int n, every;
};

/* One place of an operator in a plan: all that its sizes hang on. Where a graph is read at a few steps only, a plan
 * holds just the steps that something hangs on: the times of `in` and `out` count those, and in_every and out_every say
 * how far apart they are (1 where all are held). An operator that does not say otherwise (`strides`) gets inputs that
 * hold the same steps as its output. */
struct op_site {
    const struct arch_node *node;
    int index;                   /* of the node, in canonical order */
    int batch;                   /* at most so many samples */
    bool training;
    const struct arch_shape *in; /* [inputs] */
    struct arch_shape out;
    int in_every, out_every;
    int whole;                   /* steps of the output when all are held */
};

/* What random numbers hang on besides the node: given in training, so that dropout is off where it is not. */
struct op_draw {
    uint64_t seed;
    uint32_t epoch, step;
};

struct op_call {
    struct op_site site;          /* its batch: samples of this call */
    const float *const *input;    /* [inputs], each [batch, time, channels] */
    float *output;
    const float *const *weight;   /* [tensors], one behind the other in memory; so are d_weight's */
    float *keep;                  /* keep(...) floats, from forward to backward; NULL outside training */
    float *scratch;               /* scratch(...) floats, free to use within one call */
    int first;                    /* samples of the batch before those of this call */
    const struct op_draw *draw;   /* NULL: no random numbers; the same for forward and backward */
    /* backward only */
    const float *d_output;
    float *const *d_input;        /* an entry is NULL where no gradient is wanted */
    const bool *fresh;            /* [inputs] this gradient is zero, whatever its memory holds (only where `starts`) */
    float *const *d_weight;
    bool begins;                  /* nothing was added to d_weight yet, whatever its memory holds (only where `begins`) */
    struct threads *pool;
    const struct kernel *kernel;  /* the arithmetic of this machine, see net/kernel/kernel.h */
};

struct op {
    const char *name;
    const char *about; /* one line for the screens */
    const struct op_param *param;
    int params;
    int inputs_least, inputs_most;
    bool commutes; /* the order of its inputs does not matter */
    enum op_width width;
    const char *width_param; /* OP_WIDTH_OWN */
    struct op_axes axes[OP_TENSORS_MAX]; /* of its tensors, in their order */
    bool passes;   /* the gradient of each input is that of the output */
    bool starts;   /* backward writes the gradient of a fresh input instead of adding to it */
    bool begins;   /* backward writes the gradients of its weights where the call says so, instead of adding to them */
    bool whole;    /* its weights' gradients do not sum sample by sample: it gets the batch at once */
    bool alias;    /* the output is the input's memory under another shape: forward and backward do nothing */
    bool (*shape)(const struct arch_node *node, const struct arch_shape *in, struct arch_shape *out, struct error *err);
    int (*tensors)(const struct arch_node *node, const struct arch_shape *in, struct op_tensor out[OP_TENSORS_MAX]);
    int64_t (*macs)(const struct arch_node *node, const struct arch_shape *in, struct arch_shape out); /* one sample */
    size_t (*keep)(const struct op_site *site);    /* asked in training only */
    size_t (*scratch)(const struct op_site *site); /* without training: what forward needs with keep NULL */
    /* The steps of its inputs that these steps of its output hang on, where both have a time axis; n may be too large.
     * NULL: all of them, and it gives all of its own. */
    struct op_steps (*needs)(const struct arch_node *node, struct op_steps out);
    bool strides; /* its input may hold more, and closer, steps than needs() asks for */
    /* Fills parameters whose preset stands for "from the input's shape", once that is known; NULL: none. */
    void (*settle)(struct arch_node *node, const struct arch_shape *in);
    void (*forward)(const struct op_call *call);
    void (*backward)(const struct op_call *call);
    /* The label of a node in the Weisfeiler-Lehman kernel: operator and bucketed parameters ("conv k3 d2 c16"). */
    void (*label)(const struct arch_node *node, char *out, size_t size);
};

extern const struct op *const op_table[]; /* NULL-terminated */
const struct op *op_find(const char *name);
int op_param_find(const struct op *op, const char *name);

/* Typed access; ASSERTs that the parameter exists. */
int op_int(const struct arch_node *node, const char *param);
const char *op_enum(const struct arch_node *node, const char *param);
void op_set(struct arch_node *node, const char *param, double value);

/* A node of this operator with every parameter at its preset (required ones at their least) and no inputs. */
void op_node(struct arch_node *node, const char *name, const char *op);

#endif
