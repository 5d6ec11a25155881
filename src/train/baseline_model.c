#include "train/baseline_model.h"

#include "base/memory.h"
#include "base/text.h"

/* A convolution drawn after He begins large, and at a constant rate Adam never takes that back: without the decay the
 * networks fit their training part as well and are right a point less often behind it than those of a smaller draw. */
#define TCN_DECAY 0.1F

const struct baseline_model baseline_models[BASELINE_MODELS] = {
    {"logistic", "logistic", "regression on the last bar, weight decay 0.0001", 0, 0, 0.01F, 1e-4F, 0, false},
    {"lstm-32", "lstm", "LSTM of 32 units, learning rate 0.003", 32, 1, 0.003F, 0.0F, 0, false},
    {"transformer-32", "transformer", "2 blocks of width 32, learning rate 0.001", 32, 2, 0.001F, 0.0F, 100, false},
    {"tcn-32", "tcn", "convolutions of 32 channels, rate 0.002, decay 0.1", 32, 0, 0.002F, TCN_DECAY, 0, true},
    {"logistic-l2", "logistic", "regression on the last bar, weight decay 0.01", 0, 0, 0.01F, 1e-2F, 0, false},
    {"lstm-64", "lstm", "LSTM of 64 units, learning rate 0.002", 64, 1, 0.002F, 0.0F, 0, false},
    {"transformer-64", "transformer", "2 blocks of width 64, learning rate 0.001", 64, 2, 0.001F, 0.0F, 200, false},
    {"tcn-64", "tcn", "convolutions of 64 channels, rate 0.001, decay 0.1", 64, 0, 0.001F, TCN_DECAY, 0, true},
};

static struct arch *regression(int time, int channels, int outputs, struct error *err)
{
    char *text = memory_format("morphsmith-arch 1\nx input time=%d channels=%d\np last in=x\ny dense in=p units=%d\n",
                               time, channels, outputs);
    struct arch *a = arch_parse(text, strlen(text), "logistic", err);
    free(text);
    return a;
}

/* d blocks of kernel 3 and dilations 1, 2, 4, ... see 1 + 2 (2^d - 1) bars. */
static int depth_to_see(int time)
{
    int depth = 2;

    while (depth < 14 && 2 * ((1 << depth) - 1) + 1 < time)
        depth++;
    return depth;
}

struct arch *baseline_arch(const struct baseline_model *m, int time, int channels, int outputs, struct error *err)
{
    if (text_equal(m->family, "logistic"))
        return regression(time, channels, outputs, err);
    return arch_template(m->family, time, channels, outputs, m->width, m->depth ? m->depth : depth_to_see(time), err);
}

void baseline_recipe(struct recipe *out, const struct baseline_model *m, const struct recipe *shared)
{
    *out = *shared;
    out->learning_rate = m->learning_rate;
    out->weight_decay = m->weight_decay;
    out->warmup = m->warmup;
    if (m->decay_apart)
        text_copy(out->optimizer, sizeof out->optimizer, "adamw");
}
