/* The Search screen's frame: state of the search, the view's table, and the plots beside or below it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { BAR = 16, EI_BAR = 10, WIDE = 112 };

/* --- head -----------------------------------------------------------------------------------------------------------
 */

static void say_state(const struct search_screen *s, struct text *out, enum style *style)
{
    char span[48] = "";
    *style = STYLE_DIM;
    if (s->search_job != NULL && s->paused) {
        *style = STYLE_WARN;
        text_put(out, "pausing: trials in flight come to their end, P goes on");
    } else if (s->search_job != NULL) {
        *style = STYLE_TEXT;
        text_printf(out, "running  %s", s->progress_text[0] != '\0' ? s->progress_text : "starting");
    } else if (!s->has_last) {
        text_put(out, s->scored > 0 ? "no search yet; what stands here was scored by hand" : "no search yet");
    } else if (text_equal(s->last.state, "done")) {
        *style = STYLE_GOOD;
        figure_span(s->last.seconds, span, sizeof span);
        text_printf(out, "done  %d trials%s%s", s->ended, span[0] != '\0' ? " in " : "", span);
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
    if (s->search_job != NULL && s->eta >= 1) {
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
        grid_put(g, row, 0, 0, STYLE_DIM, "Nothing was scored yet.");
        return;
    }
    const struct trial_row *t = &s->trial[s->board[0]];
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

/* Returns the rows used. */
static int draw_head(const struct search_screen *s, struct grid *g, struct box b)
{
    draw_state(s, g, row_of(b, 0));
    draw_best(s, g, row_of(b, 1));
    if (s->evidence[0] == '\0' || b.rows < 14)
        return 2;
    struct box rest = box_inset(b, 0, 2, 0, b.rows - 4);
    bool skill = text_starts(s->evidence, "Evidence");
    int used = grid_paragraph(g, rest, 0, skill ? STYLE_GOOD : STYLE_WARN, s->evidence);
    return 2 + (used > 2 ? 2 : used);
}

/* "v  [Trials 12]  Suggestions 8  Family 10  Pareto 12" */
static void draw_views(const struct search_screen *s, struct grid *g, struct box row)
{
    static const char *const names[] = {"Trials", "Suggestions", "Family", "Pareto"};
    const int counts[] = {s->boards, (int)search_suggestions(s), s->families, s->scored};
    int x = grid_put(g, row, 0, 0, STYLE_KEY, "v") + 1;
    for (int v = 0; v < SEARCH_VIEWS; v++) {
        bool shown = s->view == (enum search_view)v;
        x = grid_printf(g, row, x, 0, shown ? STYLE_TITLE : STYLE_DIM, shown ? "[%s %d]" : " %s %d ", names[v],
                        counts[v]);
    }
}

/* --- tables
 * ----------------------------------------------------------------------------------------------------------- */

static void say_change(const struct trial_row *t, char *out, size_t size)
{
    text_copy(out, size, t->steps[0] != '\0' ? t->steps : t->why);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '\n')
            *c = ';';
}

static void say_trial_state(const struct search_screen *s, const struct trial_row *t, char *out, size_t size,
                            enum style *style)
{
    double share = search_running_share(s, t->id);
    bool running = text_equal(t->state, "running");
    if (search_cut_off(s, t)) {
        text_copy(out, size, "cut off");
        *style = STYLE_WARN;
        return;
    }
    if (running && isfinite(share))
        snprintf(out, size, "run %2.0f %%", 100 * share);
    else
        text_copy(out, size, t->state);
    *style = running ? STYLE_KEY : text_equal(t->state, "failed") ? STYLE_BAD : STYLE_DIM;
}

static void say_mark(const struct search_screen *s, const struct trial_row *t, char *out, size_t size)
{
    char hex[HASH_HEX];
    hash_hex(t->arch, hex);
    snprintf(out, size, "%lld%s%s", (long long)t->id, t->pinned ? "*" : " ", text_equal(hex, s->selected) ? "◆" : " ");
}

enum { TRIAL_RANK, TRIAL_ID, TRIAL_SCORE, TRIAL_BAR, TRIAL_STATE, TRIAL_SIZE, TRIAL_PARENT, TRIAL_NAME, TRIAL_WHY };

static const struct table_column trial_columns[] = {
    {"#", 3, 4, true, 1},          {"Trial", 6, 7, true, 0},
    {"Accuracy", 8, 8, true, 0},   {"95 % interval", BAR, BAR, false, 3},
    {"State", 8, 8, false, 6},     {"Params", 7, 7, true, 4},
    {"From", 5, 5, true, 7},       {"Network", 8, 22, false, 5},
    {"Change", 14, 400, false, 2},
};

static void bar_of(const struct search_screen *s, const struct trial_row *t, char *out, size_t size)
{
    figure_interval_bar(t->low, t->score, t->high, fmin(s->low, 0.5), fmax(s->high, 0.5), BAR, out, size);
}

static void trial_figure(const struct search_screen *s, const struct trial_row *t, int column, char *out, size_t size,
                         enum style *style)
{
    char name[80];
    switch (column) {
    case TRIAL_ID:
        say_mark(s, t, out, size);
        break;
    case TRIAL_SCORE: /* the column of states is the first to go where there is little room */
        figure_percent(t->score, out, size);
        if (out[0] == '\0')
            say_trial_state(s, t, out, size, style);
        break;
    case TRIAL_BAR:
        bar_of(s, t, out, size);
        break;
    case TRIAL_STATE:
        say_trial_state(s, t, out, size, style);
        break;
    case TRIAL_SIZE:
        if (search_parameters(s, t) >= 0)
            figure_count(search_parameters(s, t), out, size);
        break;
    case TRIAL_PARENT:
        if (t->parent != 0)
            snprintf(out, size, "%lld", (long long)t->parent);
        *style = STYLE_DIM;
        break;
    case TRIAL_NAME:
        text_copy(out, size, search_arch_name(s, t->arch, name));
        break;
    default:
        say_change(t, out, size);
        *style = STYLE_DIM;
    }
}

static void trial_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const struct trial_row *t = &s->trial[s->board[row]];
    if (row == 0 && s->scored > 0 && column <= TRIAL_BAR)
        *style = STYLE_GOOD;
    if (column != TRIAL_RANK)
        trial_figure(s, t, column, out, size, style);
    else if (row < s->scored)
        snprintf(out, size, "%d", row + 1);
}

enum { SUGGEST_RANK, SUGGEST_MEAN, SUGGEST_BAR, SUGGEST_EI, SUGGEST_FROM, SUGGEST_SIZE, SUGGEST_ID, SUGGEST_STEPS };

static const struct table_column suggestion_columns[] = {
    {"#", 2, 3, true, 0},   {"Predicted", 14, 16, true, 0},  {"EI", EI_BAR, EI_BAR, false, 3},
    {"", 9, 9, true, 2},    {"From", 5, 5, true, 4},         {"Params", 7, 7, true, 5},
    {"Id", 8, 8, false, 6}, {"Morphism", 14, 400, false, 1},
};

static double member(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void bar_text(double share, int cells, char *out, size_t size)
{
    int halves = isfinite(share) ? (int)floor(fmin(fmax(share, 0), 1) * 2 * cells + 0.5) : 0;
    for (int i = 0; i < cells && halves > 0; i++, halves -= 2)
        text_append(out, size, halves >= 2 ? "━" : "╸");
}

static void suggestion_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const json_t *j = search_suggestion(s, row);
    double most = 0, ei = member(j, "ei");
    for (size_t i = 0; i < search_suggestions(s); i++)
        most = fmax(most, member(search_suggestion(s, (int)i), "ei"));
    const char *text = json_string_value(json_object_get(j, column == SUGGEST_ID ? "arch" : "morphism"));
    if (column == SUGGEST_RANK) {
        snprintf(out, size, "%d", row + 1);
    } else if (column == SUGGEST_MEAN && isfinite(member(j, "mean"))) {
        snprintf(out, size, "%.2f ± %.2f %%", 100 * member(j, "mean"), 100 * member(j, "sd"));
    } else if (column == SUGGEST_BAR) {
        bar_text(most > 0 ? ei / most : 0, EI_BAR, out, size);
        *style = STYLE_SERIES_2;
    } else if (column == SUGGEST_EI && isfinite(ei)) {
        snprintf(out, size, "%.2e", ei);
    } else if (column == SUGGEST_FROM) {
        snprintf(out, size, "%lld", json_integer_value(json_object_get(j, "trial")));
        *style = STYLE_DIM;
    } else if (column == SUGGEST_SIZE) {
        figure_count(json_integer_value(json_object_get(j, "parameters")), out, size);
    } else if (column >= SUGGEST_ID && text != NULL) {
        snprintf(out, size, "%.*s", column == SUGGEST_ID ? 8 : 400, text);
        for (char *c = out; *c != '\0'; c++)
            *c = *c == '\n' ? ';' : *c;
    }
}

enum { FAMILY_NAME, FAMILY_SCORE, FAMILY_BAR, FAMILY_SIZE, FAMILY_TRIAL, FAMILY_CHANGE };

static const struct table_column family_columns[] = {
    {"Family", 22, 44, false, 0}, {"Accuracy", 8, 8, true, 0}, {"95 % interval", BAR, BAR, false, 4},
    {"Params", 7, 7, true, 2},    {"Trial", 6, 7, true, 3},    {"Change", 16, 400, false, 1},
};

static void family_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const struct search_family *f = &s->family[row];
    const struct trial_row *t = f->trial >= 0 ? &s->trial[f->trial] : NULL;
    const struct arch_row *a = &s->arch[f->arch];
    char name[80];
    bool best = t != NULL && s->scored > 0 && t == &s->trial[s->board[0]];
    *style = best ? STYLE_GOOD : STYLE_TEXT;
    if (column == FAMILY_NAME) {
        snprintf(out, size, "%s%s", f->lead, search_arch_name(s, a->id, name));
    } else if (column == FAMILY_SCORE && t != NULL && !isfinite(t->score)) {
        say_trial_state(s, t, out, size, style);
    } else if (column == FAMILY_SCORE && t != NULL) {
        figure_percent(t->score, out, size);
    } else if (column == FAMILY_BAR && t != NULL) {
        bar_of(s, t, out, size);
    } else if (column == FAMILY_SIZE) {
        figure_count(a->parameters, out, size);
    } else if (column == FAMILY_TRIAL && t != NULL) {
        say_mark(s, t, out, size);
    } else if (column == FAMILY_CHANGE) {
        text_copy(out, size, a->morphism);
        *style = STYLE_DIM;
        for (char *c = out; *c != '\0'; c++)
            *c = *c == '\n' ? ';' : *c;
    }
}

static const struct table_column pareto_columns[] = {
    {"Front", 5, 5, false, 0},   {"Params", 7, 9, true, 0},
    {"Accuracy", 8, 8, true, 0}, {"95 % interval", BAR, BAR, false, 2},
    {"Trial", 6, 7, true, 1},    {"Network", 8, 40, false, 1},
};

static void pareto_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    static const int same_as[] = {0, TRIAL_SIZE, TRIAL_SCORE, TRIAL_BAR, TRIAL_ID, TRIAL_NAME};
    const struct search_screen *s = context;
    *style = s->front[row] ? STYLE_GOOD : STYLE_DIM;
    if (column == 0)
        text_copy(out, size, s->front[row] ? "  ■" : "");
    else
        trial_figure(s, &s->trial[s->by_size[row]], same_as[column], out, size, style);
}

static const struct view {
    const struct table_column *column;
    int columns;
    void (*cell)(void *context, int row, int column, char *out, size_t size, enum style *style);
} views[SEARCH_VIEWS] = {
    {trial_columns, (int)ARRAY_N(trial_columns), trial_cell},
    {suggestion_columns, (int)ARRAY_N(suggestion_columns), suggestion_cell},
    {family_columns, (int)ARRAY_N(family_columns), family_cell},
    {pareto_columns, (int)ARRAY_N(pareto_columns), pareto_cell},
};

/* --- what to do next
 * -------------------------------------------------------------------------------------------------- */

static void draw_hint(const struct search_screen *s, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    const char *text;
    if (!s->has_task)
        text = "There is no prediction task yet. Set one on the Data screen (1), then r here searches.";
    else if (s->view == SEARCH_SUGGESTIONS && s->suggest_job != NULL)
        text = "The surrogate is being fitted...";
    else if (s->view == SEARCH_SUGGESTIONS && s->scored > 0)
        text = "Press s: the surrogate is fitted to all trials and names the candidates of the largest expected "
               "improvement.";
    else if (s->search_job != NULL)
        text = "The first trials are on their way.";
    else
        text = "Press r to search: starting points are scored by walk-forward cross-validation, then the search grows "
               "candidates from the best by morphisms. Or score one architecture by hand: c on the Train screen.";
    grid_paragraph(g, in, 0, STYLE_TEXT, text);
}

/* "from 12 trials; 3 more were scored since: s asks again" */
static int draw_suggestion_head(const struct search_screen *s, struct grid *g, struct box b)
{
    int from = (int)json_integer_value(json_object_get(s->suggest, "observations")), done = 0;
    if (s->view != SEARCH_SUGGESTIONS || s->suggest == NULL || b.rows < 4)
        return 0;
    for (int i = 0; i < s->trials; i++)
        done += text_equal(s->trial[i].state, "done");
    int x = grid_printf(g, b, 2, 0, STYLE_DIM, "fitted to %d scored trials", from);
    if (s->suggest_job != NULL)
        grid_put(g, b, x, 0, STYLE_KEY, "; asking again...");
    else if (done > from)
        grid_printf(g, b, x, 0, STYLE_WARN, "; %d more since: s asks again", done - from);
    return 1;
}

static void draw_table(struct search_screen *s, struct grid *g, struct box b)
{
    const struct view *v = &views[s->view];
    b = box_inset(b, 0, draw_suggestion_head(s, g, b), 0, 0);
    struct table_source source = {s, search_rows(s), v->cell};
    s->rows = b;
    if (source.rows == 0)
        draw_hint(s, g, b);
    else
        table_draw(g, b, v->column, v->columns, &source, &s->table[s->view], true);
}

/* The five best suggestions as a side pane, where the view shown is another one. */
static void draw_side_suggestions(struct search_screen *s, struct grid *g, struct box b)
{
    static const struct table_column columns[] = {{"#", 2, 3, true, 0},
                                                  {"Predicted", 14, 16, true, 0},
                                                  {"", EI_BAR, EI_BAR, false, 2},
                                                  {"Morphism", 12, 400, false, 1}};
    struct box in = grid_frame(g, b, STYLE_BORDER, "Suggestions");
    if (search_suggestions(s) == 0) {
        grid_paragraph(g, box_inset(in, 1, 0, 1, 0), 0, STYLE_DIM,
                       s->suggest_job != NULL ? "the surrogate is being fitted..."
                                              : "s asks the surrogate for the next candidates");
        return;
    }
    for (int row = 0; row < in.rows && row < (int)search_suggestions(s); row++) {
        static const int column[] = {SUGGEST_RANK, SUGGEST_MEAN, SUGGEST_BAR, SUGGEST_STEPS};
        int x = 0;
        for (size_t i = 0; i < ARRAY_N(columns); i++) {
            char text[400] = "";
            enum style style = STYLE_TEXT;
            suggestion_cell(s, row, column[i], text, sizeof text, &style);
            int width = i + 1 < ARRAY_N(columns) ? columns[i].least : in.columns - x;
            struct box cell = {in.x + x, in.y + row, width < in.columns - x ? width : in.columns - x, 1};
            if (columns[i].right)
                grid_put_right(g, cell, 0, style, text);
            else
                grid_put(g, cell, 0, 0, style, text);
            x += width + 1;
        }
    }
}

/* --- what is under the cursor
 * ------------------------------------------------------------------------------------------ */

static int detail_steps(struct grid *g, struct box b, int y, const char *steps)
{
    char *copy = memory_text(steps), *rest = copy, *line;
    const char *label = "change";
    while (y < b.rows && (line = text_next(&rest, '\n')) != NULL) {
        if (line[0] != '\0')
            y += aid_field(g, b, y, 11, label, "%s", line);
        label = "";
    }
    free(copy);
    return y;
}

static void detail_trial(const struct search_screen *s, struct grid *g, struct box b, const struct trial_row *t)
{
    char title[48], text[96], count[24], interval[32];
    int y = 1;
    snprintf(title, sizeof title, "Trial %lld", (long long)t->id);
    aid_heading(g, b, 0, title, search_cut_off(s, t) ? "cut off: R resumes" : t->state);
    figure_count(search_parameters(s, t), count, sizeof count);
    y += aid_field(g, b, y, 11, "network", "%s, %s parameters", search_arch_name(s, t->arch, text), count);
    figure_percent(t->score, text, sizeof text);
    figure_interval(t->low, t->high, interval, sizeof interval);
    if (text[0] != '\0')
        y += aid_field(g, b, y, 11, task_score_short(s->task.task.target), "%s %s", text, interval);
    if (isfinite(t->predicted))
        y += aid_field(g, b, y, 11, "predicted", "%.2f ± %.2f %%", 100 * t->predicted, 100 * t->predicted_sd);
    if (t->steps[0] != '\0')
        y = detail_steps(g, b, y, t->steps);
    aid_field(g, b, y, 11, "why", "%s", t->why);
}

static void detail_suggestion(const struct search_screen *s, struct grid *g, struct box b, const json_t *j)
{
    char count[24];
    int y = 1;
    const char *arch = json_string_value(json_object_get(j, "arch")),
               *steps = json_string_value(json_object_get(j, "morphism"));
    const json_t *labels = json_object_get(j, "explain");
    (void)s;
    aid_heading(g, b, 0, "Suggestion", "e explains");
    figure_count(json_integer_value(json_object_get(j, "parameters")), count, sizeof count);
    y += aid_field(g, b, y, 11, "network", "%.8s, %s parameters, from trial %lld", arch != NULL ? arch : "", count,
                   json_integer_value(json_object_get(j, "trial")));
    if (steps != NULL)
        y = detail_steps(g, b, y, steps);
    for (size_t i = 0; i < json_array_size(labels) && y < b.rows; i++)
        y += aid_field(g, b, y, 11, i == 0 ? "moved by" : "", "%s", json_string_value(json_array_get(labels, i)));
}

static void draw_detail(const struct search_screen *s, struct grid *g, struct box b)
{
    int row = s->table[s->view].cursor, trial = search_trial_of_row(s, row);
    if (s->view == SEARCH_SUGGESTIONS && search_suggestion(s, row) != NULL)
        detail_suggestion(s, g, b, search_suggestion(s, row));
    else if (trial >= 0)
        detail_trial(s, g, b, &s->trial[trial]);
}

/* --- panes
 * -------------------------------------------------------------------------------------------------------------- */

static int within(int v, int least, int most)
{
    return v < least ? least : v > most ? most : v;
}

static void draw_wide(struct search_screen *s, struct grid *g, struct box b)
{
    struct box left, right, plot, below = {0, 0, 0, 0}, detail = {0, 0, 0, 0};
    box_split_columns(b, -within(b.columns * 2 / 5, 46, 84), &left, &right);
    left = box_inset(left, 0, 0, 2, 0);
    if (left.rows >= 20)
        box_split_rows(left, -within(left.rows / 3, 8, 12), &left, &detail);
    draw_table(s, g, left);
    draw_detail(s, g, detail);
    plot = right;
    if (b.rows >= 18 && s->view != SEARCH_SUGGESTIONS)
        box_split_rows(right, -within(b.rows / 4, 6, 10), &plot, &below);
    if (s->view == SEARCH_PARETO)
        search_draw_pareto(s, g, plot);
    else
        search_draw_progress(s, g, plot);
    if (below.rows > 2)
        draw_side_suggestions(s, g, below);
}

static void draw_tall(struct search_screen *s, struct grid *g, struct box b)
{
    struct box top, bottom;
    bool plot = b.rows >= 12 && s->trials > 0 && s->view != SEARCH_SUGGESTIONS;
    box_split_rows(b, plot ? -within(b.rows / 2, 0, 14) : b.rows, &top, &bottom);
    if (s->view == SEARCH_SUGGESTIONS && b.rows >= 14 && search_suggestions(s) > 0)
        box_split_rows(b, -7, &top, &bottom);
    draw_table(s, g, top);
    if (plot && s->view == SEARCH_PARETO)
        search_draw_pareto(s, g, bottom);
    else if (plot)
        search_draw_progress(s, g, bottom);
    else if (bottom.rows > 0)
        draw_detail(s, g, bottom);
}

void search_draw(struct search_screen *s, struct app *app, struct grid *g, struct box b)
{
    (void)app;
    struct box in = box_inset(b, 1, 0, 1, 0);
    int head = draw_head(s, g, in);
    struct box rest = box_inset(in, 0, head, 0, 0);
    draw_views(s, g, row_of(rest, 0));
    rest = box_inset(rest, 0, 1, 0, 0);
    if (rest.rows < 1)
        return;
    if (rest.columns >= WIDE && s->trials > 0)
        draw_wide(s, g, rest);
    else
        draw_tall(s, g, rest);
}
