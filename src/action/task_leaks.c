/* What the leak detector found, as values, and what a person says to it. */
#include "action/task_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/set/dataset_cut.h"
#include "work/json.h"

#include <math.h>

/* Moments at which the files are cut off, besides the one before the hold-out. */
#define CUTS 4

/* The check whose work is the data set's own. */
static bool check_future(struct leak_report *out, const struct dataset *d, const struct frame *const *frames,
                         struct error *err)
{
    struct dataset_cut cut;
    if (!dataset_cut_check(&cut, d, frames, CUTS, err))
        return error_prefix(err, "the leak detector, on files cut off early");
    struct leak_line *line = &out->line[LEAK_FUTURE];
    *line = (struct leak_line){.ran = true, .passed = !cut.differs, .score = (double)NAN, .level = (double)NAN};
    if (!cut.differs) {
        snprintf(line->text, sizeof line->text, "%zu bars from files cut off at %d moments: the same bits",
                 cut.compared, cut.cuts);
        return true;
    }
    struct leak_finding *f = leak_add(out, LEAK_FUTURE, cut.channel[0] ? cut.channel : leak_check_name(LEAK_FUTURE));
    f->score = 1;
    text_copy(line->text, sizeof line->text, cut.text);
    text_copy(f->text, sizeof f->text, cut.text);
    text_copy(f->remedy, sizeof f->remedy, "it reads what was not published yet; leave it out with --columns");
    return true;
}

bool task_find_leaks(struct leak_report *out, const struct dataset *d, const struct frame *const *frames,
                     struct error *err)
{
    struct leak_view view = leak_view_of(d);
    return leak_run(out, &view, err) && check_future(out, d, frames, err);
}

json_t *task_leaks_json(const struct leak_report *r)
{
    json_t *leaks = json_array();
    for (size_t i = 0; i < r->n; i++) {
        const struct leak_finding *f = &r->finding[i];
        json_t *one = json_pack("{s:o, s:s, s:o, s:o, s:o, s:i, s:o, s:o}", "name", json_of_text(f->name), "check",
                                leak_check_name(f->check), "score", json_of_number(f->score), "level",
                                json_of_number(f->level), "p", json_of_number(f->p), "lag", f->lag, "text",
                                json_of_text(f->text), "remedy", json_of_text(f->remedy));
        if (f->check == LEAK_ALONE)
            json_object_set_new(one, "feature", json_of_text(f->name));
        json_array_append_new(leaks, one);
    }
    return leaks;
}

json_t *task_checks_json(const struct leak_report *r)
{
    json_t *checks = json_array();
    for (int i = 0; i < LEAK_CHECKS; i++) {
        const struct leak_line *l = &r->line[i];
        if (l->ran)
            json_array_append_new(checks,
                                  json_pack("{s:s, s:b, s:o, s:o, s:o}", "check", leak_check_name((enum leak_check)i),
                                            "passed", l->passed, "score", json_of_number(l->score), "level",
                                            json_of_number(l->level), "text", json_of_text(l->text)));
    }
    return checks;
}

/* By its whole name ("log_return PriceUSD") or by its column's alone. */
static bool is_named(const char *name, const char *const *accept, int n)
{
    const char *blank = strchr(name, ' '), *column = blank ? blank + 1 : name;
    for (int i = 0; i < n; i++)
        if (text_equal(name, accept[i]) || text_equal(column, accept[i]))
            return true;
    return false;
}

/* A name that accepts nothing is probably misspelt, or its leak is gone. */
void task_note_needless(json_t *notes, const struct leak_report *r, const char *const *accept, int n)
{
    for (int i = 0; i < n; i++) {
        bool met = false;
        for (size_t k = 0; k < r->n; k++)
            met = met || is_named(r->finding[k].name, accept + i, 1);
        if (met)
            continue;
        char *text = memory_format("--accept-leak %s accepts nothing: nothing of that name is suspected", accept[i]);
        json_array_append_new(notes, json_of_text(text));
        free(text);
    }
}

static bool is_accepted(const struct task *task, const char *name)
{
    for (int i = 0; i < task->accept_leak_n; i++)
        if (text_equal(task->accept_leak[i], name))
            return true;
    return false;
}

static bool refuse(const struct leak_report *r, const struct leak_finding *f, struct error *err)
{
    struct text others = {0};
    for (size_t i = 0; i < r->n && others.n < 200; i++)
        if (&r->finding[i] != f)
            text_printf(&others, "%s \"%s\"", others.n ? "," : "; suspected as well:", r->finding[i].name);
    error_set(err, ERROR_DATA, "feature \"%s\": %s; %s, or go on with --accept-leak \"%s\"%s", f->name, f->text,
              f->remedy, f->name, text_of(&others));
    text_free(&others);
    return false;
}

/* A leak passes only if it was named, so that accepting one does not accept the next. */
bool task_accept_leaks(struct task *task, const struct leak_report *r, const char *const *accept, int n,
                       struct error *err)
{
    task->accept_leak_n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct leak_finding *f = &r->finding[i];
        if (!is_named(f->name, accept, n))
            return refuse(r, f, err);
        if (is_accepted(task, f->name))
            continue;
        if (task->accept_leak_n == TASK_LEAKS_MAX)
            return error_set(err, ERROR_LIMIT, "more than %d suspicions of a leak: leave those columns out instead",
                             TASK_LEAKS_MAX);
        text_copy(task->accept_leak[task->accept_leak_n++], FRAME_NAME_MAX, f->name);
    }
    return true;
}
