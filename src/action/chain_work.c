/* chain work: a task of the chain in force in this workspace, from the chain's objects alone, for whoever never saw the
 * files that its owner imported. */
#include "action/chain_internal.h"
#include "action/task_internal.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/task_text.h"
#include "store/series.h"
#include "train/recipe_setting.h"
#include "work/json.h"

/* --- which task --------------------------------------------------------------------------------------------------- */

static bool choose(const struct state *s, const char *key, struct state_task *out, struct error *err)
{
    const struct state_task *all;
    int n = state_tasks(s, &all);
    const struct state_task *found = key ? chain_find_task_by(s, key) : n > 0 ? &all[n - 1] : NULL;
    if (found)
        *out = *found;
    else if (key)
        error_set(err, ERROR_CHAIN, "no task on the chain has an id that begins with %s", key);
    else
        error_set(err, ERROR_CHAIN, "no task is on this chain yet: its owner puts one there with `chain task`");
    return found != NULL;
}

static bool find(struct workspace *w, const char *key, struct state_task *out, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    bool ok = l && choose(ledger_pool_state(l), key, out, err);
    ledger_close(l);
    return ok && claim_same_numeric(&out->body, err);
}

/* --- its series --------------------------------------------------------------------------------------------------- */

/* 1, with its name: there is a series with this frame; 0: none; -1: err. */
static int frame_known(struct workspace *w, struct hash frame, char *name, size_t size, struct error *err)
{
    struct series_row *rows;
    int n = series_list(w, &rows, err), found = n < 0 ? -1 : 0;
    for (int i = 0; i < n && found == 0; i++)
        if (hash_equal(rows[i].frame, frame)) {
            text_copy(name, size, rows[i].name);
            found = 1;
        }
    series_list_free(rows, n < 0 ? 0 : n);
    return found;
}

static bool name_taken(struct workspace *w, const char *name)
{
    struct series_row row;
    bool taken = series_get(w, name, &row, NULL);
    if (taken)
        free(row.report);
    return taken;
}

/* The first `room` bytes of the name, or fewer: it is not cut within a character. */
static size_t cut(const char *name, size_t room)
{
    size_t n = strlen(name);
    if (n <= room)
        return n;
    for (n = room; n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80; n--)
        ;
    return n;
}

/* As the task calls it; where another series here is called so, with the beginning of its hash behind it, and where
 * that is taken too, with a number. */
static void choose_name(struct workspace *w, const struct task_series *of, char out[FRAME_NAME_MAX])
{
    char hash[13], tail[32];
    text_copy(out, FRAME_NAME_MAX, of->name);
    hash_short(of->frame, hash);
    snprintf(tail, sizeof tail, "-%s", hash);
    for (int k = 2; name_taken(w, out); k++) {
        size_t n = cut(of->name, FRAME_NAME_MAX - 1 - strlen(tail));
        snprintf(out, FRAME_NAME_MAX, "%.*s%s", (int)n, of->name, tail);
        snprintf(tail, sizeof tail, "-%s-%d", hash, k);
    }
}

/* What `data show` tells: only what the object itself says, as nothing is known of a file. */
static char *report_of(const struct series_row *row, const struct frame *f)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < f->columns; i++)
        json_array_append_new(columns, json_of_text(f->column[i].name));
    json_t *j = json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:s, s:o}", "name", json_of_text(row->name), "asset",
                          json_of_text(row->asset), "rows", (json_int_t)row->rows, "columns", columns, "first",
                          json_of_time(row->first_us), "last", json_of_time(row->last_us), "stamp",
                          csv_stamp_name(row->stamp), "lag_reason", json_of_text(row->lag_reason));
    char *text = json_dumps(j, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(j);
    ASSERT(text);
    return text;
}

static void fill_row(struct series_row *row, const struct task_series *of, const struct frame *f)
{
    char hex[HASH_HEX];
    hash_hex(of->frame, hex);
    snprintf(row->path, sizeof row->path, "chain/objects/%s", hex);
    text_copy(row->lag_reason, sizeof row->lag_reason, "as the task on the chain says");
    row->rows = (int64_t)f->rows;
    row->columns = (int64_t)f->columns;
    row->first_us = f->rows ? f->time_us[0] : 0;
    row->last_us = f->rows ? f->time_us[f->rows - 1] : 0;
    row->step_us = f->step_us;
}

/* Tells of it in `names`. */
static bool put_series(struct workspace *w, const struct task *task, int i, const char *chain, json_t *names,
                       struct error *err)
{
    const struct task_series *of = &task->series[i];
    struct series_row row = {.stamp = of->stamp, .lag_us = of->lag_us, .added_us = clock_wall_us()};
    int known = frame_known(w, of->frame, row.name, sizeof row.name, err);
    struct frame *f = known == 0 ? claim_frame(chain, of, err) : NULL;
    bool ok = known > 0 || f != NULL;
    if (f) {
        choose_name(w, of, row.name);
        if (of->asset != TASK_SHARED)
            text_copy(row.asset, sizeof row.asset, task->asset[of->asset].name);
        fill_row(&row, of, f);
        row.report = report_of(&row, f);
        ok = series_put(w, &row, f, err);
    }
    if (ok)
        json_array_append_new(names, json_pack("{s:o, s:o, s:b}", "name", json_of_text(row.name), "frame",
                                               json_of_hash(of->frame), "known", known));
    free(row.report);
    frame_free(f);
    return ok;
}

/* --- its recipe --------------------------------------------------------------------------------------------------- */

/* What differs from the recipe that is chosen by itself, as the options of `search` and `train`: "--epochs 3 --lr 0.01";
 * and as an object. */
static json_t *recipe_options(const struct recipe *r, enum task_target target, struct text *words)
{
    static const char *const nothing[RECIPE_SETTINGS];
    struct recipe plain;
    json_t *o = json_object();
    if (!recipe_choose(&plain, target, nothing, NULL, NULL))
        return o;
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const struct recipe_setting *s = &recipe_settings[i];
        char wanted[RECIPE_VALUE_MAX], usual[RECIPE_VALUE_MAX];
        recipe_get(r, s, wanted);
        recipe_get(&plain, s, usual);
        if (!s->option || text_equal(wanted, usual))
            continue;
        text_printf(words, " --%s %s", s->option, wanted);
        json_object_set_new(o, s->option, json_string(wanted));
    }
    return o;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static json_t *in_force(struct workspace *w, const struct task *task, const struct hash *dataset, bool open_sealed,
                        struct error *err)
{
    const char *accepted[TASK_LEAKS_MAX];
    for (int i = 0; i < task->accept_leak_n; i++)
        accepted[i] = task->accept_leak[i];
    struct task_consent consent = {accepted, task->accept_leak_n, open_sealed, false, dataset};
    return task_put_in_force(w, task, &consent, err);
}

static bool put_all(struct workspace *w, const struct task *task, const char *chain, json_t *names, struct error *err)
{
    bool ok = true;
    for (int i = 0; i < task->series_n && ok; i++)
        ok = put_series(w, task, i, chain, names, err);
    return ok;
}

static void put_advice(json_t *result, const struct state_task *t, const struct recipe *recipe, enum task_target target)
{
    struct text words = {0}, next = {0};
    json_t *options = recipe_options(recipe, target, &words);
    text_printf(&next, "`search%s` looks for a network with the task's own recipe, and `chain propose` claims one",
                text_of(&words));
    json_object_set_new(result, "chain_task", json_of_hash(t->id));
    json_object_set_new(result, "recipe", options);
    json_object_set_new(result, "next", json_of_text(text_of(&next)));
    text_free(&words);
    text_free(&next);
}

/* The series that were stored for a task that is not in force in the end. */
static void take_back(struct workspace *w, json_t *names)
{
    size_t i;
    json_t *one;
    json_array_foreach(names, i, one)
    {
        struct series_row row;
        if (json_is_true(json_object_get(one, "known")) ||
            !series_get(w, json_string_value(json_object_get(one, "name")), &row, NULL))
            continue;
        series_remove(w, &row, NULL);
        free(row.report);
    }
}

/* Its series and the task, or neither; their frames are held meanwhile, as no row names them at first. Tells of the
 * series in `names`. */
static json_t *set_up(struct workspace *w, const struct task *task, const struct state_task *t, const char *chain,
                      bool open_sealed, json_t *names, struct error *err)
{
    json_t *result = NULL;
    int held = workspace_hold(w, err);
    if (held < 0)
        return NULL;
    if (put_all(w, task, chain, names, err))
        result = in_force(w, task, &t->body.dataset, open_sealed, err);
    if (!result)
        take_back(w, names);
    workspace_release(held);
    return result;
}

json_t *action_chain_work(struct workspace *w, const char *key, bool open_sealed, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct state_task t;
    struct recipe recipe;
    if (!find(w, key, &t, err))
        return NULL;
    chain_folder(w, chain, sizeof chain);
    /* Nothing is stored before all of it is here and gives what the transaction states. */
    struct dataset *d = claim_recipe(chain, &t.body, &recipe, err) ? claim_dataset(chain, &t.body, err) : NULL;
    json_t *names = json_array(), *result = NULL;
    if (d)
        result = set_up(w, &d->task, &t, chain, open_sealed, names, err);
    if (result) {
        json_object_set(result, "series", names);
        put_advice(result, &t, &recipe, d->task.target);
    }
    json_decref(names);
    dataset_free(d);
    return result;
}
