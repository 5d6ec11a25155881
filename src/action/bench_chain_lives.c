/* The claims of a made-up chain: in each block some are announced, those of the block before are claimed, those before
 * them opened, and those before them decided on. One in sixteen claims what nobody finds, one in eight is rejected. */
#include "action/bench_chain.h"

#include "base/memory.h"

#define FOLDS 5
#define TASKS 64
#define TASK_EVERY 8 /* blocks */

static struct hash named(const char *what, int64_t number)
{
    char text[64];
    snprintf(text, sizeof text, "%s %lld", what, (long long)number);
    return hash_of_text(text);
}

static bool put_task(struct bench_lives *l, struct make *m, struct error *err)
{
    struct tx tx = {.type = TX_TASK};
    int64_t n = l->tasks;
    tx.task = (struct tx_task){.dataset = named("dataset", n),
                               .text = named("task", n),
                               .recipe = named("recipe", n),
                               .numeric = "bench",
                               .folds = FOLDS,
                               .pool = 1000000,
                               .min_improvement_ppm = 1000,
                               .full_pay_ppm = 100000,
                               .baseline_ppm = 510000,
                               .approvals = 1};
    if (l->validators > 1) { /* only a closed chain has a default */
        tx.task.reviewers = 1;
        tx.task.reviewer[0] = key_address(key_public_of(l->first));
    }
    return bench_chain_put(m, l->first, &tx, &l->task[l->tasks++], err);
}

static struct tx_finding finding_of(int64_t number, bool honest)
{
    struct tx_finding f = {.counts = {.folds = FOLDS},
                           .trace_root = named(honest ? "trace" : "another trace", number),
                           .weights = named("weights", number)};
    for (int i = 0; i < FOLDS; i++) {
        f.counts.total[i] = 2000;
        f.counts.correct[i] = 1000 + (uint32_t)((number * 7 + i) % 150);
    }
    return f;
}

static bool is_true(int64_t number)
{
    return number % 16 != 0;
}

static struct tx_propose content_of(int64_t number)
{
    struct tx_finding f = finding_of(number, true);
    struct tx_propose p = {.salt = named("announce salt", number),
                           .parent = named("arch", number / 2),
                           .morphisms = named("morphisms", number),
                           .arch = named("arch", number),
                           .counts = f.counts,
                           .evidence = named("evidence", number)};
    p.hidden_root = tx_hidden_root(named("root salt", number), f.trace_root, f.weights);
    return p;
}

static bool put_announcement(struct bench_lives *l, struct make *m, struct bench_life *life, struct error *err)
{
    struct key *key = bench_chain_key(life->account);
    struct tx tx = {.type = TX_ANNOUNCE};
    struct tx_propose p = content_of(life->number);
    tx.announce.task = l->task[life->number % l->tasks];
    tx.announce.stake = 10;
    tx.announce.commitment = tx_announce_commitment(p.salt, key_public_of(key), &p);
    bool good = bench_chain_put(m, key, &tx, &life->id, err);
    key_free(key);
    return good;
}

static bool put_commits(struct bench_lives *l, struct make *m, const struct bench_life *life, struct error *err)
{
    struct tx tx = {.type = TX_COMMIT};
    struct tx_finding f = finding_of(life->number, is_true(life->number));
    bool good = true;
    tx.commit.proposal = life->id;
    for (int i = 0; good && i < l->validators; i++) {
        tx.commit.commitment =
            tx_attest_commitment(named("attest salt", life->number), key_public_of(l->validator[i]), life->id, &f);
        good = bench_chain_put(m, l->validator[i], &tx, NULL, err);
    }
    return good;
}

static bool put_claim(struct bench_lives *l, struct make *m, const struct bench_life *life, struct error *err)
{
    struct key *key = bench_chain_key(life->account);
    struct tx claim = {.type = TX_PROPOSE};
    claim.propose = content_of(life->number);
    claim.propose.proposal = life->id;
    bool good = bench_chain_put(m, key, &claim, NULL, err) && put_commits(l, m, life, err);
    key_free(key);
    return good;
}

static bool put_opening(struct bench_lives *l, struct make *m, const struct bench_life *life, struct error *err)
{
    struct key *key = bench_chain_key(life->account);
    struct tx open = {.type = TX_OPEN}, reveal = {.type = TX_REVEAL};
    open.open = (struct tx_open){.proposal = life->id,
                                 .salt = named("root salt", life->number),
                                 .trace_root = named("trace", life->number),
                                 .weights = named("weights", life->number),
                                 .leaves = named("leaves", life->number)};
    reveal.reveal = (struct tx_reveal){.proposal = life->id,
                                       .salt = named("attest salt", life->number),
                                       .finding = finding_of(life->number, is_true(life->number))};
    bool good = bench_chain_put(m, key, &open, NULL, err);
    for (int i = 0; good && i < l->validators; i++)
        good = bench_chain_put(m, l->validator[i], &reveal, NULL, err);
    key_free(key);
    return good;
}

static bool put_decision(struct bench_lives *l, struct make *m, const struct bench_life *life, struct error *err)
{
    struct tx tx = {.type = life->number % 8 == 1 ? TX_REJECT : TX_APPROVE};
    if (!is_true(life->number))
        return true; /* it was refuted */
    tx.decide.proposal = life->id;
    tx.decide.shown = tx_shown(named("evidence", life->number), named("trace", life->number),
                               named("weights", life->number), named("leaves", life->number));
    tx.decide.rerun_root = named("trace", life->number);
    text_copy(tx.decide.reason, sizeof tx.decide.reason, "trained again here, the bits agree");
    return bench_chain_put(m, l->first, &tx, NULL, err);
}

static bool put_holdout(struct bench_lives *l, struct make *m, const struct bench_life *life, struct error *err)
{
    struct hash task = l->task[life->number % l->tasks];
    struct key *key = bench_chain_key(life->account);
    struct tx tx = {.type = TX_HOLDOUT};
    tx.holdout = (struct tx_holdout){.task = task,
                                     .arch = named("arch", life->number),
                                     .weights = named("weights", life->number),
                                     .correct = 510,
                                     .total = 1000,
                                     .evidence = named("hold-out", life->number)};
    bool good = bench_chain_opened(m, task, key) || bench_chain_put(m, key, &tx, NULL, err);
    key_free(key);
    return good;
}

bool bench_lives_block(struct bench_lives *l, struct make *m, int accounts, struct error *err)
{
    int64_t block = l->blocks++;
    bool good = block % TASK_EVERY != 0 || l->tasks == TASKS || put_task(l, m, err);
    for (int i = 0; i < BENCH_LIVES && good; i++) {
        struct bench_life *now = &l->life[block % 4][i];
        if (block >= 3) /* the ring's oldest, which makes room */
            good = put_decision(l, m, now, err) && (i > 0 || put_holdout(l, m, now, err));
        if (block >= 2)
            good = good && put_opening(l, m, &l->life[(block - 2) % 4][i], err);
        if (block >= 1)
            good = good && put_claim(l, m, &l->life[(block - 1) % 4][i], err);
        *now = (struct bench_life){.number = l->number, .account = (int)(l->number % (accounts - 1)) + 1};
        l->number++;
        good = good && put_announcement(l, m, now, err);
    }
    return good;
}
