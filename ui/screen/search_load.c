/* What the Search screen shows, read from the workspace. */
#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/search_state.h"

#include <math.h>

static const char suggestions_setting[] = "search.suggestions", evidence_setting[] = "search.evidence";
enum { SUGGESTIONS_MOST = 1 << 18 };

void search_unload(struct search_screen *s)
{
    if (s->has_task)
        free(s->task.info);
    if (s->has_last)
        free(s->last.options);
    runs_trials_free(s->trial, s->trials);
    arches_list_free(s->arch, s->arches);
    search_free_race(s);
    free(s->arch_of);
    free(s->board);
    free(s->rank);
    free(s->by_cost);
    free(s->front);
    free(s->family);
    json_decref(s->suggest);
    s->has_task = s->has_last = false;
    s->trial = NULL;
    s->arch = NULL;
    s->arch_of = s->board = s->rank = s->by_cost = NULL;
    s->front = NULL;
    s->family = NULL;
    s->suggest = NULL;
    s->trials = s->arches = s->boards = s->scored = s->stopped = s->families = s->costed = 0;
    s->planned = s->ended = s->done = 0;
    s->best = -1;
    s->print = (struct brief_print){.count = -1};
    s->evidence[0] = s->selected[0] = '\0';
    s->low = s->high = (double)NAN;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

static int compare_arches(const void *a, const void *b)
{
    return memcmp(((const struct arch_row *)a)->id.byte, ((const struct arch_row *)b)->id.byte,
                  sizeof((const struct arch_row *)a)->id.byte);
}

int search_find_arch(const struct search_screen *s, struct hash id)
{
    struct arch_row key = {.id = id};
    const struct arch_row *found =
        s->arches > 0 ? bsearch(&key, s->arch, (size_t)s->arches, sizeof key, compare_arches) : NULL;
    return found != NULL ? (int)(found - s->arch) : -1;
}

int64_t search_parameters(const struct search_screen *s, const struct trial_row *t)
{
    int i = s->arch_of[t - s->trial];
    return i >= 0 ? s->arch[i].parameters : -1;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = ((const struct trial_row *)a)->id, y = ((const struct trial_row *)b)->id;
    return (x > y) - (x < y);
}

const struct trial_row *search_find_trial(const struct search_screen *s, int64_t id)
{
    struct trial_row key = {.id = id};
    return s->trials > 0 ? bsearch(&key, s->trial, (size_t)s->trials, sizeof key, compare_ids) : NULL;
}

/* An architecture without a name of its own is called by its first digits. */
const char *search_arch_name(const struct search_screen *s, struct hash id, char out[80])
{
    char digits[HASH_HEX];
    int i = search_find_arch(s, id);
    hash_hex(id, digits);
    digits[8] = '\0';
    bool named = i >= 0 && s->arch[i].name[0] != '\0' && strncmp(s->arch[i].name, digits, 8) != 0;
    if (named)
        snprintf(out, 80, "%s %.6s", s->arch[i].name, digits);
    else
        text_copy(out, 80, digits);
    return out;
}

double search_running_share(const struct search_screen *s, int64_t trial)
{
    for (int i = 0; i < SEARCH_RUNNING; i++)
        if (s->running[i].trial == trial && trial != 0)
            return s->running[i].share;
    return (double)NAN;
}

/* --- the last search, suggestions, evidence -------------------------------------------------------------------------
 */

static void load_last(struct search_screen *s, struct workspace *w)
{
    s->has_last = runs_search_last(w, s->task.hash, &s->last);
    if (!s->has_last)
        return;
    json_t *options = json_loads(s->last.options, 0, NULL);
    s->planned = (int)json_integer_value(json_object_get(options, "trials"));
    json_decref(options);
    for (int i = 0; i < s->trials; i++) {
        if (s->trial[i].search != s->last.id)
            continue;
        s->done += search_is_done(&s->trial[i]);
        s->ended += search_is_done(&s->trial[i]) || text_equal(s->trial[i].state, "failed");
    }
    char kept[560] = "", *sentence = kept;
    int64_t id = 0;
    if (!workspace_setting_get(w, evidence_setting, kept, sizeof kept))
        return;
    const char *number = text_next(&sentence, ' ');
    if (text_parse_int(number, 1, INT64_MAX, &id) && id == s->last.id && text_equal(s->last.state, "done"))
        text_copy(s->evidence, sizeof s->evidence, sentence);
}

static void load_suggestions(struct search_screen *s, struct workspace *w)
{
    char *kept = memory_new(SUGGESTIONS_MOST, 1), hex[HASH_HEX];
    hash_hex(s->task.hash, hex);
    json_t *j =
        workspace_setting_get(w, suggestions_setting, kept, SUGGESTIONS_MOST) ? json_loads(kept, 0, NULL) : NULL;
    const char *task = json_string_value(json_object_get(j, "task"));
    if (task != NULL && text_equal(task, hex) && json_is_array(json_object_get(j, "suggestions")))
        s->suggest = json_incref(j);
    json_decref(j);
    free(kept);
}

void search_keep_suggestions(struct search_screen *s, struct app *app)
{
    char hex[HASH_HEX];
    hash_hex(s->task.hash, hex);
    json_object_set_new(s->suggest, "task", json_string(hex));
    char *text = json_dumps(s->suggest, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (text != NULL && strlen(text) < SUGGESTIONS_MOST && !app_read_only(app))
        workspace_setting_set(app_workspace(app), suggestions_setting, text);
    free(text);
}

bool search_cut_off(const struct search_screen *s, const struct trial_row *t)
{
    bool open = text_equal(t->state, "running") || text_equal(t->state, "waiting");
    bool alive =
        s->has_last && t->search == s->last.id && (s->search_job != NULL || text_equal(s->last.state, "running"));
    if (t->search == 0)
        return text_equal(t->state, "waiting"); /* of a scoring by hand nobody else would begin it */
    return open && !alive;
}

bool search_interrupted(const struct search_screen *s)
{
    return s->has_last && s->search_job == NULL && !text_equal(s->last.state, "done");
}

/* --- rows ----------------------------------------------------------------------------------------------------------- */

size_t search_suggestions(const struct search_screen *s)
{
    return json_array_size(json_object_get(s->suggest, "suggestions"));
}

const json_t *search_suggestion(const struct search_screen *s, int row)
{
    return row >= 0 ? json_array_get(json_object_get(s->suggest, "suggestions"), (size_t)row) : NULL;
}

int search_rows(const struct search_screen *s)
{
    const int rows[SEARCH_VIEWS] = {s->boards, (int)search_suggestions(s), s->families, s->costed, s->racers, s->chains};
    return rows[s->view];
}

static int index_of(const struct search_screen *s, int64_t id)
{
    const struct trial_row *t = id != 0 ? search_find_trial(s, id) : NULL;
    return t != NULL ? (int)(t - s->trial) : -1;
}

int search_trial_of_row(const struct search_screen *s, int row)
{
    if (row < 0 || row >= search_rows(s))
        return -1;
    switch (s->view) {
    case SEARCH_TRIALS:
        return s->board[row];
    case SEARCH_FAMILY:
        return s->family[row].trial;
    case SEARCH_PARETO:
        return s->by_cost[row];
    case SEARCH_RACES:
        return s->racer[row].winner;
    case SEARCH_CHAIN:
        return index_of(s, s->chain[row].trial);
    default:
        return -1;
    }
}

bool search_hash_of_row(const struct search_screen *s, int row, struct hash *out)
{
    if (row < 0 || row >= search_rows(s))
        return false;
    if (s->view == SEARCH_SUGGESTIONS) {
        const char *hex = json_string_value(json_object_get(search_suggestion(s, row), "arch"));
        return hex != NULL && hash_from_hex(hex, out);
    }
    if (s->view == SEARCH_CHAIN)
        return hash_from_hex(s->chain[row].arch, out);
    int trial = search_trial_of_row(s, row);
    if (s->view == SEARCH_FAMILY)
        *out = s->arch[s->family[row].arch].id;
    else if (trial >= 0)
        *out = s->trial[trial].arch;
    return s->view == SEARCH_FAMILY || trial >= 0;
}

void search_row_text(void *self, int row, char *out, size_t size)
{
    const struct search_screen *s = self;
    struct hash id;
    char name[80];
    int t = search_trial_of_row(s, row);
    if (s->view == SEARCH_RACES)
        text_append(out, size, s->racer[row].name);
    if (search_hash_of_row(s, row, &id))
        text_append(out, size, search_arch_name(s, id, name));
    if (t >= 0)
        snprintf(out + strlen(out), size - strlen(out), " trial %lld %s %s %s %s", (long long)s->trial[t].id,
                 s->trial[t].state, search_asker(&s->trial[t]), s->trial[t].why, s->trial[t].steps);
    const char *morphism = json_string_value(json_object_get(search_suggestion(s, row), "morphism"));
    if (s->view == SEARCH_SUGGESTIONS && morphism != NULL)
        text_append(out, size, morphism);
}

/* The cursor stays on the thing it was on, wherever that has moved. Suggestions are in a fixed order. */
struct anchor {
    int64_t trial[SEARCH_VIEWS];
    struct hash arch;
};

static struct anchor anchor_of(struct search_screen *s)
{
    struct anchor a = {{0}, {{0}}};
    enum search_view shown = s->view;
    for (int v = 0; v <= SEARCH_PARETO; v++) {
        s->view = (enum search_view)v;
        int t = search_trial_of_row(s, s->table[v].cursor);
        a.trial[v] = t >= 0 ? s->trial[t].id : 0;
    }
    s->view = SEARCH_FAMILY;
    search_hash_of_row(s, s->table[SEARCH_FAMILY].cursor, &a.arch);
    s->view = shown;
    return a;
}

/* The top of the board stays in sight when a better one comes in above it. */
static void return_to(struct search_screen *s, const struct anchor *a)
{
    static const enum search_view moving[] = {SEARCH_TRIALS, SEARCH_FAMILY, SEARCH_PARETO};
    enum search_view shown = s->view;
    for (size_t i = 0; i < ARRAY_N(moving); i++) {
        int v = (int)moving[i], trial = index_of(s, a->trial[v]), rows;
        s->view = moving[i];
        rows = search_rows(s);
        for (int row = 0; row < rows && !(v == SEARCH_TRIALS && s->table[v].cursor == 0); row++)
            if (v == SEARCH_FAMILY ? hash_equal(s->arch[s->family[row].arch].id, a->arch)
                                   : trial >= 0 && search_trial_of_row(s, row) == trial) {
                s->table[v].cursor = row;
                break;
            }
    }
    for (int v = 0; v < SEARCH_VIEWS; v++) {
        s->view = (enum search_view)v;
        table_move(&s->table[v], search_rows(s), 0);
    }
    s->view = shown;
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

static const char choices_setting[] = "search.shown";

static void load_choices(struct search_screen *s, struct workspace *w)
{
    char kept[128] = "", *rest = kept;
    int64_t value[5] = {0};
    if (s->choices_known)
        return;
    s->choices_known = true;
    workspace_setting_get(w, choices_setting, kept, sizeof kept);
    for (size_t i = 0; i < ARRAY_N(value); i++) {
        const char *one = text_next(&rest, ' ');
        if (one == NULL || !text_parse_int(one, 0, 100, &value[i]))
            return;
    }
    s->view = value[0] < SEARCH_CHAIN ? (enum search_view)value[0] : SEARCH_TRIALS; /* a chain is made anew */
    s->sort = value[1] < SEARCH_SORTS ? (enum search_sort)value[1] : SORT_SCORE;
    s->cost = value[2] < SEARCH_COSTS ? (enum search_cost)value[2] : COST_PARAMETERS;
    s->by_seconds = value[3] == 1;
    text_copy(s->filter, sizeof s->filter, rest != NULL ? rest : "");
}

void search_keep_choices(const struct search_screen *s, struct app *app)
{
    char text[128];
    snprintf(text, sizeof text, "%d %d %d %d 0 %s", (int)s->view, (int)s->sort, (int)s->cost, (int)s->by_seconds, s->filter);
    if (!app_read_only(app))
        workspace_setting_set(app_workspace(app), choices_setting, text);
}

static struct brief_list list_of(const struct search_screen *s)
{
    return (struct brief_list){s->trial, s->trials, s->arch, s->arches};
}

static void take_list(struct search_screen *s, const struct brief_list *l)
{
    s->trial = l->trial;
    s->trials = l->trials;
    s->arch = l->arch;
    s->arches = l->arches;
}

/* Everything anew, unless `added` and what has come could be found. */
static void load_rows(struct search_screen *s, struct app *app, const struct brief_print *print, bool added)
{
    struct workspace *w = app_workspace(app);
    struct brief_list list = list_of(s);
    struct error err = {0};
    if (!(added && brief_list_update(w, s->task.hash, print, &list)) && !brief_list_read(w, s->task.hash, &list, &err))
        app_error(app, &err);
    take_list(s, &list);
}

void search_build_shown(struct search_screen *s)
{
    if (!s->family_stale || s->view != SEARCH_FAMILY)
        return;
    s->family_stale = false;
    search_build_family(s);
}

static void build_all(struct search_screen *s)
{
    enum { AT_ONCE = 2000 };
    free(s->arch_of);
    s->arch_of = NEW_ARRAY(int, s->trials);
    for (int i = 0; i < s->trials; i++)
        s->arch_of[i] = search_find_arch(s, s->trial[i].arch);
    search_build_board(s);
    search_build_front(s);
    search_build_race(s);
    free(s->family); /* its indices are of before */
    s->family = NULL;
    s->families = 0;
    s->family_stale = s->trials > AT_ONCE;
    if (!s->family_stale)
        search_build_family(s);
    search_build_shown(s);
}

/* All but the trials and architectures. */
static void forget_rest(struct search_screen *s)
{
    if (s->has_last)
        free(s->last.options);
    json_decref(s->suggest);
    s->has_last = false;
    s->suggest = NULL;
    s->planned = s->ended = s->done = 0;
    s->evidence[0] = s->selected[0] = '\0';
}

/* --- reading on a thread --------------------------------------------------------------------------------------------- */

struct reading {
    struct search_screen *s; /* touched by `done` alone, where there is still an app */
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

static void take_read(struct search_screen *s, struct workspace *w, struct reading *r)
{
    struct anchor anchor = anchor_of(s);
    struct search_row last = s->last;
    bool had = s->has_last;
    struct brief_list before = list_of(s);
    brief_list_free(&before);
    take_list(s, &r->list);
    s->print = r->print;
    r->list = (struct brief_list){0};
    s->ended = s->done = 0;
    load_last(s, w);
    if (had)
        free(last.options);
    build_all(s);
    return_to(s, &anchor);
}

static void all_read(void *context, struct app *app)
{
    struct reading *r = context;
    if (app != NULL) {
        bool wanted = r->s->has_task && hash_equal(r->s->task.hash, r->task) && r->read;
        r->s->reading = false;
        if (wanted)
            take_read(r->s, app_workspace(app), r);
        else if (!r->read)
            app_error(app, &r->err);
        search_load(r->s, app); /* what came meanwhile */
    }
    brief_list_free(&r->list);
    free(r);
}

static void begin_reading(struct search_screen *s, struct app *app)
{
    struct reading *r = NEW(struct reading);
    r->s = s;
    r->task = s->task.hash;
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    s->reading = true;
    app_task(app, read_all, all_read, r);
}

static void load_all(struct search_screen *s, struct app *app, struct task_row *task, struct brief_print print)
{
    struct workspace *w = app_workspace(app);
    struct anchor anchor = anchor_of(s);
    bool other = !s->has_task || !hash_equal(s->task.hash, task->hash);
    if (other)
        search_unload(s);
    forget_rest(s);
    if (s->has_task)
        free(s->task.info);
    s->task = *task;
    s->has_task = true;
    bool many = print.count - s->trials > s->at_once;
    if (many) {
        begin_reading(s, app);
    } else {
        load_rows(s, app, &print, !other);
    }
    s->print = print;
    load_last(s, w);
    if (!many)
        build_all(s);
    load_suggestions(s, w);
    action_selected(w, s->selected, sizeof s->selected);
    if (s->chain_of != 0)
        search_chain_show(s, s->chain_of);
    return_to(s, &anchor);
}

/* The trials are read again only where they have changed: every epoch of a training changes the workspace. */
void search_load(struct search_screen *s, struct app *app)
{
    struct workspace *w = app_workspace(app);
    struct task_row task;
    struct brief_print print = {0};
    struct search_row last;
    load_choices(s, w);
    if (!s->form.open)
        search_form_load(&s->form, w);
    if (!tasks_active(w, &task, NULL)) {
        search_unload(s);
        search_free_chain(s);
        return;
    }
    brief_print(w, task.hash, &print, NULL);
    bool same = s->has_task && hash_equal(s->task.hash, task.hash) && brief_print_equal(&print, &s->print);
    if (same && runs_search_last(w, task.hash, &last)) {
        same = s->has_last && last.id == s->last.id && text_equal(last.state, s->last.state);
        free(last.options);
    }
    if (!same && !s->reading) {
        load_all(s, app, &task, print);
        return;
    }
    free(task.info);
    json_decref(s->suggest);
    s->suggest = NULL;
    load_suggestions(s, w);
    action_selected(w, s->selected, sizeof s->selected);
}
