/* What the keys of the Chain screen do on a chain for many: each opens the form of a command about what is under the cursor,
 * or, where there is nothing to choose, shows what would be signed at once. */
#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

/* --- helpers ---------------------------------------------------------------------------------------------------------- */

static const char *at_cursor(const struct chain_screen *s, const char *key)
{
    return aid_text(s->view == CHAIN_DISPUTE ? chain_dispute(s) : chain_cursor(s), key);
}

static void form_about(struct chain_screen *s, struct app *app, const char *command, const char *id)
{
    chain_form_for(s, app, command);
    if (s->form.command != NULL && id[0] != '\0')
        chain_form_set_operand(&s->form, 0, id);
}

static void sign_about(struct chain_screen *s, struct app *app, const char *verb, const char *id)
{
    char name[64];
    const char *const arguments[] = {"chain", verb, id, NULL};
    snprintf(name, sizeof name, "chain %s", verb);
    if (chain_command(name) == NULL)
        app_message(app, STYLE_WARN, "this version has no command `%s`", name);
    else
        chain_sign(s, app, arguments, false);
}

/* --- others ----------------------------------------------------------------------------------------------------------- */

void chain_join(void *self, struct app *app)
{
    chain_form_for(self, app, "chain join");
}

void chain_pull(void *self, struct app *app)
{
    chain_form_for(self, app, "chain pull");
}

void chain_step(void *self, struct app *app)
{
    chain_form_for(self, app, "chain vote");
}

void chain_register(void *self, struct app *app)
{
    chain_form_for(self, app, "chain register");
}

void chain_retire(void *self, struct app *app)
{
    static const char *const arguments[] = {"chain", "retire", NULL};
    chain_sign(self, app, arguments, false);
}

void chain_show_evidence(void *self, struct app *app)
{
    static const char *const arguments[] = {"chain", "evidence", "--send", NULL};
    chain_sign(self, app, arguments, false);
}

static void jumped(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    (void)app;
    for (int v = 0; v < CHAIN_VIEWS; v++)
        if (text_equal(chain_list_of((enum chain_view)v)->name, text))
            s->view = (enum chain_view)v;
}

void chain_jump(void *self, struct app *app)
{
    struct chain_screen *s = self;
    const char *choice[CHAIN_VIEWS];
    int n = 0, now = 0;
    for (int v = 0; v < CHAIN_VIEWS; v++) {
        if (!chain_has_view(s, (enum chain_view)v))
            continue;
        now = s->view == (enum chain_view)v ? n : now;
        choice[n++] = chain_list_of((enum chain_view)v)->name;
    }
    app_ask_choice(app, "Go to", choice, n, now, jumped, s);
}

/* --- a task without its files ------------------------------------------------------------------------------------------- */

void chain_work(void *self, struct app *app)
{
    struct chain_screen *s = self;
    const char *const arguments[] = {"chain", "work", at_cursor(s, "task"), NULL};
    s->verdict[0] = '\0';
    chain_watch_begin(s, app_job(app, arguments, NULL), "taking the task's data from the chain's objects");
}

/* --- disputes --------------------------------------------------------------------------------------------------------- */

void chain_challenge(void *self, struct app *app)
{
    struct chain_screen *s = self;
    form_about(s, app, "chain challenge", s->view == CHAIN_DISPUTES ? at_cursor(s, "proposal") : aid_text(chain_proposal(s), "proposal"));
}

void chain_respond(void *self, struct app *app)
{
    form_about(self, app, "chain respond", at_cursor(self, "challenge"));
}

void chain_verdict(void *self, struct app *app)
{
    sign_about(self, app, "verdict", at_cursor(self, "challenge"));
}

/* --- the marketplace -------------------------------------------------------------------------------------------------- */

static void form_with_model(struct chain_screen *s, struct app *app, const char *command)
{
    char model[HASH_HEX];
    form_about(s, app, command, chain_newest_model(app, model) ? model : "");
}

void chain_offer(void *self, struct app *app)
{
    form_with_model(self, app, "chain list");
}

void chain_buy(void *self, struct app *app)
{
    sign_about(self, app, "buy", at_cursor(self, "listing"));
}

void chain_deliver(void *self, struct app *app)
{
    sign_about(self, app, "deliver", at_cursor(self, "listing"));
}

void chain_refund(void *self, struct app *app)
{
    const struct chain_screen *s = self;
    sign_about(self, app, "refund", at_cursor(s, s->view == CHAIN_JOBS ? "job" : "listing"));
}

void chain_fetch(void *self, struct app *app)
{
    form_about(self, app, "chain fetch", at_cursor(self, "listing"));
}

/* --- jobs ------------------------------------------------------------------------------------------------------------- */

void chain_job(void *self, struct app *app)
{
    char key[HASH_HEX];
    form_about(self, app, "chain job", action_selected(app_workspace(app), key, sizeof key) ? key : "");
}

void chain_take_job(void *self, struct app *app)
{
    sign_about(self, app, "take", at_cursor(self, "job"));
}

void chain_result(void *self, struct app *app)
{
    sign_about(self, app, "result", at_cursor(self, "job"));
}

/* --- the tournament --------------------------------------------------------------------------------------------------- */

void chain_seal_prediction(void *self, struct app *app)
{
    form_with_model(self, app, "chain seal-prediction");
}

void chain_reveal_prediction(void *self, struct app *app)
{
    chain_form_for(self, app, "chain reveal-prediction");
}

void chain_outcome(void *self, struct app *app)
{
    chain_form_for(self, app, "chain outcome");
}
