/* How a person names a trial. */
#include "action/train_internal.h"
#include "base/text.h"
#include "store/arches.h"

/* A manual model's is kept as baseline-lstm-32, and shown as lstm-32. */
static bool find_arch(struct workspace *w, const char *key, struct arch_row *out, struct error *err)
{
    char name[80];
    struct error why = {0};
    if (arches_find(w, key, out, &why))
        return true;
    snprintf(name, sizeof name, BASELINE_ARCH "%.60s", key);
    if (why.kind == ERROR_USAGE && arches_find(w, name, out, NULL))
        return true;
    return error_set(err, why.kind, "%s", why.text);
}

bool trial_named(struct workspace *w, struct hash task, const char *key, struct trial_row *out, struct error *err)
{
    struct arch_row arch;
    int64_t id;
    if (text_starts(key, "trial:")) {
        if (!text_parse_int(key + 6, 1, INT64_MAX, &id))
            return error_set(err, ERROR_USAGE, "%s: a trial is named by its number: trial:12", key);
        if (!runs_trial_get(w, id, out, err))
            return false;
        bool other = !hash_equal(out->task, task);
        if (!other && text_equal(out->state, "done") && out->fidelity >= 1)
            return true;
        runs_trial_free(out);
        return error_set(err, ERROR_USAGE, "trial %lld %s", (long long)id,
                         other ? "is of another task" : "was not scored to its end");
    }
    if (!find_arch(w, key, &arch, err))
        return false;
    free(arch.text);
    return runs_trial_of_arch(w, task, arch.id, NULL, out) ||
           error_set(err, ERROR_USAGE, "%s was not scored on this task yet: `score %.40s`", key, key);
}
