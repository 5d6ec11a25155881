#include "action/predict.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/file_options.h"
#include "cmd/print.h"
#include "cmd/table.h"

#include <string.h>

#define HELD_MOST ((size_t)1 << 16) /* bytes of whole lines that are written at once */

struct printer {
    const struct arguments *a;
    bool json, file, begun; /* file: they are kept for --out */
    struct text held;
};

static bool write_held(struct printer *p)
{
    FILE *out = arguments_out(p->a);
    bool ok = p->held.n == 0 || fwrite(p->held.data, 1, p->held.n, out) == p->held.n;
    ok = ok && fflush(out) == 0;
    p->held.n = 0;
    return ok;
}

static bool print_bar(void *context, const struct predict_head *head, const struct predict_bar *bar)
{
    struct printer *p = context;
    if (p->json && !p->file) {
        const struct control *control = arguments_control(p->a);
        control_event(control, predict_bar_json(head, bar));
        return !control_cancelled(control);
    }
    if (!p->begun)
        predict_csv_head(&p->held, head);
    p->begun = true;
    predict_csv_bar(&p->held, head, bar);
    return p->file || p->held.n < HELD_MOST || write_held(p);
}

static bool flush_bars(void *context)
{
    struct printer *p = context;
    return p->json || write_held(p);
}

struct action_data_options cmd_file_options(const struct arguments *a)
{
    return (struct action_data_options){.time_column = arguments_option(a, "time"),
                                        .format = arguments_option(a, "format"),
                                        .date_order = arguments_option(a, "date-order"),
                                        .tz = arguments_option(a, "tz"),
                                        .delimiter = arguments_option(a, "delimiter"),
                                        .decimal = arguments_option(a, "decimal"),
                                        .thousands = arguments_option(a, "thousands"),
                                        .encoding = arguments_option(a, "encoding"),
                                        .header = arguments_option(a, "header"),
                                        .skip = arguments_option(a, "skip"),
                                        .missing = arguments_option(a, "missing"),
                                        .symbol = arguments_option(a, "symbol")};
}

static bool options_of(struct action_predict_options *o, const struct arguments *a, struct error *err)
{
    const char *follow = arguments_option(a, "follow"), *file = arguments_operand(a, 1);
    bool stream = follow || (file && text_equal(file, "-"));
    int64_t batch = 0;
    *o = (struct action_predict_options){.file = follow ? follow : file,
                                         .follow = follow != NULL,
                                         .asset = arguments_option(a, "asset"),
                                         .open_sealed = arguments_flag(a, "open-sealed"),
                                         .skip_bad = arguments_flag(a, "skip-bad"),
                                         .data = cmd_file_options(a),
                                         .threads = arguments_threads(a),
                                         .control = arguments_control(a)};
    if (!arguments_int(a, "last", 1, INT64_MAX, &o->last, err) || !arguments_int(a, "batch", 1, 4096, &batch, err))
        return false;
    o->batch = (int)batch;
    if (follow && file)
        return error_set(err, ERROR_USAGE, "--follow %s takes the place of a file: leave out %s", follow, file);
    if (stream && o->last)
        return error_set(err, ERROR_USAGE, "--last: a stream has no last bar until it ends; use it with a file");
    if (stream && arguments_option(a, "out"))
        return error_set(err, ERROR_USAGE, "--out: a stream is written as it comes; redirect standard output");
    if (!stream && o->skip_bad)
        return error_set(err, ERROR_USAGE, "--skip-bad is for a stream; what a file drops is in the summary");
    return true;
}

static json_t *run_predict(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct action_predict_options o;
    const char *path = arguments_option(a, "out");
    struct printer p = {.a = a, .json = arguments_flag(a, "json") || arguments_flag(a, "job"), .file = path != NULL};
    if (!options_of(&o, a, err))
        return NULL;
    o.bar = print_bar;
    o.flush = flush_bars;
    o.context = &p;
    json_t *result = action_predict(w, arguments_operand(a, 0), &o, err);
    bool ok = result != NULL;
    if (path)
        ok = ok && file_write(path, text_of(&p.held), p.held.n, 0666, err);
    else if (!p.json && !write_held(&p) && ok)
        ok = error_set_errno(err, ERROR_IO, "cannot write to standard output");
    text_free(&p.held);
    if (ok && path)
        json_object_set_new(result, "out", json_string(path));
    if (ok)
        return result;
    json_decref(result);
    return NULL;
}

/* --- the summary
 * ------------------------------------------------------------------------------------------------------ */

static long long count_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void show_score(const json_t *s)
{
    char right[96], value[96], loss[32];
    const char *name = json_string_value(json_object_get(s, "score_name"));
    bool accuracy = strcmp(name, "directional accuracy") == 0;
    print_value(json_object_get(s, "directional_accuracy"), right, sizeof right);
    print_value(json_object_get(s, "score"), value, sizeof value);
    print_value(json_object_get(s, "log_loss"), loss, sizeof loss);
    fprintf(stderr, "  %-10s %lld of %lld right: %s", json_string_value(json_object_get(s, "state")),
            count_of(s, "correct"), count_of(s, "total"), right);
    if (!accuracy)
        fprintf(stderr, ", %s %s", name, value);
    if (json_is_number(json_object_get(s, "log_loss")))
        fprintf(stderr, ", log loss %s", loss);
    fputs(json_is_true(json_object_get(s, "newest_only")) ? " (of the newest)\n" : "\n", stderr);
}

static void show_lacking(const json_t *asset)
{
    const json_t *lack = json_object_get(asset, "without_prediction");
    static const struct {
        const char *key, *text;
    } why[] = {{"too_few_before", "too few bars before them to fill a window"},
               {"behind_a_gap", "too few bars since a gap"},
               {"input_missing", "an input is missing in their window"}};
    for (size_t i = 0; i < sizeof why / sizeof *why; i++)
        if (count_of(lack, why[i].key) > 0)
            fprintf(stderr, "  %lld bar%s without a prediction: %s\n", count_of(lack, why[i].key),
                    text_s(count_of(lack, why[i].key)), why[i].text);
    if (count_of(asset, "sealed") > 0)
        fprintf(stderr, "  %lld sealed bar%s left out: --open-sealed shows and scores what is sealed, for good\n",
                count_of(asset, "sealed"), text_s(count_of(asset, "sealed")));
}

/* On standard error: standard output holds the predictions alone. */
static void show_predict(const json_t *r, FILE *out)
{
    size_t i, k;
    const json_t *asset, *item;
    (void)out;
    json_array_foreach(json_object_get(r, "assets"), i, asset)
    {
        fprintf(stderr, "%s: %lld prediction%s", json_string_value(json_object_get(asset, "asset")),
                count_of(asset, "predictions"), text_s(count_of(asset, "predictions")));
        if (count_of(asset, "predictions") > 0)
            fprintf(stderr, ", %s to %s", json_string_value(json_object_get(asset, "first")),
                    json_string_value(json_object_get(asset, "last")));
        fputc('\n', stderr);
        show_lacking(asset);
        json_array_foreach(json_object_get(asset, "scores"), k, item) show_score(item);
    }
    if (count_of(r, "bad_rows") > 0) {
        fprintf(stderr, "%lld row%s left out; the first: ", count_of(r, "bad_rows"), text_s(count_of(r, "bad_rows")));
        print_text(json_string_value(json_object_get(r, "first_bad")), stderr);
        fputc('\n', stderr);
    }
    json_array_foreach(json_object_get(r, "notes"), i, item)
    {
        fputs("note: ", stderr);
        print_text(json_string_value(item), stderr);
        fputc('\n', stderr);
    }
}

const struct command command_predict = {
    .name = "predict",
    .operands = "MODEL [FILE]",
    .about = "what a model says of the bars of the workspace, of a file of new ones, or of a stream (-)",
    .least = 1,
    .most = 2,
    .need = COMMAND_READS,
    .run = run_predict,
    .show = show_predict,
    .streams = true,
    .ends_itself = true,
    .option = {{"asset", "A", "whose bars they are, where the task has several assets"},
               {"last", "N", "the newest N bars only"},
               {"out", "FILE", "write the predictions to a file, all of them or none"},
               {"follow", "FILE", "read a file as it grows, until Ctrl-C"},
               {"skip-bad", NULL, "leave out rows of a stream that cannot be read, and count them"},
               {"open-sealed", NULL, "show and score sealed bars, for good: every later score will say so"},
               {"batch", "N", "windows computed at once (64); the values do not depend on it"},
               CMD_FILE_OPTIONS}};
