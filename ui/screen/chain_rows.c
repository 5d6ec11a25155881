/* The lists of the Chain screen: what they hold, and how a row says it. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

#include <math.h>

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* --- what they hold --------------------------------------------------------------------------------------------------- */

static json_t *own(const struct chain_screen *s)
{
    return json_object_get(s->read.identities, "identities");
}

/* Of whom only the public part is here may be somebody else, unless it is chosen to sign (with a key elsewhere). */
static bool is_own(const struct chain_screen *s, const json_t *identity)
{
    return !json_is_true(json_object_get(identity, "public_only")) || text_equal(aid_text(identity, "name"), chain_me(s, "name"));
}

bool chain_is_mine(const struct chain_screen *s, const char *address)
{
    size_t i;
    const json_t *one;
    json_array_foreach(own(s), i, one)
        if (text_equal(aid_text(one, "address"), address) && is_own(s, one))
            return true;
    return false;
}

const json_t *chain_account_of(const struct chain_screen *s, const char *address)
{
    return json_object_get(s->read.by_address, address);
}

const json_t *chain_task_of(const struct chain_screen *s, const char *id)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(s->read.status, "tasks"), i, one)
        if (text_equal(aid_text(one, "task"), id))
            return one;
    return NULL;
}

const char *chain_me(const struct chain_screen *s, const char *key)
{
    size_t i;
    const json_t *one;
    const char *found = "";
    json_array_foreach(own(s), i, one)
    {
        const char *name = aid_text(one, "name");
        if (s->signer[0] != '\0' ? text_equal(name, s->signer) : json_is_true(json_object_get(one, "default")))
            found = aid_text(one, key);
    }
    return found;
}

void chain_index_people(struct chain_read *r)
{
    size_t i;
    json_t *one, *mine = json_object();
    r->people = json_array();
    r->by_address = json_object();
    json_array_foreach(json_object_get(r->identities, "identities"), i, one)
    {
        json_array_append(r->people, one);
        json_object_set_new(mine, aid_text(one, "address"), json_true());
    }
    json_array_foreach(json_object_get(r->status, "accounts"), i, one)
    {
        json_object_set(r->by_address, aid_text(one, "address"), one);
        if (json_object_get(mine, aid_text(one, "address")) == NULL)
            json_array_append(r->people, one);
    }
    json_decref(mine);
}

static json_t *proposals_of(const struct chain_screen *s)
{
    return json_object_get(s->read.status, "proposals");
}

static json_t *tasks_of(const struct chain_screen *s)
{
    return json_object_get(s->read.status, "tasks");
}

static json_t *waiting_of(const struct chain_screen *s)
{
    return json_object_get(s->read.status, "pool");
}

static json_t *receipts_of(const struct chain_screen *s)
{
    return json_object_get(s->read.receipts, "receipts");
}

static json_t *list_of(const struct chain_screen *s, enum chain_view view)
{
    const struct chain_list *l = chain_list_of(view);
    return l->rows != NULL ? l->rows(s) : NULL;
}

bool chain_is_many(const struct chain_screen *s)
{
    return json_is_true(json_object_get(s->read.status, "many"));
}

bool chain_has_view(const struct chain_screen *s, enum chain_view view)
{
    return !chain_list_of(view)->many || chain_is_many(s);
}

const char *chain_who(const struct chain_screen *s, const char *address, char out[80])
{
    size_t i;
    const json_t *one;
    snprintf(out, 80, "%.14s", address);
    json_array_foreach(own(s), i, one)
        if (text_equal(aid_text(one, "address"), address))
            snprintf(out, 80, "%s", aid_text(one, "name"));
    return out;
}

int chain_rows(const struct chain_screen *s, enum chain_view view)
{
    if (view == CHAIN_IDENTITIES)
        return (int)json_array_size(s->read.people);
    if (view == CHAIN_BLOCKS)
        return s->read.status != NULL ? (int)number_at(s->read.status, "height") + 1 : 0;
    return (int)json_array_size(list_of(s, view));
}

const json_t *chain_row(const struct chain_screen *s, enum chain_view view, int row)
{
    if (row < 0)
        return NULL;
    if (view == CHAIN_IDENTITIES)
        return json_array_get(s->read.people, (size_t)row);
    if (view == CHAIN_BLOCKS) {
        int64_t at = row - (number_at(s->read.status, "height") - s->read.blocks_from);
        return at >= 0 ? json_array_get(s->read.blocks, (size_t)at) : NULL;
    }
    return json_array_get(list_of(s, view), (size_t)row);
}

const json_t *chain_cursor(const struct chain_screen *s)
{
    return chain_row(s, s->view, s->table[s->view].cursor);
}

const json_t *chain_proposal(const struct chain_screen *s)
{
    if (s->view == CHAIN_QUEUE)
        return chain_cursor(s);
    return s->view == CHAIN_PROPOSAL && s->opened[0] != '\0' ? s->read.shown : NULL;
}

const json_t *chain_dispute(const struct chain_screen *s)
{
    size_t i;
    const json_t *one;
    if (s->view == CHAIN_DISPUTES)
        return chain_cursor(s);
    json_array_foreach(json_object_get(s->read.disputes, "disputes"), i, one)
        if (s->view == CHAIN_DISPUTE && text_equal(aid_text(one, "challenge"), s->disputed))
            return one;
    return NULL;
}

/* --- how a row says it ------------------------------------------------------------------------------------------------ */

static void count_at(const json_t *o, const char *key, char *out, size_t size)
{
    if (json_is_integer(json_object_get(o, key)))
        text_of_count((uint64_t)number_at(o, key), out, size);
}

static void short_id(const json_t *o, const char *key, char *out, size_t size)
{
    snprintf(out, size, "%.12s", aid_text(o, key));
}

enum style chain_state_style(const char *state)
{
    if (text_equal(state, "accepted"))
        return STYLE_GOOD;
    return text_equal(state, "rejected") || text_equal(state, "refuted") ? STYLE_BAD
           : text_equal(state, "expired")                                 ? STYLE_DIM
                                                                          : STYLE_WARN;
}

double chain_claimed(const json_t *proposal)
{
    const json_t *claimed = json_object_get(proposal, "claimed");
    return number_at(claimed, "total") > 0 ? (double)number_at(claimed, "correct") / (double)number_at(claimed, "total")
                                           : (double)NAN;
}

int64_t chain_height_of(const json_t *proposal)
{
    json_int_t claimed = number_at(proposal, "claimed_at");
    return claimed > 0 ? claimed : number_at(proposal, "height");
}

static void proposal_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    const char *state = aid_text(row, "state");
    switch (column) {
    case 0:
        short_id(row, "proposal", out, size);
        break;
    case 1:
        snprintf(out, size, "%.10s", aid_text(row, "arch"));
        break;
    case 2:
        figure_percent(chain_claimed(row), out, size);
        if (out[0] == '\0') /* announced: nothing is claimed yet */
            text_copy(out, size, "-");
        break;
    case 3:
        text_copy(out, size, state);
        *style = chain_state_style(state);
        break;
    case 4:
        snprintf(out, size, "%lld of %lld", number_at(row, "approvals"), number_at(row, "approvals_needed"));
        break;
    case 5:
    case 6:
        count_at(row, column == 5 ? "stake" : "reward", out, size);
        break;
    default:
        chain_turn(s, row, out, size);
        *style = chain_is_my_turn(s, row) ? STYLE_KEY : STYLE_DIM;
    }
}

static void task_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    (void)s;
    switch (column) {
    case 0:
        short_id(row, "task", out, size);
        break;
    case 1:
        count_at(row, "pool_left", out, size);
        break;
    case 2:
        count_at(row, "pool", out, size);
        *style = STYLE_DIM;
        break;
    case 3:
        if (json_is_number(json_object_get(row, "best")))
            figure_percent(json_number_value(json_object_get(row, "best")), out, size);
        break;
    case 4:
        count_at(row, "folds", out, size);
        break;
    case 5:
        if (json_is_array(json_object_get(row, "reviewers")))
            snprintf(out, size, "%lld of %zu", number_at(row, "approvals"), json_array_size(json_object_get(row, "reviewers")));
        break;
    default:
        snprintf(out, size, "%.16s", aid_text(row, "dataset"));
        *style = STYLE_DIM;
    }
}

static void identity_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    const char *address = aid_text(row, "address"), *name = aid_text(row, "name");
    const json_t *account = chain_account_of(s, address);
    bool mine = name[0] != '\0';
    *style = mine ? STYLE_TEXT : STYLE_DIM;
    switch (column) {
    case 0:
        text_copy(out, size, mine ? name : "-");
        *style = mine && text_equal(name, chain_me(s, "name")) ? STYLE_KEY : *style;
        break;
    case 1:
        text_copy(out, size, address);
        break;
    case 2:
    case 3:
    case 4:
        count_at(account, column == 2 ? "balance" : column == 3 ? "stake" : "nonce", out, size);
        break;
    default:
        if (json_is_true(json_object_get(account, "barred")))
            *style = STYLE_BAD;
        text_copy(out, size, json_is_true(json_object_get(account, "barred"))      ? "barred"
                             : json_is_true(json_object_get(account, "validator")) ? "validator"
                                                                                  : "");
    }
}

static void block_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    size_t i;
    const json_t *tx;
    (void)s;
    if (column == 0)
        snprintf(out, size, "%lld", number_at(row, "height"));
    else if (column == 1)
        short_id(row, "hash", out, size);
    else if (column == 2)
        snprintf(out, size, "%.10s %.8s", aid_text(row, "time"), strlen(aid_text(row, "time")) > 19 ? aid_text(row, "time") + 11 : "");
    else if (column == 3)
        snprintf(out, size, "%zu", json_array_size(json_object_get(row, "transactions")));
    else if (number_at(row, "height") == 0)
        text_copy(out, size, "genesis");
    *style = column == 2 ? STYLE_DIM : STYLE_TEXT;
    if (column == 4)
        json_array_foreach(json_object_get(row, "transactions"), i, tx)
        {
            text_append(out, size, i > 0 ? ", " : "");
            text_append(out, size, aid_text(tx, "kind"));
        }
}

static void one_line(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static void waiting_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    if (column == 0) {
        short_id(row, "tx", out, size);
    } else if (column == 1) {
        text_copy(out, size, aid_text(row, "kind"));
    } else if (column == 2) {
        snprintf(out, size, "%.14s%s", aid_text(row, "sender"), chain_is_mine(s, aid_text(row, "sender")) ? " (you)" : "");
    } else {
        text_copy(out, size, aid_text(row, "show"));
        one_line(out);
        *style = STYLE_DIM;
    }
}

static void receipt_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    (void)s;
    if (column == 0) {
        text_copy(out, size, aid_text(row, "name"));
    } else if (column == 1) {
        text_copy(out, size, aid_text(row, "says"));
        *style = json_is_false(json_object_get(row, "ok")) ? STYLE_BAD : STYLE_GOOD;
    } else {
        short_id(row, "tx", out, size);
    }
}

static const struct table_column queue_columns[] = {
    {"Proposal", 12, 12, false, 0}, {"Network", 10, 10, false, 5}, {"Claims", 8, 8, true, 0},  {"State", 9, 10, false, 0},
    {"Approved", 8, 8, true, 2},    {"Stake", 7, 11, true, 3},     {"Reward", 7, 11, true, 4}, {"What it waits for", 20, 90, false, 1},
};
static const struct table_column task_columns[] = {
    {"Task", 12, 12, false, 0}, {"Pool left", 10, 13, true, 0}, {"Of", 9, 13, true, 3},       {"Best", 8, 8, true, 0},
    {"Folds", 5, 5, true, 2},   {"Approvals", 9, 9, true, 1},   {"Data set", 16, 20, false, 4},
};
static const struct table_column identity_columns[] = {
    {"Name", 8, 16, false, 0},  {"Address", 18, 50, false, 0}, {"Balance", 11, 14, true, 0},
    {"Stake", 9, 12, true, 0},  {"Nonce", 5, 8, true, 2},      {"", 9, 9, false, 1},
};
static const struct table_column block_columns[] = {
    {"Height", 6, 9, true, 0}, {"Block", 12, 12, false, 0}, {"Sealed (UTC)", 19, 19, false, 1},
    {"Tx", 4, 5, true, 0},     {"What", 16, 60, false, 0},
};
static const struct table_column waiting_columns[] = {
    {"Transaction", 12, 12, false, 0}, {"Kind", 9, 10, false, 0}, {"By", 20, 20, false, 2}, {"What", 16, 120, false, 1},
};
static const struct table_column receipt_columns[] = {
    {"File", 20, 26, false, 0}, {"What it proves", 20, 90, false, 0}, {"Transaction", 12, 12, false, 1},
};

#define COLUMNS(name) name, (int)ARRAY_N(name)
static const struct chain_list *const lists[CHAIN_VIEWS] = {
    [CHAIN_QUEUE] = &(const struct chain_list){"Proposals", "Prop.", "proposal", COLUMNS(queue_columns), proposals_of, proposal_cell, false},
    [CHAIN_PROPOSAL] = &(const struct chain_list){"Proposal", "One", "proposal", NULL, 0, proposals_of, NULL, false},
    [CHAIN_TASKS] = &(const struct chain_list){"Tasks", "Tasks", "task", COLUMNS(task_columns), tasks_of, task_cell, false},
    [CHAIN_IDENTITIES] =
        &(const struct chain_list){"Identities", "Ids", "address", COLUMNS(identity_columns), NULL, identity_cell, false},
    [CHAIN_BLOCKS] = &(const struct chain_list){"Blocks", "Blocks", "", COLUMNS(block_columns), NULL, block_cell, false},
    [CHAIN_WAITING] = &(const struct chain_list){"Waiting", "Wait", "tx", COLUMNS(waiting_columns), waiting_of, waiting_cell, false},
    [CHAIN_RECEIPTS] =
        &(const struct chain_list){"Receipts", "Rcpts", "path", COLUMNS(receipt_columns), receipts_of, receipt_cell, false},
    [CHAIN_VOTES] = &chain_list_votes,
    [CHAIN_DISPUTES] = &chain_list_disputes,
    [CHAIN_DISPUTE] = &(const struct chain_list){"Dispute", "One", "challenge", NULL, 0, NULL, NULL, true},
    [CHAIN_MARKET] = &chain_list_market,
    [CHAIN_JOBS] = &chain_list_jobs,
    [CHAIN_TOURNAMENT] = &chain_list_tournament,
    [CHAIN_FORKS] = &chain_list_forks,
};

const struct chain_list *chain_list_of(enum chain_view view)
{
    return lists[view];
}

static void cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    const struct chain_screen *s = context;
    const json_t *one = chain_row(s, s->view, row);
    out[0] = '\0';
    *style = STYLE_TEXT;
    if (one != NULL)
        lists[s->view]->cell(s, one, column, out, size, style);
    else if (column == 0)
        text_copy(out, size, "..."); /* not yet read */
}

void chain_draw_table(struct chain_screen *s, struct grid *g, struct box b)
{
    const struct chain_list *l = lists[s->view];
    struct table_source source = {s, chain_rows(s, s->view), cell};
    s->rows = b;
    if (l->cell != NULL)
        table_draw(g, b, l->column, l->columns, &source, &s->table[s->view], true);
}

void chain_row_text(void *self, int row, char *out, size_t size)
{
    const struct chain_screen *s = self;
    char one[256];
    enum style style;
    out[0] = '\0';
    for (int c = 0; c < lists[s->view]->columns; c++) {
        cell(self, row, c, one, sizeof one, &style);
        text_append(out, size, one);
        text_append(out, size, " ");
    }
}
