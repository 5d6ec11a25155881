#include "cmd/sign.h"

#include "base/text.h"
#include "cmd/passphrase.h"

json_t *cmd_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err)
{
    struct action_signer s = {
        .key = arguments_option(a, "key"), .draft = true, .expect = arguments_option(a, "expect")};
    char expect[80] = "";
    if (arguments_flag(a, "draft"))
        return act(w, a, &s, err);
    if (!arguments_flag(a, "passphrase-fd")) { /* a person: show the very content first */
        json_t *draft = act(w, a, &s, err);
        if (!draft)
            return NULL;
        text_copy(expect, sizeof expect, json_string_value(json_object_get(draft, "expect")));
        bool ok = passphrase_confirm(a, json_string_value(json_object_get(draft, "show")),
                                     json_string_value(json_object_get(draft, "word")), err);
        json_decref(draft);
        if (!ok)
            return NULL;
        s.expect = s.expect ? s.expect : expect;
    }
    char *passphrase = passphrase_read(a, false, err);
    if (!passphrase)
        return NULL;
    s.draft = false;
    s.passphrase = passphrase;
    json_t *result = act(w, a, &s, err);
    passphrase_free(passphrase);
    return result;
}
