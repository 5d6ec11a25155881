#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/crash/chain_in_words.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/keystore.h"
#include "chain/ledger.h"
#include "chain/receipt.h"

#include <dirent.h>

static void say_hash(struct text *out, const char *what, struct hash h)
{
    char hex[HASH_HEX];
    hash_hex(h, hex);
    text_printf(out, "%s %s\n", what, hex);
}

static void say_ledger(struct ledger *l, struct text *out)
{
    const struct tx *pool;
    int n = ledger_pool(l, &pool);
    text_printf(out, "height %llu, %d refused\n", (unsigned long long)ledger_height(l), ledger_pool_refused(l));
    say_hash(out, "head", ledger_head(l));
    say_hash(out, "state", state_hash(ledger_state(l)));
    for (int i = 0; i < n; i++)
        say_hash(out, "waits", tx_id(&pool[i]));
    if (!state_alone(ledger_state(l))) {
        struct bytes tip = {0};
        struct error err = {0};
        text_put(out, ledger_tip_certificate(l, &tip, &err) ? "final\n" : err.text);
        bytes_free(&tip);
    }
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Objects by name, and whether each is what its name says. */
static void say_objects(const char *chain, struct text *out)
{
    char folder[300], name[16][256];
    int n = 0;
    file_join(folder, sizeof folder, chain, "objects");
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        struct hash id;
        if (hash_from_hex(d->d_name, &id) && n < 16)
            text_copy(name[n++], sizeof name[0], d->d_name);
    }
    closedir(dir);
    qsort(name, (size_t)n, sizeof name[0], name_compare);
    for (int i = 0; i < n; i++) {
        struct hash id;
        struct bytes b = {0};
        assert_true(hash_from_hex(name[i], &id));
        text_printf(out, "object %s %s\n", name[i], ledger_object_get(chain, id, &b, NULL) ? "good" : "damaged");
        bytes_free(&b);
    }
}

void see_chain(const char *root, struct text *out)
{
    char chain[220], path[300];
    struct error err = {0};
    file_join(chain, sizeof chain, root, "chain");
    file_join(path, sizeof path, chain, "blocks.msc");
    if (!file_exists(path)) {
        text_put(out, "no chain\n");
        return;
    }
    struct ledger *l = ledger_open(chain, true, &err);
    if (!l) {
        text_printf(out, "refused: %s\n", err.text);
        return;
    }
    say_ledger(l, out);
    ledger_close(l);
    say_objects(chain, out);
}

void see_receipt(const char *root, struct text *out)
{
    char path[300];
    struct error err = {0};
    struct bytes b = {0};
    file_join(path, sizeof path, root, "receipt");
    struct receipt *r = NEW(struct receipt);
    if (!file_exists(path))
        text_put(out, "no receipt\n");
    else if (file_read(path, RECEIPT_MOST, &b, &err) && receipt_check(b.data, b.n, r, &err))
        text_put(out, "a receipt\n");
    else
        text_printf(out, "%s\n", err.text);
    bytes_free(&b);
    free(r);
}

void see_key(const char *root, struct text *out)
{
    char path[300];
    struct error err = {0};
    file_join(path, sizeof path, root, "me.key");
    if (!file_exists(path)) {
        text_put(out, "no key\n");
        return;
    }
    struct key *k = key_open(root, "me", "pass", &err); /* each has a seed of its own */
    text_printf(out, "%s\n", k ? "a key" : err.text);
    key_free(k);
}
