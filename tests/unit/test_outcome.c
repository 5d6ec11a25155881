/* An outcome must be what its own bars yield: whoever seals or votes, and whoever does a chain again, computes it from them. */
#include "tests/unit/search_fixture.h"

#include "action/chain_witness.h"
#include "action/tournament.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/frame.h"
#include "tests/unit/chain_fixture.h"

#include <math.h>

#define BARS 6

struct scene {
    struct fixture f;
    struct workspace *w;
    struct ledger *l;
    struct chain_witness *witness;
    struct tournament t; /* before any outcome */
    struct hash task;
    int64_t now_us;
};

static void must(bool good, const struct error *err)
{
    if (!good)
        fail_msg("%s", err->text);
}

static bool believe(void *context, const struct state *s, const struct tx *tx, struct error *err)
{
    (void)context, (void)s, (void)tx, (void)err;
    return true;
}

static void seal_with(struct scene *s, const struct ledger_witness *w)
{
    struct error err = {0};
    uint64_t height;
    struct hash id;
    s->now_us += CLOCK_SECOND_US;
    must(ledger_seal_witnessed(s->l, s->f.key[VAL], s->now_us, w, &height, &id, &err), &err);
}

static struct scene *scene_new(void **state)
{
    struct error err = {0};
    struct scene *s = NEW(struct scene);
    struct recipe recipe;
    char folder[FILE_PATH_MAX];
    fixture_start(&s->f);
    recipe_defaults(&recipe);
    file_join(folder, sizeof folder, *state, "w");
    s->w = search_workspace(folder);
    s->now_us = START_US;
    chain_folder(s->w, s->f.chain, sizeof s->f.chain);
    must(ledger_create(s->f.chain, &s->f.genesis, &err) && (s->l = ledger_open(s->f.chain, true, &err)), &err);
    s->witness = chain_witness_new(s->w, 1, NULL);
    struct tx tx = fixture_task(&s->f, ALICE, 1000);
    must(claim_publish_task(s->w, s->f.chain, &tx.task, &recipe, &err), &err);
    fixture_sign(&s->f, ALICE, &tx);
    must(ledger_submit(s->l, &tx, &s->task, &err), &err);
    seal_with(s, NULL);
    struct state_task task = *state_task_find(ledger_state(s->l), s->task);
    must(tournament_open(&s->t, s->f.chain, ledger_state(s->l), &task, &err), &err);
    assert_int_equal(s->t.text.horizon, 1);
    return s;
}

static void scene_free(struct scene *s)
{
    tournament_close(&s->t);
    chain_witness_free(s->witness);
    ledger_close(s->l);
    workspace_close(s->w);
    fixture_end(&s->f);
    free(s);
}

/* Bars behind the task's data: up, up, down, equal, one without a price, and one behind that. */
static struct frame *bars(const struct scene *s, int64_t late_us)
{
    const struct frame *base = s->t.base;
    const double price[BARS] = {101, 102, 100, 100, NAN, 100};
    struct frame *f = frame_new(BARS, base->columns, NULL);
    assert_non_null(f);
    for (size_t c = 0; c < base->columns; c++) {
        text_copy(f->column[c].name, sizeof f->column[c].name, base->column[c].name);
        for (int i = 0; i < BARS; i++)
            f->column[c].value[i] = price[i] * s->t.value[s->t.n - 1] / 100;
    }
    for (int i = 0; i < BARS; i++)
        f->time_us[i] = s->t.time_us[s->t.n - 1] + s->t.step_us * (i + 1) + late_us;
    frame_find_step(f);
    return f;
}

static struct hash put(const struct scene *s, struct frame *f)
{
    struct error err = {0};
    struct bytes b = {0};
    struct hash id;
    frame_encode(f, &b);
    must(ledger_object_put(s->f.chain, b.data, b.n, &id, &err), &err);
    bytes_free(&b);
    frame_free(f);
    return id;
}

static struct tx outcome_of(struct scene *s, struct hash object)
{
    struct tx tx = fixture_tx(&s->f, ALICE, TX_OUTCOME);
    tx.outcome = (struct tx_outcome){.task = s->task, .first = 1, .n = BARS, .object = object, .up = 3, .none = 8 | 16 | 32};
    for (int i = 0; i < BARS; i++) { /* a tenth of a step behind the end of the bar before */
        int64_t before = s->t.time_us[s->t.n - 1] + s->t.step_us * i;
        tx.outcome.until_us[i] = tournament_over(&s->t, before) + s->t.step_us / 10;
    }
    fixture_sign(&s->f, ALICE, &tx);
    return tx;
}

static void refused(const struct scene *s, const struct tx *tx, const char *says)
{
    struct error err = {0};
    const struct ledger_witness *w = chain_witness_of(s->witness);
    if (w->check(w->context, ledger_state(s->l), tx, &err))
        fail_msg("it passes, though %s", says);
    assert_int_equal(err.kind, ERROR_CHAIN);
    if (!strstr(err.text, says))
        fail_msg("expected \"%s\": %s", says, err.text);
}

static void an_outcome_is_what_its_bars_yield(void **state)
{
    struct scene *s = scene_new(state);
    struct error err = {0};
    struct tx tx = outcome_of(s, put(s, bars(s, 0))), bad;
    struct frame *f;
    const struct ledger_witness *w = chain_witness_of(s->witness);
#define REFUSED(says, change)                                                                                          \
    do {                                                                                                               \
        bad = tx;                                                                                                      \
        change;                                                                                                        \
        fixture_sign(&s->f, ALICE, &bad);                                                                              \
        refused(s, &bad, says);                                                                                        \
    } while (0)
    REFUSED("says down of bar 2, but its own bars say up", bad.outcome.up ^= 2);
    REFUSED("says up of bar 3, but its own bars say down", bad.outcome.up ^= 4);
    REFUSED("says down of bar 4, but its own bars say no direction", bad.outcome.none ^= 8);
    REFUSED("says no direction of bar 1, but its own bars say up", bad.outcome.none |= 1; bad.outcome.up &= ~UINT64_C(1));
    REFUSED("another time for bar 6", bad.outcome.until_us[5]++);
    REFUSED("it begins with bar 2, the next one is 1", bad.outcome.first = 2);
    REFUSED("does not hold those bars", bad.outcome.n = BARS - 1; bad.outcome.none &= 31);
    REFUSED("the bars of an outcome", bad.outcome.object = hash_of_text("nowhere"));
    REFUSED("its task is not on this chain", bad.outcome.task = hash_of_text("none"));
    REFUSED("the bars of an outcome", must(ledger_object_put(s->f.chain, "no frame", 8, &bad.outcome.object, &err), &err));
    f = bars(s, 0);
    f->column[s->t.price].value[2] = 1e9;
    REFUSED("says down of bar 3, but its own bars say up", bad.outcome.object = put(s, f));
    f = bars(s, 0);
    text_copy(f->column[0].name, sizeof f->column[0].name, "else");
    REFUSED("does not hold those bars", bad.outcome.object = put(s, f));
    REFUSED("does not hold those bars", bad.outcome.object = put(s, bars(s, -s->t.step_us)));
    REFUSED("still to come", bad.outcome.object = put(s, bars(s, clock_wall_us() + CLOCK_DAY_US - s->t.time_us[s->t.n - 1])));
    must(w->check(w->context, ledger_state(s->l), &tx, &err), &err);
    scene_free(s);
}

static void submit(struct scene *s, const struct tx *tx)
{
    struct error err = {0};
    struct hash id;
    must(ledger_submit(s->l, tx, &id, &err), &err);
}

static json_t *verify(const struct scene *s)
{
    struct error err = {0};
    json_t *result = action_chain_verify(s->w, true, NULL, false, 1, NULL, &err);
    must(result != NULL, &err);
    return result;
}

static void a_false_outcome_is_left_out(void **state)
{
    struct scene *s = scene_new(state);
    struct tx tx = outcome_of(s, put(s, bars(s, 0)));
    tx.outcome.up ^= 1;
    fixture_sign(&s->f, ALICE, &tx);
    submit(s, &tx);
    seal_with(s, chain_witness_of(s->witness));
    assert_int_equal(state_outcome_end(ledger_state(s->l), s->task), 0);
    seal_with(s, NULL); /* nor by whoever cannot check it */
    assert_int_equal(state_outcome_end(ledger_state(s->l), s->task), 0);
    json_t *good = verify(s);
    assert_true(json_is_true(json_object_get(good, "ok")));
    assert_int_equal(json_integer_value(json_object_get(good, "reruns")), 0);
    json_decref(good);

    const struct ledger_witness anything = {.check = believe};
    seal_with(s, &anything); /* by validators in league */
    assert_int_equal(state_outcome_end(ledger_state(s->l), s->task), BARS);
    json_t *bad = verify(s), *why = json_object_get(bad, "error");
    assert_true(json_is_false(json_object_get(bad, "ok")));
    assert_int_equal(json_integer_value(json_object_get(why, "height")), 4);
    assert_non_null(strstr(json_string_value(json_object_get(why, "reason")),
                           "done again: outcome: it says down of bar 1, but its own bars say up"));
    json_decref(bad);
    scene_free(s);
}

static void a_true_outcome_is_sealed(void **state)
{
    struct scene *s = scene_new(state);
    struct tx tx = outcome_of(s, put(s, bars(s, 0)));
    submit(s, &tx);
    seal_with(s, chain_witness_of(s->witness));
    assert_int_equal(state_outcome_end(ledger_state(s->l), s->task), BARS);
    json_t *good = verify(s);
    assert_true(json_is_true(json_object_get(good, "ok")));
    assert_int_equal(json_integer_value(json_object_get(good, "reruns")), 1);
    json_decref(good);
    scene_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_folder_new, test_folder_free)

int main(int n, char **argument)
{
    const struct CMUnitTest tests[] = {
        TEST(an_outcome_is_what_its_bars_yield),
        TEST(a_false_outcome_is_left_out),
        TEST(a_true_outcome_is_sealed),
    };
    int status = search_worker(n, argument);
    return status >= 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
