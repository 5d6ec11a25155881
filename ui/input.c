#include "ui/input.h"

#include "base/memory.h"
#include "base/text.h"

static const struct {
    int key;
    const char *name;
} names[] = {
    {INPUT_TAB, "Tab"},
    {INPUT_ENTER, "Enter"},
    {INPUT_ESC, "Esc"},
    {INPUT_SPACE, "Space"},
    {INPUT_BACKSPACE, "Backspace"},
    {INPUT_UP, "Up"},
    {INPUT_DOWN, "Down"},
    {INPUT_LEFT, "Left"},
    {INPUT_RIGHT, "Right"},
    {INPUT_HOME, "Home"},
    {INPUT_END, "End"},
    {INPUT_PAGE_UP, "PgUp"},
    {INPUT_PAGE_DOWN, "PgDn"},
    {INPUT_DELETE, "Del"},
    {INPUT_BACK_TAB, "BTab"},
    {INPUT_MOUSE, "Mouse"},
    {INPUT_RESIZE, "Resize"},
    {INPUT_BACK_TAB, "BackTab"},
};

const char *input_name(int key, char out[16])
{
    for (size_t i = 0; i < ARRAY_N(names); i++)
        if (names[i].key == key)
            return names[i].name;
    out[0] = '\0';
    if (key >= INPUT_F1 && key < INPUT_F1 + 12)
        snprintf(out, 16, "F%d", key - INPUT_F1 + 1);
    else if (key > 0 && key < 27)
        snprintf(out, 16, "C-%c", 'a' + key - 1);
    else if (key > 32 && key < 0x110000)
        text_encode((uint32_t)key, out);
    return out;
}

int input_parse(const char *name)
{
    size_t n = strlen(name);
    int length = 0;
    for (size_t i = 0; i < ARRAY_N(names); i++)
        if (text_equal(names[i].name, name))
            return names[i].key;
    int64_t f;
    if (name[0] == 'F' && n > 1 && name[1] != '0' && text_parse_int(name + 1, 1, 12, &f))
        return INPUT_F1 + (int)f - 1;
    if (n == 3 && text_starts(name, "C-") && name[2] >= 'a' && name[2] <= 'z')
        return name[2] - 'a' + 1;
    if (n == 0 || !text_is_utf8(name, n))
        return INPUT_NONE;
    uint32_t code = text_decode(name, n, &length);
    return (size_t)length == n && code >= 32 ? (int)code : INPUT_NONE;
}
