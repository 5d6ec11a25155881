/* Keys that live on a machine without the chain. `chain prepare` stands in front of a command that signs: the command's
 * own run then writes what it would sign (cmd/sign.c). */
#include "cmd/passphrase.h"
#include "cmd/sign.h"
#include "cmd/table.h"

const struct command command_chain_prepare = {
    .name = "chain prepare",
    .operands = "COMMAND ... --out FILE",
    .about = "write what a chain command would sign, for a key on another machine",
    .most = COMMAND_ARGS_MAX,
    .need = COMMAND_BARE,
    .prefix = true,
    .option = {{"out", "FILE", "the new file"}}};

static json_t *do_sign(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                       struct error *err)
{
    (void)w;
    return action_chain_sign(s, arguments_operand(a, 0), arguments_option(a, "out"), err);
}

static json_t *run_sign(struct workspace *w, const struct arguments *a, struct error *err)
{
    if (arguments_flag(a, "read-only") && !arguments_flag(a, "draft")) {
        error_set(err, ERROR_USAGE, "--read-only: this would write");
        return NULL;
    }
    return cmd_sign(w, a, do_sign, err);
}

const struct command command_chain_sign = {.name = "chain sign",
                                           .operands = "FILE",
                                           .about = "sign a prepared file, on a machine that need not have the chain",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_BARE,
                                           .run = run_sign,
                                           .ends_itself = true,
                                           .option = {{"out", "FILE", "the signed one (FILE.signed)"},
                                                      {"key", "NAME", "the identity that signs (the one it names)"},
                                                      {"draft", NULL, "sign nothing: show what would be signed"},
                                                      {"expect", "HASH", "sign only if exactly this was shown"}}};

static json_t *run_submit(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_submit(w, arguments_operand(a, 0), err);
}

const struct command command_chain_submit = {.name = "chain submit",
                                             .operands = "FILE",
                                             .about = "check a signed file and let it wait for a block",
                                             .least = 1,
                                             .most = 1,
                                             .need = COMMAND_WRITES,
                                             .run = run_submit};
