#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <unistd.h>

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards log_fd */
static int log_fd = -1;

static void replace_descriptor(int fd)
{
    pthread_mutex_lock(&log_mutex);
    int old = log_fd;
    log_fd = fd;
    pthread_mutex_unlock(&log_mutex);
    if (old >= 0)
        close(old);
}

bool log_open(const char *path, struct error *err)
{
    int fd;

    do
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return error_set_errno(err, ERROR_IO, "cannot open the log %s", path);
    replace_descriptor(fd);
    return true;
}

void log_close(void)
{
    replace_descriptor(-1);
}

int log_descriptor(void)
{
    pthread_mutex_lock(&log_mutex);
    int fd = log_fd;
    pthread_mutex_unlock(&log_mutex);
    return fd;
}

/* One write a record, so that records of several processes do not mix. A full disk loses the record: a log that
 * stopped the work would be worse. */
static void write_record(const char *record, size_t n)
{
    ssize_t written;

    pthread_mutex_lock(&log_mutex);
    do
        written = log_fd >= 0 ? write(log_fd, record, n) : 0;
    while (written < 0 && errno == EINTR);
    pthread_mutex_unlock(&log_mutex);
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const name[] = {"info", "warning", "error"};
    int saved = errno;

    if (log_descriptor() < 0)
        return;
    char now[40];
    struct text message = {0}, record = {0};
    clock_iso(clock_wall_us() / CLOCK_SECOND_US * CLOCK_SECOND_US, now, sizeof now);
    va_list args;
    va_start(args, format);
    text_vprintf(&message, format, args);
    va_end(args);
    text_printf(&record, "%s %s ", now, name[level]);
    text_escape(&record, text_of(&message), message.n);
    text_put(&record, "\n");
    write_record(record.data, record.n);
    text_free(&message);
    text_free(&record);
    errno = saved;
}
