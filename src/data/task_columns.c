#include "data/task_columns.h"

#include "base/memory.h"

static const char *const missing_name[] = {[TASK_MISSING_DROP] = "drop", [TASK_MISSING_MASK] = "mask"};

static int by_series_and_name(const void *a, const void *b)
{
    const struct task_column *x = a, *y = b;
    int series = strcmp(x->series, y->series);
    return series ? series : strcmp(x->name, y->name);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(a, b);
}

void task_columns_sort(struct task *task)
{
    qsort(task->column, (size_t)task->column_n, sizeof task->column[0], by_series_and_name);
    qsort(task->accept_leak, (size_t)task->accept_leak_n, sizeof task->accept_leak[0], by_bytes);
}

/* --- what is allowed --------------------------------------------------------------------------------------------- */

static bool is_series(const struct task *task, const char *name)
{
    for (int i = 0; i < task->series_n; i++)
        if (text_equal(task->series[i].name, name))
            return true;
    return false;
}

static bool check_column(const struct task *task, int i, struct error *err)
{
    const struct task_column *c = &task->column[i];
    if (!is_series(task, c->series))
        return error_set(err, ERROR_USAGE, "column '%s' is of series '%s', which does not belong to the task", c->name,
                         c->series);
    if (!c->name[0] || strchr(c->name, '\n'))
        return error_set(err, ERROR_USAGE, "a column of series '%s' has no name", c->series);
    if (i > 0 && by_series_and_name(c - 1, c) >= 0)
        return error_set(err, ERROR_USAGE, "column '%s' of series '%s' is named twice or out of order", c->name,
                         c->series);
    if (task->columns_listed && c->use == TASK_USE_NONE)
        return error_set(err, ERROR_USAGE, "column '%s' is left out already, as only listed columns are used", c->name);
    if (!task->columns_listed && c->use == TASK_USE_GUESS)
        return error_set(err, ERROR_USAGE, "column '%s' is used already, as all columns are", c->name);
    return true;
}

bool task_columns_check(const struct task *task, struct error *err)
{
    if (task->column_n < 0 || task->column_n > TASK_COLUMNS_MAX || task->accept_leak_n < 0 ||
        task->accept_leak_n > TASK_LEAKS_MAX)
        return error_set(err, ERROR_LIMIT, "at most %d columns and %d accepted leaks can be named", TASK_COLUMNS_MAX,
                         TASK_LEAKS_MAX);
    for (int i = 0; i < task->column_n; i++)
        if (!check_column(task, i, err))
            return false;
    for (int i = 0; i < task->accept_leak_n; i++)
        if (!task->accept_leak[i][0] || strchr(task->accept_leak[i], '\n') ||
            (i > 0 && strcmp(task->accept_leak[i - 1], task->accept_leak[i]) >= 0))
            return error_set(err, ERROR_USAGE, "accepted leaks are not in order, or one is named twice");
    return true;
}

/* --- the text ---------------------------------------------------------------------------------------------------- */

static const char *use_name(const struct task_column *c)
{
    return c->use == TASK_USE_NONE ? "none" : c->use == TASK_USE_GUESS ? "guess" : feature_role_name(c->role);
}

void task_columns_format(struct text *out, const struct task *task)
{
    text_printf(out, "columns %s\n", task->columns_listed ? "listed" : "all");
    for (int i = 0; i < task->column_n; i++)
        text_printf(out, "column %s %s %s\n", task->column[i].series, use_name(&task->column[i]), task->column[i].name);
    text_printf(out, "missing %s\n", missing_name[task->missing]);
}

static bool read_column(struct task *task, struct task_reader *r)
{
    static const char rule[] = "column SERIES USE NAME, USE being none, guess or a role (price, volume, on-chain, "
                               "sentiment, other); at most 64 of them";
    char *rest = task_reader_value(r, "column");
    if (task->column_n == TASK_COLUMNS_MAX)
        return task_reader_wrong(r, rule);
    struct task_column *c = &task->column[task->column_n++];
    const char *series = text_next(&rest, ' '), *use = text_next(&rest, ' '), *name = rest;
    if (!series || !use || !name || !text_copy(c->series, sizeof c->series, series) ||
        !text_copy(c->name, sizeof c->name, name))
        return task_reader_wrong(r, rule);
    c->use = text_equal(use, "none") ? TASK_USE_NONE : text_equal(use, "guess") ? TASK_USE_GUESS : TASK_USE_ROLE;
    return c->use != TASK_USE_ROLE || feature_role_parse(use, &c->role) || task_reader_wrong(r, rule);
}

bool task_columns_read(struct task *task, struct task_reader *r)
{
    task->columns_listed = r->line && text_equal(r->line, "columns listed");
    if (!r->line || !(task->columns_listed || text_equal(r->line, "columns all")))
        return task_reader_wrong(r, "columns all or columns listed");
    for (task_reader_next(r); task_reader_value(r, "column"); task_reader_next(r))
        if (!read_column(task, r))
            return false;
    task->missing = r->line && text_equal(r->line, "missing mask") ? TASK_MISSING_MASK : TASK_MISSING_DROP;
    if (!r->line || !(task->missing == TASK_MISSING_MASK || text_equal(r->line, "missing drop")))
        return task_reader_wrong(r, "missing drop or missing mask, behind the lines of columns");
    task_reader_next(r);
    return true;
}

void task_leaks_format(struct text *out, const struct task *task)
{
    for (int i = 0; i < task->accept_leak_n; i++)
        text_printf(out, "accept_leak %s\n", task->accept_leak[i]);
}

bool task_leaks_read(struct task *task, struct task_reader *r)
{
    for (const char *name; (name = task_reader_value(r, "accept_leak")); task_reader_next(r))
        if (task->accept_leak_n == TASK_LEAKS_MAX ||
            !text_copy(task->accept_leak[task->accept_leak_n++], FRAME_NAME_MAX, name))
            return task_reader_wrong(r, "accept_leak NAME, at most 16 of them");
    return true;
}
