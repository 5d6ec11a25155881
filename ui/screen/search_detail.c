/* The Search screen's pane about what is under the cursor. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/figure.h"
#include "ui/screen/search_state.h"

#include <math.h>

enum { AT = 11 };

static int put_lines(struct grid *g, struct box b, int y, const char *label, const char *lines)
{
    char *copy = memory_text(lines), *rest = copy, *line;
    while (y < b.rows && (line = text_next(&rest, '\n')) != NULL) {
        if (line[0] != '\0')
            y += aid_field(g, b, y, AT, label, "%s", line);
        label = "";
    }
    free(copy);
    return y;
}

static void draw_trial(const struct search_screen *s, struct grid *g, struct box b, const struct trial_row *t)
{
    char title[48], state[32], text[96], count[24], interval[32];
    int y = 1;
    bool part = search_is_done(t) && !search_is_full(t);
    snprintf(title, sizeof title, "Trial %lld", (long long)t->id);
    snprintf(state, sizeof state, part ? "stopped early" : "%s", t->state);
    aid_heading(g, b, 0, title, !search_cut_off(s, t) ? state : t->search != 0 ? "cut off: R resumes" : "cut off");
    if (search_cut_off(s, t) && t->search == 0)
        y += aid_field(g, b, y, AT, "kept", "what was trained: scoring it again with the same settings goes on");
    figure_count(search_parameters(s, t), count, sizeof count);
    y += aid_field(g, b, y, AT, "network", "%s, %s parameters", search_arch_name(s, t->arch, text), count);
    figure_percent(t->score, text, sizeof text);
    figure_interval(t->low, t->high, interval, sizeof interval);
    if (part)
        y += aid_field(g, b, y, AT, "estimate", "%s %s after %.0f %% of the cross-validation; it is never the best", text,
                       interval, 100 * t->fidelity);
    else if (text[0] != '\0')
        y += aid_field(g, b, y, AT, task_score_short(s->task.task.target), "%s %s", text, interval);
    if (isfinite(t->predicted))
        y += aid_field(g, b, y, AT, "predicted", "%.2f ± %.2f %%", 100 * t->predicted, 100 * t->predicted_sd);
    if (t->steps[0] != '\0')
        y = put_lines(g, b, y, "change", t->steps);
    aid_field(g, b, y, AT, t->strategy[0] != '\0' ? t->strategy : "why", "%s", t->why);
}

static void draw_suggestion(struct grid *g, struct box b, const json_t *j)
{
    char count[24];
    int y = 1;
    const char *arch = json_string_value(json_object_get(j, "arch")),
               *steps = json_string_value(json_object_get(j, "morphism"));
    const json_t *labels = json_object_get(j, "explain");
    aid_heading(g, b, 0, json_is_true(json_object_get(j, "pinned")) ? "Suggestion, pinned" : "Suggestion", "e explains");
    figure_count(json_integer_value(json_object_get(j, "parameters")), count, sizeof count);
    y += aid_field(g, b, y, AT, "network", "%.8s, %s parameters, from trial %lld", arch != NULL ? arch : "", count,
                   json_integer_value(json_object_get(j, "trial")));
    if (steps != NULL)
        y = put_lines(g, b, y, "change", steps);
    if (json_array_size(labels) > 0)
        y += aid_field(g, b, y, AT, "moved by", "what it has more or less of than the best, in the score:");
    for (size_t i = 0; i < json_array_size(labels) && y < b.rows; i++) {
        char effect[112];
        figure_effect(json_string_value(json_array_get(labels, i)), effect, sizeof effect);
        y += aid_field(g, b, y, AT, "", "%s", effect);
    }
}

void search_draw_detail(const struct search_screen *s, struct grid *g, struct box b)
{
    int row = s->table[s->view].cursor, trial = search_trial_of_row(s, row);
    const json_t *j = s->view == SEARCH_SUGGESTIONS ? search_suggestion(s, row) : NULL;
    if (b.rows < 1)
        return;
    if (j != NULL)
        draw_suggestion(g, b, j);
    else if (trial >= 0)
        draw_trial(s, g, b, &s->trial[trial]);
}
