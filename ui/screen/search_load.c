/* What the Search screen shows, read from the workspace. */
#include "action/action.h"
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
    free(s->board);
    free(s->by_size);
    free(s->front);
    free(s->family);
    json_decref(s->suggest);
    s->has_task = s->has_last = false;
    s->trial = NULL;
    s->arch = NULL;
    s->board = s->by_size = NULL;
    s->front = NULL;
    s->family = NULL;
    s->suggest = NULL;
    s->trials = s->arches = s->boards = s->scored = s->families = 0;
    s->planned = s->ended = s->done = 0;
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
    int i = search_find_arch(s, t->arch);
    return i >= 0 ? s->arch[i].parameters : -1;
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

/* --- the board ---------------------------------------------------------------------------------------------------- */

static bool is_done(const struct trial_row *t)
{
    return text_equal(t->state, "done") && isfinite(t->score);
}

static int place_of(const struct trial_row *t)
{
    static const char *const order[] = {"done", "running", "waiting", "failed"};
    for (int i = 0; i < (int)ARRAY_N(order); i++)
        if (text_equal(t->state, order[i]))
            return i;
    return (int)ARRAY_N(order);
}

static int compare_trials(const struct trial_row *a, const struct trial_row *b)
{
    int x = place_of(a), y = place_of(b);
    if (x != y)
        return x - y;
    if (x == 0 && a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Merge sort of indices: qsort passes no context. Stable, and n log n for boards of thousands. */
static void sort_indices(int *index, int n, int *room, const struct trial_row *t,
                         int (*compare)(const struct trial_row *a, const struct trial_row *b))
{
    if (n < 2)
        return;
    int half = n / 2, left = 0, right = half;
    sort_indices(index, half, room, t, compare);
    sort_indices(index + half, n - half, room, t, compare);
    for (int i = 0; i < n; i++) {
        bool take_left = right == n || (left < half && compare(&t[index[left]], &t[index[right]]) <= 0);
        room[i] = take_left ? index[left++] : index[right++];
    }
    memcpy(index, room, (size_t)n * sizeof *index);
}

/* Is it the same recipe as one above it? Equal recipes have equal scores, so only equals are compared. */
static bool is_repeated(const struct search_screen *s, const struct trial_row *t)
{
    for (int i = s->boards; i-- > 0 && is_done(t);) {
        const struct trial_row *above = &s->trial[s->board[i]];
        if (!is_done(above) || above->score != t->score)
            return false;
        if (text_equal(above->recipe_id, t->recipe_id))
            return true;
    }
    return false;
}

static void build_board(struct search_screen *s)
{
    int *index = NEW_ARRAY(int, s->trials), *room = NEW_ARRAY(int, s->trials);
    for (int i = 0; i < s->trials; i++)
        index[i] = i;
    sort_indices(index, s->trials, room, s->trial, compare_trials);
    s->board = NEW_ARRAY(int, s->trials);
    for (int i = 0; i < s->trials; i++) {
        const struct trial_row *t = &s->trial[index[i]];
        if (is_repeated(s, t))
            continue;
        s->board[s->boards++] = index[i];
        s->scored += is_done(t);
        if (is_done(t)) {
            s->low = fmin(s->low, isfinite(t->low) ? t->low : t->score);
            s->high = fmax(s->high, isfinite(t->high) ? t->high : t->score);
        }
    }
    free(index);
    free(room);
}

/* The front: none has fewer parameters and more accuracy. by_size runs from few to many; of equals the better is first.
 */
static void build_front(struct search_screen *s)
{
    s->by_size = NEW_ARRAY(int, s->scored);
    s->front = NEW_ARRAY(bool, s->scored);
    for (int i = 0; i < s->scored; i++) { /* insertion keeps the order of scores among equals */
        int at = i;
        int64_t size = search_parameters(s, &s->trial[s->board[i]]);
        for (; at > 0 && search_parameters(s, &s->trial[s->by_size[at - 1]]) > size; at--)
            s->by_size[at] = s->by_size[at - 1];
        s->by_size[at] = s->board[i];
    }
    double best = -INFINITY;
    for (int i = 0; i < s->scored; i++) {
        const struct trial_row *t = &s->trial[s->by_size[i]];
        s->front[i] = t->score > best;
        best = fmax(best, t->score);
    }
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
        s->done += is_done(&s->trial[i]);
        s->ended += is_done(&s->trial[i]) || text_equal(s->trial[i].state, "failed");
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
    return open && t->search != 0 && !alive;
}

bool search_interrupted(const struct search_screen *s)
{
    return s->has_last && s->search_job == NULL && !text_equal(s->last.state, "done");
}

/* --- rows -----------------------------------------------------------------------------------------------------------
 */

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
    return s->view == SEARCH_TRIALS        ? s->boards
           : s->view == SEARCH_SUGGESTIONS ? (int)search_suggestions(s)
           : s->view == SEARCH_FAMILY      ? s->families
                                           : s->scored;
}

int search_trial_of_row(const struct search_screen *s, int row)
{
    if (row < 0 || row >= search_rows(s) || s->view == SEARCH_SUGGESTIONS)
        return -1;
    return s->view == SEARCH_TRIALS ? s->board[row] : s->view == SEARCH_FAMILY ? s->family[row].trial : s->by_size[row];
}

bool search_hash_of_row(const struct search_screen *s, int row, struct hash *out)
{
    if (row < 0 || row >= search_rows(s))
        return false;
    if (s->view == SEARCH_SUGGESTIONS) {
        const char *hex = json_string_value(json_object_get(search_suggestion(s, row), "arch"));
        return hex != NULL && hash_from_hex(hex, out);
    }
    *out = s->view == SEARCH_FAMILY ? s->arch[s->family[row].arch].id : s->trial[search_trial_of_row(s, row)].arch;
    return true;
}

void search_row_text(void *self, int row, char *out, size_t size)
{
    const struct search_screen *s = self;
    struct hash id;
    char name[80];
    int t = search_trial_of_row(s, row);
    if (search_hash_of_row(s, row, &id))
        text_append(out, size, search_arch_name(s, id, name));
    if (t >= 0)
        snprintf(out + strlen(out), size - strlen(out), " trial %lld %s %s %s", (long long)s->trial[t].id,
                 s->trial[t].state, s->trial[t].why, s->trial[t].steps);
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
    for (int v = 0; v < SEARCH_VIEWS; v++) {
        s->view = (enum search_view)v;
        int t = search_trial_of_row(s, s->table[v].cursor);
        a.trial[v] = t >= 0 ? s->trial[t].id : 0;
    }
    s->view = SEARCH_FAMILY;
    search_hash_of_row(s, s->table[SEARCH_FAMILY].cursor, &a.arch);
    s->view = shown;
    return a;
}

static void return_to(struct search_screen *s, const struct anchor *a)
{
    enum search_view shown = s->view;
    for (int v = 0; v < SEARCH_VIEWS; v++) {
        s->view = (enum search_view)v;
        for (int row = 0; row < search_rows(s) && v != SEARCH_SUGGESTIONS; row++) {
            int t = search_trial_of_row(s, row);
            bool same = v == SEARCH_FAMILY ? hash_equal(s->arch[s->family[row].arch].id, a->arch)
                                           : t >= 0 && s->trial[t].id == a->trial[v];
            /* The top of the board stays in sight when a better one comes in above it. */
            if (same && !(v == SEARCH_TRIALS && s->table[v].cursor == 0))
                s->table[v].cursor = row;
        }
        table_move(&s->table[v], search_rows(s), 0);
    }
    s->view = shown;
}

void search_load(struct search_screen *s, struct app *app)
{
    struct workspace *w = app_workspace(app);
    struct error err = {0};
    struct anchor anchor = anchor_of(s);
    search_unload(s);
    s->has_task = tasks_active(w, &s->task, NULL);
    if (!s->has_task)
        return;
    s->trials = runs_trials(w, s->task.hash, -1, RUNS_BY_ID, &s->trial, &err);
    s->arches = s->trials >= 0 ? arches_list(w, &s->arch, &err) : 0;
    if (s->trials < 0 || s->arches < 0) {
        s->trials = s->trials < 0 ? 0 : s->trials;
        s->arches = s->arches < 0 ? 0 : s->arches;
        app_error(app, &err);
    }
    if (s->arches > 0)
        qsort(s->arch, (size_t)s->arches, sizeof *s->arch, compare_arches);
    build_board(s);
    build_front(s);
    search_build_family(s);
    load_last(s, w);
    load_suggestions(s, w);
    action_selected(w, s->selected, sizeof s->selected);
    return_to(s, &anchor);
}
