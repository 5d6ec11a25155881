#include "action/chain_duty.h"

#include "action/chain_internal.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/evidence.h"
#include "work/job.h"
#include "work/json.h"

#define AGAIN_SECONDS 60.0 /* until one that failed is tried again */
#define FAILED_MOST 64

/* Whether there is something of this kind to do; operand: what the command is given ("": nothing). */
struct chain_duty {
    const char *command[3];
    bool (*next)(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand, size_t size);
};

static const struct state_attest *attest_of(const struct state_proposal *p, struct address who)
{
    for (int i = 0; i < p->attests; i++)
        if (address_equal(p->attest[i].who, who))
            return &p->attest[i];
    return NULL;
}

typedef bool wanted_proposal(const struct state *s, const struct state_proposal *p, struct address who);

/* The proposal behind `skip` others that this is to be done for. */
static bool find(const struct ledger *l, struct address who, wanted_proposal *is, int skip, char *operand, size_t size)
{
    const struct state *s = ledger_pool_state(l);
    const struct state_proposal *p;
    int n = state_proposals(s, &p);
    for (int i = 0; i < n; i++) {
        char hex[HASH_HEX];
        if (proposal_closed(p[i].state) || !is(s, &p[i], who) || skip-- > 0)
            continue;
        hash_hex(p[i].id, hex);
        return text_copy(operand, size, hex);
    }
    return false;
}

static bool is_to_open(const struct state *s, const struct state_proposal *p, struct address who)
{
    (void)s;
    return p->state == PROPOSAL_REVEALING && p->opened.height == 0 && address_equal(p->proposer, who);
}

static bool is_to_attest(const struct state *s, const struct state_proposal *p, struct address who)
{
    const struct state_attest *mine = attest_of(p, who);
    if (p->state == PROPOSAL_CLAIMED)
        return !mine && state_may_commit(s, p, who);
    return p->state == PROPOSAL_REVEALING && p->opened.height > 0 && !p->verified && mine && mine->revealed == 0;
}

static bool next_open(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                      size_t size)
{
    (void)w;
    return find(l, who, is_to_open, skip, operand, size);
}

static bool next_attest(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                        size_t size)
{
    (void)w;
    return find(l, who, is_to_attest, skip, operand, size);
}

static bool next_evidence(struct workspace *w, const struct ledger *l, struct address who, int skip, char *operand,
                          size_t size)
{
    struct evidence_proof *e;
    char chain[FILE_PATH_MAX];
    chain_folder(w, chain, sizeof chain);
    int n = evidence_list(chain, &e, NULL);
    (void)l, (void)who, (void)operand, (void)size;
    free(e);
    return skip == 0 && n > 0;
}

/* In order of their haste; a challenge stands before the reveal, because nobody judges while it is open. */
static const struct chain_duty duties[] = {
    {{"chain", "open", NULL}, next_open},
    {{"chain", "challenge", NULL}, chain_owes_challenge},
    {{"chain", "respond", NULL}, chain_owes_response},
    {{"chain", "verdict", NULL}, chain_owes_verdict},
    {{"chain", "attest", NULL}, next_attest},
    {{"chain", "evidence", "--send"}, next_evidence},
};

/* --- jobs ------------------------------------------------------------------------------------------------------------- */

struct tried {
    const char *command;
    char operand[HASH_HEX];
    uint64_t height;
    double when;
};
struct chain_duties {
    struct workspace *workspace;
    char name[KEY_NAME_MAX];
    struct address who;
    const char *passphrase;
    const struct control *control;
    struct job *job;
    struct tried running, tried[FAILED_MOST];
    int tried_n;
};

struct chain_duties *chain_duties_new(struct workspace *w, const char *name, struct address who, const char *passphrase,
                                      const struct control *control)
{
    struct chain_duties *d = NEW(struct chain_duties);
    d->workspace = w;
    d->who = who;
    d->passphrase = passphrase;
    d->control = control;
    text_copy(d->name, sizeof d->name, name);
    return d;
}

void chain_duties_free(struct chain_duties *d)
{
    if (!d)
        return;
    job_free(d->job);
    free(d);
}

static void tell(const struct chain_duties *d, const char *kind, const char *text)
{
    char id[13] = "";
    text_copy(id, sizeof id, d->running.operand);
    char *line = memory_format("chain %s %s: %s", d->running.command, id, text);
    control_event(d->control, json_pack("{s:s, s:s, s:s, s:o}", "event", kind, "command", d->running.command, "operand",
                                        d->running.operand, "text", json_of_text(line)));
    free(line);
}

static bool was_tried(const struct chain_duties *d, const char *command, const char *operand, uint64_t height)
{
    for (int i = 0; i < d->tried_n; i++)
        if (text_equal(d->tried[i].command, command) && text_equal(d->tried[i].operand, operand) &&
            d->tried[i].height == height && clock_boot_seconds() - d->tried[i].when < AGAIN_SECONDS)
            return true;
    return false;
}

static void start(struct chain_duties *d, const struct chain_duty *duty, const char *operand, uint64_t height)
{
    const char *argument[16];
    int n = 0;
    struct error why;
    error_clear(&why);
    argument[n++] = "-w";
    argument[n++] = workspace_folder(d->workspace);
    argument[n++] = "--job";
    for (int i = 0; i < 3 && duty->command[i]; i++)
        argument[n++] = duty->command[i];
    if (operand[0])
        argument[n++] = operand;
    argument[n++] = "--key";
    argument[n++] = d->name;
    argument[n++] = "--passphrase-fd";
    argument[n++] = "3";
    argument[n] = NULL;
    d->running = (struct tried){.command = duty->command[1], .height = height, .when = clock_boot_seconds()};
    text_copy(d->running.operand, sizeof d->running.operand, operand);
    d->job = job_start(argument, d->passphrase, &why);
    tell(d, d->job ? "duty" : "problem", d->job ? "started" : why.text);
}

/* What was done, or failed, is not tried again at once. */
static void settle(struct chain_duties *d)
{
    bool done = job_state(d->job) == JOB_DONE;
    tell(d, done ? "duty" : "problem", done ? "done" : job_message(d->job));
    job_free(d->job);
    d->job = NULL;
    if (d->tried_n == FAILED_MOST)
        memmove(d->tried, d->tried + 1, (size_t)--d->tried_n * sizeof *d->tried);
    d->tried[d->tried_n++] = d->running;
}

static bool start_next(struct chain_duties *d, const struct ledger *l)
{
    char operand[HASH_HEX];
    uint64_t height = ledger_height(l);
    for (size_t i = 0; i < ARRAY_N(duties); i++)
        for (int skip = 0; operand[0] = 0, duties[i].next(d->workspace, l, d->who, skip, operand, sizeof operand); skip++)
            if (!was_tried(d, duties[i].command[1], operand, height)) {
                start(d, &duties[i], operand, height);
                return d->job != NULL;
            }
    return false;
}

bool chain_duties_step(struct chain_duties *d, const struct ledger *l)
{
    json_t *event;
    while (d->job && (event = job_read(d->job)) != NULL)
        json_decref(event);
    if (d->job && job_state(d->job) == JOB_RUNNING)
        return true;
    if (d->job) {
        settle(d);
        return true; /* what it did is seen in the next step */
    }
    return start_next(d, l);
}
