#include "ui/present.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/present_signal.h"
#include "ui/theme.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

struct present {
    struct app *app;
    FILE *in, *out; /* ours: copies of descriptors 0 and 1 */
    int kept_out, kept_err;
    struct termios modes; /* before */
    SCREEN *screen;
    WINDOW *keys; /* reading from a pad refreshes nothing */
    enum symbols symbols;
    attr_t look[STYLE_N];
    short pair[STYLE_N];
    struct grid *shown, *next;
    bool whole;               /* the next frame is drawn from nothing */
    int pressed_x, pressed_y; /* where the button went down */
    int status;               /* exit status, or -1 while running */
};

/* --- the terminal ---------------------------------------------------------------------------------------------- */

static FILE *own_copy(int fd, const char *mode)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    FILE *f = copy >= 0 ? fdopen(copy, mode) : NULL;
    if (f == NULL && copy >= 0)
        close(copy);
    return f;
}

/* What libraries print would land in the frame: descriptors 1 and 2 lead to the log while it stands. */
static void redirect(struct present *p)
{
    int log = log_descriptor(), null = log < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    int to = log >= 0 ? log : null;
    fflush(stdout);
    fflush(stderr);
    p->kept_out = fcntl(1, F_DUPFD_CLOEXEC, 10);
    p->kept_err = fcntl(2, F_DUPFD_CLOEXEC, 10);
    if (to >= 0) {
        dup2(to, 1);
        dup2(to, 2);
    }
    if (null >= 0)
        close(null);
}

static void give_back(int kept, int fd)
{
    if (kept >= 0) {
        dup2(kept, fd);
        close(kept);
    }
}

static void redirect_end(struct present *p)
{
    fflush(stdout);
    fflush(stderr);
    give_back(p->kept_out, 1);
    give_back(p->kept_err, 2);
}

static void choose_looks(struct present *p, const struct present_options *options)
{
    enum theme theme = theme_guess(options->no_color);
    if (options->theme != NULL && theme != THEME_MONO)
        theme = text_equal(options->theme, "light")  ? THEME_LIGHT
                : text_equal(options->theme, "mono") ? THEME_MONO
                                                     : THEME_DARK;
    int colours = 0;
    if (theme != THEME_MONO && has_colors() && start_color() == OK && use_default_colors() == OK)
        colours = COLORS;
    for (short i = 0; i < STYLE_N; i++) {
        struct theme_look look = theme_look(theme, colours, (enum style)i);
        p->look[i] = (look.bold ? A_BOLD : 0u) | (look.dim ? A_DIM : 0u) | (look.underline ? A_UNDERLINE : 0u) |
                     (look.reverse ? A_REVERSE : 0u);
        if (look.colour >= 0 && i + 1 < COLOR_PAIRS && init_pair((short)(i + 1), look.colour, -1) == OK)
            p->pair[i] = (short)(i + 1);
    }
}

static void choose_symbols(struct present *p, const struct present_options *options)
{
    const char *terminal = getenv("TERM"), *codes = nl_langinfo(CODESET);
    p->symbols = options->ascii || !text_equal_nocase(codes, "UTF-8") ? SYMBOLS_ASCII
                 : terminal != NULL && text_starts(terminal, "linux") ? SYMBOLS_BLOCK
                                                                      : SYMBOLS_BRAILLE;
}

/* A capability without its padding ("$<5>"), which only curses can time. */
static void append_capability(char *out, size_t size, const char *name)
{
    const char *s = tigetstr((NCURSES_CONST char *)name);
    if (s == NULL || s == (char *)-1)
        return;
    while (*s != '\0') {
        if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL) {
            s = strchr(s, '>') + 1;
            continue;
        }
        const char one[2] = {*s++, '\0'};
        text_append(out, size, one);
    }
}

static void prepare_restore(const struct present_options *options, char *out, size_t size)
{
    static const char *const names[] = {"sgr0", "op", "rmacs", "cnorm", "rmkx", "rmcup"};
    out[0] = '\0';
    if (!options->no_mouse && tigetstr((NCURSES_CONST char *)"kmous") != (char *)0)
        text_append(out, size, "\033[?1006l\033[?1002l\033[?1000l");
    for (size_t i = 0; i < ARRAY_N(names); i++)
        append_capability(out, size, names[i]);
    if (tigetstr((NCURSES_CONST char *)"rmcup") == NULL)
        text_append(out, size, "\r\n");
}

/* Home and End as terminals send them whose description says otherwise: taken apart, Home's last letter would be a key. */
static void know_keys(void)
{
    static const struct {
        const char *sent;
        int key;
    } known[] = {{"\033[H", KEY_HOME}, {"\033OH", KEY_HOME}, {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME},
                 {"\033[F", KEY_END},  {"\033OF", KEY_END},  {"\033[4~", KEY_END},  {"\033[8~", KEY_END}};
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (key_defined(known[i].sent) == 0)
            define_key(known[i].sent, known[i].key);
}

static bool open_screen(struct present *p, struct error *err)
{
    const char *terminal = getenv("TERM");
    if (tcgetattr(fileno(p->out), &p->modes) != 0)
        return error_set(err, ERROR_USAGE,
                         "the workbench needs a terminal to show itself in; `morphsmith view SCREEN` "
                         "prints a screen without one");
    if (terminal == NULL || terminal[0] == '\0')
        return error_set(err, ERROR_USAGE, "TERM is not set; try TERM=xterm-256color");
    p->screen = newterm(NULL, p->out, p->in);
    if (p->screen == NULL)
        return error_set(err, ERROR_USAGE, "this system does not know the terminal \"%s\"; try TERM=xterm-256color",
                         terminal);
    set_term(p->screen);
    raw(); /* Ctrl-C and Ctrl-Z come as keys */
    noecho();
    nonl();
    curs_set(0);
    set_escdelay(25);
    leaveok(stdscr, TRUE);
    typeahead(-1); /* a frame is never cut short by a key */
    p->keys = newpad(1, 1);
    keypad(p->keys, TRUE);
    know_keys();
    nodelay(p->keys, TRUE);
    return true;
}

static bool start(struct present *p, const struct present_options *options, struct error *err)
{
    char restore[512];
    p->in = own_copy(0, "r");
    p->out = own_copy(1, "w");
    if (p->in == NULL || p->out == NULL)
        return error_set(err, ERROR_USAGE, "the workbench needs a terminal, and standard input or output is closed");
    setvbuf(p->in, NULL, _IONBF, 0);
    if (!open_screen(p, err))
        return false;
    choose_looks(p, options);
    choose_symbols(p, options);
    if (!options->no_mouse) {
        /* ncurses makes one click of a press and a release that it reads together */
        mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
        mouseinterval(0);
    }
    prepare_restore(options, restore, sizeof restore);
    if (!present_signal_start(fileno(p->out), restore, &p->modes, err))
        return false;
    redirect(p);
    return true;
}

static void stop(struct present *p)
{
    bool started = p->kept_out >= 0 || p->kept_err >= 0;
    if (p->screen != NULL) {
        endwin();
        delwin(p->keys);
        delscreen(p->screen);
    }
    if (started) {
        present_signal_stop();
        redirect_end(p);
    }
    if (p->in != NULL)
        fclose(p->in);
    if (p->out != NULL)
        fclose(p->out);
    grid_free(p->shown);
    grid_free(p->next);
}

/* --- drawing --------------------------------------------------------------------------------------------------- */

static void put_cell(const struct present *p, int x, int y, const struct cell *c, int wide)
{
    cchar_t out;
    wchar_t text[2] = {(wchar_t)c->code, L'\0'};
    /* Where curses would take another width than ours, the rest of the row would be shifted. */
    if (c->code >= 0x7f && wcwidth(text[0]) != wide)
        text[0] = L'?';
    enum style style = c->style < STYLE_N ? (enum style)c->style : STYLE_TEXT;
    setcchar(&out, text, p->look[style], p->pair[style], NULL);
    mvadd_wchnstr(y, x, &out, 1);
    if (wide == 2 && text[0] == L'?')
        mvadd_wchnstr(y, x + 1, &out, 1);
}

static bool same_frame(const struct grid *a, const struct grid *b)
{
    if (a == NULL || a->columns != b->columns || a->rows != b->rows)
        return false;
    for (size_t i = 0; i < (size_t)a->columns * (size_t)a->rows; i++)
        if (a->cell[i].code != b->cell[i].code || a->cell[i].style != b->cell[i].style)
            return false;
    return true;
}

static void show_frame(struct present *p)
{
    if (p->next == NULL || p->next->columns != COLS || p->next->rows != LINES) {
        grid_free(p->next);
        p->next = grid_new(COLS, LINES, p->symbols);
    }
    app_draw(p->app, p->next);
    if (!p->whole && same_frame(p->shown, p->next))
        return;
    if (p->whole)
        clearok(curscr, TRUE);
    p->whole = false;
    erase();
    for (int y = 0; y < p->next->rows; y++) {
        for (int x = 0; x < p->next->columns; x++) {
            const struct cell *c = &p->next->cell[(size_t)y * (size_t)p->next->columns + (size_t)x];
            bool wide = x + 1 < p->next->columns && c[1].code == 0;
            if (c->code != 0 && (c->code != ' ' || c->style != STYLE_TEXT))
                put_cell(p, x, y, c, wide ? 2 : 1);
        }
    }
    wnoutrefresh(stdscr);
    doupdate();
    struct grid *old = p->shown;
    p->shown = p->next;
    p->next = old;
}

/* --- input ----------------------------------------------------------------------------------------------------- */

static bool mouse_event(struct present *p, struct input_event *e)
{
    MEVENT m;
    if (getmouse(&m) != OK)
        return false;
    *e = (struct input_event){.key = INPUT_MOUSE, .x = m.x, .y = m.y};
    if (m.bstate & BUTTON4_PRESSED)
        e->wheel = -1;
    else if (m.bstate & BUTTON5_PRESSED)
        e->wheel = 1;
    else if (m.bstate & BUTTON1_RELEASED)
        *e =
            (struct input_event){.key = INPUT_DRAG, .x = m.x, .y = m.y, .from_x = p->pressed_x, .from_y = p->pressed_y};
    else if (!(m.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)))
        return false;
    if (m.bstate & BUTTON1_PRESSED) {
        p->pressed_x = m.x;
        p->pressed_y = m.y;
    }
    return e->key != INPUT_DRAG || e->x != e->from_x || e->y != e->from_y;
}

static int function_key(wint_t code)
{
    static const struct {
        wint_t code;
        int key;
    } map[] = {
        {KEY_UP, INPUT_UP},
        {KEY_DOWN, INPUT_DOWN},
        {KEY_LEFT, INPUT_LEFT},
        {KEY_RIGHT, INPUT_RIGHT},
        {KEY_HOME, INPUT_HOME},
        {KEY_END, INPUT_END},
        {KEY_FIND, INPUT_HOME},
        {KEY_SELECT, INPUT_END},
        {KEY_PPAGE, INPUT_PAGE_UP},
        {KEY_NPAGE, INPUT_PAGE_DOWN},
        {KEY_DC, INPUT_DELETE},
        {KEY_BTAB, INPUT_BACK_TAB},
        {KEY_BACKSPACE, INPUT_BACKSPACE},
        {KEY_ENTER, INPUT_ENTER},
        {KEY_RESIZE, INPUT_RESIZE},
    };
    for (size_t i = 0; i < ARRAY_N(map); i++)
        if (map[i].code == code)
            return map[i].key;
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return INPUT_F1 + (int)(code - KEY_F(1));
    return INPUT_NONE;
}

static int character_key(wint_t code)
{
    if (code == '\r')
        return INPUT_ENTER;
    if (code == '\b')
        return INPUT_BACKSPACE;
    return code < 0x110000 ? (int)code : INPUT_NONE;
}

enum { CONTROL_L = 12, CONTROL_Z = 26 };

static void suspend(struct present *p)
{
    def_prog_mode();
    endwin();
    tcsetattr(fileno(p->out), TCSADRAIN, &p->modes);
    present_signal_suspend();
    reset_prog_mode();
    p->whole = true;
    refresh();
}

static void read_keys(struct present *p)
{
    wint_t code;
    int kind;
    while (p->status < 0 && !app_ended(p->app) && (kind = wget_wch(p->keys, &code)) != ERR) {
        struct input_event e = {.key = kind == KEY_CODE_YES ? function_key(code) : character_key(code)};
        if (kind == KEY_CODE_YES && code == KEY_MOUSE && !mouse_event(p, &e))
            continue;
        if (e.key == CONTROL_Z)
            suspend(p);
        else if (e.key == CONTROL_L)
            p->whole = true;
        else
            app_input(p->app, &e);
    }
}

static void resize(struct present *p)
{
    struct winsize size = {0};
    if (ioctl(fileno(p->out), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return;
    if (size.ws_row != LINES || size.ws_col != COLS) {
        resizeterm(size.ws_row, size.ws_col);
        p->whole = true;
    }
}

static void read_signals(struct present *p)
{
    for (int number; p->status < 0 && (number = present_signal_next()) != 0;) {
        if (number == SIGWINCH) {
            resize(p);
        } else if (number == SIGTSTP) {
            suspend(p);
        } else if (number == SIGCONT) { /* behind a SIGSTOP, which nobody can see coming */
            reset_prog_mode();
            keypad(p->keys, TRUE);
            resize(p);
            p->whole = true;
        } else {
            p->status = 128 + number;
        }
    }
}

/* --- the loop -------------------------------------------------------------------------------------------------- */

/* Nothing to read though poll says readable: the other end is gone. Asked before curses takes bytes away. */
static bool input_ended(struct present *p, short events)
{
    int waiting = 0;
    if (events & (POLLERR | POLLNVAL))
        return true;
    if (!(events & (POLLIN | POLLHUP)))
        return false;
    return ioctl(fileno(p->in), FIONREAD, &waiting) != 0 || waiting == 0;
}

/* True if a key or a signal came. */
static bool wait_and_read(struct present *p)
{
    enum { OWN = 2, MOST = 64 };
    struct pollfd poll_set[MOST] = {{.fd = fileno(p->in), .events = POLLIN},
                                    {.fd = present_signal_descriptor(), .events = POLLIN}};
    int n = OWN + app_poll(p->app, poll_set + OWN, MOST - OWN);
    int ready = poll(poll_set, (nfds_t)n, app_wait_ms(p->app));
    if (ready < 0 && errno != EINTR)
        p->status = 1;
    if (ready <= 0)
        return false;
    if (poll_set[1].revents != 0)
        read_signals(p);
    if (p->status >= 0 || poll_set[0].revents == 0)
        return poll_set[1].revents != 0;
    if (input_ended(p, poll_set[0].revents))
        p->status = 0;
    else
        read_keys(p);
    return true;
}

int present_run(struct app *app, const struct present_options *options, struct error *err)
{
    struct present p = {.app = app, .kept_out = -1, .kept_err = -1, .status = -1};
    if (!start(&p, options, err)) {
        stop(&p);
        return -1;
    }
    for (bool draw = true; p.status < 0 && !app_ended(app);) {
        if (draw)
            show_frame(&p);
        draw = wait_and_read(&p);
        draw |= app_tick(app);
    }
    stop(&p);
    return p.status < 0 ? 0 : p.status;
}
