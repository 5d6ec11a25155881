#include "tests/unit/ui_helper.h"

#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/workspace.h"

static void golden_path(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s.txt", GOLDEN_FOLDER, name);
}

static void print_difference(const char *name, const char *expected, const char *got)
{
    int row = 1;
    const char *e = expected, *g = got;
    while (*e != '\0' && *e == *g) {
        row += *e == '\n';
        e++;
        g++;
    }
    fprintf(stderr, "golden %s differs in row %d; the frame is now:\n%s", name, row, got);
}

bool golden_matches(const struct grid *g, const char *name)
{
    char path[FILE_PATH_MAX];
    struct bytes expected = {0};
    struct error err = {0};
    const char *update = getenv("MORPHSMITH_UPDATE_GOLDENS");
    char *text = grid_text(g);
    bool same;
    golden_path(path, sizeof path, name);
    if (update != NULL && update[0] == '1') {
        same = file_write(path, text, strlen(text), 0644, &err);
    } else if (file_read(path, 1 << 20, &expected, &err)) {
        bytes_put_u8(&expected, 0);
        same = text_equal((const char *)expected.data, text);
        if (!same)
            print_difference(name, (const char *)expected.data, text);
    } else {
        same = false;
    }
    if (err.kind != ERROR_NONE)
        fprintf(stderr, "%s\n", err.text);
    bytes_free(&expected);
    free(text);
    return same;
}

bool nothing_outside(const struct grid *g, struct box b)
{
    for (int y = 0; y < g->rows; y++) {
        for (int x = 0; x < g->columns; x++) {
            bool inside = x >= b.x && x < b.x + b.columns && y >= b.y && y < b.y + b.rows;
            const struct cell *c = &g->cell[(size_t)y * (size_t)g->columns + (size_t)x];
            if (!inside && (c->code != ' ' || c->style != STYLE_TEXT)) {
                fprintf(stderr, "U+%04X at %d,%d is outside of %d,%d %dx%d\n", (unsigned)c->code, x, y, b.x, b.y,
                        b.columns, b.rows);
                return false;
            }
        }
    }
    return true;
}

const char *workspace_folder(const struct workspace *w)
{
    return w->folder;
}

uint32_t workspace_data_version(struct workspace *w)
{
    return w->version;
}

bool workspace_setting_get(struct workspace *w, const char *key, char *out, size_t size)
{
    bool known = text_equal(w->key, key);
    text_copy(out, size, known ? w->value : "");
    return known;
}

void workspace_setting_set(struct workspace *w, const char *key, const char *value)
{
    text_copy(w->key, sizeof w->key, key);
    text_copy(w->value, sizeof w->value, value);
    w->version++;
}

bool workspace_is(const char *folder)
{
    return text_equal(folder, "/stand-in");
}

json_t *action_init(const char *folder, struct error *err)
{
    if (text_equal(folder, "/stand-in"))
        return json_object();
    error_set(err, ERROR_FAILED, "%s cannot be made", folder);
    return NULL;
}
