/* The widgets and the shell with made-up data in a real terminal. Usage: ui_demo [--ascii] [--no-color] [FOLDER]
 * Keys beyond those of the shell: B crashes on purpose, so that the giving back of the terminal can be seen. */
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "tests/unit/ui_helper.h"
#include "ui/app.h"
#include "ui/cell/graph.h"
#include "ui/cell/plot.h"
#include "ui/cell/table.h"
#include "ui/present.h"

#include <signal.h>
#include <math.h>

enum { POINTS = 400 };

struct plots {
    double raw[POINTS], smooth[POINTS], valid[POINTS], time[POINTS];
    struct plot_candle candle[POINTS];
    double cursor;
};

static double noise(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)(*state >> 8) / (1 << 24) - 0.5;
}

static void *open_plots(struct app *app)
{
    struct plots *s = NEW(struct plots);
    unsigned state = 7;
    double price = 42000;
    (void)app;
    for (int i = 0; i < POINTS; i++) {
        s->smooth[i] = 0.4 + 0.35 * exp(-i / 90.0);
        s->raw[i] = s->smooth[i] + 0.08 * noise(&state);
        s->valid[i] = i % 97 == 50 ? NAN : 0.47 + 0.25 * exp(-i / 60.0) + 0.00012 * i;
        s->time[i] = (1571529600.0 + 86400.0 * i) * 1e6;
        double next = price * (1 + 0.05 * noise(&state));
        s->candle[i] = (struct plot_candle){s->time[i], price, fmax(price, next) * 1.01, fmin(price, next) * 0.99, next};
        price = next;
    }
    s->cursor = NAN;
    return s;
}

static void draw_plots(void *self, struct app *app, struct grid *g, struct box b)
{
    struct plots *s = self;
    struct box upper, lower, left, right;
    double ticks[] = {100, 220};
    (void)app;
    struct plot p = plot_plain("Loss");
    p.legend = true;
    p.cursor = s->cursor;
    p.tick = ticks;
    p.ticks = 2;
    const struct plot_series series[] = {
        {"raw", STYLE_SERIES_1, NULL, s->raw, POINTS, true},
        {"train", STYLE_SERIES_1, NULL, s->smooth, POINTS, false},
        {"valid", STYLE_SERIES_2, NULL, s->valid, POINTS, false},
    };
    box_split_rows(b, b.rows / 2, &upper, &lower);
    box_split_columns(lower, lower.columns * 2 / 3, &left, &right);
    plot_lines(g, box_inset(grid_frame(g, upper, STYLE_BORDER, "Curves"), 1, 0, 1, 0), &p, series, 3);
    struct plot c = plot_plain("BTC daily");
    c.x_kind = PLOT_X_TIME;
    c.shade_from = s->time[330];
    c.shade_to = s->time[POINTS - 1];
    plot_candles(g, box_inset(grid_frame(g, left, STYLE_BORDER, "Candles"), 1, 0, 1, 0), &c, s->candle, POINTS);
    struct plot h = plot_plain("Residuals");
    plot_histogram(g, box_inset(grid_frame(g, right, STYLE_BORDER, "Histogram"), 1, 0, 1, 0), &h, s->raw, POINTS, 24);
}

static bool input_plots(void *self, struct app *app, const struct input_event *event)
{
    struct plots *s = self;
    (void)app;
    if (event->key != INPUT_LEFT && event->key != INPUT_RIGHT)
        return false;
    s->cursor = isnan(s->cursor) ? 200 : s->cursor + (event->key == INPUT_LEFT ? -5 : 5);
    return true;
}

static void close_plain(void *self)
{
    free(self);
}

static void crash(void *self, struct app *app)
{
    (void)self;
    (void)app;
    raise(SIGSEGV);
}

static void speak(void *self, struct app *app)
{
    (void)self;
    printf("library speaks on 1\n");
    fflush(stdout);
    fprintf(stderr, "library speaks on 2\n");
    app_message(app, STYLE_TEXT, "printed");
}

static bool never(void *self, struct app *app, char *why, size_t size)
{
    (void)self;
    (void)app;
    text_copy(why, size, "there is no run to resume");
    return false;
}

static void sign(void *self, struct app *app, const char *text)
{
    (void)self;
    app_message(app, STYLE_GOOD, "signed with %s", text);
}

static void ask_word(void *self, struct app *app)
{
    struct text body = {0};
    for (int i = 1; i <= 30; i++)
        text_printf(&body, "field %02d   value %d\n", i, i * i);
    app_ask_word(app, "Sign this transaction", text_of(&body), "amber-fox", sign, self);
    text_free(&body);
}

static void ask_secret(void *self, struct app *app)
{
    app_ask(app, "Passphrase of alice", "", true, sign, self);
}

static void start_job(void *self, struct app *app)
{
    (void)self;
    app_job(app, (const char *const[]){"-c", "for i in 1 2 3 4 5 6 7 8 9; do "
                                             "echo \"{\\\"progress\\\":0.$i,\\\"eta_seconds\\\":$((10-i)),"
                                             "\\\"text\\\":\\\"fold $i of 9\\\"}\"; sleep 1; done", NULL}, NULL);
}

static const struct screen_key plot_keys[] = {
    {'t', "train", "Trains the architecture that is shown.", true, NULL, start_job},
    {'r', "resume", "Goes on with the last run.", true, never, start_job},
    {'s', "sign", "Signs what is shown.", true, NULL, ask_word},
    {'p', "passphrase", "Asks for the passphrase.", false, NULL, ask_secret},
    {'o', "output", "Prints as a library might.", false, NULL, speak},
    {'B', "crash", "Crashes on purpose.", false, NULL, crash},
};

static const struct screen screen_plots = {
    .name = "train", .title = "Train", .about = "Live curves of one or many runs.", .key = plot_keys, .keys = (int)ARRAY_N(plot_keys),
    .open = open_plots, .close = close_plain, .draw = draw_plots, .input = input_plots,
};

/* A residual network, and a table of its nodes with lanes, bars and sparks. */
static const int in_0[] = {0}, in_1[] = {1}, in_2[] = {2}, in_31[] = {3, 1}, in_4[] = {4}, in_5[] = {5}, in_64[] = {6, 4},
                 in_7[] = {7}, in_780[] = {8, 7, 0}, in_9[] = {9}, in_10[] = {10};
static const struct graph_node nodes[] = {
    {"input", NULL, 0, ' '},  {"conv1d", in_0, 1, ' '},   {"relu", in_1, 1, ' '},  {"conv1d", in_2, 1, ' '},
    {"add", in_31, 2, ' '},   {"conv1d", in_4, 1, '+'},   {"relu", in_5, 1, '+'},  {"add", in_64, 2, '+'},
    {"attention", in_7, 1, '~'}, {"concat", in_780, 3, ' '}, {"dense", in_9, 1, ' '}, {"softmax", in_10, 1, ' '},
};

struct graph {
    struct table_state table;
    struct graph_lanes *lanes;
};

static void *open_graph(struct app *app)
{
    struct graph *s = NEW(struct graph);
    (void)app;
    s->lanes = graph_lanes_new(nodes, (int)ARRAY_N(nodes));
    return s;
}

static void close_graph(void *self)
{
    struct graph *s = self;
    graph_lanes_free(s->lanes);
    free(s);
}

static void graph_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    (void)context;
    static const char *const shapes[] = {"64 x 12", "64 x 32"};
    *style = column == 0 ? STYLE_TEXT : STYLE_DIM;
    if (column == 0)
        text_copy(out, size, nodes[row].name);
    else if (column == 1)
        text_copy(out, size, shapes[row > 0]);
    else if (column == 2)
        text_of_count((uint64_t)(row * row * 731), out, size);
}

static void draw_graph(void *self, struct app *app, struct grid *g, struct box b)
{
    static const struct table_column columns[] = {
        {"Node", 10, 20, false, 0}, {"Shape", 8, 10, false, 1}, {"Parameters", 10, 12, true, 1}};
    struct graph *s = self;
    struct box lanes, rest, table, bars;
    (void)app;
    struct table_source source = {s, (int)ARRAY_N(nodes), graph_cell};
    box_split_columns(b, graph_lanes_width(s->lanes) + 3, &lanes, &rest);
    box_split_columns(rest, 50, &table, &bars);
    table_draw(g, table, columns, 3, &source, &s->table, true);
    for (int i = 0; i + s->table.top < (int)ARRAY_N(nodes) && i + 1 < b.rows; i++) {
        graph_lanes_draw(s->lanes, g, lanes, 1, 1 + i, i + s->table.top, STYLE_TEXT);
        plot_bar(g, bars, 2, 1 + i, 16, STYLE_SERIES_1, i / 11.0);
        const double v[] = {1, 5, 2, 8, i, 3, 9, 4, 7, 1};
        plot_spark(g, bars, 21, 1 + i, 10, STYLE_SERIES_3, v, 10);
    }
}

static bool input_graph(void *self, struct app *app, const struct input_event *event)
{
    struct graph *s = self;
    int delta = event->key == INPUT_UP ? -1 : event->key == INPUT_DOWN ? 1 : 0;
    (void)app;
    table_move(&s->table, (int)ARRAY_N(nodes), delta);
    return delta != 0;
}

static const struct screen screen_graph = {
    .name = "graph", .title = "Graph", .about = "The architecture, one node a row.", .open = open_graph,
    .close = close_graph, .draw = draw_graph, .input = input_graph,
};

extern const struct screen screen_log;
const struct screen *const screen_table[] = {&screen_graph, &screen_plots, &screen_log, NULL};

int main(int argc, char **argv)
{
    struct present_options options = {0};
    struct app_options app_options = {.threads = 1};
    struct workspace w = {.version = 1};
    struct error err = {0};
    bool with = false;
    (setlocale)(LC_CTYPE, "");
    for (int i = 1; i < argc; i++) {
        options.ascii |= text_equal(argv[i], "--ascii");
        options.no_color |= text_equal(argv[i], "--no-color");
        app_options.read_only |= text_equal(argv[i], "--read-only");
        if (text_equal(argv[i], "--light"))
            options.theme = "light";
        if (argv[i][0] != '-')
            with = text_copy(w.folder, sizeof w.folder, argv[i]);
    }
    char path[1024];
    snprintf(path, sizeof path, "%s/log.txt", w.folder);
    if (with && !log_open(path, &err))
        fprintf(stderr, "%s\n", err.text);
    job_program_set("/bin/sh");
    struct app *app = app_new(with ? &w : NULL, &app_options);
    int status = present_run(app, &options, &err);
    app_free(app);
    log_close();
    if (status < 0) {
        fprintf(stderr, "ui_demo: %s\n", err.text);
        return error_exit_status(err.kind);
    }
    return status;
}
