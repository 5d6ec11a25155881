#include "action/action.h"
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
    return action_arch_show(w, arguments_operand(a, 0), err);
}

static void show_arch(const json_t *r, FILE *out)
{
    char id[80];
    print_value(json_object_get(r, "arch"), id, sizeof id);
    fprintf(out, "%s  %s: %lld nodes, %lld parameters, %lld multiply-adds a sample\n\n", id,
            json_string_value(json_object_get(r, "name")), json_integer_value(json_object_get(r, "nodes")),
            json_integer_value(json_object_get(r, "parameters")), json_integer_value(json_object_get(r, "macs")));
    fputs(json_string_value(json_object_get(r, "text")), out);
    fputc('\n', out);
    print_table(json_object_get(r, "graph"), "name,op,parameters,macs|multiply-adds", out);
}

const struct command command_arch_show = {.name = "arch show",
                                          .operands = "ID",
                                          .about = "an architecture as text and table",
                                          .least = 1,
                                          .most = 1,
                                          .need = COMMAND_READS,
                                          .run = run_show,
                                          .show = show_arch};

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
