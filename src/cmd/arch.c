#include "action/action.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_new(struct workspace *w, const struct arguments *a, struct error *err)
{
    int64_t width = 0, depth = 0;
    if (!arguments_int(a, "width", 1, 65536, &width, err) || !arguments_int(a, "depth", 1, 1000, &depth, err))
        return NULL;
    return action_arch_new(w, arguments_operand(a, 0), (int)width, (int)depth, err);
}

const struct command command_arch_new = {.name = "arch new",
                                         .operands = "TEMPLATE",
                                         .about =
                                             "an architecture for the task: mlp, lstm, gru, tcn, transformer or hybrid",
                                         .least = 1,
                                         .most = 1,
                                         .need = COMMAND_WRITES,
                                         .run = run_new,
                                         .option = {{"width", "N", "units or channels"}, {"depth", "N", "layers"}}};

static json_t *run_add(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_arch_add(w, arguments_operand(a, 0), err);
}

const struct command command_arch_add = {.name = "arch add",
                                         .operands = "FILE",
                                         .about = "an architecture from its text",
                                         .least = 1,
                                         .most = 1,
                                         .need = COMMAND_WRITES,
                                         .run = run_add};

static json_t *run_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_measure_options o = {.threads = arguments_threads(a)};
    int64_t batch = ACTION_BATCH;
    if (!arguments_int(a, "batch", 1, RECIPE_BATCH_MAX, &batch, err) ||
        !arguments_int(a, "steps", 1, 1000000, &o.steps, err))
        return NULL;
    if (o.steps && !arguments_flag(a, "measure")) {
        error_set(err, ERROR_USAGE, "--steps says how long to measure: give --measure too");
        return NULL;
    }
    o.batch = (int)batch;
    if (arguments_flag(a, "measure"))
        return action_arch_measure(w, arguments_operand(a, 0), &o, arguments_control(a), err);
    return action_arch_show(w, arguments_operand(a, 0), (int)batch, err);
}

static void show_totals(const json_t *r, FILE *out)
{
    const json_t *plan = json_object_get(r, "plan");
    char training[32], inference[32];
    text_of_bytes((uint64_t)json_integer_value(json_object_get(plan, "training_bytes")), training, sizeof training);
    text_of_bytes((uint64_t)json_integer_value(json_object_get(plan, "inference_bytes")), inference, sizeof inference);
    fprintf(out, "\nplan for batch %lld: %s to train, %s to predict; %lld multiply-adds a sample, of %lld as written\n",
            json_integer_value(json_object_get(plan, "batch")), training, inference,
            json_integer_value(json_object_get(plan, "macs")), json_integer_value(json_object_get(r, "macs")));
}

static void show_span(const json_t *measured, const char *member, const char *what, FILE *out)
{
    const json_t *seconds = json_object_get(measured, member);
    char span[32];
    if (!json_is_number(seconds))
        return;
    clock_span(json_number_value(seconds), span, sizeof span);
    fprintf(out, "%s %s", what, span);
}

static void show_measured(const json_t *m, FILE *out)
{
    if (!json_is_object(m))
        return;
    fprintf(out, "measured %s: batch %lld, %lld thread(s), %s, %s weights, %s\n",
            json_string_value(json_object_get(m, "at")), json_integer_value(json_object_get(m, "batch")),
            json_integer_value(json_object_get(m, "threads")), json_string_value(json_object_get(m, "kernels")),
            json_is_null(json_object_get(m, "weights")) ? "fresh" : "trained",
            json_string_value(json_object_get(m, "data")));
    fprintf(out, "%.3f ms a step, %.0f samples/s", 1e3 * json_number_value(json_object_get(m, "step_seconds")),
            json_number_value(json_object_get(m, "samples_per_second")));
    show_span(m, "epoch_seconds", "; an epoch", out);
    show_span(m, "train_seconds", ", train at most", out);
    show_span(m, "score_seconds", ", score at most", out);
    fputc('\n', out);
}

/* Per cent, milliseconds and short norms, for people; the JSON has the exact ones. */
static json_t *table_row(const json_t *node)
{
    static const struct {
        const char *member, *as;
        double factor;
        const char *format;
    } number[] = {{"share", "share", 100, "%.1f %%"},
                  {"forward_seconds", "forward", 1e3, "%.3f"},
                  {"backward_seconds", "backward", 1e3, "%.3f"},
                  {"gradient_norm", "gradient", 1, "%.3g"},
                  {"weight_gradient_norm", "weight_gradient", 1, "%.3g"}};
    json_t *row = json_copy((json_t *)node), *bytes = json_object_get(node, "bytes"), *value;
    const json_t *steps = json_object_get(node, "steps"), *measured = json_object_get(node, "measured");
    const char *key;
    char text[64];
    uint64_t all = 0;
    json_object_foreach(bytes, key, value)
        all += (uint64_t)json_integer_value(value);
    text_of_bytes(all, text, sizeof text);
    json_object_set_new(row, "memory", json_string(text));
    json_int_t held = json_integer_value(json_object_get(steps, "held")),
               whole = json_integer_value(json_object_get(steps, "whole"));
    snprintf(text, sizeof text, held < whole ? "%lld of %lld" : "%lld", held, whole);
    json_object_set_new(row, "steps", json_string(whole > 0 ? text : ""));
    const json_t *shape = json_object_get(node, "shape");
    json_int_t channels = json_integer_value(json_array_get(shape, 1));
    if (whole > 0)
        snprintf(text, sizeof text, "[%lld, %lld]", whole, channels);
    else
        snprintf(text, sizeof text, "[%lld]", channels);
    json_object_set_new(row, "shape", json_string(text));
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        const json_t *v = json_object_get(measured, number[i].member);
        snprintf(text, sizeof text, number[i].format, json_number_value(v) * number[i].factor);
        json_object_set_new(row, number[i].as, json_string(json_is_number(v) ? text : ""));
    }
    return row;
}

static void show_arch(const json_t *r, FILE *out)
{
    char id[80];
    size_t i;
    json_t *rows = json_array(), *node;
    bool measured = json_is_object(json_object_get(r, "measured"));
    print_value(json_object_get(r, "arch"), id, sizeof id);
    fprintf(out, "%s  %s: %lld node%s, %lld parameters, %lld multiply-adds a sample\n\n", id,
            json_string_value(json_object_get(r, "name")), json_integer_value(json_object_get(r, "nodes")),
            text_s(json_integer_value(json_object_get(r, "nodes"))),
            json_integer_value(json_object_get(r, "parameters")), json_integer_value(json_object_get(r, "macs")));
    fputs(json_string_value(json_object_get(r, "text")), out);
    fputc('\n', out);
    json_array_foreach(json_object_get(r, "graph"), i, node)
        json_array_append_new(rows, table_row(node));
    print_table(rows,
                measured ? "name,op,shape,steps,parameters,macs|multiply-adds,plan_macs|planned,memory,share|time,"
                           "forward|forward ms,backward|backward ms,gradient,weight_gradient|of weights"
                         : "name,op,shape,steps,parameters,macs|multiply-adds,plan_macs|planned,memory",
                out);
    json_decref(rows);
    show_totals(r, out);
    show_measured(json_object_get(r, "measured"), out);
}

const struct command command_arch_show = {
    .name = "arch show",
    .operands = "ID",
    .about = "an architecture as text and table, with what it costs",
    .least = 1,
    .most = 1,
    .need = COMMAND_READS,
    .run = run_show,
    .show = show_arch,
    .ends_itself = true,
    .option = {{"measure", NULL, "run it: share of time of each node, gradient norms, time of an epoch"},
               {"batch", "N", "windows a step, for memory and time (64)"},
               {"steps", "N", "measure exactly so many steps (as many as fit into a second)"}}};

static json_t *run_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_arch_list(w, err);
}

static void show_list(const json_t *r, FILE *out)
{
    print_table(json_object_get(r, "arches"), "arch,name,nodes,parameters,macs|multiply-adds,morphism", out);
}

const struct command command_arch_list = {.name = "arch list",
                                          .operands = "",
                                          .about = "the architectures there are",
                                          .need = COMMAND_READS,
                                          .run = run_list,
                                          .show = show_list};

static json_t *run_diff(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_arch_diff(w, arguments_operand(a, 0), arguments_operand(a, 1), err);
}

const struct command command_arch_diff = {.name = "arch diff",
                                          .operands = "A B",
                                          .about = "what differs: + new, - gone, ~ changed",
                                          .least = 2,
                                          .most = 2,
                                          .need = COMMAND_READS,
                                          .run = run_diff};

static json_t *run_export(struct workspace *w, const struct arguments *a, struct error *err)
{
    const char *format = arguments_option(a, "format");
    return action_arch_export(w, arguments_operand(a, 0), format ? format : "text", arguments_operand(a, 1), err);
}

const struct command command_arch_export = {.name = "arch export",
                                            .operands = "ID FILE",
                                            .about = "write it for other tools",
                                            .least = 2,
                                            .most = 2,
                                            .need = COMMAND_READS,
                                            .run = run_export,
                                            .option = {{"format", "F", "text or dot (text)"}}};

static json_t *run_morph(struct workspace *w, const struct arguments *a, struct error *err)
{
    const char *key = arguments_operand(a, 0), *kind = arguments_operand(a, 1), *setting[16];
    int n = 0;
    if (arguments_flag(a, "list") || !kind)
        return action_morph_list(w, key, err);
    if (workspace_read_only(w)) {
        error_set(err, ERROR_USAGE, "--read-only: `morph %s %s` would write; `--list` does not", key, kind);
        return NULL;
    }
    while (n < 16 && (setting[n] = arguments_option_at(a, "set", n)))
        n++;
    if (arguments_option_at(a, "set", n)) {
        error_set(err, ERROR_USAGE, "--set: no morphism has so many settings");
        return NULL;
    }
    return action_morph(w, key, kind, arguments_option(a, "node"), setting, n, err);
}

static void show_morph(const json_t *r, FILE *out)
{
    const json_t *list = json_object_get(r, "morphisms");
    if (list)
        print_table(list, "kind,node,applicable|can,parameters,macs|multiply-adds,reason", out);
    else
        print_fields(r, out);
}

const struct command command_morph = {
    .name = "morph",
    .operands = "ARCH|MODEL [KIND]",
    .about = "grow a network by a step that keeps its function to the bit",
    .least = 1,
    .most = 2,
    .need = COMMAND_READS,
    .run = run_morph,
    .show = show_morph,
    .option = {{"list", NULL, "the morphisms that could be applied"},
               {"node", "N", "the node (default: the first it applies to)"},
               {"set", "K=V", "a setting of the morphism; may be given several times"}}};
