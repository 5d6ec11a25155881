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
    fprintf(out, "%-18s%lld of %lld, %.6f\n", "claimed", json_integer_value(json_object_get(claimed, "correct")),
            json_integer_value(json_object_get(claimed, "total")),
            json_number_value(json_object_get(claimed, "directional_accuracy")));
    json_object_foreach((json_t *)intervals, name, v)
    {
        print_value(v, text, sizeof text);
        fprintf(out, "  stated 95 %% of ");
        print_text(name, out);
        fprintf(out, ": %s\n", text);
    }
    if (json_array_size(json_object_get(r, "folds"))) {
        fputs("\nfolds\n", out);
        print_table(json_object_get(r, "folds"), "correct,total", out);
    }
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
    print_list(r, "traces", "opened traces, fold by fold", "interval,leaves", out);
    print_list(r, "attests", "re-run by validators", "who,self,revealed,matches,correct,total,trace_root,height", out);
    print_list(r, "decisions", "decisions", "who,self,approve,rerun,matches,height,reason", out);
    print_texts(r, "morphisms", "morphisms from the parent", out);
    print_texts(r, "evidence", "evidence (its first lines are the claim; the rest is the proposer's word)", out);
    print_problems(r, out);
}

const struct command command_chain_show = {.name = "chain show",
                                           .operands = "PROPOSAL",
                                           .about = "a proposal with all its evidence, and what it waits for",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_READS,
                                           .run = run_show,
                                           .show = show_proposal};
