#include "data/time/zone.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/time/zone_rule.h"

#define FOLDER "/usr/share/zoneinfo"
#define FILE_MOST ((size_t)1 << 20)
#define CHANGES_MOST 20000
#define TYPES_MOST 256
#define WORDS_MOST 4096
#define HEADER 44
#define OFFSET_MOST (26 * 3600)
#define YEAR_10000_S INT64_C(253402300800)

struct zone_type {
    int32_t seconds;
    bool summer;
    size_t word; /* index of z->words */
};

struct zone {
    char name[ZONE_NAME_MAX];
    int64_t *change; /* [changes], increasing */
    uint8_t *type;   /* [changes] of what begins there */
    size_t changes;
    struct zone_type *types;
    size_t type_n;
    char *words;
    struct zone_rule rule;
    bool has_rule;
};

void zone_free(struct zone *z)
{
    if (!z)
        return;
    free(z->change);
    free(z->type);
    free(z->types);
    free(z->words);
    free(z);
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* --- fixed offsets ----------------------------------------------------------------------------------------------- */

struct zone *zone_fixed(int minutes_east)
{
    struct zone *z = NEW(struct zone);
    int minutes = minutes_east < 0 ? -minutes_east : minutes_east;
    ASSERT(minutes < 26 * 60);
    if (minutes == 0)
        snprintf(z->name, sizeof z->name, "UTC");
    else
        snprintf(z->name, sizeof z->name, "%c%02d:%02d", minutes_east < 0 ? '-' : '+', minutes / 60, minutes % 60);
    z->words = memory_text(z->name);
    z->types = NEW_ARRAY(struct zone_type, 1);
    z->types[0].seconds = minutes_east * 60;
    z->type_n = 1;
    return z;
}

static int digits_at(const char *text, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (text[i] - '0');
    return v;
}

/* +2, +02, +0200, +02:00, each also behind UTC or GMT. */
static bool parse_offset(const char *text, int *minutes)
{
    *minutes = 0;
    if (text_equal_nocase(text, "utc") || text_equal_nocase(text, "gmt") || text_equal_nocase(text, "z"))
        return true;
    if (text_starts(text, "UTC") || text_starts(text, "GMT"))
        text += 3;
    bool west = *text == '-';
    if (*text != '+' && *text != '-')
        return false;
    text++;
    size_t n = strspn(text, "0123456789");
    if (n != 1 && n != 2 && n != 4)
        return false;
    int hour = digits_at(text, n == 4 ? 2 : n), minute = n == 4 ? digits_at(text + 2, 2) : 0;
    text += n;
    if (n != 4 && *text == ':' && strspn(text + 1, "0123456789") == 2) {
        minute = digits_at(text + 1, 2);
        text += 3;
    }
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return *text == '\0' && minute < 60 && hour * 60 + minute <= 15 * 60;
}

/* --- TZif -------------------------------------------------------------------------------------------------------- */

struct counts {
    size_t utc, standard, leap, change, type, word;
};

static int64_t read_big(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return bytes == 4 ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v;
}

static bool read_header(const uint8_t *p, size_t n, struct counts *c)
{
    if (n < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    size_t v[6];
    for (int i = 0; i < 6; i++)
        v[i] = (size_t)(uint32_t)read_big(p + 20 + 4 * i, 4);
    *c = (struct counts){v[0], v[1], v[2], v[3], v[4], v[5]};
    return c->change <= CHANGES_MOST && c->type >= 1 && c->type <= TYPES_MOST && c->word <= WORDS_MOST &&
           c->word >= 1 && c->leap <= CHANGES_MOST && c->utc <= c->type && c->standard <= c->type;
}

static size_t block_size(const struct counts *c, size_t width)
{
    return c->change * (width + 1) + c->type * 6 + c->word + c->leap * (width + 4) + c->standard + c->utc;
}

static bool read_block(struct zone *z, const uint8_t *p, const struct counts *c, size_t width)
{
    z->changes = c->change;
    z->type_n = c->type;
    z->change = NEW_ARRAY(int64_t, c->change);
    z->type = NEW_ARRAY(uint8_t, c->change);
    z->types = NEW_ARRAY(struct zone_type, c->type);
    z->words = NEW_ARRAY(char, c->word + 1);
    const uint8_t *types = p + c->change * (width + 1);
    memcpy(z->words, types + c->type * 6, c->word);
    for (size_t i = 0; i < c->change; i++) {
        z->change[i] = read_big(p + i * width, (int)width);
        z->type[i] = p[c->change * width + i];
        if (z->type[i] >= c->type || (i > 0 && z->change[i] <= z->change[i - 1]))
            return false;
    }
    for (size_t i = 0; i < c->type; i++, types += 6) {
        z->types[i].seconds = (int32_t)read_big(types, 4);
        z->types[i].summer = types[4] != 0;
        z->types[i].word = types[5];
        if (types[5] >= c->word || z->types[i].seconds < -OFFSET_MOST || z->types[i].seconds > OFFSET_MOST)
            return false;
    }
    return true;
}

/* The footer: a rule between two line ends; nothing between them where the table says all. */
static bool read_footer(struct zone *z, const uint8_t *p, size_t n)
{
    const uint8_t *end = n > 0 && p[0] == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;
    if (!end)
        return false;
    z->has_rule = end > p + 1;
    return !z->has_rule || zone_rule_parse(&z->rule, (const char *)p + 1, (size_t)(end - p) - 1);
}

static bool read_file(struct zone *z, const uint8_t *p, size_t n, bool *leaps)
{
    struct counts c;
    if (!read_header(p, n, &c) || block_size(&c, 4) > n - HEADER)
        return false;
    *leaps = c.leap > 0;
    if (p[4] < '2')
        return read_block(z, p + HEADER, &c, 4);
    size_t skip = HEADER + block_size(&c, 4);
    p += skip;
    n -= skip;
    if (!read_header(p, n, &c) || block_size(&c, 8) > n - HEADER)
        return false;
    *leaps = *leaps || c.leap > 0;
    size_t used = HEADER + block_size(&c, 8);
    return read_block(z, p + HEADER, &c, 8) && read_footer(z, p + used, n - used);
}

struct zone *zone_parse(const void *data, size_t n, const char *name, struct error *err)
{
    struct zone *z = NEW(struct zone);
    bool leaps = false;
    text_copy(z->name, sizeof z->name, name);
    if (read_file(z, data, n, &leaps) && !leaps)
        return z;
    zone_free(z);
    error_set(err, ERROR_DATA, "zone %s: %s", name,
              leaps ? "its file counts leap seconds, which times here do not" : "its file is damaged");
    return NULL;
}

/* Names of the data base: words of letters, digits, _, + and - between slashes. */
static bool is_zone_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= ZONE_NAME_MAX || name[0] == '/' || name[n - 1] == '/')
        return false;
    for (const char *p = name; *p; p++) {
        bool letter = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
        if (!letter && *p != '_' && *p != '+' && *p != '-' && *p != '/')
            return false;
        if (*p == '/' && p[1] == '/')
            return false;
    }
    return true;
}

struct zone *zone_open_in(const char *folder, const char *name, struct error *err)
{
    struct bytes file = {0};
    struct zone *z = NULL;
    char path[FILE_PATH_MAX];
    int minutes;
    if (parse_offset(name, &minutes))
        return zone_fixed(minutes);
    if (!is_zone_name(name) || strlen(folder) + strlen(name) + 2 > sizeof path) {
        error_set(err, ERROR_USAGE,
                  "'%.60s' is no zone; write a name such as Europe/Rome, an offset such as +02:00, or UTC", name);
        return NULL;
    }
    file_join(path, sizeof path, folder, name);
    if (!file_exists(path) || file_is_folder(path))
        error_set(err, ERROR_USAGE,
                  "there is no zone '%s'%s; write a name such as Europe/Rome, an offset such as +02:00, "
                  "or UTC",
                  name, file_is_folder(folder) ? "" : " (this machine has no zones: install the package tzdata)");
    else if (file_read(path, FILE_MOST, &file, err))
        z = zone_parse(file.data, file.n, name, err);
    bytes_free(&file);
    return z;
}

struct zone *zone_open(const char *name, struct error *err)
{
    return zone_open_in(FOLDER, name, err);
}

/* --- what the clocks show ---------------------------------------------------------------------------------------- */

/* How many changes lie at or before an instant. */
static size_t changes_until(const struct zone *z, int64_t utc_s)
{
    size_t low = 0, high = z->changes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->change[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct zone_offset zone_at(const struct zone *z, int64_t utc_s)
{
    size_t passed = changes_until(z, utc_s);
    if (z->has_rule && passed == z->changes) {
        bool summer = zone_rule_is_summer(&z->rule, utc_s);
        return (struct zone_offset){summer ? z->rule.summer : z->rule.standard, summer,
                                    summer ? z->rule.summer_word : z->rule.standard_word};
    }
    const struct zone_type *type = &z->types[passed ? z->type[passed - 1] : 0];
    return (struct zone_offset){type->seconds, type->summer, z->words + type->word};
}

/* Changes of the name alone do not count. */
bool zone_next_change(const struct zone *z, int64_t utc_s, int64_t *change_s)
{
    int64_t at = utc_s;
    for (int32_t before = zone_at(z, utc_s).seconds; at < YEAR_10000_S;) {
        size_t passed = changes_until(z, at);
        if (passed < z->changes)
            at = z->change[passed];
        else if (!z->has_rule || !zone_rule_next(&z->rule, at, &at))
            return false;
        if (zone_at(z, at).seconds != before) {
            *change_s = at;
            return true;
        }
        if (passed >= z->changes && z->rule.standard == z->rule.summer)
            return false;
    }
    return false;
}

/* Every offset that holds within a day and a bit of the local time is tried. */
int zone_instants(const struct zone *z, int64_t local_s, int64_t utc_s[2])
{
    int64_t at = local_s - OFFSET_MOST, end = local_s + OFFSET_MOST;
    int found = 0;
    for (bool more = true; more && at <= end && found < 2; more = zone_next_change(z, at, &at)) {
        int32_t offset = zone_at(z, at).seconds;
        int64_t instant = local_s - offset;
        if (zone_at(z, instant).seconds == offset && (found == 0 || instant != utc_s[0]))
            utc_s[found++] = instant;
    }
    if (found == 2 && utc_s[1] < utc_s[0]) {
        int64_t swap = utc_s[0];
        utc_s[0] = utc_s[1];
        utc_s[1] = swap;
    }
    return found;
}
