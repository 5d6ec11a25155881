/* What a reviewer weighs a claim against: the score that it has to beat, what its author says of skill, and what a re-run
 * in this workspace gave. */
#include "action/chain_internal.h"

#include "base/text.h"
#include "work/json.h"

#include <stdio.h>
#include <string.h>

enum { SENTENCE_MOST = 400 };

/* "over_ppm" is below 0 where the claim is below; "counts_ppm" is what accepting it now would count as. */
static json_t *to_beat_json(const struct state_task *task, const struct state_proposal *p)
{
    uint64_t correct = 0, total = 0, beat = state_to_beat(task);
    for (int k = 0; k < p->body.counts.folds; k++) {
        correct += p->body.counts.correct[k];
        total += p->body.counts.total[k];
    }
    uint64_t score = state_score_ppm(correct, total);
    bool baseline = task->best_total == 0 || state_score_ppm(task->best_correct, task->best_total) < beat;
    return json_pack("{s:I, s:b, s:I, s:I}", "ppm", (json_int_t)beat, "baseline", baseline, "over_ppm",
                     (json_int_t)score - (json_int_t)beat, "counts_ppm", (json_int_t)state_improvement(task, score));
}

/* The line behind the first empty one of the evidence: its author's sentence about all that was tried. */
static void put_sentence(json_t *j)
{
    const char *text = json_string_value(json_object_get(j, "evidence"));
    const char *begin = text ? strstr(text, "\n\n") : NULL;
    char sentence[SENTENCE_MOST + 8];
    size_t n = begin ? strcspn(begin + 2, "\n") : 0;
    if (n == 0)
        return;
    snprintf(sentence, sizeof sentence, "%.*s%s", n < SENTENCE_MOST ? (int)n : SENTENCE_MOST, begin + 2,
             n < SENTENCE_MOST ? "" : " ...");
    json_object_set_new(j, "sentence", json_of_text(sentence));
}

static void put_own_rerun(struct workspace *w, json_t *j, const struct state_task *task, const struct state_proposal *p)
{
    struct claim_run run = {0};
    if (!claim_run_kept(w, task, p, &run))
        return;
    struct tx_finding claim = state_claim(p);
    json_object_set_new(j, "own_rerun",
                        json_pack("{s:o, s:o}", "time", json_of_time(run.time_us), "matches",
                                  p->opened.height ? json_boolean(tx_finding_equal(&claim, &run.finding)) : json_null()));
    claim_run_free(&run);
}

void chain_put_weighed(struct workspace *w, json_t *j, const struct state_task *task, const struct state_proposal *p)
{
    if (!task || p->claimed.height == 0)
        return;
    if (hash_is_zero(p->job) && !proposal_closed(p->state))
        json_object_set_new(j, "to_beat", to_beat_json(task, p));
    put_sentence(j);
    put_own_rerun(w, j, task, p);
}
