/* What a dishonest party has that an honest one has not: a program that alters its own workspace's notes and signs what is not
 * so, or two votes for one place. The scenario of four parties (four_parties.sh) needs it, and nobody else: morphsmith itself
 * has no command, option or variable that makes it lie, so that what the scenario shows is how the rules treat a program that
 * does. All that follows on a lie goes out through morphsmith's own commands, like everybody's.
 *
 *   liar claim WORKSPACE ARCH MORE LEAF STAKE NAME
 *                                         behind `chain propose ARCH --train`: announces, as NAME, that MORE more directions
 *                                         were right, and (LEAF > 0) that leaf LEAF of the last fold was another
 *   liar guess WORKSPACE PROPOSAL         in place of a re-run: the claim's counts, with a made-up root
 *   liar collude WORKSPACE PROPOSAL OTHER in place of a re-run: what the proposer, whose workspace is OTHER, tells
 *   liar copy WORKSPACE PROPOSAL NAME     commits, as NAME, to the same hash as whoever committed first
 *   liar votes WORKSPACE NAME FOLDER      signs two prevotes for one place with NAME's key, past its guard, into a chain's folder
 *   liar key NAME                         an identity whose passphrase, "demo", is quickly tried: no secret at all
 *
 * It works only on chains named demo, and its keys only have a passphrase that everybody knows. */
#include "action/chain_internal.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/message_pool.h"
#include "store/arches.h"
#include "store/workspace.h"

#include <sodium.h>
#include <stdio.h>

#define PASSPHRASE "demo"

static struct hash made_up(void)
{
    struct hash h;
    randombytes_buf(h.byte, sizeof h.byte);
    return h;
}

static struct ledger *demo_chain(struct workspace *w, struct error *err)
{
    struct ledger *l = chain_open_to_read(w, err);
    if (l && !text_equal(ledger_genesis(l)->name, "demo")) {
        error_set(err, ERROR_USAGE, "this chain is not named demo: here nobody lies for show");
        ledger_close(l);
        return NULL;
    }
    return l;
}

/* --- a false claim ---------------------------------------------------------------------------------------------------- */

static bool change_leaf(struct claim_run *run, uint64_t which, struct error *err)
{
    struct leaves l;
    if (!leaves_parse(&l, run->leaves, strlen(run->leaves), err))
        return false;
    struct leaves_fold *last = &l.fold[l.folds - 1];
    bool ok = (which <= last->n && which > 0) ||
              error_set(err, ERROR_USAGE, "the last fold has leaves 1 to %llu", (unsigned long long)last->n);
    if (ok) {
        char before[HASH_HEX], now[HASH_HEX];
        hash_hex(last->leaf[which - 1], before);
        last->leaf[which - 1] = made_up();
        hash_hex(last->leaf[which - 1], now);
        char *at = strstr(run->leaves, before);
        ASSERT(at != NULL);
        memcpy(at, now, strlen(now));
        run->finding.trace_root = leaves_root(&l);
    }
    leaves_free(&l);
    return ok;
}

/* The evidence must begin with what the claim says, or nobody would read on. */
static void rewrite_evidence(struct claim *c, const char *before, const char *now)
{
    ASSERT(text_starts(c->evidence, before));
    char *text = memory_format("%s%s", now, c->evidence + strlen(before));
    free(c->evidence);
    c->evidence = text;
}

static char *lines_of(const struct claim *c, const struct state_task *task)
{
    struct tx_propose *p = NEW(struct tx_propose);
    claim_content(c, (struct hash){{0}}, p);
    char *text = claim_lines(task, p);
    free(p);
    return text;
}

/* As chain_propose.c names what it made for an architecture. */
static struct hash made_as(struct hash task, struct hash arch)
{
    uint8_t both[2 * HASH_BYTES];
    memcpy(both, task.byte, HASH_BYTES);
    memcpy(both + HASH_BYTES, arch.byte, HASH_BYTES);
    return hash_of(both, sizeof both);
}

static bool alter_claim(struct workspace *w, const struct state_task *task, struct hash arch, uint32_t more, uint64_t leaf,
                        struct error *err)
{
    struct claim c;
    struct hash name = made_as(task->id, arch);
    if (!claim_kept(w, name, &c))
        return error_set(err, ERROR_USAGE, "there is no claim to alter yet: chain propose ARCH --train makes one");
    char *before = lines_of(&c, task);
    struct tx_counts *counts = &c.run.finding.counts;
    uint32_t room = counts->total[0] - counts->correct[0];
    counts->correct[0] += more < room ? more : room;
    bool ok = leaf == 0 || change_leaf(&c.run, leaf, err);
    if (ok) {
        char *now = lines_of(&c, task);
        rewrite_evidence(&c, before, now);
        free(now);
        ok = claim_keep(w, name, &c, err);
    }
    free(before);
    claim_free(&c);
    return ok;
}

/* chain propose would train it once more first. */
static bool announce(struct workspace *w, const char *arch, uint64_t stake, const char *name, struct error *err)
{
    struct action_signer signer = {.key = name, .passphrase = PASSPHRASE};
    json_t *result = action_chain_propose(w, &signer, arch, NULL, stake, 1, NULL, err);
    bool ok = result != NULL;
    json_decref(result);
    return ok;
}

static bool lie_claim(struct workspace *w, char **word, struct error *err)
{
    int64_t more, leaf, stake;
    struct arch_row arch;
    struct state_task task;
    if (!text_parse_int(word[1], 0, UINT32_MAX, &more) || !text_parse_int(word[2], 0, UINT32_MAX, &leaf) ||
        !text_parse_int(word[3], 1, UINT32_MAX, &stake))
        return error_set(err, ERROR_USAGE, "MORE, LEAF and STAKE are whole numbers");
    struct ledger *l = demo_chain(w, err);
    bool ok = l && chain_find_task(w, ledger_pool_state(l), NULL, &task, err) && arches_find(w, word[0], &arch, err);
    if (ok) {
        free(arch.text);
        ok = alter_claim(w, &task, arch.id, (uint32_t)more, (uint64_t)leaf, err);
    }
    ledger_close(l);
    return ok && announce(w, word[0], (uint64_t)stake, word[4], err);
}

/* --- re-runs that were none ------------------------------------------------------------------------------------------- */

static bool keep_run(struct workspace *w, const struct state *s, const struct state_proposal *p, const struct claim_run *run,
                     struct error *err)
{
    return claim_run_keep(w, state_task_find(s, p->announce.task), p, run, err);
}

static bool guess(struct workspace *w, const struct state *s, const struct state_proposal *p, char **word, struct error *err)
{
    struct claim_run run = {.leaves = memory_text("")};
    (void)word;
    run.finding = (struct tx_finding){.counts = p->body.counts, .trace_root = made_up(), .weights = made_up()};
    bool ok = keep_run(w, s, p, &run, err);
    claim_run_free(&run);
    return ok;
}

static bool collude(struct workspace *w, const struct state *s, const struct state_proposal *p, char **word, struct error *err)
{
    struct workspace *other = workspace_open(word[1], true, err);
    struct claim c;
    bool ok = other && (claim_kept(other, p->announce.commitment, &c) ||
                        error_set(err, ERROR_USAGE, "%s has not made this claim", word[1]));
    if (ok) {
        ok = keep_run(w, s, p, &c.run, err);
        claim_free(&c);
    }
    if (other)
        workspace_close(other);
    return ok;
}

struct copying {
    struct hash proposal, commitment;
};

static bool fill_copy(void *context, const struct chain_draft *d, struct tx *tx, struct error *err)
{
    const struct copying *c = context;
    (void)d;
    (void)err;
    tx->type = TX_COMMIT;
    tx->commit = (struct tx_commit){.proposal = c->proposal, .commitment = c->commitment};
    return true;
}

static bool copy(struct workspace *w, const struct state *s, const struct state_proposal *p, char **word, struct error *err)
{
    (void)s;
    if (p->attests == 0)
        return error_set(err, ERROR_USAGE, "nobody has committed yet: there is nothing to copy");
    struct copying c = {p->id, p->attest[0].commitment};
    struct action_signer signer = {.key = word[1], .passphrase = PASSPHRASE};
    struct chain_filling filling = {.fill = fill_copy, .context = &c};
    struct tx *tx = NEW(struct tx);
    json_t *result = chain_submit(w, &signer, tx, &filling, err);
    bool ok = result != NULL;
    json_decref(result);
    free(tx);
    return ok;
}

static bool about_proposal(struct workspace *w, char **word, struct error *err,
                           bool (*tell)(struct workspace *w, const struct state *s, const struct state_proposal *p, char **word,
                                        struct error *err))
{
    struct ledger *l = demo_chain(w, err);
    const struct state *s = l ? ledger_pool_state(l) : NULL;
    const struct state_proposal *p = s ? chain_find_proposal(s, word[0], err) : NULL;
    bool ok = p && tell(w, s, p, word, err);
    ledger_close(l);
    return ok;
}

static bool lie_guess(struct workspace *w, char **word, struct error *err)
{
    return about_proposal(w, word, err, guess);
}

static bool lie_collude(struct workspace *w, char **word, struct error *err)
{
    return about_proposal(w, word, err, collude);
}

static bool lie_copy(struct workspace *w, char **word, struct error *err)
{
    return about_proposal(w, word, err, copy);
}

/* --- two votes in one place ------------------------------------------------------------------------------------------- */

static bool vote_twice(const struct ledger *l, const struct key *key, const char *folder, struct error *err)
{
    struct message_pool pool = {.n = 0};
    bool ok = message_pool_start(&pool, folder, ledger_id(l), ledger_height(l) + 1, state_rotation(ledger_state(l)), err);
    for (int i = 0; ok && i < 2; i++) {
        struct vote v = {.chain = ledger_id(l), .step = VOTE_PREVOTE, .height = ledger_height(l) + 1, .block = made_up()};
        vote_sign(&v, key);
        ok = message_pool_put_vote(&pool, &v, err);
    }
    message_pool_free(&pool);
    return ok;
}

static bool lie_votes(struct workspace *w, char **word, struct error *err)
{
    char keys[FILE_PATH_MAX];
    struct ledger *l = demo_chain(w, err);
    struct key *key = l && action_key_folder(keys, sizeof keys, err) ? key_open(keys, word[0], PASSPHRASE, err) : NULL;
    bool ok = key && vote_twice(l, key, word[1], err);
    key_free(key);
    ledger_close(l);
    return ok;
}

/* --- keys ------------------------------------------------------------------------------------------------------------- */

static bool lie_key(struct workspace *w, char **word, struct error *err)
{
    char folder[FILE_PATH_MAX];
    (void)w;
    if (!action_key_folder(folder, sizeof folder, err))
        return false;
    struct key *k = key_new(folder, word[0], PASSPHRASE, KEY_TEST_STRENGTH, err); /* the folder must be there */
    key_free(k);
    return k != NULL;
}

/* --- the whole -------------------------------------------------------------------------------------------------------- */

static const struct lie {
    const char *name;
    int words; /* behind the workspace */
    bool workspace;
    bool (*tell)(struct workspace *w, char **word, struct error *err);
} lies[] = {
    {"claim", 5, true, lie_claim},
    {"guess", 1, true, lie_guess},
    {"collude", 2, true, lie_collude},
    {"copy", 2, true, lie_copy},
    {"votes", 2, true, lie_votes},
    {"key", 1, false, lie_key},
};

static bool tell(const struct lie *lie, char **word, struct error *err)
{
    if (!lie->workspace)
        return lie->tell(NULL, word, err);
    struct workspace *w = workspace_open(word[0], false, err);
    bool ok = w && lie->tell(w, word + 1, err);
    if (w)
        workspace_close(w);
    return ok;
}

int main(int n, char **word)
{
    struct error err = {0};
    for (size_t i = 0; n > 1 && i < ARRAY_N(lies); i++) {
        if (!text_equal(word[1], lies[i].name) || n != 2 + lies[i].workspace + lies[i].words)
            continue;
        if (sodium_init() >= 0 && tell(&lies[i], word + 2, &err))
            return 0;
        fprintf(stderr, "liar: %s\n", err.text);
        return 1;
    }
    fputs("usage: liar claim WORKSPACE ARCH MORE LEAF STAKE NAME | guess WORKSPACE PROPOSAL | collude WORKSPACE PROPOSAL OTHER |\n"
          "       copy WORKSPACE PROPOSAL NAME | votes WORKSPACE NAME FOLDER | key NAME\n", stderr);
    return 2;
}
