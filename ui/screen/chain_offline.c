/* Keys on another machine: what would be signed is written to a file, a prepared file is signed, a signed one submitted. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

static const char *const choices[] = {"submit a signed file to this chain", "sign a prepared file with a key that is here",
                                      "from now on sign nothing: write files for a key elsewhere",
                                      "sign here again, from now on"};

static void submit_given(void *self, struct app *app, const char *text)
{
    const char *const arguments[] = {"chain", "submit", text, NULL};
    if (text[0] != '\0')
        chain_watch_begin(self, app_job(app, arguments, NULL), "submitting");
}

/* The file says whose signature it wants. */
static void sign_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    const char *const arguments[] = {"chain", "sign", text, NULL};
    char signer[sizeof s->signer];
    if (text[0] == '\0')
        return;
    text_copy(signer, sizeof signer, s->signer);
    s->signer[0] = '\0';
    chain_sign(s, app, arguments, false);
    text_copy(s->signer, sizeof s->signer, signer);
}

static void chosen(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    if (text_equal(text, choices[0]))
        app_ask(app, "The signed file", "", false, submit_given, s);
    else if (text_equal(text, choices[1]))
        app_ask(app, "The prepared file", "", false, sign_given, s);
    else
        s->prepares = text_equal(text, choices[2]);
    if (s->prepares)
        app_message(app, STYLE_WARN, "nothing is signed here now: what would be is written to files; O ends that");
}

void chain_offline(void *self, struct app *app)
{
    struct chain_screen *s = self;
    app_ask_choice(app, "Keys on another machine", choices, s->prepares ? 4 : 3, s->prepares ? 3 : 0, chosen, s);
}

/* --- a draft becomes a file ------------------------------------------------------------------------------------------ */

bool chain_prepares(const struct chain_screen *s)
{
    size_t i;
    const json_t *one;
    if (s->prepares)
        return true;
    const char *me = chain_me(s, "name");
    json_array_foreach(json_object_get(s->read.identities, "identities"), i, one)
        if (text_equal(aid_text(one, "name"), me) && json_is_true(json_object_get(one, "public_only")))
            return true;
    return false;
}

static void file_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    const char *all[CHAIN_ARGUMENTS + 4] = {"chain", "prepare"};
    int n = 2;
    if (text[0] == '\0')
        return;
    for (int i = 1; i < s->signing.n; i++)
        all[n++] = s->signing.argument[i];
    all[n++] = "--out";
    all[n++] = text;
    all[n] = NULL;
    chain_watch_begin(s, app_job(app, all, NULL), "preparing");
    chain_sign_clear(s);
    chain_form_close(&s->form);
}

void chain_prepare(struct chain_screen *s, struct app *app, const char *shown)
{
    char preset[80];
    snprintf(preset, sizeof preset, "%.40s.prepared", s->signing.n > 1 ? s->signing.argument[1] : "transaction");
    app_show_text(app, "This would be signed: it goes into a file, for the machine with the key", shown);
    app_ask(app, "Write it to the new file", preset, false, file_given, s);
}
