/* A task's text: refused, or written again as it was read. */
#include "fuzz.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/task.h"

#include <stdlib.h>

const char fuzz_corpus[] = "task";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct task task;
    struct error err = {0};
    char *text = memory_new(n + 1, 1);
    hash_start();
    if (n)
        memcpy(text, data, n);
    if (task_parse(&task, text, &err)) {
        char *again = task_format(&task);
        ASSERT(text_equal(again, text));
        free(again);
    } else {
        ASSERT(err.text[0] != '\0');
    }
    free(text);
    return 0;
}
