/* The form that begins a search: its rows, what they can be, and what comes of them. */
#include "ui/screen/search_form.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/threads.h"
#include "cmd/table.h"
#include "search/search.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"

static const char kept_as[] = "search.options";

enum kind { KIND_TEXT, KIND_INT, KIND_REAL, KIND_SPAN, KIND_LIST, KIND_SWITCH, KIND_TURN };

/* What people choose first stands first. The about is the command's own where none stands here. */
static const struct known {
    const char *option, *title;
    enum kind kind;
    double least, most;
    const char *about;
} known[] = {
    {"trials", "Trials", KIND_INT, 1, 1e6, "Networks to be scored in all, the starting points counted."},
    {"time", "Time", KIND_SPAN, 0, 0, "The search ends after this long. A trial that would not end by then is not begun; one that does not is stopped."},
    {"workers", "Workers", KIND_INT, 1, 64, "Processes that train, a trial each."},
    {"strategy", "Strategy", KIND_LIST, 0, 0, NULL},
    {"objectives", "Objective", KIND_LIST, 0, 0, NULL},
    {"max-params", "Most parameters", KIND_INT, 0, 9e15, "No network with more is ever trained. 0: any size."},
    {"max-macs", "Most multiply-adds", KIND_INT, 0, 9e15, "Of one prediction. No network with more is ever trained."},
    {"max-latency", "Most latency, us", KIND_REAL, 0, 1e9, "Of one prediction, measured here. 0: any."},
    {"acquire", "Bayes maximises", KIND_TURN, 0, 0,
     "What the surrogate is asked for. ei: the improvement over the best that is expected. ucb: the mean and two standard "
     "deviations, which dares more. thompson: one function drawn from the posterior, another each time. "
     "ei-per-cost: ei by multiply-adds, for more trials of smaller networks in the same time."},
    {"fidelity", "Fidelity", KIND_TURN, 0, 0,
     "full: every network is trained through all folds and epochs. halving: what is behind after a part of them is stopped "
     "early; its score is an estimate then, and never the best."},
    {"stall", "Stall", KIND_INT, 0, 1e6, "No new trial is begun after so many in a row that found nothing better. 0: go on."},
    {"macs", "Multiply-adds", KIND_REAL, 0, 1e30, "No new trial is begun after so many multiply-adds of training, such as 5e12."},
    {"from-scratch", "From scratch", KIND_SWITCH, 0, 0,
     "Every network is trained from fresh weights. Otherwise a child starts from its parent's, which the morphism keeps, "
     "and needs less training."},
    {"grown-epochs", "Epochs of a child", KIND_INT, 0, RECIPE_EPOCHS_MAX,
     "Of a network that starts from its parent's weights. 0: a third of the recipe's. Not together with from scratch."},
    {"deterministic", "Deterministic", KIND_SWITCH, 0, 0,
     "The same proposals on every machine and with any number of workers: rounds of a fixed size, told in order. Not "
     "together with a time."},
    {"seed", "Seed", KIND_INT, 0, 9.2e18, "Of the proposals and of the trainings."},
};

/* Options of the command that are no rows: the recipe's, which the Train form has, and going on. */
static bool is_elsewhere(const char *option)
{
    if (text_equal(option, "resume"))
        return true;
    return !text_equal(option, "seed") && recipe_setting_find(option) >= 0;
}

static const struct known *known_of(int option)
{
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (text_equal(known[i].option, command_search.option[option].name))
            return &known[i];
    return NULL;
}

/* Of a KIND_TURN: what it can be, the preset first. */
static const char *words_of(int option)
{
    return text_equal(command_search.option[option].name, "acquire") ? "ei,ucb,thompson,ei-per-cost" : "full,halving";
}

static int find_option(const char *name)
{
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command_search.option[i].name != NULL; i++)
        if (text_equal(command_search.option[i].name, name) && command_search.option[i].about != NULL)
            return i;
    return -1;
}

static enum kind kind_of(int option)
{
    const struct known *k = known_of(option);
    if (command_search.option[option].value == NULL)
        return KIND_SWITCH;
    return k != NULL && k->kind != KIND_SWITCH ? k->kind : KIND_TEXT;
}

/* --- lists ----------------------------------------------------------------------------------------------------------- */

static const struct objective {
    const char *name, *about;
} objectives[] = {
    {"score", "The task's score, as high as can be. It is always one of the objectives."},
    {"parameters", "As few weights as can be, beside the score: the Pareto view shows what they cost."},
    {"macs", "As few multiply-adds in one prediction as can be, beside the score."},
    {"latency", "As little time for one prediction on this machine as can be, beside the score. It is measured, so that it "
                "is not the same everywhere: not together with deterministic."},
};

static const char *item_name(int option, int item)
{
    if (text_equal(command_search.option[option].name, "strategy"))
        return strategy_table[item] != NULL ? strategy_table[item]->name : NULL;
    return item < (int)ARRAY_N(objectives) ? objectives[item].name : NULL;
}

static const char *item_about(int option, int item)
{
    if (text_equal(command_search.option[option].name, "strategy"))
        return strategy_table[item]->about;
    return objectives[item].about;
}

static const char *list_preset(int option)
{
    return text_equal(command_search.option[option].name, "strategy") ? "bayes" : "score";
}

static bool list_has(const char *list, const char *name)
{
    char copy[SEARCH_VALUE], *rest = copy, *one;
    text_copy(copy, sizeof copy, list);
    while ((one = text_next(&rest, ',')) != NULL)
        if (text_equal(one, name))
            return true;
    return false;
}

static const char *list_of(const struct search_form *f, int option)
{
    return f->chosen[option][0] != '\0' ? f->chosen[option] : list_preset(option);
}

/* In the order of the table, so that a choice has one spelling. */
static void list_turn(struct search_form *f, int option, int item, char out[SEARCH_VALUE])
{
    const char *name;
    out[0] = '\0';
    for (int i = 0; (name = item_name(option, i)) != NULL; i++)
        if (list_has(list_of(f, option), name) != (i == item)) {
            text_append(out, SEARCH_VALUE, out[0] != '\0' ? "," : "");
            text_append(out, SEARCH_VALUE, name);
        }
}

static bool list_fits(int option, const char *value, struct error *err)
{
    char copy[SEARCH_VALUE], *rest = copy, *one;
    text_copy(copy, sizeof copy, value);
    while ((one = text_next(&rest, ',')) != NULL) {
        int i = 0;
        while (item_name(option, i) != NULL && !text_equal(item_name(option, i), one))
            i++;
        if (item_name(option, i) == NULL)
            return error_set(err, ERROR_USAGE, "\"%.40s\" is none of them", one);
    }
    return true;
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static bool is_span(const char *value)
{
    char number[32];
    double v;
    size_t n = strlen(value);
    if (n == 0 || n >= sizeof number)
        return false;
    memcpy(number, value, n + 1);
    if (strchr("smh", number[n - 1]) != NULL)
        number[n - 1] = '\0';
    return text_parse_double(number, &v) && v > 0;
}

/* The word of a list behind another; the first behind the last, and behind one that is not there. */
static void word_after(const char *list, const char *word, char *out, size_t size)
{
    char *copy = memory_text(list), *rest = copy, *one, *first = NULL;
    bool next = false;
    out[0] = '\0';
    while ((one = text_next(&rest, ',')) != NULL && out[0] == '\0') {
        first = first != NULL ? first : one;
        if (next)
            text_copy(out, size, one);
        next = text_equal(one, word);
    }
    if (out[0] == '\0')
        text_copy(out, size, first);
    free(copy);
}

static bool has_word(const char *list, const char *word)
{
    char *copy = memory_text(list), *rest = copy, *one;
    bool found = false;
    while ((one = text_next(&rest, ',')) != NULL && !found)
        found = text_equal(one, word);
    free(copy);
    return found;
}

static bool fits(int option, const char *value, struct error *err)
{
    const struct known *k = known_of(option);
    int64_t whole;
    double real;
    switch (kind_of(option)) {
    case KIND_INT:
        return text_parse_int(value, (int64_t)k->least, k->most > 9e18 ? INT64_MAX : (int64_t)k->most, &whole) ||
               error_set(err, ERROR_USAGE, "%s: \"%.40s\" is no whole number from %.0f to %.0f", k->title, value, k->least,
                         k->most);
    case KIND_REAL:
        return (text_parse_double(value, &real) && real >= k->least && real <= k->most) ||
               error_set(err, ERROR_USAGE, "%s: \"%.40s\" is no number from %g to %g", k->title, value, k->least, k->most);
    case KIND_SPAN:
        return is_span(value) || error_set(err, ERROR_USAGE, "%s: \"%.40s\" is no span such as 90s, 10m or 2h", k->title, value);
    case KIND_LIST:
        return list_fits(option, value, err);
    case KIND_TURN:
        return has_word(words_of(option), value) || error_set(err, ERROR_USAGE, "%s is one of %s", k->title, words_of(option));
    case KIND_SWITCH:
        return text_equal(value, "yes") || error_set(err, ERROR_USAGE, "yes, or nothing");
    default:
        return true;
    }
}

void search_form_load(struct search_form *f, struct workspace *w)
{
    char kept[2048] = "", fixed[8] = "", *rest = kept, *item;
    struct task_row task;
    struct recipe recipe;
    enum task_target target = TASK_DIRECTION;
    if (tasks_active(w, &task, NULL)) {
        target = task.task.target;
        free(task.info);
    }
    memset(f->chosen, 0, sizeof f->chosen);
    settings_load(&f->settings, &recipe, w, target);
    snprintf(f->recipe, sizeof f->recipe, "at most %d epochs, batch %d, rate %g, %s, seed %llu", recipe.epochs, recipe.batch,
             (double)recipe.learning_rate, recipe.optimizer, (unsigned long long)recipe.seed);
    workspace_setting_get(w, kept_as, kept, sizeof kept);
    while ((item = text_next(&rest, ' ')) != NULL) {
        char *value = item, *name = text_next(&value, '=');
        int i = find_option(name);
        if (i >= 0 && value != NULL && !is_elsewhere(name) && fits(i, value, NULL))
            text_copy(f->chosen[i], sizeof f->chosen[i], value);
    }
    /* Kept by who wants the same proposals every time, as the tour does. */
    int i = find_option("deterministic");
    if (i >= 0 && workspace_setting_get(w, "search.deterministic", fixed, sizeof fixed) && text_equal(fixed, "1"))
        text_copy(f->chosen[i], sizeof f->chosen[i], "yes");
}

static void keep(const struct search_form *f, struct app *app)
{
    struct text t = {0};
    for (int i = 0; i < SEARCH_OPTIONS && command_search.option[i].name != NULL; i++)
        if (f->chosen[i][0] != '\0' && strchr(f->chosen[i], ' ') == NULL)
            text_printf(&t, "%s%s=%s", t.n > 0 ? " " : "", command_search.option[i].name, f->chosen[i]);
    if (!app_read_only(app))
        workspace_setting_set(app_workspace(app), kept_as, text_of(&t));
    text_free(&t);
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

static void add_row(struct search_form *f, int option, int item)
{
    if (f->rows < SEARCH_FORM_ROWS)
        f->row[f->rows++] = (struct search_form_row){option, item};
}

static void add_option(struct search_form *f, int option)
{
    if (kind_of(option) != KIND_LIST) {
        add_row(f, option, -1);
        return;
    }
    for (int i = 0; item_name(option, i) != NULL; i++)
        add_row(f, option, i);
}

void search_form_open(struct search_form *f)
{
    f->rows = 0;
    for (size_t i = 0; i < ARRAY_N(known); i++) {
        int option = find_option(known[i].option);
        if (option >= 0)
            add_option(f, option);
    }
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command_search.option[i].name != NULL; i++)
        if (command_search.option[i].about != NULL && known_of(i) == NULL && !is_elsewhere(command_search.option[i].name))
            add_option(f, i);
    add_row(f, -1, -1);
    f->open = true;
    f->list = (struct table_state){0, 0};
    f->refusal[0] = '\0';
}

void search_form_title(const struct search_form *f, int row, char *out, size_t size)
{
    const struct search_form_row *r = &f->row[row];
    const struct known *k = r->option >= 0 ? known_of(r->option) : NULL;
    if (r->option < 0)
        text_copy(out, size, "Recipe");
    else if (r->item >= 0)
        snprintf(out, size, "%s %s", k->title, item_name(r->option, r->item));
    else
        text_copy(out, size, k != NULL ? k->title : command_search.option[r->option].name);
}

static int chosen_at(const struct search_form *f, const char *name)
{
    int i = find_option(name);
    return i >= 0 && f->chosen[i][0] != '\0' ? i : -1;
}

/* What the command takes where nothing was chosen. */
static void preset_of(const struct search_form *f, int option, char *out, size_t size)
{
    const char *name = command_search.option[option].name;
    int seed = recipe_setting_find("seed");
    if (text_equal(name, "trials"))
        text_copy(out, size, chosen_at(f, "time") >= 0 ? "no limit" : "20");
    else if (text_equal(name, "workers"))
        snprintf(out, size, "%d", threads_machine_n());
    else if (text_equal(name, "seed"))
        text_copy(out, size, f->settings.chosen[seed][0] != '\0' ? f->settings.chosen[seed] : "1");
    else if (text_equal(name, "grown-epochs"))
        text_copy(out, size, "a third");
    else if (kind_of(option) == KIND_SWITCH)
        text_copy(out, size, "no");
    else if (kind_of(option) == KIND_TURN)
        word_after(words_of(option), "", out, size);
    else
        text_copy(out, size, text_starts(name, "max-") || text_equal(name, "time") || text_equal(name, "macs") ||
                                     text_equal(name, "stall") ? "no limit" : "by itself");
}

void search_form_value(const struct search_form *f, int row, char *out, size_t size)
{
    const struct search_form_row *r = &f->row[row];
    if (r->option < 0)
        text_copy(out, size, f->recipe);
    else if (r->item >= 0)
        text_copy(out, size, list_has(list_of(f, r->option), item_name(r->option, r->item)) ? "[x]" : "[ ]");
    else if (f->chosen[r->option][0] != '\0')
        text_copy(out, size, f->chosen[r->option]);
    else
        preset_of(f, r->option, out, size);
}

bool search_form_chosen(const struct search_form *f, int row)
{
    const struct search_form_row *r = &f->row[row];
    if (r->option >= 0 && r->item >= 0)
        return list_has(list_of(f, r->option), item_name(r->option, r->item));
    return r->option >= 0 && f->chosen[r->option][0] != '\0';
}

const char *search_form_about(const struct search_form *f, int row)
{
    const struct search_form_row *r = &f->row[row];
    const struct known *k = r->option >= 0 ? known_of(r->option) : NULL;
    if (r->option < 0)
        return "How each network is trained, as the Train screen's form says: 5, then o, changes it. A search trains with "
               "exact kernels always.";
    if (r->item >= 0)
        return item_about(r->option, r->item);
    return k != NULL && k->about != NULL ? k->about : command_search.option[r->option].about;
}

void search_form_range(const struct search_form *f, int row, char *out, size_t size)
{
    const struct search_form_row *r = &f->row[row];
    const struct known *k = r->option >= 0 ? known_of(r->option) : NULL;
    out[0] = '\0';
    if (r->option < 0)
        return;
    switch (kind_of(r->option)) {
    case KIND_INT:
        if (k->most < 1e15)
            snprintf(out, size, "%.0f to %.0f", k->least, k->most);
        else
            snprintf(out, size, "%.0f or more", k->least);
        break;
    case KIND_REAL:
        snprintf(out, size, "%g to %g", k->least, k->most);
        break;
    case KIND_SPAN:
        text_copy(out, size, "a span such as 90s, 10m or 2h");
        break;
    case KIND_TURN:
        snprintf(out, size, "%s: Enter turns it over", words_of(r->option));
        break;
    case KIND_LIST:
    case KIND_SWITCH:
        text_copy(out, size, "yes or no: Enter turns it over");
        break;
    default:
        text_copy(out, size, command_search.option[r->option].value);
    }
}

/* --- filling it in ---------------------------------------------------------------------------------------------------- */

static void take(struct search_form *f, struct app *app, int option, const char *value)
{
    struct error err = {0};
    f->refusal[0] = '\0';
    if (value[0] != '\0' && !fits(option, value, &err)) {
        text_copy(f->refusal, sizeof f->refusal, err.text);
        app_message(app, STYLE_BAD, "%s", err.text);
        return;
    }
    if (!text_copy(f->chosen[option], sizeof f->chosen[option], value))
        f->chosen[option][0] = '\0';
    keep(f, app);
}

static void line_given(void *self, struct app *app, const char *text)
{
    struct search_form *f = self;
    take(f, app, f->row[f->list.cursor].option, text);
}

static void turn_item(struct search_form *f, struct app *app, const struct search_form_row *r)
{
    char list[SEARCH_VALUE];
    list_turn(f, r->option, r->item, list);
    if (list[0] == '\0') {
        text_copy(f->refusal, sizeof f->refusal, "One of them must be taken.");
        return;
    }
    if (text_equal(list_preset(r->option), "score") && !list_has(list, "score")) {
        text_copy(f->refusal, sizeof f->refusal, "The score is always one of the objectives.");
        return;
    }
    take(f, app, r->option, text_equal(list, list_preset(r->option)) ? "" : list);
}

static void turn_over(struct search_form *f, struct app *app, int option)
{
    char preset[32], next[32];
    const char *of = words_of(option), *now = f->chosen[option];
    word_after(of, "", preset, sizeof preset);
    word_after(of, now[0] != '\0' ? now : preset, next, sizeof next);
    take(f, app, option, text_equal(next, preset) ? "" : next);
}

void search_form_enter(struct search_form *f, struct app *app)
{
    const struct search_form_row *r = &f->row[f->list.cursor];
    char title[192], range[96];
    f->refusal[0] = '\0';
    if (r->option < 0) {
        app_message(app, STYLE_DIM, "the recipe is chosen on the Train screen: 5, then o");
    } else if (r->item >= 0) {
        turn_item(f, app, r);
    } else if (kind_of(r->option) == KIND_SWITCH) {
        take(f, app, r->option, f->chosen[r->option][0] != '\0' ? "" : "yes");
    } else if (kind_of(r->option) == KIND_TURN) {
        turn_over(f, app, r->option);
    } else {
        char name[64];
        search_form_title(f, f->list.cursor, name, sizeof name);
        search_form_range(f, f->list.cursor, range, sizeof range);
        snprintf(title, sizeof title, "%s: %s (empty: by itself)", name, range);
        app_ask(app, title, f->chosen[r->option], false, line_given, f);
    }
}

void search_form_reset(struct search_form *f, struct app *app)
{
    const struct search_form_row *r = &f->row[f->list.cursor];
    if (r->option >= 0)
        take(f, app, r->option, "");
}

void search_form_reset_all(struct search_form *f, struct app *app)
{
    memset(f->chosen, 0, sizeof f->chosen);
    f->refusal[0] = '\0';
    keep(f, app);
    app_message(app, STYLE_GOOD, "every setting is by itself again");
}

bool search_form_arguments(struct search_form *f, struct settings_arguments *out)
{
    f->refusal[0] = '\0';
    if (chosen_at(f, "time") >= 0 && chosen_at(f, "deterministic") >= 0) {
        text_copy(f->refusal, sizeof f->refusal,
                  "Time and deterministic exclude each other: a clock is not the same everywhere.");
        return false;
    }
    *out = (struct settings_arguments){.argument = {"search"}, .n = 1};
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command_search.option[i].name != NULL; i++) {
        if (f->chosen[i][0] == '\0')
            continue;
        snprintf(f->passed.flag[i], sizeof f->passed.flag[i], "--%s", command_search.option[i].name);
        out->argument[out->n++] = f->passed.flag[i];
        if (command_search.option[i].value != NULL)
            out->argument[out->n++] = f->chosen[i];
    }
    f->passed.recipe = f->settings;
    if (chosen_at(f, "seed") >= 0)
        f->passed.recipe.chosen[recipe_setting_find("seed")][0] = '\0';
    settings_put(out, &f->passed.recipe, true);
    return true;
}

static bool mouse(struct search_form *f, struct app *app, const struct input_event *event)
{
    struct table_source source = {f, f->rows, NULL};
    bool inside = event->x >= f->drawn.x && event->x < f->drawn.x + f->drawn.columns;
    int row = inside ? table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y) : -1;
    bool again = row >= 0 && row == f->list.cursor;
    f->list.cursor = row >= 0 ? row : f->list.cursor;
    if (again)
        search_form_enter(f, app);
    return row >= 0;
}

bool search_form_input(struct search_form *f, struct app *app, const struct input_event *event)
{
    int delta;
    if (event->key == INPUT_MOUSE && event->wheel == 0)
        return mouse(f, app, event);
    if (!aid_move(event, 8, &delta))
        return false;
    table_move(&f->list, f->rows, delta);
    f->refusal[0] = '\0';
    return true;
}
