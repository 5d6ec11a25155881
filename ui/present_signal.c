#include "ui/present_signal.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

static const int told[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/* What the handlers need; filled before they are installed, and then only read. */
static struct {
    int terminal;
    char restore[512];
    size_t restore_n;
    struct termios modes;
    int pipe[2];
    struct sigaction old_told[ARRAY_N(told)], old_fatal[ARRAY_N(fatal)], old_pipe;
    char *stack;
} held = {.pipe = {-1, -1}};

static void restore_terminal(void)
{
    const char *s = held.restore;
    size_t left = held.restore_n;
    while (left > 0) {
        ssize_t n = write(held.terminal, s, left);
        if (n <= 0 && errno != EINTR)
            break;
        if (n > 0) {
            s += n;
            left -= (size_t)n;
        }
    }
    tcsetattr(held.terminal, TCSANOW, &held.modes);
}

static void on_fatal(int number)
{
    restore_terminal();
    /* SA_RESETHAND has restored the default action; the signal is delivered when this handler returns. */
    raise(number);
}

static void on_told(int number)
{
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t n = write(held.pipe[1], &byte, 1); /* a full pipe means that the loop has enough to wake up for */
    (void)n;
    errno = kept;
}

static bool open_pipe(struct error *err)
{
    if (pipe(held.pipe) != 0)
        return error_set_errno(err, ERROR_IO, "cannot open a pipe for signals");
    for (int i = 0; i < 2; i++) {
        fcntl(held.pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(held.pipe[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

bool present_signal_start(int terminal, const char *restore, const struct termios *modes, struct error *err)
{
    enum { STACK = 65536 };
    if (!open_pipe(err))
        return false;
    held.terminal = terminal;
    held.restore_n = strlen(restore) < sizeof held.restore ? strlen(restore) : 0;
    memcpy(held.restore, restore, held.restore_n);
    held.modes = *modes;
    held.stack = memory_new(STACK, 1);
    sigaltstack(&(stack_t){.ss_sp = held.stack, .ss_size = STACK}, NULL);
    struct sigaction action = {.sa_handler = on_told, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_N(told); i++)
        sigaction(told[i], &action, &held.old_told[i]);
    action.sa_handler = on_fatal;
    action.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND);
    for (size_t i = 0; i < ARRAY_N(fatal); i++)
        sigaction(fatal[i], &action, &held.old_fatal[i]);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, &held.old_pipe);
    assert_set_hook(restore_terminal);
    return true;
}

void present_signal_stop(void)
{
    assert_set_hook(NULL);
    for (size_t i = 0; i < ARRAY_N(told); i++)
        sigaction(told[i], &held.old_told[i], NULL);
    for (size_t i = 0; i < ARRAY_N(fatal); i++)
        sigaction(fatal[i], &held.old_fatal[i], NULL);
    sigaction(SIGPIPE, &held.old_pipe, NULL);
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(held.stack);
    held.stack = NULL;
    close(held.pipe[0]);
    close(held.pipe[1]);
    held.pipe[0] = held.pipe[1] = -1;
}

int present_signal_descriptor(void)
{
    return held.pipe[0];
}

int present_signal_next(void)
{
    unsigned char byte;
    return read(held.pipe[0], &byte, 1) == 1 ? byte : 0;
}

void present_signal_suspend(void)
{
    struct sigaction ours, stop = {.sa_handler = SIG_DFL};
    sigaction(SIGTSTP, &stop, &ours);
    kill(0, SIGTSTP); /* as the terminal would: the whole group, so that a shell's pipeline stops too */
    sigaction(SIGTSTP, &ours, NULL);
}
