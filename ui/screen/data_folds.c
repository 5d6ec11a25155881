/* The folds of the task on the plot's time line, and what there is to mark below a plot: gaps, flags, missing values.
 */
#include "ui/screen/data.h"

#include "base/text.h"
#include "data/read/stamp.h"
#include "ui/screen/aid.h"

#include <math.h>

struct time_line {
    struct box box; /* one row or more on the plot's axis */
    double from, to, offset;
};

static int cell_of(const struct time_line *l, int64_t close)
{
    double x = ((double)close - l->offset - l->from) / (l->to - l->from) * (l->box.columns - 1);
    return x < -1 ? -1 : x > l->box.columns ? l->box.columns : (int)floor(x + 0.5);
}

static void draw_stretch(struct grid *g, const struct time_line *l, int y, int from, int to, enum style style,
                         uint32_t code)
{
    for (int x = from < 0 ? 0 : from; x <= to && x < l->box.columns; x++)
        grid_code(g, l->box, x, y, style, code);
}

/* What the rows of folds are drawn from. */
struct folds {
    const struct data_fold *fold;
    int n;
    int64_t first, sealed_first, sealed_last; /* closes */
};

static void draw_seal(struct grid *g, const struct time_line *l, const struct folds *f, int y)
{
    if (f->sealed_first != 0)
        draw_stretch(g, l, y, cell_of(l, f->sealed_first), cell_of(l, f->sealed_last), STYLE_SEALED, 0x2591);
}

static void draw_fold(struct grid *g, const struct time_line *l, const struct folds *all, int k, int y)
{
    const struct data_fold *f = &all->fold[k];
    int train = cell_of(l, f->train_last), first = cell_of(l, f->valid_first), last = cell_of(l, f->valid_last);
    draw_stretch(g, l, y, cell_of(l, all->first), train, STYLE_SERIES_1, 0x2501);
    draw_stretch(g, l, y, train + 1 < first ? train + 1 : first - 1, first - 1, STYLE_WARN,
                 0x00b7); /* a cell at least */
    draw_stretch(g, l, y, first, last, STYLE_SERIES_2, 0x2588);
    draw_seal(g, l, all, y);
}

/* All folds in one row: their validation blocks, numbered. */
static void draw_short(struct grid *g, const struct time_line *l, const struct folds *f)
{
    draw_stretch(g, l, 0, cell_of(l, f->first), cell_of(l, f->fold[0].train_last), STYLE_SERIES_1, 0x2501);
    draw_stretch(g, l, 0, cell_of(l, f->fold[0].train_last) + 1, cell_of(l, f->fold[0].valid_first) - 1, STYLE_WARN,
                 0x00b7);
    for (int k = 0; k < f->n; k++) {
        int first = cell_of(l, f->fold[k].valid_first), last = cell_of(l, f->fold[k].valid_last);
        draw_stretch(g, l, 0, first, last, k % 2 == 0 ? STYLE_SERIES_2 : STYLE_SERIES_3, 0x2588);
        if (first >= 0 && first < l->box.columns)
            grid_printf(g, l->box, first, 0, STYLE_SELECTED, "%d", k + 1);
    }
    draw_seal(g, l, f, 0);
}

static void draw_legend(struct grid *g, struct box b, bool sealed)
{
    static const struct {
        uint32_t code;
        enum style style;
        const char *name;
    } entry[] = {{0x2501, STYLE_SERIES_1, "train"},
                 {0x00b7, STYLE_WARN, "purged"},
                 {0x2588, STYLE_SERIES_2, "validate"},
                 {0x2591, STYLE_SEALED, "sealed"}};
    int x = 0;
    for (int i = 0; i < (sealed ? 4 : 3); i++) {
        if (x + 4 + text_width(entry[i].name) > b.columns)
            return;
        grid_code(g, b, x, 0, entry[i].style, entry[i].code);
        grid_code(g, b, x + 1, 0, entry[i].style, entry[i].code);
        x = grid_put(g, b, x + 3, 0, STYLE_DIM, entry[i].name) + 2;
    }
}

static void draw_folds(struct grid *g, const struct time_line *l, struct box margin, const struct folds *f)
{
    if (l->box.rows <= f->n) {
        grid_put_right(g, margin, 0, STYLE_DIM, "folds");
        draw_short(g, l, f);
        return;
    }
    for (int k = 0; k < f->n; k++) {
        char label[24];
        snprintf(label, sizeof label, margin.columns >= 6 ? "fold %d" : "%d", k + 1);
        grid_put_right(g, margin, k, STYLE_DIM, label);
        draw_fold(g, l, f, k, k);
    }
    draw_legend(g, (struct box){l->box.x, l->box.y + f->n, l->box.columns, 1}, f->sealed_first != 0);
}

/* --- on the plot -----------------------------------------------------------------------------------------------------
 */

/* When the first bar closes. */
static int64_t base_first(const struct data_screen *s)
{
    for (int i = 0; i < s->series_n; i++)
        if (text_equal(s->series[i].name, s->task.task.series[0].name))
            return stamp_period_end(s->series[i].stamp, s->series[i].first_us, s->series[i].step_us);
    return s->fold[0].train_last;
}

static bool in_task(const struct data_screen *s)
{
    for (int i = 0; i < s->task.task.series_n; i++)
        if (text_equal(s->task.task.series[i].name, data_selected(s)->name))
            return true;
    return false;
}

/* Rows that the folds take below a plot of this height: none, one for all, or one each and a legend. */
int data_fold_rows(const struct data_screen *s, int rows)
{
    if (s->folds == 0 || rows < 8 || !in_task(s))
        return 0;
    return s->folds + 1 <= rows / 3 ? s->folds + 1 : 1;
}

void data_draw_folds(struct grid *g, struct box below, struct box inner, double from, double to,
                     const struct data_screen *s)
{
    struct time_line l = {{inner.x, below.y, inner.columns, below.rows}, from, to, data_axis_offset(&s->view, false)};
    struct box margin = {below.x, below.y, inner.x - below.x > 1 ? inner.x - below.x - 1 : 0, below.rows};
    draw_folds(g, &l, margin, &(struct folds){s->fold, s->folds, base_first(s), s->sealed_first, s->sealed_last});
}

/* The same on a box of its own, from the first bar to the last sealed one. */
void data_draw_fold_rows(struct grid *g, struct box b, const struct data_fold *fold, int folds, int64_t first,
                         int64_t sealed_first, int64_t sealed_last)
{
    int64_t last = sealed_last > 0 ? sealed_last : folds > 0 ? fold[folds - 1].valid_last : 0;
    struct box margin = {b.x, b.y, 7, b.rows}, inner = box_inset(b, 8, 0, 0, 0);
    if (folds == 0 || b.columns < 12 || last <= first)
        return;
    struct time_line l = {inner, (double)first, (double)last, 0};
    draw_folds(g, &l, margin, &(struct folds){fold, folds, first, sealed_first, sealed_last});
}
