#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#define MEMORY_ALIGNMENT 64
#define MEMORY_PAGE ((size_t)1 << 21)
#define MEMORY_LARGE (2 * MEMORY_PAGE)

static bool product(size_t n, size_t size, size_t *out)
{
    if (size != 0 && n > SIZE_MAX / size)
        return false;
    *out = n * size;
    return true;
}

static void *must(void *p)
{
    if (!p)
        assert_failed(__FILE__, __LINE__, "out of memory");
    return p;
}

void *memory_new(size_t n, size_t size)
{
    return must(calloc(n ? n : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t n, size_t size)
{
    size_t total;

    ASSERT(product(n, size, &total));
    return must(realloc(old, total ? total : 1));
}

void *memory_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return array;
    size_t room = *capacity + *capacity / 2;
    if (room < need)
        room = need;
    if (room < 8)
        room = 8;
    array = memory_resize(array, room, size);
    *capacity = room;
    return array;
}

void *memory_copy(const void *source, size_t n)
{
    void *copy = must(malloc(n ? n : 1));

    if (n)
        memcpy(copy, source, n);
    return copy;
}

char *memory_text(const char *text)
{
    return memory_copy(text, strlen(text) + 1);
}

char *memory_format(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(n >= 0);
    char *text = memory_new((size_t)n + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

/* On few large pages, where the system has them: walks through it miss fewer translations, and what fetches ahead does
 * not stop at every 4096 bytes. */
static void *large(size_t total)
{
    char *p = aligned_alloc(MEMORY_PAGE, (total + MEMORY_PAGE - 1) / MEMORY_PAGE * MEMORY_PAGE);

#ifdef MADV_HUGEPAGE
    if (p)
        madvise(p, total / MEMORY_PAGE * MEMORY_PAGE, MADV_HUGEPAGE); /* a wish: all works without */
#endif
    return p;
}

void *memory_try(size_t n, size_t size, const char *what, struct error *err)
{
    size_t total = 0;
    void *p = NULL;

    /* C17's aligned_alloc wants a multiple of the alignment. */
    if (product(n, size, &total) && total <= PTRDIFF_MAX - MEMORY_ALIGNMENT) {
        total = (total + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
        p = total >= MEMORY_LARGE ? large(total) : aligned_alloc(MEMORY_ALIGNMENT, total ? total : MEMORY_ALIGNMENT);
    }
    if (!p) {
        error_set(err, ERROR_MEMORY, "not enough memory for %s (%zu items of %zu bytes)", what, n, size);
        return NULL;
    }
    memset(p, 0, total ? total : MEMORY_ALIGNMENT);
    return p;
}
