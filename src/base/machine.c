#include "base/machine.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILE_MOST ((size_t)1 << 16)
#define GROUPS_MOST 64

/* A small file as text, cut where it is longer; "" where there is none. */
static bool read_text(const char *root, const char *name, char *out, size_t size)
{
    struct bytes data = {0};
    char path[FILE_PATH_MAX];
    file_join(path, sizeof path, root, name);
    bool ok = file_read(path, FILE_MOST, &data, NULL);
    size_t n = ok ? (data.n < size - 1 ? data.n : size - 1) : 0;
    if (n > 0)
        memcpy(out, data.data, n);
    out[n] = '\0';
    bytes_free(&data);
    return ok;
}

/* The number behind a word that begins a line; SIZE_MAX where there is none. */
static size_t number_behind(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, word, n) != 0)
            continue;
        const char *s = line + n + strspn(line + n, " \t");
        char digits[24];
        uint64_t value;
        snprintf(digits, sizeof digits, "%.*s", (int)strspn(s, "0123456789"), s);
        return text_parse_u64(digits, &value) && value < SIZE_MAX ? (size_t)value : SIZE_MAX;
    }
    return SIZE_MAX;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct machine_memory memory_of_system(const char *root)
{
    char text[8192];
    struct machine_memory m = {SIZE_MAX, SIZE_MAX};
    if (!read_text(root, "proc/meminfo", text, sizeof text))
        return m;
    size_t all = number_behind(text, "MemTotal:"), available = number_behind(text, "MemAvailable:");
    m.all = all < SIZE_MAX / 1024 ? all * 1024 : SIZE_MAX;
    m.available = available < SIZE_MAX / 1024 ? available * 1024 : m.all;
    return m;
}

/* What one control group (version 2) leaves: pages of files that nobody uses are given back when they are wanted. */
static struct machine_memory memory_of_group(const char *root, const char *group)
{
    char name[FILE_PATH_MAX], text[8192];
    struct machine_memory m = {SIZE_MAX, SIZE_MAX};
    snprintf(name, sizeof name, "sys/fs/cgroup%.3000s/memory.max", group);
    if (!read_text(root, name, text, sizeof text) || (m.all = number_behind(text, "")) == SIZE_MAX)
        return m; /* "max": no limit */
    snprintf(name, sizeof name, "sys/fs/cgroup%.3000s/memory.current", group);
    size_t used = read_text(root, name, text, sizeof text) ? number_behind(text, "") : 0;
    snprintf(name, sizeof name, "sys/fs/cgroup%.3000s/memory.stat", group);
    size_t idle = read_text(root, name, text, sizeof text) ? number_behind(text, "inactive_file") : 0;
    used = used == SIZE_MAX ? 0 : used;
    used -= idle < used ? idle : 0;
    m.available = used < m.all ? m.all - used : 0;
    return m;
}

/* The group of this process and all above it. */
static struct machine_memory memory_of_groups(const char *root)
{
    char text[8192], group[4096];
    struct machine_memory m = {SIZE_MAX, SIZE_MAX};
    if (!read_text(root, "proc/self/cgroup", text, sizeof text))
        return m;
    const char *line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
    if (!line)
        return m;
    line = strstr(line, "0::") + 3;
    snprintf(group, sizeof group, "%.*s", (int)strcspn(line, "\n"), line);
    for (int i = 0; i < GROUPS_MOST; i++) {
        if (text_equal(group, "/"))
            group[0] = '\0';
        struct machine_memory one = memory_of_group(root, group);
        m.all = least(m.all, one.all);
        m.available = least(m.available, one.available);
        char *slash = strrchr(group, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return m;
}

struct machine_memory machine_memory_below(const char *root)
{
    struct machine_memory m = memory_of_system(root), group = memory_of_groups(root);
    m.all = least(m.all, group.all);
    m.available = least(least(m.available, group.available), m.all);
    return m;
}

/* What ulimit -v leaves; the pages that are mapped already count. */
static size_t address_space_left(void)
{
    struct rlimit limit;
    char text[256];
    long page = sysconf(_SC_PAGESIZE);
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || page <= 0 ||
        !read_text("/", "proc/self/statm", text, sizeof text))
        return SIZE_MAX;
    size_t pages = number_behind(text, ""), most = (size_t)limit.rlim_cur;
    size_t used = pages < SIZE_MAX / (size_t)page ? pages * (size_t)page : 0;
    return used < most ? most - used : 0;
}

struct machine_memory machine_memory(void)
{
    struct machine_memory m = machine_memory_below("/");
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (m.all == SIZE_MAX && pages > 0 && page > 0)
        m.all = (size_t)pages * (size_t)page;
    m.available = least(least(m.available, address_space_left()), m.all);
    return m;
}
