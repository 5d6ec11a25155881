#include "data/read/findings.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>

/* Room for one more in an array whose room is 2^k - 1. */
static void *one_more(void *array, size_t n, size_t size)
{
    return (n & (n + 1)) == 0 ? memory_resize(array, 2 * n + 1, size) : array;
}

void findings_guess(struct findings *f, const char *what, const char *value, const char *option, const char *format,
                    ...)
{
    va_list args;
    f->guess = one_more(f->guess, f->guess_n, sizeof *f->guess);
    struct finding *g = &f->guess[f->guess_n++];
    *g = (struct finding){0};
    text_copy(g->what, sizeof g->what, what);
    text_copy(g->value, sizeof g->value, value);
    text_copy(g->option, sizeof g->option, option);
    va_start(args, format);
    vsnprintf(g->evidence, sizeof g->evidence, format, args);
    va_end(args);
}

void findings_warn(struct findings *f, const char *format, ...)
{
    va_list args;
    f->warning = one_more(f->warning, f->warning_n, sizeof *f->warning);
    va_start(args, format);
    vsnprintf(f->warning[f->warning_n++], sizeof f->warning[0], format, args);
    va_end(args);
}

void findings_drop(struct findings *f, uint64_t line, const char *format, ...)
{
    va_list args;
    f->drop = one_more(f->drop, f->drop_n, sizeof *f->drop);
    struct finding_drop *d = &f->drop[f->drop_n++];
    d->line = line;
    va_start(args, format);
    vsnprintf(d->why, sizeof d->why, format, args);
    va_end(args);
}

void findings_free(struct findings *f)
{
    free(f->guess);
    free(f->drop);
    free(f->warning);
    *f = (struct findings){0};
}
