/* The chain: identities, balances, the queue of proposals with their evidence, blocks; staking, claiming, approving,
 * sealing, verifying. */
#include "action/chain.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/chain_internal.h"

#include <limits.h>
#include <sodium.h>
#include <sys/stat.h>

/* --- reading -------------------------------------------------------------------------------------------------------
 */

static void look(struct app *app, char *out, size_t size)
{
    static const char *const names[] = {"chain/blocks.msc", "chain/pool"};
    char path[FILE_PATH_MAX];
    struct stat st;
    out[0] = 0;
    for (size_t i = 0; i < ARRAY_N(names); i++) {
        char one[48] = "-";
        workspace_path(app_workspace(app), names[i], path, sizeof path);
        if (stat(path, &st) == 0)
            snprintf(one, sizeof one, "%lld.%lld.%ld", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
                     st.st_mtim.tv_nsec);
        text_append(out, size, one);
        text_append(out, size, " ");
    }
}

static void reload(void *self, struct app *app)
{
    struct chain_screen *s = self;
    struct error err = {0};
    json_decref(s->status);
    json_decref(s->blocks);
    json_decref(s->identities);
    look(app, s->seen, sizeof s->seen);
    s->blocks = NULL;
    s->identities = action_key_list(NULL);
    s->status = action_chain_status(app_workspace(app), &err);
    text_copy(s->problem, sizeof s->problem, err.text);
    json_t *log = s->status ? action_chain_log(app_workspace(app), NULL) : NULL;
    if (log) { /* newest first */
        json_t *list = json_object_get(log, "blocks");
        s->blocks = json_array();
        for (size_t i = json_array_size(list); i-- > 0;)
            json_array_append(s->blocks, json_array_get(list, i));
        json_decref(log);
    }
}

static bool stale(void *self, struct app *app)
{
    struct chain_screen *s = self;
    char now[96];
    look(app, now, sizeof now);
    if (text_equal(now, s->seen))
        return false;
    reload(self, app);
    return true;
}

static void *open_screen(struct app *app)
{
    (void)app;
    return NEW(struct chain_screen);
}

static void close_screen(void *self)
{
    struct chain_screen *s = self;
    chain_sign_clear(s);
    sodium_memzero(s->secret, sizeof s->secret);
    json_decref(s->status);
    json_decref(s->blocks);
    json_decref(s->identities);
    free(s);
}

json_t *chain_rows(const struct chain_screen *s, enum chain_list list)
{
    switch (list) {
    case CHAIN_PROPOSALS:
        return json_object_get(s->status, "proposals");
    case CHAIN_BLOCKS:
        return s->blocks;
    case CHAIN_ACCOUNTS:
        return json_object_get(s->status, "accounts");
    default:
        return json_object_get(s->status, "pool");
    }
}

json_t *chain_cursor(const struct chain_screen *s)
{
    json_t *rows = chain_rows(s, s->list);
    return rows ? json_array_get(rows, (size_t)s->table[s->list].cursor) : NULL;
}

/* --- when a key works ----------------------------------------------------------------------------------------------
 */

static bool has_identity(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (json_array_size(json_object_get(s->identities, "identities")))
        return true;
    text_copy(why, size, "there is no identity yet: press K to make one");
    return false;
}

static bool may_init(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    if (s->status) {
        text_copy(why, size, "there is a chain already");
        return false;
    }
    return has_identity(self, app, why, size);
}

static bool has_chain(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    if (s->status)
        return has_identity(self, app, why, size);
    text_copy(why, size, "there is no chain yet: press I to start one");
    return false;
}

static bool has_task(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    char key[80];
    if (!has_chain(self, app, why, size))
        return false;
    if (!json_array_size(json_object_get(s->status, "tasks")))
        text_copy(why, size, "no task is on the chain: press t, then b to seal it into a block");
    else if (!action_selected(app_workspace(app), key, sizeof key))
        text_copy(why, size, "no architecture is at hand: choose one on the Graph screen");
    else
        return true;
    return false;
}

static bool open_proposal(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    if (!has_chain(self, app, why, size))
        return false;
    const char *state = json_string_value(json_object_get(chain_cursor(s), "state"));
    if (s->list == CHAIN_PROPOSALS && state && text_equal(state, "open"))
        return true;
    text_copy(why, size, "put the cursor on an open proposal");
    return false;
}

static bool any_chain(void *self, struct app *app, char *why, size_t size)
{
    (void)app;
    const struct chain_screen *s = self;
    if (s->status || s->seen[0] != '-')
        return true;
    text_copy(why, size, "there is no chain yet");
    return false;
}

/* --- what keys do --------------------------------------------------------------------------------------------------
 */

static void again_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    if (text_equal(text, s->secret)) {
        static const char *const arguments[] = {"key", "new", "--passphrase-fd", "3", NULL};
        app_job(app, arguments, text);
    } else {
        app_message(app, STYLE_BAD, "the two passphrases differ; nothing was made");
    }
    sodium_memzero(s->secret, sizeof s->secret);
}

static void first_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    if (!text[0]) {
        app_message(app, STYLE_BAD, "an identity needs a passphrase");
        return;
    }
    text_copy(s->secret, sizeof s->secret, text);
    app_ask(app, "The passphrase once more", "", true, again_given, self);
}

static void new_identity(void *self, struct app *app)
{
    app_ask(app, "Passphrase for a new identity", "", true, first_given, self);
}

static void init_chain(void *self, struct app *app)
{
    (void)self;
    static const char *const arguments[] = {"chain", "init", NULL};
    app_job(app, arguments, NULL);
}

static void stake_given(void *self, struct app *app, const char *text)
{
    const char *const arguments[] = {"chain", "stake", text, NULL};
    chain_sign(self, app, arguments, false);
}

static void stake(void *self, struct app *app)
{
    app_ask(app, "Tokens to stake", "1000", false, stake_given, self);
}

static void task(void *self, struct app *app)
{
    static const char *const arguments[] = {"chain", "task", NULL};
    chain_sign(self, app, arguments, false);
}

static void propose_given(void *self, struct app *app, const char *text)
{
    char key[80];
    if (!action_selected(app_workspace(app), key, sizeof key))
        return;
    const char *const arguments[] = {"chain", "propose", key, "--stake", text, NULL};
    chain_sign(self, app, arguments, false);
}

static void propose(void *self, struct app *app)
{
    app_ask(app, "Claim its score: tokens at stake", "100", false, propose_given, self);
}

static const char *cursor_id(const struct chain_screen *s)
{
    return json_string_value(json_object_get(chain_cursor(s), "proposal"));
}

static void approve_given(void *self, struct app *app, const char *text)
{
    const char *id = cursor_id(self);
    bool rerun = text_starts(text, "re-run");
    const char *const arguments[] = {"chain",
                                     "approve",
                                     id,
                                     "--reason",
                                     rerun ? "re-run: the same bits" : "read, not re-run",
                                     rerun ? "--rerun" : NULL,
                                     NULL};
    if (id)
        chain_sign(self, app, arguments, false);
}

static void approve(void *self, struct app *app)
{
    static const char *const choices[] = {"re-run it here and compare the bits, then approve",
                                          "approve without a re-run"};
    app_ask_choice(app, "Approve this proposal", choices, 2, 0, approve_given, self);
}

static void reject_given(void *self, struct app *app, const char *text)
{
    const char *id = cursor_id(self);
    const char *const arguments[] = {"chain", "reject", id, "--reason", text, NULL};
    if (id)
        chain_sign(self, app, arguments, false);
}

static void reject(void *self, struct app *app)
{
    app_ask(app, "Reason for refusing this proposal", "", false, reject_given, self);
}

static void seal(void *self, struct app *app)
{
    static const char *const arguments[] = {"chain", "seal-block", NULL};
    chain_sign(self, app, arguments, true);
}

static void verify_with(struct chain_screen *s, struct app *app, bool rerun)
{
    const char *const arguments[] = {"chain", "verify", rerun ? "--rerun" : NULL, NULL};
    text_copy(s->verdict, sizeof s->verdict, rerun ? "re-training every claim ..." : "verifying ...");
    s->verdict_style = STYLE_DIM;
    s->rerunning = rerun;
    s->verifying = app_job(app, arguments, NULL);
}

static void verify(void *self, struct app *app)
{
    verify_with(self, app, false);
}

static void verify_rerun(void *self, struct app *app)
{
    verify_with(self, app, true);
}

static void show_row(void *self, struct app *app)
{
    const struct chain_screen *s = self;
    const char *id = cursor_id(s);
    json_t *shown = s->list == CHAIN_PROPOSALS && id ? action_chain_show(app_workspace(app), id, NULL) : NULL;
    const char *evidence = json_string_value(json_object_get(shown, "evidence"));
    if (evidence) {
        app_show_text(app, "Evidence of the proposal", evidence); /* drawing writes control characters out */
    } else if (chain_cursor(s)) {
        char *text = json_dumps(chain_cursor(s), JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        app_show_text(app, "In full", text);
        free(text);
    }
    json_decref(shown);
}

static const struct screen_key keys[] = {
    {'K', "identity", "Makes an identity: a key pair, encrypted with a passphrase.", true, NULL, new_identity},
    {'I', "init", "Starts a chain with your identity as its only validator.", true, may_init, init_chain},
    {'s', "stake", "Stakes tokens.", true, has_chain, stake},
    {'t', "task", "Puts the workspace's task on the chain.", true, has_chain, task},
    {'p', "propose", "Claims the cross-validated score of the architecture at hand.", true, has_task, propose},
    {'a', "approve", "Approves the proposal under the cursor, by signature.", true, open_proposal, approve},
    {'x', "reject", "Refuses the proposal under the cursor, with a reason.", true, open_proposal, reject},
    {'b', "seal", "Seals what waits into a block.", true, has_chain, seal},
    {'V', "verify", "Re-checks everything from genesis.", false, any_chain, verify},
    {'R', "re-run", "Re-checks everything and re-trains every claim, comparing bits.", false, any_chain, verify_rerun},
    {INPUT_ENTER, "open", "Shows what is under the cursor in full.", false, NULL, show_row},
};

/* --- input and events ----------------------------------------------------------------------------------------------
 */

static bool input(void *self, struct app *app, const struct input_event *e)
{
    (void)app;
    struct chain_screen *s = self;
    int n = (int)json_array_size(chain_rows(s, s->list)), delta = 0;
    switch (e->key) {
    case INPUT_LEFT:
    case 'h':
        s->list = (enum chain_list)((s->list + CHAIN_LISTS - 1) % CHAIN_LISTS);
        return true;
    case INPUT_RIGHT:
    case 'l':
        s->list = (enum chain_list)((s->list + 1) % CHAIN_LISTS);
        return true;
    case INPUT_UP:
    case 'k':
        delta = -1;
        break;
    case INPUT_DOWN:
    case 'j':
        delta = 1;
        break;
    case INPUT_PAGE_UP:
    case INPUT_PAGE_DOWN:
        delta = e->key == INPUT_PAGE_UP ? -10 : 10;
        break;
    case INPUT_HOME:
    case 'g':
        delta = INT_MIN;
        break;
    case INPUT_END:
    case 'G':
        delta = INT_MAX;
        break;
    case INPUT_MOUSE:
        if (e->wheel)
            delta = 3 * e->wheel;
        else
            delta = e->y - s->rows.y - 1 + s->table[s->list].top - s->table[s->list].cursor;
        break;
    default:
        return false;
    }
    table_move(&s->table[s->list], n, delta);
    return true;
}

static void take_verdict(struct chain_screen *s, const json_t *event)
{
    const json_t *ok = json_object_get(event, "ok"), *error = json_object_get(event, "error");
    if (json_is_true(ok)) {
        s->verdict_style = STYLE_GOOD;
        char reruns[96] = "R also re-trains the claims";
        if (s->rerunning)
            snprintf(reruns, sizeof reruns, "%lld claims re-trained to the same bits",
                     json_integer_value(json_object_get(event, "reruns")));
        snprintf(s->verdict, sizeof s->verdict, "verified from genesis: %lld blocks, %lld signatures; %s",
                 json_integer_value(json_object_get(event, "blocks")),
                 json_integer_value(json_object_get(event, "signatures")), reruns);
    } else if (json_is_object(error)) {
        s->verdict_style = STYLE_BAD;
        snprintf(s->verdict, sizeof s->verdict, "BAD at height %lld, byte %lld: %s",
                 json_integer_value(json_object_get(error, "height")),
                 json_integer_value(json_object_get(error, "offset")),
                 json_string_value(json_object_get(error, "reason")));
    }
}

static void event(void *self, struct app *app, struct job *job, json_t *e)
{
    struct chain_screen *s = self;
    const char *kind = json_string_value(json_object_get(e, "event"));
    chain_sign_event(s, app, job, e);
    if (job == s->verifying)
        take_verdict(s, e);
    if (!kind || !text_equal(kind, "ended"))
        return;
    if (job == s->verifying) {
        s->verifying = NULL;
        if (s->verdict_style == STYLE_DIM)
            text_copy(s->verdict, sizeof s->verdict, "the verification did not end");
    }
    reload(self, app);
}

const struct screen screen_chain = {
    .name = "chain",
    .title = "Chain",
    .about = "The ledger: who is who, what is claimed on what evidence, what was decided, and whether all of it still "
             "holds. Left and right change the list.",
    .key = keys,
    .keys = (int)ARRAY_N(keys),
    .open = open_screen,
    .close = close_screen,
    .reload = reload,
    .stale = stale,
    .draw = chain_draw,
    .input = input,
    .event = event,
    .explain = chain_explain,
};
