/* The chain as the identity that is about to act sees it. */
#include "action/chain_internal.h"

#include "base/file.h"
#include "base/text.h"
#include "work/json.h"

#include <string.h>

bool chain_seals(const struct state *s, const struct key_public *identity)
{
    const struct state_validator *v;
    return state_validators(s, &v) == 1 && memcmp(v[0].voting.byte, identity->byte, sizeof identity->byte) == 0 &&
           address_equal(v[0].who, key_address(identity));
}

bool chain_look_open(struct chain_look *l, struct workspace *w, const struct action_signer *s, struct error *err)
{
    char keys[FILE_PATH_MAX];
    *l = (struct chain_look){.ledger = NULL};
    chain_folder(w, l->chain, sizeof l->chain);
    if (!chain_find_identity(s->key, &l->who, keys, sizeof keys, err) || !(l->ledger = chain_open_to_read(w, err)))
        return false;
    l->address = key_address(&l->who.public_key);
    l->state = ledger_pool_state(l->ledger);
    const struct state_account *a = state_account_find(l->state, l->address);
    l->validator = a && a->validator;
    l->seals = !s->prepares && chain_seals(l->state, &l->who.public_key);
    return true;
}

void chain_look_close(struct chain_look *l)
{
    ledger_close(l->ledger);
    l->ledger = NULL;
    l->state = NULL;
}

bool chain_pending(const struct ledger *l, struct hash proposal, char *out, size_t size)
{
    const struct state *s = ledger_pool_state(l);
    const struct state_proposal *p = state_proposal_find(s, proposal), *sealed = state_proposal_find(ledger_state(l), proposal);
    out[0] = '\0';
    if (!p || (sealed && sealed->state == p->state && sealed->attests == p->attests && sealed->decisions == p->decisions &&
               sealed->opened.height == p->opened.height))
        return false;
    text_copy(out, size, state_alone(s) ? "as soon as a block holds it (`chain seal-block`): " : "as soon as a block holds it: ");
    chain_stage(s, p, out + strlen(out), size - strlen(out));
    return true;
}

void chain_put_stage(struct workspace *w, json_t *result, struct hash proposal)
{
    struct ledger *l = chain_open_to_read(w, NULL);
    const struct state *s = l ? ledger_pool_state(l) : NULL; /* what was just signed may wait for a block */
    const struct state_proposal *p = s ? state_proposal_find(s, proposal) : NULL;
    if (p) {
        char stage[640];
        if (!chain_pending(l, p->id, stage, sizeof stage))
            chain_stage(s, p, stage, sizeof stage);
        json_object_set_new(result, "state", json_string(proposal_state_name(p->state)));
        json_object_set_new(result, "verified", json_boolean(p->verified));
        json_object_set_new(result, "stage", json_of_text(stage));
    }
    ledger_close(l);
}
