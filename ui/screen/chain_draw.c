/* How the chain looks: a head with totals, four lists, and the details of what is under the cursor. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/chain_internal.h"

static const char *text_at(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void count_at(const json_t *o, const char *key, char *out, size_t size)
{
    text_of_count((uint64_t)number_at(o, key), out, size);
}

/* --- lists ---------------------------------------------------------------------------------------------------------
 */

static const struct table_column proposal_columns[] = {
    {"Proposal", 12, 12, false, 0}, {"State", 8, 8, false, 0},  {"Accuracy", 8, 8, true, 0},
    {"Approvals", 9, 9, true, 1},   {"Re-run", 7, 7, false, 1}, {"Stake", 9, 12, true, 2},
    {"Reward", 9, 12, true, 3},
};
static const struct table_column block_columns[] = {
    {"Height", 6, 8, true, 0},
    {"Hash", 12, 12, false, 0},
    {"Time (UTC)", 19, 20, false, 1},
    {"Transactions", 12, 40, false, 0},
};
static const struct table_column account_columns[] = {
    {"Address", 16, 52, false, 0},
    {"Balance", 11, 14, true, 0},
    {"Stake", 9, 12, true, 0},
    {"Validator", 9, 9, false, 2},
};
static const struct table_column waiting_columns[] = {
    {"Transaction", 12, 12, false, 0},
    {"Kind", 10, 10, false, 0},
    {"", 10, 60, false, 1},
};

static const struct {
    const char *title;
    const struct table_column *column;
    int columns;
    const char *empty;
} lists[CHAIN_LISTS] = {
    {"Proposals", proposal_columns, (int)ARRAY_N(proposal_columns),
     "no proposal in a sealed block: p claims the score of the architecture at hand"},
    {"Blocks", block_columns, (int)ARRAY_N(block_columns), ""},
    {"Accounts", account_columns, (int)ARRAY_N(account_columns), ""},
    {"Waiting", waiting_columns, (int)ARRAY_N(waiting_columns), "nothing waits for a block"},
};

static void proposal_cell(const json_t *row, int column, char *out, size_t size, enum style *style)
{
    const char *state = text_at(row, "state");
    switch (column) {
    case 0:
        snprintf(out, size, "%.12s", text_at(row, "proposal"));
        break;
    case 1:
        text_copy(out, size, state);
        *style = text_equal(state, "accepted") ? STYLE_GOOD : text_equal(state, "rejected") ? STYLE_BAD : STYLE_WARN;
        break;
    case 2:
        snprintf(out, size, "%.4f",
                 json_number_value(json_object_get(json_object_get(row, "claimed"), "directional_accuracy")));
        break;
    case 3:
        snprintf(out, size, "%lld of %lld", number_at(row, "approvals"), number_at(row, "approvals_needed"));
        break;
    case 4:
        text_copy(out, size, json_is_true(json_object_get(row, "verified")) ? "same" : "not yet");
        break;
    default:
        count_at(row, column == 5 ? "stake" : "reward", out, size);
    }
}

static void block_cell(const json_t *row, int column, char *out, size_t size)
{
    size_t i;
    const json_t *tx;
    if (column == 0)
        snprintf(out, size, "%lld", number_at(row, "height"));
    else if (column == 1)
        snprintf(out, size, "%.12s", text_at(row, "hash"));
    else if (column == 2)
        snprintf(out, size, "%.19s", text_at(row, "time"));
    else
        json_array_foreach(json_object_get(row, "transactions"), i, tx)
        {
            text_append(out, size, i ? ", " : "");
            text_append(out, size, text_at(tx, "kind"));
        }
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct chain_screen *s = context;
    const json_t *o = json_array_get(chain_rows(s, s->list), (size_t)row);
    out[0] = 0;
    if (s->list == CHAIN_PROPOSALS) {
        proposal_cell(o, column, out, size, style);
    } else if (s->list == CHAIN_BLOCKS) {
        block_cell(o, column, out, size);
    } else if (s->list == CHAIN_ACCOUNTS) {
        if (column == 0)
            text_copy(out, size, text_at(o, "address"));
        else if (column == 3)
            text_copy(out, size, json_is_true(json_object_get(o, "validator")) ? "yes" : "");
        else
            count_at(o, column == 1 ? "balance" : "stake", out, size);
    } else if (column == 0) {
        snprintf(out, size, "%.12s", text_at(o, "tx"));
    } else {
        text_copy(out, size, text_at(o, column == 1 ? "kind" : "show"));
        for (char *c = out; *c; c++)
            *c = *c == '\n' ? ' ' : *c;
    }
}

static void draw_list(struct chain_screen *s, struct grid *g, struct box b)
{
    struct box head, rows;
    int x = 0;
    box_split_rows(b, 1, &head, &rows);
    for (int i = 0; i < CHAIN_LISTS; i++) {
        bool here = (int)s->list == i;
        int from = x;
        x = grid_printf(g, head, x, 0, here ? STYLE_TITLE : STYLE_DIM, "%c%s %zu%c", here ? '[' : ' ', lists[i].title,
                        json_array_size(chain_rows(s, (enum chain_list)i)), here ? ']' : ' ');
        if (here)
            grid_restyle(g, (struct box){head.x + from, head.y, x - from, 1}, STYLE_SELECTED);
        x++;
    }
    struct table_source source = {s, (int)json_array_size(chain_rows(s, s->list)), cell};
    s->rows = rows;
    table_draw(g, rows, lists[s->list].column, lists[s->list].columns, &source, &s->table[s->list], true);
    if (!source.rows)
        grid_paragraph(g, box_inset(rows, 2, 2, 1, 0), 0, STYLE_DIM, lists[s->list].empty);
}

/* --- details -------------------------------------------------------------------------------------------------------
 */

static void field(struct grid *g, struct box b, int *y, const char *name, const char *value, enum style style)
{
    if (*y >= b.rows)
        return;
    grid_put(g, b, 0, *y, STYLE_DIM, name);
    grid_put(g, b, 14, (*y)++, style, value);
}

static void draw_folds(struct grid *g, struct box b, int *y, const json_t *folds)
{
    size_t i;
    const json_t *f;
    json_array_foreach((json_t *)folds, i, f)
    {
        double share = (double)number_at(f, "correct") / (double)number_at(f, "total");
        if (*y >= b.rows)
            return;
        grid_printf(g, b, 0, *y, STYLE_DIM, "fold %zu", i + 1);
        plot_bar(g, b, 14, *y, b.columns > 50 ? 20 : 8, STYLE_SERIES_1, share);
        grid_printf(g, b, b.columns > 50 ? 35 : 23, (*y)++, STYLE_TEXT, "%lld of %lld", number_at(f, "correct"),
                    number_at(f, "total"));
    }
}

static void draw_decisions(struct grid *g, struct box b, int *y, const json_t *decisions)
{
    size_t i;
    const json_t *d;
    json_array_foreach((json_t *)decisions, i, d)
    {
        bool approve = json_is_true(json_object_get(d, "approve"));
        const json_t *matches = json_object_get(d, "matches");
        if (*y >= b.rows)
            return;
        int x = grid_put(g, b, 0, *y, approve ? STYLE_GOOD : STYLE_BAD, approve ? "+ approved" : "- rejected");
        x = grid_printf(g, b, x + 1, *y, STYLE_TEXT, "by %.12s%s", text_at(d, "who"),
                        json_is_true(json_object_get(d, "self")) ? " (self)" : "");
        grid_printf(g, b, x + 1, (*y)++, STYLE_DIM, "%s: %s",
                    json_is_true(matches) ? "re-run, same bits"
                    : matches             ? "re-run, OTHER bits"
                                          : "not re-run",
                    text_at(d, "reason"));
    }
}

static void draw_proposal(struct grid *g, struct box b, const json_t *p)
{
    int y = 0;
    char number[64], accuracy[96];
    const json_t *claimed = json_object_get(p, "claimed");
    snprintf(accuracy, sizeof accuracy, "%.4f  (%lld of %lld right)",
             json_number_value(json_object_get(claimed, "directional_accuracy")), number_at(claimed, "correct"),
             number_at(claimed, "total"));
    field(g, b, &y, "claims", accuracy, STYLE_TITLE);
    field(g, b, &y, "by", text_at(p, "proposer"), STYLE_TEXT);
    count_at(p, "stake", number, sizeof number);
    field(g, b, &y, "stake", number, STYLE_TEXT);
    count_at(p, "reward", number, sizeof number);
    field(g, b, &y, "reward", number, STYLE_TEXT);
    draw_folds(g, b, &y, json_object_get(p, "folds"));
    field(g, b, &y, "trace root", text_at(p, "trace_root"), STYLE_TEXT);
    field(g, b, &y, "weights", text_at(p, "weights_hash"), STYLE_TEXT);
    field(g, b, &y, "architecture", text_at(p, "arch"), STYLE_TEXT);
    field(g, b, &y, "evidence", text_at(p, "evidence_hash"), STYLE_TEXT);
    y++;
    draw_decisions(g, b, &y, json_object_get(p, "decisions"));
    if (y < b.rows)
        grid_put(g, b, 0, y, STYLE_DIM, "Enter opens all evidence; a approves, x refuses; e explains.");
}

static void draw_block(struct grid *g, struct box b, const json_t *block)
{
    int y = 0;
    size_t i;
    const json_t *tx;
    char bytes[64];
    snprintf(bytes, sizeof bytes, "%lld bytes at offset %lld", number_at(block, "bytes"), number_at(block, "offset"));
    field(g, b, &y, "hash", text_at(block, "hash"), STYLE_TEXT);
    field(g, b, &y, "sealed", text_at(block, "time"), STYLE_TEXT);
    field(g, b, &y, "frame", bytes, STYLE_TEXT);
    json_array_foreach(json_object_get(block, "transactions"), i, tx)
    {
        y++;
        if (y >= b.rows)
            return;
        grid_printf(g, b, 0, y++, STYLE_TITLE, "%s  %.12s  by %s", text_at(tx, "kind"), text_at(tx, "tx"),
                    text_at(tx, "sender"));
        if (y < b.rows)
            y += grid_paragraph(g, box_inset(b, 2, 0, 0, 0), y, STYLE_TEXT, text_at(tx, "show"));
    }
}

static void draw_details(const struct chain_screen *s, struct grid *g, struct box b)
{
    const json_t *row = chain_cursor(s);
    if (!row || b.rows < 1)
        return;
    if (s->list == CHAIN_PROPOSALS)
        draw_proposal(g, b, row);
    else if (s->list == CHAIN_BLOCKS)
        draw_block(g, b, row);
    else if (s->list == CHAIN_WAITING)
        grid_paragraph(g, b, 0, STYLE_TEXT, text_at(row, "show"));
    else
        grid_paragraph(g, b, 0, STYLE_TEXT, text_at(row, "address"));
}

/* --- the whole ------------------------------------------------------------------------------------------------------
 */

static void draw_begin(const struct chain_screen *s, struct grid *g, struct box b)
{
    struct box in = box_inset(b, 2, 1, 2, 0);
    size_t identities = json_array_size(json_object_get(s->identities, "identities"));
    int y = grid_paragraph(
        g, in, 0, STYLE_TEXT,
        "The chain is a signed logbook in a file: it makes \"this network scores so much on that data\" a "
        "statement that anyone can re-check, bit for bit, and that costs its author something when false.");
    y += 1;
    bool bad = s->seen[0] && s->seen[0] != '-';
    if (bad) {
        grid_paragraph(g, in, y, STYLE_BAD, s->problem);
        return;
    }
    grid_put(g, in, 0, y++, identities ? STYLE_DIM : STYLE_KEY,
             identities ? "  you have an identity" : "K makes an identity");
    grid_put(g, in, 0, y++, identities ? STYLE_KEY : STYLE_DIM, "I starts a chain with it as the only validator");
    grid_paragraph(g, in, y, STYLE_DIM,
                   "then: s stakes, t puts the task on it, b seals a block, p claims a score, a approves");
}

static void draw_head(const struct chain_screen *s, struct grid *g, struct box b)
{
    char supply[32], stakes[32], treasury[32];
    const json_t *totals = json_object_get(s->status, "totals");
    const json_t *first = json_array_get(json_object_get(s->identities, "identities"), 0);
    count_at(totals, "supply", supply, sizeof supply);
    count_at(totals, "stakes", stakes, sizeof stakes);
    count_at(totals, "treasury", treasury, sizeof treasury);
    int x = grid_printf(g, b, 0, 0, STYLE_TITLE, "%s", text_at(s->status, "name"));
    x = grid_printf(g, b, x + 2, 0, STYLE_TEXT, "height %lld", number_at(s->status, "height"));
    x = grid_printf(g, b, x + 2, 0, STYLE_DIM, "head %.12s", text_at(s->status, "head"));
    x = grid_printf(g, b, x + 2, 0, STYLE_DIM, "supply %s, staked %s, fees %s", supply, stakes, treasury);
    grid_printf(g, b, 0, 1, STYLE_DIM, "you: %s %s", text_at(first, "name"), text_at(first, "address"));
    if (s->verdict[0])
        grid_put(g, b, 0, 2, s->verdict_style, s->verdict);
    else
        grid_put(g, b, 0, 2, STYLE_DIM,
                 "alone: one validator, final at once; its sealing time proves nothing to others");
}

void chain_draw(void *self, struct app *app, struct grid *g, struct box b)
{
    (void)app;
    struct chain_screen *s = self;
    if (!s->status) {
        draw_begin(s, g, b);
        return;
    }
    struct box head, rest, list, details;
    box_split_rows(box_inset(b, 1, 0, 1, 0), 4, &head, &rest);
    draw_head(s, g, head);
    if (b.columns >= 150)
        box_split_columns(rest, rest.columns / 2, &list, &details);
    else
        box_split_rows(rest, rest.rows < 24 ? rest.rows * 2 / 5 : 10, &list, &details);
    draw_list(s, g, list);
    draw_details(s, g, b.columns >= 150 ? box_inset(details, 2, 1, 0, 0) : box_inset(details, 0, 1, 0, 0));
}

char *chain_explain(void *self, struct app *app)
{
    (void)app;
    const struct chain_screen *s = self;
    const json_t *row = chain_cursor(s);
    if (!s->status || !row)
        return memory_text("A chain holds signed transactions in sealed blocks. Each block carries the hash of the one "
                           "before and of the "
                           "state it leads to, so that no byte can change unnoticed.");
    if (s->list == CHAIN_PROPOSALS)
        return memory_format(
            "This proposal claims that architecture %.12s, trained from scratch with the task's recipe, gets %lld of "
            "%lld out-of-fold "
            "directions right (%.4f).\n\nTrace root %.16s... is a Merkle root over hashes of the whole training state "
            "(weights, "
            "optimiser, counters) at fixed steps of every fold. Training is exact arithmetic: whoever re-runs it on "
            "any machine "
            "gets the same root, or the claim is false.\n\nState: %s, with %lld of %lld approvals. A stake of %lld "
            "tokens is held until "
            "then. On acceptance the task's pool pays its owner pool left x min(1, improvement / full pay), the "
            "improvement "
            "counted over the best accepted proposal before it; alone, approving one's own is allowed and marked self.",
            text_at(row, "arch"), number_at(json_object_get(row, "claimed"), "correct"),
            number_at(json_object_get(row, "claimed"), "total"),
            json_number_value(json_object_get(json_object_get(row, "claimed"), "directional_accuracy")),
            text_at(row, "trace_root"), text_at(row, "state"), number_at(row, "approvals"),
            number_at(row, "approvals_needed"), number_at(row, "stake"));
    if (s->list == CHAIN_BLOCKS)
        return memory_format(
            "Block %lld was sealed by the chain's only validator. Its hash %.16s... covers the block before it, every "
            "transaction and the hash of the state they lead to; the validator signed all of it. V re-checks every "
            "block from genesis; a single flipped bit anywhere is found and named.",
            number_at(row, "height"), text_at(row, "hash"));
    if (s->list == CHAIN_ACCOUNTS)
        return memory_format("%s owns %lld tokens and has %lld staked. Supply is conserved: balances + stakes + "
                             "escrows + treasury + burnt "
                             "is the supply of genesis, checked in every block.",
                             text_at(row, "address"), number_at(row, "balance"), number_at(row, "stake"));
    return memory_text("This transaction is signed and waits for a block: b seals it. Until then it changes nothing.");
}
