/* The workspace's task as objects and as what its transaction states. */
#include "action/claim.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "store/series.h"
#include "store/tasks.h"

#define PPM UINT64_C(1000000)

bool claim_same_numeric(const struct tx_task *task, struct error *err)
{
    return text_equal(task->numeric, NUMERIC_VERSION) ||
           error_set(err, ERROR_CHAIN,
                     "the task was made with numeric version %s, this program has %s: it cannot re-run it",
                     task->numeric, NUMERIC_VERSION);
}

/* Which answer a target is: of a return whether it is above zero, as its prediction is judged (train/loss.h). */
static int answer_of(const struct dataset *d, size_t sample)
{
    float target = d->target[sample];
    return d->task.target == TASK_RETURN ? target > 0 : (int)target;
}

uint32_t claim_baseline_ppm(const struct dataset *d)
{
    uint64_t seen[DATASET_CLASSES_MAX] = {0}, all = 0, most = 0;
    for (int k = 0; k < d->folds; k++) {
        for (size_t i = d->fold[k].valid_first; i < d->fold[k].valid_end; i++, all++) {
            int answer = answer_of(d, i);
            ASSERT(answer >= 0 && answer < DATASET_CLASSES_MAX);
            seen[answer]++;
        }
    }
    for (int i = 0; i < DATASET_CLASSES_MAX; i++)
        most = seen[i] > most ? seen[i] : most;
    return all ? (uint32_t)(most * PPM / all) : 0;
}

static bool put_frames(struct workspace *w, const char *chain, const struct task *task, struct error *err)
{
    bool ok = true;
    for (int i = 0; i < task->series_n && ok; i++) {
        struct bytes frame = {0};
        struct hash id;
        ok = workspace_blob_get(w, "frames", task->series[i].frame, &frame, err) &&
             ledger_object_put(chain, frame.data, frame.n, &id, err);
        bytes_free(&frame);
    }
    return ok;
}

static bool put_texts(const char *chain, const struct task *task, const struct recipe *recipe, struct tx_task *out,
                      struct error *err)
{
    char *text = task_format(task), *settings = recipe_format(recipe);
    bool ok = claim_put_text(chain, text, &out->text, err) && claim_put_text(chain, settings, &out->recipe, err);
    free(text);
    free(settings);
    return ok;
}

bool claim_publish_task(struct workspace *w, const char *chain, struct tx_task *out, const struct recipe *recipe,
                        struct error *err)
{
    struct task_row task;
    if (!recipe_exact(recipe, "the recipe", err) || !tasks_active(w, &task, err))
        return false;
    free(task.info);
    struct dataset *d = tasks_dataset(w, &task, err);
    bool ok = d != NULL;
    if (ok && (d->folds < 1 || d->folds > TX_FOLDS_MAX))
        ok = error_set(err, ERROR_USAGE, "a task on a chain has 1 to %d folds", TX_FOLDS_MAX);
    ok = ok && put_texts(chain, &task.task, recipe, out, err) && put_frames(w, chain, &task.task, err);
    if (ok) {
        out->dataset = task.hash;
        out->folds = d->folds;
        out->baseline_ppm = claim_baseline_ppm(d);
        text_copy(out->numeric, sizeof out->numeric, NUMERIC_VERSION);
    }
    dataset_free(d);
    return ok;
}
