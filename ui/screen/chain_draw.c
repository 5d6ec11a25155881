/* The Chain screen's frame: the chain and who signs above, then the views, the list with what is under its cursor, or the
 * page about one proposal; where there is no chain, what to do about it. */
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

#include <math.h>

enum { WIDE = 112 };

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static const char *count_at(const json_t *o, const char *key, char out[AID_NUMBER])
{
    return aid_count(number_at(o, key), out);
}

/* One row of a box; none where the box has no such row. */
static struct box row_of(struct box b, int y)
{
    struct box row = box_inset(b, 0, y, 0, 0);
    row.rows = row.rows > 1 ? 1 : row.rows;
    return row;
}

/* --- head ------------------------------------------------------------------------------------------------------------ */

static void draw_totals(const struct chain_screen *s, struct grid *g, struct box row)
{
    static const char *const names[] = {"supply", "stakes", "escrows", "treasury", "burnt"};
    static const char *const shown[] = {"supply", "staked", "held", "fees", "burnt"};
    const json_t *totals = json_object_get(s->read.status, "totals");
    char number[AID_NUMBER], one[64];
    int x = grid_put(g, row, 0, 0, STYLE_TITLE, aid_text(s->read.status, "name")) + 2;
    x = grid_printf(g, row, x, 0, STYLE_TEXT, "height %s", count_at(s->read.status, "height", number)) + 2;
    x = grid_printf(g, row, x, 0, STYLE_DIM, "head %.12s", aid_text(s->read.status, "head")) + 2;
    for (int i = 0; i < 5; i++) {
        snprintf(one, sizeof one, "%s %s", shown[i], count_at(totals, names[i], number));
        if (x + text_width(one) <= row.columns)
            x = grid_put(g, row, x, 0, STYLE_DIM, one) + 2;
    }
}

static void draw_me(const struct chain_screen *s, struct grid *g, struct box row)
{
    const char *name = chain_me(s, "name"), *address = chain_me(s, "address");
    const json_t *account = chain_account_of(s, address);
    char number[AID_NUMBER], tail[96] = "";
    if (name[0] == '\0') {
        bool any = json_array_size(json_object_get(s->read.identities, "identities")) > 0;
        grid_put(g, row, 0, 0, STYLE_WARN, any ? "several identities: Enter on one of the Identities view says which signs"
                                               : "no identity on this machine: K makes one, without which nothing can be signed");
        return;
    }
    int x = grid_put(g, row, 0, 0, STYLE_DIM, "you are") + 1;
    x = grid_put(g, row, x, 0, STYLE_KEY, name) + 1;
    if (account != NULL) {
        snprintf(tail, sizeof tail, "balance %s", count_at(account, "balance", number));
        text_append(tail, sizeof tail, "  stake ");
        text_append(tail, sizeof tail, count_at(account, "stake", number));
    } else {
        text_copy(tail, sizeof tail, "not known to this chain yet");
    }
    struct box middle = box_inset(row, 0, 0, text_width(tail) + 2, 0);
    x = grid_put(g, middle, x, 0, STYLE_TEXT, address) + 2;
    grid_put(g, row, x, 0, STYLE_DIM, tail);
}

/* What runs, else what the last verification came to, else what one validator alone proves. */
static void draw_news(const struct chain_screen *s, struct grid *g, struct box row)
{
    char text[320];
    double progress;
    if (chain_watch_say(s, text, sizeof text, &progress)) {
        bool bar = isfinite(progress) && row.columns >= 60;
        int x = 0;
        if (bar) {
            plot_bar(g, row, 0, 0, 16, STYLE_SERIES_1, progress);
            x = 18;
        }
        grid_put(g, row, x, 0, STYLE_KEY, text);
    } else if (s->verdict[0] != '\0') {
        grid_put(g, row, 0, 0, s->verdict_style, s->verdict);
    } else if (s->read.status != NULL) {
        size_t validators = json_array_size(json_object_get(s->read.status, "validators"));
        if (validators > 1)
            grid_printf(g, row, 0, 0, STYLE_DIM, "%zu validators", validators);
        else
            grid_put(g, row, 0, 0, STYLE_DIM,
                     row.columns < 78 ? "alone: final at once; the times prove nothing"
                                      : "alone: one validator, final at once; its sealing time proves nothing to others");
    }
}

static const char *const view_names[CHAIN_VIEWS] = {"Proposals", "Proposal", "Tasks", "Identities", "Blocks", "Waiting", "Receipts"};
static const char *const view_brief[CHAIN_VIEWS] = {"Prop.", "One", "Tasks", "Ids", "Blocks", "Wait", "Rcpts"};

/* "v  [Proposals 3]  Proposal  Tasks 1  Identities 2  Blocks 12  Waiting 0  Receipts 1" */
static void draw_views(const struct chain_screen *s, struct grid *g, struct box row)
{
    bool wide = row.columns >= 92;
    int x = grid_put(g, row, 0, 0, STYLE_KEY, "v") + 1;
    for (int v = 0; v < CHAIN_VIEWS; v++) {
        bool shown = s->view == (enum chain_view)v;
        char count[24] = "";
        if (v == CHAIN_PROPOSAL && s->opened[0] != '\0')
            snprintf(count, sizeof count, " %.6s", s->opened);
        else if (v != CHAIN_PROPOSAL)
            snprintf(count, sizeof count, " %d", chain_rows(s, (enum chain_view)v));
        x = grid_printf(g, row, x, 0, shown ? STYLE_TITLE : STYLE_DIM, shown ? "[%s%s]" : " %s%s ",
                        (wide ? view_names : view_brief)[v], count);
    }
}

/* --- nothing to show -------------------------------------------------------------------------------------------------- */

static const char *hint_of(const struct chain_screen *s)
{
    bool task = json_array_size(json_object_get(s->read.status, "tasks")) > 0;
    switch (s->view) {
    case CHAIN_QUEUE:
        return task ? "Nothing was claimed yet. p claims the cross-validated score of the architecture at hand (choose it on the "
                      "Graph or the Search screen), with a stake that is lost if it is false."
                    : "Nothing was claimed yet. First the prediction task has to be on the chain: t puts it there, b seals it into a "
                      "block; then p claims a score.";
    case CHAIN_PROPOSAL:
        return s->read.unshown[0] != '\0' ? s->read.unshown
                                          : "Enter on a proposal of the first view opens it here, with all its evidence.";
    case CHAIN_TASKS:
        return "No task is on the chain. t puts the workspace's prediction task on it: the data, the folds, the training recipe, a "
               "pool that improvements are paid from, and who may approve.";
    case CHAIN_IDENTITIES:
        return "There is no identity on this machine. K makes one: a key pair, encrypted with a passphrase.";
    case CHAIN_WAITING:
        return "Nothing waits for a block. What is signed stands here until b seals it.";
    case CHAIN_RECEIPTS:
        return "No receipt was written yet. w on a proposal or a block writes one: the proof of a decision, which verifies alone, "
               "years later, without the chain. W checks one.";
    default:
        return "";
    }
}

static void draw_begin(const struct chain_screen *s, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    bool identities = json_array_size(json_object_get(s->read.identities, "identities")) > 0;
    bool bad = s->seen[0] != '\0' && s->seen[0] != '-' && s->read.problem[0] != '\0';
    int y = grid_paragraph(g, in, 0, STYLE_TEXT,
                           "The chain is a signed logbook in a file: it makes \"this network scores so much on that data\" a "
                           "statement that anyone can re-check, bit for bit, and that costs its author something when false.") + 1;
    if (bad) {
        y += grid_paragraph(g, in, y, STYLE_BAD, s->read.problem) + 1;
        aid_hint(g, in, 0, y, "V", "re-checks everything and names the first breach");
        return;
    }
    grid_put(g, in, 0, y++, STYLE_DIM, identities ? "There is an identity; the next step is I." : "The next step is K.");
    y++;
    aid_hint(g, in, 0, y++, "K", "makes an identity: a key pair, encrypted with a passphrase");
    aid_hint(g, in, 0, y++, "I", "starts a chain with it as the only validator");
    aid_hint(g, in, 0, y++, "t", "puts the prediction task on it");
    aid_hint(g, in, 0, y++, "b", "seals what was signed into a block");
    aid_hint(g, in, 0, y++, "p", "claims the score of the architecture at hand");
    aid_hint(g, in, 0, y++, "c", "re-trains a claim and attests what came out");
    aid_hint(g, in, 0, y++, "a x", "approves or rejects it, by signature");
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

static int within(int v, int least, int most)
{
    return v > most ? most < least ? least : most : v < least ? least : v;
}

/* Below a list that leaves room: what people would rather look at than read. */
static void draw_below(const struct chain_screen *s, struct grid *g, struct box b)
{
    b = box_inset(b, 0, 1, 0, 0);
    b.rows = b.rows > 16 ? 16 : b.rows;
    if (b.rows < 7)
        return;
    if (s->view == CHAIN_QUEUE || s->view == CHAIN_TASKS)
        chain_draw_best(s, g, b, aid_text(chain_cursor(s), "task"));
    else if (s->view == CHAIN_IDENTITIES)
        chain_draw_stakes(s, g, b);
}

static void draw_lists(struct chain_screen *s, struct grid *g, struct box b)
{
    struct box list = b, side = {0, 0, 0, 0}, below = {0, 0, 0, 0};
    int rows = chain_rows(s, s->view);
    if (rows == 0) {
        grid_paragraph(g, box_inset(b, 2, 1, 2, 0), 0, STYLE_TEXT, s->begun ? hint_of(s) : "The chain is being read...");
        return;
    }
    if (b.columns >= WIDE) {
        box_split_columns(b, -within(b.columns * 2 / 5, 44, 100), &list, &side);
        list = box_inset(list, 0, 0, 2, 0);
        if (rows + 1 + 9 < list.rows)
            box_split_rows(list, within(rows + 1, 6, list.rows / 2), &list, &below);
    } else if (b.rows >= 9) {
        box_split_rows(b, within(rows + 1, 4, b.rows * 2 / 5), &list, &side);
        side = box_inset(side, 0, side.rows > 8, 0, 0);
    }
    chain_draw_table(s, g, list);
    draw_below(s, g, below);
    if (side.rows > 0)
        chain_draw_side(s, g, side, below.rows > 0);
}

static void draw_body(struct chain_screen *s, struct grid *g, struct box b)
{
    if (s->view == CHAIN_PROPOSAL && s->read.shown != NULL)
        chain_draw_proposal(s, g, b);
    else if (s->view == CHAIN_PROPOSAL)
        grid_paragraph(g, box_inset(b, 2, 1, 2, 0), 0, STYLE_TEXT, s->reading ? "The proposal is being read..." : hint_of(s));
    else
        draw_lists(s, g, b);
}

void chain_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    (void)app;
    struct chain_screen *s = self;
    struct box in = box_inset(b, 1, 0, 1, 0);
    if (s->form.command != NULL) {
        chain_form_draw(s, g, in);
        return;
    }
    if (!s->begun) {
        grid_paragraph(g, box_inset(in, 2, 1, 2, 0), 0, STYLE_DIM, "The chain is being read...");
        return;
    }
    if (s->read.status == NULL && s->view != CHAIN_IDENTITIES) {
        draw_news(s, g, row_of(in, 0));
        draw_begin(s, g, box_inset(in, 0, 1, 0, 0));
        return;
    }
    if (s->read.status != NULL)
        draw_totals(s, g, row_of(in, 0));
    draw_me(s, g, row_of(in, 1));
    draw_news(s, g, row_of(in, 2));
    draw_views(s, g, row_of(in, 3));
    draw_body(s, g, box_inset(in, 0, 4, 0, 0));
}
