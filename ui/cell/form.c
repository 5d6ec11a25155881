#include "ui/cell/form.h"

#include "base/text.h"
#include "ui/input.h"

enum { CONTROL_A = 1, CONTROL_E = 5, CONTROL_K = 11, CONTROL_U = 21, CONTROL_W = 23 };

void form_clear(struct form_line *f)
{
    explicit_bzero(f->text, sizeof f->text);
    f->n = f->at = 0;
    f->preset = false;
}

void form_set(struct form_line *f, const char *text)
{
    form_clear(f);
    size_t n = strlen(text);
    if (n >= FORM_MAX) {
        n = FORM_MAX - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--; /* never half a character */
    }
    memcpy(f->text, text, n);
    f->n = f->at = n;
    f->preset = n > 0;
}

static size_t before(const struct form_line *f, size_t at)
{
    while (at > 0 && ((unsigned char)f->text[--at] & 0xc0) == 0x80)
        continue;
    return at;
}

static size_t behind(const struct form_line *f, size_t at)
{
    if (at < f->n)
        at++;
    while (at < f->n && ((unsigned char)f->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static void cut(struct form_line *f, size_t from, size_t to)
{
    memmove(f->text + from, f->text + to, f->n - to);
    explicit_bzero(f->text + f->n - (to - from), to - from);
    f->n -= to - from;
    f->at = from;
}

static size_t word_start(const struct form_line *f)
{
    size_t at = f->at;
    while (at > 0 && f->text[at - 1] == ' ')
        at--;
    while (at > 0 && f->text[at - 1] != ' ')
        at--;
    return at;
}

static bool insert(struct form_line *f, int key)
{
    char bytes[5];
    if (key < 0x20 || key == 0x7f || key >= 0x110000 || (key >= 0x80 && key < 0xa0))
        return false;
    size_t n = (size_t)text_encode((uint32_t)key, bytes);
    if (f->preset)
        form_clear(f);
    if (f->n + n >= FORM_MAX)
        return true;
    memmove(f->text + f->at + n, f->text + f->at, f->n - f->at);
    memcpy(f->text + f->at, bytes, n);
    explicit_bzero(bytes, sizeof bytes);
    f->n += n;
    f->at += n;
    f->text[f->n] = '\0';
    return true;
}

static bool edit(struct form_line *f, int key)
{
    switch (key) {
    case INPUT_LEFT:
        f->at = before(f, f->at);
        return true;
    case INPUT_RIGHT:
        f->at = behind(f, f->at);
        return true;
    case INPUT_HOME:
    case CONTROL_A:
        f->at = 0;
        return true;
    case INPUT_END:
    case CONTROL_E:
        f->at = f->n;
        return true;
    case INPUT_BACKSPACE:
        cut(f, before(f, f->at), f->at);
        return true;
    case INPUT_DELETE:
        cut(f, f->at, behind(f, f->at));
        f->text[f->n] = '\0';
        return true;
    case CONTROL_K:
        cut(f, f->at, f->n);
        return true;
    case CONTROL_U:
        cut(f, 0, f->at);
        return true;
    case CONTROL_W:
        cut(f, word_start(f), f->at);
        return true;
    default:
        return insert(f, key);
    }
}

bool form_key(struct form_line *f, int key)
{
    bool used = edit(f, key);
    f->preset = f->preset && !used;
    return used;
}

/* A secret shows only which class its length is in. */
static void draw_secret(struct grid *g, struct box field, const struct form_line *f, bool focused)
{
    static const struct {
        size_t least;
        const char *text;
    } classes[] = {{16, "••••••••••••  16 or more"}, {8, "••••••••  8 or more"}, {1, "••••  fewer than 8"}, {0, ""}};
    size_t i = 0;
    while (f->n < classes[i].least)
        i++;
    int end = grid_put(g, field, 0, 0, STYLE_TEXT, classes[i].text);
    if (focused)
        grid_code(g, field, end < field.columns ? end : field.columns - 1, 0, STYLE_SELECTED, ' ');
}

static int width_between(const struct form_line *f, size_t from, size_t to)
{
    int width = 0;
    for (size_t i = from; i < to;) {
        int length = 0;
        width += text_columns(text_decode(f->text + i, f->n - i, &length));
        i += (size_t)length;
    }
    return width;
}

void form_draw(struct grid *g, struct box b, int x, int y, int columns, const struct form_line *f, bool focused)
{
    struct box field = {b.x + x, b.y + y, columns < b.columns - x ? columns : b.columns - x, 1};
    if (field.columns < 1 || y < 0 || y >= b.rows)
        return;
    if (f->secret) {
        draw_secret(g, field, f, focused);
        return;
    }
    size_t from = 0;
    while (from < f->at && width_between(f, from, f->at) > field.columns - 2)
        from = behind(f, from);
    int at = 0;
    for (size_t i = from; i < f->n && at < field.columns;) {
        int length = 0;
        uint32_t code = text_decode(f->text + i, f->n - i, &length);
        grid_code(g, field, at, 0, f->preset && focused ? STYLE_SELECTED : STYLE_TEXT, code);
        at += text_columns(code);
        i += (size_t)length;
    }
    if (focused) {
        int cursor = width_between(f, from, f->at);
        grid_restyle(g, (struct box){field.x + (cursor < field.columns ? cursor : field.columns - 1), field.y, 1, 1},
                     STYLE_SELECTED);
    }
}
