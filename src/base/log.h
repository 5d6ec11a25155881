/* The log: one line a record, "2026-01-02T03:04:05Z level text", appended to a file. Messages of libraries go here too,
 * never to the terminal. Until log_open, records are dropped. Safe from several threads. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

bool log_open(const char *path, struct error *err);
void log_close(void);
int log_descriptor(void); /* -1 when closed; for redirecting what libraries print */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
