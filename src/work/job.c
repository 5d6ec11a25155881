#include "work/job.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char program[4096];

void job_program_set(const char *argv0)
{
    program[0] = '\0';
    if (argv0 != NULL && argv0[0] == '/' && access(argv0, X_OK) == 0) {
        text_copy(program, sizeof program, argv0);
        return;
    }
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    if (n > 0 && access(program, X_OK) == 0)
        return;
    /* The file was replaced by a new build; the kernel still has the one that runs. */
    if (n > 0)
        text_copy(program, sizeof program, "/proc/self/exe");
    else
        text_copy(program, sizeof program, argv0 != NULL ? argv0 : "morphsmith"); /* posix_spawnp looks in PATH */
}

const char *job_program(void)
{
    if (program[0] == '\0')
        job_program_set(NULL);
    return program;
}

/* Bytes of one of the child's outputs that are not yet a whole line. */
struct line_stream {
    int descriptor; /* -1 at its end */
    char *data;
    size_t n, capacity, at; /* lines before `at` were taken */
    bool skipping;          /* the rest of a line that was too long */
};

struct job {
    pid_t pid;
    int events; /* epoll over both outputs; -1 once they ended */
    int input;  /* a socket: writing to a dead child is an error, not a SIGPIPE */
    struct line_stream out, err;
    enum job_state state;
    int status;
    bool cancelled;
    double started, ended, cancel_time;
    char message[512];
    char title[256];
};

struct channels {
    int in[2], out[2], err[2], secret[2]; /* [0] is read from, [1] written to; `in` is a pair of sockets */
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_channels(struct channels *c)
{
    int *all[4] = {c->in, c->out, c->err, c->secret};
    for (int i = 0; i < 4; i++) {
        close_one(&all[i][0]);
        close_one(&all[i][1]);
    }
}

/* Both ends away from 0 to 9, so that giving them those numbers in the child overwrites none of them. */
static bool lift(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        int high = fcntl(pair[i], F_DUPFD_CLOEXEC, 10);
        if (high < 0)
            return false;
        close(pair[i]);
        pair[i] = high;
    }
    return true;
}

static bool open_pipe(int pair[2])
{
    return pipe(pair) == 0 && lift(pair);
}

static bool open_channels(struct channels *c, const char *input, struct error *err)
{
    *c = (struct channels){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    bool fine = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->in) == 0 && lift(c->in) && open_pipe(c->out) &&
                open_pipe(c->err) && fcntl(c->out[0], F_SETFL, O_NONBLOCK) == 0 &&
                fcntl(c->err[0], F_SETFL, O_NONBLOCK) == 0;
    if (fine && input != NULL) {
        size_t n = strlen(input);
        fine = open_pipe(c->secret) && write(c->secret[1], input, n) == (ssize_t)n;
        close_one(&c->secret[1]);
    }
    if (!fine) {
        error_set_errno(err, ERROR_IO, "cannot open the pipes of a job");
        close_channels(c);
    }
    return fine;
}

static int spawn(pid_t *pid, const struct channels *c, char *const *argv)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, handled;
    sigemptyset(&none);
    sigfillset(&handled);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, c->in[0], 0);
    posix_spawn_file_actions_adddup2(&files, c->out[1], 1);
    posix_spawn_file_actions_adddup2(&files, c->err[1], 2);
    if (c->secret[0] >= 0)
        posix_spawn_file_actions_adddup2(&files, c->secret[0], 3);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &handled);
    int failed = posix_spawnp(pid, job_program(), &files, &how, argv, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static char **argv_of(const char *const *arguments)
{
    size_t n = 0;
    while (arguments[n] != NULL)
        n++;
    char **argv = NEW_ARRAY(char *, n + 2);
    argv[0] = memory_text(job_program());
    for (size_t i = 0; i < n; i++)
        argv[i + 1] = memory_text(arguments[i]);
    return argv;
}

static void argv_free(char **argv)
{
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    free(argv);
}

/* The words before the first option: "search run", "train". */
static void set_title(struct job *j, const char *const *arguments)
{
    for (size_t i = 0; arguments[i] != NULL && arguments[i][0] != '-'; i++) {
        text_append(j->title, sizeof j->title, i > 0 ? " " : "");
        text_append(j->title, sizeof j->title, arguments[i]);
    }
    if (j->title[0] == '\0')
        text_copy(j->title, sizeof j->title, "job");
}

static bool watch(struct job *j, struct error *err)
{
    struct epoll_event out = {.events = EPOLLIN}, error_output = {.events = EPOLLIN};
    j->events = epoll_create1(EPOLL_CLOEXEC);
    if (j->events < 0 || epoll_ctl(j->events, EPOLL_CTL_ADD, j->out.descriptor, &out) != 0 ||
        epoll_ctl(j->events, EPOLL_CTL_ADD, j->err.descriptor, &error_output) != 0)
        return error_set_errno(err, ERROR_IO, "cannot watch the output of a job");
    return true;
}

struct job *job_start(const char *const *arguments, const char *input, struct error *err)
{
    struct channels c;
    if (input != NULL && strlen(input) > JOB_INPUT_MOST) {
        error_set(err, ERROR_USAGE, "the passphrase is longer than %d bytes", JOB_INPUT_MOST);
        return NULL;
    }
    if (!open_channels(&c, input, err))
        return NULL;
    struct job *j = NEW(struct job);
    char **argv = argv_of(arguments);
    int failed = spawn(&j->pid, &c, argv);
    argv_free(argv);
    j->events = -1;
    j->status = -1;
    j->started = clock_seconds();
    j->input = c.in[1];
    j->out.descriptor = c.out[0];
    j->err.descriptor = c.err[0];
    c.in[1] = c.out[0] = c.err[0] = -1;
    close_channels(&c);
    set_title(j, arguments);
    if (failed != 0) {
        errno = failed;
        error_set_errno(err, ERROR_IO, "cannot start %s", job_program());
        j->pid = 0;
        j->state = JOB_FAILED;
    }
    if (failed != 0 || !watch(j, err)) {
        job_free(j);
        return NULL;
    }
    return j;
}

/* Takes some of what is there; false if there was nothing. At the end of the output the descriptor becomes -1 (closing
 * it takes it out of the epoll). */
static bool stream_fill(struct line_stream *s)
{
    char bytes[16384];
    ssize_t n;
    do
        n = s->descriptor >= 0 ? read(s->descriptor, bytes, sizeof bytes) : -1;
    while (n < 0 && errno == EINTR && s->descriptor >= 0);
    if (s->descriptor >= 0 && (n == 0 || (n < 0 && errno != EAGAIN))) {
        close_one(&s->descriptor);
        return true;
    }
    if (n < 0)
        return false;
    if (s->at > 0) {
        memmove(s->data, s->data + s->at, s->n - s->at);
        s->n -= s->at;
        s->at = 0;
    }
    s->data = memory_grow(s->data, &s->capacity, s->n + (size_t)n + 1, 1);
    memcpy(s->data + s->n, bytes, (size_t)n);
    s->n += (size_t)n;
    return true;
}

/* The next whole line (borrowed until the next call), or NULL. What follows the last newline counts at the end. */
static char *stream_line(struct line_stream *s)
{
    for (;;) {
        size_t left = s->n - s->at;
        char *line = left > 0 ? s->data + s->at : NULL, *end = left > 0 ? memchr(line, '\n', left) : NULL;
        bool too_long = (end != NULL ? (size_t)(end - line) : left) > JOB_LINE_MOST;
        if (end == NULL && s->descriptor >= 0 && !too_long) {
            if (!stream_fill(s))
                return NULL;
            continue;
        }
        if (left == 0)
            return NULL;
        s->at = end != NULL ? s->at + (size_t)(end - line) + 1 : s->n;
        bool skip = s->skipping || too_long;
        if (too_long && !s->skipping)
            log_write(LOG_WARNING, "a job wrote a line of more than %zu bytes; it is dropped", JOB_LINE_MOST);
        s->skipping = skip && end == NULL;
        if (skip)
            continue;
        line[end != NULL ? (size_t)(end - line) : left] = '\0';
        return line;
    }
}

static void read_messages(struct job *j)
{
    char *line;
    for (int i = 0; i < 1000 && (line = stream_line(&j->err)) != NULL; i++) {
        if (line[0] == '\0')
            continue;
        log_write(LOG_INFO, "%s: %s", j->title, line);
        text_copy(j->message, sizeof j->message, line);
    }
}

static void end_watching(struct job *j)
{
    if (j->out.descriptor < 0 && j->err.descriptor < 0)
        close_one(&j->events);
}

json_t *job_read(struct job *j)
{
    json_t *event = NULL;
    char *line;
    read_messages(j);
    while (event == NULL && (line = stream_line(&j->out)) != NULL) {
        json_error_t why;
        event = line[0] != '\0' ? json_loads(line, JSON_REJECT_DUPLICATES, &why) : NULL;
        if (event == NULL && line[0] != '\0')
            log_write(LOG_WARNING, "%s: no JSON (%s): %.200s", j->title, why.text, line);
        if (event != NULL && !json_is_object(event)) {
            log_write(LOG_WARNING, "%s: no JSON object: %.200s", j->title, line);
            json_decref(event);
            event = NULL;
        }
    }
    end_watching(j);
    return event;
}

int job_descriptor(const struct job *j)
{
    return j->events;
}

static void note_end(struct job *j, int status)
{
    j->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    j->state = j->cancelled ? JOB_CANCELLED : j->status == 0 ? JOB_DONE : JOB_FAILED;
    j->ended = clock_seconds();
    close_one(&j->input);
    if (WIFSIGNALED(status) && !j->cancelled)
        snprintf(j->message, sizeof j->message, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
}

enum job_state job_state(struct job *j)
{
    int status;
    if (j->state != JOB_RUNNING)
        return j->state;
    pid_t ended = waitpid(j->pid, &status, WNOHANG);
    if (ended == j->pid) {
        read_messages(j); /* before the message of a signal, which then stands last */
        note_end(j, status);
    } else if (j->cancelled && clock_seconds() - j->cancel_time > 5) {
        kill(-j->pid, SIGKILL);
    }
    return j->state;
}

int job_exit_status(const struct job *j)
{
    return j->status;
}

const char *job_message(const struct job *j)
{
    return j->message;
}

const char *job_title(const struct job *j)
{
    return j->title;
}

double job_seconds(const struct job *j)
{
    return (j->state == JOB_RUNNING ? clock_seconds() : j->ended) - j->started;
}

void job_cancel(struct job *j)
{
    if (j->state != JOB_RUNNING)
        return;
    if (!j->cancelled)
        j->cancel_time = clock_seconds();
    j->cancelled = true;
    kill(-j->pid, SIGTERM);
}

bool job_write(struct job *j, const char *line)
{
    if (j->input < 0)
        return false;
    char *whole = memory_format("%s\n", line);
    size_t n = strlen(whole);
    bool fine = send(j->input, whole, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
    free(whole);
    if (!fine)
        log_write(LOG_WARNING, "%s: cannot take \"%s\"", j->title, line);
    return fine;
}

static void wait_for_end(struct job *j)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};
    job_cancel(j);
    close_one(&j->input);
    for (int i = 0; i < 200 && job_state(j) == JOB_RUNNING; i++)
        nanosleep(&pause, NULL);
    if (j->state != JOB_RUNNING)
        return;
    int status;
    kill(-j->pid, SIGKILL);
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    note_end(j, status);
}

void job_free(struct job *j)
{
    if (j == NULL)
        return;
    if (j->state == JOB_RUNNING && j->pid > 0)
        wait_for_end(j);
    close_one(&j->input);
    close_one(&j->out.descriptor);
    close_one(&j->err.descriptor);
    close_one(&j->events);
    free(j->out.data);
    free(j->err.data);
    free(j);
}
