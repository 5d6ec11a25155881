/* What a witness could not bear out: not tried anew at every look, tried anew when an object comes, told once. */
#include "tests/unit/test_support.h"

#include "action/chain_witness.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/tx.h"
#include "store/workspace.h"

struct heard {
    int problems;
    char last[1024];
};
struct worker {
    int times;
    bool good;
};

static void hear(void *context, json_t *event)
{
    struct heard *h = context;
    h->problems += text_equal(json_string_value(json_object_get(event, "event")), "problem");
    text_copy(h->last, sizeof h->last, json_string_value(json_object_get(event, "text")));
}

static bool work(void *context, struct error *err)
{
    struct worker *w = context;
    w->times++;
    return w->good || error_set(err, ERROR_CHAIN, "try %d: an object is missing", w->times);
}

static struct hash key_of(const char *name)
{
    return hash_of(name, strlen(name));
}

static void put_object(const char *chain, const char *name)
{
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, chain, "objects");
    file_join(path, sizeof path, folder, name);
    assert_true(file_write_quick(path, name, strlen(name), 0644, NULL));
}

static void test_work_in_vain_is_not_repeated(void **state)
{
    const char *folder = *state;
    char objects[FILE_PATH_MAX];
    struct chain_refusals *refusals = NEW(struct chain_refusals);
    struct chain_witnessing x = {.refusals = refusals};
    struct worker w = {0, false}, other = {0, true};
    struct error err;
    text_copy(x.chain, sizeof x.chain, folder);
    file_join(objects, sizeof objects, folder, "objects");
    assert_true(file_make_folder(objects, 0755, NULL));
    for (int i = 0; i < 20; i++) {
        error_clear(&err);
        assert_false(chain_witness_try(&x, key_of("challenge"), work, &w, &err));
        assert_string_equal(err.text, "try 1: an object is missing");
        assert_int_equal(err.kind, ERROR_CHAIN);
    }
    assert_int_equal(w.times, 1);
    assert_true(chain_witness_try(&x, key_of("another"), work, &other, &err));
    assert_true(chain_witness_try(&x, key_of("another"), work, &other, &err));
    assert_int_equal(other.times, 2); /* what was good is remembered by whoever asks */

    put_object(folder, "came"); /* perhaps the one that was missing */
    assert_false(chain_witness_try(&x, key_of("challenge"), work, &w, NULL));
    assert_int_equal(w.times, 2);
    w.good = true;
    assert_false(chain_witness_try(&x, key_of("challenge"), work, &w, NULL));
    put_object(folder, "came too");
    assert_true(chain_witness_try(&x, key_of("challenge"), work, &w, NULL));
    free(refusals);
}

static void test_pause(void **unused)
{
    (void)unused;
    struct chain_refusals *r = NEW(struct chain_refusals);
    const struct file_stamp objects = {.inode = 7, .modified_ns = 9};
    struct error why = {ERROR_CHAIN, "no"}, err;
    chain_refuse(r, key_of("quick"), 100, 100.1, &objects, &why);
    chain_refuse(r, key_of("slow"), 100, 130, &objects, &why);
    assert_true(chain_refused(r, key_of("quick"), 105, &objects, &err));
    assert_false(chain_refused(r, key_of("quick"), 105.2, &objects, &err));
    assert_true(chain_refused(r, key_of("slow"), 429, &objects, &err)); /* ten times as long as it took */
    assert_false(chain_refused(r, key_of("slow"), 430, &objects, &err));
    for (int i = 0; i < CHAIN_REFUSALS_MOST; i++) { /* bounded: the oldest goes */
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        chain_refuse(r, key_of(name), 100, 100, &objects, &why);
        chain_refuse(r, key_of(name), 100, 100, &objects, &why); /* takes no second place */
        assert_true(chain_refused(r, key_of(name), 101, &objects, &err));
    }
    assert_true(chain_refused(r, key_of("0"), 101, &objects, &err));
    assert_false(chain_refused(r, key_of("slow"), 131, &objects, &err));
    free(r);
}

static void test_told_once(void **state)
{
    const char *folder = *state;
    struct heard h = {.problems = 0};
    const struct control control = {.context = &h, .event = hear};
    struct error err;
    assert_true(workspace_create(folder, &err));
    struct workspace *w = workspace_open(folder, false, &err);
    assert_non_null(w);
    struct chain_witness *x = chain_witness_new(w, 1, &control);
    const struct ledger_witness *l = chain_witness_of(x);
    struct tx *tx = NEW(struct tx);
    tx->type = TX_TRANSFER; /* of which no machine bears out anything */
    for (int i = 0; i < 5; i++)
        assert_false(l->check(l->context, NULL, tx, NULL));
    assert_int_equal(h.problems, 1);
    assert_non_null(strstr(h.last, "transfer"));
    assert_non_null(strstr(h.last, "left out of blocks: this program cannot check a transfer"));
    tx->nonce = 2; /* another transaction */
    error_clear(&err);
    assert_false(l->check(l->context, NULL, tx, &err));
    assert_int_equal(err.kind, ERROR_CHAIN);
    assert_int_equal(h.problems, 2);
    free(tx);
    chain_witness_free(x);
    workspace_close(w);
}

static void test_another_reason_is_news(void **unused)
{
    (void)unused;
    struct chain_refusals *r = NEW(struct chain_refusals);
    assert_true(chain_refusal_is_news(r, key_of("a"), "missing"));
    assert_false(chain_refusal_is_news(r, key_of("a"), "missing"));
    assert_true(chain_refusal_is_news(r, key_of("a"), "wrong"));
    assert_true(chain_refusal_is_news(r, key_of("b"), "missing"));
    assert_false(chain_refusal_is_news(r, key_of("a"), "wrong"));
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_work_in_vain_is_not_repeated, test_folder_new, test_folder_free),
        cmocka_unit_test(test_pause),
        cmocka_unit_test_setup_teardown(test_told_once, test_folder_new, test_folder_free),
        cmocka_unit_test(test_another_reason_is_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
