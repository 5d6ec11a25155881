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

bool chain_may_open(void *self, struct app *app, char *why, size_t size)
{
    return chain_may_sign(self, app, why, size) &&
           in_state(self, "announced claimed revealing open", "only a claim that is open can be opened further", why, size);
}

bool chain_may_attest(void *self, struct app *app, char *why, size_t size)
{
    return chain_may_sign(self, app, why, size) &&
           in_state(self, "claimed revealing open", "validators attest between the claim and its end", why, size);
}

bool chain_may_decide(void *self, struct app *app, char *why, size_t size)
{
    return chain_may_sign(self, app, why, size) &&
           in_state(self, "revealing open", "reviewers decide once the proposer has opened it", why, size);
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
