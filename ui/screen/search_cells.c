/* The tables of the Search screen: what stands in which cell. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot_frame.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { BAR = 16 };

static double member(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void put_steps(const char *steps, char *out, size_t size)
{
    text_copy(out, size, steps);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '\n' ? ';' : *c;
}

static void say_latency(double us, char *out, size_t size)
{
    if (isfinite(us))
        snprintf(out, size, us < 1000 ? "%.1f us" : "%.2f ms", us < 1000 ? us : us / 1000);
}

/* --- trials ----------------------------------------------------------------------------------------------------------- */

/* What was stopped says how much of it was run: its score is an estimate. */
static void say_state(const struct search_screen *s, const struct trial_row *t, char *out, size_t size, enum style *style)
{
    double share = search_running_share(s, t->id);
    bool running = text_equal(t->state, "running");
    *style = running ? STYLE_KEY : text_equal(t->state, "failed") ? STYLE_BAD : STYLE_DIM;
    if (search_cut_off(s, t)) {
        text_copy(out, size, "cut off");
        *style = STYLE_WARN;
    } else if (running && isfinite(share)) {
        snprintf(out, size, "run %2.0f %%", 100 * share);
    } else if (search_is_done(t) && !search_is_full(t)) {
        snprintf(out, size, "%.0f %% run", 100 * t->fidelity);
    } else {
        text_copy(out, size, t->state);
    }
}

static void say_mark(const struct search_screen *s, const struct trial_row *t, char *out, size_t size)
{
    char hex[HASH_HEX];
    hash_hex(t->arch, hex);
    snprintf(out, size, "%lld%s%s", (long long)t->id, t->pinned ? "*" : " ", text_equal(hex, s->selected) ? "◆" : " ");
}

enum {
    TRIAL_RANK,
    TRIAL_ID,
    TRIAL_SCORE,
    TRIAL_BAR,
    TRIAL_BY,
    TRIAL_STATE,
    TRIAL_SIZE,
    TRIAL_MACS,
    TRIAL_LATENCY,
    TRIAL_PARENT,
    TRIAL_NAME,
    TRIAL_WHY
};

static const struct table_column trial_columns[] = {
    {"#", 3, 5, true, 1},           {"Trial", 6, 8, true, 0},   {"Score", 9, 9, true, 0},
    {"95 % interval", BAR, BAR, false, 3}, {"By", 9, 9, false, 4},     {"State", 8, 8, false, 6},
    {"Params", 7, 7, true, 5},      {"MACs", 7, 7, true, 9},    {"Latency", 9, 9, true, 10},
    {"From", 5, 6, true, 8},        {"Network", 8, 22, false, 7}, {"Change", 18, 400, false, 2},
};

static void bar_scale(const struct search_screen *s, double *least, double *most)
{
    *least = s->task.task.target == TASK_DIRECTION ? fmin(s->low, 0.5) : s->low;
    *most = s->task.task.target == TASK_DIRECTION ? fmax(s->high, 0.5) : s->high;
}

static void bar_of(const struct search_screen *s, const struct trial_row *t, char *out, size_t size)
{
    double least, most;
    bar_scale(s, &least, &most);
    figure_interval_bar(t->low, t->score, t->high, least, most, BAR, out, size);
}

static void say_score(const struct trial_row *t, char *out, size_t size)
{
    char percent[24];
    figure_percent(t->score, percent, sizeof percent);
    snprintf(out, size, "%s%s", search_is_done(t) && !search_is_full(t) ? "~" : "", percent);
}

static void trial_figure(const struct search_screen *s, const struct trial_row *t, int column, char *out, size_t size,
                         enum style *style)
{
    char name[80];
    double macs = search_cost_of(s, t, COST_MACS);
    switch (column) {
    case TRIAL_ID:
        say_mark(s, t, out, size);
        break;
    case TRIAL_SCORE:
        if (isfinite(t->score))
            say_score(t, out, size);
        else
            say_state(s, t, out, size, style);
        break;
    case TRIAL_BAR:
        bar_of(s, t, out, size);
        break;
    case TRIAL_BY:
        text_copy(out, size, search_asker(t));
        break;
    case TRIAL_STATE:
        say_state(s, t, out, size, style);
        break;
    case TRIAL_SIZE:
        figure_count(search_parameters(s, t), out, size);
        break;
    case TRIAL_MACS:
        if (isfinite(macs))
            figure_count((int64_t)macs, out, size);
        break;
    case TRIAL_LATENCY:
        say_latency(t->latency_us, out, size);
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
        put_steps(t->steps[0] != '\0' ? t->steps : t->why, out, size);
        *style = STYLE_DIM;
    }
}

static void trial_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    int index = s->board[row];
    const struct trial_row *t = &s->trial[index];
    if (index == s->best && column <= TRIAL_BAR)
        *style = STYLE_GOOD;
    if (search_is_done(t) && !search_is_full(t))
        *style = STYLE_DIM;
    if (column != TRIAL_RANK)
        trial_figure(s, t, column, out, size, style);
    else if (s->rank[index] > 0)
        snprintf(out, size, "%d", s->rank[index]);
}

/* --- suggestions ------------------------------------------------------------------------------------------------------ */

enum { SUGGEST_RANK, SUGGEST_MEAN, SUGGEST_BAR, SUGGEST_EI, SUGGEST_FROM, SUGGEST_SIZE, SUGGEST_ID, SUGGEST_STEPS };

static const struct table_column suggestion_columns[] = {
    {"#", 3, 4, true, 0},
    {"Predicted", 14, 16, true, 0},
    {"mean ± sd", BAR, BAR, false, 4},
    {"EI, points", 10, 10, true, 1},
    {"From", 5, 6, true, 3},
    {"Params", 7, 7, true, 5},
    {"Id", 8, 8, false, 6},
    {"Morphism", 22, 400, false, 2},
};

/* All on one scale, from the least lower end to the largest upper one. */
static void spread_scale(const struct search_screen *s, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (int i = 0; i < (int)search_suggestions(s); i++) {
        double m = member(search_suggestion(s, i), "mean"), d = member(search_suggestion(s, i), "sd");
        *least = fmin(*least, m - d);
        *most = fmax(*most, m + d);
    }
}

static void spread_bar(const struct search_screen *s, const json_t *j, char *out, size_t size)
{
    double least, most, mean = member(j, "mean"), sd = member(j, "sd");
    spread_scale(s, &least, &most);
    figure_interval_bar(mean - sd, mean, mean + sd, least, most, BAR, out, size);
}

static void suggestion_figure(const struct search_screen *s, const json_t *j, int column, char *out, size_t size,
                              enum style *style)
{
    double ei = 100 * member(j, "ei");
    const char *text = json_string_value(json_object_get(j, column == SUGGEST_ID ? "arch" : "morphism"));
    if (column == SUGGEST_MEAN && isfinite(member(j, "mean"))) {
        snprintf(out, size, "%.2f ± %.2f %%", 100 * member(j, "mean"), 100 * member(j, "sd"));
    } else if (column == SUGGEST_BAR) {
        spread_bar(s, j, out, size);
        *style = STYLE_SERIES_2;
    } else if (column == SUGGEST_EI && isfinite(ei)) {
        snprintf(out, size, ei >= 0.001 ? "%.3f" : "%.1e", ei);
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

static void suggestion_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const json_t *j = search_suggestion(s, row);
    if (column == SUGGEST_RANK)
        snprintf(out, size, "%d%s", row + 1, json_is_true(json_object_get(j, "pinned")) ? "*" : " ");
    else
        suggestion_figure(s, j, column, out, size, style);
}

void search_draw_side_suggestions(const struct search_screen *s, struct grid *g, struct box b)
{
    static const int column[] = {SUGGEST_RANK, SUGGEST_MEAN, SUGGEST_EI, SUGGEST_STEPS};
    static const int width[] = {3, 14, 7, 0};
    struct box in = grid_frame(g, b, STYLE_BORDER, "Suggestions");
    if (search_suggestions(s) == 0)
        grid_paragraph(g, box_inset(in, 1, 0, 1, 0), 0, STYLE_DIM,
                       s->suggest_job != NULL ? "the surrogate is being fitted..."
                                              : "s asks the surrogate for the next candidates");
    for (int row = 0; row < in.rows && row < (int)search_suggestions(s); row++) {
        int x = 0;
        for (size_t i = 0; i < ARRAY_N(column); i++) {
            char text[400] = "";
            enum style style = STYLE_TEXT;
            suggestion_cell((void *)(uintptr_t)s, row, column[i], text, sizeof text, &style);
            int cells = width[i] > 0 ? width[i] : in.columns - x;
            struct box cell = {in.x + x, in.y + row, cells < in.columns - x ? cells : in.columns - x, 1};
            if (suggestion_columns[column[i]].right)
                grid_put_right(g, cell, 0, style, text);
            else
                grid_put(g, cell, 0, 0, style, text);
            x += cells + 1;
        }
    }
}

/* --- family, front ---------------------------------------------------------------------------------------------------- */

enum { FAMILY_NAME, FAMILY_SCORE, FAMILY_BAR, FAMILY_SIZE, FAMILY_TRIAL, FAMILY_BY, FAMILY_CHANGE };

static const struct table_column family_columns[] = {
    {"Family", 24, 46, false, 0}, {"Score", 9, 9, true, 0}, {"95 % interval", BAR, BAR, false, 4},
    {"Params", 7, 7, true, 2},    {"Trial", 6, 8, true, 3}, {"By", 9, 9, false, 5},
    {"Change", 16, 400, false, 1},
};

static void family_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    static const int same_as[] = {-1, TRIAL_SCORE, TRIAL_BAR, -1, TRIAL_ID, TRIAL_BY, -1};
    const struct search_screen *s = context;
    const struct search_family *f = &s->family[row];
    const struct trial_row *t = f->trial >= 0 ? &s->trial[f->trial] : NULL;
    const struct arch_row *a = &s->arch[f->arch];
    char name[80], folded[24] = "";
    *style = t != NULL && f->trial == s->best ? STYLE_GOOD : t == NULL || !search_is_full(t) ? STYLE_DIM : STYLE_TEXT;
    if (column == FAMILY_NAME) {
        if (f->folded > 0)
            snprintf(folded, sizeof folded, " [+%d]", f->folded);
        snprintf(out, size, "%s%s%s", f->lead, search_arch_name(s, a->id, name), folded);
    } else if (column == FAMILY_SIZE) {
        figure_count(a->parameters, out, size);
    } else if (column == FAMILY_CHANGE) {
        put_steps(a->morphism, out, size);
        *style = STYLE_DIM;
    } else if (t != NULL) {
        trial_figure(s, t, same_as[column], out, size, style);
    }
}

static const struct table_column pareto_columns[] = {
    {"Front", 5, 5, false, 0},   {"Params", 7, 9, true, 1},  {"MACs", 7, 9, true, 2},  {"Latency", 9, 9, true, 3},
    {"Score", 9, 9, true, 0},    {"95 % interval", BAR, BAR, false, 5},
    {"Trial", 6, 8, true, 1},    {"By", 9, 9, false, 6},     {"Network", 8, 40, false, 4},
};

static void pareto_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    static const int same_as[] = {0, TRIAL_SIZE, TRIAL_MACS, TRIAL_LATENCY, TRIAL_SCORE, TRIAL_BAR, TRIAL_ID, TRIAL_BY, TRIAL_NAME};
    static const int cost[] = {-1, COST_PARAMETERS, COST_MACS, COST_LATENCY, -1, -1, -1, -1, -1};
    const struct search_screen *s = context;
    *style = s->front[row] ? STYLE_GOOD : STYLE_DIM;
    if (column == 0)
        text_copy(out, size, s->front[row] ? "  ■" : "");
    else
        trial_figure(s, &s->trial[s->by_cost[row]], same_as[column], out, size, style);
    if (cost[column] == (int)s->cost && !s->front[row])
        *style = STYLE_TEXT;
}

/* --- races ------------------------------------------------------------------------------------------------------------ */

enum { RACE_NAME, RACE_BEST, RACE_BAR, RACE_PLACE, RACE_TRIAL, RACE_TRIALS, RACE_STOPPED, RACE_FAILED, RACE_SECONDS };

static const struct table_column race_columns[] = {
    {"Strategy", 12, 14, false, 0}, {"Best", 8, 8, true, 0},   {"95 % interval", BAR, BAR, false, 6},
    {"Place", 7, 7, false, 1},      {"Found by", 8, 9, true, 2}, {"Trials", 6, 6, true, 3},
    {"Stopped", 7, 7, true, 5},     {"Failed", 6, 6, true, 7}, {"Training", 12, 14, true, 4},
};

static void say_place(const struct search_screen *s, int row, char *out, size_t size)
{
    double x = search_race_now(s), mine;
    int ended, above = 0;
    mine = search_race_best(s, &s->racer[row], x, &ended);
    for (int i = 0; i < s->racers; i++)
        above += search_race_best(s, &s->racer[i], x, &ended) > mine;
    if (!isfinite(mine))
        text_copy(out, size, "-");
    else if (row == search_race_leader(s, x))
        text_copy(out, size, "leads");
    else
        snprintf(out, size, above == 0 ? "level" : "%d.", above + 1);
}

static void race_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const struct search_racer *r = &s->racer[row];
    int ended;
    double best = search_race_best(s, r, search_race_now(s), &ended);
    /* Left of the end the cursor may stand where another trial was the best. */
    const struct trial_row *t = r->winner >= 0 && 100 * s->trial[r->winner].score <= best ? &s->trial[r->winner] : NULL;
    *style = row == search_race_leader(s, search_race_now(s)) ? STYLE_GOOD : STYLE_TEXT;
    if (column == RACE_NAME) {
        char sign[5];
        text_encode(plot_glyph(&(struct grid){.symbols = s->symbols}, row), sign);
        snprintf(out, size, "%s %s", sign, r->name);
        *style = (enum style)(STYLE_SERIES_1 + row % 6);
    } else if (column == RACE_BEST && isfinite(best)) {
        snprintf(out, size, "%.2f %%", best);
    } else if (column == RACE_BAR && t != NULL) {
        bar_of(s, t, out, size);
    } else if (column == RACE_PLACE) {
        say_place(s, row, out, size);
    } else if (column == RACE_TRIAL && t != NULL) {
        snprintf(out, size, "%lld", (long long)t->id);
    } else if (column == RACE_TRIALS) {
        snprintf(out, size, "%d", r->own);
    } else if (column == RACE_STOPPED) {
        snprintf(out, size, "%d", r->stopped);
    } else if (column == RACE_FAILED) {
        snprintf(out, size, "%d", r->failed);
    } else if (column == RACE_SECONDS && r->n > 0) {
        figure_span(r->seconds[r->n - 1], out, size);
    }
}

/* --- the chain -------------------------------------------------------------------------------------------------------- */

static const struct table_column chain_columns[] = {
    {"Step", 4, 5, true, 0},      {"Trial", 6, 7, true, 0},      {"Observed", 9, 9, true, 0},
    {"95 % interval", 14, 14, false, 4}, {"Posterior", 14, 16, true, 1}, {"Predicted", 14, 16, true, 3},
    {"Morphism", 18, 400, false, 2},
};

static void say_spread(double mean, double sd, char *out, size_t size)
{
    if (isfinite(mean) && isfinite(sd))
        snprintf(out, size, "%.2f ± %.2f %%", 100 * mean, 100 * sd);
}

static void chain_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct search_screen *s = context;
    const struct search_chain_row *r = &s->chain[row];
    if (r->trial == 0)
        *style = STYLE_SERIES_2;
    if (column == 0)
        snprintf(out, size, "%d", row);
    else if (column == 1 && r->trial == 0)
        text_copy(out, size, "next?");
    else if (column == 1)
        snprintf(out, size, "%lld", (long long)r->trial);
    else if (column == 2 && isfinite(r->score))
        snprintf(out, size, r->fidelity < 1 ? "~%.2f %%" : "%.2f %%", 100 * r->score);
    else if (column == 3)
        figure_interval(r->low, r->high, out, size);
    else if (column == 4)
        say_spread(r->mean, r->sd, out, size);
    else if (column == 5)
        say_spread(r->asked, r->asked_sd, out, size);
    else if (column == 6)
        text_copy(out, size, r->step);
}

/* ---------------------------------------------------------------------------------------------------------------------- */

static const struct view {
    const struct table_column *column;
    int columns;
    void (*cell)(void *context, int row, int column, char *out, size_t size, enum style *style);
} views[SEARCH_VIEWS] = {
    {trial_columns, (int)ARRAY_N(trial_columns), trial_cell},
    {suggestion_columns, (int)ARRAY_N(suggestion_columns), suggestion_cell},
    {family_columns, (int)ARRAY_N(family_columns), family_cell},
    {pareto_columns, (int)ARRAY_N(pareto_columns), pareto_cell},
    {race_columns, (int)ARRAY_N(race_columns), race_cell},
    {chain_columns, (int)ARRAY_N(chain_columns), chain_cell},
};

/* Over the bars stand the ends of their scale: "50     95 %   84". */
static void title_bars(const struct search_screen *s, const char *what, char out[2 * BAR])
{
    double least, most;
    char from[24], to[24];
    (s->view == SEARCH_SUGGESTIONS ? spread_scale : bar_scale)(s, &least, &most);
    if (!isfinite(least) || !isfinite(most) || fabs(least) > 99 || fabs(most) > 99) {
        text_copy(out, 2 * (size_t)BAR, what);
        return;
    }
    int digits = most - least < 0.04 ? 1 : 0;
    snprintf(from, sizeof from, "%.*f", digits, 100 * least);
    snprintf(to, sizeof to, "%.*f", digits, 100 * most);
    int room = BAR - text_width(from) - text_width(to) - text_width(what);
    text_copy(out, 2 * (size_t)BAR, room < 2 ? "" : from);
    for (int i = 0; i < room && room >= 2; i++) {
        text_append(out, 2 * (size_t)BAR, i == room / 2 ? what : "");
        text_append(out, 2 * (size_t)BAR, " ");
    }
    text_append(out, 2 * (size_t)BAR, room < 2 ? what : to);
}

void search_draw_table(struct search_screen *s, struct grid *g, struct box b)
{
    enum { COLUMNS = 16 };
    const struct view *v = &views[s->view];
    struct table_source source = {s, search_rows(s), v->cell};
    struct table_column column[COLUMNS];
    char title[2 * BAR];
    ASSERT(v->columns <= COLUMNS);
    for (int i = 0; i < v->columns; i++) {
        column[i] = v->column[i];
        if (column[i].least != BAR || column[i].most != BAR)
            continue;
        title_bars(s, s->view == SEARCH_SUGGESTIONS ? "± sd" : "95 %", title);
        column[i].title = title;
    }
    s->rows = b;
    table_draw(g, b, column, v->columns, &source, &s->table[s->view], true);
}
