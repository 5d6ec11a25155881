/* One dispute, step by step: the claim's leaves with the place where they part, what each side has there and the state before
 * it, what doing it again comes to, the verdict, and where the money goes. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_explain.h"

enum { AT = 15, LEAVES_MOST = 96 };

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static bool is_state(const json_t *d, const char *state)
{
    return text_equal(aid_text(d, "state"), state);
}

/* --- what parts ----------------------------------------------------------------------------------------------------- */

/* A sign a leaf: the same up to the place, the place, and what stands behind it and was not looked at. */
static void put_leaves(struct page *p, const json_t *d)
{
    json_int_t leaf = number_at(d, "leaf"), leaves = number_at(d, "leaves");
    if (leaf == 0 || leaves == 0 || leaves > LEAVES_MOST)
        return;
    struct box row = page_take(p, 1);
    int x = AT;
    grid_printf(p->grid, row, 0, 0, STYLE_DIM, "fold %lld", number_at(d, "fold"));
    for (json_int_t i = 1; i <= leaves && x < row.columns - 12; i++, x += 2) {
        bool here = i == leaf;
        grid_code(p->grid, row, x, 0, here ? STYLE_BAD : i < leaf ? STYLE_GOOD : STYLE_DIM,
                  here ? 0x2717 : i < leaf ? 0x25cf : 0x25cb);
    }
    if (leaf <= leaves)
        grid_printf(p->grid, row, x + 1, 0, STYLE_DIM, "leaf %lld differs; those before are the same", leaf);
    else
        grid_put(p->grid, row, x + 1, 0, STYLE_DIM, "all leaves are the same; what was counted is not");
}

static void put_hash(struct page *p, const char *label, const json_t *d, const char *key, enum style style, const char *otherwise)
{
    const char *hash = aid_text(d, key);
    if (hash[0] != '\0')
        page_field(p, AT, label, style, "%s", hash);
    else if (otherwise != NULL)
        page_field(p, AT, label, STYLE_DIM, "%s", otherwise);
}

static void put_state(struct page *p, const char *label, const json_t *state)
{
    char bytes[AID_NUMBER];
    if (!json_is_object(state))
        return;
    bool here = json_is_true(json_object_get(state, "here"));
    page_field(p, AT, label, here ? STYLE_TEXT : STYLE_WARN, "%s", aid_text(state, "object"));
    page_field(p, AT, "", STYLE_DIM, here ? "%s bytes, here" : "not here: it comes with the others' objects",
               aid_count(number_at(state, "bytes"), bytes));
}

/* --- the steps ------------------------------------------------------------------------------------------------------ */

static void put_step(struct page *p, bool done, bool now, const char *name, const char *said)
{
    struct box row = page_take(p, 1);
    enum style style = done ? STYLE_GOOD : now ? STYLE_KEY : STYLE_DIM;
    grid_code(p->grid, row, 0, 0, style, done ? 0x25cf : now ? 0x25b8 : 0x25cb);
    int x = grid_put(p->grid, row, 2, 0, style, name);
    grid_put(p->grid, row, x < AT ? AT : x + 2, 0, STYLE_DIM, said);
}

static void put_steps(const struct chain_screen *s, struct page *p, const json_t *d)
{
    char who[80], said[240], stage[640];
    bool open = is_state(d, "open"), answered = !text_equal(aid_text(d, "answer"), "none");
    page_heading(p, "Step by step", aid_text(d, "state"));
    snprintf(said, sizeof said, "height %lld, by %s", number_at(d, "height"), chain_who(s, aid_text(d, "challenger"), who));
    put_step(p, true, false, "challenged", said);
    snprintf(said, sizeof said, "%s, by %s", aid_text(d, "answer"), chain_who(s, aid_text(d, "accused"), who));
    put_step(p, answered, open && !answered, "answered", answered ? said
                                                             : open ? "not yet; the accused may, and need not"
                                                                    : "it was not");
    bool again = json_is_object(json_object_get(d, "own"));
    put_step(p, again, open && !again, "done again", again ? "on this machine" : "not on this machine: Y does it, and says who was right");
    snprintf(said, sizeof said, "height %lld: %s", number_at(d, "closed"), aid_text(d, "state"));
    put_step(p, !open, open && again, "decided", open ? "every validator does that one place again before it votes" : said);
    chain_named(s, aid_text(d, "stage"), stage, sizeof stage);
    page_field(p, AT, "now", STYLE_KEY, "%s", stage);
}

/* --- the money ------------------------------------------------------------------------------------------------------ */

static const json_t *proposal_of(const struct chain_screen *s, const json_t *d)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(s->read.status, "proposals"), i, one)
        if (text_equal(aid_text(one, "proposal"), aid_text(d, "proposal")))
            return one;
    return NULL;
}

/* As the rules round: down. */
static void put_money(const struct chain_screen *s, struct page *p, const json_t *d)
{
    const json_t *proposal = proposal_of(s, d);
    int64_t stake = number_at(proposal, "stake"), deposit = number_at(d, "deposit"), ppm = chain_parameter(s, "finder_ppm");
    int64_t found = stake * ppm / 1000000, share = deposit * ppm / 1000000;
    bool open = is_state(d, "open"), upheld = is_state(d, "upheld"), returned = is_state(d, "returned");
    char a[AID_NUMBER], b[AID_NUMBER];
    page_heading(p, "Money", "rounded down");
    page_field(p, AT, "at stake", STYLE_TEXT, "the claim's %s; the challenger's deposit of %s", aid_count(stake, a), aid_count(deposit, b));
    if (open || upheld)
        page_field(p, AT, open ? "if upheld" : "upheld", upheld ? STYLE_GOOD : STYLE_TEXT,
                   "%s to the challenger, %s burnt; the deposit returns", aid_count(found, a), aid_count(stake - found, b));
    if (open || (!upheld && !returned))
        page_field(p, AT, open ? "if dismissed" : "dismissed", STYLE_TEXT, "%s to the accused, %s burnt, of the deposit; also if nobody decides in time",
                   aid_count(share, a), aid_count(deposit - share, b));
    if (returned)
        page_field(p, AT, "returned", STYLE_TEXT, "the deposit: another challenge to the same claim was upheld");
}

static void put_places(struct page *p, const json_t *d)
{
    const json_t *own = json_object_get(d, "own");
    page_heading(p, "Where they part", "");
    page_field(p, AT, "place", STYLE_TITLE, "%s", aid_text(d, "place"));
    put_leaves(p, d);
    put_hash(p, "claimed leaf", d, "claimed", STYLE_TEXT, NULL);
    put_hash(p, "challenger's", d, "challenger_found", STYLE_TEXT, "none: the counts are disputed, or the list itself");
    put_state(p, "state before", json_object_get(d, "challenger_state"));
    put_state(p, "accused's", json_object_get(d, "accused_state"));
    if (json_is_object(own))
        page_field(p, AT, "done again", json_is_true(json_object_get(own, "upheld")) ? STYLE_BAD : STYLE_GOOD, "%s", aid_text(own, "why"));
    put_hash(p, "verdict's leaf", d, "verdict_found", STYLE_KEY, NULL);
}

void chain_draw_dispute(struct chain_screen *s, struct grid *g, struct box b)
{
    const json_t *d = chain_dispute(s);
    struct page p;
    if (b.rows < 1 || b.columns < 4 || d == NULL)
        return;
    page_new(&p, b.columns, g->symbols);
    put_steps(s, &p, d);
    put_places(&p, d);
    put_money(s, &p, d);
    page_heading(&p, "Hashes", "");
    put_hash(&p, "challenge", d, "challenge", STYLE_TEXT, NULL);
    put_hash(&p, "proposal", d, "proposal", STYLE_TEXT, NULL);
    page_show(&p, &s->page, g, b, true);
    page_free(&p);
}
