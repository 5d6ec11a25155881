#include "work/crew.h"

#include "base/memory.h"
#include "base/text.h"
#include "work/job.h"

#include <errno.h>
#include <poll.h>

#define WORKERS_MAX 64
#define SAID_AT_ONCE 32

struct worker {
    struct job *job; /* NULL: not started, or dead */
    int64_t trial;   /* 0: idle */
    bool more;       /* it said more than was listened to */
};

struct crew {
    struct workspace *w;
    int n;
    struct worker worker[WORKERS_MAX];
};

struct crew *crew_new(struct workspace *w, int workers, struct error *err)
{
    if (workers < 1 || workers > WORKERS_MAX) {
        error_set(err, ERROR_USAGE, "--workers must be 1 to %d", WORKERS_MAX);
        return NULL;
    }
    struct crew *c = NEW(struct crew);
    c->w = w;
    c->n = workers;
    return c;
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    for (int i = 0; i < c->n; i++) /* all first: they end side by side */
        if (c->worker[i].job)
            job_cancel(c->worker[i].job);
    for (int i = 0; i < c->n; i++)
        job_free(c->worker[i].job);
    free(c);
}

bool crew_idle(const struct crew *c)
{
    for (int i = 0; i < c->n; i++)
        if (!c->worker[i].trial)
            return true;
    return false;
}

bool crew_busy(const struct crew *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->worker[i].trial)
            return true;
    return false;
}

void crew_stop(struct crew *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->worker[i].trial && c->worker[i].job)
            job_cancel(c->worker[i].job);
}

static struct job *start_worker(const struct crew *c, struct error *err)
{
    const char *const arguments[] = {"-w", workspace_folder(c->w), "--job", "worker", NULL};
    return job_start(arguments, NULL, err);
}

bool crew_give(struct crew *c, int64_t trial, struct error *err)
{
    struct worker *free_one = NULL;
    for (int i = 0; i < c->n && !free_one; i++)
        if (!c->worker[i].trial)
            free_one = &c->worker[i];
    ASSERT(free_one);
    char line[32];
    snprintf(line, sizeof line, "%lld", (long long)trial);
    if (free_one->job && !job_write(free_one->job, line)) { /* it died while it was idle */
        job_free(free_one->job);
        free_one->job = NULL;
    }
    if (!free_one->job) {
        free_one->job = start_worker(c, err);
        if (!free_one->job)
            return false;
        job_write(free_one->job, line); /* if it cannot take it, it is dead, and its death is heard */
    }
    free_one->trial = trial;
    return true;
}

/* Hands on what a worker has said, but not for ever where it says more meanwhile; a worker that ended is let go. Whether
 * it ended is asked first, so that its last words are heard before its death. */
static bool listen(struct worker *k, crew_event *event, crew_death *death, void *context, struct error *err)
{
    bool ok = true, dead = job_state(k->job) != JOB_RUNNING;
    json_t *said;
    k->more = false;
    for (int i = 0; ok && !k->more && (said = job_read(k->job)); i++) {
        k->more = !dead && i + 1 == SAID_AT_ONCE;
        const char *kind = json_string_value(json_object_get(said, "event"));
        int64_t trial = k->trial;
        if (kind && (text_equal(kind, "result") || text_equal(kind, "error")))
            k->trial = 0;
        ok = event(context, trial, said, err);
        json_decref(said);
    }
    if (ok && dead) {
        int64_t trial = k->trial;
        char message[256];
        text_copy(message, sizeof message, job_message(k->job));
        job_free(k->job);
        *k = (struct worker){.job = NULL};
        if (trial)
            ok = death(context, trial, message, err);
    }
    return ok;
}

bool crew_wait(struct crew *c, int ms, crew_event *event, crew_death *death, void *context, struct error *err)
{
    struct pollfd wait[WORKERS_MAX];
    nfds_t n = 0;
    for (int i = 0; i < c->n; i++)
        ms = c->worker[i].more ? 0 : ms;
    for (int i = 0; i < c->n; i++)
        if (c->worker[i].job && job_descriptor(c->worker[i].job) >= 0)
            wait[n++] = (struct pollfd){.fd = job_descriptor(c->worker[i].job), .events = POLLIN};
    if (poll(wait, n, ms) < 0 && errno != EINTR)
        return error_set_errno(err, ERROR_IO, "cannot wait for the workers");
    for (int i = 0; i < c->n; i++)
        if (c->worker[i].job && !listen(&c->worker[i], event, death, context, err))
            return false;
    return true;
}
