/* When the steps of a proposal's life were, and what runs out next. */
#include "action/chain_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "chain/state_job.h"
#include "work/json.h"

static json_t *moment_json(struct state_moment m)
{
    return m.height == 0 ? json_null() : json_pack("{s:I, s:o}", "height", (json_int_t)m.height, "time", json_of_time(m.time_us));
}

static json_t *due_json(const char *what, struct state_moment from, uint32_t blocks, uint32_t seconds)
{
    struct state_moment at = {from.height + blocks, from.time_us + (int64_t)seconds * 1000000};
    json_t *j = moment_json(at);
    json_object_set_new(j, "what", json_string(what));
    return j;
}

/* Windows end with the first block for which both their blocks and their seconds have passed (state_due.c). */
static json_t *next_due(const struct genesis *g, const struct state *s, const struct state_proposal *p)
{
    const struct state_job *job = p->state == PROPOSAL_ANNOUNCED ? state_job_find(s, p->job) : NULL;
    if (job)
        return due_json("the deposit is lost without a result", p->announced, job->body.blocks, job->body.seconds);
    if (p->state == PROPOSAL_ANNOUNCED)
        return due_json("it expires", p->announced, g->expiry_blocks, g->expiry_seconds);
    if (p->state == PROPOSAL_CLAIMED && p->attests > 0)
        return due_json("the commits close", p->claimed, g->commit_blocks, g->commit_seconds);
    if (p->state == PROPOSAL_REVEALING && p->opened.height == 0)
        return due_json("it is refuted if it is not opened", p->committed, g->reveal_blocks, g->reveal_seconds);
    if (p->state == PROPOSAL_REVEALING && !p->verified)
        return due_json("the reveals close", p->opened, g->reveal_blocks, g->reveal_seconds);
    return due_json("it expires", p->claimed, g->expiry_blocks, g->expiry_seconds);
}

void chain_put_life(json_t *proposal, const struct state *s, const struct state_proposal *p)
{
    json_t *due = proposal_closed(p->state) ? json_null() : next_due(state_genesis(s), s, p);
    json_object_set_new(proposal, "life",
                        json_pack("{s:o, s:o, s:o, s:o, s:o}", "announced", moment_json(p->announced), "claimed",
                                  moment_json(p->claimed), "committed", moment_json(p->committed), "opened",
                                  moment_json(p->opened), "due", due));
}

/* --- the transactions behind it --------------------------------------------------------------------------------------- */

static bool is_about(const struct tx *tx, enum tx_type a, enum tx_type b, struct hash proposal, const char *who)
{
    char sender[KEY_ADDRESS_MAX];
    address_text(key_address(&tx->sender), sender);
    return (tx->type == a || tx->type == b) && text_equal(sender, who) &&
           hash_equal(tx->type == TX_COMMIT ? tx->commit.proposal : tx->decide.proposal, proposal);
}

/* Into each entry the id of the transaction that it was made by, found in the block that it names. */
static void put_ids(json_t *list, const struct ledger *l, enum tx_type a, enum tx_type b, struct hash proposal)
{
    struct tx *tx = NEW(struct tx);
    struct ledger_block block;
    json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        uint64_t height = (uint64_t)json_integer_value(json_object_get(one, "height"));
        const char *who = json_string_value(json_object_get(one, "who"));
        bool found = false;
        for (int k = 0; who && !found && ledger_block(l, height, &block) && k < block.transactions; k++) {
            found = ledger_block_tx(l, height, k, tx, NULL) && is_about(tx, a, b, proposal, who);
            if (found)
                json_object_set_new(one, "tx", json_of_hash(tx_id(tx)));
        }
    }
    free(tx);
}

void chain_put_ids(json_t *proposal, const struct ledger *l, const struct state_proposal *p)
{
    put_ids(json_object_get(proposal, "attests"), l, TX_COMMIT, TX_COMMIT, p->id);
    put_ids(json_object_get(proposal, "decisions"), l, TX_APPROVE, TX_REJECT, p->id);
}
