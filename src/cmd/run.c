/* Running a command: help, the workspace, events, the result, the exit status. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/arguments.h"
#include "cmd/print.h"
#include "config.h"
#include "net/numeric.h"
#include "work/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { LINE_COLUMNS = 80 };
enum { LOG_CHANGE_MOST = 200 }; /* bytes, more or less: the log is read in a table */

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

bool arguments_interrupted(void)
{
    return caught != 0;
}

/* A second Ctrl-C ends the process where it is. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
}

static void ignore_broken_pipes(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

struct reporter {
    bool json, terminal, job;
    bool paused, orphaned;
    bool unheard; /* standard output takes nothing any more */
    size_t shown; /* columns of the progress line that stands there now */
    char held[256];
    size_t held_n;
};

static void show_progress(struct reporter *r, const json_t *event)
{
    const char *text = json_string_value(json_object_get(event, "text"));
    const json_t *share = json_object_get(event, "progress"), *eta = json_object_get(event, "eta_seconds");
    char line[256], left[64] = "";
    if (!text)
        return;
    if (json_is_number(eta) && json_number_value(eta) >= 1) {
        char span[32];
        clock_span(json_number_value(eta), span, sizeof span);
        snprintf(left, sizeof left, ", about %s left", span);
    }
    if (share)
        snprintf(line, sizeof line, "%3.0f %%  %s%s", 100 * json_number_value(share), text, left);
    else
        snprintf(line, LINE_COLUMNS, "%s", text); /* of no known length: in one row, so that the next one can cover it */
    if (r->terminal) {
        fprintf(stderr, "\r%-*s", (int)r->shown, line);
        r->shown = strlen(line);
        fflush(stderr);
    }
}

static void show_trial(const json_t *event)
{
    const char *state = json_string_value(json_object_get(event, "state"));
    const json_t *score = json_object_get(event, "score");
    if (score && json_is_true(json_object_get(event, "partial")))
        fprintf(stderr, "trial %lld: stopped at %.0f %%, about %.4f  %s\n",
                json_integer_value(json_object_get(event, "trial")),
                100 * json_number_value(json_object_get(event, "fidelity")),
                json_number_value(json_object_get(score, "mean")), json_string_value(json_object_get(event, "why")));
    else if (score)
        fprintf(stderr, "trial %lld: %.4f [%.4f, %.4f]  %s\n", json_integer_value(json_object_get(event, "trial")),
                json_number_value(json_object_get(score, "mean")), json_number_value(json_object_get(score, "low")),
                json_number_value(json_object_get(score, "high")), json_string_value(json_object_get(event, "why")));
    else if (state && json_is_true(json_object_get(event, "timed_out")))
        fprintf(stderr, "trial %lld stopped by the limit of time\n",
                json_integer_value(json_object_get(event, "trial")));
    else if (state && text_equal(state, "failed"))
        fprintf(stderr, "trial %lld failed; the log says why\n", json_integer_value(json_object_get(event, "trial")));
}

/* What stays to be read, in a line of its own. */
static bool is_said(const char *kind)
{
    static const char *const said[] = {"plan",  "interrupted", "resumed", "block",   "propose",
                                       "fork",  "evidence",    "problem", "duty"};
    for (size_t i = 0; kind && i < ARRAY_N(said); i++)
        if (text_equal(kind, said[i]))
            return true;
    return false;
}

static void say(struct reporter *r, const char *text)
{
    struct text shown = {0};
    text_escape(&shown, text ? text : "", text ? strlen(text) : 0); /* it may quote a file's name */
    if (r->terminal && r->shown)
        fprintf(stderr, "\r%*s\r", (int)r->shown, "");
    r->shown = 0;
    fprintf(stderr, "%s\n", text_of(&shown));
    text_free(&shown);
}

static void on_event(void *context, json_t *event)
{
    struct reporter *r = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (r->json) {
        json_dumpf(event, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fputc('\n', stdout);
        if (fflush(stdout) != 0)
            r->unheard = true;
        return;
    }
    if (kind && text_equal(kind, "trial")) {
        if (r->terminal && r->shown)
            fprintf(stderr, "\r%*s\r", (int)r->shown, "");
        r->shown = 0;
        show_trial(event);
    }
    if (is_said(kind))
        say(r, json_string_value(json_object_get(event, "text")));
    else
        show_progress(r, event);
}

/* A job's standard input: "pause" and "resume" lines; its end means that the parent is gone. */
static void read_orders(struct reporter *r)
{
    struct pollfd in = {.fd = 0, .events = POLLIN};
    while (r->job && !r->orphaned && poll(&in, 1, 0) > 0) {
        ssize_t n = read(0, r->held + r->held_n, sizeof r->held - 1 - r->held_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            r->orphaned = true;
            return;
        }
        r->held_n += (size_t)n;
        r->held[r->held_n] = 0;
        char *end;
        while ((end = strchr(r->held, '\n'))) {
            *end = 0;
            if (text_equal(r->held, "pause") || text_equal(r->held, "resume"))
                r->paused = text_equal(r->held, "pause");
            r->held_n -= (size_t)(end + 1 - r->held);
            memmove(r->held, end + 1, r->held_n + 1);
        }
        if (r->held_n == sizeof r->held - 1)
            r->held_n = 0; /* no order is that long */
    }
}

static bool on_cancelled(void *context)
{
    struct reporter *r = context;
    read_orders(r);
    return caught != 0 || r->orphaned || r->unheard;
}

static bool on_paused(void *context)
{
    struct reporter *r = context;
    read_orders(r);
    return r->paused;
}

/* --- help --------------------------------------------------------------------------------------------------------- */

static void print_options(FILE *out, const struct command_option *o)
{
    for (; o->name; o++) {
        char left[64];
        if (!o->about)
            continue;
        snprintf(left, sizeof left, "%s%s%s%s", o->name[1] ? "--" : "-", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        fprintf(out, "  %-26s %s\n", left, o->about);
    }
}

static void print_help(FILE *out, const struct command *const *const *tables, const struct command *one)
{
    if (one) {
        fprintf(out, "usage: morphsmith %s%s%s\n\n%s.\n", one->name, one->operands[0] ? " " : "", one->operands,
                one->about);
        if (one->option[0].name) {
            fputs("\noptions:\n", out);
            print_options(out, one->option);
        }
        fputs("\nglobal options:\n", out);
        print_options(out, arguments_global);
        return;
    }
    fputs("usage: morphsmith [OPTION...] [COMMAND ...]\n\nWithout a command, opens the workbench.\n\ncommands:\n", out);
    for (; *tables; tables++) {
        for (const struct command *const *c = *tables; *c; c++) {
            char left[64];
            if ((*c)->hidden)
                continue;
            snprintf(left, sizeof left, "%s %s", (*c)->name, (*c)->operands);
            fprintf(out, "  %-34s %s\n", left, (*c)->about);
        }
    }
    fputs("\nglobal options:\n", out);
    print_options(out, arguments_global);
    fputs("\nexit status: 0 done, 1 failed, 2 wrong usage, 3 input data refused, 4 chain, key or signature invalid,\n"
          "             5 out of memory or over a limit, 130 or 143 interrupted\n",
          out);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static struct workspace *open_workspace(const struct arguments *a, struct error *err)
{
    bool read_only = arguments_flag(a, "read-only");
    if (read_only && a->command->need == COMMAND_WRITES) {
        error_set(err, ERROR_USAGE, "--read-only: `%s` would write", a->command->name);
        return NULL;
    }
    if (a->command->need == COMMAND_READS && !a->command->hidden && access(arguments_folder(a), W_OK) != 0)
        read_only = true; /* what only looks needs no leave to write */
    struct workspace *w = workspace_open(arguments_folder(a), read_only, err);
    if (w && !read_only) {
        char path[FILE_PATH_MAX];
        workspace_path(w, "log.txt", path, sizeof path);
        log_open(path, NULL); /* without a log the work still goes on */
    }
    return w;
}

/* A message may quote a file's name or a cell of it. */
static int fail(const struct arguments *a, const struct error *err)
{
    struct text shown = {0};
    text_escape(&shown, err->text, strlen(err->text));
    fprintf(stderr, "morphsmith: %s\n", shown.n ? text_of(&shown) : error_kind_name(err->kind));
    text_free(&shown);
    log_write(LOG_ERROR, "%s%s%s", a->command ? a->command->name : "", a->command ? ": " : "", err->text);
    if (err->kind == ERROR_INTERRUPTED && caught)
        return 128 + caught;
    return error_exit_status(err->kind);
}

static int cannot_write(const struct arguments *a, struct error *err)
{
    error_clear(err);
    error_set_errno(err, ERROR_IO, "cannot write to standard output");
    return fail(a, err);
}

static void print_result(const struct arguments *a, const struct reporter *r, const json_t *result)
{
    if (arguments_flag(a, "json") || r->job) {
        size_t flags = JSON_PRESERVE_ORDER | (a->command->streams || r->job ? JSON_COMPACT : JSON_INDENT(2));
        json_dumpf(result, stdout, flags);
        fputc('\n', stdout);
    } else {
        (a->command->show && !a->prefix ? a->command->show : print_fields)(result, stdout);
    }
}

/* What was changed, in a line: the command, what it was given, and the plain fields of its result. The workbench logs
 * its own jobs. */
static void log_change(const struct arguments *a, const json_t *result, double seconds)
{
    struct text line = {0};
    const char *key, *before = ": ";
    json_t *value;
    text_printf(&line, "%s", a->command->name);
    for (int i = 0; i < arguments_operands(a); i++)
        text_printf(&line, " %s", arguments_operand(a, i));
    json_object_foreach((json_t *)result, key, value)
    {
        char shown[128];
        print_value(value, shown, sizeof shown);
        if (!shown[0] || json_is_null(value) || line.n > LOG_CHANGE_MOST)
            continue;
        text_printf(&line, "%s%s %s", before, key, shown);
        before = ", ";
    }
    log_write(LOG_INFO, "%s (%.1f s)", text_of(&line), seconds);
    text_free(&line);
}

static int run_action(struct workspace *w, const struct arguments *a, struct reporter *r, struct error *err)
{
    double from = clock_seconds();
    json_t *result = a->command->run(w, a, err);
    if (r->terminal && r->shown)
        fprintf(stderr, "\r%*s\r", (int)r->shown, "");
    if (!result && !err->kind)
        error_set(err, ERROR_FAILED, "%s gave no result and no reason: a bug", a->command->name);
    errno = 0;
    if (result)
        print_result(a, r, result);
    if (result && !err->kind && a->command->need == COMMAND_WRITES && !r->job)
        log_change(a, result, clock_seconds() - from);
    json_decref(result);
    if (r->unheard || fflush(stdout) != 0 || ferror(stdout)) {
        errno = r->unheard ? EPIPE : errno ? errno : EIO;
        return cannot_write(a, err);
    }
    return err->kind ? fail(a, err) : 0;
}

static int run(struct arguments *a, struct error *err)
{
    struct reporter r = {.json = (arguments_flag(a, "json") && a->command->streams) || arguments_flag(a, "job"),
                         .terminal = isatty(2),
                         .job = arguments_flag(a, "job")};
    a->control = (struct control){&r, on_event, on_cancelled, on_paused};
    struct workspace *w = NULL;
    int status;
    if (a->command->ends_itself || a->command->own)
        catch_signals();
    if (a->command->need != COMMAND_BARE && !(w = open_workspace(a, err)))
        return fail(a, err);
    if (a->command->own) {
        status = a->command->own(w, a, err);
        if (err->kind)
            status = fail(a, err);
    } else {
        status = run_action(w, a, &r, err);
    }
    workspace_close(w);
    log_close();
    return status;
}

int command_main(int n, char **argument, const struct command *const *const *tables)
{
    struct error err = {0};
    struct arguments *a = NEW(struct arguments);
    int64_t threads = 1;
    hash_start();
    job_program_set(argument[0]);
    ignore_broken_pipes();
    int status;
    if (!arguments_parse(a, n, argument, tables, &err) || !arguments_int(a, "threads", 1, 64, &threads, &err)) {
        status = fail(a, &err);
    } else if (arguments_flag(a, "version")) {
        printf("morphsmith %s (numeric version %s)\n", PACKAGE_VERSION, NUMERIC_VERSION);
        status = fflush(stdout) == 0 ? 0 : cannot_write(a, &err);
    } else if (arguments_flag(a, "help")) {
        print_help(stdout, tables, a->command);
        status = fflush(stdout) == 0 ? 0 : cannot_write(a, &err);
    } else if (!numeric_start(&err)) {
        status = fail(a, &err);
    } else {
        if (!a->command) /* the first table's first entry opens the workbench */
            a->command = tables[0][0];
        status = run(a, &err);
    }
    free(a);
    return status;
}
