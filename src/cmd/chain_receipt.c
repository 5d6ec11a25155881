/* Receipts: a decision's proof that stands alone. */
#include "action/chain.h"
#include "cmd/print.h"
#include "cmd/table.h"

static void show_certificate(const json_t *c, FILE *out)
{
    const json_t *v;
    size_t i;
    fprintf(out, "  final by     %lld of %lld validators, power %lld of %lld, in round %lld\n",
            json_integer_value(json_object_get(c, "signed")), json_integer_value(json_object_get(c, "seats")),
            json_integer_value(json_object_get(c, "signed_power")), json_integer_value(json_object_get(c, "power")),
            json_integer_value(json_object_get(c, "round")));
    json_array_foreach(json_object_get(c, "validators"), i, v)
        fprintf(out, "  %-11s  %s, power %lld\n", json_is_true(json_object_get(v, "signed")) ? "signed" : "not signed",
                json_string_value(json_object_get(v, "voting_key")), json_integer_value(json_object_get(v, "power")));
}

static void show_item(const json_t *r, const char *title, FILE *out)
{
    fprintf(out, "%s\n", title);
    fprintf(out, "  transaction  %s\n", json_string_value(json_object_get(r, "tx")));
    fprintf(out, "  kind         %s\n", json_string_value(json_object_get(r, "kind")));
    fprintf(out, "  signed by    %s\n", json_string_value(json_object_get(r, "sender")));
    fprintf(out, "  sealed in    block %lld, %s\n", json_integer_value(json_object_get(r, "height")),
            json_string_value(json_object_get(r, "time")));
    fprintf(out, "  block        %s\n", json_string_value(json_object_get(r, "block")));
    if (json_object_get(r, "certificate"))
        show_certificate(json_object_get(r, "certificate"), out);
    print_shown(json_string_value(json_object_get(r, "show")), out);
}

static void show_receipt(const json_t *r, FILE *out)
{
    size_t i;
    const json_t *item;
    fputs("the receipt is good: ", out);
    print_text(json_string_value(json_object_get(r, "chain")), out);
    fprintf(out, ", chain %s\n", json_string_value(json_object_get(r, "chain_id")));
    fprintf(out, "head when it was made  %s\n", json_string_value(json_object_get(r, "head")));
    if (json_is_true(json_object_get(r, "self")))
        fputs("self                   whoever decided had made the claim\n", out);
    fputc('\n', out);
    show_item(r, "decided", out);
    json_array_foreach(json_object_get(r, "about"), i, item)
    {
        fputc('\n', out);
        show_item(item, "about", out);
    }
}

static json_t *run_receipt(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_receipt(w, arguments_operand(a, 0), arguments_operand(a, 1), err);
}

const struct command command_chain_receipt = {.name = "chain receipt",
                                              .operands = "TX FILE",
                                              .about = "write a transaction's proof that stands alone",
                                              .least = 2,
                                              .most = 2,
                                              .need = COMMAND_READS,
                                              .run = run_receipt,
                                              .show = show_receipt};

static json_t *run_check(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return action_chain_check_receipt(arguments_operand(a, 0), arguments_option(a, "head"), err);
}

const struct command command_chain_check_receipt = {
    .name = "chain check-receipt",
    .operands = "FILE",
    .about = "check such a proof, without the chain",
    .least = 1,
    .most = 1,
    .need = COMMAND_BARE,
    .run = run_check,
    .show = show_receipt,
    .option = {{"head", "HEIGHT:ID", "a block of the chain that is known: the receipt must agree"}}};
