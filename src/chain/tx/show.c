#include "chain/tx/kind.h"

#define NAME_COLUMNS 18

/* Bytes of s that fit into SHOW_TEXT_COLUMNS; at least one character. */
static size_t line_fit(const char *s, size_t n)
{
    size_t at = 0;
    for (int columns = 0; at < n;) {
        int length;
        columns += text_columns(text_decode(s + at, n - at, &length));
        if (at > 0 && columns > SHOW_TEXT_COLUMNS)
            break;
        at += (size_t)length;
    }
    return at;
}

/* Further lines begin with blanks, so none can look like another field. */
void show_text(struct text *out, const char *name, const char *value)
{
    struct text safe = {0};
    text_escape(&safe, value, strlen(value));
    text_printf(out, "%-*s", NAME_COLUMNS, name);
    for (size_t at = 0, n; at < safe.n; at += n) {
        n = line_fit(safe.data + at, safe.n - at);
        if (at > 0)
            text_printf(out, "\n%*s", NAME_COLUMNS, "");
        text_put_n(out, safe.data + at, n);
    }
    text_put(out, "\n");
    text_free(&safe);
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

void show_hash_or(struct text *out, const char *name, struct hash h, const char *zero)
{
    if (hash_is_zero(h))
        show_text(out, name, zero);
    else
        show_hash(out, name, h);
}

void show_counts(struct text *out, const struct tx_counts *c)
{
    uint64_t correct = 0, total = 0;
    for (int i = 0; i < c->folds; i++) {
        char name[32], value[64];
        snprintf(name, sizeof name, "fold %d", i + 1);
        snprintf(value, sizeof value, "%u correct of %u", c->correct[i], c->total[i]);
        show_text(out, name, value);
        correct += c->correct[i];
        total += c->total[i];
    }
    show_count(out, "correct", correct);
    show_count(out, "of", total);
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

void show_signature(struct text *out, const char *name, const struct key_signature *g)
{
    struct hash half[2];
    memcpy(half[0].byte, g->byte, sizeof half[0].byte);
    memcpy(half[1].byte, g->byte + sizeof half[0].byte, sizeof half[1].byte);
    show_hash(out, name, half[0]);
    show_hash(out, "", half[1]);
}

bool kind_needs_many(const struct state *s, const char *what, struct error *err)
{
    return !state_alone(s) ||
           error_set(err, ERROR_CHAIN, "%s: this chain is closed: its one validator is its only one for good", what);
}
