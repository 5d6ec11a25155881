/* The Chain screen's pane about what is under the cursor of a list. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

#include <math.h>

enum { AT = 13 };

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static int put_count(struct grid *g, struct box b, int y, const char *label, const json_t *o, const char *key)
{
    char number[AID_NUMBER];
    if (!json_is_integer(json_object_get(o, key)))
        return y;
    return y + aid_field(g, b, y, AT, label, "%s", aid_count(number_at(o, key), number));
}

static int put_text(struct grid *g, struct box b, int y, const char *label, const json_t *o, const char *key)
{
    const char *text = aid_text(o, key);
    return text[0] != '\0' ? y + aid_field(g, b, y, AT, label, "%s", text) : y;
}

static void draw_proposal(const struct chain_screen *s, struct grid *g, struct box b, const json_t *p)
{
    char percent[24], turn[320];
    int y = 1;
    struct page folds;
    aid_heading(g, b, 0, "Proposal", aid_text(p, "state"));
    chain_turn(s, p, turn, sizeof turn);
    if (turn[0] != '\0')
        y += grid_paragraph(g, b, y, STYLE_KEY, turn);
    figure_percent(chain_claimed(p), percent, sizeof percent);
    y += aid_field(g, b, y, AT, "claims", "%s, %lld of %lld right", percent, number_at(json_object_get(p, "claimed"), "correct"),
                   number_at(json_object_get(p, "claimed"), "total"));
    y += aid_field(g, b, y, AT, "by", "%s%s", aid_text(p, "proposer"), chain_is_mine(s, aid_text(p, "proposer")) ? " (you)" : "");
    page_new(&folds, b.columns + 2, g->symbols);
    chain_put_folds(&folds, json_object_get(p, "folds"));
    struct page_view still = {.cursor = 0};
    if (b.rows - y > folds.y + 1) {
        page_show(&folds, &still, g, (struct box){b.x - 2, b.y + y, b.columns + 2, folds.y}, false);
        y += folds.y;
    }
    page_free(&folds);
    if (y < b.rows)
        grid_put(g, b, 0, b.rows - 1 > y ? y + 1 : y, STYLE_DIM, "Enter opens it in full, with all evidence.");
}

static int put_holdouts(const struct chain_screen *s, struct grid *g, struct box b, int y, const json_t *task)
{
    size_t i;
    const json_t *h;
    json_array_foreach(json_object_get(s->read.status, "holdouts"), i, h)
        if (text_equal(aid_text(h, "task"), aid_text(task, "task")))
            y += aid_field(g, b, y, AT, "hold-out", "%lld of %lld right, says %s; Enter: its evidence", number_at(h, "correct"),
                           number_at(h, "total"), aid_text(h, "who"));
    return y;
}

static void draw_task(const struct chain_screen *s, struct grid *g, struct box b, const json_t *t, bool beside)
{
    size_t i;
    const json_t *one;
    int y = 1;
    aid_heading(g, b, 0, "Task", chain_is_mine(s, aid_text(t, "owner")) ? "yours" : "");
    y = put_text(g, b, y, "id", t, "task");
    y = put_text(g, b, y, "owner", t, "owner");
    y = put_count(g, b, y, "pool left", t, "pool_left");
    y = put_count(g, b, y, "of", t, "pool");
    json_array_foreach(json_object_get(t, "reviewers"), i, one)
        y += aid_field(g, b, y, AT, i == 0 ? "reviewers" : "", "%s%s", json_string_value(one),
                       chain_is_mine(s, json_string_value(one)) ? " (you)" : "");
    y = put_text(g, b, y, "data set", t, "dataset");
    y = put_text(g, b, y, "numeric", t, "numeric");
    y = put_count(g, b, y, "at height", t, "height");
    y = put_holdouts(s, g, b, y, t);
    if (!beside && b.rows - y >= 7)
        chain_draw_best(s, g, box_inset(b, 0, y + 1, 0, 0), aid_text(t, "task"));
}

static void draw_identity(const struct chain_screen *s, struct grid *g, struct box b, const json_t *row, bool beside)
{
    const char *address = aid_text(row, "address"), *name = aid_text(row, "name");
    const json_t *account = chain_account_of(s, address);
    int y = 1;
    bool signs = name[0] != '\0' && text_equal(name, chain_me(s, "name"));
    aid_heading(g, b, 0, name[0] != '\0' ? name : "Another's account", signs ? "signs" : name[0] != '\0' ? "Enter: let it sign" : "");
    y = put_text(g, b, y, "address", row, "address");
    y = put_text(g, b, y, "public key", row, "public_key");
    y = put_count(g, b, y, "balance", account, "balance");
    y = put_count(g, b, y, "stake", account, "stake");
    y = put_count(g, b, y, "nonce", account, "nonce");
    if (account == NULL && s->read.status != NULL)
        y += aid_field(g, b, y, AT, "on chain", "not yet: nothing was sent to it");
    if (!beside && b.rows - y >= 4)
        chain_draw_stakes(s, g, box_inset(b, 0, y + 1, 0, 0));
}

/* Rows that a transaction takes; y may be behind the box. */
static int put_tx(struct grid *g, struct box b, int y, const json_t *tx)
{
    if (y < b.rows)
        grid_printf(g, b, 0, y, STYLE_TITLE, "%s  %.12s  by %s", aid_text(tx, "kind"), aid_text(tx, "tx"), aid_text(tx, "sender"));
    y++;
    if (y < b.rows)
        y += grid_paragraph(g, box_inset(b, 2, 0, 0, 0), y, STYLE_TEXT, aid_text(tx, "show"));
    return y;
}

static void draw_block(struct grid *g, struct box b, const json_t *block)
{
    int y = 1;
    size_t i;
    const json_t *tx;
    char title[48], number[AID_NUMBER];
    snprintf(title, sizeof title, "Block %lld", number_at(block, "height"));
    aid_heading(g, b, 0, title, "Enter: in full");
    y = put_text(g, b, y, "id", block, "hash");
    y = put_text(g, b, y, "sealed", block, "time");
    y = put_text(g, b, y, "by", block, "proposer");
    y += aid_field(g, b, y, AT, "in the file", "%s bytes from byte %lld on", aid_count(number_at(block, "bytes"), number),
                   number_at(block, "offset"));
    json_array_foreach(json_object_get(block, "transactions"), i, tx)
        if (y < b.rows)
            y = put_tx(g, b, y + 1, tx);
}

static void draw_waiting(struct grid *g, struct box b, const json_t *tx)
{
    aid_heading(g, b, 0, aid_text(tx, "kind"), "signed, not in a block yet");
    int y = put_text(g, b, 1, "id", tx, "tx");
    y = put_text(g, b, y, "by", tx, "sender");
    if (y < b.rows)
        grid_paragraph(g, b, y + 1, STYLE_TEXT, aid_text(tx, "show"));
}

static void draw_receipt(struct grid *g, struct box b, const json_t *r)
{
    aid_heading(g, b, 0, "Receipt", "W checks it");
    int y = put_text(g, b, 1, "file", r, "path");
    y = put_text(g, b, y, "says", r, "says");
    y = put_text(g, b, y, "transaction", r, "tx");
    y = put_text(g, b, y, "chain", r, "chain");
    put_text(g, b, y, "head", r, "head");
}

void chain_draw_side(const struct chain_screen *s, struct grid *g, struct box b, bool beside)
{
    const json_t *row = chain_cursor(s);
    if (row == NULL)
        return;
    switch (s->view) {
    case CHAIN_QUEUE:
        draw_proposal(s, g, b, row);
        break;
    case CHAIN_TASKS:
        draw_task(s, g, b, row, beside);
        break;
    case CHAIN_IDENTITIES:
        draw_identity(s, g, b, row, beside);
        break;
    case CHAIN_BLOCKS:
        draw_block(g, b, row);
        break;
    case CHAIN_WAITING:
        draw_waiting(g, b, row);
        break;
    case CHAIN_RECEIPTS:
        draw_receipt(g, b, row);
        break;
    default:
        chain_draw_many_side(s, g, b, row);
        break;
    }
}
