/* The keys of the Chain screen, which of them mean something where, and what jobs tell it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"
#include "ui/screen/chain_follow.h"

void chain_show_view(struct chain_screen *s, struct app *app, int step)
{
    (void)app;
    do
        s->view = (enum chain_view)(((int)s->view + CHAIN_VIEWS + step) % CHAIN_VIEWS);
    while (!chain_has_view(s, s->view));
}

static void next_view(void *self, struct app *app)
{
    chain_show_view(self, app, 1);
}

static void last_view(void *self, struct app *app)
{
    chain_show_view(self, app, -1);
}

/* --- into the thing under the cursor, and back out --------------------------------------------------------------------- */

static void open_block(const json_t *block, struct app *app)
{
    struct text t = {0};
    size_t i;
    const json_t *tx;
    text_printf(&t, "height   %lld\nid       %s\nsealed   %s\n", json_integer_value(json_object_get(block, "height")),
                aid_text(block, "hash"), aid_text(block, "time"));
    json_array_foreach(json_object_get(block, "transactions"), i, tx)
        text_printf(&t, "\n%s %s\nby %s\n%s\n", aid_text(tx, "kind"), aid_text(tx, "tx"), aid_text(tx, "sender"), aid_text(tx, "show"));
    app_show_text(app, "Block", text_of(&t));
    text_free(&t);
}

void chain_open(struct chain_screen *s, struct app *app)
{
    const json_t *row = chain_cursor(s);
    if (row == NULL)
        return;
    if (s->view == CHAIN_QUEUE) {
        text_copy(s->opened, sizeof s->opened, aid_text(row, "proposal"));
        s->view = CHAIN_PROPOSAL;
        s->page = (struct page_view){.cursor = 0};
        json_decref(s->read.shown);
        s->read.shown = NULL;
        chain_load(s, app, true);
    } else if (s->view == CHAIN_DISPUTES) {
        text_copy(s->disputed, sizeof s->disputed, aid_text(row, "challenge"));
        s->view = CHAIN_DISPUTE;
        s->page = (struct page_view){.cursor = 0};
    } else if (s->view == CHAIN_TASKS) {
        chain_show_task_in_full(app, aid_text(row, "task"));
    } else if (s->view == CHAIN_BLOCKS) {
        open_block(row, app);
    } else if (s->view == CHAIN_IDENTITIES && aid_text(row, "name")[0] != '\0') {
        text_copy(s->signer, sizeof s->signer, aid_text(row, "name"));
        app_message(app, STYLE_GOOD, "%s signs from now on", s->signer);
    } else if (s->view == CHAIN_WAITING) {
        app_show_text(app, aid_text(row, "kind"), aid_text(row, "show"));
    } else if (s->view == CHAIN_RECEIPTS) {
        char *text = json_is_true(json_object_get(row, "ok")) ? chain_receipt_text(row) : memory_text(aid_text(row, "says"));
        app_show_text(app, aid_text(row, "name"), text);
        free(text);
    }
}

static void enter(void *self, struct app *app)
{
    chain_open(self, app);
}

static void back(void *self, struct app *app)
{
    (void)app;
    ((struct chain_screen *)self)->view = CHAIN_QUEUE;
}

/* --- the form's keys -------------------------------------------------------------------------------------------------- */

static void form_go(void *self, struct app *app)
{
    struct chain_screen *s = self;
    const char *const *arguments = chain_form_arguments(&s->form);
    if (arguments == NULL)
        return;
    if (s->form.signs) {
        chain_sign(s, app, arguments, false);
        return;
    }
    if (text_equal(s->form.command->name, "chain follow")) {
        chain_follow_start(s, app, arguments);
        return;
    }
    const char *all[CHAIN_ARGUMENTS];
    int n = 0;
    for (; arguments[n] != NULL && n < CHAIN_ARGUMENTS - 3; n++)
        all[n] = arguments[n];
    if (s->signer[0] != '\0' && text_equal(s->form.command->name, "chain init")) {
        all[n++] = "--key";
        all[n++] = s->signer;
    }
    all[n] = NULL;
    s->rerunning = text_equal(s->form.command->name, "chain verify");
    chain_watch_begin(s, app_job(app, all, NULL), s->form.command->name);
    chain_form_close(&s->form);
}

static void form_enter(void *self, struct app *app)
{
    chain_form_enter(self, app);
}

static void form_reset(void *self, struct app *app)
{
    chain_form_reset(self, app);
}

static void form_close(void *self, struct app *app)
{
    (void)app;
    chain_form_close(&((struct chain_screen *)self)->form);
}

const struct screen_key chain_keys[CHAIN_KEYS] = {
    {'v', "view", "Shows the proposals, one of them in full, the tasks, identities, blocks, what waits for a block, or receipts; so "
                  "do Left and Right.", false, NULL, next_view},
    {INPUT_ENTER, "open", "Opens what is under the cursor: a proposal with all its evidence, a task with what was told of its "
                          "hold-out, a block with its transactions; lets an identity sign.", false, NULL, enter},
    {INPUT_ESC, "back", "Back to the proposals.", false, NULL, back},
    {'a', "approve", "Approves the proposal, by signature.", true, chain_may_decide, chain_approve},
    {'x', "reject", "Rejects the proposal, with a reason, by signature.", true, chain_may_decide, chain_reject},
    {'c', "attest", "Re-trains the claim here and attests to what comes out: first hidden, then revealed.", true, chain_may_attest,
     chain_attest},
    {'o', "open", "Opens the hidden root of your own claim, once all have committed.", true, chain_may_open, chain_open_claim},
    {'w', "receipt", "Writes the proof of a decision, which verifies alone, years later, without the chain.", false, chain_may_receipt,
     chain_write_receipt},
    {'f', "follow", "Follows the others' folders and votes, unattended, with a voting key; the same key stops it.", true,
     chain_may_follow, chain_follow_toggle},
    {'P', "pull", "Reads the others' folders once: blocks, what waits, objects.", true, chain_may_read, chain_pull},
    {'B', "one step", "Votes or proposes once, by hand: what is next for this voting key.", true, chain_may_read, chain_step},
    {'A', "register", "Becomes a validator, with a voting key and the stake that is there.", true, chain_may_sign, chain_register},
    {'U', "retire", "Is a validator no longer, from the next block on.", true, chain_may_sign, chain_retire},
    {'E', "evidence", "Has the next double signature that was met punished: a share of what is lost is yours.", true, chain_may_sign,
     chain_show_evidence},
    {'C', "challenge", "Disputes an opened claim: re-runs it, finds the first place where it is false, and stakes a deposit on that.",
     true, chain_may_challenge, chain_challenge},
    {'y', "respond", "Answers a challenge of one's own claim: with the state before that place, or by conceding.", true,
     chain_may_dispute, chain_respond},
    {'Y', "verdict", "Does the one place again that is disputed, and says who was right.", true, chain_may_dispute, chain_verdict},
    {'A', "sell", "Offers a model: encrypted, for a price; its key is shown once it is paid, to everybody.", true, chain_may_sign,
     chain_offer},
    {'B', "buy", "Buys what is offered: the price is held until the key is delivered, or the deadline has passed.", true,
     chain_may_buy, chain_buy},
    {'D', "deliver", "Shows the key of what was bought, and is paid.", true, chain_may_deliver, chain_deliver},
    {'U', "refund", "Takes an offer back, or the price of what was not delivered in time.", true, chain_may_refund, chain_refund},
    {'f', "fetch", "Decrypts what was delivered into a file, and takes a model in.", true, chain_may_fetch, chain_fetch},
    {'A', "offer pay", "Offers pay for training a network on the task: the result is checked like a claim.", true, chain_may_sign,
     chain_job},
    {'T', "take", "Takes a job: a deposit is held until the result is verified.", true, chain_may_take, chain_take_job},
    {'D', "result", "Trains the job that was taken and hands in the result.", true, chain_may_result, chain_result},
    {'U', "refund", "Ends a job that nobody took: the pay returns.", true, chain_may_end_job, chain_refund},
    {'A', "seal", "Predicts bars that do not exist yet, sealed, with the model at hand.", true, chain_may_sign, chain_seal_prediction},
    {'D', "reveal", "Shows a sealed prediction, once its bars are known.", true, chain_may_reveal, chain_reveal_prediction},
    {'T', "outcome", "The task's owner tells the new bars.", true, chain_may_sign, chain_outcome},
    {'K', "identity", "Makes an identity: a key pair, encrypted with a passphrase.", true, NULL, chain_new_identity},
    {'i', "identities", "About the identity: take one in, its public part for others, a backup, another passphrase, how long it "
                        "stays unlocked.", true, NULL, chain_identities},
    {'I', "init", "Starts a chain with your identity as its only validator.", true, chain_may_init, chain_init},
    {'p', "propose", "Claims the cross-validated score of the architecture at hand.", true, chain_may_propose, chain_propose},
    {'b', "seal", "Seals what waits into a block.", true, chain_may_sign, chain_seal},
    {'t', "task", "Puts the workspace's task on the chain.", true, chain_may_sign, chain_task},
    {'w', "work on", "Sets the task under the cursor in force in this workspace, its data taken from the chain's objects.", true,
     chain_may_work, chain_work},
    {'s', "stake", "Stakes tokens.", true, chain_may_sign, chain_stake},
    {'S', "unstake", "Takes tokens out of the stake.", true, chain_may_sign, chain_unstake},
    {'m', "transfer", "Moves tokens to another address.", true, chain_may_sign, chain_transfer},
    {'W', "check", "Checks a receipt.", false, NULL, chain_check_receipt},
    {'O', "offline", "Keys on another machine: writes what they would sign to files, signs such a file, submits a signed one.",
     true, NULL, chain_offline},
    {'V', "verify", "Re-checks everything from genesis.", false, chain_may_read, chain_verify},
    {'R', "re-train", "Re-checks everything and re-trains every claim, comparing bits.", false, chain_may_read, chain_verify_rerun},
    {'F', "verify with", "Verifies with options: against a remembered head.", false, chain_may_read, chain_verify_form},
    {'H', "hold-out", "Records on the chain that the sealed hold-out was opened, and what came of it.", true, chain_may_sign,
     chain_holdout},
    {'d', "dump", "Writes the chain as text.", false, chain_may_read, chain_dump},
    {'J', "join", "Takes over the chain of others from a folder of theirs, all of it checked.", true, chain_may_join, chain_join},
    {'J', "go to", "Goes to a view, chosen from a list.", false, chain_may_read, chain_jump},
    {'X', "stop", "Stops the re-run, the verification or the draft that runs.", false, chain_may_stop, chain_stop},
    {'Z', "last", "The view before this one.", false, NULL, last_view},
    /* in the form */
    {'r', "go on", "Shows what would be signed; where nothing is to be signed, runs it.", true, NULL, form_go},
    {INPUT_ENTER, "change", "Asks for the value at the cursor, or turns it over.", false, NULL, form_enter},
    {INPUT_SPACE, "turn", "The same.", false, NULL, form_enter},
    {'d', "default", "Lets the value at the cursor be by itself again.", false, NULL, form_reset},
    {INPUT_ESC, "back", "Goes back; nothing is done.", false, NULL, form_close},
};
enum { FORM_KEYS = 5 };

/* Where a key of the lists means something; those that stand in no list do everywhere. */
static const struct place {
    chain_do *run;
    unsigned views; /* bits */
} places[] = {
#define IN(v) (1u << CHAIN_##v)
    {chain_new_identity, IN(QUEUE) | IN(IDENTITIES)},
    {chain_propose, IN(QUEUE) | IN(PROPOSAL) | IN(TASKS)},
    {chain_attest, IN(QUEUE) | IN(PROPOSAL)},
    {chain_open_claim, IN(QUEUE) | IN(PROPOSAL)},
    {chain_approve, IN(QUEUE) | IN(PROPOSAL)},
    {chain_reject, IN(QUEUE) | IN(PROPOSAL)},
    {chain_task, IN(QUEUE) | IN(TASKS)},
    {chain_stake, IN(QUEUE) | IN(IDENTITIES)},
    {chain_unstake, IN(QUEUE) | IN(IDENTITIES)},
    {chain_transfer, IN(QUEUE) | IN(IDENTITIES)},
    {chain_holdout, IN(QUEUE) | IN(TASKS)},
    {chain_follow_toggle, IN(VOTES)},
    {chain_pull, IN(VOTES)},
    {chain_step, IN(VOTES)},
    {chain_register, IN(VOTES)},
    {chain_retire, IN(VOTES)},
    {chain_show_evidence, IN(VOTES) | IN(FORKS)},
    {chain_challenge, IN(QUEUE) | IN(PROPOSAL) | IN(DISPUTES)},
    {chain_respond, IN(DISPUTES) | IN(DISPUTE)},
    {chain_verdict, IN(DISPUTES) | IN(DISPUTE)},
    {chain_offer, IN(MARKET)},
    {chain_buy, IN(MARKET)},
    {chain_deliver, IN(MARKET)},
    {chain_refund, IN(MARKET) | IN(JOBS)},
    {chain_fetch, IN(MARKET)},
    {chain_job, IN(JOBS)},
    {chain_take_job, IN(JOBS)},
    {chain_result, IN(JOBS)},
    {chain_seal_prediction, IN(TOURNAMENT)},
    {chain_reveal_prediction, IN(TOURNAMENT)},
    {chain_outcome, IN(TOURNAMENT)},
    {chain_work, IN(TASKS)},
    {chain_write_receipt, IN(PROPOSAL) | IN(BLOCKS)},
#undef IN
};

bool chain_shows(void *self, const struct screen_key *key)
{
    const struct chain_screen *s = self;
    bool of_form = chain_keys + CHAIN_KEYS - key <= FORM_KEYS;
    if (s->form.command != NULL || of_form)
        return (s->form.command != NULL) == of_form;
    if (key->run == chain_refund && (key->enabled == chain_may_end_job) != (s->view == CHAIN_JOBS))
        return false;
    if (key->run == back)
        return s->view != CHAIN_QUEUE;
    if (key->run == enter)
        return s->view != CHAIN_PROPOSAL && s->view != CHAIN_DISPUTE; /* nothing is further in */
    if (key->run == chain_stop)
        return s->watch.job != NULL;
    if (key->run == chain_init || key->run == chain_join)
        return s->read.status == NULL;
    if (key->run == chain_jump)
        return s->read.status != NULL;
    if (key->run == chain_challenge && !chain_is_many(s))
        return false;
    if (key->run == chain_seal && chain_is_many(s))
        return false; /* nobody seals alone there */
    for (size_t i = 0; i < ARRAY_N(places); i++)
        if (places[i].run == key->run)
            return (places[i].views >> s->view & 1u) != 0;
    return true;
}

/* --- what jobs tell --------------------------------------------------------------------------------------------------- */

void chain_event(void *self, struct app *app, struct job *job, json_t *event)
{
    struct chain_screen *s = self;
    bool watched = job == s->watch.job && job != NULL;
    if (chain_follow_event(s, app, job, event))
        return;
    chain_sign_event(s, app, job, event);
    chain_watch_event(s, job, event);
    if (watched && !chain_receipt_event(s, app, event)) {
        chain_take_verdict(s, event);
        chain_take_next(s, app, event);
    }
    if (text_equal(aid_text(event, "event"), "ended"))
        chain_load(s, app, false);
}
