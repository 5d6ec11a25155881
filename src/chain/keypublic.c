/* What others may know of an identity: a short text that a person can read and hand on. */
#include "base/file.h"
#include "chain/keyfile.h"

#define PUBLIC_MAGIC "morphsmith-public 1"
#define PUBLIC_MOST 512

void key_public_text(const struct key_info *info, struct text *out)
{
    char address[KEY_ADDRESS_MAX], hex[2 * KEY_PUBLIC_BYTES + 1];
    address_text(key_address(&info->public_key), address);
    sodium_bin2hex(hex, sizeof hex, info->public_key.byte, KEY_PUBLIC_BYTES);
    text_printf(out, PUBLIC_MAGIC "\nname %s\naddress %s\npublic_key %s\n", info->name, address, hex);
}

/* The value of the next line, which must be "FIELD VALUE". */
static const char *next_value(char **rest, const char *field)
{
    char *line = text_next(rest, '\n');
    size_t n = strlen(field);
    return line && text_starts(line, field) && line[n] == ' ' ? line + n + 1 : NULL;
}

static bool parse(char *content, struct key_info *out)
{
    char *rest = content;
    struct hash key;
    struct address address;
    const char *first = text_next(&rest, '\n');
    const char *name = next_value(&rest, "name"), *given = next_value(&rest, "address");
    const char *hex = next_value(&rest, "public_key");
    if (!first || !text_equal(first, PUBLIC_MAGIC) || !name || !given || !hex || !rest || *rest)
        return false;
    if (!key_name_valid(name) || !hash_from_hex(hex, &key) || !address_parse(given, &address, NULL))
        return false;
    *out = (struct key_info){.public_only = true};
    text_copy(out->name, sizeof out->name, name);
    memcpy(out->public_key.byte, key.byte, KEY_PUBLIC_BYTES);
    return address_equal(address, key_address(&out->public_key));
}

bool key_public_parse(const void *data, size_t n, struct key_info *out)
{
    char text[PUBLIC_MOST + 1];
    if (n > PUBLIC_MOST || memchr(data, 0, n))
        return false;
    memcpy(text, data, n);
    text[n] = '\0';
    return parse(text, out);
}

bool key_public_read(const char *file, struct key_info *out, struct error *err)
{
    struct bytes in = {0};
    if (!file_read(file, PUBLIC_MOST, &in, err))
        return false;
    bool good = in.n > 0 && key_public_parse(in.data, in.n, out);
    bytes_free(&in);
    return good || error_set(err, ERROR_KEY,
                             "%s: no public part of an identity, or damaged; ask for it again (`key export` writes it)",
                             file);
}

bool key_is_public_file(const char *file)
{
    struct bytes in = {0};
    bool is = file_read(file, PUBLIC_MOST, &in, NULL) && in.n > strlen(PUBLIC_MAGIC) &&
              memcmp(in.data, PUBLIC_MAGIC, strlen(PUBLIC_MAGIC)) == 0;
    bytes_free(&in);
    return is;
}

bool key_public_import(const char *folder, const char *file, const char *name, struct key_info *out,
                       struct error *err)
{
    char path[FILE_PATH_MAX], secret[FILE_PATH_MAX];
    if (!key_public_read(file, out, err))
        return false;
    if (name && !key_name_valid(name))
        return error_set(err, ERROR_USAGE,
                         "a name has 1 to %d characters out of a-z, 0-9, _ and -: \"%.64s\" does not",
                         KEY_NAME_MAX - 1, name);
    if (name)
        text_copy(out->name, sizeof out->name, name);
    char own[KEY_NAME_MAX + 8];
    snprintf(own, sizeof own, "%s" KEYFILE_PUBLIC_SUFFIX, out->name);
    file_join(path, sizeof path, folder, own);
    snprintf(own, sizeof own, "%s" KEYFILE_SUFFIX, out->name);
    file_join(secret, sizeof secret, folder, own);
    if (file_exists(secret))
        return error_set(err, ERROR_FAILED, "%s exists: that name is an identity of yours; choose another with --name",
                         secret);
    struct text text = {0};
    key_public_text(out, &text);
    bool good = file_create(path, text_of(&text), text.n, 0600, err);
    text_free(&text);
    return good;
}
