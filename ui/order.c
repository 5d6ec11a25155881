#include "ui/order.h"

#include "base/memory.h"
#include "base/text.h"
#include "cmd/arguments.h"

#include <string.h>

void order_free(struct order *o)
{
    for (size_t i = 0; i < o->n; i++)
        free(o->word[i]);
    free(o->word);
    *o = (struct order){0};
}

void order_put(struct order *o, const char *word)
{
    o->word = memory_grow(o->word, &o->capacity, o->n + 2, sizeof *o->word);
    o->word[o->n++] = memory_text(word);
    o->word[o->n] = NULL;
}

void order_words(struct order *o, const char *words)
{
    char *copy = memory_text(words), *rest = copy, *word;
    while ((word = text_next(&rest, ' ')) != NULL)
        if (word[0] != '\0')
            order_put(o, word);
    free(copy);
}

void order_option(struct order *o, const char *name, const char *value)
{
    char option[64];
    if (value[0] == '\0')
        return;
    snprintf(option, sizeof option, "--%s", name);
    order_put(o, option);
    order_put(o, value);
}

static void put_quoted(struct text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        text_put(out, word);
        return;
    }
    text_put(out, "'");
    for (; *word != '\0'; word++)
        text_put_n(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    text_put(out, "'");
}

char *order_text(const struct order *o)
{
    struct text out = {0};
    text_put(&out, "morphsmith");
    for (size_t i = 0; i < o->n; i++) {
        text_put(&out, " ");
        put_quoted(&out, o->word[i]);
    }
    char *text = memory_text(text_of(&out));
    text_free(&out);
    return text;
}

json_t *order_run(const struct order *o, struct workspace *w, struct error *err)
{
    const struct command *const *const tables[] = {command_table, NULL};
    struct arguments *a = NEW(struct arguments);
    char **argument = NEW_ARRAY(char *, o->n + 1);
    json_t *result = NULL;
    argument[0] = o->n > 0 ? o->word[0] : NULL; /* in the place of the program's name */
    memcpy(argument + 1, o->word, o->n * sizeof *argument);
    if (arguments_parse(a, (int)o->n + 1, argument, tables, err) && a->command != NULL && a->command->run != NULL)
        result = a->command->run(w, a, err);
    free(argument);
    free(a);
    return result;
}

struct job *order_job(const struct order *o, struct app *app)
{
    return app_job(app, (const char *const *)o->word, NULL);
}

static const struct command *find(const char *command)
{
    for (const struct command *const *c = command_table; *c != NULL; c++)
        if (text_equal((*c)->name, command))
            return *c;
    return NULL;
}

const char *order_about(const char *command, const char *option)
{
    const struct command *c = find(command);
    for (const struct command_option *o = c != NULL ? c->option : NULL; o != NULL && o->name != NULL; o++)
        if (text_equal(o->name, option))
            return o->about;
    return NULL;
}
