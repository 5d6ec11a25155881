/* What the importer decided about a file, with the evidence, its warnings and every row it dropped. */
#include "ui/screen/data.h"

#include "base/text.h"
#include "ui/screen/aid.h"

enum { DROPS_SHOWN = 2000 };

struct report {
    struct grid *g;
    struct box b;
    int y;
};

static void put_line(struct report *r, enum style style, int indent, const char *text)
{
    r->y += grid_paragraph(r->g, box_inset(r->b, indent, 0, 0, 0), r->y, style, text);
}

static void put_head(struct report *r, const char *title)
{
    r->y++;
    aid_heading(r->g, r->b, r->y++, title, "");
}

static void put_guesses(struct report *r, const json_t *guesses)
{
    size_t i;
    const json_t *guess;
    char line[512];
    json_array_foreach(guesses, i, guess)
    {
        snprintf(line, sizeof line, "%s: %s", aid_text(guess, "what"), aid_text(guess, "value"));
        put_line(r, STYLE_TEXT, 0, line);
        put_line(r, STYLE_DIM, 4, aid_text(guess, "evidence"));
    }
}

static void put_rows(struct report *r, const json_t *rows, const char *title, const char *why)
{
    size_t i;
    const json_t *row;
    char line[384];
    if (json_array_size(rows) == 0)
        return;
    snprintf(line, sizeof line, "%s (%zu)", title, json_array_size(rows));
    put_head(r, line);
    json_array_foreach(rows, i, row)
    {
        if (i == DROPS_SHOWN) {
            put_line(r, STYLE_DIM, 0, "... and more: `data show` has them all");
            return;
        }
        const char *column = aid_text(row, "column"), *said = aid_text(row, why);
        snprintf(line, sizeof line, "line %lld: %.80s%s%.200s",
                 (long long)json_integer_value(json_object_get(row, "line")), column, column[0] != '\0' ? ": " : "",
                 said[0] != '\0' ? said : aid_text(row, "what"));
        put_line(r, STYLE_TEXT, 0, line);
    }
}

static int64_t number_in(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}

static void put_facts(struct report *r, const json_t *j)
{
    char line[1024], number[AID_NUMBER], lag[AID_NUMBER];
    int64_t lag_us = (int64_t)(json_number_value(json_object_get(j, "lag_seconds")) * 1e6);
    snprintf(line, sizeof line, "%.700s: %s rows, columns %zu, %.10s .. %.10s", aid_text(j, "path"),
             aid_count(number_in(j, "rows"), number), json_array_size(json_object_get(j, "columns")),
             aid_text(j, "first"), aid_text(j, "last"));
    put_line(r, STYLE_TEXT, 0, line);
    snprintf(line, sizeof line, "publication lag: %s", lag_us == 0 ? "none" : aid_step(lag_us, lag));
    put_line(r, STYLE_TEXT, 0, line);
    put_line(r, STYLE_DIM, 4, aid_text(j, "lag_reason"));
    snprintf(line, sizeof line, "dropped rows %lld, duplicates %lld, empty cells %lld, gaps %lld%s",
             (long long)number_in(j, "dropped"), (long long)number_in(j, "duplicates"),
             (long long)number_in(j, "missing"), (long long)number_in(j, "gaps"),
             json_is_true(json_object_get(j, "reordered")) ? "; rows were put in the order of time" : "");
    put_line(r, STYLE_TEXT, 0, line);
}

/* Draws from row -top on; returns how many rows there are. */
int data_report_draw(struct grid *g, struct box b, const json_t *report, bool guesses, int top)
{
    struct report r = {g, b, -top};
    const json_t *warnings = json_object_get(report, "warnings"), *text;
    size_t i;
    put_facts(&r, report);
    if (guesses) {
        put_head(&r, "Decided, and why");
        put_guesses(&r, json_object_get(report, "guesses"));
    }
    if (json_array_size(warnings) > 0)
        put_head(&r, "Warnings");
    json_array_foreach(warnings, i, text)
        put_line(&r, STYLE_WARN, 0, json_is_string(text) ? json_string_value(text) : "");
    put_rows(&r, json_object_get(report, "flags"), "Flagged, and kept", "why");
    put_rows(&r, json_object_get(report, "dropped_rows"), "Dropped or replaced rows", "why");
    return r.y + top;
}

void data_draw_info(struct data_screen *s, struct grid *g, struct box b)
{
    struct box head, body;
    char note[48];
    box_split_rows(b, 1, &head, &body);
    if (s->view.report == NULL) {
        grid_put(g, body, 0, 0, STYLE_DIM, s->view.loading ? "reading ..." : "there is no report");
        return;
    }
    int rows = data_report_draw(g, (struct box){b.x, b.y, b.columns, 0}, s->view.report, true, 0);
    s->info_most = rows > body.rows ? rows - body.rows : 0;
    s->info_top = s->info_top > s->info_most ? s->info_most : s->info_top;
    snprintf(note, sizeof note, s->info_most > 0 ? "PgUp PgDn: %d of %d" : "i closes", s->info_top + body.rows, rows);
    aid_heading(g, head, 0, "What the importer did", note);
    data_report_draw(g, body, s->view.report, true, s->info_top);
}
