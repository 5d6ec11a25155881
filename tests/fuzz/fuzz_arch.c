/* An architecture that is accepted can be written, read again as the same, and has a canonical form that is its own
 * canonical form. A model file is refused or reads back as it was. */
#include "fuzz.h"

#include "base/text.h"
#include "net/model.h"
#include "net/plan.h"

const char fuzz_corpus[] = "arch";

static void check_graph(const struct arch *a)
{
    char *text = arch_format(a), *canonical = arch_canonical_text(a);
    struct arch *b = arch_parse(text, strlen(text), "format", NULL);
    struct arch *c = arch_parse(canonical, strlen(canonical), "canonical", NULL);
    ASSERT(b && c);
    char *again = arch_format(b), *same = arch_canonical_text(c);
    ASSERT(text_equal(text, again) && text_equal(canonical, same));
    ASSERT(arch_parameters(a) >= 0 && arch_macs(a) >= 0 && plan_bytes(a, 1, false) <= plan_bytes(a, 1, true));
    free(text);
    free(canonical);
    free(again);
    free(same);
    arch_free(b);
    arch_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arch *a = arch_parse((const char *)data, n, "fuzz", NULL);
    struct model *m = model_decode(data, n, "fuzz", NULL);
    if (a)
        check_graph(a);
    if (m) {
        struct bytes out = {0};
        model_encode(m, &out);
        struct model *again = model_decode(out.data, out.n, "again", NULL);
        ASSERT(again && again->weights == m->weights && again->step == m->step);
        bytes_free(&out);
        model_free(again);
    }
    arch_free(a);
    model_free(m);
    return 0;
}
