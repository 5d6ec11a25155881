/* Above the table: what the architecture costs in all, where it comes from, and what was measured. */
#include "ui/screen/graph.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"

#include <math.h>

enum { MEASURED_ROWS = 14 /* from this height on there is a row for what was measured */, PROGRESS = 24 };

static void draw_totals(const struct graph_screen *s, struct grid *g, struct box b)
{
    const struct graph_picture *p = &s->picture;
    const struct graph_costs *c = &p->cost;
    char parameters[AID_NUMBER], macs[AID_NUMBER], planned[AID_NUMBER + 8] = "", number[AID_NUMBER], memory[32], id[13];
    hash_short(s->hand.row.id, id);
    text_of_bytes(c->training, memory, sizeof memory);
    if (c->plan_macs < c->macs)
        snprintf(planned, sizeof planned, "%s of ", aid_count(c->plan_macs, number));
    int x = grid_put(g, b, 0, 0, STYLE_TITLE, s->ghost != NULL ? "suggestion" : s->hand.row.name);
    x = grid_printf(g, b, x + 2, 0, STYLE_TEXT, "%d node%s  %s parameters  %s%s mult-adds  %s at batch %d", p->arch->nodes, text_s(p->arch->nodes),
                    aid_count(c->parameters, parameters), planned, aid_count(c->macs, macs), memory, c->batch);
    if (s->ghost == NULL && x + 2 + text_width(id) <= b.columns)
        grid_put_right(g, b, 0, STYLE_DIM, id);
}

/* --- where it comes from ---------------------------------------------------------------------------------------------- */

static void put_marks(const struct graph_picture *p, char *out, size_t size)
{
    snprintf(out, size, "%d new, %d changed%s%s", p->added, p->changed, p->gone > 0 ? ", gone: " : "", p->gone_names);
}

/* The steps of a suggestion stand one a line. */
static void put_steps(const char *steps, char *out, size_t size)
{
    char *copy = memory_text(steps), *rest = copy, *line;
    out[0] = '\0';
    while ((line = text_next(&rest, '\n')) != NULL) {
        text_append(out, size, out[0] != '\0' ? "; " : "");
        text_append(out, size, line);
    }
    free(copy);
}

static bool same_conditions(const struct graph_costs *a, const struct graph_costs *b)
{
    return a->measured && b->measured && a->measured_batch == b->measured_batch && a->threads == b->threads &&
           text_equal(a->kernels, b->kernels);
}

/* Costs against those before: "+1,234 parameters, +3.1 % mult-adds, +0.2 MiB, step +5 %". */
static void put_differences(const struct graph_picture *p, char *out, size_t size)
{
    const struct graph_costs *a = &p->cost_before, *b = &p->cost;
    char number[AID_NUMBER], one[96], memory[32];
    bool more = b->training >= a->training;
    text_of_bytes(more ? b->training - a->training : a->training - b->training, memory, sizeof memory);
    snprintf(out, size, "%s parameters", aid_delta(b->parameters - a->parameters, number));
    snprintf(one, sizeof one, ", %+.1f %% mult-adds, %s%s",
             a->plan_macs > 0 ? 100.0 * ((double)b->plan_macs / (double)a->plan_macs - 1) : 0.0, more ? "+" : "-", memory);
    text_append(out, size, one);
    if (same_conditions(a, b) && a->step > 0) {
        snprintf(one, sizeof one, ", a step %+.0f %%", 100 * (b->step / a->step - 1));
        text_append(out, size, one);
    }
}

static int draw_suggestion(const struct graph_screen *s, struct grid *g, struct box b)
{
    const json_t *mean = json_object_get(s->ghost_of, "mean");
    char steps[512];
    int x;
    put_steps(aid_text(s->ghost_of, "morphism"), steps, sizeof steps);
    if (json_is_number(mean))
        x = grid_printf(g, b, 0, 0, STYLE_GOOD, "predicted %.2f \u00b1 %.2f %%", 100 * json_number_value(mean),
                        100 * json_number_value(json_object_get(s->ghost_of, "sd")));
    else
        x = grid_put(g, b, 0, 0, STYLE_WARN, "no prediction: too little is scored yet");
    bool here = text_equal(aid_text(s->ghost_of, "parent"), s->hand.id);
    return grid_printf(g, b, x + 2, 0, STYLE_DIM, "%s%s", here ? "" : "on another architecture: ", steps);
}

static void draw_origin(const struct graph_screen *s, struct grid *g, struct box b)
{
    char marks[256], steps[512], differences[256];
    int x;
    put_marks(&s->picture, marks, sizeof marks);
    if (s->ghost != NULL) {
        x = draw_suggestion(s, g, b);
    } else if (hash_is_zero(s->hand.row.parent)) {
        x = grid_put(g, b, 0, 0, STYLE_DIM, "made from a template or a file");
    } else {
        put_steps(s->hand.row.morphism, steps, sizeof steps);
        x = grid_printf(g, b, 0, 0, STYLE_DIM, "by %s%s%s%s", steps, s->diff ? " (" : "", s->diff ? marks : "",
                        s->diff ? ")" : "");
    }
    if (s->picture.before == NULL)
        return;
    put_differences(&s->picture, differences, sizeof differences);
    if (x + 2 < b.columns)
        grid_put(g, b, x + 2, 0, STYLE_TEXT, differences);
}

/* --- what was measured ------------------------------------------------------------------------------------------------ */

static void put_age(int64_t at_us, char *out, size_t size)
{
    double seconds = (double)(clock_wall_us() - at_us) / 1e6;
    if (seconds < 60)
        text_copy(out, size, "just now");
    else if (seconds < 3600)
        snprintf(out, size, "%.0f min ago", floor(seconds / 60));
    else if (seconds < 86400)
        snprintf(out, size, "%.0f h ago", floor(seconds / 3600));
    else if (seconds < 100 * 86400.0)
        snprintf(out, size, "%.0f d ago", floor(seconds / 86400));
    else
        clock_date(at_us, out, size);
}

static void draw_figures(const struct graph_costs *c, struct grid *g, struct box b)
{
    char step[32], rate[AID_NUMBER], epoch[32], train[32], age[32];
    snprintf(step, sizeof step, c->step < 0.1 ? "%.2f ms" : "%.0f ms", 1e3 * c->step);
    figure_span(c->epoch, epoch, sizeof epoch);
    figure_span(c->train, train, sizeof train);
    put_age(c->at_us, age, sizeof age);
    int x = grid_printf(g, b, 0, 0, STYLE_TEXT, "%s a step  %s samples/s", step, aid_count((int64_t)c->rate, rate));
    if (epoch[0] != '\0')
        x = grid_printf(g, b, x + 2, 0, STYLE_TEXT, "epoch %s  training up to %s", epoch, train);
    if (x + 2 < b.columns)
        grid_printf(g, b, x + 2, 0, STYLE_DIM, "%s: batch %d, %d thread%s, %s%s", age, c->measured_batch, c->threads,
                    c->threads == 1 ? "" : "s", c->trained_weights ? "trained" : "fresh weights",
                    c->task_data ? "" : ", random windows");
}

static void draw_measured(const struct graph_screen *s, struct grid *g, struct box b)
{
    const struct graph_costs *c = &s->picture.cost;
    if (s->measuring != NULL) {
        int x = grid_put(g, b, 0, 0, STYLE_KEY, "Measuring") + 1;
        if (isfinite(s->progress) && b.columns > x + PROGRESS)
            plot_bar(g, b, x, 0, PROGRESS, STYLE_SERIES_1, s->progress);
    } else if (c->measured) {
        draw_figures(c, g, b);
    } else if (s->ghost == NULL) {
        grid_put(g, b, 0, 0, STYLE_DIM, "not measured yet: m runs some steps and tells time and gradients of each node");
    }
}

static struct box row_of(struct box b, int y)
{
    struct box row = box_inset(b, 0, y, 0, 0);
    row.rows = row.rows > 1 ? 1 : row.rows;
    return row;
}

int graph_head_draw(const struct graph_screen *s, struct grid *g, struct box b)
{
    bool measured = b.rows >= MEASURED_ROWS && (s->ghost == NULL || s->measuring != NULL);
    draw_totals(s, g, row_of(b, 0));
    draw_origin(s, g, row_of(b, 1));
    if (measured)
        draw_measured(s, g, row_of(b, 2));
    return measured ? 3 : 2;
}
