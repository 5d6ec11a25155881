#include "cmd/sign.h"

#include "base/text.h"
#include "cmd/passphrase.h"

/* Shows the very content and asks for the word; what was shown goes to `expect`. */
static bool confirm(struct workspace *w, const struct arguments *a, cmd_signed_action *act,
                    const struct action_signer *draft, char *expect, size_t size, struct error *err)
{
    json_t *shown = act(w, a, draft, err);
    if (!shown)
        return false;
    text_copy(expect, size, json_string_value(json_object_get(shown, "expect")));
    bool ok = passphrase_confirm(a, json_string_value(json_object_get(shown, "show")),
                                 json_string_value(json_object_get(shown, "word")), err);
    json_decref(shown);
    return ok;
}

static json_t *draft_only(struct workspace *w, const struct arguments *a, cmd_signed_action *act,
                          struct action_signer *s, struct error *err)
{
    char *passphrase = NULL;
    if (arguments_flag(a, "passphrase-fd") && !(passphrase = passphrase_read(a, false, err)))
        return NULL;
    s->passphrase = passphrase;
    json_t *result = act(w, a, s, err);
    passphrase_free(passphrase);
    if (!arguments_flag(a, "json") && !arguments_flag(a, "job")) /* all of it is shown already, for people */
        json_object_del(result, "bytes");
    return result;
}

/* `chain prepare` in front: needs no secret. */
static json_t *prepare(struct workspace *w, const struct arguments *a, cmd_signed_action *act,
                       struct action_signer *s, struct error *err)
{
    const char *file = arguments_option(a, "out");
    if (!file) {
        error_set(err, ERROR_USAGE, "--out FILE is needed: where the prepared file is written");
        return NULL;
    }
    s->prepares = true;
    json_t *draft = act(w, a, s, err), *result = draft ? action_chain_prepare(draft, file, err) : NULL;
    json_decref(draft);
    return result;
}

static json_t *sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, bool unlocked,
                    struct error *err)
{
    struct action_signer s = {
        .key = arguments_option(a, "key"), .draft = true, .expect = arguments_option(a, "expect")};
    char expect[80] = "";
    if (arguments_prepares(a))
        return prepare(w, a, act, &s, err);
    if (arguments_flag(a, "draft"))
        return draft_only(w, a, act, &s, err);
    char *passphrase = NULL;
    if (unlocked && !(passphrase = passphrase_read(a, false, err)))
        return NULL;
    s.passphrase = passphrase;
    bool ok = true;
    if (!arguments_flag(a, "passphrase-fd")) { /* a person */
        ok = confirm(w, a, act, &s, expect, sizeof expect, err);
        s.expect = s.expect ? s.expect : expect;
    }
    if (ok && !passphrase)
        ok = (passphrase = passphrase_read(a, false, err)) != NULL;
    s.draft = false;
    s.passphrase = passphrase;
    json_t *result = ok ? act(w, a, &s, err) : NULL;
    passphrase_free(passphrase);
    return result;
}

json_t *cmd_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err)
{
    return sign(w, a, act, false, err);
}

json_t *cmd_sign_unlocked(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err)
{
    return sign(w, a, act, true, err);
}
