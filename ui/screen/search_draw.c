/* The Search screen's frame: state of the search, the view's table, and the plots beside or below it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { WIDE = 112 };

/* --- head -----------------------------------------------------------------------------------------------------------
 */

static bool in_flight(const struct search_screen *s)
{
    for (int i = s->trials; i-- > 0;)
        if (s->has_last && s->trial[i].search == s->last.id && text_equal(s->trial[i].state, "running"))
            return true;
    return false;
}

static void say_state(const struct search_screen *s, struct text *out, enum style *style)
{
    char span[48] = "";
    *style = STYLE_DIM;
    if (s->search_job != NULL && s->paused) {
        *style = STYLE_WARN;
        text_printf(out, in_flight(s) ? "pausing: trials in flight come to their end; P goes on, x cancels"
                                      : "paused after %d of %d trials; P goes on, x cancels", s->ended, s->planned);
    } else if (s->search_job != NULL) {
        *style = STYLE_TEXT;
        text_printf(out, "running  %s", s->progress_text[0] != '\0' ? s->progress_text : "starting");
    } else if (!s->has_last) {
        text_put(out, s->scored > 0 ? "no search yet; what stands here was scored by hand" : "no search yet");
    } else if (text_equal(s->last.state, "done")) {
        *style = STYLE_GOOD;
        figure_span(s->last.seconds, span, sizeof span);
        text_printf(out, "done  %d trial%s%s%s", s->ended, text_s(s->ended), span[0] != '\0' ? " in " : "", span);
    } else if (text_equal(s->last.state, "running")) {
        *style = STYLE_WARN;
        text_printf(out, "%d of %d ended; runs elsewhere, or was cut off (then R resumes)", s->ended, s->planned);
    } else {
        *style = STYLE_WARN;
        text_printf(out, "interrupted after %d of %d trials; R resumes", s->ended, s->planned);
    }
}

static void draw_state(const struct search_screen *s, struct grid *g, struct box row)
{
    struct text text = {0};
    enum style style;
    char name[32] = "Search", left[64] = "";
    if (s->has_last)
        snprintf(name, sizeof name, "Search %lld", (long long)s->last.id);
    int x = grid_put(g, row, 0, 0, STYLE_TITLE, name) + 2;
    say_state(s, &text, &style);
    if (s->search_job != NULL && !s->paused && s->eta >= 1) {
        figure_span(s->eta, left, sizeof left);
        text_append(left, sizeof left, " left");
    }
    int tail = left[0] != '\0' ? text_width(left) + 2 : 0;
    bool bar =
        s->search_job != NULL && isfinite(s->progress) && row.columns - x - tail > text_width(text_of(&text)) + 24;
    struct box middle = box_inset(row, 0, 0, tail, 0);
    x = grid_put(g, middle, x, 0, style, text_of(&text)) + 2;
    if (bar)
        plot_bar(g, middle, x, 0, 20, STYLE_SERIES_1, s->progress);
    grid_put_right(g, row, 0, STYLE_DIM, left);
    text_free(&text);
}

static void draw_best(const struct search_screen *s, struct grid *g, struct box row)
{
    if (s->scored == 0) {
        grid_put(g, row, 0, 0, STYLE_DIM, s->reading ? "The trials are being read..." : "Nothing was scored yet.");
        return;
    }
    const struct trial_row *t = &s->trial[s->best];
    char percent[24], interval[32], name[80], count[24];
    figure_percent(t->score, percent, sizeof percent);
    figure_interval(t->low, t->high, interval, sizeof interval);
    figure_count(search_parameters(s, t), count, sizeof count);
    int x = grid_put(g, row, 0, 0, STYLE_TITLE, "Best") + 1;
    x = grid_put(g, row, x, 0, STYLE_GOOD, percent) + 1;
    x = grid_put(g, row, x, 0, STYLE_TEXT, interval) + 2;
    x = grid_put(g, row, x, 0, STYLE_TEXT, search_arch_name(s, t->arch, name));
    grid_printf(g, row, x, 0, STYLE_DIM, "  trial %lld, %s parameters, %s out of fold", (long long)t->id, count,
                task_score_name(s->task.task.target));
}

/* One row of a box; none where the box has no such row. */
static struct box row_of(struct box b, int y)
{
    struct box row = box_inset(b, 0, y, 0, 0);
    row.rows = row.rows > 1 ? 1 : row.rows;
    return row;
}

/* The sentence is about the last search's best, which need not be the best of all that stands above it. */
static void put_whose(const struct search_screen *s, struct text *out)
{
    const struct trial_row *best = NULL;
    for (int i = 0; i < s->trials; i++)
        if (s->trial[i].search == s->last.id && search_is_full(&s->trial[i]) && (!best || s->trial[i].score > best->score))
            best = &s->trial[i];
    if (best != NULL && s->best >= 0 && best->score < s->trial[s->best].score)
        text_printf(out, "Search %lld's best, trial %lld: ", (long long)s->last.id, (long long)best->id);
}

/* Returns the rows used. */
static int draw_head(const struct search_screen *s, struct grid *g, struct box b)
{
    draw_state(s, g, row_of(b, 0));
    draw_best(s, g, row_of(b, 1));
    if (s->evidence[0] == '\0' || b.rows < 14)
        return 2;
    struct box rest = box_inset(b, 0, 2, 0, b.rows - 4);
    bool skill = text_starts(s->evidence, "Evidence");
    struct text said = {0};
    put_whose(s, &said);
    text_put(&said, s->evidence);
    int used = grid_paragraph(g, rest, 0, skill ? STYLE_GOOD : STYLE_WARN, text_of(&said));
    text_free(&said);
    return 2 + (used > 2 ? 2 : used);
}

/* "v  [Trials 12]  Suggestions 8  Family 10  Pareto 12  Races 3  Chain" */
static void draw_views(const struct search_screen *s, struct grid *g, struct box row)
{
    static const char *const names[] = {"Trials", "Suggestions", "Family", "Pareto", "Races", "Chain"};
    static const char *const brief[] = {"Trials", "Sugg.", "Family", "Pareto", "Races", "Chain"};
    const int counts[] = {s->boards, (int)search_suggestions(s), s->families, s->costed, s->racers, s->chains};
    bool wide = row.columns >= 76;
    int x = grid_put(g, row, 0, 0, STYLE_KEY, "v") + 1;
    for (int v = 0; v < SEARCH_VIEWS; v++) {
        bool shown = s->view == (enum search_view)v;
        if (v == SEARCH_FAMILY && s->family_stale)
            x = grid_printf(g, row, x, 0, STYLE_DIM, " %s ", names[v]);
        else
            x = grid_printf(g, row, x, 0, shown ? STYLE_TITLE : STYLE_DIM, shown ? "[%s %d]" : " %s %d ",
                            (wide ? names : brief)[v], counts[v]);
    }
}

/* --- what the view says above its table ------------------------------------------------------------------------------- */

static int say_board(const struct search_screen *s, struct grid *g, struct box b)
{
    bool plain = s->sort == SORT_SCORE && s->filter[0] == '\0';
    if (plain && s->stopped == 0)
        return 0;
    int x = grid_printf(g, b, 2, 0, STYLE_DIM, "%d in full, %d stopped early (~: estimates)", s->scored, s->stopped) + 2;
    if (s->sort != SORT_SCORE)
        x = grid_printf(g, b, x, 0, STYLE_KEY, "by %s", search_sort_name(s->sort)) + 2;
    if (s->filter[0] != '\0')
        grid_printf(g, b, x, 0, STYLE_KEY, "only %s (f)", s->filter);
    return 1;
}

/* "fitted to 12 scored trials; 3 more since: s asks again" */
static int say_suggestions(const struct search_screen *s, struct grid *g, struct box b)
{
    int from = (int)json_integer_value(json_object_get(s->suggest, "observations")), done = 0;
    int left_out = (int)json_integer_value(json_object_get(s->suggest, "left_out"));
    if (s->suggest == NULL)
        return 0;
    for (int i = 0; i < s->trials; i++) /* as the surrogate is told: in full, each recipe once, no manual models */
        done += s->rank[i] > 0 && !text_equal(s->trial[i].strategy, RUNS_BASELINE);
    int x = left_out > 0 ? grid_printf(g, b, 2, 0, STYLE_DIM, "fitted to %d of %d scored trials, the best and the newest", from,
                                       from + left_out)
                         : grid_printf(g, b, 2, 0, STYLE_DIM, "fitted to %d scored trials", from);
    if (s->suggest_job != NULL)
        grid_put(g, b, x, 0, STYLE_KEY, "; asking again...");
    else if (done > from + left_out)
        grid_printf(g, b, x, 0, STYLE_WARN, "; %d more since: s asks again", done - from - left_out);
    return 1;
}

static int say_axis(const struct search_screen *s, struct grid *g, struct box b, const char *text, const char *now)
{
    (void)s;
    int x = grid_put(g, b, 2, 0, STYLE_DIM, text) + 1;
    x = grid_put(g, b, x, 0, STYLE_TEXT, now) + 2;
    x = grid_put(g, b, x, 0, STYLE_KEY, "o") + 1;
    grid_put(g, b, x, 0, STYLE_DIM, "changes it");
    return 1;
}

static int say_race(const struct search_screen *s, struct grid *g, struct box b)
{
    if (s->racers == 0)
        return 0;
    int x = grid_put(g, b, 2, 0, STYLE_DIM, s->by_seconds ? "over seconds of training" : "over trials") + 2;
    x = grid_put(g, b, x, 0, STYLE_KEY, "o") + 1;
    x = grid_put(g, b, x, 0, STYLE_DIM, "changes it") + 2;
    x = grid_put(g, b, x, 0, STYLE_KEY, "Left Right") + 1;
    grid_put(g, b, x, 0, STYLE_DIM, s->race_cursor >= 0 ? "moves the cursor" : "reads earlier values");
    return 1;
}

static int say_chain(const struct search_screen *s, struct grid *g, struct box b)
{
    if (s->chains == 0)
        return 0;
    int x = grid_printf(g, b, 2, 0, STYLE_DIM, "how trial %lld came about", (long long)s->chain_of);
    if (s->chain_job != NULL)
        grid_put(g, b, x, 0, STYLE_KEY, "; the surrogate is being fitted...");
    else if (s->chain_result == NULL)
        grid_put(g, b, x, 0, STYLE_WARN, "; c asks the surrogate about it");
    else
        grid_printf(g, b, x, 0, STYLE_DIM, "; posterior from %lld scored trials",
                    json_integer_value(json_object_get(s->chain_result, "observations")));
    return 1;
}

static int draw_said(const struct search_screen *s, struct grid *g, struct box b)
{
    if (b.rows < 4)
        return 0;
    switch (s->view) {
    case SEARCH_TRIALS:
        return say_board(s, g, b);
    case SEARCH_SUGGESTIONS:
        return say_suggestions(s, g, b);
    case SEARCH_PARETO:
        return s->costed > 0 ? say_axis(s, g, b, "against", search_cost_name(s->cost)) : 0;
    case SEARCH_RACES:
        return say_race(s, g, b);
    case SEARCH_CHAIN:
        return say_chain(s, g, b);
    default:
        return 0;
    }
}

/* --- what to do next --------------------------------------------------------------------------------------------------- */

static const char *hint_of(const struct search_screen *s)
{
    if (!s->has_task)
        return "There is no prediction task yet. Set one on the Data screen (1), then r here searches.";
    if (s->reading)
        return "The trials are being read...";
    if (s->view == SEARCH_SUGGESTIONS && s->suggest_job != NULL)
        return "The surrogate is being fitted...";
    if (s->view == SEARCH_SUGGESTIONS && s->scored > 0)
        return "Press s: the surrogate is fitted to all trials and names the candidates of the largest expected improvement.";
    if (s->view == SEARCH_CHAIN && s->scored > 0)
        return "Press c on a trial of another view (v): the morphisms that led to it stand here, with the score of each step, "
               "what the surrogate says of it, and the best that could grow from it.";
    if (s->view == SEARCH_PARETO && s->scored > 0)
        return "Of no trial is this cost known: latency is measured where it is an objective or a limit of the search. o "
               "shows another cost.";
    if (s->view == SEARCH_RACES && s->scored > 0)
        return "No search was made on this task yet. r begins one; with several strategies ticked they race on the same "
               "budget, and their curves stand here while they run.";
    if (s->search_job != NULL)
        return "The first trials are on their way.";
    return "Press r to search: starting points are scored by walk-forward cross-validation, then the search grows candidates "
           "from the best by morphisms. Or score one architecture by hand: c on the Train screen.";
}

static void draw_rows(struct search_screen *s, struct grid *g, struct box b)
{
    b = box_inset(b, 0, draw_said(s, g, b), 0, 0);
    if (search_rows(s) == 0)
        grid_paragraph(g, box_inset(b, 2, 1, 2, 0), 0, STYLE_TEXT, hint_of(s));
    else
        search_draw_table(s, g, b);
}

/* --- panes ------------------------------------------------------------------------------------------------------------- */

static int within(int v, int least, int most)
{
    return v < least ? least : v > most ? most : v;
}

static void draw_plot(const struct search_screen *s, struct grid *g, struct box b)
{
    switch (s->view) {
    case SEARCH_PARETO:
        search_draw_pareto(s, g, b);
        break;
    case SEARCH_RACES:
        search_draw_race(s, g, b);
        break;
    case SEARCH_CHAIN:
        search_draw_chain(s, g, b);
        break;
    default:
        search_draw_progress(s, g, b);
    }
}

static void draw_wide(struct search_screen *s, struct grid *g, struct box b)
{
    struct box left, right, plot, below = {0, 0, 0, 0}, detail = {0, 0, 0, 0};
    box_split_columns(b, -within(b.columns * 2 / 5, 42, 84), &left, &right);
    left = box_inset(left, 0, 0, 2, 0);
    if (left.rows >= 20)
        box_split_rows(left, -within(left.rows / 3, 8, 12), &left, &detail);
    draw_rows(s, g, left);
    search_draw_detail(s, g, detail);
    plot = right;
    if (b.rows >= 18 && s->view != SEARCH_SUGGESTIONS && s->view != SEARCH_CHAIN)
        box_split_rows(right, -within(b.rows / 4, 6, 10), &plot, &below);
    draw_plot(s, g, plot);
    if (below.rows > 2)
        search_draw_side_suggestions(s, g, below);
}

/* Few rows and a picture that matters: the table takes what it needs. */
static void draw_pictured(struct search_screen *s, struct grid *g, struct box b)
{
    struct box top, bottom;
    int rows = within(search_rows(s) + 2, 3, b.rows > 14 ? b.rows / 3 + 1 : b.rows / 2);
    box_split_rows(b, rows, &top, &bottom);
    draw_rows(s, g, top);
    draw_plot(s, g, box_inset(bottom, 0, bottom.rows > 10, 0, 0));
}

static void draw_tall(struct search_screen *s, struct grid *g, struct box b)
{
    struct box top, bottom;
    bool plot = b.rows >= 12 && s->trials > 0 && s->view != SEARCH_SUGGESTIONS;
    box_split_rows(b, plot ? -within(b.rows / 2, 0, 14) : b.rows, &top, &bottom);
    if (s->view == SEARCH_SUGGESTIONS && b.rows >= 14 && search_suggestions(s) > 0)
        box_split_rows(b, -7, &top, &bottom);
    draw_rows(s, g, top);
    if (plot)
        draw_plot(s, g, bottom);
    else
        search_draw_detail(s, g, bottom);
}

void search_draw(struct search_screen *s, struct app *app, struct grid *g, struct box b)
{
    (void)app;
    struct box in = box_inset(b, 1, 0, 1, 0);
    s->symbols = g->symbols;
    search_build_shown(s);
    int head = s->form.open ? 1 : draw_head(s, g, in);
    if (s->form.open)
        draw_state(s, g, row_of(in, 0));
    struct box rest = box_inset(in, 0, head, 0, 0);
    if (s->form.open) {
        search_form_draw(&s->form, g, rest);
        return;
    }
    draw_views(s, g, row_of(rest, 0));
    rest = box_inset(rest, 0, 1, 0, 0);
    bool pictured = (s->view == SEARCH_RACES || s->view == SEARCH_CHAIN) && search_rows(s) > 0;
    if (rest.rows < 1)
        return;
    if (rest.columns >= WIDE && s->trials > 0 && !(pictured && rest.columns < 170))
        draw_wide(s, g, rest);
    else if (pictured)
        draw_pictured(s, g, rest);
    else
        draw_tall(s, g, rest);
}
