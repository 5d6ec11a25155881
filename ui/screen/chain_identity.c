#include "ui/screen/chain_identity.h"

#include "action/chain.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "chain/keystore.h"

struct chain_identity {
    char name[KEY_NAME_MAX]; /* whom the questions are about */
    char file[1024];
    bool never_voted; /* of the key in that file, as its owner says */
    char *before, *first; /* the passphrase until now; a new one typed once: locked memory, or NULL */
};

struct chain_identity *chain_identity_new(void)
{
    return NEW(struct chain_identity);
}

static void wipe(struct chain_identity *k)
{
    secret_free(k->before);
    secret_free(k->first);
    k->before = k->first = NULL;
}

void chain_identity_free(struct chain_identity *k)
{
    if (!k)
        return;
    wipe(k);
    free(k);
}

/* Takes the place of what is there. */
static bool hold(char **secret, const char *text, struct app *app)
{
    struct error err = {0};
    secret_free(*secret);
    *secret = secret_text(text, &err);
    if (!*secret)
        app_error(app, &err);
    return *secret != NULL;
}

/* --- a new passphrase, typed twice --------------------------------------------------------------------------------- */

static void start_new(struct chain_identity *k, struct app *app)
{
    const char *const arguments[] = {"key", "new", "--name", k->name, "--passphrase-fd", "3", NULL};
    app_job(app, arguments, k->first);
}

/* Two lines: the one until now, the new one. */
static void start_passwd(struct chain_identity *k, struct app *app)
{
    const char *const arguments[] = {"key", "passwd", k->name, "--passphrase-fd", "3", NULL};
    struct error err = {0};
    size_t n = strlen(k->before) + strlen(k->first) + 2;
    char *both = secret_new(n, &err);
    if (both) {
        text_copy(both, n, k->before);
        text_append(both, n, "\n");
        text_append(both, n, k->first);
        app_job(app, arguments, both);
    } else {
        app_error(app, &err);
    }
    secret_free(both);
}

static void again_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    if (!k->first || !text_equal(text, k->first))
        app_message(app, STYLE_BAD, "the two passphrases differ; nothing was changed");
    else if (k->before)
        start_passwd(k, app);
    else
        start_new(k, app);
    wipe(k);
}

static void first_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    char why[200];
    if (text[0] == '\0') {
        app_message(app, STYLE_BAD, "an identity needs a passphrase");
        return;
    }
    if (!hold(&k->first, text, app))
        return;
    app_ask(app, "The passphrase once more", "", true, again_given, k);
    if (key_passphrase_weak(text, k->name, why, sizeof why))
        app_message(app, STYLE_WARN, "%s; Esc leaves everything as it is", why);
}

static void name_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    wipe(k);
    if (!text_copy(k->name, sizeof k->name, text[0] != '\0' ? text : "main"))
        app_message(app, STYLE_BAD, "a name has at most %d characters", KEY_NAME_MAX - 1);
    else
        app_ask(app, "Passphrase for a new identity", "", true, first_given, k);
}

void chain_identity_make(struct chain_identity *k, struct app *app, bool first)
{
    if (first)
        name_given(k, app, "main");
    else
        app_ask(app, "Name of a new identity", "", false, name_given, k);
}

static void before_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    char title[96];
    wipe(k);
    if (!hold(&k->before, text, app))
        return;
    snprintf(title, sizeof title, "New passphrase of %s", k->name);
    app_ask(app, title, "", true, first_given, k);
}

static void ask_passwd(struct chain_identity *k, struct app *app)
{
    char title[96];
    snprintf(title, sizeof title, "Passphrase of %s until now", k->name);
    app_ask(app, title, "", true, before_given, k);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static void backup_passphrase_given(void *self, struct app *app, const char *text)
{
    const struct chain_identity *k = self;
    const char *const arguments[] = {"key", "import", k->file, "--passphrase-fd", "3", k->never_voted ? "--never-voted" : NULL,
                                     NULL};
    app_job(app, arguments, text);
}

static const char *const voted[] = {"it may have: its votes wait for the next certificate",
                                    "never: it votes at once; if that is wrong, it costs stake and seat"};

static void voted_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    k->never_voted = text_equal(text, voted[1]);
    app_ask(app, "Passphrase of the backup", "", true, backup_passphrase_given, k);
}

static void import_given(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    const char *const arguments[] = {"key", "import", k->file, NULL};
    if (!text_copy(k->file, sizeof k->file, text) || text[0] == '\0')
        app_message(app, STYLE_BAD, "the path of a file is needed");
    else if (action_key_import_needs_passphrase(k->file))
        app_ask_choice(app, "Has this key voted on another machine?", voted, (int)ARRAY_N(voted), 0, voted_given, k);
    else
        app_job(app, arguments, NULL);
}

static void export_given(void *self, struct app *app, const char *text)
{
    const struct chain_identity *k = self;
    const char *const arguments[] = {"key", "export", k->name, "--out", text, NULL};
    if (text[0] != '\0')
        app_job(app, arguments, NULL);
}

static void backup_given(void *self, struct app *app, const char *text)
{
    const struct chain_identity *k = self;
    const char *const arguments[] = {"key", "backup", k->name, text, NULL};
    if (text[0] != '\0')
        app_job(app, arguments, NULL);
}

static void ask_file(struct chain_identity *k, struct app *app, const char *title, const char *suffix, app_answer *done)
{
    char preset[KEY_NAME_MAX + 16];
    snprintf(preset, sizeof preset, "%s%s", k->name, suffix);
    app_ask(app, title, preset, false, done, k);
}

/* --- how long it stays unlocked ------------------------------------------------------------------------------------- */

static void minutes_given(void *self, struct app *app, const char *text)
{
    (void)self;
    int64_t minutes;
    if (!text_parse_int(text, 0, UNLOCK_MINUTES_MOST, &minutes)) {
        app_message(app, STYLE_BAD, "whole minutes, 0 to %d; 0 asks for the passphrase every time", UNLOCK_MINUTES_MOST);
        return;
    }
    app_unlock_minutes_set(app, (int)minutes);
    app_message(app, STYLE_GOOD, minutes ? "unlocked identities lock after %d idle min" : "the passphrase is asked every time",
                (int)minutes);
}

static void ask_minutes(struct chain_identity *k, struct app *app)
{
    char now[16];
    snprintf(now, sizeof now, "%d", app_unlock_minutes(app));
    app_ask(app, "Lock after so many idle minutes (0: ask every time)", now, false, minutes_given, k);
}

static void choose_default(struct chain_identity *k, struct app *app)
{
    const char *const arguments[] = {"key", "default", k->name, NULL};
    app_job(app, arguments, NULL);
}

static const char *const surely[] = {"leave it: its votes wait for the next certificate",
                                     "no other machine has ever voted with it"};

static void surely_given(void *self, struct app *app, const char *text)
{
    const struct chain_identity *k = self;
    const char *const arguments[] = {"key", "never-voted", k->name, NULL};
    if (text_equal(text, surely[1]))
        app_job(app, arguments, NULL);
}

/* --- the menu ------------------------------------------------------------------------------------------------------- */

static const char *const choices[] = {"make another identity",
                                      "take in a backup, or the public part of somebody",
                                      "write its public part to a file, for others",
                                      "back it up: the encrypted key, to a file or into a folder",
                                      "choose another passphrase",
                                      "how long it stays unlocked",
                                      "let it sign wherever none is named, here and by command",
                                      "it has voted on no other machine: let it vote at once"};

static void chosen(void *self, struct app *app, const char *text)
{
    struct chain_identity *k = self;
    if (text_equal(text, choices[0]))
        chain_identity_make(k, app, false);
    else if (text_equal(text, choices[1]))
        app_ask(app, "The file to take in", "", false, import_given, k);
    else if (text_equal(text, choices[5]))
        ask_minutes(k, app);
    else if (k->name[0] == '\0')
        app_message(app, STYLE_WARN, "there is no identity for this yet: K makes one");
    else if (text_equal(text, choices[6]))
        choose_default(k, app);
    else if (text_equal(text, choices[7]))
        app_ask_choice(app, "Wrong, it can cost stake and seat", surely, (int)ARRAY_N(surely), 0, surely_given, k);
    else if (text_equal(text, choices[2]))
        ask_file(k, app, "Write the public part to the new file", ".pub", export_given);
    else if (text_equal(text, choices[3]))
        ask_file(k, app, "Back up to the new file, or into the folder", ".key", backup_given);
    else
        ask_passwd(k, app);
}

void chain_identity_menu(struct chain_identity *k, struct app *app, const char *name)
{
    char title[96];
    wipe(k);
    text_copy(k->name, sizeof k->name, name);
    snprintf(title, sizeof title, "Identity %s", name);
    app_ask_choice(app, name[0] != '\0' ? title : "Identities", choices, (int)ARRAY_N(choices), 0, chosen, k);
}
