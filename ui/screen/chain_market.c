/* What the identity that signs can do now with an offer, a job, a seal: the keys' reasons, and the same in a sentence. */
#include "base/text.h"
#include "store/models.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

static bool mine(const struct chain_screen *s, const json_t *row, const char *key)
{
    const char *me = chain_me(s, "address");
    return me[0] != '\0' && text_equal(aid_text(row, key), me);
}

static bool is(const json_t *row, const char *state)
{
    return text_equal(aid_text(row, "state"), state);
}

static json_int_t number_at(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static bool no(char *why, size_t size, const char *reason)
{
    text_copy(why, size, reason);
    return false;
}

static bool no_longer(const json_t *row, char *why, size_t size, const char *otherwise)
{
    snprintf(why, size, "it is %s: %s", aid_text(row, "state"), otherwise);
    return false;
}

/* Has the one who signs so much? */
static bool affords(const struct chain_screen *s, json_int_t tokens, char *why, size_t size)
{
    char has[AID_NUMBER], wants[AID_NUMBER];
    json_int_t balance = number_at(chain_account_of(s, chain_me(s, "address")), "balance");
    if (balance >= tokens)
        return true;
    snprintf(why, size, "it takes %s, and %s has %s", aid_count(tokens, wants), chain_me(s, "name"), aid_count(balance, has));
    return false;
}

/* --- an offer --------------------------------------------------------------------------------------------------------- */

static bool can_buy(const struct chain_screen *s, const json_t *l, char *why, size_t size)
{
    if (!is(l, "open"))
        return no_longer(l, why, size, "only what is open can be bought");
    return mine(s, l, "seller") ? no(why, size, "nobody buys what they sell") : affords(s, number_at(l, "price"), why, size);
}

static bool can_deliver(const struct chain_screen *s, const json_t *l, char *why, size_t size)
{
    if (!is(l, "bought"))
        return no_longer(l, why, size, "what was bought, and is not delivered yet, is delivered");
    if (!mine(s, l, "seller"))
        return no(why, size, "only its seller has the key that is shown");
    return json_is_true(json_object_get(l, "here")) || no(why, size, "its object is not here: P on the votes' view pulls it");
}

static bool can_refund(const struct chain_screen *s, const json_t *l, char *why, size_t size)
{
    if (is(l, "open"))
        return mine(s, l, "seller") || no(why, size, "only its seller withdraws an offer");
    if (!is(l, "bought"))
        return no_longer(l, why, size, "nothing is held any more");
    if (!mine(s, l, "buyer"))
        return no(why, size, "the price is its buyer's to take back");
    return json_is_true(json_object_get(l, "late")) || no(why, size, "the seller still has time to deliver");
}

static bool can_fetch(const struct chain_screen *s, const json_t *l, char *why, size_t size)
{
    (void)s;
    if (!is(l, "delivered"))
        return no_longer(l, why, size, "it opens once it is delivered");
    return json_is_true(json_object_get(l, "here")) || no(why, size, "its object is not here: P on the votes' view pulls it");
}

/* --- a job ------------------------------------------------------------------------------------------------------------ */

static bool can_take(const struct chain_screen *s, const json_t *j, char *why, size_t size)
{
    if (!is(j, "open"))
        return no_longer(j, why, size, "only what is open can be taken");
    return affords(s, number_at(j, "deposit"), why, size);
}

static bool can_result(const struct chain_screen *s, const json_t *j, char *why, size_t size)
{
    if (!is(j, "taken"))
        return no_longer(j, why, size, "T takes an open one; the result follows");
    return mine(s, j, "taker") || no(why, size, "somebody else has taken it");
}

static bool can_end(const struct chain_screen *s, const json_t *j, char *why, size_t size)
{
    if (!is(j, "open"))
        return no_longer(j, why, size, "only a job that nobody took can be ended");
    return mine(s, j, "owner") || no(why, size, "only its owner ends it");
}

/* --- a seal ----------------------------------------------------------------------------------------------------------- */

static bool can_reveal(const struct chain_screen *s, const json_t *unused, char *why, size_t size)
{
    size_t i;
    const json_t *row;
    bool sealed = false;
    (void)unused;
    json_array_foreach(json_object_get(s->read.tournament, "scores"), i, row)
    {
        if (!mine(s, row, "who"))
            continue;
        sealed = true;
        if (number_at(row, "to_reveal") > 0)
            return true;
    }
    return no(why, size, sealed ? "nothing is left to reveal: the outcomes of what is sealed are not told yet"
                                : "nothing was sealed by this identity: A seals");
}

/* --- the keys --------------------------------------------------------------------------------------------------------- */

typedef bool can(const struct chain_screen *s, const json_t *row, char *why, size_t size);

static bool may(void *self, struct app *app, can *allows, const char *id, const char *what, char *why, size_t size)
{
    const struct chain_screen *s = self;
    const json_t *row = chain_cursor(s);
    if (!chain_may_sign(self, app, why, size))
        return false;
    if (id != NULL && aid_text(row, id)[0] == '\0') {
        snprintf(why, size, "put the cursor on %s", what);
        return false;
    }
    return allows(s, row, why, size);
}

bool chain_may_buy(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_buy, "listing", "an offer", why, size);
}

bool chain_may_deliver(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_deliver, "listing", "an offer", why, size);
}

bool chain_may_refund(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_refund, "listing", "an offer", why, size);
}

bool chain_may_fetch(void *self, struct app *app, char *why, size_t size)
{
    const struct chain_screen *s = self;
    const json_t *row = chain_cursor(s);
    if (!chain_may_read(self, app, why, size)) /* it needs no identity */
        return false;
    return aid_text(row, "listing")[0] != '\0' ? can_fetch(s, row, why, size) : no(why, size, "put the cursor on an offer");
}

bool chain_may_take(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_take, "job", "a job", why, size);
}

bool chain_may_result(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_result, "job", "a job", why, size);
}

bool chain_may_end_job(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_end, "job", "a job", why, size);
}

bool chain_may_reveal(void *self, struct app *app, char *why, size_t size)
{
    return may(self, app, can_reveal, NULL, "", why, size);
}

/* --- in a sentence ---------------------------------------------------------------------------------------------------- */

static const struct advice {
    enum chain_view view;
    can *allows;
    const char *key, *does;
} advices[] = {
    {CHAIN_MARKET, can_buy, "B", "buys it: the price is held until the key is delivered"},
    {CHAIN_MARKET, can_deliver, "D", "delivers: shows the key, to everybody, and is paid"},
    {CHAIN_MARKET, can_refund, "U", "takes it back: the offer, or the price of what did not come in time"},
    {CHAIN_MARKET, can_fetch, "f", "fetches it: takes the model into this workspace"},
    {CHAIN_JOBS, can_take, "T", "takes it: the deposit is held until the result is verified"},
    {CHAIN_JOBS, can_result, "D", "trains it and hands in the result"},
    {CHAIN_JOBS, can_end, "U", "ends it: the pay returns"},
    {CHAIN_TOURNAMENT, can_reveal, "D", "reveals what can be judged now: what is never shown counts as wrong"},
};

int chain_put_advice(const struct chain_screen *s, struct grid *g, struct box b, int y, const json_t *row)
{
    char why[256];
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        const struct advice *a = &advices[i];
        if (a->view != s->view || chain_me(s, "name")[0] == '\0' || !a->allows(s, row, why, sizeof why) || y >= b.rows)
            continue;
        grid_put(g, b, 0, y, STYLE_KEY, a->key);
        y += grid_paragraph(g, box_inset(b, 3, 0, 0, 0), y, STYLE_TEXT, a->does);
    }
    return y;
}

/* --- what to do next -------------------------------------------------------------------------------------------------- */

/* The recipe that everybody who checks a claim trains with becomes that of the Train and Search screens. */
static void take_recipe(struct app *app, const json_t *options)
{
    struct settings settings;
    struct recipe recipe;
    struct task_row task;
    if (!tasks_active(app_workspace(app), &task, NULL))
        return;
    enum task_target target = task.task.target;
    free(task.info);
    settings_load(&settings, &recipe, app_workspace(app), target);
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const char *option = recipe_settings[i].option, *value = option != NULL ? aid_text(options, option) : "";
        text_copy(settings.chosen[i], sizeof settings.chosen[i], value);
    }
    settings_settle(&settings, &recipe, target);
    settings_keep(&settings, app_workspace(app));
}

void chain_take_next(struct chain_screen *s, struct app *app, const json_t *event)
{
    char samples[AID_NUMBER];
    if (json_is_string(json_object_get(event, "chain_task"))) {
        take_recipe(app, json_object_get(event, "recipe"));
        s->verdict_style = STYLE_GOOD;
        snprintf(s->verdict, sizeof s->verdict, "in force: %s samples, recipe and data of task %.12s. 4 searches for a network, p here claims one",
                 aid_count(number_at(event, "samples"), samples), aid_text(event, "chain_task"));
    } else if (json_is_string(json_object_get(event, "listing")) && json_is_boolean(json_object_get(event, "in_force"))) {
        bool in_force = json_is_true(json_object_get(event, "in_force"));
        s->verdict_style = STYLE_GOOD;
        snprintf(s->verdict, sizeof s->verdict, "model %.12s is here. %s", aid_text(event, "model"),
                 in_force ? "5, then P, shows what it predicts" : "Its task is not in force: w on the Tasks view sets it up, with its data");
    }
}

bool chain_newest_model(struct app *app, char id[HASH_HEX])
{
    struct model_row *rows;
    struct task_row task;
    bool found = false, has = tasks_active(app_workspace(app), &task, NULL);
    if (has)
        free(task.info);
    int n = has ? models_list(app_workspace(app), &rows, NULL) : 0;
    for (int i = 0; i < n && !found; i++)
        if ((found = hash_equal(rows[i].task, task.hash) && !rows[i].blas))
            hash_hex(rows[i].id, id);
    if (n > 0)
        models_list_free(rows, n);
    return found;
}
