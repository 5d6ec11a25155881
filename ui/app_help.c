/* The help of a screen, made from the tables that its keys are in. */
#include "base/text.h"
#include "ui/app_internal.h"

static void put_key(struct text *out, int key, const char *label, const char *help)
{
    char name[16];
    text_printf(out, "  %-9s  %-12s  %s\n", input_name(key, name), label, help);
}

void app_help(struct app *app)
{
    const struct app_screen *s = app_current(app);
    struct text out = {0};
    char why[256];
    if (s != NULL && s->screen->about != NULL)
        text_printf(&out, "%s\n\n", s->screen->about);
    if (s != NULL && s->screen->keys > 0)
        text_put(&out, "On this screen\n");
    for (int i = 0; s != NULL && i < s->screen->keys; i++) {
        const struct screen_key *k = &s->screen->key[i];
        if (!app_key_shown(s, k))
            continue;
        put_key(&out, k->key, k->label, k->help);
        if (!app_key_enabled(app, s, k, why, sizeof why))
            text_printf(&out, "  %-9s  %-12s  (not now: %s)\n", "", "", why);
    }
    text_put(&out, s != NULL && s->screen->keys > 0 ? "\nEverywhere\n" : "Everywhere\n");
    for (int i = 0; i < app_keys_n; i++)
        put_key(&out, app_keys[i].key, app_keys[i].label, app_keys[i].help);
    text_put(&out, "\nMoving\n"
                   "  Up Down or k j, PgUp PgDn, g G    by a row, by a page, to the first and the last\n"
                   "  Enter, Esc                        into the thing under the cursor, and back out\n");
    app_show_text(app, s != NULL ? s->screen->title : "morphsmith", text_of(&out));
    text_free(&out);
}
