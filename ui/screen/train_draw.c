/* The Train screen's frame: what would be trained, the jobs, the list of runs and their curves. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"
#include "ui/screen/train_state.h"

enum { BESIDE = 76 /* from this width on the list stands beside the curves */, DETAIL_ROWS = 9 };

/* --- head ------------------------------------------------------------------------------------------------------------
 */

static void draw_at_hand(const struct train_screen *s, struct grid *g, struct box row)
{
    char text[TRAIN_RECIPE_TEXT], count[24], hex[HASH_HEX];
    if (!s->has_selected) {
        grid_put(g, row, 0, 0, STYLE_WARN, "No network is at hand: Enter on a run, or choose one on Graph (2).");
        return;
    }
    hash_hex(s->selected.id, hex);
    figure_count(s->selected.parameters, count, sizeof count);
    int x = grid_put(g, row, 0, 0, STYLE_TITLE, "At hand") + 1;
    x = grid_put(g, row, x, 0, STYLE_TEXT, s->selected.name);
    if (strncmp(s->selected.name, hex, 8) != 0)
        x = grid_printf(g, row, x + 1, 0, STYLE_DIM, "%.6s", hex);
    x = grid_printf(g, row, x + 2, 0, STYLE_DIM, "%s parameters", count);
    train_recipe_text(s, text);
    bool large = s->room.too_large[0] != '\0';
    if (large || x + 2 + text_width(s->room.text) + 3 + text_width(text) <= row.columns)
        x = grid_put(g, row, x + 2, 0, large ? STYLE_BAD : STYLE_DIM,
                     large ? "too large for this machine" : s->room.text);
    if (x + 20 < row.columns) {
        struct box rest = box_inset(row, x + 2, 0, 0, 0);
        if (text_width(text) <= rest.columns)
            grid_put_right(g, rest, 0, STYLE_DIM, text);
        else
            grid_put(g, rest, 0, 0, STYLE_DIM, text);
    }
}

static void draw_job(const struct train_job *j, struct grid *g, struct box row)
{
    char left[48] = "";
    if (isfinite(j->eta) && !j->paused) {
        figure_span(j->eta, left, sizeof left);
        text_append(left, sizeof left, " left");
    }
    int tail = text_width(left) + 2;
    int x = grid_put(g, row, 0, 0, STYLE_KEY, j->scoring ? "Scoring" : "Training") + 1;
    x = grid_put(g, box_inset(row, 0, 0, tail, 0), x, 0, j->paused ? STYLE_WARN : STYLE_TEXT,
                 j->text[0] != '\0' ? j->text : "starting") +
        2;
    int room = row.columns - tail - x;
    if (isfinite(j->progress) && room >= 8)
        plot_bar(g, row, x, 0, room > 30 ? 30 : room, STYLE_SERIES_1, j->progress);
    grid_put_right(g, row, 0, STYLE_DIM, left);
}

/* One row of a box; none where the box has no such row. */
static struct box row_of(struct box b, int y)
{
    struct box row = box_inset(b, 0, y, 0, 0);
    row.rows = row.rows > 1 ? 1 : row.rows;
    return row;
}

/* What was interrupted is offered where nothing runs. */
static bool draw_kept(const struct train_screen *s, struct grid *g, struct box row)
{
    const struct train_run *r = train_kept(s);
    if (r == NULL)
        return false;
    int x = grid_printf(g, row, 0, 0, STYLE_WARN, "Training %lld", (long long)r->id) + 1;
    x = grid_printf(g, row, x, 0, STYLE_TEXT, "of %s was interrupted in epoch %d of %d:", r->name, r->kept, r->epochs) +
        1;
    x = grid_put(g, row, x, 0, STYLE_KEY, "R") + 1;
    grid_put(g, row, x, 0, STYLE_TEXT, "goes on with it");
    return true;
}

/* Returns the rows used. */
static int draw_head(const struct train_screen *s, struct grid *g, struct box b)
{
    int used = 1;
    draw_at_hand(s, g, row_of(b, 0));
    for (int i = 0; i < TRAIN_JOBS; i++) {
        if (s->job[i].job != NULL)
            draw_job(&s->job[i], g, row_of(b, used++));
    }
    if (used == 1 && draw_kept(s, g, row_of(b, 1)))
        return 2;
    if (used == 1 && s->result[0] != '\0')
        used +=
            grid_paragraph(g, box_inset(b, 0, 1, 0, b.rows > 3 ? b.rows - 3 : 0), 0, STYLE_GOOD, s->result) > 1 ? 2 : 1;
    return used;
}

/* --- the list ------------------------------------------------------------------------------------------------------- */

enum { RUN_MARK, RUN_NAME, RUN_ARCH, RUN_STATE, RUN_EPOCHS, RUN_BEST };

static const struct table_column columns[] = {
    {"", 1, 1, false, 1},      {"Run", 9, 10, false, 0},  {"Network", 8, 18, false, 3},
    {"State", 7, 9, false, 2}, {"Epochs", 6, 7, true, 4}, {"Best loss", 9, 9, true, 1},
};

static enum style style_of_mark(int mark)
{
    return (enum style)(STYLE_SERIES_1 + mark);
}

/* Signs that tell marked runs apart without colour: the numbers of the curves. */
static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct train_screen *s = context;
    const struct train_run *r = &s->run[row];
    int mark = train_mark_of(s, r);
    if (mark >= 0)
        *style = style_of_mark(mark);
    if (column == RUN_MARK && mark >= 0) {
        snprintf(out, size, "%d", mark + 1);
    } else if (column == RUN_NAME) {
        snprintf(out, size, "%s %lld", r->trial ? "trial" : "train", (long long)r->id);
    } else if (column == RUN_ARCH) {
        text_copy(out, size, r->name);
    } else if (column == RUN_STATE) {
        text_copy(out, size, r->blas ? "blas" : r->state); /* only what is done has weights */
        *style = r->blas                                         ? STYLE_WARN
                 : text_equal(r->state, "running")               ? STYLE_KEY
                 : text_equal(r->state, "paused") || r->kept > 0 ? STYLE_WARN
                 : text_equal(r->state, "failed")                ? STYLE_BAD
                 : text_equal(r->state, "cut off")               ? STYLE_WARN
                                                                 : STYLE_DIM;
    } else if (column == RUN_EPOCHS && r->curve.n > 0) {
        snprintf(out, size, "%d", r->curve.n);
    } else if (column == RUN_BEST && r->curve.best >= 0) {
        figure_number(r->curve.event[r->curve.best].valid_loss, 5, out, size);
    }
}

static void draw_list(struct train_screen *s, struct grid *g, struct box b)
{
    struct table_source source = {s, s->runs, cell};
    struct box rows, foot;
    box_split_rows(b, b.rows >= 6 ? -1 : b.rows, &rows, &foot);
    s->rows = rows;
    table_draw(g, rows, columns, (int)ARRAY_N(columns), &source, &s->table, true);
    int x = grid_printf(g, foot, 2, 0, STYLE_DIM, "%d of %d", s->runs > 0 ? s->table.cursor + 1 : 0, s->runs);
    x = grid_put(g, foot, x + 2, 0, s->follow ? STYLE_GOOD : STYLE_DIM, s->follow ? "following" : "held (w follows)");
    if (s->marks > 0)
        grid_printf(g, foot, x + 2, 0, STYLE_DIM, "%d marked", s->marks);
}

static void draw_detail(const struct train_screen *s, struct grid *g, struct box b)
{
    const struct train_run *r = train_at(s);
    char hex[HASH_HEX], percent[24], interval[32];
    int y = 1;
    if (r == NULL)
        return;
    aid_heading(g, b, 0, r->trial ? "Trial" : "Training", r->state);
    y += aid_field(g, b, y, 11, "network", "%s", r->name);
    if (r->trial && isfinite(r->score)) {
        figure_percent(r->score, percent, sizeof percent);
        figure_interval(r->low, r->high, interval, sizeof interval);
        y += aid_field(g, b, y, 11, task_score_short(s->task.task.target), "%s %s", percent, interval);
    }
    if (r->kept > 0)
        y += aid_field(g, b, y, 11, "stands at", "epoch %d of %d; R goes on", r->kept, r->epochs);
    if (r->curve.best >= 0) {
        const struct train_event *e = &r->curve.event[r->curve.best];
        if (r->curve.folds > 1)
            y += aid_field(g, b, y, 11, "least loss", "fold %d, epoch %d: %.2f %% right", e->fold + 1, e->epoch,
                           100 * e->valid_accuracy);
        else
            y += aid_field(g, b, y, 11, "best", "epoch %d, %.2f %% right", e->epoch, 100 * e->valid_accuracy);
    }
    if (hash_is_zero(s->proof.trace_root))
        return;
    hash_hex(s->proof.weights, hex);
    y += aid_field(g, b, y, 11, "weights", "%.16s...", hex);
    hash_hex(s->proof.trace_root, hex);
    y += aid_field(g, b, y, 11, "trace root", "%.16s...", hex);
    if (r->blas)
        aid_field(g, b, y, 11, "kernels", "blas: not exact, no claim");
}

/* --- the values at the cursor --------------------------------------------------------------------------------------- */

static void draw_values(const struct train_screen *s, struct grid *g, struct box row)
{
    const struct train_run *r = train_at(s);
    int n = 0;
    const struct train_event *e = r != NULL ? train_points(s, r, &n) : NULL;
    if (n == 0)
        return;
    int at = s->cursor < 0 || s->cursor >= n ? n - 1 : s->cursor;
    e += at;
    char where[48], speed[24];
    figure_count((int64_t)fmin(fmax(e->samples_per_second, 0), 1e15), speed, sizeof speed);
    snprintf(where, sizeof where, r->trial ? "%s %d, fold %d" : "%s %d", s->cursor < 0 ? "latest: epoch" : "epoch", e->epoch,
             e->fold + 1);
    int x = r->blas ? grid_put(g, row, 0, 0, STYLE_WARN, "blas, not exact:") + 1 : 0;
    x = grid_put(g, row, x, 0, STYLE_KEY, where) + 2;
    x = grid_printf(g, row, x, 0, STYLE_TEXT, "loss %.5f train, %.5f validation", e->train_loss, e->valid_loss) + 2;
    x = grid_printf(g, row, x, 0, STYLE_TEXT, "%.2f %% right", 100 * e->valid_accuracy) + 2;
    grid_printf(g, row, x, 0, STYLE_DIM, "gradient %.4g  rate %.4g  %s samples/s", e->gradient_norm, e->learning_rate, speed);
}

static const char *fold_text(const struct train_screen *s, char out[32])
{
    if (s->fold < 0)
        text_copy(out, 32, "all folds");
    else
        snprintf(out, 32, "fold %d", s->fold + 1);
    return out;
}

static void draw_choices(const struct train_screen *s, struct grid *g, struct box row)
{
    static const char *const names[TRAIN_METRICS] = {"loss", "accuracy", "gradient", "rate"};
    char fold[32];
    int x = grid_put(g, row, 0, 0, STYLE_KEY, "m") + 1;
    for (int m = 0; m < TRAIN_METRICS; m++) {
        bool shown = s->metric == (enum train_metric)m;
        x = grid_printf(g, row, x, 0, shown ? STYLE_TITLE : STYLE_DIM, shown ? "[%s]" : " %s ", names[m]);
    }
    const struct train_run *r = train_at(s);
    if (r != NULL && r->curve.folds > 1) {
        x = grid_put(g, row, x + 1, 0, STYLE_KEY, "f") + 1;
        x = grid_put(g, row, x, 0, STYLE_TEXT, fold_text(s, fold));
    }
    x = grid_put(g, row, x + 1, 0, STYLE_KEY, "s") + 1;
    x = grid_put(g, row, x, 0, s->smooth ? STYLE_TEXT : STYLE_DIM, s->smooth ? "smoothed" : "raw");
    x = grid_put(g, row, x + 1, 0, STYLE_KEY, "l") + 1;
    grid_put(g, row, x, 0, s->log ? STYLE_TEXT : STYLE_DIM, s->log ? "log" : "linear");
}

static void draw_small(const struct train_screen *s, struct grid *g, struct box b)
{
    int shown = 0, columns_each = b.columns / (TRAIN_METRICS - 1);
    for (int m = 0; m < TRAIN_METRICS; m++) {
        if (s->metric == (enum train_metric)m)
            continue;
        struct box at = {b.x + shown * columns_each, b.y, columns_each - 2, b.rows};
        train_draw_curves(s, g, at, (enum train_metric)m, false);
        shown++;
    }
}

static void draw_plots(struct train_screen *s, struct grid *g, struct box b)
{
    struct box body = box_inset(b, 0, 1, 0, 0), small = {0, 0, 0, 0};
    draw_choices(s, g, row_of(b, 0));
    if (body.rows >= 24 && body.columns >= 72)
        box_split_rows(body, body.rows * 3 / 5, &body, &small);
    s->plot = body;
    train_draw_curves(s, g, body, s->metric, true);
    if (small.rows > 0)
        draw_small(s, g, box_inset(small, 0, 1, 0, 0));
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void draw_empty(const struct train_screen *s, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    if (!s->has_task) {
        grid_paragraph(
            g, in, 0, STYLE_TEXT,
            "There is no prediction task yet. Set one on the Data screen (1); then a network can be trained on it.");
        return;
    }
    if (s->read.reading) {
        grid_paragraph(g, in, 0, STYLE_DIM, "The trials are being read...");
        return;
    }
    int y = grid_paragraph(g, in, 0, STYLE_TEXT, "Nothing was trained on this task yet.") + 1;
    aid_hint(g, in, 0, y++, "t", "trains the network at hand on all bars before the hold-out");
    aid_hint(g, in, 0, y++, "c", "scores it by walk-forward cross-validation");
    aid_hint(g, in, 0, y++, "o", "chooses optimizer, learning rate, schedule and all else");
    if (!s->has_selected)
        grid_paragraph(g, in, y + 1, STYLE_WARN,
                       "First choose a network: on the Graph screen, or `arch new mlp` on the command line.");
}

static void draw_beside(struct train_screen *s, struct grid *g, struct box b)
{
    struct box list, curves, detail = {0, 0, 0, 0};
    int width = b.columns * 7 / 20;
    box_split_columns(b, width < 32 ? 32 : width > 60 ? 60 : width, &list, &curves);
    list = box_inset(list, 0, 0, 2, 0);
    if (list.rows >= 22)
        box_split_rows(list, -DETAIL_ROWS, &list, &detail);
    draw_list(s, g, list);
    if (detail.rows > 0)
        draw_detail(s, g, detail);
    draw_plots(s, g, curves);
}

void train_draw(struct train_screen *s, struct app *app, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 1, 0, 1, 0);
    (void)app;
    struct box rest = box_inset(in, 0, draw_head(s, g, in), 0, 0), foot;
    if (s->form.open) {
        train_form_draw(s, g, rest);
        return;
    }
    if (s->runs == 0) {
        draw_empty(s, g, rest);
        return;
    }
    box_split_rows(rest, -1, &rest, &foot);
    draw_values(s, g, foot);
    if (rest.columns >= BESIDE) {
        draw_beside(s, g, rest);
    } else {
        struct box list, curves;
        box_split_rows(rest, rest.rows >= 10 ? rest.rows / 3 : rest.rows, &list, &curves);
        draw_list(s, g, list);
        if (curves.rows > 2)
            draw_plots(s, g, curves);
    }
}
