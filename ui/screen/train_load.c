/* What the Train screen shows, read from the workspace. */
#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"
#include "store/brief.h"
#include "store/checkpoints.h"
#include "store/models.h"
#include "train/room.h"
#include "ui/screen/train_state.h"

static void free_runs(struct train_run *run, int n)
{
    for (int i = 0; i < n; i++)
        free(run[i].curve.event);
    free(run);
}

static void forget_read(struct train_screen *s)
{
    brief_list_free(&s->read.list);
    s->read.known = false;
}

void train_unload(struct train_screen *s)
{
    if (s->has_task)
        free(s->task.info);
    free_runs(s->run, s->runs);
    forget_read(s);
    s->run = NULL;
    s->runs = 0;
    s->has_task = s->has_selected = false;
}

/* --- the recipe
 * ------------------------------------------------------------------------------------------------------- */

/* Behind what always matters, what is not as it is by itself on this task. */
const char *train_recipe_text(const struct train_screen *s, char out[TRAIN_RECIPE_TEXT])
{
    static const char *const first[] = {"epochs", "learning_rate", "batch", "seed"};
    const struct recipe *r = &s->recipe;
    char rate[32], value[RECIPE_VALUE_MAX], preset[RECIPE_VALUE_MAX], item[2 * RECIPE_VALUE_MAX + 32];
    struct recipe plain;
    recipe_defaults_for(&plain, s->has_task ? s->task.task.target : TASK_DIRECTION);
    text_of_float(r->learning_rate, rate, sizeof rate);
    snprintf(out, TRAIN_RECIPE_TEXT, "epochs=%d rate=%s batch=%d seed=%llu", r->epochs, rate, r->batch,
             (unsigned long long)r->seed);
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const struct recipe_setting *setting = &recipe_settings[i];
        bool said = false;
        for (size_t k = 0; k < ARRAY_N(first); k++)
            said = said || text_equal(first[k], setting->name);
        recipe_get(r, setting, value);
        recipe_get(&plain, setting, preset);
        snprintf(item, sizeof item, " %s=%s", setting->option, value);
        if (!said && !text_equal(value, preset))
            text_append(out, TRAIN_RECIPE_TEXT, item);
    }
    return out;
}

/* --- the list
 * ----------------------------------------------------------------------------------------------------------- */

static int compare_arches(const void *a, const void *b)
{
    return memcmp(((const struct arch_row *)a)->id.byte, ((const struct arch_row *)b)->id.byte, sizeof(struct hash));
}

static void name_run(const struct train_screen *s, struct train_run *r)
{
    struct arch_row key = {.id = r->arch};
    const struct brief_list *l = &s->read.list;
    const struct arch_row *a =
        l->arches > 0 ? bsearch(&key, l->arch, (size_t)l->arches, sizeof key, compare_arches) : NULL;
    char digits[HASH_HEX];
    hash_hex(r->arch, digits);
    digits[8] = '\0';
    text_copy(r->name, sizeof r->name, digits);
    if (a != NULL && a->name[0] != '\0' && strncmp(a->name, digits, 8) != 0)
        snprintf(r->name, sizeof r->name, "%s %.6s", a->name, digits);
}

/* Trainings before trials, each by number: how the runs are found again. */
static int by_number(const void *a, const void *b)
{
    const struct train_run *x = *(struct train_run *const *)a, *y = *(struct train_run *const *)b;
    if (x->trial != y->trial)
        return x->trial - y->trial;
    return (x->id > y->id) - (x->id < y->id);
}

static struct train_run **index_runs(struct train_run *run, int n)
{
    struct train_run **index = NEW_ARRAY(struct train_run *, n);
    for (int i = 0; i < n; i++)
        index[i] = &run[i];
    if (n > 0)
        qsort(index, (size_t)n, sizeof *index, by_number);
    return index;
}

static struct train_run *known_run(struct train_run **index, int n, bool trial, int64_t id)
{
    struct train_run key = {.trial = trial, .id = id}, *at = &key;
    struct train_run **found = n > 0 ? bsearch(&at, index, (size_t)n, sizeof *index, by_number) : NULL;
    return found != NULL ? *found : NULL;
}

static bool is_running(const char *state)
{
    return text_equal(state, "running") || text_equal(state, "waiting") || text_equal(state, "paused");
}

/* Takes over, of a run that had ended before, its curve. */
static void inherit(struct train_run *r, struct train_run *old)
{
    r->curve.best = -1;
    if (old == NULL)
        return;
    if (is_running(old->state) || !text_equal(old->state, r->state))
        return;
    r->curve = old->curve;
    old->curve = (struct train_curve){.best = -1};
}

static int newer_first(const void *a, const void *b)
{
    const struct train_run *x = a, *y = b;
    if (x->created_us != y->created_us)
        return x->created_us > y->created_us ? -1 : 1;
    if (x->id != y->id)
        return x->id > y->id ? -1 : 1;
    return x->trial - y->trial;
}

/* Who says that it runs, and holds no lock, was killed. */
static const char *state_of_training(struct workspace *w, const struct training_row *t)
{
    return is_running(t->state) && !checkpoints_running(w, "train", t->id) ? "cut off" : t->state;
}

static void add_trainings(struct train_screen *s, struct workspace *w, const struct training_row *t, int n)
{
    for (int i = 0; i < n; i++) {
        if (!hash_equal(t[i].task, s->task.hash))
            continue;
        struct train_run *r = &s->run[s->runs++];
        *r = (struct train_run){.id = t[i].id,
                                .created_us = t[i].created_us,
                                .arch = t[i].arch,
                                .model = t[i].model,
                                .blas = t[i].blas,
                                .epochs = (int)t[i].epochs,
                                .score = (double)NAN,
                                .low = (double)NAN,
                                .high = (double)NAN};
        text_copy(r->state, sizeof r->state, state_of_training(w, &t[i]));
    }
}

/* A trial that its search left behind is running no more, nor is one by hand that nobody holds. */
static const char *state_of(struct workspace *w, const struct trial_row *t, int64_t live)
{
    bool left = is_running(t->state) && (t->search == 0 ? !checkpoints_running(w, "trial", t->id) : t->search != live);
    return left ? "cut off" : t->state;
}

/* Where interrupted trainings stand. */
static void mark_kept(struct train_screen *s, struct workspace *w)
{
    struct checkpoint *kept;
    struct train_run **index = index_runs(s->run, s->runs);
    int n = checkpoints_list(w, &kept);
    for (int i = 0; i < n; i++) {
        struct train_run *r = kept[i].owner.fold == 0 ? known_run(index, s->runs, false, kept[i].owner.run) : NULL;
        if (r != NULL && !text_equal(r->state, "done") && !is_running(r->state) &&
            hash_equal(r->arch, kept[i].owner.arch) && hash_equal(s->task.hash, kept[i].owner.dataset))
            r->kept = kept[i].epochs + 1 < r->epochs ? kept[i].epochs + 1 : r->epochs;
    }
    free(kept);
    free(index);
}

static void add_trials(struct train_screen *s, struct workspace *w, const struct trial_row *t, int n)
{
    struct search_row last;
    int64_t live = 0;
    if (runs_search_last(w, s->task.hash, &last)) {
        live = text_equal(last.state, "running") ? last.id : 0;
        free(last.options);
    }
    for (int i = 0; i < n; i++) {
        if (text_equal(t[i].state, "waiting") && t[i].search != 0)
            continue;
        struct train_run *r = &s->run[s->runs++];
        *r = (struct train_run){.trial = true,
                                .id = t[i].id,
                                .created_us = t[i].created_us,
                                .arch = t[i].arch,
                                .parent = t[i].parent,
                                .search = t[i].search,
                                .score = t[i].score,
                                .low = t[i].low,
                                .high = t[i].high};
        text_copy(r->state, sizeof r->state, state_of(w, &t[i], live));
    }
}

struct reading {
    struct train_screen *s; /* touched by `done` alone, where there is still an app */
    char folder[FILE_PATH_MAX];
    struct hash task;
    struct brief_print print;
    struct brief_list list;
    bool read;
    struct error err;
};

/* With a connection of its own. */
static void read_all(void *context)
{
    struct reading *r = context;
    struct workspace *w = workspace_open(r->folder, true, &r->err);
    r->read = w != NULL && brief_print(w, r->task, &r->print, &r->err) && brief_list_read(w, r->task, &r->list, &r->err);
    if (w != NULL)
        workspace_close(w);
}

static void take_read(struct train_screen *s, struct reading *r)
{
    forget_read(s);
    s->read.list = r->list;
    s->read.print = r->print;
    s->read.task = r->task;
    s->read.known = true;
    r->list = (struct brief_list){0};
}

static void all_read(void *context, struct app *app)
{
    struct reading *r = context;
    if (app != NULL) {
        r->s->read.reading = false;
        if (r->read && r->s->has_task && hash_equal(r->s->task.hash, r->task))
            take_read(r->s, r);
        else if (!r->read)
            app_error(app, &r->err);
        train_load(r->s, app); /* what came meanwhile */
    }
    brief_list_free(&r->list);
    free(r);
}

static void begin_reading(struct train_screen *s, struct app *app)
{
    struct reading *r = NEW(struct reading);
    r->s = s;
    r->task = s->task.hash;
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    s->read.reading = true;
    app_task(app, read_all, all_read, r);
}

static bool read_trials(struct train_screen *s, struct app *app, struct error *err)
{
    struct workspace *w = app_workspace(app);
    struct brief_print print;
    bool same = s->read.known && hash_equal(s->read.task, s->task.hash);
    if (!same)
        forget_read(s);
    if (s->read.reading)
        return true;
    if (!brief_print(w, s->task.hash, &print, err))
        return false;
    if (same && brief_print_equal(&print, &s->read.print)) /* an architecture is there before its trials */
        return true;
    if (print.count - s->read.list.trials > s->read.at_once) {
        begin_reading(s, app);
        return true;
    }
    s->read.known = (same && brief_list_update(w, s->task.hash, &print, &s->read.list)) ||
                    brief_list_read(w, s->task.hash, &s->read.list, err);
    s->read.print = print;
    s->read.task = s->task.hash;
    return s->read.known;
}

static void load_runs(struct train_screen *s, struct app *app)
{
    struct workspace *w = app_workspace(app);
    struct error err = {0};
    struct train_run *old = s->run;
    struct training_row *training = NULL;
    int olds = s->runs, trainings = runs_trainings(w, &training, &err);
    if (trainings < 0 || !read_trials(s, app, &err))
        app_error(app, &err);
    s->run = NEW_ARRAY(struct train_run, (trainings < 0 ? 0 : trainings) + s->read.list.trials);
    s->runs = 0;
    add_trainings(s, w, training, trainings);
    add_trials(s, w, s->read.list.trial, s->read.list.trials);
    mark_kept(s, w);
    struct train_run **index = index_runs(old, olds);
    for (int i = 0; i < s->runs; i++) {
        inherit(&s->run[i], known_run(index, olds, s->run[i].trial, s->run[i].id));
        name_run(s, &s->run[i]);
    }
    free(index);
    if (s->runs > 0)
        qsort(s->run, (size_t)s->runs, sizeof *s->run, newer_first);
    free(training);
    free_runs(old, olds);
}

static void load_selected(struct train_screen *s, struct workspace *w)
{
    char key[HASH_HEX] = "";
    s->has_selected = action_selected(w, key, sizeof key) && arches_find(w, key, &s->selected, NULL);
    if (s->has_selected)
        free(s->selected.text);
    s->selected.text = NULL;
}

/* Where the cursor goes: with the run it was on, or, following, to the newest one. */
static void place_cursor(struct train_screen *s, bool trial, int64_t id)
{
    int to = 0;
    for (int i = s->runs; i-- > 0;)
        if (s->follow ? text_equal(s->run[i].state, "running") : s->run[i].trial == trial && s->run[i].id == id)
            to = i;
    const struct train_run *r = s->runs > 0 ? &s->run[to] : NULL;
    if (r == NULL || r->trial != trial || r->id != id)
        s->cursor = -1;
    s->table.cursor = to;
}

static int outputs_of(const struct train_screen *s)
{
    json_t *info = s->has_task ? json_loads(s->task.info, 0, NULL) : NULL;
    int n = (int)json_integer_value(json_object_get(info, "outputs"));
    json_decref(info);
    return n > 0 ? n : 1;
}

double train_loss_without(const struct train_screen *s, const char **name)
{
    static const char *const names[] = {"a coin", "the mean", "chance"};
    enum task_target target = s->has_task ? s->task.task.target : TASK_DIRECTION;
    *name = names[target];
    return target == TASK_RETURN ? 1.0 : vmath_log(target == TASK_CLASS ? (double)s->outputs : 2.0);
}

/* What the plan would take, before it is taken. */
static void load_room(struct train_screen *s, struct workspace *w)
{
    int batch = s->recipe.batch;
    if (!s->has_selected || (s->room.batch == batch && hash_equal(s->room.arch, s->selected.id)))
        return;
    struct arch *a = arches_load(w, s->selected.id, NULL);
    struct error err = {0};
    s->room.arch = s->selected.id;
    s->room.batch = batch;
    s->room.text[0] = s->room.too_large[0] = '\0';
    if (a == NULL)
        return;
    room_text(room_of(a, batch, 1), batch, 1, s->room.text, sizeof s->room.text);
    if (!room_check(a, batch, 1, 1, &err))
        text_copy(s->room.too_large, sizeof s->room.too_large, err.text);
    arch_free(a);
}

void train_load(struct train_screen *s, struct app *app)
{
    struct workspace *w = app_workspace(app);
    const struct train_run *at = train_at(s);
    bool trial = at != NULL && at->trial;
    int64_t id = at != NULL ? at->id : 0;
    if (s->has_task)
        free(s->task.info);
    s->has_task = tasks_active(w, &s->task, NULL);
    s->outputs = outputs_of(s);
    train_form_load(s, w);
    load_selected(s, w);
    load_room(s, w);
    if (!s->has_task) {
        train_unload(s);
        return;
    }
    load_runs(s, app);
    place_cursor(s, trial, id);
    train_load_curves(s, w);
}

/* --- curves
 * --------------------------------------------------------------------------------------------------------------- */

/* A trial that was answered by an equal one (the same recipe gives the same bits) has that one's curve. */
static int64_t trained_as(const struct train_run *r, struct workspace *w)
{
    struct trial_row t, first;
    int64_t id = r->id;
    if (!runs_trial_get(w, r->id, &t, NULL))
        return id;
    if (runs_trial_done(w, t.recipe_id, &first)) {
        id = first.id;
        runs_trial_free(&first);
    }
    runs_trial_free(&t);
    return id;
}

static void load_curve(struct train_run *r, struct workspace *w)
{
    struct train_curve *c = &r->curve;
    if (c->loaded)
        return;
    free(c->event);
    *c = (struct train_curve){.loaded = !is_running(r->state), .best = -1};
    c->n = runs_epochs(w, r->trial ? "trial" : "train", r->id, &c->event, NULL);
    if (c->n == 0 && r->trial && c->loaded) {
        free(c->event);
        c->n = runs_epochs(w, "trial", trained_as(r, w), &c->event, NULL);
    }
    c->n = c->n < 0 ? 0 : c->n;
    for (int i = 0; i < c->n; i++) {
        const struct train_event *e = &c->event[i];
        c->folds = e->fold + 1 > c->folds ? e->fold + 1 : c->folds;
        if (isfinite(e->valid_loss) && e->valid_loss > 0 &&
            (c->best < 0 || e->valid_loss < c->event[c->best].valid_loss))
            c->best = i;
    }
}

static void load_proof(struct train_screen *s, struct workspace *w)
{
    const struct train_run *r = train_at(s);
    struct model_row model;
    struct trial_row trial;
    char hex[HASH_HEX];
    s->proof.weights = s->proof.trace_root = (struct hash){{0}};
    if (r == NULL || !text_equal(r->state, "done"))
        return;
    hash_hex(r->model, hex);
    if (r->trial && runs_trial_get(w, r->id, &trial, NULL)) {
        s->proof.weights = trial.weights;
        s->proof.trace_root = trial.trace_root;
        runs_trial_free(&trial);
    } else if (!r->trial && models_find(w, hex, &model, NULL)) {
        s->proof.weights = model.id;
        s->proof.trace_root = model.trace_root;
        free(model.result);
    }
}

static struct train_run *find_trial(const struct train_screen *s, int64_t id)
{
    for (int i = 0; i < s->runs && id != 0; i++)
        if (s->run[i].trial && s->run[i].id == id)
            return &s->run[i];
    return NULL;
}

void train_load_curves(struct train_screen *s, struct workspace *w)
{
    enum { AROUND = 60 }; /* rows: more than any list shows above or below its cursor */
    for (int i = 0; i < s->runs; i++)
        if (abs(i - s->table.cursor) <= AROUND || train_mark_of(s, &s->run[i]) >= 0)
            load_curve(&s->run[i], w);
    const struct train_run *at = train_at(s);
    for (int i = 0; s->lineage && at != NULL && i < TRAIN_LINEAGE; i++) {
        struct train_run *up = find_trial(s, at->parent);
        if (up != NULL)
            load_curve(up, w);
        at = up;
    }
    load_proof(s, w);
}

int train_lineage(const struct train_screen *s, const struct train_run *out[TRAIN_LINEAGE])
{
    const struct train_run *up = train_at(s), *chain[TRAIN_LINEAGE];
    int n = 0;
    while (up != NULL && n < TRAIN_LINEAGE) {
        chain[n++] = up;
        up = s->lineage ? find_trial(s, up->parent) : NULL;
    }
    for (int i = 0; i < n; i++)
        out[i] = chain[n - 1 - i];
    return n;
}

static int compare_trials(const void *a, const void *b)
{
    int64_t x = ((const struct trial_row *)a)->id, y = ((const struct trial_row *)b)->id;
    return (x > y) - (x < y);
}

const char *train_steps(const struct train_screen *s, const struct train_run *r)
{
    struct trial_row key = {.id = r->id};
    const struct brief_list *l = &s->read.list;
    const struct trial_row *t = r->trial && l->trials > 0
                                    ? bsearch(&key, l->trial, (size_t)l->trials, sizeof key, compare_trials)
                                    : NULL;
    return t != NULL ? t->steps : "";
}

const struct train_run *train_at(const struct train_screen *s)
{
    return s->table.cursor >= 0 && s->table.cursor < s->runs ? &s->run[s->table.cursor] : NULL;
}

const struct train_run *train_kept(const struct train_screen *s)
{
    const struct train_run *at = train_at(s);
    if (at != NULL && at->kept > 0)
        return at;
    for (int i = 0; i < s->runs; i++)
        if (s->run[i].kept > 0)
            return &s->run[i];
    return NULL;
}

int train_mark_of(const struct train_screen *s, const struct train_run *r)
{
    for (int i = 0; i < s->marks; i++)
        if (s->mark[i].trial == r->trial && s->mark[i].id == r->id)
            return i;
    return -1;
}

int train_shown(const struct train_screen *s, const struct train_run *out[TRAIN_MARKS])
{
    int n = 0;
    for (int k = 0; k < s->marks; k++)
        for (int i = 0; i < s->runs; i++)
            if (train_mark_of(s, &s->run[i]) == k && n < TRAIN_MARKS)
                out[n++] = &s->run[i];
    if (n == 0 && train_at(s) != NULL)
        out[n++] = train_at(s);
    return n;
}

const struct train_event *train_points(const struct train_screen *s, const struct train_run *r, int *n)
{
    int from = 0, to = r->curve.n;
    while (s->fold >= 0 && from < to && r->curve.event[from].fold < s->fold)
        from++;
    while (s->fold >= 0 && to > from && r->curve.event[to - 1].fold > s->fold)
        to--;
    *n = to - from;
    return r->curve.event != NULL ? r->curve.event + from : NULL;
}

double train_value(const struct train_event *e, enum train_metric m, bool training)
{
    switch (m) {
    case TRAIN_LOSS:
        return training ? e->train_loss : e->valid_loss;
    case TRAIN_ACCURACY:
        return 100 * e->valid_accuracy;
    case TRAIN_GRADIENT:
        return e->gradient_norm;
    default:
        return e->learning_rate;
    }
}
