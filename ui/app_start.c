/* The page where there is no workspace: says how to begin, and begins. */
#include "action/action.h"
#include "base/text.h"
#include "ui/app_internal.h"

void app_start_draw(struct grid *g, struct box b)
{
    static const char *const ways[][2] = {
        {"i", "makes a workspace, and opens it"},
        {"o", "opens one that is there"},
        {"morphsmith demo", "a guided tour on bundled samples"},
        {"morphsmith init FOLDER", "makes a workspace, from a shell"},
        {"morphsmith -w FOLDER", "opens it, from a shell"},
        {"morphsmith --help", "every command"},
    };
    struct box in = box_inset(b, 2, 1, 2, 0);
    int y = 0;
    grid_put(g, in, 0, y++, STYLE_TITLE, "morphsmith");
    y += 1 + grid_paragraph(g, in, y, STYLE_TEXT,
                            "A workbench for designing neural networks by function-preserving steps, with a ledger of "
                            "what was found.");
    y += 1 + grid_paragraph(g, in, y, STYLE_TEXT, "There is no workspace here yet. To begin:");
    for (size_t i = 0; i < ARRAY_N(ways); i++, y++) {
        grid_put(g, in, 2, y, STYLE_KEY, ways[i][0]);
        grid_put(g, in, 28, y, i < 2 ? STYLE_TEXT : STYLE_DIM, ways[i][1]);
    }
    grid_put(g, in, 0, y + 1, STYLE_TEXT, "q leaves, ? lists the keys.");
}

static void go_on(struct app *app, const char *folder)
{
    free(app->chosen);
    app->chosen = memory_text(folder);
    app->ended = true;
}

static void made(void *self, struct app *app, const char *text)
{
    struct error err = {0};
    (void)self;
    if (text[0] == '\0')
        return;
    json_t *result = action_init(text, &err);
    if (result != NULL)
        go_on(app, text);
    else
        app_error(app, &err);
    json_decref(result);
}

static void opened(void *self, struct app *app, const char *text)
{
    (void)self;
    if (workspace_is(text))
        go_on(app, text);
    else if (text[0] != '\0')
        app_message(app, STYLE_WARN, "%s is no workspace: i makes one", text);
}

bool app_start_key(struct app *app, int key)
{
    if (app->workspace != NULL || (key != 'i' && key != 'o'))
        return false;
    if (key == 'i' && app->options.read_only)
        app_message(app, STYLE_WARN, "making a workspace is refused: the program was started with --read-only");
    else if (key == 'i')
        app_ask(app, "Make a workspace in the folder", "workspace", false, made, NULL);
    else
        app_ask(app, "Open the workspace in the folder", ".", false, opened, NULL);
    return true;
}
