/* Who signs where no identity is named: the one that was chosen, which a file beside the keys names. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "work/json.h"

#include <unistd.h>

#define CHOSEN "default" /* no identity's file: those end in .key or .pub */

static void path_of(const char *folder, char *out, size_t size)
{
    file_join(out, size, folder, CHOSEN);
}

bool chain_chosen_identity(const char *folder, char name[KEY_NAME_MAX], struct error *err)
{
    char path[FILE_PATH_MAX];
    struct bytes b = {0};
    name[0] = '\0';
    path_of(folder, path, sizeof path);
    if (!file_exists(path))
        return true;
    bool ok = file_read(path, KEY_NAME_MAX, &b, err);
    size_t n = ok && b.n > 0 && b.data[b.n - 1] == '\n' ? b.n - 1 : 0;
    ok = ok && ((n > 0 && n < KEY_NAME_MAX && memchr(b.data, 0, n) == NULL) ||
                error_set(err, ERROR_KEY, "%s does not name an identity: `key default NAME` writes it anew", path));
    if (ok) {
        memcpy(name, b.data, n);
        name[n] = '\0';
    }
    bytes_free(&b);
    return ok;
}

static bool choose(const char *folder, const char *name, struct error *err)
{
    char path[FILE_PATH_MAX], line[KEY_NAME_MAX + 1];
    path_of(folder, path, sizeof path);
    snprintf(line, sizeof line, "%s\n", name);
    return file_write(path, line, strlen(line), 0600, err);
}

json_t *action_key_default(const char *name, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    if (!chain_find_identity(name, &info, folder, sizeof folder, err))
        return NULL;
    if (name && !info.name[0]) {
        error_set(err, ERROR_USAGE, "only an identity that is here by name can sign by default: `key list` shows them");
        return NULL;
    }
    return !name || choose(folder, info.name, err) ? action_key_show(info.name, err) : NULL;
}

bool action_key_default_clear(struct error *err)
{
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX];
    if (!action_key_folder(folder, sizeof folder, err))
        return false;
    path_of(folder, path, sizeof path);
    return !file_exists(path) || unlink(path) == 0 || error_set_errno(err, ERROR_IO, "cannot remove %s", path);
}
