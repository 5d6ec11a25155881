/* Errors: what a user or a file did wrong, and what the machine refused.
 *
 * A function that can fail takes `struct error *err` as its last argument and returns false (or NULL). The caller owns
 * the struct; a function fills it at most once and never reads it. The text says what happened, where (file, line, row
 * or byte) and what to do about it. `err` may be NULL where the caller does not care why.
 *
 * A bug is no error: ASSERT stays in release builds, runs the hook (which restores the terminal) and aborts. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* kind, name in messages and JSON, exit status (see morphsmith(1), EXIT STATUS) */
#define ERROR_KINDS(X)                                                                                                 \
    X(NONE, "none", 0)                                                                                                 \
    X(FAILED, "failed", 1)                                                                                             \
    X(IO, "io", 1)                                                                                                     \
    X(USAGE, "usage", 2)                                                                                               \
    X(DATA, "data", 3)                                                                                                 \
    X(CHAIN, "chain", 4)                                                                                               \
    X(KEY, "key", 4)                                                                                                   \
    X(MEMORY, "memory", 5)                                                                                             \
    X(LIMIT, "limit", 5)                                                                                               \
    X(INTERRUPTED, "interrupted", 130)

#define ERROR_ENUM(kind, name, status) ERROR_##kind,
enum error_kind { ERROR_KINDS(ERROR_ENUM) ERROR_KIND_N };
#undef ERROR_ENUM

struct error {
    enum error_kind kind;
    char text[1024];
};

/* Fills err (which may be NULL) and returns false, so that a caller can write: return error_set(err, ...). */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and the text of errno behind it. */
bool error_set_errno(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text of an error that is set. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_clear(struct error *err);
int error_exit_status(enum error_kind kind);
const char *error_kind_name(enum error_kind kind);

/* The hook runs once, before the process aborts on a failed ASSERT; it must be async-signal-safe. */
void assert_set_hook(void (*hook)(void));
_Noreturn void assert_failed(const char *file, int line, const char *condition);

#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(__FILE__, __LINE__, #condition))

/* Checks that cost too much for a release build: compiled in by configure --enable-checks. */
#ifdef MORPHSMITH_CHECKS
#define CHECK(condition) ASSERT(condition)
#else
#define CHECK(condition) ((void)0)
#endif

#endif
