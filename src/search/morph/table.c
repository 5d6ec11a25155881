#include "search/morph/kinds.h"

#include "base/text.h"

#include <stdarg.h>

const struct morph_kind *const morph_table[] = {
    &morph_widen,    &morph_deepen,     &morph_insert,    &morph_add_skip,   &morph_lengthen,
    &morph_undilate, &morph_activate,   &morph_add_block, &morph_add_concat, &morph_add_pool,
    &morph_add_head, &morph_widen_head, &morph_narrow,    &morph_remove,     NULL,
};

const struct morph_kind *morph_find(const char *name)
{
    for (int i = 0; morph_table[i]; i++)
        if (text_equal(morph_table[i]->name, name))
            return morph_table[i];
    return NULL;
}

bool morph_refuse(char *reason, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (reason && size > 0)
        vsnprintf(reason, size, format, args);
    va_end(args);
    return false;
}
