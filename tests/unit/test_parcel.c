/* A model as it is sold: what comes from a stranger is read whole or refused, whatever byte of it is another. */
#include "test_support.h"

#include "action/parcel.h"
#include "base/memory.h"
#include "base/text.h"
#include "chain/codec.h"

#define ARCH "morphsmith-arch 1\nx input time=2 channels=3\nf flatten in=x\ny dense in=f units=1\n"
#define WEIGHTS 7 /* six, and a bias */

struct parts {
    const char *magic, *task, *recipe, *result;
    uint32_t stop_ppm;
};
static const char recipe[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const struct parts usual = {"MSPARCL1", "a task's text", recipe, "{\"valid\":{\"score\":0.5}}", 150000};

static void put(const struct parts *p, struct bytes *out)
{
    struct bytes model = {0};
    struct error err = {0};
    struct arch *a = arch_parse(ARCH, strlen(ARCH), "test", &err);
    if (!a)
        fail_msg("%s", err.text);
    struct model *m = model_new(a, 5, NULL);
    model_encode(m, &model);
    bytes_clear(out);
    bytes_put(out, p->magic, strlen(p->magic));
    codec_put_hash(out, hash_of_text("data"));
    codec_put_hash(out, hash_of_text("trace"));
    bytes_put_blob(out, p->task, strlen(p->task));
    bytes_put_text(out, p->recipe);
    bytes_put_u32(out, p->stop_ppm);
    bytes_put_blob(out, p->result, strlen(p->result));
    bytes_put_blob(out, model.data, model.n);
    bytes_free(&model);
    model_free(m);
    arch_free(a);
}

static void test_read(void **state)
{
    (void)state;
    struct bytes b = {0};
    struct parcel p;
    struct error err = {0};
    put(&usual, &b);
    if (!parcel_read(&p, b.data, b.n, "test", &err))
        fail_msg("%s", err.text);
    assert_true(hash_equal(p.dataset, hash_of_text("data")));
    assert_true(hash_equal(p.trace_root, hash_of_text("trace")));
    assert_string_equal(p.task, "a task's text");
    assert_string_equal(p.recipe, recipe);
    assert_int_equal(p.stop_ppm, 150000);
    assert_int_equal(p.model->weights, WEIGHTS);
    parcel_free(&p);
    bytes_free(&b);
}

static void refused(const struct parts *parts)
{
    struct bytes b = {0};
    struct parcel p;
    struct error err = {0};
    put(parts, &b);
    assert_false(parcel_read(&p, b.data, b.n, "test", &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_null(p.model);
    parcel_free(&p);
    bytes_free(&b);
}

static void test_refused(void **state)
{
    (void)state;
    struct parts p = usual;
    p.magic = "MSPARCL2";
    refused(&p);
    p = usual;
    p.recipe = "0123";
    refused(&p);
    p.recipe = "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef";
    refused(&p);
    p = usual;
    p.result = "[]";
    refused(&p);
    p.result = "{";
    refused(&p);
    p.result = "\xff";
    refused(&p);
    p = usual;
    p.task = "\xc3";
    refused(&p);
    p = usual;
    p.stop_ppm = RECIPE_STOP_PPM_MAX + 1;
    refused(&p);
}

/* Cut or lengthened it is nothing; with a bit flipped it is refused, or what the flip leaves is a parcel still (of another
 * data set, say): the model itself has a hash of its own. */
static void test_damaged(void **state)
{
    (void)state;
    struct bytes b = {0};
    struct parcel p;
    int good = 0;
    put(&usual, &b);
    for (size_t n = 0; n < b.n; n++) {
        assert_false(parcel_read(&p, b.data, n, "test", NULL));
        parcel_free(&p);
    }
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (parcel_read(&p, b.data, b.n, "test", NULL)) {
            good++;
            assert_int_equal(p.model->weights, WEIGHTS);
            assert_true(bit < 8 * (b.n - 64)); /* in what stands before the model */
        }
        parcel_free(&p);
        b.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(good > 512 && good < 1200);
    bytes_put_u8(&b, 0);
    assert_false(parcel_read(&p, b.data, b.n, "test", NULL));
    parcel_free(&p);
    bytes_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
