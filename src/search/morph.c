#include "search/morph.h"

#include "base/memory.h"
#include "base/text.h"
#include "search/morph/kinds.h"

#include <math.h>

struct morph_step morph_step_of(const struct morph_kind *kind, const char *node)
{
    struct morph_step step = {.kind = kind};
    text_copy(step.node, sizeof step.node, node);
    for (int i = 0; i < kind->settings; i++)
        step.setting[i] = kind->setting[i].preset;
    return step;
}

static bool parse_named(const struct morph_setting *s, const char *value, int *out, struct error *err)
{
    struct text known = {0};
    for (int i = 0; s->names[i]; i++) {
        if (text_equal(s->names[i], value)) {
            text_free(&known);
            *out = s->least + i;
            return true;
        }
        text_printf(&known, "%s%s", i > 0 ? ", " : "", s->names[i]);
    }
    error_set(err, ERROR_USAGE, "%s=%s: %s is one of %s", s->name, value, s->name, text_of(&known));
    text_free(&known);
    return false;
}

bool morph_set(struct morph_step *step, const char *name, const char *value, struct error *err)
{
    const struct morph_kind *kind = step->kind;
    for (int i = 0; i < kind->settings; i++) {
        const struct morph_setting *s = &kind->setting[i];
        int64_t v;
        if (!text_equal(s->name, name))
            continue;
        if (s->names)
            return parse_named(s, value, &step->setting[i], err);
        if (!text_parse_int(value, s->least, s->most, &v))
            return error_set(err, ERROR_USAGE, "%s=%s: %s takes a whole number from %d to %d", name, value, name,
                             s->least, s->most);
        step->setting[i] = (int)v;
        return true;
    }
    return error_set(err, ERROR_USAGE, "%s has no setting \"%s\"", kind->name, name);
}

void morph_setting_text(const struct morph_setting *s, int value, char *out, size_t size)
{
    if (s->names)
        snprintf(out, size, "%s", s->names[value - s->least]);
    else
        snprintf(out, size, "%d", value);
}

static bool parse_word(struct morph_step *step, char *word, struct error *err)
{
    char *value = strchr(word, '=');
    if (!value)
        return error_set(err, ERROR_USAGE, "\"%s\" is no NAME=VALUE", word);
    *value++ = '\0';
    if (!text_equal(word, "node"))
        return morph_set(step, word, value, err);
    if (step->node[0])
        return error_set(err, ERROR_USAGE, "node is given twice");
    if (!text_copy(step->node, sizeof step->node, value))
        return error_set(err, ERROR_USAGE, "the name of a node has at most %d characters", ARCH_NAME_MAX - 1);
    return true;
}

static bool refuse_kind(const char *name, struct error *err)
{
    struct text known = {0};
    for (int i = 0; morph_table[i]; i++)
        text_printf(&known, "%s%s", i > 0 ? ", " : "", morph_table[i]->name);
    error_set(err, ERROR_USAGE, "there is no morphism \"%s\": the first word is one of %s", name, text_of(&known));
    text_free(&known);
    return false;
}

bool morph_parse(struct morph_step *out, const char *text, struct error *err)
{
    char copy[MORPH_TEXT_MAX], *rest = copy;
    if (!text_copy(copy, sizeof copy, text))
        return error_set(err, ERROR_USAGE, "a morphism's text has at most %d characters", MORPH_TEXT_MAX - 1);
    const char *name = text_next(&rest, ' ');
    const struct morph_kind *kind = name ? morph_find(name) : NULL;
    if (!kind)
        return refuse_kind(name ? name : "", err);
    *out = morph_step_of(kind, "");
    for (char *word; (word = text_next(&rest, ' '));)
        if (word[0] && !parse_word(out, word, err))
            return error_prefix(err, "morphism \"%s\"", text);
    if (!out->node[0])
        return error_set(err, ERROR_USAGE, "morphism \"%s\": say which node, as in \"%s node=NAME\"", text, kind->name);
    return true;
}

void morph_format(const struct morph_step *step, char out[MORPH_TEXT_MAX])
{
    int at = snprintf(out, MORPH_TEXT_MAX, "%s node=%s", step->kind->name, step->node);
    for (int i = 0; i < step->kind->settings; i++) {
        const struct morph_setting *s = &step->kind->setting[i];
        char value[32];
        morph_setting_text(s, step->setting[i], value, sizeof value);
        if (step->setting[i] != s->preset)
            at += snprintf(out + at, (size_t)(MORPH_TEXT_MAX - at), " %s=%s", s->name, value);
    }
    ASSERT(at < MORPH_TEXT_MAX);
}

/* In which order the inputs of node `at` are added up: canonical position -> position among its inputs as given. */
static void summing_order(const struct arch *a, const struct arch *canonical, const int *origin, int at, int *order)
{
    int node = 0;
    while (origin[node] != at)
        node++;
    const struct arch_node *c = &canonical->node[node], *given = &a->node[at];
    for (int k = 0; k < c->inputs; k++)
        for (order[k] = 0; given->input[order[k]] != origin[c->input[k]];)
            order[k]++;
}

static bool has_long_sum(const struct arch *a)
{
    for (int i = 0; i < a->nodes; i++)
        if (a->node[i].op->commutes && a->node[i].inputs > 2)
            return true;
    return false;
}

/* Sums of two are the same bits in either order; longer ones must keep theirs. */
static bool sums_keep_order(const struct morph_edit *e, struct error *err)
{
    const struct arch *b = e->before, *a = e->after;
    if (!has_long_sum(b))
        return true;
    int *origin[2] = {NEW_ARRAY(int, b->nodes), NEW_ARRAY(int, a->nodes)};
    struct arch *canonical[2] = {arch_canonical(b, origin[0]), arch_canonical(a, origin[1])};
    const char *broken = NULL;
    for (int i = 0; i < a->nodes && !broken; i++) {
        int old = e->rule[i].from, order[2][ARCH_INPUTS_MAX];
        if (old < 0 || !a->node[i].op->commutes || a->node[i].inputs <= 2)
            continue;
        summing_order(b, canonical[0], origin[0], old, order[0]);
        summing_order(a, canonical[1], origin[1], i, order[1]);
        if (memcmp(order[0], order[1], (size_t)a->node[i].inputs * sizeof(int)) != 0)
            broken = a->node[i].name;
    }
    for (int k = 0; k < 2; k++) {
        arch_free(canonical[k]);
        free(origin[k]);
    }
    return !broken ||
           error_set(err, ERROR_FAILED,
                     "%s adds up more than two values; this step would change their order and so the bits", broken);
}

static bool edit_by_step(struct morph_edit *e, const struct morph_step *step, struct error *err)
{
    char reason[160];
    int node = arch_find(e->before, step->node);
    if (node < 0)
        return error_set(err, ERROR_USAGE, "there is no node \"%s\"", step->node);
    if (e->before->nodes > ARCH_NODES_MAX - 8)
        return error_set(err, ERROR_LIMIT, "the graph has as many nodes as it can have");
    if (!step->kind->applicable(e->before, node, reason, sizeof reason))
        return error_set(err, ERROR_USAGE, "%s", reason);
    return step->kind->edit(e, node, step->setting, err) && arch_check(e->after, err) && sums_keep_order(e, err);
}

static bool step_edit(struct morph_edit *e, const struct morph_step *step, struct error *err)
{
    char text[MORPH_TEXT_MAX];
    if (edit_by_step(e, step, err))
        return true;
    morph_format(step, text);
    return error_prefix(err, "%s", text);
}

struct model *morph_apply(const struct model *m, const struct morph_step *step, uint64_t seed, struct error *err)
{
    struct morph_edit e;
    edit_start(&e, m->arch);
    struct model *out = step_edit(&e, step, err) ? carry_model(m, &e, seed, err) : NULL;
    edit_end(&e);
    return out;
}

struct arch *morph_apply_arch(const struct arch *a, const struct morph_step *step, struct error *err)
{
    struct morph_edit e;
    edit_start(&e, a);
    struct arch *out = step_edit(&e, step, err) ? e.after : NULL;
    if (out)
        e.after = NULL;
    edit_end(&e);
    return out;
}

bool morph_applicable(const struct arch *a, const struct morph_step *step, char *reason, size_t size)
{
    struct error err = {0};
    struct morph_edit e;
    edit_start(&e, a);
    bool ok = edit_by_step(&e, step, &err);
    edit_end(&e);
    return ok || morph_refuse(reason, size, "%s", err.text);
}

static void fill_option(struct morph_option *o, const struct arch *a, const struct morph_kind *kind, int node)
{
    struct error err = {0};
    struct morph_edit e;
    o->step = morph_step_of(kind, a->node[node].name);
    if (a->nodes > MORPH_TRIED_NODES) {
        o->applicable = kind->applicable(a, node, o->reason, sizeof o->reason);
        o->parameters = o->macs = MORPH_UNKNOWN;
        return;
    }
    edit_start(&e, a);
    o->applicable = edit_by_step(&e, &o->step, &err);
    if (!o->applicable)
        text_copy(o->reason, sizeof o->reason, err.text);
    o->parameters = arch_parameters(o->applicable ? e.after : a);
    o->macs = arch_macs(o->applicable ? e.after : a);
    edit_end(&e);
}

int morph_list(const struct arch *a, struct morph_option **out)
{
    int kinds = 0, n = 0;
    while (morph_table[kinds])
        kinds++;
    *out = NEW_ARRAY(struct morph_option, (size_t)kinds * (size_t)a->nodes);
    for (int node = 0; node < a->nodes; node++)
        for (int k = 0; k < kinds; k++)
            fill_option(&(*out)[n++], a, morph_table[k], node);
    return n;
}

/* Largest |x - y|; INFINITY where bits differ but no finite difference says so. */
static double delta_of(const float *x, const float *y, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        if (memcmp(&x[i], &y[i], sizeof x[i]) == 0)
            continue;
        double d = fabs((double)x[i] - (double)y[i]);
        if (!(d > 0) || isinf(d))
            return INFINITY;
        most = d > most ? d : most;
    }
    return most;
}

static bool same_ends(const struct arch *a, const struct arch *b, struct error *err)
{
    struct arch_shape in[2] = {a->shape[0], b->shape[0]}, out[2] = {a->shape[a->nodes - 1], b->shape[b->nodes - 1]};
    for (int i = 0; i < a->nodes; i++)
        if (a->node[i].inputs == 0)
            in[0] = a->shape[i];
    for (int i = 0; i < b->nodes; i++)
        if (b->node[i].inputs == 0)
            in[1] = b->shape[i];
    if (in[0].time == in[1].time && in[0].channels == in[1].channels && out[0].time == out[1].time &&
        out[0].channels == out[1].channels)
        return true;
    return error_set(err, ERROR_USAGE, "the two models differ in the shape of their input or output");
}

static size_t floats(struct arch_shape s)
{
    return (size_t)(s.time > 0 ? s.time : 1) * (size_t)s.channels;
}

bool morph_max_delta(double *out, const struct model *a, const struct model *b, const float *input, int rows,
                     struct error *err)
{
    if (!same_ends(a->arch, b->arch, err))
        return false;
    struct plan *plan[2] = {plan_new(a->arch, rows, false, NULL, err), NULL};
    plan[1] = plan[0] ? plan_new(b->arch, rows, false, NULL, err) : NULL;
    if (plan[1]) {
        const struct model *m[2] = {a, b};
        const float *result[2];
        size_t in = 0;
        for (int i = 0; i < a->arch->nodes; i++)
            if (a->arch->node[i].inputs == 0)
                in = (size_t)rows * floats(a->arch->shape[i]);
        for (int k = 0; k < 2; k++) {
            memcpy(plan_input(plan[k]), input, in * sizeof *input);
            result[k] = plan_forward(plan[k], m[k]->weight, rows);
        }
        *out = delta_of(result[0], result[1], (size_t)rows * floats(a->arch->shape[a->arch->nodes - 1]));
    }
    bool ok = plan[1] != NULL;
    for (int k = 0; k < 2; k++)
        if (plan[k])
            plan_free(plan[k]);
    return ok;
}
