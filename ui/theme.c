#include "ui/theme.h"

#include "base/text.h"

/* Of 256 colours: restrained tones with enough contrast on black and on white; of 16: bright ones on dark; of 8. */
struct colours {
    short dark_256, light_256, dark_16, light_16, dark_8, light_8;
};

static const struct colours palette[STYLE_N] = {
    [STYLE_TEXT] = {-1, -1, -1, -1, -1, -1},     [STYLE_DIM] = {245, 242, 8, 8, -1, -1},
    [STYLE_TITLE] = {-1, -1, -1, -1, -1, -1},    [STYLE_KEY] = {110, 25, 14, 4, 6, 4},
    [STYLE_SELECTED] = {-1, -1, -1, -1, -1, -1}, [STYLE_BORDER] = {240, 248, 8, 7, -1, -1},
    [STYLE_GOOD] = {108, 28, 10, 2, 2, 2},       [STYLE_BAD] = {167, 124, 9, 1, 1, 1},
    [STYLE_WARN] = {179, 130, 11, 3, 3, 3},      [STYLE_SEALED] = {97, 97, 5, 5, 5, 5},
    [STYLE_SERIES_1] = {75, 26, 12, 4, 6, 4},    [STYLE_SERIES_2] = {215, 166, 11, 3, 3, 3},
    [STYLE_SERIES_3] = {114, 28, 10, 2, 2, 2},   [STYLE_SERIES_4] = {176, 127, 13, 5, 5, 5},
    [STYLE_SERIES_5] = {80, 30, 14, 6, 4, 6},    [STYLE_SERIES_6] = {210, 161, 9, 1, 1, 1},
};

struct theme_look theme_look(enum theme theme, int colours, enum style style)
{
    struct theme_look look = {.colour = -1};
    const struct colours *c = &palette[style];
    bool light = theme == THEME_LIGHT, mono = theme == THEME_MONO || colours < 8;
    if (!mono && colours >= 256)
        look.colour = light ? c->light_256 : c->dark_256;
    else if (!mono && colours >= 16)
        look.colour = light ? c->light_16 : c->dark_16;
    else if (!mono)
        look.colour = light ? c->light_8 : c->dark_8;
    bool faint = style == STYLE_DIM || style == STYLE_BORDER;
    look.bold = style == STYLE_TITLE || (mono && (style == STYLE_KEY || style == STYLE_BAD));
    look.dim = faint && look.colour < 0;
    look.underline = mono && (style == STYLE_WARN || style == STYLE_BAD);
    look.reverse = style == STYLE_SELECTED;
    return look;
}

enum theme theme_guess(bool no_color)
{
    const char *no = getenv("NO_COLOR"), *shades = getenv("COLORFGBG");
    if (no_color || (no != NULL && no[0] != '\0'))
        return THEME_MONO;
    const char *last = shades != NULL ? strrchr(shades, ';') : NULL;
    int64_t background;
    if (last != NULL && text_parse_int(last + 1, 0, 255, &background) && (background == 7 || background >= 9))
        return THEME_LIGHT;
    return THEME_DARK;
}
