/* The Chain screen: the queue of proposals and one of them in full, tasks, identities, blocks, what waits for a block, and
 * receipts; staking, claiming, re-running, deciding, sealing, verifying. */
#include "base/memory.h"
#include "base/text.h"
#include "store/tasks.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

static void *open_screen(struct app *app)
{
    (void)app;
    struct chain_screen *s = NEW(struct chain_screen);
    s->want_block = -1;
    s->identity = chain_identity_new();
    return s;
}

static void close_screen(void *self)
{
    struct chain_screen *s = self;
    chain_sign_clear(s);
    chain_follow_free(&s->follow);
    chain_form_close(&s->form);
    chain_identity_free(s->identity);
    chain_read_free(&s->read);
    free(s);
}

static void reload(void *self, struct app *app)
{
    ((struct chain_screen *)self)->in_force = tasks_exist(app_workspace(app));
    chain_load(self, app, false);
}

static bool stale(void *self, struct app *app)
{
    return chain_stale(self, app);
}

/* --- moving ---------------------------------------------------------------------------------------------------------- */

static void find(struct chain_screen *s, struct app *app, int step)
{
    struct table_state *t = &s->table[s->view];
    int rows = chain_rows(s, s->view),
        row = rows > 0 && s->view != CHAIN_PROPOSAL
                  ? app_search_row(app, rows, t->cursor + step, step, s, chain_row_text)
                  : -1;
    if (row >= 0)
        t->cursor = row;
}

static bool mouse(struct chain_screen *s, struct app *app, const struct input_event *event)
{
    struct table_state *t = &s->table[s->view];
    struct table_source source = {s, chain_rows(s, s->view), NULL};
    bool inside = event->x >= s->rows.x && event->x < s->rows.x + s->rows.columns;
    int row = inside ? table_row_at(s->rows, &source, t, event->y - s->rows.y) : -1;
    bool again = row >= 0 && row == t->cursor;
    if (row >= 0)
        t->cursor = row;
    if (again)
        chain_open(s, app);
    return true;
}

static bool input(void *self, struct app *app, const struct input_event *event)
{
    struct chain_screen *s = self;
    int delta;
    if (s->form.command != NULL)
        return chain_form_input(s, app, event);
    if (event->key == INPUT_LEFT || event->key == INPUT_RIGHT || event->key == 'h' || event->key == 'l') {
        chain_show_view(s, app, event->key == INPUT_LEFT || event->key == 'h' ? -1 : 1);
        return true;
    }
    if (event->key == 'n' || event->key == 'N') {
        find(s, app, event->key == 'n' ? 1 : -1);
        return true;
    }
    if (s->view == CHAIN_PROPOSAL || s->view == CHAIN_DISPUTE)
        return page_input(&s->page, event);
    if (!aid_move(event, s->rows.rows - 2, &delta))
        return event->key == INPUT_MOUSE && mouse(s, app, event);
    table_move(&s->table[s->view], chain_rows(s, s->view), delta);
    chain_want(s, app);
    return true;
}

const struct screen screen_chain = {
    .name = "chain",
    .title = "Chain",
    .about = "The ledger: what is claimed on what evidence, who re-ran it and decided, whose turn it is, who is who and has "
             "staked what, and whether all of it still holds. Left and right change the view. self: by the proposer itself, "
             "which only a chain of one allows.",
    .key = chain_keys,
    .keys = CHAIN_KEYS,
    .open = open_screen,
    .close = close_screen,
    .reload = reload,
    .stale = stale,
    .draw = chain_draw,
    .input = input,
    .shows = chain_shows,
    .event = chain_event,
    .explain = chain_explain,
};
