/* The pane about what is under the cursor of a list that only several people need. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

enum { AT = 13 };

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static int put_text(struct grid *g, struct box b, int y, const char *label, const json_t *o, const char *key)
{
    return aid_text(o, key)[0] != '\0' ? y + aid_field(g, b, y, AT, label, "%s", aid_text(o, key)) : y;
}

static int put_count(struct grid *g, struct box b, int y, const char *label, const json_t *o, const char *key)
{
    char number[AID_NUMBER];
    return json_is_integer(json_object_get(o, key)) ? y + aid_field(g, b, y, AT, label, "%s", aid_count(number_at(o, key), number)) : y;
}

static int put_who(const struct chain_screen *s, struct grid *g, struct box b, int y, const char *label, const json_t *o, const char *key)
{
    const char *address = aid_text(o, key);
    char name[80];
    if (address[0] == '\0')
        return y;
    bool known = !text_starts(address, chain_who(s, address, name));
    return y + aid_field(g, b, y, AT, label, "%s%s%s%s", known ? name : "", known ? "  " : "", address,
                         chain_is_mine(s, address) ? " (you)" : "");
}

static int put_stage(const struct chain_screen *s, struct grid *g, struct box b, int y, const json_t *o)
{
    char stage[640];
    chain_named(s, aid_text(o, "stage"), stage, sizeof stage);
    return stage[0] != '\0' ? y + grid_paragraph(g, b, y, STYLE_KEY, stage) : y;
}

static void draw_dispute(const struct chain_screen *s, struct grid *g, struct box b, const json_t *d)
{
    aid_heading(g, b, 0, "Dispute", aid_text(d, "state"));
    int y = put_stage(s, g, b, 1, d);
    y = put_text(g, b, y, "place", d, "place");
    y = put_who(s, g, b, y, "challenger", d, "challenger");
    y = put_who(s, g, b, y, "accused", d, "accused");
    y = put_count(g, b, y, "deposit", d, "deposit");
    y = put_text(g, b, y, "answer", d, "answer");
    if (y < b.rows)
        grid_put(g, b, 0, b.rows - 1 > y ? y + 1 : y, STYLE_DIM, "Enter opens it, step by step.");
}

static void draw_listing(const struct chain_screen *s, struct grid *g, struct box b, const json_t *l)
{
    aid_heading(g, b, 0, "For sale", aid_text(l, "state"));
    int y = put_stage(s, g, b, 1, l);
    y = chain_put_advice(s, g, b, y, l);
    y = put_text(g, b, y, "title", l, "title");
    y = put_count(g, b, y, "price", l, "price");
    y = put_who(s, g, b, y, "seller", l, "seller");
    y = put_who(s, g, b, y, "buyer", l, "buyer");
    y = put_count(g, b, y, "bytes", l, "bytes");
    y = put_count(g, b, y, "deliver in", l, "deliver_blocks");
    y = put_text(g, b, y, "object", l, "object");
    put_text(g, b, y, "content", l, "content");
}

static void draw_job(const struct chain_screen *s, struct grid *g, struct box b, const json_t *j)
{
    aid_heading(g, b, 0, "Job", aid_text(j, "state"));
    int y = put_stage(s, g, b, 1, j);
    y = chain_put_advice(s, g, b, y, j);
    y = put_count(g, b, y, "pays", j, "pay");
    y = put_count(g, b, y, "deposit", j, "deposit");
    y = put_who(s, g, b, y, "for", j, "owner");
    y = put_who(s, g, b, y, "taken by", j, "taker");
    y = put_text(g, b, y, "network", j, "arch");
    y = put_text(g, b, y, "task", j, "task");
    put_text(g, b, y, "proposal", j, "proposal");
}

/* "bars 13 to 20  ● revealed, 6 of 8 right" */
static int put_seal(const struct chain_screen *s, struct grid *g, struct box b, int y, const json_t *seal)
{
    char who[80];
    const char *state = aid_text(seal, "state");
    bool revealed = text_equal(state, "revealed"), lapsed = text_equal(state, "lapsed");
    json_int_t first = number_at(seal, "first"), n = number_at(seal, "bars");
    grid_code(g, b, 0, y, revealed ? STYLE_GOOD : lapsed ? STYLE_BAD : STYLE_WARN, revealed ? 0x25cf : lapsed ? 0x2717 : 0x25cb);
    int x = grid_printf(g, b, 2, y, STYLE_TEXT, "bars %lld to %lld", first, first + n - 1);
    x = grid_put(g, b, x + 2, y, STYLE_DIM, state);
    if (revealed)
        x = grid_printf(g, b, x, y, STYLE_DIM, ", %lld right", number_at(seal, "right"));
    grid_put(g, b, x + 2, y, STYLE_DIM, chain_who(s, aid_text(seal, "who"), who));
    return y + 1;
}

static void draw_player(const struct chain_screen *s, struct grid *g, struct box b, const json_t *row)
{
    char bar[256], interval[32];
    size_t i;
    const json_t *seal;
    double low = json_number_value(json_object_get(row, "low")), high = json_number_value(json_object_get(row, "high")),
           at = json_number_value(json_object_get(row, "accuracy"));
    aid_heading(g, b, 0, "Live predictions", "95 % of the bars' directions");
    int y = put_who(s, g, b, chain_put_advice(s, g, b, 1, row), "who", row, "who");
    if (json_is_number(json_object_get(row, "low"))) {
        int cells = b.columns - AT - 16;
        figure_interval_bar(low, at, high, 0, 1, cells < 8 ? 8 : cells > 40 ? 40 : cells, bar, sizeof bar);
        figure_interval(low, high, interval, sizeof interval);
        y += aid_field(g, b, y, AT, "right", "%s %s", bar, interval);
    }
    y = put_count(g, b, y, "not shown", row, "waiting");
    y = put_count(g, b, y, "sealed to", row, "sealed_to");
    y = put_text(g, b, y, "task", row, "task");
    if (y + 2 < b.rows)
        aid_heading(g, b, ++y, "Seals of this task", "○ waiting  ● revealed");
    y++;
    json_array_foreach(json_object_get(s->read.tournament, "seals"), i, seal)
        if (y < b.rows && text_equal(aid_text(seal, "task"), aid_text(row, "task")))
            y = put_seal(s, g, b, y, seal);
}

static void draw_fork(struct grid *g, struct box b, const json_t *f)
{
    aid_heading(g, b, 0, "Fork", "kept, never taken over");
    int y = 1 + grid_paragraph(g, b, 1, STYLE_BAD,
                               "More than two thirds of the power signed this block, and more than two thirds another one at this height. "
                               "Whoever signed both can be punished: E shows their signatures.");
    y = put_count(g, b, y, "height", f, "height");
    y = put_text(g, b, y, "block", f, "block");
    put_text(g, b, y, "file", f, "file");
}

void chain_draw_many_side(const struct chain_screen *s, struct grid *g, struct box b, const json_t *row)
{
    switch (s->view) {
    case CHAIN_DISPUTES:
        draw_dispute(s, g, b, row);
        break;
    case CHAIN_MARKET:
        draw_listing(s, g, b, row);
        break;
    case CHAIN_JOBS:
        draw_job(s, g, b, row);
        break;
    case CHAIN_TOURNAMENT:
        draw_player(s, g, b, row);
        break;
    case CHAIN_FORKS:
        draw_fork(g, b, row);
        break;
    default:
        break;
    }
}
