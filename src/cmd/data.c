#include "action/action.h"
#include "base/text.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_init(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return action_init(arguments_operand(a, 0), err);
}

const struct command command_init = {.name = "init",
                                     .operands = "DIR",
                                     .about = "make a workspace",
                                     .least = 1,
                                     .most = 1,
                                     .need = COMMAND_BARE,
                                     .run = run_init};

/* What a later importer will be told; until then only the value that this one assumes is taken. */
static bool check_unsupported(const struct arguments *a, struct error *err)
{
    static const struct {
        const char *name, *only;
    } later[] = {{"format", "csv"},     {"tz", "UTC"},   {"delimiter", ","}, {"decimal", "."}, {"thousands", NULL},
                 {"encoding", "utf-8"}, {"header", "1"}, {"missing", NULL},  {"symbol", NULL}, {"append", NULL}};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        const char *value = arguments_option(a, later[i].name);
        if (!value || (later[i].only && text_equal_nocase(value, later[i].only)))
            continue;
        if (later[i].only)
            return error_set(err, ERROR_USAGE, "--%s %s is not in this version, which reads `%s` only", later[i].name,
                             value, later[i].only);
        return error_set(err, ERROR_USAGE, "--%s is not in this version", later[i].name);
    }
    return true;
}

static json_t *run_add(struct workspace *w, const struct arguments *a, struct error *err)
{
    if (!check_unsupported(a, err))
        return NULL;
    struct action_data_options o = {.asset = arguments_option(a, "asset"),
                                    .time_column = arguments_option(a, "time"),
                                    .date_order = arguments_option(a, "date-order"),
                                    .stamp = arguments_option(a, "stamp"),
                                    .lag = arguments_option(a, "lag"),
                                    .dry_run = arguments_flag(a, "dry-run")};
    return action_data_add(w, arguments_operand_list(a), arguments_operands(a), &o, err);
}

static void show_add(const json_t *result, FILE *out)
{
    size_t i, k;
    const json_t *file, *g;
    json_array_foreach(json_object_get(result, "files"), i, file)
    {
        print_text(json_string_value(json_object_get(file, "path")), out);
        fprintf(out, ": %lld rows x %zu columns, %s to %s\n", json_integer_value(json_object_get(file, "rows")),
                json_array_size(json_object_get(file, "columns")), json_string_value(json_object_get(file, "first")),
                json_string_value(json_object_get(file, "last")));
        json_array_foreach(json_object_get(file, "guesses"), k, g)
        {
            char value[128], evidence[256];
            print_value(json_object_get(g, "value"), value, sizeof value);
            print_value(json_object_get(g, "evidence"), evidence, sizeof evidence);
            fprintf(out, "  %-14s %-16s %s\n", json_string_value(json_object_get(g, "what")), value, evidence);
        }
        fprintf(out, "  %-14s %-16g %s\n", "lag, seconds", json_number_value(json_object_get(file, "lag_seconds")),
                json_string_value(json_object_get(file, "lag_reason")));
        json_array_foreach(json_object_get(file, "warnings"), k, g)
        {
            fputs("  warning: ", out);
            print_text(json_string_value(g), out);
            fputc('\n', out);
        }
        json_array_foreach(json_object_get(file, "dropped_rows"), k, g)
        {
            fprintf(out, "  line %lld: ", json_integer_value(json_object_get(g, "line")));
            print_text(json_string_value(json_object_get(g, "why")), out);
            fputc('\n', out);
        }
    }
    if (json_is_true(json_object_get(result, "dry_run")))
        fputs("nothing was stored (--dry-run)\n", out);
}

const struct command command_data_add = {
    .name = "data add",
    .operands = "FILE...",
    .about = "import CSV files",
    .least = 1,
    .most = COMMAND_ARGS_MAX,
    .need = COMMAND_WRITES,
    .run = run_add,
    .show = show_add,
    .option = {{"asset", "A", "the asset they belong to (default: the file's name)"},
               {"time", "COLUMN", "the time column"},
               {"date-order", "ORDER", "dmy, mdy or ymd, where the file does not tell"},
               {"stamp", "KIND", "what a time means: open, close or date"},
               {"lag", "SPAN", "publication lag: 1d, 12h, 30m, 0"},
               {"dry-run", NULL, "show what would be read, store nothing"},
               {"format", "F", NULL},
               {"tz", "Z", NULL},
               {"delimiter", "C", NULL},
               {"decimal", "C", NULL},
               {"thousands", "C", NULL},
               {"encoding", "E", NULL},
               {"header", "N", NULL},
               {"missing", "LIST", NULL},
               {"symbol", "COLUMN", NULL},
               {"append", NULL, NULL}}};

static json_t *run_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_data_list(w, err);
}

static void show_list(const json_t *result, FILE *out)
{
    print_table(json_object_get(result, "series"),
                "name,asset,rows,columns,first,last,step_seconds|step s,stamp,lag_seconds|lag s", out);
}

const struct command command_data_list = {.name = "data list",
                                          .operands = "",
                                          .about = "the series there are",
                                          .need = COMMAND_READS,
                                          .run = run_list,
                                          .show = show_list};

static json_t *run_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_data_show(w, arguments_operand(a, 0), err);
}

const struct command command_data_show = {.name = "data show",
                                          .operands = "NAME",
                                          .about = "one series, its columns and report",
                                          .least = 1,
                                          .most = 1,
                                          .need = COMMAND_READS,
                                          .run = run_show};

static json_t *run_export(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_data_export(w, arguments_operand(a, 0), err);
}

const struct command command_data_export = {.name = "data export",
                                            .operands = "FILE.csv",
                                            .about = "the joined features of the task, without the sealed part",
                                            .least = 1,
                                            .most = 1,
                                            .need = COMMAND_READS,
                                            .run = run_export};

static json_t *run_synth(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    int64_t seed = 1, bars = 4000;
    double bayes = 0.94;
    if (!arguments_int(a, "seed", 0, INT64_MAX, &seed, err) || !arguments_int(a, "bars", 100, 100000000, &bars, err) ||
        !arguments_real(a, "bayes", 0.5, 1, &bayes, err))
        return NULL;
    return action_synth(arguments_operand(a, 0), (uint64_t)seed, bars, bayes, arguments_operand(a, 1), err);
}

const struct command command_synth = {.name = "synth",
                                      .operands = "KIND FILE.csv",
                                      .about = "a synthetic market of known best accuracy: planted, noise or leaky",
                                      .least = 2,
                                      .most = 2,
                                      .need = COMMAND_BARE,
                                      .run = run_synth,
                                      .option = {{"seed", "N", "seed (1)"},
                                                 {"bars", "N", "rows (4000)"},
                                                 {"bayes", "P", "best possible accuracy, planted (0.94)"}}};
