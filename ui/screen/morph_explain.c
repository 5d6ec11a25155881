/* Why the step under the cursor keeps the function, with the tensors it would change. */
#include "ui/screen/morph.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/op.h"
#include "ui/screen/aid.h"

static int tensors_of(const struct arch *a, int node, struct op_tensor out[OP_TENSORS_MAX])
{
    const struct arch_node *n = &a->node[node];
    struct arch_shape in[ARCH_INPUTS_MAX];
    for (int k = 0; k < n->inputs; k++)
        in[k] = a->shape[n->input[k]];
    return n->op->tensors != NULL ? n->op->tensors(n, in, out) : 0;
}

/* A line for each tensor that is new or has another size. */
static void put_node(struct text *out, const struct arch *before, const struct arch *after, int node)
{
    struct op_tensor now[OP_TENSORS_MAX], old[OP_TENSORS_MAX];
    const struct arch_node *n = &after->node[node];
    int was = arch_find(before, n->name), tensors = tensors_of(after, node, now),
        olds = was >= 0 ? tensors_of(before, was, old) : 0;
    char delta[AID_NUMBER];
    if (was < 0 && tensors == 0)
        text_printf(out, "  %s: new, %s, without weights\n", n->name, n->op->name);
    for (int k = 0; k < tensors; k++) {
        bool known = k < olds;
        int64_t size = (int64_t)now[k].rows * now[k].columns,
                before_size = known ? (int64_t)old[k].rows * old[k].columns : 0;
        if (known && size == before_size)
            continue;
        if (known)
            text_printf(out, "  %s: %s [%d, %d] \u2192 [%d, %d], %s weights\n", n->name, now[k].name, old[k].rows,
                        old[k].columns, now[k].rows, now[k].columns, aid_delta(size - before_size, delta));
        else
            text_printf(out, "  %s: %s, new, %s [%d, %d], %s weights\n", n->name, n->op->name, now[k].name, now[k].rows,
                        now[k].columns, aid_delta(size, delta));
    }
}

static void put_reason(struct text *out, const struct morph_kind *kind)
{
    text_printf(out, "%s\n%s\n\n", kind->shrinks ? "What becomes of the function" : "Why the function stays",
                kind->why);
}

char *morph_explain(void *self, struct app *app)
{
    struct morph_screen *s = self;
    const struct morph_row *r = morph_selected(s);
    const struct morph_preview *p = &s->preview;
    struct text out = {0};
    (void)app;
    if (s->hand.arch == NULL || r == NULL)
        return NULL;
    text_printf(&out, "%s at %s\n%s.\n\n", r->kind->name, r->node, r->kind->about);
    if (p->after == NULL) {
        text_printf(&out, "It does not apply here: %s.\n\n", p->reason);
    } else {
        text_printf(&out, "What would change (%s)\n", p->step);
        for (int i = 0; i < p->after->nodes; i++)
            put_node(&out, s->hand.arch, p->after, i);
        char a[AID_NUMBER], b[AID_NUMBER], c[AID_NUMBER], d[AID_NUMBER];
        text_printf(&out, "  together: %s \u2192 %s parameters, %s \u2192 %s multiply-adds a window\n\n",
                    aid_count(s->hand.row.parameters, a), aid_count(arch_parameters(p->after), b),
                    aid_count(s->hand.row.macs, c), aid_count(arch_macs(p->after), d));
    }
    put_reason(&out, r->kind);
    text_put(&out, "Every output element is one chain of fused multiply-adds from its bias, in a written order, on "
                   "every machine. When the "
                   "step is applied, old and new network run on real windows of the task and their outputs are "
                   "compared as bits: a "
                   "step whose max |delta| is not 0 is not stored.\n");
    if (s->last[0] != '\0')
        text_printf(&out, "\nThe newest step: %s\n", s->last);
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}
