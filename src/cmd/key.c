#include "action/chain.h"
#include "base/memory.h"
#include "cmd/passphrase.h"
#include "cmd/print.h"
#include "cmd/table.h"

/* Identities lie outside of any workspace. */
static bool may_write(const struct arguments *a, struct error *err)
{
    return !arguments_flag(a, "read-only") || error_set(err, ERROR_USAGE, "--read-only: this would write");
}

/* In full: it is there to be compared and copied. */
static void show_key(const json_t *r, FILE *out)
{
    static const char *const field[] = {"name", "address", "public_key", "file"};
    for (size_t i = 0; i < ARRAY_N(field); i++) {
        const char *value = json_string_value(json_object_get(r, field[i]));
        if (!value)
            continue;
        fprintf(out, "%-22s ", field[i]);
        print_text(value, out);
        fputc('\n', out);
    }
    if (json_is_true(json_object_get(r, "public_only")))
        fprintf(out, "%-22s %s\n", "secret key", "not here: it can prepare, and others can be checked against it");
    const json_t *never = json_object_get(r, "never_voted");
    if (never)
        fprintf(out, "%-22s %s\n", "votes",
                json_is_true(never) ? "at once; if it has voted on another machine after all, that can cost stake and seat"
                                    : "wait on each chain for the next certificate: it may have voted on another machine "
                                      "(if surely not: key never-voted)");
    size_t i;
    const json_t *warning;
    json_array_foreach(json_object_get(r, "warnings"), i, warning)
        fprintf(out, "%-22s %s\n", "warning", json_string_value(warning));
}

static json_t *run_key_new(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *name = arguments_option(a, "name") ? arguments_option(a, "name") : "main";
    char *passphrase = may_write(a, err) ? passphrase_read_as(a, "New passphrase", true, name, err) : NULL;
    json_t *result = passphrase ? action_key_new(name, passphrase, err) : NULL;
    passphrase_free(passphrase);
    return result;
}

const struct command command_key_new = {.name = "key new",
                                        .operands = "",
                                        .about = "make an identity",
                                        .need = COMMAND_BARE,
                                        .run = run_key_new,
                                        .show = show_key,
                                        .ends_itself = true,
                                        .option = {{"name", "N", "its name (main)"}}};

static json_t *run_key_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    (void)a;
    return action_key_list(err);
}

static void show_list(const json_t *r, FILE *out)
{
    const json_t *list = json_object_get(r, "identities"), *one;
    size_t i, problems = 0;
    print_table(list, "name,address,public_only|public,default", out);
    json_array_foreach(list, i, one)
    {
        const char *problem = json_string_value(json_object_get(one, "problem"));
        if (!problem)
            continue;
        fputs(problems++ ? "" : "\n", out);
        print_text(problem, out);
        fputc('\n', out);
    }
}

const struct command command_key_list = {.name = "key list",
                                         .operands = "",
                                         .about = "the identities there are",
                                         .need = COMMAND_BARE,
                                         .run = run_key_list,
                                         .show = show_list};

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

static json_t *run_key_default(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *name = arguments_operand(a, 0);
    bool clear = arguments_flag(a, "clear");
    if (clear && name) {
        error_set(err, ERROR_USAGE, "--clear forgets the choice: no NAME goes with it");
        return NULL;
    }
    if ((clear || name) && !may_write(a, err))
        return NULL;
    if (clear)
        return action_key_default_clear(err) ? json_pack("{s:b}", "cleared", 1) : NULL;
    return action_key_default(name, err);
}

static void show_default(const json_t *r, FILE *out)
{
    if (json_is_true(json_object_get(r, "cleared")))
        fputs("the choice is forgotten\n", out);
    else
        show_key(r, out);
}

const struct command command_key_default = {
    .name = "key default",
    .operands = "[NAME]",
    .about = "which identity signs where none is named; with NAME, choose it",
    .most = 1,
    .need = COMMAND_BARE,
    .run = run_key_default,
    .show = show_default,
    .option = {{"clear", NULL, "forget the choice: the only one there is, or main, signs again"}}};

static json_t *run_key_export(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *file = arguments_option(a, "out");
    return !file || may_write(a, err) ? action_key_export(arguments_operand(a, 0), file, err) : NULL;
}

static void show_export(const json_t *r, FILE *out)
{
    if (json_object_get(r, "file"))
        show_key(r, out);
    else
        fputs(json_string_value(json_object_get(r, "text")), out);
}

const struct command command_key_export = {.name = "key export",
                                           .operands = "[NAME]",
                                           .about = "an identity's public part, for others; no secret is in it",
                                           .most = 1,
                                           .need = COMMAND_BARE,
                                           .run = run_key_export,
                                           .show = show_export,
                                           .option = {{"out", "FILE", "write it to a new file"}}};

static json_t *run_key_backup(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    bool named = arguments_operands(a) == 2;
    if (!may_write(a, err))
        return NULL;
    return action_key_backup(named ? arguments_operand(a, 0) : NULL, arguments_operand(a, named), err);
}

const struct command command_key_backup = {.name = "key backup",
                                           .operands = "[NAME] PATH",
                                           .about = "copy an identity, still encrypted, to a new file or into a folder",
                                           .least = 1,
                                           .most = 2,
                                           .need = COMMAND_BARE,
                                           .run = run_key_backup,
                                           .show = show_key};

static json_t *run_key_import(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *file = arguments_operand(a, 0), *name = arguments_option(a, "name");
    bool never_voted = arguments_flag(a, "never-voted");
    if (!may_write(a, err))
        return NULL;
    if (!action_key_import_needs_passphrase(file))
        return action_key_import(file, name, NULL, never_voted, err);
    char *passphrase = passphrase_read_as(a, "Passphrase of the backup", false, NULL, err);
    json_t *result = passphrase ? action_key_import(file, name, passphrase, never_voted, err) : NULL;
    passphrase_free(passphrase);
    return result;
}

const struct command command_key_import = {.name = "key import",
                                           .operands = "FILE",
                                           .about = "take in a backup, or the public part of another's identity",
                                           .least = 1,
                                           .most = 1,
                                           .need = COMMAND_BARE,
                                           .run = run_key_import,
                                           .show = show_key,
                                           .ends_itself = true,
                                           .option = {{"name", "N", "under another name than its own"},
                                                      {"never-voted", NULL,
                                                       "it has voted on no other machine: it need not wait"}}};

static json_t *run_key_never_voted(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return may_write(a, err) ? action_key_never_voted(arguments_operand(a, 0), err) : NULL;
}

const struct command command_key_never_voted = {
    .name = "key never-voted",
    .operands = "[NAME]",
    .about = "say that this key, taken in here, has voted on no other machine: it need not wait",
    .most = 1,
    .need = COMMAND_BARE,
    .run = run_key_never_voted,
    .show = show_key};

static json_t *run_key_passwd(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    const char *name = arguments_operand(a, 0);
    json_t *who = may_write(a, err) ? action_key_show(name, err) : NULL, *result = NULL;
    if (!who)
        return NULL;
    char *old = passphrase_read_as(a, "Passphrase until now", false, NULL, err), *passphrase = NULL;
    if (old)
        passphrase = passphrase_read_as(a, "New passphrase", true, json_string_value(json_object_get(who, "name")), err);
    if (old && !passphrase && arguments_flag(a, "passphrase-fd"))
        error_prefix(err, "the descriptor gives two lines here, the passphrase until now and the new one");
    if (passphrase)
        result = action_key_passwd(name, old, passphrase, err);
    passphrase_free(old);
    passphrase_free(passphrase);
    json_decref(who);
    return result;
}

const struct command command_key_passwd = {.name = "key passwd",
                                           .operands = "[NAME]",
                                           .about = "choose another passphrase for an identity",
                                           .most = 1,
                                           .need = COMMAND_BARE,
                                           .run = run_key_passwd,
                                           .show = show_key,
                                           .ends_itself = true};
