#include "ui/screen/chain_follow.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"
#include "ui/screen/figure.h"

static const char kept_as[] = "chain.follow"; /* the form's values, as the last one was started: NAME VALUE lines */

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* --- what it tells ---------------------------------------------------------------------------------------------------- */

static void note(struct chain_follow *f, const char *kind, const char *text)
{
    struct chain_follow_line *l = &f->line[f->lines++ % CHAIN_FOLLOW_LINES];
    l->at_us = clock_wall_us();
    text_copy(l->kind, sizeof l->kind, kind);
    text_copy(l->text, sizeof l->text, text);
}

static void ended(struct chain_screen *s, const json_t *event)
{
    const char *why = aid_text(event, "message");
    note(&s->follow, text_equal(aid_text(event, "state"), "failed") ? "problem" : "ended", why[0] != '\0' ? why : "it ended");
    s->follow.job = NULL;
}

bool chain_follow_event(struct chain_screen *s, struct app *app, struct job *job, const json_t *event)
{
    struct chain_follow *f = &s->follow;
    const char *kind = aid_text(event, "event");
    if (job == NULL || job != f->job)
        return false;
    if (text_equal(kind, "ended")) {
        ended(s, event);
        return true;
    }
    if (text_equal(kind, "pull"))
        f->pulled_us = clock_wall_us();
    f->blocks += text_equal(kind, "block");
    f->votes += text_equal(kind, "vote");
    if (json_is_array(json_object_get(event, "parties"))) {
        json_decref(f->parties);
        f->parties = json_incref(json_object_get(event, "parties"));
    }
    if (aid_text(event, "text")[0] != '\0' && !text_equal(kind, "stage") && !text_equal(kind, "pull"))
        note(f, kind, aid_text(event, "text"));
    chain_load(s, app, false);
    return true;
}

/* --- starting and stopping ---------------------------------------------------------------------------------------------- */

static void keep_values(struct chain_screen *s, struct app *app)
{
    struct text t = {0};
    char name[64];
    for (int i = 0; i < s->form.rows; i++)
        if (s->form.row[i].value != NULL) {
            chain_form_name(&s->form, i, name, sizeof name);
            text_printf(&t, "%s %s\n", name, s->form.row[i].value);
        }
    if (!app_read_only(app))
        workspace_setting_set(app_workspace(app), kept_as, text_of(&t));
    text_free(&t);
}

static void take_values(struct chain_screen *s, struct app *app)
{
    char kept[4096], *rest = kept, *line;
    if (!workspace_setting_get(app_workspace(app), kept_as, kept, sizeof kept))
        return;
    while ((line = text_next(&rest, '\n')) != NULL && line[0] != '\0') {
        char *value = line, *name = text_next(&value, ' ');
        if (value != NULL)
            chain_form_set(&s->form, name, value);
    }
}

void chain_follow_toggle(void *self, struct app *app)
{
    struct chain_screen *s = self;
    if (s->follow.job != NULL) {
        job_cancel(s->follow.job);
        app_message(app, STYLE_WARN, "following: stopping");
        return;
    }
    chain_form_for(s, app, "chain follow");
    if (s->form.command != NULL)
        take_values(s, app);
}

static void run_it(struct chain_screen *s, struct app *app, const char *secret)
{
    const char *all[CHAIN_ARGUMENTS + 3];
    int n = 0;
    for (; n < s->follow.arguments; n++)
        all[n] = s->follow.argument[n];
    if (secret != NULL) {
        all[n++] = "--passphrase-fd";
        all[n++] = "3";
    }
    all[n] = NULL;
    s->follow.job = app_job(app, all, secret);
    s->follow.began = clock_seconds();
    s->follow.blocks = s->follow.votes = 0;
    s->follow.pulled_us = 0;
    if (s->follow.job != NULL)
        app_job_lasting(app, s->follow.job);
    chain_form_close(&s->form);
}

/* What is given behind an option, or NULL. */
static const char *value_of(const struct chain_follow *f, const char *option)
{
    for (int i = 0; i + 1 < f->arguments; i++)
        if (text_equal(f->argument[i], option))
            return f->argument[i + 1];
    return NULL;
}

static void clear_arguments(struct chain_follow *f)
{
    for (int i = 0; i < f->arguments; i++)
        free(f->argument[i]);
    f->arguments = 0;
}

/* --- the passphrases: of the voting key, then of the identity that attests, a line each; one if they are the same ------ */

static void both_given(void *self, struct app *app, const char *second)
{
    struct chain_screen *s = self;
    struct error err = {0};
    size_t n = strlen(s->follow.first) + strlen(second) + 2;
    char *both = secret_new(n, &err);
    if (both != NULL) {
        snprintf(both, n, "%s\n%s", s->follow.first, second);
        run_it(s, app, both);
    } else {
        app_error(app, &err);
    }
    secret_free(both);
    secret_free(s->follow.first);
    s->follow.first = NULL;
}

static void ask_of(struct chain_screen *s, struct app *app, const char *name, const char *does, app_answer *done)
{
    char title[200];
    const char *kept = app_passphrase(app, name);
    snprintf(title, sizeof title, "Passphrase of %s, which %s from now on without asking", name, does);
    if (kept != NULL)
        done(s, app, kept);
    else
        app_ask(app, title, "", true, done, s);
}

static void voting_given(void *self, struct app *app, const char *passphrase)
{
    struct chain_screen *s = self;
    const char *voting = value_of(&s->follow, "--key"), *who = value_of(&s->follow, "--as");
    struct error err = {0};
    if (who == NULL || text_equal(who, voting)) {
        run_it(s, app, passphrase);
        return;
    }
    secret_free(s->follow.first);
    s->follow.first = secret_text(passphrase, &err);
    if (s->follow.first == NULL)
        app_error(app, &err);
    else
        ask_of(s, app, who, "attests", both_given);
}

static void identity_given(void *self, struct app *app, const char *passphrase)
{
    run_it(self, app, passphrase);
}

void chain_follow_start(struct chain_screen *s, struct app *app, const char *const *arguments)
{
    struct chain_follow *f = &s->follow;
    clear_arguments(f);
    for (; *arguments != NULL && f->arguments < CHAIN_ARGUMENTS; arguments++)
        f->argument[f->arguments++] = memory_text(*arguments);
    keep_values(s, app);
    const char *voting = value_of(f, "--key"), *who = value_of(f, "--as");
    if (voting != NULL)
        ask_of(s, app, voting, "votes", voting_given);
    else if (who != NULL)
        ask_of(s, app, who, "attests", identity_given);
    else
        run_it(s, app, NULL);
}

void chain_follow_free(struct chain_follow *f)
{
    clear_arguments(f);
    secret_free(f->first);
    f->first = NULL;
    json_decref(f->parties);
    f->parties = NULL;
}

/* --- drawing ------------------------------------------------------------------------------------------------------------ */

bool chain_follow_say(const struct chain_screen *s, char *out, size_t size)
{
    const struct chain_follow *f = &s->follow;
    char span[48];
    if (f->job == NULL)
        return false;
    figure_span(clock_seconds() - f->began, span, sizeof span);
    snprintf(out, size, "following for %s: %ld block%s, %ld vote%s signed", span, f->blocks, f->blocks == 1 ? "" : "s", f->votes,
             f->votes == 1 ? "" : "s");
    return true;
}

static int draw_parties(const struct chain_screen *s, struct grid *g, struct box b, int y)
{
    size_t i;
    const json_t *p;
    json_array_foreach(s->follow.parties, i, p)
    {
        if (y >= b.rows)
            return y;
        const char *problem = aid_text(p, "problem"), *why = aid_text(p, "why");
        int x = grid_printf(g, b, 0, y, STYLE_TEXT, "%.20s", aid_text(p, "name"));
        x = grid_printf(g, b, x < 14 ? 14 : x + 2, y, STYLE_DIM, "height %lld, %lld taken, %lld refused", number_at(p, "height"),
                        number_at(p, "taken"), number_at(p, "refused"));
        grid_put(g, b, x + 2, y++, STYLE_WARN, problem[0] != '\0' ? problem : why);
    }
    return y + (i > 0);
}

static enum style kind_style(const char *kind)
{
    return text_equal(kind, "problem") || text_equal(kind, "fork") || text_equal(kind, "evidence") ? STYLE_BAD
           : text_equal(kind, "block")                                                             ? STYLE_GOOD
                                                                                                   : STYLE_DIM;
}

/* Newest first: what happened last is looked for. */
static void draw_lines(const struct chain_screen *s, struct grid *g, struct box b, int y)
{
    const struct chain_follow *f = &s->follow;
    for (int i = f->lines - 1; i >= 0 && i >= f->lines - CHAIN_FOLLOW_LINES && y < b.rows; i--) {
        const struct chain_follow_line *l = &f->line[i % CHAIN_FOLLOW_LINES];
        char at[32], text[400];
        clock_iso(l->at_us, at, sizeof at);
        int x = grid_printf(g, b, 0, y, STYLE_DIM, "%.8s", strlen(at) > 19 ? at + 11 : at);
        x = grid_put(g, b, x + 1, y, kind_style(l->kind), l->kind);
        chain_named(s, l->text, text, sizeof text);
        y += grid_paragraph(g, box_inset(b, x + 1 < 20 ? 20 : x + 1, 0, 0, 0), y, STYLE_TEXT, text);
    }
}

int chain_follow_rows(const struct chain_screen *s)
{
    char said[160];
    return chain_follow_say(s, said, sizeof said) || s->follow.lines > 0 ? 6 : 3;
}

void chain_draw_follow(const struct chain_screen *s, struct grid *g, struct box b)
{
    char said[160];
    bool runs = chain_follow_say(s, said, sizeof said);
    aid_heading(g, b, 0, "Following", runs ? "f stops it" : "f starts it");
    int y = 1;
    if (runs)
        grid_put(g, b, 0, y++, STYLE_GOOD, said);
    if (runs && s->follow.pulled_us > 0) {
        char at[32];
        clock_iso(s->follow.pulled_us, at, sizeof at);
        grid_printf(g, b, 0, y++, STYLE_DIM, "the last pull with news was at %.8s UTC", strlen(at) > 19 ? at + 11 : at);
    }
    else if (s->follow.lines == 0)
        y += grid_paragraph(g, b, y, STYLE_DIM,
                            "Nothing is read from the others while this screen is looked at: f follows their folders and votes, P "
                            "pulls once, B makes one step.");
    y = draw_parties(s, g, b, y);
    draw_lines(s, g, b, y);
}
