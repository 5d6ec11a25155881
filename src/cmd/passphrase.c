#include "cmd/passphrase.h"

#include "base/secret.h"
#include "base/text.h"
#include "chain/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

/* Reads up to a line end, byte by byte: what follows on the descriptor is somebody else's. */
static bool read_line(int descriptor, char *out, size_t size, struct error *err)
{
    size_t n = 0;
    for (;;) {
        char c;
        ssize_t got = read(descriptor, &c, 1);
        if (got < 0 && errno == EINTR)
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        if (got < 0)
            return error_set_errno(err, ERROR_KEY, "cannot read the passphrase from descriptor %d", descriptor);
        if (got == 0 || c == '\n')
            break;
        if (n + 1 == size)
            return error_set(err, ERROR_KEY, "a passphrase has at most %zu bytes", size - 1);
        out[n++] = c;
    }
    out[n] = 0;
    return true;
}

static bool ask(int tty, const char *prompt, char *out, struct error *err)
{
    struct termios before, silent;
    if (tcgetattr(tty, &before) != 0)
        return error_set_errno(err, ERROR_KEY, "cannot ask for a passphrase on this terminal");
    silent = before;
    silent.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
    tcsetattr(tty, TCSAFLUSH, &silent);
    bool ok = dprintf(tty, "%s: ", prompt) > 0 && read_line(tty, out, PASSPHRASE_MAX, err);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    return ok;
}

static bool again(int tty, const char *first, struct error *err)
{
    char *second = secret_new(PASSPHRASE_MAX, err);
    bool ok = second && ask(tty, "Once more", second, err);
    if (ok && !text_equal(first, second))
        ok = error_set(err, ERROR_KEY, "the two passphrases differ; nothing was changed");
    secret_free(second);
    return ok;
}

static bool from_terminal(char *out, const char *prompt, bool twice, const char *name, struct error *err)
{
    char why[200];
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0)
        return error_set(err, ERROR_KEY,
                         "a passphrase is needed: there is no terminal to ask on, so give --passphrase-fd N");
    bool ok = ask(tty, prompt, out, err);
    if (ok && twice && out[0]) {
        if (key_passphrase_weak(out, name, why, sizeof why)) /* before it is typed again: now it costs nothing */
            dprintf(tty, "Weak: %s. Type it again to keep it; anything else leaves everything as it is.\n", why);
        ok = again(tty, out, err);
    }
    close(tty);
    return ok;
}

char *passphrase_read_as(const struct arguments *a, const char *prompt, bool twice, const char *name,
                         struct error *err)
{
    int64_t descriptor = -1;
    if (!arguments_int(a, "passphrase-fd", 0, 1023, &descriptor, err))
        return NULL;
    char *p = secret_new(PASSPHRASE_MAX, err);
    if (!p)
        return NULL;
    bool ok = descriptor >= 0 ? read_line((int)descriptor, p, PASSPHRASE_MAX, err)
                              : from_terminal(p, prompt, twice, name, err);
    if (ok && !p[0])
        ok = error_set(err, ERROR_KEY, "the passphrase is empty");
    if (ok)
        return p;
    secret_free(p);
    return NULL;
}

char *passphrase_read(const struct arguments *a, bool twice, struct error *err)
{
    return passphrase_read_as(a, twice ? "New passphrase" : "Passphrase", twice, NULL, err);
}

void passphrase_free(char *passphrase)
{
    secret_free(passphrase);
}

bool passphrase_confirm(const struct arguments *a, const char *shown, const char *word, struct error *err)
{
    if (arguments_flag(a, "passphrase-fd"))
        return true;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0)
        return error_set(err, ERROR_KEY,
                         "signing asks on a terminal, and there is none: give --passphrase-fd N to sign without");
    char typed[128];
    dprintf(tty, "%s\nType %s to sign this, anything else to leave it: ", shown, word);
    bool ok = read_line(tty, typed, sizeof typed, err);
    if (ok && !text_equal(text_trim(typed), word))
        ok = error_set(err, ERROR_KEY, "not signed: the word was not typed");
    close(tty);
    return ok;
}
