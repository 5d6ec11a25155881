/* The whole chain as text, or a JSON value a block, without holding it in memory. */
#include "action/chain.h"
#include "cmd/print.h"
#include "cmd/table.h"

struct dump {
    bool json;
};

/* Of a chain for many: the round, and who signed. */
static void put_votes(const json_t *frame, FILE *out)
{
    const json_t *by = json_object_get(frame, "signed_by"), *one;
    size_t i;
    fprintf(out, "round             %lld, proposed by %s\n", json_integer_value(json_object_get(frame, "round")),
            json_string_value(json_object_get(frame, "proposed_by")));
    if (by && !json_equal(json_object_get(frame, "round"), json_object_get(frame, "final_round")))
        fprintf(out, "final in round    %lld\n", json_integer_value(json_object_get(frame, "final_round")));
    json_array_foreach(by, i, one)
        fprintf(out, "%-16s  %s\n", i ? "" : "signed by", json_string_value(one));
}

static void put_text(const json_t *frame, FILE *out)
{
    const json_t *tx;
    size_t i;
    fprintf(out, "block %lld  %s  %s%s\n", json_integer_value(json_object_get(frame, "height")),
            json_string_value(json_object_get(frame, "time")), json_string_value(json_object_get(frame, "hash")),
            json_is_false(json_object_get(frame, "final")) ? "  (not final yet)" : "");
    if (json_object_get(frame, "genesis"))
        print_lines(json_string_value(json_object_get(frame, "genesis")), out);
    if (json_object_get(frame, "round"))
        put_votes(frame, out);
    json_array_foreach(json_object_get(frame, "transactions"), i, tx)
    {
        fprintf(out, "\n%s %s\nsender            %s\nnonce             %lld\nfee               %lld\n",
                json_string_value(json_object_get(tx, "kind")), json_string_value(json_object_get(tx, "tx")),
                json_string_value(json_object_get(tx, "sender")), json_integer_value(json_object_get(tx, "nonce")),
                json_integer_value(json_object_get(tx, "fee")));
        print_shown(json_string_value(json_object_get(tx, "show")), out);
    }
    fputc('\n', out);
}

static bool put(void *context, json_t *frame)
{
    const struct dump *d = context;
    if (d->json) {
        json_dumpf(frame, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fputc('\n', stdout);
    } else {
        put_text(frame, stdout);
    }
    return !ferror(stdout) && !arguments_interrupted();
}

static int own_dump(struct workspace *w, const struct arguments *a, struct error *err)
{
    struct dump d = {arguments_flag(a, "json")};
    int64_t from = 0, to = INT64_MAX;
    if (!arguments_int(a, "from", 0, INT64_MAX, &from, err) || !arguments_int(a, "to", 0, INT64_MAX, &to, err) ||
        !action_chain_dump(w, (uint64_t)from, (uint64_t)to, put, &d, err))
        return 1;
    if (arguments_interrupted())
        return !error_set(err, ERROR_INTERRUPTED, "interrupted");
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : !error_set_errno(err, ERROR_IO, "cannot write to standard output");
}

const struct command command_chain_dump = {
    .name = "chain dump",
    .operands = "",
    .about = "genesis and every block with all that its transactions say; --json: a value a block, with their bytes",
    .need = COMMAND_READS,
    .own = own_dump,
    .option = {{"from", "HEIGHT", "the first block (0)"}, {"to", "HEIGHT", "the last block (the newest)"}}};
