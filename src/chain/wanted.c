#include "chain/wanted.h"

#include "base/file.h"
#include "base/memory.h"
#include "chain/tx_objects.h"

#define TEXT_MOST ((size_t)1 << 20)

void wanted_free(struct wanted *w)
{
    free(w->id);
    free(w->names_more);
    free(w->opened);
    index_free(&w->index);
    memset(w, 0, sizeof *w);
}

bool wanted_is(const struct wanted *w, struct hash id)
{
    return index_find(&w->index, id) >= 0;
}

static void want(struct wanted *w, struct hash id, bool names_more)
{
    if (wanted_is(w, id))
        return;
    w->id = memory_grow(w->id, &w->id_capacity, w->n + 1, sizeof *w->id);
    w->names_more = memory_grow(w->names_more, &w->names_capacity, w->n + 1, sizeof *w->names_more);
    w->opened = memory_grow(w->opened, &w->opened_capacity, w->n + 1, sizeof *w->opened);
    w->id[w->n] = id;
    w->names_more[w->n] = names_more;
    w->opened[w->n] = !names_more;
    index_put(&w->index, id, (int)w->n);
    w->n++;
}

static bool take(void *context, const struct tx *tx, struct error *err)
{
    struct tx_object object[TX_OBJECTS_MOST];
    int n = tx_objects(tx, object);
    (void)err;
    for (int i = 0; i < n; i++)
        want(context, object[i].id, object[i].names_more);
    return true;
}

static bool is_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Each run of exactly 64 digits. */
static void want_names(struct wanted *w, const struct bytes *text)
{
    size_t run = 0;
    for (size_t i = 0; i <= text->n; i++) {
        if (i < text->n && is_digit(text->data[i])) {
            run++;
            continue;
        }
        char hex[HASH_HEX] = "";
        struct hash id;
        if (run == HASH_HEX - 1) {
            memcpy(hex, text->data + i - run, run);
            if (hash_from_hex(hex, &id))
                want(w, id, false);
        }
        run = 0;
    }
}

static void open_texts(struct wanted *w, const char *folder)
{
    struct bytes text = {0};
    for (size_t i = 0; i < w->n; i++) {
        if (w->opened[i] || !ledger_object_get(folder, w->id[i], &text, NULL))
            continue;
        w->opened[i] = true;
        if (text.n <= TEXT_MOST)
            want_names(w, &text);
    }
    bytes_free(&text);
}

bool wanted_update(struct wanted *w, const struct ledger *l, const char *folder, struct error *err)
{
    const struct tx *pool;
    int n = ledger_pool(l, &pool);
    for (; w->height <= ledger_height(l); w->height++)
        if (w->height > 0 && !ledger_block_txs(l, w->height, take, w, err))
            return false;
    for (int i = 0; i < n; i++)
        take(w, &pool[i], NULL);
    open_texts(w, folder);
    return true;
}
