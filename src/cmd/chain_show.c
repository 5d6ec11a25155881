/* One proposal for people: what it claims on what evidence, who found what, whose turn it is. */
#include "action/chain.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_show(w, arguments_operand(a, 0), err);
}

static void print_one(const json_t *r, const char *name, const char *title, FILE *out)
{
    const json_t *v = json_object_get(r, name);
    char text[256];
    if (!v || json_is_null(v))
        return;
    fprintf(out, "%-18s", title);
    if (json_is_string(v)) { /* in full: hashes are there to be compared */
        print_text(json_string_value(v), out);
    } else {
        print_value(v, text, sizeof text);
        fputs(text, out);
    }
    fputc('\n', out);
}

static void print_claim(const json_t *r, FILE *out)
{
    const json_t *claimed = json_object_get(r, "claimed"), *intervals = json_object_get(r, "intervals"), *v;
    const char *name;
    char text[128];
    if (json_integer_value(json_object_get(claimed, "total")) > 0)
        fprintf(out, "%-18s%lld of %lld, %.6f\n", "claimed", json_integer_value(json_object_get(claimed, "correct")),
                json_integer_value(json_object_get(claimed, "total")),
                json_number_value(json_object_get(claimed, "directional_accuracy")));
    else
        fprintf(out, "%-18s-\n", "claimed"); /* announced: only its hash is there */
    json_object_foreach((json_t *)intervals, name, v)
    {
        print_value(v, text, sizeof text);
        fprintf(out, "  stated 95 %% of ");
        print_text(name, out);
        fprintf(out, ": %s\n", text);
    }
}

static void print_labelled(const char *label, const char *text, FILE *out)
{
    fprintf(out, "%-18s", label);
    print_text(text, out);
    fputc('\n', out);
}

/* What the claim is weighed against, before the long rest. */
static void print_weighed(const json_t *r, FILE *out)
{
    const json_t *beat = json_object_get(r, "to_beat"), *run = json_object_get(r, "own_rerun");
    const char *sentence = json_string_value(json_object_get(r, "sentence"));
    json_int_t over = json_integer_value(json_object_get(beat, "over_ppm"));
    if (beat)
        fprintf(out, "%-18s%.6f, %s: the claim is %.6f %s%s\n", "to beat",
                (double)json_integer_value(json_object_get(beat, "ppm")) / 1e6,
                json_is_true(json_object_get(beat, "baseline")) ? "the baseline" : "the best accepted",
                (double)(over < 0 ? -over : over) / 1e6, over < 0 ? "below it" : "above it",
                json_integer_value(json_object_get(beat, "counts_ppm")) > 0 ? "" : ", which pays nothing");
    if (sentence)
        print_labelled("the proposer says", sentence, out);
    if (run)
        fprintf(out, "%-18s%s, on %s\n", "re-run here",
                json_is_null(json_object_get(run, "matches"))   ? "done; the claim's bits are not opened yet"
                : json_is_true(json_object_get(run, "matches")) ? "the same bits"
                                                                : "OTHER BITS",
                json_string_value(json_object_get(run, "time")));
    else if (json_integer_value(json_object_get(json_object_get(r, "claimed"), "total")) > 0)
        fprintf(out, "%-18snot by this workspace; `chain approve` and `chain reject` do it with --rerun\n", "re-run here");
}

static void print_folds(const json_t *r, FILE *out)
{
    if (!json_array_size(json_object_get(r, "folds")))
        return;
    fputs("\nfolds\n", out);
    print_table(json_object_get(r, "folds"), "correct,total", out);
}

static void print_list(const json_t *r, const char *name, const char *title, const char *columns, FILE *out)
{
    if (!json_array_size(json_object_get(r, name)))
        return;
    fprintf(out, "\n%s\n", title);
    print_table(json_object_get(r, name), columns, out);
}

static void print_texts(const json_t *r, const char *name, const char *title, FILE *out)
{
    const char *text = json_string_value(json_object_get(r, name));
    if (!text)
        return;
    fprintf(out, "\n%s\n", title);
    print_lines(text, out);
}

static void print_problems(const json_t *r, FILE *out)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(r, "problems"), i, one)
    {
        fputs(i ? "  " : "\nPROBLEMS\n  ", out);
        print_text(json_string_value(one), out);
        fputc('\n', out);
    }
}

static void show_proposal(const json_t *r, FILE *out)
{
    static const char *const first[][2] = {{"proposal", "proposal"},
                                           {"state", "state"},
                                           {"stage", "stage"},
                                           {"pending", "signed"},
                                           {"proposer", "proposer"},
                                           {"stake", "stake"},
                                           {"verified", "verified"},
                                           {"improvement_ppm", "improvement, ppm"},
                                           {"reward", "reward"}};
    static const char *const hash[][2] = {{"task", "task"},           {"arch", "architecture"},
                                          {"parent", "parent"},       {"morphisms_hash", "morphisms"},
                                          {"evidence_hash", "evidence"}, {"hidden_root", "hidden root"},
                                          {"trace_root", "trace root"}, {"weights_hash", "weights"},
                                          {"leaves_hash", "leaves"},  {"shown", "shown"}};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        print_one(r, first[i][0], first[i][1], out);
    for (size_t i = 0; i < sizeof hash / sizeof *hash; i++)
        print_one(r, hash[i][0], hash[i][1], out);
    print_one(json_object_get(r, "baseline"), "stated_ppm", "baseline, ppm", out);
    print_claim(r, out);
    print_weighed(r, out);
    print_folds(r, out);
    print_list(r, "traces", "opened traces, fold by fold", "interval,leaves", out);
    print_list(r, "attests", "re-run by validators", "who,self,revealed,matches,correct,total,trace_root,height", out);
    print_list(r, "decisions", "decisions", "who,self,approve,rerun,matches,height,reason", out);
    print_texts(r, "morphisms", "morphisms from the parent", out);
    print_texts(r, "evidence", "evidence (its first lines are the claim; the rest is the proposer's word)", out);
    print_problems(r, out);
}

static void show_task(const json_t *r, FILE *out)
{
    static const char *const row[][2] = {{"task", "task"},           {"owner", "owner"},
                                         {"dataset", "data set"},    {"numeric", "numeric version"},
                                         {"folds", "folds"},         {"pool", "pool"},
                                         {"pool_left", "pool left"}, {"approvals", "approvals"},
                                         {"best", "best accepted"}};
    size_t i;
    const json_t *h;
    for (i = 0; i < sizeof row / sizeof *row; i++)
        print_one(r, row[i][0], row[i][1], out);
    print_one(json_object_get(r, "baseline"), "stated_ppm", "baseline, ppm", out);
    print_texts(r, "text", "what is predicted, from what", out);
    print_texts(r, "recipe", "how it is trained", out);
    print_list(r, "holdouts", "hold-outs that were opened", "who,arch,correct,total,height", out);
    json_array_foreach(json_object_get(r, "holdouts"), i, h)
    {
        print_texts(h, "evidence", "evidence (its first lines are what was signed; the rest is the signer's word)", out);
        print_problems(h, out);
    }
    print_problems(r, out);
}

static void show_either(const json_t *r, FILE *out)
{
    if (json_object_get(r, "proposal"))
        show_proposal(r, out);
    else
        show_task(r, out);
}

const struct command command_chain_show = {.name = "chain show",
                                           .operands = "PROPOSAL|TASK",
                                           .about = "a proposal with all its evidence, and what it waits for; a task, and what was told of "
                                                    "its hold-out",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_READS,
                                           .run = run_show,
                                           .show = show_either};
