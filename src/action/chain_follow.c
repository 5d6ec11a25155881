#include "action/chain_follow.h"

#include "action/chain_duty.h"
#include "action/chain_genesis.h"
#include "action/chain_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/guard.h"
#include "chain/party.h"
#include "work/json.h"

void action_chain_follow_defaults(struct action_chain_follow_options *o)
{
    *o = (struct action_chain_follow_options){.every = 2, .idle = 10};
}

struct following {
    struct workspace *w;
    struct chain_duties *duties;
    struct key *voting;
    char guard[FILE_PATH_MAX];
};

static struct ledger *open_ledger(void *context, struct error *err)
{
    return chain_ledger_open(((struct following *)context)->w, true, err);
}

static void close_ledger(void *context, struct ledger *l)
{
    chain_ledger_close(((struct following *)context)->w, l);
}

static bool beside(void *context, struct ledger *l)
{
    struct following *f = context;
    return f->duties && chain_duties_step(f->duties, l);
}

static struct follow_options options_of(struct following *f, const struct action_chain_follow_options *o,
                                        const char *chain)
{
    return (struct follow_options){.chain = chain, .place = o->place, .places = o->places, .publish = o->publish,
                                   .part = o->part, .once = o->once, .every = o->every, .timeout = o->timeout,
                                   .idle = o->idle, .seconds = o->seconds, .until_height = o->until_height, .owner = o->owner,
                                   .objects_most = o->objects_most, .threads = o->threads, .context = f,
                                   .open = open_ledger, .close = close_ledger, .beside = beside};
}

/* --- keys ----------------------------------------------------------------------------------------------------------- */

static bool unlock_voting(struct following *f, const struct action_chain_follow_options *o, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct key_info who;
    if (!o->voting)
        return true;
    if (!chain_find_signer(o->voting, &who, keys, sizeof keys, err))
        return false;
    guard_folder(keys, who.name, f->guard, sizeof f->guard);
    f->voting = key_open(keys, who.name, o->voting_passphrase ? o->voting_passphrase : "", err);
    return f->voting != NULL;
}

/* Checked once, so that a wrong passphrase is told now and not by each job. */
static bool unlock_identity(struct following *f, const struct action_chain_follow_options *o,
                            const struct control *control, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct key_info who;
    if (!o->who)
        return true;
    if (!chain_find_signer(o->who, &who, keys, sizeof keys, err))
        return false;
    struct key *k = key_open(keys, who.name, o->passphrase ? o->passphrase : "", err);
    if (!k)
        return false;
    f->duties = chain_duties_new(f->w, who.name, key_address(key_public_of(k)), o->passphrase, control);
    key_free(k);
    return true;
}

json_t *action_chain_follow(struct workspace *w, const struct action_chain_follow_options *o,
                            const struct control *control, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct following f = {.w = w};
    json_t *result = NULL;
    chain_folder(w, chain, sizeof chain);
    struct follow_options options = options_of(&f, o, chain);
    struct chain_witness *witness = chain_witness_new(w, o->threads, control);
    options.votes = true;
    options.witness = chain_witness_of(witness);
    if (unlock_voting(&f, o, err) && unlock_identity(&f, o, control, err)) {
        options.voting = f.voting;
        options.guard = f.guard;
        result = follow_run(&options, control, err);
    }
    chain_duties_free(f.duties);
    key_free(f.voting);
    chain_witness_free(witness);
    return result;
}

json_t *action_chain_pull(struct workspace *w, const struct action_chain_follow_options *o,
                          const struct control *control, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct following f = {.w = w};
    chain_folder(w, chain, sizeof chain);
    struct follow_options options = options_of(&f, o, chain);
    options.once = true;
    options.needs_parties = true;
    return follow_run(&options, control, err);
}

json_t *action_chain_votes(struct workspace *w, const char *voting, struct error *err)
{
    char chain[FILE_PATH_MAX], keys[FILE_PATH_MAX];
    struct key_info who;
    if (voting && !chain_find_identity(voting, &who, keys, sizeof keys, err))
        return NULL;
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    chain_folder(w, chain, sizeof chain);
    json_t *result = follow_votes(l, chain, voting ? &who.public_key : NULL, err);
    ledger_close(l);
    return result;
}

/* --- joining ---------------------------------------------------------------------------------------------------------- */

static bool matches(struct hash id, const char *wanted)
{
    char hex[HASH_HEX];
    hash_hex(id, hex);
    return !wanted || text_starts(hex, wanted);
}

/* The one chain that these folders hold. */
static bool find_genesis(const struct party_list *list, const char *wanted, struct genesis *out, struct hash *id,
                         struct error *err)
{
    struct genesis *g = NEW(struct genesis);
    int found = 0;
    bool several = false;
    struct error why;
    error_clear(&why);
    for (int i = 0; i < list->n; i++) {
        struct hash one;
        if (!party_genesis(list->party[i], g, &one, &why) || !matches(one, wanted))
            continue;
        several |= found > 0 && !hash_equal(one, *id);
        if (found++ == 0) {
            *out = *g;
            *id = one;
        }
    }
    free(g);
    if (several)
        return error_set(err, ERROR_CHAIN, "there are several chains: say which with --id, or name its folder alone");
    if (!found)
        return error_set(err, ERROR_CHAIN, "none of %d chains there can be read, or has this id%s%s", list->n,
                         why.text[0] ? ": " : "", why.text);
    return true;
}

static bool create(struct workspace *w, const struct action_chain_follow_options *o, const char *wanted,
                   struct genesis *g, struct hash *id, struct error *err)
{
    char chain[FILE_PATH_MAX];
    struct party_list list = {.n = 0};
    bool ok = true;
    chain_folder(w, chain, sizeof chain);
    int found;
    for (int i = 0; i < o->places && ok; i++)
        ok = party_find(&list, o->place[i], chain, &found, err);
    if (ok && list.n == 0) {
        struct error none;
        party_none(o->place[0], chain, none.text, sizeof none.text);
        ok = error_set(err, ERROR_CHAIN, "%s", none.text);
    }
    ok = ok && find_genesis(&list, wanted, g, id, err) && ledger_create(chain, g, err);
    party_list_free(&list);
    return ok;
}

json_t *action_chain_join(struct workspace *w, const struct action_chain_follow_options *o, const char *id,
                          const struct control *control, struct error *err)
{
    struct genesis *g = NEW(struct genesis);
    struct hash chain;
    json_t *result = NULL;
    if (create(w, o, id, g, &chain, err)) {
        result = action_chain_pull(w, o, control, err);
        if (result) {
            char *text = chain_genesis_text(g);
            json_object_set_new(result, "chain_id", json_of_hash(chain));
            json_object_set_new(result, "name", json_of_text(g->name));
            json_object_set_new(result, "genesis", json_of_text(text));
            free(text);
        }
    }
    free(g);
    return result;
}
