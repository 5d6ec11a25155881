#include "data/name.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether a word may begin or end before name[i]. */
static bool is_border(const char *name, size_t i)
{
    char before = i ? name[i - 1] : ' ', at = name[i];
    if (is_letter(before) != is_letter(at) || is_digit(before) != is_digit(at))
        return true;
    if (!is_upper(at))
        return false;
    return !is_upper(before) || (is_letter(name[i + 1]) && !is_upper(name[i + 1]));
}

bool name_has(const char *name, const char *word)
{
    for (size_t i = 0; name[i]; i++) {
        size_t k = 0;
        while (word[k] && lower(name[i + k]) == word[k])
            k++;
        if (!word[k] && is_border(name, i) && is_border(name, i + k))
            return true;
    }
    return false;
}

bool name_has_any(const char *name, const char *const *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name_has(name, word[i]))
            return true;
    return false;
}
