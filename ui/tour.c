#include "ui/tour.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/app.h"
#include "work/job.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_COLUMNS 100
#define TEXT_ROWS 30
#define PANEL_ROWS 5
#define PAGES_MOST 64 /* of a draft */
#define PASSPHRASE "demo"
#define SAMPLE "synthetic_market.csv"

struct tour_step {
    const char *title, *say; /* before the keys */
    const char *keys;        /* pressed when the reader goes on; "" for none */
};

/* The passphrase of the tour's identity is public: the identity lives in the tour's own folder and goes with it. */
static const struct tour_step steps[] = {
    {"Data",
     "A synthetic market: the next bar's direction follows a hidden pattern, then 6 % of the labels are flipped. So "
     "the best "
     "possible accuracy is known: 94 %. The last 15 % of time is sealed; nothing reads it.",
     "1"},
    {"Graph", "A network as a graph: one node a row, its edges as lanes, with shape, parameters and share of the work.",
     "2"},
    {"Morph",
     "Every change that keeps the function applies here and now. The next step widens or deepens the network, and "
     "shows that the "
     "output stays the same to the bit on real windows.",
     "3"},
    {"Morph: a step", "Applying the first applicable morphism. Look for max |delta| = 0.", "Enter"},
    {"Train",
     "Training by exact arithmetic: the same bits on every machine and for every number of threads. The curves are "
     "live.",
     "5"},
    {"Train: go", "Training the network at hand.", "t"},
    {"Search",
     "Bayesian optimisation: a Gaussian process over graphs predicts what a change is worth. Six trials, two worker "
     "processes.",
     "4"},
    {"Search: go", "Each trial is a walk-forward cross-validation. Children start from their parent's weights.",
     "r Enter C-u 6 Enter r"},
    {"Search: suggestions",
     "What would it try next, and why? Each has a predicted score and an expected improvement; e explains one.", "s"},
    {"Chain", "A result becomes a signed statement that anyone can re-check. First an identity (passphrase: demo), ...",
     "6 K d e m o Enter d e m o Enter"},
    {"Chain: genesis", "... a chain with it as the only validator (its parameters are a form; all by themselves here), ...", "I r"},
    {"Chain: the task", "... and the task on it. What would be signed is shown, decoded from the very bytes.", "t r"},
    {"Chain: signing",
     "The word confirms it: it comes from the hash of those bytes, so it fits nothing else. Then the passphrase.",
     "@word @pass"},
    {"Chain: a block", "What waits for a block is shown once more, in full.", "b"},
    {"Chain: sealed", "Its word seals it. The identity is unlocked for some minutes: nothing asks for the passphrase.", "@word @pass"},
    {"Chain: a claim",
     "Claiming the score of the network at hand, with a stake of 100 tokens. It is trained from scratch first: a claim "
     "never rests on inherited weights. Then it is announced by its hash, so that nobody can copy it.",
     "p r @pass"},
    {"Chain: signing", "The same again: read, word. Alone, the block between the two halves is sealed at once.", "@word @pass"},
    {"Chain: a block", "The claim goes into a block of its own, ...", "b"},
    {"Chain: sealed", "... and is on the chain: now it waits for those who check it.", "@word @pass"},
    {"Chain: the re-run",
     "A validator re-trains the claim from the chain's objects alone and commits to what came out, hidden; then the "
     "author opens the root, and the findings are revealed. Alone, one does all three.",
     "g c @pass"},
    {"Chain: signing", "Three transactions, one word over the bytes of all of them.", "@word @pass"},
    {"Chain: the evidence", "The claim in full: its life, its folds, its network, who re-ran it, and every hash.", "Enter"},
    {"Chain: approval", "A reviewer re-trains the claim here and compares the bits before deciding.", "a Enter Enter"},
    {"Chain: signing", "The approval is bound to the evidence and to the re-run. Alone, it is marked `self`.",
     "@word @pass"},
    {"Chain: a block", "The approval goes into a block as well, ...", "b"},
    {"Chain: sealed", "... with which the claim is accepted, and paid for what it improves on.", "@word @pass"},
    {"Chain: verification", "Everything re-checked from genesis, and every claim re-trained.", "R"},
    {"The end",
     "That was the whole line: data, graph, morphism, training, search, signature, proof. ? lists the keys of a "
     "screen, : finds any "
     "command. The workbench is yours now, on this data; q leaves.",
     ""},
};

struct tour {
    struct app *app;
    size_t step;
    bool busy;        /* a step's work is still going on */
    const char *rest; /* keys of the step not yet pressed */
    bool left;        /* the reader took over */
    enum symbols symbols;
};

/* --- its own folder -------------------------------------------------------------------------------------------------
 */

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    char inner[FILE_PATH_MAX];
    while (d && (e = readdir(d))) {
        struct stat st;
        if (text_equal(e->d_name, ".") || text_equal(e->d_name, ".."))
            continue;
        file_join(inner, sizeof inner, path, e->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            remove_folder(inner);
        else
            unlink(inner);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

/* The bundled market: beside the program where it was built, or where it was installed. Without it, one like it is
 * made. */
static bool find_market(char *out, size_t size, const char *folder, struct error *err)
{
    char beside[FILE_PATH_MAX];
    text_copy(beside, sizeof beside, job_program());
    char *slash = strrchr(beside, '/');
    if (slash)
        *slash = 0;
    text_append(beside, sizeof beside, "/../samples/" SAMPLE);
    const char *const places[] = {beside, SAMPLES_FOLDER "/" SAMPLE};
    for (size_t i = 0; i < ARRAY_N(places); i++)
        if (file_exists(places[i]))
            return text_copy(out, size, places[i]);
    file_join(out, size, folder, SAMPLE);
    json_t *made = action_synth("planted", 7, 3000, 0.94, out, err);
    json_decref(made);
    return made != NULL;
}

/* A workspace with the market, the task and two networks; the rest is done before the reader's eyes. */
static struct workspace *prepare(const char *folder, struct error *err)
{
    char market[FILE_PATH_MAX], space[FILE_PATH_MAX];
    const char *const files[] = {market};
    file_join(space, sizeof space, folder, "demo");
    struct action_data_options data = {.asset = "synthetic"};
    struct action_task_options task = {
        .horizon = 1, .lookback = 24, .folds = 3, .embargo = -1, .stride = -1, .seed = -1, .holdout = -1};
    struct workspace *w = NULL;
    if (find_market(market, sizeof market, folder, err) && workspace_create(space, err) &&
        (w = workspace_open(space, false, err))) {
        json_t *result[] = {action_data_add(w, files, 1, &data, err), NULL, NULL, NULL};
        result[1] = result[0] ? action_task_set(w, &task, err) : NULL;
        result[2] = result[1] ? action_arch_new(w, "mlp", 16, 1, err) : NULL;
        result[3] = result[2] ? action_arch_new(w, "tcn", 12, 3, err) : NULL;
        bool ok = result[3] != NULL;
        workspace_setting_set(w, "search.deterministic", "1"); /* the same trials on every projector */
        for (size_t i = 0; i < ARRAY_N(result); i++)
            json_decref(result[i]);
        if (!ok) {
            workspace_close(w);
            w = NULL;
        }
    }
    return w;
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

/* Presses the step's keys up to one that started a job; the others follow when it has ended. "@word" types the word
 * that the dialog asks for, "@pass" the passphrase if it is asked for: what was unlocked lately needs none. */
static void go_on(struct tour *t)
{
    char name[16];
    app_settle(t->app); /* what a key may do follows from what was read */
    while (t->rest && t->rest[0]) {
        size_t n = strcspn(t->rest, " ");
        if (jobs_run(t->app) || n >= sizeof name)
            return;
        memcpy(name, t->rest, n);
        name[n] = 0;
        if (text_equal(name, "@word")) {
            if (!type_word(t))
                return;
        } else if (text_equal(name, "@pass")) {
            if (app_asks_secret(t->app))
                type(t, PASSPHRASE);
        } else {
            press(t, input_parse(name));
        }
        t->rest += n;
        t->rest += strspn(t->rest, " ");
    }
    t->busy = jobs_run(t->app);
}

static void next_step(struct tour *t)
{
    t->rest = steps[t->step].keys;
    t->busy = true;
    t->step++;
    go_on(t);
}

/* --- the panel in a terminal
 * ------------------------------------------------------------------------------------------ */

static void panel_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct tour *t = self;
    (void)app;
    const struct tour_step *s = &steps[t->step < ARRAY_N(steps) ? t->step : ARRAY_N(steps) - 1];
    char title[96];
    snprintf(title, sizeof title, "Tour, step %zu of %zu: %s", t->step + 1, ARRAY_N(steps), s->title);
    struct box in = grid_frame(g, b, STYLE_BORDER, title);
    grid_paragraph(g, in, 0, STYLE_TEXT, s->say);
    const char *how = t->busy                         ? "working ... Esc leaves the tour"
                      : t->step + 1 >= ARRAY_N(steps) ? "Space ends the tour"
                                                      : "Space goes on, Esc leaves the tour";
    grid_put_right(g, (struct box){b.x, b.y + b.rows - 1, b.columns - 2, 1}, 0, t->busy ? STYLE_WARN : STYLE_KEY, how);
}

static bool panel_input(void *self, struct app *app, const struct input_event *e)
{
    struct tour *t = self;
    if (e->key == 'q' || e->key == 3)
        return false;
    bool end = e->key == INPUT_ESC || (e->key == INPUT_SPACE && !t->busy && t->step + 1 >= ARRAY_N(steps));
    if (end) {
        t->left = true;
        app_guide(app, NULL);
        app_message(app, STYLE_GOOD, "the workbench is yours; q leaves, and the tour's folder goes with it");
    } else if (e->key == INPUT_SPACE && !t->busy) {
        next_step(t);
    }
    return true;
}

static bool panel_tick(void *self, struct app *app)
{
    struct tour *t = self;
    (void)app;
    if (!t->busy)
        return false;
    go_on(t);
    return true;
}

static int in_terminal(struct tour *t, const struct present_options *how, struct error *err)
{
    const struct app_guide guide = {PANEL_ROWS, panel_draw, panel_input, panel_tick, t};
    app_guide(t->app, &guide);
    app_show(t->app, "data");
    return present_run(t->app, how, err);
}

/* --- as text
 * ---------------------------------------------------------------------------------------------------------- */

static void settle(struct tour *t)
{
    while (t->busy || jobs_run(t->app)) {
        struct pollfd fd[16];
        int n = app_poll(t->app, fd, 16);
        poll(fd, (nfds_t)n, n ? 200 : 20);
        app_tick(t->app);
        if (!jobs_run(t->app)) {
            const char *before = t->rest;
            go_on(t);
            if (!jobs_run(t->app) && t->rest == before)
                break;
        }
    }
    t->busy = false;
    app_tick(t->app);
}

static int as_text(struct tour *t, FILE *out)
{
    struct grid *g = grid_new(TEXT_COLUMNS, TEXT_ROWS, t->symbols);
    while (t->step < ARRAY_N(steps)) {
        const struct tour_step *s = &steps[t->step];
        fprintf(out, "\n=== %zu of %zu. %s\n%s\n\n", t->step + 1, ARRAY_N(steps), s->title, s->say);
        fflush(out);
        next_step(t);
        settle(t);
        if (!s->keys[0])
            continue;
        app_settle(t->app);
        app_draw(t->app, g);
        char *text = grid_text(g);
        fputs(text, out);
        free(text);
    }
    grid_free(g);
    return ferror(out) ? 1 : 0;
}

int tour_run(const struct present_options *how, enum symbols symbols, FILE *out, struct error *err)
{
    const char *base = getenv("TMPDIR");
    char folder[FILE_PATH_MAX];
    snprintf(folder, sizeof folder, "%s/morphsmith-demo-XXXXXX", base && base[0] == '/' ? base : "/tmp");
    if (!mkdtemp(folder)) {
        error_set_errno(err, ERROR_IO, "cannot make a folder for the tour: %s", folder);
        return 1;
    }
    setenv("XDG_DATA_HOME", folder, 1); /* its identity is no business of the reader's own */
    int status = 1;
    struct workspace *w = prepare(folder, err);
    if (w) {
        struct app_options options = {.screen = "data", .threads = 1};
        struct tour t = {.app = app_new(w, &options), .symbols = symbols};
        status = how ? in_terminal(&t, how, err) : as_text(&t, out);
        app_free(t.app);
        workspace_close(w);
    }
    remove_folder(folder);
    return status;
}
