/* How fast a chain is verified, against what libsodium itself can do. Declared in bench.h. */
#include "action/bench_chain.h"
#include "action/bench_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/chain_index.h"
#include "store/workspace.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MOST 5
#define ENOUGH 200000 /* transactions, over all rounds */

struct rates {
    double one[ROUNDS_MOST], one_busy[ROUNDS_MOST]; /* signatures a second: of wall time, of processor time */
    double sodium[ROUNDS_MOST], sodium_busy[ROUNDS_MOST];
    double ratio[ROUNDS_MOST], busy_ratio[ROUNDS_MOST];
    double many[ROUNDS_MOST], speedup[ROUNDS_MOST], seconds[ROUNDS_MOST];
    int rounds;
};

static bool measure_round(struct rates *r, const struct bench_chain *c, int threads, struct error *err)
{
    struct bench_pass one = {.chain = c, .turns = true}, many = {.chain = c};
    int k = r->rounds;
    if (!bench_pass_verify(&one, 1, err) || (threads > 1 && !bench_pass_verify(&many, threads, err)))
        return false;
    if (one.sodium_signatures == 0)
        bench_pass_sodium(&one, 0.05);
    double n = (double)one.signatures, sodium = (double)one.sodium_signatures;
    r->one[k] = n / one.seconds;
    r->one_busy[k] = n / one.busy;
    r->sodium[k] = sodium / one.sodium_seconds;
    r->sodium_busy[k] = sodium / one.sodium_busy;
    r->ratio[k] = r->one[k] / r->sodium[k];
    r->busy_ratio[k] = r->one_busy[k] / r->sodium_busy[k];
    r->seconds[k] = threads > 1 ? many.seconds : one.seconds;
    r->many[k] = n / r->seconds[k];
    r->speedup[k] = r->many[k] / r->one[k];
    r->rounds++;
    return true;
}

static bool measure(struct rates *r, const struct bench_chain *c, int threads, struct error *err)
{
    int64_t wanted = 1 + ENOUGH / c->transactions;
    while (r->rounds < ROUNDS_MOST && r->rounds < wanted) {
        if (control_cancelled(c->control))
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        if (!measure_round(r, c, threads, err))
            return false;
    }
    return true;
}

static json_t *kinds_json(const struct bench_chain *c)
{
    json_t *kinds = json_object();
    for (int i = 0; tx_table[i]; i++)
        if (c->kind[tx_table[i]->type] > 0)
            json_object_set_new(kinds, tx_table[i]->name, json_integer(c->kind[tx_table[i]->type]));
    return kinds;
}

/* How long things took that happen once: building it, opening it as the workbench does, for the first time and again. */
struct once {
    double build, open_first, open;
};

static json_t *result_json(struct rates *r, const struct bench_chain *c, int threads, const struct once *once)
{
    int n = r->rounds;
    double seconds = bench_median(r->seconds, n);
    json_t *out = json_pack(
        "{s:I, s:i, s:I, s:I, s:o, s:i, s:i, s:o, s:o}", "transactions", (json_int_t)c->transactions, "accounts",
        c->accounts, "blocks", (json_int_t)c->blocks, "bytes", (json_int_t)c->bytes, "kinds", kinds_json(c), "threads",
        threads, "rounds", n, "seconds", json_of_number(seconds), "transactions_per_second",
        json_of_number((double)c->transactions / seconds));
    json_object_set_new(out, "validators", json_integer(c->validators));
    json_object_set_new(out, "signatures_per_second", json_of_number(bench_median(r->many, n)));
    json_object_set_new(out, "one_thread_per_second", bench_spread(r->one, n));
    json_object_set_new(out, "libsodium_per_second", bench_spread(r->sodium, n));
    json_object_set_new(out, "of_libsodium", bench_spread(r->ratio, n));
    json_object_set_new(out, "processor_of_libsodium", bench_spread(r->busy_ratio, n));
    json_object_set_new(out, "threads_over_one", threads > 1 ? bench_spread(r->speedup, n) : json_null());
    json_object_set_new(out, "seconds_to_build", json_of_number(once->build));
    json_object_set_new(out, "seconds_to_open_first", json_of_number(once->open_first));
    json_object_set_new(out, "seconds_to_open", json_of_number(once->open));
    json_object_set_new(out, "peak_rss_mb", json_of_number(bench_peak_mb()));
    return out;
}

static bool open_once(const struct bench_chain *c, double *seconds, struct error *err)
{
    double from = clock_seconds();
    struct ledger *l = chain_index_open(c->folder, false, true, err);
    *seconds = clock_seconds() - from;
    ledger_close(l);
    return l != NULL;
}

static json_t *bench(struct bench_chain *c, int threads, struct error *err)
{
    struct rates r = {.rounds = 0};
    struct once once;
    double from = clock_seconds();
    if (!bench_chain_make(c, err))
        return NULL;
    once.build = clock_seconds() - from;
    if (!measure(&r, c, threads, err) || !open_once(c, &once.open_first, err) || !open_once(c, &once.open, err))
        return NULL;
    return result_json(&r, c, threads, &once);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* A folder that goes again. */
static json_t *bench_aside(struct bench_chain *c, int threads, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    char folder[FILE_PATH_MAX], chain[FILE_PATH_MAX];
    file_join(folder, sizeof folder, tmp && *tmp && strlen(tmp) < sizeof folder - 64 ? tmp : "/tmp",
              "morphsmith-bench-XXXXXX");
    if (!mkdtemp(folder)) {
        error_set_errno(err, ERROR_IO, "cannot make the folder %s", folder);
        return NULL;
    }
    file_join(chain, sizeof chain, folder, "chain");
    c->folder = chain;
    json_t *out = bench(c, threads, err);
    if (nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && out) {
        json_decref(out);
        out = NULL;
        error_set_errno(err, ERROR_IO, "cannot remove %s", folder);
    }
    return out;
}

json_t *action_bench_chain(const struct action_bench_chain_options *o, const struct control *control,
                           struct error *err)
{
    char chain[FILE_PATH_MAX];
    if (o->transactions < o->accounts) {
        error_set(err, ERROR_USAGE, "--transactions: %d accounts need as many at least", o->accounts);
        return NULL;
    }
    struct bench_chain *c = NEW(struct bench_chain);
    c->transactions = o->transactions;
    c->accounts = o->accounts;
    c->validators = o->validators;
    c->control = control;
    json_t *out = NULL;
    if (!o->keep) {
        out = bench_aside(c, o->threads, err);
    } else if (workspace_create(o->keep, err)) {
        file_join(chain, sizeof chain, o->keep, "chain");
        c->folder = chain;
        out = bench(c, o->threads, err);
    }
    bench_chain_free(c);
    free(c);
    return out;
}
