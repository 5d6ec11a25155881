/* Double signatures that are met when their height is over: votes that a pool still holds, against those that were seen
 * before and against the certificates in our own blocks. */
#include "work/follow_internal.h"

#include "base/memory.h"
#include "chain/evidence.h"
#include "work/json.h"

void follow_convict(struct follow *f, const struct vote *a, const struct vote *b)
{
    char file[FILE_PATH_MAX], address[KEY_ADDRESS_MAX] = "somebody";
    struct error why;
    bool added;
    const struct state_voting *who = state_voting_find(ledger_state(f->ledger), &a->voting);
    error_clear(&why);
    if (who)
        address_text(who->who, address);
    if (!evidence_keep(f->o->chain, a, b, file, &added, &why))
        follow_event(f, "problem", NULL, "the proof of a double signature could not be kept: %s", why.text);
    else if (added)
        follow_event(
            f, "evidence", json_pack("{s:s, s:s}", "address", address, "file", file),
            "%s signed two different votes at height %llu, round %u: the proof is kept; `chain evidence` sends it",
            address, (unsigned long long)a->height, a->round);
}

/* Would a block still punish it? */
static bool is_punished(const struct follow *f, const struct vote *v)
{
    const struct state *s = ledger_state(f->ledger);
    const struct state_voting *who = state_voting_find(s, &v->voting);
    const struct state_account *a = who ? state_account_find(s, who->who) : NULL;
    return a && !a->barred && v->height > who->punished &&
           f->pool.height <= v->height + state_genesis(s)->evidence_blocks;
}

/* What the key signed in that place for the block that became final. */
static bool is_certified_otherwise(const struct follow *f, const struct vote *v, struct vote *other)
{
    struct certificate *c = NEW(struct certificate);
    struct bytes data = {0};
    bool found = false;
    if (v->step == VOTE_PRECOMMIT && ledger_certificate(f->ledger, v->height, &data, NULL) &&
        certificate_decode(data.data, data.n, c, NULL) && c->round == v->round)
        for (int i = 0; i < c->n && !found; i++) {
            *other = certificate_vote(c, f->chain, i);
            found = vote_conflict(other, v);
        }
    bytes_free(&data);
    free(c);
    return found;
}

bool follow_past(void *context, const struct vote *v, bool checked)
{
    struct follow *f = context;
    struct vote other;
    if (v->height == 0 || v->height > ledger_height(f->ledger) || !is_punished(f, v))
        return true;
    if (!checked && f->past_left-- <= 0)
        return false;
    if (!checked && !vote_check(v, NULL))
        return true;
    if (vote_past_meet(&f->past, v, &other) || (!checked && is_certified_otherwise(f, v, &other)))
        follow_convict(f, v, &other);
    return true;
}
