/* A task of the chain in full: what its objects say, and what was told of its hold-out on what evidence. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/task_text.h"
#include "work/json.h"

static bool note(json_t *problems, struct error *why)
{
    if (why->kind == ERROR_NONE)
        return true;
    json_array_append_new(problems, json_of_text(why->text));
    error_clear(why);
    return false;
}

/* --- the baseline --------------------------------------------------------------------------------------------------- */

static bool object_whole(const char *chain, struct hash id)
{
    struct bytes data = {0};
    bool whole = ledger_object_get(chain, id, &data, NULL);
    bytes_free(&data);
    return whole;
}

/* Are the objects there, and whole, that the data set is built from? */
static bool data_here(const char *chain, const struct tx_task *body)
{
    struct task *task = NEW(struct task);
    char *text = claim_object_text(chain, body->text, "the task's text", NULL);
    bool here = text && task_parse(task, text, NULL);
    for (int i = 0; here && i < task->series_n; i++)
        here = object_whole(chain, task->series[i].frame);
    free(text);
    free(task);
    return here;
}

static bool baseline_of_data(const char *chain, const struct state_task *task, uint32_t *out, struct error *err)
{
    struct dataset *d = claim_same_numeric(&task->body, err) ? claim_dataset(chain, &task->body, err) : NULL;
    if (d)
        *out = claim_baseline_ppm(d);
    dataset_free(d);
    return d != NULL;
}

/* Building the data set takes as long as it is long, and a page is drawn often: what came out is kept, by the task's id,
 * which is over everything that it follows from. */
static bool baseline_kept(struct workspace *w, const char *chain, const struct state_task *task, uint32_t *out,
                          struct error *err)
{
    char name[HASH_HEX + 32] = "chain.baseline.", hex[HASH_HEX], value[32];
    int64_t kept;
    hash_hex(task->id, hex);
    text_append(name, sizeof name, hex);
    if (workspace_setting_get(w, name, value, sizeof value) && text_parse_int(value, 0, 1000000, &kept) &&
        data_here(chain, &task->body)) {
        *out = (uint32_t)kept;
        return true;
    }
    if (!baseline_of_data(chain, task, out, err))
        return false;
    snprintf(value, sizeof value, "%u", *out);
    workspace_setting_set(w, name, value);
    return true;
}

/* What the first accepted proposal has to beat is the task owner's word: the data tell whether it is so. */
void chain_put_baseline(struct workspace *w, json_t *j, json_t *problems, const char *chain,
                        const struct state_task *task)
{
    struct error why = {0};
    uint32_t is;
    json_t *baseline = json_pack("{s:I}", "stated_ppm", (json_int_t)task->body.baseline_ppm);
    if (baseline_kept(w, chain, task, &is, &why)) {
        json_object_set_new(baseline, "data_ppm", json_integer((json_int_t)is));
        if (is != task->body.baseline_ppm)
            error_set(&why, ERROR_CHAIN, "the task states a baseline of %u ppm, but in its data the most frequent answer "
                                         "has %u ppm",
                      task->body.baseline_ppm, is);
    }
    json_object_set_new(j, "baseline", baseline);
    note(problems, &why);
}

/* --- hold-outs ------------------------------------------------------------------------------------------------------ */

static json_t *holdout_json(const char *chain, const struct state_holdout *h)
{
    struct error why = {0};
    struct text head = {0};
    json_t *problems = json_array();
    char address[KEY_ADDRESS_MAX];
    address_text(h->who, address);
    json_t *j = json_pack("{s:s, s:I, s:o, s:o, s:I, s:I, s:o}", "who", address, "height", (json_int_t)h->height, "arch",
                          json_of_hash(h->body.arch), "weights_hash", json_of_hash(h->body.weights), "correct",
                          (json_int_t)h->body.correct, "total", (json_int_t)h->body.total, "evidence_hash",
                          json_of_hash(h->body.evidence));
    char *text = claim_object_text(chain, h->body.evidence, "the evidence of this hold-out", &why);
    chain_holdout_head(&head, &h->body);
    if (text && !text_starts(text, text_of(&head)))
        error_set(&why, ERROR_CHAIN, "the evidence of this hold-out does not begin with what was signed");
    if (text)
        json_object_set_new(j, "evidence", json_of_text(text));
    note(problems, &why);
    json_object_set_new(j, "problems", problems);
    text_free(&head);
    free(text);
    return j;
}

static json_t *holdouts_of(const char *chain, const struct state *s, struct hash task)
{
    const struct state_holdout *h;
    int n = state_holdouts(s, &h);
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        if (hash_equal(h[i].body.task, task))
            json_array_append_new(list, holdout_json(chain, &h[i]));
    return list;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void put_object(json_t *j, json_t *problems, const char *chain, const char *key, struct hash id, const char *what)
{
    struct error why = {0};
    char *text = claim_object_text(chain, id, what, &why);
    if (text)
        json_object_set_new(j, key, json_of_text(text));
    note(problems, &why);
    free(text);
}

json_t *chain_show_task(struct workspace *w, const char *chain, const struct state *s, const struct state_task *task)
{
    json_t *j = chain_task_json(task), *problems = json_array();
    put_object(j, problems, chain, "text", task->body.text, "the task's text");
    put_object(j, problems, chain, "recipe", task->body.recipe, "the task's recipe");
    chain_put_baseline(w, j, problems, chain, task);
    json_object_set_new(j, "holdouts", holdouts_of(chain, s, task->id));
    json_object_set_new(j, "problems", problems);
    return j;
}

const struct state_task *chain_find_task_by(const struct state *s, const char *key)
{
    const struct state_task *t, *found = NULL;
    int n = state_tasks(s, &t), matches = 0;
    for (int i = 0; i < n; i++) {
        char hex[HASH_HEX];
        hash_hex(t[i].id, hex);
        if (key[0] && text_starts(hex, key)) {
            found = &t[i];
            matches++;
        }
    }
    return matches == 1 ? found : NULL;
}
