/* One proposal in full: what it claims and on what evidence, where it stands and whose turn it is, who re-ran it and what
 * came out, who decided and why, what it would pay, and every hash that something was signed over. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_life.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

enum { WIDE = 150, AT = 12 }; /* so that a hash has its row at 80 columns */

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void put_who(const struct chain_screen *s, struct page *p, const char *label, const char *address)
{
    page_field(p, AT, label, STYLE_TEXT, "%s%s", address, chain_is_mine(s, address) ? " (you)" : "");
}

static void put_hash(struct page *p, const char *label, const json_t *o, const char *key)
{
    if (aid_text(o, key)[0] != '\0')
        page_field(p, AT, label, STYLE_TEXT, "%s", aid_text(o, key));
}

/* --- sections -------------------------------------------------------------------------------------------------------- */

/* Of the block bootstrap, as the evidence has them: the author's word, which a re-run does not check. */
static void put_intervals(struct page *p, const json_t *intervals)
{
    const char *name;
    json_t *one;
    json_object_foreach((json_t *)intervals, name, one)
        page_field(p, AT, "stated", STYLE_DIM, "%s %.2f %% [%.2f, %.2f]", name,
                   100 * json_number_value(json_object_get(one, "mean")), 100 * json_number_value(json_object_get(one, "low")),
                   100 * json_number_value(json_object_get(one, "high")));
}

/* What it is weighed against, where the eye falls first: the score to beat, and whether this workspace has trained it. */
static void put_weighed(const struct chain_screen *s, struct page *p, const json_t *o)
{
    struct chain_reward r;
    const json_t *run = json_object_get(o, "own_rerun"), *matches = json_object_get(run, "matches");
    if (number_at(json_object_get(o, "claimed"), "total") == 0)
        return;
    if (aid_text(o, "job")[0] == '\0' && chain_reward_of(s, o, &r) && r.open) {
        int64_t over = r.score_ppm - r.best_ppm;
        page_field(p, AT, "to beat", r.over_ppm > 0 ? STYLE_GOOD : STYLE_WARN, "%.2f %%, %s; %.4f points %s%s",
                   (double)r.best_ppm / 1e4, r.baseline ? "the baseline" : "the best accepted",
                   (double)(over < 0 ? -over : over) / 1e4, over < 0 ? "below" : "above", r.over_ppm > 0 ? "" : ": pays nothing");
    }
    if (run == NULL)
        page_field(p, AT, "re-run here", STYLE_WARN, "no");
    else
        page_field(p, AT, "re-run here", json_is_true(matches) ? STYLE_GOOD : json_is_false(matches) ? STYLE_BAD : STYLE_TEXT, "%s",
                   json_is_true(matches)    ? "the same bits"
                   : json_is_false(matches) ? "OTHER BITS"
                                            : "done; the claim's bits are not opened yet");
    if (aid_text(o, "sentence")[0] != '\0')
        page_field(p, AT, "its author", STYLE_DIM, "%s", aid_text(o, "sentence"));
}

static void put_claim(const struct chain_screen *s, struct page *p, const json_t *o)
{
    char percent[24], stake[AID_NUMBER];
    const json_t *claimed = json_object_get(o, "claimed");
    page_mark(p, CHAIN_MARK_CLAIM);
    page_heading(p, "Claim", aid_text(o, "state"));
    figure_percent(chain_claimed(o), percent, sizeof percent);
    if (percent[0] != '\0')
        page_field(p, AT, "claims", STYLE_TITLE, "%s of the directions out of fold: %lld of %lld", percent,
                   number_at(claimed, "correct"), number_at(claimed, "total"));
    else
        page_field(p, AT, "claims", STYLE_DIM, "nothing yet: only the hash of the claim is on the chain");
    put_weighed(s, p, o);
    put_intervals(p, json_object_get(o, "intervals"));
    put_who(s, p, "by", aid_text(o, "proposer"));
    page_field(p, AT, "stake", STYLE_TEXT, "%s, lost if the claim is refuted", aid_count(number_at(o, "stake"), stake));
}

static void put_life(const struct chain_screen *s, struct page *p, const json_t *o)
{
    struct chain_step step[CHAIN_STEPS];
    char turn[320], left[128];
    int n = chain_life_steps(s, o, step);
    page_mark(p, CHAIN_MARK_LIFE);
    page_heading(p, "Its life", aid_text(o, "state"));
    for (int i = 0; i < n; i++) {
        struct box row = page_take(p, 1);
        static const uint32_t sign[] = {0x25cb, 0x25b8, 0x25cf, 0x2717};
        static const enum style style[] = {STYLE_DIM, STYLE_KEY, STYLE_GOOD, STYLE_BAD};
        grid_code(p->grid, row, 0, 0, style[step[i].how], sign[step[i].how]);
        int x = grid_put(p->grid, row, 2, 0, style[step[i].how], step[i].name);
        grid_put(p->grid, row, x < AT ? AT : x + 2, 0, STYLE_DIM, step[i].said);
    }
    chain_turn(s, o, turn, sizeof turn);
    if (turn[0] != '\0')
        page_field(p, AT, "now", STYLE_KEY, "%s", turn);
    if (chain_life_left(s, o, left, sizeof left))
        page_field(p, AT, "until", STYLE_TEXT, "%s", left);
}

static void put_attests(struct page *p, const json_t *o)
{
    size_t i;
    const json_t *a, *list = json_object_get(o, "attests");
    char note[48];
    snprintf(note, sizeof note, "%zu committed", json_array_size(list));
    page_mark(p, CHAIN_MARK_ATTESTS);
    page_heading(p, "Re-runs by validators", note);
    if (json_array_size(list) == 0)
        page_text(p, STYLE_DIM, "Nobody has committed to a re-run yet. c re-trains it here and commits to what comes out.");
    json_array_foreach(list, i, a)
    {
        bool revealed = json_is_true(json_object_get(a, "revealed"));
        const json_t *matches = json_object_get(a, "matches");
        struct box row = page_take(p, 1);
        int x = grid_put(p->grid, row, 0, 0,
                         !revealed                 ? STYLE_WARN
                         : json_is_true(matches)   ? STYLE_GOOD
                                                   : STYLE_BAD,
                         !revealed               ? "? committed, hidden yet"
                         : json_is_true(matches) ? "= the same bits"
                                                 : "! OTHER BITS");
        x = grid_put(p->grid, row, x + 2, 0, STYLE_TEXT, aid_text(a, "who"));
        grid_put(p->grid, row, x + 1, 0, STYLE_WARN, json_is_true(json_object_get(a, "self")) ? "self" : "");
        if (revealed) {
            put_hash(p, "  root", a, "trace_root");
            put_hash(p, "  weights", a, "weights_hash");
        }
    }
}

static const char *rerun_words(const json_t *d)
{
    const json_t *matches = json_object_get(d, "matches");
    if (!json_is_true(json_object_get(d, "rerun")))
        return "not re-run";
    return json_is_true(matches) ? "re-run: the same bits" : "re-run: OTHER BITS";
}

static void put_decisions(struct page *p, const json_t *o)
{
    size_t i;
    const json_t *d, *list = json_object_get(o, "decisions");
    char note[64];
    snprintf(note, sizeof note, "%lld of %lld approvals", number_at(o, "approvals"), number_at(o, "approvals_needed"));
    page_mark(p, CHAIN_MARK_DECISIONS);
    page_heading(p, "Decisions by reviewers", note);
    if (json_array_size(list) == 0)
        page_text(p, STYLE_DIM, "No reviewer has decided. a approves, x rejects; one rejection ends it.");
    json_array_foreach(list, i, d)
    {
        bool approve = json_is_true(json_object_get(d, "approve"));
        struct box row = page_take(p, 1);
        int x = grid_put(p->grid, row, 0, 0, approve ? STYLE_GOOD : STYLE_BAD, approve ? "+ approved" : "- rejected");
        x = grid_put(p->grid, row, x + 1, 0, STYLE_TEXT, aid_text(d, "who"));
        x = grid_put(p->grid, row, x + 1, 0, STYLE_WARN, json_is_true(json_object_get(d, "self")) ? "self" : "");
        grid_printf(p->grid, row, x + 1, 0, STYLE_DIM, "height %lld, %s", number_at(d, "height"), rerun_words(d));
        if (aid_text(d, "reason")[0] != '\0')
            page_field(p, AT, "  reason", STYLE_TEXT, "%s", aid_text(d, "reason"));
        if (json_is_true(json_object_get(d, "rerun")))
            put_hash(p, "  root", d, "rerun_root");
    }
}

static void put_reward(const struct chain_screen *s, struct page *p, const json_t *o)
{
    struct chain_reward r;
    char reward[AID_NUMBER];
    page_mark(p, CHAIN_MARK_REWARD);
    page_heading(p, "Reward", "e shows the sum");
    if (number_at(o, "reward") > 0)
        page_field(p, AT, "paid", STYLE_GOOD, "%s tokens", aid_count(number_at(o, "reward"), reward));
    else if (chain_reward_of(s, o, &r) && r.open)
        page_field(p, AT, "would pay", STYLE_TEXT, "%s tokens, accepted now and alone in its epoch: %.4f points over %s",
                   aid_count(r.pay, reward), (double)r.over_ppm / 1e4, r.baseline ? "the baseline" : "the best accepted so far");
    else
        page_text(p, STYLE_DIM, "It pays nothing.");
}

static void put_hashes(struct page *p, const json_t *o)
{
    page_mark(p, CHAIN_MARK_HASHES);
    page_heading(p, "Hashes", "what the signatures are over");
    put_hash(p, "proposal", o, "proposal");
    put_hash(p, "task", o, "task");
    put_hash(p, "hidden root", o, "hidden_root");
    put_hash(p, "trace root", o, "trace_root");
    put_hash(p, "weights", o, "weights_hash");
    put_hash(p, "leaves", o, "leaves_hash");
    put_hash(p, "network", o, "arch");
    put_hash(p, "parent", o, "parent");
    put_hash(p, "evidence", o, "evidence_hash");
    put_hash(p, "morphisms", o, "morphisms_hash");
    put_hash(p, "shown", o, "shown");
}

static void put_evidence(struct page *p, const json_t *o)
{
    page_mark(p, CHAIN_MARK_EVIDENCE);
    page_heading(p, "Evidence", "what a reviewer's signature is bound to");
    if (aid_text(o, "evidence")[0] != '\0')
        page_text(p, STYLE_TEXT, aid_text(o, "evidence"));
    else
        page_text(p, STYLE_DIM, "It comes with the claim; only its announcement is on the chain.");
}

static void put_network(struct page *p, const json_t *o)
{
    page_mark(p, CHAIN_MARK_NETWORK);
    chain_put_network(p, o);
}

static void put_folds(struct page *p, const json_t *o)
{
    if (json_array_size(json_object_get(o, "folds")) == 0)
        return;
    page_mark(p, CHAIN_MARK_FOLDS);
    page_heading(p, "Folds", "95 % from the counts");
    chain_put_folds(p, json_object_get(o, "folds"));
}

/* What its objects say and is not so: nobody should sign before reading this. */
static void put_problems(struct page *p, const json_t *o)
{
    size_t i;
    const json_t *one, *list = json_object_get(o, "problems");
    if (json_array_size(list) == 0)
        return;
    page_mark(p, CHAIN_MARK_PROBLEMS);
    page_heading(p, "What is amiss", "");
    json_array_foreach(list, i, one)
        page_field(p, 2, "!", STYLE_BAD, "%s", json_string_value(one));
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

static void draw_wide(struct chain_screen *s, struct grid *g, struct box b, const json_t *o)
{
    struct page main, beside;
    struct box left, right;
    box_split_columns(b, b.columns / 2, &left, &right);
    left = box_inset(left, 0, 0, 1, 0);
    page_new(&main, left.columns, g->symbols);
    page_new(&beside, right.columns, g->symbols);
    put_claim(s, &main, o);
    put_problems(&main, o);
    put_life(s, &main, o);
    put_attests(&main, o);
    put_decisions(&main, o);
    put_reward(s, &main, o);
    put_hashes(&main, o);
    put_folds(&beside, o);
    put_network(&beside, o);
    put_evidence(&beside, o);
    if (main.y < beside.y) /* the longer one is read to its end */
        page_take(&main, beside.y - main.y);
    page_show(&main, &s->page, g, left, true);
    page_show(&beside, &s->page, g, right, false);
    page_free(&main);
    page_free(&beside);
}

void chain_draw_proposal(struct chain_screen *s, struct grid *g, struct box b)
{
    const json_t *o = s->read.shown;
    struct page p;
    if (b.rows < 1 || b.columns < 4)
        return;
    if (b.columns >= WIDE) {
        draw_wide(s, g, b, o);
        return;
    }
    page_new(&p, b.columns, g->symbols);
    put_claim(s, &p, o);
    put_problems(&p, o);
    put_life(s, &p, o);
    put_folds(&p, o);
    put_network(&p, o);
    put_attests(&p, o);
    put_decisions(&p, o);
    put_reward(s, &p, o);
    put_hashes(&p, o);
    put_evidence(&p, o);
    page_show(&p, &s->page, g, b, true);
    page_free(&p);
}
