/* Validators of a chain for many: joining, leaving, convicting. */
#include "action/chain_follow.h"
#include "base/text.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/sign.h"
#include "cmd/table.h"

/* The consent is part of what is shown: both keys must be open before. */
static json_t *do_register(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                           struct error *err)
{
    static char *voting; /* asked for once, for the draft and for signing */
    const char *name = arguments_option(a, "voting");
    bool other = name && !(s->key && text_equal(name, s->key));
    if (other && s->passphrase && !voting &&
        !(voting = passphrase_read_as(a, "Passphrase of the voting key", false, name, err)))
        return NULL;
    json_t *result = action_chain_register(w, s, other ? name : NULL, voting, err);
    if (!s->draft || !result) {
        passphrase_free(voting);
        voting = NULL;
    }
    return result;
}

static json_t *run_register(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign_unlocked(w, a, do_register, err);
}

const struct command command_chain_register = {
    .name = "chain register",
    .unlocks = true,
    .operands = "",
    .about = "become a validator, with what this identity has staked",
    .need = COMMAND_WRITES,
    .run = run_register,
    .ends_itself = true,
    .option = {{"voting", "NAME", "the identity whose key votes (the same); its passphrase is the second line"},
               CMD_SIGN_OPTIONS}};

static json_t *do_retire(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                         struct error *err)
{
    (void)a;
    return action_chain_retire(w, s, err);
}

static json_t *run_retire(struct workspace *w, const struct arguments *a, struct error *err)
{
    return cmd_sign(w, a, do_retire, err);
}

const struct command command_chain_retire = {.name = "chain retire",
                                             .operands = "",
                                             .about = "be a validator no more; the stake stays, and can be unstaked",
                                             .need = COMMAND_WRITES,
                                             .run = run_retire,
                                             .ends_itself = true,
                                             .option = {CMD_SIGN_OPTIONS}};

static json_t *do_evidence(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                           struct error *err)
{
    (void)a;
    return action_chain_evidence(w, s, err);
}

static json_t *run_evidence(struct workspace *w, const struct arguments *a, struct error *err)
{
    bool sends = arguments_flag(a, "send") || arguments_flag(a, "draft") || arguments_prepares(a);
    return sends ? cmd_sign(w, a, do_evidence, err) : action_chain_evidence_list(w, err);
}

static void show_evidence(const json_t *r, FILE *out)
{
    const json_t *list = json_object_get(r, "evidence");
    if (!list)
        print_fields(r, out);
    else if (json_array_size(list))
        print_table(list, "id,culprit,height,round,step", out);
    else
        fputs("nobody was seen to sign twice\n", out);
}

const struct command command_chain_evidence = {
    .name = "chain evidence",
    .operands = "",
    .about = "the double signatures that were met; with --send, have the next one punished",
    .need = COMMAND_WRITES,
    .run = run_evidence,
    .show = show_evidence,
    .ends_itself = true,
    .option = {{"send", NULL, "send the oldest that is not punished yet"}, CMD_SIGN_OPTIONS}};
