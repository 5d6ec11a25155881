/* Signing from the screen: the draft shows the very bytes, the word confirms them, the passphrase unlocks the key, and
 * the command signs only if its bytes still have the hash that was shown. */
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

void chain_sign_clear(struct chain_screen *s)
{
    for (int i = 0; i < s->signing.n; i++)
        free(s->signing.argument[i]);
    secret_free(s->signing.voting);
    s->signing = (struct chain_signing){.n = 0};
}

static const char *identity_of(const struct chain_screen *s)
{
    return s->signing.identity[0] != '\0' ? s->signing.identity : chain_me(s, "name");
}

/* The voting key that a registration is signed with besides, where it is another identity's; NULL: none. */
static const char *voting_of(const struct chain_screen *s)
{
    const struct chain_signing *g = &s->signing;
    for (int i = 2; i + 1 < g->n; i++)
        if (text_equal(g->argument[1], "register") && text_equal(g->argument[i], "--voting"))
            return text_equal(g->argument[i + 1], identity_of(s)) ? NULL : g->argument[i + 1];
    return NULL;
}

/* A line each. */
static struct job *run_with_both(struct app *app, const char *const *all, const char *first, const char *second)
{
    struct error err = {0};
    struct job *job = NULL;
    size_t n = strlen(first) + strlen(second) + 2;
    char *both = secret_new(n, &err);
    if (both != NULL) {
        snprintf(both, n, "%s\n%s", first, second);
        job = app_job(app, all, both);
    } else {
        app_error(app, &err);
    }
    secret_free(both);
    return job;
}

static struct job *run(struct chain_screen *s, struct app *app, const char *const *more, const char *secret)
{
    const char *all[CHAIN_ARGUMENTS + 8];
    int n = 0;
    for (int i = 0; i < s->signing.n; i++)
        all[n++] = s->signing.argument[i];
    while (*more != NULL)
        all[n++] = *more++;
    all[n] = NULL;
    return secret != NULL && s->signing.voting != NULL ? run_with_both(app, all, secret, s->signing.voting) : app_job(app, all, secret);
}

static void passphrase_given(void *self, struct app *app, const char *passphrase)
{
    struct chain_screen *s = self;
    const char *const drafted[] = {"--expect", s->signing.expect, "--passphrase-fd", "3", NULL};
    const char *const plain[] = {"--passphrase-fd", "3", NULL};
    struct job *job = run(s, app, s->signing.no_draft ? plain : drafted, passphrase);
    app_unlock_by(app, job, identity_of(s), passphrase);
    chain_watch_begin(s, job, "signing");
    chain_sign_clear(s);
    chain_form_close(&s->form);
}

static void ask_first(struct chain_screen *s, struct app *app, app_answer *go_on)
{
    const char *kept = app_passphrase(app, identity_of(s));
    char title[160];
    snprintf(title, sizeof title, "Passphrase of %s", identity_of(s));
    if (kept != NULL)
        go_on(s, app, kept);
    else
        app_ask(app, title, "", true, go_on, s);
}

static void voting_given(void *self, struct app *app, const char *passphrase)
{
    struct chain_screen *s = self;
    struct error err = {0};
    secret_free(s->signing.voting);
    s->signing.voting = secret_text(passphrase, &err);
    if (s->signing.voting == NULL)
        app_error(app, &err);
    else
        ask_first(s, app, s->signing.go_on);
}

/* Of the voting key first, which is kept until all is signed; then of the identity, which may be known already. */
static void with_passphrase(struct chain_screen *s, struct app *app, app_answer *go_on)
{
    const char *voting = voting_of(s), *kept = voting != NULL ? app_passphrase(app, voting) : NULL;
    char title[160];
    s->signing.go_on = go_on;
    if (voting == NULL || s->signing.voting != NULL) {
        ask_first(s, app, go_on);
        return;
    }
    snprintf(title, sizeof title, "Passphrase of %s, the voting key", voting);
    if (kept != NULL)
        voting_given(s, app, kept);
    else
        app_ask(app, title, "", true, voting_given, s);
}

static void word_given(void *self, struct app *app, const char *text)
{
    (void)text;
    with_passphrase(self, app, passphrase_given);
}

static void put(struct chain_signing *to, const char *argument)
{
    ASSERT(to->n < CHAIN_ARGUMENTS);
    to->argument[to->n++] = memory_text(argument);
}

/* The command that is signed here: its first two words are its name. */
static const struct command *command_of(const struct chain_signing *g)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s", g->argument[0], g->argument[1]);
    return chain_command(name);
}

static bool takes(const struct command *c, const char *option)
{
    for (int i = 0; c != NULL && i < COMMAND_OPTIONS_MAX && c->option[i].name != NULL; i++)
        if (text_equal(c->option[i].name, option))
            return true;
    return false;
}

static void watch(struct chain_screen *s, struct job *job)
{
    char text[96];
    snprintf(text, sizeof text, "%s %s", s->signing.argument[0], s->signing.argument[1]);
    chain_watch_begin(s, job, text);
}

static void draft_unlocked(void *self, struct app *app, const char *passphrase)
{
    static const char *const more[] = {"--draft", "--passphrase-fd", "3", NULL};
    struct chain_screen *s = self;
    s->signing.draft = run(s, app, more, passphrase);
    app_unlock_by(app, s->signing.draft, identity_of(s), passphrase);
    watch(s, s->signing.draft);
}

static void draft_plain(struct chain_screen *s, struct app *app)
{
    static const char *const more[] = {"--draft", NULL};
    s->signing.draft = run(s, app, more, NULL);
    watch(s, s->signing.draft);
}

/* What hides something needs the key for its draft already: the salts come from it. */
static void draft_with_key(struct chain_screen *s, struct app *app)
{
    if (chain_prepares(s)) /* which then says that it needs one */
        draft_plain(s, app);
    else
        with_passphrase(s, app, draft_unlocked);
}

/* A block's seal has no draft: what it holds was signed by its senders, and stands here. */
static void ask_seal(struct chain_screen *s, struct app *app)
{
    struct text t = {0};
    size_t i;
    const json_t *tx, *pool = json_object_get(s->read.status, "pool");
    text_printf(&t, "Block %lld of chain %s, sealed by %s, with %zu transaction%s\n",
                json_integer_value(json_object_get(s->read.status, "height")) + 1, aid_text(s->read.status, "name"), identity_of(s),
                json_array_size(pool), json_array_size(pool) == 1 ? "" : "s");
    json_array_foreach(pool, i, tx)
        text_printf(&t, "\n%zu. %s %.16s... by %s\n%s", i + 1, aid_text(tx, "kind"), aid_text(tx, "tx"), aid_text(tx, "sender"),
                    aid_text(tx, "show"));
    app_ask_word(app, "Seal what waits", text_of(&t), "seal", word_given, s);
    text_free(&t);
}

void chain_sign(struct chain_screen *s, struct app *app, const char *const *arguments, bool no_draft)
{
    static const char *const train[] = {"--train", NULL};
    chain_sign_clear(s);
    s->verdict[0] = '\0';
    for (; *arguments != NULL; arguments++)
        put(&s->signing, *arguments);
    if (s->signer[0] != '\0') {
        put(&s->signing, "--key");
        put(&s->signing, s->signer);
    }
    s->signing.no_draft = no_draft;
    if (no_draft) {
        ask_seal(s, app);
    } else if (takes(command_of(&s->signing), "train")) {
        s->signing.training = run(s, app, train, NULL);
        watch(s, s->signing.training);
    } else if (command_of(&s->signing) != NULL && command_of(&s->signing)->unlocks) {
        draft_with_key(s, app);
    } else {
        draft_plain(s, app);
    }
}

/* A draft that came to nothing is refused in the form it came from. */
static void draft_ended(struct chain_screen *s, struct app *app, const json_t *event)
{
    s->signing.draft = NULL;
    if (app_asked_word(app) != NULL)
        app_message(app, STYLE_DIM, "nothing is signed yet");
    else if (s->form.command != NULL)
        text_copy(s->form.refusal, sizeof s->form.refusal, aid_text(event, "message"));
    if (app_asked_word(app) == NULL) { /* it may have been wrong */
        secret_free(s->signing.voting);
        s->signing.voting = NULL;
    }
}

static void training_ended(struct chain_screen *s, struct app *app, const json_t *event)
{
    s->signing.training = NULL;
    if (text_equal(aid_text(event, "state"), "done"))
        draft_with_key(s, app);
    else if (s->form.command != NULL)
        text_copy(s->form.refusal, sizeof s->form.refusal, aid_text(event, "message"));
}

void chain_sign_event(struct chain_screen *s, struct app *app, struct job *job, json_t *event)
{
    if (s->signing.training != NULL && job == s->signing.training && text_equal(aid_text(event, "event"), "ended"))
        training_ended(s, app, event);
    if (s->signing.draft == NULL || job != s->signing.draft)
        return;
    if (text_equal(aid_text(event, "event"), "ended")) {
        draft_ended(s, app, event);
        return;
    }
    if (!json_is_true(json_object_get(event, "draft")))
        return;
    const char *expect = aid_text(event, "expect"), *shown = aid_text(event, "show"), *word = aid_text(event, "word");
    if (expect[0] == '\0' || shown[0] == '\0' || word[0] == '\0')
        return;
    text_copy(s->signing.expect, sizeof s->signing.expect, expect);
    text_copy(s->signing.identity, sizeof s->signing.identity, aid_text(event, "identity"));
    if (chain_prepares(s) && !text_equal(s->signing.argument[1], "sign")) {
        chain_prepare(s, app, shown);
        return;
    }
    app_ask_word(app, "This will be signed, exactly", shown, word, word_given, s);
}
