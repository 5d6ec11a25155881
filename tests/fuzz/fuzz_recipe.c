/* A recipe that is accepted is written as it was read, and its settings say themselves what they are. */
#include "fuzz.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/recipe_setting.h"

const char fuzz_corpus[] = "recipe";

static void check_settings(const struct recipe *r)
{
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        struct recipe same = *r;
        char value[RECIPE_VALUE_MAX], again[RECIPE_VALUE_MAX];
        recipe_get(r, &recipe_settings[i], value);
        ASSERT(recipe_set(&same, &recipe_settings[i], value, NULL));
        recipe_get(&same, &recipe_settings[i], again);
        ASSERT(text_equal(value, again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct recipe r;
    char *text = memory_new(n + 1, 1);

    if (n > 0)
        memcpy(text, data, n);
    if (recipe_parse(&r, text, NULL)) {
        char *again = recipe_format(&r);
        ASSERT(text_equal(again, text) && recipe_check(&r, NULL));
        check_settings(&r);
        free(again);
    }
    free(text);
    return 0;
}
