/* When a key of the Chain screen may be used, and if not, why. */
#include "action/action.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

const struct command *chain_command(const char *name)
{
    for (int i = 0; command_table[i] != NULL; i++)
        if (text_equal(command_table[i]->name, name))
            return command_table[i];
    return NULL;
}

bool chain_may_stop(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->watch.job != NULL)
        return true;
    text_copy(why, size, "nothing runs here");
    return false;
}

/* Says that nothing can be done without a chain, or that it is not known yet whether there is one. */
static bool no_chain(const struct chain_screen *s, char *why, size_t size)
{
    if (s->reading && s->read.status == NULL)
        text_copy(why, size, "the chain is still being read");
    else
        text_copy(why, size, "there is no chain yet: press I to start one");
    return false;
}

static bool has_identity(const struct chain_screen *s, char *why, size_t size)
{
    if (json_array_size(json_object_get(s->read.identities, "identities")) == 0)
        text_copy(why, size, "there is no identity yet: press K to make one");
    else if (chain_me(s, "name")[0] == '\0')
        text_copy(why, size, "there are several identities: Enter on one of the Identities view says which signs");
    else
        return true;
    return false;
}

bool chain_may_init(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->read.status != NULL) {
        text_copy(why, size, "there is a chain already");
        return false;
    }
    return has_identity(s, why, size);
}

bool chain_may_read(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->read.status != NULL || (s->seen[0] != '\0' && s->seen[0] != '-'))
        return true;
    return no_chain(s, why, size);
}

bool chain_may_sign(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->read.status == NULL)
        return no_chain(s, why, size);
    if (s->signing.draft != NULL || s->signing.training != NULL) {
        text_copy(why, size, "a draft is being made: X stops it");
        return false;
    }
    return has_identity(s, why, size);
}

bool chain_may_propose(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    char key[HASH_HEX];
    if (!chain_may_sign(self, app, why, size))
        return false;
    if (json_array_size(json_object_get(s->read.status, "tasks")) == 0)
        text_copy(why, size, "no task is on the chain: press t, then b to seal it into a block");
    else if (!action_selected(app_workspace(app), key, sizeof key))
        text_copy(why, size, "no architecture is at hand: choose one on the Graph screen");
    else
        return true;
    return false;
}

/* Put the cursor on a proposal in one of these states. */
static bool in_state(const struct chain_screen *s, const char *states, const char *otherwise, char *why, size_t size)
{
    const char *state = aid_text(chain_proposal(s), "state");
    if (state[0] == '\0')
        text_copy(why, size, "put the cursor on a proposal");
    else if (strstr(states, state) == NULL)
        snprintf(why, size, "it is %s: %s", state, otherwise);
    else
        return true;
    return false;
}

/* Is it the identity that signs? */
static bool is_signer(const struct chain_screen *s, const char *address)
{
    return text_equal(chain_me(s, "address"), address);
}

static bool signer_reviews(const struct chain_screen *s)
{
    size_t i;
    const json_t *one, *task = chain_task_of(s, aid_text(chain_proposal(s), "task"));
    json_array_foreach(json_object_get(task, "reviewers"), i, one)
        if (is_signer(s, json_string_value(one)))
            return true;
    return task == NULL; /* nothing is known against it */
}

/* What the identity that signs has put into such a list of the proposal: an attestation, a decision; NULL: nothing. */
static const json_t *own_of(const struct chain_screen *s, const char *list)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(chain_proposal(s), list), i, one)
        if (is_signer(s, aid_text(one, "who")))
            return one;
    return NULL;
}

bool chain_may_open(void *self, struct app *app, char *why, size_t size)
{
    struct chain_screen *s = self;
    if (!chain_may_sign(self, app, why, size) ||
        !in_state(self, "announced claimed revealing", "only a claim that is open can be opened further", why, size))
        return false;
    if (!is_signer(s, aid_text(chain_proposal(s), "proposer")))
        text_copy(why, size, "only its proposer opens it");
    else if (aid_text(chain_proposal(s), "trace_root")[0] != '\0')
        text_copy(why, size, "it is opened already");
    else
        return true;
    return false;
}

bool chain_may_attest(void *self, struct app *app, char *why, size_t size)
{
    if (!chain_may_sign(self, app, why, size) ||
        !in_state(self, "claimed revealing", "validators attest between the claim and its end", why, size))
        return false;
    if (!json_is_true(json_object_get(own_of(self, "attests"), "revealed")))
        return true;
    text_copy(why, size, "you have revealed what you found already");
    return false;
}

bool chain_may_decide(void *self, struct app *app, char *why, size_t size)
{
    struct chain_screen *s = self;
    if (!chain_may_sign(self, app, why, size) ||
        !in_state(self, "revealing", "reviewers decide once the proposer has opened it", why, size))
        return false;
    if (aid_text(chain_proposal(s), "trace_root")[0] == '\0')
        text_copy(why, size, "reviewers decide once the proposer has opened it");
    else if (!signer_reviews(s))
        text_copy(why, size, "you are no reviewer of its task");
    else if (own_of(s, "decisions") != NULL)
        text_copy(why, size, "you have decided already");
    else
        return true;
    return false;
}

/* --- chains for many ---------------------------------------------------------------------------------------------------- */

bool chain_may_join(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->read.status == NULL)
        return true;
    text_copy(why, size, "there is a chain already");
    return false;
}

/* Stopping needs nothing. */
bool chain_may_follow(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    return s->follow.job != NULL || chain_may_read(self, app, why, size);
}

bool chain_may_challenge(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    if (!chain_may_sign(self, app, why, size) || s->view == CHAIN_DISPUTES)
        return s->view == CHAIN_DISPUTES && why[0] == '\0';
    return in_state(s, "revealing open", "an opened claim can be disputed until it is closed", why, size);
}

static bool at_one(const struct chain_screen *s, const char *id, const char *what, char *why, size_t size)
{
    const json_t *row = s->view == CHAIN_DISPUTE ? chain_dispute(s) : chain_cursor(s);
    if (aid_text(row, id)[0] != '\0')
        return true;
    snprintf(why, size, "put the cursor on %s", what);
    return false;
}

bool chain_may_dispute(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    if (!chain_may_sign(self, app, why, size) || !at_one(self, "challenge", "a dispute", why, size))
        return false;
    const json_t *d = chain_dispute(s);
    if (!text_equal(aid_text(d, "state"), "open"))
        snprintf(why, size, "it is %s: nothing is left to be done", aid_text(d, "state"));
    return text_equal(aid_text(d, "state"), "open");
}

bool chain_may_work(void *self, struct app *app, char *why, size_t size)
{
    return chain_may_read(self, app, why, size) && at_one(self, "task", "a task", why, size);
}

bool chain_may_receipt(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->view == CHAIN_BLOCKS ? chain_cursor(s) != NULL : s->read.shown != NULL)
        return true;
    text_copy(why, size, "open a proposal, or put the cursor on a block");
    return false;
}
