#include "base/text.h"
#include "chain/key.h"

#define ADDRESS_PREFIX "ms1"
#define ADDRESS_CHECK_BYTES 4
#define ADDRESS_BYTES sizeof(((struct address *)0)->byte)

struct address key_address(const struct key_public *pub)
{
    struct hash h = hash_of(pub->byte, sizeof pub->byte);
    struct address a;
    memcpy(a.byte, h.byte, sizeof a.byte);
    return a;
}

static struct hash check_hash(struct address a)
{
    static const char domain[] = "morphsmith address"; /* its NUL is the 0x00 behind the domain */
    uint8_t message[sizeof domain + sizeof a.byte];
    memcpy(message, domain, sizeof domain);
    memcpy(message + sizeof domain, a.byte, sizeof a.byte);
    return hash_of(message, sizeof message);
}

void address_text(struct address a, char out[KEY_ADDRESS_MAX])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t all[ADDRESS_BYTES + ADDRESS_CHECK_BYTES];
    struct hash check = check_hash(a);
    memcpy(all, a.byte, sizeof a.byte);
    memcpy(all + sizeof a.byte, check.byte, ADDRESS_CHECK_BYTES);
    char *p = out;
    memcpy(p, ADDRESS_PREFIX, strlen(ADDRESS_PREFIX));
    p += strlen(ADDRESS_PREFIX);
    for (size_t i = 0; i < sizeof all; i++) {
        *p++ = digit[all[i] >> 4];
        *p++ = digit[all[i] & 15];
    }
    *p = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool address_parse(const char *text, struct address *out, struct error *err)
{
    const size_t prefix = strlen(ADDRESS_PREFIX), bytes = ADDRESS_BYTES + ADDRESS_CHECK_BYTES;
    uint8_t all[ADDRESS_BYTES + ADDRESS_CHECK_BYTES];
    if (!text_starts(text, ADDRESS_PREFIX))
        return error_set(err, ERROR_KEY, "this is no address: it must start with \"" ADDRESS_PREFIX "\"");
    if (strlen(text) != prefix + 2 * bytes)
        return error_set(err, ERROR_KEY, "this is no address: it has %zu characters, not %zu", strlen(text),
                         prefix + 2 * bytes);
    for (size_t i = 0; i < bytes; i++) {
        int high = digit_value(text[prefix + 2 * i]), low = digit_value(text[prefix + 2 * i + 1]);
        if (high < 0 || low < 0)
            return error_set(err, ERROR_KEY, "this is no address: character %zu is not one of 0-9 and a-f",
                             prefix + 2 * i + (high < 0 ? 1 : 2));
        all[i] = (uint8_t)(high << 4 | low);
    }
    struct address a;
    memcpy(a.byte, all, sizeof a.byte);
    struct hash check = check_hash(a);
    if (memcmp(check.byte, all + sizeof a.byte, ADDRESS_CHECK_BYTES) != 0)
        return error_set(err, ERROR_KEY, "the address does not match its check digits: it is mistyped or cut");
    *out = a;
    return true;
}

bool address_equal(struct address a, struct address b)
{
    return memcmp(a.byte, b.byte, sizeof a.byte) == 0;
}
