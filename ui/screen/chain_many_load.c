/* Reading what only several people need, on the thread that reads the rest. */
#include "action/chain_follow.h"
#include "action/market.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

/* The tasks' rows in one list, each with its task; and their seals in another. */
static json_t *flat(const json_t *tournament)
{
    static const char *const from[] = {"rows", "seals"}, *const to[] = {"scores", "seals"};
    json_t *out = json_pack("{s:[], s:[]}", "scores", "seals");
    size_t i, k;
    json_t *task, *one;
    json_array_foreach(json_object_get(tournament, "tasks"), i, task)
        for (int list = 0; list < 2; list++)
            json_array_foreach(json_object_get(task, from[list]), k, one)
            {
                json_t *copy = json_copy(one);
                json_object_set(copy, "task", json_object_get(task, "task"));
                json_array_append_new(json_object_get(out, to[list]), copy);
            }
    return out;
}

void chain_many_read(struct chain_read *r, struct workspace *w)
{
    struct error why = {0};
    json_t *tournament = action_chain_tournament(w, NULL);
    r->tournament = flat(tournament);
    r->market = action_chain_listings(w, NULL);
    json_decref(tournament);
    if (!json_is_true(json_object_get(r->status, "many")))
        return;
    r->votes = action_chain_votes(w, NULL, &why);
    text_copy(r->unvoted, sizeof r->unvoted, why.text);
    r->disputes = action_chain_disputes(w, NULL, NULL);
    r->jobs = action_chain_jobs(w, NULL);
    r->forks = json_pack("{s:O}", "forks", json_object_get(r->status, "forks"));
}

void chain_many_carry(struct chain_read *to, const struct chain_read *from)
{
    to->votes = json_incref(from->votes);
    to->disputes = json_incref(from->disputes);
    to->market = json_incref(from->market);
    to->jobs = json_incref(from->jobs);
    to->tournament = json_incref(from->tournament);
    to->forks = json_incref(from->forks);
    text_copy(to->unvoted, sizeof to->unvoted, from->unvoted);
}

/* With all else as it is shown, so that the cursors stay on what they were on. */
void chain_many_take(struct chain_screen *s, struct chain_read *r)
{
    struct chain_read next = s->read;
    json_t *const kept[] = {next.status, next.identities, next.receipts, next.people, next.by_address, next.blocks, next.shown};
    for (size_t i = 0; i < ARRAY_N(kept); i++)
        json_incref(kept[i]);
    chain_many_carry(&next, r);
    chain_take(s, &next);
}
