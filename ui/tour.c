#include "ui/tour.h"
#include "ui/tour_folder.h"
#include "ui/tour_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/app.h"
#include "work/job.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_COLUMNS 100
#define TEXT_ROWS 30
#define PANEL_ROWS 5
#define PAGES_MOST 64 /* of a draft */
#define PASSPHRASE "demo"
#define LOG_MOST ((size_t)1 << 20)
#define LOG_LINES 14

struct tour {
    struct app *app;
    const struct tour_plan *plan;
    const char *folder;
    size_t step, from; /* from: steps before it are played without waiting */
    size_t seen;       /* the step that is read: behind `step` where one went back */
    bool busy;         /* a step's work is still going on */
    pid_t beside;      /* what does it beside the workbench; 0: nothing */
    bool failed;       /* what did it failed */
    const char *rest;  /* keys of the step not yet pressed */
    bool left;         /* the reader took over */
    enum symbols symbols;
};

static const struct tour_plan *const plans[] = {&tour_one, &tour_many};

/* --- files -------------------------------------------------------------------------------------------------------------- */

bool tour_find(const char *name, char *out, size_t size)
{
    static const char *const beside[] = {"/samples/", "/../samples/"};
    static const char *const installed[] = {SAMPLES_FOLDER "/", LIBEXEC_FOLDER "/"};
    char folder[FILE_PATH_MAX];
    text_copy(folder, sizeof folder, job_program());
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    for (size_t i = 0; i < 2 * ARRAY_N(beside); i++) {
        bool near = i < ARRAY_N(beside);
        const char *behind = near ? beside[i] : installed[i - ARRAY_N(beside)];
        if (text_copy(out, size, near ? folder : "") && text_append(out, size, behind) && text_append(out, size, name) &&
            file_exists(out))
            return true;
    }
    return false;
}

/* --- pressing keys --------------------------------------------------------------------------------------------------
 */

static bool jobs_run(const struct app *app)
{
    return app_job_busy(app);
}

static void press(struct tour *t, int key)
{
    app_press(t->app, key);
}

/* Types what a dialog asks for, and Enter. */
static void type(struct tour *t, const char *text)
{
    for (; *text; text++)
        press(t, (unsigned char)*text);
    press(t, INPUT_ENTER);
}

/* False: the draft is still on its way, or it failed. */
static bool type_word(struct tour *t)
{
    const char *word = app_asked_word(t->app);
    if (!word)
        return false;
    for (int i = 0; i < PAGES_MOST; i++) /* what is signed is shown to its end first */
        press(t, INPUT_PAGE_DOWN);
    type(t, word);
    return true;
}

/* Whether what goes on beside the workbench is still at it. */
static bool beside_runs(struct tour *t)
{
    int status;
    if (t->beside == 0)
        return false;
    if (waitpid(t->beside, &status, WNOHANG) == 0)
        return true;
    t->failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    t->beside = 0;
    return false;
}

static void do_beside(struct tour *t, const char *name)
{
    struct error err = {0};
    t->beside = t->plan->begin(t->folder, name, &err);
    if (t->beside < 0) {
        t->beside = 0;
        t->failed = true;
        app_error(t->app, &err);
    }
}

/* The newest lines that the work beside the workbench has written. */
static void show_log(struct tour *t)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    file_join(path, sizeof path, t->folder, TOUR_LOG);
    if (file_read(path, LOG_MOST, &b, NULL)) {
        bytes_put_u8(&b, 0);
        const char *text = (const char *)b.data, *from = text + b.n - 1;
        for (int lines = 0; from > text && lines <= LOG_LINES; from--)
            lines += from[-1] == '\n';
        app_show_text(t->app, "What was done", from > text ? from + 1 : text);
    }
    bytes_free(&b);
}

/* One word of the step's keys; false: it is not its time yet. */
static bool press_word(struct tour *t, const char *word)
{
    if (text_equal(word, "@word"))
        return type_word(t);
    if (text_equal(word, "@log"))
        show_log(t);
    else if (text_starts(word, "@do:"))
        do_beside(t, word + strlen("@do:"));
    else if (!text_equal(word, "@pass"))
        press(t, input_parse(word));
    else if (app_asks_secret(t->app))
        type(t, PASSPHRASE);
    return true;
}

/* Presses the step's keys up to one that started a job; the others follow when it has ended. */
static void go_on(struct tour *t)
{
    char word[48];
    app_settle(t->app); /* what a key may do follows from what was read */
    while (t->rest && t->rest[0]) {
        size_t n = strcspn(t->rest, " ");
        if (jobs_run(t->app) || beside_runs(t) || n >= sizeof word)
            return;
        memcpy(word, t->rest, n);
        word[n] = 0;
        if (!press_word(t, word))
            return;
        t->rest += n;
        t->rest += strspn(t->rest, " ");
    }
    t->busy = jobs_run(t->app) || beside_runs(t);
}

static void next_step(struct tour *t)
{
    t->rest = t->plan->step[t->step].keys;
    t->busy = true;
    t->failed = false;
    t->step++;
    t->seen = t->step;
    go_on(t);
}

/* --- the panel in a terminal ------------------------------------------------------------------------------------------ */

static bool at_end(const struct tour *t)
{
    return t->step + 1 >= t->plan->steps;
}

static const char *how_on(const struct tour *t)
{
    if (t->seen < t->step)
        return "Space goes forward again, Backspace back, Esc leaves the tour";
    if (t->busy)
        return "working ... Esc leaves the tour";
    if (t->failed)
        return "this step failed: Space tries to go on, Esc leaves the tour";
    return at_end(t) ? "Space ends the tour" : "Space goes on, Backspace reads back, Esc leaves the tour";
}

static void panel_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct tour *t = self;
    (void)app;
    size_t last = t->plan->steps - 1, shown = t->seen < last ? t->seen : last;
    const struct tour_step *s = &t->plan->step[shown];
    char title[96];
    snprintf(title, sizeof title, "Tour, step %zu of %zu: %s", shown + 1, t->plan->steps, s->title);
    struct box in = grid_frame(g, b, STYLE_BORDER, title);
    grid_paragraph(g, in, 0, STYLE_TEXT, s->say);
    grid_put_right(g, (struct box){b.x, b.y + b.rows - 1, b.columns - 2, 1}, 0,
                   t->failed ? STYLE_BAD : t->busy ? STYLE_WARN : STYLE_KEY, how_on(t));
}

static void leave(struct tour *t)
{
    t->left = true;
    app_guide(t->app, NULL);
    app_message(t->app, STYLE_GOOD, "the workbench is yours; q leaves, and the tour's folder goes with it");
}

static bool panel_input(void *self, struct app *app, const struct input_event *e)
{
    struct tour *t = self;
    (void)app;
    if (e->key == 'q' || e->key == 3)
        return false;
    if (e->key == INPUT_ESC || (e->key == INPUT_SPACE && !t->busy && at_end(t) && t->seen == t->step))
        leave(t);
    else if (e->key == INPUT_BACKSPACE)
        t->seen -= t->seen > 0;
    else if (e->key == INPUT_SPACE && t->seen < t->step)
        t->seen++;
    else if (e->key == INPUT_SPACE && !t->busy)
        next_step(t);
    return true;
}

static bool panel_tick(void *self, struct app *app)
{
    struct tour *t = self;
    (void)app;
    if (t->busy) {
        go_on(t);
        return true;
    }
    if (t->step >= t->from || t->failed)
        return false;
    next_step(t);
    return true;
}

static int in_terminal(struct tour *t, const struct present_options *how, struct error *err)
{
    const struct app_guide guide = {PANEL_ROWS, panel_draw, panel_input, panel_tick, t};
    app_guide(t->app, &guide);
    app_show(t->app, t->plan->screen);
    return present_run(t->app, how, err);
}

/* --- as text ------------------------------------------------------------------------------------------------------------ */

enum { LOOK_MS = 20, SETTLE_MS = 1100 }; /* the screens look at the workspace every second */

static void wait_some(struct tour *t, int most)
{
    struct pollfd fd[16];
    int n = app_poll(t->app, fd, 16);
    poll(fd, (nfds_t)n, n && most > 200 ? 200 : most);
    app_tick(t->app);
}

static void settle(struct tour *t)
{
    bool beside = t->beside != 0;
    while (t->busy || jobs_run(t->app)) {
        wait_some(t, LOOK_MS);
        if (jobs_run(t->app) || beside_runs(t))
            continue;
        const char *before = t->rest;
        go_on(t);
        beside |= t->beside != 0;
        if (!jobs_run(t->app) && t->beside == 0 && t->rest == before)
            break;
    }
    t->busy = false;
    for (double end = clock_seconds() + (beside ? SETTLE_MS / 1e3 : 0); clock_seconds() < end;)
        wait_some(t, LOOK_MS);
    app_tick(t->app);
}

static void put_step(struct tour *t, const struct tour_step *s, size_t n, struct grid *g, FILE *out)
{
    if (s->chapter)
        fprintf(out, "\n=== %s\n", s->chapter);
    fprintf(out, "\n=== %zu of %zu. %s\n%s\n\n", n, t->plan->steps, s->title, s->say);
    fflush(out);
    next_step(t);
    settle(t);
    if (!s->keys[0])
        return;
    app_settle(t->app);
    app_draw(t->app, g);
    char *text = grid_text(g);
    fputs(text, out);
    free(text);
}

static int as_text(struct tour *t, FILE *out)
{
    struct grid *g = grid_new(TEXT_COLUMNS, TEXT_ROWS, t->symbols);
    bool failed = false;
    app_show(t->app, t->plan->screen);
    while (t->step < t->from && !failed) {
        next_step(t);
        settle(t);
        failed = t->failed;
    }
    while (t->step < t->plan->steps && !failed) {
        put_step(t, &t->plan->step[t->step], t->step + 1, g, out);
        failed = t->failed;
    }
    grid_free(g);
    return failed || ferror(out) ? 1 : 0;
}

/* --- chapters ----------------------------------------------------------------------------------------------------------- */

void tour_list(FILE *out)
{
    for (size_t i = 0; i < ARRAY_N(plans); i++) {
        int chapter = 0;
        fprintf(out, "%s%-6s %s\n", i > 0 ? "\n" : "", plans[i]->name, plans[i]->about);
        for (size_t k = 0; k < plans[i]->steps; k++)
            if (plans[i]->step[k].chapter)
                fprintf(out, "  %2d  %s\n", ++chapter, plans[i]->step[k].chapter);
    }
}

static bool find_plan(const char *name, const struct tour_plan **out, struct error *err)
{
    for (size_t i = 0; i < ARRAY_N(plans); i++)
        if (text_equal(plans[i]->name, name)) {
            *out = plans[i];
            return true;
        }
    return error_set(err, ERROR_USAGE, "there is no tour %s; `demo --list` shows them", name);
}

/* The first step of the n-th chapter. */
static bool find_chapter(const struct tour_plan *p, int64_t n, size_t *out, struct error *err)
{
    int64_t at = 0;
    for (size_t k = 0; k < p->steps; k++)
        if (p->step[k].chapter && ++at == n) {
            *out = k;
            return true;
        }
    return error_set(err, ERROR_USAGE, "the tour %s has chapters 1 to %lld; `demo --list` shows them", p->name, (long long)at);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------ */

static int run_in(const struct tour_options *o, const struct tour_plan *plan, size_t from, const char *folder, FILE *out,
                  struct error *err)
{
    struct workspace *w = plan->prepare(folder, err);
    int status = 1;
    if (w) {
        struct app_options options = {.screen = plan->screen, .threads = 1};
        struct tour t = {.app = app_new(w, &options), .plan = plan, .folder = folder, .from = from, .symbols = o->symbols};
        status = o->how ? in_terminal(&t, o->how, err) : as_text(&t, out);
        if (t.beside > 0)
            waitpid(t.beside, NULL, 0);
        app_free(t.app);
        workspace_close(w);
    }
    if (plan->end)
        plan->end(folder);
    return status;
}

int tour_run(const struct tour_options *o, FILE *out, struct error *err)
{
    const struct tour_plan *plan = NULL;
    struct tour_folder folder;
    size_t from = 0;
    if (!find_plan(o->name, &plan, err) || !find_chapter(plan, o->chapter, &from, err))
        return 2;
    if (!tour_folder_make(&folder, err))
        return 1;
    setenv("XDG_DATA_HOME", folder.path, 1); /* its identity is no business of the reader's own */
    int status = run_in(o, plan, from, folder.path, out, err);
    tour_folder_remove(&folder);
    return status;
}
