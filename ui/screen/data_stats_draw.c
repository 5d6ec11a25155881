/* The figures of a column and the features' ties to the target, drawn. */
#include "ui/screen/data.h"

#include "base/text.h"
#include "ui/cell/axis.h"
#include "ui/screen/aid.h"

#include <math.h>

static const char *scope(const struct data_screen *s, bool all)
{
    if (!s->has_task)
        return "all rows: no task is set";
    return all ? "all bars before the hold-out" : "training part of fold 1";
}

/* Bars of the histogram, binned anew for the width there is. */
static void draw_bins(struct grid *g, struct box b, const struct data_figures *f)
{
    char least[40], most[40];
    int bins = b.columns < DATA_BINS ? b.columns : DATA_BINS;
    if (bins < 2 || b.rows < 2)
        return;
    while (DATA_BINS % bins != 0)
        bins--; /* so that every bar stands for as many bins */
    int wide = b.columns / bins, each = DATA_BINS / bins;
    size_t tallest = 1;
    size_t height[DATA_BINS] = {0};
    for (int i = 0; i < bins; i++) {
        for (int k = 0; k < each; k++)
            height[i] += f->bin[i * each + k];
        tallest = height[i] > tallest ? height[i] : tallest;
    }
    for (int i = 0; i < bins; i++) {
        int eighths = (int)ceil((double)height[i] / (double)tallest * 8 * (b.rows - 1));
        for (int y = b.rows - 2; y >= 0 && eighths > 0; y--, eighths -= 8)
            for (int x = 0; x < wide; x++)
                grid_code(g, b, i * wide + x, y, STYLE_SERIES_1,
                          g->symbols == SYMBOLS_BRAILLE ? 0x2580 + (uint32_t)(eighths > 8 ? 8 : eighths)
                          : eighths > 3                 ? 0x2588
                                                        : 0x2584);
    }
    axis_value(f->least, least, sizeof least);
    axis_value(f->most, most, sizeof most);
    int end = grid_put(g, b, 0, b.rows - 1, STYLE_DIM, least);
    if (end + 2 + text_width(most) <= bins * wide)
        grid_put(g, b, bins * wide - text_width(most), b.rows - 1, STYLE_DIM, most);
}

static void put_figure(struct grid *g, struct box b, int row, const char *name, double v)
{
    char value[40];
    axis_value(v, value, sizeof value);
    grid_put(g, b, 0, row, STYLE_DIM, name);
    grid_put(g, b, 9, row, STYLE_TEXT, isnan(v) ? "-" : value);
}

static void draw_numbers(struct grid *g, struct box b, const struct data_figures *f)
{
    static const char *const names[5] = {"5 %", "25 %", "median", "75 %", "95 %"};
    char n[AID_NUMBER];
    int half = b.columns / 2;
    struct box left = {b.x, b.y, half, b.rows}, right = {b.x + half, b.y, b.columns - half, b.rows};
    bool two = b.rows < 11;
    put_figure(g, left, 0, "mean", f->mean);
    put_figure(g, left, 1, "sd", f->sd);
    put_figure(g, left, 2, "least", f->least);
    put_figure(g, left, 3, "most", f->most);
    grid_put(g, left, 0, 4, STYLE_DIM, "values");
    grid_put(g, left, 9, 4, STYLE_TEXT, aid_count((int64_t)f->n, n));
    grid_put(g, left, 0, 5, f->missing > 0 ? STYLE_WARN : STYLE_DIM, "missing");
    grid_put(g, left, 9, 5, STYLE_TEXT, aid_count((int64_t)f->missing, n));
    for (int i = 0; i < 5; i++)
        put_figure(g, two ? right : left, two ? i : 6 + i, names[i], f->quantile[i]);
}

static void draw_figures(const struct data_screen *s, struct grid *g, struct box b)
{
    const struct data_stats *t = &s->stats;
    struct box head, body, left, right;
    char title[FRAME_NAME_MAX + 32];
    box_split_rows(b, 1, &head, &body);
    bool there =
        t->has_figures && s->view.frame != NULL && t->column == s->columns.cursor && hash_equal(t->frame, s->view.id);
    snprintf(title, sizeof title, "%s", s->view.frame != NULL ? s->view.frame->column[s->columns.cursor].name : "");
    aid_heading(g, head, 0, title, scope(s, t->all));
    if (!there) {
        grid_put(g, body, 0, 0, STYLE_DIM, "counting ...");
        return;
    }
    if (t->figures.n == 0) {
        grid_paragraph(g, body, 0, STYLE_DIM,
                       s->has_task && !t->all
                           ? "No value of this column lies in the training part of the first fold; w shows all "
                             "bars before the hold-out."
                           : "This column has no value.");
        return;
    }
    box_split_columns(body,
                      body.columns >= 70   ? body.columns - 44
                      : body.columns >= 50 ? body.columns - 38
                                           : body.columns / 2,
                      &left, &right);
    draw_bins(g, left, &t->figures);
    draw_numbers(g, box_inset(right, 2, 0, 0, 0), &t->figures);
}

/* --- ties ------------------------------------------------------------------------------------------------------------
 */

static void put_number(struct grid *g, struct box b, int y, enum style style, double v, const char *format)
{
    char text[32];
    snprintf(text, sizeof text, format, v);
    grid_put_right(g, b, y, style, isnan(v) ? "-" : text);
}

/* A bar to the left of the middle for a negative coefficient, to the right for a positive one; the whole half is 1, or
 * the strongest where all are weak. */
static void draw_bar(struct grid *g, struct box b, int y, double v, double whole)
{
    int half = b.columns / 2, n = (int)floor(fabs(v) / whole * half + 0.5);
    grid_code(g, b, half, y, STYLE_BORDER, 0x2502);
    for (int i = 1; i <= n && i <= half; i++)
        grid_code(g, b, v < 0 ? half - i : half + i, y, v < 0 ? STYLE_SERIES_3 : STYLE_SERIES_1, 0x2588);
}

/* An odd number of cells and one before it; none where the names need the room. */
static int bar_columns(struct box b)
{
    return b.columns >= 84 ? 26 : b.columns >= 56 ? 14 : 0;
}

static bool of_column(const struct data_screen *s, const char *feature)
{
    const char *blank = strchr(feature, ' ');
    return s->view.frame != NULL && blank != NULL &&
           text_equal(blank + 1, s->view.frame->column[s->columns.cursor].name);
}

static void draw_tie(const struct data_screen *s, struct grid *g, struct box b, int y, const struct data_tie *t,
                     double whole)
{
    bool auc = b.columns >= 56;
    int bar = bar_columns(b), name = b.columns - 18 - (auc ? 8 : 0) - bar, x = name + 1;
    enum style style = of_column(s, t->feature) ? STYLE_TITLE : STYLE_TEXT;
    grid_put(g, (struct box){b.x, b.y, name, b.rows}, 0, y, style, t->feature);
    bool classes = s->stats.classes > 2;
    double strength = classes ? t->eta : t->spearman;
    put_number(g, (struct box){b.x + x, b.y, 8, b.rows}, y, STYLE_TEXT, strength, classes ? "%.3f" : "%+.3f");
    if (!classes)
        put_number(g, (struct box){b.x + x + 9, b.y, 8, b.rows}, y, STYLE_DIM, t->pearson, "%+.3f");
    if (auc && !classes)
        put_number(g, (struct box){b.x + x + 18, b.y, 7, b.rows}, y, fabs(t->auc - 0.5) > 0.2 ? STYLE_WARN : STYLE_DIM,
                   t->auc, "%.3f");
    if (bar > 0)
        draw_bar(g, (struct box){b.x + b.columns - bar + 1, b.y, bar - 1, b.rows}, y, isnan(strength) ? 0 : strength,
                 whole);
}

static void draw_tie_head(struct grid *g, struct box b, bool classes)
{
    bool auc = b.columns >= 56;
    int x = b.columns - 18 - (auc ? 8 : 0) - bar_columns(b) + 1;
    grid_put(g, b, 0, 0, STYLE_TITLE, "Feature");
    grid_put_right(g, (struct box){b.x + x, b.y, 8, 1}, 0, STYLE_TITLE, classes ? "eta" : "Spearman");
    if (classes)
        return;
    grid_put_right(g, (struct box){b.x + x + 9, b.y, 8, 1}, 0, STYLE_TITLE, "Pearson");
    if (auc)
        grid_put_right(g, (struct box){b.x + x + 18, b.y, 7, 1}, 0, STYLE_TITLE, "AUC");
}

static void draw_ties(struct data_screen *s, struct grid *g, struct box b)
{
    struct data_stats *t = &s->stats;
    char samples[AID_NUMBER], note[96];
    double whole = 0.1;
    int rows = b.rows - 3;
    snprintf(note, sizeof note, "%s samples%s", aid_count((int64_t)t->samples, samples),
             t->every > 1 ? ", thinned" : "");
    aid_heading(g, b, 0, "Features and the target", t->has_ties && t->trouble[0] == '\0' ? note : "");
    if (!s->has_task || !t->has_ties || t->trouble[0] != '\0') {
        grid_paragraph(g, b, 1, STYLE_DIM,
                       !s->has_task  ? "t sets a task: then each feature stands here with how it goes with the target."
                       : t->has_ties ? t->trouble
                                     : "computing ...");
        return;
    }
    for (int i = 0; i < t->ties; i++)
        whole =
            fmax(whole, fmax(fabs(t->tie[i].spearman), t->classes > 2 ? t->tie[i].eta : 0)); /* which leave NaN out */
    if (b.rows < 4 || b.columns < 24)
        return;
    draw_tie_head(g, box_inset(b, 0, 1, 0, 0), t->classes > 2);
    t->most = t->ties > rows ? t->ties - rows : 0;
    t->top = t->top > t->most ? t->most : t->top < 0 ? 0 : t->top;
    for (int i = 0; i < rows && t->top + i < t->ties; i++)
        draw_tie(s, g, box_inset(b, 0, 2, 0, 1), i, &t->tie[t->top + i], whole);
    snprintf(note, sizeof note, "In-sample, %s: being related is not yet skill.%s", scope(s, t->ties_all),
             t->most > 0 ? " PgUp PgDn scroll." : "");
    grid_put(g, b, 0, b.rows - 1, STYLE_DIM, note);
}

void data_stats_draw(struct data_screen *s, struct grid *g, struct box b)
{
    struct box top, below;
    bool wide = b.columns >= 130;
    if (b.columns < 12 || b.rows < 2)
        return;
    if (s->view.frame == NULL) {
        grid_put(g, b, 0, 0, STYLE_DIM, s->view.loading ? "reading ..." : s->view.trouble);
        return;
    }
    if (wide)
        box_split_columns(b, b.columns / 2, &top, &below);
    else
        box_split_rows(b, b.rows < 16 ? b.rows / 2 : b.rows * 2 / 5 > 14 ? 14 : b.rows * 2 / 5, &top, &below);
    draw_figures(s, g, top);
    draw_ties(s, g, wide ? box_inset(below, 3, 0, 0, 0) : box_inset(below, 0, 1, 0, 0));
}
