/* Pinned and skipped suggestions. */
#include "action/action.h"
#include "action/marks_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/brief.h"
#include "store/marks.h"
#include "work/json.h"

#include <limits.h>

json_t *action_mark(struct workspace *w, const char *key, const char *mark, bool on, struct error *err)
{
    struct arch_row row;
    if (workspace_read_only(w)) {
        error_set(err, ERROR_USAGE, "the workspace is only read: nothing can be marked");
        return NULL;
    }
    if (!arches_find(w, key, &row, err))
        return NULL;
    free(row.text);
    if (!marks_set(w, row.id, mark, on, err))
        return NULL;
    return json_pack("{s:o, s:o, s:s, s:b}", "arch", json_of_hash(row.id), "name", json_of_text(row.name), "mark", mark,
                     "on", on);
}

static bool list_marked(struct workspace *w, json_t *list, const char *mark, struct error *err)
{
    struct hash *id;
    int n = marks_list(w, mark, &id, err);
    for (int i = 0; i < n; i++) {
        struct arch_row row;
        if (!arches_get(w, id[i], &row, NULL))
            continue;
        json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:o}", "arch", json_of_hash(id[i]), "name",
                                              json_of_text(row.name), "mark", mark, "morphism",
                                              json_of_text(row.morphism)));
        free(row.text);
    }
    free(id);
    return n >= 0;
}

json_t *action_marked(struct workspace *w, struct error *err)
{
    json_t *list = json_array();
    if (list_marked(w, list, MARKS_PIN, err) && list_marked(w, list, MARKS_SKIP, err))
        return json_pack("{s:o}", "marked", list);
    json_decref(list);
    return NULL;
}

bool suggest_skipped(struct workspace *w, struct search *s, struct error *err)
{
    struct hash *id;
    int n = marks_list(w, MARKS_SKIP, &id, err);
    for (int i = 0; i < n; i++) {
        struct arch *a = arches_load(w, id[i], NULL);
        if (a != NULL)
            search_tell(s, INT_MAX - i, a, &(struct search_told){.failed = true}); /* never proposed again, no score */
        arch_free(a);
    }
    free(id);
    return n >= 0;
}

/* The best trial of the architecture that a candidate grew from; NULL: none. */
static const struct trial_row *parent_of(const struct trial_row *trial, int n, struct hash arch)
{
    const struct trial_row *best = NULL;
    for (int i = 0; i < n; i++)
        if (hash_equal(trial[i].arch, arch) && text_equal(trial[i].state, "done") &&
            (best == NULL || trial[i].score > best->score))
            best = &trial[i];
    return best;
}

static bool was_tried(const struct trial_row *trial, int n, struct hash arch)
{
    for (int i = 0; i < n; i++)
        if (hash_equal(trial[i].arch, arch))
            return true;
    return false;
}

static json_t *pinned_json(struct workspace *w, const struct search *s, const struct arch_row *row,
                           const struct trial_row *parent)
{
    struct search_candidate c = {.parent = (int)parent->id, .row = -1};
    char *steps = arches_steps(w, row, NULL), *rest = steps, *line;
    const struct surrogate *model = search_surrogate(s);
    bool fine = steps != NULL;
    while (fine && (line = text_next(&rest, '\n')) != NULL && line[0] != '\0')
        fine = c.steps < SEARCH_CHAIN_MAX && morph_parse(&c.step[c.steps++], line, NULL);
    c.arch = fine ? arch_parse(row->text, strlen(row->text), row->name, NULL) : NULL;
    free(steps);
    if (c.arch == NULL)
        return NULL;
    c.predicted = model != NULL && surrogate_n(model) > 0;
    if (c.predicted)
        surrogate_predict(model, c.arch, &c.view);
    snprintf(c.why, sizeof c.why, "pinned: predicted %.3f ± %.3f", c.view.mean, c.view.sd);
    json_t *j = suggest_json(w, s, &c);
    json_object_set_new(j, "pinned", json_true());
    arch_free(c.arch);
    return j;
}

json_t *suggest_pinned(struct workspace *w, const struct search *s, struct hash task)
{
    json_t *list = json_array();
    struct hash *id;
    struct trial_row *trial;
    int n = marks_list(w, MARKS_PIN, &id, NULL), trials = brief_trials(w, task, 0, &trial, NULL);
    for (int i = 0; i < n; i++) {
        struct arch_row row;
        if (was_tried(trial, trials, id[i]) || !arches_get(w, id[i], &row, NULL))
            continue;
        const struct trial_row *parent = parent_of(trial, trials, row.parent);
        json_t *j = parent != NULL ? pinned_json(w, s, &row, parent) : NULL;
        if (j != NULL)
            json_array_append_new(list, j);
        free(row.text);
    }
    runs_trials_free(trial, trials < 0 ? 0 : trials);
    free(id);
    return list;
}

void suggest_append(json_t *list, json_t *suggestion)
{
    const char *arch = json_string_value(json_object_get(suggestion, "arch"));
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
        if (text_equal(json_string_value(json_object_get(one, "arch")), arch)) {
            json_decref(suggestion);
            return;
        }
    json_array_append_new(list, suggestion);
}
