/* What a reviewer reads must be what the proposal claims. */
#include "test_support.h"

#include "action/claim.h"
#include "base/memory.h"
#include "base/text.h"

#define NUMERIC "msn-test"

static struct tx_propose claim(void)
{
    struct tx_propose p = {.folds = 2, .correct = {60, 51}, .total = {100, 120}};
    p.trace_root = hash_of_text("trace");
    p.weights = hash_of_text("weights");
    return p;
}

/* As the claim above, with the numbers of one fold left to the caller. */
static char *evidence(const char *fold, const char *accuracy)
{
    char root[HASH_HEX], weights[HASH_HEX];
    hash_hex(hash_of_text("trace"), root);
    hash_hex(hash_of_text("weights"), weights);
    return memory_format("morphsmith-evidence 1\nnumeric " NUMERIC "\ntrace_root %s\nweights %s\nfold 1 correct 60 of 100\n"
                         "fold 2 correct %s\ndirectional_accuracy %s\ninterval95 0.4 0.6\n\nEvidence of skill.\n",
                         root, weights, fold, accuracy);
}

static bool check(const char *folder, const void *text, size_t n, struct error *err)
{
    struct state_task task = {.height = 1};
    struct tx_propose p = claim();
    text_copy(task.body.numeric, sizeof task.body.numeric, NUMERIC);
    assert_true(ledger_object_put(folder, text, n, &p.evidence, err));
    return claim_evidence_check(folder, &task, &p, err);
}

static void evidence_that_states_the_claim_is_taken(void **state)
{
    struct error err = {0};
    char *text = evidence("51 of 120", "0.504545");
    if (!check(*state, text, strlen(text), &err))
        fail_msg("%s", err.text);
    free(text);
}

static void evidence_that_states_more_is_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"91 of 120", "0.504545"}, {"51 of 120", "0.686364"}, {"51 of 12", "0.504545"}, {"51 of 1200", "0.504545"}};
    for (size_t i = 0; i < ARRAY_N(wrong); i++) {
        struct error err = {0};
        char *text = evidence(wrong[i][0], wrong[i][1]);
        assert_false(check(*state, text, strlen(text), &err));
        assert_int_equal(err.kind, ERROR_CHAIN);
        assert_non_null(strstr(err.text, "does not state"));
        free(text);
    }
}

static void evidence_that_is_cut_or_hides_text_is_refused(void **state)
{
    struct error err = {0};
    char *text = evidence("51 of 120", "0.504545");
    size_t n = strlen(text);
    assert_false(check(*state, text, (size_t)(strstr(text, "interval95") - text) - 1, &err));
    assert_false(check(*state, "", 0, &err));
    assert_false(check(*state, text, n + 1, &err)); /* its NUL as well */
    assert_int_equal(err.kind, ERROR_CHAIN);
    free(text);
}

static void evidence_that_is_missing_is_refused(void **state)
{
    struct error err = {0};
    struct state_task task = {.height = 1};
    struct tx_propose p = claim();
    p.evidence = hash_of_text("nowhere");
    assert_false(claim_evidence_check(*state, &task, &p, &err));
    assert_non_null(strstr(err.text, "the evidence of this proposal"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_that_states_the_claim_is_taken, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_states_more_is_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_is_cut_or_hides_text_is_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_is_missing_is_refused, test_folder_new, test_folder_free),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
