/* A search's options: what goes together, and the text that it is resumed by. */
#include "work/driver_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <math.h>

static const struct {
    const char *name;
    unsigned bit;
} objectives[] = {{"score", SEARCH_SCORE},
                  {"parameters", SEARCH_PARAMETERS},
                  {"macs", SEARCH_MACS},
                  {"latency", SEARCH_LATENCY}};

static bool check_strategies(const char *list, struct error *err)
{
    char *names = memory_text(list), *rest = names, *name;
    const char *seen[LANES_MAX] = {0};
    int n = 0;
    bool ok = true;
    while (ok && (name = text_next(&rest, ','))) {
        const struct strategy *s = strategy_find(text_trim(name), err);
        ok = s != NULL;
        for (int i = 0; ok && i < n; i++)
            if (text_equal(seen[i], s->name))
                ok = error_set(err, ERROR_USAGE, "--strategy %s: %s stands there twice", list, s->name);
        if (ok && n == LANES_MAX)
            ok = error_set(err, ERROR_USAGE, "--strategy: at most %d race at once", LANES_MAX);
        if (ok)
            seen[n++] = s->name;
    }
    free(names);
    return ok && (n > 0 || error_set(err, ERROR_USAGE, "--strategy names none"));
}

bool driver_options_check(const struct driver_options *o, struct error *err)
{
    if (!check_strategies(o->strategy, err))
        return false;
    if (o->trials < 1 || o->trials > 1000000)
        return error_set(err, ERROR_USAGE, "--trials must be 1 to 1000000");
    if (o->deterministic && o->seconds > 0)
        return error_set(err, ERROR_USAGE,
                         "--deterministic and --time exclude each other: a clock is not the same everywhere");
    if (o->deterministic && ((o->objectives & SEARCH_LATENCY) || o->max_latency_us > 0))
        return error_set(err, ERROR_USAGE,
                         "--deterministic and latency exclude each other: what is measured is not the same everywhere");
    if (o->grown_epochs < 0 || o->grown_epochs > RECIPE_EPOCHS_MAX)
        return error_set(err, ERROR_USAGE, "--grown-epochs must be 0 (a third of --epochs) to %d", RECIPE_EPOCHS_MAX);
    if (o->grown_epochs > 0 && o->from_scratch)
        return error_set(err, ERROR_USAGE, "--grown-epochs and --from-scratch exclude each other: nothing is grown");
    if (o->objectives && !(o->objectives & SEARCH_SCORE))
        return error_set(err, ERROR_USAGE, "--objectives: score must be among them");
    return true;
}

char *driver_options_text(const struct driver_options *o)
{
    char *recipe = recipe_format(&o->recipe);
    json_t *strategies = json_array(), *wanted = json_array();
    char *names = memory_text(o->strategy), *rest = names, *name;
    while ((name = text_next(&rest, ',')))
        json_array_append_new(strategies, json_string(text_trim(name)));
    for (size_t i = 0; i < ARRAY_N(objectives); i++)
        if ((o->objectives ? o->objectives : SEARCH_SCORE) & objectives[i].bit)
            json_array_append_new(wanted, json_string(objectives[i].name));
    json_t *j = json_pack("{s:s, s:o, s:o, s:I, s:i, s:o, s:o, s:i, s:I, s:I, s:o, s:b, s:b, s:s, s:s, s:i, s:s}",
                          "strategy", o->strategy, "strategies", strategies, "objectives", wanted, "seed", (json_int_t)o->seed,
                          "trials", o->trials, "seconds", json_of_number(o->seconds), "training_macs",
                          json_of_number(o->macs), "stall", o->stall, "max_parameters", (json_int_t)o->max_parameters,
                          "max_macs", (json_int_t)o->max_macs, "max_latency_us", json_of_number(o->max_latency_us),
                          "from_scratch", o->from_scratch, "deterministic", o->deterministic, "fidelity",
                          o->halving ? "halving" : "full", "recipe", recipe, "grown_epochs", o->grown_epochs, "acquire",
                          search_acquire_names[o->acquire]);
    char *text = json_dumps(j, JSON_COMPACT);
    ASSERT(text);
    json_decref(j);
    free(names);
    free(recipe);
    return text;
}

static unsigned objectives_of(const json_t *list)
{
    unsigned bits = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < ARRAY_N(objectives); k++) {
            const char *name = json_string_value(json_array_get(list, i));
            bits |= name && text_equal(name, objectives[k].name) ? objectives[k].bit : 0;
        }
    return bits;
}

static enum search_acquire acquire_of(const char *name)
{
    for (int i = 0; name && search_acquire_names[i]; i++)
        if (text_equal(name, search_acquire_names[i]))
            return (enum search_acquire)i;
    return SEARCH_EI;
}

/* Those that came later may be missing in a search of an older version. */
static void parse_later(struct driver_options *o, const json_t *j)
{
    const char *fidelity = json_string_value(json_object_get(j, "fidelity"));
    double macs = json_member_number(j, "training_macs"), latency = json_member_number(j, "max_latency_us");
    o->objectives = objectives_of(json_object_get(j, "objectives"));
    o->macs = macs > 0 ? macs : 0;
    o->max_latency_us = latency > 0 ? latency : 0;
    o->stall = (int)json_integer_value(json_object_get(j, "stall"));
    o->grown_epochs = (int)json_integer_value(json_object_get(j, "grown_epochs"));
    o->max_macs = json_integer_value(json_object_get(j, "max_macs"));
    o->acquire = acquire_of(json_string_value(json_object_get(j, "acquire")));
    o->halving = fidelity && text_equal(fidelity, "halving");
}

bool driver_options_parse(struct driver_options *o, const char *text, struct error *err)
{
    json_t *j = json_loads(text, 0, NULL);
    json_int_t seed = 0, most = 0;
    const char *strategy = NULL, *recipe = NULL;
    struct error why = {0};
    int from_scratch = 0, deterministic = 0;
    bool ok = j && json_unpack(j, "{s:s, s:I, s:i, s:F, s:I, s:b, s:b, s:s}", "strategy", &strategy, "seed", &seed,
                               "trials", &o->trials, "seconds", &o->seconds, "max_parameters", &most, "from_scratch",
                               &from_scratch, "deterministic", &deterministic, "recipe", &recipe) == 0;
    if (!ok)
        error_set(err, ERROR_FAILED, "the options of the interrupted search cannot be read; start a new one");
    ok = ok && recipe_parse(&o->recipe, recipe, err);
    o->strategy = NULL;
    if (ok) {
        o->seed = (uint64_t)seed;
        o->max_parameters = most;
        o->from_scratch = from_scratch;
        o->deterministic = deterministic;
        parse_later(o, j);
        o->strategy = memory_text(strategy); /* not the text of j, which goes */
        ok = driver_options_check(o, &why);
        if (!ok) {
            error_set(err, ERROR_FAILED, "the interrupted search cannot be resumed by this version: %s", why.text);
            free((char *)o->strategy);
            o->strategy = NULL;
        }
    }
    json_decref(j);
    return ok;
}
