#include "tests/unit/chain_fixture.h"

#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

void fixture_genesis_changed(struct fixture *f)
{
    f->chain_id = genesis_id(&f->genesis);
}

void fixture_start(struct fixture *f)
{
    static const char *const name[WHO_N] = {"alice", "bob", "carol", "val"};
    const char *tmp = getenv("TMPDIR");
    memset(f, 0, sizeof *f);
    hash_start();
    snprintf(f->folder, sizeof f->folder, "%s/msc-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    ASSERT(mkdtemp(f->folder));
    file_join(f->chain, sizeof f->chain, f->folder, "chain");
    for (int i = 0; i < WHO_N; i++) {
        uint8_t seed[KEY_SEED_BYTES] = {(uint8_t)(i + 1)};
        f->key[i] = key_from_seed(name[i], seed);
        f->who[i] = key_address(key_public_of(f->key[i]));
    }
    struct genesis *g = &f->genesis;
    text_copy(g->name, sizeof g->name, "test");
    g->time_us = START_US;
    g->supply = SUPPLY;
    g->min_fee = 10;
    g->unbonding_blocks = 2;
    g->expiry_blocks = 6;
    g->commit_blocks = 2;
    g->reveal_blocks = 2;
    g->epoch_blocks = 1;
    g->missed_ppm = 100000;
    g->finder_ppm = 500000;
    g->holders = 3;
    g->holder[0].key = *key_public_of(f->key[ALICE]);
    g->holder[0].balance = 700000;
    g->holder[1].key = *key_public_of(f->key[BOB]);
    g->holder[1].balance = 300000;
    g->holder[2].key = *key_public_of(f->key[VAL]);
    g->holder[2].balance = 50000;
    g->validators = 1;
    g->validator[0].identity = g->validator[0].voting = *key_public_of(f->key[VAL]);
    g->validator[0].stake = 100000;
    fixture_genesis_changed(f);
}

void fixture_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char path[FILE_PATH_MAX];
        if (text_equal(d->d_name, ".") || text_equal(d->d_name, ".."))
            continue;
        file_join(path, sizeof path, folder, d->d_name);
        if (file_is_folder(path))
            fixture_remove(path);
        else
            unlink(path);
    }
    closedir(dir);
    rmdir(folder);
}

void fixture_end(struct fixture *f)
{
    for (int i = 0; i < WHO_N; i++)
        key_free(f->key[i]);
    fixture_remove(f->folder);
}

void fixture_copy_file(const char *from, const char *to)
{
    struct bytes b = {0};
    ASSERT(file_read(from, 1 << 26, &b, NULL));
    FILE *out = fopen(to, "wb");
    ASSERT(out && fwrite(b.data, 1, b.n, out) == b.n && fclose(out) == 0);
    bytes_free(&b);
}

struct tx fixture_tx(struct fixture *f, int who, enum tx_type type)
{
    struct tx tx;
    memset(&tx, 0, sizeof tx);
    tx.type = type;
    tx.chain = f->chain_id;
    tx.sender = *key_public_of(f->key[who]);
    tx.nonce = ++f->nonce[who];
    tx.fee = 10;
    return tx;
}

void fixture_sign(struct fixture *f, int who, struct tx *tx)
{
    tx_sign(tx, f->key[who]);
}

struct tx fixture_transfer(struct fixture *f, int from, int to, uint64_t amount)
{
    struct tx tx = fixture_tx(f, from, TX_TRANSFER);
    tx.transfer.to = f->who[to];
    tx.transfer.amount = amount;
    fixture_sign(f, from, &tx);
    return tx;
}

struct tx fixture_task(struct fixture *f, int who, uint64_t pool)
{
    struct tx tx = fixture_tx(f, who, TX_TASK);
    tx.task.dataset = hash_of_text("dataset");
    tx.task.text = hash_of_text("text");
    tx.task.recipe = hash_of_text("recipe");
    text_copy(tx.task.numeric, sizeof tx.task.numeric, "msn1");
    tx.task.folds = 2;
    tx.task.pool = pool;
    tx.task.min_improvement_ppm = 1000;
    tx.task.full_pay_ppm = 50000;
    tx.task.baseline_ppm = 500000;
    fixture_sign(f, who, &tx);
    return tx;
}

struct fixture_claim fixture_claim(unsigned arch, uint32_t correct)
{
    struct fixture_claim c;
    memset(&c, 0, sizeof c);
    c.content.arch = hash_of(&arch, sizeof arch);
    c.finding.counts.folds = 2;
    for (int i = 0; i < 2; i++) {
        c.finding.counts.correct[i] = correct;
        c.finding.counts.total[i] = 1000;
    }
    c.finding.trace_root = hash_of(&c.content.arch, 31);
    c.finding.weights = hash_of(&c.content.arch, 30);
    c.announce_salt = hash_of(&c.content.arch, 29);
    c.root_salt = hash_of(&c.content.arch, 28);
    c.leaves = hash_of(&c.content.arch, 27);
    c.content.counts = c.finding.counts;
    c.content.hidden_root = tx_hidden_root(c.root_salt, c.finding.trace_root, c.finding.weights);
    c.content.evidence = hash_of_text("evidence");
    c.content.salt = c.announce_salt;
    return c;
}

struct tx fixture_announce(struct fixture *f, int who, struct hash task, const struct fixture_claim *c)
{
    struct tx tx = fixture_tx(f, who, TX_ANNOUNCE);
    tx.announce.task = task;
    tx.announce.stake = 1000;
    tx.announce.commitment = tx_announce_commitment(c->announce_salt, key_public_of(f->key[who]), &c->content);
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_propose(struct fixture *f, int who, struct hash proposal, const struct fixture_claim *c)
{
    struct tx tx = fixture_tx(f, who, TX_PROPOSE);
    tx.propose = c->content;
    tx.propose.proposal = proposal;
    fixture_sign(f, who, &tx);
    return tx;
}

static struct hash attest_salt(const struct fixture *f, int who, struct hash proposal)
{
    return key_salt(f->key[who], "attest", proposal.byte, sizeof proposal.byte);
}

struct tx fixture_commit(struct fixture *f, int who, struct hash proposal, const struct tx_finding *found)
{
    struct tx tx = fixture_tx(f, who, TX_COMMIT);
    tx.commit.proposal = proposal;
    tx.commit.commitment =
        tx_attest_commitment(attest_salt(f, who, proposal), key_public_of(f->key[who]), proposal, found);
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_open(struct fixture *f, int who, struct hash proposal, const struct fixture_claim *c)
{
    struct tx tx = fixture_tx(f, who, TX_OPEN);
    tx.open.proposal = proposal;
    tx.open.salt = c->root_salt;
    tx.open.trace_root = c->finding.trace_root;
    tx.open.weights = c->finding.weights;
    tx.open.leaves = c->leaves;
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_reveal(struct fixture *f, int who, struct hash proposal, const struct tx_finding *found)
{
    struct tx tx = fixture_tx(f, who, TX_REVEAL);
    tx.reveal.proposal = proposal;
    tx.reveal.salt = attest_salt(f, who, proposal);
    tx.reveal.finding = *found;
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_decide(struct fixture *f, int who, bool approve, struct hash proposal, const struct fixture_claim *c)
{
    struct tx tx = fixture_tx(f, who, approve ? TX_APPROVE : TX_REJECT);
    tx.decide.proposal = proposal;
    tx.decide.shown = tx_shown(c->content.evidence, c->finding.trace_root, c->finding.weights, c->leaves);
    text_copy(tx.decide.reason, sizeof tx.decide.reason, "re-ran it");
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_holdout(struct fixture *f, int who, struct hash task)
{
    struct tx tx = fixture_tx(f, who, TX_HOLDOUT);
    tx.holdout = (struct tx_holdout){.task = task, .correct = 60, .total = 100};
    tx.holdout.arch = hash_of_text("arch");
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_challenge(struct fixture *f, int who, struct hash proposal, uint32_t fold, uint64_t leaf,
                            uint64_t deposit)
{
    struct tx tx = fixture_tx(f, who, TX_CHALLENGE);
    tx.challenge = (struct tx_challenge){.proposal = proposal, .fold = fold, .leaf = leaf, .deposit = deposit};
    if (fold) {
        tx.challenge.found = hash_of_text("found");
        tx.challenge.state = hash_of_text("state");
    }
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_respond(struct fixture *f, int who, struct hash challenge, bool concede)
{
    struct tx tx = fixture_tx(f, who, TX_RESPOND);
    tx.respond = (struct tx_respond){.challenge = challenge, .concede = concede};
    if (!concede)
        tx.respond.object = hash_of_text("own state");
    fixture_sign(f, who, &tx);
    return tx;
}

struct tx fixture_verdict(struct fixture *f, int who, struct hash challenge, bool upheld)
{
    struct tx tx = fixture_tx(f, who, TX_VERDICT);
    tx.verdict = (struct tx_verdict){challenge, upheld, hash_of_text("re-executed")};
    fixture_sign(f, who, &tx);
    return tx;
}

static void random_fill(struct random *r, void *out, size_t n)
{
    uint8_t *p = out;
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)random_below(r, 256);
}

static struct hash random_hash(struct random *r)
{
    struct hash h;
    random_fill(r, h.byte, sizeof h.byte);
    return h;
}

static void random_task(struct random *r, struct tx_task *t)
{
    t->dataset = random_hash(r);
    t->text = random_hash(r);
    t->recipe = random_hash(r);
    for (uint32_t i = 0, n = random_below(r, sizeof t->numeric); i < n; i++)
        t->numeric[i] = (char)(0x21 + random_below(r, 0x5e));
    t->folds = (int)random_below(r, TX_FOLDS_MAX + 1);
    t->pool = random_u64(r);
    t->min_improvement_ppm = random_below(r, 1000001);
    t->full_pay_ppm = random_below(r, 1000001);
    t->baseline_ppm = random_below(r, 1000001);
    t->reviewers = (int)random_below(r, TX_REVIEWERS_MAX + 1);
    for (int i = 0; i < t->reviewers; i++)
        random_fill(r, t->reviewer[i].byte, sizeof t->reviewer[i].byte);
    t->approvals = (int)random_below(r, TX_REVIEWERS_MAX + 1);
}

static void random_counts(struct random *r, struct tx_counts *c)
{
    c->folds = (int)random_below(r, TX_FOLDS_MAX + 1);
    for (int i = 0; i < c->folds; i++) {
        c->correct[i] = random_u32(r);
        c->total[i] = random_u32(r);
    }
}

static void random_propose(struct random *r, struct tx_propose *p)
{
    struct hash *h[] = {&p->proposal, &p->salt, &p->parent, &p->morphisms, &p->arch, &p->hidden_root, &p->evidence};
    for (size_t i = 0; i < sizeof h / sizeof *h; i++)
        *h[i] = random_hash(r);
    random_counts(r, &p->counts);
}

static void random_reveal(struct random *r, struct tx_reveal *v)
{
    v->proposal = random_hash(r);
    v->salt = random_hash(r);
    random_counts(r, &v->finding.counts);
    v->finding.trace_root = random_hash(r);
    v->finding.weights = random_hash(r);
}

static void random_holdout(struct random *r, struct tx_holdout *h)
{
    h->task = random_hash(r);
    h->arch = random_hash(r);
    h->weights = random_hash(r);
    h->correct = random_u32(r);
    h->total = random_u32(r);
    h->evidence = random_hash(r);
}

static void random_decide(struct random *r, struct tx_decide *d)
{
    d->proposal = random_hash(r);
    d->shown = random_hash(r);
    d->rerun_root = random_hash(r);
    size_t at = 0, n = random_below(r, TX_REASON_MAX - 4);
    while (at < n) {
        char one[5];
        int k = text_encode(1 + random_below(r, random_below(r, 2) ? 0x7f : 0xd7ff), one);
        memcpy(d->reason + at, one, (size_t)k);
        at += (size_t)k;
    }
}

static void random_vote(struct random *r, struct vote *v)
{
    v->chain = random_hash(r);
    v->step = (enum vote_step)random_below(r, 3);
    v->height = 1 + random_u64(r) / 2;
    v->round = random_below(r, ROTATION_ROUND_MOST + 1);
    v->valid = v->step == VOTE_PROPOSAL ? random_below(r, v->round + 1) : 0;
    v->block = random_hash(r);
    random_fill(r, v->voting.byte, sizeof v->voting.byte);
    random_fill(r, v->signature.byte, sizeof v->signature.byte);
}

static void random_challenge(struct random *r, struct tx_challenge *c)
{
    c->proposal = random_hash(r);
    c->fold = random_u32(r);
    c->leaf = random_u64(r);
    c->found = random_hash(r);
    c->state = random_hash(r);
    c->deposit = random_u64(r);
}

static void random_list(struct random *r, struct tx_list *l)
{
    l->object = random_hash(r);
    l->content = random_hash(r);
    l->commitment = random_hash(r);
    l->price = random_u64(r);
    l->deliver_blocks = random_u32(r);
    l->deliver_seconds = random_u32(r);
    size_t at = 0, n = random_below(r, TX_TITLE_MAX - 4);
    while (at < n) {
        char one[5];
        int k = text_encode(random_below(r, 2) ? 0x20 + random_below(r, 0x5f) : 0xa0 + random_below(r, 0xd000), one);
        memcpy(l->title + at, one, (size_t)k);
        at += (size_t)k;
    }
}

static void random_outcome(struct random *r, struct tx_outcome *o)
{
    o->task = random_hash(r);
    o->first = 1 + random_below(r, 1u << 31);
    o->n = 1 + random_below(r, TX_BARS_MAX);
    for (uint32_t i = 0; i < o->n; i++)
        o->until_us[i] = (int64_t)(random_u64(r) % (uint64_t)STATE_TIME_MAX_US);
    o->object = random_hash(r);
    o->up = random_u64(r) & tx_bars_mask(o->n);
    o->none = random_u64(r) & tx_bars_mask(o->n) & ~o->up;
}

void fixture_random_tx(struct random *r, const struct tx_kind *kind, struct tx *out)
{
    memset(out, 0, sizeof *out);
    out->type = kind->type;
    out->chain = random_hash(r);
    random_fill(r, out->sender.byte, sizeof out->sender.byte);
    out->nonce = random_u64(r);
    out->fee = random_u64(r);
    random_fill(r, out->signature.byte, sizeof out->signature.byte);
    switch (kind->type) {
    case TX_TRANSFER:
        random_fill(r, out->transfer.to.byte, sizeof out->transfer.to.byte);
        out->transfer.amount = random_u64(r);
        break;
    case TX_STAKE:
    case TX_UNSTAKE:
        out->stake.amount = random_u64(r);
        break;
    case TX_TASK:
        random_task(r, &out->task);
        break;
    case TX_ANNOUNCE:
        out->announce.task = random_hash(r);
        out->announce.stake = random_u64(r);
        out->announce.commitment = random_hash(r);
        break;
    case TX_PROPOSE:
        random_propose(r, &out->propose);
        break;
    case TX_COMMIT:
        out->commit.proposal = random_hash(r);
        out->commit.commitment = random_hash(r);
        break;
    case TX_REVEAL:
        random_reveal(r, &out->reveal);
        break;
    case TX_OPEN:
        random_fill(r, &out->open, sizeof out->open); /* five hashes */
        break;
    case TX_HOLDOUT:
        random_holdout(r, &out->holdout);
        break;
    case TX_APPROVE:
    case TX_REJECT:
        random_decide(r, &out->decide);
        break;
    case TX_REGISTER:
        random_fill(r, &out->registration, sizeof out->registration);
        break;
    case TX_RETIRE:
        break;
    case TX_EVIDENCE:
        random_vote(r, &out->evidence.a);
        random_vote(r, &out->evidence.b);
        break;
    case TX_CHALLENGE:
        random_challenge(r, &out->challenge);
        break;
    case TX_RESPOND:
        out->respond = (struct tx_respond){random_hash(r), random_below(r, 2), random_hash(r)};
        break;
    case TX_VERDICT:
        out->verdict = (struct tx_verdict){random_hash(r), random_below(r, 2), random_hash(r)};
        break;
    case TX_LIST:
        random_list(r, &out->list);
        break;
    case TX_BUY:
    case TX_REFUND:
    case TX_TAKE:
        out->buy.listing = random_hash(r); /* each is one hash */
        break;
    case TX_DELIVER:
        out->deliver = (struct tx_deliver){random_hash(r), random_hash(r)};
        break;
    case TX_JOB:
        out->job = (struct tx_job){random_hash(r), random_hash(r), random_u64(r), random_u64(r), random_u32(r), random_u32(r)};
        break;
    case TX_RESULT:
        out->result.proposal = random_hash(r);
        random_counts(r, &out->result.counts);
        out->result.hidden_root = random_hash(r);
        out->result.evidence = random_hash(r);
        break;
    case TX_SEAL:
        out->seal = (struct tx_seal){random_hash(r), 1 + random_below(r, 1u << 31), 1 + random_below(r, TX_BARS_MAX),
                                     random_hash(r)};
        break;
    case TX_REVEAL_SEAL:
        out->reveal_seal = (struct tx_reveal_seal){random_hash(r), random_hash(r), random_u64(r)};
        break;
    case TX_OUTCOME:
        random_outcome(r, &out->outcome);
        break;
    default:
        ASSERT(kind->type == TX_OUTCOME + 1); /* no random body for this kind */
    }
}
