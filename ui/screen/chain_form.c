/* The form for a command of the chain: its rows, what they can be, and the command that comes of them. */
#include "base/memory.h"
#include "base/text.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

/* What people call a row, and what can be chosen for it. A row that does not stand here has the command's own words. */
enum from { FROM_TEXT, FROM_ADDRESS, FROM_ADDRESSES, FROM_IDENTITY, FROM_MODEL, FROM_ARCH, FROM_TASK };

static const struct known {
    const char *name, *title;
    enum from from;
    const char *about; /* of operands: options have the command's own words */
} known[] = {
    {"TO", "To", FROM_ADDRESS, "who gets them: Enter chooses, or takes an address that is typed"},
    {"AMOUNT", "Tokens", FROM_TEXT, "how many: a whole number"},
    {"reviewers", "Reviewers", FROM_ADDRESSES, NULL},
    {"approvals", "Approvals needed", FROM_TEXT, NULL},
    {"voting", "Voting key", FROM_IDENTITY, NULL},
    {"key", "Voting key", FROM_IDENTITY, NULL},
    {"as", "Attests as", FROM_IDENTITY, NULL},
    {"DIR", "Folder of the others", FROM_TEXT, "a folder that all share, or the workspace of one of them: /mnt/share"},
    {"DIR 2", "A second folder", FROM_TEXT, "where others of them are; empty: none"},
    {"DIR 3", "A third folder", FROM_TEXT, "where others of them are; empty: none"},
    {"DIR 4", "A fourth folder", FROM_TEXT, "where others of them are; empty: none"},
    {"FILE", "File", FROM_TEXT, "its path"},
    {"SEAL", "Seal", FROM_TEXT, "the beginning of its id; empty: all that can be revealed"},
    {"LISTING", "Listing", FROM_TEXT, "the beginning of its id"},
    {"JOB", "Job", FROM_TEXT, "the beginning of its id"},
    {"PROPOSAL", "Proposal", FROM_TEXT, "the beginning of its id"},
    {"CHALLENGE", "Challenge", FROM_TEXT, "the beginning of its id"},
    {"MODEL", "Model", FROM_MODEL, "Enter chooses one of this workspace's models: their weights, as trained or fetched"},
    {"ARCH", "Network", FROM_ARCH, "Enter chooses one of this workspace's networks"},
};
static const struct known task_row = {"task", "Task", FROM_TASK, NULL}; /* of the chain: `fetch` calls a file so */

/* Not rows: how it is signed stands on the screen. */
static bool is_signing(const struct command *c, const char *option)
{
    static const char *const names[] = {"draft", "expect", "passphrase-fd", "train"};
    for (size_t i = 0; i < ARRAY_N(names); i++)
        if (text_equal(names[i], option))
            return true;
    bool chosen = text_starts(c->name, "chain follow") || text_starts(c->name, "chain vote") || text_starts(c->name, "chain propose-block");
    return text_equal("key", option) && !chosen;
}

/* No other option is called like this one; `head` of a recipe, though, is not the --head of chain verify. */
static bool takes_recipe(const struct command *c)
{
    for (int i = 0; i < COMMAND_OPTIONS_MAX && c->option[i].name != NULL; i++)
        if (text_equal(c->option[i].name, "optimizer"))
            return true;
    return false;
}

static bool is_recipe(const struct command *c, const char *option)
{
    int i = takes_recipe(c) ? recipe_setting_find(option) : -1;
    return i >= 0 && recipe_settings[i].option != NULL && text_equal(recipe_settings[i].option, option);
}

static const struct command_option *option_of(const struct chain_form *f, int row)
{
    int i = f->row[row].option;
    return i >= 0 ? &f->command->option[i] : NULL;
}

enum { REPEATED_MOST = 4 }; /* rows for an operand that may be given often */

/* How many words stand there, and whether the last may be given often: "DIR...". */
static int operand_words(const struct command *c, bool *often)
{
    int n = c->operands[0] != '\0';
    for (const char *s = c->operands; *s != '\0'; s++)
        n += *s == ' ';
    *often = strstr(c->operands, "...") != NULL;
    return n;
}

/* The k-th word of "TO AMOUNT" or "[NAME]", without its brackets; of one that may be given often the first with its name, the
 * others with their number too. */
static void operand_name(const struct command *c, int k, char *out, size_t size)
{
    char copy[128], *rest = copy, *one = NULL;
    bool often;
    int words = operand_words(c, &often), at = k < words ? k : words - 1;
    text_copy(copy, sizeof copy, c->operands);
    for (int i = 0; i <= at; i++)
        one = text_next(&rest, ' ');
    text_copy(out, size, one != NULL ? one + (one[0] == '[') : "");
    out[strcspn(out, "].")] = '\0';
    if (k >= words && often) {
        char number[16];
        snprintf(number, sizeof number, " %d", k - words + 2);
        text_append(out, size, number);
    }
}

static int operand_rows(const struct command *c)
{
    bool often;
    int rows = operand_words(c, &often);
    rows += often ? REPEATED_MOST - 1 : 0;
    return rows < c->most ? rows : c->most;
}

void chain_form_name(const struct chain_form *f, int row, char *out, size_t size)
{
    if (f->row[row].option >= 0)
        text_copy(out, size, option_of(f, row)->name);
    else
        operand_name(f->command, f->row[row].operand, out, size);
}

static const struct known *known_of(const struct chain_form *f, int row)
{
    char name[48];
    chain_form_name(f, row, name, sizeof name);
    if (option_of(f, row) != NULL && option_of(f, row)->value != NULL && text_equal(option_of(f, row)->value, "TASK"))
        return &task_row;
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (text_equal(known[i].name, name))
            return &known[i];
    return NULL;
}

void chain_form_title(const struct chain_form *f, int row, char *out, size_t size)
{
    const struct known *k = known_of(f, row);
    if (k != NULL) {
        text_copy(out, size, k->title);
        return;
    }
    chain_form_name(f, row, out, size);
    for (char *c = out; *c != '\0'; c++) {
        bool capital = c > out && *c >= 'A' && *c <= 'Z';
        *c = *c == '-' ? ' ' : capital ? (char)(*c + 32) : *c;
    }
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 32);
}

const char *chain_form_about(const struct chain_form *f, int row)
{
    const struct known *k = known_of(f, row);
    if (f->row[row].option >= 0)
        return option_of(f, row)->about;
    return k != NULL && k->about != NULL ? k->about : "given with the command itself";
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

void chain_form_close(struct chain_form *f)
{
    for (int i = 0; i < f->rows; i++)
        free(f->row[i].value);
    *f = (struct chain_form){.command = NULL};
}

static void add_row(struct chain_form *f, int operand, int option)
{
    if (f->rows < CHAIN_FORM_ROWS)
        f->row[f->rows++] = (struct chain_form_row){operand, option, NULL};
}

void chain_form_open(struct chain_form *f, struct app *app, const struct command *command)
{
    struct recipe recipe;
    struct task_row task;
    enum task_target target = TASK_DIRECTION;
    chain_form_close(f);
    f->command = command;
    f->recipe = takes_recipe(command);
    for (int k = 0; k < operand_rows(command); k++)
        add_row(f, k, -1);
    for (int i = 0; i < COMMAND_OPTIONS_MAX && command->option[i].name != NULL; i++) {
        const struct command_option *o = &command->option[i];
        f->signs = f->signs || text_equal(o->name, "draft");
        if (o->about != NULL && !is_signing(command, o->name) && !is_recipe(command, o->name))
            add_row(f, -1, i);
    }
    if (tasks_active(app_workspace(app), &task, NULL)) {
        target = task.task.target;
        free(task.info);
    }
    settings_load(&f->settings, &recipe, app_workspace(app), target);
}

void chain_form_set(struct chain_form *f, const char *name, const char *value)
{
    char its[48];
    for (int i = 0; i < f->rows; i++) {
        chain_form_name(f, i, its, sizeof its);
        if (!text_equal(its, name))
            continue;
        free(f->row[i].value);
        f->row[i].value = value[0] != '\0' ? memory_text(value) : NULL;
    }
}

void chain_form_set_operand(struct chain_form *f, int k, const char *value)
{
    for (int i = 0; i < f->rows; i++)
        if (f->row[i].operand == k) {
            free(f->row[i].value);
            f->row[i].value = memory_text(value);
        }
}

/* --- the command ----------------------------------------------------------------------------------------------------- */

static void put_word(struct settings_arguments *a, const char *word)
{
    ASSERT(a->n + 1 < SETTINGS_ARGUMENTS);
    a->argument[a->n++] = word;
    a->argument[a->n] = NULL;
}

static void put_name(struct chain_form *f)
{
    char *rest = f->words, *one;
    text_copy(f->words, sizeof f->words, f->command->name);
    while ((one = text_next(&rest, ' ')) != NULL)
        put_word(&f->passed, one);
}

const char *const *chain_form_arguments(struct chain_form *f)
{
    char title[64];
    f->passed.n = 0;
    f->refusal[0] = '\0';
    put_name(f);
    for (int i = 0; i < f->rows; i++) {
        const struct chain_form_row *r = &f->row[i];
        if (r->operand >= 0 && r->operand < f->command->least && r->value == NULL) {
            chain_form_title(f, i, title, sizeof title);
            snprintf(f->refusal, sizeof f->refusal, "%s is missing: Enter gives it", title);
            return NULL;
        }
        if (r->value == NULL)
            continue;
        if (r->option >= 0) {
            snprintf(f->flag[i], sizeof f->flag[i], "--%s", option_of(f, i)->name);
            put_word(&f->passed, f->flag[i]);
        }
        if (r->operand >= 0 || option_of(f, i)->value != NULL)
            put_word(&f->passed, r->value);
    }
    if (f->recipe)
        settings_put(&f->passed, &f->settings, true);
    return f->passed.argument;
}

/* --- filling it in --------------------------------------------------------------------------------------------------- */

static void value_given(void *self, struct app *app, const char *text)
{
    struct chain_form *f = &((struct chain_screen *)self)->form;
    (void)app;
    struct chain_form_row *r = &f->row[f->list.cursor];
    free(r->value);
    r->value = text[0] != '\0' ? memory_text(text) : NULL;
    f->refusal[0] = '\0';
}

static const char by_hand[] = "another one: type it";

static void ask_line(struct chain_screen *s, struct app *app)
{
    const struct chain_form *f = &s->form;
    char title[160], name[64];
    chain_form_title(f, f->list.cursor, name, sizeof name);
    snprintf(title, sizeof title, "%s: %s", name, chain_form_about(f, f->list.cursor));
    app_ask(app, title, f->row[f->list.cursor].value, false, value_given, s);
}

static bool list_has(const char *list, const char *one)
{
    const char *at = list != NULL ? strstr(list, one) : NULL;
    return at != NULL;
}

/* Into the list, or out of it. */
static void turn_in_list(struct chain_form_row *r, const char *one)
{
    struct text out = {0};
    bool had = false;
    char *copy = memory_text(r->value != NULL ? r->value : ""), *rest = copy, *item;
    while (copy[0] != '\0' && (item = text_next(&rest, ',')) != NULL) {
        had = had || text_equal(item, one);
        if (!text_equal(item, one))
            text_printf(&out, "%s%s", out.n > 0 ? "," : "", item);
    }
    if (!had)
        text_printf(&out, "%s%s", out.n > 0 ? "," : "", one);
    free(copy);
    free(r->value);
    r->value = out.n > 0 ? memory_text(text_of(&out)) : NULL;
    text_free(&out);
}

/* "main  mpc1..." or "+ main  mpc1...": the address, or the id, is the last word. */
static void address_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    const struct known *k = known_of(&s->form, s->form.list.cursor);
    if (text_equal(text, by_hand)) {
        ask_line(s, app);
        return;
    }
    const char *space = strrchr(text, ' '), *address = space != NULL ? space + 1 : text;
    if (k->from == FROM_ADDRESSES)
        turn_in_list(&s->form.row[s->form.list.cursor], address);
    else if (k->from == FROM_IDENTITY)
        value_given(s, app, text);
    else
        value_given(s, app, address);
    s->form.refusal[0] = '\0';
}

/* What the workspace, or the chain, has of it. */
static void ask_thing(struct chain_screen *s, struct app *app, enum from from)
{
    static const char *const titles[] = {[FROM_MODEL] = "Which model", [FROM_ARCH] = "Which network", [FROM_TASK] = "Which task"};
    char *choice[CHAIN_CHOICES_MOST];
    int n = 0;
    choice[n++] = memory_text(by_hand);
    if (from == FROM_MODEL)
        n = chain_choose_models(app_workspace(app), choice, n);
    else if (from == FROM_ARCH)
        n = chain_choose_arches(app_workspace(app), choice, n);
    else
        n = chain_choose_tasks(s, choice, n);
    app_ask_choice(app, titles[from], (const char *const *)choice, n, n > 1, address_given, s);
    for (int i = 0; i < n; i++)
        free(choice[i]);
}

/* The identities of this machine, then the other accounts of the chain. */
static void ask_address(struct chain_screen *s, struct app *app, enum from from)
{
    enum { MOST = 40 };
    char *choice[MOST];
    const char *now = s->form.row[s->form.list.cursor].value;
    int n = 0, rows = chain_rows(s, CHAIN_IDENTITIES);
    choice[n++] = memory_text(by_hand);
    for (int i = 0; i < rows && n < MOST; i++) {
        const json_t *one = chain_row(s, CHAIN_IDENTITIES, i);
        const char *name = aid_text(one, "name"), *address = aid_text(one, "address");
        if (from == FROM_IDENTITY && name[0] != '\0')
            choice[n++] = memory_text(name);
        else if (from != FROM_IDENTITY)
            choice[n++] = memory_format("%s%s%s%s", list_has(now, address) ? "+ " : "", name, name[0] != '\0' ? "  " : "",
                                        address);
    }
    app_ask_choice(app, from == FROM_ADDRESSES ? "Who may approve: in, or out again" : "Which one", (const char *const *)choice, n,
                   n > 1, address_given, s);
    for (int i = 0; i < n; i++)
        free(choice[i]);
}

void chain_form_enter(struct chain_screen *s, struct app *app)
{
    struct chain_form *f = &s->form;
    const struct command_option *o = option_of(f, f->list.cursor);
    const struct known *k = known_of(f, f->list.cursor);
    f->refusal[0] = '\0';
    if (o != NULL && o->value == NULL)
        value_given(s, app, f->row[f->list.cursor].value == NULL ? "yes" : "");
    else if (k != NULL && k->from >= FROM_MODEL)
        ask_thing(s, app, k->from);
    else if (k != NULL && k->from != FROM_TEXT)
        ask_address(s, app, k->from);
    else
        ask_line(s, app);
}

void chain_form_reset(struct chain_screen *s, struct app *app)
{
    value_given(s, app, "");
}

bool chain_form_input(struct chain_screen *s, struct app *app, const struct input_event *event)
{
    struct chain_form *f = &s->form;
    int delta;
    if (event->key == INPUT_MOUSE && event->wheel == 0) {
        struct table_source source = {s, f->rows, NULL};
        bool inside = event->x >= f->drawn.x && event->x < f->drawn.x + f->drawn.columns;
        int row = inside ? table_row_at(f->drawn, &source, &f->list, event->y - f->drawn.y) : -1;
        bool again = row >= 0 && row == f->list.cursor;
        f->list.cursor = row >= 0 ? row : f->list.cursor;
        if (again)
            chain_form_enter(s, app);
        return row >= 0;
    }
    if (!aid_move(event, 8, &delta))
        return false;
    table_move(&f->list, f->rows, delta);
    return true;
}
