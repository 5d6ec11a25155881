#include "base/memory.h"
#include "base/text.h"
#include "store/brief.h"

static int compare_arches(const void *a, const void *b)
{
    return memcmp(((const struct arch_row *)a)->id.byte, ((const struct arch_row *)b)->id.byte,
                  sizeof((const struct arch_row *)a)->id.byte);
}

void brief_list_free(struct brief_list *l)
{
    runs_trials_free(l->trial, l->trials);
    arches_list_free(l->arch, l->arches);
    *l = (struct brief_list){0};
}

bool brief_list_read(struct workspace *w, struct hash task, struct brief_list *l, struct error *err)
{
    brief_list_free(l);
    l->trials = brief_trials(w, task, 0, &l->trial, err);
    l->arches = l->trials >= 0 ? brief_arches(w, 0, &l->arch, err) : -1;
    if (l->arches >= 0)
        return true;
    l->trials = l->trials < 0 ? 0 : l->trials;
    l->arches = 0;
    return false;
}

static bool has_ended(const struct trial_row *t)
{
    return text_equal(t->state, "done") || text_equal(t->state, "failed");
}

/* From the first trial on that had not ended: those in front of it only change by pins, which the count of them tells. */
static int first_open(const struct brief_list *l)
{
    int i = 0;
    while (i < l->trials && has_ended(&l->trial[i]))
        i++;
    return i;
}

static bool has_arch(const struct brief_list *l, struct hash id)
{
    struct arch_row key = {.id = id};
    return l->arches > 0 && bsearch(&key, l->arch, (size_t)l->arches, sizeof key, compare_arches) != NULL;
}

static void add_arches(struct workspace *w, struct brief_list *l)
{
    struct arch_row *more;
    int64_t last = 0;
    for (int i = 0; i < l->arches; i++)
        last = l->arch[i].created_us > last ? l->arch[i].created_us : last;
    int n = brief_arches(w, last, &more, NULL), kept = 0;
    if (n <= 0)
        return;
    for (int i = 0; i < n; i++) /* those of the last microsecond are there */
        if (!has_arch(l, more[i].id))
            more[kept++] = more[i];
    struct arch_row *all = NEW_ARRAY(struct arch_row, l->arches + kept);
    if (l->arches > 0)
        memcpy(all, l->arch, (size_t)l->arches * sizeof *all);
    memcpy(all + l->arches, more, (size_t)kept * sizeof *all);
    free(l->arch);
    free(more); /* rows without texts own nothing else */
    l->arch = all;
    l->arches += kept;
    qsort(l->arch, (size_t)l->arches, sizeof *l->arch, compare_arches);
}

static bool counts_fit(const struct brief_list *l, const struct brief_print *p, int64_t arches)
{
    struct brief_print mine = {.count = l->trials, .last = l->trials > 0 ? l->trial[l->trials - 1].id : 0};
    for (int i = 0; i < l->trials; i++) {
        const struct trial_row *t = &l->trial[i];
        mine.attempts += t->attempts;
        mine.done += text_equal(t->state, "done");
        mine.open += !has_ended(t);
        mine.pinned += t->pinned;
    }
    return mine.count == p->count && mine.last == p->last && mine.attempts == p->attempts && mine.done == p->done &&
           mine.open == p->open && mine.pinned == p->pinned && l->arches == arches;
}

bool brief_list_update(struct workspace *w, struct hash task, const struct brief_print *print, struct brief_list *l)
{
    int keep = first_open(l);
    struct trial_row *more;
    int n = brief_trials(w, task, keep > 0 ? l->trial[keep - 1].id + 1 : 0, &more, NULL);
    if (n < 0)
        return false;
    struct trial_row *all = NEW_ARRAY(struct trial_row, keep + n);
    if (keep > 0)
        memcpy(all, l->trial, (size_t)keep * sizeof *all);
    if (n > 0)
        memcpy(all + keep, more, (size_t)n * sizeof *all);
    for (int i = keep; i < l->trials; i++)
        runs_trial_free(&l->trial[i]);
    free(l->trial);
    free(more);
    l->trial = all;
    l->trials = keep + n;
    add_arches(w, l);
    return counts_fit(l, print, brief_arches_count(w));
}
