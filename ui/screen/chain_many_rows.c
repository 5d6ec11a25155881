/* The lists of a chain for many: votes, disputes, the marketplace, paid jobs, the tournament, forks. */
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void count_at(const json_t *o, const char *key, char *out, size_t size)
{
    if (json_is_integer(json_object_get(o, key)))
        text_of_count((uint64_t)number_at(o, key), out, size);
}

static void who_at(const struct chain_screen *s, const json_t *o, const char *key, char *out, size_t size)
{
    char name[80];
    text_copy(out, size, aid_text(o, key)[0] != '\0' ? chain_who(s, aid_text(o, key), name) : "-");
}

static void short_at(const json_t *o, const char *key, char *out, size_t size)
{
    snprintf(out, size, "%.12s", aid_text(o, key));
}

/* --- votes ---------------------------------------------------------------------------------------------------------- */

/* null: has not voted; "none": for no block; else for the block. */
static void vote_at(const json_t *o, const char *key, char *out, size_t size, enum style *style)
{
    const char *block = aid_text(o, key);
    bool none = text_equal(block, "none");
    snprintf(out, size, "%.12s", none ? "for none" : block[0] != '\0' ? block : "-");
    *style = none ? STYLE_WARN : block[0] != '\0' ? STYLE_GOOD : STYLE_DIM;
}

static void votes_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    bool turn = json_is_true(json_object_get(row, "turn"));
    json_int_t total = number_at(json_object_get(s->read.votes, "power"), "total");
    if (column == 0) {
        text_copy(out, size, turn ? "\xe2\x96\xb8" : "");
        *style = STYLE_KEY;
    } else if (column == 1) {
        who_at(s, row, "address", out, size);
        *style = chain_is_mine(s, aid_text(row, "address")) ? STYLE_KEY : STYLE_TEXT;
    } else if (column == 2) {
        count_at(row, "power", out, size);
    } else if (column == 3) {
        if (total > 0)
            figure_percent((double)number_at(row, "power") / (double)total, out, size);
        *style = STYLE_DIM;
    } else {
        vote_at(row, column == 4 ? "proposal" : column == 5 ? "prevote" : "precommit", out, size, style);
        if (column == 4 && !turn)
            out[0] = '\0';
    }
}

static const struct table_column votes_columns[] = {
    {"", 1, 1, false, 0},          {"Validator", 14, 24, false, 0}, {"Power", 7, 14, true, 0},     {"Share", 8, 8, true, 2},
    {"Proposes", 12, 12, false, 1}, {"Prevote", 12, 12, false, 0},   {"Precommit", 12, 12, false, 0},
};

static json_t *votes_of(const struct chain_screen *s)
{
    return json_object_get(s->read.votes, "validators");
}

/* --- disputes --------------------------------------------------------------------------------------------------------- */

static enum style ruling_style(const char *state)
{
    return text_equal(state, "upheld") ? STYLE_BAD : text_equal(state, "open") ? STYLE_WARN : STYLE_DIM;
}

static void dispute_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    if (column == 0) {
        short_at(row, "challenge", out, size);
    } else if (column == 1) {
        short_at(row, "proposal", out, size);
    } else if (column == 2) {
        text_copy(out, size, aid_text(row, "place"));
    } else if (column == 3) {
        text_copy(out, size, aid_text(row, "state"));
        *style = ruling_style(aid_text(row, "state"));
    } else if (column == 4) {
        who_at(s, row, "challenger", out, size);
    } else if (column == 5) {
        count_at(row, "deposit", out, size);
    } else {
        text_copy(out, size, aid_text(row, "stage"));
        *style = STYLE_DIM;
    }
}

static const struct table_column dispute_columns[] = {
    {"Challenge", 12, 12, false, 0}, {"Proposal", 12, 12, false, 1},   {"Where", 14, 22, false, 0}, {"State", 9, 10, false, 0},
    {"By", 10, 16, false, 3},        {"Deposit", 8, 12, true, 4},      {"What it waits for", 20, 90, false, 2},
};

static json_t *disputes_of(const struct chain_screen *s)
{
    return json_object_get(s->read.disputes, "disputes");
}

/* --- the marketplace -------------------------------------------------------------------------------------------------- */

static enum style listing_style(const char *state)
{
    return text_equal(state, "open") ? STYLE_GOOD : text_equal(state, "bought") ? STYLE_WARN : STYLE_DIM;
}

static void market_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    if (column == 0) {
        short_at(row, "listing", out, size);
    } else if (column == 1) {
        text_copy(out, size, aid_text(row, "title"));
    } else if (column == 2) {
        count_at(row, "price", out, size);
    } else if (column == 3) {
        text_copy(out, size, aid_text(row, "state"));
        *style = listing_style(aid_text(row, "state"));
    } else {
        who_at(s, row, column == 4 ? "seller" : "buyer", out, size);
        *style = STYLE_DIM;
    }
}

static const struct table_column market_columns[] = {
    {"Listing", 12, 12, false, 0}, {"Title", 14, 60, false, 0}, {"Price", 8, 12, true, 0},
    {"State", 10, 10, false, 0},   {"Seller", 14, 20, false, 1}, {"Buyer", 14, 20, false, 2},
};

static json_t *market_of(const struct chain_screen *s)
{
    return json_object_get(s->read.market, "listings");
}

/* --- jobs ------------------------------------------------------------------------------------------------------------- */

static void job_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    if (column == 0) {
        short_at(row, "job", out, size);
    } else if (column == 1) {
        snprintf(out, size, "%.10s", aid_text(row, "arch"));
    } else if (column == 2 || column == 3) {
        count_at(row, column == 2 ? "pay" : "deposit", out, size);
    } else if (column == 4) {
        text_copy(out, size, aid_text(row, "state"));
        *style = listing_style(aid_text(row, "state"));
    } else if (column == 5) {
        who_at(s, row, "owner", out, size);
        *style = STYLE_DIM;
    } else {
        text_copy(out, size, aid_text(row, "stage"));
        *style = STYLE_DIM;
    }
}

static const struct table_column job_columns[] = {
    {"Job", 12, 12, false, 0},   {"Network", 10, 10, false, 2}, {"Pays", 8, 12, true, 0},        {"Deposit", 8, 12, true, 3},
    {"State", 9, 10, false, 0}, {"For", 14, 20, false, 1},     {"What it waits for", 16, 90, false, 4},
};

static json_t *jobs_of(const struct chain_screen *s)
{
    return json_object_get(s->read.jobs, "jobs");
}

/* --- the tournament ---------------------------------------------------------------------------------------------------- */

static void player_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    if (column == 0) {
        snprintf(out, size, "%lld", number_at(row, "rank"));
    } else if (column == 1) {
        who_at(s, row, "who", out, size);
        *style = chain_is_mine(s, aid_text(row, "who")) ? STYLE_KEY : STYLE_TEXT;
    } else if (column == 2) {
        if (number_at(row, "bars") > 0)
            figure_percent((double)number_at(row, "right") / (double)number_at(row, "bars"), out, size);
    } else if (column == 3) {
        snprintf(out, size, "%lld of %lld", number_at(row, "right"), number_at(row, "bars"));
    } else if (column == 4) {
        snprintf(out, size, "%lld of %lld", number_at(row, "revealed"), number_at(row, "seals"));
        *style = number_at(row, "revealed") < number_at(row, "seals") ? STYLE_WARN : STYLE_DIM;
    } else {
        short_at(row, "task", out, size);
        *style = STYLE_DIM;
    }
}

static const struct table_column player_columns[] = {
    {"#", 3, 4, true, 0},        {"Who", 14, 30, false, 0},     {"Right", 8, 8, true, 0},
    {"Bars", 12, 18, true, 0}, {"Revealed", 9, 12, true, 1}, {"Task", 12, 12, false, 2},
};

static json_t *players_of(const struct chain_screen *s)
{
    return json_object_get(s->read.tournament, "scores");
}

/* --- forks -------------------------------------------------------------------------------------------------------------- */

static void fork_cell(const struct chain_screen *s, const json_t *row, int column, char *out, size_t size, enum style *style)
{
    (void)s;
    if (column == 0) {
        count_at(row, "height", out, size);
    } else if (column == 1) {
        short_at(row, "block", out, size);
        *style = STYLE_BAD;
    } else {
        text_copy(out, size, aid_text(row, "file"));
    }
}

static const struct table_column fork_columns[] = {
    {"Height", 7, 9, true, 0}, {"Block", 12, 12, false, 0}, {"File", 20, 90, false, 1},
};

static json_t *forks_of(const struct chain_screen *s)
{
    return json_object_get(s->read.forks, "forks");
}

#define COLUMNS(name) name, (int)ARRAY_N(name)
const struct chain_list chain_list_votes = {"Votes", "Votes", "voting_key", COLUMNS(votes_columns), votes_of, votes_cell, true};
const struct chain_list chain_list_disputes = {"Disputes", "Disp.", "challenge", COLUMNS(dispute_columns), disputes_of, dispute_cell, true};
const struct chain_list chain_list_market = {"Market", "Mkt", "listing", COLUMNS(market_columns), market_of, market_cell, false};
const struct chain_list chain_list_jobs = {"Jobs", "Jobs", "job", COLUMNS(job_columns), jobs_of, job_cell, true};
const struct chain_list chain_list_tournament = {"Tournament", "Tourn.", "who", COLUMNS(player_columns), players_of, player_cell, false};
const struct chain_list chain_list_forks = {"Forks", "Forks", "block", COLUMNS(fork_columns), forks_of, fork_cell, true};
