/* What can be chosen for a row of the form: the workspace's models and networks, the chain's tasks. */
#include "base/memory.h"
#include "base/text.h"
#include "store/arches.h"
#include "store/models.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

/* "mlp-1  64.2 % on its early-stopping bars  0123456789ab", those on the task in force first: the others cannot predict here. */
static char *name_model(struct workspace *w, const struct model_row *m, bool in_force)
{
    struct arch_row a;
    struct error unknown = {0};
    char arch[HASH_HEX], id[13], right[32] = "";
    hash_hex(m->arch, arch);
    hash_short(m->id, id);
    json_t *result = json_loads(m->result != NULL ? m->result : "", 0, NULL);
    const json_t *accuracy = json_object_get(json_object_get(result, "valid"), "directional_accuracy");
    if (json_is_number(accuracy))
        figure_percent(json_number_value(accuracy), right, sizeof right);
    bool named = arches_find(w, arch, &a, &unknown);
    char *out = memory_format("%.40s  %s%s%s  %s", named ? a.name : "?", right, right[0] != '\0' ? " right in training" : "",
                              in_force ? "" : ", of another task", id);
    if (named)
        free(a.text);
    json_decref(result);
    return out;
}

int chain_choose_models(struct workspace *w, char **choice, int n)
{
    struct model_row *rows;
    struct task_row task;
    bool has = tasks_active(w, &task, NULL);
    int all = models_list(w, &rows, NULL);
    if (has)
        free(task.info);
    for (int other = 0; other < 2; other++)
        for (int i = 0; i < all && n < CHAIN_CHOICES_MOST; i++) {
            bool in_force = has && hash_equal(rows[i].task, task.hash);
            if (in_force == (other == 0))
                choice[n++] = name_model(w, &rows[i], in_force);
        }
    models_list_free(rows, all < 0 ? 0 : all);
    return n;
}

int chain_choose_arches(struct workspace *w, char **choice, int n)
{
    struct arch_row *rows;
    char id[13];
    int all = arches_list(w, &rows, NULL);
    for (int i = all - 1; i >= 0 && n < CHAIN_CHOICES_MOST; i--) {
        if (text_equal(rows[i].morphism, ARCHES_BASELINE))
            continue;
        hash_short(rows[i].id, id);
        choice[n++] = memory_format("%.40s  %lld parameters  %s", rows[i].name, (long long)rows[i].parameters, id);
    }
    arches_list_free(rows, all < 0 ? 0 : all);
    return n;
}

int chain_choose_tasks(const struct chain_screen *s, char **choice, int n)
{
    char who[80];
    for (int i = chain_rows(s, CHAIN_TASKS) - 1; i >= 0 && n < CHAIN_CHOICES_MOST; i--) {
        const json_t *t = chain_row(s, CHAIN_TASKS, i);
        choice[n++] = memory_format("of %s, pool %lld  %.12s", chain_who(s, aid_text(t, "owner"), who),
                                    (long long)json_integer_value(json_object_get(t, "pool_left")), aid_text(t, "task"));
    }
    return n;
}
