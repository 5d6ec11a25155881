/* chain disputes: what is disputed, at which place, what each side has given, and what happens next. */
#include "action/chain_internal.h"

#include "base/clock.h"
#include "base/text.h"
#include "work/json.h"

#include <inttypes.h>

static json_t *address_json(struct address a)
{
    char text[KEY_ADDRESS_MAX];
    address_text(a, text);
    return json_string(text);
}

static json_t *hash_or_null(struct hash h)
{
    return hash_is_zero(h) ? json_null() : json_of_hash(h);
}

static json_t *object_json(const char *chain, struct hash h)
{
    struct bytes b = {0};
    if (hash_is_zero(h))
        return json_null();
    bool here = ledger_object_get(chain, h, &b, NULL);
    json_t *j = json_pack("{s:o, s:b, s:I}", "object", json_of_hash(h), "here", here, "bytes", (json_int_t)b.n);
    bytes_free(&b);
    return j;
}

/* The place in words, with the steps of the interval where the opened list can be read. */
static void put_place(json_t *j, const char *chain, const struct state_proposal *p, const struct state_challenge *c)
{
    char text[160];
    uint64_t leaf = c->body.leaf, n = 0;
    int64_t interval = 0;
    struct hash claimed = {{0}};
    struct leaves l;
    if (p && c->body.fold > 0 && claim_leaves(chain, &p->open, &l, NULL)) {
        if (c->body.fold <= (uint32_t)l.folds) {
            const struct leaves_fold *f = &l.fold[c->body.fold - 1];
            n = f->n;
            interval = f->interval;
            if (leaf <= n)
                claimed = f->leaf[leaf - 1];
        }
        leaves_free(&l);
    }
    if (c->body.fold == 0)
        text_copy(text, sizeof text, "the claim as a whole");
    else if (n && leaf == n + 1)
        snprintf(text, sizeof text, "fold %u: how many predictions are right", c->body.fold);
    else if (n && leaf == n)
        snprintf(text, sizeof text, "fold %u, leaf %" PRIu64 " of %" PRIu64 ": where the training ends, and what it hands back",
                 c->body.fold, leaf, n);
    else if (n && leaf < n)
        snprintf(text, sizeof text, "fold %u, leaf %" PRIu64 " of %" PRIu64 ": steps %" PRId64 " to %" PRId64, c->body.fold,
                 leaf, n, ((int64_t)leaf - 1) * interval + 1, (int64_t)leaf * interval);
    else
        snprintf(text, sizeof text, "fold %u, leaf %" PRIu64, c->body.fold, leaf);
    json_object_set_new(j, "place", json_of_text(text));
    json_object_set_new(j, "fold", json_integer((json_int_t)c->body.fold));
    json_object_set_new(j, "leaf", json_integer((json_int_t)leaf));
    json_object_set_new(j, "leaves", n ? json_integer((json_int_t)n) : json_null());
    json_object_set_new(j, "claimed", hash_or_null(claimed));
}

static json_t *due_json(const struct state *s, const struct state_challenge *c)
{
    const struct genesis *g = state_genesis(s);
    if (c->state != CHALLENGE_OPEN)
        return json_null();
    return json_pack("{s:I, s:o}", "height", (json_int_t)(c->made.height + g->dispute_blocks), "time",
                     json_of_time(c->made.time_us + (int64_t)g->dispute_seconds * 1000000));
}

static void stage(const struct state *s, const struct state_challenge *c, const struct claim_ruling *own, char *out,
                  size_t size)
{
    static const char *const end[] = {
        NULL, "upheld: the claim is refuted and its stake is lost; the challenger has the deposit back, and a share",
        "dismissed: the deposit is lost, a share of it to the accused",
        "lapsed: nobody decided it in time, so the deposit is lost as if it had been dismissed",
        "returned: another challenge to the same claim was upheld, and the deposit went back"};
    const struct genesis *g = state_genesis(s);
    if (c->answered == CHALLENGE_CONCEDED)
        text_copy(out, size, "conceded: the claim is refuted and its stake is lost; the challenger has the deposit back, "
                             "and a share");
    else if (c->state != CHALLENGE_OPEN)
        text_copy(out, size, end[c->state]);
    else
        snprintf(out, size,
                 "open%s%s; whoever has the objects does the place again and decides with `chain verdict`: undecided at "
                 "height %" PRIu64 " it lapses, and the challenger's deposit is lost",
                 c->answered == CHALLENGE_ANSWERED ? ", answered" : ", not answered",
                 !own ? "" : own->upheld ? "; done again here, the challenge is right" : "; done again here, the claim is right",
                 c->made.height + g->dispute_blocks);
}

json_t *chain_challenge_json(const char *chain, const struct state *s, const struct state_challenge *c,
                             const struct claim_ruling *own)
{
    static const char *const answer[] = {"none", "state", "conceded"};
    const struct state_proposal *p = state_proposal_find(s, c->body.proposal);
    char sentence[512];
    stage(s, c, own, sentence, sizeof sentence);
    json_t *j = json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:I, s:o, s:s, s:o}", "challenge", json_of_hash(c->id),
                          "proposal", json_of_hash(c->body.proposal), "state", challenge_state_name(c->state), "stage",
                          json_of_text(sentence), "challenger", address_json(c->who), "accused",
                          p ? address_json(p->proposer) : json_null(), "deposit", (json_int_t)c->body.deposit, "height",
                          (json_int_t)c->made.height, "time", c->made.time_us ? json_of_time(c->made.time_us) : json_null(),
                          "answer", answer[c->answered], "due", due_json(s, c));
    put_place(j, chain, p, c);
    json_object_set_new(j, "challenger_found", hash_or_null(c->body.found));
    json_object_set_new(j, "challenger_state", object_json(chain, c->body.state));
    json_object_set_new(j, "accused_state", object_json(chain, c->answer));
    json_object_set_new(j, "verdict_found", hash_or_null(c->found));
    json_object_set_new(j, "closed", c->closed ? json_integer((json_int_t)c->closed) : json_null());
    json_object_set_new(j, "own", own ? json_pack("{s:b, s:o}", "upheld", own->upheld, "why", json_of_text(own->why))
                                      : json_null());
    return j;
}

static bool wanted(const struct state_challenge *c, const char *key)
{
    char id[HASH_HEX], proposal[HASH_HEX];
    if (!key)
        return true;
    hash_hex(c->id, id);
    hash_hex(c->body.proposal, proposal);
    return text_starts(id, key) || text_starts(proposal, key);
}

json_t *action_chain_disputes(struct workspace *w, const char *key, struct error *err)
{
    char chain[FILE_PATH_MAX];
    const struct state_challenge *all;
    struct ledger *l = chain_open_to_read(w, err);
    if (!l)
        return NULL;
    const struct state *s = ledger_pool_state(l);
    int n = state_challenges(s, &all);
    json_t *list = json_array();
    chain_folder(w, chain, sizeof chain);
    for (int i = n - 1; i >= 0; i--) {
        struct claim_ruling own;
        if (!wanted(&all[i], key))
            continue;
        bool kept = claim_ruling_kept(w, &all[i], &own);
        json_t *one = chain_challenge_json(chain, s, &all[i], kept ? &own : NULL);
        json_object_set_new(one, "sealed", json_boolean(state_challenge_find(ledger_state(l), all[i].id) != NULL));
        json_array_append_new(list, one);
    }
    ledger_close(l);
    if (key && json_array_size(list) == 0) {
        error_set(err, ERROR_CHAIN, "there is no challenge %s, and no proposal %s that has one", key, key);
        json_decref(list);
        return NULL;
    }
    return json_pack("{s:o}", "disputes", list);
}
