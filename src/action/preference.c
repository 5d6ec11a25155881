#include "action/preference.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/workspace.h"

#include <stdio.h>

static const struct config_setting settings[] = {
    {CONFIG_UNLOCK_MINUTES, 0, 240, 5,
     "idle minutes after which the workbench forgets typed passphrases; 0: it asks every time"},
};

const struct config_setting *config_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_N(settings); i++)
        if (text_equal(settings[i].name, name))
            return &settings[i];
    return NULL;
}

int64_t config_get(struct workspace *w, const char *name)
{
    const struct config_setting *s = config_find(name);
    char text[32];
    int64_t value;
    ASSERT(s != NULL);
    bool kept = w && workspace_setting_get(w, name, text, sizeof text) &&
                text_parse_int(text, s->least, s->most, &value);
    return kept ? value : s->otherwise;
}

static json_t *setting_json(struct workspace *w, const struct config_setting *s)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "name", s->name, "value", (json_int_t)config_get(w, s->name),
                     "default", (json_int_t)s->otherwise, "least", (json_int_t)s->least, "most", (json_int_t)s->most,
                     "about", s->about);
}

json_t *action_config_list(struct workspace *w, struct error *err)
{
    json_t *list = json_array();
    (void)err;
    for (size_t i = 0; i < ARRAY_N(settings); i++)
        json_array_append_new(list, setting_json(w, &settings[i]));
    return json_pack("{s:o}", "settings", list);
}

json_t *action_config_set(struct workspace *w, const char *name, const char *value, struct error *err)
{
    const struct config_setting *s = config_find(name);
    int64_t number;
    char text[32];
    if (!s) {
        error_set(err, ERROR_USAGE, "there is no setting %s; `config list` shows them", name);
        return NULL;
    }
    number = s->otherwise;
    if (!text_equal(value, "default") && !text_parse_int(value, s->least, s->most, &number)) {
        error_set(err, ERROR_USAGE, "%s is a whole number from %lld to %lld, or \"default\", not %s", name,
                  (long long)s->least, (long long)s->most, value);
        return NULL;
    }
    snprintf(text, sizeof text, "%lld", (long long)number);
    workspace_setting_set(w, name, text);
    if (config_get(w, name) == number)
        return setting_json(w, s);
    error_set(err, ERROR_IO, "the setting could not be written: the workspace is busy or full");
    return NULL;
}
