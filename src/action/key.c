#include "action/chain.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/key.h"
#include "work/json.h"

/* A folder and those above it that are missing: a new home has no .local/share yet. */
static bool make_folders(const char *path, struct error *err)
{
    char part[FILE_PATH_MAX];
    text_copy(part, sizeof part, path);
    for (char *at = part + 1; (at = strchr(at, '/')); at++) {
        *at = 0;
        if (!file_is_folder(part) && !file_make_folder(part, 0700, err))
            return false;
        *at = '/';
    }
    return file_make_folder(part, 0700, err);
}

bool action_key_folder(char *out, size_t size, struct error *err)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char path[FILE_PATH_MAX];
    bool fits;
    if (data && data[0] == '/')
        fits = text_copy(path, sizeof path, data);
    else if (home && home[0] == '/')
        fits = text_copy(path, sizeof path, home) && text_append(path, sizeof path, "/.local/share");
    else
        return error_set(err, ERROR_FAILED, "neither XDG_DATA_HOME nor HOME names a folder for identities");
    if (!fits || !text_append(path, sizeof path, "/morphsmith/keys") || !text_copy(out, size, path))
        return error_set(err, ERROR_FAILED, "the path of the identities' folder is too long");
    return make_folders(path, err);
}

static json_t *identity_json(const struct key_info *info)
{
    char address[KEY_ADDRESS_MAX], hex[2 * KEY_PUBLIC_BYTES + 1];
    address_text(key_address(&info->public_key), address);
    for (int i = 0; i < KEY_PUBLIC_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", info->public_key.byte[i]);
    return json_pack("{s:o, s:s, s:s}", "name", json_of_text(info->name), "address", address, "public_key", hex);
}

json_t *action_key_new(const char *name, const char *passphrase, struct error *err)
{
    char folder[FILE_PATH_MAX];
    if (!action_key_folder(folder, sizeof folder, err))
        return NULL;
    struct key *k = key_new(folder, name, passphrase, 0, err);
    if (!k)
        return NULL;
    struct key_info info = {.public_key = *key_public_of(k)};
    text_copy(info.name, sizeof info.name, key_name(k));
    key_free(k);
    return identity_json(&info);
}

json_t *action_key_list(struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info *info = NULL;
    int n = action_key_folder(folder, sizeof folder, err) ? key_list(folder, &info, err) : -1;
    if (n < 0)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, identity_json(&info[i]));
    free(info);
    return json_pack("{s:o}", "identities", list);
}

json_t *action_key_show(const char *name, struct error *err)
{
    json_t *all = action_key_list(err), *found = NULL;
    if (!all)
        return NULL;
    json_t *list = json_object_get(all, "identities"), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        const char *its = json_string_value(json_object_get(one, "name"));
        if (!found && (name ? text_equal(its, name) : json_array_size(list) == 1 || text_equal(its, "main")))
            found = json_incref(one);
    }
    if (!found && !name)
        error_set(err, ERROR_KEY,
                  json_array_size(list) ? "there are several identities: say which, `key list` shows them"
                                        : "there is no identity yet: make one with `key new`");
    else if (!found)
        error_set(err, ERROR_KEY, "there is no identity %s; `key list` shows those there are, `key new` makes one",
                  name);
    json_decref(all);
    return found;
}
