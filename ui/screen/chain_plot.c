/* The Chain screen's plots: the folds of a claim with their intervals, the best accepted score of a task over the heights,
 * the stakes as bars. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

#include <math.h>
#include <stdlib.h>

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* --- folds ----------------------------------------------------------------------------------------------------------- */

struct share {
    double low, at, high; /* of 1 */
};

/* Wilson's interval (JASA 22, 1927) of 95 %: from the counts alone, as if every bar were independent of the others. */
static struct share share_of(json_int_t correct, json_int_t total)
{
    static const double z = 1.959963984540054;
    double n = (double)total, p = total > 0 ? (double)correct / n : (double)NAN;
    double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)), scale = 1 + z * z / n;
    return (struct share){(middle - half) / scale, p, (middle + half) / scale};
}

/* Name, bar, share, interval and, where there is room, the counts. */
static void put_fold(struct page *p, const char *name, json_int_t correct, json_int_t total, double least, double most)
{
    struct share share = share_of(correct, total);
    bool counts = p->grid->columns >= 54;
    int cells = p->grid->columns - (counts ? 48 : 33), x = 8;
    char bar[256], interval[32];
    struct box row = page_take(p, 1);
    cells = cells > 40 ? 40 : cells < 6 ? 6 : cells;
    figure_interval_bar(share.low, share.at, share.high, least, most, cells, bar, sizeof bar);
    figure_interval(share.low, share.high, interval, sizeof interval);
    grid_put(p->grid, row, 0, 0, STYLE_DIM, name);
    grid_put(p->grid, row, x, 0, STYLE_SERIES_1, bar);
    x += cells + 1;
    grid_printf(p->grid, row, x, 0, STYLE_TEXT, "%6.2f %%", 100 * share.at);
    grid_put(p->grid, row, x + 9, 0, STYLE_DIM, interval);
    if (counts)
        grid_printf(p->grid, row, x + 23, 0, STYLE_DIM, "%lld of %lld", correct, total);
}

void chain_put_folds(struct page *p, const json_t *folds)
{
    size_t i;
    const json_t *f;
    double least = 0.5, most = 0.5;
    json_int_t correct = 0, total = 0;
    char name[32];
    json_array_foreach(folds, i, f)
    {
        struct share share = share_of(number_at(f, "correct"), number_at(f, "total"));
        least = fmin(least, share.low);
        most = fmax(most, share.high);
        correct += number_at(f, "correct");
        total += number_at(f, "total");
    }
    json_array_foreach(folds, i, f)
    {
        snprintf(name, sizeof name, "fold %zu", i + 1);
        put_fold(p, name, number_at(f, "correct"), number_at(f, "total"), least, most);
    }
    if (i > 1)
        put_fold(p, "all", correct, total, least, most);
}

/* --- the best by height ----------------------------------------------------------------------------------------------- */

struct point {
    double height, score;
};

static int by_height(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return x->height < y->height ? -1 : x->height > y->height;
}

static int accepted_of(const struct chain_screen *s, const char *task, struct point **out)
{
    size_t i;
    const json_t *p, *list = json_object_get(s->read.status, "proposals");
    int n = 0;
    *out = NEW_ARRAY(struct point, json_array_size(list) + 1);
    json_array_foreach(list, i, p)
        if (text_equal(aid_text(p, "task"), task) && text_equal(aid_text(p, "state"), "accepted"))
            (*out)[n++] = (struct point){(double)chain_height_of(p), 100 * chain_claimed(p)};
    qsort(*out, (size_t)n, sizeof **out, by_height);
    return n;
}

void chain_draw_best(const struct chain_screen *s, struct grid *g, struct box b, const char *task)
{
    struct point *point;
    int n = accepted_of(s, task, &point), m = 0;
    double head = (double)number_at(s->read.status, "height"), best = -INFINITY;
    if (n == 0) {
        free(point);
        grid_paragraph(g, b, 0, STYLE_DIM, "No proposal was accepted yet: then the best accepted score stands here over the heights.");
        return;
    }
    /* A step is two points: what was best before, and what is. */
    double *x = NEW_ARRAY(double, 2 * n + 1), *y = NEW_ARRAY(double, 2 * n + 1);
    for (int i = 0; i < n; i++) {
        if (isfinite(best)) {
            x[m] = point[i].height;
            y[m++] = best;
        }
        best = fmax(best, point[i].score);
        x[m] = point[i].height;
        y[m++] = best;
    }
    x[m] = fmax(head, x[m - 1]);
    y[m++] = best;
    struct plot_series series = {.name = "best accepted", .style = STYLE_SERIES_1, .x = x, .y = y, .n = (size_t)m};
    struct plot p = plot_plain("Best accepted score, %, over the height");
    p.x_kind = PLOT_X_WHOLE;
    plot_lines(g, b, &p, &series, 1);
    free(x);
    free(y);
    free(point);
}

/* --- stakes ---------------------------------------------------------------------------------------------------------- */

void chain_draw_stakes(const struct chain_screen *s, struct grid *g, struct box b)
{
    json_int_t most = 1, all = number_at(json_object_get(s->read.status, "totals"), "stakes");
    int rows = chain_rows(s, CHAIN_IDENTITIES), y = 1;
    char note[64], number[AID_NUMBER];
    for (int i = 0; i < rows; i++) {
        json_int_t stake = number_at(chain_account_of(s, aid_text(chain_row(s, CHAIN_IDENTITIES, i), "address")), "stake");
        most = stake > most ? stake : most;
    }
    snprintf(note, sizeof note, "%s in all", aid_count(all, number));
    aid_heading(g, b, 0, "Stakes", note);
    for (int i = 0; i < rows && y < b.rows; i++) {
        const json_t *one = chain_row(s, CHAIN_IDENTITIES, i);
        const char *name = aid_text(one, "name");
        json_int_t stake = number_at(chain_account_of(s, aid_text(one, "address")), "stake");
        if (stake == 0)
            continue;
        grid_printf(g, (struct box){b.x, b.y, b.columns < 15 ? b.columns : 15, b.rows}, 0, y, STYLE_TEXT, "%.14s", name[0] != '\0' ? name : aid_text(one, "address"));
        int cells = b.columns - 15 - 14 > 4 ? b.columns - 15 - 14 : 4;
        plot_bar(g, b, 15, y, cells, STYLE_SERIES_2, (double)stake / (double)most);
        grid_put_right(g, b, y++, STYLE_TEXT, aid_count(stake, number));
    }
    if (y == 1 && y < b.rows)
        grid_put(g, b, 0, y, STYLE_DIM, "nobody has staked anything; s stakes");
}
