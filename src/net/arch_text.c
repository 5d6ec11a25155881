/* The text of an architecture: morphsmith-arch(5). */
#include "net/arch_check.h"

#include "base/memory.h"
#include "base/text.h"

#define ARCH_HEADER "morphsmith-arch 1"

/* While parsing, a node's inputs are names; `input` is filled once all lines are read. */
struct parsed {
    struct arch_node node;
    char input[ARCH_INPUTS_MAX][ARCH_NAME_MAX];
    bool given[ARCH_PARAMS_MAX];
    int line;
};

struct parser {
    const char *origin;
    int line;
    struct parsed *item;
    size_t items, capacity;
    struct error *err;
};

static bool fail_at(const struct parser *p, int line)
{
    return error_prefix(p->err, "%s:%d", p->origin, line);
}

/* A word of a file in a message: control characters written out, cut to a sensible length. */
static const char *shown(const char *word, char out[128])
{
    struct text t = {0};
    text_escape(&t, word, strlen(word));
    snprintf(out, 128, "%.100s", text_of(&t));
    text_free(&t);
    return out;
}

static char *next_word(char **rest)
{
    char *s = *rest;
    while (*s == ' ' || *s == '\t')
        s++;
    if (!*s)
        return NULL;
    char *end = s;
    while (*end && *end != ' ' && *end != '\t')
        end++;
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return s;
}

/* --- one line ---------------------------------------------------------------------------------------------------- */

static bool parse_inputs(struct parsed *item, char *list, struct error *err)
{
    char word[128], *rest = list, *name;
    if (item->node.inputs > 0)
        return error_set(err, ERROR_DATA, "in= is given twice: write one list, separated by commas");
    while ((name = text_next(&rest, ',')) != NULL) {
        if (item->node.inputs == ARCH_INPUTS_MAX)
            return error_set(err, ERROR_DATA, "more than %d inputs: chain several nodes", ARCH_INPUTS_MAX);
        if (!arch_name_ok(name))
            return error_set(err, ERROR_DATA, "'%s' in in= is no name: write in=a or in=a,b", shown(name, word));
        text_copy(item->input[item->node.inputs++], ARCH_NAME_MAX, name);
    }
    return true;
}

/* Digits alone, and more than a number has. */
static bool is_digits(const char *value)
{
    return value[0] && value[strspn(value, "0123456789")] == '\0';
}

static bool parse_value(const struct op_param *p, const char *value, double *out, struct error *err)
{
    char word[128];
    int64_t whole;
    if (p->kind == OP_ENUM) {
        for (int i = 0; p->names[i]; i++)
            if (text_equal(p->names[i], value)) {
                *out = i;
                return true;
            }
        struct text list = {0};
        for (int i = 0; p->names[i]; i++)
            text_printf(&list, "%s%s", i ? ", " : "", p->names[i]);
        error_set(err, ERROR_DATA, "%s=%s is not known: use one of %s", p->name, shown(value, word), text_of(&list));
        text_free(&list);
        return false;
    }
    if (p->kind == OP_INT && text_parse_int(value, INT64_MIN, INT64_MAX, &whole))
        *out = (double)whole;
    else if (p->kind == OP_INT && is_digits(value))
        return error_set(err, ERROR_DATA, "%s=%s is out of range: it must lie between %.0f and %.0f", p->name,
                         shown(value, word), p->least, p->most);
    else if (p->kind == OP_INT)
        return error_set(err, ERROR_DATA, "%s=%s is no whole number: write digits only", p->name, shown(value, word));
    else if (!text_parse_double(value, out))
        return error_set(err, ERROR_DATA, "%s=%s is no number: write it as 0.5 or 1e-05", p->name, shown(value, word));
    return arch_param_ok(p, *out, err);
}

static bool parse_setting(struct parsed *item, char *setting, struct error *err)
{
    const struct op *op = item->node.op;
    char word[128], *equals = strchr(setting, '=');
    if (!equals)
        return error_set(err, ERROR_DATA, "'%s' is no setting: write name=value without blanks", shown(setting, word));
    *equals = '\0';
    if (text_equal(setting, "in"))
        return parse_inputs(item, equals + 1, err);
    int i = op_param_find(op, setting);
    if (i < 0) {
        struct text list = {0};
        for (int j = 0; j < op->params; j++)
            text_printf(&list, "%s%s", j ? ", " : "", op->param[j].name);
        error_set(err, ERROR_DATA, "%s has no parameter '%s': it has %s", op->name, shown(setting, word),
                  op->params ? text_of(&list) : "none");
        text_free(&list);
        return false;
    }
    if (item->given[i])
        return error_set(err, ERROR_DATA, "%s is given twice: remove one", setting);
    item->given[i] = true;
    return parse_value(&op->param[i], equals + 1, &item->node.param[i], err);
}

static bool check_required(const struct parsed *item, struct error *err)
{
    const struct op *op = item->node.op;
    for (int i = 0; i < op->params; i++)
        if (op->param[i].required && !item->given[i])
            return error_set(err, ERROR_DATA, "%s needs %s=: add it", op->name, op->param[i].name);
    if (op->inputs_least > 0 && item->node.inputs == 0)
        return error_set(err, ERROR_DATA, "%s needs in=: name what it reads", op->name);
    return true;
}

static bool parse_node(struct parsed *item, char *name, char *rest, struct error *err)
{
    char word[128], *op = next_word(&rest), *setting;
    if (!arch_name_ok(name))
        return error_set(err, ERROR_DATA, "'%s' is no name: a letter or _, then at most 30 letters, digits or _",
                         shown(name, word));
    if (!op)
        return error_set(err, ERROR_DATA, "'%s' has no operator: write NAME OPERATOR in=... parameters", name);
    if (!op_find(op)) {
        struct text list = {0};
        for (int i = 0; op_table[i]; i++)
            text_printf(&list, "%s%s", i ? ", " : "", op_table[i]->name);
        error_set(err, ERROR_DATA, "operator '%s' is not known: use one of %s", shown(op, word), text_of(&list));
        text_free(&list);
        return false;
    }
    op_node(&item->node, name, op);
    while ((setting = next_word(&rest)) != NULL)
        if (!parse_setting(item, setting, err))
            return false;
    return check_required(item, err);
}

static bool refuse_header(const char *line, struct error *err)
{
    if (text_starts(line, "morphsmith-arch "))
        return error_set(err, ERROR_DATA, "\"%.60s\" is another version of the format: for this program the first line must be \"%s\"", line,
                         ARCH_HEADER);
    return error_set(err, ERROR_DATA, "this is no architecture: its first line must be \"%s\"", ARCH_HEADER);
}

static bool parse_line(struct parser *p, char *line, bool *header)
{
    char *comment = strchr(line, '#'), *rest = line, *word;
    if (comment)
        *comment = '\0';
    line = text_trim(line);
    if (!*line)
        return true;
    if (!*header) {
        *header = true;
        return text_equal(line, ARCH_HEADER) || refuse_header(line, p->err);
    }
    if (p->items == ARCH_NODES_MAX)
        return error_set(p->err, ERROR_LIMIT, "more than %d nodes: use fewer, wider ones", ARCH_NODES_MAX);
    p->item = memory_grow(p->item, &p->capacity, p->items + 1, sizeof *p->item);
    struct parsed *item = &p->item[p->items];
    memset(item, 0, sizeof *item);
    item->line = p->line;
    rest = line;
    word = next_word(&rest);
    if (!parse_node(item, word, rest, p->err))
        return false;
    p->items++;
    return true;
}

static bool parse_lines(struct parser *p, const char *text, size_t n)
{
    bool header = false, ok = true;
    char *line = NULL;
    size_t capacity = 0, at = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* some editors' mark of UTF-8 */
    while (ok && at < n) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t length = end ? (size_t)(end - (text + at)) : n - at;
        p->line++;
        line = memory_grow(line, &capacity, length + 1, 1);
        memcpy(line, text + at, length);
        line[length] = '\0';
        if (memchr(line, '\0', length))
            ok = error_set(p->err, ERROR_DATA, "a zero byte: this is no text; if an editor wrote it, save it as UTF-8");
        else if (length > 1 && memchr(line, '\r', length - 1))
            ok = error_set(p->err, ERROR_DATA, "a carriage return within the line: end lines with line feeds");
        else
            ok = parse_line(p, line, &header);
        if (!ok)
            fail_at(p, p->line);
        at += length + 1;
    }
    free(line);
    if (ok && !header)
        return error_set(p->err, ERROR_DATA, "%s: empty: an architecture begins with the line \"%s\"", p->origin,
                         ARCH_HEADER);
    return ok;
}

/* --- the graph --------------------------------------------------------------------------------------------------- */

static int compare_items(const void *a, const void *b)
{
    const struct parsed *const *x = a, *const *y = b;
    int order = strcmp((*x)->node.name, (*y)->node.name);
    return order ? order : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

static int find_item(struct parsed **sorted, size_t n, const char *name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(sorted[middle]->node.name, name);
        if (order == 0)
            return (int)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* Names to indices of items. */
static bool resolve(struct parser *p)
{
    struct parsed **sorted = NEW_ARRAY(struct parsed *, p->items);
    bool ok = true;
    for (size_t i = 0; i < p->items; i++)
        sorted[i] = &p->item[i];
    qsort(sorted, p->items, sizeof *sorted, compare_items);
    for (size_t i = 1; ok && i < p->items; i++)
        if (text_equal(sorted[i - 1]->node.name, sorted[i]->node.name)) {
            ok = error_set(p->err, ERROR_DATA, "the name '%s' is taken by line %d: choose another",
                           sorted[i]->node.name, sorted[i - 1]->line);
            fail_at(p, sorted[i]->line);
        }
    for (size_t i = 0; ok && i < p->items; i++)
        for (int j = 0; ok && j < p->item[i].node.inputs; j++) {
            int found = find_item(sorted, p->items, p->item[i].input[j]);
            if (found >= 0) {
                p->item[i].node.input[j] = (int)(sorted[found] - p->item);
                continue;
            }
            ok = error_set(p->err, ERROR_DATA, "'%s' reads '%s', and no node has that name: correct in=, or add it",
                           p->item[i].node.name, p->item[i].input[j]);
            fail_at(p, p->item[i].line);
        }
    free(sorted);
    return ok;
}

/* Follows unplaced inputs from an unplaced item until one comes back: that is a cycle. */
static bool name_cycle(struct parser *p, const int *place, int at)
{
    int *seen = NEW_ARRAY(int, p->items), steps = 0;
    struct text list = {0};
    while (seen[at] == 0) {
        seen[at] = ++steps;
        const struct arch_node *node = &p->item[at].node;
        for (int j = 0; j < node->inputs; j++)
            if (place[node->input[j]] < 0) {
                at = node->input[j];
                break;
            }
    }
    int start = at;
    for (int shown_n = 0; shown_n < 12; shown_n++) {
        const struct arch_node *node = &p->item[at].node;
        text_printf(&list, "%s%s", shown_n ? " reads " : "", node->name);
        if (shown_n && at == start)
            break;
        for (int j = 0; j < node->inputs; j++)
            if (place[node->input[j]] < 0) {
                at = node->input[j];
                break;
            }
    }
    error_set(p->err, ERROR_DATA, "the graph has a cycle: %s. Let one of them read something else", text_of(&list));
    fail_at(p, p->item[start].line);
    text_free(&list);
    free(seen);
    return false;
}

/* place[i]: the position of item i in an order where inputs come first and the text's order is kept where it can be. */
static bool place_items(struct parser *p, int *place, int *item_of)
{
    int placed = 0, n = (int)p->items;
    for (int i = 0; i < n; i++)
        place[i] = -1;
    while (placed < n) {
        int before = placed;
        for (int i = 0; i < n; i++) {
            bool ready = place[i] < 0;
            for (int j = 0; ready && j < p->item[i].node.inputs; j++)
                ready = place[p->item[i].node.input[j]] >= 0;
            if (ready) {
                item_of[placed] = i;
                place[i] = placed++;
            }
        }
        if (placed > before)
            continue;
        int stuck = 0;
        while (place[stuck] >= 0)
            stuck++;
        return name_cycle(p, place, stuck);
    }
    return true;
}

static struct arch *build(struct parser *p)
{
    int n = (int)p->items, blame, *place = NEW_ARRAY(int, n), *item_of = NEW_ARRAY(int, n);
    struct arch *a = NULL;
    if (resolve(p) && place_items(p, place, item_of)) {
        a = NEW(struct arch);
        a->nodes = n;
        a->node = NEW_ARRAY(struct arch_node, n);
        a->shape = NEW_ARRAY(struct arch_shape, n);
        for (int i = 0; i < n; i++) {
            a->node[i] = p->item[item_of[i]].node;
            for (int j = 0; j < a->node[i].inputs; j++)
                a->node[i].input[j] = place[a->node[i].input[j]];
        }
        if (!arch_check_blame(a, &blame, p->err)) {
            if (blame >= 0)
                error_prefix(p->err, "%s:%d: node '%s'", p->origin, p->item[item_of[blame]].line, a->node[blame].name);
            else
                error_prefix(p->err, "%s", p->origin);
            arch_free(a);
            a = NULL;
        }
    }
    free(place);
    free(item_of);
    return a;
}

struct arch *arch_parse(const char *text, size_t n, const char *origin, struct error *err)
{
    struct parser p = {.origin = origin, .err = err};
    struct arch *a = NULL;
    if (n > ARCH_TEXT_MAX) {
        error_set(err, ERROR_LIMIT,
                  "%s: %zu bytes are too many for an architecture: it has at most %d bytes and %d nodes", origin, n,
                  ARCH_TEXT_MAX, ARCH_NODES_MAX);
        return NULL;
    }
    if (parse_lines(&p, text, n)) {
        if (p.items > 0)
            a = build(&p);
        else
            error_set(err, ERROR_DATA, "%s: no nodes: begin with a line such as \"x input time=32 channels=8\"",
                      origin);
    }
    free(p.item);
    return a;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

void arch_param_text(const struct arch_node *node, int param, char *out, size_t size)
{
    const struct op_param *p = &node->op->param[param];
    char value[40];
    if (p->kind == OP_ENUM)
        snprintf(out, size, "%s=%s", p->name, p->names[(int)node->param[param]]);
    else if (p->kind == OP_INT)
        snprintf(out, size, "%s=%d", p->name, (int)node->param[param]);
    else {
        text_of_double(node->param[param], value, sizeof value);
        snprintf(out, size, "%s=%s", p->name, value);
    }
}

static void format_inputs(const struct arch *a, const struct arch_node *node, struct text *out)
{
    for (int j = 0; j < node->inputs; j++)
        text_printf(out, "%s%s", j ? "," : "in=", a->node[node->input[j]].name);
}

char *arch_format(const struct arch *a)
{
    struct text out = {0};
    int name_width = 0, op_width = 0, in_width = 0;
    for (int i = 0; i < a->nodes; i++) {
        struct text in = {0};
        int name_n = (int)strlen(a->node[i].name), op_n = (int)strlen(a->node[i].op->name);
        format_inputs(a, &a->node[i], &in);
        name_width = name_n > name_width ? name_n : name_width;
        op_width = op_n > op_width ? op_n : op_width;
        in_width = (int)in.n > in_width ? (int)in.n : in_width;
        text_free(&in);
    }
    in_width = in_width > 24 ? 24 : in_width; /* one long list must not push everything to the right */
    text_put(&out, ARCH_HEADER "\n");
    for (int i = 0; i < a->nodes; i++) {
        const struct arch_node *node = &a->node[i];
        struct text in = {0}, line = {0};
        char setting[96];
        format_inputs(a, node, &in);
        text_printf(&line, "%-*s  %-*s  %-*s", name_width, node->name, op_width, node->op->name, in_width,
                    text_of(&in));
        for (int j = 0; j < node->op->params; j++) {
            if (!node->op->param[j].required && node->param[j] == node->op->param[j].preset)
                continue;
            arch_param_text(node, j, setting, sizeof setting);
            text_printf(&line, "  %s", setting);
        }
        while (line.n > 0 && line.data[line.n - 1] == ' ')
            line.n--;
        text_put_n(&out, line.data, line.n);
        text_put(&out, "\n");
        text_free(&in);
        text_free(&line);
    }
    return out.data;
}
