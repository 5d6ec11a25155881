#include "cmd/arguments.h"

#include "base/memory.h"
#include "base/text.h"

enum { COMMAND_WORDS = 3 }; /* "chain prepare transfer" */

const struct command_option arguments_global[] = {
    {"w", "DIR", "the workspace (default: this folder, if it is one)"},
    {"json", NULL, "print JSON"},
    {"no-color", NULL, "no colours (also: NO_COLOR)"},
    {"ascii", NULL, "draw with plain ASCII"},
    {"no-mouse", NULL, "leave the mouse to the terminal"},
    {"read-only", NULL, "refuse everything that writes"},
    {"threads", "N", "threads of one training (default 1)"},
    {"passphrase-fd", "N", "read the passphrase from descriptor N"},
    {"job", NULL, NULL}, /* started by another morphsmith: ends with its input, reports every event */
    {"version", NULL, "print the version"},
    {"help", NULL, "print this help, or a command's"},
    {NULL, NULL, NULL},
};

static const struct command_option *find_in(const struct command_option *o, const char *name, size_t n)
{
    for (; o->name; o++)
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static const struct command_option *find_option(const struct arguments *a, const char *name, size_t n)
{
    const struct command_option *o = find_in(arguments_global, name, n);
    if (!o && a->command)
        o = find_in(a->command->option, name, n);
    return o || !a->prefix ? o : find_in(a->prefix->option, name, n);
}

static const struct command *find_command(const struct command *const *const *tables, const char *first,
                                          const char *second)
{
    for (; *tables; tables++) {
        for (const struct command *const *c = *tables; *c; c++) {
            size_t n = strlen(first);
            if (strncmp((*c)->name, first, n) != 0)
                continue;
            if ((*c)->name[n] == 0 || (second && (*c)->name[n] == ' ' && text_equal((*c)->name + n + 1, second)))
                return *c;
        }
    }
    return NULL;
}

/* Commands of later versions, so that a script hears why. */
static const char *later_command(const char *first, const char *second)
{
    static const char *const later[] = {"report",
                                        "holdout open",
                                        "task export",
                                        "task import",
                                        "chain dump",
                                        "chain pull",
                                        "chain follow",
                                        "chain attest",
                                        "chain challenge",
                                        "chain respond",
                                        "chain list",
                                        "chain buy",
                                        "chain deliver",
                                        "chain seal-prediction",
                                        "chain reveal-prediction",
                                        "chain outcome",
                                        "chain propose-block",
                                        "chain vote",
                                        "bench infer",
                                        "bench gemm",
                                        "bench gp",
                                        "bench chain",
                                        "bench ui"};
    char both[64];
    snprintf(both, sizeof both, "%s %s", first, second ? second : "");
    for (size_t i = 0; i < ARRAY_N(later); i++)
        if (text_equal(first, later[i]) || text_equal(both, later[i]))
            return later[i];
    return NULL;
}

static bool no_command(const char *first, const char *second, const struct command *const *const *tables,
                       struct error *err)
{
    struct text known = {0};
    size_t n = strlen(first);
    const char *later = later_command(first, second);
    if (later)
        return error_set(err, ERROR_USAGE, "`%s` is not in this version", later);
    for (; *tables; tables++)
        for (const struct command *const *c = *tables; *c; c++)
            if (strncmp((*c)->name, first, n) == 0 && (*c)->name[n] == ' ')
                text_printf(&known, " %s", (*c)->name + n + 1);
    if (known.n)
        error_set(err, ERROR_USAGE, "%s is followed by one of:%s", first, text_of(&known));
    else
        error_set(err, ERROR_USAGE, "there is no command %s; see morphsmith --help", first);
    text_free(&known);
    return false;
}

/* Behind the options, of which only global ones may stand before the command: where its words are; -1: there is none. */
static void find_words(int n, char **argument, int word[COMMAND_WORDS])
{
    int found = 0;
    for (int i = 0; i < COMMAND_WORDS; i++)
        word[i] = -1;
    for (int i = 1; i < n && found < COMMAND_WORDS; i++) {
        const char *s = argument[i];
        if (s[0] == '-' && s[1]) {
            const char *name = s + (s[1] == '-' ? 2 : 1);
            const struct command_option *o = find_in(arguments_global, name, strlen(name));
            i += o && o->value && !strchr(s, '=');
        } else {
            word[found++] = i;
        }
    }
}

static bool take_option(struct arguments *a, int n, char **argument, int *i, struct error *err)
{
    const char *s = argument[*i], *name = s + (s[1] == '-' ? 2 : 1), *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct command_option *o = find_option(a, name, length);
    if (!o || (s[1] != '-' && length != 1))
        return error_set(err, ERROR_USAGE, "%s has no option %s; see --help",
                         a->command ? a->command->name : "morphsmith", s);
    if (!o->value && equals)
        return error_set(err, ERROR_USAGE, "--%s takes no value", o->name);
    const char *value = equals ? equals + 1 : "";
    if (o->value && !equals) {
        if (*i + 1 >= n)
            return error_set(err, ERROR_USAGE, "%s needs a value: %s", s, o->value);
        value = argument[++*i];
    }
    if (a->given_n == COMMAND_ARGS_MAX)
        return error_set(err, ERROR_USAGE, "too many options");
    a->given[a->given_n++] = (struct given){o->name, value};
    return true;
}

static bool can_prepare(const struct command *c)
{
    return c && c->need == COMMAND_WRITES && find_in(c->option, "draft", strlen("draft")) != NULL;
}

/* The command behind one that stands in front of others. Without any, only its help can be asked for. */
static bool find_behind(struct arguments *a, const char *first, const char *third,
                        const struct command *const *const *tables, struct error *err)
{
    struct text known = {0};
    const struct command *behind = third ? find_command(tables, first, third) : NULL;
    if (can_prepare(behind)) {
        a->prefix = a->command;
        a->command = behind;
        return true;
    }
    if (!third)
        return true;
    for (size_t n = strlen(first); *tables; tables++)
        for (const struct command *const *c = *tables; *c; c++)
            if (strncmp((*c)->name, first, n) == 0 && (*c)->name[n] == ' ' && can_prepare(*c))
                text_printf(&known, " %s", (*c)->name + n + 1);
    error_set(err, ERROR_USAGE, "%s is followed by a command that signs, one of:%s", a->command->name, text_of(&known));
    text_free(&known);
    return false;
}

static bool find_all(struct arguments *a, int word[COMMAND_WORDS], char **argument,
                     const struct command *const *const *tables, struct error *err)
{
    const char *text[COMMAND_WORDS];
    for (int i = 0; i < COMMAND_WORDS; i++)
        text[i] = word[i] < 0 ? NULL : argument[word[i]];
    if (!text[0])
        return true;
    a->command = find_command(tables, text[0], text[1]);
    if (!a->command)
        return no_command(text[0], text[1], tables, err);
    if (!strchr(a->command->name, ' '))
        word[1] = -1;
    if (!a->command->prefix)
        word[2] = -1;
    else if (!find_behind(a, text[0], text[2], tables, err))
        return false;
    return true;
}

static bool is_word(const int word[COMMAND_WORDS], int i)
{
    return i == word[0] || i == word[1] || i == word[2];
}

static bool right_number(const struct arguments *a, struct error *err)
{
    const struct command *c = a->command;
    if (c->prefix)
        return error_set(err, ERROR_USAGE, "usage: morphsmith %s %s", c->name, c->operands);
    return (a->operands >= c->least && a->operands <= c->most) ||
           error_set(err, ERROR_USAGE, "usage: morphsmith %s %s", c->name, c->operands);
}

bool arguments_parse(struct arguments *a, int n, char **argument, const struct command *const *const *tables,
                     struct error *err)
{
    int word[COMMAND_WORDS];
    *a = (struct arguments){0};
    find_words(n, argument, word);
    if (!find_all(a, word, argument, tables, err))
        return false;
    for (int i = 1, plain = 0; i < n; i++) {
        if (is_word(word, i))
            continue;
        if (!plain && text_equal(argument[i], "--")) {
            plain = 1;
        } else if (!plain && argument[i][0] == '-' && argument[i][1]) {
            if (!take_option(a, n, argument, &i, err))
                return false;
        } else if (a->operands == COMMAND_ARGS_MAX) {
            return error_set(err, ERROR_USAGE, "too many arguments");
        } else {
            a->operand[a->operands++] = argument[i];
        }
    }
    bool help = arguments_flag(a, "help") || arguments_flag(a, "version");
    return !a->command || help || right_number(a, err);
}

bool arguments_prepares(const struct arguments *a)
{
    return a->prefix != NULL;
}

const char *arguments_operand(const struct arguments *a, int i)
{
    return i < a->operands ? a->operand[i] : NULL;
}

int arguments_operands(const struct arguments *a)
{
    return a->operands;
}

const char *const *arguments_operand_list(const struct arguments *a)
{
    return a->operand;
}

const char *arguments_option(const struct arguments *a, const char *name)
{
    const char *value = NULL;
    for (int i = 0; i < a->given_n; i++)
        if (text_equal(a->given[i].name, name))
            value = a->given[i].value;
    return value;
}

const char *arguments_option_at(const struct arguments *a, const char *name, int k)
{
    for (int i = 0; i < a->given_n; i++)
        if (text_equal(a->given[i].name, name) && k-- == 0)
            return a->given[i].value;
    return NULL;
}

bool arguments_flag(const struct arguments *a, const char *name)
{
    return arguments_option(a, name) != NULL;
}

bool arguments_int(const struct arguments *a, const char *name, int64_t least, int64_t most, int64_t *out,
                   struct error *err)
{
    const char *value = arguments_option(a, name);
    if (!value || text_parse_int(value, least, most, out))
        return true;
    return error_set(err, ERROR_USAGE, "--%s is a whole number from %lld to %lld, not %s", name, (long long)least,
                     (long long)most, value);
}

bool arguments_real(const struct arguments *a, const char *name, double least, double most, double *out,
                    struct error *err)
{
    const char *value = arguments_option(a, name);
    double v;
    if (!value)
        return true;
    if (text_parse_double(value, &v) && v >= least && v <= most) {
        *out = v;
        return true;
    }
    return error_set(err, ERROR_USAGE, "--%s is a number from %g to %g, not %s", name, least, most, value);
}

bool arguments_span(const struct arguments *a, const char *name, double *out, struct error *err)
{
    const char *text = arguments_option(a, name);
    char number[32];
    size_t n = text ? strlen(text) : 0;
    double unit = 1, v;
    if (!text)
        return true;
    if (n && n < sizeof number) {
        memcpy(number, text, n + 1);
        char last = number[n - 1];
        if (last == 's' || last == 'm' || last == 'h') {
            unit = last == 's' ? 1 : last == 'm' ? 60 : 3600;
            number[n - 1] = 0;
        }
        if (text_parse_double(number, &v) && v > 0) {
            *out = v * unit;
            return true;
        }
    }
    return error_set(err, ERROR_USAGE, "--%s is a span such as 90s, 10m or 2h, not %s", name, text);
}

const struct control *arguments_control(const struct arguments *a)
{
    return &a->control;
}

int arguments_threads(const struct arguments *a)
{
    int64_t n = 1;
    arguments_int(a, "threads", 1, 64, &n, NULL);
    return (int)n;
}

const char *arguments_folder(const struct arguments *a)
{
    const char *folder = arguments_option(a, "w");
    return folder ? folder : ".";
}

FILE *arguments_out(const struct arguments *a)
{
    (void)a;
    return stdout;
}
