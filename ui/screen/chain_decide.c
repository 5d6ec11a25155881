/* What the keys of the Chain screen do about the proposal that is shown: opening it, attesting to it, deciding on it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

static const char *shown_id(const struct chain_screen *s)
{
    return aid_text(chain_proposal(s), "proposal");
}

static void sign_about(struct chain_screen *s, struct app *app, const char *verb)
{
    const char *const arguments[] = {"chain", verb, shown_id(s), NULL};
    if (shown_id(s)[0] != '\0')
        chain_sign(s, app, arguments, false);
}

void chain_open_claim(void *self, struct app *app)
{
    sign_about(self, app, "open");
}

void chain_attest(void *self, struct app *app)
{
    sign_about(self, app, "attest");
}

/* --- deciding --------------------------------------------------------------------------------------------------------- */

static void decide(struct chain_screen *s, struct app *app, const char *verb, const char *reason)
{
    const char *const arguments[] = {"chain",  verb, s->deciding, "--reason", reason, s->decide_rerun ? "--rerun" : NULL, NULL};
    chain_sign(s, app, arguments, false);
}

static void approve_reason(void *self, struct app *app, const char *text)
{
    decide(self, app, "approve", text);
}

static void reject_reason(void *self, struct app *app, const char *text)
{
    if (text[0] == '\0')
        app_message(app, STYLE_WARN, "a rejection needs a reason; nothing was signed");
    else
        decide(self, app, "reject", text);
}

static void approve_how(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    s->decide_rerun = text_starts(text, "re-run");
    app_ask(app, "Reason, which is signed and public", s->decide_rerun ? "re-run here: the same bits" : "read, not re-run", false,
            approve_reason, s);
}

static void reject_how(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    s->decide_rerun = text_starts(text, "re-run");
    app_ask(app, "Reason for rejecting it, which is signed and public", "", false, reject_reason, s);
}

/* Kept by its id: the list may move under the questions. */
static bool about(struct chain_screen *s)
{
    text_copy(s->deciding, sizeof s->deciding, shown_id(s));
    return s->deciding[0] != '\0';
}

void chain_approve(void *self, struct app *app)
{
    static const char *const choices[] = {"re-run it here and compare the bits, then approve", "approve without a re-run"};
    if (about(self))
        app_ask_choice(app, "Approve this proposal", choices, 2, 0, approve_how, self);
}

void chain_reject(void *self, struct app *app)
{
    static const char *const choices[] = {"reject without a re-run", "re-run it here first: the root goes with the rejection"};
    if (about(self))
        app_ask_choice(app, "Reject this proposal", choices, 2, 0, reject_how, self);
}
