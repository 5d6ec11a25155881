/* Passphrases that are tried first by whoever gets hold of a key file. A sentence, not a refusal: Argon2 slows each try
 * down to a second's work, and only its owner knows what the key is worth. */
#include "base/memory.h"
#include "chain/keystore.h"

#define SHORT 10 /* characters */

static const char *const common[] = {"password",  "passphrase", "123456789", "1234567890", "qwertyuiop", "qwertyui",
                                     "letmein",   "iloveyou",   "sunshine",  "princess",   "football",   "baseball",
                                     "superman",  "trustno1",   "welcome",   "admin",      "dragon",     "monkey",
                                     "master",    "secret",     "changeme",  "abc123",     "morphsmith", "asdfghjkl",
                                     "correct horse battery staple"};

static int characters(const char *s)
{
    int n = 0, length;
    for (size_t left = strlen(s); left > 0; left -= (size_t)length, s += length, n++)
        text_decode(s, left, &length);
    return n;
}

/* "aaaaaaaaaa", "0123456789", "9876543210": each byte the same step from the one before. */
static bool steady(const char *s)
{
    for (size_t i = 2; s[0] && s[1] && s[i]; i++)
        if (s[i] - s[i - 1] != s[1] - s[0])
            return false;
    return s[0] && s[1] && s[1] - s[0] >= -1 && s[1] - s[0] <= 1;
}

/* One of the common ones, with nothing but digits and signs behind it. */
static bool is_common(const char *s)
{
    size_t n = strlen(s);
    while (n > 0 && strchr("0123456789!?.#$*-_", s[n - 1]))
        n--;
    for (size_t i = 0; i < ARRAY_N(common); i++)
        if (text_equal_nocase(s, common[i]) || (n == strlen(common[i]) && text_starts(s, common[i])))
            return true;
    return false;
}

bool key_passphrase_weak(const char *passphrase, const char *name, char *why, size_t size)
{
    int n = characters(passphrase);
    text_copy(why, size, "");
    if (n < SHORT)
        snprintf(why, size, "the passphrase is short (%d character%s): ten or more, or four words, are harder to guess",
                 n, n == 1 ? "" : "s");
    else if (steady(passphrase))
        text_copy(why, size, "the passphrase is a row of the same or of neighbouring characters");
    else if (is_common(passphrase) || (name && text_equal_nocase(passphrase, name)))
        text_copy(why, size, "the passphrase is one of those that are tried first");
    return why[0] != '\0';
}
