/* The votes of the next height: what it waits for in a sentence, power against two thirds as bars, who voted for what, and
 * what the following that runs here has seen. */
#include "base/clock.h"
#include "base/text.h"
#include "ui/cell/plot.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_follow.h"
#include "ui/screen/figure.h"

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

enum { LABEL = 12, TAIL = 34, BAR_MOST = 60 };

/* "prevotes    ██████████░░░░|░░░  500 of 801, 301 more": the mark is where two thirds are passed. */
static void draw_power(struct grid *g, struct box row, const char *label, json_int_t power, const json_t *of)
{
    json_int_t total = number_at(of, "total"), needed = number_at(of, "needed");
    char now[AID_NUMBER], want[AID_NUMBER], more[AID_NUMBER];
    int cells = row.columns - LABEL - TAIL;
    cells = cells > BAR_MOST ? BAR_MOST : cells;
    bool enough = power >= needed;
    grid_put(g, row, 0, 0, STYLE_DIM, label);
    int x = LABEL;
    if (cells >= 8 && total > 0) {
        int mark = (int)((double)cells * (double)needed / (double)total);
        plot_bar(g, row, x, 0, cells, enough ? STYLE_GOOD : STYLE_SERIES_1, (double)power / (double)total);
        grid_put(g, row, x + (mark < cells ? mark : cells - 1), 0, STYLE_KEY, g->symbols == SYMBOLS_ASCII ? "|" : "\xe2\x94\x82");
        x += cells + 2;
    }
    x = grid_printf(g, row, x, 0, enough ? STYLE_GOOD : STYLE_TEXT, "%s of %s", aid_count(power, now), aid_count(needed, want));
    if (enough)
        grid_put(g, row, x + 1, 0, STYLE_GOOD, "enough");
    else
        grid_printf(g, row, x, 0, STYLE_DIM, ", %s more", aid_count(needed - power, more));
}

static struct box take(struct box *b, int rows)
{
    struct box top = *b;
    top.rows = rows < b->rows ? rows : b->rows;
    *b = box_inset(*b, 0, top.rows, 0, 0);
    return top;
}

static int draw_where(const struct chain_screen *s, struct grid *g, struct box b)
{
    const json_t *v = s->read.votes, *power = json_object_get(v, "power");
    char note[64], stage[640];
    snprintf(note, sizeof note, "round %lld, %s", number_at(v, "round"), aid_text(v, "step"));
    char title[48];
    snprintf(title, sizeof title, "Height %lld", number_at(v, "height"));
    aid_heading(g, b, 0, title, note);
    chain_named(s, aid_text(v, "stage"), stage, sizeof stage);
    int y = 1 + grid_paragraph(g, b, 1, STYLE_KEY, stage);
    draw_power(g, (struct box){b.x, b.y + y, b.columns, y < b.rows}, "prevotes", number_at(power, "prevoted"), power);
    y++;
    draw_power(g, (struct box){b.x, b.y + y, b.columns, y < b.rows}, "precommits", number_at(power, "precommitted"), power);
    return y + 2;
}

void chain_draw_votes(struct chain_screen *s, struct grid *g, struct box b)
{
    struct box list = b, follow = {0, 0, 0, 0};
    int rows = chain_rows(s, CHAIN_VOTES), most;
    if (s->read.votes == NULL) {
        grid_paragraph(g, box_inset(b, 2, 1, 2, 0), 0, STYLE_TEXT,
                       s->read.unvoted[0] != '\0' ? s->read.unvoted : "The votes are being read...");
        return;
    }
    if (b.columns >= 112) {
        box_split_columns(b, -(b.columns * 2 / 5), &list, &follow);
        list = box_inset(list, 0, 0, 2, 0);
    }
    take(&list, draw_where(s, g, list));
    int below = b.columns >= 112 ? 0 : chain_follow_rows(s);
    most = list.rows - below > rows + 1 ? rows + 1 : list.rows - below;
    struct box table = take(&list, most < 3 ? 3 : most);
    chain_draw_table(s, g, table);
    if (follow.rows > 0 && list.rows > 8)
        chain_draw_stakes(s, g, box_inset(list, 0, 1, 0, 0));
    if (follow.rows == 0)
        follow = box_inset(list, 0, list.rows > 6, 0, 0);
    if (follow.rows > 1)
        chain_draw_follow(s, g, follow);
}
