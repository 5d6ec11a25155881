#include "action/chain_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "work/json.h"

#include <sodium.h>

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
    return (fits && text_append(path, sizeof path, "/morphsmith/keys") && text_copy(out, size, path)) ||
           error_set(err, ERROR_FAILED, "the path of the identities' folder is too long");
}

static bool folder_to_write(char *out, size_t size, struct error *err)
{
    return action_key_folder(out, size, err) && make_folders(out, err);
}

static json_t *identity_json(const struct key_info *info)
{
    char address[KEY_ADDRESS_MAX], hex[2 * KEY_PUBLIC_BYTES + 1];
    if (info->problem[0])
        return json_pack("{s:s, s:b, s:o}", "name", info->name, "public_only", info->public_only, "problem",
                         json_of_text(info->problem));
    address_text(key_address(&info->public_key), address);
    sodium_bin2hex(hex, sizeof hex, info->public_key.byte, KEY_PUBLIC_BYTES);
    return json_pack("{s:o, s:s, s:s, s:b}", "name", json_of_text(info->name), "address", address, "public_key", hex,
                     "public_only", info->public_only);
}

/* passphrase: a new one, or NULL. */
static json_t *with_warnings(json_t *identity, const char *name, const char *passphrase)
{
    json_t *warnings = json_array();
    char why[200];
    if (passphrase && key_passphrase_weak(passphrase, name, why, sizeof why))
        json_array_append_new(warnings, json_string(why));
    if (secret_unlocked())
        json_array_append_new(warnings, json_string("the secret could not be kept from the swap (see ulimit -l)"));
    if (json_array_size(warnings))
        json_object_set(identity, "warnings", warnings);
    json_decref(warnings);
    return identity;
}

json_t *action_key_new(const char *name, const char *passphrase, struct error *err)
{
    char folder[FILE_PATH_MAX];
    if (!folder_to_write(folder, sizeof folder, err))
        return NULL;
    struct key *k = key_new(folder, name, passphrase, 0, err);
    if (!k)
        return NULL;
    struct key_info info = {.public_key = *key_public_of(k)};
    text_copy(info.name, sizeof info.name, key_name(k));
    key_free(k);
    return with_warnings(identity_json(&info), name, passphrase);
}

json_t *action_key_list(struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info *info = NULL;
    int n = action_key_folder(folder, sizeof folder, err) ? key_list(folder, &info, err) : -1;
    if (n < 0)
        return NULL;
    json_t *list = json_array();
    int chosen = chain_default_identity(folder, info, n, NULL);
    for (int i = 0; i < n; i++) {
        json_t *one = identity_json(&info[i]);
        json_object_set_new(one, "default", json_boolean(i == chosen));
        json_array_append_new(list, one);
    }
    free(info);
    return json_pack("{s:o}", "identities", list);
}

json_t *action_key_show(const char *name, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    return chain_find_identity(name, &info, folder, sizeof folder, err) ? identity_json(&info) : NULL;
}

json_t *action_key_passwd(const char *name, const char *old, const char *passphrase, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    if (!chain_find_signer(name, &info, folder, sizeof folder, err) ||
        !key_passwd(folder, info.name, old, passphrase, 0, err))
        return NULL;
    return with_warnings(identity_json(&info), info.name, passphrase);
}

json_t *action_key_export(const char *name, const char *file, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    struct text text = {0};
    if (!chain_find_identity(name, &info, folder, sizeof folder, err))
        return NULL;
    json_t *result = NULL;
    key_public_text(&info, &text);
    if (!file || file_create(file, text_of(&text), text.n, 0644, err)) {
        result = identity_json(&info);
        json_object_set_new(result, "text", json_of_text(text_of(&text)));
        if (file)
            json_object_set_new(result, "file", json_of_text(file));
    }
    text_free(&text);
    return result;
}

json_t *action_key_backup(const char *name, const char *file, struct error *err)
{
    char folder[FILE_PATH_MAX], where[FILE_PATH_MAX];
    struct key_info info;
    if (!chain_find_signer(name, &info, folder, sizeof folder, err) ||
        !key_backup(folder, info.name, file, where, sizeof where, err))
        return NULL;
    json_t *result = identity_json(&info);
    json_object_set_new(result, "file", json_of_text(where));
    return result;
}

static json_t *with_vote(json_t *identity, bool never_voted)
{
    json_object_set_new(identity, "never_voted", json_boolean(never_voted));
    return identity;
}

json_t *action_key_never_voted(const char *name, struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    if (!chain_find_signer(name, &info, folder, sizeof folder, err) ||
        !key_never_voted(folder, info.name, &info.public_key, err))
        return NULL;
    return with_vote(identity_json(&info), true);
}

bool action_key_import_needs_passphrase(const char *file)
{
    return !key_is_public_file(file);
}

static json_t *import_public(const char *folder, const char *file, const char *name, bool never_voted, struct error *err)
{
    struct key_info info;
    if (never_voted) {
        error_set(err, ERROR_USAGE, "%s is the public part of an identity, which cannot vote at all", file);
        return NULL;
    }
    return key_public_import(folder, file, name, &info, err) ? identity_json(&info) : NULL;
}

json_t *action_key_import(const char *file, const char *name, const char *passphrase, bool never_voted,
                          struct error *err)
{
    char folder[FILE_PATH_MAX];
    struct key_info info;
    if (!folder_to_write(folder, sizeof folder, err))
        return NULL;
    if (key_is_public_file(file))
        return import_public(folder, file, name, never_voted, err);
    if (!key_import(folder, file, name, passphrase, 0, &info, err))
        return NULL;
    if (never_voted && !key_never_voted(folder, info.name, &info.public_key, err)) {
        error_prefix(err, "the identity is taken in, but its votes wait for the next certificate");
        return NULL;
    }
    return with_vote(with_warnings(identity_json(&info), info.name, passphrase), never_voted);
}
