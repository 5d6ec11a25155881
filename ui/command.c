#include "ui/command.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/present.h"
#include "ui/tour.h"

#include <langinfo.h>
#include <unistd.h>

/* --- the workbench --------------------------------------------------------------------------------------------------- */

static void present_options_of(const struct arguments *a, struct present_options *out)
{
    *out = (struct present_options){.no_color = arguments_flag(a, "no-color"), .ascii = arguments_flag(a, "ascii"),
                                    .no_mouse = arguments_flag(a, "no-mouse")};
}

static struct workspace *open_if_there(const struct arguments *a, const char *folder, struct error *err)
{
    if (!workspace_is(folder) && !arguments_flag(a, "w"))
        return NULL; /* the start screen says how to begin */
    bool read_only = arguments_flag(a, "read-only");
    struct workspace *w = workspace_open(folder, read_only, err);
    if (w && !read_only) {
        char path[FILE_PATH_MAX];
        workspace_path(w, "log.txt", path, sizeof path);
        log_open(path, NULL); /* without a log the work still goes on */
    }
    return w;
}

/* Where there is no workspace, one can be made or chosen: then it goes on there. */
static int run_workbench(struct workspace *none, const struct arguments *a, struct error *err)
{
    (void)none;
    struct app_options options = {.read_only = arguments_flag(a, "read-only"), .threads = arguments_threads(a)};
    char *folder = memory_text(arguments_folder(a));
    int status = 1;
    while (folder != NULL) {
        struct workspace *w = open_if_there(a, folder, err);
        free(folder);
        folder = NULL;
        if (err->kind)
            return 1;
        struct app *app = app_new(w, &options);
        struct present_options how;
        present_options_of(a, &how);
        status = present_run(app, &how, err);
        if (app_chosen(app) != NULL && status == 0)
            folder = memory_text(app_chosen(app));
        app_free(app);
        workspace_close(w);
    }
    return status;
}

static const struct command command_workbench = {.name = "workbench", .operands = "", .about = "open the workbench (the default)",
                                                 .need = COMMAND_BARE, .own = run_workbench};

/* --- view ------------------------------------------------------------------------------------------------------------ */

bool ui_parse_size(const char *text, int *columns, int *rows)
{
    char copy[32], *rest = copy;
    int64_t c, r;
    if (!text_copy(copy, sizeof copy, text))
        return false;
    const char *first = text_next(&rest, 'x');
    if (!first || !rest || !text_parse_int(first, 1, 1000, &c) || !text_parse_int(rest, 1, 1000, &r))
        return false;
    *columns = (int)c;
    *rows = (int)r;
    return true;
}

static enum symbols symbols_of(const struct arguments *a)
{
    bool utf8 = text_equal(nl_langinfo(CODESET), "UTF-8");
    return arguments_flag(a, "ascii") || !utf8 ? SYMBOLS_ASCII : SYMBOLS_BRAILLE;
}

static int run_view(struct workspace *w, const struct arguments *a, struct error *err)
{
    int columns = 80, rows = 24;
    const char *size = arguments_option(a, "size"), *keys = arguments_option(a, "keys"), *screen = arguments_operand(a, 0);
    if (size && !ui_parse_size(size, &columns, &rows)) {
        error_set(err, ERROR_USAGE, "--size is WIDTHxHEIGHT, each 1 to 1000, not %s", size);
        return 2;
    }
    struct app_options options = {.read_only = true, .screen = screen, .threads = 1};
    struct app *app = app_new(w, &options);
    bool ok = app_show(app, screen) || error_set(err, ERROR_USAGE, "there is no screen %s; they are data graph morph search train chain log", screen);
    ok = ok && (!keys || app_play(app, keys, err));
    if (ok) {
        struct grid *g = grid_new(columns, rows, symbols_of(a));
        app_draw(app, g);
        app_settle(app); /* what that size shows may have to be worked out first */
        app_draw(app, g);
        char *text = grid_text(g);
        fputs(text, arguments_out(a));
        free(text);
        grid_free(g);
    }
    app_free(app);
    return ok ? 0 : 2;
}

static const struct command command_view = {
    .name = "view", .operands = "SCREEN", .about = "a screen of the workbench as text: data, graph, morph, search, train, chain, log",
    .least = 1, .most = 1, .need = COMMAND_READS, .own = run_view,
    .option = {{"size", "WxH", "its size (80x24)"}, {"keys", "NAMES", "keys to press first: \"Down Enter\""}}};

/* --- demo ------------------------------------------------------------------------------------------------------------ */

static int run_demo(struct workspace *none, const struct arguments *a, struct error *err)
{
    (void)none;
    struct present_options how;
    struct tour_options o = {.name = arguments_operand(a, 0) ? arguments_operand(a, 0) : "one", .chapter = 1, .symbols = symbols_of(a)};
    if (arguments_flag(a, "list")) {
        tour_list(arguments_out(a));
        return 0;
    }
    if (!arguments_int(a, "from", 1, 1000, &o.chapter, err))
        return 2;
    present_options_of(a, &how);
    o.how = isatty(0) && isatty(1) ? &how : NULL;
    return tour_run(&o, arguments_out(a), err);
}

static const struct command command_demo = {
    .name = "demo", .operands = "[TOUR]", .most = 1, .need = COMMAND_BARE, .own = run_demo,
    .about = "a guided tour: one (the default), or many: four parties on a chain (as text where there is no terminal)",
    .option = {{"from", "N", "begin with this chapter; those before it are played without waiting"},
               {"list", NULL, "the tours and their chapters"}}};

const struct command *const ui_command_table[] = {&command_workbench, &command_demo, &command_view, NULL};
