/* The form of the training settings: the rows, what the one at the cursor means, and how the learning rate would go. */
#include "base/memory.h"
#include "base/text.h"
#include "train/schedule.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/train_state.h"

enum { BESIDE = 84, POINTS = 120 };

static const struct table_column columns[] = {{"Setting", 15, 17, false, 0}, {"", 10, 24, false, 1}};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct train_screen *s = context;
    int i = train_form_setting(row);
    bool applies = recipe_applies(&s->recipe, &recipe_settings[i]), chosen = s->form.settings.chosen[i][0] != '\0';
    char value[RECIPE_VALUE_MAX];
    *style = !applies || (!chosen && column == 1) ? STYLE_DIM : chosen && column == 1 ? STYLE_KEY : STYLE_TEXT;
    recipe_get(&s->recipe, &recipe_settings[i], value);
    text_copy(out, size, column == 0 ? recipe_settings[i].title : applies ? value : "-");
}

/* Steps of the largest training on the task, near enough for a picture. */
static int64_t steps_of(const struct train_screen *s)
{
    json_t *info = s->has_task ? json_loads(s->task.info, 0, NULL) : NULL;
    int64_t samples = json_integer_value(json_object_get(info, "samples"));
    json_decref(info);
    double trained = (double)(samples > 0 ? samples : 1000) * (1 - s->recipe.stop_ppm / 1e6);
    int64_t each = (int64_t)trained / s->recipe.batch + 1;
    return each * s->recipe.epochs;
}

static void draw_rates(const struct train_screen *s, struct grid *g, struct box b)
{
    double x[POINTS], y[POINTS];
    int64_t steps = steps_of(s);
    struct plot p = plot_plain("Learning rate over all epochs");
    for (int i = 0; i < POINTS; i++) {
        int64_t step = (steps - 1) * i / (POINTS - 1);
        x[i] = (double)step / (double)steps * s->recipe.epochs;
        y[i] = schedule_rate(&s->recipe, step, steps);
    }
    struct plot_series series = {.name = "rate", .style = STYLE_SERIES_1, .x = x, .y = y, .n = POINTS};
    p.x_least = 0;
    p.x_most = s->recipe.epochs;
    plot_lines(g, b, &p, &series, 1);
}

static int draw_about(const struct train_screen *s, struct grid *g, struct box b)
{
    int i = train_form_setting(s->form.list.cursor), y = 1;
    const struct recipe_setting *r = &recipe_settings[i];
    char range[128], now[RECIPE_VALUE_MAX];
    aid_heading(g, b, 0, r->title, s->form.settings.chosen[i][0] != '\0' ? "chosen" : "by itself");
    y += grid_paragraph(g, b, y, STYLE_TEXT, r->about);
    recipe_range(r, range, sizeof range);
    recipe_get(&s->recipe, r, now);
    y += aid_field(g, b, y, 9, "now", "%s", now);
    y += aid_field(g, b, y, 9, "may be", "%s", range);
    if (s->form.refusal[0] != '\0')
        y += grid_paragraph(g, b, y, STYLE_BAD, s->form.refusal);
    return y;
}

static void draw_command(const struct train_screen *s, struct grid *g, struct box b)
{
    struct settings_arguments a = {.n = 0};
    struct text t = {0};
    settings_put(&a, &s->form.settings, false);
    text_printf(&t, "= train %s", s->has_selected ? s->selected.name : "ARCH");
    for (int i = 0; i < a.n; i++)
        text_printf(&t, " %s", a.argument[i]);
    grid_paragraph(g, b, 0, STYLE_DIM, text_of(&t));
    text_free(&t);
}

static void draw_side(const struct train_screen *s, struct grid *g, struct box b)
{
    struct box plot = box_inset(b, 0, draw_about(s, g, b) + 1, 0, 0);
    if (plot.rows > 14)
        plot.rows = 14;
    if (plot.rows >= 7 && plot.columns >= 30)
        draw_rates(s, g, plot);
}

void train_form_draw(struct train_screen *s, struct grid *g, struct box b)
{
    struct table_source source = {s, TRAIN_FORM_ROWS, cell};
    struct box rest, foot, list, side;
    box_split_rows(b, b.rows > 12 ? -2 : b.rows, &rest, &foot);
    if (rest.columns >= BESIDE) {
        box_split_columns(rest, 46, &list, &side);
    } else {
        box_split_rows(rest, rest.rows > 12 ? -7 : rest.rows, &list, &side);
        side = box_inset(side, 1, 0, 0, 0);
    }
    list.rows = list.rows > TRAIN_FORM_ROWS + 1 ? TRAIN_FORM_ROWS + 1 : list.rows;
    s->form.drawn = list;
    table_draw(g, list, columns, (int)ARRAY_N(columns), &source, &s->form.list, true);
    draw_side(s, g, side);
    draw_command(s, g, foot);
}
