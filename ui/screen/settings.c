#include "ui/screen/settings.h"

#include "base/memory.h"
#include "base/text.h"

static const char kept_as[] = "train.options";

bool settings_choose(const struct settings *s, struct recipe *r, enum task_target target, int *wrong, struct error *err)
{
    const char *value[RECIPE_SETTINGS];
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        value[i] = s->chosen[i];
    return recipe_choose(r, target, value, wrong, err);
}

int settings_settle(struct settings *s, struct recipe *r, enum task_target target)
{
    int wrong = -1, dropped = -1;
    for (int i = 0; i < RECIPE_SETTINGS && !settings_choose(s, r, target, &wrong, NULL); i++) {
        dropped = wrong;
        s->chosen[wrong][0] = '\0';
    }
    return dropped;
}

static void take_item(struct settings *s, char *item)
{
    char *value = item, *name = text_next(&value, '=');
    struct recipe r;
    int i = recipe_setting_find(text_equal(name, "rate") ? "lr" : name); /* as it was called once */
    recipe_defaults(&r);
    if (i >= 0 && recipe_settings[i].option && value && recipe_set(&r, &recipe_settings[i], value, NULL))
        text_copy(s->chosen[i], sizeof s->chosen[i], value);
}

void settings_load(struct settings *s, struct recipe *r, struct workspace *w, enum task_target target)
{
    char kept[1024] = "", *rest = kept, *item;
    *s = (struct settings){.chosen = {""}};
    if (workspace_setting_get(w, kept_as, kept, sizeof kept))
        while ((item = text_next(&rest, ' ')) != NULL)
            take_item(s, item);
    settings_settle(s, r, target);
}

void settings_keep(const struct settings *s, struct workspace *w)
{
    struct text t = {0};
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        if (s->chosen[i][0] != '\0')
            text_printf(&t, "%s%s=%s", t.n > 0 ? " " : "", recipe_settings[i].option, s->chosen[i]);
    workspace_setting_set(w, kept_as, text_of(&t));
    text_free(&t);
}

void settings_put(struct settings_arguments *a, const struct settings *s, bool exact)
{
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        if (s->chosen[i][0] == '\0' || (exact && text_equal(recipe_settings[i].name, "kernels")))
            continue;
        ASSERT(a->n + 3 <= SETTINGS_ARGUMENTS);
        snprintf(a->flag[i], sizeof a->flag[i], "--%s", recipe_settings[i].option);
        a->argument[a->n++] = a->flag[i];
        a->argument[a->n++] = s->chosen[i];
    }
    a->argument[a->n] = NULL;
}
