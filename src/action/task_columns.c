/* --columns: which columns of the task's series are read, and as what.
 *
 * An item is [SERIES.]COLUMN to read it, -[SERIES.]COLUMN to leave it out, [SERIES.]COLUMN=ROLE to take it for that.
 * Items are parted by commas; an option whose whole value is a column's name is one item, whatever it holds. As soon as
 * one item says to read a column plainly, only those named are read. A bare COLUMN means every series that has it. */
#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"

struct chooser {
    struct task *task;
    struct frame *frame[TASK_SERIES_MAX];
};

static bool put(struct chooser *c, int series, size_t column, enum task_use use, enum feature_role role,
                struct error *err)
{
    struct task *t = c->task;
    const char *name = c->frame[series]->column[column].name;
    for (int i = 0; i < t->column_n; i++)
        if (text_equal(t->column[i].series, t->series[series].name) && text_equal(t->column[i].name, name))
            return error_set(err, ERROR_USAGE, "--columns names column '%s' of series %s twice", name,
                             t->series[series].name);
    if (t->column_n == TASK_COLUMNS_MAX)
        return error_set(err, ERROR_LIMIT, "--columns names more than %d columns", TASK_COLUMNS_MAX);
    struct task_column *said = &t->column[t->column_n++];
    *said = (struct task_column){.use = use, .role = role};
    text_copy(said->series, sizeof said->series, t->series[series].name);
    text_copy(said->name, sizeof said->name, name);
    return true;
}

/* Whether `name` is the column, bare or behind its series' name. */
static bool is_column(const struct chooser *c, int series, size_t column, const char *name)
{
    const char *owner = c->task->series[series].name, *own = c->frame[series]->column[column].name;
    size_t n = strlen(owner);
    return text_equal(name, own) || (text_starts(name, owner) && name[n] == '.' && text_equal(name + n + 1, own));
}

static int put_all(struct chooser *c, const char *name, enum task_use use, enum feature_role role, struct error *err)
{
    int found = 0;
    for (int s = 0; s < c->task->series_n; s++)
        for (size_t k = 0; k < c->frame[s]->columns; k++) {
            if (!is_column(c, s, k, name))
                continue;
            if (!put(c, s, k, use, role, err))
                return -1;
            found++;
        }
    return found;
}

static bool no_such(const struct chooser *c, const char *item, struct error *err)
{
    struct text names = {0};
    for (int s = 0; s < c->task->series_n; s++)
        for (size_t k = 0; k < c->frame[s]->columns && names.n < 500; k++)
            text_printf(&names, "%s%s", names.n ? ", " : "", c->frame[s]->column[k].name);
    error_set(
        err, ERROR_USAGE,
        "--columns: no series of the task has a column '%s'; there are %s%s (an item is NAME, -NAME or NAME=ROLE, "
        "ROLE being price, volume, onchain, sentiment or other)",
        item, text_of(&names), names.n >= 500 ? ", ..." : "");
    text_free(&names);
    return false;
}

static bool take_item(struct chooser *c, char *item, struct error *err)
{
    enum feature_role role = FEATURE_OTHER;
    int found = put_all(c, item, TASK_USE_GUESS, role, err);
    char *equals = strrchr(item, '=');
    if (found == 0 && item[0] == '-')
        found = put_all(c, item + 1, TASK_USE_NONE, role, err);
    if (found == 0 && equals && feature_role_parse(equals + 1, &role)) {
        *equals = '\0';
        found = put_all(c, item, TASK_USE_ROLE, role, err);
    }
    return found > 0 || (found == 0 && no_such(c, item, err));
}

static bool is_one_item(const struct chooser *c, const char *text)
{
    for (int s = 0; s < c->task->series_n; s++)
        for (size_t k = 0; k < c->frame[s]->columns; k++)
            if (is_column(c, s, k, text) || (text[0] == '-' && is_column(c, s, k, text + 1)))
                return true;
    return false;
}

static bool take_option(struct chooser *c, const char *value, struct error *err)
{
    char *copy = memory_text(value), *rest = copy;
    bool ok = true;
    if (is_one_item(c, copy))
        ok = take_item(c, copy, err);
    else
        for (char *item = text_next(&rest, ','); ok && item; item = text_next(&rest, ','))
            ok = take_item(c, text_trim(item), err);
    free(copy);
    return ok;
}

/* Where only some are listed, those that are left out need no mention. */
static void settle_listed(struct task *t)
{
    int kept = 0;
    for (int i = 0; i < t->column_n; i++)
        t->columns_listed = t->columns_listed || t->column[i].use == TASK_USE_GUESS;
    for (int i = 0; i < t->column_n; i++)
        if (!t->columns_listed || t->column[i].use != TASK_USE_NONE)
            t->column[kept++] = t->column[i];
    t->column_n = kept;
}

bool task_choose_columns(struct workspace *w, struct task *task, const struct action_task_options *o, struct error *err)
{
    struct chooser c = {.task = task};
    bool ok = true;
    if (o->columns_n == 0)
        return true;
    for (int s = 0; ok && s < task->series_n; s++)
        ok = (c.frame[s] = series_frame(w, task->series[s].frame, err)) != NULL;
    for (int i = 0; ok && i < o->columns_n; i++)
        ok = take_option(&c, o->columns[i], err);
    if (ok)
        settle_listed(task);
    for (int s = 0; s < task->series_n; s++)
        frame_free(c.frame[s]);
    return ok;
}
