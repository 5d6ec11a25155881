/* Layout of the Data screen: series and task at the left (above where it is narrow), plot or report beside them. */
#include "ui/screen/data.h"

#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

enum { WIDE = 100, LABEL = 10 };

/* --- the task --------------------------------------------------------------------------------------------------------
 */

static int64_t info_int(const struct data_screen *s, const char *key)
{
    return json_integer_value(json_object_get(s->task_info, key));
}

static int64_t dropped_int(const struct data_screen *s, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(s->task_info, "dropped"), key));
}

static void sealed_text(const struct data_screen *s, char *out, size_t size)
{
    char bars[AID_NUMBER], first[AID_NUMBER], last[AID_NUMBER];
    if (s->sealed_first == 0)
        text_copy(out, size, "nothing");
    else
        snprintf(out, size, "%s bars, %s .. %s",
                 aid_count(json_integer_value(json_object_get(json_object_get(s->task_info, "sealed"), "bars")), bars),
                 aid_day(s->sealed_first, first), aid_day(s->sealed_last, last));
}

/* A list that can be wrapped: a space behind each comma. */
static const char *spaced(const char *list, char *out, size_t size)
{
    size_t n = 0;
    for (; *list != '\0' && n + 2 < size; list++) {
        out[n++] = *list;
        if (*list == ',')
            out[n++] = ' ';
    }
    out[n] = '\0';
    return out;
}

/* "53.1 % up", or the classes' shares. */
static const char *shares_text(const struct data_screen *s, char *out, size_t size)
{
    const json_t *classes = json_object_get(s->task_info, "classes"), *one;
    size_t i, n = 0;
    out[0] = '\0';
    if (classes == NULL)
        snprintf(out, size, "%.1f %% up", 100 * json_number_value(json_object_get(s->task_info, "share_up")));
    json_array_foreach((json_t *)classes, i, one)
    {
        double share = json_number_value(json_object_get(one, "samples")) / (double)info_int(s, "samples");
        n += (size_t)snprintf(out + n, size - n, "%s%.20s %.1f %%", i > 0 ? ", " : "",
                              json_string_value(json_object_get(one, "class")), 100 * share);
        if (n >= size)
            break;
    }
    return out;
}

/* Returns the rows it took. */
static int draw_task(const struct data_screen *s, struct grid *g, struct box b)
{
    const struct task *t = &s->task.task;
    char samples[AID_NUMBER], sealed[128], hex[13], features[512], what[400], shares[200];
    int y = 0;
    sealed_text(s, sealed, sizeof sealed);
    hash_short(s->task.hash, hex);
    task_describe(t, what, sizeof what);
    y += aid_field(g, b, y, LABEL, "predicts", "%s", what);
    y +=
        aid_field(g, b, y, LABEL, "window", "%d bars x %lld channels", t->lookback, (long long)info_int(s, "channels"));
    y += aid_field(g, b, y, LABEL, "samples", "%s, %s", aid_count(info_int(s, "samples"), samples),
                   shares_text(s, shares, sizeof shares));
    y += aid_field(g, b, y, LABEL, "folds", "%d walk-forward, %d bars purged", t->folds,
                   t->lookback + t->horizon + t->embargo);
    y += aid_field(g, b, y, LABEL, "sealed", "%s", sealed);
    y += aid_field(g, b, y, LABEL, "left out", "%lld missing, %lld at gaps, %lld unchanged",
                   (long long)dropped_int(s, "missing"), (long long)dropped_int(s, "gap"),
                   (long long)dropped_int(s, "zero_return"));
    y += aid_field(g, b, y, LABEL, "features", "%s", spaced(t->features, features, sizeof features));
    return y + aid_field(g, b, y, LABEL, "id", "%s", hex);
}

static void draw_task_short(const struct data_screen *s, struct grid *g, struct box b)
{
    const struct task *t = &s->task.task;
    char samples[AID_NUMBER], sealed[128], what[400];
    sealed_text(s, sealed, sizeof sealed);
    task_describe(t, what, sizeof what);
    grid_printf(g, b, 0, 0, STYLE_TEXT, "%s, from %d bars x %lld channels", what, t->lookback,
                (long long)info_int(s, "channels"));
    grid_printf(g, b, 0, 1, STYLE_DIM, "%s samples, %d folds; sealed: %s", aid_count(info_int(s, "samples"), samples),
                t->folds, sealed);
}

static void draw_no_task(struct grid *g, struct box b)
{
    grid_paragraph(g, b, 0, STYLE_TEXT, "No task is set, so nothing is sealed yet.");
    aid_hint(g, b, 0, b.rows > 4 ? 2 : 1, "t", "says what to predict, and from what");
}

/* --- layout ----------------------------------------------------------------------------------------------------------
 */

static void draw_empty(struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    int y = 0;
    grid_put(g, in, 0, y++, STYLE_TITLE, "No data yet");
    y += 1 + grid_paragraph(
                 g, in, y + 1, STYLE_TEXT,
                 "Add CSV files: prices, and what else might tell where they go (on-chain metrics, sentiment). "
                 "The importer finds out how a file is written, says why it thinks so, and refuses what it cannot "
                 "know rather than guess.");
    y++;
    aid_hint(g, in, 2, y++, "a", "adds a file");
    aid_hint(g, in, 2, y++, "S", "makes up a market whose best possible accuracy is known");
    aid_hint(g, in, 2, y++, "t", "then says what to predict");
    aid_hint(g, in, 2, y++, "2", "then shows the graph of a network for it");
    grid_paragraph(g, in, y + 1, STYLE_DIM,
                   "From a shell: morphsmith data add FILE.csv, or morphsmith synth planted FILE.csv for "
                   "a made-up market.");
}

static void draw_right(struct data_screen *s, struct grid *g, struct box b)
{
    if (s->pane == DATA_REPORT)
        data_draw_info(s, g, b);
    else if (s->pane == DATA_FIGURES)
        data_stats_draw(s, g, b);
    else
        data_draw_plot(s, g, b);
}

/* On a large screen the figures stand below the plot, or beside the report, without being asked for. */
static void draw_side(struct data_screen *s, struct grid *g, struct box b)
{
    struct box top, below;
    if (!data_shows_figures(s) || s->pane == DATA_FIGURES) {
        draw_right(s, g, b);
        return;
    }
    box_split_rows(b, b.rows * 11 / 20, &top, &below);
    draw_right(s, g, top);
    data_stats_draw(s, g, box_inset(below, 0, 1, 0, 0));
}

static void draw_wide(struct data_screen *s, struct grid *g, struct box b)
{
    struct box left, right, top, below;
    int columns = b.columns * 2 / 5;
    box_split_columns(b, columns < 46 ? 46 : columns > 84 ? 84 : columns, &left, &right);
    int task = s->has_task ? 12 : 4, rows = data_table_rows(s);
    rows = rows > left.rows - task - 1 ? left.rows - task - 1 : rows;
    box_split_rows(left, rows < 3 ? 3 : rows, &top, &below);
    data_draw_table(s, g, top);
    below = box_inset(below, 2, 1, 1, 0);
    aid_heading(g, below, 0, "Task", s->has_task ? "in force" : "");
    below = box_inset(below, 0, 1, 0, 0);
    int used = s->has_task ? draw_task(s, g, below) : 4;
    if (!s->has_task)
        draw_no_task(g, below);
    if (s->mode == DATA_SERIES && below.rows - used >= 12) /* room for what Enter would show */
        data_draw_columns(s, g, box_inset(below, -2, used + 1, -1, 0));
    draw_side(s, g, box_inset(right, 2, 0, 1, 0));
}

static void draw_narrow(struct data_screen *s, struct grid *g, struct box b)
{
    struct box top, middle, rest;
    int most = s->mode == DATA_COLUMNS ? b.rows / 2 : b.rows / 3, rows = data_table_rows(s);
    if (s->pane != DATA_PLOT)
        most = most > 5 ? 5 : most; /* what is read wants the room */
    box_split_rows(b, rows > most ? (most < 3 ? 3 : most) : rows, &top, &rest);
    data_draw_table(s, g, top);
    if ((s->mode != DATA_COLUMNS && s->pane == DATA_PLOT) || b.rows >= 24) {
        box_split_rows(rest, 2, &middle, &rest);
        middle = box_inset(middle, 2, 0, 1, 0);
        if (s->has_task)
            draw_task_short(s, g, middle);
        else
            draw_no_task(g, middle);
    }
    draw_right(s, g, box_inset(rest, 1, 0, 1, 0));
}

void data_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    struct data_screen *s = self;
    s->roomy = b.columns >= 150 && b.rows >= 44;
    data_stats_want(s, app); /* a larger window shows more; it is worked out beside the drawing */
    s->plotted = (struct box){0};
    if (s->mode == DATA_FILES)
        data_files_draw(s, g, b);
    else if (s->mode == DATA_PREVIEW)
        data_preview_draw(s, g, b);
    else if (s->series_n == 0)
        draw_empty(g, b);
    else if (s->mode == DATA_TASK)
        data_form_draw(s, g, b);
    else if (b.columns >= WIDE)
        draw_wide(s, g, b);
    else
        draw_narrow(s, g, b);
}
