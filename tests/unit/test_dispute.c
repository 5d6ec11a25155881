/* Disputes on real trainings: every way in which a claim can be wrong is found at its place, borne out when the place is done
 * again, and nothing else is. */
#include "tests/unit/search_fixture.h"

#include "action/claim_dispute.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/arch.h"

#define FOLDS 2

struct scene {
    struct workspace *w;
    char chain[FILE_PATH_MAX];
    struct claim_rerun how;
    struct state_task task;
    struct state_proposal p; /* opened, as it was trained */
    struct claim_run run;
    struct leaves leaves;
};

static struct recipe recipe_of(int patience, uint32_t stop_ppm)
{
    struct recipe r;
    recipe_defaults(&r);
    r.epochs = patience ? 150 : 60;
    r.batch = 128;
    r.patience = patience;
    r.stop_ppm = stop_ppm;
    r.learning_rate = 0.01F;
    return r;
}

static void put_arch(struct scene *s, int channels)
{
    struct error err = {0};
    char *text = memory_format("morphsmith-arch 1\nx input time=8 channels=%d\nr lstm in=x units=4\nl last in=r\n"
                               "d dropout in=l rate=0.1\ny dense in=d units=1\n",
                               channels);
    struct arch *a = arch_parse(text, strlen(text), "test.arch", &err);
    free(text);
    if (!a)
        fail_msg("%s", err.text);
    text = arch_canonical_text(a);
    assert_true(claim_put_text(s->chain, text, &s->p.body.arch, &err));
    assert_true(hash_equal(s->p.body.arch, arch_id(a)));
    free(text);
    arch_free(a);
}

/* The claim says what this run came to. */
static void claim_it(struct state_proposal *p, const char *chain, const struct tx_finding *f, const char *leaves)
{
    struct error err = {0};
    p->state = PROPOSAL_REVEALING;
    p->opened.height = 1;
    p->body.counts = f->counts;
    p->open.trace_root = f->trace_root;
    p->open.weights = f->weights;
    assert_true(claim_put_text(chain, leaves, &p->open.leaves, &err));
}

static struct scene *scene_new(void **state, int patience, uint32_t stop_ppm)
{
    struct error err = {0};
    struct scene *s = NEW(struct scene);
    char folder[FILE_PATH_MAX];
    struct recipe recipe = recipe_of(patience, stop_ppm);
    file_join(folder, sizeof folder, *state, "w");
    s->w = search_workspace(folder);
    file_join(s->chain, sizeof s->chain, *state, "chain");
    s->how.chain = s->chain;
    assert_true(file_make_folder(s->chain, 0755, &err));
    if (!claim_publish_task(s->w, s->chain, &s->task.body, &recipe, &err))
        fail_msg("%s", err.text);
    struct dataset *d = claim_dataset(s->chain, &s->task.body, &err);
    assert_non_null(d);
    put_arch(s, (int)d->channels);
    dataset_free(d);
    if (!claim_rerun(&s->how, &s->task, &s->p, &s->run, &err))
        fail_msg("%s", err.text);
    claim_it(&s->p, s->chain, &s->run.finding, s->run.leaves);
    assert_true(leaves_parse(&s->leaves, s->run.leaves, strlen(s->run.leaves), &err));
    assert_int_equal(s->leaves.folds, FOLDS);
    assert_true(s->leaves.fold[1].n >= 4); /* or the cases say little */
    return s;
}

static void scene_free(struct scene *s)
{
    leaves_free(&s->leaves);
    claim_run_free(&s->run);
    workspace_close(s->w);
    free(s);
}

/* --- lies ----------------------------------------------------------------------------------------------------------- */

static char *format(const struct leaves *l)
{
    struct text t = {0};
    text_put(&t, "morphsmith-leaves 1\n");
    for (int k = 0; k < l->folds; k++) {
        text_printf(&t, "fold %d interval %lld leaves %llu\n", k + 1, (long long)l->fold[k].interval,
                    (unsigned long long)l->fold[k].n);
        for (uint64_t i = 0; i < l->fold[k].n; i++) {
            char hex[HASH_HEX];
            hash_hex(l->fold[k].leaf[i], hex);
            text_printf(&t, "%s\n", hex);
        }
    }
    return t.data;
}

/* Another list of leaves, with the root that it has. */
static struct state_proposal lie(const struct scene *s, const struct leaves *l)
{
    struct state_proposal p = s->p;
    struct tx_finding f = s->run.finding;
    char *text = format(l);
    f.trace_root = leaves_root(l);
    claim_it(&p, s->chain, &f, text);
    free(text);
    return p;
}

static struct state_challenge challenge_at(const struct claim_place *place, struct hash object)
{
    struct state_challenge c = {.id = hash_of_text("challenge")};
    c.body = (struct tx_challenge){.fold = place->fold, .leaf = place->leaf, .found = place->found, .state = object};
    return c;
}

static struct claim_ruling rule(const struct scene *s, const struct state_proposal *p, const struct state_challenge *c,
                                const struct claim_run *own)
{
    struct error err = {0};
    struct claim_ruling r;
    struct claim_run made;
    if (!claim_dispute_rule(&s->how, &s->task, p, c, own, &made, &r, &err))
        fail_msg("%s", err.text);
    claim_run_free(&made);
    return r;
}

/* The challenger finds the place, judges with and without a run of their own bear it out, and the same challenge to the true
 * claim is dismissed. Returns the challenge. */
static struct state_challenge check_lie(const struct scene *s, const struct state_proposal *p, uint32_t fold,
                                        uint64_t leaf, bool stateful)
{
    struct error err = {0};
    struct claim_place place;
    char why[512];
    struct hash object;
    assert_true(claim_dispute_find(s->chain, p, &s->run, &place, why, sizeof why));
    assert_int_equal(place.fold, fold);
    assert_int_equal(place.leaf, leaf);
    if (!claim_dispute_state(&s->how, &s->task, p, &place, &object, &err))
        fail_msg("%s", err.text);
    assert_int_equal(!hash_is_zero(object), stateful);
    struct state_challenge c = challenge_at(&place, object);
    struct claim_ruling alone = rule(s, p, &c, NULL), with = rule(s, p, &c, &s->run);
    if (!alone.upheld || !with.upheld)
        fail_msg("fold %u, leaf %d: %s; %s", fold, (int)leaf, alone.why, with.why);
    assert_true(hash_equal(alone.found, with.found));
    if (leaf > 0 && leaf <= s->leaves.fold[fold - 1].n && !hash_is_zero(alone.found))
        assert_true(hash_equal(alone.found, s->leaves.fold[fold - 1].leaf[leaf - 1]));
    struct claim_ruling honest = rule(s, &s->p, &c, NULL), kept = rule(s, &s->p, &c, &s->run);
    if (honest.upheld || kept.upheld)
        fail_msg("a true claim, fold %u, leaf %d: %s; %s", fold, (int)leaf, honest.why, kept.why);
    assert_true(hash_equal(honest.found, kept.found));
    return c;
}

static void leaf_cases(struct scene *s, bool early)
{
    struct leaves l = s->leaves;
    uint64_t n = l.fold[1].n;
    struct hash *leaf = l.fold[1].leaf;
    struct state_proposal p;
    for (uint64_t i = 0; i < n; i++) {
        leaf[i].byte[7] ^= 1;
        p = lie(s, &l);
        leaf[i].byte[7] ^= 1;
        check_lie(s, &p, 2, i + 1, i > 0 && (i + 1 < n || !early));
    }
    for (uint64_t i = 2; i < n; i++) /* everything is another from a leaf on */
        leaf[i].byte[31] ^= 4;
    p = lie(s, &l);
    for (uint64_t i = 2; i < n; i++)
        leaf[i].byte[31] ^= 4;
    check_lie(s, &p, 2, 3, n > 3 || !early);
}

static void a_false_leaf_is_found_and_borne_out(void **state)
{
    struct scene *s = scene_new(state, 0, 0);
    leaf_cases(s, false);
    scene_free(s);
}

static void a_false_leaf_with_early_stopping(void **state)
{
    struct scene *s = scene_new(state, 100, 200000);
    leaf_cases(s, true);
    scene_free(s);
}

/* A training that is said to end elsewhere: only from the beginning. */
static void a_false_end_is_found(void **state)
{
    struct scene *s = scene_new(state, 100, 200000);
    struct leaves l = s->leaves;
    struct hash longer[64];
    uint64_t n = l.fold[0].n;
    assert_true(n + 1 < ARRAY_N(longer));
    memcpy(longer, l.fold[0].leaf, n * sizeof *longer);
    l.fold[0].n--; /* the last one before is now what is handed back */
    struct state_proposal p = lie(s, &l);
    check_lie(s, &p, 1, n - 1, false);
    l.fold[0].leaf = longer;
    longer[n] = longer[n - 1];
    l.fold[0].n = n + 1;
    p = lie(s, &l);
    check_lie(s, &p, 1, n, false);
    l.fold[0].n = 4000; /* more than any training has */
    l.fold[0].leaf = NEW_ARRAY(struct hash, 4000);
    memcpy(l.fold[0].leaf, longer, n * sizeof *longer);
    p = lie(s, &l);
    check_lie(s, &p, 1, n, false);
    free(l.fold[0].leaf);
    scene_free(s);
}

static void a_false_shape_is_found(void **state)
{
    struct scene *s = scene_new(state, 0, 0);
    struct leaves l = s->leaves;
    struct claim_place place;
    char why[512];
    l.fold[1].interval++; /* which the root does not cover */
    struct state_proposal p = lie(s, &l);
    assert_false(claim_dispute_find(s->chain, &p, &s->run, &place, why, sizeof why));
    struct state_challenge c = challenge_at(&(struct claim_place){.fold = 2, .leaf = 1}, (struct hash){{0}});
    assert_false(rule(s, &p, &c, NULL).upheld);
    l.fold[1].leaf[0].byte[0] ^= 1;
    p = lie(s, &l);
    check_lie(s, &p, 0, 0, false);
    l.fold[1].leaf[0].byte[0] ^= 1;
    l = s->leaves;
    l.folds = 1;
    p = lie(s, &l);
    check_lie(s, &p, 1, 1, false);
    l = s->leaves;
    l.folds = 3;
    l.fold[2] = l.fold[1];
    p = lie(s, &l);
    check_lie(s, &p, 1, 1, false);
    scene_free(s);
}

static void false_counts_are_found(void **state)
{
    struct scene *s = scene_new(state, 100, 200000);
    struct state_proposal p = s->p;
    p.body.counts.correct[1]++;
    check_lie(s, &p, 2, s->leaves.fold[1].n + 1, true);
    p = s->p;
    p.body.counts.total[0]--;
    struct state_challenge c = check_lie(s, &p, 1, s->leaves.fold[0].n + 1, true);
    c.body.state = (struct hash){{0}}; /* from the beginning, too */
    assert_true(rule(s, &p, &c, NULL).upheld);
    assert_true(rule(s, &p, &c, &s->run).upheld);
    assert_false(rule(s, &s->p, &c, NULL).upheld);
    scene_free(s);
}

/* What no single place shows is judged by training all of it. */
static void a_claim_as_a_whole(void **state)
{
    struct scene *s = scene_new(state, 0, 0);
    struct state_proposal p = s->p;
    p.open.weights.byte[0] ^= 1;
    check_lie(s, &p, 0, 0, false);
    p = s->p;
    p.open.trace_root.byte[0] ^= 1; /* the list is not the root's */
    struct state_challenge c = check_lie(s, &p, 0, 0, false);
    c.body.fold = 1;
    c.body.leaf = 1;
    assert_true(rule(s, &p, &c, NULL).upheld);
    p.open.leaves = hash_of_text("nowhere");
    check_lie(s, &p, 0, 0, false);
    assert_true(rule(s, &p, &c, NULL).upheld);
    assert_true(rule(s, &p, &c, &s->run).upheld);

    struct error err = {0};
    struct claim_ruling r;
    struct claim_run made;
    p.body.arch = hash_of_text("nowhere"); /* what it is a claim about: nobody can say anything */
    assert_false(claim_dispute_rule(&s->how, &s->task, &p, &c, NULL, &made, &r, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_non_null(strstr(err.text, "the claimed architecture"));
    scene_free(s);
}

static struct hash put(const struct scene *s, const struct bytes *b)
{
    struct error err = {0};
    struct hash id;
    assert_true(ledger_object_put(s->chain, b->data, b->n, &id, &err));
    return id;
}

/* Which state was given, and whether it is here, is of no consequence: the claim is false, or it is not. */
static void states_only_spare_work(void **state)
{
    struct scene *s = scene_new(state, 0, 0);
    struct leaves l = s->leaves;
    struct bytes b = {0};
    struct error err = {0};
    l.fold[1].leaf[2].byte[7] ^= 1;
    struct state_proposal p = lie(s, &l);
    l.fold[1].leaf[2].byte[7] ^= 1;
    struct state_challenge c = check_lie(s, &p, 2, 3, true);
    struct hash good = c.body.state, none = {{0}}, nowhere = hash_of_text("nowhere");
    assert_true(ledger_object_get(s->chain, good, &b, &err));
    b.data[b.n - 1] ^= 1;
    struct hash other = put(s, &b);
    const struct hash given[][2] = {{good, none},     {other, none},  {other, good},      {nowhere, none},
                                    {nowhere, good}, {none, none}, {nowhere, nowhere}, {none, good}};
    for (size_t i = 0; i < ARRAY_N(given); i++) {
        c.body.state = given[i][0];
        c.answer = given[i][1];
        struct claim_ruling false_one = rule(s, &p, &c, NULL), true_one = rule(s, &s->p, &c, NULL);
        assert_true(false_one.upheld);
        assert_true(hash_equal(false_one.found, s->leaves.fold[1].leaf[2]));
        assert_false(true_one.upheld);
        assert_true(hash_is_zero(true_one.found));
    }

    /* A state that the claim did commit to, and that no training of this recipe is ever in. */
    b.data[b.n - 1] ^= 1;
    b.data[19] ^= 1; /* its steps */
    struct retrace_state odd;
    assert_true(retrace_state_decode(&odd, b.data, b.n, &err));
    l.fold[1].leaf[1] = retrace_state_leaf(&odd);
    p = lie(s, &l);
    l.fold[1].leaf[1] = s->leaves.fold[1].leaf[1];
    c = challenge_at(&(struct claim_place){.fold = 2, .leaf = 3}, put(s, &b));
    assert_true(rule(s, &p, &c, NULL).upheld);
    for (uint64_t beyond = s->leaves.fold[1].n + 2; beyond; beyond = beyond < UINT64_MAX ? UINT64_MAX : 0) {
        c.body.leaf = beyond; /* no such leaf */
        assert_true(rule(s, &p, &c, NULL).upheld);
        assert_false(rule(s, &s->p, &c, NULL).upheld);
    }
    bytes_free(&b);
    scene_free(s);
}

/* Where training goes on from a state behind leaf `leaf` of the second fold. */
static struct hash next_leaf(const struct scene *s, const struct bytes *object, uint64_t leaf)
{
    struct error err = {0};
    struct claim_fold f;
    struct retrace_state from;
    struct train_stretch part = {0};
    assert_true(claim_fold_open(&f, &s->how, &s->task, &s->p, 2, &err));
    assert_true(retrace_state_decode(&from, object->data, object->n, &err));
    struct model *m = retrace_model(&f.retrace, &from, &err);
    assert_non_null(m);
    assert_true(claim_fold_go(&f, m, &part, (int64_t)(leaf + 1) * f.retrace.interval, &err));
    assert_int_equal(part.leaves, 1);
    struct hash next = part.leaf[0];
    free(part.leaf);
    model_free(m);
    claim_fold_close(&f);
    return next;
}

/* Judges who have all that was handed out, nothing of it, or either; with a run of their own, or without. */
static void all_judge_alike(const struct scene *s, struct state_proposal p, struct state_challenge c, bool upheld)
{
    struct claim_ruling said[8];
    for (int i = 0; i < 8; i++) {
        struct state_proposal seen = p;
        struct state_challenge given = c;
        if (i & 1)
            seen.open.leaves = hash_of_text("not here");
        if (i & 2)
            given.body.state = given.answer = hash_of_text("not here");
        said[i] = rule(s, &seen, &given, i & 4 ? &s->run : NULL);
        if (said[i].upheld != upheld)
            fail_msg("judge %d: %s", i, said[i].why);
        for (int k = 0; k <= i; k++) {
            assert_true(claim_ruling_bears_out(&said[i], &c.body, said[k].upheld, said[k].found));
            assert_true(claim_ruling_bears_out(&said[k], &c.body, said[i].upheld, said[i].found));
            assert_false(claim_ruling_bears_out(&said[k], &c.body, !said[i].upheld, said[i].found));
        }
    }
}

static struct bytes state_before(const struct scene *s, uint64_t leaf)
{
    struct error err = {0};
    struct bytes b = {0};
    struct hash object;
    struct claim_place place = {.fold = 2, .leaf = leaf, .stateful = true};
    assert_true(claim_dispute_state(&s->how, &s->task, &s->p, &place, &object, &err));
    assert_true(ledger_object_get(s->chain, object, &b, &err));
    return b;
}

/* A challenger, or an accused, who hands what it has to some and not to others: they come to the same verdict. */
static void what_only_some_are_given_parts_no_judges(void **state)
{
    struct scene *s = scene_new(state, 0, 0);
    struct leaves l = s->leaves;
    struct bytes b = state_before(s, 3);
    struct hash good = put(s, &b);
    b.data[b.n - 1] ^= 1; /* of the last moment */
    struct hash odd = put(s, &b), behind = next_leaf(s, &b, 2);
    struct retrace_state odd_state;
    assert_true(retrace_state_decode(&odd_state, b.data, b.n, NULL));
    struct claim_place third = {.fold = 2, .leaf = 3};
    all_judge_alike(s, s->p, challenge_at(&third, odd), false);
    all_judge_alike(s, s->p, challenge_at(&third, good), false);

    struct claim_ruling none = {.upheld = true}, some = {.upheld = true, .found = behind};
    struct tx_challenge place = challenge_at(&third, good).body, whole = {.fold = 0};
    assert_true(claim_ruling_bears_out(&none, &place, true, behind)); /* who knows of no leaf lets the others say */
    assert_true(claim_ruling_bears_out(&some, &place, true, (struct hash){{0}}));
    assert_false(claim_ruling_bears_out(&some, &place, true, hash_of_text("another")));
    assert_false(claim_ruling_bears_out(&none, &whole, true, behind)); /* but there is none of the whole, */
    none.upheld = false;
    assert_false(claim_ruling_bears_out(&none, &place, false, behind)); /* and none of what is dismissed */


    l.fold[1].leaf[2].byte[7] ^= 1; /* a plain lie */
    all_judge_alike(s, lie(s, &l), challenge_at(&third, good), true);
    all_judge_alike(s, lie(s, &l), challenge_at(&third, odd), true);
    l.fold[1].leaf[2].byte[7] ^= 1;

    /* A state made up, and the training really gone on from there: the place that is challenged is in order. */
    struct hash was[2] = {l.fold[1].leaf[1], l.fold[1].leaf[2]};
    l.fold[1].leaf[1] = retrace_state_leaf(&odd_state);
    l.fold[1].leaf[2] = behind;
    assert_false(hash_equal(behind, was[1]));
    all_judge_alike(s, lie(s, &l), challenge_at(&third, odd), true);
    l.fold[1].leaf[2] = was[1]; /* or not: who has the state finds another leaf than who has trained all of it */
    struct state_proposal p = lie(s, &l);
    struct state_challenge c = challenge_at(&third, odd);
    assert_true(hash_equal(rule(s, &p, &c, NULL).found, behind));
    assert_true(hash_is_zero(rule(s, &p, &c, &s->run).found));
    all_judge_alike(s, p, c, true);
    l.fold[1].leaf[1] = was[0];
    bytes_free(&b);
    scene_free(s);
}

static void what_is_true_has_no_place(void **state)
{
    struct scene *s = scene_new(state, 100, 200000);
    struct claim_place place;
    char why[512];
    assert_false(claim_dispute_find(s->chain, &s->p, &s->run, &place, why, sizeof why));
    for (int fold = 0; fold <= FOLDS; fold++)
        for (uint64_t leaf = fold ? 1 : 0; leaf <= (fold ? s->leaves.fold[fold - 1].n + 1 : 0); leaf++) {
            struct claim_place at = {.fold = (uint32_t)fold, .leaf = leaf};
            struct state_challenge c = challenge_at(&at, (struct hash){{0}});
            assert_false(rule(s, &s->p, &c, NULL).upheld);
        }
    scene_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        TEST(a_false_leaf_is_found_and_borne_out),
        TEST(a_false_leaf_with_early_stopping),
        TEST(a_false_end_is_found),
        TEST(a_false_shape_is_found),
        TEST(false_counts_are_found),
        TEST(a_claim_as_a_whole),
        TEST(states_only_spare_work),
        TEST(what_only_some_are_given_parts_no_judges),
        TEST(what_is_true_has_no_place),
    };
    int status = search_worker(n, argument);
    return status >= 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
