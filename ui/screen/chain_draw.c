/* The Chain screen's frame: the chain and who signs above, then the views, the list with what is under its cursor, or the
 * page about one proposal; where there is no chain, what to do about it. */
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_follow.h"

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
        char following[160];
        if (chain_is_many(s) && chain_follow_say(s, following, sizeof following))
            grid_put(g, row, 0, 0, STYLE_GOOD, following);
        else if (chain_is_many(s))
            grid_printf(g, row, 0, 0, STYLE_DIM, "%zu validator%s; nothing is followed from here (f on the votes)", validators,
                        text_s((int64_t)validators));
        else
            grid_put(g, row, 0, 0, STYLE_DIM,
                     row.columns < 78 ? "alone: final at once; the times prove nothing"
                                      : "alone: one validator, final at once; its sealing time proves nothing to others");
    }
}

/* How a view is called in the row of views. */
enum naming { NAMED_IN_FULL, NAMED_BRIEFLY, NAMED_ALONE, NAMINGS };

static void name_view(const struct chain_screen *s, enum chain_view v, enum naming how, char *out, size_t size)
{
    const struct chain_list *l = chain_list_of(v);
    bool shown = s->view == v, of_one = v == CHAIN_PROPOSAL || v == CHAIN_DISPUTE;
    const char *opened = v == CHAIN_PROPOSAL ? s->opened : s->disputed;
    char count[24] = "";
    if (of_one && opened[0] != '\0')
        snprintf(count, sizeof count, " %.6s", opened);
    else if (!of_one && (how != NAMED_ALONE || shown))
        snprintf(count, sizeof count, " %d", chain_rows(s, v));
    const char *name = how == NAMED_IN_FULL || (how == NAMED_ALONE && shown) ? l->name : l->brief;
    snprintf(out, size, shown ? "[%s%s]" : " %s%s ", name, count);
}

static int views_width(const struct chain_screen *s, enum naming how)
{
    int sum = 2;
    char name[64];
    for (int v = 0; v < CHAIN_VIEWS; v++)
        if (chain_has_view(s, (enum chain_view)v)) {
            name_view(s, (enum chain_view)v, how, name, sizeof name);
            sum += text_width(name);
        }
    return sum;
}

/* "v  [Proposals 3]  Proposal  Tasks 1  Identities 2  Blocks 12  Waiting 0  Receipts 1"; where not all fit, from the first
 * one on with which the one that is shown fits. */
static void draw_views(const struct chain_screen *s, struct grid *g, struct box row)
{
    int how = NAMED_IN_FULL, first = 0, x = grid_put(g, row, 0, 0, STYLE_KEY, "v") + 1;
    char name[64];
    while (how < NAMINGS - 1 && views_width(s, (enum naming)how) > row.columns)
        how++;
    for (int past = views_width(s, (enum naming)how) - row.columns; past > 0 && first < (int)s->view; first++)
        if (chain_has_view(s, (enum chain_view)first)) {
            name_view(s, (enum chain_view)first, (enum naming)how, name, sizeof name);
            past -= text_width(name);
        }
    for (int v = first; v < CHAIN_VIEWS; v++)
        if (chain_has_view(s, (enum chain_view)v)) {
            name_view(s, (enum chain_view)v, (enum naming)how, name, sizeof name);
            x = grid_put(g, row, x, 0, s->view == (enum chain_view)v ? STYLE_TITLE : STYLE_DIM, name);
        }
}

/* --- nothing to show -------------------------------------------------------------------------------------------------- */

static const char *hint_of(const struct chain_screen *s)
{
    bool task = json_array_size(json_object_get(s->read.status, "tasks")) > 0;
    switch (s->view) {
    case CHAIN_QUEUE:
        return task && !s->in_force
               ? "Nothing was claimed yet. No task is in force in this workspace: w on a task of the Tasks view sets it up from the "
                 "chain's objects, without the files that it was made from. Then a search finds a network, and p claims its score."
           : task ? "Nothing was claimed yet. p claims the cross-validated score of the architecture at hand (choose it on the "
                      "Graph or the Search screen), with a stake that is lost if it is false."
               : chain_is_many(s)
                   ? "Nothing was claimed yet. First the prediction task has to be on the chain: t puts it there, and the validators' votes "
                     "make it a block; then p claims a score."
                   : "Nothing was claimed yet. First the prediction task has to be on the chain: t puts it there, b seals it into a "
                     "block; then p claims a score.";
    case CHAIN_PROPOSAL:
        return s->read.unshown[0] != '\0' ? s->read.unshown
                                          : "Enter on a proposal of the first view opens it here, with all its evidence.";
    case CHAIN_TASKS:
        return "No task is on the chain. t puts the workspace's prediction task on it: the data, the folds, the training recipe, a "
               "pool that improvements are paid from, and who may approve. w on one that others put there sets it up here, without "
               "their files.";
    case CHAIN_IDENTITIES:
        return "There is no identity on this machine. K makes one: a key pair, encrypted with a passphrase.";
    case CHAIN_WAITING:
        return chain_is_many(s) ? "Nothing waits for a block. What is signed stands here until the validators have sealed it."
                                : "Nothing waits for a block. What is signed stands here until b seals it.";
    case CHAIN_RECEIPTS:
        return "No receipt was written yet. w on a proposal or a block writes one: the proof of a decision, which verifies alone, "
               "years later, without the chain. W checks one.";
    case CHAIN_DISPUTES:
        return "Nothing is disputed. C on an opened proposal re-runs it and disputes the first place where it is false, with a deposit.";
    case CHAIN_DISPUTE:
        return "Enter on a dispute of the view before opens it here, step by step.";
    case CHAIN_MARKET:
        return "Nothing is for sale. A offers a model: encrypted, for a price; its key is shown once it is paid, and to everybody then.";
    case CHAIN_JOBS:
        return "No job is offered. A offers pay for training a network on the task; T takes one; the result is checked like a claim.";
    case CHAIN_TOURNAMENT:
        return "Nothing was predicted yet. A seals what a model says of bars that do not exist yet, T tells how they came out (the task's "
               "owner), D shows what was sealed. Only predictions of the future count here.";
    case CHAIN_FORKS:
        return "No fork was met: nobody has shown a final block that contradicts ours.";
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
    aid_hint(g, in, 0, y++, "J", "or joins the chain of others, from a folder of theirs");
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
    else if (s->view == CHAIN_DISPUTE && chain_dispute(s) != NULL)
        chain_draw_dispute(s, g, b);
    else if (s->view == CHAIN_VOTES)
        chain_draw_votes(s, g, b);
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
