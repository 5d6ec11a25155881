/* Opening the chain as this workspace knows it. What no file shows of itself, a cut exactly behind a block or a history
 * that was sealed anew, is found against the highest block that the workspace has seen; it is kept in the workspace's
 * settings, outside of the chain's folder. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/chain_index.h"

#include <string.h>

#define HEAD_SETTING "chain.head" /* HEIGHT:ID */

bool chain_head_parse(const char *text, struct ledger_head *out)
{
    char *copy = memory_text(text), *rest = copy;
    const char *height = text_next(&rest, ':');
    int64_t h = 0;
    memset(out, 0, sizeof *out);
    bool ok = height && rest && text_parse_int(height, 0, INT64_MAX, &h) && hash_from_hex(rest, &out->id);
    out->height = (uint64_t)h;
    free(copy);
    return ok;
}

void chain_head_text(const struct ledger_head *h, char out[CHAIN_HEAD_MAX])
{
    char hex[HASH_HEX];
    hash_hex(h->id, hex);
    snprintf(out, CHAIN_HEAD_MAX, "%llu:%s", (unsigned long long)h->height, hex);
}

bool chain_head_known(struct workspace *w, struct ledger_head *out)
{
    char text[CHAIN_HEAD_MAX] = "";
    return workspace_setting_get(w, HEAD_SETTING, text, sizeof text) && chain_head_parse(text, out);
}

void chain_head_remember(struct workspace *w, uint64_t height, struct hash id)
{
    char text[CHAIN_HEAD_MAX], had[CHAIN_HEAD_MAX] = "";
    const struct ledger_head h = {.height = height, .id = id};
    chain_head_text(&h, text);
    if (!workspace_read_only(w) && !(workspace_setting_get(w, HEAD_SETTING, had, sizeof had) && text_equal(had, text)))
        workspace_setting_set(w, HEAD_SETTING, text);
}

void chain_head_advise(struct workspace *w, struct error *err)
{
    struct ledger_head h;
    char text[CHAIN_HEAD_MAX], said[sizeof err->text];
    if (!err || err->kind != ERROR_CHAIN || !chain_head_known(w, &h))
        return;
    chain_head_text(&h, text);
    text_copy(said, sizeof said, err->text);
    error_set(err, ERROR_CHAIN,
              "%s. This workspace has seen the block %s: get the chain back from a backup or from those who share it; "
              "`chain verify --accept` takes the one that is there now",
              said, text);
}

void chain_damage_advise(struct error *err)
{
    char text[sizeof err->text];
    bool in_file = err && err->kind == ERROR_CHAIN && strstr(err->text, " at byte ") && !strstr(err->text, "re-run: ") &&
                   !strstr(err->text, "the next append cuts it");
    if (!in_file || strstr(err->text, "get the chain back"))
        return;
    text_copy(text, sizeof text, err->text);
    error_set(err, ERROR_CHAIN, "%s. Nothing repairs that: get the chain back from a backup or from those who share it", text);
}

static bool contains(const struct ledger *l, const struct ledger_head *h, struct error *err)
{
    struct ledger_block b;
    if (h->height > ledger_height(l))
        return error_set(err, ERROR_CHAIN, "blocks were cut away: the chain ends at height %llu, but block %llu was there",
                         (unsigned long long)ledger_height(l), (unsigned long long)h->height);
    if (ledger_block(l, h->height, &b) && hash_equal(b.id, h->id))
        return true;
    return error_set(err, ERROR_CHAIN, "the chain was rewritten, or is another one: block %llu was a different one",
                     (unsigned long long)h->height);
}

/* What the chain has come to. */
static void note(struct workspace *w, const struct ledger *l)
{
    struct ledger_head known;
    if (workspace_read_only(w) || (chain_head_known(w, &known) && known.height == ledger_height(l)))
        return;
    chain_head_remember(w, ledger_height(l), ledger_head(l));
    claim_forget(w, ledger_pool_state(l));
}

struct ledger *chain_ledger_open(struct workspace *w, bool writable, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct ledger_head known;
    chain_folder(w, chain, sizeof chain);
    struct ledger *l = chain_index_open(chain, writable, !workspace_read_only(w), err);
    if (!l)
        chain_damage_advise(err);
    if (l && chain_head_known(w, &known) && !contains(l, &known, err)) {
        chain_head_advise(w, err);
        ledger_close(l);
        return NULL;
    }
    if (l)
        note(w, l);
    return l;
}

void chain_ledger_close(struct workspace *w, struct ledger *l)
{
    if (l)
        note(w, l);
    ledger_close(l);
}
