/* Signing from the screen: the draft shows the very bytes, the word confirms them, the passphrase unlocks the key, and
 * the command signs only if its bytes still have the hash that was shown. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/chain_internal.h"

#include <sodium.h>

void chain_sign_clear(struct chain_screen *s)
{
    for (int i = 0; i < s->signing.n; i++)
        free(s->signing.argument[i]);
    s->signing = (struct chain_signing){0};
}

static void run(struct chain_screen *s, struct app *app, const char *const *more, const char *secret, struct job **job)
{
    const char *all[CHAIN_ARGUMENTS + 8];
    int n = 0;
    for (int i = 0; i < s->signing.n; i++)
        all[n++] = s->signing.argument[i];
    while (*more)
        all[n++] = *more++;
    all[n] = NULL;
    struct job *started = app_job(app, all, secret);
    if (job)
        *job = started;
}

static void passphrase_given(void *self, struct app *app, const char *passphrase)
{
    struct chain_screen *s = self;
    const char *const drafted[] = {"--expect", s->signing.expect, "--passphrase-fd", "3", NULL};
    const char *const plain[] = {"--passphrase-fd", "3", NULL};
    run(s, app, s->signing.no_draft ? plain : drafted, passphrase, NULL);
    chain_sign_clear(s);
}

static void word_given(void *self, struct app *app, const char *text)
{
    (void)text;
    app_ask(app, "Passphrase of the identity that signs", "", true, passphrase_given, self);
}

void chain_sign(struct chain_screen *s, struct app *app, const char *const *arguments, bool no_draft)
{
    static const char *const draft[] = {"--draft", NULL};
    chain_sign_clear(s);
    for (; arguments[s->signing.n] && s->signing.n < CHAIN_ARGUMENTS; s->signing.n++)
        s->signing.argument[s->signing.n] = memory_text(arguments[s->signing.n]);
    s->signing.no_draft = no_draft;
    if (no_draft)
        word_given(s, app, "");
    else
        run(s, app, draft, NULL, &s->signing.draft);
}

void chain_sign_event(struct chain_screen *s, struct app *app, struct job *job, json_t *event)
{
    if (!s->signing.draft || job != s->signing.draft)
        return;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (kind && text_equal(kind, "ended")) {
        s->signing.draft = NULL;
        if (app_asked_word(app))
            app_message(app, STYLE_DIM, "nothing is signed yet");
        return;
    }
    if (!json_is_true(json_object_get(event, "draft")))
        return;
    const char *expect = json_string_value(json_object_get(event, "expect"));
    const char *shown = json_string_value(json_object_get(event, "show"));
    const char *word = json_string_value(json_object_get(event, "word"));
    if (expect && shown && word) {
        text_copy(s->signing.expect, sizeof s->signing.expect, expect);
        app_ask_word(app, "This will be signed, exactly", shown, word, word_given, s);
    }
}
