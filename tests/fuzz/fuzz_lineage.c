/* Where a claimed network comes from: the check takes the morphisms that lead from the parent to the claimed network, and
 * no others. The input's first line ends with the byte FD: the parent, which is put into canonical text; the rest are the
 * morphisms, one a line. */
#include "fuzz_folder.h"

#include "action/claim.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/morph.h"

const char fuzz_corpus[] = "lineage";

#define END 0xfd

static struct hash put_object(const char *data, size_t n)
{
    char path[FILE_PATH_MAX], hex[HASH_HEX];
    struct hash id = hash_of(data, n);
    hash_hex(id, hex);
    snprintf(path, sizeof path, FUZZ_FOLDER "/objects/%s", hex);
    ASSERT(fuzz_folder_file(path, data, n));
    return id;
}

/* What the morphisms come to, or NULL. A line feed at the end is none between lines. */
static struct arch *grown(const struct arch *parent, const char *steps, size_t n)
{
    char *text = memory_format("%.*s", (int)n, steps), *rest = text, *line;
    struct arch *a = arch_copy(parent);
    if (n && steps[n - 1] == '\n')
        text[n - 1] = 0;
    while (a && (line = text_next(&rest, '\n'))) {
        struct morph_step step;
        struct arch *next = morph_parse(&step, line, NULL) ? morph_apply_arch(a, &step, NULL) : NULL;
        arch_free(a);
        a = next;
    }
    free(text);
    return a;
}

static void check(const struct arch *parent, const char *steps, size_t n)
{
    struct tx_propose p = {.counts.folds = 1};
    struct error err = {0};
    char *text = arch_canonical_text(parent);
    fuzz_folder_clear();
    fuzz_folder();
    p.parent = put_object(text, strlen(text));
    p.morphisms = put_object(steps, n);
    struct arch *canonical = arch_parse(text, strlen(text), "canonical", NULL);
    struct arch *a = memchr(steps, 0, n) || !text_is_utf8(steps, n) ? NULL : grown(canonical, steps, n);
    ASSERT(canonical && !claim_lineage_check(FUZZ_FOLDER, &p, &err)); /* it claims no network at all */
    ASSERT(err.kind == ERROR_CHAIN || err.kind == ERROR_MEMORY);
    if (a) {
        p.arch = arch_id(a);
        ASSERT(claim_lineage_check(FUZZ_FOLDER, &p, &err));
    }
    arch_free(a);
    arch_free(canonical);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *end = n ? memchr(data, END, n) : NULL;
    hash_start();
    if (!end)
        return 0;
    struct arch *parent = arch_parse((const char *)data, (size_t)(end - data), "fuzz", NULL);
    size_t left = n - (size_t)(end + 1 - data);
    char *steps = memory_new(left + 1, 1);
    memcpy(steps, end + 1, left);
    if (parent)
        check(parent, steps, left);
    arch_free(parent);
    free(steps);
    return 0;
}
