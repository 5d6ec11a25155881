/* Ready-made architectures. */
#include "net/arch.h"

#include "base/memory.h"
#include "base/text.h"

const char *const arch_templates[] = {"mlp", "lstm", "gru", "tcn", "transformer", "hybrid", NULL};

#define HEAD_WIDTH 16 /* channels of one attention head */

static void mlp(struct text *t, int channels, int outputs, int width, int depth)
{
    (void)channels;
    text_put(t, "f flatten in=x\n");
    for (int i = 1; i <= depth; i++) {
        if (i == 1)
            text_printf(t, "d1 dense in=f units=%d act=relu\n", width);
        else
            text_printf(t, "d%d dense in=d%d units=%d act=relu\n", i, i - 1, width);
    }
    text_printf(t, "y dense in=d%d units=%d\n", depth, outputs);
}

static void recurrent(struct text *t, const char *op, int outputs, int width, int depth)
{
    for (int i = 1; i <= depth; i++) {
        if (i == 1)
            text_printf(t, "h1 %s in=x units=%d\n", op, width);
        else
            text_printf(t, "h%d %s in=h%d units=%d\n", i, op, i - 1, width);
    }
    text_printf(t, "p last in=h%d\ny dense in=p units=%d\n", depth, outputs);
}

static void lstm(struct text *t, int channels, int outputs, int width, int depth)
{
    (void)channels;
    recurrent(t, "lstm", outputs, width, depth);
}

static void gru(struct text *t, int channels, int outputs, int width, int depth)
{
    (void)channels;
    recurrent(t, "gru", outputs, width, depth);
}

/* Bai, Kolter and Koltun 2018, with one convolution a block: the skip is a 1x1 convolution where channels differ.
 * Returns the name of the last sum. */
static void blocks(struct text *t, int channels, int width, int depth, char out[ARCH_NAME_MAX])
{
    snprintf(out, ARCH_NAME_MAX, "x");
    for (int i = 1; i <= depth; i++) {
        text_printf(t, "c%d conv in=%s channels=%d kernel=3 dilation=%d act=relu\n", i, out, width, 1 << (i - 1));
        if (i == 1 && channels != width) {
            text_printf(t, "r1 conv in=%s channels=%d kernel=1\n", out, width);
            text_printf(t, "s1 add in=c1,r1\n");
        } else {
            text_printf(t, "s%d add in=c%d,%s\n", i, i, out);
        }
        snprintf(out, ARCH_NAME_MAX, "s%d", i);
    }
}

static void tcn(struct text *t, int channels, int outputs, int width, int depth)
{
    char in[ARCH_NAME_MAX];
    blocks(t, channels, width, depth, in);
    text_printf(t, "p last in=%s\ny dense in=p units=%d\n", in, outputs);
}

/* Attention added to its input, which is normalised before it: so the sum can be widened, and the block be removed. */
static void attend(struct text *t, const char *in, int i, int width)
{
    int heads = width < HEAD_WIDTH ? 1 : width / HEAD_WIDTH, head = width < HEAD_WIDTH ? width : HEAD_WIDTH;
    text_printf(t, "n%d rmsnorm in=%s\na%d attention in=n%d heads=%d head=%d\nb%d add in=%s,a%d\n", i, in, i, i, heads,
                head, i, in, i);
}

/* Vaswani et al. 2017, causal, with the normalisation before each part (Xiong et al. 2020), read at the last step. */
static void transformer(struct text *t, int channels, int outputs, int width, int depth)
{
    (void)channels;
    text_printf(t, "t timecode in=x\ne dense in=t units=%d\n", width);
    for (int i = 1; i <= depth; i++) {
        char in[ARCH_NAME_MAX] = "e";
        if (i > 1)
            snprintf(in, sizeof in, "s%d", i - 1);
        attend(t, in, i, width);
        text_printf(t, "m%d rmsnorm in=b%d\nf%d dense in=m%d units=%d act=gelu\n", i, i, i, i, 2 * width);
        text_printf(t, "g%d dense in=f%d units=%d\n", i, i, width);
        text_printf(t, "s%d add in=b%d,g%d\n", i, i, i);
    }
    text_printf(t, "m rmsnorm in=s%d\np last in=m\ny dense in=p units=%d\n", depth, outputs);
}

/* Convolutions for what is near, then one look at all steps. */
static void hybrid(struct text *t, int channels, int outputs, int width, int depth)
{
    char in[ARCH_NAME_MAX];
    blocks(t, channels, width, depth, in);
    attend(t, in, 1, width);
    text_printf(t, "m rmsnorm in=b1\np last in=m\ny dense in=p units=%d\n", outputs);
}

struct arch *arch_template(const char *name, int time, int channels, int outputs, int width, int depth,
                            struct error *err)
{
    static const struct {
        void (*write)(struct text *t, int channels, int outputs, int width, int depth);
        int width, depth, deepest;
    } kind[] = {{mlp, 64, 1, 1024}, {lstm, 32, 1, 64},        {gru, 32, 1, 64},
                {tcn, 32, 4, 14},   {transformer, 32, 2, 64}, {hybrid, 32, 3, 14}};
    for (size_t i = 0; i < ARRAY_N(kind); i++) {
        if (!text_equal(name, arch_templates[i]))
            continue;
        int w = width > 0 ? width : kind[i].width, d = depth > 0 ? depth : kind[i].depth;
        if (d > kind[i].deepest) {
            error_set(err, ERROR_USAGE, "template %s: depth %d is too large: the limit is %d", name, d,
                      kind[i].deepest);
            return NULL;
        }
        struct text t = {0};
        text_printf(&t, "morphsmith-arch 1\nx input time=%d channels=%d\n", time, channels);
        kind[i].write(&t, channels, outputs, w, d);
        struct arch *a = arch_parse(text_of(&t), t.n, name, err);
        text_free(&t);
        return a;
    }
    error_set(err, ERROR_USAGE, "no template is named '%.64s': use mlp, lstm, gru, tcn, transformer or hybrid",
              name);
    return NULL;
}
