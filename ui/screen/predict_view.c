#include "ui/screen/predict_view.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"

#include <math.h>

enum { BESIDE = 96, HEAD_ROWS = 5, PLOT_BARS = 180 };

static const json_t *asset_of(const struct predict_view *v)
{
    return json_array_get(json_object_get(v->summary, "assets"), 0);
}

static double number(const json_t *j, const char *key)
{
    const json_t *value = json_object_get(j, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* --- the job
 * ----------------------------------------------------------------------------------------------------------- */

static void forget(struct predict_view *v)
{
    free(v->row);
    json_decref(v->summary);
    v->row = NULL;
    v->summary = NULL;
    v->rows = 0;
    v->capacity = 0;
    v->trouble[0] = '\0';
    v->table = (struct table_state){0};
}

void predict_view_close(struct predict_view *v)
{
    forget(v);
    data_files_free(&v->files);
    *v = (struct predict_view){0};
}

void predict_view_start(struct predict_view *v, struct app *app, const char *model, const char *name, const char *file)
{
    char most[16];
    snprintf(most, sizeof most, "%d", PREDICT_BARS_MOST);
    if (v->job != NULL)
        job_cancel(v->job); /* its events are no longer listened to */
    forget(v);
    text_copy(v->model, sizeof v->model, model);
    text_copy(v->name, sizeof v->name, name);
    text_copy(v->file, sizeof v->file, file);
    v->open = true;
    v->choosing = v->saving = false;
    const char *const arguments[] = {"predict", v->model, "--last", most, v->file[0] != '\0' ? v->file : NULL, NULL};
    v->job = app_job(app, arguments, NULL);
    if (v->job == NULL)
        text_copy(v->trouble, sizeof v->trouble, "the predictions could not be asked for");
}

static void take_bar(struct predict_view *v, const json_t *event)
{
    v->row = memory_grow(v->row, &v->capacity, (size_t)v->rows + 1, sizeof *v->row);
    struct predict_bar_row *r = &v->row[v->rows++];
    const json_t *shares = json_object_get(event, "probabilities");
    *r = (struct predict_bar_row){.time_us = aid_time(aid_text(event, "time")),
                                  .known_us = aid_time(aid_text(event, "known_at")),
                                  .price = number(event, "price")};
    text_copy(r->state, sizeof r->state, aid_text(event, "state"));
    text_copy(r->word, sizeof r->word, aid_text(event, "prediction"));
    const json_t *outcome = json_object_get(event, "outcome");
    if (json_is_string(outcome))
        text_copy(r->outcome, sizeof r->outcome, json_string_value(outcome));
    else if (json_is_number(outcome))
        snprintf(r->outcome, sizeof r->outcome, "%+.3f %%", 100 * json_number_value(outcome));
    r->value = shares != NULL
                   ? number(shares, r->word)
                   : number(event, json_object_get(event, "probability_up") ? "probability_up" : "expected_return");
    v->table.cursor = v->rows - 1;
}

void predict_view_event(struct predict_view *v, struct app *app, struct job *job, const json_t *event)
{
    const char *kind = aid_text(event, "event");
    if (job != v->job || job == NULL)
        return;
    if (text_equal(kind, "prediction") && !v->saving && v->rows < 16 * PREDICT_BARS_MOST) {
        take_bar(v, event);
    } else if (text_equal(kind, "ended")) {
        bool done = text_equal(aid_text(event, "state"), "done");
        if (v->saving && done)
            app_message(app, STYLE_GOOD, "the predictions are saved");
        else if (!done && !v->saving)
            text_copy(v->trouble, sizeof v->trouble, aid_text(event, "message"));
        v->job = NULL;
        v->saving = false;
    } else if (kind[0] == '\0' && json_object_get(event, "done") && !v->saving) {
        json_decref(v->summary);
        v->summary = json_deep_copy(event);
    }
}

static void save_given(void *self, struct app *app, const char *text)
{
    struct predict_view *v = self;
    if (text[0] == '\0' || v->job != NULL)
        return;
    const char *const arguments[] = {"predict", v->model, "--out", text, v->file[0] != '\0' ? v->file : NULL, NULL};
    v->job = app_job(app, arguments, NULL);
    v->saving = v->job != NULL;
}

void predict_view_save(struct predict_view *v, struct app *app)
{
    app_ask(app, "Save the predictions of all bars as CSV", "predictions.csv", false, save_given, v);
}

/* --- the next bar
 * ------------------------------------------------------------------------------------------------------ */

static bool is_return(const struct predict_view *v)
{
    return strstr(aid_text(v->summary, "about"), "log return") != NULL;
}

static bool is_class(const struct predict_view *v)
{
    return strstr(aid_text(v->summary, "about"), "class of") != NULL;
}

/* The share of what is predicted: of down it is what up leaves. */
static double share_of(const struct predict_view *v, const struct predict_bar_row *r)
{
    return !is_class(v) && text_equal(r->word, "down") ? 1 - r->value : r->value;
}

static const struct predict_bar_row *newest(const struct predict_view *v)
{
    return v->rows > 0 ? &v->row[v->rows - 1] : NULL;
}

static void value_text(const struct predict_view *v, const struct predict_bar_row *r, char *out, size_t size)
{
    if (is_return(v))
        snprintf(out, size, "%+.3f %%", 100 * r->value);
    else
        snprintf(out, size, "%.1f %%", 100 * share_of(v, r));
}

static enum style style_of(const char *word)
{
    return text_equal(word, "up") ? STYLE_GOOD : text_equal(word, "down") ? STYLE_BAD : STYLE_TITLE;
}

static void upper(char *s)
{
    for (; *s != '\0'; s++)
        *s = (char)(*s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s);
}

/* Letters spaced out, so that the one thing that matters is found at once. */
static int put_large(struct grid *g, struct box b, int x, int y, enum style style, const char *text)
{
    for (const char *s = text; *s != '\0';) {
        int length;
        uint32_t code = text_decode(s, strlen(s), &length);
        grid_code(g, b, x, y, style, code);
        x += 1 + text_columns(code);
        s += length;
    }
    return x;
}

static void draw_next(const struct predict_view *v, struct grid *g, struct box b)
{
    const struct predict_bar_row *r = newest(v);
    char word[64], value[32], closes[AID_NUMBER], until[AID_NUMBER], title[160];
    int64_t step_us = json_integer_value(json_object_get(v->summary, "step_us"));
    int horizon = (int)json_integer_value(json_object_get(v->summary, "horizon"));
    bool future = r->outcome[0] == '\0';
    snprintf(title, sizeof title, future ? "The next bar" : "The newest bar");
    struct box in = grid_frame(g, b, STYLE_BORDER, title);
    in = box_inset(in, 1, 0, 1, 0);
    text_copy(word, sizeof word, r->word);
    if (!is_class(v))
        upper(word);
    value_text(v, r, value, sizeof value);
    int x = put_large(g, in, 0, 1, style_of(r->word), word);
    x = put_large(g, in, x + 2, 1, style_of(r->word), value);
    if (!is_return(v) && in.columns - x > 14)
        plot_bar(g, in, x + 2, 1, in.columns - x - 4 > 30 ? 30 : in.columns - x - 4, style_of(r->word), share_of(v, r));
    aid_day(r->known_us, closes);
    aid_day(r->known_us + horizon * step_us, until);
    if (horizon > 0)
        grid_printf(g, in, 0, 2, STYLE_TEXT, "from its close at %s UTC to %s UTC (%d bar%s)", closes, until, horizon,
                    horizon == 1 ? "" : "s");
    else
        grid_printf(g, in, 0, 2, STYLE_TEXT, "the bar that closes at %s UTC", closes);
}

/* --- plots
 * ------------------------------------------------------------------------------------------------------------- */

/* The bars around the cursor, with a hole (NaN) where bars were left out. */
struct stretch {
    double x[2 * PLOT_BARS], price[2 * PLOT_BARS], value[2 * PLOT_BARS];
    size_t n;
    bool priced;
};

static void take_stretch(struct stretch *s, const struct predict_view *v)
{
    int64_t step_us = json_integer_value(json_object_get(v->summary, "step_us"));
    int end = v->table.cursor + PLOT_BARS / 4 < v->rows ? v->table.cursor + PLOT_BARS / 4 : v->rows;
    for (int i = end > PLOT_BARS ? end - PLOT_BARS : 0; i < end; i++) {
        const struct predict_bar_row *r = &v->row[i];
        if (s->n > 0 && step_us > 0 && (double)r->known_us - s->x[s->n - 1] > 4.0 * (double)step_us) {
            s->x[s->n] = s->price[s->n] = s->value[s->n] = (double)NAN;
            s->n++;
        }
        s->x[s->n] = (double)r->known_us;
        s->price[s->n] = r->price;
        s->value[s->n++] = 100 * r->value;
        s->priced = s->priced || isfinite(r->price);
    }
}

static void draw_plots(const struct predict_view *v, struct grid *g, struct box b)
{
    struct stretch *s = NEW(struct stretch);
    struct box top, bottom;
    take_stretch(s, v);
    box_split_rows(b, b.rows / 2, &top, &bottom);
    struct plot p = plot_plain("Price at the close");
    struct plot_series line = {.name = "price", .style = STYLE_SERIES_1, .x = s->x, .y = s->price, .n = s->n};
    p.x_kind = PLOT_X_TIME;
    p.x_least = s->x[0];
    p.x_most = s->x[s->n - 1];
    p.cursor = (double)v->row[v->table.cursor].known_us;
    if (s->priced)
        plot_lines(g, top, &p, &line, 1);
    double at[2] = {p.x_least, p.x_most}, level = is_return(v) ? 0 : 50, half[2] = {level, level};
    p.title = is_return(v)  ? "Expected return, %"
              : is_class(v) ? "Probability of the class, %"
                            : "Probability of up, %";
    struct plot_series both[2] = {{.name = "half", .x = at, .y = half, .n = 2, .faint = true, .style = STYLE_DIM},
                                  {.name = "said", .style = STYLE_SERIES_2, .x = s->x, .y = s->value, .n = s->n}};
    plot_lines(g, s->priced ? bottom : b, &p, both, 2);
    free(s);
}

/* --- the table
 * --------------------------------------------------------------------------------------------------------- */

static const struct table_column columns[] = {{"Bar", 10, 16, false, 0},
                                              {"Says", 5, 12, false, 0},
                                              {"Value", 8, 10, true, 0},
                                              {"Came", 10, 16, false, 1},
                                              {"State", 10, 10, false, 2}};

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct predict_view *v = context;
    const struct predict_bar_row *r = &v->row[row];
    char day[AID_NUMBER];
    bool rise = text_equal(r->outcome, "up") || r->outcome[0] == '+';
    if (column == 0) {
        text_copy(out, size, aid_day(r->time_us, day));
    } else if (column == 1) {
        text_copy(out, size, r->word);
        *style = style_of(r->word);
    } else if (column == 2) {
        value_text(v, r, out, size);
    } else if (column == 3) {
        bool right = is_return(v) ? rise == text_equal(r->word, "up") : text_equal(r->word, r->outcome);
        snprintf(out, size, "%s%s", r->outcome, r->outcome[0] == '\0' ? "" : right ? " =" : " x");
        *style = right ? STYLE_GOOD : STYLE_BAD;
    } else {
        text_copy(out, size, r->state);
        *style = text_equal(r->state, "new") ? STYLE_KEY : STYLE_DIM;
    }
}

static void draw_table(struct predict_view *v, struct grid *g, struct box b)
{
    struct table_source source = {v, v->rows, cell};
    v->drawn = b;
    table_draw(g, b, columns, (int)ARRAY_N(columns), &source, &v->table, true);
}

static void draw_scores(const struct predict_view *v, struct grid *g, struct box b)
{
    const json_t *asset = asset_of(v), *score;
    json_int_t sealed = json_integer_value(json_object_get(asset, "sealed"));
    size_t i;
    int x = 0;
    json_array_foreach(json_object_get(asset, "scores"), i, score)
    {
        const json_t *right = json_object_get(score, "directional_accuracy");
        x = grid_printf(g, b, x, 0, STYLE_DIM, "%s ", aid_text(score, "state"));
        x = grid_printf(g, b, x, 0, STYLE_TEXT, "%.1f %% of %.0f", 100 * number(right, "mean"),
                        number(score, "total")) +
            2;
    }
    if (sealed > 0)
        grid_printf(g, b, x, 0, STYLE_SEALED, "%lld sealed bars left out", (long long)sealed);
}

/* --- the whole
 * ----------------------------------------------------------------------------------------------------------- */

static void draw_head(const struct predict_view *v, struct grid *g, struct box b)
{
    char title[160], id[9];
    snprintf(id, sizeof id, "%.8s", v->model);
    snprintf(title, sizeof title, "Predictions of %s, model %s", v->name, id);
    aid_heading(g, b, 0, title, v->file[0] != '\0' ? file_name(v->file) : aid_text(v->summary, "about"));
}

static void draw_empty(const struct predict_view *v, struct grid *g, struct box b)
{
    if (v->trouble[0] != '\0')
        grid_paragraph(g, b, 0, STYLE_BAD, v->trouble);
    else if (v->job != NULL)
        grid_put(g, b, 0, 0, STYLE_DIM, "asking the model ...");
    else
        grid_paragraph(g, b, 0, STYLE_TEXT, "No bar has a prediction that may be shown.");
    aid_hint(g, b, 0, b.rows > 3 ? 3 : b.rows - 1, "f", "takes new bars from a file");
    aid_hint(g, b, 0, b.rows > 4 ? 4 : b.rows - 1, "Esc", "goes back");
}

void predict_view_draw(struct predict_view *v, struct grid *g, struct box b)
{
    struct box rest = box_inset(b, 1, 0, 1, 0), head, foot;
    if (v->choosing) {
        predict_files_draw(v, g, rest);
        return;
    }
    draw_head(v, g, rest);
    rest = box_inset(rest, 0, 1, 0, 0);
    if (v->rows == 0 || v->summary == NULL) {
        draw_empty(v, g, box_inset(rest, 1, 1, 0, 0));
        return;
    }
    box_split_rows(rest, -1, &rest, &foot);
    draw_scores(v, g, foot);
    box_split_rows(rest, HEAD_ROWS, &head, &rest);
    draw_next(v, g, head);
    struct box table = rest, plots = {0, 0, 0, 0};
    if (rest.columns >= BESIDE)
        box_split_columns(rest, 56, &table, &plots);
    else if (rest.rows >= 20)
        box_split_rows(rest, rest.rows * 3 / 5, &plots, &table);
    draw_table(v, g, box_inset(table, 0, 0, plots.rows > 0 && rest.columns >= BESIDE ? 2 : 0, 0));
    if (plots.rows > 6)
        draw_plots(v, g, plots);
}

bool predict_view_input(struct predict_view *v, struct app *app, const struct input_event *event)
{
    struct table_source source = {v, v->rows, cell};
    int delta;
    if (v->choosing)
        return predict_files_input(v, app, event);
    if (event->key == INPUT_ESC)
        v->open = false;
    else if (event->key == INPUT_LEFT || event->key == INPUT_RIGHT)
        table_move(&v->table, v->rows, event->key == INPUT_LEFT ? -1 : 1);
    else if (aid_move(event, v->drawn.rows - 2, &delta))
        table_move(&v->table, v->rows, delta);
    else if (event->key == INPUT_MOUSE && table_row_at(v->drawn, &source, &v->table, event->y - v->drawn.y) >= 0)
        v->table.cursor = table_row_at(v->drawn, &source, &v->table, event->y - v->drawn.y);
    else
        return false;
    return true;
}

/* --- explaining
 * ---------------------------------------------------------------------------------------------------------- */

static void say_value(struct text *out, const struct predict_view *v)
{
    const struct predict_bar_row *r = &v->row[v->table.cursor];
    char day[AID_NUMBER], value[32];
    value_text(v, r, value, sizeof value);
    text_printf(out, "The bar of %s UTC: %s, %s.\n\n", aid_day(r->time_us, day), r->word, value);
    if (is_return(v))
        text_put(out, "The number is the LOG RETURN that the network expects: the logarithm of the price `horizon` "
                      "bars later over "
                      "this bar's. It is a mean: single returns lie many times farther away, on both sides.\n");
    else
        text_put(
            out,
            "The number is a PROBABILITY: of all bars where the network says 60 %, 60 % should come so if it is well "
            "calibrated. One that learned by heart says too much: its log loss is then worse than a coin's 0.693.\n");
    text_printf(out,
                "It uses what was known when the bar closed, scaled as in training, and nothing later. State: %s.\n",
                r->state);
    text_put(out, "  training    the network was fitted on this bar: its being right there is no evidence\n"
                  "  validation  the slice that told the training when to stop: nearly unseen\n"
                  "  unused      visible, and neither of both\n"
                  "  new         behind all that the task knows, or its outcome is not known yet\n\n");
}

char *predict_view_explain(const struct predict_view *v, const char *validation)
{
    struct text out = {0};
    const json_t *score;
    size_t i;
    if (v->rows == 0 || v->summary == NULL)
        return NULL;
    say_value(&out, v);
    text_put(&out, "So far, among the bars shown:\n");
    json_array_foreach(json_object_get(asset_of(v), "scores"), i, score)
    {
        const json_t *right = json_object_get(score, "directional_accuracy");
        text_printf(&out, "  %-11s %.2f %% [%.1f, %.1f] of %.0f right", aid_text(score, "state"),
                    100 * number(right, "mean"), 100 * number(right, "low"), 100 * number(right, "high"),
                    number(score, "total"));
        if (isfinite(number(score, "log_loss")))
            text_printf(&out, ", log loss %.4f", number(score, "log_loss"));
        text_put(&out, "\n");
    }
    text_printf(
        &out, "\n%s\n",
        validation[0] != '\0'
            ? validation
            : "This network was not scored by walk-forward cross-validation yet: Esc, then c does it. Until then "
              "nothing says how good it is on bars that it has not seen.");
    return out.data;
}
