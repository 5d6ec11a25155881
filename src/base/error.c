#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

static atomic_uintptr_t assert_hook;

/* A text that was cut ends in "...", never in half a UTF-8 character. */
static void mark_cut(char *text, size_t size)
{
    size_t at = size - 4;

    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    memcpy(text + at, "...", 4);
}

static void keep_text(struct error *err, const char *text, int n)
{
    if (n < 0) {
        snprintf(err->text, sizeof err->text, "(no message)");
        return;
    }
    size_t length = (size_t)n < sizeof err->text ? (size_t)n : sizeof err->text - 1;
    memcpy(err->text, text, length);
    err->text[length] = '\0';
    if ((size_t)n >= sizeof err->text)
        mark_cut(err->text, sizeof err->text);
}

/* Through a buffer of its own, since an argument may be the old text of err. */
static void set_text(struct error *err, const char *behind, const char *format, va_list args)
{
    char text[sizeof err->text * 2];
    int n = vsnprintf(text, sizeof text, format, args);

    if (behind && n >= 0) {
        size_t used = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
        n += snprintf(text + used, sizeof text - used, ": %s", behind);
    }
    keep_text(err, text, n);
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    set_text(err, NULL, format, args);
    va_end(args);
    err->kind = kind;
    return false;
}

bool error_set_errno(struct error *err, enum error_kind kind, const char *format, ...)
{
    int saved = errno;

    if (!err)
        return false;
    char reason[128];
    if (strerror_r(saved, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", saved);
    va_list args;
    va_start(args, format);
    set_text(err, reason, format, args);
    va_end(args);
    err->kind = kind;
    return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (!err || err->kind == ERROR_NONE)
        return false;
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    set_text(err, old, format, args);
    va_end(args);
    return false;
}

void error_clear(struct error *err)
{
    if (!err)
        return;
    err->kind = ERROR_NONE;
    err->text[0] = '\0';
}

int error_exit_status(enum error_kind kind)
{
#define ERROR_STATUS(kind, name, status) status,
    static const int status[] = {ERROR_KINDS(ERROR_STATUS)};
#undef ERROR_STATUS

    ASSERT((unsigned)kind < ERROR_KIND_N);
    return status[kind];
}

const char *error_kind_name(enum error_kind kind)
{
#define ERROR_NAME(kind, name, status) name,
    static const char *const name[] = {ERROR_KINDS(ERROR_NAME)};
#undef ERROR_NAME

    ASSERT((unsigned)kind < ERROR_KIND_N);
    return name[kind];
}

void assert_set_hook(void (*hook)(void))
{
    atomic_store(&assert_hook, (uintptr_t)hook);
}

_Noreturn void assert_failed(const char *file, int line, const char *condition)
{
    void (*hook)(void) = (void (*)(void))atomic_exchange(&assert_hook, (uintptr_t)0);
    char text[512];

    if (hook)
        hook();
    int n = snprintf(text, sizeof text, "morphsmith: bug at %s:%d: %s\n", file, line, condition);
    if (n > 0) {
        size_t length = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
        ssize_t written = write(STDERR_FILENO, text, length);
        (void)written; /* nothing is left to do about it */
    }
    abort();
}
