/* Ready-made architectures. */
#include "net/arch.h"

#include "base/memory.h"
#include "base/text.h"

const char *const arch_templates[] = {"mlp", "lstm", "tcn", NULL};

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

static void lstm(struct text *t, int channels, int outputs, int width, int depth)
{
    (void)channels;
    for (int i = 1; i <= depth; i++) {
        if (i == 1)
            text_printf(t, "h1 lstm in=x units=%d\n", width);
        else
            text_printf(t, "h%d lstm in=h%d units=%d\n", i, i - 1, width);
    }
    text_printf(t, "p last in=h%d\ny dense in=p units=%d\n", depth, outputs);
}

/* Bai, Kolter and Koltun 2018, with one convolution a block: the skip is a 1x1 convolution where channels differ. */
static void tcn(struct text *t, int channels, int outputs, int width, int depth)
{
    char in[ARCH_NAME_MAX] = "x";
    for (int i = 1; i <= depth; i++) {
        text_printf(t, "c%d conv in=%s channels=%d kernel=3 dilation=%d act=relu\n", i, in, width,
                    1 << (i - 1));
        if (i == 1 && channels != width) {
            text_printf(t, "r1 conv in=%s channels=%d kernel=1\n", in, width);
            text_printf(t, "s1 add in=c1,r1\n");
        } else {
            text_printf(t, "s%d add in=c%d,%s\n", i, i, in);
        }
        snprintf(in, sizeof in, "s%d", i);
    }
    text_printf(t, "p last in=%s\ny dense in=p units=%d\n", in, outputs);
}

struct arch *arch_template(const char *name, int time, int channels, int outputs, int width, int depth,
                           struct error *err)
{
    static const struct {
        void (*write)(struct text *t, int channels, int outputs, int width, int depth);
        int width, depth, deepest;
    } kind[] = {{mlp, 64, 1, 1024}, {lstm, 32, 1, 64}, {tcn, 32, 4, 14}};
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
    error_set(err, ERROR_USAGE, "no template is named '%.64s': use mlp, lstm or tcn", name);
    return NULL;
}
