#include "chain/tx/kind.h"

#define NAME_COLUMNS 18

void show_text(struct text *out, const char *name, const char *value)
{
    text_printf(out, "%-*s", NAME_COLUMNS, name);
    text_escape(out, value, strlen(value));
    text_put(out, "\n");
}

void show_count(struct text *out, const char *name, uint64_t n)
{
    char number[32];
    text_of_count(n, number, sizeof number);
    text_printf(out, "%-*s%s\n", NAME_COLUMNS, name, number);
}

void show_amount(struct text *out, const char *name, uint64_t units)
{
    char number[32];
    text_of_count(units, number, sizeof number);
    text_printf(out, "%-*s%s units\n", NAME_COLUMNS, name, number);
}

void show_hash(struct text *out, const char *name, struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    text_printf(out, "%-*s%s\n", NAME_COLUMNS, name, hex);
}

void show_address(struct text *out, const char *name, struct address a)
{
    char address[KEY_ADDRESS_MAX];
    address_text(a, address);
    text_printf(out, "%-*s%s\n", NAME_COLUMNS, name, address);
}

void show_public(struct text *out, const char *name, const struct key_public *k)
{
    struct hash h;
    memcpy(h.byte, k->byte, sizeof h.byte);
    show_hash(out, name, h);
}
