/* Keys: code points as they are, special keys as INPUT_ codes above Unicode, and their names in scripts and help. */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

enum input_key {
    INPUT_NONE = 0,
    INPUT_TAB = 9,
    INPUT_ENTER = 10,
    INPUT_ESC = 27,
    INPUT_SPACE = 32,
    INPUT_BACKSPACE = 127,
    INPUT_UP = 0x110000,
    INPUT_DOWN,
    INPUT_LEFT,
    INPUT_RIGHT,
    INPUT_HOME,
    INPUT_END,
    INPUT_PAGE_UP,
    INPUT_PAGE_DOWN,
    INPUT_DELETE,
    INPUT_BACK_TAB,
    INPUT_MOUSE,
    INPUT_RESIZE,
    INPUT_F1,                  /* ... INPUT_F1 + 11 */
    INPUT_DRAG = INPUT_F1 + 12 /* the button was let go elsewhere than pressed */
};

struct input_event {
    int key;
    int x, y; /* INPUT_MOUSE: cell; wheel: -1, 0 or +1 */
    int wheel;
    int from_x, from_y; /* INPUT_DRAG: the cell where it was pressed; x and y are where it was let go */
};

/* "Enter", "Up", "C-c", "a": the name of a key, and back (0 if unknown). */
const char *input_name(int key, char out[16]);
int input_parse(const char *name);

#endif
