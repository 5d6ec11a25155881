/* What the keys of the Chain screen do: each asks what it needs, then hands a command to chain_sign, or starts a job. */
#include "action/action.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

void chain_form_for(struct chain_screen *s, struct app *app, const char *name)
{
    const struct command *c = chain_command(name);
    if (c == NULL)
        app_message(app, STYLE_WARN, "this version has no command `%s`", name);
    else
        chain_form_open(&s->form, app, c);
}

/* --- identities ------------------------------------------------------------------------------------------------------- */

/* The first one needs no name: it is "main". */
void chain_new_identity(void *self, struct app *app)
{
    struct chain_screen *s = self;
    chain_identity_make(s->identity, app, json_array_size(json_object_get(s->read.identities, "identities")) == 0);
}

/* About the one under the cursor, or the one that signs. */
void chain_identities(void *self, struct app *app)
{
    struct chain_screen *s = self;
    const json_t *row = s->view == CHAIN_IDENTITIES ? chain_cursor(s) : NULL;
    const char *name = row != NULL ? aid_text(row, "name") : "";
    chain_identity_menu(s->identity, app, name[0] != '\0' ? name : chain_me(s, "name"));
}

/* --- forms ------------------------------------------------------------------------------------------------------------ */

void chain_init(void *self, struct app *app)
{
    chain_form_for(self, app, "chain init");
}

void chain_transfer(void *self, struct app *app)
{
    struct chain_screen *s = self;
    const json_t *row = s->view == CHAIN_IDENTITIES ? chain_cursor(s) : NULL;
    chain_form_for(s, app, "chain transfer");
    if (row != NULL && !text_equal(aid_text(row, "name"), chain_me(s, "name")))
        chain_form_set(&s->form, "TO", aid_text(row, "address"));
}

void chain_task(void *self, struct app *app)
{
    chain_form_for(self, app, "chain task");
}

void chain_propose(void *self, struct app *app)
{
    struct chain_screen *s = self;
    char key[HASH_HEX];
    chain_form_for(s, app, "chain propose");
    if (action_selected(app_workspace(app), key, sizeof key))
        chain_form_set(&s->form, "ARCH", key);
}

void chain_holdout(void *self, struct app *app)
{
    struct chain_screen *s = self;
    char key[HASH_HEX];
    chain_form_for(s, app, "chain holdout");
    if (s->form.command != NULL && action_selected(app_workspace(app), key, sizeof key))
        chain_form_set(&s->form, "ARCH", key);
}

void chain_verify_form(void *self, struct app *app)
{
    chain_form_for(self, app, "chain verify");
}

/* --- questions -------------------------------------------------------------------------------------------------------- */

static void stake_given(void *self, struct app *app, const char *text)
{
    const char *const arguments[] = {"chain", "stake", text, NULL};
    chain_sign(self, app, arguments, false);
}

static void unstake_given(void *self, struct app *app, const char *text)
{
    const char *const arguments[] = {"chain", "unstake", text, NULL};
    chain_sign(self, app, arguments, false);
}

static void ask_amount(struct chain_screen *s, struct app *app, const char *what, const char *key, app_answer *done)
{
    char title[160], number[AID_NUMBER];
    const json_t *account = chain_account_of(s, chain_me(s, "address"));
    snprintf(title, sizeof title, "%s (of %s)", what, aid_count(json_integer_value(json_object_get(account, key)), number));
    app_ask(app, title, "1000", false, done, s);
}

void chain_stake(void *self, struct app *app)
{
    ask_amount(self, app, "Tokens to stake", "balance", stake_given);
}

void chain_unstake(void *self, struct app *app)
{
    ask_amount(self, app, "Tokens to take out of the stake", "stake", unstake_given);
}

void chain_seal(void *self, struct app *app)
{
    static const char *const arguments[] = {"chain", "seal-block", NULL};
    chain_sign(self, app, arguments, true);
}

/* --- verifying -------------------------------------------------------------------------------------------------------- */

static void verify_with(struct chain_screen *s, struct app *app, bool rerun)
{
    const char *const arguments[] = {"chain", "verify", rerun ? "--rerun" : NULL, NULL};
    s->verdict[0] = '\0';
    s->rerunning = rerun;
    chain_watch_begin(s, app_job(app, arguments, NULL), rerun ? "re-training every claim" : "verifying");
}

void chain_verify(void *self, struct app *app)
{
    verify_with(self, app, false);
}

void chain_verify_rerun(void *self, struct app *app)
{
    verify_with(self, app, true);
}

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

void chain_take_verdict(struct chain_screen *s, const json_t *event)
{
    const json_t *ok = json_object_get(event, "ok"), *error = json_object_get(event, "error");
    char reruns[96] = "R also re-trains the claims", blocks[AID_NUMBER], signatures[AID_NUMBER];
    if (!json_is_boolean(ok) || (json_is_true(ok) && json_object_get(event, "signatures") == NULL))
        return;
    if (json_is_true(ok)) {
        s->verdict_style = STYLE_GOOD;
        if (s->rerunning)
            snprintf(reruns, sizeof reruns, "%lld claim%s re-trained to the same bits", number_at(event, "reruns"),
                     number_at(event, "reruns") == 1 ? "" : "s");
        snprintf(s->verdict, sizeof s->verdict, "verified from genesis: %s block%s, %s signature%s; %s",
                 aid_count(number_at(event, "blocks"), blocks), text_s(number_at(event, "blocks")),
                 aid_count(number_at(event, "signatures"), signatures), text_s(number_at(event, "signatures")), reruns);
    } else if (json_is_object(error)) {
        s->verdict_style = STYLE_BAD;
        snprintf(s->verdict, sizeof s->verdict, "BAD at height %lld, byte %lld: %s", number_at(error, "height"),
                 number_at(error, "offset"), aid_text(error, "reason"));
    }
}

void chain_stop(void *self, struct app *app)
{
    struct chain_screen *s = self;
    if (s->watch.job == NULL)
        return;
    job_cancel(s->watch.job);
    app_message(app, STYLE_WARN, "%s: stopping", s->watch.what);
}
