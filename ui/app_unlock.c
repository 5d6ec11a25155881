/* Which identities need no passphrase for a while, and the row that says so. */
#include "action/preference.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/app_internal.h"

static void take_minutes(struct app *app)
{
    int minutes = (int)config_get(app->workspace, CONFIG_UNLOCK_MINUTES);
    if (minutes != unlock_minutes(app->unlock))
        unlock_set_minutes(app->unlock, minutes);
}

void app_unlock_start(struct app *app)
{
    app->unlock = unlock_new(NULL, NULL);
    take_minutes(app);
}

/* Under --read-only what was chosen here is not written, and stays. */
void app_unlock_changed(struct app *app)
{
    if (!app->options.read_only)
        take_minutes(app);
}

void app_unlock_clock(struct app *app, double (*now)(void *context), void *context)
{
    int minutes = unlock_minutes(app->unlock);
    unlock_free(app->unlock);
    app->unlock = unlock_new(now, context);
    unlock_set_minutes(app->unlock, minutes);
}

int app_unlock_minutes(const struct app *app)
{
    return unlock_minutes(app->unlock);
}

void app_unlock_minutes_set(struct app *app, int minutes)
{
    char value[16];
    unlock_set_minutes(app->unlock, minutes);
    snprintf(value, sizeof value, "%d", unlock_minutes(app->unlock));
    if (app->workspace != NULL && !app->options.read_only)
        workspace_setting_set(app->workspace, CONFIG_UNLOCK_MINUTES, value);
}

const char *app_passphrase(struct app *app, const char *identity)
{
    return unlock_get(app->unlock, identity);
}

void app_lock(struct app *app)
{
    bool any = unlock_left(app->unlock) > 0;
    unlock_forget(app->unlock, NULL);
    for (size_t i = 0; i < app->jobs; i++) { /* nor by what runs still */
        secret_free(app->job[i]->passphrase);
        app->job[i]->passphrase = NULL;
    }
    app_message(app, STYLE_GOOD, any ? "locked: the next signature asks for the passphrase" : "no identity is unlocked");
}

void app_unlock_by(struct app *app, struct job *job, const char *identity, const char *passphrase)
{
    for (size_t i = 0; i < app->jobs; i++) {
        struct app_job *j = app->job[i];
        if (j->job != job || j->ended)
            continue;
        j->identity = memory_text(identity);
        j->passphrase = secret_text(passphrase, NULL);
    }
}

void app_unlock_ended(struct app *app, struct app_job *j, bool done, const char *why)
{
    if (j->identity != NULL && done && j->passphrase != NULL)
        unlock_keep(app->unlock, j->identity, j->passphrase);
    else if (j->identity != NULL && strstr(why, "wrong passphrase") != NULL)
        unlock_forget(app->unlock, j->identity);
    secret_free(j->passphrase);
    free(j->identity);
    j->passphrase = j->identity = NULL;
}

bool app_unlock_tick(struct app *app)
{
    bool locked = unlock_tick(app->unlock);
    if (locked)
        app_message(app, STYLE_WARN, "locked: nobody pressed a key for %d min", unlock_minutes(app->unlock));
    return locked || unlock_left(app->unlock) != app->unlocked;
}

int app_unlock_draw(const struct app *app, struct grid *g, struct box row)
{
    char text[64];
    if (app->unlocked == 0 || row.columns < 40)
        return row.columns;
    const char *how = row.columns < 70 ? "unlocked %d min" : row.columns < 100 ? "unlocked, locks in %d min"
                                                                               : "unlocked, locks in %d min (L now)";
    snprintf(text, sizeof text, how, app->unlocked);
    grid_put_right(g, row, 0, STYLE_WARN, text);
    return row.columns - text_width(text) - 2;
}
