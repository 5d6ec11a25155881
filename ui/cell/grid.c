#include "ui/cell/grid.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>

struct grid *grid_new(int columns, int rows, enum symbols symbols)
{
    struct grid *g = NEW(struct grid);
    g->columns = columns < 0 ? 0 : columns;
    g->rows = rows < 0 ? 0 : rows;
    g->symbols = symbols;
    g->cell = NEW_ARRAY(struct cell, (size_t)g->columns * (size_t)g->rows);
    grid_clear(g);
    return g;
}

void grid_free(struct grid *g)
{
    if (g == NULL)
        return;
    free(g->cell);
    free(g);
}

void grid_clear(struct grid *g)
{
    for (size_t i = 0; i < (size_t)g->columns * (size_t)g->rows; i++)
        g->cell[i] = (struct cell){' ', STYLE_TEXT};
}

struct box grid_box(const struct grid *g)
{
    return (struct box){0, 0, g->columns, g->rows};
}

static struct box clip(const struct grid *g, struct box b)
{
    int right = b.x + b.columns < g->columns ? b.x + b.columns : g->columns;
    int bottom = b.y + b.rows < g->rows ? b.y + b.rows : g->rows;
    struct box c = {b.x < 0 ? 0 : b.x, b.y < 0 ? 0 : b.y, 0, 0};
    c.columns = right > c.x ? right - c.x : 0;
    c.rows = bottom > c.y ? bottom - c.y : 0;
    return c;
}

/* What stands for a symbol where the richer sets are missing. Sorted by code point. */
static const struct stand_in {
    uint32_t code, block;
    char ascii;
} stand_ins[] = {
    {0x00b1, 0, '~'},       {0x00b7, 0, '.'},      {0x00d7, 0, 'x'},      {0x0394, 0, 'd'},       {0x03b1, 0, 'a'},
    {0x03bc, 0, 'u'},       {0x03c3, 0, 's'},      {0x2013, 0, '-'},      {0x2014, 0, '-'},       {0x2018, 0, '\''},
    {0x2019, 0, '\''},      {0x201c, 0, '"'},      {0x201d, 0, '"'},      {0x2022, 0, '*'},       {0x2026, 0, '~'},
    {0x2190, 0, '<'},       {0x2191, 0, '^'},      {0x2192, 0, '>'},      {0x2193, 0, 'v'},       {0x2212, 0, '-'},
    {0x2248, 0, '~'},       {0x2264, 0, '<'},      {0x2265, 0, '>'},      {0x2500, 0, '-'},       {0x2501, 0x2550, '='},
    {0x2502, 0, '|'},       {0x2503, 0x2551, '#'}, {0x250c, 0, '+'},      {0x2510, 0, '+'},       {0x2514, 0, '+'},
    {0x2518, 0, '+'},       {0x251c, 0, '+'},      {0x2524, 0, '+'},      {0x252c, 0, '+'},       {0x2534, 0, '+'},
    {0x253c, 0, '+'},       {0x254e, 0x2502, ':'}, {0x256d, 0x250c, '/'}, {0x256e, 0x2510, '\\'}, {0x256f, 0x2518, '/'},
    {0x2570, 0x2514, '\\'}, {0x2574, 0x2500, '-'}, {0x2575, 0x2502, '|'}, {0x2576, 0x2500, '-'},  {0x2577, 0x2502, '|'},
    {0x2578, 0x2500, '='},  {0x2579, 0x2551, '#'}, {0x257b, 0x2551, '#'}, {0x257d, 0x2551, '#'},  {0x257f, 0x2551, '#'},
    {0x2580, 0, '\''},      {0x2581, '_', '_'},    {0x2584, 0, '.'},      {0x2588, 0, '#'},       {0x258c, 0, '|'},
    {0x2590, 0, '|'},       {0x2591, 0, '/'},      {0x2592, 0, '%'},      {0x2596, 0x2584, '.'},  {0x25a0, 0, '#'},
    {0x25a1, 0x25a0, 'o'},  {0x25b2, 0, '^'},      {0x25b6, 0x25ba, '>'}, {0x25b8, 0x25ba, '>'},  {0x25bc, 0, 'v'},
    {0x25c6, 0x2666, '+'},  {0x25cb, 0, 'o'},      {0x25cf, 0x25a0, '*'}, {0x2713, 0x221a, 'v'},  {0x2717, 'x', 'x'},
};

static uint32_t stand_in(enum symbols symbols, uint32_t code)
{
    if (code < 0x7f || symbols == SYMBOLS_BRAILLE)
        return code;
    size_t low = 0, high = ARRAY_N(stand_ins);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (stand_ins[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    bool known = low < ARRAY_N(stand_ins) && stand_ins[low].code == code;
    if (symbols == SYMBOLS_BLOCK)
        return known && stand_ins[low].block != 0 ? stand_ins[low].block : code;
    return known ? (uint32_t)stand_ins[low].ascii : '?';
}

/* Half a wide character cannot stay when its other half is overwritten. */
static void blank_other_half(struct grid *g, int x, int y)
{
    struct cell *c = &g->cell[(size_t)y * (size_t)g->columns + (size_t)x];
    if (c->code == 0 && x > 0)
        c[-1].code = ' ';
    if (x + 1 < g->columns && c[1].code == 0)
        c[1].code = ' ';
}

/* One code point of `wide` cells at absolute x, y, which are inside the grid. */
static void set_cell(struct grid *g, int x, int y, enum style style, uint32_t code, int wide)
{
    uint32_t shown = stand_in(g->symbols, code);
    struct cell *c = &g->cell[(size_t)y * (size_t)g->columns + (size_t)x];
    blank_other_half(g, x, y);
    if (wide == 2)
        blank_other_half(g, x + 1, y);
    c[0] = (struct cell){shown, (uint8_t)style};
    if (wide == 2)
        c[1] = (struct cell){shown < 0x7f ? shown : 0, (uint8_t)style};
}

static int put_clean(struct grid *g, struct box b, int x, int y, enum style style, const char *s, size_t n)
{
    struct box c = clip(g, b);
    int row = b.y + y, at = b.x + x, right = c.x + c.columns;
    bool visible = row >= c.y && row < c.y + c.rows;
    int width = text_width(s);
    bool cut = at + width > right;
    for (size_t i = 0; i < n;) {
        int length = 0;
        uint32_t code = text_decode(s + i, n - i, &length);
        int wide = text_columns(code);
        if (cut && at + wide > right - 1) {
            if (visible && at >= c.x && at < right)
                set_cell(g, at, row, style, 0x2026, 1);
            return right > b.x + x ? right - b.x : x;
        }
        if (wide > 0 && visible && at >= c.x)
            set_cell(g, at, row, style, code, wide);
        at += wide;
        i += (size_t)length;
    }
    return at - b.x;
}

static bool is_plain(const char *s)
{
    for (; *s != '\0'; s++)
        if (*s < 0x20 || *s > 0x7e)
            return false;
    return true;
}

/* What could hide or move the cursor is written out. A backslash stays one, as in plain text: what is signed comes escaped
 * already. */
static void clean_text(struct text *out, const char *utf8)
{
    for (size_t n; *utf8; utf8 += n) {
        n = strcspn(utf8, "\\");
        text_escape(out, utf8, n);
        if (utf8[n]) {
            text_put(out, "\\");
            n++;
        }
    }
}

int grid_put(struct grid *g, struct box b, int x, int y, enum style style, const char *utf8)
{
    if (is_plain(utf8))
        return put_clean(g, b, x, y, style, utf8, strlen(utf8));
    struct text clean = {0};
    clean_text(&clean, utf8);
    int end = put_clean(g, b, x, y, style, text_of(&clean), clean.n);
    text_free(&clean);
    return end;
}

int grid_printf(struct grid *g, struct box b, int x, int y, enum style style, const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return grid_put(g, b, x, y, style, text);
}

void grid_put_right(struct grid *g, struct box b, int y, enum style style, const char *utf8)
{
    struct text clean = {0};
    clean_text(&clean, utf8);
    int width = text_width(text_of(&clean));
    put_clean(g, b, width < b.columns ? b.columns - width : 0, y, style, text_of(&clean), clean.n);
    text_free(&clean);
}

void grid_code(struct grid *g, struct box b, int x, int y, enum style style, uint32_t code)
{
    struct box c = clip(g, b);
    int at = b.x + x, row = b.y + y, wide = text_columns(code);
    if (wide > 0 && at >= c.x && at + wide <= c.x + c.columns && row >= c.y && row < c.y + c.rows)
        set_cell(g, at, row, style, code, wide);
}

void grid_fill(struct grid *g, struct box b, enum style style, uint32_t code)
{
    struct box c = clip(g, b);
    for (int y = c.y; y < c.y + c.rows; y++)
        for (int x = c.x; x < c.x + c.columns; x++)
            set_cell(g, x, y, style, code, 1);
}

void grid_restyle(struct grid *g, struct box b, enum style style)
{
    struct box c = clip(g, b);
    for (int y = c.y; y < c.y + c.rows; y++)
        for (int x = c.x; x < c.x + c.columns; x++)
            g->cell[(size_t)y * (size_t)g->columns + (size_t)x].style = (uint8_t)style;
}

/* How many bytes of s go into one row of `columns` cells; *next is where the following row starts. */
static size_t wrap_row(const char *s, size_t n, int columns, size_t *next)
{
    int width = 0;
    bool word = false; /* spaces that indent a row are no place to break it */
    size_t space = 0, i = 0;
    while (i < n && s[i] != '\n') {
        int length = 0;
        int wide = text_columns(text_decode(s + i, n - i, &length));
        if (width + wide > columns && i > 0) {
            size_t end = s[i] == ' ' ? i : space;
            *next = end > 0 ? end : i;
            while (end > 0 && *next < n && s[*next] == ' ')
                (*next)++;
            return end > 0 ? end : i;
        }
        if (s[i] == ' ' && word)
            space = i;
        word = word || s[i] != ' ';
        width += wide;
        i += (size_t)length;
    }
    *next = i < n ? i + 1 : n;
    return i;
}

static bool is_pair(const char *s, size_t n, int columns)
{
    for (size_t i = 2; i < n && s[i] != '\n' && i <= (size_t)columns / 2; i++)
        if (s[i] == ' ' && s[i - 1] == ' ' && s[i - 2] == ' ')
            return true;
    return false;
}

/* Where the rows that an indented line is broken into go on: below the text of its last column ("  key  what it does"),
 * or as deep as the line itself. A line "key   value" goes on one column in, so that no value can pass for another key; other
 * lines go on at the left. */
static int hang_of(const char *s, size_t n, int columns)
{
    int hang = 0, width = 0;
    bool gap = n > 0 && s[0] == ' ';
    if (!gap)
        return is_pair(s, n, columns) ? 1 : 0;
    for (size_t i = 0; gap && i < n && s[i] != '\n' && width <= columns / 2;) {
        int length = 0;
        int wide = text_columns(text_decode(s + i, n - i, &length));
        if (s[i] != ' ' && (hang == 0 || (i >= 2 && s[i - 1] == ' ' && s[i - 2] == ' ')))
            hang = width;
        width += wide;
        i += (size_t)length;
    }
    return hang <= columns / 2 ? hang : 0;
}

int grid_paragraph(struct grid *g, struct box b, int y, enum style style, const char *utf8)
{
    if (b.columns < 1)
        return 0;
    size_t n = strlen(utf8);
    int rows = 0, indent = 0, hang = 0;
    bool fresh = true; /* at the start of a line of the text */
    for (size_t at = 0; at < n; rows++) {
        size_t next = 0;
        hang = fresh ? hang_of(utf8 + at, n - at, b.columns) : hang;
        indent = fresh ? 0 : hang;
        size_t length = wrap_row(utf8 + at, n - at, b.columns - indent, &next);
        if (y + rows >= 0 && y + rows < b.rows) {
            char *row = memory_copy(utf8 + at, length + 1);
            row[length] = '\0';
            grid_put(g, b, indent, y + rows, style, row);
            free(row);
        }
        at += next;
        fresh = at > 0 && utf8[at - 1] == '\n';
    }
    return rows;
}

static void frame_lines(struct grid *g, struct box b, enum style style)
{
    int right = b.columns - 1, bottom = b.rows - 1;
    for (int x = 1; x < right; x++) {
        grid_code(g, b, x, 0, style, 0x2500);
        grid_code(g, b, x, bottom, style, 0x2500);
    }
    for (int y = 1; y < bottom; y++) {
        grid_code(g, b, 0, y, style, 0x2502);
        grid_code(g, b, right, y, style, 0x2502);
    }
    static const uint32_t round[4] = {0x256d, 0x256e, 0x2570, 0x256f};
    static const uint32_t square[4] = {0x250c, 0x2510, 0x2514, 0x2518};
    const uint32_t *corner = g->symbols == SYMBOLS_BRAILLE ? round : square;
    grid_code(g, b, 0, 0, style, corner[0]);
    grid_code(g, b, right, 0, style, corner[1]);
    grid_code(g, b, 0, bottom, style, corner[2]);
    grid_code(g, b, right, bottom, style, corner[3]);
}

struct box grid_frame(struct grid *g, struct box b, enum style style, const char *title)
{
    if (b.columns < 2 || b.rows < 2)
        return (struct box){b.x, b.y, 0, 0};
    frame_lines(g, b, style);
    if (title != NULL && title[0] != '\0' && b.columns >= 6) {
        struct box head = {b.x + 2, b.y, b.columns - 4, 1};
        grid_code(g, head, 0, 0, style, ' ');
        int end = grid_put(g, (struct box){head.x, head.y, head.columns - 1, 1}, 1, 0, STYLE_TITLE, title);
        grid_code(g, head, end, 0, style, ' ');
    }
    return box_inset(b, 1, 1, 1, 1);
}

struct box box_inset(struct box b, int left, int top, int right, int bottom)
{
    b.x += left;
    b.y += top;
    b.columns = b.columns > left + right ? b.columns - left - right : 0;
    b.rows = b.rows > top + bottom ? b.rows - top - bottom : 0;
    return b;
}

static int split_at(int wanted, int whole)
{
    int at = wanted < 0 ? whole + wanted : wanted;
    return at < 0 ? 0 : at > whole ? whole : at;
}

void box_split_columns(struct box b, int left_columns, struct box *left, struct box *right)
{
    int at = split_at(left_columns, b.columns);
    *left = (struct box){b.x, b.y, at, b.rows};
    *right = (struct box){b.x + at, b.y, b.columns - at, b.rows};
}

void box_split_rows(struct box b, int top_rows, struct box *top, struct box *bottom)
{
    int at = split_at(top_rows, b.rows);
    *top = (struct box){b.x, b.y, b.columns, at};
    *bottom = (struct box){b.x, b.y + at, b.columns, b.rows - at};
}

char *grid_text(const struct grid *g)
{
    struct text out = {0};
    for (int y = 0; y < g->rows; y++) {
        size_t keep = out.n;
        for (int x = 0; x < g->columns; x++) {
            uint32_t code = g->cell[(size_t)y * (size_t)g->columns + (size_t)x].code;
            char bytes[5];
            if (code == 0)
                continue;
            text_put_n(&out, bytes, (size_t)text_encode(code, bytes));
            if (code != ' ')
                keep = out.n;
        }
        out.n = keep;
        text_put(&out, "\n");
    }
    text_put(&out, "");
    return out.data != NULL ? out.data : memory_text("");
}
