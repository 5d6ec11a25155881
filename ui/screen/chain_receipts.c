/* Receipts on the Chain screen: those in the workspace's folder, each checked when it is read; writing one of a transaction
 * that was sealed; checking one from anywhere. */
#include "action/chain.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

#include <dirent.h>
#include <stdlib.h>

enum { RECEIPTS_MOST = 256, CHOICES_MOST = 64, TX_DIGITS = 16 };

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static void say(const json_t *r, char *out, size_t size)
{
    snprintf(out, size, "%s%s at height %lld by %.14s...", aid_text(r, "kind"), json_is_true(json_object_get(r, "self")) ? " (self)" : "",
             json_integer_value(json_object_get(r, "height")), aid_text(r, "sender"));
}

static json_t *read_one(const char *folder, const char *name)
{
    char path[FILE_PATH_MAX], says[256];
    struct error err = {0};
    file_join(path, sizeof path, folder, name);
    json_t *r = action_chain_check_receipt(path, NULL, &err);
    bool good = r != NULL;
    if (!good)
        r = json_object();
    say(r, says, sizeof says);
    json_object_set_new(r, "name", json_string(name));
    json_object_set_new(r, "path", json_string(path));
    json_object_set_new(r, "ok", json_boolean(good));
    json_object_set_new(r, "says", json_string(good ? says : err.text));
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_folder(const char *folder, char *name[RECEIPTS_MOST])
{
    DIR *d = opendir(folder);
    struct dirent *e;
    int n = 0;
    while (d != NULL && n < RECEIPTS_MOST && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.' && text_is_utf8(e->d_name, strlen(e->d_name)))
            name[n++] = memory_text(e->d_name);
    if (d != NULL)
        closedir(d);
    qsort(name, (size_t)n, sizeof *name, by_name);
    return n;
}

json_t *chain_receipts_read(const struct workspace *w)
{
    char folder[FILE_PATH_MAX], *name[RECEIPTS_MOST];
    json_t *list = json_array();
    workspace_path(w, "receipts", folder, sizeof folder);
    int n = list_folder(folder, name);
    for (int i = 0; i < n; i++) {
        json_array_append_new(list, read_one(folder, name[i]));
        free(name[i]);
    }
    return json_pack("{s:o}", "receipts", list);
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void file_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    const char *const arguments[] = {"chain", "receipt", s->receipt_of, text, NULL};
    if (text[0] != '\0')
        chain_watch_begin(s, app_job(app, arguments, NULL), "writing a receipt");
}

/* Into the workspace's folder unless another file is said. */
static void ask_file(struct chain_screen *s, struct app *app)
{
    char folder[FILE_PATH_MAX], name[64], preset[FILE_PATH_MAX];
    struct error err = {0};
    workspace_path(app_workspace(app), "receipts", folder, sizeof folder);
    if (!app_read_only(app) && !file_is_folder(folder) && !file_make_folder(folder, 0700, &err))
        app_error(app, &err);
    snprintf(name, sizeof name, "%.12s.receipt", s->receipt_of);
    file_join(preset, sizeof preset, folder, name);
    app_ask(app, "File for the receipt, which must not be there yet", preset, false, file_given, s);
}

/* "approve 3fa90c2e...  by main": the id is the second word. */
static void tx_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    char copy[512], *rest = copy;
    text_copy(copy, sizeof copy, text);
    text_next(&rest, ' ');
    char *id = text_next(&rest, ' ');
    if (id == NULL)
        return;
    text_copy(s->receipt_of, sizeof s->receipt_of, id);
    ask_file(s, app);
}

struct choices {
    char *text[CHOICES_MOST];
    int n;
};

static void add(struct choices *c, const char *what, const char *id, const char *who)
{
    if (id[0] != '\0' && c->n < CHOICES_MOST)
        c->text[c->n++] = memory_format("%s %.*s by %.40s", what, TX_DIGITS, id, who);
}

/* The decisions first: they are what receipts are for. */
static void add_proposal(struct choices *c, const json_t *p)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(p, "decisions"), i, one)
        add(c, json_is_true(json_object_get(one, "approve")) ? "approve" : "reject", aid_text(one, "tx"), aid_text(one, "who"));
    json_array_foreach(json_object_get(p, "attests"), i, one)
        add(c, "commit", aid_text(one, "tx"), aid_text(one, "who"));
    add(c, "announce", aid_text(p, "proposal"), aid_text(p, "proposer"));
}

static void add_block(struct choices *c, const json_t *block)
{
    size_t i;
    const json_t *tx;
    json_array_foreach(json_object_get(block, "transactions"), i, tx)
        add(c, aid_text(tx, "kind"), aid_text(tx, "tx"), aid_text(tx, "sender"));
}

void chain_write_receipt(void *self, struct app *app)
{
    struct chain_screen *s = self;
    struct choices c = {.n = 0};
    if (s->view == CHAIN_BLOCKS)
        add_block(&c, chain_cursor(s));
    else
        add_proposal(&c, s->read.shown);
    if (c.n > 0)
        app_ask_choice(app, "A receipt of", (const char *const *)c.text, c.n, 0, tx_given, s);
    else
        app_message(app, STYLE_WARN, "nothing was sealed here yet that a receipt could be of");
    for (int i = 0; i < c.n; i++)
        free(c.text[i]);
}

/* --- checking --------------------------------------------------------------------------------------------------------- */

/* The question may be left empty: then the receipt proves that validators signed, not that it is of the chain one knows. */
static void head_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    const char *const arguments[] = {"chain", "check-receipt", s->receipt_file, text[0] != '\0' ? "--head" : NULL, text, NULL};
    chain_watch_begin(s, app_job(app, arguments, NULL), "checking a receipt");
}

static void check_given(void *self, struct app *app, const char *text)
{
    struct chain_screen *s = self;
    if (text[0] == '\0')
        return;
    text_copy(s->receipt_file, sizeof s->receipt_file, text);
    app_ask(app, "A block that you know, HEIGHT:ID, which it must agree with (empty: none)", "", false, head_given, s);
}

void chain_check_receipt(void *self, struct app *app)
{
    const struct chain_screen *s = self;
    const json_t *row = s->view == CHAIN_RECEIPTS ? chain_cursor(s) : NULL;
    app_ask(app, "Receipt to be checked", aid_text(row, "path"), false, check_given, self);
}

static void put_certificate(struct text *t, const json_t *c)
{
    const json_t *v;
    size_t i;
    text_printf(t, "  final by %lld of %lld validators, power %lld of %lld, in round %lld\n",
                json_integer_value(json_object_get(c, "signed")), json_integer_value(json_object_get(c, "seats")),
                json_integer_value(json_object_get(c, "signed_power")), json_integer_value(json_object_get(c, "power")),
                json_integer_value(json_object_get(c, "round")));
    json_array_foreach(json_object_get(c, "validators"), i, v)
        text_printf(t, "    %s %.16s..., power %lld\n", json_is_true(json_object_get(v, "signed")) ? "signed    " : "not signed",
                    aid_text(v, "voting_key"), json_integer_value(json_object_get(v, "power")));
}

static void put_item(struct text *t, const json_t *r, const char *title)
{
    text_printf(t, "\n%s: %s %s\n  signed by %s\n  sealed in block %lld, %s\n  block %s\n", title, aid_text(r, "kind"), aid_text(r, "tx"),
                aid_text(r, "sender"), json_integer_value(json_object_get(r, "height")), aid_text(r, "time"), aid_text(r, "block"));
    if (json_object_get(r, "certificate"))
        put_certificate(t, json_object_get(r, "certificate"));
    text_put(t, aid_text(r, "show"));
}

char *chain_receipt_text(const json_t *r)
{
    struct text t = {0};
    size_t i;
    const json_t *one;
    text_printf(&t, "The receipt is good: every signature, every hash and the path from the transaction to its block.\n\nchain %s\n%s\nhead when it was "
                    "made %s\n%s",
                aid_text(r, "chain"), aid_text(r, "chain_id"), aid_text(r, "head"),
                json_is_true(json_object_get(r, "self")) ? "self: whoever decided had made the claim\n" : "");
    put_item(&t, r, "decided");
    json_array_foreach(json_object_get(r, "about"), i, one)
        put_item(&t, one, "about");
    char *out = memory_text(text_of(&t));
    text_free(&t);
    return out;
}

bool chain_receipt_event(struct chain_screen *s, struct app *app, const json_t *event)
{
    if (!json_is_array(json_object_get(event, "about")) || !json_is_true(json_object_get(event, "ok")))
        return false;
    const char *file = aid_text(event, "file");
    if (file[0] != '\0') {
        snprintf(s->verdict, sizeof s->verdict, "the receipt is in %s", file);
        s->verdict_style = STYLE_GOOD;
        return true;
    }
    char *text = chain_receipt_text(event);
    app_show_text(app, "Receipt", text);
    free(text);
    return true;
}
