/* From roles to colours. A theme never paints the background: the terminal's own shows through. In every theme the
 * selection is reverse video, and where there are no colours, roles differ by bold, dim and underline. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/cell/grid.h"

enum theme { THEME_DARK, THEME_LIGHT, THEME_MONO };

struct theme_look {
    short colour; /* foreground, a number of the terminal's palette; -1 its default */
    bool bold, dim, underline, reverse;
};

/* colours: how many the terminal has; fewer than 8 is as THEME_MONO. */
struct theme_look theme_look(enum theme theme, int colours, enum style style);

/* Dark unless the terminal says otherwise in COLORFGBG ("0;15"); mono if `no_color` or NO_COLOR is set. */
enum theme theme_guess(bool no_color);

#endif
