#include "action/chain.h"
#include "base/memory.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_key_new(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *name = arguments_option(a, "name");
    char *passphrase = passphrase_read(a, true, err);
    json_t *result = passphrase ? action_key_new(name ? name : "main", passphrase, err) : NULL;
    passphrase_free(passphrase);
    return result;
}

const struct command command_key_new = {.name = "key new",
                                        .operands = "",
                                        .about = "make an identity",
                                        .need = COMMAND_BARE,
                                        .run = run_key_new,
                                        .ends_itself = true,
                                        .option = {{"name", "N", "its name (main)"}}};

static json_t *run_key_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    (void)a;
    return action_key_list(err);
}

const struct command command_key_list = {
    .name = "key list", .operands = "", .about = "the identities there are", .need = COMMAND_BARE, .run = run_key_list};

/* In full: it is there to be compared and copied. */
static void show_key(const json_t *r, FILE *out)
{
    static const char *const field[] = {"name", "address", "public_key"};
    for (size_t i = 0; i < ARRAY_N(field); i++) {
        fprintf(out, "%-22s ", field[i]);
        print_text(json_string_value(json_object_get(r, field[i])), out);
        fputc('\n', out);
    }
}

static json_t *run_key_show(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return action_key_show(arguments_operand(a, 0), err);
}

const struct command command_key_show = {.name = "key show",
                                         .operands = "[NAME]",
                                         .about = "an identity's address and public key",
                                         .most = 1,
                                         .need = COMMAND_BARE,
                                         .run = run_key_show,
                                         .show = show_key};
