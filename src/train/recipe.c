#include "train/recipe.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"
#include "train/recipe_setting.h"

#define HEADER "morphsmith-recipe 1"
#define RECIPE_TEXT_MAX 4096

void recipe_defaults(struct recipe *r)
{
    *r = (struct recipe){
        .epochs = 30,
        .batch = 64,
        .patience = 5,
        .learning_rate = 0.001F,
        .optimizer = "adam",
        .stop_ppm = 150000,
        .seed = 1,
        .schedule = "constant",
        .step_size = 10,
        .gamma = 0.1F,
        .huber_delta = 1.0F,
    };
}

void recipe_plain_for(struct recipe *r, enum task_target target)
{
    recipe_defaults(r);
    r->zero_head = r->keep_start = target == TASK_RETURN;
}

void recipe_defaults_for(struct recipe *r, enum task_target target)
{
    recipe_plain_for(r, target);
    r->epochs = 15;
    r->patience = 8;
    r->learning_rate = 0.006F;
    text_copy(r->optimizer, sizeof r->optimizer, "adamw");
    text_copy(r->schedule, sizeof r->schedule, "onecycle");
    r->weight_decay = 0.5F;
    r->zero_head = true;
}

void recipe_grown(struct recipe *out, const struct recipe *r, int epochs)
{
    *out = *r;
    out->epochs = epochs > 0 ? epochs : (r->epochs + 2) / 3;
    out->learning_rate = 0.5F * r->learning_rate;
    out->min_rate = 0.5F * r->min_rate;
}

bool recipe_check(const struct recipe *r, struct error *err)
{
    return recipe_together(r, NULL, err);
}

char *recipe_format(const struct recipe *r)
{
    struct text out = {0};
    char value[RECIPE_VALUE_MAX];

    text_put(&out, HEADER "\n");
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const struct recipe_setting *s = &recipe_settings[i];
        if (!s->always && recipe_is_preset(r, s))
            continue;
        recipe_get(r, s, value);
        text_printf(&out, "%s %s\n", s->name, value);
    }
    return out.data;
}

/* The value behind the setting's name in a line, or NULL. */
static const char *value_in(const char *line, const struct recipe_setting *s)
{
    size_t n = strlen(s->name);

    return line && text_starts(line, s->name) && line[n] == ' ' ? line + n + 1 : NULL;
}

/* text is a copy and is cut up. */
static bool parse_lines(struct recipe *r, char *text, struct error *err)
{
    char *rest = text;
    const char *line = text_next(&rest, '\n');
    int number = 2;

    if (!line || !text_equal(line, HEADER))
        return error_set(err, ERROR_DATA, "recipe, line 1: expected \"" HEADER "\"");
    line = text_next(&rest, '\n');
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        const struct recipe_setting *s = &recipe_settings[i];
        const char *value = value_in(line, s);
        if (!value && !s->always)
            continue;
        if (!value)
            return error_set(err, ERROR_DATA, "recipe, line %d: expected \"%s VALUE\"", number, s->name);
        if (!recipe_set(r, s, value, err)) {
            if (err)
                err->kind = ERROR_DATA;
            return error_prefix(err, "line %d", number);
        }
        line = text_next(&rest, '\n');
        number++;
    }
    return !line || !line[0] ||
           error_set(err, ERROR_DATA, "recipe, line %d: \"%.40s\" is no setting, or stands in the wrong place", number,
                     line);
}

bool recipe_exact(const struct recipe *r, const char *what, struct error *err)
{
    return !r->blas || error_set(err, ERROR_CHAIN,
                                 "%s computes with OpenBLAS (kernels blas), whose bits nobody can check: only exact "
                                 "kernels can be claimed", what);
}

bool recipe_parse(struct recipe *r, const char *text, struct error *err)
{
    struct recipe parsed;

    if (strnlen(text, RECIPE_TEXT_MAX) == RECIPE_TEXT_MAX)
        return error_set(err, ERROR_DATA, "recipe: the text is longer than %d bytes", RECIPE_TEXT_MAX - 1);
    recipe_defaults(&parsed);
    char *copy = memory_text(text);
    bool ok = parse_lines(&parsed, copy, err) && recipe_check(&parsed, err);
    free(copy);
    if (!ok)
        return false;
    char *canonical = recipe_format(&parsed);
    ok = text_equal(canonical, text);
    free(canonical);
    if (!ok)
        return error_set(err, ERROR_DATA,
                         "recipe: the text is not in its canonical spelling (one space between words, "
                         "shortest numbers, presets left out, nothing behind the last line)");
    *r = parsed;
    return true;
}

struct hash recipe_id(const struct recipe *r, struct hash arch, struct hash dataset, const char *origin)
{
    struct bytes b = {0};
    char *text = recipe_format(r);

    bytes_put_text(&b, "morphsmith-training 1");
    bytes_put_text(&b, text);
    bytes_put(&b, arch.byte, HASH_BYTES);
    bytes_put(&b, dataset.byte, HASH_BYTES);
    bytes_put_text(&b, NUMERIC_VERSION);
    bytes_put_text(&b, origin);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    free(text);
    return id;
}
