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

static json_t *run_add(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_data_options o = {.asset = arguments_option(a, "asset"),
                                    .time_column = arguments_option(a, "time"),
                                    .format = arguments_option(a, "format"),
                                    .date_order = arguments_option(a, "date-order"),
                                    .tz = arguments_option(a, "tz"),
                                    .stamp = arguments_option(a, "stamp"),
                                    .lag = arguments_option(a, "lag"),
                                    .delimiter = arguments_option(a, "delimiter"),
                                    .decimal = arguments_option(a, "decimal"),
                                    .thousands = arguments_option(a, "thousands"),
                                    .encoding = arguments_option(a, "encoding"),
                                    .header = arguments_option(a, "header"),
                                    .skip = arguments_option(a, "skip"),
                                    .missing = arguments_option(a, "missing"),
                                    .symbol = arguments_option(a, "symbol"),
                                    .keep = arguments_option(a, "keep"),
                                    .append = arguments_flag(a, "append"),
                                    .dry_run = arguments_flag(a, "dry-run"),
                                    .threads = arguments_threads(a),
                                    .control = arguments_control(a)};
    return action_data_add(w, arguments_operand_list(a), arguments_operands(a), &o, err);
}

static long long count_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void show_texts(const json_t *list, const char *before, FILE *out)
{
    size_t i;
    const json_t *text;
    json_array_foreach(list, i, text)
    {
        fputs(before, out);
        print_text(json_string_value(text), out);
        fputc('\n', out);
    }
}

static void show_guesses(const json_t *list, FILE *out)
{
    size_t i;
    const json_t *g;
    json_array_foreach(list, i, g)
    {
        char value[128], evidence[256], option[32];
        print_value(json_object_get(g, "value"), value, sizeof value);
        print_value(json_object_get(g, "evidence"), evidence, sizeof evidence);
        print_value(json_object_get(g, "option"), option, sizeof option);
        bool given = !json_string_value(json_object_get(g, "option"));
        fprintf(out, "  %-14s %-15s  %s%s%s%s\n", json_string_value(json_object_get(g, "what")), value, evidence,
                given ? "" : " (", given ? "" : option, given ? "" : ")");
    }
}

static void show_drops(const json_t *list, FILE *out)
{
    size_t i;
    const json_t *d;
    json_array_foreach(list, i, d)
    {
        fprintf(out, "  line %lld: ", count_of(d, "line"));
        print_text(json_string_value(json_object_get(d, "why")), out);
        fputc('\n', out);
    }
}

static void show_gaps(const json_t *series, FILE *out)
{
    size_t i;
    const json_t *gap, *list = json_object_get(series, "largest_gaps");
    if (count_of(series, "gaps") == 0)
        return;
    fprintf(out, "  %lld gap%s:", count_of(series, "gaps"), count_of(series, "gaps") == 1 ? "" : "s");
    json_array_foreach(list, i, gap)
        fprintf(out, "%s %s to %s", i ? "," : "", json_string_value(json_object_get(gap, "from")),
                json_string_value(json_object_get(gap, "to")));
    fprintf(out, "%s\n", (size_t)count_of(series, "gaps") > json_array_size(list) ? ", ..." : "");
}

static void show_series(const json_t *list, FILE *out)
{
    if (json_array_size(list) == 1) {
        const json_t *one = json_array_get(list, 0);
        fprintf(out, "  %-14s %-16g %s (--lag)\n", "lag, seconds",
                json_number_value(json_object_get(one, "lag_seconds")),
                json_string_value(json_object_get(one, "lag_reason")));
        show_gaps(one, out);
    } else {
        print_table(list, "name,asset,rows,first,last,step_seconds|step s,gaps,lag_seconds|lag s", out);
    }
}

static void show_add(const json_t *result, FILE *out)
{
    size_t i;
    const json_t *file;
    json_array_foreach(json_object_get(result, "files"), i, file)
    {
        print_text(json_string_value(json_object_get(file, "path")), out);
        fprintf(out, ": %lld row%s x %zu column%s, %s to %s\n", count_of(file, "rows"), text_s(count_of(file, "rows")),
                json_array_size(json_object_get(file, "columns")),
                text_s((int64_t)json_array_size(json_object_get(file, "columns"))), json_string_value(json_object_get(file, "first")),
                json_string_value(json_object_get(file, "last")));
        show_guesses(json_object_get(file, "guesses"), out);
        if (json_object_get(file, "series"))
            show_series(json_object_get(file, "series"), out);
        show_texts(json_object_get(file, "warnings"), "  warning: ", out);
        show_drops(json_object_get(file, "dropped_rows"), out);
    }
    if (json_is_true(json_object_get(result, "append"))) {
        print_table(json_object_get(result, "series"),
                    "name|joined,asset,rows,first,last,step_seconds|step s,gaps,duplicates,lag_seconds|lag s", out);
        if (json_array_size(json_object_get(result, "series")) == 1)
            show_gaps(json_array_get(json_object_get(result, "series"), 0), out);
        show_texts(json_object_get(result, "warnings"), "  warning: ", out);
    }
    if (json_is_true(json_object_get(result, "dry_run")))
        fputs("nothing was stored (--dry-run)\n", out);
}

const struct command command_data_add = {
    .name = "data add",
    .operands = "FILE...",
    .about = "import CSV files; what is not said is guessed, and shown with the evidence",
    .least = 1,
    .most = COMMAND_ARGS_MAX,
    .need = COMMAND_WRITES,
    .run = run_add,
    .show = show_add,
    .ends_itself = true,
    .option = {
        {"asset", "A", "the asset they belong to (default: the file's name)"},
        {"time", "COLUMN", "the time column, by name or #number; A+B for a date and a clock"},
        {"format", "F", "its times: a pattern such as 'DD.MM.YYYY hh:mm', s, ms, us, ns, excel, elapsed-s, sample:HZ"},
        {"date-order", "ORDER", "dmy, mdy or ymd, where the file does not tell"},
        {"tz", "ZONE", "what local times mean: Europe/Rome, +02:00, UTC"},
        {"stamp", "KIND", "what a time means: open, close or date"},
        {"lag", "SPAN", "publication lag: 1d, 12h, 30m, 0"},
        {"delimiter", "C", "one character, or tab, comma, semicolon, bar, space"},
        {"decimal", "C", "the decimal mark: . or ,"},
        {"thousands", "C", "the thousands mark: , . ' space or none"},
        {"encoding", "E", "utf-8, utf-16, windows-1252, ..."},
        {"skip", "N", "lines before the header"},
        {"header", "N", "lines of the header; 0: the columns have no names"},
        {"missing", "LIST", "more spellings of a missing value, comma-separated"},
        {"symbol", "COLUMN", "the column that names the asset of a row: one series each; none: there is none"},
        {"keep", "WHICH", "first or last (the default) of rows of one time that differ"},
        {"append", NULL, "the files are parts of one series, which may be there already"},
        {"dry-run", NULL, "show what would be read, store nothing"}}};

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

/* What the importer decided and dropped, as `data add` said it: of each file where several were joined. */
static void show_report(const json_t *report, FILE *out)
{
    size_t i;
    const json_t *file, *files = json_object_get(report, "files");
    if (!json_array_size(files)) {
        show_guesses(json_object_get(report, "guesses"), out);
        show_drops(json_object_get(report, "dropped_rows"), out);
    }
    json_array_foreach(files, i, file)
    {
        fputs("  ", out);
        print_text(json_string_value(json_object_get(file, "path")), out);
        fputc('\n', out);
        show_guesses(json_object_get(file, "guesses"), out);
        show_drops(json_object_get(file, "dropped_rows"), out);
    }
    fprintf(out, "  dropped %lld, duplicates %lld, conflicts %lld, missing %lld\n", count_of(report, "dropped"),
            count_of(report, "duplicates"), count_of(report, "conflicts"), count_of(report, "missing"));
    show_gaps(report, out);
    show_texts(json_object_get(report, "warnings"), "  warning: ", out);
}

static void show_one(const json_t *result, FILE *out)
{
    json_t *plain = json_copy((json_t *)result);
    json_object_del(plain, "report");
    print_fields(plain, out);
    json_decref(plain);
    fputs("\nreport\n", out);
    show_report(json_object_get(result, "report"), out);
}

const struct command command_data_show = {.name = "data show",
                                          .operands = "NAME",
                                          .about = "one series, its columns and report",
                                          .least = 1,
                                          .most = 1,
                                          .need = COMMAND_READS,
                                          .run = run_show,
                                          .show = show_one};

static json_t *run_remove(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_data_remove(w, arguments_operand(a, 0), err);
}

const struct command command_data_remove = {.name = "data remove",
                                            .operands = "NAME",
                                            .about = "forget a series that the task in force does not use",
                                            .least = 1,
                                            .most = 1,
                                            .need = COMMAND_WRITES,
                                            .run = run_remove};

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
