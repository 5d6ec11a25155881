/* What a reviewer reads must be what the proposal claims; what is named must be there and lead where it says. */
#include "test_support.h"

#include "action/claim.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#define NUMERIC "msn-test"

static struct tx_propose claim(void)
{
    struct tx_propose p = {.counts = {.folds = 2, .correct = {60, 51}, .total = {100, 120}}};
    p.arch = hash_of_text("arch");
    return p;
}

static struct state_task task(void)
{
    struct state_task t = {.height = 1, .id = hash_of_text("task")};
    text_copy(t.body.numeric, sizeof t.body.numeric, NUMERIC);
    return t;
}

/* As the claim above, with the numbers of one fold and the architecture left to the caller. */
static char *evidence_of_arch(const char *name, const char *fold, const char *accuracy)
{
    char arch[HASH_HEX], id[HASH_HEX];
    hash_hex(hash_of_text(name), arch);
    hash_hex(hash_of_text("task"), id);
    return memory_format("morphsmith-evidence 2\nnumeric " NUMERIC "\ntask %s\narchitecture %s\nfold 1 correct 60 of 100\n"
                         "fold 2 correct %s\ndirectional_accuracy %s\ninterval95 directional_accuracy 0.5 0.4 0.6\n\n"
                         "Evidence of skill.\n",
                         id, arch, fold, accuracy);
}

static char *evidence(const char *fold, const char *accuracy)
{
    return evidence_of_arch("arch", fold, accuracy);
}

static bool check(const char *folder, const void *text, size_t n, struct error *err)
{
    struct state_task t = task();
    struct tx_propose p = claim();
    assert_true(ledger_object_put(folder, text, n, &p.evidence, err));
    return claim_evidence_check(folder, &t, &p, NULL, err);
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
    struct error err = {0};
    char *text = evidence_of_arch("another", "51 of 120", "0.504545");
    assert_false(check(*state, text, strlen(text), &err));
    free(text);
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
    struct state_task t = task();
    struct tx_propose p = claim();
    char hex[HASH_HEX];
    p.evidence = hash_of_text("nowhere");
    hash_hex(p.evidence, hex);
    assert_false(claim_evidence_check(*state, &t, &p, NULL, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_non_null(strstr(err.text, "the evidence of this proposal"));
    assert_non_null(strstr(err.text, hex));
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

#define MLP "morphsmith-arch 1\nn0 input channels=2 time=4\nn1 flatten in=n0\nn2 dense in=n1 act=relu bias=1 units=3\n" \
            "n3 dense in=n2 act=none bias=1 units=1\n"

static struct hash put(const char *folder, const char *text)
{
    struct error err = {0};
    struct hash id;
    if (!claim_put_text(folder, text, &id, &err))
        fail_msg("%s", err.text);
    return id;
}

static void refused(const struct error *err, const char *word)
{
    assert_int_equal(err->kind, ERROR_CHAIN);
    if (!strstr(err->text, word))
        fail_msg("no \"%s\" in: %s", word, err->text);
}

/* A second spelling of a network would be a second name for it. */
static void only_the_canonical_text_is_a_network(void **state)
{
    struct error err = {0};
    struct arch *a = claim_object_arch(*state, put(*state, MLP), "the network", &err);
    assert_non_null(a);
    arch_free(a);
    char *spaced = memory_format("%s\n", MLP);
    assert_null(claim_object_arch(*state, put(*state, spaced), "the network", &err));
    refused(&err, "canonically");
    assert_null(claim_object_arch(*state, put(*state, "no network"), "the network", &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    free(spaced);
}

static void damaged_objects_are_named(void **state)
{
    struct error err = {0};
    struct hash id = put(*state, "a text");
    char hex[HASH_HEX], path[FILE_PATH_MAX], objects[FILE_PATH_MAX];
    hash_hex(id, hex);
    file_join(objects, sizeof objects, *state, "objects");
    file_join(path, sizeof path, objects, hex);
    assert_true(file_write(path, "a Text", 6, 0644, NULL));
    assert_null(claim_object_text(*state, id, "the recipe", &err));
    refused(&err, hex);
    refused(&err, "the recipe");
}

/* --- where a network comes from ----------------------------------------------------------------------------------- */

static struct tx_propose grown(const char *folder, const char *steps, const char *arch)
{
    struct tx_propose p = {.parent = put(folder, MLP)};
    p.morphisms = put(folder, steps);
    p.arch = put(folder, arch);
    return p;
}

static void morphisms_must_lead_to_the_claimed_network(void **state)
{
    static const char widened[] = "morphsmith-arch 1\nn0 input channels=2 time=4\nn1 flatten in=n0\n"
                                  "n2 dense in=n1 act=relu bias=1 units=7\nn3 dense in=n2 act=none bias=1 units=1\n";
    struct error err = {0};
    struct tx_propose p = grown(*state, "widen node=n2 by=4\n", widened), none = {.arch = p.arch};
    if (!claim_lineage_check(*state, &p, &err))
        fail_msg("%s", err.text);
    assert_true(claim_lineage_check(*state, &none, &err));
    p = grown(*state, "widen node=n2 by=5\n", widened);
    assert_false(claim_lineage_check(*state, &p, &err));
    refused(&err, "another architecture");
    p = grown(*state, "widen node=n2 by=4\nwiden node=nowhere\n", widened);
    assert_false(claim_lineage_check(*state, &p, &err));
    refused(&err, "line 2");
    p = grown(*state, "explode node=n2\n", widened);
    assert_false(claim_lineage_check(*state, &p, &err));
    refused(&err, "line 1");
    p = grown(*state, "widen node=n2 by=4\n", widened);
    p.parent = (struct hash){{0}};
    assert_false(claim_lineage_check(*state, &p, &err));
    refused(&err, "without");
}

/* --- what a task has to be beaten by ------------------------------------------------------------------------------ */

/* Three of four answers in the part that is scored are "down", and all of the others "up". */
static void the_baseline_is_the_most_frequent_answer_that_is_scored(void **state)
{
    float target[12] = {1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct dataset d = {.target = target, .samples = 12, .folds = 2, .task = {.target = TASK_DIRECTION}};
    (void)state;
    d.fold[0] = (struct dataset_fold){0, 4, 4, 8};
    d.fold[1] = (struct dataset_fold){0, 8, 8, 12};
    assert_int_equal(claim_baseline_ppm(&d), 750000);
    d.fold[1].valid_end = 11; /* 6 of 7, rounded down */
    assert_int_equal(claim_baseline_ppm(&d), 857142);
    d.task.target = TASK_RETURN;
    float returns[12] = {0, 0, 0, 0, 0.5F, -0.5F, 0, 0.25F, 0.1F, 0.1F, 0.1F, -1};
    d.target = returns; /* what is not above zero is one answer: 2 below, 1 at zero against 5 above */
    d.fold[1].valid_end = 12;
    assert_int_equal(claim_baseline_ppm(&d), 625000);
    d.task.target = TASK_CLASS;
    float classes[12] = {0, 0, 0, 0, 2, 2, 1, 0, 2, 1, 2, 2};
    d.target = classes;
    assert_int_equal(claim_baseline_ppm(&d), 625000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_that_states_the_claim_is_taken, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_states_more_is_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_is_cut_or_hides_text_is_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(evidence_that_is_missing_is_refused, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(only_the_canonical_text_is_a_network, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(damaged_objects_are_named, test_folder_new, test_folder_free),
        cmocka_unit_test_setup_teardown(morphisms_must_lead_to_the_claimed_network, test_folder_new, test_folder_free),
        cmocka_unit_test(the_baseline_is_the_most_frequent_answer_that_is_scored),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
